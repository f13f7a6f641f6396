import { afterEach, beforeEach, expect, it } from 'vitest'
import * as Y from 'yjs'
import { RoomServer } from '../room/room-server.ts'
import { Ticket } from '../room/ticket.ts'
import { DirectPeer, person, recordUpdates, writerOn } from './guarded-room.ts'

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

/** Mulberry32: small, seeded, good enough to damage bytes. */
const randomFrom = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const damage = (bytes: Uint8Array, random: () => number): Uint8Array => {
  const below = (n: number): number => Math.floor(random() * n)
  let out = bytes.slice()
  for (let n = 1 + below(3); n > 0; n--) {
    const at = below(out.length)
    switch (below(5)) {
      case 0:
        out[at] = below(256)
        break
      case 1:
        out[at] = (out[at] ?? 0) ^ (1 << below(8))
        break
      case 2:
        out = out.slice(0, at)
        break
      case 3:
        out = Uint8Array.from([...out.slice(0, at), below(256), ...out.slice(at)])
        break
      default:
        out = Uint8Array.from([...out.slice(0, at), ...out.slice(at + 1 + below(4))])
    }
    if (out.length === 0) return Uint8Array.of(0)
  }
  return out
}

/** One of everything: cells, entries, formats, deletions, a whole state. */
const honestUpdates = (peer: DirectPeer): Uint8Array[] => {
  const record = writerOn(peer, Ticket)
  const updates = recordUpdates(peer.doc, () => {
    record.set({ title: 'Boiler leaks', status: 'open' })
    record.set({ status: 'in_progress', priority: 'high', claimedBy: 'ana' })
    const id = record.list('comments').add({ body: 'It drips', mentions: ['ben'] })
    record.list('comments').set(id, { body: 'It drips a lot' })
    record.log('checks').add({ kind: 'in' })
    record.counter('partsUsed').add(3)
    record.union('tags').add('wet', 'cold')
    record.union('tags').remove('cold')
    record.text('description').insert(0, 'It drips from the valve.')
    record.text('description').format(3, 5, { bold: true })
    record.text('description').delete(0, 3)
    record.text('notes').insert(0, 'key at the neighbour’s')
    record.list('comments').remove(id)
    record.set({ quote: 12_000 })
  })
  return [...updates, Y.encodeStateAsUpdate(peer.doc)]
}

it('takes 100,000 damaged updates without a change, a crash or the end of the session', async () => {
  const ana = await new DirectPeer(person('ana', 'office')).join(server, ROOM)
  const updates = honestUpdates(ana)
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
  const updates = honestUpdates(ana)
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
