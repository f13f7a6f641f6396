import { createConnection, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { defaultLimits } from '../../server/access/limits.ts'
import { type Backlog, UnreadAnswers } from '../../server/http/unread-answers.ts'
import { Flusher, Outbox, type Source } from '../../server/link/outbox.ts'
import { SharedMessage, textMessage } from '../../server/link/shared-message.ts'
import { createStockEndpoint } from '../../server/link/stock-endpoint.ts'
import { createWireCounters } from '../../server/link/wire-counters.ts'
import { writeUpdate } from '../../shared/wire/sync-message.ts'
import { FakeDoor, type FakeMembership, type FakeRoom, relay } from './fake-door.ts'
import { startWireServer, until, type WireServer } from './wire-server.ts'

/** A socket whose other side reads when the test says so. */
class CrankedSocket extends Duplex {
  readonly written: Buffer[] = []
  private waiting: (() => void) | null = null
  isReading = true

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.accept([chunk], done)
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.accept(
      chunks.map(({ chunk }) => chunk),
      done,
    )
  }

  /** The other side reads what was written; and goes on reading, or stops again. */
  crank(goesOn = true): void {
    this.isReading = goesOn
    const { waiting } = this
    this.waiting = null
    waiting?.()
  }

  get frames(): string[] {
    const all = Buffer.concat(this.written)
    const frames: string[] = []
    for (let at = 0; at < all.length; ) {
      const short = (all[at + 1] ?? 0) & 127
      const header = short < 126 ? 2 : short === 126 ? 4 : 10
      const length =
        short < 126 ? short : short === 126 ? all.readUInt16BE(at + 2) : all.readUIntBE(at + 4, 6)
      frames.push(all.toString('utf8', at + header, at + header + Math.min(length, 4)))
      at += header + length
    }
    return frames
  }

  private accept(chunks: Buffer[], done: () => void): void {
    this.written.push(...chunks)
    if (this.isReading) done()
    else this.waiting = done
  }
}

class FakeSource implements Source {
  readonly channel = null
  drainedTimes = 0
  onDrained: () => void = () => {}

  drained(): void {
    this.drainedTimes++
    this.onDrained()
  }
}

const message = (name: string, bytes = 4): SharedMessage =>
  new SharedMessage(Buffer.from(name.padEnd(bytes, ' ')))

