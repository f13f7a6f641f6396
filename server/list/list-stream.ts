// `GET /api/lists`: a live list as server-sent events, for who has no link. The query stands in the address as
// `?query=` (JSON, the same as on the link), or in parameters: type, where (JSON), orderBy=field:desc, limit, cursor,
// count, groups, sums (names with commas), presence, belong. Events are named rows and delta, their data is the
// message of the link without its number.
//
// Nothing is remembered of a reader that has gone: one that comes back begins with the rows.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Principal } from '../access/principal.ts'
import type { Session, SessionHandle, Sessions } from '../access/sessions.ts'
import { HttpProblem, problemBody } from '../http/problem.ts'
import type { UnreadAnswers } from '../http/unread-answers.ts'
import { isGone } from '../http/when-gone.ts'
import { ASK_PARAMETERS, flagInAddress, type ListAskSource, listPieces } from './list-ask.ts'
import { ListProblem } from './list-problem.ts'
import type { ListTelling } from './list-telling.ts'
import type { LiveLists, Watched } from './live-lists.ts'

export interface ListStreamParts {
  readonly lists: LiveLists
  readonly sessions: Pick<Sessions, 'add'>
  readonly limits: { readonly rowsPerList: number; readonly backlogBytes: number }
  readonly unread: Pick<UnreadAnswers, 'admit' | 'watch'>
}

/** Proxies take silence for death. */
const ALIVE_EVERY_MS = 15_000

export const addListStream = (app: FastifyInstance, parts: ListStreamParts): void => {
  const open = new Set<ListStream>()
  let isClosing = false
  app.get('/api/lists', async (request, reply) => {
    const principal = await request.authenticate()
    const stream = new ListStream(parts, principal, listAskOf(request), () => open.delete(stream))
    try {
      await stream.prepare()
      await parts.lists.turns.done(principal.id, () => {
        if (isClosing) throw new HttpProblem('DRAINING')
        stream.assertGoesOn()
        // Of who has gone meanwhile nobody would ever hear that they go.
        if (isGone(reply.raw)) {
          reply.hijack()
          return
        }
        // How long its rows are shows when they are made.
        parts.unread.admit(0)
        open.add(stream)
        stream.start(request, reply)
      })
    } finally {
      stream.endUnlessStarted()
    }
    return reply
  })
  app.addHook('preClose', async () => {
    isClosing = true
    for (const stream of open) stream.end('DRAINING')
  })
}

type StreamEnd = 'DRAINING' | Parameters<Session['end']>[0]

