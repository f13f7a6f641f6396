import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { type Logger, pino } from 'pino'
import type { RecordType } from '../shared/record/define-record.ts'
import { type Access, type AccessOptions, createAccess } from './access/access.ts'
import { defaultLimits, type Limits } from './access/limits.ts'
import { createDeadline } from './deadline.ts'
import { addAdminRoutes } from './http/admin.ts'
import { createHttpApp } from './http/app.ts'
import { addDemoRoutes } from './http/demo.ts'
import { addHealthRoutes } from './http/health.ts'
import { isListening, listen, stopListening, urlOf } from './http/listening.ts'
import { createMetrics, type Metrics, measureWire } from './http/metrics.ts'
import { isEndpoint, takeRequests } from './http/own-requests.ts'
import { addRequestRate } from './http/request-rate.ts'
import { createReadiness, type Readiness } from './http/readiness.ts'
import { addStaticApp } from './http/static-app.ts'
import type { ControlHandler } from './link/control-handler.ts'
import { createLinkEndpoint } from './link/link-endpoint.ts'
import { createSockets, type Endpoint } from './link/sockets.ts'
import { createStockEndpoint } from './link/stock-endpoint.ts'
import { createWireCounters } from './link/wire-counters.ts'
import { openRooms } from './open-rooms.ts'
import { createOperations, type Operations } from './operate/operations.ts'
import { removeServingNote, writeServingNote } from './operate/serving-note.ts'
import type { Rooms } from './room/rooms.ts'
import { GroupCommit } from './store/group-commit.ts'
import { LevelStore } from './store/level-store.ts'
import type { CutRoom, Store } from './store/store.ts'

/**
 * A corecord server, to be embedded: on a port of its own or on an http server that exists. `start` opens the
 * store, loads nothing else, and listens; `close` drains, and leaves nothing behind.
 */
export interface ServerOptions extends AccessOptions {
  records: readonly RecordType[]
  /** Any other room name is a free document without a schema. */
  untyped?: boolean
  /** Gives whoever asks a token of one of the demo's people. */
  demo?: boolean
  /** Folder that holds everything. */
  dataFolder: string
  /** Another store than LevelDB in the data folder. It is opened and closed by the server. */
  store?: Store

  /** Listens on this one's port and takes only its own addresses; whatever else it serves goes on. */
  server?: HttpServer
  port?: number
  host?: string
  /** Folder of a built web app to serve at `/`. */
  appFolder?: string | null

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
  readonly access: Access
  readonly limits: Limits
  readonly metrics: Metrics
  readonly readiness: Readiness
  readonly store: Store
  readonly committer: GroupCommit
  readonly rooms: Rooms
  readonly operations: Operations
  /** Opens the store and the rooms, and listens nowhere: for work on the data alone. */
  open(): Promise<void>
  start(): Promise<void>
  /** Whether everything was said and written in time. May be called twice. */
  close(reason?: string): Promise<boolean>
}

type State = 'new' | 'opening' | 'serving' | 'draining' | 'closed'

