import { timingSafeEqual } from 'node:crypto'
import { PassThrough, Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { OperationFailure } from '../operate/operation-failure.ts'
import type { Operations } from '../operate/operations.ts'
import { HttpProblem } from './problem.ts'
import { isGone } from './when-gone.ts'
import { reasonOf } from '../../shared/reason-of.ts'

/**
 * `/api/admin`: what an operator does with a running server. For tokens with the role `admin`, and for the key that
 * the server leaves in its data folder. Long work answers with lines of JSON: progress as it goes, and last a line
 * with `report` or `error`; an answer without such a last line was cut short.
 */
export interface AdminParts {
  operations: Operations
  operatorKey: string
}

export type AdminLine =
  | { readonly progress: unknown }
  | { readonly report: unknown }
  | { readonly error: { readonly sentence: string } }

export function addAdminRoutes(app: FastifyInstance, parts: AdminParts): void {
  app.register(async admin => registerAdminRoutes(admin, parts), { prefix: '/api/admin' })
}

function registerAdminRoutes(admin: FastifyInstance, { operations, operatorKey }: AdminParts): void {
  admin.addHook('onRequest', request => authorizeOperator(request, operatorKey))
  // What is sent in is read as it comes, however large it is.
  admin.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload))

  admin.get('/inspect', async request => {
    const room = queryText(request, 'room')
    if (room === null) throw new HttpProblem('BAD_REQUEST', 'Name the record: ?room=type:id.', ['room'])
    const inspection = await operations.inspect(room)
    if (inspection === null)
      throw new HttpProblem('NO_SUCH_RECORD', `There is no record «${room}».`, ['room'])
    return inspection
  })

  admin.get('/export', async (request, reply) => {
    const format = queryText(request, 'format') === 'exact' ? 'exact' : 'lines'
    const type = queryText(request, 'type')
    const includeRemoved = queryText(request, 'removed') !== 'false'
    const bytes = operations.exportRooms({ format, includeRemoved, ...(type === null ? {} : { type }) })
    reply.type(format === 'exact' ? 'application/octet-stream' : 'application/x-ndjson')
    return Readable.from(bytes).on('error', error => {
      if (!isGone(reply.raw)) request.log.error({ err: error }, 'an export was cut short')
    })
  })

  admin.post('/import', { bodyLimit: Number.MAX_SAFE_INTEGER }, async (request, reply) => {
    const body = request.body
    if (!(body instanceof Readable))
      throw new HttpProblem('BAD_REQUEST', 'Send the file as application/octet-stream.')
    return streamLines(reply, progress => operations.importRooms(body, rooms => progress({ rooms })))
  })

  admin.post('/compact', async (_request, reply) =>
    streamLines(reply, progress => operations.compact(rooms => progress({ rooms }))),
  )

  admin.post('/reindex', async (request, reply) => {
    const types = queryText(request, 'types')
    return streamLines(reply, progress =>
      operations.reindex(types === null ? null : types.split(','), rooms => progress({ rooms })),
    )
  })

  admin.post('/verify', async (request, reply) => {
    const events = queryText(request, 'events') !== null
    return streamLines(reply, async progress => {
      let findings = 0
      await operations.verify({ events }, finding => {
        findings++
        progress({ finding })
      })
      return { findings }
    })
  })

  admin.get('/backup', async (_request, reply) => {
    reply.type('application/x-tar')
    return Readable.from(operations.backup(() => {}))
  })

  admin.post('/revoke', async request => {
    const which = revocationAsked(request.body)
    if (which === null)
      throw new HttpProblem('BAD_REQUEST', 'Name a token {"jti": …} or a person {"sub": …}.')
    return operations.revoke(which)
  })
}

/** Whoever has the key that lies in the data folder, or a token with the role `admin`. */
export async function authorizeOperator(request: FastifyRequest, operatorKey: string): Promise<void> {
  if (!isOperator(request, operatorKey)) await request.authenticateAdmin()
}

function isOperator(request: FastifyRequest, operatorKey: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '')
  const expected = Buffer.from(`Bearer ${operatorKey}`)
  return given.length === expected.length && timingSafeEqual(given, expected)
}

function queryText(request: FastifyRequest, name: string): string | null {
  const query: unknown = request.query
  if (typeof query !== 'object' || query === null) return null
  const value: unknown = Reflect.get(query, name)
  return typeof value === 'string' ? value : null
}

function revocationAsked(body: unknown): { jti: string } | { sub: string } | null {
  if (typeof body !== 'object' || body === null) return null
  if ('jti' in body && typeof body.jti === 'string' && body.jti !== '') return { jti: body.jti }
  if ('sub' in body && typeof body.sub === 'string' && body.sub !== '') return { sub: body.sub }
  return null
}

/** Proxies and clients take silence for death, so something is said at least this often. */
const aliveEveryMs = 10_000

function streamLines(
  reply: FastifyReply,
  work: (progress: (progress: unknown) => void) => Promise<unknown>,
): FastifyReply {
  const lines = new PassThrough()
  const say = (line: AdminLine): void => {
    lines.write(`${JSON.stringify(line)}\n`)
  }
  const alive = setInterval(() => lines.write('\n'), aliveEveryMs)
  work(progress => say({ progress }))
    .then(
      report => say({ report }),
      (error: unknown) => {
        // What was asked wrongly is for who asked.
        if (!(error instanceof OperationFailure)) reply.log.error({ err: error }, 'an operation failed')
        say({ error: { sentence: reasonOf(error) } })
      },
    )
    .finally(() => {
      clearInterval(alive)
      lines.end()
    })
  return reply.type('application/x-ndjson').send(lines)
}
