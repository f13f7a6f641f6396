import { isUtf8 } from 'node:buffer'
import type { Duplex } from 'node:stream'
import { constants, inflateRaw, inflateRawSync } from 'node:zlib'
import { closeReason, type ErrorCode, errorCodes } from '../../shared/wire/error-codes.ts'
import { unmask } from './unmask.ts'
import {
  BINARY,
  CLOSE,
  COMPRESSED,
  CONTINUATION,
  controlFrame,
  FIN,
  PING,
  PONG,
  RESERVED,
  TEXT,
} from './websocket-frame.ts'

/**
 * The server's side of a WebSocket (RFC 6455): reads its frames, answers its pings, and closes. Data frames are written
 * by the outbox, which makes one for many sockets.
 */
export interface WebSocketOwner {
  /** Of a message, compressed or not. */
  readonly messageBytesMax: number
  received(message: Buffer, isText: boolean): void
  /** A sign of life that is no message. */
  heard(): void
  /** No message follows: the other side has closed, or broke the rules. What waits to be sent is sent now or never. */
  end(): void
  /** The socket beneath is closed. Called once, and last. */
  closed(): void
}

/** A socket whose close frame is not answered is cut. */
export const CLOSE_TIMEOUT_MS = 3_000

/**
 * Browsers compress every message, however small. Such a one is inflated where it arrives, in 5 µs; on its way through
 * the thread pool it would wait behind the store's writes.
 */
const COMPRESSED_BYTES_MAX = 16 * 1024
const INFLATED_BYTES_MAX = 256 * 1024

/** Whoever does not read what is pushed gets no pongs either. */
const UNREAD_BYTES_MAX = 64 * 1024

/** Close codes of RFC 6455. */
const PROTOCOL_ERROR = 1002
const NO_STATUS = 1005
const BAD_DATA = 1007
const TOO_BIG = 1009

const WEB_SOCKET = Symbol('the WebSocket on this socket')

/** Listeners that serve all sockets find theirs by it; an idle socket shall hold little of its own. */
interface HeldSocket extends Duplex {
  [WEB_SOCKET]?: ServerWebSocket
}

export class ServerWebSocket {
  private readonly socket: HeldSocket
  private readonly owner: WebSocketOwner
  /** Whether permessage-deflate is agreed, without context takeover. */
  private readonly mayBeCompressed: boolean
  /** The beginning of a frame, or what came while a message is being inflated. */
  private rest: Buffer | null = null
  /** Of a message whose end has not come: the first byte of its first frame (0: there is none), and its payload so far. */
  private kind = 0
  private message: Buffer | null = null
  private filled = 0
  /** Of its latest frame: where its payload begins in the message, how much is missing, by what it is masked. */
  private frameStart = 0
  private missing = 0
  private mask = 0
  private isLast = false
  private isInflating = false
  private isPaused = false
  private isCloseSent = false
  private isDeaf = false
  private closeTimer: NodeJS.Timeout | null = null

  constructor(socket: Duplex, owner: WebSocketOwner, mayBeCompressed: boolean) {
    this.socket = socket
    this.owner = owner
    this.mayBeCompressed = mayBeCompressed
    this.socket[WEB_SOCKET] = this
    socket.on('data', onData).on('end', onEnd).on('error', ignore).on('close', onClose)
  }

  ping(): void {
    if (!this.isCloseSent) this.write(controlFrame(PING, NOTHING))
  }

  /** What was written before still goes out. */
  close(code: ErrorCode, sentence?: string): void {
    this.sendClose(errorCodes[code].close ?? 4500, closeReason(code, sentence))
  }

  /** Ends it without a word, as for a socket whose other side has long gone. */
  terminate(): void {
    this.socket.destroy()
  }

  pause(): void {
    this.isPaused = true
    this.socket.pause()
  }

  resume(): void {
    if (!this.isPaused) return
    this.isPaused = false
    if (!this.isInflating) this.socket.resume()
  }

  /** What arrives at the socket; also what came with the handshake. */
  read(chunk: Buffer): void {
    const bytes = this.rest === null ? chunk : Buffer.concat([this.rest, chunk])
    this.rest = null
    let at = 0
    while (at < bytes.length && !this.isDeaf) {
      const next = this.readOn(bytes, at)
      if (next === at) {
        this.rest = bytes.subarray(at)
        return
      }
      at = next
    }
  }

