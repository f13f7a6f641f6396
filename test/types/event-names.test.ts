// Every event that the five systems know by name, from a real change of a record.

import { describe, expect, it } from 'vitest'
import type { RecordType } from '../../shared/record/record-type.ts'
import type { OpenRecord } from '../../shared/record/open-record.ts'
import type { Value } from '../../shared/record/value.ts'
import { Attachment, busEvents, Periode, Photo, Project, Pv } from '../../shared/types/construction.ts'
import { User } from '../../shared/types/people.ts'
import { Estimate, legacyMessage, Order } from '../../shared/types/point-of-sale.ts'
import { Bordereau, Decompt, Metre } from '../../shared/types/quantities.ts'
import { Availability } from '../../shared/types/scheduling.ts'
import { Ticket } from '../../shared/types/ticket.ts'
import { Inventory, Shipment, Site, Tech } from '../../shared/types/ticketing.ts'
import { Trebovanje, tvDelta } from '../../shared/types/warehouse.ts'
import { assign } from '../../shared/types/warehouse.ts'
import { deviceOf, namesOf, signalsOf, TEN_O_CLOCK } from './devices.ts'

const messagesOf = <T extends RecordType>(record: OpenRecord<T>, edit: () => void): readonly unknown[] => {
  const signals = signalsOf(record, edit)
  return signals.flatMap(signal =>
    record.type.messages(signal, { ...(record.view as object), id: record.id } as never),
  )
}

describe('warehouse', () => {
  const open = () => {
    const t = deviceOf(Trebovanje, 'mira', ['shift_lead', 'magacioner'], { id: 'TR-1' })
    t.set({ number: 'TR-1' })
    t.list('items').add({ sku: 'A', required: 2 }, { id: 'a' })
    return t
  }

  it('scan and trebovanje_status_update', () => {
    const t = open()
    assign(t, 'mira')
    expect(messagesOf(t, () => t.log('scans').add({ item: 'a', quantity: 1 }, { id: 's1' }))).toEqual([
      { type: 'scan', trebovanje_id: 'TR-1', scan_id: 's1', item_id: 'a', quantity: 1, worker: 'mira' },
      { type: 'trebovanje_status_update', trebovanje_id: 'TR-1', status: 'in_progress', progress: 50 },
    ])
  })

  it('manual', () => {
    const t = open()
    assign(t, 'mira')
    expect(namesOf(signalsOf(t, () => t.list('manual').add({ item: 'a' })))).toEqual([
      'trebovanje manual',
      'trebovanje trebovanje_status_update',
    ])
  })

  it('assign, reassign and cancel of a task, and cancel of the whole', () => {
    const t = open()
    const status = (value: string) => ({
      type: 'trebovanje_status_update',
      trebovanje_id: 'TR-1',
      status: value,
      progress: 0,
    })
    const task = { trebovanje_id: 'TR-1', zaduznica_id: 'all' }
    expect(messagesOf(t, () => assign(t, 'jovan'))).toEqual([
      { type: 'assign', ...task, worker: 'jovan' },
      status('assigned'),
    ])
    expect(messagesOf(t, () => assign(t, 'ana'))).toEqual([
      { type: 'reassign', ...task, worker: 'ana', from: 'jovan' },
    ])
    expect(messagesOf(t, () => t.list('zaduznice').set('all', { cancelled: true }))).toEqual([
      { type: 'cancel', ...task, worker: 'ana' },
      status('new'),
    ])
    expect(messagesOf(t, () => assign(t, 'ana'))).toEqual([
      { type: 'assign', ...task, worker: 'ana' },
      status('assigned'),
    ])
    expect(messagesOf(t, () => t.set({ cancelled: true }))).toEqual([
      { type: 'cancel', trebovanje_id: 'TR-1', zaduznica_id: null },
      status('cancelled'),
    ])
  })

  it('document_complete with the three counts, and wrapped for the TV', () => {
    const t = open()
    t.list('items').add({ sku: 'B', required: 1 }, { id: 'b' })
    assign(t, 'mira')
    t.log('scans').add({ item: 'a', quantity: 2 })
    t.list('shortages').add({ item: 'b', quantity: 1 })
    const messages = messagesOf(t, () => t.set({ closedAt: TEN_O_CLOCK }))
    const complete = {
      type: 'document_complete',
      trebovanje_id: 'TR-1',
      status: 'done',
      completed_items: 1,
      total_items: 2,
      items_with_shortages: 1,
    }
    expect(messages).toEqual([
      complete,
      { type: 'trebovanje_status_update', trebovanje_id: 'TR-1', status: 'done', progress: 100 },
    ])
    expect(tvDelta(complete)).toEqual({ event: 'tv_delta', data: complete })
  })

  it('any other change has a name too', () => {
    const t = open()
    expect(namesOf(signalsOf(t, () => t.set({ customer: 'Hotel' })))).toEqual(['trebovanje update'])
  })
})

