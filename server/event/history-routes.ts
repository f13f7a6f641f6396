import type { FastifyInstance, FastifyRequest } from 'fastify'
import { knownFirst } from '../http/known-first.ts'
import { HttpProblem } from '../http/problem.ts'
import { assertQuery, paramOf, queryOf, wholeNumberIn } from '../http/request-address.ts'
import type { Moment, RecordHistory } from './record-history.ts'

/**
 *     GET  /api/records/:type/:id/history           ?before=&limit=&path=: who changed what from what to what
 *     POST /api/records/:type/:id/history/restore   {path?, seq | at}: back to what it was after an event, or then
 *     POST /api/admin/purge                         {record}: content and history gone for good
 */
export const addHistoryRoutes = (
  app: FastifyInstance,
  history: RecordHistory,
  authorize: (request: FastifyRequest) => Promise<unknown>,
): void => {
  app.get('/api/records/:type/:id/history', async request => {
    const principal = await request.authenticate()
    const query = queryOf(request)
    const { type, id } = named(request)
    const before = wholeNumberIn(query, 'before')
    const path = query.get('path')
    return history.read(type, id, principal, {
      limit: Math.min(wholeNumberIn(query, 'limit') ?? 50, LIMIT_MAX),
      ...(before === null ? {} : { before }),
      ...(path === null ? {} : { path }),
    })
  })
  app.post('/api/records/:type/:id/history/restore', { onRequest: knownFirst }, async request => {
    const principal = await request.authenticate()
    assertQuery(request)
    const { type, id } = named(request)
    const { path, moment } = parseRestore(request.body)
    return history.restore(type, id, principal, path, moment)
  })
  app.post(
    '/api/admin/purge',
    { onRequest: async request => void (await authorize(request)) },
    async request => {
      const { body } = request
      const record: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'record') : null
      const [, type, id] = (typeof record === 'string' ? /^([^:]+):(.+)$/.exec(record) : null) ?? []
      if (type === undefined || id === undefined)
        throw new HttpProblem('BAD_REQUEST', 'Name the record: {"record": "type:id"}.', ['record'])
      const principal = await request.authenticate().catch(() => OPERATOR)
      await history.purge(type, id, principal)
      return { purged: record }
    },
  )
}

const LIMIT_MAX = 500

/** Who comes with the key that the server leaves in its data folder is nobody in particular. */
const OPERATOR = { id: '$operator', name: 'Operator', roles: ['admin'], claims: {}, expiresAt: null }

const named = (request: FastifyRequest): { type: string; id: string } => ({
  type: paramOf(request, 'type'),
  id: paramOf(request, 'id'),
})

const parseRestore = (body: unknown): { path: string; moment: Moment } => {
  const given = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  const { path = '', seq, at } = given
  if (typeof path !== 'string')
    throw new HttpProblem('BAD_REQUEST', 'path names a field or an entry, as "times/7f3".', ['path'])
  if (Number.isSafeInteger(seq)) return { path, moment: { seq: Number(seq) } }
  const time = typeof at === 'string' ? Date.parse(at) : at
  if (typeof time === 'number' && Number.isFinite(time)) return { path, moment: { at: time } }
  throw new HttpProblem('BAD_REQUEST', 'Say which state: {seq}, the number of an event, or {at}, a time.', [
    'seq',
  ])
}