  /** Where to go on; the same place: not before more has come. */
  private readOn(bytes: Buffer, at: number): number {
    if (this.isInflating) return at
    return this.missing > 0 ? this.readPayload(bytes, at) : this.readFrame(bytes, at)
  }

  private readFrame(bytes: Buffer, at: number): number {
    const available = bytes.length - at
    if (available < 2) return at
    const first = bytes[at] ?? 0
    const second = bytes[at + 1] ?? 0
    const short = second & 0x7f
    const maskAt = at + (short < 126 ? 2 : short === 126 ? 4 : 10)
    if (bytes.length < maskAt) return at
    const length =
      short < 126
        ? short
        : short === 126
          ? bytes.readUInt16BE(at + 2)
          : bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6)
    const problem = this.problemOf(first, second, length)
    if (problem !== null) {
      this.fail(problem)
      return bytes.length
    }
    const from = maskAt + 4
    if (bytes.length < from) return at
    const mask = bytes.readInt32LE(maskAt)
    const end = from + length
    const isWhole = end <= bytes.length
    if (isControl(first)) {
      if (!isWhole) return at
      this.control(opcodeOf(first), unmasked(bytes, from, end, mask))
      return end
    }
    if (isWhole && isFinal(first) && opcodeOf(first) !== CONTINUATION) {
      this.take(unmasked(bytes, from, end, mask), first)
      return end
    }
    if (opcodeOf(first) !== CONTINUATION) this.kind = first
    this.isLast = isFinal(first)
    this.mask = mask
    this.missing = length
    this.frameStart = this.filled
    if (length === 0) this.frameRead()
    return from
  }

  /** The code to close with, if the frame breaks the rules. */
  private problemOf(first: number, second: number, length: number): number | null {
    const opcode = opcodeOf(first)
    const isBegun = this.kind !== 0
    if (!isMasked(second) || (first & RESERVED) !== 0) return PROTOCOL_ERROR
    if (isControl(first))
      return opcode > PONG || !isFinal(first) || isCompressed(first) || length > 125 ? PROTOCOL_ERROR : null
    if (opcode > BINARY || (opcode === CONTINUATION) !== isBegun) return PROTOCOL_ERROR
    if (isCompressed(first) && (isBegun || !this.mayBeCompressed)) return PROTOCOL_ERROR
    return this.filled + length > this.owner.messageBytesMax ? TOO_BIG : null
  }

  private readPayload(bytes: Buffer, at: number): number {
    const taken = Math.min(this.missing, bytes.length - at)
    bytes.copy(this.roomFor(taken), this.filled, at, at + taken)
    this.filled += taken
    this.missing -= taken
    if (this.missing === 0) this.frameRead()
    return at + taken
  }

  /** The message grows with what has come, not with what was announced. */
  private roomFor(more: number): Buffer {
    const { message, filled, missing } = this
    if (message !== null && message.length >= filled + more) return message
    const grown = Buffer.allocUnsafe(Math.min(filled + missing, Math.max(filled + more, 2 * filled)))
    message?.copy(grown, 0, 0, filled)
    this.message = grown
    return grown
  }

  private frameRead(): void {
    const { kind } = this
    const message = this.message?.subarray(0, this.filled) ?? NOTHING
    unmask(message.subarray(this.frameStart), this.mask)
    if (!this.isLast) return
    this.forgetMessage()
    this.take(message, kind)
  }

  private forgetMessage(): void {
    this.message = null
    this.filled = 0
    this.kind = 0
  }

  private take(payload: Buffer, kind: number): void {
    const isText = opcodeOf(kind) === TEXT
    const message = isCompressed(kind) ? inflateSmall(payload) : payload
    if (message !== null) this.deliver(message, isText)
    else this.inflateLarge(payload, isText)
  }

  private inflateLarge(payload: Buffer, isText: boolean): void {
    this.isInflating = true
    this.socket.pause()
    const options = { ...UNTIL_FLUSHED, maxOutputLength: this.owner.messageBytesMax }
    inflateRaw(payload, options, (error, message) => {
      this.isInflating = false
      if (this.isDeaf) return
      if (error === null) this.deliver(message, isText)
      else this.fail('code' in error && error.code === 'ERR_BUFFER_TOO_LARGE' ? TOO_BIG : BAD_DATA)
      this.read(NOTHING)
      if (!this.isPaused && !this.isInflating) this.socket.resume()
    })
  }

  private deliver(message: Buffer, isText: boolean): void {
    if (isText && !isUtf8(message)) this.fail(BAD_DATA)
    else this.owner.received(message, isText)
  }

  private control(opcode: number, payload: Buffer): void {
    if (opcode === CLOSE) {
      this.hangUp(answerToClose(payload))
      return
    }
    this.owner.heard()
    if (opcode === PING && !this.isCloseSent && this.socket.writableLength <= UNREAD_BYTES_MAX)
      this.write(controlFrame(PONG, payload))
  }

  /** y-websocket retries for ever on 1009, with the same message; 4413 it takes for the last word. */
  private fail(code: number): void {
    if (code === TOO_BIG) this.hangUp(errorCodes.TOO_LARGE.close, closeReason('TOO_LARGE'))
    else this.hangUp(code)
  }

  /** Nothing more is read; the socket ends when what was written has left. */
  private hangUp(code: number, reason = ''): void {
    this.isDeaf = true
    this.rest = null
    this.forgetMessage()
    this.owner.end()
    this.sendClose(code, reason)
    this.socket.end()
    this.socket.resume()
  }

  private sendClose(code: number, reason: string): void {
    if (this.isCloseSent) return
    this.isCloseSent = true
    this.write(controlFrame(CLOSE, closePayload(code, reason)))
    this.closeTimer = setTimeout(() => this.terminate(), CLOSE_TIMEOUT_MS)
  }

  private write(frame: Uint8Array): void {
    if (this.socket.writable) this.socket.write(frame)
  }

  /** The other side writes nothing more. */
  ended(): void {
    if (!this.isDeaf) this.hangUp(NO_STATUS)
  }

  closed(): void {
    if (this.closeTimer !== null) clearTimeout(this.closeTimer)
    this.isDeaf = true
    this.owner.closed()
  }
}

