import { randomBytes } from 'node:crypto'
import type { Server as HttpServer } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { INBOX } from '../shared/types/inbox.ts'
import { openFilesMax, socketsThatFit } from './access/open-files.ts'
import type { Basis } from './basis.ts'
import { type Blobs, createBlobs } from './blob/blobs.ts'
import { createEventsPart, type EventsPart } from './event/open-events.ts'
import { addAdminRoutes, authorizeOperator } from './http/admin.ts'
import { createHttpApp } from './http/app.ts'
import { addDemoRoutes } from './http/demo.ts'
import { addHealthRoutes } from './http/health.ts'
import { createOwnServer, endSilentBodies } from './http/own-server.ts'
import { addOpenStreams } from './http/open-streams.ts'
import { addRequestRate } from './http/request-rate.ts'
import { addStaticApp } from './http/static-app.ts'
import { answerUnreadable } from './http/unreadable.ts'
import { createInbox, type InboxPart } from './inbox/inbox.ts'
import { type FirstBytes, readFirstBytes } from './link/first-bytes.ts'
import { createSockets, type Endpoint, type Sockets } from './link/sockets.ts'
import { createLists, type Lists } from './list/open-lists.ts'
import { createOperations, type LocalOperations } from './operate/operations.ts'
import { createRest, type Rest } from './rest/rest.ts'
import { rowFailed } from './room/row-or-fields.ts'
import type { Rooms } from './room/rooms.ts'
import { UserWriter } from './room/user-write.ts'
import type { ServerOptions } from './server-options.ts'
import { addSyncRoutes } from './sync/sync-routes.ts'

/** How far a server has come, and what it knows since its store is open. */
export interface Standing {
  phase: 'new' | 'opening' | 'serving' | 'draining' | 'closed'
  rooms: Rooms | null
  nodeId: number
  earlierNodeIds: readonly number[]
}

/** What a server is made of, wired together. Nothing is opened yet, and nothing runs. */
export interface ServerParts {
  readonly httpServer: HttpServer
  /** And nobody else's, who would go on with it. */
  readonly isOwnServer: boolean
  /** Of our own server alone. */
  readonly firstBytes: FirstBytes | null
  readonly app: FastifyInstance
  readonly sockets: Sockets
  /** Those that need rooms are added once there are some. */
  readonly endpoints: Endpoint[]
  readonly lists: Lists
  readonly inbox: InboxPart
  readonly rest: Rest
  readonly blobs: Blobs
  readonly events: EventsPart
  readonly operations: LocalOperations
  /** By it whoever may read the data folder operates the server. */
  readonly operatorKey: string
}

export function createParts(options: ServerOptions, basis: Basis, standing: Standing): ServerParts {
  const { access, limits, logger, now } = basis
  const { sessions } = access
  const rooms = (): Rooms => openedRooms(standing)
  const operatorKey = randomBytes(32).toString('base64url')
  const isOwnServer = options.server === undefined
  const httpServer = options.server ?? createOwnServer()
  if (isOwnServer) answerUnreadable(httpServer)
  const firstBytes = isOwnServer ? readFirstBytes(httpServer) : null
  const types = new Map(basis.recordTypes.map(type => [type.name, type]))
  const lists = createLists(basis)
  const inbox = createInbox({ ...basis, rooms })
  const writer = new UserWriter({
    rooms,
    types,
    nodeId: () => standing.nodeId,
    earlierNodeIds: () => standing.earlierNodeIds,
    now,
  })
  const rest = createRest({
    ...basis,
    types,
    rooms,
    writer,
    lists: lists.lists,
    actions: () => events.actions,
    sessions,
  })
  const blobs = createBlobs({ ...basis, types, rooms })
  const events = createEventsPart({
    ...basis,
    untold: [INBOX],
    rooms,
    writer,
    sessions,
    authorizeOperator: request => authorizeOperator(request, operatorKey),
    purging: async room => [...inbox.purge(room), ...(await rest.purge(room))],
    purged(room) {
      lists.forget(room)
      inbox.purged(room)
    },
  })
  const operations = createOperations({
    ...basis,
    revocations: access.revocations,
    door: rooms,
    rebuild: lists.rebuild,
    came: (type, row, commit) => lists.lists.committed(type, row.id, row, commit),
    rowFailed: (room, error) => rowFailed(logger, room, error),
    runner: () => events.actions.runner,
  })
  const endpoints: Endpoint[] = []
  const app = createHttpApp(basis)
  const sockets = createSockets({
    ...basis,
    server: httpServer,
    endpoints,
    authenticator: access.authenticator,
    sessions,
    addressOf: access.addresses.of,
    socketsMax: socketsThatFit(openFilesMax()),
    corsOrigins: access.corsOrigins,
    compressAbove: basis.compressAboveBytes,
  })
  if (isOwnServer) endSilentBodies(app)
  addRequestRate(app, limits.requestsPerSecond, now)
  addOpenStreams(app, limits)
  addHealthRoutes(app, {
    ...basis,
    isDraining: () => standing.phase === 'draining',
    authorizeOperator: request => authorizeOperator(request, operatorKey),
  })
  addAdminRoutes(app, { operations, operatorKey })
  addSyncRoutes(app, { ...basis, door: rooms })
  rest.addRoutes(app)
  blobs.addRoutes(app)
  inbox.addRoutes(app)
  events.addRoutes(app)
  lists.addRoutes(app, sessions)
  if (options.demo === true && options.secret !== undefined) addDemoRoutes(app, options.secret, now)
  addStaticApp(app, basis.appFolder)
  return {
    httpServer,
    firstBytes,
    isOwnServer,
    app,
    sockets,
    endpoints,
    lists,
    inbox,
    rest,
    blobs,
    events,
    operations,
    operatorKey,
  }
}

export function openedRooms({ rooms }: Standing): Rooms {
  if (rooms === null) throw new Error('The server has no rooms yet: start it first.')
  return rooms
}
