import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { defaultLimits } from '../../server/access/limits.ts'
import { createStockEndpoint } from '../../server/link/stock-endpoint.ts'
import {
  readChannelMessage,
  writePending,
  writeSyncStep1,
  writeUpdate,
} from '../../shared/wire/sync-message.ts'
import { FakeDoor, relay } from './fake-door.ts'
import { freePort } from '../free-port.ts'
import { startWireServer, until, type WireServer } from './wire-server.ts'
import { endProvider, stockProvider } from './stock-provider.ts'

let door: FakeDoor
let wire: WireServer
const providers: WebsocketProvider[] = []
const sockets: WebSocket[] = []

beforeEach(async () => {
  door = new FakeDoor()
  wire = await startWireServer([createStockEndpoint({ door })], { port: await freePort() })
})

afterEach(async () => {
  for (const provider of providers.splice(0)) endProvider(provider)
  for (const socket of sockets.splice(0)) socket.terminate()
  await wire.close()
})

const connect = (
  room: string,
  options: { token?: string | null; protocols?: string[] } = {},
): WebsocketProvider => {
  const { token = 'ana', protocols = [] } = options
  const provider = stockProvider(wire.url, room, token, new Y.Doc(), { protocols })
  providers.push(provider)
  return provider
}

const synced = (provider: WebsocketProvider): Promise<void> =>
  until(() => provider.synced, `${provider.roomname} synced`)

const closedBy = (provider: WebsocketProvider): Promise<{ code: number; reason: string }> =>
  new Promise(resolve => provider.on('closed', resolve))

const openRaw = async (
  path: string,
  options: object = {},
): Promise<{ socket: WebSocket; received: Uint8Array[] }> => {
  const socket = new WebSocket(`${wire.url}${path}`, options)
  const received: Uint8Array[] = []
  sockets.push(socket)
  // Binary messages arrive as one buffer by default.
  socket.on('message', data => received.push(new Uint8Array(data as Buffer)))
  socket.on('error', () => {})
  await new Promise(resolve => socket.once('open', resolve))
  return { socket, received }
}

const closeOf = (socket: WebSocket): Promise<{ code: number; reason: string }> =>
  new Promise(resolve => socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() })))

