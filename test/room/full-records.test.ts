import { afterEach, expect, it } from 'vitest'
import * as Y from 'yjs'
import { createClock, openRecord } from '../../shared/index.ts'
import { gate } from '../gate.ts'
import { DirectPeer, person, writerOn } from '../guard/guarded-room.ts'
import { RestServer } from '../rest/rest-client.ts'
import { RoomServer } from './room-server.ts'
import { Ticket } from './ticket.ts'

const ROOM = 'ticket:1'
const BYTES = 20_000
const servers: RoomServer[] = []

const serve = async (options: ConstructorParameters<typeof RoomServer>[1] = {}): Promise<RoomServer> => {
  const server = new RoomServer([Ticket], { ...options, limits: { recordBytes: BYTES, ...options.limits } })
  await server.start()
  servers.push(server)
  return server
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    expect(server.alarms).toBe(0)
    expect(server.errors).toEqual([])
    await server.close()
  }
})

/** As somebody who has just opened it: what was refused is not among what they hold. */
const open = async (server: RoomServer, user = 'ana') => {
  const peer = await new DirectPeer(person(user, 'office')).join(server, ROOM)
  await server.settled()
  return { peer, record: writerOn(peer, Ticket) }
}

const long = (letter: string, length = 2_500): string => letter.repeat(length)

/** So many comments until one is refused. */
const fill = async (server: RoomServer): Promise<readonly string[]> => {
  const { peer, record } = await open(server)
  record.set({ title: 'Boiler leaks' })
  const ids: string[] = []
  for (let i = 0; i < 20 && peer.refused.length === 0; i++) {
    ids.push(record.list('comments').add({ body: long('x') }))
    await server.settled()
  }
  const refused = ids.pop() ?? ''
  expect(peer.refused).toMatchObject([
    { code: 'RECORD_FULL', paths: expect.arrayContaining([`comments/${refused}/body`]) },
  ])
  expect(peer.refused[0]?.sentence).toContain(`no room in a record of ${BYTES} bytes`)
  peer.membership?.leave()
  return ids
}

const encodedBytes = (server: RoomServer): number => server.rooms.get(ROOM)?.encode().length ?? 0

/** Of what is refused nobody is the wiser; what takes the place of something else, or takes it away, is none of it. */
const expectFull = async (server: RoomServer, [first = '', second = '', third = '']: readonly string[]) => {
  const { peer, record } = await open(server)
  const comments = record.list('comments')
  record.set({ title: 'Boiler still leaks, and the floor is wet', status: 'in_progress' })
  record.set({ status: 'waiting' })
  comments.set(first, { body: long('y') })
  if (comments.get(third) !== null) comments.remove(third)
  await server.settled()
  expect(peer.refused).toEqual([])
  comments.set(second, { body: long('y', 2_700) })
  await server.settled()
  expect(peer.refused).toMatchObject([{ code: 'RECORD_FULL', paths: [`comments/${second}/body`] }])
  peer.membership?.leave()
  expect(encodedBytes(server)).toBeLessThan(BYTES + 1_000)
}

it('a record holds so many bytes; in a full one what stands there is changed and removed, and what is emptied makes room', async () => {
  const server = await serve()
  const ids = await fill(server)
  expect(ids.length).toBeGreaterThan(5)
  await expectFull(server, ids)
  const { peer, record } = await open(server)
  record.list('comments').set(ids[0] ?? '', { body: 'short' })
  record.list('comments').set(ids[1] ?? '', { body: 'short' })
  record.list('comments').add({ body: long('z') })
  await server.settled()
  expect(peer.refused).toEqual([])
  const text = record.text('description')
  text.insert(0, long('z', 1_500))
  await server.settled()
  expect(peer.refused).toEqual([])
  text.insert(0, long('z'))
  await server.settled()
  expect(peer.refused).toMatchObject([{ code: 'RECORD_FULL', paths: ['description'] }])
})

it('is as full after its log was folded, after a start anew, and in a new epoch', async () => {
  const server = await serve()
  const ids = await fill(server)
  const { peer, record } = await open(server)
  for (let i = 0; i < 30; i++) {
    record.list('comments').set(ids[0] ?? '', { body: long('xyz'[i % 3] ?? '') })
    await server.settled()
  }
  expect(peer.refused).toEqual([])
  peer.membership?.leave()
  await server.rooms.get(ROOM)?.compactLog()
  await expectFull(server, ids)
  await server.rooms.get(ROOM)?.fold()
  await server.rooms.open(ROOM)
  await expectFull(server, ids)
  server.rooms.get(ROOM)?.reset('DRAINING')
  await server.rooms.open(ROOM)
  await expectFull(server, ids)
})

