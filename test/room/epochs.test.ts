import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { DirectPeer, person, writerOn } from '../guard/guarded-room.ts'
import { until } from '../wire/wire-server.ts'
import { writtenBySessions } from './many-sessions.ts'
import { RoomServer } from './room-server.ts'
import { Ticket } from './ticket.ts'

const ROOM = 'ticket:1'
let server: RoomServer

beforeEach(async () => {
  server = new RoomServer([Ticket], { limits: { clientIdsFold: 20 } })
  await server.start()
})

afterEach(async () => {
  expect(server.alarms).toBe(0)
  expect(server.errors).toEqual([])
  await server.close()
})

const tabSessions = async (count: number, user: string): Promise<void> => {
  for (let i = 0; i < count; i++) {
    const peer = await new DirectPeer(person(user, 'office')).join(server, ROOM)
    await server.settled()
    const record = writerOn(peer, Ticket)
    record.set({ title: `edit ${i}`, status: i % 2 === 0 ? 'open' : 'waiting' })
    record.counter('partsUsed').add(1)
    if (i === 0) record.text('description').insert(0, 'It drips.')
    if (i === 1) record.set({ claimedBy: user })
    await server.settled()
    peer.membership?.leave()
  }
}

const folded = async (): Promise<void> => {
  let isFolded = false
  await until(() => {
    server.store.loadRoom(ROOM).then(room => {
      isFolded = (room?.earlierEpochs.length ?? 0) > 0
    })
    return isFolded
  }, 'the fold')
}

