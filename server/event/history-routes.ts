import type { FastifyInstance, FastifyRequest } from 'fastify'
import { knownFirst } from '../http/known-first.ts'
import { HttpProblem } from '../http/problem.ts'
import { assertQuery } from '../rest/request-parts.ts'
import { RoomRefusal } from '../room/peer.ts'
import { queryOf } from './event-query.ts'
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
    const query = queryOf(request.url)
    const { type, id } = paramsOf(request)
    const before = numberOf(query.get('before'), 'before')
    const path = query.get('path')
    return history.read(type, id, principal, {
      limit: Math.min(numberOf(query.get('limit'), 'limit') ?? 50, LIMIT_MAX),
      ...(before === null ? {} : { before }),
      ...(path === null ? {} : { path }),
    })
  })
  app.post('/api/records/:type/:id/history/restore', { onRequest: knownFirst }, async request => {
    const principal = await request.authenticate()
    assertQuery(request)
    const { type, id } = paramsOf(request)
    const { path, moment } = parseRestore(request.body)
    return asProblem(history.restore(type, id, principal, path, moment))
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
      await asProblem(history.purge(type, id, principal))
      return { purged: record }
    },
  )
}

const LIMIT_MAX = 500

/** Who comes with the key that the server leaves in its data folder is nobody in particular. */
const OPERATOR = { id: '$operator', name: 'Operator', roles: ['admin'], claims: {}, expiresAt: null }

const asProblem = async <T>(work: Promise<T>): Promise<T> => {
  try {
    return await work
  } catch (error) {
    if (error instanceof RoomRefusal) throw new HttpProblem(error.code, error.message)
    throw error
  }
}

const paramsOf = (request: FastifyRequest): { type: string; id: string } => {
  const { type = '', id = '' } = request.params as { type?: string; id?: string }
  return { type, id }
}

const numberOf = (text: string | null, name: string): number | null => {
  if (text === null) return null
  if (!/^\d{1,12}$/.test(text))
    throw new HttpProblem('BAD_REQUEST', `«${name}» takes a whole number.`, [name])
  return Number(text)
}

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
