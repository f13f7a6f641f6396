import { Button, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useEffect, useRef } from 'react'
import { Estimate, Order } from '../../../shared/index.ts'
import { useAction, useRecord, useSync } from '../../react/index.ts'
import { EntryTable } from '../fields/entry-table.tsx'
import { LineField } from '../fields/line-field.tsx'
import { useFormat } from '../format/use-format.ts'
import { RecordPage } from '../record-page/record-page.tsx'
import { Link } from '../route/link.tsx'
import { useHasRole } from '../session/use-my-id.ts'
import { useAppWords } from '../words/app-words.ts'
import { bareId } from './sales-lists.tsx'
import { useSalesWords } from './sales-words.ts'

interface SaleProps {
  readonly id: string
}

export const EstimatePage = ({ id }: SaleProps) => {
  const words = useAppWords()
  const sales = useSalesWords()
  const maySell = useHasRole('clerk', 'office')
  const number = useRecord(Estimate, id, view => view.number)
  const orderId = useRecord(Estimate, id, view => view.orderId)
  return (
    <RecordPage
      type={Estimate}
      id={id}
      title={`${sales.estimate} ${number ?? sales.provisional}`}
      back={{ to: '/sales/estimates', label: words.estimates }}
      actions={maySell && <Convert id={id} />}
      canRemove={maySell && orderId === null}
    >
      <div className="record-stack">
        <Converted id={id} />
        <SaleHead type={Estimate} id={id} />
        <SaleLines type={Estimate} id={id} canWrite={maySell && orderId === null} />
      </div>
    </RecordPage>
  )
}

export const OrderPage = ({ id }: SaleProps) => {
  const words = useAppWords()
  const sales = useSalesWords()
  const maySell = useHasRole('clerk', 'office')
  const isOffice = useHasRole('office')
  const number = useRecord(Order, id, view => view.number)
  const estimate = useRecord(Order, id, view => view.estimate)
  return (
    <RecordPage
      type={Order}
      id={id}
      title={`${sales.order} ${number ?? sales.provisional}`}
      back={{ to: '/sales/orders', label: words.orders }}
      canRemove={isOffice}
    >
      <div className="record-stack">
        {estimate !== null && estimate !== undefined && (
          <Text size="sm">
            <Link to={`/sales/estimates/${bareId(estimate)}`}>{sales.fromEstimate}</Link>
          </Text>
        )}
        <SaleHead type={Order} id={id} />
        <SaleLines type={Order} id={id} canWrite={maySell} />
      </div>
    </RecordPage>
  )
}

/** Exactly one order, whoever presses and however often; off line the request waits with the record. */
const Convert = ({ id }: SaleProps) => {
  const words = useSalesWords()
  const { run, state } = useAction(Estimate, id, 'convert')
  const { carrier } = useSync()
  const orderId = useRecord(Estimate, id, view => view.orderId)
  const lines = useRecord(Estimate, id, view => view.lines.length)
  if (orderId !== null) return null
  const isWaiting = state === 'requested'
  return (
    <>
      <Button disabled={isWaiting || lines === 0} onClick={() => run()}>
        {isWaiting ? words.converting : words.convert}
      </Button>
      {isWaiting && carrier === null && <Text size="sm">{words.queued}</Text>}
    </>
  )
}

const Converted = ({ id }: SaleProps) => {
  const words = useSalesWords()
  const orderId = useRecord(Estimate, id, view => view.orderId)
  const orderNumber = useRecord(Estimate, id, view => view.orderNumber)
  const { state, reason } = useAction(Estimate, id, 'convert')
  const wasOpen = useRef(false)
  useEffect(() => {
    if (orderId === null) wasOpen.current = true
    else if (orderId !== undefined && wasOpen.current) {
      wasOpen.current = false
      notifications.show({ color: 'green', message: words.converted(orderNumber ?? '') })
    }
  }, [orderId, orderNumber, words])
  if (state === 'refused' && orderId === null) {
    return (
      <Text role="alert" c="red.8">
        {reason}
      </Text>
    )
  }
  if (orderId === null || orderId === undefined) return null
  return (
    <section className="card card-body" aria-label={words.converted(orderNumber ?? '')}>
      <Text fw={600}>{words.converted(orderNumber ?? '')}</Text>
      <Link to={`/sales/orders/${bareId(orderId)}`}>{words.openOrder}</Link>
    </section>
  )
}

type SaleType = typeof Estimate | typeof Order

const SaleHead = ({ type, id }: SaleProps & { readonly type: SaleType }) => {
  const words = useSalesWords()
  return (
    <section className="card card-body" aria-label={words.customer}>
      <div className="field-grid">
        <LineField type={type} id={id} path="customer" label={words.customer} />
        <LineField type={type} id={id} path="note" label={words.note} />
      </div>
    </section>
  )
}

const SaleLines = ({
  type,
  id,
  canWrite,
}: SaleProps & { readonly type: SaleType; readonly canWrite: boolean }) => {
  const words = useSalesWords()
  const format = useFormat()
  // Both kinds have the same lines and the same total.
  const lines = useRecord(type as typeof Estimate, id, view => view.lines)
  const total = useRecord(type as typeof Estimate, id, view => view.total)
  return (
    <section className="card card-body" aria-label={words.lines}>
      <h2 className="card-title">{words.lines}</h2>
      <EntryTable
        type={type}
        id={id}
        list="lines"
        label={words.lines}
        entries={lines ?? []}
        canWrite={canWrite}
        addLabel={words.addLine}
        emptyText={words.noLines}
        columns={[
          { field: 'name', label: words.item, kind: 'line' },
          { field: 'quantity', label: words.quantity, kind: 'number', width: '110px' },
          { field: 'price', label: words.price, kind: 'money', width: '140px' },
          {
            field: 'amount',
            label: words.amount,
            kind: 'computed',
            width: '140px',
            show: line => format.money(Math.round((line.quantity ?? 0) * (line.price ?? 0))),
          },
        ]}
        footer={
          <tfoot>
            <tr>
              <th scope="row" colSpan={3}>
                {words.total}
              </th>
              <td className="num">
                <strong>{format.money(total ?? 0)}</strong>
              </td>
              {canWrite && <td />}
            </tr>
          </tfoot>
        }
      />
    </section>
  )
}
