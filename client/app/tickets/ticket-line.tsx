import { type RowOf, Ticket } from '../../../shared/index.ts'
import { Link } from '../route/link.tsx'
import { pathTo } from '../route/route.ts'
import { StatusChip } from './chips.tsx'
import { useTicketWords } from './ticket-words.ts'

type TicketRow = Pick<RowOf<typeof Ticket>, 'id' | 'number' | 'title' | 'status'>

/** A ticket among others in a card. */
export const TicketLine = ({ row }: { readonly row: TicketRow }) => (
  <li className="side-line">
    <TicketLink row={row} />
    <StatusChip status={row.status} />
  </li>
)

export const TicketLink = ({ row: { id, number, title } }: { readonly row: TicketRow }) => {
  const words = useTicketWords()
  return (
    <Link to={pathTo(Ticket, id)}>
      {number} {title === '' ? words.untitled : title}
    </Link>
  )
}
