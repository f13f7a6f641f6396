import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as Y from 'yjs'
import type { RecordEvent } from '../server/event/event.ts'
import { EventRetention } from '../server/event/event-retention.ts'
import { Ticket, Trebovanje } from '../shared/index.ts'
import { EventServer } from './events/event-server.ts'
import { runCorecord } from './cli-process.ts'
import { until } from './wire/wire-server.ts'
import { gate } from './gate.ts'

const DESK = 'desk:Desk:dispatcher'
const TECH = 'tom:Tom:technician'
const HISTORY = '/api/records/ticket/1/history'
let server: EventServer

beforeEach(async () => {
  server = await new EventServer({ textPauseMs: 30 }).start()
})

afterEach(async () => {
  await server.close()
  expect(server.errors).toEqual([])
})

const ticket = (token = DESK) => server.open(Ticket, '1', token)
type Opened = Awaited<ReturnType<typeof ticket>>

/** One commit after the other, each told in an event of its own. */
const step = async ({ record, doc }: Opened, edit: (record: Opened['record']) => void): Promise<void> => {
  edit(record)
  const arrived = (): number =>
    Y.getState(server.rooms.get('ticket:1')?.guarded?.doc.store ?? new Y.Doc().store, doc.clientID)
  await until(() => arrived() === Y.getState(doc.store, doc.clientID), 'the edit')
  await server.committer.flush()
}

const history = async (query = ''): Promise<RecordEvent[]> =>
  (await server.get(`${HISTORY}${query}`, DESK)).body['events'] as RecordEvent[]

describe('the history of a record', () => {
  it('is told nobody who has lost sight of the record while it was read', async () => {
    const desk = await ticket()
    await step(desk, record => record.set({ title: 'Boiler', assignedTo: 'tom' }))
    expect((await server.get(HISTORY, 'tom:Tom:')).status).toBe(200)
    const { store } = server
    const read = store.readRecordEvents.bind(store)
    store.readRecordEvents = async (...asked) => {
      store.readRecordEvents = read
      await step(desk, record => record.set({ title: 'Secret', assignedTo: 'eva' }))
      return read(...asked)
    }
    const answer = await server.get(HISTORY, 'tom:Tom:')
    expect([answer.status, answer.body['code']]).toEqual([403, 'FORBIDDEN'])
  })

  it('says who changed which field from what to what, the newest first, in pages and by path', async () => {
    const desk = await ticket()
    await step(desk, record => record.set({ title: 'Boiler' }))
    const tech = await ticket(TECH)
    await step(tech, record => record.set({ title: 'Boiler leaks', status: 'in_progress' }))
    await step(desk, record => record.set({ priority: 'high' }))
    const all = await history()
    expect(all.map(({ seq, by, name }) => [seq, by, name])).toEqual([
      [3, 'desk', 'Desk'],
      [2, 'tom', 'Tom'],
      [1, 'desk', 'Desk'],
    ])
    expect(all[1]?.changes).toEqual([
      { path: 'title', from: 'Boiler', to: 'Boiler leaks' },
      { path: 'status', from: null, to: 'in_progress' },
    ])
    expect((await history('?path=title')).map(({ seq }) => seq)).toEqual([2, 1])
    const page = await server.get(`${HISTORY}?limit=2`, DESK)
    expect(page.body).toMatchObject({ next: 2, folded: { count: 0 } })
    expect((await history('?limit=2&before=2')).map(({ seq }) => seq)).toEqual([1])
    expect((await server.get(HISTORY, 'eve::magacioner')).status).toBe(403)
    expect((await server.get('/api/records/ticket/none/history', DESK)).status).toBe(404)
  })

  it('says what is folded away, and keeps its chain', async () => {
    const desk = await ticket()
    for (const title of ['one', 'two', 'three']) await step(desk, record => record.set({ title }))
    const before = await history()
    const { events } = await server.store.readEvents(null, 2)
    await server.store.foldEvents(events[1]?.cursor ?? '', 10)
    const { body } = await server.get(HISTORY, DESK)
    expect(body).toMatchObject({ folded: { count: 2, hash: before[1]?.hash }, next: null })
    expect(body['events']).toEqual([before[0]])
    const answer = await server.post(`${HISTORY}/restore`, DESK, { seq: 1 })
    expect(answer).toMatchObject({ status: 410, body: { code: 'CURSOR_EXPIRED' } })
  })
})

