import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { type Logger, pino } from 'pino'
import { type Authenticator, createAuthenticator } from './access/authenticate.ts'
import { type ClientAddresses, createClientAddresses } from './access/client-address.ts'
import { defaultLimits, type Limits } from './access/limits.ts'
import { createRevocations, type Revocations } from './access/revocations.ts'
import { createSessions, type Sessions } from './access/sessions.ts'
import { createStoredRevocations } from './access/stored-revocations.ts'
import { createTokenVerifier, type TokenKey } from './access/tokens.ts'
import type { RecordType } from '../shared/record/define-record.ts'
import { createDeadline } from './deadline.ts'
import { addAdminRoutes } from './http/admin.ts'
import { createHttpApp } from './http/app.ts'
import { addHealthRoutes } from './http/health.ts'
import { createMetrics, type Metrics } from './http/metrics.ts'
import { isEndpoint, takeRequests } from './http/own-requests.ts'
import { createReadiness, type Readiness } from './http/readiness.ts'
import { addStaticApp } from './http/static-app.ts'
import { createSockets, type Endpoint, type Sockets } from './link/sockets.ts'
import { createWireCounters, type WireCounters } from './link/wire-counters.ts'
import { createOperations } from './operate/operations.ts'
import { removeServingNote, writeServingNote } from './operate/serving-note.ts'
import { GroupCommit } from './store/group-commit.ts'
import { LevelStore } from './store/level-store.ts'
import type { Store } from './store/store.ts'

/**
 * A corecord server, to be embedded: on a port of its own or on an http server that exists. `start` opens the
 * store and listens; `close` drains, and leaves nothing behind.
 */
export interface ServerOptions {
  records?: readonly RecordType[]
  /** Folder that holds everything. */
  dataFolder: string
  /** Another store than LevelDB in the data folder. It is opened and closed by the server. */
  store?: Store

  /** One at least, or `anonymous`. */
  secret?: string
  /** PEM. */
  publicKey?: string
  jwks?: URL
  issuer?: string
  audience?: string
  rolesClaim?: string
  clockToleranceSeconds?: number
  anonymous?: boolean

  /** Listens on this one's port and takes only its own addresses; whatever else it serves goes on. */
  server?: HttpServer
  port?: number
  host?: string
  /** Folder of a built web app to serve at `/`. */
  appFolder?: string | null
  corsOrigins?: readonly string[]
  trustedProxies?: readonly string[]

  limits?: Partial<Limits>
  compressAboveBytes?: number
  metricsToken?: string
  drainMs?: number
  logger?: Logger
  version?: string
  now?: () => number
}

export interface CorecordServer {
  /** Routes can be added until `start`. */
  readonly app: FastifyInstance
  readonly url: string
  readonly metrics: Metrics
  readonly readiness: Readiness
  readonly revocations: Revocations
  readonly authenticator: Authenticator
  readonly sessions: Sessions
  readonly addresses: ClientAddresses
  readonly limits: Limits
  readonly store: Store
  readonly committer: GroupCommit
  start(): Promise<void>
  /** Whether everything was said and written in time. May be called twice. */
  close(reason?: string): Promise<boolean>
}

