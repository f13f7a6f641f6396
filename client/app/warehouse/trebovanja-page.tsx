import { useMemo } from 'react'
import { type RowOf, Trebovanje } from '../../../shared/index.ts'
import { useList } from '../../react/index.ts'
import { useFormat } from '../format/use-format.ts'
import { useNow } from '../format/use-now.ts'
import { ListPage } from '../list-page/list-page.tsx'
import type { Column, MainColumn } from '../list-page/record-table.tsx'
import { useView } from '../list-page/use-view.ts'
import { JustChanged } from '../state/just-changed.tsx'
import { useAppWords } from '../words/app-words.ts'
import { Due } from './due.tsx'
import { useNewTrebovanje } from './new-trebovanje.ts'
import { PriorityMark } from './priority-mark.tsx'
import { Progress, StatusChip } from './progress.tsx'
import { TaskPeople } from './task-people.tsx'
import { openStatuses } from './open-trebovanja.ts'
import { useWarehouseWords } from './warehouse-words.ts'
import { labelled } from '../words/labelled.ts'

type Row = RowOf<typeof Trebovanje>
const filters = ['open', 'new', 'assigned', 'in_progress', 'done', 'cancelled', 'everything'] as const
type Filter = (typeof filters)[number]

/** All trebovanja, as they stand at this moment. */
export const TrebovanjaPage = () => {
  const appWords = useAppWords()
  const words = useWarehouseWords()
  const first = useNewTrebovanje()
  const [filter, setFilter] = useView<Filter>('trebovanje', 'open')
  const columns = useColumns()
  return (
    <ListPage
      type={Trebovanje}
      title={appWords.trebovanja}
      create={{ label: words.newTrebovanje, ...first }}
      search={words.search}
      filters={<StatusChips filter={filter} onFilter={setFilter} />}
      where={filter === 'everything' ? {} : { status: filter === 'open' ? { in: openStatuses } : filter }}
      isFiltered={filter !== 'open'}
      onClearFilter={() => setFilter('open')}
      firstOrder={{ field: 'due', direction: 'asc' }}
      main={columns.main}
      columns={columns.others}
      emptyText={words.noTrebovanja}
    />
  )
}

interface StatusChipsProps {
  readonly filter: Filter
  readonly onFilter: (filter: Filter) => void
}

const StatusChips = ({ filter, onFilter }: StatusChipsProps) => {
  const words = useWarehouseWords()
  const format = useFormat()
  const { groups } = useList(Trebovanje, { limit: 1, groups: ['status'] })
  const counts = groups?.['status']
  const sum = (statuses: readonly string[]): number =>
    statuses.reduce((n, status) => n + (counts?.[status] ?? 0), 0)
  return filters.map(one => {
    const count =
      one === 'everything' ? sum(Object.keys(counts ?? {})) : sum(one === 'open' ? openStatuses : [one])
    return (
      <button
        key={one}
        type="button"
        className="filter-chip"
        aria-pressed={filter === one}
        onClick={() => onFilter(one)}
      >
        {words[one]}
        {counts !== undefined && <span className="chip-count">{format.number(count)}</span>}
      </button>
    )
  })
}

const useColumns = (): { readonly main: MainColumn<Row>; readonly others: readonly Column<Row>[] } => {
  const words = useWarehouseWords()
  const format = useFormat()
  const now = useNow()
  return useMemo(
    () => ({
      main: {
        key: 'number',
        label: words.number,
        sort: 'number',
        cell: row => row.number,
        sub: row => row.customer,
        parts: [words.number, words.customer],
      },
      others: [
        {
          key: 'status',
          label: words.status,
          sort: 'status',
          cell: row => (
            <span className="status-cell">
              <JustChanged of={row.status}>
                <StatusChip status={row.status} />
              </JustChanged>
              <PriorityMark priority={row.priority} />
            </span>
          ),
        },
        {
          key: 'priority',
          label: words.priority,
          sort: 'urgency',
          from: 'desktop',
          cell: row => row.priority !== 'normal' && <PriorityMark priority={row.priority} />,
        },
        {
          key: 'due',
          label: words.due,
          sort: 'due',
          cell: row => row.due !== null && <Due at={row.due} isLate={row.due < now && isOpen(row.status)} />,
        },
        {
          key: 'progress',
          label: words.progress,
          sort: 'progress',
          parts: [words.progress, words.items, words.shortageList],
          cell: row => (
            <div className="progress-cell" data-testid={`progress-${row.number}`}>
              <Progress
                value={row.progress}
                label={labelled(row.number, words.progress)}
                state={row.status}
              />
              <span className="quiet">
                {words.itemsOf(format.number(row.completedItems), row.totalItems)}
                {row.itemsWithShortages > 0 && (
                  <span className="short"> · {words.shortages(row.itemsWithShortages)}</span>
                )}
              </span>
            </div>
          ),
        },
        {
          key: 'workers',
          label: words.workers,
          cell: row => <TaskPeople tasks={row.tasks} />,
          from: 'desktop',
        },
      ],
    }),
    [words, format, now],
  )
}

const isOpen = (status: string): boolean => openStatuses.some(open => open === status)
