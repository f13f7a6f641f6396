import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { claim, defineRecord, Estimate, ref, text, Ticket, Trebovanje } from '../../shared/index.ts'
import { person } from '../guard/guarded-room.ts'
import { until } from '../wire/wire-server.ts'
import { EventServer } from './event-server.ts'

const CLERK = 'ana:Ana:clerk'
let server: EventServer

beforeEach(async () => {
  server = await new EventServer({ textPauseMs: 40, heartbeatMs: 200 }).start()
})

afterEach(async () => {
  await server.close()
  expect(server.errors).toEqual([])
})

const json = (texts: readonly string[]): Record<string, unknown>[] => texts.map(text => JSON.parse(text))

describe('an edit on a socket', () => {
  it('is one event with who, what, from and to, on every way out', async () => {
    const stream = await server.stream('', CLERK)
    const { texts } = await server.updates('', CLERK)
    const { record } = await server.open(Estimate, 'EST-1', CLERK)
    record.set({ customer: 'Hotel' })
    await until(() => stream.events.length === 1 && texts.length === 1, 'the event on both')
    const [event] = stream.events
    expect(event).toMatchObject({
      record: 'estimate:EST-1',
      type: 'estimate',
      action: 'create',
      by: 'ana',
      name: 'Ana',
      seq: 1,
      commit: 1,
      changes: [
        { path: '$created', from: null, to: true },
        { path: 'customer', from: null, to: 'Hotel' },
      ],
    })
    expect(json(texts)[0]).toMatchObject({
      type: 'estimate',
      action: 'create',
      id: 'EST-1',
      data: { estimate_id: 'EST-1', customer_name: 'Hotel', total: 0 },
      cursor: event?.['cursor'],
    })
    const page = await server.get('/api/events', CLERK)
    expect(page.body).toEqual({ events: [event], cursor: event?.['cursor'], more: false })
    stream.close()
  })

  it('says what it was concurrent with, and what was lost, to whom', async () => {
    const ana = await server.open(Ticket, '1', 'ana:Ana:technician')
    ana.record.set({ title: 'Boiler' })
    const ben = await server.open(Ticket, '1', 'ben:Ben:technician')
    await until(() => ben.record.view.title === 'Boiler', 'the ticket')
    ana.provider.disconnect()
    ana.record.set({ claimedBy: 'ana' })
    ben.record.set({ claimedBy: 'ben' })
    await until(() => server.rooms.get('ticket:1')?.row?.['claimedBy'] === 'ben', 'the claim of ben')
    ana.provider.connect()
    await until(() => server.rooms.get('ticket:1')?.commit === 3, 'the claim of ana')
    const { body } = await server.get('/api/events?record=ticket:1', 'ana:Ana:technician')
    expect((body['events'] as unknown[]).at(-1)).toMatchObject({
      by: 'ana',
      changes: [
        {
          path: 'claimedBy',
          from: 'ben',
          to: 'ana',
          lost: true,
          concurrentWith: [{ by: 'ben', value: 'ben' }],
        },
      ],
      lost: [
        { path: 'claimedBy', by: 'ana', value: 'ana', to: { by: 'ben', value: 'ben' }, why: 'outranked' },
      ],
    })
  })

  it('in a text is told once a person and pause, as a delta', async () => {
    const { record } = await server.open(Ticket, '1', 'ana:Ana:technician')
    record.set({ title: 'Boiler' })
    const text = record.text('description')
    text.insert(0, 'It leaks')
    await server.settled()
    text.insert(8, ' a lot')
    text.delete(0, 3)
    const stream = await server.stream('type=ticket', 'ana:Ana:technician', { 'last-event-id': '' })
    await until(() => server.events.texts.size === 0, 'the pause')
    const { body } = await server.get('/api/events', 'ana:Ana:technician')
    const events = body['events'] as { texts?: unknown }[]
    expect(events.filter(event => event.texts)).toMatchObject([
      { action: 'update', by: 'ana', texts: [{ field: 'description', delta: [{ insert: 'leaks a lot' }] }] },
    ])
    stream.close()
  })
})

