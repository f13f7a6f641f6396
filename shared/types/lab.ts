// The records of the app's lab. Their fields are those of the systems' own, so that they merge as those do; they are
// types of their own, so that what visitors play with stands in nobody's list, figure or series of numbers.

import { defineRecord } from '../record/define-record.ts'
import { localId } from '../record/room-name.ts'
import { ref } from '../record/field.ts'
import { linesTotal } from './amount.ts'
import { numberFrom } from './number-action.ts'
import { pickingOf } from './picking.ts'
import { documentNumber, Estimate, Order } from './point-of-sale.ts'
import { Ticket } from './ticket.ts'
import { Trebovanje } from './warehouse.ts'

/** Who plays; those of the desk may take a claim over, and the wall only looks. */
const PLAYERS = ['lab_desk', 'lab_hand'] as const
const access = {
  read: { $role: [...PLAYERS, 'lab_wall'] },
  create: PLAYERS,
  remove: PLAYERS,
  write: { '*': PLAYERS },
}

const { title, priority, status, quote, claimedBy } = Ticket.fields

export const LabTicket = defineRecord('lab_ticket', {
  fields: { title, priority, status, quote, claimedBy },
  list: { orders: ['updated'], equal: ['createdBy'] },
  access: { ...access, takeOver: { claimedBy: ['lab_desk'] } },
})

const { number, customer, lines, orderNumber } = Estimate.fields

export const LabEstimate = defineRecord('lab_estimate', {
  fields: { number, customer, lines, orderNumber, orderId: ref('lab_order') },
  derive: { total: t => linesTotal(t.lines) },
  title: t => t.number ?? t.customer ?? 'Estimate',
  list: { orders: ['updated'], equal: ['createdBy'] },
  access: { ...access, write: { '*': PLAYERS, number: false, orderId: false, orderNumber: false } },
  actions: {
    number: numberFrom('lab_estimate', documentNumber),
    convert: {
      args: {},
      allow: PLAYERS,
      needs: t => [orderRoom(t.id)],
      run: ({ t, set, create, next, refuse, openReviews }) => {
        if (t.orderId !== null) return { order: t.orderId, number: t.orderNumber }
        if (t.lines.length === 0) refuse('the estimate has no lines')
        if (openReviews.length > 0) refuse('a price was entered twice: pick one first')
        const given = documentNumber(next('lab_order'))
        const order = create(
          'lab_order',
          { number: given, customer: t.customer },
          {
            id: localId('lab_order', orderRoom(t.id)),
            orAnother: true,
            entries: { lines: t.lines.map(({ name, quantity, price }) => ({ name, quantity, price })) },
          },
        )
        set({ orderId: order, orderNumber: given })
        return { order, number: given }
      },
    },
  },
})

export const LabOrder = defineRecord('lab_order', {
  fields: { number: Order.fields.number, customer: Order.fields.customer, lines: Order.fields.lines },
  title: t => t.number ?? 'Order',
  list: { orders: ['updated'], equal: ['createdBy'] },
  access,
})

export const LabTrebovanje = defineRecord('lab_trebovanje', {
  fields: Trebovanje.fields,
  derive: { progress: t => pickingOf(t).progress, picked: t => pickingOf(t).items },
  list: { orders: ['updated'], equal: ['createdBy'] },
  access,
})

const orderRoom = (estimate: string): string => `lab_order:${localId('lab_estimate', estimate)}`
