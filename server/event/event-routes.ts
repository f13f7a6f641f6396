import { setMaxListeners } from 'node:events'
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Principal } from '../access/principal.ts'
import type { Session, Sessions } from '../access/sessions.ts'
import { HttpProblem, problemBody } from '../http/problem.ts'
import { queryOf } from '../http/request-address.ts'
import { whenGone } from '../http/when-gone.ts'
import { within } from '../within.ts'
import { eventText, type RecordEvent } from './event.ts'
import { EventFeed, type FeedParts, readPage } from './event-feed.ts'
import { type EventQuery, parseEventQuery } from './event-query.ts'

/**
 * `GET /api/events`: pages of events since a cursor; with `wait=` an empty page is held back until there is
 * something (long polling); asked for as `text/event-stream` they come as they happen, and `Last-Event-ID` goes on
 * where a connection broke. With `gone` there is an event of that action for a record that one could read until then.
 * `reset` in an answer says that what followed the cursor is folded away: read the
 * records again. A stream that the server ends says why, as an event named `error` with the problem.
 */
export interface EventRoutesParts extends FeedParts {
  readonly sessions: Pick<Sessions, 'add'>
  readonly heartbeatMs: number
}

/** Why the server ends a stream; it is the reason of the signal. */
type StreamEnd = 'DRAINING' | Parameters<Session['end']>[0]

export const addEventRoutes = (app: FastifyInstance, parts: EventRoutesParts): void => {
  const closing = new AbortController()
  // Every stream listens.
  setMaxListeners(0, closing.signal)
  const oneAtATime = queueOfEach()
  app.addHook('preClose', async () => closing.abort('DRAINING' satisfies StreamEnd))
  app.get('/api/events', async (request, reply) => {
    const principal = await request.authenticate()
    const query = parseEventQuery(queryOf(request))
    if (wantsStream(request)) return stream(parts, request, reply, principal, query, closing.signal)
    reply.header('cache-control', 'no-store')
    if (query.limit === 0) return { events: [], cursor: await parts.log.now(), more: false }
    const gone = goneSignal(reply)
    // A page may be waited for, and the token be revoked meanwhile.
    const ended = new AbortController()
    const session = parts.sessions.add({ principal, end: code => ended.abort(code satisfies StreamEnd) })
    const assertGoesOn = (): void => {
      if (ended.signal.aborted) throw new HttpProblem(endOf(ended.signal))
    }
    try {
      const page = await oneAtATime(principal.id, () =>
        readPage(parts, principal, query, query.since, query.limit, gone),
      )
      if (page.events.length > 0 || page.reset || page.more || query.waitSeconds === 0) {
        const body = await parts.log.turns.done(principal.id, () => JSON.stringify(pageBody(page)))
        assertGoesOn()
        return await reply.type('application/json; charset=utf-8').send(body)
      }
      const feed = new EventFeed(parts, principal, query, page.cursor)
      const signals = [closing.signal, gone, ended.signal]
      const { reset, events } = await within(query.waitSeconds * 1_000, signals, signal =>
        feed.next(query.limit, signal),
      )
      assertGoesOn()
      return pageBody({ events, cursor: feed.cursor, reset, more: false })
    } finally {
      session.remove()
    }
  })
}

/** What one person asks for is read one after the other. */
const queueOfEach = (): (<T>(person: string, work: () => Promise<T>) => Promise<T>) => {
  const last = new Map<string, Promise<unknown>>()
  return async (person, work) => {
    const mine = (last.get(person) ?? Promise.resolve()).then(work, work)
    last.set(person, mine)
    try {
      return await mine
    } finally {
      if (last.get(person) === mine) last.delete(person)
    }
  }
}

const pageBody = (page: {
  events: readonly RecordEvent[]
  cursor: string
  reset: boolean
  more: boolean
}): object => ({
  events: page.events,
  cursor: page.cursor,
  more: page.more,
  ...(page.reset ? { reset: true } : {}),
})

const wantsStream = (request: FastifyRequest): boolean =>
  /\btext\/event-stream\b/.test(request.headers.accept ?? '')

const goneSignal = (reply: FastifyReply): AbortSignal => {
  const gone = new AbortController()
  whenGone(reply.raw, () => gone.abort())
  return gone.signal
}

const stream = async (
  parts: EventRoutesParts,
  request: FastifyRequest,
  reply: FastifyReply,
  principal: Principal,
  query: EventQuery,
  closing: AbortSignal,
): Promise<FastifyReply> => {
  const ended = new AbortController()
  const session = parts.sessions.add({ principal, end: code => ended.abort(code satisfies StreamEnd) })
  const lastId = request.headers['last-event-id']
  const since =
    (typeof lastId === 'string' && lastId !== '' ? lastId : query.since) ?? (await parts.log.now())
  const feed = new EventFeed(parts, principal, query, since)
  const drain = (): void => ended.abort(closing.reason)
  closing.addEventListener('abort', drain)
  // Not by an option: Node holds on to what the signal in it was given up for.
  ended.signal.addEventListener('abort', () => closing.removeEventListener('abort', drain))
  if (closing.aborted) drain()
  // The body closes only when its next frame has come.
  whenGone(reply.raw, () => ended.abort())
  const frames = framesOf(feed, ended.signal, parts.heartbeatMs)
  // One frame at a time is asked for, so a reader that does not read holds nothing but that one.
  const body = Readable.from(frames, { objectMode: false, highWaterMark: 16 * 1024 })
  body.once('close', () => {
    ended.abort()
    session.remove()
  })
  reply.headers({ 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' })
  return reply.type('text/event-stream; charset=utf-8').send(body)
}

async function* framesOf(feed: EventFeed, signal: AbortSignal, heartbeatMs: number): AsyncGenerator<string> {
  // What somebody has given for a cursor may be anything.
  yield `retry: 2000\nid: ${feed.cursor.replace(/[\r\n\0]/g, '')}\n\n`
  while (!signal.aborted) {
    const { events, reset } = await within(heartbeatMs, [signal], beat => feed.next(100, beat))
    if (signal.aborted) break
    if (reset) yield `event: reset\nid: ${feed.cursor}\ndata: {"cursor":"${feed.cursor}"}\n\n`
    // The comment shows that the line lives; the id spares a reader of little what it has passed over already.
    else if (events.length === 0) yield `: alive\nid: ${feed.cursor}\n\n`
    for (const event of events) {
      // Each is asked for when there is room for it, which may be long after they were found.
      if (signal.aborted) break
      for (const told of await feed.lookAgain(event)) yield `id: ${told.cursor}\ndata: ${eventText(told)}\n\n`
    }
  }
  yield `event: error\ndata: ${JSON.stringify(problemBody(new HttpProblem(endOf(signal))))}\n\n`
}

const endOf = ({ reason }: AbortSignal): StreamEnd =>
  reason === 'TOKEN_EXPIRED' || reason === 'TOKEN_REVOKED' ? reason : 'DRAINING'