it('two texts in which two people type at once are told so that both come out as they are', async () => {
  await server.close()
  const Pair = defineRecord('pair', {
    fields: { title: text.line(), one: text.plain(), other: text.plain() },
  })
  server = await new EventServer({ types: [Pair], textPauseMs: 60_000 }).start()
  const ana = await server.open(Pair, '1', 'ana:Ana:')
  ana.record.together(() => {
    ana.record.set({ title: 'Pair' })
    ana.record.text('one').insert(0, 'x')
    ana.record.text('other').insert(0, 'c')
  })
  await server.settled()
  await server.events.texts.flushRoom('pair:1')
  const ben = await server.open(Pair, '1', 'ben:Ben:')
  await until(() => ben.record.view.other === 'c', 'the texts at ben')
  // In the one ana stands before ben, in the other behind him.
  ana.record.text('one').insert(0, 'y')
  await until(() => ben.record.view.one === 'yx', 'what ana typed')
  ben.record.text('one').insert(2, 'z')
  ben.record.text('other').insert(0, 'b')
  await until(() => ana.record.view.other === 'bc', 'what ben typed')
  ana.record.text('other').insert(2, 'd')
  await until(() => ben.record.view.other === 'bcd', 'all of it')
  await server.events.texts.flushRoom('pair:1')
  const { body } = await server.get('/api/events?record=pair:1', 'ana:Ana:')
  const told = new Y.Doc()
  for (const { texts = [] } of body['events'] as { texts?: { field: string; delta: object[] }[] }[])
    for (const { field, delta } of texts) told.getText(field).applyDelta(delta)
  expect([told.getText('one').toString(), told.getText('other').toString()]).toEqual(['yxz', 'bcd'])
})

