import type { Server as HttpServer } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { createDeadline } from './deadline.ts'
import { stopListening } from './http/listening.ts'
import type { Sockets } from './link/sockets.ts'
import type { GroupCommit } from './store/group-commit.ts'

/**
 * How a server stops: it takes nothing more, commits and acknowledges what it has taken, tells everybody to come
 * back, finishes the requests, and lets go. Each step has its share of the deadline, so that a disk or a peer that
 * hangs in one cannot keep the next from its turn.
 */
export interface DrainParts {
  readonly drainMs: number
  readonly logger: Logger
  readonly sockets: Sockets
  readonly committer: GroupCommit
  readonly app: FastifyInstance
  readonly httpServer: HttpServer
  /** An http server that existed before goes on listening. */
  readonly closesHttpServer: boolean
  readonly closeSilent: () => void
  /** Ends what works on its own: deliveries, actions. What is not done is found again at the next start. */
  readonly endWork: () => Promise<void>
  /** Makes records quick to open after the next start; it stops after so long. */
  readonly compactLogs: (ms: number) => Promise<void>
  /** Ends rooms, timers and listeners; before the store is closed. */
  readonly release: () => void
  readonly closeStore: () => Promise<void>
}

/** For a disk that did not take everything during the flush: one more try. */
const lastTryMs = 500

/** How often it is looked for connections that are idle by now. */
const LOOK_MS = 20

/** Nobody waits longer for a stop than for the records that it saves. */
const COMPACT_MS = 1000

/** Whether everything was written and said in time. */
export async function drain(parts: DrainParts): Promise<boolean> {
  const { drainMs, logger, sockets, committer, app, httpServer, closesHttpServer } = parts
  let isClean = true
  const deadline = createDeadline(
    drainMs,
    () => performance.now(),
    (step, trouble, error) => {
      isClean = false
      logger.error({ step, err: error }, `stopping: «${step}» ${trouble}`)
    },
  )
  const stopped = closesHttpServer ? stopListening(httpServer) : Promise.resolve()
  sockets.pause(drainMs)
  await deadline.run('commit what was accepted', () => committer.flush(), 0.6)
  await deadline.run('say goodbye to the sockets', () => sockets.close(), 0.6)
  await deadline.run('finish the requests', () => app.close(), 0.5)
  if (closesHttpServer) {
    await deadline.run('close the connections', () => endIdle(parts, stopped), 0.3)
    httpServer.closeAllConnections()
  }
  await deadline.run('end deliveries and actions', parts.endWork, 0.3)
  await deadline.run('end the commits', () => committer.close(lastTryMs))
  if (isClean) {
    await deadline.run(
      'compact what was written',
      left => parts.compactLogs(Math.min(COMPACT_MS, left / 2)),
      0.5,
    )
  }
  parts.release()
  await deadline.run('close the store', parts.closeStore)
  return isClean
}

/** A connection is idle once its last answer has been read, which may be later than it was written. */
async function endIdle({ httpServer, closeSilent }: DrainParts, stopped: Promise<void>): Promise<void> {
  const look = (): void => {
    httpServer.closeIdleConnections()
    closeSilent()
  }
  look()
  const again = setInterval(look, LOOK_MS)
  await stopped
  clearInterval(again)
}
