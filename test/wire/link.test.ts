import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { defaultLimits, type Limits } from '../../server/access/limits.ts'
import type { ControlHandler, Link, LinkFeedWriter } from '../../server/link/control-handler.ts'
import { createLinkEndpoint } from '../../server/link/link-endpoint.ts'
import { controlMessage } from '../../server/link/link-session.ts'
import { createStockEndpoint } from '../../server/link/stock-endpoint.ts'
import { textMessage } from '../../server/link/shared-message.ts'
import { createWireCounters } from '../../server/link/wire-counters.ts'
import { linkDigest } from '../../shared/wire/link-digest.ts'
import { natural, object } from '../../shared/wire/shape.ts'
import {
  MESSAGE_SAVED,
  readChannelMessage,
  writePending,
  writeSaved,
  writeSyncStep1,
  writeUpdate,
} from '../../shared/wire/sync-message.ts'
import { FakeDoor, relay } from './fake-door.ts'
import { LinkClient } from './link-client.ts'
import { fakeAuthenticator, startWireServer, until, type WireServer } from './wire-server.ts'
import { endProvider } from './stock-provider.ts'

let door: FakeDoor
let wire: WireServer
let lists: FakeLists
const clients: LinkClient[] = []

/** What lists will do: numbered subscriptions, versions in the digest, shared deltas. */
class FakeLists implements ControlHandler {
  readonly names = ['sub', 'unsub']
  readonly links = new Map<Link, Map<number, LinkFeedWriter>>()
  drained = 0

  receive(link: Link, name: string, body: object): void {
    const { id } = subscription.parse(body, '')
    const feeds = this.links.get(link) ?? new Map<number, LinkFeedWriter>()
    this.links.set(link, feeds)
    if (name === 'sub') feeds.set(id, link.feed({ drained: () => this.drained++ }))
    else feeds.delete(id)
    link.send({ t: 'list', id, rows: [] })
  }

  closed(link: Link): void {
    this.links.delete(link)
  }

  *versions(link: Link): Iterable<readonly [number, number]> {
    for (const id of this.links.get(link)?.keys() ?? []) yield [id, 7]
  }
}

const subscription = object({ id: natural })

const start = async (limits: Partial<Limits> = {}): Promise<void> => {
  door = new FakeDoor()
  lists = new FakeLists()
  const all = { ...defaultLimits, ...limits }
  const counters = createWireCounters()
  const logger = { info() {}, warn() {}, error() {} }
  const link = createLinkEndpoint({
    door,
    authenticator: fakeAuthenticator,
    limits: all,
    counters,
    logger,
    handlers: [lists],
  })
  wire = await startWireServer([createStockEndpoint({ door }), link], { limits: all, counters })
}

beforeEach(() => start())

afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.terminate()
  await wire.close()
})

const connect = (): LinkClient => {
  const client = new LinkClient(wire.url)
  clients.push(client)
  return client
}

const openChannels = (channels: readonly number[], room = (channel: number) => `ticket:${channel}`) => ({
  t: 'open' as const,
  channels: channels.map(channel => ({ channel, room: room(channel) })),
})

const updateWith = (value: string): Uint8Array => {
  const doc = new Y.Doc()
  doc.getMap('m').set('value', value)
  return writeUpdate(Y.encodeStateAsUpdate(doc))
}

