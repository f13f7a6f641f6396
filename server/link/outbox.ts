import type { Duplex } from 'node:stream'
import { compressOnce, type SharedMessage } from './shared-message.ts'
import { channelFrame, compressedChannelFrame, compressedFrame, plainFrame } from './websocket-frame.ts'
import type { WireCounters } from './wire-counters.ts'

/**
 * What waits to be written to one socket.
 *
 * A socket that reads: all that is sent within one turn of the event loop leaves in one write, when the turn ends.
 * A socket that does not: once more than HIGH_WATER_BYTES lie in it, what follows waits here. If more than
 * `backlogBytes` wait, the messages that others get as well (updates, presence) are dropped, the waiting and the
 * next ones; the sources they came from are stale until the socket has drained, and then each is told, one after
 * the other as far as the socket takes it, to bring its reader up to date. What is meant for this reader alone is
 * never dropped; if that grows beyond `backlogBytesMax` the socket is given up.
 *
 * All sockets together have a limit as well. Past it long messages that others get too are put off in the same way,
 * until there is room, and the sockets that have not read for longest are cut off.
 */
interface OutboxLimits {
  readonly backlogBytes: number
  readonly backlogBytesMax: number
}

/** Where a message comes from: one room's peer, or the link's control channel. */
export interface Source {
  /** The channel that stands before its messages; null on a socket that has none. */
  readonly channel: number | null
  /** Shared messages of it were dropped, and the socket has room again. */
  drained(): void
}

/** What lies before all sockets together. */
export interface Unread {
  hasRoom(bytes: number): boolean
  /** Has it told when there is. */
  whenRoom(outbox: Outbox, bytes: number): void
  /** Of one that waits since now. */
  watchBacklog(outbox: Outbox): void
  forgetBacklog(outbox: Outbox): void
  /** It is gone. */
  leave(outbox: Outbox): void
}

/** What the outboxes of all sockets have in common. */
export interface OutboxPlace {
  readonly flusher: Flusher
  readonly unread: Unread
  readonly limits: OutboxLimits
  readonly counters: WireCounters
  /** Messages larger than this are compressed where the other side takes it. */
  readonly compressAbove: number
}

export interface OutboxOwner {
  /** Too much waits that may not be dropped. */
  overflowed(): void
  /** It has not read for long, and what lies before it is needed: the socket is to go, and that with it. */
  cutOff(): void
}

/** What may lie in the socket itself, beyond the kernel's own buffer: it cannot be taken back. */
const HIGH_WATER_BYTES = 64 * 1024

/** From here on a message is looked at before it is taken: smaller ones are read as they are written. */
const LARGE_BYTES = 64 * 1024

/** Up to here, several frames are copied into one buffer; beyond, they are handed on as they are. */
const JOIN_BYTES_MAX = 32 * 1024

/** What a waiting message costs besides its bytes: a flood of tiny ones shall not cost more than its limit. */
const WAITING_BYTES = 256

interface Waiting {
  /** Null while the message is being compressed. */
  chunks: readonly Uint8Array[] | null
  bytes: number
  readonly source: Source
  readonly isShared: boolean
}

export class Outbox {
  private readonly place: OutboxPlace
  private readonly owner: OutboxOwner
  private readonly socket: Duplex
  /** Whether the other side takes compressed frames: permessage-deflate, without context takeover. */
  private readonly compresses: boolean
  private turn: Uint8Array[] | null = null
  private turnBytes = 0
  private waiting: Waiting[] | null = null
  private waitingBytes = 0
  private waitingShared = 0
  private stale: Set<Source> | null = null
  private isBlocked = false
  private isWatched = false
  private isClosed = false

  constructor(place: OutboxPlace, owner: OutboxOwner, socket: Duplex, compresses: boolean) {
    this.place = place
    this.owner = owner
    this.socket = socket
    this.compresses = compresses
  }

  get backlogBytes(): number {
    return this.socket.writableLength + this.turnBytes + this.waitingBytes
  }

  /** The answer to the handshake; what there is to say at once leaves with it. */
  begin(head: Uint8Array): void {
    this.turn = [head]
    this.turnBytes = head.length
    this.place.flusher.mark(this)
  }

  /** A message for this reader alone. */
  send(message: SharedMessage, source: Source): void {
    this.put(message, source, false)
  }

  /** A message that others get as well, and that may be dropped. */
  sendShared(message: SharedMessage, source: Source): void {
    this.put(message, source, true)
  }

  /** Whoever needs the room may be amid telling many. */
  cutOff(): void {
    setImmediate(() => this.owner.cutOff())
  }

