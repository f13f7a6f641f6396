import { Shipment, Site, Ticket } from '../../../shared/index.ts'
import { useList, useRecord } from '../../react/index.ts'
import { EntryTable } from '../fields/entry-table.tsx'
import { LineField } from '../fields/line-field.tsx'
import { TextField } from '../fields/text-field.tsx'
import { useFormat } from '../format/use-format.ts'
import { CardRows } from '../list-page/card-rows.tsx'
import { ListPage } from '../list-page/list-page.tsx'
import { MoreRows } from '../list-page/more-rows.tsx'
import type { NewRecord } from '../list-page/new-record.tsx'
import { RecordPage } from '../record-page/record-page.tsx'
import { Link } from '../route/link.tsx'
import { pathTo } from '../route/route.ts'
import { useHasRole } from '../session/use-my-id.ts'
import { useAppWords } from '../words/app-words.ts'
import { useFieldServiceWords } from './field-service-words.ts'
import { ShipmentChip } from './shipment-chip.tsx'
import { deskRoles } from './ticket-choices.ts'
import { TicketLine } from './ticket-line.tsx'

const newSite = (words: ReturnType<typeof useFieldServiceWords>): NewRecord<typeof Site> => ({
  values: {},
  ask: { field: 'name', label: words.name },
})

export const SiteList = () => {
  const words = useAppWords()
  const serviceWords = useFieldServiceWords()
  const format = useFormat()
  return (
    <ListPage
      type={Site}
      title={words.sites}
      create={{ label: serviceWords.newSite, ...newSite(serviceWords) }}
      firstOrder={{ field: 'name', direction: 'asc' }}
      search={serviceWords.searchSites}
      main={{
        key: 'name',
        label: serviceWords.name,
        sort: 'name',
        isText: true,
        cell: row => row.name || serviceWords.newSite,
        sub: row => row.address,
        parts: [serviceWords.name, serviceWords.address],
      }}
      columns={[
        { key: 'city', label: serviceWords.city, sort: 'city', isText: true, cell: row => row.city },
        { key: 'contact', label: serviceWords.contact, from: 'tablet', cell: row => row.contact },
        {
          key: 'phone',
          label: serviceWords.phone,
          from: 'desktop',
          cell: row => <span className="nowrap">{row.phone}</span>,
        },
        {
          key: 'equipment',
          label: serviceWords.equipment,
          isNumber: true,
          from: 'desktop',
          cell: row => format.number(row.equipment),
        },
      ]}
    />
  )
}

export const SitePage = ({ id }: { readonly id: string }) => {
  const words = useAppWords()
  const serviceWords = useFieldServiceWords()
  const mayRemove = useHasRole(...deskRoles)
  const name = useRecord(Site, id, view => view.name)
  const equipment = useRecord(Site, id, view => view.equipment) ?? []
  const field = { type: Site, id }
  return (
    <RecordPage
      type={Site}
      id={id}
      title={name === '' || name === undefined ? serviceWords.newSite : name}
      back={{ to: '/tickets/sites', label: words.sites }}
      canRemove={mayRemove}
      first={newSite(serviceWords)}
    >
      <div className="record-columns">
        <div className="record-stack">
          <section className="card card-body">
            <div className="field-grid">
              <LineField {...field} className="span-all" path="name" label={serviceWords.name} />
              <LineField {...field} path="address" label={serviceWords.address} />
              <LineField {...field} path="city" label={serviceWords.city} />
              <LineField {...field} path="contact" label={serviceWords.contact} />
              <LineField {...field} path="phone" label={serviceWords.phone} kind="tel" />
              <TextField {...field} className="span-all" path="notes" label={serviceWords.notes} />
            </div>
          </section>
          <section className="card card-body">
            <h2 className="card-title">{serviceWords.equipment}</h2>
            <EntryTable
              {...field}
              list="equipment"
              label={serviceWords.equipment}
              entries={equipment}
              addLabel={serviceWords.equipmentAdd}
              emptyText={serviceWords.equipmentEmpty}
              columns={[
                { field: 'name', label: serviceWords.name, kind: 'line' },
                { field: 'serial', label: serviceWords.serial, kind: 'line', width: '24%' },
                { field: 'installedOn', label: serviceWords.installedOn, kind: 'date', width: '24%' },
              ]}
            />
          </section>
        </div>
        <div className="record-stack">
          <SiteTickets id={id} />
          <SiteShipments id={id} />
        </div>
      </div>
    </RecordPage>
  )
}

const SiteTickets = ({ id }: { readonly id: string }) => {
  const words = useFieldServiceWords()
  const list = useList(Ticket, { where: { site: `site:${id}` }, orderBy: ['updated', 'desc'], limit: 20 })
  return (
    <section className="card card-body">
      <h2 className="card-title">{words.ticketsOfSite}</h2>
      <CardRows list={list} line={row => <TicketLine key={row.id} row={row} />} />
      <MoreRows list={list} />
    </section>
  )
}

const SiteShipments = ({ id }: { readonly id: string }) => {
  const words = useFieldServiceWords()
  const list = useList(Shipment, {
    where: { site: `site:${id}` },
    orderBy: ['updated', 'desc'],
    limit: 20,
  })
  return (
    <section className="card card-body">
      <h2 className="card-title">{words.shipmentsOfSite}</h2>
      <CardRows
        list={list}
        line={row => (
          <li key={row.id} className="side-line">
            <Link to={pathTo(Shipment, row.id)}>
              {row.number ?? row.id} <span className="entry-meta">{words.pieces(row.pieces)}</span>
            </Link>
            <ShipmentChip state={row.state} />
          </li>
        )}
      />
      <MoreRows list={list} />
    </section>
  )
}
