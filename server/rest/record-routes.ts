import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { RecordType } from '../../shared/record/define-record.ts'
import type { Principal } from '../access/principal.ts'
import { HttpProblem } from '../http/problem.ts'
import { RoomRefusal } from '../room/peer.ts'
import type { Patch } from './apply-patch.ts'
import { etagOf, isMatched, parseMatch } from './etag.ts'
import { type ListQueryParts, listRecords } from './list-records.ts'
import { readRecord } from './read-record.ts'
import { basisOf, headerOf, idempotencyKeyOf, objectOf, paramOf, queryOf, roomOf } from './request-parts.ts'
import type { ShownRecord } from './shown-record.ts'
import {
  createRecord,
  newRecordId,
  patchRecord,
  removeRecord,
  restoreRecord,
  type WriteAsk,
  type WriteParts,
  type Written,
} from './write-records.ts'

export type RecordRoutesParts = WriteParts & ListQueryParts

/** What one patch may hold; a bordereau of 3,000 lines has 500 KB. */
const BODY_BYTES_MAX = 2 * 1024 * 1024

/** `/api/records`: the records as resources, each write made by the person who asks, through the guard. */
export function addRecordRoutes(app: FastifyInstance, parts: RecordRoutesParts): void {
  app.register(async records => registerRecordRoutes(records, parts), { prefix: '/api/records' })
}

function registerRecordRoutes(records: FastifyInstance, parts: RecordRoutesParts): void {
  const { types } = parts
  records.addHook('onRequest', async request => {
    await request.authenticate()
  })
  records.addContentTypeParser(
    'application/merge-patch+json',
    { parseAs: 'string' },
    records.getDefaultJsonParser('error', 'error'),
  )

  records.get('/:type', async (request, reply) => {
    const principal = await request.authenticate()
    const page = await listRecords(
      parts,
      typeNamed(types, paramOf(request, 'type')),
      principal,
      queryOf(request),
    )
    reply.header('cache-control', 'no-store').type('application/json; charset=utf-8')
    return reply.send(page)
  })

  records.post('/:type', { bodyLimit: BODY_BYTES_MAX }, async (request, reply) => {
    const principal = await request.authenticate()
    const type = typeNamed(types, paramOf(request, 'type'))
    const { id: given, ...values } = objectOf(request.body)
    const idempotencyKey = idempotencyKeyOf(request)
    const id = recordId(given) ?? newRecordId(idempotencyKey, principal.id)
    const ask = { ...writeAskOf(request, principal), room: `${type.name}:${id}`, idempotencyKey }
    const written = await createRecord(parts, ask, values)
    reply.code(201).header('location', `/api/records/${type.name}/${encodeURIComponent(id)}`)
    return sendWritten(parts, reply, ask, written)
  })

  records.get('/:type/:id', async (request, reply) => {
    const principal = await request.authenticate()
    const shown = await readRecord(parts, principal, roomOf(request))
    const isKnown = parseMatch(headerOf(request, 'if-none-match'))
    reply.headers({ etag: etagOf(shown), 'cache-control': 'private, no-cache' })
    if (isKnown !== null && isMatched(isKnown, shown)) return reply.code(304).send()
    return shown
  })

  records.patch('/:type/:id', { bodyLimit: BODY_BYTES_MAX }, async (request, reply) => {
    const ask = writeAskOf(request, await request.authenticate())
    return sendWritten(parts, reply, ask, await patchRecord(parts, ask, objectOf(request.body)))
  })

  records.delete('/:type/:id', async (request, reply) => {
    const ask = writeAskOf(request, await request.authenticate())
    return sendWritten(parts, reply, ask, await removeRecord(parts, ask))
  })

  records.post('/:type/:id/restore', async (request, reply) => {
    const ask = writeAskOf(request, await request.authenticate())
    const { path = '' } = request.body === undefined ? {} : objectOf(request.body)
    if (typeof path !== 'string')
      throw new HttpProblem('BAD_REQUEST', 'path names an entry, as "times/7f3".', ['path'])
    return sendWritten(parts, reply, ask, await restoreRecord(parts, ask, path))
  })
}

export function typeNamed(types: ReadonlyMap<string, RecordType>, name: string): RecordType {
  const type = types.get(name)
  if (type === undefined) throw new HttpProblem('NO_SUCH_TYPE')
  return type
}

export function recordId(given: unknown): string | null {
  if (given === undefined || given === null) return null
  if (typeof given !== 'string' || given === '' || given.length > 200)
    throw new HttpProblem('BAD_REQUEST', 'An id is a text of 1 to 200 characters.', ['id'])
  return given
}

function writeAskOf(request: FastifyRequest, principal: Principal): WriteAsk {
  return {
    principal,
    room: roomOf(request),
    ifMatch: parseMatch(headerOf(request, 'if-match')),
    basis: basisOf(queryOf(request).get('basis')),
    idempotencyKey: idempotencyKeyOf(request),
  }
}

async function sendWritten(
  parts: WriteParts,
  reply: FastifyReply,
  ask: WriteAsk,
  written: Written,
): Promise<FastifyReply> {
  const shown = await shownAfter(parts, ask, written)
  return reply.header('etag', etagOf(shown)).send(shown)
}

export type ShownWritten = ShownRecord | Pick<ShownRecord, 'room' | 'epoch' | 'commit'>

/** Who wrote it may have written it out of their own sight. */
export async function shownAfter(
  parts: WriteParts,
  { principal, room }: WriteAsk,
  { epoch, commit }: Written,
): Promise<ShownWritten> {
  try {
    return await readRecord(parts, principal, room)
  } catch (error) {
    if (error instanceof RoomRefusal && error.code === 'FORBIDDEN') return { room, epoch, commit }
    throw error
  }
}

export type { Patch }
