import { setVarUint, varUintLength } from '../../shared/wire/var-uint.ts'
import type { SharedMessage } from './shared-message.ts'

/** Frames of RFC 6455 as a server writes them: unmasked, never fragmented, so that one frame can go to many sockets. */
export const FIN = 0x80
export const COMPRESSED = 0x40
export const RESERVED = 0x30
export const CONTINUATION = 0
export const TEXT = 1
export const BINARY = 2
export const CLOSE = 8
export const PING = 9
export const PONG = 10

/** Below this, copying the payload behind its header is cheaper than a second buffer in the write. */
const COPY_BYTES_MAX = 8 * 1024

const headerLength = (payloadBytes: number): number =>
  payloadBytes < 126 ? 2 : payloadBytes < 65_536 ? 4 : 10

/** Writes the header at the start of the buffer and returns its length. */
const setHeader = (frame: Buffer, firstByte: number, payloadBytes: number): number => {
  frame[0] = firstByte
  if (payloadBytes < 126) {
    frame[1] = payloadBytes
    return 2
  }
  if (payloadBytes < 65_536) {
    frame[1] = 126
    frame.writeUInt16BE(payloadBytes, 2)
    return 4
  }
  frame[1] = 127
  frame.writeUIntBE(0, 2, 2)
  frame.writeUIntBE(payloadBytes, 4, 6)
  return 10
}

/** The frame of a message to a socket without channels, kept for the next such socket. */
export const plainFrame = (message: SharedMessage): Uint8Array => {
  message.plainFrame ??= oneFrame(FIN | opcode(message), message.bytes)
  return message.plainFrame
}

export const compressedFrame = (message: SharedMessage, compressed: Uint8Array): Uint8Array => {
  message.compressedFrame ??= oneFrame(FIN | COMPRESSED | opcode(message), compressed)
  return message.compressedFrame
}

const opcode = ({ isText }: SharedMessage): number => (isText ? TEXT : BINARY)

/** The payload is at most 125 bytes. */
export const controlFrame = (opcode: number, payload: Uint8Array): Uint8Array =>
  oneFrame(FIN | opcode, payload)

const oneFrame = (firstByte: number, payload: Uint8Array): Uint8Array => {
  const frame = Buffer.allocUnsafe(headerLength(payload.length) + payload.length)
  frame.set(payload, setHeader(frame, firstByte, payload.length))
  return frame
}

/** The frame of a message on a channel of a link: one buffer, or a head and the shared payload. */
export const channelFrame = (channel: number, payload: Uint8Array): readonly Uint8Array[] => {
  const payloadBytes = varUintLength(channel) + payload.length
  const headBytes = headerLength(payloadBytes) + varUintLength(channel)
  const isCopied = payload.length <= COPY_BYTES_MAX
  const frame = Buffer.allocUnsafe(isCopied ? headBytes + payload.length : headBytes)
  setVarUint(frame, setHeader(frame, FIN | BINARY, payloadBytes), channel)
  if (!isCopied) return [frame, payload]
  frame.set(payload, headBytes)
  return [frame]
}

/** A stored block: its type, its length, the length's complement. */
const STORED_HEADER_BYTES = 5

export const compressedChannelFrame = (channel: number, compressed: Uint8Array): readonly Uint8Array[] => {
  const channelBytes = varUintLength(channel)
  const payloadBytes = STORED_HEADER_BYTES + channelBytes + compressed.length
  const head = Buffer.allocUnsafe(headerLength(payloadBytes) + STORED_HEADER_BYTES + channelBytes)
  const at = setHeader(head, FIN | COMPRESSED | BINARY, payloadBytes)
  head[at] = 0
  head.writeUInt16LE(channelBytes, at + 1)
  head.writeUInt16LE(0xffff - channelBytes, at + 3)
  setVarUint(head, at + STORED_HEADER_BYTES, channel)
  return [head, compressed]
}
