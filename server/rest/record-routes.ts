import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { RecordType } from '../../shared/record/record-type.ts'
import { knownFirst } from '../http/known-first.ts'
import { HttpProblem } from '../http/problem.ts'
import { assertQuery, paramOf, queryOf } from '../http/request-address.ts'
import { jsonOfUtf8 } from '../http/utf8.ts'
import { etagOf, isMatched, parseMatch } from './etag.ts'
import { HEAPS_HEADER, readHeaps } from '../../shared/wire/held-rows.ts'
import { type ListQueryParts, listRecords } from './list-records.ts'
import type { Outcome } from './idempotency.ts'
import { type OperationAsk, type OperationParts, perform } from './operations.ts'
import { performMany } from './many-operations.ts'
import { readRecord } from './read-record.ts'
import {
  basisOf,
  flagOf,
  headerOf,
  idempotencyKeyOf,
  objectOf,
  recordId,
  restoredPath,
  roomOf,
} from './request-parts.ts'

export type RecordRoutesParts = OperationParts & ListQueryParts

/** `/api/records`: the records as resources, each write made by the person who asks, through the guard. */
export function addRecordRoutes(app: FastifyInstance, parts: RecordRoutesParts): void {
  app.register(async records => registerRecordRoutes(records, parts), { prefix: '/api/records' })
}

function registerRecordRoutes(records: FastifyInstance, parts: RecordRoutesParts): void {
  const { types, limits } = parts
  const bodyLimit = limits.requestBytes
  records.addHook('onRequest', knownFirst)
  records.addContentTypeParser('application/merge-patch+json', { parseAs: 'buffer' }, jsonOfUtf8(records))

  async function answer(
    request: FastifyRequest,
    reply: FastifyReply,
    ask: OperationAsk,
  ): Promise<FastifyReply> {
    assertQuery(request, 'basis', ...(ask.op === 'create' ? ['again'] : []))
    return send(
      reply,
      await perform(parts, await request.authenticate(), {
        ...ask,
        ifMatch: parseMatch(headerOf(request, 'if-match')),
        basis: basisOf(queryOf(request).get('basis')),
        idempotencyKey: idempotencyKeyOf(request),
      }),
    )
  }

  records.post('/', { bodyLimit }, async (request, reply) => {
    const principal = await request.authenticate()
    assertQuery(request)
    const { operations } = objectOf(request.body)
    reply.header('cache-control', 'no-store')
    return { results: await performMany(parts, principal, operations, idempotencyKeyOf(request)) }
  })

  records.get('/:type', async (request, reply) => {
    const principal = await request.authenticate()
    const type = typeNamed(types, paramOf(request, 'type'))
    const page = await listRecords(parts, type, principal, queryOf(request), heldIn(request))
    reply.header('cache-control', 'no-store').type('application/json; charset=utf-8')
    return reply.send(page)
  })

  records.post('/:type', { bodyLimit }, async (request, reply) => {
    const { name: type } = typeNamed(types, paramOf(request, 'type'))
    const { id, ...values } = objectOf(request.body)
    return answer(request, reply, {
      op: 'create',
      type,
      id: recordId(id),
      values,
      again: flagOf(queryOf(request).get('again'), 'again'),
    })
  })

  records.get('/:type/:id', async (request, reply) => {
    const principal = await request.authenticate()
    const shown = await readRecord(parts, principal, roomOf(request))
    const isKnown = parseMatch(headerOf(request, 'if-none-match'))
    reply.headers({ etag: etagOf(shown), 'cache-control': 'private, no-cache' })
    if (isKnown !== null && isMatched(isKnown, shown)) return reply.code(304).send()
    return shown
  })

  records.patch('/:type/:id', { bodyLimit }, (request, reply) =>
    answer(request, reply, { op: 'patch', ...named(request), patch: objectOf(request.body) }),
  )

  records.delete('/:type/:id', (request, reply) =>
    answer(request, reply, { op: 'remove', ...named(request) }),
  )

  records.post('/:type/:id/restore', (request, reply) => {
    const { path = '' } = request.body === undefined ? {} : objectOf(request.body)
    return answer(request, reply, { op: 'restore', ...named(request), path: restoredPath(path) })
  })
}

function named(request: FastifyRequest): { type: string; id: string } {
  return { type: paramOf(request, 'type'), id: paramOf(request, 'id') }
}

/** What whoever polls holds of the list. */
function heldIn(request: FastifyRequest): readonly number[] | undefined {
  const header = headerOf(request, HEAPS_HEADER)
  const held = header === undefined ? undefined : readHeaps(header)
  if (held === null)
    throw new HttpProblem('BAD_REQUEST', 'Leave the header out: it is none of what a list is held by.', [
      HEAPS_HEADER,
    ])
  return held
}

export function typeNamed(types: ReadonlyMap<string, RecordType>, name: string): RecordType {
  const type = types.get(name)
  if (type === undefined) throw new HttpProblem('NO_SUCH_TYPE')
  return type
}

function send(reply: FastifyReply, { status, headers, body }: Outcome): FastifyReply {
  return reply.code(status).headers(headers).send(body)
}
