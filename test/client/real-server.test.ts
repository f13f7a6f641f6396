import 'fake-indexeddb/auto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { ConnectOptions } from '../../client/connect-options.ts'
import { connect, type Desk } from '../../client/desk.ts'
import type { SocketLike } from '../../client/surroundings.ts'
import { bool, counter, date, defineRecord, list, money, type RecordType, text } from '../../shared/index.ts'
import { parseServerControl } from '../../shared/wire/link-control.ts'
import { CONTROL_CHANNEL, readLinkFrame } from '../../shared/wire/link-frame.ts'
import { mintToken } from '../../server/access/mint-token.ts'
import { type CorecordServer, createServer } from '../../server/server.ts'
import { freePort } from '../free-port.ts'
import { Ticket } from './records.ts'

const secret = 'a secret of more than thirty-two characters'
let folder: string
let server: CorecordServer
let port: number
let desks: Desk[]

const serve = async (type: RecordType): Promise<void> => {
  server = createServer({ records: [type], secret, dataFolder: folder, port, host: '127.0.0.1' })
  await server.start()
}

/** As a deployment with other types does. */
const serveAnew = async (type: RecordType): Promise<void> => {
  await server.close()
  await serve(type)
}

const QUICKLY = { firstDelayMs: 5, longestDelayMs: 20 }

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corecord-client-'))
  desks = []
  port = await freePort()
  await serve(Ticket)
})

afterEach(async () => {
  for (const desk of desks) await desk.close()
  await server.close()
  await rm(folder, { recursive: true })
})

const sit = async (sub: string, options: Partial<ConnectOptions> = {}): Promise<Desk> => {
  const desk = connect({
    url: server.url,
    token: () => mintToken(secret, { sub, name: sub, lifetimeSeconds: 3600 }, Date.now),
    records: [Ticket],
    surroundings: {
      // The `ws` class is a WebSocket as far as a link uses one.
      createSocket: url => new WebSocket(url) as unknown as SocketLike,
      indexedDB: new IDBFactory(),
    },
    ...options,
  })
  desks.push(desk)
  await desk.ready
  return desk
}

const until = async (desk: Desk, holds: () => boolean): Promise<void> => {
  while (!holds()) {
    await new Promise<void>(done => {
      const stop = desk.subscribe(() => {
        stop()
        done()
      })
      setTimeout(done, 5)
    })
  }
}

it('two desks and a server: one writes, the other sees, and saved is saved', async () => {
  const ana = await sit('ana')
  const bo = await sit('bo')
  const here = ana.create(Ticket, { title: 'Leak' }, { id: '1' })
  await here.whenSaved()
  expect(here.field('title').save).toBe('saved')
  const there = bo.open(Ticket, '1')
  await there.whenReady()
  expect(there.view?.title).toBe('Leak')
  there.set({ status: 'done' })
  await there.whenSaved()
  await until(ana, () => here.view?.status === 'done')
  expect(here.field('status').by).toBe('bo')
  await until(ana, () => ana.status.sync === 'realtime')
})

it('a list is live, has what one writes at once, and counts', async () => {
  const ana = await sit('ana')
  const bo = await sit('bo')
  const open = bo.list(Ticket, {
    where: { status: 'open' },
    orderBy: ['title', 'asc'],
    count: true,
    groups: ['tech'],
  })
  await until(bo, () => open.rows !== undefined)
  expect(open.rows).toEqual([])
  ana.create(Ticket, { title: 'B' }, { id: 'b' })
  ana.create(Ticket, { title: 'A' }, { id: 'a' })
  await until(bo, () => open.rows?.length === 2 && open.total === 2)
  expect(open.rows?.map(({ title }) => title)).toEqual(['A', 'B'])
  const mine = bo.open(Ticket, 'a')
  await mine.whenReady()
  mine.set({ status: 'done' })
  expect(open.rows?.map(({ title }) => title)).toEqual(['B'])
  expect(open.total).toBe(1)
  await mine.whenSaved()
  await until(bo, () => open.pending.size === 0 && open.total === 1)
  bo.create(Ticket, { title: 'C', tech: 'bo' }, { id: 'c' })
  expect(open.rows?.map(({ title }) => title)).toEqual(['B', 'C'])
  expect(open.groups).toEqual({ tech: { null: 1, bo: 1 } })
  await bo.push()
  await until(bo, () => open.pending.size === 0)
  expect(open.rows?.map(({ title }) => title)).toEqual(['B', 'C'])
})

