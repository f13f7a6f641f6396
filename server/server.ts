import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { openFilesMax, socketsThatFit } from './access/open-files.ts'
import { createBasis, type Basis } from './basis.ts'
import { type Blobs, createBlobs } from './blob/blobs.ts'
import { drain } from './drain.ts'
import { createEventsPart } from './event/open-events.ts'
import { addAdminRoutes, authorizeOperator } from './http/admin.ts'
import { createHttpApp } from './http/app.ts'
import { addDemoRoutes } from './http/demo.ts'
import { readFirstBytes } from './link/first-bytes.ts'
import { addHealthRoutes } from './http/health.ts'
import { isListening, listen, urlOf } from './http/listening.ts'
import { createOwnServer, endSilentBodies } from './http/own-server.ts'
import { addOpenStreams } from './http/open-streams.ts'
import { isEndpoint, takeRequests } from './http/own-requests.ts'
import { addRequestRate } from './http/request-rate.ts'
import { addStaticApp } from './http/static-app.ts'
import { answerUnreadable } from './http/unreadable.ts'
import { createInbox, type InboxPart } from './inbox/inbox.ts'
import { INBOX } from '../shared/types/inbox.ts'
import type { ControlHandler } from './link/control-handler.ts'
import { createLinkEndpoint } from './link/link-endpoint.ts'
import { createSockets, type Endpoint } from './link/sockets.ts'
import { createStockEndpoint } from './link/stock-endpoint.ts'
import { createLists, type Lists } from './list/open-lists.ts'
import { OperationFailure } from './operate/operation-failure.ts'
import { openRooms } from './open-rooms.ts'
import { rowFailed } from './room/row-or-fields.ts'
import { makeDataFolder } from './make-folder.ts'
import { removeBrokenBackups } from './operate/backup.ts'
import { createOperations, type Operations } from './operate/operations.ts'
import { readServingNote, removeServingNote, writeServingNote } from './operate/serving-note.ts'
import { createRest } from './rest/rest.ts'
import type { Rooms } from './room/rooms.ts'
import { UserWriter } from './room/user-write.ts'
import type { ServerOptions } from './server-options.ts'
import type { CutRoom } from './store/store.ts'
import { addSyncRoutes } from './sync/sync-routes.ts'

export type { ServerOptions } from './server-options.ts'

/**
 * A corecord server, to be embedded: on a port of its own or on an http server that exists. `start` opens the
 * store, loads nothing else, and listens; `close` drains, and leaves nothing behind.
 */
export interface CorecordServer extends Basis {
  /** Routes can be added until `start`. */
  readonly app: FastifyInstance
  readonly url: string
  readonly rooms: Rooms
  readonly operations: Operations
  readonly lists: Lists
  readonly blobs: Blobs
  readonly inbox: InboxPart
  /** Opens the store and the rooms, and listens nowhere: for work on the data alone. */
  open(): Promise<void>
  start(): Promise<void>
  /** Whether everything was said and written in time. May be called twice. */
  close(reason?: string): Promise<boolean>
}

type State = 'new' | 'opening' | 'serving' | 'draining' | 'closed'