describe('an outbox', () => {
  let socket: CrankedSocket
  let outbox: Outbox
  let overflows: number
  const counters = createWireCounters()
  const flusher = new Flusher()
  let unread: UnreadAnswers
  let time = 0
  let cut: number[] = []

  /** One more, with a socket of its own. */
  const another = (own: CrankedSocket, number: number): Outbox =>
    new Outbox(
      {
        flusher,
        unread,
        limits: { backlogBytes: 10e6, backlogBytesMax: 10e6 },
        counters,
        compressAbove: 1e9,
      },
      { overflowed() {}, cutOff: () => void cut.push(number) },
      own,
      false,
    )

  beforeEach(() => {
    ;[time, cut] = [0, []]
    unread = new UnreadAnswers({ bytesMax: 1_000_000, onCut() {}, monotonic: () => time })
    socket = new CrankedSocket()
    overflows = 0
    const limits = { backlogBytes: 10_000, backlogBytesMax: 40_000 }
    const owner = { overflowed: () => overflows++, cutOff() {} }
    outbox = new Outbox({ flusher, unread, limits, counters, compressAbove: 1_000 }, owner, socket, false)
  })

  const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

  /** Fills what the socket itself takes, so that everything after waits in the outbox. */
  const block = async (source: Source): Promise<void> => {
    socket.isReading = false
    outbox.send(message('fill', 100_000), source)
    await turn()
  }

  it('writes once what is sent within a turn, in order', async () => {
    const [a, b] = [new FakeSource(), new FakeSource()]
    const { writes } = counters
    outbox.send(message('1'), a)
    outbox.sendShared(message('2'), b)
    outbox.send(textMessage('3'), a)
    await turn()
    expect(socket.frames.map(frame => frame.trim())).toEqual(['1', '2', '3'])
    expect(counters.writes - writes).toBe(1)
  })

  it('keeps the order through a pause of the reader', async () => {
    const source = new FakeSource()
    await block(source)
    for (let i = 0; i < 5; i++) outbox.sendShared(message(`m${i}`), source)
    socket.crank()
    await turn()
    await turn()
    expect(socket.frames.slice(1).map(frame => frame.trim())).toEqual(['m0', 'm1', 'm2', 'm3', 'm4'])
    expect(source.drainedTimes).toBe(0)
  })

  it('drops what others get too when it is too much, keeps what is for this reader, and resyncs', async () => {
    const [room, other] = [new FakeSource(), new FakeSource()]
    room.onDrained = () => outbox.send(message('all'), room)
    await block(other)
    outbox.send(message('ack'), other)
    for (let i = 0; i < 30; i++) outbox.sendShared(message(`m${i}`, 1_000), room)
    expect(outbox.backlogBytes).toBeLessThan(115_000)
    socket.crank()
    await turn()
    await turn()
    expect(socket.frames.slice(1).map(frame => frame.trim())).toEqual(['ack', 'all'])
    expect([room.drainedTimes, other.drainedTimes]).toEqual([1, 0])
    outbox.sendShared(message('next'), room)
    await turn()
    expect(socket.frames.at(-1)).toBe('next')
  })

  it('resyncs one source after the other, as far as the reader reads', async () => {
    const rooms = Array.from({ length: 4 }, () => new FakeSource())
    for (const room of rooms) room.onDrained = () => outbox.send(message('all', 90_000), room)
    await block(new FakeSource())
    for (const room of rooms) for (let i = 0; i < 5; i++) outbox.sendShared(message('m', 1_000), room)
    const drained = () => rooms.reduce((sum, room) => sum + room.drainedTimes, 0)
    expect(drained()).toBe(0)
    for (let reads = 1; reads <= 4; reads++) {
      socket.crank(false)
      await turn()
      expect(drained()).toBe(reads)
    }
  })

  it('gives up a reader for whom too much waits that may not be dropped', async () => {
    const source = new FakeSource()
    await block(source)
    outbox.send(message('one large state may wait', 100_000), source)
    expect(overflows).toBe(0)
    outbox.send(message('but not more'), source)
    expect(overflows).toBe(1)
  })

  it('counts what a flood of tiny messages really costs', async () => {
    const source = new FakeSource()
    await block(source)
    for (let i = 0; i < 1_000 && overflows === 0; i++) outbox.send(message('ack'), source)
    expect(overflows).toBe(1)
  })

  it('forgets what a closed source had waiting', async () => {
    const [gone, stays] = [new FakeSource(), new FakeSource()]
    await block(stays)
    outbox.send(message('gone'), gone)
    outbox.send(message('stay'), stays)
    for (let i = 0; i < 30; i++) outbox.sendShared(message('m', 1_000), gone)
    outbox.forget(gone)
    socket.crank()
    await turn()
    await turn()
    expect(socket.frames.slice(1)).toEqual(['stay'])
    expect(gone.drainedTimes).toBe(0)
  })

  it('keeps the order while a large message is being compressed', async () => {
    const compressing = new Outbox(
      {
        flusher,
        unread,
        limits: { backlogBytes: 1e6, backlogBytesMax: 1e6 },
        counters,
        compressAbove: 1_000,
      },
      { overflowed() {}, cutOff() {} },
      socket,
      true,
    )
    const source = new FakeSource()
    const large = message('large', 200_000)
    compressing.send(message('1'), source)
    compressing.sendShared(large, source)
    compressing.send(message('3'), source)
    await until(() => socket.written.length >= 2 && large.compressed !== undefined, 'the compression')
    await turn()
    const bytes = Buffer.concat(socket.written)
    const compressed = Buffer.from(large.compressed ?? [])
    expect(bytes.indexOf('1')).toBeLessThan(bytes.indexOf(compressed))
    expect(bytes.subarray(-4).toString().trim()).toBe('3')
    expect(bytes.length).toBeLessThan(1_000)
  })

  it('is told later what is long and others get as well, where too much lies before all together', async () => {
    const slow = Array.from({ length: 5 }, () => new CrankedSocket())
    const outboxes = slow.map(another)
    const sources = slow.map(() => new FakeSource())
    const tell = (i: number): void =>
      outboxes[i]?.sendShared(message(`m${i}`, 400_000), sources[i] as FakeSource)
    const drained = (): number[] => sources.map(({ drainedTimes }) => drainedTimes)
    for (const [i, source] of sources.entries()) source.onDrained = () => tell(i)
    for (const one of slow) one.isReading = false
    for (const i of [0, 1, 2, 3]) tell(i)
    // Who is told little, or alone, is told at once.
    outboxes[2]?.sendShared(message('few'), new FakeSource())
    outboxes[4]?.send(message('mine', 400_000), new FakeSource())
    await turn()
    expect(slow.map(({ frames }) => frames[0]?.trim())).toEqual(['m0', 'm1', 'few', undefined, 'mine'])
    slow[2]?.crank(false)

    // As others read each has its turn, with what stands then.
    slow[0]?.crank()
    await turn()
    await turn()
    expect(drained()).toEqual([0, 0, 0, 0, 0])
    slow[4]?.crank()
    await turn()
    await turn()
    expect(drained()).toEqual([0, 0, 1, 0, 0])
    expect(outboxes.reduce((bytes, { backlogBytes }) => bytes + backlogBytes, 0)).toBeLessThan(1_000_000)
    slow[1]?.crank()
    await turn()
    await turn()
    expect(drained()).toEqual([0, 0, 1, 1, 0])
    expect(cut).toEqual([])
    for (const one of outboxes) one.close()
  })

  it('is told when there is room among thousands, one in a turn, and not where it is gone', async () => {
    socket.isReading = false
    outbox.send(message('fill', 990_000), new FakeSource())
    await turn()
    const told: number[] = []
    const outboxes = Array.from({ length: 2_000 }, (_, i) => another(new CrankedSocket(), i))
    const large = message('rows', 70_000)
    for (const [i, one] of outboxes.entries()) {
      const source = new FakeSource()
      source.onDrained = () => {
        told.push(i)
        one.sendShared(large, source)
      }
      one.sendShared(large, source)
    }
    outboxes[0]?.close()
    await turn()
    expect(told).toEqual([])

    // Each reads what it is told as it is written.
    socket.crank()
    await turn()
    await turn()
    expect(told.length).toBeLessThan(10)
    for (let i = 0; i < 3_000; i++) await turn()
    expect(told).toEqual(Array.from({ length: 1_999 }, (_, i) => i + 1))
    outbox.close()
  })

  it('is not counted anew for each of thousands who are told the same, and is when too much may lie there', () => {
    let counted = 0
    const one = (bytes: number): Backlog => ({
      get backlogBytes() {
        counted++
        return bytes
      },
      cutOff() {},
      hasRoomAgain() {},
    })
    const take = (bytes: number): boolean => {
      const hasRoom = unread.hasRoom(bytes)
      if (hasRoom) unread.watchBacklog(one(bytes))
      return hasRoom
    }
    for (let i = 0; i < 1_000; i++) expect(take(1_000)).toBe(true)
    expect(counted).toBeLessThan(2_000)
    expect([take(1_000), take(500_000), take(1)]).toEqual([false, false, false])
  })

  it('is cut off where it has not read for longest and others need the room, and not before', async () => {
    const slow = Array.from({ length: 4 }, () => new CrankedSocket())
    const outboxes = slow.map(another)
    for (const one of slow.slice(0, 3)) one.isReading = false
    const tell = (i: number): void => outboxes[i]?.sendShared(message(`m${i}`, 400_000), new FakeSource())
    tell(0)
    tell(1)
    await turn()
    time = 9_999
    // It has read meanwhile, and waits with what comes next.
    slow[0]?.crank(false)
    await turn()
    tell(0)
    tell(2)
    await turn()
    expect(cut).toEqual([])
    time = 10_000
    tell(3)
    await turn()
    await turn()
    expect(cut).toEqual([1])
    expect(slow[3]?.frames[0]?.trim()).toBe('m3')
    for (const one of outboxes) one.close()
  })

  it('is not cut off for the little that it has not read, however long that waits', () => {
    const cutOff: string[] = []
    const waits = (name: string, backlogBytes: number): Backlog => ({
      backlogBytes,
      cutOff: () => cutOff.push(name),
      hasRoomAgain() {},
    })
    unread.watchBacklog(waits('news', 60_000))
    unread.watchBacklog(waits('rows', 900_000))
    time += 10_000
    expect(unread.hasRoom(500_000)).toBe(true)
    expect(cutOff).toEqual(['rows'])
  })

  it('is counted no more once it is closed', async () => {
    await block(new FakeSource())
    const counted = vi.spyOn(outbox, 'backlogBytes', 'get')
    unread.hasRoom(2_000_000)
    expect(counted).toHaveBeenCalled()
    outbox.close()
    counted.mockClear()
    unread.hasRoom(2_000_000)
    expect(counted).not.toHaveBeenCalled()
  })

  it('writes nothing after it was closed', async () => {
    const source = new FakeSource()
    outbox.send(message('last'), source)
    outbox.close()
    outbox.send(message('late'), source)
    await turn()
    expect(socket.frames).toEqual(['last'])
  })
})

