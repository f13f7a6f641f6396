import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ConnectOptions } from '../../client/connect-options.ts'
import { connect, type Desk } from '../../client/desk.ts'
import { TokenSource } from '../../client/link/token-source.ts'
import {
  DeskProvider,
  useEvents,
  useInbox,
  useKeepOffline,
  useList,
  usePresence,
  useRecord,
  useSync,
  useTray,
} from '../../client/react/index.ts'
import { defineRecord, openRecord, text } from '../../shared/index.ts'
import { CellIndex } from '../../shared/record/cell-index.ts'
import { FakeServer, refusing } from './fake-server.ts'
import { FakeBrowser, fakeToken, type FakeTab, settle } from './fake-surroundings.ts'
import { FakeTime } from './fake-time.ts'
import { Ticket } from './records.ts'

let time: FakeTime
let server: FakeServer
let browser: FakeBrowser
let desks: Desk[]

beforeEach(() => {
  time = new FakeTime()
  server = new FakeServer(time)
  browser = new FakeBrowser(time)
  desks = []
})

afterEach(async () => {
  for (const desk of desks) void desk.close()
  await settle()
})

let seeds = 0
const sit = async (
  options: Partial<ConnectOptions> = {},
  at: FakeBrowser = browser,
): Promise<Desk & { tab: FakeTab }> => {
  const tab = at.tab(server.createSocket, ++seeds)
  const desk = connect({
    url: 'http://server.test',
    token: () => fakeToken('ana'),
    records: [Ticket],
    surroundings: tab.surroundings,
    ...options,
  })
  desks.push(desk)
  await desk.ready
  await run()
  return Object.assign(desk, { tab })
}

/** Everything that can happen by itself does. */
const run = async (): Promise<void> => {
  for (let i = 0; i < 6; i++) {
    server.crank()
    await settle(4)
  }
}

const onServer = (id = '1') => openRecord(Ticket, server.room(`ticket:${id}`).doc, { author: 'ana', id }).view

