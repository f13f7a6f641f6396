import { afterEach, beforeEach, expect, it } from 'vitest'
import { UserWriter } from '../../server/room/user-write.ts'
import { writeSyncStep1 } from '../../shared/wire/sync-message.ts'
import { gate } from '../gate.ts'
import { DirectPeer, person, writerOn } from '../guard/guarded-room.ts'
import { RoomServer } from './room-server.ts'
import { Ticket } from './ticket.ts'

let server: RoomServer

beforeEach(async () => {
  server = new RoomServer([Ticket])
  await server.start()
})

afterEach(() => server.close())

const join = (who: string, ...roles: string[]): Promise<DirectPeer> =>
  new DirectPeer(person(who, ...roles)).join(server, 'ticket:1')

/** As an edit of theirs is on its way to the disk. */
const losesRightWhileWriting = async (ana: DirectPeer) => {
  const record = writerOn(ana, Ticket)
  record.set({ title: 'Leak', site: 'site:secret' })
  await server.settled()
  record.set({ title: 'Boiler leaks' })
  ana.principal = person('ana')
  ana.membership?.principalChanged()
  return record
}

it('who writes a record out of their own reach is told that it is saved before they are let go', async () => {
  const ana = await join('ana')
  const record = writerOn(ana, Ticket)
  record.set({ title: 'Leak' })
  await server.settled()
  record.set({ site: 'site:secret' })
  await server.settled()
  expect(ana.closed?.code).toBe('READ_ENDED')
  expect(ana.savedCount).toBe(ana.sent)
})

it('a request that does so is answered with what it did', async () => {
  const writer = new UserWriter({
    rooms: () => server.rooms,
    types: server.types,
    nodeId: () => 1,
    now: Date.now,
  })
  const written = await writer.write('ticket:1', person('ana'), record => {
    record.set({ title: 'Leak', site: 'site:secret' })
  })
  expect(written).toMatchObject({ isChanged: true, commit: 1 })
})

it('whoever loses sight of a record by a commit is told nothing of what is in it', async () => {
  const ana = await join('ana', 'office')
  const bo = await join('bo')
  const record = writerOn(ana, Ticket)
  record.set({ title: 'Leak' })
  await server.settled()
  record.set({ site: 'site:secret' })
  record.set({ title: 'Very secret' })
  await server.settled()
  expect(bo.closed?.code).toBe('READ_ENDED')
  expect(writerOn(bo, Ticket).view.title).toBe('Leak')
})

it('who loses a right while their edit is on its way to the disk is told that it is saved, then let go', async () => {
  const ana = await join('ana', 'office')
  await losesRightWhileWriting(ana)
  await server.settled()
  expect(ana.closed?.code).toBe('READ_ENDED')
  expect(ana.savedCount).toBe(ana.sent)
})

it('who loses a right by another token is let go at once, though nobody writes anything', async () => {
  const ana = await join('ana', 'office')
  writerOn(ana, Ticket).set({ title: 'Leak', site: 'site:secret' })
  await server.settled()
  ana.principal = person('ana')
  ana.membership?.principalChanged()
  expect(ana.closed?.code).toBe('READ_ENDED')
})

it('who loses a right while their edit is on its way can write nothing more, though they are not let go yet', async () => {
  const bo = await join('bo', 'office')
  const ana = await join('ana', 'office')
  const record = await losesRightWhileWriting(ana)
  record.set({ status: 'done' })
  await server.settled()
  expect(ana.closed?.code).toBe('READ_ENDED')
  expect(ana.savedCount).toBe(ana.sent - 1)
  expect(writerOn(bo, Ticket).view).toMatchObject({ title: 'Boiler leaks', status: 'open' })
})

it.each<[string, (ana: DirectPeer) => void]>([
  ['asks for all of it', ana => ana.membership?.receive(writeSyncStep1(Uint8Array.of(0)))],
  ['reads again, having been slow', ana => ana.membership?.drained()],
])(
  'whoever loses sight of a record with an edit on its way, and %s, is told nothing of what is in it',
  async (_, ask) => {
    const ana = await join('ana')
    const bo = await join('bo', 'office')
    const record = writerOn(bo, Ticket)
    record.set({ title: 'Leak' })
    await server.settled()
    const commit = server.store.commit.bind(server.store)
    const [isHeld, goOn] = gate()
    server.store.commit = async changes => {
      await isHeld
      return commit(changes)
    }
    record.set({ site: 'site:secret', title: 'Very secret' })
    await new Promise(resolve => setImmediate(resolve))
    // The commit is under way, and the edit waits for the next one.
    writerOn(ana, Ticket).set({ status: 'done' })
    ask(ana)
    goOn()
    await server.settled()
    await server.settled()
    expect(ana.closed?.code).toBe('READ_ENDED')
    expect(ana.savedCount).toBe(ana.sent)
    expect(writerOn(ana, Ticket).view.title).toBe('Leak')
  },
)