describe('a stopped reader among fifty', () => {
  let door: FakeDoor
  let wire: WireServer
  let stopped: Socket
  const readers: WebSocket[] = []
  const backlogBytes = 512 * 1024
  const backlogBytesMax = 4 * 1024 * 1024

  beforeEach(async () => {
    door = new FakeDoor()
    wire = await startWireServer([createStockEndpoint({ door })], {
      limits: { ...defaultLimits, backlogBytes, backlogBytesMax },
    })
  })

  afterEach(async () => {
    stopped.destroy()
    for (const reader of readers.splice(0)) reader.terminate()
    await wire.close()
  })

  /** Joins, and reads no more. */
  const stop = async (room: FakeRoom): Promise<FakeMembership> => {
    const { port } = new URL(wire.url)
    stopped = createConnection(Number(port), '127.0.0.1')
    stopped.write(
      `GET /sync/ticket:1?token=stopped HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    )
    await new Promise(resolve => stopped.once('data', resolve))
    stopped.pause()
    const isIt = ({ peer }: FakeMembership): boolean => peer.principal.id === 'stopped'
    await until(() => [...room.members].some(isIt), 'the stopped reader')
    const member = [...room.members].find(isIt)
    if (member === undefined) throw new Error('the stopped reader has joined')
    return member
  }

  /** What waits unsent in its socket. */
  const backlogOf = ({ peer }: FakeMembership): number =>
    (peer as unknown as { readonly connection: { readonly outbox: Outbox } }).connection.outbox.backlogBytes

  it('is given up when what only it may be told has grown beyond the limit', async () => {
    const member = await stop(door.room('ticket:1'))
    const answer = writeUpdate(crypto.getRandomValues(new Uint8Array(60_000)), 1)
    // How much the kernel's buffers hold is the machine's affair.
    for (let sent = 0; !member.hasLeft && sent < 2_000; sent++) {
      member.peer.send(answer)
      await new Promise(resolve => setImmediate(resolve))
    }
    expect(member.hasLeft).toBe(true)
  })

  it('is taken for alive as long as it reads, however slowly, and for gone when it does not', async () => {
    const member = await stop(door.room('ticket:1'))
    const { peer } = member
    const answer = writeUpdate(crypto.getRandomValues(new Uint8Array(60_000)), 1)
    const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
    while (backlogOf(member) < backlogBytesMax / 2) {
      peer.send(answer)
      await turn()
    }
    stopped.on('data', () => stopped.pause())
    wire.sockets.beat()
    for (let beat = 0; beat < 4; beat++) {
      const before = backlogOf(member)
      while (backlogOf(member) >= before) {
        stopped.resume()
        await turn()
      }
      wire.sockets.beat()
      expect(member.hasLeft).toBe(false)
    }
    for (let beat = 0; beat < 3; beat++) wire.sockets.beat()
    expect(member.hasLeft).toBe(true)
  })

  it('costs the server its limit and no more, holds nobody up, and is brought up to date when it reads again', async () => {
    const room = door.room('ticket:1')
    const received: number[] = []
    const bytes: number[] = []
    for (let i = 0; i < 49; i++) {
      const reader = new WebSocket(`${wire.url}/sync/ticket:1?token=r${i}`)
      readers.push(reader)
      received.push(0)
      // Heartbeats are short.
      reader.on('message', data => {
        if ((data as Buffer).length > 1_000) received[i] = (received[i] ?? 0) + 1
      })
      await new Promise(resolve => reader.once('open', resolve))
    }
    const member = await stop(room)
    expect(room.members.size).toBe(50)

    // How much the kernel's buffers hold is the machine's affair.
    const isFull = (): boolean => wire.counters.messagesDropped > 10
    const text = new Y.Doc()
    for (let round = 1, full = 0; full < 20; round++) {
      // Megabytes in all; random, so that the kernel's buffers hold no more of it than of anything else.
      text
        .getMap('m')
        .set('value', Buffer.from(crypto.getRandomValues(new Uint8Array(48_000))).toString('latin1'))
      relay(room, writeUpdate(Y.encodeStateAsUpdate(text), round), null)
      await until(() => received.every(count => count === round), `round ${round} at all who read`)
      bytes.push(backlogOf(member))
      if (isFull()) full++
    }
    expect(member.drainedTimes).toBe(0)
    expect(Math.max(...bytes)).toBeLessThan(backlogBytes + 3 * 100_000)
    expect(wire.counters.messagesDropped).toBeGreaterThan(10)

    room.doc.getMap('m').set('end', true)
    const tail: Buffer[] = []
    stopped.on('data', chunk => tail.push(chunk))
    stopped.resume()
    await until(() => member.drainedTimes === 1, 'the resync')
    await until(() => Buffer.concat(tail.slice(-3)).includes('end'), 'the state')
  }, 480_000)
})
