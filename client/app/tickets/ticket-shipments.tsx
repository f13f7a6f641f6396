import { Shipment } from '../../../shared/index.ts'
import { useList } from '../../react/index.ts'
import { useFormat } from '../format/use-format.ts'
import { CardRows } from '../list-page/card-rows.tsx'
import { MoreRows } from '../list-page/more-rows.tsx'
import { Link } from '../route/link.tsx'
import { pathTo } from '../route/route.ts'
import { useFieldServiceWords } from './field-service-words.ts'
import { ShipmentChip } from './shipment-chip.tsx'
import { useTicketWords } from './ticket-words.ts'

export const TicketShipments = ({ id }: { readonly id: string }) => {
  const words = useTicketWords()
  const serviceWords = useFieldServiceWords()
  const format = useFormat()
  const list = useList(Shipment, { where: { ticket: `ticket:${id}` }, limit: 20 })
  return (
    <section className="card card-body" aria-label={words.shipments}>
      <h2 className="card-title">{words.shipments}</h2>
      <CardRows
        list={list}
        emptyText={words.shipmentsEmpty}
        line={row => (
          <li key={row.id} className="time-line">
            <Link to={pathTo(Shipment, row.id)}>{row.number ?? row.tracking ?? row.id}</Link>
            <span className="entry-meta">
              {serviceWords.pieces(row.pieces)}
              {row.expectedOn !== null && `, ${format.date(row.expectedOn)}`}
            </span>
            <ShipmentChip state={row.state} />
          </li>
        )}
      />
      <MoreRows list={list} />
    </section>
  )
}