const NOTHING = Buffer.alloc(0)

const opcodeOf = (first: number): number => first & 0x0f
const isControl = (first: number): boolean => opcodeOf(first) >= CLOSE
const isFinal = (first: number): boolean => (first & FIN) !== 0
const isCompressed = (first: number): boolean => (first & COMPRESSED) !== 0
const isMasked = (second: number): boolean => (second & 0x80) !== 0

const unmasked = (bytes: Buffer, from: number, end: number, mask: number): Buffer => {
  const payload = bytes.subarray(from, end)
  unmask(payload, mask)
  return payload
}

/** The compressed end where a flush would stand, which is not sent (RFC 7692). */
const UNTIL_FLUSHED = { finishFlush: constants.Z_SYNC_FLUSH }

/** Null: it is not small, or damaged. */
const inflateSmall = (payload: Buffer): Buffer | null => {
  if (payload.length > COMPRESSED_BYTES_MAX) return null
  try {
    return inflateRawSync(payload, { ...UNTIL_FLUSHED, maxOutputLength: INFLATED_BYTES_MAX })
  } catch {
    return null
  }
}

/** The same code, if it is one that may be sent. */
const answerToClose = (payload: Buffer): number => {
  if (payload.length === 0) return NO_STATUS
  const code = payload.length === 1 ? 0 : payload.readUInt16BE(0)
  const mayBeSent =
    (code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)) || (code >= 3000 && code <= 4999)
  if (!mayBeSent) return PROTOCOL_ERROR
  return isUtf8(payload.subarray(2)) ? code : BAD_DATA
}

const closePayload = (code: number, reason: string): Buffer => {
  if (code === NO_STATUS) return NOTHING
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason))
  payload.writeUInt16BE(code)
  payload.write(reason, 2)
  return payload
}

function onData(this: HeldSocket, chunk: Buffer): void {
  this[WEB_SOCKET]?.read(chunk)
}

function onEnd(this: HeldSocket): void {
  this[WEB_SOCKET]?.ended()
}

function onClose(this: HeldSocket): void {
  this[WEB_SOCKET]?.closed()
}

/** `close` follows every error, and does what is to be done. */
const ignore = (): void => {}
