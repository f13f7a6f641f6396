import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { openRecord } from '../../shared/index.ts'
import {
  type ChannelMessage,
  readChannelMessage,
  writeSyncStep1,
  writeUpdate,
} from '../../shared/wire/sync-message.ts'
import { tokenFor } from '../operations-server.ts'
import { RestServer } from '../rest/rest-client.ts'
import { Ticket } from '../room/ticket.ts'
import { LinkClient } from '../wire/link-client.ts'
import { until } from '../wire/wire-server.ts'
import { damage, honestUpdates, randomFrom } from './damaged-updates.ts'
import { recordUpdates } from './guarded-room.ts'

// What `damaged.test.ts` holds of the room holds through whatever carries it: the same damaged updates over real
// sockets, both kinds, with a store on a disk that is looked through afterwards.
const ROOM = 'ticket:1'
const SEED = Number(process.env.CORECORD_SEED ?? 20251121)
const DAMAGED = 3_000
const AT_ONCE = 250

let server: RestServer
let wires: Wire[]

beforeEach(async () => {
  wires = []
  server = await RestServer.start({
    records: [Ticket],
    // That offenders are slowed and closed is held elsewhere.
    limits: {
      refusalsPerMinute: 1e9,
      pendingInARow: 1e9,
      clientIdsPerUserAndRecord: 1e6,
      updatesPerSecond: Number.POSITIVE_INFINITY,
      messagesPerSecond: Number.POSITIVE_INFINITY,
      fullStatesPerMinute: Number.POSITIVE_INFINITY,
    },
  })
})

afterEach(async () => {
  for (const wire of wires) wire.end()
  await server.close()
})

/** One open record over a real socket, and what a reader has who is fed by it alone. */
interface Wire {
  readonly doc: Y.Doc
  readonly closed: () => unknown
  readonly saved: () => number
  send(message: Uint8Array): void
  end(): void
}

const reading = (doc: Y.Doc): { take(message: ChannelMessage): void; saved: number } => ({
  saved: 0,
  take(message) {
    if (message.kind === 'syncStep2' || message.kind === 'update') Y.applyUpdate(doc, message.update)
    if (message.kind === 'saved') this.saved = message.count
  },
})

const overSocket = async (sub: string, ...roles: string[]): Promise<Wire> => {
  const url = server.running.server.url.replace('http', 'ws')
  const token = await tokenFor(sub, { name: sub, roles })
  const socket = new WebSocket(`${url}/sync/${ROOM}?corecord=1&token=${token}`)
  const doc = new Y.Doc()
  const reader = reading(doc)
  let closed: unknown = null
  socket.on('close', (code, reason) => {
    closed = `${code} ${reason}`
  })
  // Binary messages arrive as one buffer by default.
  socket.on('message', data => reader.take(readChannelMessage(new Uint8Array(data as Buffer))))
  await new Promise(resolve => socket.once('open', resolve))
  socket.send(writeSyncStep1(Y.encodeStateVector(doc)))
  return {
    doc,
    closed: () => closed,
    saved: () => reader.saved,
    send: message => socket.send(message),
    end: () => socket.terminate(),
  }
}

const overLink = async (sub: string, ...roles: string[]): Promise<Wire> => {
  const token = await tokenFor(sub, { name: sub, roles })
  const client = await new LinkClient(server.running.server.url.replace('http', 'ws')).greeted(token)
  const doc = new Y.Doc()
  const reader = reading(doc)
  client.onMessage = (_, payload) => reader.take(readChannelMessage(payload))
  client.tell({ t: 'open', channels: [{ channel: 1, room: ROOM, clientId: doc.clientID }] })
  await client.heard('opened')
  client.send(1, writeSyncStep1(Y.encodeStateVector(doc)))
  return {
    doc,
    closed: () => client.close ?? client.control.find(({ t }) => t === 'closed') ?? null,
    saved: () => reader.saved,
    send: message => client.send(1, message),
    end: () => client.socket.terminate(),
  }
}

const joined = async (opening: Promise<Wire>): Promise<Wire> => {
  const wire = await opening
  wires.push(wire)
  return wire
}