export function createServer(options: ServerOptions): CorecordServer {
  const now = options.now ?? Date.now
  const logger = options.logger ?? pino({ level: 'warn' })
  const limits: Limits = { ...defaultLimits, ...options.limits }
  const corsOrigins = options.corsOrigins ?? []
  const compressAboveBytes = options.compressAboveBytes ?? 1024
  const version = options.version ?? ''
  const clockToleranceSeconds = options.clockToleranceSeconds ?? 30
  const metrics = createMetrics()
  const readiness = createReadiness()
  const store = options.store ?? new LevelStore({ folder: options.dataFolder })
  const committer = new GroupCommit(store, {
    onAttempt: ({ changes, ms, ok }) => metrics.committed({ rooms: changes, seconds: ms / 1000, ok }),
    onReadOnly: reason => {
      if (reason === null) logger.info('the disk takes writes again')
      else logger.error({ err: reason }, 'the disk refuses writes: nothing is accepted until it takes them')
    },
  })
  const revocations = createRevocations(
    createStoredRevocations(store, async value => {
      await committer.submit({ rooms: [], values: [value] })
    }),
    now,
  )
  const sessions = createSessions({ revocations, clockToleranceSeconds, now })
  const addresses = createClientAddresses(options.trustedProxies ?? [])
  const authenticator = createAuthenticator({
    verifier: verifierOf(options, clockToleranceSeconds, now),
    anonymous: options.anonymous ?? false,
    revocations,
  })
  const app = createHttpApp({
    logger,
    authenticator,
    corsOrigins,
    isTrustedProxy: addresses.isTrusted,
    bodyBytesMax: limits.messageBytes,
    compression: { aboveBytes: compressAboveBytes, compressed: metrics.compressed },
  })
  const httpServer = options.server ?? createHttpServer({ keepAliveTimeout: 65_000 })

  const counters = createWireCounters()
  const endpoints: Endpoint[] = []
  const sockets = createSockets({
    server: httpServer,
    endpoints,
    authenticator,
    limits,
    counters,
    logger,
    sessions,
    addressOf: addresses.of,
    corsOrigins,
    compressAbove: compressAboveBytes,
    now,
  })
  const operations = createOperations({
    store,
    recordTypes: options.records ?? [],
    dataFolder: options.dataFolder,
    version,
    now,
  })
  const operatorKey = randomBytes(32).toString('base64url')

  let state: 'new' | 'starting' | 'serving' | 'draining' | 'closed' = 'new'
  let giveRequestsBack: (() => void) | null = null
  let closing: Promise<boolean> | null = null

  readiness.register(
    'store',
    () => committer.readOnly?.message ?? (state === 'new' ? 'it is not open yet' : null),
  )
  measureSockets(metrics, counters, sockets)
  metrics.gauge('queue_depth', 'Changes accepted and not yet on the disk', () => committer.depth)
  metrics.gauge('sessions', 'Sockets that live on a token', () => sessions.size)
  addHealthRoutes(app, {
    readiness,
    metrics,
    metricsToken: options.metricsToken ?? null,
    version,
    isDraining: () => state === 'draining',
  })
  addAdminRoutes(app, { operations, revocations, operatorKey })
  addStaticApp(app, options.appFolder ?? null)

  async function start(): Promise<void> {
    if (state !== 'new') throw new Error(`A server starts once; this one is ${state}.`)
    await mkdir(options.dataFolder, { recursive: true })
    const { cut } = await store.open()
    state = 'starting'
    for (const { room, witnessed, found } of cut) {
      logger.error(
        { room, witnessed, found },
        'a record lost saved commits with its log; it begins a new epoch',
      )
    }
    await revocations.start()
    await app.ready()
    giveRequestsBack = takeRequests(httpServer, isEndpoint, (request, response) =>
      app.routing(request, response),
    )
    sockets.start()
    if (options.server === undefined)
      await listen(httpServer, options.port ?? 8080, options.host ?? '127.0.0.1')
    state = 'serving'
    if (httpServer.listening) {
      await writeServingNote(options.dataFolder, {
        url: urlOf(httpServer),
        key: operatorKey,
        pid: process.pid,
      })
    }
  }

  async function drain(reason: string): Promise<boolean> {
    const before = state
    state = 'draining'
    let isClean = true
    const deadline = createDeadline(options.drainMs ?? 8_000, now, (step, trouble, error) => {
      isClean = false
      logger.error({ step, err: error }, `stopping: «${step}» ${trouble}`)
    })
    logger.info({ reason }, 'stopping')
    const isOwnServer = options.server === undefined
    const stopped = isOwnServer && before === 'serving' ? stopListening(httpServer) : Promise.resolve()
    if (isOwnServer) httpServer.closeIdleConnections()
    // Commit first and close the sockets after it: what was accepted is acknowledged before the goodbye.
    await deadline.run('commit what was accepted', () => committer.flush(), 0.6)
    await deadline.run('say goodbye to the sockets', () => sockets.close(), 0.6)
    await deadline.run('finish the requests', () => app.close(), 0.5)
    if (isOwnServer) {
      await deadline.run('close the connections', () => stopped, 0.3)
      httpServer.closeAllConnections()
    }
    giveRequestsBack?.()
    sessions.close()
    await deadline.run('end the commits', () => committer.close(drainRestMs))
    if (before !== 'new') {
      await removeServingNote(options.dataFolder)
      await deadline.run('close the store', () => store.close())
    }
    metrics.close()
    state = 'closed'
    logger.info({ isClean }, 'stopped')
    return isClean
  }

  return {
    app,
    metrics,
    readiness,
    revocations,
    authenticator,
    sessions,
    addresses,
    limits,
    store,
    committer,
    get url() {
      return urlOf(httpServer)
    },
    start,
    close(reason = 'closed by its owner') {
      closing ??= drain(reason)
      return closing
    },
  }
}

