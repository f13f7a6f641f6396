import { Button, TextInput } from '@mantine/core'
import { IconAlertTriangle, IconPlus, IconSearch } from '@tabler/icons-react'
import { useDeferredValue, useMemo, useState } from 'react'
import { localId, type RowOf, Trebovanje } from '../../../shared/index.ts'
import { useDesk, useList } from '../../react/index.ts'
import { dayOf, startOfDay } from '../format/day.ts'
import { useFormat } from '../format/use-format.ts'
import { useNow } from '../format/use-now.ts'
import { CreatedCell } from '../list-page/created-cell.tsx'
import { type Column, type MainColumn, type Order, RecordTable } from '../list-page/record-table.tsx'
import { UpdatedCell } from '../list-page/updated-cell.tsx'
import { navigate } from '../route/route.ts'
import { useHasRole } from '../session/use-my-id.ts'
import { Page } from '../shell/page.tsx'
import { JustChanged } from '../state/just-changed.tsx'
import { useAppWords } from '../words/app-words.ts'
import { Progress, StatusChip } from './progress.tsx'
import { TaskPeople } from './task-people.tsx'
import { useWarehouseWords } from './warehouse-words.ts'

type Row = RowOf<typeof Trebovanje>
const filters = ['open', 'new', 'assigned', 'in_progress', 'done', 'cancelled', 'everything'] as const
type Filter = (typeof filters)[number]
const OPEN = ['new', 'assigned', 'in_progress'] as const

/** All trebovanja, as they stand at this moment. */
export const TrebovanjaPage = () => {
  const appWords = useAppWords()
  const words = useWarehouseWords()
  const [filter, setFilter] = useState<Filter>('open')
  const [search, setSearch] = useState('')
  const [order, setOrder] = useState<Order>({ field: 'due', direction: 'asc' })
  const text = useDeferredValue(search.trim())
  const list = useList(Trebovanje, {
    where: {
      ...(filter === 'everything' ? {} : { status: filter === 'open' ? { in: [...OPEN] } : filter }),
      ...(text === '' ? {} : { $text: text }),
    },
    orderBy: [order.field, order.direction],
    limit: 50,
    count: true,
    presence: true,
  })
  const columns = useColumns()
  return (
    <Page title={appWords.trebovanja} isWide aside={<NewTrebovanje />}>
      <div className="filters">
        <TextInput
          className="filter-grow"
          aria-label={words.search}
          placeholder={words.search}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={search}
          onChange={event => setSearch(event.currentTarget.value)}
        />
        <FilterChips filter={filter} onFilter={setFilter} />
      </div>
      <RecordTable
        list={list}
        label={appWords.trebovanja}
        main={columns.main}
        columns={columns.others}
        to={row => `/warehouse/trebovanja/${encodeURIComponent(localId('trebovanje', row.id))}`}
        order={order}
        onOrder={setOrder}
        isFiltered={filter !== 'open' || text !== ''}
        onClearFilter={() => {
          setFilter('open')
          setSearch('')
        }}
        emptyText={words.noTrebovanja}
      />
    </Page>
  )
}

interface FilterChipsProps {
  readonly filter: Filter
  readonly onFilter: (filter: Filter) => void
}

const FilterChips = ({ filter, onFilter }: FilterChipsProps) => {
  const words = useWarehouseWords()
  const format = useFormat()
  const { groups } = useList(Trebovanje, { limit: 1, groups: ['status'] })
  const counts = groups?.['status']
  const sum = (statuses: readonly string[]): number =>
    statuses.reduce((n, status) => n + (counts?.[status] ?? 0), 0)
  return filters.map(one => {
    const count = one === 'everything' ? sum(Object.keys(counts ?? {})) : sum(one === 'open' ? OPEN : [one])
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

const NewTrebovanje = () => {
  const words = useWarehouseWords()
  const desk = useDesk()
  const mayCreate = useHasRole('shift_lead', 'manager')
  if (!mayCreate) return null
  const create = (): void => {
    const now = Math.floor(desk.clock.now())
    const today = dayOf(now)
    const second = Math.floor((now - startOfDay(today)) / 1_000)
    // Off line, too: whoever keeps books of their own writes their number over it.
    const number = `TR-${today.slice(2).replaceAll('-', '')}-${second.toString(36).toUpperCase().padStart(4, '0')}`
    const record = desk.create(Trebovanje, { number })
    record.close()
    navigate(`/warehouse/trebovanja/${record.id}`)
  }
  return (
    <Button leftSection={<IconPlus size={16} />} onClick={create}>
      {words.newTrebovanje}
    </Button>
  )
}

const useColumns = (): { readonly main: MainColumn<Row>; readonly others: readonly Column<Row>[] } => {
  const words = useWarehouseWords()
  const appWords = useAppWords()
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
      },
      others: [
        {
          key: 'status',
          label: words.status,
          sort: 'status',
          cell: row => (
            <JustChanged of={row.status}>
              <StatusChip status={row.status} />
            </JustChanged>
          ),
        },
        {
          key: 'priority',
          label: words.priority,
          sort: 'urgency',
          cell: row =>
            row.priority === 'normal' ? null : (
              <span className="priority" data-priority={row.priority}>
                {words[row.priority]}
              </span>
            ),
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
          cell: row => (
            <div className="progress-cell" data-testid={`progress-${row.number}`}>
              <Progress value={row.progress} label={`${row.number}: ${words.progress}`} state={row.status} />
              <span className="quiet">
                {words.itemsOf(format.number(row.completedItems), format.number(row.totalItems))}
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
        {
          key: 'updated',
          label: appWords.updated,
          sort: 'updated',
          cell: row => <UpdatedCell row={row} />,
        },
        {
          key: 'created',
          label: appWords.created,
          sort: 'created',
          from: 'wide',
          cell: row => <CreatedCell row={row} />,
        },
      ],
    }),
    [words, appWords, format, now],
  )
}

const Due = ({ at, isLate }: { readonly at: number; readonly isLate: boolean }) => {
  const words = useWarehouseWords()
  const format = useFormat()
  return (
    <span className="due" data-late={isLate ? '' : undefined}>
      {isLate && <IconAlertTriangle size={14} aria-hidden />}
      {isLate && <span className="visually-hidden">{words.late}: </span>}
      {format.dateTime(at)}
    </span>
  )
}

const isOpen = (status: string): boolean => OPEN.some(open => open === status)
