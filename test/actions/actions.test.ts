import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toRecordEvent } from '../../server/event/event.ts'
import { Availability, Estimate, Inventory, type OpenRecord, Order, Ticket } from '../../shared/index.ts'
import { EventServer } from '../events/event-server.ts'
import { until } from '../wire/wire-server.ts'
import { LinkDevice } from './link-device.ts'

const CLERK = 'ana:Ana:clerk'
let server: EventServer

beforeEach(async () => {
  server = await new EventServer().start()
})

afterEach(async () => {
  await server.close()
  expect(server.errors).toEqual([])
})

const estimate = async (id: string, token = CLERK) => {
  const opened = await server.open(Estimate, id, token)
  opened.record.set({ customer: 'Hotel' })
  opened.record.list('lines').add({ name: 'Pump', quantity: 2, price: 75_000 })
  opened.record.list('lines').add({ name: 'Hose', quantity: 1.5, price: 1_000 })
  return opened
}

describe('move', () => {
  it('frees what somebody else has booked, who asked for it by right, and takes the other slot with it', async () => {
    const booking = { client: 'Ms. White', phone: '1', note: '' }
    const days: OpenRecord<typeof Availability>[] = []
    for (const id of ['one', 'two']) {
      const { record } = await server.open(Availability, id, 'olga:Olga:operator')
      record.set({ staff: 'ana', date: '2031-03-01' })
      for (const from of [540, 600]) record.list('slots').add({ from, to: from + 50 }, { id: `at${from}` })
      days.push(record)
    }
    const [one, two] = days
    one?.list('slots').set('at540', { booking })
    const ana = await server.open(Availability, 'one', 'ana:Ana:therapist')
    await until(() => ana.record.view.free === 1, 'the booking')
    const booked = () => days.map(day => day.view.day.map(slot => slot.booking?.client ?? null))
    const moves = [
      ['at540', 'one', 'at600', [null, 'Ms. White', null, null]],
      ['at600', 'two', 'at540', [null, null, 'Ms. White', null]],
    ] as const
    for (const [slot, to, toSlot, then] of moves) {
      const id = ana.record.act('move', { slot, client: 'Ms. White', to: `availability:${to}`, toSlot })
      await until(() => ana.record.action(id)?.state === 'accepted', 'the answer')
      await until(() => two?.view.free === (to === 'two' ? 1 : 2), 'the other day')
      expect(booked().flat()).toEqual(then)
      expect(ana.record.view.free).toBe(to === 'two' ? 2 : 1)
    }
  })
})