  hasRoomAgain(): void {
    this.drainWhenReady()
  }

  /** The source is gone: what it had waiting goes with it, or only what others get as well. */
  forget(source: Source, what: 'all' | 'shared' = 'all'): void {
    this.stale?.delete(source)
    this.dropWaiting(waiting => waiting.source === source && (what === 'all' || waiting.isShared))
    this.drainWhenReady()
  }

  /** Writes what can be written now. The flusher calls it when the turn ends. */
  flush(): void {
    const { turn } = this
    if (turn === null) return
    this.turn = null
    this.turnBytes = 0
    this.write(turn)
  }

  /** Nothing is taken any more; what the turn holds is still written. */
  close(): void {
    if (this.isClosed) return
    if (!this.isBlocked) this.flush()
    this.isClosed = true
    this.isWatched = false
    this.place.unread.leave(this)
    this.turn = null
    this.waiting = null
    this.stale = null
    this.turnBytes = 0
    this.waitingBytes = 0
    this.waitingShared = 0
  }

  private put(message: SharedMessage, source: Source, isShared: boolean): void {
    if (this.isClosed) return
    if (isShared && this.stale?.has(source)) {
      this.place.counters.messagesDropped++
      return
    }
    // What is meant for this reader alone is sent in any case; others may have to go for it.
    const bytes = message.compressed?.length ?? message.bytes.length
    if (bytes >= LARGE_BYTES && !this.place.unread.hasRoom(bytes) && isShared) {
      this.putOff(source, bytes)
      return
    }
    if (!this.compresses || message.bytes.length < this.place.compressAbove) {
      this.putChunks(plainChunks(message, source.channel), source, isShared)
      return
    }
    const wasCompressed = message.compressed !== undefined
    const compressing = compressOnce(message)
    if (compressing !== null) {
      this.waitForCompression(message, compressing, source, isShared)
      return
    }
    if (!wasCompressed) this.countCompression(message)
    this.putChunks(compressedChunks(message, source.channel), source, isShared)
  }

  private putOff(source: Source, bytes: number): void {
    this.stale ??= new Set()
    this.stale.add(source)
    this.place.counters.messagesDropped++
    this.place.unread.whenRoom(this, bytes)
  }

  private putChunks(chunks: readonly Uint8Array[], source: Source, isShared: boolean): void {
    const bytes = byteLength(chunks)
    if (this.isBlocked || this.waiting !== null) {
      this.wait({ chunks, bytes: bytes + WAITING_BYTES, source, isShared })
      return
    }
    if (this.turn === null) {
      this.turn = []
      this.place.flusher.mark(this)
    }
    for (const chunk of chunks) this.turn.push(chunk)
    this.turnBytes += bytes
    this.place.counters.framesSent++
    this.watch()
  }

  private wait(waiting: Waiting): void {
    this.waiting ??= []
    this.waiting.push(waiting)
    this.waitingBytes += waiting.bytes
    if (waiting.isShared) this.waitingShared++
    this.watch()
    const { backlogBytes, backlogBytesMax } = this.place.limits
    // One message alone may be larger than the limit: a large record must reach a slow reader too.
    if (this.waiting.length === 1) return
    if (this.waitingBytes > backlogBytes && this.waitingShared > 0) this.dropShared()
    if (this.waitingBytes > backlogBytesMax) this.owner.overflowed()
  }

  private dropShared(): void {
    this.stale ??= new Set()
    for (const { isShared, source } of this.waiting ?? []) if (isShared) this.stale.add(source)
    this.place.counters.messagesDropped += this.dropWaiting(waiting => waiting.isShared)
    this.drainWhenReady()
  }

  private dropWaiting(isDropped: (waiting: Waiting) => boolean): number {
    if (this.waiting === null) return 0
    const kept = this.waiting.filter(waiting => !isDropped(waiting))
    const dropped = this.waiting.length - kept.length
    if (dropped === 0) return 0
    this.waitingBytes = kept.reduce((bytes, waiting) => bytes + waiting.bytes, 0)
    this.waitingShared = kept.reduce((count, waiting) => count + (waiting.isShared ? 1 : 0), 0)
    this.waiting = kept.length === 0 ? null : kept
    this.watch()
    return dropped
  }

