import { afterEach, beforeEach, expect, it } from 'vitest'
import * as Y from 'yjs'
import { RoomServer } from '../room/room-server.ts'
import { Ticket } from '../room/ticket.ts'
import { damage, honestUpdates, randomFrom } from './damaged-updates.ts'
import { DirectPeer, person, writerOn } from './guarded-room.ts'

const ROOM = 'ticket:1'
const SEED = Number(process.env.CORECORD_SEED ?? 20251121)

let server: RoomServer

beforeEach(async () => {
  server = new RoomServer([Ticket], {
    limits: { refusalsPerMinute: 1e9, pendingInARow: 1e9, clientIdsPerUserAndRecord: 1e6 },
  })
  await server.start()
})

afterEach(async () => {
  await server.close()
})

it('takes 100,000 damaged updates without a change, a crash or the end of the session', async () => {
  const ana = await new DirectPeer(person('ana', 'office')).join(server, ROOM)
  const updates = honestUpdates(ana.doc, writerOn(ana, Ticket))
  await server.settled()
  const reader = await new DirectPeer(person('ben')).join(server, ROOM)
  const sender = await new DirectPeer(person('mallory', 'reader')).join(server, ROOM)
  await server.settled()
  const before = await server.store.loadRoom(ROOM)
  const random = randomFrom(SEED)
  for (let i = 0; i < 100_000; i++) {
    const update = updates[Math.floor(random() * updates.length)] ?? Uint8Array.of(0, 0)
    sender.update(damage(update, random))
    sender.messages.length = 0
    if (i % 1000 === 999) await server.settled()
  }
  await server.settled()
  expect(server.alarms, `seed ${SEED}`).toBe(0)
  expect(server.errors).toEqual([])
  expect(sender.closed).toBeNull()
  expect(await server.store.loadRoom(ROOM)).toEqual(before)
  const doc = server.rooms.get(ROOM)?.guarded?.doc
  expect(doc?.store.pendingStructs).toBeNull()
  expect(Y.encodeStateAsUpdate(reader.doc)).toEqual(Y.encodeStateAsUpdate(doc ?? new Y.Doc()))
  // The session lives on: the same connection is heard, and so is everybody else.
  ana.messages.length = 0
  writerOn(ana, Ticket).set({ priority: 'urgent' })
  await server.settled()
  expect(reader.messages.at(-1)?.kind).toBe('update')
})

it('keeps readers equal to the server whatever of somebody’s own damaged updates it takes', async () => {
  const ana = await new DirectPeer(person('ana', 'office')).join(server, ROOM)
  const updates = honestUpdates(ana.doc, writerOn(ana, Ticket))
  await server.settled()
  const reader = await new DirectPeer(person('ben')).join(server, ROOM)
  const random = randomFrom(SEED + 1)
  for (let i = 0; i < 20_000; i++) {
    const update = updates[Math.floor(random() * updates.length)] ?? Uint8Array.of(0, 0)
    ana.update(damage(update, random))
    ana.messages.length = 0
    if (i % 200 === 199) await server.settled()
  }
  await server.settled()
  const edits = server.turns.flatMap(({ authors }) => authors.map(({ paths }) => paths.size))
  expect(edits.length, 'some of them are edits like any other').toBeGreaterThan(10)
  expect(server.alarms, `seed ${SEED}`).toBe(0)
  expect(server.errors).toEqual([])
  const doc = server.rooms.get(ROOM)?.guarded?.doc ?? new Y.Doc()
  expect(doc.store.pendingStructs).toBeNull()
  expect(reader.doc.store.pendingStructs).toBeNull()
  expect(Y.encodeStateVector(reader.doc)).toEqual(Y.encodeStateVector(doc))
  expect(reader.doc.getArray('cells').toJSON()).toEqual(doc.getArray('cells').toJSON())
  expect(reader.doc.getText('description').toDelta()).toEqual(doc.getText('description').toDelta())
  const stored = new Y.Doc()
  const room = await server.store.loadRoom(ROOM)
  for (const update of [...(room?.snapshot ? [room.snapshot] : []), ...(room?.log ?? [])])
    Y.applyUpdate(stored, update)
  expect(stored.getArray('cells').toJSON()).toEqual(doc.getArray('cells').toJSON())
})