describe('a stock y-websocket client', () => {
  it('syncs both ways, whoever wrote before', async () => {
    const a = connect('ticket:1')
    a.doc.getMap('m').set('a', 1)
    await synced(a)
    const b = connect('ticket:1', { token: 'ben' })
    await synced(b)
    expect(b.doc.getMap('m').toJSON()).toEqual({ a: 1 })
    b.doc.getMap('m').set('b', 2)
    await until(() => a.doc.getMap('m').get('b') === 2, 'the edit of b at a')
    expect(door.room('ticket:1').doc.getMap('m').toJSON()).toEqual({ a: 1, b: 2 })
  })

  it('names its room in the path, percent-encoded or not, slashes included', async () => {
    await synced(connect('ticket:a b'))
    await synced(connect('ticket%3A2'))
    await synced(connect('free/of slashes'))
    expect([...door.rooms.keys()].sort()).toEqual(['free/of slashes', 'ticket:2', 'ticket:a b'])
  })

  it('brings its token in the query, the header or the subprotocol', async () => {
    const members = (room: string) => [...door.room(room).members].map(member => member.peer.principal.id)
    await synced(connect('q:1', { token: 'by-query' }))
    await synced(connect('p:1', { token: null, protocols: ['corecord.token.by-protocol'] }))
    await openRaw('/sync/h:1', { headers: { authorization: 'Bearer by-header' } })
    await until(() => members('h:1').length === 1, 'the join by header')
    expect([...members('q:1'), ...members('p:1'), ...members('h:1')]).toEqual([
      'by-query',
      'by-protocol',
      'by-header',
    ])
  })

  it.each([
    ['ticket:1', null, 4401, 'TOKEN_MISSING: Sign in.'],
    ['ticket:1', 'expired', 4401, 'TOKEN_EXPIRED: Sign in.'],
    ['no:1', 'ana', 4403, 'FORBIDDEN: Ask for access: you may not read this.'],
    ['%E0%A4%A', 'ana', 4404, 'BAD_ROOM_NAME: Check the address: a room is named type:id, percent-encoded.'],
  ])(
    'of room %s with token %s is refused for good, after the upgrade, with a reason',
    async (room, token, code, reason) => {
      const provider = connect(room, { token })
      expect(await closedBy(provider)).toEqual({ code, reason })
      expect(provider.shouldConnect).toBe(false)
    },
  )

  it('retries after a failure of the server', async () => {
    const { socket } = await openRaw('/sync/broken:1?token=ana')
    expect((await closeOf(socket)).code).toBe(4500)
  })

  it('stops for good when its access ends, with the reason', async () => {
    const provider = connect('ticket:1')
    await synced(provider)
    const closed = closedBy(provider)
    for (const { peer } of door.room('ticket:1').members) peer.close('READ_ENDED')
    expect(await closed).toMatchObject({ code: 4403, reason: expect.stringMatching(/^READ_ENDED: /) })
    expect(provider.shouldConnect).toBe(false)
  })

  it('whose token has ended brings what it wrote meanwhile, once it has another', async () => {
    const provider = connect('ticket:1')
    await synced(provider)
    const closed = closedBy(provider)
    for (const { peer } of door.room('ticket:1').members) peer.close('TOKEN_EXPIRED')
    expect(await closed).toMatchObject({ code: 4401 })
    provider.doc.getMap('m').set('meanwhile', true)
    provider.params['token'] = 'ana-again'
    provider.connect()
    await until(() => door.room('ticket:1').doc.getMap('m').get('meanwhile') === true, 'what was written')
    expect([...door.room('ticket:1').members].map(({ peer }) => peer.principal.id)).toEqual(['ana-again'])
  })

  it('comes back after a restart of the server, with what it wrote meanwhile', async () => {
    const provider = connect('ticket:1')
    await synced(provider)
    const { port } = new URL(wire.url)
    await wire.close()
    await until(() => !provider.wsconnected, 'the end')
    provider.doc.getMap('m').set('meanwhile', true)
    wire = await startWireServer([createStockEndpoint({ door })], { port: Number(port) })
    await until(() => door.room('ticket:1').doc.getMap('m').get('meanwhile') === true, 'the edit')
    await synced(provider)
  })

  it('is closed, to try again, by a failure of the server, and nobody else is', async () => {
    const { socket } = await openRaw('/sync/ticket:1?token=ana')
    const other = connect('ticket:1')
    await synced(other)
    socket.send(writePending(1))
    expect((await closeOf(socket)).code).toBe(4500)
    expect(other.wsconnected).toBe(true)
  })

  it('that speaks before its room is loaded loses nothing', async () => {
    const provider = connect('slow:1')
    provider.doc.getMap('m').set('early', true)
    await until(() => provider.wsconnected && door.waiting.length === 1, 'the socket')
    provider.doc.getMap('m').set('later', true)
    for (const open of door.waiting.splice(0)) open()
    await synced(provider)
    await until(() => door.room('slow:1').doc.getMap('m').get('early') === true, 'the early edit')
    expect(door.room('slow:1').doc.getMap('m').toJSON()).toEqual({ early: true, later: true })
  })

  it('that goes while its room is loaded leaves no membership behind', async () => {
    const { socket } = await openRaw('/sync/slow:1?token=ana')
    await until(() => door.waiting.length === 1, 'the join')
    socket.terminate()
    await until(() => wire.sockets.size === 0, 'the end of the socket')
    for (const open of door.waiting.splice(0)) open()
    await new Promise(resolve => setImmediate(resolve))
    expect(door.room('slow:1').members.size).toBe(0)
  })

  it('is sent no message kinds of ours, unless it asks', async () => {
    const update = Y.encodeStateAsUpdate(docWith('x'))
    const plain = await openRaw('/sync/ticket:1?token=ana')
    const asking = await openRaw('/sync/ticket:2?token=ana&corecord=1')
    plain.socket.send(writeUpdate(update))
    asking.socket.send(writeUpdate(update))
    await until(() => asking.received.length === 1, 'the ack')
    expect(asking.received.map(readChannelMessage)).toEqual([{ kind: 'saved', count: 1, commit: 1 }])
    expect(plain.received).toEqual([])
  })

  it('hears something in every heartbeat, so that its watchdog sleeps', async () => {
    const provider = connect('ticket:1')
    await synced(provider)
    const before = provider.wsLastMessageReceived
    provider.wsLastMessageReceived = 0
    wire.sockets.beat()
    await until(() => provider.wsLastMessageReceived >= before, 'the heartbeat')
    expect([...provider.awareness.getStates().keys()]).toEqual([provider.doc.clientID])
  })

  it('is found dead when it answers no ping, and its membership ends', async () => {
    const { socket } = await openRaw('/sync/ticket:1?token=ana', { autoPong: false })
    await until(() => door.room('ticket:1').members.size === 1, 'the join')
    const [membership] = door.room('ticket:1').members
    wire.sockets.beat()
    wire.sockets.beat()
    expect(membership?.hasLeft).toBe(false)
    wire.sockets.beat()
    expect(membership?.hasLeft).toBe(true)
    expect((await closeOf(socket)).code).toBe(1006)
  })

  it('that answers pings stays', async () => {
    const { socket } = await openRaw('/sync/ticket:1?token=ana')
    await until(() => door.room('ticket:1').members.size === 1, 'the join')
    for (let beat = 0; beat < 4; beat++) {
      const pinged = new Promise(resolve => socket.once('ping', resolve))
      wire.sockets.beat()
      // It is pinged every other time; the answer to a ping of ours comes after its pong was read.
      if (beat % 2 === 1) await pinged
      const ponged = new Promise(resolve => socket.once('pong', resolve))
      socket.ping()
      await ponged
    }
    expect(door.room('ticket:1').members.size).toBe(1)
  })

  it('is sent what a room relays as one frame, compressed where it takes it and gains', async () => {
    const large = writeUpdate(new Uint8Array(20_000).fill(65))
    const takes = await openRaw('/sync/ticket:1?token=ana')
    const doesNot = await openRaw('/sync/ticket:1?token=ben', { perMessageDeflate: false })
    await until(() => door.room('ticket:1').members.size === 2, 'both joins')
    relay(door.room('ticket:1'), large, null)
    await until(() => takes.received.length + doesNot.received.length === 2, 'both frames')
    expect(takes.received).toEqual([large])
    expect(doesNot.received).toEqual([large])
    expect(wire.counters.bytesBeforeCompression).toBe(large.length)
    expect(wire.counters.bytesAfterCompression).toBeLessThan(200)
  })

  it.each([
    ['small', 200],
    ['larger than what is inflated at once', 400_000],
  ])('sends compressed messages too, %s', async (_size, length) => {
    const { socket } = await openRaw('/sync/ticket:1?token=ana', { perMessageDeflate: { threshold: 0 } })
    const doc = docWith('x'.repeat(length))
    const whole = writeUpdate(Y.encodeStateAsUpdate(doc))
    socket.send(whole)
    await until(() => door.room('ticket:1').commit === 1, 'the edit')
    expect(door.room('ticket:1').doc.getMap('m').toJSON()).toEqual(doc.getMap('m').toJSON())
    const fragmented = writeUpdate(Y.encodeStateAsUpdate(docWith('y')))
    socket.send(fragmented.subarray(0, 10), { fin: false })
    socket.send(fragmented.subarray(10), { fin: true })
    await until(() => door.room('ticket:1').commit === 2, 'the edit in two fragments')
    socket.send(writeSyncStep1(Uint8Array.of(0)))
    const answered = () => door.room('ticket:1').members.size === 1 && socket.readyState === WebSocket.OPEN
    await until(answered, 'the session')
  })

  it('whose compressed message is a bomb is told that it is too large', async () => {
    const { socket } = await openRaw('/sync/ticket:1?token=ana', { perMessageDeflate: { threshold: 0 } })
    socket.send(new Uint8Array(9 * 1024 * 1024))
    expect((await closeOf(socket)).code).toBe(4413)
  })

  it('is told for good that a message is too large', async () => {
    await wire.close()
    const limits = { ...defaultLimits, messageBytes: 1_000 }
    wire = await startWireServer([createStockEndpoint({ door })], { limits })
    const { socket } = await openRaw('/sync/ticket:1?token=ana')
    socket.send(new Uint8Array(1_001))
    expect((await closeOf(socket)).code).toBe(4413)
  })

  it('is asked to come back when the server drains', async () => {
    const { socket } = await openRaw('/sync/ticket:1?token=ana')
    await until(() => door.room('ticket:1').members.size === 1, 'the join')
    const closing = closeOf(socket)
    await wire.sockets.close(500)
    expect((await closing).code).toBe(4503)
    expect(door.room('ticket:1').members.size).toBe(0)
  })

  it('that sends too fast is slowed, and all of it arrives', async () => {
    await wire.close()
    const limits = { ...defaultLimits, updatesPerSecond: 200, updateBurst: 100 }
    wire = await startWireServer([createStockEndpoint({ door })], { limits })
    const { socket } = await openRaw('/sync/ticket:1?token=ana')
    const doc = new Y.Doc()
    doc.on('update', update => socket.send(writeUpdate(update)))
    for (let i = 0; i < 300; i++) doc.getArray('a').push([i])
    await until(() => door.room('ticket:1').doc.getArray('a').length === 300, 'all edits')
    expect(door.room('ticket:1').doc.getArray('a').toArray()).toEqual(
      Array.from({ length: 300 }, (_, i) => i),
    )
  })

  it('is held to few full states from its first message on', async () => {
    await wire.close()
    const limits = { ...defaultLimits, fullStatesPerMinute: 3 }
    wire = await startWireServer([createStockEndpoint({ door })], { limits })
    const { socket, received } = await openRaw('/sync/ticket:1?token=ana')
    const asked = writeSyncStep1(Y.encodeStateVector(new Y.Doc()))
    for (let i = 0; i < 20; i++) socket.send(asked)
    const isState = (bytes: Uint8Array): boolean => readChannelMessage(bytes).kind === 'syncStep2'
    await until(() => received.filter(isState).length >= 3, 'the first answers')
    // By then it would long have been answered all.
    const other = connect('ticket:2')
    await synced(other)
    expect(received.filter(isState).length).toBeLessThan(6)
  })

  it('on a path that nothing serves is told so for good', async () => {
    const { socket } = await openRaw('/elsewhere?token=ana')
    expect((await closeOf(socket)).code).toBe(4404)
  })

  it('of a page of another origin is refused', async () => {
    const { socket } = await openRaw('/sync/ticket:1?token=ana', { origin: 'https://evil.example' })
    expect((await closeOf(socket)).code).toBe(4403)
  })
})

const docWith = (value: string): Y.Doc => {
  const doc = new Y.Doc()
  doc.getMap('m').set('value', value)
  return doc
}
