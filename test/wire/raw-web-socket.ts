import { connect, type Socket } from 'node:net'
import { until } from './wire-server.ts'

/** A client that sends its bytes as they are, right or wrong, and keeps what comes. */
export interface RawClient {
  readonly socket: Socket
  received(): Buffer
  isClosed(): boolean
  send(...chunks: readonly (Buffer | string)[]): Promise<void>
}

export const connectRaw = async (url: string): Promise<RawClient> => {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  const chunks: Buffer[] = []
  let isClosed = false
  socket.on('data', chunk => chunks.push(chunk))
  socket.on('error', () => {})
  socket.on('close', () => {
    isClosed = true
  })
  await new Promise(resolve => socket.once('connect', resolve))
  return {
    socket,
    received: () => Buffer.concat(chunks),
    isClosed: () => isClosed,
    async send(...parts) {
      for (const part of parts) {
        if (socket.writable)
          await new Promise<void>(resolve => socket.write(part, () => setImmediate(resolve)))
      }
    },
  }
}

export const handshake = (path: string, ...headers: readonly string[]): string =>
  [
    `GET ${path} HTTP/1.1`,
    'Host: localhost',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    ...headers,
    '\r\n',
  ].join('\r\n')

/** A client whose handshake was taken. */
export const openRawWebSocket = async (url: string, ...headers: readonly string[]): Promise<RawClient> => {
  const client = await connectRaw(url)
  const { pathname, search } = new URL(url)
  await client.send(handshake(pathname + search, ...headers))
  await until(() => client.received().includes('\r\n\r\n'), 'the answer to the handshake')
  return client
}

/** The frames that a server sent: opcode and payload. */
export const framesOf = (received: Buffer): readonly { opcode: number; payload: Buffer }[] => {
  const frames: { opcode: number; payload: Buffer }[] = []
  let at = received.indexOf('\r\n\r\n') + 4
  while (at < received.length) {
    const first = received[at] ?? 0
    const short = received[at + 1] ?? 0
    const from = at + (short < 126 ? 2 : short === 126 ? 4 : 10)
    const length =
      short < 126
        ? short
        : short === 126
          ? received.readUInt16BE(at + 2)
          : Number(received.readBigUInt64BE(at + 2))
    frames.push({ opcode: first & 0x0f, payload: received.subarray(from, from + length) })
    at = from + length
  }
  return frames
}

/** A frame as a client sends it; each part can be made wrong. */
export const clientFrame = (
  firstByte: number,
  payload: Uint8Array,
  { isMasked = true, length = payload.length } = {},
): Buffer => {
  const mask = Buffer.from([0x5a, 0x3c, 0xa7, 0x19])
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10)
  head[0] = firstByte
  head[1] = (isMasked ? 0x80 : 0) | (length < 126 ? length : length < 65_536 ? 126 : 127)
  if (head.length === 4) head.writeUInt16BE(length, 2)
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2)
  if (!isMasked) return Buffer.concat([head, payload])
  return Buffer.concat([head, mask, payload.map((byte, i) => byte ^ (mask[i & 3] ?? 0))])
}
