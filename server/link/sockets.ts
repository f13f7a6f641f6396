import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ErrorCode, isErrorCode } from '../../shared/wire/error-codes.ts'
import type { Authenticator } from '../access/authenticate.ts'
import type { Authentication } from '../access/tokens.ts'
import type { Limits } from '../access/limits.ts'
import { isOriginAllowed } from '../access/origin.ts'
import type { Principal } from '../access/principal.ts'
import type { Sessions } from '../access/sessions.ts'
import { redactUrl } from '../access/token-of-request.ts'
import { Connection, type ConnectionHandler, type ConnectionPlace, type WireLogger } from './connection.ts'
import { agreeOn, type Handshake } from './handshake.ts'
import { Flusher, type Unread } from './outbox.ts'
import { RateGate, uncountedMessages } from './rate-gate.ts'
import { CLOSE_TIMEOUT_MS } from './server-web-socket.ts'
import { type Admission, SocketAdmission } from './socket-admission.ts'
import type { WireCounters } from './wire-counters.ts'

/**
 * All WebSockets of the server, on an http server that may serve other things as well. A path belongs to an
 * endpoint; everything else about a socket is the same for all: who may connect, how many, who it is, that it is
 * alive. What is refused is refused after the upgrade, because only then can a browser read why.
 */
export interface Endpoint {
  /** What its sockets are counted as. */
  readonly kind: string
  /** Whether this endpoint serves the path (without the query). */
  serves(path: string): boolean
  /** Whether its messages begin with a channel number. */
  readonly hasChannels: boolean
  /** Endpoints whose first message brings the token are called with null, and call `Opening.admit` themselves. */
  readonly authenticatesItself?: boolean
  /** Its first message is no longer, and until `Connection.greeted` none is. */
  readonly greetingBytes?: number
  /** Gives the handler when it is ready for messages, or null if it has closed the connection. */
  open(opening: Opening): Promise<ConnectionHandler | null> | ConnectionHandler | null
  /** A last message in the endpoint's own words, before a refused connection is closed. */
  refuse?(connection: Connection, code: ErrorCode, sentence: string): void
}

export interface Opening {
  readonly connection: Connection
  readonly request: Handshake
  readonly path: string
  /** Null where the endpoint authenticates by itself. */
  readonly principal: Principal | null
  /** Counts the connection as this person's and ends it when the token does. Null: it was closed. */
  admit(connection: Connection, principal: Principal): Admission | null
}

export interface SocketsParts {
  readonly server: Server
  readonly endpoints: readonly Endpoint[]
  readonly authenticator: Authenticator
  readonly limits: Limits
  readonly counters: WireCounters
  readonly unread: Unread
  readonly logger: WireLogger
  readonly sessions?: Pick<Sessions, 'add'>
  readonly addressOf?: (request: Handshake) => string
  /** However many addresses and people they are of. */
  readonly socketsMax?: number
  readonly corsOrigins?: readonly string[]
  /** Messages larger than this are compressed for those who take it; 0: none. */
  readonly compressAbove?: number
  readonly now?: () => number
}

export interface Sockets {
  start(): void
  /** How many are connected. */
  readonly size: number
  /** The same by kind of endpoint. */
  readonly byKind: Readonly<Record<string, number>>
  /** Reads nothing more, for so long: what has been read can be committed and acknowledged before the goodbye. */
  pause(ms: number): void
  /** Tells everybody to try again, and gives up on who has not closed after the grace time. May be called twice. */
  close(graceMs?: number): Promise<void>
  /** One heartbeat for all; the timer calls it in slices. */
  beat(): void
}

/** Connections are beaten in slices, so that ten thousand pings do not fall on one moment. */
const SLICES = 16

