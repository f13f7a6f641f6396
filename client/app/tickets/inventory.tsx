import { Button, NumberInput, TextInput } from '@mantine/core'
import { IconAlertTriangle, IconPackageExport, IconPackageImport } from '@tabler/icons-react'
import { useState } from 'react'
import { Inventory, localId, Ticket } from '../../../shared/index.ts'
import { useAction, useDesk, useList, useRecord } from '../../react/index.ts'
import { LineField } from '../fields/line-field.tsx'
import { NumberField } from '../fields/number-field.tsx'
import { useFormat } from '../format/use-format.ts'
import { ListPage } from '../list-page/list-page.tsx'
import type { NewRecord } from '../list-page/new-record.tsx'
import { FilterChips } from '../list-page/filter-chips.tsx'
import { RecordPage } from '../record-page/record-page.tsx'
import { tryTo } from '../record-page/say-trouble.ts'
import { Link } from '../route/link.tsx'
import { pathTo, refTo } from '../route/route.ts'
import { useNameOf } from '../session/directory.tsx'
import { useHasRole } from '../session/use-my-id.ts'
import { Empty } from '../state/empty.tsx'
import { JustChanged } from '../state/just-changed.tsx'
import { useAppWords } from '../words/app-words.ts'
import { useTypeWords } from '../words/type-words.ts'
import { useFieldServiceWords } from './field-service-words.ts'
import { deskRoles } from './ticket-choices.ts'

const newPart = (words: ReturnType<typeof useFieldServiceWords>): NewRecord<typeof Inventory> => ({
  values: {},
  ask: { field: 'part', label: words.part },
})

export const InventoryList = () => {
  const words = useAppWords()
  const serviceWords = useFieldServiceWords()
  const format = useFormat()
  const [isLow, setIsLow] = useState(false)
  return (
    <ListPage
      type={Inventory}
      title={words.inventory}
      create={{ label: serviceWords.newPart, ...newPart(serviceWords) }}
      firstOrder={{ field: 'part', direction: 'asc' }}
      search={serviceWords.searchParts}
      filters={
        <FilterChips
          value={isLow}
          onChange={setIsLow}
          choices={[
            [false, words.all],
            [true, serviceWords.onlyLow],
          ]}
        />
      }
      where={isLow ? { isLow } : {}}
      isFiltered={isLow}
      onClearFilter={() => setIsLow(false)}
      main={{
        key: 'name',
        label: serviceWords.name,
        sort: 'name',
        isText: true,
        cell: row => row.name ?? (row.part || serviceWords.newPart),
      }}
      columns={[
        { key: 'part', label: serviceWords.part, sort: 'part', isText: true, cell: row => row.part },
        { key: 'place', label: serviceWords.place, from: 'desktop', cell: row => row.place },
        {
          key: 'stock',
          label: serviceWords.stock,
          sort: 'stock',
          isNumber: true,
          cell: row => (
            <JustChanged of={row.stock} className={row.isLow ? 'due-late' : ''}>
              {row.isLow && (
                <IconAlertTriangle
                  size={14}
                  aria-label={serviceWords.low}
                  style={{ verticalAlign: '-2px' }}
                />
              )}{' '}
              {format.number(row.stock)} {row.unit}
            </JustChanged>
          ),
        },
        {
          key: 'minimum',
          label: serviceWords.minimum,
          isNumber: true,
          from: 'desktop',
          cell: row => format.number(row.minimum),
        },
        {
          key: 'price',
          label: serviceWords.price,
          isNumber: true,
          from: 'tablet',
          cell: row => row.price !== null && format.money(row.price),
        },
      ]}
    />
  )
}

export const PartPage = ({ id }: { readonly id: string }) => {
  const words = useAppWords()
  const serviceWords = useFieldServiceWords()
  const format = useFormat()
  const mayRemove = useHasRole(...deskRoles)
  const { view } = useRecord(Inventory, id)
  const title = view === undefined ? '' : (view.name ?? view.part)
  const field = { type: Inventory, id }
  return (
    <RecordPage
      type={Inventory}
      id={id}
      title={title === '' ? serviceWords.newPart : title}
      back={{ to: '/tickets/inventory', label: words.inventory }}
      canRemove={mayRemove}
      first={newPart(serviceWords)}
    >
      {view !== undefined && (
        <div className="record-columns">
          <div className="record-stack">
            <section className="card card-body">
              <div className="field-grid">
                <LineField {...field} className="span-all" path="name" label={serviceWords.name} />
                <LineField {...field} path="part" label={serviceWords.part} />
                <LineField {...field} path="place" label={serviceWords.place} />
                <LineField {...field} path="unit" label={serviceWords.unit} />
                <NumberField {...field} path="minimum" label={serviceWords.minimum} kind="integer" />
                <NumberField {...field} path="price" label={serviceWords.price} kind="money" />
              </div>
            </section>
            <Takings id={id} />
          </div>
          <section className="card card-body record-stack">
            <h2 className="card-title">{serviceWords.stock}</h2>
            <JustChanged of={view.stock} className="big-number">
              {format.number(view.stock)} {view.unit}
            </JustChanged>
            {view.isLow && (
              <p className="due-late on-site">
                <IconAlertTriangle size={15} aria-hidden /> {words.beforeValue(serviceWords.low)}{' '}
                {serviceWords.minimum} {format.number(view.minimum)}
              </p>
            )}
            <Take id={id} />
            {mayRemove && <Deliver id={id} />}
          </section>
        </div>
      )}
    </RecordPage>
  )
}

