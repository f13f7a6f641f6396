// Every event that SYSTEMS.md names, from a real edit on a real socket to each way out.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RecordEvent } from '../../server/event/event.ts'
import {
  Attachment,
  Availability,
  assign,
  Bordereau,
  busEvents,
  Decompt,
  Estimate,
  Inventory,
  Metre,
  type OpenRecord,
  Order,
  Periode,
  Photo,
  Project,
  Pv,
  type RecordType,
  Shipment,
  Site,
  statusPatch,
  Tech,
  Ticket,
  Trebovanje,
  User,
} from '../../shared/index.ts'
import { until } from '../wire/wire-server.ts'
import { EventServer, type EventStream } from './event-server.ts'
import { Receiver } from './receiver.ts'

const ADMIN = 'root:Root:admin'
let server: EventServer
let receiver: Receiver
let stream: EventStream
let updates: { texts: string[] }
let legacy: { texts: string[] }
let tv: { texts: string[] }

beforeAll(async () => {
  server = await new EventServer().start()
  receiver = await new Receiver().start()
  await server.post('/api/admin/webhooks', ADMIN, { url: receiver.url })
  stream = await server.stream('', ADMIN)
  updates = await server.updates('', ADMIN)
  legacy = await server.updates('format=legacy', ADMIN)
  tv = await server.updates('event=tv_delta', ADMIN)
})

afterAll(async () => {
  stream.close()
  await server.close()
  await receiver.close()
  expect(server.errors).toEqual([])
})

const records = new Map<string, OpenRecord<RecordType>>()

/** The record as a device of this person has it, on a socket of its own. */
const open = async <T extends RecordType>(type: T, id: string, user = 'root'): Promise<OpenRecord<T>> => {
  const key = `${user} ${type.name}:${id}`
  const known = records.get(key)
  if (known !== undefined) return known as unknown as OpenRecord<T>
  const { record } = await server.open(type, id, `${user}::admin`)
  records.set(key, record as unknown as OpenRecord<RecordType>)
  return record
}

type Message = Readonly<Record<string, unknown>>
const messages = (texts: readonly string[]): Message[] => texts.map(text => JSON.parse(text))
const isLike = (message: Message, wanted: Message): boolean =>
  Object.entries(wanted).every(([key, value]) => JSON.stringify(message[key]) === JSON.stringify(value))

/** One edit, and what of it comes out of each of the four ways, and of the fifth for a wall. */
const tells = async (
  edit: () => void | Promise<void>,
  wanted: readonly Message[],
  signals: readonly string[],
) => {
  const from = {
    updates: updates.texts.length,
    legacy: legacy.texts.length,
    tv: tv.texts.length,
    stream: stream.events.length,
    receiver: receiver.received.length,
  }
  await edit()
  const isComplete = (came: readonly Message[]): boolean =>
    wanted.every(message => came.some(one => isLike(one, message)))
  await until(
    () => isComplete(messages(updates.texts.slice(from.updates))),
    `/ws/updates: ${JSON.stringify(wanted)}`,
  )
  const told = () =>
    (stream.events.slice(from.stream) as unknown as RecordEvent[]).flatMap(event =>
      event.signals.map(({ type, action }) => `${type} ${action}`),
    )
  await until(() => signals.every(signal => told().includes(signal)), `the stream: ${signals}, not ${told()}`)
  const strings = signals.map(signal => `${signal.split(' ')[0]}_updated`)
  await until(
    () => strings.every(one => legacy.texts.slice(from.legacy).includes(one)),
    `plain strings: ${strings}`,
  )
  const delivered = () =>
    receiver.received.slice(from.receiver).flatMap(({ body }) => body.data['messages'] as Message[])
  await until(() => isComplete(delivered()), `the webhook: ${JSON.stringify(wanted)}`)
  if (!signals.every(signal => signal.startsWith('trebovanje '))) return
  const wrapped = () => messages(tv.texts.slice(from.tv)).map(message => message['data'] as Message)
  await until(() => isComplete(wrapped()), `the wall: ${JSON.stringify(wanted)}`)
  expect(messages(tv.texts).every(message => message['event'] === 'tv_delta' && 'cursor' in message)).toBe(
    true,
  )
}

