import { IconAlertTriangle } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { claim, Project, type RowOf } from '../../../shared/index.ts'
import { dayOf } from '../format/day.ts'
import { Day } from '../format/moment.tsx'
import { useNow } from '../format/use-now.ts'
import { FilterChips } from '../list-page/filter-chips.tsx'
import { ListPage } from '../list-page/list-page.tsx'
import type { Column, MainColumn } from '../list-page/record-table.tsx'
import { useNameOf } from '../session/directory.tsx'
import { JustChanged } from '../state/just-changed.tsx'
import { useAppWords } from '../words/app-words.ts'
import { StateChip } from './state-chip.tsx'
import { useConstructionWords } from './construction-words.ts'
import { useNewProject } from './new-project.ts'

type Row = RowOf<typeof Project>
const filters = ['all', 'mine', 'active', 'planned', 'suspended', 'closed'] as const
type Filter = (typeof filters)[number]

const mine = {
  $any: [{ engineers: { contains: claim('sub') } }, { manager: claim('sub') }, { createdBy: claim('sub') }],
}

export const ProjectsPage = () => {
  const appWords = useAppWords()
  const words = useConstructionWords()
  const first = useNewProject()
  const [filter, setFilter] = useState<Filter>('all')
  const columns = useColumns()
  return (
    <ListPage
      type={Project}
      title={appWords.projects}
      create={{ label: words.newProject, ...first }}
      search={words.search}
      filters={
        <FilterChips
          value={filter}
          onChange={setFilter}
          choices={filters.map(one => [one, one === 'all' ? appWords.all : words[one]] as const)}
        />
      }
      where={filter === 'all' ? {} : filter === 'mine' ? mine : { state: filter }}
      isFiltered={filter !== 'all'}
      onClearFilter={() => setFilter('all')}
      firstOrder={{ field: 'updated', direction: 'desc' }}
      main={columns.main}
      columns={columns.others}
      emptyText={words.noProjects}
    />
  )
}

const useColumns = (): { readonly main: MainColumn<Row>; readonly others: readonly Column<Row>[] } => {
  const words = useConstructionWords()
  const nameOf = useNameOf()
  const now = useNow()
  return useMemo(() => {
    const today = dayOf(now)
    return {
      main: {
        key: 'objet',
        label: words.objet,
        sort: 'objet',
        isText: true,
        cell: row => <JustChanged of={row.objet}>{row.objet}</JustChanged>,
        sub: row => [row.client, row.place].filter(part => part !== null && part !== '').join(' · '),
        parts: [words.objet, `${words.client} · ${words.place}`],
      },
      others: [
        {
          key: 'number',
          label: words.number,
          sort: 'number',
          from: 'tablet',
          cell: row => <span className="nowrap">{row.number}</span>,
        },
        {
          key: 'state',
          label: words.state,
          cell: row => <StateChip look={row.state}>{words[row.state]}</StateChip>,
        },
        {
          key: 'deadline',
          label: words.deadline,
          sort: 'deadline',
          cell: row =>
            row.deadline !== null && (
              <span
                className="nowrap"
                data-late={row.deadline < today && row.state !== 'closed' ? '' : undefined}
              >
                {row.deadline < today && row.state !== 'closed' && (
                  <IconAlertTriangle size={14} aria-label={words.late} />
                )}
                <Day on={row.deadline} />
              </span>
            ),
        },
        { key: 'manager', label: words.manager, from: 'desktop', cell: row => nameOf(row.manager) },
      ],
    }
  }, [words, nameOf, now])
}