/** Two takers who merge could take more than there is: the server decides, and says what is left. */
const Take = ({ id }: { readonly id: string }) => {
  const words = useFieldServiceWords()
  const desk = useDesk()
  const { reason } = useTypeWords()
  const take = useAction(Inventory, id, 'take')
  const [quantity, setQuantity] = useState<number | string>(1)
  const [number, setNumber] = useState('')
  const tickets = useList(
    Ticket,
    number.trim() === '' ? null : { where: { number: number.trim() }, limit: 1 },
  ).rows
  const ticket = tickets?.[0]
  const isKnown = number.trim() === '' || ticket !== undefined
  const left =
    typeof take.result === 'object' && take.result !== null && 'left' in take.result
      ? Number(take.result['left'])
      : null
  const refusal =
    take.problem ?? (take.state === 'refused' && take.reason !== null ? { sentence: take.reason } : null)
  return (
    <form
      className="record-stack"
      onSubmit={event => {
        event.preventDefault()
        if (typeof quantity !== 'number') return
        take.run({
          quantity,
          ...(ticket === undefined ? {} : { ticket: refTo(Ticket, ticket.id) }),
        })
        void desk.push()
      }}
    >
      <NumberInput
        label={words.quantity}
        size="sm"
        min={1}
        max={1000}
        allowDecimal={false}
        value={quantity}
        onChange={setQuantity}
      />
      <TextInput
        label={words.forTicket}
        size="sm"
        placeholder="T-0001"
        value={number}
        error={!isKnown && tickets !== undefined}
        onChange={event => setNumber(event.currentTarget.value)}
      />
      <Button
        type="submit"
        leftSection={<IconPackageExport size={16} />}
        disabled={typeof quantity !== 'number' || quantity < 1 || !isKnown}
        className={take.state === 'requested' ? 'tentative' : ''}
      >
        {words.take}
      </Button>
      <p className="on-site" role="status">
        {take.state === 'requested' && words.takeWaits}
        {take.state === 'accepted' && left !== null && words.taken(left)}
        {refusal !== null && words.takeRefused(reason(Inventory, refusal))}
      </p>
    </form>
  )
}

const Deliver = ({ id }: { readonly id: string }) => {
  const words = useFieldServiceWords()
  const { record } = useRecord(Inventory, id)
  const [quantity, setQuantity] = useState<number | string>('')
  return (
    <form
      className="deliver-form"
      onSubmit={event => {
        event.preventDefault()
        if (typeof quantity !== 'number' || quantity === 0) return
        if (tryTo(() => record?.counter('stock').add(quantity))) setQuantity('')
      }}
    >
      <NumberInput
        label={words.deliver}
        size="sm"
        allowDecimal={false}
        value={quantity}
        onChange={setQuantity}
      />
      <Button
        type="submit"
        variant="default"
        size="sm"
        leftSection={<IconPackageImport size={16} />}
        disabled={typeof quantity !== 'number' || quantity === 0}
      >
        {words.correct}
      </Button>
    </form>
  )
}

const Takings = ({ id }: { readonly id: string }) => {
  const words = useFieldServiceWords()
  const format = useFormat()
  const nameOf = useNameOf()
  const takings = useRecord(Inventory, id, view => view.takings) ?? []
  const numberOf = useNumberOf(takings.map(({ ticket }) => ticket))
  return (
    <section className="card card-body">
      <h2 className="card-title">{words.takings}</h2>
      {takings.length === 0 ? (
        <Empty isQuiet title={words.takingsEmpty} />
      ) : (
        <ul className="entry-list">
          {[...takings].reverse().map(taking => (
            <li key={taking.id} className="time-line">
              <span>
                {nameOf(taking.takenBy)}{' '}
                <span className="entry-meta">
                  {taking.takenAt !== null && format.dateTime(taking.takenAt)}{' '}
                  {taking.ticket !== null && (
                    <Link to={pathTo(Ticket, taking.ticket)}>{numberOf(taking.ticket)}</Link>
                  )}
                </span>
              </span>
              <span className="num">{format.number(taking.quantity ?? 0)}</span>
              <span />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** What a ticket is called by; of those long ago, their id. */
const useNumberOf = (tickets: readonly (string | null)[]): ((ticket: string) => string) => {
  const ids = [...new Set(tickets)].flatMap(ticket => (ticket === null ? [] : [localId('ticket', ticket)]))
  const latest = ids.slice(-100)
  const { rows } = useList(Ticket, latest.length === 0 ? null : { where: { id: { in: latest } }, limit: 100 })
  return ticket => {
    const id = localId('ticket', ticket)
    return rows?.find(row => localId('ticket', row.id) === id)?.number ?? id
  }
}