describe('warehouse', () => {
  const status = (value: string, progress: number) => ({
    type: 'trebovanje_status_update',
    trebovanje_id: 'TR-1',
    status: value,
    progress,
  })

  it('assign, reassign, cancel', async () => {
    const t = await open(Trebovanje, 'TR-1')
    await tells(
      () => t.set({ number: 'TR-1' }),
      [{ type: 'create', trebovanje_id: 'TR-1' }],
      ['trebovanje create'],
    )
    t.list('items').add({ sku: 'A', required: 2 }, { id: 'a' })
    t.list('items').add({ sku: 'B', required: 1 }, { id: 'b' })
    await tells(
      () => void assign(t, 'jovan'),
      [
        { type: 'assign', trebovanje_id: 'TR-1', zaduznica_id: 'all', worker: 'jovan' },
        status('assigned', 0),
      ],
      ['trebovanje assign', 'trebovanje trebovanje_status_update'],
    )
    await tells(
      () => void assign(t, 'ana'),
      [{ type: 'reassign', trebovanje_id: 'TR-1', zaduznica_id: 'all', worker: 'ana', from: 'jovan' }],
      ['trebovanje reassign'],
    )
    await tells(
      () => t.list('zaduznice').set('all', { cancelled: true }),
      [{ type: 'cancel', trebovanje_id: 'TR-1', zaduznica_id: 'all', worker: 'ana' }, status('new', 0)],
      ['trebovanje cancel'],
    )
  })

  it('scan, manual, trebovanje_status_update, document_complete', async () => {
    const t = await open(Trebovanje, 'TR-1')
    assign(t, 'ana')
    await tells(
      () => void t.log('scans').add({ item: 'a', quantity: 2 }, { id: 's1' }),
      [{ type: 'scan', trebovanje_id: 'TR-1', item_id: 'a', quantity: 2 }],
      ['trebovanje scan', 'trebovanje trebovanje_status_update'],
    )
    await tells(
      () => void t.list('manual').add({ item: 'b' }),
      [{ type: 'manual', trebovanje_id: 'TR-1', item_id: 'b' }],
      ['trebovanje manual'],
    )
    await tells(
      () => t.set({ closedAt: Date.now() }),
      [
        {
          type: 'document_complete',
          trebovanje_id: 'TR-1',
          status: 'done',
          completed_items: 2,
          total_items: 2,
          items_with_shortages: 0,
        },
      ],
      ['trebovanje document_complete'],
    )
  })
})

describe('construction', () => {
  it.each([Project, Bordereau, Periode, Metre, Decompt, Photo, Pv, Attachment])(
    '$name: create, update and delete, from which the bus is told',
    async type => {
      const record = (await open<RecordType>(type, 'C-1')) as OpenRecord<typeof Project>
      const first = { objet: 'School', from: '2026-01-01' }
      const field = Object.keys(type.fields).find(
        name => fieldsOf(type)[name]?.kind === 'cell' && name !== 'project',
      )
      const patch = 'objet' in type.fields ? { objet: first.objet } : { project: 'project:C-1' }
      await tells(
        () => record.set(patch as never),
        [{ type: type.name, action: 'create', id: 'C-1' }],
        [`${type.name} create`],
      )
      await tells(
        () => record.write(field ?? '', valueFor(type, field ?? '')),
        [{ type: type.name, action: 'update', id: 'C-1' }],
        [`${type.name} update`],
      )
      await tells(
        () => record.remove(),
        [{ type: type.name, action: 'delete', id: 'C-1' }],
        [`${type.name} delete`],
      )
      const [bus] = busEvents({ type: type.name, action: 'delete' }, 'C-1', null)
      expect(bus?.name).toBe(`${type.name}:updated`)
    },
  )
})

const fieldsOf = (type: RecordType): RecordType['fields'] => type.fields

const valueFor = (type: RecordType, field: string) => {
  const declared = type.fields[field]
  const candidates = ['text', 7, true, '2026-02-03', 'open', 'user:1', 'metre:1', 'bordereau:1', 'periode:1']
  const check = declared?.kind === 'cell' ? declared.spec.check : () => null
  return candidates.find(value => check(value as never) === null) ?? null
}