describe('a link', () => {
  it('says who one is, what time it is, and what may be done', async () => {
    const client = await connect().opened()
    client.tell({ t: 'hello', version: 1, token: 'ana:Ana', client: 'test' })
    const welcome = await client.heard('welcome')
    expect(welcome).toMatchObject({
      version: 1,
      user: { id: 'ana', name: 'Ana', roles: [] },
      expiresAt: null,
      heartbeatMs: 20_000,
      limits: { channels: 4_096, messageBytes: 8 * 1024 * 1024, presenceBytes: 4_096 },
    })
    expect(Math.abs(welcome.time - Date.now())).toBeLessThan(60_000)
  })

  it.each([
    ['another message than hello', { t: 'ping', n: 1 } as const, 4400],
    ['a version of the future', { t: 'hello', version: 99, token: 'ana' } as const, 4400],
    ['an expired token', { t: 'hello', version: 1, token: 'expired' } as const, 4401],
    ['no token', { t: 'hello', version: 1, token: null } as const, 4401],
  ])('that begins with %s is closed for good', async (_what, message, code) => {
    const client = await connect().opened()
    client.tell(message)
    expect((await client.closed()).code).toBe(code)
  })

  it('holds no more of what somebody sends who has not said who they are than that takes', async () => {
    const client = await connect().opened()
    client.socket.send(randomBytes(100_000), { fin: false })
    expect(await client.closed()).toMatchObject({ code: 4413 })
    const known = await connect().greeted()
    known.tell({ t: 'other', much: 'x'.repeat(100_000) })
    expect(await known.heard('error')).toMatchObject({ about: 'other' })
  })

  it('that says nothing is closed, to try again', async () => {
    await wire.close()
    await start({ helloMs: 20 })
    const client = await connect().opened()
    expect((await client.closed()).code).toBe(4529)
  })

  it('does what is asked right behind the hello', async () => {
    const client = await connect().opened()
    client.tell({ t: 'hello', version: 1, token: 'ana' })
    client.tell(openChannels([1]))
    client.send(1, updateWith('early'))
    await until(() => door.room('ticket:1').commit === 1 && client.order.length > 1, 'the edit')
    expect(client.order.slice(0, 2)).toEqual(['welcome', 'opened'])
  })

  it('opens a thousand records at once, and tells of them before their messages', async () => {
    const client = await connect().greeted()
    const numbers = Array.from({ length: 1_000 }, (_, i) => i + 1)
    client.tell(openChannels(numbers))
    for (const number of numbers) client.send(number, writeSyncStep1(Uint8Array.of(0)))
    await until(() => client.messages.size === 1_000, 'a thousand answers')
    const opened = client.control.filter(message => message.t === 'opened')
    expect(
      opened.flatMap(({ channels }) => channels.map(({ channel }) => channel)).sort((a, b) => a - b),
    ).toEqual(numbers)
    const seen = new Set<number>()
    for (const message of client.order) if (typeof message === 'number') seen.add(message)
    expect(client.order.indexOf('opened')).toBeLessThan(
      client.order.findIndex(each => typeof each === 'number'),
    )
    expect(opened.length).toBeLessThan(100)
    expect(client.messages.get(1_000)?.map(readChannelMessage)).toMatchObject([
      { kind: 'syncStep2', commit: 0 },
      { kind: 'syncStep1' },
    ])
  })

  it('keeps, for a record, the client id and the epoch asked for; another epoch is told', async () => {
    const client = await connect().greeted()
    client.tell({
      t: 'open',
      channels: [
        { channel: 1, room: 'ticket:1', clientId: 4711, epoch: 'epoch-1' },
        { channel: 2, room: 'ticket:2', epoch: 'epoch-0' },
      ],
    })
    expect((await client.heard('opened')).channels).toEqual([
      { channel: 1, epoch: 'epoch-1', commit: 0, readOnly: false, clientId: 4711, held: null },
    ])
    expect((await client.heard('closed')).channels).toMatchObject([{ channel: 2, code: 'EPOCH_CHANGED' }])
  })

  it('of which one record may not be read carries the others', async () => {
    const client = await connect().greeted()
    client.tell(openChannels([1, 2, 3], channel => (channel === 2 ? 'no:2' : `ticket:${channel}`)))
    expect((await client.heard('closed')).channels).toEqual([
      { channel: 2, code: 'FORBIDDEN', sentence: 'Ask for access: you may not read this.' },
    ])
    expect((await client.heard('opened')).channels.map(({ channel }) => channel)).toEqual([1, 3])
  })

  it('carries records to and from stock clients, and acknowledges what is durable', async () => {
    const ana = await connect().greeted()
    const ben = await connect().greeted('ben')
    ana.tell(openChannels([1]))
    ben.tell(openChannels([5], () => 'ticket:1'))
    await ana.heard('opened')
    await ben.heard('opened')
    ana.send(1, updateWith('x'))
    await until(() => ben.messages.size === 1 && ana.messages.size === 1, 'relay and ack')
    expect(ben.messages.get(5)?.map(readChannelMessage)).toMatchObject([{ kind: 'update', commit: 1 }])
    expect(ana.messages.get(1)?.map(readChannelMessage)).toEqual([{ kind: 'saved', count: 1, commit: 1 }])
  })

  it('sends nothing more on a channel that was closed, and the other channels live on', async () => {
    const client = await connect().greeted()
    client.tell(openChannels([1, 2]))
    await client.heard('opened')
    client.tell({ t: 'close', channels: [1] })
    await until(() => door.room('ticket:1').members.size === 0, 'the end of the channel')
    relay(door.room('ticket:1'), updateWith('x'), null)
    relay(door.room('ticket:2'), updateWith('x'), null)
    await until(() => client.messages.has(2), 'the other record')
    expect(client.messages.has(1)).toBe(false)
  })

  it('closed while its records are loading leaves no membership behind', async () => {
    const client = await connect().greeted()
    client.tell(openChannels([1, 2], channel => `slow:${channel}`))
    await until(() => door.waiting.length === 2, 'both joins')
    client.tell({ t: 'close', channels: [1] })
    client.tell({ t: 'ping', n: 1 })
    await client.heard('pong')
    client.socket.terminate()
    await until(() => wire.sockets.size === 0, 'the end of the link')
    for (const open of door.waiting.splice(0)) open()
    await new Promise(resolve => setImmediate(resolve))
    expect([door.room('slow:1').members.size, door.room('slow:2').members.size]).toEqual([0, 0])
  })

  it('tells why a room has closed a channel', async () => {
    const client = await connect().greeted()
    client.tell(openChannels([1]))
    await client.heard('opened')
    const [member] = door.room('ticket:1').members
    member?.peer.close('READ_ENDED')
    expect(member?.hasLeft).toBe(true)
    expect((await client.heard('closed')).channels).toMatchObject([{ channel: 1, code: 'READ_ENDED' }])
  })

  it('tells what was saved before a room closed the channel, also while something large is on its way', async () => {
    const client = await connect().greeted()
    client.tell(openChannels([1]))
    await client.heard('opened')
    const [member] = door.room('ticket:1').members
    // It is being compressed, and everything after it waits.
    member?.peer.send(textMessage('large'.repeat(50_000)))
    member?.peer.send(writeSaved({ count: 7, commit: 7 }))
    member?.peer.close('READ_ENDED')
    await client.heard('closed')
    expect(client.messages.get(1)?.map(([kind]) => kind)).toContain(MESSAGE_SAVED)
  })

  it('of which one record fails carries the others', async () => {
    const client = await connect().greeted()
    client.tell(openChannels([1, 2]))
    await client.heard('opened')
    client.send(1, writePending(1))
    expect((await client.heard('closed')).channels).toMatchObject([{ channel: 1, code: 'INTERNAL' }])
    client.send(2, updateWith('x'))
    await until(() => door.room('ticket:2').commit === 1, 'the edit')
  })

  it('has a limit on its channels, and beyond it the others stay open', async () => {
    await wire.close()
    await start({ channelsPerLink: 2 })
    const client = await connect().greeted()
    client.tell(openChannels([1, 2, 3]))
    expect((await client.heard('closed')).channels).toMatchObject([{ channel: 3, code: 'TOO_MANY_CHANNELS' }])
    expect((await client.heard('opened')).channels.length).toBe(2)
  })

  it('is refused at once what is beyond its channels, however many wait for their turn', async () => {
    await wire.close()
    await start({ channelsPerLink: 2, joinsPerSecond: 1 })
    const client = await connect().greeted()
    client.tell(openChannels([1, 2, 3, 4, 5]))
    expect((await client.heard('closed')).channels.map(({ channel }) => channel)).toEqual([3, 4, 5])
  })

  it('opens nothing of what was closed while it waited for its turn, however much that is', async () => {
    await wire.close()
    await start({ joinsPerSecond: 2 })
    const client = await connect().greeted()
    client.tell(openChannels(Array.from({ length: 1_000 }, (_, i) => i + 1)))
    client.tell({ t: 'close', channels: Array.from({ length: 998 }, (_, i) => i + 3) })
    client.tell(openChannels([1_001]))
    const opened = () => client.control.flatMap(message => (message.t === 'opened' ? message.channels : []))
    // One after the other: whatever still waited would come before.
    await until(() => opened().some(({ channel }) => channel === 1_001), 'the last')
    expect(opened().map(({ channel }) => channel)).toEqual([1, 2, 1_001])
  })

  it('that opens too many records in a second waits for the rest', async () => {
    await wire.close()
    await start({ joinsPerSecond: 50 })
    const client = await connect().greeted()
    client.tell(openChannels(Array.from({ length: 60 }, (_, i) => i + 1)))
    const opened = () => client.control.flatMap(message => (message.t === 'opened' ? message.channels : []))
    await until(() => opened().length === 60, 'all of them')
  })

  it.each([
    ['no frame', Uint8Array.of(200), 4405],
    ['control that is no JSON', Uint8Array.of(0, 123), 4405],
    ['control without a name', new Uint8Array([0, ...Buffer.from('{}')]), 4405],
    ['control of a wrong shape', new Uint8Array([0, ...Buffer.from('{"t":"open","channels":7}')]), 4405],
    ['a text', '{"t":"hello"}', 4405],
    ['channel 0 to be opened', new Uint8Array([0, ...Buffer.from(JSON.stringify(openChannels([0])))]), 4400],
    [
      'one number for two channels',
      new Uint8Array([0, ...Buffer.from(JSON.stringify(openChannels([1, 1])))]),
      4400,
    ],
  ])('that sends %s is closed', async (_what, bytes, code) => {
    const client = await connect().greeted()
    client.socket.send(bytes)
    expect((await client.closed()).code).toBe(code)
  })

  it('renews its token while everything stays open, and not by the token of somebody else', async () => {
    const client = await connect().greeted('ana:Ana')
    client.tell(openChannels([1]))
    await client.heard('opened')
    client.tell({ t: 'token', token: 'ana:Ana B.' })
    expect((await client.heard('renewed')).user).toEqual({ id: 'ana', name: 'Ana B.', roles: [] })
    const [member] = door.room('ticket:1').members
    expect([member?.principals, member?.peer.principal.name]).toEqual([1, 'Ana B.'])
    for (const [token, code] of [
      ['expired', 'TOKEN_EXPIRED'],
      ['ben', 'TOKEN_OF_ANOTHER'],
    ] as const) {
      client.tell({ t: 'token', token })
      expect(await client.heard('error')).toMatchObject({ about: 'token', code })
    }
    expect(member?.peer.principal.name).toBe('Ana B.')
  })

  it('compares at each heartbeat what it shows, and can ask for the whole', async () => {
    const client = await connect().greeted()
    client.tell(openChannels([1, 2]))
    await client.heard('opened')
    client.tell({ t: 'sub', id: 9 })
    door.room('ticket:2').commit = 41
    client.tell({ t: 'ping', n: 3 })
    const pairs = [
      [1, 0],
      [2, 41],
    ] as const
    expect(await client.heard('pong')).toMatchObject({
      n: 3,
      digest: { records: linkDigest(pairs), lists: linkDigest([[9, 7]]) },
    })
    client.tell({ t: 'check' })
    expect(await client.heard('commits')).toEqual({ t: 'commits', channels: pairs, lists: [[9, 7]] })
  })

  it('looks at all that is open no more often than it is asked honestly', async () => {
    const client = await connect().greeted()
    client.tell(openChannels([1]))
    await client.heard('opened')
    for (let time = 0; time < 100; time++) client.tell({ t: 'check' })
    for (let time = 0; time < 100; time++) client.tell({ t: 'token', token: 'ana' })
    client.tell({ t: 'ping', n: 1 })
    await client.heard('pong')
    await until(() => client.control.length === 200, 'an answer to each')
    const refused = client.control.filter(message => message.t === 'error')
    expect(new Set(refused.map(({ about, code }) => `${about} ${code}`))).toEqual(
      new Set(['check TOO_FAST', 'token TOO_FAST']),
    )
    expect(refused.length).toBeGreaterThan(100)
    expect(client.control.filter(({ t }) => t === 'commits').length).toBeGreaterThanOrEqual(20)
  })

  it('hands messages of other names to who registered for them, and says so where nobody did', async () => {
    const client = await connect().greeted()
    client.tell({ t: 'sub', id: 1, query: { where: {} } })
    expect(await client.heard('other')).toMatchObject({ name: 'list', body: { id: 1, rows: [] } })
    client.tell({ t: 'sub', id: 'x' })
    expect(await client.heard('error')).toMatchObject({ about: 'sub', code: 'BAD_REQUEST' })
    client.tell({ t: 'of-the-future' })
    expect(await client.heard('error')).toMatchObject({ about: 'of-the-future', code: 'BAD_REQUEST' })
    client.socket.close()
    await until(() => lists.links.size === 0, 'the end of the subscription')
  })

  it('carries one delta of a list to many', async () => {
    const both = [await connect().greeted(), await connect().greeted('ben')]
    for (const client of both) client.tell({ t: 'sub', id: 1 })
    await until(() => lists.links.size === 2, 'both subscriptions')
    const delta = controlMessage({ t: 'delta', id: 1, enter: ['x'.repeat(5_000)] })
    for (const feeds of lists.links.values()) for (const feed of feeds.values()) feed.send(delta)
    await until(() => both.every(client => client.order.includes('delta')), 'both deltas')
    expect(delta.compressed?.length).toBeLessThan(100)
  })

  it('compresses a channel message once for all, whatever its channel numbers', async () => {
    const both = [await connect().greeted(), await connect().greeted('ben')]
    both[0]?.tell(openChannels([1], () => 'ticket:1'))
    both[1]?.tell(openChannels([300], () => 'ticket:1'))
    await until(() => door.room('ticket:1').members.size === 2, 'both joins')
    for (const size of [3_000, 100_000]) {
      const message = writeUpdate(new Uint8Array(size).fill(65))
      relay(door.room('ticket:1'), message, null)
      await until(
        () => both.every(client => [...client.messages.values()].flat().at(-1)?.length === message.length),
        'both',
      )
      expect(both.map(client => [...client.messages.values()].flat().at(-1))).toEqual([message, message])
    }
    expect(wire.counters.bytesAfterCompression).toBeLessThan(1_000)
  })

  it('serves the stock provider over a virtual socket', async () => {
    const client = await connect().greeted()
    let channels = 0
    class VirtualSocket {
      readonly OPEN = 1
      readyState = 0
      binaryType = 'arraybuffer'
      onopen: (() => void) | null = null
      onmessage: ((event: { data: ArrayBuffer }) => void) | null = null
      onclose: ((event: { code: number; reason: string }) => void) | null = null
      private readonly channel = ++channels

      constructor(url: string) {
        const room = decodeURIComponent(url.slice('virtual://link/'.length))
        client.tell({ t: 'open', channels: [{ channel: this.channel, room }] })
        client.onMessage = (_channel, payload) =>
          this.onmessage?.({ data: payload.slice().buffer as ArrayBuffer })
        client.onControl = message => {
          if (message.t !== 'opened') return
          this.readyState = 1
          this.onopen?.()
        }
      }

      send(bytes: Uint8Array): void {
        client.send(this.channel, bytes)
      }

      close(): void {
        client.tell({ t: 'close', channels: [this.channel] })
      }
    }
    door.room('ticket:1').doc.getMap('m').set('before', 1)
    // The provider reports a message kind it does not know on the console, unless it is given a handler.
    const provider = new WebsocketProvider('virtual://link', 'ticket:1', new Y.Doc(), {
      WebSocketPolyfill: VirtualSocket as unknown as typeof globalThis.WebSocket,
      disableBc: true,
    })
    provider.messageHandlers[MESSAGE_SAVED] = () => {}
    await until(() => provider.synced, 'the sync')
    provider.doc.getMap('m').set('after', 2)
    await until(() => door.room('ticket:1').doc.getMap('m').get('after') === 2, 'the edit')
    expect(provider.doc.getMap('m').toJSON()).toEqual({ before: 1, after: 2 })
    endProvider(provider)
    await until(() => door.room('ticket:1').members.size === 0, 'the close')
  })

  it('that nobody touches costs no traffic', async () => {
    const client = await connect().greeted()
    client.tell(openChannels([1, 2, 3]))
    await client.heard('opened')
    const { framesSent, bytesSent } = wire.counters
    wire.sockets.beat()
    await new Promise(resolve => setImmediate(resolve))
    expect(wire.counters).toMatchObject({ framesSent, bytesSent })
  })
})