describe('construction', () => {
  const title: { readonly [type: string]: { readonly [field: string]: Value } } = {
    project: { objet: 'School' },
  }
  it.each([Project, Bordereau, Periode, Metre, Decompt, Photo, Pv, Attachment])(
    '$name:updated on the bus for create, update and delete, each followed by data:changed',
    type => {
      const record = deviceOf<RecordType>(type, 'omar', ['admin'], { id: '7' })
      const bus = (edit: () => void): unknown[] =>
        signalsOf(record, edit).flatMap(signal => busEvents(signal, record.id, 'the record'))
      const expected = (verb: string) => {
        const detail = { type: verb, entity: type.name, entityId: '7', data: 'the record' }
        return [
          { name: `${type.name}:updated`, detail },
          { name: 'data:changed', detail },
        ]
      }
      const first = title[type.name] ?? { project: 'project:1' }
      expect(bus(() => record.set(first))).toEqual(expected('create'))
      const second = type.name === 'project' ? { place: 'Split' } : { project: 'project:2' }
      expect(bus(() => record.set(second))).toEqual(expected('update'))
      expect(bus(() => record.remove())).toEqual(expected('delete'))
      expect(bus(() => record.restore())).toEqual(expected('create'))
    },
  )
})

describe('ticketing', () => {
  it('ticket create, update, delete, claimed, checked_in, checked_out', () => {
    const t = deviceOf(Ticket, 'tom', ['technician', 'dispatcher'])
    const names = (edit: () => void) => namesOf(signalsOf(t, edit))
    expect(names(() => t.set({ title: 'Boiler' }))).toEqual(['ticket create'])
    expect(names(() => t.set({ status: 'in_progress' }))).toEqual(['ticket update'])
    expect(names(() => t.text('description').insert(0, 'It drips.'))).toEqual(['ticket update'])
    expect(names(() => t.set({ claimedBy: 'tom' }))).toEqual(['ticket claimed'])
    expect(names(() => t.set({ claimedBy: null }))).toEqual(['ticket update'])
    expect(names(() => t.set({ claimedBy: 'tom', status: 'waiting' }))).toEqual([
      'ticket update',
      'ticket claimed',
    ])
    expect(names(() => t.log('checks').add({ kind: 'in' }))).toEqual(['ticket checked_in'])
    expect(names(() => t.log('checks').add({ kind: 'out' }))).toEqual(['ticket checked_out'])
    expect(names(() => t.remove())).toEqual(['ticket delete'])
    expect(names(() => t.restore())).toEqual(['ticket create'])
  })

  it.each([
    ['comments', 'comment', { body: 'Came by' }, { body: 'Came by at 9' }],
    ['times', 'time_entry', { start: 0, end: 60_000 }, { end: 120_000 }],
    ['attachments', 'attachment', { caption: 'Plan' }, { caption: 'Old plan' }],
  ] as const)('%s: %s create, update, delete', (list, type, first, second) => {
    const t = deviceOf<RecordType>(Ticket, 'tom', ['technician'], { id: '9' })
    t.set({ title: 'Boiler' })
    const entries = (t as unknown as OpenRecord<typeof Ticket>).list(list) as {
      add(entry: object, options: { id: string }): string
      set(id: string, entry: object): void
      remove(id: string): void
    }
    const data = { ticket_id: '9', [`${type}_id`]: 'e1' }
    expect(signalsOf(t, () => entries.add(first, { id: 'e1' }))).toEqual([{ type, action: 'create', data }])
    expect(signalsOf(t, () => entries.set('e1', second))).toEqual([{ type, action: 'update', data }])
    expect(signalsOf(t, () => entries.remove('e1'))).toEqual([{ type, action: 'delete', data }])
  })

  it.each([
    [Shipment, { carrier: 'Post' }, { state: 'arrived' }],
    [Site, { name: 'Harbour' }, { city: 'Bar' }],
    [User, { name: 'Ana' }, { phone: '1' }],
    [Tech, { name: 'Tom' }, { available: false }],
    [Inventory, { part: 'V-12' }, { place: 'Shelf 3' }],
  ])('$name create, update, delete', (type, first, second) => {
    const record = deviceOf<RecordType>(type, 'root', ['admin'])
    expect(namesOf(signalsOf(record, () => record.set(first)))).toEqual([`${type.name} create`])
    expect(namesOf(signalsOf(record, () => record.set(second)))).toEqual([`${type.name} update`])
    expect(namesOf(signalsOf(record, () => record.remove()))).toEqual([`${type.name} delete`])
  })
})