describe('a desk', () => {
  it('sends each step of what was written together, so that a server judges them in order', async () => {
    const Sheet = defineRecord('sheet', {
      fields: { state: text.line(), title: text.line() },
      access: { write: { title: ({ t }) => t.state !== 'closed' || 'it is closed' } },
    })
    const desk = await sit({ records: [Sheet] })
    const sheet = desk.create(Sheet, { state: 'closed' }, { id: '1' })
    await run()
    expect(sheet.status.pending).toBe(0)
    sheet.together(() => {
      sheet.set({ state: 'open' })
      sheet.set({ title: 'late' })
      sheet.set({ state: 'closed' })
    })
    await run()
    const { doc } = server.room('sheet:1')
    const states = [...new CellIndex(doc).at('state')].map(({ value }) => value)
    expect(states).toEqual(expect.arrayContaining(['open', 'closed']))
  })

  it('tells of an edit on its way, and that it is saved, whoever looks at what it touched or at all of it', async () => {
    const desk = await sit()
    const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await run()
    const told = { '': 0, title: 0, status: 0 }
    for (const path of ['', 'title', 'status'] as const) ticket.subscribe(path, () => told[path]++)
    ticket.set({ title: 'Leak in B2' })
    expect(ticket.field('title').save).toBe('pending')
    await run()
    expect(ticket.field('title').save).toBe('saved')
    expect(told.title).toBeGreaterThan(1)
    expect(told['']).toBeGreaterThanOrEqual(told.title)
    expect(told.status).toBe(0)
  })

  it('is refused what could never reach a server, as it is connected and as a record is made', async () => {
    const Other = defineRecord('ticket', { fields: { title: text.line() } })
    for (const [wrong, sentence] of [
      [{ token: 'abc' }, 'token is a function'],
      [{ records: undefined }, 'records is the list of the record types'],
      [{ records: [{}] }, 'what is no record type'],
      [{ records: [Ticket, Other] }, 'two types that are called «ticket»'],
      [{ url: 'server.test' }, '«server.test» is no address of a server'],
      [{ url: 'http://a b' }, 'is no address of a server'],
      [{ url: 'http://server.test/#/' }, 'is no address of a server'],
      [{ url: new URL('http://server.test') }, 'a text that begins with http'],
      [{ ulr: 'http://server.test' }, 'connect has no option «ulr»: there are url, token, '],
      [{ storage: 'local' }, 'storage is «device» or «memory»'],
      [{ pollIntervalMs: 0 }, 'pollIntervalMs is a number above 0'],
      [{ debug: 'yes' }, 'debug is true, false or a function'],
      [{ surroundings: { indexeddb: null } }, 'surroundings has no option «indexeddb»'],
    ] as const)
      await expect(sit(wrong as Partial<ConnectOptions>)).rejects.toThrow(sentence)
    const desk = await sit({ records: [Ticket, Ticket] })
    expect(() => desk.create(defineRecord('part', { fields: {} }), {})).toThrow(
      '«part» is none of the records',
    )
    for (const id of ['', 'a~b', '..', 'EST-1\r', 'a\ud800b']) {
      expect(() => desk.create(Ticket, { title: 'Leak' }, { id })).toThrow(
        expect.objectContaining({
          code: 'BAD_ROOM_NAME',
          message: expect.stringContaining(`«${id}» cannot be the id`),
        }),
      )
    }
    const half = { id: 'half', entries: { items: [{ name: 'Pump' }, { label: 'Valve' }] } }
    expect(() => desk.create(Ticket, { title: 'Leak' }, half)).toThrow(/items\/.*label/)
    expect(desk.status.pending).toBe(0)
    expect(desk.inUse.records).toBe(0)
    expect(desk.create(Other, { title: 'Leak' }).state).toBe('ready')
  })

  it('has private parts, and so has what it gives: Vue puts a proxy around what has no name of its own', async () => {
    const desk = await sit()
    const ticket = desk.create(Ticket, { title: 'Leak' })
    const { inbox, files, digest, tray, events } = desk
    const kept = desk.keepOffline(Ticket, {})
    for (const given of [desk, inbox, files, digest, tray, events, kept, ticket.presence])
      expect(Object.prototype.toString.call(given)).not.toBe('[object Object]')
  })

  it('says of a token that is none what it is', async () => {
    for (const [given, sentence] of [
      [undefined, 'gave undefined for a token'],
      [{ token: 'a.b.c' }, 'gave object for a token'],
      [`Bearer ${fakeToken('ana')}`, 'no token that names a person'],
    ] as const) {
      const { surroundings } = browser.tab(server.createSocket, ++seeds)
      const desk = connect({
        url: 'http://server.test',
        token: () => given as string,
        records: [Ticket],
        surroundings,
      })
      desks.push(desk)
      await settle()
      expect(desk.status.error).toMatchObject({
        code: 'TOKEN_MISSING',
        sentence: expect.stringContaining(sentence),
      })
    }
  })

  it('is asked for things by what there is, and for none once it is closed', async () => {
    const desk = await sit()
    expect(() => desk.open(Ticket, '1', { unsen: true } as never)).toThrow('open has no option «unsen»')
    expect(() => desk.keepOffline(Ticket, {}, { evictAfter: 3 } as never)).toThrow('no option «evictAfter»')
    expect(() => desk.keepOffline(Ticket, {}, { evictAfterMs: 'x' as never })).toThrow('is a number')
    expect(() => desk.glanceAtList(undefined as never)).toThrow('is no record type')
    expect(desk.list(Ticket, { count: 'yes' as never }).error?.sentence).toBe('count is true or false.')
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    for (const id of ['ticket:1', 'ticket:2']) desk.open(Ticket, id).close()
    expect(warn.mock.calls).toEqual([[expect.stringContaining("localId('ticket', …)")]])
    warn.mockRestore()
    await desk.close()
    await expect(desk.sync()).resolves.toMatchObject({ done: false, error: { code: 'CLOSED' } })
    await expect(desk.files.keep(new Blob(['x']))).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it('takes everything off the device, though it is not ready yet', async () => {
    const first = await sit()
    first.create(Ticket, { title: 'Leak' }, { id: '1' })
    await run()
    await first.close()
    const { surroundings } = browser.tab(server.createSocket, ++seeds)
    const again = connect({
      url: 'http://server.test',
      token: async () => fakeToken('ana'),
      records: [Ticket],
      surroundings,
    })
    await expect(again.signOut()).resolves.toEqual({ done: true, unsent: 0 })
    const last = await sit()
    last.goOffline()
    expect(await last.onDevice()).toMatchObject({ records: 0 })
  })

  it('takes back from each what they opened themselves, however often they close it', async () => {
    const desk = await sit()
    desk.create(Ticket, { title: 'Leak' }, { id: '1' }).close()
    const mine = desk.open(Ticket, '1')
    const rows = desk.list(Ticket, {})
    await run()
    for (const opened of [desk.open(Ticket, '1'), desk.list(Ticket, {})])
      for (let times = 0; times < 3; times++) opened.close()
    desk.glance(Ticket, '1').close()
    desk.glanceAtList(Ticket, {}).close()
    time.advance(5_000)
    await run()
    mine.set({ title: 'Leak in B2' })
    await run()
    expect([mine.state, desk.inUse]).toEqual(['ready', { records: 1, lists: 1 }])
    mine.close()
    rows.close()
    time.advance(5_000)
    await run()
    expect(desk.inUse).toEqual({ records: 0, lists: 0 })
    const again = desk.open(Ticket, '1')
    mine.close()
    time.advance(5_000)
    await run()
    expect([again.state, again.view?.title]).toEqual(['ready', 'Leak in B2'])
  })

  it('says that no token comes, lets its person go meanwhile, and goes on with one that comes late', async () => {
    const waiting: ((token: string) => void)[] = []
    const sitSilently = (): Desk => {
      const { surroundings } = browser.tab(server.createSocket, ++seeds)
      const desk = connect({
        url: 'http://server.test',
        token: () => new Promise(done => waiting.push(done)),
        records: [Ticket],
        surroundings,
      })
      desks.push(desk)
      return desk
    }
    const [leaving, staying] = [sitSilently(), sitSilently()]
    const out = leaving.signOut()
    await settle()
    time.advance(20_000)
    await settle()
    expect(staying.status).toMatchObject({ sync: 'error', error: { code: 'TOKEN_MISSING' } })
    expect(staying.status.error?.sentence).toContain('token function has not answered for 20 s')
    await expect(out).resolves.toEqual({ done: true, unsent: 0 })
    for (const done of waiting) done(fakeToken('ana'))
    await staying.ready
    await run()
    expect(staying.status).toMatchObject({ sync: 'idle', error: null })
    expect(waiting.length).toBe(2)
  })

  it('asks anew for a token whose answer was lost, and takes no older one for a newer', async () => {
    const asked: ((token: string) => void)[] = []
    const tokens = new TokenSource(() => new Promise(done => asked.push(done)), time)
    const first = tokens.get()
    asked[0]?.(fakeToken('ana'))
    const { token } = await first
    const lost = tokens.renew()
    time.advance(60_000)
    await expect(lost).rejects.toThrow('has not answered for 60 s')
    const renewed = tokens.renew()
    asked[2]?.(token)
    await renewed
    asked[1]?.(`${token}older`)
    await settle()
    expect([tokens.current?.token, asked.length]).toEqual([token, 3])
  })

  it('begins, where there is no page, with the first thing that it is asked for, which a rendered one is not', async () => {
    let asked = 0
    const tab = browser.tab(server.createSocket, ++seeds)
    const desk = connect({
      url: 'http://server.test',
      token: () => fakeToken(`ana ${++asked}`),
      records: [Ticket],
      surroundings: { ...tab.surroundings, origin: '' },
    })
    desks.push(desk)
    const Page = (): string => {
      const { state } = useRecord(Ticket, 'T-1')
      const { rows } = useList(Ticket)
      usePresence(Ticket, 'T-1')
      useInbox()
      useKeepOffline(Ticket)
      useEvents('*', () => {})
      return `${state}, ${rows}, ${useTray().items}, ${useSync().sync}`
    }
    expect(renderToString(createElement(DeskProvider, { desk }, createElement(Page)))).toBe(
      'loading, undefined, undefined, offline',
    )
    await run()
    expect(asked).toBe(0)
    time.advance(2_000)
    expect(desk.inUse).toEqual({ records: 0, lists: 0 })
    desk.list(Ticket)
    await run()
    expect(asked).toBe(1)
  })

  it('rests where no server is named and no page came from one, and says so to who waits for it', async () => {
    let asked = 0
    const { surroundings } = browser.tab(server.createSocket, ++seeds)
    const desk = connect({
      token: () => fakeToken(`ana ${++asked}`),
      records: [Ticket],
      surroundings: { ...surroundings, origin: '' },
    })
    desks.push(desk)
    expect(desk.glance(Ticket, 'T-1').state).toBe('loading')
    await expect(desk.ready).rejects.toThrow('connect({ url, … })')
    expect(desk.status).toMatchObject({ sync: 'error', error: { code: 'BAD_REQUEST' } })
    expect(asked).toBe(0)
  })

  it('sends what is written, and says so truthfully at every step', async () => {
    const desk = await sit()
    server.holdsAcks = true
    const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    expect(ticket.view?.title).toBe('Leak')
    expect(ticket.field('title').save).toBe('pending')
    expect(desk.status).toMatchObject({ sync: 'syncing', pending: 1, onDevice: 0 })
    await settle()
    expect(ticket.field('title').save).toBe('on device')
    expect(desk.status).toMatchObject({ pending: 1, onDevice: 1 })
    await run()
    expect(onServer().title).toBe('Leak')
    expect(ticket.field('title').save).toBe('on device')
    server.ack()
    await run()
    expect(ticket.field('title').save).toBe('saved')
    expect(desk.status).toMatchObject({ sync: 'realtime', pending: 0, carrier: 'socket' })
  })

  it('shows what somebody else writes', async () => {
    const ana = await sit()
    const bo = await sit({ token: () => fakeToken('bo') }, new FakeBrowser(time))
    const here = ana.create(Ticket, { title: 'Leak' }, { id: '1' })
    await run()
    const there = bo.open(Ticket, '1')
    await run()
    expect(there.view?.title).toBe('Leak')
    there.set({ status: 'done' })
    await run()
    expect(here.view?.status).toBe('done')
    expect(here.field('status').by).toBe('bo')
  })

  it('keeps an edit made off line over a reload, and sends it by itself', async () => {
    server.isDown = true
    const first = await sit()
    first.create(Ticket, { title: 'In the cellar' }, { id: '1' })
    await run()
    expect(first.status).toMatchObject({ sync: 'offline', pending: 1, onDevice: 1, carrier: null })
    await first.close()

    const again = await sit()
    expect(again.status).toMatchObject({ pending: 1, onDevice: 1 })
    const ticket = again.open(Ticket, '1')
    await ticket.whenReady()
    expect(ticket.view?.title).toBe('In the cellar')
    expect(ticket.field('title').save).toBe('on device')
    server.isDown = false
    time.advance(30_000)
    await run()
    expect(onServer().title).toBe('In the cellar')
    expect(ticket.field('title').save).toBe('saved')
    expect(again.status.pending).toBe(0)
  })

  it('says «nothing here», «not on this device» and «loading» apart', async () => {
    const desk = await sit()
    const ticket = desk.open(Ticket, 'nobody')
    expect(ticket.state).toBe('loading')
    await run()
    expect(ticket.state).toBe('absent')
    server.isDown = true
    server.kill()
    await run()
    time.advance(60_000)
    await run()
    const other = desk.open(Ticket, 'elsewhere')
    await run()
    expect(other.state).toBe('unavailable')
    expect(other.error?.sentence).toMatch(/connection/)
  })
})

describe('a desk that was closed', () => {
  it('gives whoever still asks something that is never there, and does not throw', async () => {
    const desk = await sit()
    desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await run()
    await desk.close()
    const { waiting } = time
    const ticket = desk.glance(Ticket, '1')
    const list = desk.glanceAtList(Ticket, {})
    const kept = desk.keepOffline(Ticket, {})
    await run()
    expect([ticket.state, list.state, kept.state, ticket.view, list.rows]).toEqual([
      'error',
      'error',
      'error',
      undefined,
      undefined,
    ])
    expect([ticket.error?.code, list.error?.code, kept.error?.code]).toEqual(['CLOSED', 'CLOSED', 'CLOSED'])
    await ticket.whenReady()
    expect(await ticket.whenCurrent()).toBe(false)
    await ticket.whenSaved()
    const closed = expect.objectContaining({ code: 'CLOSED' })
    expect(() => ticket.set({ title: 'Late' })).toThrow(closed)
    expect(() => desk.create(Ticket, { title: 'Late' })).toThrow(closed)
    kept.release()
    desk.goOnline()
    time.advance(10_000)
    await run()
    expect(desk.inUse).toEqual({ records: 0, lists: 0 })
    expect(time.waiting).toBe(waiting)
  })

  it('says so to who was waiting for it', async () => {
    server.isDown = true
    const desk = await sit()
    const [ticket, list] = [desk.open(Ticket, '1'), desk.list(Ticket, {})]
    const told: string[] = []
    ticket.subscribe('', () => told.push(`record ${ticket.state}`))
    list.subscribe(() => told.push(`list ${list.state}`))
    expect([ticket.state, list.state]).toEqual(['loading', 'loading'])
    const ready = ticket.whenReady()
    await desk.close()
    await ready
    expect(told).toEqual(['list error', 'record error'])
    expect([ticket.error?.code, list.error?.code]).toEqual(['CLOSED', 'CLOSED'])
    expect(() => ticket.set({ title: 'Late' })).toThrow(expect.objectContaining({ code: 'CLOSED' }))
  })
})

describe('what cannot be meant', () => {
  it('is refused where it is asked, and not answered by everything, nothing or a wait', async () => {
    const desk = await sit()
    const $any: object[] = []
    const cyclic = { status: 'open', $any }
    $any.push(cyclic)
    const asked: [unknown, string][] = [
      ['open', 'A query is an object.'],
      [{ filter: { status: 'open' } }, 'A query has no «filter»'],
      [{ orderby: ['title'] }, 'A query has no «orderby»'],
      [{ where: null }, 'where: a filter is an object.'],
      [{ where: () => true }, 'where: a filter is an object.'],
      [{ where: { stat: 'open' } }, 'A row of ticket has no «stat»: it has title, status, tech, id,'],
      [{ where: { $any: [{ price: 1 }] } }, 'A row of ticket has no «price»'],
      [{ where: { created: { above: 1 } } }, 'where: created: there is no operator above.'],
      [{ where: { created: new Date(0) } }, 'where: created: a condition is'],
      [{ where: { created: 5n } }, 'where: created: a condition is'],
      [{ where: { created: Number.NaN } }, 'where: created: a condition is'],
      [{ where: { created: { lt: Infinity } } }, 'where: created.lt: not a value'],
      [{ where: { title: 'x'.repeat(300_000) } }, 'A query is too long'],
      [{ where: { $and: [] } }, 'where: there is no $and: there are $any, $role and $text.'],
      [{ where: JSON.parse('{"__proto__":1}') }, 'where: there is no field __proto__.'],
      [{ where: cyclic }, 'where: a filter must be shallow.'],
      [{ orderBy: 'title' }, 'orderBy is [field, "asc" or "desc"].'],
      [{ orderBy: { title: 'desc' } }, 'orderBy is'],
      [{ orderBy: ['title', 'down'] }, 'orderBy is'],
      [{ orderBy: ['tech'] }, 'A list of ticket is ordered by title, status, created, updated, id.'],
      [{ limit: '5' }, 'limit is a whole number.'],
      [{ groups: 'status' }, 'groups is a list of row fields.'],
      [{ sums: ['price'] }, 'A row of ticket has no «price»'],
    ]
    for (const [query, sentence] of asked) {
      const list = desk.list(Ticket, query as object)
      expect([list.state, list.error?.code, list.error?.sentence]).toEqual([
        'error',
        'BAD_QUERY',
        expect.stringContaining(sentence),
      ])
      list.close()
    }
    const where = { status: undefined, $text: undefined, created: { gte: undefined } }
    const open = desk.list(Ticket, { where } as object)
    expect([open.state, open.error]).toEqual(['loading', null])

    for (const id of ['', 'a~b', '..']) {
      const record = desk.open(Ticket, id)
      await record.whenReady()
      expect([record.state, record.error?.code]).toEqual(['error', 'BAD_ROOM_NAME'])
    }
    const wrong: [() => unknown, RegExp][] = [
      [
        () => desk.open(Ticket, undefined as unknown as string),
        /the id of a ticket is a text, and not undefined/,
      ],
      [() => desk.create(Ticket, { title: 'A' }, '1' as unknown as object), /options of a new record are/],
      [() => desk.create(Ticket, { title: 'A' }, { entires: {} } as object), /options of a new record are/],
      [() => desk.create(Ticket, { title: 'A' }, { entries: 5 } as object), /options of a new record are/],
      [() => desk.belonging(Ticket, undefined as unknown as string), /the id of a ticket is a text/],
      [
        () => desk.create(Ticket, { title: 'A' }, { entries: { items: {} } } as object),
        /entries.items is a list/,
      ],
      [() => desk.open(undefined as unknown as typeof Ticket, '1'), /«undefined» is no record type/],
      [() => desk.list(undefined as unknown as typeof Ticket), /«undefined» is no record type/],
      [() => desk.belonging(undefined as unknown as typeof Ticket, '1'), /«undefined» is no record type/],
      [() => open.subscribe(undefined as unknown as () => void), /a listener is a function/],
      [() => desk.events.on('ticket', undefined as unknown as () => void), /a listener is a function/],
    ]
    for (const [call, sentence] of wrong) expect(call).toThrow(sentence)
    await expect(desk.files.keep(undefined as unknown as Blob)).rejects.toThrow(/Choose a file/)
  })

  it('is no write: an object of fields is, and nothing is written of what is none', async () => {
    const desk = await sit()
    const none = expect.objectContaining({ code: 'BAD_VALUE' })
    for (const values of [undefined, null, 'Leak', ['Leak'], new Map([['title', 'Leak']]), new Date()]) {
      const given = values as unknown as { title: string; name: string }
      expect(() => desk.create(Ticket, given)).toThrow(none)
      const ticket = desk.create(Ticket, { title: 'Leak' })
      expect(() => ticket.set(given)).toThrow(none)
      expect(() => ticket.list('items').add(given)).toThrow(none)
      const item = ticket.list('items').add({ name: 'Pump' })
      expect(() => ticket.list('items').set(item, given)).toThrow(none)
      expect(ticket.view).toMatchObject({ title: 'Leak', items: [{ name: 'Pump' }] })
    }
    const items = desk.create(Ticket, { title: 'Leak' }).list('items')
    const missing = undefined as unknown as string
    const calls = [
      () => items.set(missing, {}),
      () => items.remove(missing),
      () => items.move(missing, 0),
      () => items.add({ name: 'Pump' }, { id: 7 as unknown as string }),
    ]
    for (const call of calls) expect(call).toThrow(expect.objectContaining({ code: 'NO_SUCH_ENTRY' }))
  })
})

describe('a refused edit', () => {
  it('goes to the tray, and the others are put back under a new client id', async () => {
    const desk = await sit()
    const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await run()
    const before = ticket.generation
    server.judge = refusing('closed', 'status', 'only the office may close')
    server.isDown = true
    server.kill()
    await run()
    ticket.set({ status: 'closed' })
    ticket.set({ title: 'Big leak' })
    await run()
    server.isDown = false
    time.advance(60_000)
    await run()
    await run()
    expect(ticket.generation).toBe(before + 1)
    expect(onServer()).toMatchObject({ title: 'Big leak', status: 'open' })
    expect(ticket.view).toMatchObject({ title: 'Big leak', status: 'open' })
    expect(ticket.field('title').save).toBe('saved')
    expect(ticket.field('status')).toMatchObject({ save: 'refused', refusal: { code: 'NOT_PERMITTED' } })
    expect(desk.tray.items).toMatchObject([
      { path: 'status', value: 'closed', sentence: 'only the office may close' },
    ])
    expect(desk.status).toMatchObject({ pending: 0, refused: 1 })
    expect(await desk.signOut()).toEqual({ done: false, unsent: 1 })
    let told = 0
    ticket.subscribe('status', () => told++)
    desk.tray.discard(desk.tray.items?.[0]?.id ?? '')
    expect([told, ticket.status.save, ticket.field('status').refusal]).toEqual([1, 'saved', null])
  })
})
