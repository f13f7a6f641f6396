import { Button } from '@mantine/core'
import { IconMessage, IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { type RowOf, Ticket } from '../../../shared/index.ts'
import { useDesk, useList } from '../../react/index.ts'
import { useFormat } from '../format/use-format.ts'
import { useNow } from '../format/use-now.ts'
import { type Column, type Order, RecordTable } from '../list-page/record-table.tsx'
import { UpdatedCell } from '../list-page/updated-cell.tsx'
import { navigate } from '../route/route.ts'
import { useNameOf } from '../session/directory.tsx'
import { useHasRole, useMyId } from '../session/use-my-id.ts'
import { Page } from '../shell/page.tsx'
import { JustChanged } from '../state/just-changed.tsx'
import { useAppWords } from '../words/app-words.ts'
import { PriorityMark, StatusChip } from './chips.tsx'
import { deskRoles } from './ticket-choices.ts'
import { everything, whereOf } from './ticket-filter.ts'
import { TicketFilters } from './ticket-filters.tsx'
import { useTicketWords } from './ticket-words.ts'
import { useSiteName } from './use-site-name.ts'

type TicketRow = RowOf<typeof Ticket>

export const TicketList = () => {
  const words = useAppWords()
  const ticketWords = useTicketWords()
  const me = useMyId()
  const now = useNow(60_000)
  const mayCreate = useHasRole(...deskRoles, 'technician')
  const [filter, setFilter] = useState(everything)
  const [order, setOrder] = useState<Order>({ field: 'updated', direction: 'desc' })
  const where = whereOf(filter, me, now)
  const list = useList(Ticket, {
    where,
    orderBy: [order.field, order.direction],
    limit: 50,
    count: true,
  })
  const columns = useColumns(now)
  const create = useCreateTicket()
  return (
    <Page
      title={words.tickets}
      isWide
      aside={
        mayCreate && (
          <Button leftSection={<IconPlus size={16} />} onClick={create}>
            {ticketWords.newTicket}
          </Button>
        )
      }
    >
      <TicketFilters filter={filter} onChange={setFilter} />
      <RecordTable
        list={list}
        label={words.tickets}
        main={{
          key: 'title',
          label: ticketWords.title,
          sort: 'title',
          cell: row => (
            <>
              <span className="ticket-number">{row.number ?? '–'}</span>
              {row.title === '' ? ticketWords.untitled : row.title}
            </>
          ),
        }}
        columns={columns}
        to={row => `/tickets/${encodeURIComponent(row.id.replace(/^ticket:/, ''))}`}
        order={order}
        onOrder={setOrder}
        isFiltered={filter !== everything}
        onClearFilter={() => setFilter(everything)}
      />
    </Page>
  )
}

const useColumns = (now: number): readonly Column<TicketRow>[] => {
  const words = useAppWords()
  const ticketWords = useTicketWords()
  const format = useFormat()
  const nameOf = useNameOf()
  const siteName = useSiteName()
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
    { key: 'site', label: ticketWords.site, from: 'desktop', cell: row => siteName(row.site) },
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
      from: 'tablet',
      cell: row =>
        row.due !== null && (
          <span className={isLate(row, now) ? 'nowrap due-late' : 'nowrap'}>
            {format.dateTime(row.due)}
            {isLate(row, now) && ` (${ticketWords.late})`}
          </span>
        ),
    },
    {
      key: 'comments',
      label: ticketWords.comments,
      sort: 'comments',
      isNumber: true,
      from: 'tablet',
      cell: row =>
        row.comments > 0 && (
          <JustChanged of={row.comments}>
            <IconMessage size={14} aria-hidden style={{ verticalAlign: '-2px' }} />{' '}
            {format.number(row.comments)}
          </JustChanged>
        ),
    },
    {
      key: 'updated',
      label: words.updated,
      sort: 'updated',
      cell: row => <UpdatedCell row={row} />,
    },
  ]
}

const isLate = (row: TicketRow, now: number): boolean =>
  row.due !== null && row.due < now && row.status !== 'done' && row.status !== 'closed'

/** There at once, also off line; its number comes with the connection. */
const useCreateTicket = (): (() => void) => {
  const desk = useDesk()
  return () => {
    const ticket = desk.create(Ticket, { title: '', status: 'open' })
    ticket.act('number')
    navigate(`/tickets/${ticket.id}`)
    // The page that opens holds it from now on.
    setTimeout(() => ticket.close(), 2_000)
  }
}