it('whoever comes back is sent the rows of a list that changed meanwhile, and hardly any other', async () => {
  const ana = await sit('ana')
  for (let i = 0; i < 150; i++) ana.create(Ticket, { title: `Leak ${i}` }, { id: `n${i}` }).close()
  await ana.push()
  const told: number[] = []
  const bo = await sit('bo', {
    firstDelayMs: 5,
    longestDelayMs: 20,
    surroundings: {
      createSocket(url) {
        const socket = new WebSocket(url)
        socket.on('message', data => {
          const frame = readLinkFrame(new Uint8Array(data as Buffer))
          const message = frame?.channel === CONTROL_CHANNEL ? parseServerControl(frame.payload) : null
          const rows = message?.t === 'other' && message.name === 'rows' ? message.body.rows : null
          if (Array.isArray(rows)) told.push(rows.length)
        })
        return socket as unknown as SocketLike
      },
      indexedDB: new IDBFactory(),
    },
  })
  const query = { orderBy: ['title', 'desc'], limit: 500, count: true } as const
  const list = bo.list(Ticket, query)
  await until(bo, () => list.rows?.length === 150)
  bo.goOffline()
  await until(bo, () => list.state === 'device')
  const one = ana.open(Ticket, 'n70')
  await one.whenReady()
  one.set({ title: 'Leak 700' })
  ana.create(Ticket, { title: 'Leak 1500' }, { id: 'n150' }).close()
  await ana.push()
  bo.goOnline()
  await until(bo, () => list.state === 'live' && list.rows?.length === 151)
  expect(told).toEqual([150, told[1]])
  expect(told[1]).toBeLessThan(100)
  const whole = (await sit('cleo')).list(Ticket, query)
  await until(bo, () => whole.rows?.length === 151)
  expect(list.rows).toEqual(whole.rows)
  expect(list.total).toBe(151)
})

it('a working set is brought to the device by nobody who is seen, and opens when the server is gone', async () => {
  const ana = await sit('ana')
  for (let i = 0; i < 40; i++) ana.create(Ticket, { title: `Leak ${i}` }, { id: `n${i}` }).close()
  const here = ana.open(Ticket, 'n7')
  const seen = new Set<string>()
  const look = (): void => here.presence.people.forEach(({ id }) => seen.add(id))
  here.presence.subscribe(look)
  await ana.push()
  const bo = await sit('bo')
  const set = bo.keepOffline(Ticket, { where: { status: 'open' }, limit: 200 })
  await until(bo, () => set.state === 'ready')
  expect(set).toMatchObject({ have: 40, of: 40 })
  // Whoever comes now is seen after all that was said before.
  const cleo = await sit('cleo')
  cleo.open(Ticket, 'n7')
  await until(ana, () => seen.has('cleo'))
  expect([...seen]).toEqual(['cleo'])
  expect(set.bytes).toBeGreaterThan(1_000)
  bo.goOffline()
  await until(bo, () => bo.status.sync === 'offline')
  const ticket = bo.open(Ticket, 'n7')
  await ticket.whenReady()
  expect(ticket.view?.title).toBe('Leak 7')
  // What one writes oneself is on the device, and makes nothing there out of date.
  ticket.set({ title: 'Leak 7, in the cellar' })
  await until(bo, () => bo.status.pending === 1)
  expect(set).toMatchObject({ have: 40, of: 40, state: 'ready' })
})