describe('field service', () => {
  it('ticket create, update, claimed, checked_in, checked_out, delete', async () => {
    const t = await open(Ticket, 'T-1')
    const told = (action: string) => [{ type: 'ticket', action, id: 'T-1' }]
    await tells(() => t.set({ title: 'Boiler' }), told('create'), ['ticket create'])
    await tells(() => t.set(statusPatch('in_progress', Date.now())), told('update'), ['ticket update'])
    await tells(() => t.set({ claimedBy: 'root' }), told('claimed'), ['ticket claimed'])
    await tells(() => void t.log('checks').add({ kind: 'in' }), told('checked_in'), ['ticket checked_in'])
    await tells(() => void t.log('checks').add({ kind: 'out' }), told('checked_out'), ['ticket checked_out'])
  })

  it.each([
    ['comment', 'comments', { body: 'one' }, { body: 'two' }],
    ['time_entry', 'times', { note: 'one' }, { note: 'two' }],
    ['attachment', 'attachments', { caption: 'one' }, { caption: 'two' }],
  ] as const)('%s create, update, delete', async (type, name, one, two) => {
    const t = await open(Ticket, 'T-1')
    const list = t.list(name) as ReturnType<typeof t.list<'comments'>>
    const told = (action: string) => [{ type, action }]
    await tells(() => void list.add(one as object, { id: 'e' }), told('create'), [`${type} create`])
    await tells(() => list.set('e', two as object), told('update'), [`${type} update`])
    await tells(() => list.remove('e'), told('delete'), [`${type} delete`])
  })

  it('ticket delete', async () => {
    const t = await open(Ticket, 'T-1')
    await tells(() => t.remove(), [{ type: 'ticket', action: 'delete', id: 'T-1' }], ['ticket delete'])
  })

  it.each([
    [Shipment, { carrier: 'DPD' }, { state: 'shipped' }],
    [Site, { name: 'School' }, { city: 'Lyon' }],
    [User, { name: 'Ana' }, { phone: '1' }],
    [Tech, { name: 'Tom' }, { phone: '1' }],
    [Inventory, { part: 'pump' }, { name: 'Pump' }],
  ] as const)('$name create, update, delete', async (type, one, two) => {
    const record = (await open<RecordType>(type, 'F-1')) as OpenRecord<typeof Site>
    const told = (action: string) => [{ type: type.name, action, id: 'F-1' }]
    await tells(() => record.set(one as never), told('create'), [`${type.name} create`])
    await tells(() => record.set(two as never), told('update'), [`${type.name} update`])
    await tells(() => record.remove(), told('delete'), [`${type.name} delete`])
  })
})

describe('point of sale', () => {
  it('estimate and order: create, update, delete as pinned; a conversion with its order', async () => {
    const estimate = await open(Estimate, 'EST-12345678')
    const data = (fields: object) => ({ estimate_id: 'EST-12345678', estimate_number: null, ...fields })
    const created_at = () => new Date(estimate.view.created ?? 0).toISOString()
    await tells(
      () => estimate.set({ customer: 'Hotel' }),
      [{ type: 'estimate', action: 'create', id: 'EST-12345678' }],
      ['estimate create'],
    )
    await tells(
      () => void estimate.list('lines').add({ name: 'Pump', quantity: 2, price: 75_000 }),
      [
        {
          type: 'estimate',
          action: 'update',
          id: 'EST-12345678',
          data: data({ customer_name: 'Hotel', total: 1500, created_at: created_at() }),
        },
      ],
      ['estimate update'],
    )
    await tells(
      () => void estimate.act('convert'),
      [
        {
          type: 'estimate',
          action: 'convert_to_order',
          id: 'EST-12345678',
          order_id: 'ORD-12345678',
          order_number: '#001',
        },
        { type: 'order', action: 'create', id: 'ORD-12345678' },
      ],
      ['estimate convert_to_order', 'order create'],
    )
    const order = await open(Order, 'ORD-12345678')
    await tells(
      () => order.set({ note: 'x' }),
      [{ type: 'order', action: 'update', id: 'ORD-12345678' }],
      ['order update'],
    )
    await tells(
      () => order.remove(),
      [{ type: 'order', action: 'delete', id: 'ORD-12345678' }],
      ['order delete'],
    )
    const deletions = messages(updates.texts).filter(
      ({ type, action }) => type === 'order' && action === 'delete',
    )
    expect(deletions.map(({ cursor: _, ...message }) => message)).toEqual([
      { type: 'order', action: 'delete', id: 'ORD-12345678' },
    ])
  })
})

describe('scheduling', () => {
  it('availability_created, _updated, _deleted, each with global_refresh', async () => {
    const day = await open(Availability, 'mia_2026-02-03')
    const told = (action: string) => [
      { type: `availability_${action}`, staff_id: 'user:mia', staff_name: 'Mia', date: '2026-02-03' },
      { type: 'global_refresh', staff: 'user:mia', date: '2026-02-03' },
    ]
    const named = (action: string) => [`availability availability_${action}`, 'availability global_refresh']
    await tells(
      () => day.set({ staff: 'user:mia', staffName: 'Mia', date: '2026-02-03' }),
      told('created'),
      named('created'),
    )
    await tells(() => void day.list('slots').add({ from: 540, to: 600 }), told('updated'), named('updated'))
    await tells(() => day.remove(), told('deleted'), named('deleted'))
  })
})
