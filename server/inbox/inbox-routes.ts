import type { FastifyInstance } from 'fastify'
import { inboxRoom, type InboxView } from '../../shared/types/inbox.ts'
import { HttpProblem } from '../http/problem.ts'
import { queryOf } from '../http/request-address.ts'
import { openCommitted } from '../room/open-committed.ts'
import type { Rooms } from '../room/rooms.ts'
import type { Store } from '../store/store.ts'
import { searchHistory } from './inbox-history.ts'

/**
 * `GET /api/inbox/history?q=&before=&limit=`: all that a person was ever told and that is still kept, the latest
 * first; `next` of one page is `before` of the following one.
 * `GET /api/inbox/push-key`: what a browser subscribes to (`applicationServerKey`).
 * `GET /api/inbox/mail`: whether this server mails at all, and to which address of this person; null: none is known.
 */
export interface InboxRoutesParts {
  readonly store: Pick<Store, 'readValues'>
  readonly rooms: () => Pick<Rooms, 'open'>
  readonly pushKey: () => string
  readonly isMailed: boolean
  readonly addressOf: (user: string) => string | null
}

const LIMIT = 50
const LIMIT_MAX = 200
const WORDS_CHARS_MAX = 200

export const addInboxRoutes = (
  app: FastifyInstance,
  { store, rooms, pushKey, isMailed, addressOf }: InboxRoutesParts,
): void => {
  app.get('/api/inbox/push-key', async request => {
    await request.authenticate()
    return { key: pushKey() }
  })
  app.get('/api/inbox/mail', async (request, reply) => {
    const { id } = await request.authenticate()
    reply.header('cache-control', 'no-store')
    return { isMailed, address: addressOf(id) }
  })
  app.get('/api/inbox/history', async (request, reply) => {
    const principal = await request.authenticate()
    const query = queryOf(request)
    const limit = limitOf(query.get('limit'))
    const words = (query.get('q') ?? '').slice(0, WORDS_CHARS_MAX)
    const room = await openCommitted(rooms(), inboxRoom(principal.id))
    // The type of this room is the inbox.
    const view = room.guarded?.record.view as unknown as InboxView
    reply.header('cache-control', 'no-store')
    return searchHistory(store, principal.id, view, { words, before: query.get('before') || null, limit })
  })
}

const limitOf = (text: string | null): number => {
  if (text === null) return LIMIT
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw new HttpProblem('BAD_REQUEST', `«limit» takes a whole number from 1 to ${LIMIT_MAX}.`, ['limit'])
  return Math.min(Number(text), LIMIT_MAX)
}