it('where no socket opens, push and pull carry everything, and the socket takes over when one does', async () => {
  const ana = await sit('ana')
  let isBlocked = true
  let isSignInPage = false
  const bo = await sit('bo', {
    firstDelayMs: 5,
    longestDelayMs: 20,
    pollIntervalMs: 20,
    surroundings: {
      createSocket: url => new WebSocket(isBlocked ? 'ws://127.0.0.1:1/' : url) as unknown as SocketLike,
      fetch: async (input, init) =>
        isSignInPage
          ? new Response('<p>Sign in to the network', { headers: { 'content-type': 'text/html' } })
          : await fetch(input, init),
      indexedDB: new IDBFactory(),
    },
  })
  await until(bo, () => bo.status.carrier === 'polling')
  const there = bo.create(Ticket, { title: 'By post' }, { id: '1' })
  there.text('notes').insert(0, 'hello')
  await there.whenSaved()
  await until(bo, () => bo.status.sync === 'synced')
  const here = ana.open(Ticket, '1')
  await here.whenReady()
  expect(here.view).toMatchObject({ title: 'By post', notes: 'hello', createdBy: 'bo' })
  here.set({ status: 'done' })
  here.presence.focus('title')
  await until(bo, () => there.view?.status === 'done')
  await until(bo, () => there.presence.people.some(({ id, field }) => id === 'ana' && field === 'title'))
  here.close()
  await until(bo, () => there.presence.people.length === 0)
  // A network where one is to sign in first answers everything with a page, and has nothing to say of our server.
  isSignInPage = true
  await until(bo, () => bo.status.carrier === null)
  there.set({ status: 'open' })
  expect(bo.status).toMatchObject({ sync: 'offline', error: null })
  isSignInPage = false
  await until(bo, () => bo.status.carrier === 'polling' && bo.status.pending === 0)
  isBlocked = false
  await until(bo, () => bo.status.carrier === 'socket' && bo.status.sync === 'realtime')
  there.set({ title: 'By socket' })
  await there.whenSaved()
  expect(bo.status.pending).toBe(0)
})

it('what an older page types, and deletes, in a text that the server has no more is kept for it to see, and the rest is saved', async () => {
  const ana = await sit('ana', { firstDelayMs: 5, longestDelayMs: 20 })
  const ticket = ana.create(Ticket, { title: 'Leak' }, { id: '1' })
  ticket.text('notes').insert(0, 'wet cold')
  ticket.text('description').insert(0, 'dry')
  await ticket.whenSaved()
  ana.goOffline()
  ticket.set({ title: 'Roof leaks' })
  ticket.text('notes').delete(0, 4)
  ticket.text('description').insert(3, ' now')
  const { notes: _, description: __, ...fields } = Ticket.fields
  await serveAnew(defineRecord('ticket', { fields }))
  ana.goOnline()
  await until(ana, () => ana.tray.items?.length === 2 && ana.status.sync === 'realtime')
  expect(ana.tray.items).toMatchObject(
    ['dry now', 'cold'].map(value => ({
      value,
      code: 'SCHEMA_OLDER',
      sentence: expect.stringContaining('reload'),
    })),
  )
  await ticket.whenSaved()
  expect(ticket.view).toMatchObject({ title: 'Roof leaks', notes: 'wet cold', description: 'dry' })
})

it('what was typed into a text that the reloaded page knows no more is kept in its tray, and the rest is saved', async () => {
  const surroundings = {
    createSocket: (url: string) => new WebSocket(url) as unknown as SocketLike,
    indexedDB: new IDBFactory(),
  }
  const last = await sit('ana', { ...QUICKLY, surroundings })
  const ticket = last.create(Ticket, { title: 'Leak' }, { id: '1' })
  ticket.text('notes').insert(0, 'wet')
  await ticket.whenSaved()
  last.goOffline()
  ticket.set({ title: 'Roof leaks' })
  ticket.text('notes').insert(3, ' and cold')
  await last.close()
  const { notes: _, ...fields } = Ticket.fields
  const Newer = defineRecord('ticket', { fields })
  await serveAnew(Newer)
  const ana = await sit('ana', { ...QUICKLY, surroundings, records: [Newer] })
  const now = ana.open(Newer, '1')
  await until(ana, () => ana.tray.items?.length === 1 && ana.status.sync === 'realtime')
  await now.whenSaved()
  expect(now.view?.title).toBe('Roof leaks')
  const kept = [{ path: 'notes', value: 'wet and cold' }]
  expect(ana.tray.items).toMatchObject(kept)
  await expect(ana.tray.retry(ana.tray.items?.[0]?.id ?? '')).rejects.toThrow('is no text of ticket')
  expect(ana.tray.items).toMatchObject(kept)
})