/** Sends them, and waits until the server has answered for each. */
const say = async (wire: Wire, updates: readonly Uint8Array[]): Promise<void> => {
  const before = wire.saved()
  for (const update of updates) wire.send(writeUpdate(update))
  const isAnswered = (): boolean => wire.saved() === before + updates.length
  await until(() => isAnswered() || wire.closed() !== null, `answers to ${updates.length} updates`)
}

const sayDamaged = async (wire: Wire, updates: readonly Uint8Array[], seed: number): Promise<void> => {
  const random = randomFrom(seed)
  const next = (): Uint8Array =>
    damage(updates[Math.floor(random() * updates.length)] ?? Uint8Array.of(0, 0), random)
  for (let i = 0; i < DAMAGED; i += AT_ONCE) await say(wire, Array.from({ length: AT_ONCE }, next))
}

/** Without the head: the event of a text comes after a pause. */
const kept = async (): Promise<unknown> => {
  const { snapshot, log, owners, earlierEpochs } = (await server.running.server.store.loadRoom(ROOM)) ?? {}
  return { snapshot, log, owners, earlierEpochs }
}

const stored = async (): Promise<Y.Doc> => {
  const { server: running } = server.running
  await running.committer.flush()
  const room = await running.store.loadRoom(ROOM)
  const doc = new Y.Doc()
  for (const update of [...(room?.snapshot ? [room.snapshot] : []), ...(room?.log ?? [])])
    Y.applyUpdate(doc, update)
  return doc
}

const contentOf = (doc: Y.Doc): unknown => [
  Y.encodeStateVector(doc),
  doc.getArray('cells').toJSON(),
  doc.getText('description').toDelta(),
  doc.getText('notes').toDelta(),
]

const holdsTogether = async (): Promise<void> => {
  expect(await server.running.server.metrics.render(), `seed ${SEED}`).toContain('corecord_alarms_total 0\n')
  for await (const finding of server.running.server.store.verify()) expect(finding).toBeNull()
}

describe.each([
  ['a socket', overSocket],
  ['the link', overLink],
])('over %s', (_, open) => {
  it('changes nothing by damaged updates of somebody else’s, and goes on', async () => {
    const ana = await joined(open('ana', 'office'))
    const record = openRecord(Ticket, ana.doc, { author: 'ana' })
    const updates = honestUpdates(ana.doc, record)
    await say(ana, updates)
    const reader = await joined(open('ben'))
    const sender = await joined(open('mallory', 'reader'))
    const before = await kept()
    await sayDamaged(sender, updates, SEED)
    expect(sender.closed()).toBeNull()
    expect(await kept()).toEqual(before)
    const history = await (await server.as('ana', 'office'))('GET', '/api/records/ticket/1/history')
    expect(JSON.stringify(history.body)).not.toContain('mallory')
    // The session lives on: what is said on the same connection is heard, and so is everybody else.
    sender.send(writeSyncStep1(Uint8Array.of(0)))
    await until(() => sender.doc.getArray('cells').length > 0, 'an answer to the same connection')
    await say(
      ana,
      recordUpdates(ana.doc, () => record.set({ priority: 'urgent' })),
    )
    const now = contentOf(await stored())
    expect(JSON.stringify(now)).toContain('urgent')
    await until(() => JSON.stringify(contentOf(reader.doc)) === JSON.stringify(now), 'the reader')
    expect(contentOf(reader.doc)).toEqual(now)
    await holdsTogether()
  })

  it('keeps readers and the store equal, whatever it takes of one’s own damaged updates', async () => {
    const ana = await joined(open('ana', 'office'))
    const updates = honestUpdates(ana.doc, openRecord(Ticket, ana.doc, { author: 'ana' }))
    await say(ana, updates)
    const reader = await joined(open('ben'))
    const first = contentOf(await stored())
    await sayDamaged(ana, updates, SEED + 1)
    expect(ana.closed()).toBeNull()
    const last = await stored()
    expect(contentOf(last), 'some of them are edits like any other').not.toEqual(first)
    expect(last.store.pendingStructs).toBeNull()
    const now = JSON.stringify(contentOf(last))
    await until(() => JSON.stringify(contentOf(reader.doc)) === now, 'the reader')
    expect(reader.doc.store.pendingStructs).toBeNull()
    await holdsTogether()
  })
})