  private waitForCompression(
    message: SharedMessage,
    compressing: Promise<void>,
    source: Source,
    isShared: boolean,
  ): void {
    const bytes = message.bytes.length + WAITING_BYTES
    const waiting: Waiting = { chunks: null, bytes, source, isShared }
    this.wait(waiting)
    void compressing.then(() => {
      if (message.compressed !== undefined) this.countCompression(message)
      waiting.chunks = compressedChunks(message, source.channel)
      if (!this.isClosed && !this.isBlocked) this.drain()
    })
  }

  private write(chunks: readonly Uint8Array[]): void {
    const { socket } = this
    const { counters } = this.place
    if (!socket.writable) return
    counters.writes++
    const [only] = chunks
    if (chunks.length === 1 && only !== undefined) {
      counters.bytesSent += only.length
      socket.write(only)
    } else {
      const bytes = byteLength(chunks)
      counters.bytesSent += bytes
      if (bytes <= JOIN_BYTES_MAX) socket.write(Buffer.concat(chunks, bytes))
      else {
        socket.cork()
        for (const chunk of chunks) socket.write(chunk)
        socket.uncork()
      }
    }
    if (socket.writableLength > Math.max(HIGH_WATER_BYTES, socket.writableHighWaterMark)) this.block()
    this.watch()
  }

  private block(): void {
    if (this.isBlocked) return
    this.isBlocked = true
    this.socket.once('drain', () => {
      this.isBlocked = false
      if (this.isClosed) return
      // It reads: what lies there from now on waits since now.
      this.unwatch()
      this.drain()
      this.watch()
    })
  }

  private watch(): void {
    const isUnread = this.isBlocked || this.waiting !== null || this.turnBytes >= LARGE_BYTES
    if (isUnread === this.isWatched) return
    if (!isUnread) {
      this.unwatch()
      return
    }
    this.isWatched = true
    this.place.unread.watchBacklog(this)
  }

  private unwatch(): void {
    if (!this.isWatched) return
    this.isWatched = false
    this.place.unread.forgetBacklog(this)
  }

  private drainWhenReady(): void {
    if (!this.isBlocked && this.waiting === null && !this.isClosed) this.drain()
  }

  /** The socket takes something again: first what waits, then what was dropped, made anew by its sources. */
  private drain(): void {
    this.flush()
    while (this.waiting !== null && !this.isBlocked) {
      const chunks: Uint8Array[] = []
      let bytes = 0
      let count = 0
      for (const waiting of this.waiting) {
        if (waiting.chunks === null || bytes > HIGH_WATER_BYTES) break
        chunks.push(...waiting.chunks)
        bytes += waiting.bytes
        if (waiting.isShared) this.waitingShared--
        count++
      }
      if (count === 0) return
      this.place.counters.framesSent += count
      this.waiting.splice(0, count)
      this.waitingBytes -= bytes
      if (this.waiting.length === 0) this.waiting = null
      this.write(chunks)
    }
    if (this.isBlocked) return
    this.resync()
  }

  private resync(): void {
    const { stale } = this
    if (stale === null) return
    for (const source of stale) {
      stale.delete(source)
      this.place.counters.resyncs++
      source.drained()
      if (this.turnBytes > HIGH_WATER_BYTES) this.flush()
      // Where it was put off again it is called when there is room.
      if (this.isBlocked || this.waiting !== null || stale.has(source)) return
    }
    if (stale.size === 0) this.stale = null
  }

  private countCompression(message: SharedMessage): void {
    if (!message.compressed) return
    this.place.counters.bytesBeforeCompression += message.bytes.length
    this.place.counters.bytesAfterCompression += message.compressed.length
  }
}

/** Ends each turn of the event loop with one write to every socket that was sent something in it. */
export class Flusher {
  private dirty: Outbox[] = []

  mark(outbox: Outbox): void {
    // After the poll phase: whatever one turn's reads brought about is in the turn.
    if (this.dirty.length === 0) setImmediate(() => this.flush())
    this.dirty.push(outbox)
  }

  flush(): void {
    const { dirty } = this
    this.dirty = []
    for (const outbox of dirty) outbox.flush()
  }
}

const plainChunks = (message: SharedMessage, channel: number | null): readonly Uint8Array[] =>
  channel === null ? [plainFrame(message)] : channelFrame(channel, message.bytes)

const compressedChunks = (message: SharedMessage, channel: number | null): readonly Uint8Array[] => {
  const { compressed } = message
  if (!compressed) return plainChunks(message, channel)
  return channel === null
    ? [compressedFrame(message, compressed)]
    : compressedChannelFrame(channel, compressed)
}

const byteLength = (chunks: readonly Uint8Array[]): number => {
  let bytes = 0
  for (const chunk of chunks) bytes += chunk.length
  return bytes
}
