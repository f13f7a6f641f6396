import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { fieldsInFilter, filterProblem, type Filter, matches, type Row } from '../../shared/record/filter.ts'
import type { RecordType } from '../../shared/record/record-type.ts'
import { rowNamesProblem } from '../../shared/record/row-names.ts'
import type { Principal } from '../access/principal.ts'
import type { Sessions } from '../access/sessions.ts'
import { knownFirst } from '../http/known-first.ts'
import { isGone } from '../http/when-gone.ts'
import { HttpProblem } from '../http/problem.ts'
import { exportRecords, type ExportParts } from './export-records.ts'
import { type ImportLine, type ImportParts, importRecords } from './import-records.ts'
import { whereOf } from './list-records.ts'
import { typeNamed } from './record-routes.ts'
import { paramOf, queryOf } from '../http/request-address.ts'

/** `/api/export/:type` and `/api/import/:type`: lines of JSON or CSV, as they come, by the rights of who asks. */
export type TransferParts = ExportParts & ImportParts & { readonly sessions: Pick<Sessions, 'add'> }

const TYPES = { jsonl: 'application/x-ndjson; charset=utf-8', csv: 'text/csv; charset=utf-8' } as const

export function addTransferRoutes(app: FastifyInstance, parts: TransferParts): void {
  app.get('/api/export/:type', { exposeHeadRoute: false }, async (request, reply) => {
    const principal = await request.authenticate()
    const type = typeNamed(parts.types, paramOf(request, 'type'))
    const query = queryOf(request)
    const format = query.get('format') ?? 'jsonl'
    if (format !== 'jsonl' && format !== 'csv')
      throw new HttpProblem('BAD_REQUEST', 'format is jsonl or csv.', ['format'])
    const wants = wanted(type, principal, query.get('where'))
    const { signal, remove } = sessionOf(parts, principal)
    const lines = exportRecords(parts, { type, principal, format, wants, signal })
    reply.type(TYPES[format]).header('cache-control', 'no-store')
    if (format === 'csv') reply.header('content-disposition', `attachment; filename="${type.name}.csv"`)
    return reply.send(
      Readable.from(lines, { objectMode: false })
        .once('close', remove)
        .on('error', error => {
          // Whoever reads it may have had enough, or may read no more.
          if (!isGone(reply.raw) && !signal.aborted)
            request.log.error({ err: error, type: type.name }, 'an export was cut short')
        }),
    )
  })

  app.register(async imports => {
    imports.addHook('onRequest', knownFirst)
    imports.removeAllContentTypeParsers()
    for (const type of ['application/x-ndjson', 'application/jsonl', 'text/csv'])
      imports.addContentTypeParser(type, (_request, payload, done) => done(null, payload))
    imports.post('/api/import/:type', { bodyLimit: Number.MAX_SAFE_INTEGER }, async (request, reply) => {
      const principal = await request.authenticate()
      const type = typeNamed(parts.types, paramOf(request, 'type'))
      const { body } = request
      if (!(body instanceof Readable))
        throw new HttpProblem('BAD_REQUEST', 'Send lines of JSON (application/x-ndjson) or text/csv.')
      const format = request.headers['content-type']?.startsWith('text/csv') === true ? 'csv' : 'jsonl'
      const { signal, remove } = sessionOf(parts, principal)
      const lines = importRecords(parts, { type, principal, format, source: body, signal })
      reply.type(TYPES.jsonl).header('cache-control', 'no-store')
      return reply.send(Readable.from(toldLines(lines), { objectMode: false }).once('close', remove))
    })
  })
}

/** Lines come and go for as long as the other side takes: given when the token that they began with ends. */
function sessionOf(
  { sessions }: TransferParts,
  principal: Principal,
): { readonly signal: AbortSignal; readonly remove: () => void } {
  const ended = new AbortController()
  const { remove } = sessions.add({ principal, end: code => ended.abort(new HttpProblem(code)) })
  return { signal: ended.signal, remove }
}

/** The last line says that it is the last: an answer without it was cut short. */
async function* toldLines(lines: AsyncIterable<ImportLine>): AsyncGenerator<string> {
  const done = { created: 0, changed: 0, unchanged: 0, refused: 0 }
  for await (const line of lines) {
    done[line.status]++
    yield `${JSON.stringify(line)}\n`
  }
  yield `${JSON.stringify({ done })}\n`
}

function wanted(type: RecordType, principal: Principal, where: string | null): (row: Row) => boolean {
  const filter = whereOf(where)
  // `filterProblem` found none where names are asked for.
  const problem = filterProblem(filter) ?? rowNamesProblem(type, fieldsInFilter(filter as Filter))
  if (problem !== null) throw new HttpProblem('BAD_QUERY', `where: ${problem}`, ['where'])
  return row => matches(filter as Filter, row, principal, type.list.search)
}