describe('convert', () => {
  it('makes one order of the estimate, with its lines in order, and numbers both', async () => {
    const { record } = await estimate('EST-7')
    const id = record.act('convert')
    await until(() => record.action(id)?.state === 'accepted', 'the answer')
    expect(record.action(id)).toMatchObject({ result: { order: 'order:ORD-7', number: '#001' } })
    expect(record.view).toMatchObject({ orderId: 'order:ORD-7', orderNumber: '#001', number: '#001' })
    const order = await server.open(Order, 'ORD-7', CLERK)
    expect(order.record.view).toMatchObject({
      number: '#001',
      customer: 'Hotel',
      estimate: 'estimate:EST-7',
      createdBy: 'ana',
      total: 151_500,
      lines: [{ name: 'Pump', quantity: 2, price: 75_000 }, { name: 'Hose' }],
    })
  })

  it('is refused with the reason, and leaves nothing half done', async () => {
    const { record } = await server.open(Estimate, 'EST-8', CLERK)
    record.set({ customer: 'Nobody' })
    const id = record.act('convert')
    await until(() => record.action(id)?.state === 'refused', 'the answer')
    expect(record.action(id)?.reason).toBe('the estimate has no lines')
    expect(await server.store.readHead('order:ORD-8')).toBeNull()
    expect(await server.store.readValue('series', 'order')).toBeNull()
  })

  it('makes an order also where somebody has taken its name for one of their own, or had', async () => {
    const taken = (await server.open(Order, 'ORD-20', CLERK)).record
    taken.set({ customer: 'Somebody else' })
    const removed = (await server.open(Order, 'ORD-21', 'olga:Olga:office')).record
    removed.set({ customer: 'Somebody else' })
    removed.remove()
    await until(() => server.rooms.get('order:ORD-21')?.head?.state === 'removed', 'the removal')
    for (const [i, id] of ['EST-20', 'EST-21'].entries()) {
      const { record } = await estimate(id)
      const [first, second] = [record.act('convert'), record.act('convert')]
      await until(() => record.action(second)?.state === 'accepted', 'the answer')
      const { orderId, orderNumber } = record.view
      expect(orderNumber).toBe(`#00${i + 1}`)
      expect([first, second].map(request => record.action(request)?.result)).toEqual(
        Array(2).fill({ order: orderId, number: orderNumber }),
      )
      expect(orderId).toMatch(/^order:(?!ORD-)/)
      const order = await server.open(Order, orderId?.slice('order:'.length) ?? '', CLERK)
      expect(order.record.view).toMatchObject({
        customer: 'Hotel',
        estimate: `estimate:${id}`,
        total: 151_500,
      })
    }
    expect(taken.view).toMatchObject({ customer: 'Somebody else', estimate: null, number: null })
  })

  it('is for who may, whoever can write a request', async () => {
    const admin = await estimate('EST-9')
    const other = await server.open(Estimate, 'EST-9', 'eve:Eve:clerk')
    await until(() => other.record.view.customer === 'Hotel', 'the estimate')
    const answer = await server.post('/api/records/estimate/EST-9/actions/convert', 'joe:Joe:magacioner')
    expect(answer.status).toBe(403)
    expect(admin.record.view.orderId).toBeNull()
  })

  it('over REST answers with what came of it, the same however often it is asked with one id', async () => {
    await estimate('EST-10')
    await until(() => server.rooms.get('estimate:EST-10')?.row?.['lines'] === 2, 'the lines')
    const ask = () => server.post('/api/records/estimate/EST-10/actions/convert', CLERK, { id: 'once' })
    const first = await ask()
    expect(first).toMatchObject({
      status: 200,
      body: { id: 'once', state: 'accepted', result: { order: 'order:ORD-10', number: '#001' } },
    })
    expect(await ask()).toEqual(first)
    const missing = await server.post('/api/records/estimate/NONE/actions/convert', CLERK)
    expect(missing.status).toBe(404)
    const unknown = await server.post('/api/records/estimate/EST-10/actions/explode', CLERK)
    expect(unknown.body['code']).toBe('NO_SUCH_ACTION')
    // An argument beside `args` would be left out without a word.
    const beside = await server.post('/api/records/estimate/EST-10/actions/convert', CLERK, { number: '7' })
    expect(beside).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST', paths: ['number'] } })
  })

  it('tells its events: the conversion, and the new order, in one commit', async () => {
    const { texts } = await server.updates('', CLERK)
    const { record } = await estimate('EST-11')
    const id = record.act('convert')
    await until(() => record.action(id)?.state === 'accepted', 'the answer')
    await until(() => texts.some(text => text.includes('"order"')), 'the order')
    const messages = texts.map(text => JSON.parse(text))
    expect(messages.slice(-2)).toMatchObject([
      {
        type: 'estimate',
        action: 'convert_to_order',
        id: 'EST-11',
        order_id: 'ORD-11',
        order_number: '#001',
      },
      { type: 'order', action: 'create', id: 'ORD-11', data: { order_number: '#001', total: 1515 } },
    ])
  })
})

describe('numbers', () => {
  it('are given without a gap and without a twin: 1,000 estimates from 10 devices', async () => {
    const devices = await Promise.all(
      Array.from({ length: 10 }, async (_, device) => {
        const link = new LinkDevice(() => `ws://${server.address}`, `u${device}::clerk`)
        const records = Array.from({ length: 100 }, (_, i) => link.record(Estimate, `E-${device}-${i}`))
        await link.connect()
        return { link, records }
      }),
    )
    for (const { records } of devices) {
      for (const record of records) {
        record.set({ customer: 'Hotel' })
        record.act('number')
      }
    }
    const all = devices.flatMap(({ records }) => records)
    await until(() => all.every(({ view }) => view.number !== null), 'all the numbers')
    const numbers = all.map(({ view }) => Number(view.number?.slice(1))).sort((a, b) => a - b)
    expect(numbers).toEqual(Array.from({ length: 1_000 }, (_, i) => i + 1))
    for (const { link } of devices) link.disconnect()
  })
})

describe('stock', () => {
  it('of 8 serves one of twenty who take 5, and tells the others how much is left', async () => {
    const ticket = await server.open(Ticket, 'T-1', 'desk::dispatcher')
    ticket.record.set({ title: 'Boiler' })
    const desk = await server.open(Inventory, 'pump', 'desk::dispatcher')
    desk.record.set({ part: 'pump' })
    desk.record.counter('stock').add(8)
    await until(() => server.rooms.get('inventory:pump')?.row?.['stock'] === 8, 'the stock')
    const takers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => server.open(Inventory, 'pump', `tech${i}::technician`)),
    )
    const asked = takers.map(({ record }) => ({
      record,
      id: record.act('take', { quantity: 5, ticket: 'ticket:T-1' }),
    }))
    const states = () => asked.map(({ record, id }) => record.action(id))
    await until(() => states().every(state => state?.state !== 'requested'), 'all answers')
    const refused = states().filter(state => state?.state === 'refused')
    expect(refused).toHaveLength(19)
    expect(new Set(refused.map(state => state?.reason))).toEqual(new Set(['only 3 left']))
    expect(desk.record.view.stock).toBe(3)
    expect(desk.record.view.takings).toHaveLength(1)
    await until(() => ticket.record.view.partsUsed === 5, 'the parts on the ticket')
  })
})

