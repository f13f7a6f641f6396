import type { FastifyInstance } from 'fastify'
import { createBasis, type Basis } from './basis.ts'
import type { Blobs } from './blob/blobs.ts'
import { drain } from './drain.ts'
import { isListening, listen, urlOf } from './http/listening.ts'
import { isEndpoint, takeRequests } from './http/own-requests.ts'
import type { InboxPart } from './inbox/inbox.ts'
import { createLinkEndpoint } from './link/link-endpoint.ts'
import { createStockEndpoint } from './link/stock-endpoint.ts'
import type { Lists } from './list/open-lists.ts'
import { OperationFailure } from './operate/operation-failure.ts'
import { openRooms } from './open-rooms.ts'
import { makeDataFolder } from './make-folder.ts'
import { removeBrokenBackups } from './operate/backup.ts'
import type { Operations } from './operate/operations.ts'
import { readServingNote, removeServingNote, writeServingNote } from './operate/serving-note.ts'
import type { Rooms } from './room/rooms.ts'
import type { ServerOptions } from './server-options.ts'
import { createParts, openedRooms, type Standing } from './server-parts.ts'
import type { CutRoom } from './store/store.ts'

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

export function createServer(options: ServerOptions): CorecordServer {
  const basis = createBasis(options)
  const { access, store, readiness, metrics, logger, dataFolder } = basis
  const standing: Standing = { phase: 'new', rooms: null, nodeId: 0, earlierNodeIds: [] }
  const parts = createParts(options, basis, standing)
  const { app, httpServer, isOwnServer, sockets, lists, inbox, rest, blobs, events, operations } = parts
  let giveRequestsBack: (() => void) | null = null
  let stopAccess: (() => void) | null = null
  let closing: Promise<boolean> | null = null
  readiness.register(
    'store',
    () => basis.committer.trouble ?? (standing.rooms === null ? 'it is not open yet' : null),
  )
  readiness.register('sockets', () => (standing.phase === 'serving' ? null : `they are ${standing.phase}`))
  metrics.gauge('sockets', 'Open sockets, by what they speak', () => sockets.byKind, 'kind')

  async function open(): Promise<void> {
    assertNew()
    assertCarriesSockets()
    makeDataFolder(dataFolder)
    const { cut, nodeId, earlierNodeIds } = await store.open()
    standing.phase = 'opening'
    standing.nodeId = nodeId
    standing.earlierNodeIds = earlierNodeIds
    await removeBrokenBackups(dataFolder)
    reportCut(cut, logger)
    await access.revocations.start()
    await lists.open()
    await events.open()
    const rooms = openRooms(
      basis,
      nodeId,
      lists,
      [rest.publisher, blobs.publisher, ...events.publishers, inbox],
      inbox.editRefused,
    )
    standing.rooms = rooms
    parts.endpoints.push(
      events.endpoint,
      createLinkEndpoint({
        ...basis,
        door: rooms,
        authenticator: access.authenticator,
        handlers: [lists.handler],
      }),
      // At the root too where rooms are free: there y-websocket's own server has them.
      createStockEndpoint({ door: rooms, atRoot: basis.untyped }),
    )
  }

  function assertNew(): void {
    if (standing.phase !== 'new') throw new Error(`A server starts once; this one is ${standing.phase}.`)
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
    assertNew()
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
    lists.start(openedRooms(standing))
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
    standing.phase = 'serving'
    if (isListening(httpServer))
      await writeServingNote(dataFolder, { url: urlOf(httpServer), key: parts.operatorKey, pid: process.pid })
  }

  async function stop(reason: string): Promise<boolean> {
    const before = standing.phase
    standing.phase = 'draining'
    logger.info({ reason }, 'stopping')
    const isClean = await drain({
      ...basis,
      sockets,
      app,
      httpServer,
      closesHttpServer: isOwnServer && before === 'serving',
      closeSilent: () => parts.firstBytes?.closeSilent(),
      // What is not told by then is told after the next start.
      endWork: async () => {
        if (before === 'new') return
        await Promise.all([events.close(), inbox.close(), blobs.close(), rest.close()])
      },
      compactLogs: async ms => standing.rooms?.compactLogs(ms),
      release() {
        giveRequestsBack?.()
        stopAccess?.()
        access.sessions.close()
        lists.close()
        standing.rooms?.close()
        metrics.close()
      },
      // One that could not be opened is somebody else's, and so is the note beside it.
      closeStore: async () => {
        if (before === 'new') return
        // A disk that became read-only keeps the note; the lock is let go all the same.
        await removeServingNote(dataFolder).finally(() => store.close())
      },
    })
    standing.phase = 'closed'
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
      return openedRooms(standing)
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