describe('from the history', () => {
  it('a field comes back as it was, written by who asked', async () => {
    const desk = await ticket()
    await step(desk, record => record.set({ title: 'Boiler', status: 'waiting' }))
    await step(desk, record => record.set({ title: 'Pump', status: 'open' }))
    const answer = await server.post(`${HISTORY}/restore`, TECH, { path: 'title', seq: 1 })
    expect(answer.body).toMatchObject({ paths: ['title'], kept: [], commit: 3 })
    await until(() => desk.record.view.title === 'Boiler', 'the title')
    expect(desk.record.view.status).toBe('open')
    expect((await history())[0]).toMatchObject({
      by: 'tom',
      changes: [{ path: 'title', from: 'Pump', to: 'Boiler' }],
    })
  })

  it('the whole record comes back as it was at a time: fields, entries, tags, counters and texts', async () => {
    const desk = await ticket()
    await step(desk, record => {
      record.set({ title: 'Boiler' })
      record.union('tags').add('heating')
      record.counter('partsUsed').add(2)
      record.list('comments').add({ body: 'first' }, { id: 'a' })
      record.list('comments').add({ body: 'second' }, { id: 'b' })
      record.text('description').insert(0, 'It leaks since Monday')
    })
    await until(() => server.events.texts.size === 0, 'the pause')
    const then = { ...desk.record.view }
    const seq = (await history())[0]?.seq
    const tech = await ticket(TECH)
    await step(tech, record => {
      record.counter('partsUsed').add(5)
      record.text('description').delete(0, 8)
      record.text('description').insert(0, 'It has leaked ')
    })
    await step(desk, record => {
      record.set({ title: 'Pump', status: 'done', priority: 'urgent' })
      record.union('tags').set(['water'])
      record.list('comments').remove('a')
      record.list('comments').set('b', { body: 'changed' })
      record.list('comments').add({ body: 'third' }, { id: 'c' })
      record.log('checks').add({ kind: 'in' })
    })
    const answer = await server.post(`${HISTORY}/restore`, DESK, { seq })
    expect(answer.status).toBe(200)
    await until(() => desk.record.view.title === 'Boiler', 'the record')
    const { checks, ...now } = desk.record.view
    expect(checks).toHaveLength(1)
    expect(answer.body['kept']).toMatchObject([{ why: 'what stands in a log stays there' }])
    const { checks: _, onSite: __, ...before } = then
    const { onSite: ___, ...rest } = now
    expect(rest).toEqual(before)
  })

  it('of a time comes what stood then, though a text of before is told behind what was written since', async () => {
    await server.close()
    server = await new EventServer({ textPauseMs: 60_000 }).start()
    const desk = await ticket()
    await step(desk, record => record.set({ title: 'Boiler' }))
    await step(desk, record => record.text('description').insert(0, 'It leaks'))
    const at = Date.now()
    await until(() => Date.now() > at, 'a later time')
    await step(desk, record => record.set({ title: 'Pump' }))
    // Told by the request itself, at the latest.
    expect((await server.post(`${HISTORY}/restore`, DESK, { at })).body).toMatchObject({ paths: ['title'] })
    await until(() => desk.record.view.title === 'Boiler', 'the title')
    expect(desk.record.view.description).toBe('It leaks')
    expect((await history()).map(({ texts }) => texts?.length ?? 0)).toEqual([0, 1, 0, 0])
  })

  it('an entry comes back with all it held, also where only the history has it', async () => {
    await server.close()
    server = await new EventServer({ limits: { cellsPerRecord: 16, removedDaysKept: -1 } }).start()
    const desk = await ticket()
    await step(desk, record => {
      record.set({ title: 'Boiler', status: 'open', priority: 'high' })
      record.list('comments').add({ body: 'first', mentions: ['tom'] }, { id: 'a' })
    })
    const [{ at: _, ...then } = { at: 0 }] = desk.record.view.comments
    await step(desk, record => record.list('comments').remove('a'))
    await until(() => desk.record.index.at('comments/a/body').length === 0, 'what it held to be let go of')
    const answer = await server.post(`${HISTORY}/restore`, DESK, { path: 'comments/a', seq: 1 })
    expect(answer).toMatchObject({ status: 200, body: { kept: [] } })
    await until(() => desk.record.view.comments.length > 0, 'the comment')
    expect(desk.record.view.comments).toMatchObject([then])
  })

  it('what was edited late in an entry that was removed by then hinders nothing from coming back', async () => {
    const desk = await ticket()
    await step(desk, record => {
      record.set({ title: 'Boiler' })
      record.list('times').add({ start: 1, note: 'first' }, { id: 'mon' })
    })
    const tablet = await ticket()
    tablet.provider.disconnect()
    await step(desk, record => record.list('times').remove('mon'))
    await step(desk, record => record.set({ title: 'Pump' }))
    tablet.record.list('times').set('mon', { note: 'longer' })
    tablet.provider.connect()
    await until(() => desk.record.conflicts.length === 1, 'the late edit')
    const answer = await server.post(`${HISTORY}/restore`, DESK, { seq: 2 })
    expect(answer).toMatchObject({ status: 200, body: { paths: ['title'], kept: [] } })
    const inEntry = await server.post(`${HISTORY}/restore`, DESK, { path: 'times/mon/note', seq: 2 })
    expect(inEntry.body).toMatchObject({ code: 'REMOVED' })
  })

  it('what lies in an entry that never was hinders nothing from coming back', async () => {
    const desk = await ticket()
    await step(desk, record => record.set({ title: 'Boiler' }))
    // As an earlier version took it.
    const stray = 'comments/none/mentions/tom'
    await step(desk, ({ clock }) => desk.doc.getArray('cells').push([[stray, true, clock.next(), 'desk']]))
    await step(desk, record => record.set({ title: 'Pump' }))
    expect((await history())[1]?.changes).toMatchObject([{ path: stray }])
    const answer = await server.post(`${HISTORY}/restore`, DESK, { seq: 1 })
    expect(answer).toMatchObject({ status: 200, body: { paths: ['title'], kept: [] } })
  })

  it('comes back also where the record is begun anew just then', async () => {
    await server.close()
    server = await new EventServer({ textPauseMs: 600_000 }).start()
    const desk = await ticket()
    await step(desk, record => record.set({ title: 'Boiler' }))
    await step(desk, record => record.set({ title: 'Pump' }))
    await step(desk, record => record.text('description').insert(0, 'It drips.'))
    const room = server.rooms.get('ticket:1')
    if (room === null || room === undefined) throw new Error('no room')
    const [free, goOn] = gate()
    const alone = room.exclusively(() => free)
    const asked = vi.spyOn(room, 'addEvents')
    const answer = server.post(`${HISTORY}/restore`, DESK, { path: 'title', seq: 1 })
    await until(() => asked.mock.calls.length > 0, 'the text to be told')
    room.reset('EPOCH_CHANGED')
    goOn()
    await alone
    expect((await answer).body).toMatchObject({ paths: ['title'] })
  })

  it('what is closed is opened before it is changed, and what was closed is closed last', async () => {
    const desk = await ticket()
    await step(desk, record => record.set({ title: 'one' }))
    await step(desk, record => record.set({ title: 'two', status: 'closed' }))
    expect((await server.post(`${HISTORY}/restore`, DESK, { seq: 1 })).status).toBe(200)
    await until(() => desk.record.view.title === 'one' && desk.record.view.status === 'open', 'open again')
    expect((await server.post(`${HISTORY}/restore`, DESK, { seq: 2 })).status).toBe(200)
    await until(
      () => desk.record.view.title === 'two' && desk.record.view.status === 'closed',
      'closed again',
    )
  })

  it('nothing comes back that the person may not write', async () => {
    const lead = await server.open(Trebovanje, '1', 'mira::shift_lead')
    lead.record.set({ number: 'TR-1' })
    await until(() => server.rooms.get('trebovanje:1')?.commit === 1, 'the first')
    lead.record.set({ number: 'TR-2' })
    await until(() => server.rooms.get('trebovanje:1')?.commit === 2, 'the second')
    const path = '/api/records/trebovanje/1/history/restore'
    const answer = await server.post(path, 'joe::magacioner', { seq: 1 })
    expect(answer).toMatchObject({ status: 403, body: { code: 'NOT_PERMITTED', paths: ['number'] } })
  })

  it('an event that has not been is not gone back to', async () => {
    const lead = await server.open(Trebovanje, '1', 'mira::shift_lead')
    lead.record.set({ number: 'TR-1' })
    await until(() => server.rooms.get('trebovanje:1')?.commit === 1, 'the first')
    const path = '/api/records/trebovanje/1/history/restore'
    expect(await server.post(path, 'mira::shift_lead', { seq: 7 })).toMatchObject({
      status: 400,
      body: { code: 'BAD_REQUEST', detail: 'Check seq: the last event of this record is number 1.' },
    })
  })
})