it('what was counted off line, by a counter that was taken out meanwhile and is there again, counts once it is tried again', async () => {
  const surroundings = {
    createSocket: (url: string) => new WebSocket(url) as unknown as SocketLike,
    indexedDB: new IDBFactory(),
  }
  const Counted = defineRecord('ticket', { fields: { ...Ticket.fields, used: counter() } })
  await serveAnew(Counted)
  const last = await sit('ana', { ...QUICKLY, surroundings, records: [Counted] })
  const before = last.create(Counted, { title: 'Leak' }, { id: '1' })
  before.counter('used').add(5)
  await before.whenSaved()
  last.goOffline()
  before.counter('used').add(3)
  await last.close()
  await serveAnew(Ticket)
  const reloaded = await sit('ana', { ...QUICKLY, surroundings })
  await reloaded.open(Ticket, '1').whenReady()
  await until(reloaded, () => reloaded.tray.items?.length === 1)
  await reloaded.close()
  await serveAnew(Counted)
  const ana = await sit('ana', { ...QUICKLY, surroundings, records: [Counted] })
  const now = ana.open(Counted, '1')
  await now.whenCurrent()
  await ana.tray.retry(ana.tray.items?.[0]?.id ?? '')
  await now.whenSaved()
  expect([now.view?.used, ana.tray.items]).toEqual([8, []])
})

