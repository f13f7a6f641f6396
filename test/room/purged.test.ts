import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { connect, type Desk } from '../../client/desk.ts'
import type { SocketLike } from '../../client/surroundings.ts'
import { openRecord } from '../../shared/index.ts'
import { Ticket } from '../client/records.ts'
import { tokenFor } from '../operations-server.ts'
import { DirectPeer, person } from '../guard/guarded-room.ts'
import { type Ask, RestServer } from '../rest/rest-client.ts'
import { LinkClient } from '../wire/link-client.ts'
import { until } from '../wire/wire-server.ts'
import { endProvider, stockProvider } from '../wire/stock-provider.ts'

const ROOM = 'ticket:1'
const PATH = '/api/records/ticket/1'
let server: RestServer
let office: Ask
let admin: Ask
let desks: Desk[]
let providers: WebsocketProvider[]

beforeEach(async () => {
  server = await RestServer.start({ records: [Ticket] })
  office = await server.as('ana')
  admin = await server.as('root', 'admin')
  desks = []
  providers = []
})

afterEach(async () => {
  for (const provider of providers) endProvider(provider)
  for (const desk of desks) await desk.close()
  await server.close()
})

const sit = async (sub: string, indexedDB = new IDBFactory(), isBlocked = false): Promise<Desk> => {
  const desk = connect({
    url: server.running.server.url,
    token: () => tokenFor(sub, { name: sub }),
    records: [Ticket],
    firstDelayMs: 1,
    surroundings: {
      createSocket: url => {
        if (isBlocked) throw new Error('no socket gets through here')
        // The `ws` class is a WebSocket as far as a link uses one.
        return new WebSocket(url) as unknown as SocketLike
      },
      indexedDB,
    },
  })
  desks.push(desk)
  await desk.ready
  return desk
}

/** An unmodified y-websocket client. */
const stock = async (sub: string, doc = new Y.Doc()) => {
  const provider = stockProvider(server.running.server.url, ROOM, await tokenFor(sub), doc)
  providers.push(provider)
  const closed = new Promise<number>(resolve => provider.on('closed', ({ code }) => resolve(code)))
  return { provider, doc, closed }
}

const purge = async (): Promise<void> => {
  expect((await office('DELETE', PATH)).status).toBe(200)
  expect((await admin('POST', '/api/admin/purge', { record: ROOM })).status).toBe(200)
}

it('a purged record is begun again by who says so, and by nobody else', async () => {
  await office('POST', '/api/records/ticket', { id: '1', title: 'Very secret', stock: { add: 4 } })
  await purge()
  // A request that was sent long ago and comes a second time is no new intention.
  expect(await office('POST', '/api/records/ticket', { id: '1', title: 'Very secret' })).toMatchObject({
    status: 410,
    body: { code: 'PURGED', detail: expect.stringContaining('again=true'), paths: ['id'] },
  })
  expect((await office('PATCH', PATH, { title: 'x' })).status).toBe(410)
  expect((await office('POST', '/api/records/ticket?again=perhaps', { id: '1', title: 'x' })).status).toBe(
    400,
  )
  expect((await server.running.server.store.readHead(ROOM))?.state).toBe('purged')

  const ben = await server.as('ben')
  const made = await ben('POST', '/api/records/ticket?again=true', { id: '1', title: 'Another' })
  expect(made).toMatchObject({ status: 201, body: { createdBy: 'ben', removed: false, conflicts: [] } })
  expect(made.body.record).toMatchObject({ title: 'Another', stock: 0 })
  expect(await ben('POST', '/api/records/ticket?again=true', { id: '1', title: 'x' })).toMatchObject({
    body: { code: 'ALREADY_EXISTS' },
  })
  const head = await server.running.server.store.readHead(ROOM)
  expect(head).toMatchObject({ state: 'live', createdBy: 'ben' })
  const { body } = await ben('GET', '/api/records/ticket')
  expect(body.rows).toMatchObject([{ id: '1', title: 'Another' }])
  const history = await ben('GET', `${PATH}/history`)
  expect(JSON.stringify(history.body)).not.toContain('secret')
  for await (const finding of server.running.server.store.verify()) expect(finding).toBeNull()

  // Another server that takes it in exactly lets nothing of its first life in either.
  const bytes = server.running.server.operations.exportRooms({ format: 'exact', includeRemoved: true })
  const other = await RestServer.start({ records: [Ticket] })
  try {
    expect(await other.running.server.operations.importRooms(bytes, () => {})).toMatchObject({ imported: 1 })
    const [first, ...later] = (await other.running.server.store.loadRoom(ROOM))?.earlierEpochs ?? []
    expect([first?.ended, later.at(-1)?.ended]).toEqual(['purged', 'restored'])
    const tablet = new DirectPeer({ ...person('ben'), name: 'ben' })
    const late = tablet.join(other.running.server, ROOM, { epoch: first?.epoch ?? '' })
    await expect(late).rejects.toMatchObject({ code: 'PURGED' })
    const eva = await other.as('eva')
    expect((await eva('GET', PATH)).body).toMatchObject({ createdBy: 'ben', record: { title: 'Another' } })
    for await (const finding of other.running.server.store.verify()) expect(finding).toBeNull()
  } finally {
    await other.close()
  }
})

