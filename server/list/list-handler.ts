// Lists on a link. A client names each list by a number of its own:
//
//     sub {id, query, held?, heaps?} →  the same number again replaces what it meant
//                            ←      rows {id, version, rows, cursor, total?, groups?, sums?, groupSums?, people?, rebuilding?}
//                            ←      rows {id, version, behind, …}: those that follow the rows held as of version `behind`
//                            ←      rows {id, version, heaps, others, sum, …}: those of the heaps that differ from what is held
//                            ←      delta {id, version, leave?, change?, enter?, removed?, said?, cursor?, …}, each version one up
//                            ←      or unsubbed {id, code, sentence}
//     unsub {id}             →
//
// A query is {type, where, orderBy, limit, cursor, count, groups, sums, presence, said}; or {belong: 'project:1'}, the
// record and all that belongs to it: then rows and delta come for each type apart, with `type` in them and a version
// of its own. A cursor of null says that there are no more rows. `removed` names records of the list that were deleted,
// shown or not: what leaves may also have been changed, or have been pushed out by another. Asked for by `said` of the
// query, `said` has {id, by, signals} of each change, in the words of the type.
//
// `held` says that the query is the one before, only longer: that goes on until the rows come, which may be those alone
// that are not held, and also where the limit is refused.
//
// `heaps` says what a device holds of the list from before, also from before the link (held-rows.ts): then rows may come
// of the heaps named in `others` alone, and the rest is as it is held. `sum` is that of all rows.
//
//     search {id, words, types?, limit?}  →
//                                         ←  found {id, found: [{type, id, title, row}]}
//
// Who does not read gets no deltas meanwhile, and all rows anew when there is room again. For the self-check a
// list's version is that of the last message, of a belonging the sum over its types.

import { type JsonObject, listOf, natural, object, type Parsed, text } from '../../shared/wire/shape.ts'
import { isObject } from '../../shared/is-object.ts'
import { HEAPS_MAX } from '../../shared/wire/held-rows.ts'
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

const subscription = object({ id: natural }, { heaps: listOf(natural, HEAPS_MAX) })
const searchAsk = object(
  { id: natural, words: text(1_000) },
  { types: listOf(text(200), 1_000), limit: natural },
)

export const createListHandler = (parts: ListHandlerParts): ControlHandler => {
  const subscriptions = new Map<Link, Map<number, Subscription>>()
  /** How many are under way. */
  const searches = new Map<Link, number>()
  const of = (link: Link): ReadonlyMap<number, Subscription> => subscriptions.get(link) ?? NONE

  const subscribe = (link: Link, id: number, query: unknown, heaps: Heaps = NOTHING_HELD): void => {
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
    const mine = new Subscription(parts, link, id, heaps)
    own.set(id, mine)
    start(link, id, mine, query)
  }

  const start = (link: Link, id: number, mine: Subscription, query: unknown): void => {
    const end = (error: unknown): void => {
      const goesOn = mine.version !== null && error instanceof ListProblem && error.paths.includes('limit')
      if (!goesOn) {
        const own = subscriptions.get(link)
        if (own?.get(id) === mine) own.delete(id)
        mine.close()
      }
      failed(link, id, error)
    }
    mine.start(query, end).catch(end)
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
      const { id, heaps } = subscription.parse(body, '')
      if (name === 'search') search(link, id, searchAsk.parse(body, ''))
      else if (name === 'sub') {
        const held = body.held === true ? of(link).get(id) : undefined
        if (held === undefined) subscribe(link, id, body.query, heaps)
        else start(link, id, held, body.query)
      } else {
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

type Heaps = readonly number[]
const NOTHING_HELD: Heaps = []

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
  /** What was asked for last, also where it has not begun. */
  query: unknown
  readonly #parts: ListHandlerParts
  readonly #link: Link
  readonly #id: number
  #heaps: Heaps
  readonly #pieces = new Map<string, Piece>()
  #isClosed = false

  constructor(parts: ListHandlerParts, link: Link, id: number, heaps: Heaps) {
    this.#parts = parts
    this.#link = link
    this.#id = id
    this.#heaps = heaps
  }

  async start(query: unknown, failed: (error: unknown) => void): Promise<void> {
    const { lists, limits } = this.#parts
    if (!isObject(query)) throw new ListProblem('BAD_QUERY', 'Say what to list in «query».')
    const queries = listPieces(lists.types, query, limits.rowsPerList, this.#link.principal)
    this.query = query
    for (const each of queries) {
      const ready = lists.whenReady(each)
      if (ready !== null) await ready
    }
    if (this.#isClosed || this.query !== query) return
    lists.turns.run(this.#link, this, () => {
      try {
        this.#begin(queries, query.belong !== undefined)
      } catch (error) {
        failed(error)
      }
    })
  }

  #begin(queries: readonly PlainQuery[], isBelonging: boolean): void {
    for (const query of queries) {
      const head = `"id":${this.#id}${isBelonging ? `,"type":${JSON.stringify(query.type)}` : ''}`
      const piece = this.#pieces.get(head)
      // Of a belonging, nobody says which of its lists they hold.
      const heaps = isBelonging ? NOTHING_HELD : this.#heaps
      if (piece === undefined)
        this.#pieces.set(head, new Piece(this.#link, head, this.#parts.lists, query, heaps))
      else piece.goOn(query)
    }
    this.#heaps = NOTHING_HELD
  }

  /** Null while it has not been answered. */
  get version(): number | null {
    if (this.#pieces.size === 0) return null
    return [...this.#pieces.values()].reduce((sum, piece) => sum + piece.version, 0)
  }

  close(): void {
    this.#isClosed = true
    this.#parts.lists.turns.drop(this.#link, this)
    for (const piece of this.#pieces.values()) piece.close()
    this.#pieces.clear()
  }
}

/** One list of one type, on one link. */
class Piece {
  readonly #lists: LiveLists
  readonly #feed: LinkFeedWriter
  readonly #head: string
  #watched: Watched
  #version = 0
  #isBeginning = true

  constructor(link: Link, head: string, lists: LiveLists, query: PlainQuery, heaps: Heaps) {
    this.#lists = lists
    this.#head = head
    this.#feed = link.feed({ drained: () => this.#sendWhole() })
    this.#watched = this.#watch(query)
    this.#sendWhole(heaps)
  }

  /** With what is still to be told of the one before, its rows are the first of the longer one. */
  goOn(query: PlainQuery): void {
    const before = this.#watched
    before.tell()
    this.#watched = this.#watch(query)
    before.close()
    this.#send(this.#watched.query.wholeBehind(before.query))
  }

  get version(): number {
    return this.#version
  }

  close(): void {
    this.#watched.close()
    this.#feed.close()
  }

  #watch(query: PlainQuery): Watched {
    return this.#lists.watch(query, {
      delta: telling => {
        if (!this.#isBeginning) this.#send(telling)
      },
    })
  }

  #sendWhole(heaps: Heaps = NOTHING_HELD): void {
    // What is told on this occasion is in the whole.
    this.#isBeginning = true
    const whole = this.#watched.whole(heaps)
    this.#isBeginning = false
    this.#send(whole)
  }

  #send(telling: ListTelling): void {
    this.#version = this.#watched.query.version
    this.#feed.send(telling.message(this.#head))
  }
}