describe('a record that more client ids have written than it should hold', () => {
  it('is folded under a fresh one, and says the same as before', async () => {
    await tabSessions(21, 'ana')
    await folded()
    const peer = await new DirectPeer(person('ben', 'office')).join(server, ROOM)
    await server.settled()
    const record = writerOn(peer, Ticket)
    expect(peer.doc.store.clients.size).toBe(1)
    expect(record.view).toMatchObject({
      title: 'edit 20',
      status: 'open',
      partsUsed: 21,
      description: 'It drips.',
      claimedBy: 'ana',
    })
    expect(record.field('claimedBy').tentative).toBe(false)
    record.set({ title: 'after the fold' })
    await server.settled()
    expect(peer.refused).toEqual([])
    expect(server.rooms.get(ROOM)?.guarded?.record.view.title).toBe('after the fold')
  })

  it('tells a link that comes back with the old epoch what had been held of each of its ids', async () => {
    const tablet = await new DirectPeer(person('ben', 'office')).join(server, ROOM)
    await server.settled()
    const record = writerOn(tablet, Ticket)
    record.set({ title: 'held' })
    await server.settled()
    const { epoch = '', clientId } = tablet.membership?.info ?? {}
    const held = Y.getState(tablet.doc.store, clientId ?? 0)
    tablet.membership?.leave()
    await tabSessions(20, 'ana')
    await folded()
    const back = await new DirectPeer(person('ben', 'office')).join(server, ROOM, { epoch })
    expect(back.membership?.info.epoch).not.toBe(epoch)
    expect(back.membership?.info.held).toEqual([[clientId, held]])
    const other = await new DirectPeer(person('ana')).join(server, ROOM, { epoch })
    expect(other.membership?.info.held?.length).toBe(20)
  })

  it('closes a link that was in it with a code to start afresh', async () => {
    const tablet = await new DirectPeer(person('ben', 'office')).join(server, ROOM)
    await tabSessions(21, 'ana')
    await folded()
    await until(() => tablet.closed !== null, 'the close')
    expect(tablet.closed?.code).toBe('EPOCH_CHANGED')
  })

  it('lets a stock client that slept through it neither merge two epochs nor write under the old one', async () => {
    const asleep = await server.open(Ticket, '1', 'ben')
    asleep.record.set({ title: 'before the sleep' })
    await until(() => server.rooms.get(ROOM)?.commit === 1, 'saved')
    asleep.provider.disconnect()
    asleep.record.set({ title: 'written asleep' })
    await tabSessions(20, 'ana')
    await folded()
    const closed = new Promise<{ code: number }>(resolve => asleep.provider.on('closed', resolve))
    asleep.provider.connect()
    expect((await closed).code).toBe(4409)
    expect(asleep.record.view.title).toBe('written asleep')
    expect(server.rooms.get(ROOM)?.guarded?.record.view.title).toBe('edit 19')
  })

  it('does not let anybody write under an id of the old epoch, its owner included', async () => {
    const tablet = await new DirectPeer(person('ben', 'office')).join(server, ROOM)
    await server.settled()
    const record = writerOn(tablet, Ticket)
    record.set({ title: 'held' })
    await server.settled()
    const old = tablet.doc.clientID
    tablet.membership?.leave()
    await tabSessions(20, 'ana')
    await folded()
    const back = await new DirectPeer(person('ben', 'office')).join(server, ROOM)
    await server.settled()
    const again = writerOn(back, Ticket, old)
    again.set({ title: 'under the old id' })
    await server.settled()
    expect(back.refused.at(-1)?.code).toBe('CLIENT_ID_SPENT')
  })

  it('is not folded under the feet of a stock client, until there are twice as many', async () => {
    const stock = await server.open(Ticket, '1', 'ben')
    await tabSessions(25, 'ana')
    await server.settled()
    expect(stock.provider.wsconnected).toBe(true)
    const closed = new Promise<{ code: number }>(resolve => stock.provider.on('closed', resolve))
    await tabSessions(20, 'ana')
    expect((await closed).code).toBe(4409)
  })

  describe('of which one person may have a few only', () => {
    const serveWith = async (clientIdsPerUserAndRecord: number): Promise<void> => {
      await server.close()
      server = new RoomServer([Ticket], { store: server.store, limits: { clientIdsPerUserAndRecord } })
      await server.start()
    }

    it('is folded before they are spent, though a stock client stays for ever', async () => {
      await serveWith(20)
      const stock = await server.open(Ticket, '1', 'ben')
      const closed = new Promise<{ code: number }>(resolve => stock.provider.on('closed', resolve))
      await tabSessions(30, 'ana')
      expect(server.refusals).toEqual([])
      expect((await closed).code).toBe(4409)
    })

    it('is folded at the edit that is one too many, where so few were not always the limit', async () => {
      await tabSessions(15, 'ana')
      await serveWith(10)
      await tabSessions(1, 'ana')
      expect(server.refusals).toContain('TOO_MANY')
      await folded()
      server.refusals.length = 0
      await tabSessions(1, 'ana')
      expect(server.refusals).toEqual([])
    })
  })

  it('of 5,000 tab sessions is, once folded, no more to an update than one of ten', async () => {
    const before = server
    server = new RoomServer([Ticket], {
      limits: { clientIdsFold: 5_000, clientIdsPerUserAndRecord: Number.POSITIVE_INFINITY },
    })
    await before.close()
    await server.start()
    await server.committer.submit(writtenBySessions('1', 5_000))
    await server.committer.submit(writtenBySessions('10', 10))
    /** What every update has to look at, however small it is. */
    const burden = async (id: string) => {
      const peer = await new DirectPeer(person('ben', 'office')).join(server, `ticket:${id}`)
      await server.settled()
      const record = writerOn(peer, Ticket)
      for (let i = 0; i < 20; i++) {
        record.set({ status: i % 2 === 0 ? 'open' : 'waiting' })
        await server.settled()
      }
      expect(peer.refused).toEqual([])
      const room = server.rooms.get(`ticket:${id}`)
      const doc = room?.guarded?.doc ?? new Y.Doc()
      return {
        clientIds: doc.store.clients.size,
        structs: [...doc.store.clients.values()].reduce((sum, structs) => sum + structs.length, 0),
        stateVectorBytes: Y.encodeStateVector(doc).length,
        cells: [...(room?.guarded?.record.index.paths() ?? [])].length,
        view: { ...room?.guarded?.record.view },
        peer,
      }
    }
    // The edit that takes it past the limit, and then the fold.
    const last = await new DirectPeer(person('ben', 'office')).join(server, ROOM)
    await server.settled()
    writerOn(last, Ticket).set({ status: 'waiting' })
    expect(last.doc.store.clients.size).toBe(5_001)
    await folded()
    const [many, ten] = [await burden('1'), await burden('10')]
    expect(many.view).toMatchObject({ title: 'edit 4999', status: 'waiting', partsUsed: 5_000 })
    expect(ten.view).toMatchObject({ title: 'edit 9', status: 'waiting', partsUsed: 10 })
    for (const what of ['clientIds', 'structs', 'stateVectorBytes', 'cells'] as const)
      expect([what, many[what] <= ten[what]]).toEqual([what, true])
  })
})
