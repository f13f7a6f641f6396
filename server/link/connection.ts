import type { Duplex } from 'node:stream'
import type { ErrorCode } from '../../shared/wire/error-codes.ts'
import type { Agreed } from './handshake.ts'
import { Outbox, type OutboxOwner, type OutboxPlace } from './outbox.ts'
import type { RateGate } from './rate-gate.ts'
import { ServerWebSocket, type WebSocketOwner } from './server-web-socket.ts'

/**
 * One WebSocket, whatever is spoken on it. It begins without a handler (the token is being checked, the room is
 * being loaded): what arrives meanwhile is held back in order. A sender that exceeds its rates is slowed by not
 * being read, which costs an honest one nothing but time.
 *
 * Here and in its outbox and sessions `private` is the compiler's alone: by `#`, until V8 has optimized it, who comes
 * back after a restart takes a tenth more of the processor.
 */
export interface ConnectionHandler {
  message(bytes: Uint8Array): void
  /** A text frame; protocols of bytes have none. */
  text?(text: string): void
  /** Every heartbeat. */
  beat?(): void
  /** The socket is gone, or is being closed: nothing can be sent any more. Called once. */
  closed(): void
}

export interface WireLogger {
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** What the connections of one endpoint have in common; idle sockets are many, and shall hold little of their own. */
export interface ConnectionPlace extends OutboxPlace {
  readonly limits: OutboxPlace['limits'] & { readonly messageBytes: number }
  /** What whoever may be anybody is held in memory with, before they have said who they are. */
  readonly greetingBytes: number
  readonly logger: Pick<WireLogger, 'error'>
  readonly uncountedMessages: number
  createGate(): RateGate
  /** A connection of the place has ended. */
  ended(): void
}

/** How much may be held back before the socket is not read any more. */
const HELD_MESSAGES_MAX = 64
const HELD_BYTES_MAX = 256 * 1024

export class Connection implements OutboxOwner, WebSocketOwner {
  readonly outbox: Outbox
  private readonly webSocket: ServerWebSocket
  private readonly place: ConnectionPlace
  private handler: ConnectionHandler | null = null
  private gate: RateGate | null = null
  private slowTimer: NodeJS.Timeout | null = null
  private held: (Uint8Array | string)[] | null = null
  private heldBytes = 0
  private messages = 0
  private onEnd: (() => void)[] | null = null
  private group: Set<Connection> | null = null
  private hasHeard = true
  /** At the last heartbeat. */
  private backlogBytes = 0
  private isPinged = false
  private isGreeted = false
  private isEnded = false
  private isClosed = false
  private onClosed: (() => void) | null = null

  constructor(place: ConnectionPlace, socket: Duplex, { isCompressed, head }: Agreed) {
    this.place = place
    this.webSocket = new ServerWebSocket(socket, this, isCompressed)
    this.outbox = new Outbox(place, this, socket, isCompressed)
    this.outbox.begin(head)
  }

  /** What came with the handshake. */
  begin(bytes: Buffer): void {
    if (bytes.length > 0) this.webSocket.read(bytes)
  }

  get messageBytesMax(): number {
    const { limits, greetingBytes } = this.place
    return this.isGreeted ? limits.messageBytes : Math.min(greetingBytes, limits.messageBytes)
  }

  get ended(): boolean {
    return this.isEnded
  }

  /** Is in this set until it ends. */
  belongTo(group: Set<Connection>): void {
    if (this.isEnded) return
    this.group = group
    group.add(this)
  }

  /** Called when the connection ends, in the order given; at once if it has. */
  whenEnded(then: () => void): void {
    if (this.isEnded) {
      then()
      return
    }
    this.onEnd ??= []
    this.onEnd.push(then)
  }

  /** From now on the handler gets what arrives, first what was held back. */
  handOver(handler: ConnectionHandler): void {
    if (this.isEnded) {
      handler.closed()
      return
    }
    this.handler = handler
    this.releaseHeld()
  }

  /** It has said who it is: what arrives is held back until the next handler takes over. */
  greeted(): void {
    this.isGreeted = true
    this.handler = null
  }

  /** Stops reading for a while; what has been read is held back. */
  slow(ms: number): void {
    if (this.isEnded || this.slowTimer !== null) return
    this.webSocket.pause()
    this.slowTimer = setTimeout(() => {
      this.slowTimer = null
      this.releaseHeld()
    }, ms)
  }

