// Point of sale: an estimate becomes exactly one order, whoever pressed and however often.

import { verbOf } from '../record/change.ts'
import { defineRecord } from '../record/define-record.ts'
import type { Change, Message, Signal } from '../record/record-type.ts'
import { localId } from '../record/room-name.ts'
import { list, money, number, ref, text } from '../record/field.ts'
import { linesTotal, PRICE, QUANTITY, toDecimal } from './amount.ts'
import { numberFrom } from './number-action.ts'
import { estimateWords, orderWords } from './point-of-sale-words.ts'

const STAFF = ['clerk', 'office'] as const

const saleFields = {
  /** Given by the action `number`, without gaps; null until then. */
  number: text.line({ max: 40 }),
  customer: text.line({ max: 200 }),
  note: text.line({ max: 1000 }),
  lines: list(
    { name: text.line({ max: 200 }), quantity: number(QUANTITY), price: money(PRICE).merge('review') },
    { order: 'manual' },
  ),
}

export const documentNumber = (n: number): string => `#${String(n).padStart(3, '0')}`

export const Estimate = defineRecord('estimate', {
  words: estimateWords,
  fields: { ...saleFields, orderId: ref('order'), orderNumber: text.line({ max: 40 }) },
  derive: { total: t => linesTotal(t.lines), isConverted: t => t.orderId !== null },
  title: (t, say) =>
    t.customer === null
      ? say('Estimate {}', t.number ?? '')
      : say('Estimate {} for {}', t.number ?? '', t.customer),
  row: t => ({
    number: t.number,
    customer: t.customer,
    lines: t.lines.length,
    total: t.total,
    isConverted: t.isConverted,
    orderId: t.orderId,
    orderNumber: t.orderNumber,
  }),
  list: {
    orders: ['number', 'customer', 'total', 'created', 'updated'],
    equal: ['isConverted', 'customer', 'createdBy'],
    search: ['number', 'customer'],
  },
  access: {
    read: { $role: [...STAFF] },
    create: STAFF,
    remove: STAFF,
    write: {
      '*': ({ me, t }) =>
        me.is(...STAFF)
          ? t.orderId === null || 'it has become an order: change the order instead'
          : 'only clerk or office may change this',
      number: false,
      orderId: false,
      orderNumber: false,
    },
  },
  events: change =>
    change.before.orderId === null && change.after.orderId !== null
      ? [
          {
            type: 'estimate',
            action: 'convert_to_order',
            data: {
              order_id: localId('order', change.after.orderId),
              order_number: change.after.orderNumber,
            },
          },
        ]
      : saleSignals('estimate', change),
  messages: (signal, t) => saleMessages(signal, localId('estimate', t.id)),
  notify: ({ before, after }) =>
    before.orderId === null && after.orderId !== null
      ? [
          {
            level: 'success',
            kind: 'converted',
            several: 'estimates have become orders',
            params: { number: after.number ?? '', order: after.orderNumber ?? '' },
            sentence: `Estimate ${after.number ?? ''} has become order ${after.orderNumber ?? ''}`,
          },
        ]
      : [],
  actions: {
    number: numberFrom('estimate', documentNumber),
    convert: {
      args: {},
      allow: STAFF,
      needs: t => [orderRoom(t.id)],
      run: ({ t, set, create, next, view, refuse, openReviews }) => {
        if (t.orderId !== null) return { order: t.orderId, number: t.orderNumber }
        if (t.removed) refuse('the estimate was deleted: restore it first')
        if (t.lines.length === 0) refuse('the estimate has no lines')
        if (openReviews.length > 0) refuse('a price was entered twice: pick one first')
        const room = orderRoom(t.id)
        if (view(room)?.estimate === estimateRoom(t.id)) refuse('there is an order of this estimate already')
        const orderNumber = documentNumber(next('order'))
        const estimateNumber = t.number ?? documentNumber(next('estimate'))
        const order = create(
          'order',
          { number: orderNumber, customer: t.customer, note: t.note, estimate: estimateRoom(t.id) },
          {
            id: localId('order', room),
            // Whoever makes an order by hand may have named it so.
            orAnother: true,
            entries: { lines: t.lines.map(({ name, quantity, price }) => ({ name, quantity, price })) },
          },
        )
        set({ orderId: order, orderNumber, number: estimateNumber })
        return { order, number: orderNumber }
      },
    },
  },
})

export const Order = defineRecord('order', {
  words: orderWords,
  fields: { ...saleFields, estimate: ref('estimate') },
  derive: { total: t => linesTotal(t.lines) },
  title: (t, say) =>
    t.customer === null
      ? say('Order {}', t.number ?? '')
      : say('Order {} for {}', t.number ?? '', t.customer),
  row: t => ({
    number: t.number,
    customer: t.customer,
    lines: t.lines.length,
    total: t.total,
    estimate: t.estimate,
  }),
  list: {
    orders: ['number', 'customer', 'total', 'created', 'updated'],
    equal: ['customer', 'estimate', 'createdBy'],
    search: ['number', 'customer'],
  },
  access: {
    read: { $role: [...STAFF] },
    create: STAFF,
    remove: ['office'],
    write: { '*': STAFF, number: false, estimate: false },
  },
  events: change => saleSignals('order', change),
  messages: (signal, t) => saleMessages(signal, localId('order', t.id)),
  actions: { number: numberFrom('order', documentNumber) },
})

/** What old clients expect the order of an estimate to be called. */
const orderRoom = (estimate: string): string =>
  `order:ORD-${localId('estimate', estimate).replace(/^EST-/, '')}`
const estimateRoom = (id: string): string => `estimate:${localId('estimate', id)}`

interface Sale {
  readonly id: string
  readonly created: number | null
  readonly number: string | null
  readonly customer: string | null
  readonly total: number
}

const saleSignals = (type: 'estimate' | 'order', change: Change<Sale>): Signal[] => {
  const action = verbOf(change)
  const { id, number: saleNumber, customer, total, created } = change.after
  return action === 'delete'
    ? [{ type, action }]
    : [
        {
          type,
          action,
          data: {
            [`${type}_id`]: localId(type, id),
            [`${type}_number`]: saleNumber,
            customer_name: customer,
            total: toDecimal(total),
            created_at: created === null ? null : new Date(created).toISOString(),
          },
        },
      ]
}

/** A deletion has no data, and a conversion tells its order beside the id, as old clients expect. */
const saleMessages = ({ type, action, data }: Signal, id: string): Message[] => [
  action === 'convert_to_order'
    ? { type, action, id, ...data }
    : { type, action, id, ...(data === undefined ? {} : { data }) },
]

/** For clients not yet upgraded: that something of this type changed, and nothing else. */
export const legacyMessage = (signal: Signal): string => `${signal.type}_updated`