it('who comes back with edits of a purged record is told and keeps them; all then see the one begun anew', async () => {
  const device = new IDBFactory()
  const ana = await sit('ana', device)
  const there = ana.create(Ticket, { title: 'First life' }, { id: '1' })
  await there.whenSaved()
  const asleep = await stock('carl')
  await until(() => asleep.provider.synced, 'synced')
  asleep.provider.disconnect()
  openRecord(Ticket, asleep.doc, { author: 'carl' }).set({ title: 'Carl, asleep' })
  ana.goOffline()
  await until(() => ana.status.sync === 'offline', 'off line')
  there.set({ title: 'Ana, off line' })
  there.text('notes').insert(0, 'written off line')
  await purge()
  expect((await office('POST', '/api/records/ticket?again=true', { id: '1', title: 'Second' })).status).toBe(
    201,
  )

  ana.goOnline()
  await until(() => there.state === 'purged', 'she is told')
  await until(() => (ana.tray.items?.length ?? 0) > 0, 'her tray')
  expect(ana.tray.items?.map(({ code }) => code)).toEqual(ana.tray.items?.map(() => 'PURGED'))
  expect(JSON.stringify(ana.tray.items)).toContain('Ana, off line')
  expect(JSON.stringify(ana.tray.items)).toContain('written off line')
  asleep.provider.connect()
  expect(await asleep.closed).toBe(4410)

  // Who opens it again has the new one, on whatever device; the page is loaded anew here.
  await ana.close()
  const reloaded = await sit('ana', device)
  const again = reloaded.open(Ticket, '1')
  await again.whenReady()
  expect(again.view).toMatchObject({ title: 'Second', notes: '' })
  again.set({ status: 'in_progress' })
  await again.whenSaved()
  const awake = await stock('carl')
  await until(() => awake.provider.synced, 'synced')
  expect(openRecord(Ticket, awake.doc, { author: 'carl' }).view).toMatchObject({
    title: 'Second',
    status: 'in_progress',
    notes: '',
  })
  const { body } = await office('GET', PATH)
  expect(body).toMatchObject({ record: { title: 'Second', notes: '' }, conflicts: [] })
  expect(JSON.stringify(reloaded.tray.items)).toContain('Ana, off line')
})

it('nothing of a purged record comes into the one begun anew by a tab that finds that one on its device', async () => {
  const device = new IDBFactory()
  const one = await sit('ana', device)
  const there = one.create(Ticket, { title: 'First life' }, { id: '1' })
  await there.whenSaved()
  one.goOffline()
  await until(() => one.status.sync === 'offline', 'off line')
  await purge()
  await office('POST', '/api/records/ticket?again=true', { id: '1', title: 'Second' })
  const two = await sit('ana', device)
  const first = two.open(Ticket, '1')
  await until(() => first.state === 'purged', 'the other tab is told')
  const second = (await sit('ana', device)).open(Ticket, '1')
  await until(() => second.view?.title === 'Second', 'a third tab has the one begun anew')
  second.set({ status: 'in_progress' })
  await second.whenSaved()

  there.text('notes').insert(0, 'of the first life')
  there.counter('stock').add(5)
  // It finds that the device has another.
  await new Promise(done => setTimeout(done, 50))
  one.goOnline()
  await until(() => there.state === 'purged' || there.status.save === 'saved', 'it is told')
  expect((await office('GET', PATH)).body.record).toMatchObject({ title: 'Second', notes: '', stock: 0 })
  await until(() => (one.tray.items?.length ?? 0) > 0, 'its tray')
  expect(JSON.stringify(one.tray.items)).toContain('of the first life')
})