class ListStream {
  readonly #parts: ListStreamParts
  readonly #pieces: readonly {
    readonly query: ReturnType<typeof listPieces>[number]
    readonly head: string
  }[]
  readonly #gone: () => void
  readonly #watched: { watched: Watched; head: string }[] = []
  #raw: FastifyReply['raw'] | null = null
  #isStale = false
  readonly #session: SessionHandle
  /** Before it was begun. */
  #endedBy: StreamEnd | null = null
  #stop: () => void = () => {}

  constructor(parts: ListStreamParts, principal: Principal, query: ListAskSource, gone: () => void) {
    this.#parts = parts
    this.#gone = gone
    const pieces = httpProblems(() =>
      listPieces(parts.lists.types, query, parts.limits.rowsPerList, principal),
    )
    this.#pieces = pieces.map(piece => ({ query: piece, head: `"type":${JSON.stringify(piece.type)}` }))
    // Rows may have to be waited for, and a token be revoked meanwhile.
    this.#session = parts.sessions.add({ principal, end: code => this.end(code) })
  }

  async prepare(): Promise<void> {
    for (const { query } of this.#pieces) await this.#parts.lists.whenReady(query)
  }

  start(request: FastifyRequest, reply: FastifyReply): void {
    // What is found to be too much only here can still be said.
    httpProblems(() => this.#watch())
    const { raw } = reply.hijack()
    this.#raw = raw
    raw.writeHead(200, {
      ...headersOf(reply),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    const alive = setInterval(() => this.#write(': alive\n\n'), ALIVE_EVERY_MS)
    alive.unref()
    this.#stop = () => {
      clearInterval(alive)
      this.#session.remove()
      for (const { watched } of this.#watched.splice(0)) watched.close()
      this.#gone()
    }
    request.raw.on('close', () => this.#close())
    raw.on('close', () => this.#close())
    raw.on('drain', () => this.#drained())
    for (const { watched, head } of this.#watched) this.#tell(watched.whole(), head)
  }

  #watch(): void {
    try {
      for (const { query, head } of this.#pieces) {
        const watched = this.#parts.lists.watch(query, { delta: telling => this.#tell(telling, head) })
        this.#watched.push({ watched, head })
      }
    } catch (error) {
      this.#gone()
      for (const { watched } of this.#watched.splice(0)) watched.close()
      throw error
    }
  }

  assertGoesOn(): void {
    if (this.#endedBy !== null) throw new HttpProblem(this.#endedBy)
  }

  endUnlessStarted(): void {
    if (this.#raw === null) this.#session.remove()
  }

  end(code: StreamEnd): void {
    this.#endedBy = code
    this.#raw?.write(`event: error\ndata: ${JSON.stringify(problemBody(new HttpProblem(code)))}\n\n`)
    this.#raw?.end()
    this.#close()
  }

  #tell(telling: ListTelling, head: string): void {
    if (this.#isStale) return
    this.#write(`event: ${telling.name}\ndata: ${telling.json(head)}\n\n`)
    const waiting = this.#raw?.writableLength ?? 0
    // Who does not read gets no more, and all rows anew when there is room again.
    if (waiting > this.#parts.limits.backlogBytes) this.#isStale = true
  }

  #drained(): void {
    if (!this.#isStale) return
    const wholes = this.#watched.map(({ watched, head }) => ({ whole: watched.whole(), head }))
    this.#isStale = false
    for (const { whole, head } of wholes) this.#tell(whole, head)
  }

  #write(text: string): void {
    if (this.#raw === null) return
    if (this.#raw.writableLength === 0) this.#parts.unread.watch(this.#raw)
    this.#raw.write(text)
  }

  #close(): void {
    if (this.#raw === null) return
    this.#raw = null
    this.#stop()
  }
}

const headersOf = (reply: FastifyReply): Record<string, string | string[] | number> => {
  const headers: Record<string, string | string[] | number> = {}
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) headers[name] = value
  return headers
}

const httpProblems = <T>(run: () => T): T => {
  try {
    return run()
  } catch (error) {
    if (error instanceof ListProblem) throw new HttpProblem(error.code, error.message, error.paths)
    throw error
  }
}

const PARAMETERS: ReadonlySet<string> = new Set([...ASK_PARAMETERS, 'query', 'type', 'belong', 'presence'])

const listAskOf = (request: FastifyRequest): ListAskSource => {
  // Fastify gives an object of texts, or of lists of texts where one stands twice.
  const asked = request.query as Record<string, unknown>
  // What is meant to narrow or order a list, and does not, would give another one than was asked for.
  const strange = Object.keys(asked).find(name => !PARAMETERS.has(name))
  if (strange !== undefined)
    throw new HttpProblem('BAD_QUERY', `A list is narrowed by where; not by «${strange}».`, [strange])
  const { query, where, orderBy, limit, count, groups, sums, presence, ...rest } = asked
  if (query !== undefined) return asObject('query', query)
  return {
    ...rest,
    ...(where === undefined ? {} : { where: asObject('where', where) }),
    ...(orderBy === undefined ? {} : { orderBy: String(orderBy).split(':') }),
    ...(limit === undefined ? {} : { limit: Number(limit) }),
    ...(groups === undefined ? {} : { groups: String(groups).split(',') }),
    ...(sums === undefined ? {} : { sums: String(sums).split(',') }),
    count: flagInAddress(count),
    presence: flagInAddress(presence),
  }
}

const asObject = (name: string, json: unknown): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(String(json))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // Said below.
  }
  throw new HttpProblem('BAD_QUERY', `${name} must be a JSON object, percent-encoded.`, [name])
}
