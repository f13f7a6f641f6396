// All lists of a desk over the one link: asked for at every welcome, and held against the server's versions with
// the heartbeat.

import type { RecordType } from '../../shared/record/record-type.ts'
import type { Link } from '../link/link.ts'
import { type DeltaMessage, parseDelta, parseRows, type RowsMessage } from './list-messages.ts'
import { requestProblem, textsIn } from '../link/request-problem.ts'
import type { Trouble } from '../record/live-record.ts'
import { isObject } from '../../shared/is-object.ts'
import { HEAPS_HEADER, HEAPS_IN_HEADER_MAX, writeHeaps } from '../../shared/wire/held-rows.ts'
import { type ListQuery, toAddress, toWire } from './list-query.ts'

export interface ListEars {
  readonly type: RecordType
  readonly query: ListQuery
  /** How many rows are wanted, which grows as a person scrolls. */
  readonly limit: number
  readonly version: number
  /** What is held from before the link, to be told of what differs alone; none: there is nothing worth it. */
  heaps(heapsMax?: number): readonly number[]
  /** These two, false when it does not fit what is held: the list is asked for anew. */
  whole(message: RowsMessage): boolean
  delta(message: DeltaMessage): boolean
  /** `paths`: the parts of the query that it is about. */
  refused(trouble: Trouble, paths: readonly string[]): void
  lost(): void
}

interface Held {
  /** All that the server has told on this link. */
  readonly isHeld?: boolean
  readonly heaps?: readonly number[]
}

const NOTHING: readonly number[] = []

export class ListLink {
  readonly #link: Link
  readonly #lists = new Map<number, ListEars>()
  #nextId = 1
  #heals = 0
  #isPolling = false
  readonly #stops: (() => void)[]

  constructor(link: Link) {
    this.#link = link
    this.#stops = [
      link.onOpen(() => {
        for (const [id, list] of this.#lists) this.#ask(id, list, { heaps: list.heaps() })
      }),
      link.onLost(() => {
        for (const list of this.#lists.values()) list.lost()
      }),
      link.onRound(() => void this.#poll()),
      link.onControl('rows', body => this.#rows(body)),
      link.onControl('delta', body => this.#delta(body)),
      link.onControl('unsubbed', body => this.#refused(body)),
    ]
    const heals = (): number => this.#heals
    link.answerForLists({
      get heals() {
        return heals()
      },
      versions: () => this.#versions(),
      heal: versions => this.#heal(versions),
    })
  }

  add(list: ListEars): number {
    const id = this.#nextId++
    this.#lists.set(id, list)
    if (this.#link.carrier === 'polling') void this.#fetch(list)
    else this.#ask(id, list, { heaps: list.heaps() })
    return id
  }

  /** Asks again, for more or after a refusal. What is held need not come once more. */
  renew(id: number): void {
    const list = this.#lists.get(id)
    if (list === undefined) return
    if (this.#link.carrier === 'polling') void this.#fetch(list)
    else this.#ask(id, list, { isHeld: list.version >= 0 })
  }

  refresh(): void {
    for (const [id, list] of this.#lists) this.#ask(id, list)
  }

  remove(id: number): void {
    if (this.#lists.delete(id)) this.#link.sendControl({ t: 'unsub', id })
  }

  close(): void {
    for (const stop of this.#stops) stop()
    this.#lists.clear()
  }

  #ask(id: number, { type, query, limit }: ListEars, { isHeld = false, heaps = NOTHING }: Held = {}): void {
    this.#link.sendControl({
      t: 'sub',
      id,
      query: toWire(type, query, limit),
      ...(isHeld ? { held: true } : {}),
      ...(heaps.length > 0 ? { heaps } : {}),
    })
  }

  /** Where no socket is, each list is asked for with every round, a few at a time. */
  async #poll(): Promise<void> {
    // On a line that takes longer for it than a round, the same would be asked for again and again.
    if (this.#isPolling) return
    this.#isPolling = true
    const waiting = [...this.#lists.values()]
    const next = async (): Promise<void> => {
      for (let list = waiting.shift(); list !== undefined; list = waiting.shift()) await this.#fetch(list)
    }
    await Promise.all([next(), next(), next(), next()])
    this.#isPolling = false
  }

  async #fetch(list: ListEars, held = list.heaps(HEAPS_IN_HEADER_MAX)): Promise<void> {
    // Of one that became longer or shorter meanwhile, the answer to that counts.
    const { limit } = list
    try {
      const response = await this.#link.request(toAddress(list.type, list.query, limit), {
        headers: held.length === 0 ? {} : { [HEAPS_HEADER]: writeHeaps(held) },
      })
      if (!response.ok) {
        const { code, message, paths } = await requestProblem(response)
        if (
          response.status < 500 &&
          response.status !== 429 &&
          code !== 'NO_SUCH_ROUTE' &&
          code !== 'INTERNAL' &&
          list.limit === limit
        )
          list.refused({ code, sentence: message }, paths)
        return
      }
      const body: unknown = await response.json()
      const message = isObject(body) ? parseRows({ ...body, id: 0, version: 0 }) : null
      const isTaken =
        message === null || this.#link.carrier !== 'polling' || list.limit !== limit || list.whole(message)
      // Another answer has come meanwhile, or a sum is no sum of these rows.
      if (!isTaken && held.length > 0) await this.#fetch(list, NOTHING)
    } catch {
      // The next round asks again, and the status says that nothing carries anything.
    }
  }

  #rows(body: Readonly<Record<string, unknown>>): void {
    const message = parseRows(body)
    if (message !== null && this.#lists.get(message.id)?.whole(message) === false) this.#askAnew(message.id)
  }

  #delta(body: Readonly<Record<string, unknown>>): void {
    const message = parseDelta(body)
    const list = message === null ? undefined : this.#lists.get(message.id)
    if (message !== null && list?.delta(message) === false) this.#askAnew(message.id)
  }

  #askAnew(id: number): void {
    const list = this.#lists.get(id)
    if (list === undefined) return
    this.#heals++
    this.#ask(id, list)
  }

  #refused(body: Readonly<Record<string, unknown>>): void {
    const { id, code, sentence, paths } = body
    if (typeof id !== 'number' || typeof code !== 'string') return
    const trouble = { code, sentence: typeof sentence === 'string' ? sentence : code }
    this.#lists.get(id)?.refused(trouble, textsIn(paths))
  }

  *#versions(): Generator<readonly [number, number]> {
    for (const [id, { version }] of this.#lists) if (version >= 0) yield [id, version]
  }

  #heal(versions: ReadonlyMap<number, number>): void {
    for (const [id, list] of this.#lists) {
      if (list.version >= 0 && versions.get(id) !== list.version) this.#askAnew(id)
    }
  }
}
