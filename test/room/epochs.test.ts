import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { DirectPeer, person, writerOn } from '../guard/guarded-room.ts'
import { until } from '../wire/wire-server.ts'
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
})
