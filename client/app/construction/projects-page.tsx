import { Button, TextInput } from '@mantine/core'
import { IconAlertTriangle, IconPlus, IconSearch } from '@tabler/icons-react'
import { useDeferredValue, useMemo, useState } from 'react'
import { claim, localId, Project, type RowOf } from '../../../shared/index.ts'
import { useDesk, useList } from '../../react/index.ts'
import { dayOf } from '../format/day.ts'
import { useFormat } from '../format/use-format.ts'
import { useNow } from '../format/use-now.ts'
import { type Column, type Order, RecordTable } from '../list-page/record-table.tsx'
import { navigate } from '../route/route.ts'
import { useNameOf } from '../session/directory.tsx'
import { useHasRole } from '../session/use-my-id.ts'
import { Page } from '../shell/page.tsx'
import { JustChanged } from '../state/just-changed.tsx'
import { useAppWords } from '../words/app-words.ts'
import { StateChip } from './state-chip.tsx'
import { useConstructionWords } from './construction-words.ts'

type Row = RowOf<typeof Project>
const filters = ['all', 'mine', 'active', 'planned', 'suspended', 'closed'] as const
type Filter = (typeof filters)[number]

const mine = {
  $any: [{ engineers: { contains: claim('sub') } }, { manager: claim('sub') }, { createdBy: claim('sub') }],
}

export const ProjectsPage = () => {
  const appWords = useAppWords()
  const words = useConstructionWords()
  const [filter, setFilter] = useState<Filter>('all')
  const [search, setSearch] = useState('')
  const [order, setOrder] = useState<Order>({ field: 'updated', direction: 'desc' })
  const text = useDeferredValue(search.trim())
  const list = useList(Project, {
    where: {
      ...(filter === 'all' ? {} : filter === 'mine' ? mine : { state: filter }),
      ...(text === '' ? {} : { $text: text }),
    },
    orderBy: [order.field, order.direction],
    limit: 50,
    count: true,
    presence: true,
  })
  const columns = useColumns()
  return (
    <Page title={appWords.projects} isWide aside={<NewProject />}>
      <div className="filters">
        <TextInput
          className="filter-grow"
          aria-label={words.search}
          placeholder={words.search}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={search}
          onChange={event => setSearch(event.currentTarget.value)}
        />
        {filters.map(one => (
          <button
            key={one}
            type="button"
            className="filter-chip"
            aria-pressed={filter === one}
            onClick={() => setFilter(one)}
          >
            {one === 'all' ? appWords.all : words[one]}
          </button>
        ))}
      </div>
      <RecordTable
        list={list}
        label={appWords.projects}
        main={columns.main}
        columns={columns.others}
        to={row => `/construction/projects/${encodeURIComponent(localId('project', row.id))}`}
        order={order}
        onOrder={setOrder}
        isFiltered={filter !== 'all' || text !== ''}
        onClearFilter={() => {
          setFilter('all')
          setSearch('')
        }}
        emptyText={words.noProjects}
      />
    </Page>
  )
}

const NewProject = () => {
  const words = useConstructionWords()
  const desk = useDesk()
  const mayCreate = useHasRole('engineer', 'office', 'project_manager')
  if (!mayCreate) return null
  return (
    <Button
      leftSection={<IconPlus size={16} />}
      onClick={() => {
        const record = desk.create(Project, { objet: words.newProject, start: dayOf(desk.clock.now()) })
        record.close()
        navigate(`/construction/projects/${record.id}`)
      }}
    >
      {words.newProject}
    </Button>
  )
}

const useColumns = (): { readonly main: Column<Row>; readonly others: readonly Column<Row>[] } => {
  const words = useConstructionWords()
  const appWords = useAppWords()
  const format = useFormat()
  const nameOf = useNameOf()
  const now = useNow()
  return useMemo(() => {
    const today = dayOf(now)
    return {
      main: {
        key: 'objet',
        label: words.objet,
        sort: 'objet',
        cell: row => <JustChanged of={row.objet}>{row.objet}</JustChanged>,
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
        { key: 'client', label: words.client, cell: row => row.client },
        { key: 'place', label: words.place, from: 'desktop', cell: row => row.place },
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
                {format.date(row.deadline)}
              </span>
            ),
        },
        { key: 'manager', label: words.manager, from: 'desktop', cell: row => nameOf(row.manager) },
        {
          key: 'updated',
          label: appWords.updated,
          sort: 'updated',
          from: 'tablet',
          cell: row =>
            row.updated !== null && (
              <span className="quiet">{`${format.ago(row.updated, now)}, ${nameOf(row.updatedBy)}`}</span>
            ),
        },
      ],
    }
  }, [words, appWords, format, nameOf, now])
}