it('has the room that was made while its log was being folded', async () => {
  const server = await serve()
  const ids = await fill(server)
  const { peer, record } = await open(server)
  const writeOften = async (): Promise<void> => {
    for (let i = 0; i < 10; i++) {
      record.set({ title: `Boiler leaks ${i}` })
      await server.settled()
    }
  }
  await writeOften()
  const compactRoom = server.store.compactRoom.bind(server.store)
  const [isHeld, goOn] = gate()
  server.store.compactRoom = async (...asked) => {
    await isHeld
    return compactRoom(...asked)
  }
  const folded = server.rooms.get(ROOM)?.compactLog()
  for (const id of ids.slice(0, 2)) record.list('comments').set(id, { body: 'short' })
  // So much that it may be looked at anew at once.
  await writeOften()
  goOn()
  await folded
  expect(server.rooms.get(ROOM)?.head?.logBytes).toBeGreaterThan(BYTES / 64)
  record.list('comments').add({ body: long('z') })
  await server.settled()
  expect(peer.refused).toEqual([])
})

it('does not become full of what was written over, however often', async () => {
  const server = await serve()
  const { peer, record } = await open(server)
  record.set({ title: 'Boiler leaks' })
  const id = record.list('comments').add({ body: long('x', 3_000) })
  for (let i = 0; i < 40; i++) {
    record.list('comments').set(id, { body: long('xyz'[i % 3] ?? '', 3_000) })
    await server.settled()
  }
  record.text('description').insert(0, long('x', 3_000))
  for (let i = 0; i < 20; i++) {
    record.text('description').delete(0, 1_500)
    record.text('description').insert(0, long('y', 1_500))
    await server.settled()
  }
  expect(peer.refused).toEqual([])
})

it('that is half full forgets what lay in entries that were removed long ago', async () => {
  const server = await serve()
  const { peer } = await open(server)
  let daysAgo = 31
  const wall = (): number => Date.now() - daysAgo * 86_400_000
  const clock = createClock({ wall, monotonic: wall })
  const record = openRecord(Ticket, peer.doc, { author: 'ana', clock })
  record.set({ title: 'Boiler leaks' })
  const ids = ['a', 'b', 'c', 'd', 'e'].map(id => record.list('comments').add({ body: long(id) }))
  for (const id of ids.slice(1)) record.list('comments').remove(id)
  await server.settled()
  for (let i = 0; i < 10; i++) {
    record.set({ title: `Boiler leaks ${i}` })
    await server.settled()
  }
  expect(encodedBytes(server)).toBeGreaterThan(BYTES / 2)
  await server.rooms.get(ROOM)?.compactLog()
  daysAgo = 0
  record.set({ title: 'Boiler still leaks' })
  await server.settled()
  expect(peer.refused).toEqual([])
  expect(encodedBytes(server)).toBeLessThan(BYTES / 4)
  expect(record.view.comments).toMatchObject([{ body: long('a') }])
})

it('counts what came in the same turn, also where it stands at one path', async () => {
  const server = await serve()
  const { peer, record } = await open(server)
  record.set({ title: 'Boiler leaks' })
  const comment = record.list('comments').add({ body: 'On my way' })
  await server.settled()
  const doc = new Y.Doc()
  doc.clientID = peer.doc.clientID + 1
  doc.on('update', (update: Uint8Array) => peer.update(update))
  for (let i = 0; i < 20; i++)
    doc.getArray('cells').push([[`comments/${comment}/body`, long('x'), Date.now() * 1024 + i, 'ana']])
  await server.settled()
  expect(peer.refused[0]).toMatchObject({ code: 'RECORD_FULL' })
  expect(encodedBytes(server)).toBeLessThan(BYTES)
})

it('counts formats and what is embedded, which make a text no longer', async () => {
  const server = await serve()
  const { record, peer } = await open(server)
  record.set({ title: 'Boiler leaks' })
  const text = record.text('description')
  text.insert(0, long('x', 200))
  for (let i = 0; i < 20; i++) text.format(i * 2, 1, { link: `https://example.org/${long('x')}` })
  await server.settled()
  expect(peer.refused[0]).toMatchObject({ code: 'RECORD_FULL', paths: ['description'] })
  peer.membership?.leave()
  const next = await open(server)
  next.record.text('description').delete(0, 40)
  await server.settled()
  expect(next.peer.refused).toEqual([])
})