describe('answers', () => {
  it('of long ago go with their requests; what was asked for is never done again', async () => {
    const kept = await new EventServer({ limits: { actionsKept: 3, actionDaysKept: 0 } }).start()
    try {
      const part = await kept.open(Inventory, 'pump', 'ana:Ana:dispatcher+technician')
      part.record.set({ part: 'pump' })
      part.record.counter('stock').add(100)
      await until(() => kept.rooms.get('inventory:pump')?.row?.['stock'] === 100, 'the stock')
      const take = (id: string) =>
        kept.post('/api/records/inventory/pump/actions/take', 'ana:Ana:dispatcher+technician', {
          id,
          args: { quantity: 1 },
        })
      for (let i = 0; i < 8; i++) expect(await take(`take-${i}`)).toMatchObject({ status: 200 })
      const held = () => part.record.actions.map(({ id }) => id).sort()
      await until(() => held().length === 3, 'the last three')
      expect(held()).toEqual(['take-5', 'take-6', 'take-7'])
      expect(part.record.view.stock).toBe(92)
      // One that is sent again with the same id, however late, is answered and not run.
      expect(await take('take-0')).toMatchObject({ status: 200, body: { state: 'accepted' } })
      expect(await take('take-7')).toMatchObject({ status: 200, body: { state: 'accepted' } })
      await until(() => part.record.view.takings.length === 8, 'what was taken')
      expect(part.record.view.stock).toBe(92)
      expect(kept.errors).toEqual([])
    } finally {
      await kept.close()
    }
  })

  it('that refuse, however many, leave room in the record for what people write', async () => {
    const kept = await new EventServer({ limits: { actionsKept: 3, cellsPerRecord: 40 } }).start()
    try {
      const part = await kept.open(Inventory, 'pump', 'ana:Ana:dispatcher+technician')
      part.record.set({ part: 'pump' })
      part.record.counter('stock').add(1)
      await until(() => kept.rooms.get('inventory:pump')?.row?.['stock'] === 1, 'the stock')
      const take = (token: string, quantity: number) =>
        kept.post('/api/records/inventory/pump/actions/take', token, { args: { quantity } })
      for (let i = 0; i < 30; i++)
        expect(await take('bo:Bo:technician', 5)).toMatchObject({
          status: 409,
          body: { code: 'ACTION_REFUSED' },
        })
      expect(await take('ana:Ana:dispatcher+technician', 1)).toMatchObject({ status: 200 })
      expect(kept.errors).toEqual([])
    } finally {
      await kept.close()
    }
  })

  it('are given once, though two devices that were off line ask under one id', async () => {
    const token = 'ana:Ana:dispatcher+technician'
    const part = await server.open(Inventory, 'pump', token)
    part.record.set({ part: 'pump' })
    part.record.counter('stock').add(100)
    const devices = [1, 2].map(() => new LinkDevice(() => `ws://${server.address}`, token))
    const records = devices.map(device => device.record(Inventory, 'pump', { newId: () => 'same' }))
    await Promise.all(devices.map(device => device.connect()))
    await until(() => records.every(({ view }) => view.stock === 100), 'the stock everywhere')
    for (const device of devices) device.disconnect()
    for (const record of records) record.act('take', { quantity: 1 })
    for (const device of devices) {
      await device.connect()
      await until(() => records.some(record => record.action('same')?.state === 'accepted'), 'the answer')
      await server.settled()
    }
    await until(() => records.every(record => record.action('same')?.state === 'accepted'), 'both answers')
    await server.settled()
    part.record.counter('stock').add(1)
    await until(() => records.every(({ view }) => view.stock === 100), 'one part taken, and one brought')
    const { events } = await server.store.readRecordEvents('inventory:pump', { limit: 100 })
    const changes = events.flatMap(event => toRecordEvent(event).changes)
    expect(changes.filter(({ path }) => path.startsWith('takings/'))).toHaveLength(1)
    expect(changes.filter(({ path }) => path === '$results/same')).toHaveLength(1)
    for (const device of devices) device.disconnect()
  })

  it('of the last days stay, however many there are', async () => {
    const { record } = await server.open(Inventory, 'pump', 'ana:Ana:dispatcher+technician')
    record.set({ part: 'pump' })
    record.counter('stock').add(1_000)
    const asked = Array.from({ length: 230 }, () => record.act('take', { quantity: 1 }))
    await until(() => asked.every(id => record.action(id)?.state === 'accepted'), 'all answers')
    expect(record.actions).toHaveLength(230)
    expect(record.view.stock).toBe(770)
  })
})
