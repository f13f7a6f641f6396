import { request } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { defaultLimits } from '../../server/access/limits.ts'
import type { Session } from '../../server/access/sessions.ts'
import type { ConnectionHandler } from '../../server/link/connection.ts'
import { textMessage } from '../../server/link/shared-message.ts'
import type { Endpoint, Opening, SocketsParts } from '../../server/link/sockets.ts'
import { startWireServer, until, type WireServer } from './wire-server.ts'

/** Sends back what it hears, as JSON endpoints do: in text, shared, compressed. */
class Echo implements Endpoint {
  readonly kind = 'echo'
  readonly hasChannels = false
  openNow = 0
  readonly opened: Opening[] = []

  serves(path: string): boolean {
    return path === '/echo'
  }

  open(opening: Opening): ConnectionHandler {
    this.openNow++
    this.opened.push(opening)
    const { outbox } = opening.connection
    const source = { channel: null, drained() {} }
    return {
      message() {},
      text: text => outbox.sendShared(textMessage(text), source),
      closed: () => {
        this.openNow--
      },
    }
  }
}

let wire: WireServer
const sockets: WebSocket[] = []

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate()
  await wire.close()
})

const start = async (parts: Partial<SocketsParts> = {}): Promise<Echo> => {
  const echo = new Echo()
  wire = await startWireServer([echo], parts)
  return echo
}

const connect = async (token = 'ana', path = '/echo'): Promise<WebSocket> => {
  const socket = new WebSocket(`${wire.url}${path}?token=${token}`)
  sockets.push(socket)
  socket.on('error', () => {})
  await new Promise(resolve => socket.once('open', resolve))
  return socket
}

const closeOf = (socket: WebSocket): Promise<number> =>
  new Promise(resolve => socket.once('close', code => resolve(code)))

describe('the sockets of a server', () => {
  it.each([10, 5_000, 100_000])('carry texts of %i characters, too', async length => {
    await start()
    const socket = await connect()
    const text = 'ž'.repeat(length)
    socket.send(text)
    const answer = await new Promise(resolve =>
      socket.once('message', (data, isBinary) => resolve([String(data), isBinary])),
    )
    expect(answer).toEqual([text, false])
  })

  it.each([
    ['from one address', { limits: { ...defaultLimits, socketsPerAddress: 2 } }, 'address'],
    ['as open files allow', { socketsMax: 2 }, 'server'],
  ] as const)('are so many %s, and one more when one has gone', async (_, parts, whose) => {
    const said: string[] = []
    const logger = { info() {}, warn: (_fields: object, line: string) => said.push(line), error() {} }
    const echo = await start({ ...parts, logger })
    const [first] = [await connect('a'), await connect('b')]
    for (const token of ['c', 'd']) expect(await closeOf(await connect(token))).toBe(4529)
    expect(wire.counters.socketsRefused[whose]).toBe(2)
    expect(said).toEqual([expect.stringMatching(/more are refused$/)])
    first?.terminate()
    await until(() => echo.openNow === 1, 'the end of the first')
    await connect('c')
    await until(() => echo.openNow === 2, 'the third')
  })

  it('are so many of one person, wherever they come from', async () => {
    let addresses = 0
    const limits = { ...defaultLimits, socketsPerUser: 1 }
    const echo = await start({ limits, addressOf: () => `10.0.0.${++addresses}` })
    await connect('ana')
    expect(await closeOf(await connect('ana'))).toBe(4529)
    await connect('ben')
    await until(() => echo.openNow === 2, 'ana and ben')
  })

  it('end when the token ends by which they came in, and no session outlives its socket', async () => {
    const sessions = new Set<Session>()
    const add = (session: Session) => {
      sessions.add(session)
      return { renewed() {}, remove: () => sessions.delete(session) }
    }
    const echo = await start({ sessions: { add } })
    const socket = await connect('ana')
    await until(() => sessions.size === 1, 'the session')
    const closing = closeOf(socket)
    for (const session of sessions) session.end('TOKEN_EXPIRED')
    expect(await closing).toBe(4401)
    expect([sessions.size, echo.openNow]).toEqual([0, 0])
  })

  it('leave the rest of their http server alone', async () => {
    await start()
    const others = new WebSocketServer({ noServer: true })
    wire.server.on('upgrade', (incoming, socket, head) => {
      if (incoming.url?.startsWith('/theirs'))
        others.handleUpgrade(incoming, socket, head, theirs => theirs.send('theirs'))
    })
    const theirs = new WebSocket(`${wire.url}/theirs`)
    sockets.push(theirs)
    expect(String(await new Promise(resolve => theirs.once('message', resolve)))).toBe('theirs')
    const answer = await new Promise<number | undefined>(resolve =>
      request(wire.url.replace('ws:', 'http:'), response => resolve(response.resume().statusCode)).end(),
    )
    expect(answer).toBe(200)
    const ours = await connect()
    ours.send('ours')
    expect(String(await new Promise(resolve => ours.once('message', resolve)))).toBe('ours')
  })

  it('that connect while the server drains are told to try again', async () => {
    await start()
    const silent = await connect()
    // It never answers the close frame, so the drain waits for it as long as it may.
    silent.pause()
    const draining = wire.sockets.close(300)
    expect(await closeOf(await connect('ben'))).toBe(4503)
    await draining
    expect(wire.sockets.size).toBe(0)
  })
})