export function createServer(options: ServerOptions): CorecordServer {
  const basis = createBasis(options)
  const { access, store, readiness, metrics, logger, now, limits, dataFolder } = basis
  const operatorKey = randomBytes(32).toString('base64url')
  const httpServer = options.server ?? createOwnServer()
  const isOwnServer = options.server === undefined
  if (isOwnServer) answerUnreadable(httpServer)
  const firstBytes = isOwnServer ? readFirstBytes(httpServer) : null
  const endpoints: Endpoint[] = []
  const lists = createLists(basis)
  const inbox = createInbox({ ...basis, rooms: openedRooms })
  const types = new Map(basis.recordTypes.map(type => [type.name, type]))
  const writer = new UserWriter({
    rooms: openedRooms,
    types,
    nodeId: () => nodeId,
    earlierNodeIds: () => earlierNodeIds,
    now,
  })
  const rest = createRest({
    ...basis,
    types,
    rooms: openedRooms,
    writer,
    lists: lists.lists,
    actions: () => events.actions,
    sessions: access.sessions,
  })
  const blobs = createBlobs({ ...basis, types, rooms: openedRooms })
  const controlHandlers: ControlHandler[] = [lists.handler]
  const events = createEventsPart({
    ...basis,
    untold: [INBOX],
    rooms: openedRooms,
    writer,
    sessions: access.sessions,
    authorizeOperator: request => authorizeOperator(request, operatorKey),
    purging: async room => [...inbox.purge(room), ...(await rest.purge(room))],
    purged(room) {
      lists.forget(room)
      inbox.purged(room)
    },
  })

  let state: State = 'new'
  let rooms: Rooms | null = null
  let nodeId = 0
  let earlierNodeIds: readonly number[] = []
  let giveRequestsBack: (() => void) | null = null
  let stopAccess: (() => void) | null = null
  let closing: Promise<boolean> | null = null

  const app = createHttpApp(basis)
  const sockets = createSockets({
    ...basis,
    server: httpServer,
    endpoints,
    authenticator: access.authenticator,
    sessions: access.sessions,
    addressOf: access.addresses.of,
    socketsMax: socketsThatFit(openFilesMax()),
    corsOrigins: access.corsOrigins,
    compressAbove: basis.compressAboveBytes,
  })
  const operations = createOperations({
    ...basis,
    revocations: access.revocations,
    door: openedRooms,
    rebuild: lists.rebuild,
    came: (type, row, commit) => lists.lists.committed(type, row.id, row, commit),
    rowFailed: (room, error) => rowFailed(logger, room, error),
    runner: () => events.actions.runner,
  })
  const storeProblem = () => basis.committer.trouble ?? (rooms === null ? 'it is not open yet' : null)
  readiness.register('store', storeProblem)
  readiness.register('sockets', () => (state === 'serving' ? null : `they are ${state}`))
  metrics.gauge('sockets', 'Open sockets, by what they speak', () => sockets.byKind, 'kind')
  if (isOwnServer) endSilentBodies(app)
  addRequestRate(app, limits.requestsPerSecond, now)
  addOpenStreams(app, limits)
  addHealthRoutes(app, { ...basis, isDraining: () => state === 'draining' })
  addAdminRoutes(app, { operations, operatorKey })
  addSyncRoutes(app, { ...basis, door: openedRooms })
  rest.addRoutes(app)
  blobs.addRoutes(app)
  inbox.addRoutes(app)
  events.addRoutes(app)
  lists.addRoutes(app, access.sessions)
  if (options.demo === true && options.secret !== undefined) addDemoRoutes(app, options.secret, now)
  addStaticApp(app, basis.appFolder)

  function openedRooms(): Rooms {
    if (rooms === null) throw new Error('The server has no rooms yet: start it first.')
    return rooms
  }

  async function open(): Promise<void> {
    if (state !== 'new') throw new Error(`A server starts once; this one is ${state}.`)
    assertCarriesSockets()
    makeDataFolder(dataFolder)
    const { cut, ...start } = await store.open()
    ;({ nodeId, earlierNodeIds } = start)
    state = 'opening'
    await removeBrokenBackups(dataFolder)
    reportCut(cut, logger)
    await access.revocations.start()
    await events.open()
    rooms = openRooms(
      basis,
      nodeId,
      lists,
      [rest.publisher, blobs.publisher, ...events.publishers, inbox],
      inbox.editRefused,
    )
    endpoints.push(
      events.endpoint,
      createLinkEndpoint({
        ...basis,
        door: rooms,
        authenticator: access.authenticator,
        handlers: controlHandlers,
      }),
      // At the root too where rooms are free: there y-websocket's own server has them.
      createStockEndpoint({ door: rooms, atRoot: basis.untyped }),
    )
  }

  async function endBrokenImport(): Promise<void> {
    try {
      if (await operations.endBrokenImport())
        logger.warn('an import was broken off: what came is on the lists; import the file again for the rest')
    } catch (error) {
      logger.error({ err: error }, 'rows could not be made anew')
    }
  }

  async function start(): Promise<void> {
    if (state !== 'new') throw new Error(`A server starts once; this one is ${state}.`)
    try {
      await serve()
    } catch (error) {
      // Else its data would stay locked against whoever tries another port.
      await close('it could not start')
      throw error
    }
  }

  async function serve(): Promise<void> {
    await open()
    if ((await readServingNote(dataFolder)) !== null) {
      logger.warn(
        'the server before this one was not stopped: it was killed, ran out of memory, or lost its machine',
      )
      // Its key is taken no more, and whoever finds it as soon as this one answers would be told so.
      await removeServingNote(dataFolder)
    }
    lists.start(openedRooms())
    // Before anybody is given a number, or misses a record on a list.
    await endBrokenImport()
    await blobs.start()
    rest.start()
    await inbox.start()
    await events.start()
    await app.ready()
    giveRequestsBack = takeRequests(httpServer, isEndpoint, (request, response) =>
      app.routing(request, response),
    )
    sockets.start()
    stopAccess = access.start()
    if (isOwnServer) await listen(httpServer, basis.port, basis.host)
    state = 'serving'
    if (isListening(httpServer))
      await writeServingNote(dataFolder, { url: urlOf(httpServer), key: operatorKey, pid: process.pid })
  }

  async function stop(reason: string): Promise<boolean> {
    const before = state
    state = 'draining'
    logger.info({ reason }, 'stopping')
    const isClean = await drain({
      ...basis,
      sockets,
      app,
      httpServer,
      closesHttpServer: isOwnServer && before === 'serving',
      closeSilent: () => firstBytes?.closeSilent(),
      // What is not told by then is told after the next start.
      endWork: async () => {
        if (before === 'new') return
        await Promise.all([events.close(), inbox.close(), blobs.close(), rest.close()])
      },
      compactLogs: async ms => rooms?.compactLogs(ms),
      release() {
        giveRequestsBack?.()
        stopAccess?.()
        access.sessions.close()
        lists.close()
        rooms?.close()
        metrics.close()
      },
      // One that could not be opened is somebody else's, and so is the note beside it.
      closeStore: async () => {
        if (before === 'new') return
        // A disk that became read-only keeps the note; the lock is let go all the same.
        await removeServingNote(dataFolder).finally(() => store.close())
      },
    })
    state = 'closed'
    logger.info({ isClean }, 'stopped')
    return isClean
  }

  return {
    ...basis,
    app,
    operations,
    lists,
    blobs,
    inbox,
    open,
    start,
    get rooms() {
      return openedRooms()
    },
    get url() {
      return urlOf(httpServer)
    },
    close,
  }

  function close(reason = 'closed by its owner'): Promise<boolean> {
    closing ??= stop(reason)
    return closing
  }
}

/** Bun hands on no connection before a request of it was read: no socket would open, and nobody would be told. */
function assertCarriesSockets(): void {
  if ('Bun' in globalThis)
    throw new OperationFailure(
      'Start the server with Node: with Bun no WebSocket would open. Clients run on both.',
    )
}

function reportCut(cut: readonly CutRoom[], logger: Basis['logger']): void {
  for (const { room, witnessed, found } of cut) {
    logger.error(
      { room, witnessed, found },
      'a record lost saved commits with its log; it begins a new epoch',
    )
  }
}