export function createServer(options: ServerOptions): CorecordServer {
  const now = options.now ?? Date.now
  const logger = options.logger ?? pino({ level: 'warn' })
  const limits: Limits = { ...defaultLimits, ...options.limits }
  const compressAboveBytes = options.compressAboveBytes ?? 1024
  const version = options.version ?? ''
  const drainMs = options.drainMs ?? 8_000
  const { dataFolder, records: recordTypes } = options
  const operatorKey = randomBytes(32).toString('base64url')

  const metrics = createMetrics(now)
  const readiness = createReadiness()
  const store = options.store ?? new LevelStore({ folder: dataFolder })
  const committer = new GroupCommit(store, {
    onAttempt: metrics.committed,
    onReadOnly: reason => {
      if (reason === null) logger.info('the disk takes writes again')
      else logger.error({ err: reason }, 'the disk refuses writes: nothing is accepted until it takes them')
    },
  })
  const access = createAccess(options, { store, committer, now })
  const { authenticator, sessions, addresses, corsOrigins, revocations } = access

  const app = createHttpApp({
    logger,
    authenticator,
    corsOrigins,
    isTrustedProxy: addresses.isTrusted,
    bodyBytesMax: limits.messageBytes,
    compression: { aboveBytes: compressAboveBytes, compressed: metrics.compressed },
  })
  const httpServer = options.server ?? createHttpServer({ keepAliveTimeout: 65_000 })
  const isOwnServer = options.server === undefined
  const counters = createWireCounters()
  const endpoints: Endpoint[] = []
  const controlHandlers: ControlHandler[] = []
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

  let state: State = 'new'
  let rooms: Rooms | null = null
  let giveRequestsBack: (() => void) | null = null
  let closing: Promise<boolean> | null = null

  readiness.register(
    'store',
    () => committer.readOnly?.message ?? (rooms === null ? 'it is not open yet' : null),
  )
  readiness.register('sockets', () => (state === 'serving' ? null : `they are ${state}`))
  measureWire(metrics, counters)
  addRequestRate(app, limits.requestsPerSecond, now)
  if (options.demo === true && options.secret !== undefined) addDemoRoutes(app, options.secret, now)
  metrics.gauge('sockets', 'Open sockets', () => sockets.size)
  metrics.gauge('sessions', 'Sockets that live on a token', () => sessions.size)
  metrics.gauge('rooms', 'Records in memory', () => rooms?.size ?? 0)
  metrics.gauge('queue_depth', 'Changes accepted and not yet on the disk', () => committer.depth)
  addHealthRoutes(app, {
    readiness,
    metrics,
    metricsToken: options.metricsToken ?? null,
    version,
    isDraining: () => state === 'draining',
  })
  const operations = createOperations({
    store,
    recordTypes,
    dataFolder,
    version,
    now,
    revocations,
    door: () => openedRooms(),
  })
  addAdminRoutes(app, {
    operations,
    operatorKey,
  })
  addStaticApp(app, options.appFolder ?? null)

  function openedRooms(): Rooms {
    if (rooms === null) throw new Error('The server has no rooms yet: start it first.')
    return rooms
  }

  async function open(): Promise<void> {
    if (state !== 'new') throw new Error(`A server starts once; this one is ${state}.`)
    await mkdir(dataFolder, { recursive: true })
    const { nodeId, cut } = await store.open()
    state = 'opening'
    reportCut(cut, logger)
    await revocations.start()
    rooms = openRooms({
      store,
      committer,
      recordTypes,
      untyped: options.untyped ?? false,
      limits,
      counters,
      metrics: metrics.rooms,
      logger,
      nodeId,
      now,
    })
    rooms.start()
    endpoints.push(
      createLinkEndpoint({
        door: rooms,
        authenticator,
        limits,
        counters,
        logger,
        handlers: controlHandlers,
        now,
      }),
      // At the root too where rooms are free: there y-websocket's own server has them.
      createStockEndpoint({ door: rooms, atRoot: options.untyped ?? false }),
    )
  }

  async function start(): Promise<void> {
    await open()
    await app.ready()
    giveRequestsBack = takeRequests(httpServer, isEndpoint, (request, response) =>
      app.routing(request, response),
    )
    sockets.start()
    if (isOwnServer) await listen(httpServer, options.port ?? 8080, options.host ?? '127.0.0.1')
    state = 'serving'
    if (isListening(httpServer)) {
      await writeServingNote(dataFolder, { url: urlOf(httpServer), key: operatorKey, pid: process.pid })
    }
  }

  async function drain(reason: string): Promise<boolean> {
    const before = state
    state = 'draining'
    let isClean = true
    const deadline = createDeadline(drainMs, now, (step, trouble, error) => {
      isClean = false
      logger.error({ step, err: error }, `stopping: «${step}» ${trouble}`)
    })
    logger.info({ reason }, 'stopping')
    const stopped = isOwnServer && before === 'serving' ? stopListening(httpServer) : Promise.resolve()
    // Commit first and say goodbye after it: what was accepted is acknowledged.
    sockets.pause(drainMs)
    await deadline.run('commit what was accepted', () => committer.flush(), 0.6)
    await deadline.run('say goodbye to the sockets', () => sockets.close(), 0.6)
    await deadline.run('finish the requests', () => app.close(), 0.5)
    if (isOwnServer) {
      httpServer.closeIdleConnections()
      await deadline.run('close the connections', () => stopped, 0.3)
      httpServer.closeAllConnections()
    }
    giveRequestsBack?.()
    sessions.close()
    await deadline.run('end the commits', () => committer.close(lastTryMs))
    rooms?.close()
    if (before !== 'new') {
      await removeServingNote(dataFolder)
      await deadline.run('close the store', () => store.close())
    }
    metrics.close()
    state = 'closed'
    logger.info({ isClean }, 'stopped')
    return isClean
  }

  return {
    app,
    access,
    limits,
    metrics,
    readiness,
    store,
    committer,
    operations,
    open,
    get rooms() {
      return openedRooms()
    },
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

/** For a disk that did not take everything during the flush: one more try. */
const lastTryMs = 500

function reportCut(cut: readonly CutRoom[], logger: Logger): void {
  for (const { room, witnessed, found } of cut) {
    logger.error(
      { room, witnessed, found },
      'a record lost saved commits with its log; it begins a new epoch',
    )
  }
}