it('a desk begins a purged record again where its person says so, by socket or by polling, and only then', async () => {
  const device = new IDBFactory()
  const ana = await sit('ana', device)
  const ben = await sit('ben')
  const first = ana.create(Ticket, { title: 'First life' }, { id: '1' })
  await first.whenSaved()
  await expect(ana.createAgain(Ticket, { title: 'Too early' }, { id: '1' })).rejects.toThrow('another id')
  const old = ben.open(Ticket, '1')
  await old.whenReady()
  ben.goOffline()
  await until(() => ben.status.sync === 'offline', 'off line')
  old.set({ title: 'Ben, off line' })
  // Without the server nobody knows whether it was purged.
  await expect(ben.createAgain(Ticket, { title: 'Off line' }, { id: '7' })).rejects.toThrow('connection')
  await expect(ben.createAgain(Ticket, { title: 'Off line' }, { id: '1' })).rejects.toThrow('connection')
  await purge()
  await until(() => first.state === 'purged', 'she is told')
  expect(() => ana.create(Ticket, { title: 'By accident' }, { id: '1' })).toThrow('for good')

  const second = await ana.createAgain(Ticket, { title: 'Second life' }, { id: '1' })
  expect([second.state, second.view?.title]).toEqual(['ready', 'Second life'])
  await second.whenSaved()
  expect(await server.running.server.store.readHead(ROOM)).toMatchObject({ state: 'live', createdBy: 'ana' })

  // Who has edits of the first brings none of them in.
  ben.goOnline()
  await until(() => old.state === 'purged', 'he is told')
  await until(() => (ben.tray.items?.length ?? 0) > 0, 'his tray')
  expect(JSON.stringify(ben.tray.items)).toContain('Ben, off line')
  expect((await office('GET', PATH)).body.record).toMatchObject({ title: 'Second life', stock: 0 })

  // It is on the device like any other: a page that is loaded anew goes on with it.
  second.set({ status: 'in_progress' })
  await second.whenSaved()
  await ana.close()
  const reloaded = await sit('ana', device)
  const there = reloaded.open(Ticket, '1')
  await there.whenCurrent()
  expect(there.view).toMatchObject({ title: 'Second life', status: 'in_progress' })
  // Once saved it is a record like any other: when it is purged too, nothing that is left brings it back.
  reloaded.goOffline()
  await until(() => reloaded.status.sync === 'offline', 'off line')
  there.set({ title: 'Second life, off line' })
  await purge()
  reloaded.goOnline()
  await until(() => there.state === 'purged', 'she is told again')
  expect((await server.running.server.store.readHead(ROOM))?.state).toBe('purged')

  // Through a network that lets no socket through, the same.
  const polling = await sit('eva', new IDBFactory(), true)
  await until(() => polling.status.carrier === 'polling', 'polling')
  const third = await polling.createAgain(Ticket, { title: 'Third life' }, { id: '1' })
  await third.whenSaved()
  expect((await office('GET', PATH)).body).toMatchObject({
    createdBy: 'eva',
    record: { title: 'Third life' },
  })
  for await (const finding of server.running.server.store.verify()) expect(finding).toBeNull()
})

it('whoever asks to begin again with a document of the first life is not let in', async () => {
  await office('POST', '/api/records/ticket', { id: '1', title: 'First life' })
  const { epoch = '' } = (await server.running.server.store.readHead(ROOM)) ?? {}
  await purge()
  const open = async (ask: object): Promise<unknown> => {
    const token = await tokenFor('ben')
    const client = await new LinkClient(server.running.server.url.replace('http', 'ws')).greeted(token)
    client.tell({ t: 'open', channels: [{ channel: 1, room: ROOM, ...ask }] })
    const isAnswer = (t: string): boolean => t === 'opened' || t === 'closed'
    await until(() => client.control.some(({ t }) => isAnswer(t)), 'an answer')
    client.socket.terminate()
    return client.control.find(({ t }) => isAnswer(t))
  }
  const closed = { t: 'closed', channels: [{ channel: 1, code: 'PURGED' }] }
  expect(await open({})).toMatchObject(closed)
  expect(await open({ again: false })).toMatchObject(closed)
  expect(await open({ again: true, epoch })).toMatchObject(closed)
  expect(await open({ again: true })).toMatchObject({ t: 'opened', channels: [{ channel: 1 }] })
  // To open it is not to write it: it stays gone until there is something of another.
  expect((await server.running.server.store.readHead(ROOM))?.state).toBe('purged')
})
