// Lists on a link. A client names each list by a number of its own:
//
//     sub {id, query}        →      the same number again replaces what it meant
//                            ←      rows {id, version, rows, cursor, total?, groups?, sums?, groupSums?, people?, rebuilding?}
//                            ←      delta {id, version, leave?, change?, enter?, cursor?, …}, each version one up
//                            ←      or unsubbed {id, code, sentence}
//     unsub {id}             →
//
// A query is {type, where, orderBy, limit, cursor, count, groups, sums, presence}; or {belong: 'project:1'}, the
// record and all that belongs to it: then rows and delta come for each type apart, with `type` in them and a version
// of its own. A cursor of null says that there are no more rows.
//
//     search {id, words, types?, limit?}  →
//                                         ←  found {id, found: [{type, id, title, row}]}
//
// Who does not read gets no deltas meanwhile, and all rows anew when there is room again. For the self-check a
// list's version is that of the last message, of a belonging the sum over its types.

import { type JsonObject, listOf, natural, object, type Parsed, text } from '../../shared/wire/shape.ts'
import { isObject } from '../../shared/is-object.ts'
import type { ErrorCode } from '../../shared/wire/error-codes.ts'
import type { ControlHandler, Link, LinkFeedWriter } from '../link/control-handler.ts'
import { listPieces } from './list-ask.ts'
import { ListProblem } from './list-problem.ts'
import type { ListTelling } from './list-telling.ts'
import type { LiveLists, Watched } from './live-lists.ts'
import type { PlainQuery } from './live-query.ts'
import { SEARCH_LIMIT_MAX, type SearchRecords } from './search-records.ts'

export interface ListHandlerParts {
  readonly lists: LiveLists
  readonly search: SearchRecords
  readonly limits: ListLimits
  readonly logger: { error(fields: object, message: string): void }
}

export interface ListLimits {
  readonly listsPerLink: number
  readonly rowsPerList: number
}

const subscription = object({ id: natural })
const searchAsk = object(
  { id: natural, words: text(1_000) },
  { types: listOf(text(200), 1_000), limit: natural },
)

export const createListHandler = (parts: ListHandlerParts): ControlHandler => {
  const subscriptions = new Map<Link, Map<number, Subscription>>()
  /** How many are under way. */
  const searches = new Map<Link, number>()
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
    const end = (error: unknown): void => {
      if (own.get(id) === mine) own.delete(id)
      mine.close()
      failed(link, id, error)
    }
    mine.start(end).catch(end)
  }

  const failed = (link: Link, id: number, error: unknown): void => {
    if (error instanceof ListProblem) refuse(link, id, error.code, error.message, error.paths)
    else {
      parts.logger.error({ err: error }, 'a list could not be read')
      refuse(link, id, 'INTERNAL', 'The list could not be read.')
    }
  }

  const search = (link: Link, id: number, { words, types, limit = 20 }: Parsed<typeof searchAsk>): void => {
    const underWay = searches.get(link) ?? 0
    if (underWay >= SEARCHES_MAX) {
      refuse(link, id, 'TOO_FAST', 'Wait for what was found before you search for more.')
      return
    }
    searches.set(link, underWay + 1)
    const asked = {
      words,
      limit: Math.min(limit, SEARCH_LIMIT_MAX),
      ...(types === undefined ? {} : { types }),
    }
    parts
      .search(link, asked)
      .then(
        // What was found is rows, which are JSON.
        found => link.send({ t: 'found', id, found: found as unknown as JsonObject[] }),
        error => failed(link, id, error),
      )
      .finally(() => {
        const left = (searches.get(link) ?? 1) - 1
        if (left > 0) searches.set(link, left)
        else searches.delete(link)
      })
  }

  return {
    names: ['sub', 'unsub', 'search'],
    receive(link, name, body) {
      const { id } = subscription.parse(body, '')
      if (name === 'search') search(link, id, searchAsk.parse(body, ''))
      else if (name === 'sub') subscribe(link, id, body.query)
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

/** Who types faster than is found has long typed on. */
const SEARCHES_MAX = 20

const refuse = (
  link: Link,
  id: number,
  code: ErrorCode,
  sentence: string,
  paths: readonly string[] = [],
): void => link.send({ t: 'unsubbed', id, code, sentence, ...(paths.length > 0 ? { paths } : {}) })

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

  async start(failed: (error: unknown) => void): Promise<void> {
    const { lists, limits } = this.#parts
    if (!isObject(this.query)) throw new ListProblem('BAD_QUERY', 'Say what to list in «query».')
    const queries = listPieces(lists.types, this.query, limits.rowsPerList, this.#link.principal)
    for (const query of queries) {
      const ready = lists.whenReady(query)
      if (ready !== null) await ready
    }
    if (this.#isClosed) return
    lists.turns.run(this.#link, this, () => {
      try {
        this.#begin(queries)
      } catch (error) {
        failed(error)
      }
    })
  }

  #begin(queries: readonly PlainQuery[]): void {
    const isBelonging = isObject(this.query) && this.query.belong !== undefined
    for (const query of queries) {
      const head = `"id":${this.#id}${isBelonging ? `,"type":${JSON.stringify(query.type)}` : ''}`
      this.#pieces.push(new Piece(this.#link, head, this.#parts.lists, query))
    }
  }

  /** Null while it has not been answered. */
  get version(): number | null {
    return this.#pieces.length === 0 ? null : this.#pieces.reduce((sum, piece) => sum + piece.version, 0)
  }

  close(): void {
    this.#isClosed = true
    this.#parts.lists.turns.drop(this.#link, this)
    for (const piece of this.#pieces.splice(0)) piece.close()
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
