import { randomBytes } from 'node:crypto'
import { afterEach, expect, it } from 'vitest'
import { Headroom } from '../../server/room/headroom.ts'
import { DirectPeer, person, writerOn } from '../guard/guarded-room.ts'
import { RoomServer } from './room-server.ts'
import { Ticket } from './ticket.ts'
import { gate } from '../gate.ts'

const MB = 1024 ** 2

let memory = { taken: 0, used: 0, at: 0, collected: 0 }
const told: object[] = []
const overgrown: object[] = []
const servers: RoomServer[] = []

const makeHeadroom = (): Headroom => {
  memory = { taken: 0.1, used: 0.1, at: 0, collected: 0 }
  told.length = overgrown.length = 0
  return new Headroom({
    taken: () => memory.taken,
    used: () => memory.used,
    limitBytes: 100 * MB,
    now: () => memory.at,
    onWaiting: fields => told.push(fields),
    onOvergrown: fields => overgrown.push(fields),
    collect: () => memory.collected++,
  })
}

const serve = async (headroom: Headroom): Promise<RoomServer> => {
  const server = new RoomServer([Ticket], { headroom })
  await server.start()
  servers.push(server)
  return server
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

/** As many as are open where these are what takes the memory. */
const MANY = { bytes: 50 * MB, coolLarge() {} }

/** Large records that are read, and stay. */
const readers = (headroom: Headroom) => {
  const reading: (() => void)[] = []
  const seen: string[] = []
  return {
    reading,
    seen,
    read: (name: string, bytes: number) =>
      headroom
        .read(bytes, () => {
          seen.push(name)
          return new Promise<void>(done => reading.push(done))
        })
        .catch(error => seen.push(`${name}: ${error.code}`)),
  }
}

const turn = () => new Promise(resolve => setImmediate(resolve))

it('so many large records are read at once as there is memory for, the others in the order of asking', async () => {
  const headroom = makeHeadroom()
  const { read, reading, seen } = readers(headroom)
  memory.taken = 0.5
  for (const name of ['a', 'b', 'c', 'd']) void read(name, 3 * MB)
  await turn()
  expect(seen).toEqual(['a', 'b'])
  expect(headroom.waiting).toBe(2)
  reading[0]?.()
  await turn()
  expect(seen).toEqual(['a', 'b', 'c'])
  // What was read is open now, and nothing is left.
  memory.taken = memory.used = 0.81
  for (const done of reading) done()
  await turn()
  expect(seen).toEqual(['a', 'b', 'c'])
  memory.taken = memory.used = 0.5
  headroom.look()
  await turn()
  expect(seen).toEqual(['a', 'b', 'c', 'd'])
})

it('what is free within what the process has taken is used, one at a time', async () => {
  const headroom = makeHeadroom()
  const { read, seen } = readers(headroom)
  Object.assign(memory, { taken: 0.88, used: 0.3 })
  for (const name of ['a', 'b']) void read(name, MB)
  await turn()
  expect(seen).toEqual(['a'])
})

it('one that is larger than all that is left is read when nothing else is', async () => {
  const headroom = makeHeadroom()
  const { read, seen } = readers(headroom)
  memory.taken = 0.6
  void read('large', 90 * MB)
  await turn()
  expect(seen).toEqual(['large'])
})

it('whoever has waited for ten seconds is told to come again, and the log once a minute', async () => {
  const headroom = makeHeadroom()
  const { read, seen } = readers(headroom)
  memory.taken = memory.used = 0.95
  void read('a', MB)
  headroom.look()
  memory.at = 9_000
  headroom.look()
  expect(seen).toEqual([])
  memory.at = 11_000
  headroom.look()
  await turn()
  expect(seen).toEqual(['a: TOO_MANY_ROOMS'])
  expect(headroom.refused).toBe(1)
  expect(told).toEqual([{ waiting: 1, limitBytes: 100 * MB }])
  expect(memory.collected).toBe(2)
})

it('a record that nobody edits is kept small where memory is short, and is whole for whoever comes and writes', async () => {
  const headroom = makeHeadroom()
  const server = await serve(headroom)
  const ana = await new DirectPeer(person('ana')).join(server, 'ticket:1')
  const record = writerOn(ana, Ticket)
  record.set({ title: 'Boiler leaks' })
  const notes = randomBytes(20_000).toString('hex')
  record.text('description').insert(0, notes)
  await server.settled()
  memory.taken = 0.7
  headroom.look()
  const room = server.rooms.get('ticket:1')
  room?.cool()
  const before = room?.encode()
  await server.rooms.squeeze()
  expect(room?.isWarm).toBe(false)
  expect(room?.encode()).not.toBe(before)
  const ben = await new DirectPeer(person('ben')).join(server, 'ticket:1')
  expect(ben.doc.getText('description').toJSON()).toBe(notes)
  writerOn(ben, Ticket).set({ title: 'Boiler is dry' })
  await server.settled()
  const eva = await new DirectPeer(person('eva')).join(server, 'ticket:1')
  expect(eva.doc.getText('description').toJSON()).toBe(notes)
  expect(writerOn(eva, Ticket).view.title).toBe('Boiler is dry')
  expect(server.errors).toEqual([])
})

it('without memory no record is opened, small ones neither; who is in one goes on', async () => {
  const headroom = makeHeadroom()
  const server = await serve(headroom)
  headroom.watch(MANY)
  const ana = await new DirectPeer(person('ana')).join(server, 'ticket:1')
  memory.taken = memory.used = 0.95
  headroom.look()
  const opening = new DirectPeer(person('ben')).join(server, 'ticket:2')
  opening.catch(() => {})
  writerOn(ana, Ticket).set({ title: 'Boiler leaks' })
  await server.settled()
  expect(server.rooms.get('ticket:1')?.commit).toBe(1)
  expect(server.rooms.get('ticket:2')).toBeUndefined()
  memory.at = 11_000
  headroom.look()
  await expect(opening).rejects.toMatchObject({ code: 'TOO_MANY_ROOMS' })
  memory.taken = 0.5
  headroom.look()
  await new DirectPeer(person('ben')).join(server, 'ticket:2')
})

it('where something else than records has the memory for good, they are opened one at a time, and it is said', async () => {
  const headroom = makeHeadroom()
  const { read, reading, seen } = readers(headroom)
  memory.taken = memory.used = 0.95
  headroom.watch(MANY)
  for (const name of ['a', 'b']) void read(name, MB / 4)
  headroom.look()
  expect(seen).toEqual([])
  headroom.watch({ ...MANY, bytes: MB })
  headroom.look()
  await turn()
  expect(seen).toEqual(['a'])
  reading[0]?.()
  await turn()
  expect(seen).toEqual(['a', 'b'])
  expect(overgrown).toEqual([{ recordBytes: MB, limitBytes: 100 * MB }])
})

it('nobody waits for a server that has stopped', async () => {
  const headroom = makeHeadroom()
  headroom.watch(MANY)
  memory.taken = memory.used = 0.95
  headroom.close()
  await expect(headroom.read(MB, async () => {})).rejects.toMatchObject({ code: 'DRAINING' })
})

/** A record so large that its doc is dear, at rest, with somebody in it; and a small one. */
const serveLarge = async (headroom: Headroom) => {
  const server = await serve(headroom)
  const ana = await new DirectPeer(person('ana')).join(server, 'ticket:1')
  const record = writerOn(ana, Ticket)
  record.set({ title: 'Boiler leaks' })
  record.text('description').insert(0, 'x'.repeat(100_000))
  const ben = await new DirectPeer(person('ben')).join(server, 'ticket:2')
  await server.settled()
  const room = await server.rooms.open('ticket:1')
  room.cool()
  expect(room.isWarm).toBe(false)
  return { server, room, ana, record, small: writerOn(ben, Ticket) }
}

it('a large record is edited when there is memory for its doc; what was written meanwhile is kept in order, small ones do not wait', async () => {
  const headroom = makeHeadroom()
  const { server, room, ana, record, small } = await serveLarge(headroom)
  memory.taken = 0.97
  headroom.look()
  record.set({ title: 'Boiler is dry' })
  record.set({ title: 'Boiler is mended' })
  small.set({ title: 'Lamp' })
  await turn()
  await server.settled()
  expect(server.rooms.get('ticket:2')?.commit).toBe(1)
  expect(room.isWarm).toBe(false)
  expect(headroom.waiting).toBe(1)
  const saved = ana.messages.filter(({ kind }) => kind === 'saved').length
  memory.taken = 0.9
  headroom.look()
  await turn()
  await server.settled()
  expect(room.guarded?.record.view.title).toBe('Boiler is mended')
  expect(ana.messages.filter(({ kind }) => kind === 'saved').length).toBeGreaterThan(saved)
  expect(server.errors).toEqual([])
})

it('whoever waits in vain to edit a large record is told to come again, and nothing of it was taken', async () => {
  const headroom = makeHeadroom()
  const { server, room, ana, record } = await serveLarge(headroom)
  memory.taken = 0.97
  headroom.look()
  const { commit } = room
  record.set({ title: 'Boiler is dry' })
  await turn()
  memory.at = 11_000
  headroom.look()
  await turn()
  await server.settled()
  expect(ana.closed?.code).toBe('TOO_MANY_ROOMS')
  expect(headroom.waiting).toBe(0)
  expect(room.commit).toBe(commit)
  memory.taken = 0.5
  headroom.look()
  const eva = await new DirectPeer(person('eva')).join(server, 'ticket:1')
  writerOn(eva, Ticket).set({ title: 'Boiler is mended' })
  await server.settled()
  expect(room.guarded?.record.view.title).toBe('Boiler is mended')
})

it('who has the turn at a large record does not wait for those whose edits of it wait for theirs', async () => {
  const headroom = makeHeadroom()
  const { server, room, record } = await serveLarge(headroom)
  memory.taken = 0.9
  headroom.look()
  const [released, release] = gate()
  const other = headroom.edit(MB, () => released)
  const read = room.withDoc(async () => {
    await room.committed()
    return room.guarded?.record.view.title
  })
  record.set({ title: 'Boiler is dry' })
  await turn()
  release()
  await other
  expect(await read).toBe('Boiler leaks')
  await server.settled()
  expect(room.guarded?.record.view.title).toBe('Boiler is dry')
  expect(headroom.waiting).toBe(0)
})