describe('a record that is purged', () => {
  it('leaves neither content nor history, only that it was there; who has it open is told', async () => {
    const desk = await ticket()
    await step(desk, record => record.set({ title: 'Very secret' }))
    const admin = 'root:Root:admin'
    const purge = () => server.post('/api/admin/purge', admin, { record: 'ticket:1' })
    expect(await purge()).toMatchObject({ status: 409, body: { code: 'WRONG_STATE' } })
    await step(desk, record => record.remove())
    expect((await server.post('/api/admin/purge', DESK, { record: 'ticket:1' })).status).toBe(403)
    const closed = new Promise<number>(resolve => desk.provider.on('closed', ({ code }) => resolve(code)))
    const place = ['--url', `http://${server.address}`, '--token', admin]
    expect((await runCorecord(['purge', 'ticket:1', ...place])).code).toBe(2)
    expect((await runCorecord(['purge', 'ticket:1', '--yes', ...place])).out).toBe('ticket:1 is gone.\n')
    expect((await purge()).status).toBe(410)
    expect(await closed).toBe(4410)
    const { body } = await server.get(HISTORY, admin)
    expect(body).toMatchObject({
      events: [{ action: 'purge', by: 'root', changes: [] }],
      folded: { count: 2 },
    })
    const stored = await server.store.loadRoom('ticket:1')
    expect(stored?.head.state).toBe('purged')
    expect(Buffer.from(stored?.snapshot ?? []).toString()).not.toContain('secret')
    expect((await server.get('/api/events', admin)).body['events']).toHaveLength(1)
    const late = server.post('/api/records/ticket/1/actions/number', DESK)
    expect((await late).status).toBe(410)
  })
})