/** What is left to a disk that did not take everything during the flush: one more try. */
const drainRestMs = 500

function measureSockets(metrics: Metrics, counters: WireCounters, sockets: Sockets): void {
  metrics.gauge('sockets', 'Open sockets', () => sockets.size)
  metrics.total('messages_received_total', 'Messages from clients', () => counters.messagesReceived)
  metrics.total('frames_sent_total', 'Frames to clients', () => counters.framesSent)
  metrics.total('socket_writes_total', 'Writes to sockets; several frames share one', () => counters.writes)
  metrics.total(
    'bytes_total',
    'Payload bytes over sockets',
    () => ({ in: counters.bytesReceived, out: counters.bytesSent }),
    'direction',
  )
  metrics.total(
    'message_compression_bytes_total',
    'Bytes of compressed messages, each counted once',
    () => ({ before: counters.bytesBeforeCompression, after: counters.bytesAfterCompression }),
    'side',
  )
  metrics.total('messages_dropped_total', 'Messages dropped for slow readers', () => counters.messagesDropped)
  metrics.total('resyncs_total', 'Slow readers brought up to date', () => counters.resyncs)
  metrics.total('presence_states_total', 'Presence states taken', () => counters.presenceStates)
  metrics.total('presence_frames_total', 'Presence frames made', () => counters.presenceFrames)
  metrics.total('digests_differing_total', 'Differences that links healed', () => counters.digestsDiffering)
}

function verifierOf(options: ServerOptions, clockToleranceSeconds: number, now: () => number) {
  const keys: TokenKey[] = []
  if (options.secret !== undefined) keys.push({ kind: 'secret', secret: options.secret })
  if (options.publicKey !== undefined) keys.push({ kind: 'publicKey', pem: options.publicKey })
  if (options.jwks !== undefined) keys.push({ kind: 'jwks', url: options.jwks })
  if (keys.length === 0) {
    if (options.anonymous === true) return null
    throw new Error(
      'Say who may come in: give secret, publicKey or jwks, or anonymous for trying things out.',
    )
  }
  return createTokenVerifier({
    keys,
    issuer: options.issuer ?? null,
    audience: options.audience ?? null,
    rolesClaim: options.rolesClaim ?? 'roles',
    clockToleranceSeconds,
    now,
  })
}

function listen(server: HttpServer, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.removeListener('error', reject)
      resolve()
    })
  })
}

function stopListening(server: HttpServer): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve())
  })
}

function urlOf(server: HttpServer): string {
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string')
    throw new Error('The server has no address yet: start it first.')
  const everywhere = address.address === '::' || address.address === '0.0.0.0'
  const host = everywhere ? 'localhost' : address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `http://${host}:${address.port}`
}
