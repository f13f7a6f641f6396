import { lazy } from 'react'
import { Ticket } from '../../../shared/index.ts'
import { useRoute } from '../route/route.ts'
import { ForReaders } from '../shell/for-readers.tsx'
import { InventoryList, PartPage } from './inventory.tsx'
import { ShipmentList, ShipmentPage } from './shipments.tsx'
import { SiteList, SitePage } from './sites.tsx'
import { TechnicianList, TechnicianPage } from './technicians.tsx'
import { TicketList } from './ticket-list.tsx'
import { TicketPage } from './ticket-page.tsx'

// Charts are large, and most people come for a ticket.
const Operations = lazy(() => import('./operations.tsx'))
const TicketsHelp = lazy(() => import('./tickets-help.tsx'))

export default function TicketsWorkspace() {
  const { parts } = useRoute()
  const [, page, id] = parts
  switch (page) {
    case undefined:
      return <TicketList />
    case 'operations':
      return (
        <ForReaders of={Ticket} board="on a page">
          <Operations isWall={false} />
        </ForReaders>
      )
    case 'wall':
      return <Operations isWall />
    case 'help':
      return <TicketsHelp />
    case 'sites':
      return id === undefined ? <SiteList /> : <SitePage key={id} id={id} />
    case 'shipments':
      return id === undefined ? <ShipmentList /> : <ShipmentPage key={id} id={id} />
    case 'inventory':
      return id === undefined ? <InventoryList /> : <PartPage key={id} id={id} />
    case 'technicians':
      return id === undefined ? <TechnicianList /> : <TechnicianPage key={id} id={id} />
    default:
      return <TicketPage key={page} id={page} />
  }
}