it('an entry, or a record, that lacks what it has to begin with by now is refused alone, and written again as a whole', async () => {
  const ana = await sit('ana', QUICKLY)
  const ticket = ana.create(Ticket, { title: 'Leak' }, { id: '1' })
  await ticket.whenSaved()
  ana.goOffline()
  ticket.list('items').add({ name: 'Tile', quantity: 5 })
  const other = ana.create(Ticket, { title: 'Rust', status: 'done' }, { id: '2' })
  ticket.set({ title: 'Roof leaks', tech: 'bo' })
  const size = text.line({ required: true })
  const { tech: _, ...fields } = Ticket.fields
  const items = list({ name: size, quantity: money(), size, colour: size })
  await serveAnew(defineRecord('ticket', { fields: { ...fields, items, site: size } }))
  ana.goOnline()
  const refusedOf = (room: string) => ana.tray.items?.filter(item => item.room === room) ?? []
  await until(ana, () => refusedOf('ticket:1').length > 0 && refusedOf('ticket:2').length > 0)
  await ticket.whenSaved()
  expect(ticket.view).toMatchObject({ title: 'Roof leaks', items: [] })
  // Each says why it was refused, and not why another was.
  for (const { path, sentence } of refusedOf('ticket:1'))
    expect([path, sentence]).toEqual(
      path === 'tech'
        ? ['tech', expect.stringMatching(/^is no field of ticket/)]
        : [
            expect.stringMatching(/^items\//),
            'size: must be set when an entry is added; colour: must be set when an entry is added',
          ],
    )
  const tech = refusedOf('ticket:1').find(({ path }) => path === 'tech')
  expect(tech).toBeDefined()
  ana.tray.discard(tech?.id ?? '')

  await serveAnew(Ticket)
  for (const room of ['ticket:1', 'ticket:2']) await ana.tray.retry(refusedOf(room).at(-1)?.id ?? '')
  expect(ana.tray.items).toEqual([])
  await ticket.whenSaved()
  await other.whenSaved()
  expect(ana.tray.items).toEqual([])
  expect(ticket.view?.items).toMatchObject([{ name: 'Tile', quantity: 5 }])
  expect(other.view).toMatchObject({ title: 'Rust', status: 'done' })
})

it('after a restart reached by polling first and by the socket then, nothing is done twice, nobody seems to leave, and saved is saved', async () => {
  const ana = await sit('ana', { firstDelayMs: 5, longestDelayMs: 20 })
  let isBlocked = false
  const bo = await sit('bo', {
    firstDelayMs: 5,
    longestDelayMs: 20,
    pollIntervalMs: 20,
    surroundings: {
      createSocket: url => new WebSocket(isBlocked ? 'ws://127.0.0.1:1/' : url) as unknown as SocketLike,
      indexedDB: new IDBFactory(),
      // What waits for seconds would wait for the machine, which may be slow.
      after(ms, tell) {
        const timer = setTimeout(tell, ms < 1_000 ? ms : 20 * ms)
        return () => clearTimeout(timer)
      },
    },
  })
  const there = bo.create(Ticket, { title: 'Leak' }, { id: '1' })
  await there.whenSaved()
  const here = ana.open(Ticket, '1')
  const list = ana.list(Ticket)
  await until(ana, () => here.presence.people.length === 1 && list.state === 'live')
  await server.close()
  isBlocked = true
  await until(bo, () => bo.status.carrier === null)
  there.counter('stock').add(3)
  there.text('notes').insert(0, 'drips')
  there.list('items').add({ name: 'pump' })
  there.union('tags').add('wet')
  server = createServer({
    records: [Ticket],
    secret,
    dataFolder: folder,
    port,
    host: '127.0.0.1',
  })
  await server.start()
  await until(bo, () => bo.status.carrier === 'polling')
  await until(bo, () => there.presence.people.length === 1)
  await until(ana, () => here.presence.people.length === 1)
  // Edits go on while one carrier gives way to the other.
  const seen = { here: new Set<number>(), there: new Set<number>() }
  const lies: unknown[] = []
  const stops = [
    here.presence.subscribe(() => seen.here.add(here.presence.people.length)),
    there.presence.subscribe(() => seen.there.add(there.presence.people.length)),
    there.subscribe('', () => {
      const { pending } = there.status
      if ((pending === 0) !== (there.status.save === 'saved')) lies.push({ ...there.status })
      if (bo.status.sync === 'realtime' && bo.status.pending > 0) lies.push(bo.status)
    }),
  ]
  isBlocked = false
  let added = 0
  while (bo.status.carrier !== 'socket' || added < 20) {
    there.counter('stock').add(1)
    there.text('notes').insert(there.text('notes').length, '.')
    added++
    await new Promise<void>(done => setTimeout(done, 5))
  }
  await there.whenSaved()
  await until(ana, () => here.view?.stock === 3 + added)
  expect(lies).toEqual([])
  for (const { view } of [here, there]) {
    expect(view).toMatchObject({ stock: 3 + added, notes: `drips${'.'.repeat(added)}`, tags: ['wet'] })
    expect(view?.items.map(({ name }) => name)).toEqual(['pump'])
  }
  // Neither does anybody stand there twice.
  for (const counts of Object.values(seen)) for (const count of counts) expect(count).toBe(1)
  for (const stop of stops) stop()
  expect(bo.status).toMatchObject({ pending: 0, refused: 0 })
})

it('a list that polling carries says so when polling ends too', async () => {
  const bo = await sit('bo', {
    firstDelayMs: 5,
    longestDelayMs: 20,
    pollIntervalMs: 20,
    surroundings: {
      createSocket: () => new WebSocket('ws://127.0.0.1:1/') as unknown as SocketLike,
      indexedDB: new IDBFactory(),
    },
  })
  bo.create(Ticket, { title: 'By post' }, { id: '1' })
  const list = bo.list(Ticket)
  await until(bo, () => list.state === 'live' && list.rows?.length === 1 && bo.status.pending === 0)
  await server.close()
  await until(bo, () => bo.status.carrier === null)
  expect(list.state).toBe('device')
  expect(list.rows).toHaveLength(1)
  expect(bo.status).toMatchObject({ sync: 'offline', asOf: expect.any(Number) })
})

it('a list that polling carries comes whole once, and then what differs', async () => {
  const committed = (i: number, title: string): void =>
    server.lists.lists.committed('ticket', `t${i}`, { id: `t${i}`, title } as never, 1)
  for (let i = 0; i < 1_000; i++) committed(i, `Ticket ${1_000 + i}`)
  const wholes: number[] = []
  const beside: number[] = []
  let header = ''
  const bo = await sit('bo', {
    firstDelayMs: 5,
    longestDelayMs: 20,
    pollIntervalMs: 20,
    surroundings: {
      createSocket: () => new WebSocket('ws://127.0.0.1:1/') as unknown as SocketLike,
      fetch: async (input, init) => {
        const response = await fetch(input, init)
        if (!String(input).includes('/api/records/')) return response
        const held = new Headers(init?.headers).get('corecord-heaps')
        header = held ?? header
        const answers = held === null ? wholes : beside
        answers.push((await response.clone().text()).length)
        return response
      },
      indexedDB: new IDBFactory(),
    },
  })
  const list = bo.list(Ticket, { orderBy: ['title'], limit: 1_000, count: true })
  await until(bo, () => beside.length >= 3)
  const whole = Math.max(...wholes)
  expect(Math.max(...beside)).toBeLessThan(whole / 100)
  committed(7, 'Ticket 2500')
  committed(1_000, 'Ticket 0')
  await until(bo, () => list.total === 1_001)
  expect([list.rows?.length, list.rows?.[0]?.title]).toEqual([1_000, 'Ticket 0'])
  expect(list.rows?.some(({ id }) => id === 't7')).toBe(false)
  server.lists.lists.committed('ticket', 't5', null, 2)
  await until(bo, () => list.total === 1_000)
  expect(list.rows?.some(({ id }) => id === 't5')).toBe(false)
  expect(list.rows?.map(({ title }) => title).at(-1)).toBe('Ticket 2500')
  expect(Math.max(...beside)).toBeLessThan(whole / 10)
  expect(header.length).toBeLessThan(1_000)
})

it('a list that has all rows of one that the server tells stays as it is when more are asked for', async () => {
  await server.close()
  const settings = { records: [Ticket], secret, dataFolder: folder, host: '127.0.0.1' }
  server = createServer({ ...settings, port, limits: { rowsPerList: 5 } })
  await server.start()
  const ana = await sit('ana')
  for (const title of 'abcdef') ana.create(Ticket, { title }).close()
  await until(ana, () => ana.status.pending === 0)
  const list = ana.list(Ticket, { orderBy: ['title'], limit: 3, count: true })
  await until(ana, () => list.state === 'live')
  expect([list.rows?.length, list.total, list.hasMore]).toEqual([3, 6, true])
  list.more()
  await until(ana, () => !list.hasMore)
  expect([list.state, list.rows?.length, list.total, list.isCut]).toEqual(['live', 3, 6, true])
  const b = ana.open(Ticket, list.rows?.[1]?.id ?? '')
  await b.whenCurrent()
  b.set({ title: 'bb' })
  await b.whenSaved()
  await until(ana, () => list.rows?.[1]?.title === 'bb')
})

it('of a list that becomes longer each row comes once, and off line all of them are there', async () => {
  const ana = await sit('ana')
  for (let i = 10; i < 40; i++) ana.create(Ticket, { title: `${i}` }).close()
  await until(ana, () => ana.status.pending === 0)
  let came = 0
  const bo = await sit('bo', {
    surroundings: {
      createSocket: url => {
        const socket = new WebSocket(url)
        socket.on('message', data => {
          const text = Buffer.from(data as ArrayBuffer).toString()
          if (text.includes('"t":"rows"')) came += text.split('"title":').length - 1
        })
        return socket as unknown as SocketLike
      },
      indexedDB: new IDBFactory(),
    },
  })
  const list = bo.list(Ticket, { orderBy: ['title'], limit: 5 })
  await until(bo, () => list.state === 'live')
  const first = ana.open(Ticket, list.rows?.[0]?.id ?? '')
  await first.whenCurrent()
  for (let length = 10; length <= 30; length += 5) {
    first.set({ status: length % 10 === 0 ? 'done' : 'open' })
    // Whoever scrolls asks more often than once.
    list.more()
    list.more()
    await until(bo, () => list.rows?.length === length)
  }
  await first.whenSaved()
  await until(bo, () => list.rows?.[0]?.status === 'done')
  expect(list.rows?.map(({ title }) => title)).toEqual(Array.from({ length: 30 }, (_, i) => `${i + 10}`))
  expect([came, list.hasMore, bo.link.heals]).toEqual([30, false, 0])
  bo.goOffline()
  await until(bo, () => list.state === 'device')
  expect(list.rows).toHaveLength(30)
})

it('a row is one object for as long as nothing in it is another, with each further piece and over a new line', async () => {
  const ana = await sit('ana')
  for (const title of 'abcdef') ana.create(Ticket, { title }).close()
  await until(ana, () => ana.status.pending === 0)
  const bo = await sit('bo')
  const list = bo.list(Ticket, { orderBy: ['title'], limit: 3 })
  await until(bo, () => list.state === 'live')
  const first = list.rows
  list.more()
  await until(bo, () => list.rows?.length === 6)
  expect(list.rows?.slice(0, 3).map((row, i) => row === first?.[i])).toEqual([true, true, true])

  const before = list.rows
  bo.goOffline()
  await until(bo, () => list.state === 'device')
  const e = ana.open(Ticket, before?.[4]?.id ?? '')
  await e.whenCurrent()
  e.set({ title: 'ee' })
  await e.whenSaved()
  bo.goOnline()
  await until(bo, () => list.state === 'live')
  expect(list.rows?.map(({ title }) => title)).toEqual(['a', 'b', 'c', 'd', 'ee', 'f'])
  expect(list.rows?.map((row, i) => row === before?.[i])).toEqual([true, true, true, true, false, true])
})

it('a page that asks for what no row of the server has any more is told to reload, whatever carries it', async () => {
  const Older = defineRecord('ticket', {
    fields: { ...Ticket.fields, due: date() },
    row: ({ title, due }) => ({ title, due }),
    list: { orders: ['due'] },
  })
  const noSocket = (): SocketLike => {
    throw new Error('no socket here')
  }
  const polling = {
    firstDelayMs: 5,
    longestDelayMs: 20,
    pollIntervalMs: 20,
    surroundings: { createSocket: noSocket },
  }
  for (const options of [{}, polling]) {
    const old = await sit('ana', { records: [Older], ...options })
    const queries = [
      old.list(Older, { orderBy: ['due', 'asc'] }),
      old.list(Older, { where: { due: null } }),
      old.list(Older, { groups: ['due'] }),
    ]
    await until(old, () => queries.every(list => list.state === 'error'))
    for (const { error } of queries)
      expect(error).toMatchObject({ code: 'SCHEMA_OLDER', sentence: expect.stringContaining('«due»') })
  }
})

it('the binding of an editor is told the cursors of others, by their names and after a lost line too', async () => {
  const sockets = new Set<WebSocket>()
  const surroundings = () => ({
    createSocket: (url: string) => {
      const socket = new WebSocket(url)
      sockets.add(socket)
      return socket as unknown as SocketLike
    },
    indexedDB: new IDBFactory(),
  })
  const quick = { firstDelayMs: 5, longestDelayMs: 20 }
  const ana = await sit('ana', { ...quick, surroundings: surroundings() })
  const bo = await sit('bo', { ...quick, surroundings: surroundings() })
  const here = ana.create(Ticket, { title: 'Leak' }, { id: '1' })
  await here.whenSaved()
  const there = bo.open(Ticket, '1')
  await there.whenReady()
  const seenFrom = (record: typeof here): unknown[] => {
    const { awareness } = record.presence
    return [...(awareness?.getStates() ?? [])].flatMap(([id, state]) =>
      id === awareness?.doc.clientID ? [] : [state],
    )
  }
  const cursorsFrom = (record: typeof here): unknown[] =>
    seenFrom(record).flatMap(state => (state as { cursor?: unknown }).cursor ?? [])
  here.presence.awareness?.setLocalStateField('cursor', 1)
  here.presence.focus('notes')
  there.presence.awareness?.setLocalStateField('cursor', 2)
  there.presence.awareness?.setLocalStateField('user', { id: 'ana', name: 'Ana', color: '#123456' })
  const color = expect.stringMatching(/^#[0-9a-f]{6}$/)
  await expect
    .poll(() => seenFrom(there))
    .toMatchObject([{ cursor: 1, user: { id: 'ana', name: 'ana', color }, field: 'notes' }])
  await expect
    .poll(() => seenFrom(here))
    .toMatchObject([{ cursor: 2, user: { id: 'bo', name: 'bo', color: '#123456' } }])
  await until(ana, () => here.presence.people[0]?.id === 'bo')
  // Written by one client id, and present by another from now on.
  there.set({ status: 'done' })
  await there.whenSaved()
  await until(ana, () => here.view?.status === 'done')
  for (const socket of sockets) socket.terminate()
  await until(ana, () => ana.status.carrier === null || cursorsFrom(here).length === 0)
  here.presence.awareness?.setLocalStateField('cursor', 3)
  there.presence.awareness?.setLocalStateField('cursor', 4)
  await expect.poll(() => cursorsFrom(here)).toEqual([4])
  await expect.poll(() => cursorsFrom(there)).toEqual([3])
  await bo.close()
  await until(ana, () => seenFrom(here).length === 0)
})

it('who listens to a type hears what becomes of each record of it, each once, though nothing here shows it', async () => {
  const ana = await sit('ana')
  const old = ana.create(Ticket, { title: 'Long there' }, { id: 'old' })
  await old.whenSaved()
  const bo = await sit('bo')
  const polling = await sit('cy', {
    ...QUICKLY,
    failuresBeforePolling: 1,
    pollIntervalMs: 20,
    surroundings: {
      createSocket: () => {
        throw new Error('sockets are blocked')
      },
      indexedDB: new IDBFactory(),
    },
  })
  await until(polling, () => polling.status.carrier === 'polling')
  const tab = await sit('ana')
  const listeners = [bo, polling, tab]
  const heard = listeners.map(desk => {
    const lines: string[] = []
    // Of a record that is not open here nobody knows who has deleted it.
    desk.events.on('ticket', ({ name, type, entityId, by, from }) =>
      lines.push([name, type, entityId, from, by === 'ana' || type === 'delete' ? 'ana' : by].join(' ')),
    )
    return lines
  })
  // What is fetched for off line is opened for it, each time that it has changed.
  for (const desk of [bo, tab]) {
    const kept = desk.keepOffline(Ticket)
    await until(desk, () => kept.state === 'ready')
  }
  for (const desk of listeners) await until(desk, () => desk.status.sync !== 'syncing')
  const told: string[] = []
  const hear = async (line: string): Promise<void> => {
    told.push(line)
    for (const [index, desk] of listeners.entries())
      await until(desk, () => (heard[index]?.length ?? 0) >= told.length)
  }
  const ticket = ana.create(Ticket, { title: 'Leak' }, { id: '1' })
  await hear('ticket:updated create 1 others ana')
  // Opened, it has not been made now; and what the server confirms of a claim is no second one.
  for (const desk of [bo, polling]) await desk.open(Ticket, '1').whenCurrent()
  ticket.set({ tech: 'ana' })
  await ticket.whenSaved()
  await hear('ticket:updated update 1 others ana')
  ticket.set({ status: 'done' })
  await hear('ticket:updated update 1 others ana')
  old.set({ status: 'done' })
  await hear('ticket:updated update old others ana')
  ticket.remove()
  await hear('ticket:updated delete 1 others ana')
  ticket.restore()
  await hear('ticket:updated create 1 others ana')
  // A list that shows them too makes nothing happen twice.
  const lists = listeners.map(desk => desk.list(Ticket, { where: { status: 'done' } }))
  for (const [index, desk] of listeners.entries()) await until(desk, () => lists[index]?.rows?.length === 2)
  old.remove()
  await hear('ticket:updated delete old others ana')
  ticket.set({ status: 'open' })
  await hear('ticket:updated update 1 others ana')
  for (const [index, desk] of listeners.entries()) await until(desk, () => lists[index]?.rows?.length === 0)
  expect(heard).toEqual([told, told, told.map(line => line.replace('others', 'tab'))])
})

it('hears it in the words of the type, once where the record is open in two tabs, and of a request for an action nothing', async () => {
  const Job = defineRecord('job', {
    fields: { title: text.line({ required: true }), done: bool(), remarks: list({ body: text.line() }) },
    row: t => ({ title: t.title }),
    events: change => [
      ...(change.touched('done') ? [{ type: 'job', action: 'done' }] : []),
      ...change.added('remarks').map(id => ({ type: 'remark', action: 'create', data: { id } })),
      ...(change.removed ? [{ type: 'job', action: 'struck' }] : []),
    ],
    actions: { look: { args: {}, run: () => 'seen' } },
  })
  await serveAnew(Job)
  const records = { records: [Job] }
  const ana = await sit('ana', records)
  const tab = await sit('ana', records)
  const bo = await sit('bo', records)
  const job = ana.create(Job, { title: 'Paint' }, { id: '1' })
  await job.whenSaved()
  await tab.open(Job, '1').whenCurrent()
  const listeners = [tab, bo]
  const heard = listeners.map(desk => {
    const lines: string[] = []
    for (const name of ['job', 'remark'])
      desk.events.on(name, ({ type, action, entity, room, by, from }) =>
        lines.push([entity, action, type, room, by, from].join(' ')),
      )
    return lines
  })
  const told: string[] = []
  const hear = async (line: string): Promise<void> => {
    told.push(line)
    for (const [index, desk] of listeners.entries())
      await until(desk, () => (heard[index]?.length ?? 0) >= told.length)
  }
  for (const desk of listeners) await until(desk, () => desk.status.sync !== 'syncing')
  job.set({ done: true })
  await hear('job done update job:1 ana others')
  job.list('remarks').add({ body: 'Blue' })
  await hear('remark create create job:1 ana others')
  const asked = job.act('look', {})
  await until(ana, () => job.action(asked)?.state === 'accepted')
  job.remove()
  await hear('job struck delete job:1 ana others')
  expect(heard).toEqual([told.map(line => line.replace('others', 'tab')), told])
})