describe('point of sale, for clients that know no CRDT', () => {
  it('estimate create, update, delete and convert_to_order as pinned, money in decimals', () => {
    const e = deviceOf(Estimate, 'root', ['admin'], { id: 'EST-12345678' })
    const pinned = (action: string, number: string | null, total: number) => ({
      type: 'estimate',
      action,
      id: 'EST-12345678',
      data: {
        estimate_id: 'EST-12345678',
        estimate_number: number,
        customer_name: 'Ana Kos',
        total,
        created_at: '2025-01-07T10:00:00.000Z',
      },
    })
    expect(messagesOf(e, () => e.set({ customer: 'Ana Kos', number: '#001' }))).toEqual([
      pinned('create', '#001', 0),
    ])
    const messages = messagesOf(e, () => e.list('lines').add({ name: 'Door', quantity: 2, price: 75_000 }))
    expect(messages).toEqual([pinned('update', '#001', 1500.0)])
    expect(messagesOf(e, () => e.set({ orderId: 'order:ORD-12345678', orderNumber: '#014' }))).toEqual([
      {
        type: 'estimate',
        action: 'convert_to_order',
        id: 'EST-12345678',
        order_id: 'ORD-12345678',
        order_number: '#014',
      },
    ])
    expect(messagesOf(e, () => e.remove())).toEqual([
      { type: 'estimate', action: 'delete', id: 'EST-12345678' },
    ])
  })

  it('order the same, and plain strings for the oldest', () => {
    const o = deviceOf(Order, 'root', ['admin'], { id: 'ORD-1' })
    const signals = signalsOf(o, () => o.set({ customer: 'Bo', number: '#014' }))
    expect(signals.map(legacyMessage)).toEqual(['order_updated'])
    expect(messagesOf(o, () => o.set({ note: 'Friday' }))).toEqual([
      {
        type: 'order',
        action: 'update',
        id: 'ORD-1',
        data: {
          order_id: 'ORD-1',
          order_number: '#014',
          customer_name: 'Bo',
          total: 0,
          created_at: '2025-01-07T10:00:00.000Z',
        },
      },
    ])
    expect(messagesOf(o, () => o.remove())).toEqual([{ type: 'order', action: 'delete', id: 'ORD-1' }])
  })
})

describe('scheduling', () => {
  it('availability_created, _updated, _deleted with staff and date, each followed by global_refresh', () => {
    const a = deviceOf(Availability, 'olga', ['operator'])
    const expected = (type: string) => [
      { type, staff_id: 'tea', staff_name: 'Tea', date: '2025-01-07' },
      { type: 'global_refresh', staff: 'tea', date: '2025-01-07' },
    ]
    expect(messagesOf(a, () => a.set({ staff: 'tea', staffName: 'Tea', date: '2025-01-07' }))).toEqual(
      expected('availability_created'),
    )
    expect(messagesOf(a, () => a.list('slots').add({ from: 540, to: 600 }))).toEqual(
      expected('availability_updated'),
    )
    expect(messagesOf(a, () => a.remove())).toEqual(expected('availability_deleted'))
  })
})
