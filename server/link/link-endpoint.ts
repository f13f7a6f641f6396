import { randomUUID } from 'node:crypto'
import { LINK_VERSION, parseClientControl } from '../../shared/wire/link-control.ts'
import { CONTROL_CHANNEL, readLinkFrame } from '../../shared/wire/link-frame.ts'
import type { Connection, ConnectionHandler } from './connection.ts'
import type { ControlHandler } from './control-handler.ts'
import { type LinkPlace, LinkSession } from './link-session.ts'
import type { Handshake } from './handshake.ts'
import type { Endpoint, Opening } from './sockets.ts'

/**
 * `/link`: one socket, many channels. The first frame is a hello with the version and the token; a token that came
 * with the request serves too. Nothing else is looked at before.
 */
export interface LinkEndpointParts extends Omit<LinkPlace, 'handlers' | 'now'> {
  readonly handlers?: readonly ControlHandler[]
  readonly now?: () => number
}

export const createLinkEndpoint = ({
  handlers = [],
  now = Date.now,
  ...parts
}: LinkEndpointParts): Endpoint => {
  const place: LinkPlace = {
    ...parts,
    now,
    handlers: new Map(handlers.flatMap(handler => handler.names.map(name => [name, handler] as const))),
  }
  return {
    kind: 'link',
    hasChannels: true,
    authenticatesItself: true,
    greetingBytes: HELLO_BYTES_MAX,
    serves: path => path === '/link',
    open: opening => new Greeting(place, opening),
  }
}

/** A token, and what is around it. */
const HELLO_BYTES_MAX = 64 * 1024

class Greeting implements ConnectionHandler {
  private readonly place: LinkPlace
  private readonly connection: Connection
  private readonly admit: Opening['admit']
  private readonly timer: NodeJS.Timeout
  private readonly request: Handshake

  constructor(place: LinkPlace, { connection, request, admit }: Opening) {
    this.place = place
    this.connection = connection
    this.admit = admit
    this.request = request
    this.timer = setTimeout(
      () => connection.close('TOO_SLOW', 'Say hello when you connect.'),
      place.limits.helloMs,
    )
  }

  message(bytes: Uint8Array): void {
    clearTimeout(this.timer)
    const frame = readLinkFrame(bytes)
    const hello = frame?.channel === CONTROL_CHANNEL ? parseClientControl(frame.payload) : null
    if (hello?.t !== 'hello') {
      this.connection.close('BAD_REQUEST', 'Say hello first.')
      return
    }
    if (hello.version !== LINK_VERSION) {
      this.connection.close('BAD_VERSION')
      return
    }
    this.connection.greeted()
    this.greet(hello.token).catch(error => {
      this.place.logger.error({ err: error }, 'a link could not be opened')
      this.connection.close('INTERNAL')
    })
  }

  closed(): void {
    clearTimeout(this.timer)
  }

  private async greet(token: string | null): Promise<void> {
    const { authenticator } = this.place
    const authentication = await (token === null
      ? authenticator.request(this.request)
      : authenticator.token(token))
    const { connection } = this
    if (connection.ended) return
    if (!authentication.ok) {
      connection.close(authentication.code, authentication.reason)
      return
    }
    const admission = this.admit(connection, authentication.principal)
    if (admission === null) return
    const session = new LinkSession(randomUUID(), this.place, connection, authentication.principal, admission)
    session.welcome()
    connection.handOver(session)
  }
}
