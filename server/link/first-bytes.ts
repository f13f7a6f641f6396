import type { IncomingHttpHeaders, Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Handshake } from './handshake.ts'

/**
 * Looks at the first bytes of each connection of a server. The handshake of a WebSocket, whole and in the plain form
 * in which browsers and libraries send it, becomes the server's `upgrade` at once, because Node's parser of HTTP
 * would cost a tenth of the join. Everything else goes to the parser, as it came.
 */
export interface FirstBytes {
  /** Closes what has said nothing yet: browsers open connections ahead, and Node takes them for busy. */
  closeSilent(): void
}

export const readFirstBytes = (server: Server): FirstBytes => {
  const silent = new Set<Socket>()
  const listeners = server.listeners('connection')
  server.removeAllListeners('connection')

  // Functions for all sockets: of WebSockets there are many.
  function onFirst(this: Socket, bytes: Buffer): void {
    leave(this)
    const end = endOfHead(bytes)
    const handshake = end === -1 ? null : readHandshake(bytes.toString('latin1', 0, end), this)
    if (handshake !== null) {
      const isTaken = server.emit('upgrade' as string, handshake, this, bytes.subarray(end + 4))
      if (!isTaken) this.destroy()
      return
    }
    this.pause()
    this.unshift(bytes)
    for (const listener of listeners) listener.call(server, this)
    this.resume()
  }
  function onGone(this: Socket): void {
    leave(this)
    this.destroy()
  }
  const leave = (socket: Socket): void => {
    silent.delete(socket)
    socket
      .off('data', onFirst)
      .off('end', onGone)
      .off('close', onGone)
      .off('timeout', onGone)
      .off('error', ignore)
    socket.setTimeout(0)
  }
  server.on('connection', socket => {
    silent.add(socket)
    socket.setTimeout(server.headersTimeout)
    socket.on('data', onFirst).on('end', onGone).on('close', onGone).on('timeout', onGone).on('error', ignore)
  })
  return {
    closeSilent() {
      for (const socket of silent) socket.destroy()
    },
  }
}

const ignore = (): void => {}

const HEAD_BYTES_MAX = 8 * 1024

const endOfHead = (bytes: Buffer): number =>
  bytes.length <= HEAD_BYTES_MAX ? bytes.indexOf('\r\n\r\n', 0, 'latin1') : -1

const REQUEST_LINE = /^GET (\/[!-~]*) HTTP\/1\.1$/
const HEADER = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([ -~\t]*)$/

/** Null: it is none, or there is more to it than is read here. */
const readHandshake = (head: string, socket: Socket): Handshake | null => {
  const [requestLine = '', ...lines] = head.split('\r\n')
  const url = REQUEST_LINE.exec(requestLine)?.[1]
  if (url === undefined) return null
  const headers: IncomingHttpHeaders = {}
  for (const line of lines) {
    const [, name, value] = HEADER.exec(line) ?? []
    const key = name?.toLowerCase()
    // Named twice, or like something that every object has.
    if (key === undefined || key in headers) return null
    headers[key] = value?.trim()
  }
  const { host, connection, upgrade } = headers
  const isHandshake =
    host !== undefined &&
    upgrade?.toLowerCase() === 'websocket' &&
    /(?:^|,)[ \t]*upgrade[ \t]*(?:,|$)/i.test(connection ?? '') &&
    !('content-length' in headers || 'transfer-encoding' in headers || 'expect' in headers)
  return isHandshake ? { method: 'GET', url, headers, socket } : null
}
