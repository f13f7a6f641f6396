import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { tokenProtocolPrefix } from '../access/token-of-request.ts'

/** How a WebSocket begins (RFC 6455, 4): what the request asks for, and the answer. */
export type Handshake = Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'socket'>

export interface Agreed {
  /** Both compress, by permessage-deflate without context takeover. */
  readonly isCompressed: boolean
  /** What begins the answer. */
  readonly head: Buffer
}

/** Null: the handshake was refused. */
export const agreeOn = (
  { method, headers }: Handshake,
  socket: Duplex,
  canCompress: boolean,
): Agreed | null => {
  const key = headers['sec-websocket-key']
  if (method !== 'GET') return refuse(socket, '405 Method Not Allowed', 'A WebSocket begins with GET.')
  if (headers.upgrade?.toLowerCase() !== 'websocket')
    return refuse(socket, '400 Bad Request', 'The only upgrade here is to websocket.')
  if (headers['sec-websocket-version'] !== '13')
    return refuse(
      socket,
      '426 Upgrade Required',
      'This server speaks version 13.',
      'Sec-WebSocket-Version: 13\r\n',
    )
  if (key === undefined || !KEY.test(key))
    return refuse(socket, '400 Bad Request', 'Sec-WebSocket-Key must be 16 bytes in base64.')
  const protocols = protocolsOf(headers['sec-websocket-protocol'])
  if (protocols === null)
    return refuse(socket, '400 Bad Request', 'Sec-WebSocket-Protocol is not a list of names.')
  const isCompressed = canCompress && offersDeflate(headers['sec-websocket-extensions'])
  const protocol = chooseProtocol(protocols)
  const head = Buffer.from(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${hash('sha1', key + GUID, 'base64')}\r\n` +
      (protocol === undefined ? '' : `Sec-WebSocket-Protocol: ${protocol}\r\n`) +
      (isCompressed
        ? 'Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n'
        : '') +
      '\r\n',
    'latin1',
  )
  return { isCompressed, head }
}

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const KEY = /^[+/0-9A-Za-z]{22}==$/
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

const refuse = (socket: Duplex, status: string, sentence: string, header = ''): null => {
  socket.on('error', () => {})
  socket.once('finish', () => socket.destroy())
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\n${header}` +
      `Content-Length: ${sentence.length}\r\n\r\n${sentence}`,
    'latin1',
  )
  return null
}

const protocolsOf = (header: string | undefined): readonly string[] | null => {
  if (header === undefined) return []
  const names = header.split(',').map(name => name.trim())
  return names.every(name => TOKEN.test(name)) ? names : null
}

/** Browsers insist on one of the protocols they offered. Never the one that carries the token, if there is another. */
const chooseProtocol = (offered: readonly string[]): string | undefined =>
  offered.find(protocol => !protocol.startsWith(tokenProtocolPrefix)) ?? offered[0]

/** One offer at least can be met: what is sent is made for all, so nobody gets a smaller window. */
const offersDeflate = (header: string | undefined): boolean =>
  header?.split(',').some(offer => {
    const [name, ...parameters] = offer.split(';').map(part => part.trim())
    return name === 'permessage-deflate' && parameters.every(parameter => DEFLATE_PARAMETER.test(parameter))
  }) ?? false

const DEFLATE_PARAMETER =
  /^(?:server_no_context_takeover|client_no_context_takeover|server_max_window_bits=(?:15|"15")|client_max_window_bits(?:="?(?:[89]|1[0-5])"?)?)$/
