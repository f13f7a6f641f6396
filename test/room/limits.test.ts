import { afterEach, expect, it } from 'vitest'
import * as Y from 'yjs'
import { writeSyncStep1 } from '../../shared/wire/sync-message.ts'
import { DirectPeer, person, writerOn } from '../guard/guarded-room.ts'
import { RoomServer } from './room-server.ts'
import { Ticket } from './ticket.ts'

const servers: RoomServer[] = []
const serve = async (limits: ConstructorParameters<typeof RoomServer>[1]): Promise<RoomServer> => {
  const server = new RoomServer([Ticket], limits)
  await server.start()
  servers.push(server)
  return server
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

it('lets one person be in so many rooms, and in another when they have left one', async () => {
  const server = await serve({ limits: { roomsPerUser: 3 } })
  const peers = []
  for (let i = 0; i < 3; i++) peers.push(await new DirectPeer(person('ana')).join(server, `ticket:${i}`))
  await expect(new DirectPeer(person('ana')).join(server, 'ticket:3')).rejects.toMatchObject({
    code: 'TOO_MANY_ROOMS',
  })
  await new DirectPeer(person('ben')).join(server, 'ticket:3')
  peers[0]?.membership?.leave()
  peers[0]?.membership?.leave()
  await new DirectPeer(person('ana')).join(server, 'ticket:3')
  await expect(new DirectPeer(person('ana')).join(server, 'ticket:4')).rejects.toMatchObject({
    code: 'TOO_MANY_ROOMS',
  })
})

it('does not answer a state vector that names more client ids than a record can have', async () => {
  const server = await serve({ limits: { stateVectorEntries: 5, refusalsPerMinute: 2 } })
  const peer = await new DirectPeer(person('ana')).join(server, 'ticket:1')
  const doc = new Y.Doc()
  for (let i = 1; i <= 6; i++) {
    doc.clientID = i
    doc.getArray('cells').push([1])
  }
  const told = peer.messages.length
  for (let i = 0; i < 3; i++) peer.membership?.receive(writeSyncStep1(Y.encodeStateVector(doc)))
  expect(peer.messages.length).toBe(told)
  expect(peer.closed?.code).toBe('TOO_MANY')
})

it('takes no more live values, and no longer text, than the limits say', async () => {
  const server = await serve({ limits: { cellsPerRecord: 10, textLength: 20 } })
  const peer = await new DirectPeer(person('ana')).join(server, 'ticket:1')
  const record = writerOn(peer, Ticket)
  record.set({ title: 'Boiler leaks' })
  record.text('notes').insert(0, 'x'.repeat(20))
  await server.settled()
  expect(peer.refused).toEqual([])
  record.text('notes').insert(0, 'y')
  await server.settled()
  expect(peer.refused.at(-1)).toMatchObject({ code: 'TOO_LARGE', paths: ['notes'] })
  const other = await new DirectPeer(person('ben')).join(server, 'ticket:1')
  writerOn(other, Ticket)
    .union('tags')
    .add(...Array.from({ length: 12 }, (_, i) => `tag ${i}`))
  await server.settled()
  expect(other.refused.at(-1)).toMatchObject({ code: 'TOO_MANY' })
})

it('keeps one person from spending the client ids of a record: it is folded before', async () => {
  const server = await serve({ limits: { clientIdsPerUserAndRecord: 40 } })
  for (let i = 0; i < 200; i++) {
    const peer = await new DirectPeer(person('ana')).join(server, 'ticket:1')
    await server.settled()
    const record = writerOn(peer, Ticket)
    record.set({ title: `tab ${i}` })
    await server.settled()
    expect(peer.refused).toEqual([])
    peer.membership?.leave()
  }
  const doc = server.rooms.get('ticket:1')?.guarded?.doc ?? (await server.rooms.open('ticket:1')).guarded?.doc
  expect(doc?.store.clients.size).toBeLessThan(40)
})