describe('events that are older than they are to be kept', () => {
  it('are folded away, and nothing else', async () => {
    const desk = await ticket()
    for (const title of ['one', 'two', 'three']) await step(desk, record => record.set({ title }))
    const [, second] = (await history()).toReversed()
    const retention = new EventRetention({
      store: server.store,
      keptMs: 1_000,
      now: () => (second?.at ?? 0) + 1_000,
      isClockSteady: () => true,
      failed: error => server.errors.push(error),
    })
    const older = (await history()).filter(({ at }) => at < (second?.at ?? 0)).length
    expect(await retention.fold()).toBe(older)
    expect(await history()).toHaveLength(3 - older)
    expect(await retention.fold()).toBe(0)
    const findings = []
    for await (const finding of server.store.verify({ events: true })) findings.push(finding)
    expect(findings).toEqual([])
  })

  it.each([
    [2, 0],
    [3, 1],
  ])(
    'are folded away also behind one from a clock that was ahead: of three, the %ith',
    async (ahead, kept) => {
      const desk = await ticket()
      for (const title of ['one', 'two', 'three']) await step(desk, record => record.set({ title }))
      const retention = new EventRetention({
        store: {
          async readEvents(since, limit) {
            const page = await server.store.readEvents(since, limit)
            const stamped = page.events.map(event => {
              const at = event.seq === ahead ? DAY_MS : event.seq
              return { ...event, json: JSON.stringify({ ...JSON.parse(event.json), at }) }
            })
            return { ...page, events: stamped }
          },
          foldEvents: (upTo, limit) => server.store.foldEvents(upTo, limit),
        },
        keptMs: 1_000,
        now: () => 2_000,
        isClockSteady: () => true,
        failed: error => server.errors.push(error),
      })
      expect(await retention.fold()).toBe(3 - kept)
      expect(await history()).toHaveLength(kept)
    },
  )

  it('are not those that a clock makes old which has just leapt', async () => {
    const desk = await ticket()
    await step(desk, record => record.set({ title: 'one' }))
    const kept = (await history()).length
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    let now = Date.now()
    let isSteady = false
    const retention = new EventRetention({
      store: server.store,
      keptMs: DAY_MS,
      now: () => now,
      isClockSteady: () => isSteady,
      failed: error => server.errors.push(error),
    })
    try {
      now += 30 * DAY_MS
      retention.start()
      vi.advanceTimersByTime(TEN_MINUTES_MS)
      await retention.close()
      expect(await history()).toHaveLength(kept)
      isSteady = true
      retention.start()
      vi.advanceTimersByTime(TEN_MINUTES_MS)
      await retention.close()
      expect(await history()).toEqual([])
    } finally {
      vi.useRealTimers()
    }
    expect(server.errors).toEqual([])
  })
})

const DAY_MS = 86_400_000
const TEN_MINUTES_MS = 600_000
