import { useState } from 'react'
import { Inventory, type RowOf, Shipment, Ticket, localId } from '../../../shared/index.ts'
import { useRecord } from '../../react/index.ts'
import { DateField } from '../fields/date-field.tsx'
import { EntryTable } from '../fields/entry-table.tsx'
import { LineField } from '../fields/line-field.tsx'
import { SelectField } from '../fields/select-field.tsx'
import { Day } from '../format/moment.tsx'
import { ListPage } from '../list-page/list-page.tsx'
import type { NewRecord } from '../list-page/new-record.tsx'
import { FilterChips } from '../list-page/filter-chips.tsx'
import { useWholeList } from '../list-page/use-whole-list.ts'
import { RecordPage } from '../record-page/record-page.tsx'
import { Link } from '../route/link.tsx'
import { pathTo, refTo } from '../route/route.ts'
import { useHasRole } from '../session/use-my-id.ts'
import { useAppWords } from '../words/app-words.ts'
import { useFieldServiceWords } from './field-service-words.ts'
import { ShipmentChip } from './shipment-chip.tsx'
import { deskRoles } from './ticket-choices.ts'
import { openStatuses } from './ticket-filter.ts'
import { useSiteChoices, useSiteName } from './use-site-name.ts'
import { labelled } from '../words/labelled.ts'

type ShipmentRow = RowOf<typeof Shipment>
const newShipment: NewRecord<typeof Shipment> = { values: { state: 'ordered' } }

export const shipmentStates: readonly ShipmentRow['state'][] = ['ordered', 'shipped', 'arrived', 'returned']

export const ShipmentList = () => {
  const words = useAppWords()
  const serviceWords = useFieldServiceWords()
  const siteName = useSiteName()
  const [state, setState] = useState<ShipmentRow['state'] | null>(null)
  return (
    <ListPage
      type={Shipment}
      title={words.shipments}
      create={{ label: serviceWords.newShipment, ...newShipment }}
      firstOrder={{ field: 'updated', direction: 'desc' }}
      search={serviceWords.searchShipments}
      filters={
        <FilterChips
          value={state}
          onChange={setState}
          choices={[
            [null, words.all],
            ...shipmentStates.map(each => [each, serviceWords[`state_${each}`]] as const),
          ]}
        />
      }
      where={state === null ? {} : { state }}
      isFiltered={state !== null}
      onClearFilter={() => setState(null)}
      main={{
        key: 'number',
        label: serviceWords.number,
        sort: 'number',
        cell: row => row.number ?? row.tracking ?? '–',
        sub: row => siteName(row.site),
        parts: [serviceWords.number, serviceWords.site],
      }}
      columns={[
        {
          key: 'state',
          label: serviceWords.state,
          sort: 'state',
          cell: row => <ShipmentChip state={row.state} />,
        },
        { key: 'carrier', label: serviceWords.carrier, from: 'tablet', cell: row => row.carrier },
        { key: 'tracking', label: serviceWords.tracking, from: 'desktop', cell: row => row.tracking },
        {
          key: 'pieces',
          label: serviceWords.parts,
          isNumber: true,
          from: 'desktop',
          cell: row => serviceWords.pieces(row.pieces),
        },
        {
          key: 'expected',
          label: serviceWords.expectedOn,
          sort: 'expectedOn',
          cell: row => row.expectedOn !== null && <Day on={row.expectedOn} />,
        },
      ]}
    />
  )
}

export const ShipmentPage = ({ id }: { readonly id: string }) => {
  const words = useAppWords()
  const serviceWords = useFieldServiceWords()
  const mayRemove = useHasRole(...deskRoles)
  const sites = useSiteChoices()
  const name = useRecord(Shipment, id, view => view.number ?? view.tracking ?? '')
  const state = useRecord(Shipment, id, view => view.state)
  const ticket = useRecord(Shipment, id, view => view.ticket) ?? null
  const ticketId = ticket === null ? null : localId('ticket', ticket)
  const ticketName = useRecord(Ticket, ticketId, view => `${view.number ?? ''} ${view.title}`.trim())
  const parts = useRecord(Shipment, id, view => view.parts) ?? []
  const tickets = useWholeList(Ticket, {
    where: { status: { in: openStatuses } },
    orderBy: ['number', 'desc'],
  }).rows
  const open = (tickets ?? []).map(row => ({
    value: refTo(Ticket, row.id),
    label: `${row.number ?? ''} ${row.title}`.trim(),
  }))
  // The one it is for may have been closed long ago.
  const isListed = ticket === null || open.some(({ value }) => value === ticket)
  const ticketChoices = isListed ? open : [{ value: ticket, label: ticketName ?? ticket }, ...open]
  const stock = useWholeList(Inventory, { orderBy: ['part', 'asc'] }).rows
  const field = { type: Shipment, id }
  return (
    <RecordPage
      type={Shipment}
      id={id}
      title={name === '' || name === undefined ? serviceWords.newShipment : name}
      back={{ to: '/tickets/shipments', label: words.shipments }}
      badge={state !== undefined && <ShipmentChip state={state} />}
      canRemove={mayRemove}
      first={newShipment}
      showValue={(path, value) => {
        const state = path === 'state' ? shipmentStates.find(one => one === value) : undefined
        return state === undefined ? undefined : serviceWords[`state_${state}`]
      }}
    >
      <div className="record-stack">
        <section className="card card-body">
          <div className="field-grid">
            <SelectField
              {...field}
              path="state"
              label={serviceWords.state}
              choices={shipmentStates.map(value => ({ value, label: serviceWords[`state_${value}`] }))}
            />
            <DateField {...field} path="expectedOn" label={serviceWords.expectedOn} />
            <LineField {...field} path="number" label={serviceWords.number} />
            <LineField {...field} path="carrier" label={serviceWords.carrier} />
            <LineField {...field} path="tracking" label={serviceWords.tracking} />
            <SelectField {...field} path="site" label={serviceWords.site} none="–" choices={sites} />
            <div>
              <SelectField
                {...field}
                path="ticket"
                label={serviceWords.ticket}
                none="–"
                choices={ticketChoices}
              />
              {ticketId !== null && <Link to={pathTo(Ticket, ticketId)}>{ticketName ?? ticketId}</Link>}
            </div>
          </div>
        </section>
        <section className="card card-body">
          <h2 className="card-title">{serviceWords.parts}</h2>
          <EntryTable
            {...field}
            list="parts"
            label={serviceWords.parts}
            entries={parts}
            addLabel={serviceWords.partsAdd}
            emptyText={serviceWords.partsEmpty}
            columns={[
              { field: 'name', label: serviceWords.name, kind: 'line' },
              {
                field: 'part',
                label: serviceWords.stock,
                kind: 'computed',
                width: '26%',
                show: entry => stockOf(entry.part, stock) ?? '–',
              },
              { field: 'quantity', label: serviceWords.quantity, kind: 'integer', width: '6.875rem' },
            ]}
          />
        </section>
      </div>
    </RecordPage>
  )
}

const stockOf = (
  part: string | null,
  stock: readonly RowOf<typeof Inventory>[] | undefined,
): string | null => {
  if (part === null) return null
  const row = stock?.find(each => refTo(Inventory, each.id) === part)
  return row === undefined ? null : labelled(row.part, `${row.stock} ${row.unit}`)
}