export const createSockets = (parts: SocketsParts): Sockets => {
  const { server, endpoints, authenticator, limits, counters, logger } = parts
  const flusher = new Flusher()
  const now = parts.now ?? Date.now
  const compressAbove = parts.compressAbove ?? 1024
  const admission = new SocketAdmission({
    limits,
    socketsMax: parts.socketsMax ?? Number.POSITIVE_INFINITY,
    counters,
    sessions: parts.sessions,
    addressOf: parts.addressOf ?? (request => request.socket.remoteAddress ?? ''),
    logger,
    now,
  })
  const slices = Array.from({ length: SLICES }, () => new Set<Connection>())
  const byKind = new Map<string, number>()
  let accepted = 0
  let beats: NodeJS.Timeout | null = null
  let isDraining = false

  const makePlace = (endpoint: Endpoint | null): ConnectionPlace => ({
    flusher,
    limits,
    counters,
    unread: parts.unread,
    logger,
    compressAbove,
    greetingBytes: endpoint?.greetingBytes ?? Number.POSITIVE_INFINITY,
    uncountedMessages: uncountedMessages(limits),
    createGate: () => new RateGate(limits, endpoint?.hasChannels ?? false, now),
    ended: () => count(endpoint, -1),
  })
  // Made when it is first met: endpoints may be added to the list until the server starts.
  const places = new Map<Endpoint | null, ConnectionPlace>()
  const placeOf = (endpoint: Endpoint | null): ConnectionPlace => {
    const place = places.get(endpoint) ?? makePlace(endpoint)
    places.set(endpoint, place)
    return place
  }

  const onUpgrade = (request: Handshake, socket: Duplex, head: Buffer): void => {
    const path = pathOf(request.url ?? '/')
    const endpoint = endpoints.find(each => each.serves(path)) ?? null
    // Somebody else on this server may serve it.
    if (endpoint === null && server.listenerCount('upgrade') > 1) return
    // Whoever made the http server may have given its sockets a time.
    request.socket.setTimeout(0).setNoDelay()
    const agreed = agreeOn(request, socket, compressAbove > 0)
    if (agreed === null) return
    const connection = new Connection(placeOf(endpoint), socket, agreed)
    count(endpoint, 1)
    connection.belongTo(slices[accepted++ % SLICES] ?? new Set())
    void admitted(connection, endpoint, path, request).catch(error => {
      logger.error({ err: error, url: redactUrl(request.url ?? '') }, 'a socket could not be opened')
      connection.close('INTERNAL')
    })
    connection.begin(head)
  }

  const admitted = async (
    connection: Connection,
    endpoint: Endpoint | null,
    path: string,
    request: Handshake,
  ): Promise<void> => {
    const refuse = (code: ErrorCode, sentence?: string): void => {
      if (sentence !== undefined) endpoint?.refuse?.(connection, code, sentence)
      connection.close(code, sentence)
    }
    if (endpoint === null) return refuse('NO_SUCH_ROUTE')
    if (isDraining) return refuse('DRAINING')
    if (!isOriginAllowed(request, parts.corsOrigins ?? []))
      return refuse(
        'FORBIDDEN',
        'Pages of this origin may not connect: the operator can allow it (--cors-origin).',
      )
    if (!admission.isRoom(size()))
      return refuse('TOO_MANY_SOCKETS', 'Wait: the server has as many connections as it can hold.')
    if (!admission.enterAddress(connection, request)) return refuse('TOO_MANY_SOCKETS')
    let principal: Principal | null = null
    if (!endpoint.authenticatesItself) {
      const authentication = await authenticator.request(request)
      if (!authentication.ok) return refuse(codeOf(authentication), authentication.reason)
      principal = authentication.principal
    }
    if (principal !== null && admission.admit(connection, principal) === null) return
    if (connection.ended) return
    const handler = await endpoint.open({
      connection,
      request,
      path,
      principal,
      admit: admission.admit,
    })
    if (handler !== null) connection.handOver(handler)
  }

  const count = (endpoint: Endpoint | null, change: number): void => {
    if (endpoint !== null) byKind.set(endpoint.kind, (byKind.get(endpoint.kind) ?? 0) + change)
  }

  let slice = 0
  const beatSlice = (): void => {
    slice = (slice + 1) % SLICES
    for (const connection of slices[slice] ?? []) connection.beat()
  }

  const size = (): number => slices.reduce((sum, each) => sum + each.size, 0)

  return {
    get size() {
      return size()
    },
    get byKind() {
      return Object.fromEntries(endpoints.map(({ kind }) => [kind, byKind.get(kind) ?? 0]))
    },
    start() {
      if (beats !== null) return
      isDraining = false
      server.on('upgrade', onUpgrade)
      beats = setInterval(beatSlice, limits.heartbeatMs / SLICES)
      beats.unref()
    },
    pause(ms) {
      isDraining = true
      for (const each of slices) for (const connection of each) connection.slow(ms)
    },
    async close(graceMs = CLOSE_TIMEOUT_MS) {
      isDraining = true
      if (beats !== null) clearInterval(beats)
      beats = null
      const connections = slices.flatMap(each => [...each])
      const closings = connections.map(connection => connection.closeAndWait('DRAINING'))
      const grace = delay(graceMs)
      await Promise.race([Promise.all(closings), grace.promise])
      grace.cancel()
      for (const connection of connections) connection.terminate()
      server.off('upgrade', onUpgrade)
    },
    beat() {
      for (const each of slices) for (const connection of each) connection.beat()
    },
  }
}

const pathOf = (url: string): string => {
  const query = url.indexOf('?')
  return query === -1 ? url : url.slice(0, query)
}

const codeOf = (refusal: Exclude<Authentication, { ok: true }>): ErrorCode =>
  isErrorCode(refusal.code) ? refusal.code : 'TOKEN_INVALID'

const delay = (ms: number): { promise: Promise<void>; cancel: () => void } => {
  let timer: NodeJS.Timeout | undefined
  const promise = new Promise<void>(resolve => {
    timer = setTimeout(resolve, ms)
  })
  return { promise, cancel: () => clearTimeout(timer) }
}
