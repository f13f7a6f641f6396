// Ids that an update brings, or the turn so far, as ranges. An update of 100,000 structs asks after as many ids and
// more, so none is looked for from one range to the next.

import type * as Y from 'yjs'
import { MostlyOne } from './mostly-one.ts'

/** New ids of one client, all in one root. */
export interface NewRange {
  readonly client: number
  readonly clock: number
  readonly end: number
  readonly root: string
  /** They arrive as deleted already. */
  readonly isDeleted: boolean
  /** They make a text longer: characters and embeds do, formats do not. */
  readonly hasLength: boolean
  /** The neighbours that it names, between which its writer has put it; null where a text begins or ends. */
  readonly origin: Y.ID | null
  readonly rightOrigin: Y.ID | null
}

export class NewIds {
  /** Each client's in the order of their clocks, none left out in between. */
  readonly #byClient = new MostlyOne<number, NewRange[]>()

  get isEmpty(): boolean {
    return this.#byClient.size === 0
  }

  add(range: NewRange): void {
    const ranges = this.#byClient.get(range.client)
    if (ranges === undefined) this.#byClient.set(range.client, [range])
    else ranges.push(range)
  }

  addAll(ids: NewIds): void {
    for (const ranges of ids.#byClient.values()) for (const range of ranges) this.add(range)
  }

  clients(): readonly number[] {
    return this.#byClient.keys()
  }

  /** Where a client's end; undefined: it has none. */
  endOf(client: number): number | undefined {
    const ranges = this.#byClient.get(client)
    return ranges?.[ranges.length - 1]?.end
  }

  at(client: number, clock: number): NewRange | undefined {
    const ranges = this.#byClient.get(client)
    if (ranges === undefined) return undefined
    const range = ranges[firstPast(ranges, clock)]
    return range !== undefined && clock >= range.clock ? range : undefined
  }

  /** Those that have ids from `clock` up to `end`. */
  among(client: number, clock: number, end: number): readonly NewRange[] {
    const ranges = this.#byClient.get(client)
    // Most of what is deleted was there before.
    if (ranges === undefined || end <= (ranges[0]?.clock ?? 0)) return NONE
    const from = firstPast(ranges, clock)
    let to = from
    while (to < ranges.length && (ranges[to]?.clock ?? end) < end) to++
    return from === to ? NONE : ranges.slice(from, to)
  }
}

const NONE: readonly NewRange[] = []

/** The first that ends behind the clock. */
const firstPast = (ranges: readonly NewRange[], clock: number): number => {
  let high = ranges.length - 1
  // People write on where they have just written.
  if (clock >= (ranges[high]?.clock ?? 0)) return clock < (ranges[high]?.end ?? 0) ? high : high + 1
  let low = 0
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ranges[middle]?.end ?? 0) > clock) high = middle
    else low = middle + 1
  }
  return low
}