it('a room without a type is bounded as well, and what is deleted there makes room', async () => {
  const server = await serve({ untyped: true, limits: { structsPerUpdate: 100 } })
  const join = async () => {
    const peer = await new DirectPeer(person('ana')).join(server, 'board')
    await server.settled()
    peer.doc.on('update', (update: Uint8Array, _: unknown, __: Y.Doc, { local }: Y.Transaction) => {
      if (local) peer.update(update)
    })
    return { peer, list: peer.doc.getArray('list') }
  }
  const { peer, list } = await join()
  for (let i = 0; i < 5; i++) list.push([long('x')])
  await server.settled()
  expect(peer.refused).toEqual([])
  list.push(Array.from({ length: 10 }, () => long('x')))
  await server.settled()
  expect(peer.refused).toMatchObject([{ code: 'RECORD_FULL' }])
  peer.membership?.leave()
  const parts = await join()
  parts.list.push(Array.from({ length: 1_000 }, () => 1))
  await server.settled()
  expect(parts.peer.refused).toMatchObject([{ code: 'TOO_LARGE' }])
  parts.peer.membership?.leave()
  const stock = await new DirectPeer(person('ana'), 'stock').join(server, 'board')
  await server.settled()
  stock.doc.getArray('list').push(Array.from({ length: 10 }, () => long('x')))
  stock.update(Y.encodeStateAsUpdate(stock.doc))
  expect(stock.closed).toMatchObject({ code: 'RECORD_FULL' })
  const after = await join()
  for (let i = 0; i < 2; i++) after.list.push([long('x')])
  after.list.delete(0, 5)
  await server.settled()
  expect(after.peer.refused).toEqual([])
  // How much that was is found by a look at the document, which is not taken at each edit.
  await expect
    .poll(async () => {
      const { peer: one, list: again } = await join()
      again.push([long('y', 9_000)])
      await server.settled()
      one.membership?.leave()
      return one.refused
    })
    .toEqual([])
})

it.each([
  [12, 200],
  [2_400, 1],
])(
  'values beside each other at one path are no more in %i updates of one turn than in one',
  async (updates, values) => {
    const server = await serve({ limits: { recordBytes: 1e9 } })
    const { peer, record } = await open(server)
    record.set({ title: 'Boiler leaks' })
    await server.settled()
    const doc = new Y.Doc()
    doc.clientID = peer.doc.clientID + 1
    doc.on('update', (update: Uint8Array) => peer.update(update))
    const stamp = Date.now() * 1024
    for (let i = 0; i < updates; i++)
      doc
        .getArray('cells')
        .push(Array.from({ length: values }, (_, n) => ['status', 'open', stamp + n, 'ana']))
    expect(peer.refused.length).toBeGreaterThan(0)
    expect(peer.refused[0]).toMatchObject({ code: 'TOO_LARGE', paths: ['status'] })
    // Nobody else's work suffers.
    const ben = await open(server, 'ben')
    ben.record.set({ title: 'Boiler still leaks' })
    await server.settled()
    expect(ben.peer.refused).toEqual([])
  },
)

it('is said over REST, with the field and what to do', async () => {
  const rest = await RestServer.start({ records: [Ticket], limits: { recordBytes: BYTES } })
  try {
    const ana = await rest.as('ana', 'office')
    await ana('POST', '/api/records/ticket', { id: '1', title: 'Boiler leaks', description: 'It drips.' })
    const description = long('x', 30_000)
    expect(
      (await ana('PATCH', '/api/records/ticket/1', { description: { from: 'It drips.', to: description } }))
        .body,
    ).toMatchObject({
      status: 413,
      code: 'RECORD_FULL',
      paths: ['description'],
      detail: expect.stringContaining('shorten what stands in it'),
    })
    const emptied = { description: { from: 'It drips.', to: '' } }
    expect((await ana('PATCH', '/api/records/ticket/1', emptied)).status).toBe(200)
    expect((await ana('DELETE', '/api/records/ticket/1')).status).toBe(200)
  } finally {
    await rest.close()
  }
})
