import { IconMessage } from '@tabler/icons-react'
import { type RowOf, Ticket } from '../../../shared/index.ts'
import { Moment } from '../format/moment.tsx'
import { useFormat } from '../format/use-format.ts'
import { useNow } from '../format/use-now.ts'
import { ListPage } from '../list-page/list-page.tsx'
import type { Column } from '../list-page/record-table.tsx'
import { useView } from '../list-page/use-view.ts'
import { useNameOf } from '../session/directory.tsx'
import { useMyId } from '../session/use-my-id.ts'
import { JustChanged } from '../state/just-changed.tsx'
import { useAppWords } from '../words/app-words.ts'
import { PriorityMark, StatusChip } from './chips.tsx'
import { newTicket } from './ticket-choices.ts'
import { everything, whereOf } from './ticket-filter.ts'
import { TicketFilters } from './ticket-filters.tsx'
import { useTicketWords } from './ticket-words.ts'
import { useLateAsOf } from './use-late-as-of.ts'
import { useSiteName } from './use-site-name.ts'

type TicketRow = RowOf<typeof Ticket>

export const TicketList = () => {
  const words = useAppWords()
  const ticketWords = useTicketWords()
  const siteName = useSiteName()
  const me = useMyId()
  const now = useNow(60_000)
  const [filter, setFilter] = useView('ticket', everything)
  const lateAsOf = useLateAsOf(filter.view === 'late')
  return (
    <ListPage
      type={Ticket}
      title={words.tickets}
      create={{ label: ticketWords.newTicket, ...newTicket(ticketWords) }}
      firstOrder={{ field: 'updated', direction: 'desc' }}
      filters={<TicketFilters filter={filter} onChange={setFilter} />}
      where={whereOf(filter, me, lateAsOf)}
      isFiltered={filter !== everything}
      onClearFilter={() => setFilter(everything)}
      main={{
        key: 'title',
        label: ticketWords.title,
        sort: 'title',
        isText: true,
        cell: row => (row.title === '' ? ticketWords.untitled : row.title),
        sub: row => (
          <>
            <span>{row.number ?? words.provisional}</span>
            {row.site !== null && <span>{` · ${siteName(row.site)}`}</span>}
          </>
        ),
        parts: [ticketWords.title, ticketWords.number, ticketWords.site],
      }}
      columns={useColumns(now)}
    />
  )
}

const useColumns = (now: number): readonly Column<TicketRow>[] => {
  const ticketWords = useTicketWords()
  const format = useFormat()
  const nameOf = useNameOf()
  return [
    {
      key: 'status',
      label: ticketWords.status,
      sort: 'status',
      cell: row => <StatusChip status={row.status} />,
    },
    {
      key: 'priority',
      label: ticketWords.priority,
      sort: 'urgency',
      cell: row => <PriorityMark priority={row.priority} />,
    },
    {
      key: 'tech',
      label: ticketWords.assignedTo,
      cell: row => nameOf(row.claimedBy ?? row.assignedTo),
      from: 'tablet',
    },
    {
      key: 'due',
      label: ticketWords.due,
      sort: 'due',
      from: 'desktop',
      parts: [ticketWords.due, ticketWords.late],
      cell: row =>
        row.due !== null && (
          <span className={isLate(row, now) ? 'two-lines due-late' : 'two-lines'}>
            <Moment at={row.due} />
            {isLate(row, now) && <span>{ticketWords.late}</span>}
          </span>
        ),
    },
    {
      key: 'comments',
      label: ticketWords.comments,
      sort: 'comments',
      isNumber: true,
      from: 'desktop',
      cell: row =>
        row.comments > 0 && (
          <JustChanged of={row.comments}>
            <IconMessage size={14} aria-hidden style={{ verticalAlign: '-2px' }} />{' '}
            {format.number(row.comments)}
          </JustChanged>
        ),
    },
  ]
}

const isLate = (row: TicketRow, now: number): boolean =>
  row.due !== null && row.due < now && row.status !== 'done' && row.status !== 'closed'