describe('following', () => {
  it('goes on after a broken connection where it broke, on a stream and on a socket', async () => {
    const { record } = await server.open(Estimate, 'EST-1', CLERK)
    const stream = await server.stream('', CLERK)
    const first = await server.updates('', CLERK)
    record.set({ customer: 'one' })
    await until(() => stream.events.length === 1 && first.texts.length === 1, 'the first')
    stream.close()
    first.socket.close()
    record.set({ customer: 'two' })
    await until(() => server.rooms.get('estimate:EST-1')?.commit === 2, 'the second')
    const again = await server.stream('', CLERK, { 'last-event-id': stream.lastId })
    const second = await server.updates(`since=${json(first.texts)[0]?.['cursor']}`, CLERK)
    record.set({ customer: 'three' })
    await until(() => again.events.length === 2 && second.texts.length === 2, 'both others')
    expect(again.events.map(({ changes }) => changes)).toMatchObject([[{ to: 'two' }], [{ to: 'three' }]])
    expect(json(second.texts)).toMatchObject([
      { data: { customer_name: 'two' } },
      { data: { customer_name: 'three' } },
    ])
    again.close()
  })

  it('brings only what its reader may see, as things stand now', async () => {
    const clerk = await server.stream('', CLERK)
    const nobody = await server.updates('', 'eve:Eve:magacioner')
    const estimate = await server.open(Estimate, 'EST-1', CLERK)
    estimate.record.set({ customer: 'Hotel' })
    const lead = await server.open(Trebovanje, 'TR-1', 'mira:Mira:shift_lead')
    lead.record.set({ number: 'TR-1' })
    await until(() => clerk.events.length === 1 && nobody.texts.length > 0, 'what each may see')
    expect(clerk.events.map(({ type }) => type)).toEqual(['estimate'])
    expect(json(nobody.texts).every(message => message['trebovanje_id'] === 'TR-1')).toBe(true)
    const page = await server.get('/api/events', 'eve:Eve:magacioner')
    expect((page.body['events'] as { type: string }[]).map(({ type }) => type)).toEqual(['trebovanje'])
    clerk.close()
  })

  it('tells of a record that went out of sight that it is gone, and nothing else, to who asks for that', async () => {
    const Note = defineRecord('note', {
      fields: { owner: ref('user'), title: text.line() },
      access: { read: { owner: claim('sub') } },
    })
    const own = await new EventServer({ types: [Note], heartbeatMs: 200 }).start()
    const [eve, office] = ['eve:Eve:', 'ofi:Ofi:admin']
    const { record } = await own.open(Note, '1', office)
    record.set({ owner: 'eve', title: 'Mine' })
    await until(() => own.rooms.get('note:1')?.commit === 1, 'the note')
    const { body: start } = await own.get('/api/events?limit=0', eve)
    const stream = await own.stream('gone', eve)
    const { texts } = await own.updates('gone', eve)
    const quiet = await own.updates('', eve)
    const gave = [{ owner: 'ben' }, { title: 'Secret' }, { owner: 'eve' }, { title: 'Mine again' }]
    for (const [i, patch] of gave.entries()) {
      record.set(patch)
      await until(() => own.rooms.get('note:1')?.commit === i + 2, `commit ${i + 2}`)
      // Each event is judged as things stand when it is told.
      if (i === 0) await until(() => stream.events.length === 1 && texts.length === 1, 'that it is gone')
      if (i === 1) {
        const { body } = await own.get(`/api/events?gone&since=${start['cursor']}`, eve)
        expect(body['events']).toMatchObject([{ action: 'gone', record: 'note:1', changes: [] }])
        expect(JSON.stringify(body)).not.toMatch(/ben|Secret|"was"/)
        expect((await own.get(`/api/events?since=${start['cursor']}`, eve)).body['events']).toEqual([])
      }
    }
    await until(() => json(texts).length >= 3 && quiet.texts.length >= 2, 'what came back')
    expect(json(texts)[0]).toMatchObject({ type: 'note', action: 'gone', id: '1' })
    expect(json(quiet.texts).map(({ action }) => action)).not.toContain('gone')
    expect(stream.events[0]).toMatchObject({ action: 'gone', by: '', changes: [] })
    const { body: all } = await own.get('/api/events', office)
    expect(JSON.stringify(all)).not.toContain('"was"')
    stream.close()
    await own.close()
    expect(own.errors).toEqual([])
  })

  it('tells again all of what is told in several messages to who comes back in their midst', async () => {
    const Note = defineRecord('note', {
      fields: { title: text.line() },
      messages: () => [{ type: 'first' }, { type: 'second' }],
    })
    const own = await new EventServer({ types: [Note] }).start()
    const { record } = await own.open(Note, '1', CLERK)
    record.set({ title: 'one' })
    await until(() => own.rooms.get('note:1')?.commit === 1, 'the note')
    const types = (texts: readonly string[]): unknown[] => json(texts).map(({ type }) => type)
    const { texts } = await own.updates('since=0', CLERK)
    await until(() => texts.length === 2, 'both')
    const [first, second] = json(texts).map(({ cursor }) => String(cursor))
    const behindFirst = await own.updates(`since=${first}`, CLERK)
    const behindBoth = await own.updates(`since=${second}`, CLERK)
    record.set({ title: 'two' })
    await until(() => behindBoth.texts.length === 2 && behindFirst.texts.length >= 4, 'what came since')
    expect(types(behindFirst.texts)).toEqual(['first', 'second', 'first', 'second'])
    await own.close()
    expect(own.errors).toEqual([])
  })

  it('waits for the next one when asked to', async () => {
    const { record } = await server.open(Estimate, 'EST-1', CLERK)
    const { body: now } = await server.get('/api/events?limit=0', CLERK)
    const answer = server.get(`/api/events?since=${now['cursor']}&wait=30`, CLERK)
    record.set({ customer: 'Hotel' })
    expect((await answer).body['events']).toMatchObject([{ action: 'create' }])
  })

  it('is told to read again where what followed was folded away', async () => {
    const { record } = await server.open(Estimate, 'EST-1', CLERK)
    record.set({ customer: 'one' })
    await until(() => server.rooms.get('estimate:EST-1')?.commit === 1, 'one')
    const { body } = await server.get('/api/events', CLERK)
    const [{ cursor } = { cursor: '' }] = body['events'] as { cursor: string }[]
    for (const customer of ['two', 'three']) {
      record.set({ customer })
      await server.settled()
      await until(() => server.rooms.get('estimate:EST-1')?.row?.['customer'] === customer, customer)
    }
    await server.store.foldEvents(await server.store.eventCursor(), 100)
    expect((await server.get(`/api/events?since=${cursor}`, CLERK)).body).toMatchObject({
      reset: true,
      events: [],
    })
    const { texts } = await server.updates(`since=${cursor}`, CLERK)
    await until(() => texts.length === 1, 'the reset')
    expect(json(texts)[0]).toMatchObject({ type: 'reset' })
    const legacy = await server.updates(`since=${cursor}&format=legacy&type=estimate,order`, CLERK)
    await until(() => legacy.texts.length === 2, 'the reset in old words')
    expect(legacy.texts).toEqual(['estimate_updated', 'order_updated'])
  })

  it('shows that the line lives, and ends with the server', async () => {
    const stream = await server.stream('', CLERK)
    await until(() => stream.comments.length > 0, 'a heartbeat')
    expect(stream.isEnded).toBe(false)
    stream.close()
  })
})

