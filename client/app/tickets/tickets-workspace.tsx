import { useRoute } from '../route/route.ts'
import { TicketList } from './ticket-list.tsx'
import { TicketPage } from './ticket-page.tsx'

export default function TicketsWorkspace() {
  const { parts } = useRoute()
  const [, page] = parts
  switch (page) {
    case undefined:
      return <TicketList />
    default:
      return <TicketPage key={page} id={page} />
  }
}
