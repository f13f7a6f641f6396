import { promisify } from 'node:util'
import { constants, deflateRaw, deflateRawSync, type ZlibOptions } from 'node:zlib'
import { onThread } from '../thread-turns.ts'

/**
 * One channel message that may go to many sockets. A server's frames are not masked, so the same bytes fit every
 * socket: the frame is built once, and compressed once. On a link the channel number comes before the message;
 * compressed, it stands in a stored block of its own (RFC 1951, 3.2.4) in front of the compressed bytes that all
 * share.
 */
export class SharedMessage {
  readonly bytes: Uint8Array
  /** Sent as text instead of bytes: UTF-8, for sockets that speak JSON. */
  readonly isText: boolean
  /** The whole frame for sockets without channels, once somebody needed it. */
  plainFrame: Uint8Array | null = null
  compressedFrame: Uint8Array | null = null
  /** Undefined: not tried yet; null: compressing gains too little. Without the tail that RFC 7692 leaves out. */
  compressed: Uint8Array | null | undefined = undefined
  compressing: Promise<void> | null = null

  constructor(bytes: Uint8Array, isText = false) {
    this.bytes = bytes
    this.isText = isText
  }
}

export const asMessage = (message: Uint8Array | SharedMessage): SharedMessage =>
  message instanceof SharedMessage ? message : new SharedMessage(message)

/** A text message, for many sockets. */
export const textMessage = (text: string): SharedMessage => new SharedMessage(Buffer.from(text), true)

/** Above this a compression (5 µs a KB of typical updates) is not done on the event loop. */
const COMPRESS_SYNC_BYTES_MAX = 32 * 1024

const COMPRESSION = {
  // Level 3 takes half the time of the default 6, for 5 % more bytes of typical updates.
  level: 3,
  // What it allocates for each message: 2^(13+2) + 2^(7+9) bytes, less than half of the default.
  windowBits: 13,
  memLevel: 7,
  finishFlush: constants.Z_SYNC_FLUSH,
}

/** The empty block that ends each flush; RFC 7692 has the receiver add it. */
const TAIL_BYTES = 4

/** Fills `message.compressed`, at once for small messages; for large ones it gives the promise to wait for. */
export const compressOnce = (message: SharedMessage): Promise<void> | null => {
  if (message.compressed !== undefined) return null
  if (message.bytes.length <= COMPRESS_SYNC_BYTES_MAX) {
    message.compressed = ifWorthIt(message.bytes, deflateRawSync(message.bytes, COMPRESSION))
    return null
  }
  message.compressing ??= onThread(message.bytes.length, () => deflated(message.bytes, COMPRESSION))
    .then(
      deflated => ifWorthIt(message.bytes, deflated),
      () => null,
    )
    .then(compressed => {
      message.compressed = compressed
      message.compressing = null
    })
  return message.compressing
}

export const deflated = promisify<Uint8Array, ZlibOptions, Buffer>(deflateRaw)

const ifWorthIt = (plain: Uint8Array, deflated: Uint8Array): Uint8Array | null =>
  deflated.length < plain.length * 0.9 ? deflated.subarray(0, deflated.length - TAIL_BYTES) : null
