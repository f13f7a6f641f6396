import { randomBytes } from 'node:crypto'
import { afterEach, expect, it } from 'vitest'
import { Headroom } from '../../server/room/headroom.ts'
import { DirectPeer, person, writerOn } from '../guard/guarded-room.ts'
import { RoomServer } from './room-server.ts'
import { Ticket } from './ticket.ts'

const MB = 1024 ** 2

let memory = { taken: 0, used: 0, at: 0, collected: 0 }
const told: object[] = []
const servers: RoomServer[] = []

const makeHeadroom = (): Headroom => {
  memory = { taken: 0.1, used: 0.1, at: 0, collected: 0 }
  told.length = 0
  return new Headroom({
    taken: () => memory.taken,
    used: () => memory.used,
    limitBytes: 100 * MB,
    now: () => memory.at,
    onWaiting: fields => told.push(fields),
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