  /** Ends the connection with the close code of this error code. What was sent before still goes out. */
  close(code: ErrorCode, sentence?: string): void {
    if (this.isEnded) return
    this.outbox.close()
    // A paused socket would not read the answer to its close frame.
    this.webSocket.resume()
    this.webSocket.close(code, sentence)
    this.end()
  }

  /** Resolves when the socket is closed for good. */
  closeAndWait(code: ErrorCode): Promise<void> {
    return new Promise(resolve => {
      if (this.isClosed) {
        resolve()
        return
      }
      this.onClosed = resolve
      this.close(code)
    })
  }

  overflowed(): void {
    this.close('TOO_SLOW')
  }

  /** A word would wait behind what it does not read. */
  cutOff(): void {
    this.terminate()
  }

  /** Ends the connection without a word, as for a socket whose other side has long gone. */
  terminate(): void {
    this.webSocket.terminate()
    this.end()
  }

  /** Every heartbeat: who was silent since the last one is asked for a sign of life, who stays silent has gone. */
  beat(): void {
    if (this.isEnded) return
    const { backlogBytes } = this.outbox
    // On a slow line a ping and its answer wait behind what is still on its way.
    const isReading = backlogBytes < this.backlogBytes
    this.backlogBytes = backlogBytes
    if (this.hasHeard || isReading || this.slowTimer !== null) this.isPinged = false
    else if (this.isPinged) {
      this.terminate()
      return
    } else {
      this.isPinged = true
      this.webSocket.ping()
    }
    this.hasHeard = false
    this.handler?.beat?.()
  }

  heard(): void {
    this.hasHeard = true
  }

  received(bytes: Buffer, isText: boolean): void {
    if (this.isEnded) return
    this.hasHeard = true
    const message = isText ? bytes.toString('utf8') : bytes
    this.place.counters.messagesReceived++
    this.place.counters.bytesReceived += message.length
    if (this.handler === null || this.held !== null || this.slowTimer !== null) this.hold(message)
    else this.deliver(this.handler, message)
  }

  end(): void {
    if (this.isEnded) return
    this.isEnded = true
    this.outbox.close()
    if (this.slowTimer !== null) clearTimeout(this.slowTimer)
    this.slowTimer = null
    this.held = null
    this.group?.delete(this)
    this.handler?.closed()
    this.handler = null
    this.place.ended()
    const { onEnd } = this
    this.onEnd = null
    for (const then of onEnd ?? []) then()
  }

  closed(): void {
    this.isClosed = true
    this.end()
    this.onClosed?.()
  }

  private hold(message: Uint8Array | string): void {
    this.held ??= []
    this.held.push(message)
    this.heldBytes += message.length
    if (this.held.length > HELD_MESSAGES_MAX || this.heldBytes > HELD_BYTES_MAX) this.webSocket.pause()
  }

  private releaseHeld(): void {
    const { held, handler } = this
    if (handler === null) return
    this.held = null
    this.heldBytes = 0
    for (const [index, message] of (held ?? []).entries()) {
      this.deliver(handler, message)
      if (this.isEnded) return
      if (this.slowTimer === null && this.handler === handler) continue
      // Slowed again, or the handler wants no more: what follows keeps its place.
      const rest = (held ?? []).slice(index + 1)
      this.held = [...(this.held ?? []), ...rest]
      return
    }
    this.webSocket.resume()
  }

  private deliver(handler: ConnectionHandler, message: Uint8Array | string): void {
    if (++this.messages > this.place.uncountedMessages) {
      this.gate ??= this.place.createGate()
      const waitMs = typeof message === 'string' ? 0 : this.gate.waitMs(message)
      if (waitMs > 0) {
        this.hold(message)
        this.slow(waitMs)
        return
      }
    }
    try {
      if (typeof message !== 'string') handler.message(message)
      else if (handler.text) handler.text(message)
      else this.close('MALFORMED', 'Send bytes: this socket takes no text.')
    } catch (error) {
      // A fault of ours: loud, and the end of this session, not of everybody's.
      this.place.logger.error({ err: error }, 'a message could not be handled')
      this.close('INTERNAL')
    }
  }
}
