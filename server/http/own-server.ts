import { createServer, type Server } from 'node:http'
import type { FastifyInstance } from 'fastify'

/**
 * An http server of our own. A body takes as long as it takes: an import of a million lines comes for an hour, since
 * it is read no faster than it is written.
 */
export const createOwnServer = (): Server =>
  createServer({ keepAliveTimeout: 65_000, headersTimeout: 60_000, requestTimeout: 0 })

const SILENT_MS = 300_000

/** Whoever announces a body and then says nothing more holds a connection for nothing. */
export function endSilentBodies(app: FastifyInstance, silentMs = SILENT_MS): void {
  app.addHook('onRequest', async ({ raw }, reply) => {
    if (raw.headers['transfer-encoding'] === undefined && !(Number(raw.headers['content-length']) > 0)) return
    const { socket } = raw
    // Where nobody listens for it, Node ends the socket.
    socket.setTimeout(silentMs)
    raw.once('end', () => {
      // From its answer on, what counts is how long a connection is kept.
      if (!reply.raw.writableFinished) socket.setTimeout(0)
    })
  })
}