describe('forty followers, half of whose connections break again and again', () => {
  it('each see every event once, in the order of the log', async () => {
    const clerk = person('ana', 'clerk')
    const edit = (i: number) =>
      server.writer.write(`estimate:EST-${i % 7}`, clerk, record => record.set({ customer: `customer ${i}` }))
    const begin = (await server.get('/api/events?limit=0', CLERK)).body['cursor'] as string
    const followers = Array.from({ length: 40 }, (_, i) => new Follower(i % 2 === 0, i % 4 < 2, begin))
    await Promise.all(followers.map(follower => follower.connect()))
    for (let i = 0; i < 210; i++) {
      await edit(i)
      const follower = followers[i % followers.length]
      if (follower?.breaks && i % 3 === 0) await follower.again()
    }
    const all: string[] = []
    for (let since = begin; ; ) {
      const { body } = await server.get(`/api/events?since=${since}&limit=50`, CLERK)
      all.push(...(body['events'] as { cursor: string }[]).map(({ cursor }) => cursor))
      since = body['cursor'] as string
      if (body['more'] !== true) break
    }
    expect(all).toHaveLength(210)
    for (const follower of followers) {
      await until(() => follower.cursors.length >= all.length, `all of it, not ${follower.cursors.length}`)
      expect(follower.cursors).toEqual(all)
      follower.close()
    }
  })
})

/** Follows on a stream or a socket, and remembers what it has seen over all its connections. */
class Follower {
  readonly #isStream: boolean
  readonly breaks: boolean
  readonly #begin: string
  readonly #before: string[] = []
  #seen: () => string[] = () => []
  #end: () => void = () => {}

  constructor(isStream: boolean, breaks: boolean, begin: string) {
    this.#isStream = isStream
    this.breaks = breaks
    this.#begin = begin
  }

  get cursors(): string[] {
    return [...this.#before, ...this.#seen()]
  }

  async connect(): Promise<void> {
    const since = this.cursors.at(-1) ?? this.#begin
    if (this.#isStream) {
      const stream = await server.stream('', CLERK, { 'last-event-id': since })
      this.#seen = () => stream.events.map(({ cursor }) => String(cursor))
      this.#end = () => stream.close()
    } else {
      const { texts, socket } = await server.updates(`since=${since}`, CLERK)
      this.#seen = () => json(texts).map(({ cursor }) => String(cursor))
      this.#end = () => socket.terminate()
    }
  }

  async again(): Promise<void> {
    this.#end()
    this.#before.push(...this.#seen())
    this.#seen = () => []
    await this.connect()
  }

  close(): void {
    this.#end()
  }
}
