// Lists on a link. A client names each list by a number of its own:
//
//     sub {id, query}        →      the same number again replaces what it meant
//                            ←      rows {id, version, rows, cursor, total?, groups?, sums?, groupSums?, people?}
//                            ←      delta {id, version, leave?, change?, enter?, cursor?, …}, each version one up
//                            ←      or unsubbed {id, code, sentence}
//     unsub {id}             →
//
// A query is {type, where, orderBy, limit, cursor, count, groups, sums, presence}; or {belong: 'project:1'}, the
// record and all that belongs to it: then rows and delta come for each type apart, with `type` in them and a version
// of its own. A cursor of null says that there are no more rows.
//
// Who does not read gets no deltas meanwhile, and all rows anew when there is room again. For the self-check a
// list's version is that of the last message, of a belonging the sum over its types.

import { isObject, natural, object, text } from '../../shared/wire/shape.ts'
import type { ErrorCode } from '../../shared/wire/error-codes.ts'
import type { ControlHandler, Link, LinkFeedWriter } from '../link/control-handler.ts'
import { belongingParts, type ListAsk, ListProblem, parseListAsk, plainQuery } from './list-ask.ts'
import type { ListTelling } from './list-telling.ts'
import type { LiveLists, Watched } from './live-lists.ts'
import type { PlainQuery } from './live-query.ts'

export interface ListHandlerParts {
  readonly lists: LiveLists
  readonly limits: ListLimits
  readonly logger: { error(fields: object, message: string): void }
}

export interface ListLimits {
  readonly listsPerLink: number
  readonly rowsPerList: number
}

const subscription = object({ id: natural })
const belonging = object({ belong: text(512) })

export const createListHandler = (parts: ListHandlerParts): ControlHandler => {
  const subscriptions = new Map<Link, Map<number, Subscription>>()
  const of = (link: Link): ReadonlyMap<number, Subscription> => subscriptions.get(link) ?? NONE

  const subscribe = (link: Link, id: number, query: unknown): void => {
    const own = subscriptions.get(link) ?? new Map<number, Subscription>()
    subscriptions.set(link, own)
    own.get(id)?.close()
    own.delete(id)
    if (own.size >= parts.limits.listsPerLink) {
      refuse(
        link,
        id,
        'TOO_MANY_CHANNELS',
        `No more than ${parts.limits.listsPerLink} lists at a time: close one.`,
      )
      return
    }
    const mine = new Subscription(parts, link, id, query)
    own.set(id, mine)
    mine.start().catch((error: unknown) => {
      if (own.get(id) === mine) own.delete(id)
      mine.close()
      if (error instanceof ListProblem) refuse(link, id, error.code, error.message)
      else {
        parts.logger.error({ err: error }, 'a list could not be read')
        refuse(link, id, 'INTERNAL', 'The list could not be read.')
      }
    })
  }

  return {
    names: ['sub', 'unsub'],
    receive(link, name, body) {
      const { id } = subscription.parse(body, '')
      if (name === 'sub') subscribe(link, id, body.query)
      else {
        subscriptions.get(link)?.get(id)?.close()
        subscriptions.get(link)?.delete(id)
      }
    },
    closed(link) {
      for (const each of of(link).values()) each.close()
      subscriptions.delete(link)
    },
    principalChanged(link) {
      for (const [id, { query }] of [...of(link)]) subscribe(link, id, query)
    },
    *versions(link) {
      for (const [id, { version }] of of(link)) if (version !== null) yield [id, version]
    },
  }
}

const NONE: ReadonlyMap<number, Subscription> = new Map()

const refuse = (link: Link, id: number, code: ErrorCode, sentence: string): void =>
  link.send({ t: 'unsubbed', id, code, sentence })

class Subscription {
  readonly query: unknown
  readonly #parts: ListHandlerParts
  readonly #link: Link
  readonly #id: number
  readonly #pieces: Piece[] = []
  #isClosed = false

  constructor(parts: ListHandlerParts, link: Link, id: number, query: unknown) {
    this.#parts = parts
    this.#link = link
    this.#id = id
    this.query = query
  }

  async start(): Promise<void> {
    const { lists } = this.#parts
    const asks = this.#asks()
    for (const { ask } of asks) if (!lists.isLoaded(ask.type)) await lists.table(ask.type)
    if (this.#isClosed) return
    for (const { ask, head } of asks) {
      const type = lists.types.get(ask.type)
      if (type === undefined) continue
      this.#pieces.push(new Piece(this.#link, head, lists, plainQuery(type, ask, this.#link.principal)))
    }
  }

  /** Null while it has not been answered. */
  get version(): number | null {
    return this.#pieces.length === 0 ? null : this.#pieces.reduce((sum, piece) => sum + piece.version, 0)
  }

  close(): void {
    this.#isClosed = true
    for (const piece of this.#pieces.splice(0)) piece.close()
  }

  #asks(): readonly { ask: ListAsk; head: string }[] {
    const { query } = this
    const { lists, limits } = this.#parts
    if (!isObject(query)) throw new ListProblem('BAD_QUERY', 'Say what to list in «query».')
    if ('belong' in query) {
      const { belong } = belonging.parse(query, 'query')
      return belongingParts(lists.types, belong).map(({ type, where }) => ({
        ask: parseListAsk(
          { limit: limits.rowsPerList, ...query, type: type.name, where, orderBy: null },
          limits.rowsPerList,
        ),
        head: `"id":${this.#id},"type":${JSON.stringify(type.name)}`,
      }))
    }
    const ask = parseListAsk(query, limits.rowsPerList)
    if (!lists.types.has(ask.type))
      throw new ListProblem('NO_SUCH_TYPE', `There is no record type «${ask.type}».`)
    return [{ ask, head: `"id":${this.#id}` }]
  }
}

/** One list of one type, on one link. */
class Piece {
  readonly #feed: LinkFeedWriter
  readonly #watched: Watched
  readonly #head: string
  #version = 0
  #isBeginning = true

  constructor(link: Link, head: string, lists: LiveLists, query: PlainQuery) {
    this.#head = head
    this.#feed = link.feed({ drained: () => this.#sendWhole() })
    this.#watched = lists.watch(query, {
      delta: telling => {
        if (!this.#isBeginning) this.#send(telling)
      },
    })
    this.#sendWhole()
  }

  get version(): number {
    return this.#version
  }

  close(): void {
    this.#watched.close()
    this.#feed.close()
  }

  #sendWhole(): void {
    // What is told on this occasion is in the whole.
    this.#isBeginning = true
    const whole = this.#watched.whole()
    this.#isBeginning = false
    this.#send(whole)
  }

  #send(telling: ListTelling): void {
    this.#version = this.#watched.query.version
    this.#feed.send(telling.message(this.#head))
  }
}
