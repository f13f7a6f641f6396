// One list that somebody watches: its first rows in order, and figures over all of them, kept as rows change. All who
// ask the same thing with the same rights have one of these between them.
//
// It holds a few more rows than it shows, so that one that leaves is replaced without a look at the table.

import type { Row } from '../../shared/record/filter.ts'
import type { Signal } from '../../shared/record/record-type.ts'
import { type CompareRows, type Direction, orderKey, rowOrder } from '../../shared/record/row-order.ts'
import { sameValue } from '../../shared/record/value.ts'
import { heapOf, heapSums, orderSum } from '../../shared/wire/held-rows.ts'
import type { JsonObject } from '../../shared/wire/shape.ts'
import { Figures, type FiguresAsked } from './figures.ts'
import { type CursorPlace, isBehind, writeCursor } from './list-cursor.ts'
import { diffRows } from './list-diff.ts'
import { ListTelling } from './list-telling.ts'
import type { PlainFilter } from './plain-filter.ts'
import { type Predicate, predicateOf } from './predicate.ts'
import type { PresentPerson } from './present-person.ts'
import type { RowTable } from './row-table.ts'

export interface PlainQuery extends FiguresAsked {
  readonly type: string
  /** What was asked for, and what the person may read. */
  readonly filter: PlainFilter
  readonly field: string
  readonly direction: Direction
  readonly limit: number
  readonly after: CursorPlace | null
  readonly presence: boolean
  /** What a change is called is told with it. */
  readonly said?: boolean
}

/** What a commit did to a record, in the words of its type. */
export interface Said {
  readonly id: string
  readonly by: string
  readonly signals: readonly Signal[]
}

/** It is asked for where somebody is told of it. */
export type TellSaid = () => readonly Said[]

/** Equal for all who see the same. */
export const queryKey = (query: PlainQuery): string => JSON.stringify(query)

export type PeopleOf = (id: string) => readonly PresentPerson[]

const SPARE_MIN = 32
const SPARE_MAX = 500

export class LiveQuery {
  readonly query: PlainQuery
  readonly key: string
  readonly table: RowTable
  readonly #predicate: Predicate
  readonly #compare: CompareRows
  readonly #figures: Figures | null
  readonly #peopleOf: PeopleOf
  /** The first matching rows, in order. */
  #window: Row[] = []
  /** There are no matching rows beyond the window. */
  #isComplete = true
  #told: readonly Row[] = []
  #toldCursor: string | null = null
  #toldFigures = ''
  /** Of shown rows, those at which somebody looks. */
  readonly #toldPeople = new Map<string, readonly PresentPerson[]>()
  #peopleMoved = new Set<string>()
  #toldRebuilding: boolean
  /** Matching rows whose records were removed since it was last told, whether they were shown or not. */
  readonly #removed = new Set<string>()
  #said: Said[] = []
  #isDirty = false
  #version = 0
  /** For all who ask at about the same time; kept for longer, those of all lists would fill the memory. */
  #whole: WeakRef<ListTelling> | null = null

  constructor(query: PlainQuery, key: string, table: RowTable, peopleOf: PeopleOf) {
    this.query = query
    this.key = key
    this.table = table
    this.#predicate = predicateOf(query.filter, table.textOf)
    this.#compare = rowOrder(query.field, query.direction)
    this.#figures = Figures.isAsked(query) ? table.figures(query.filter, query) : null
    this.#peopleOf = peopleOf
    this.#toldRebuilding = table.isRebuilding
    this.#fill()
    this.#told = this.#window.slice(0, query.limit)
    this.#toldCursor = this.#cursor
    this.#toldFigures = JSON.stringify(this.#figures?.toJson() ?? {})
    if (query.presence) this.#peopleIfNews(this.#told, this.#told)
  }

  /** Counts what was told since the beginning. */
  get version(): number {
    return this.#version
  }

  get rows(): readonly Row[] {
    return this.#told
  }

  get isDirty(): boolean {
    return this.#isDirty
  }

  /** A row was added, changed or taken away; the table has it already. True: there is something to tell. */
  change(before: Row | null, after: Row | null, said: TellSaid = NOTHING_SAID): boolean {
    const was = before !== null && this.#predicate(before)
    const is = after !== null && this.#predicate(after)
    if (was) {
      this.#figures?.add(before, -1)
      this.#takeOut(before)
    }
    if (was && after === null) this.#removed.add(before.id)
    if (is) {
      this.#removed.delete(after.id)
      this.#figures?.add(after, 1)
      this.#putIn(after)
    }
    if (was || is) this.#isDirty = true
    // Whoever sees it no more is not told why; nor who sees it first by this what it was.
    if (this.query.said === true && (was || before === null) && (is || after === null))
      this.#said.push(...said())
    return this.#isDirty
  }

  rebuildingChanged(): void {
    this.#isDirty = true
  }

  /** Who looks at a record has changed. True: there is something to tell. */
  peopleMoved(id: string): boolean {
    if (!this.query.presence) return false
    this.#peopleMoved.add(id)
    this.#isDirty = true
    return true
  }

  /** Everything, as of the version. What is still to be told must have been. */
  whole(): ListTelling {
    if (this.#isDirty) throw new Error('a list was read before its changes were told')
    const known = this.#whole?.deref()
    if (known !== undefined) return known
    const whole = this.#tellRows(this.#told)
    this.#whole = new WeakRef(whole)
    return whole
  }

  /** What a reader of the shorter one lacks; all of it, where the rows of that one are not the first of these. */
  wholeBehind({ rows, version }: Pick<LiveQuery, 'rows' | 'version'>): ListTelling {
    const isBeginning = rows.every((row, i) => row === this.#told[i])
    return isBeginning ? this.#tellRows(this.#told.slice(rows.length), { behind: version }) : this.whole()
  }

  /** What a reader lacks who holds rows from before; all of it, where of no heap the rows are the same. */
  wholeBeside(held: readonly number[]): ListTelling {
    const heaps = held.length
    if (heaps === 0) return this.whole()
    const others = new Set<number>()
    for (const [heap, sum] of heapSums(this.#told, heaps).entries()) if (sum !== held[heap]) others.add(heap)
    if (others.size === heaps) return this.whole()
    const rows = this.#told.filter(row => others.has(heapOf(row, heaps)))
    return this.#tellRows(rows, { heaps, others: [...others], sum: orderSum(this.#told) })
  }

  #tellRows(rows: readonly Row[], besides: object = {}): ListTelling {
    return new ListTelling(
      'rows',
      {
        version: this.#version,
        ...besides,
        cursor: this.#toldCursor,
        ...(this.#toldRebuilding ? { rebuilding: true } : {}),
        ...this.#figures?.toJson(),
        ...(this.query.presence ? { people: Object.fromEntries(this.#toldPeople) } : {}),
      },
      rows,
    )
  }

  /** What has changed since it was last told; null when it comes to nothing. */
  takeDelta(): ListTelling | null {
    this.#isDirty = false
    if (this.#window.length < this.query.limit && !this.#isComplete) this.#fill()
    const rows = this.#window.slice(0, this.query.limit)
    const diff = diffRows(this.#told, rows)
    const figures = this.#figuresIfNews()
    const cursor = this.#cursor
    const isOtherCursor = cursor !== this.#toldCursor
    const people = this.query.presence ? this.#peopleIfNews(rows, this.#told) : null
    const { isRebuilding } = this.table
    const isOtherState = isRebuilding !== this.#toldRebuilding
    const removed = [...this.#removed]
    const said = this.#said.filter(({ id }) => this.#removed.has(id) || this.#isShownTo(id))
    this.#removed.clear()
    this.#said = []
    const isNothing =
      diff === null && figures === null && people === null && removed.length === 0 && said.length === 0
    if (isNothing && !isOtherCursor && !isOtherState) return null
    this.#toldRebuilding = isRebuilding
    this.#told = rows
    this.#toldCursor = cursor
    this.#whole = null
    this.#version++
    return new ListTelling('delta', {
      version: this.#version,
      ...(diff !== null && diff.leave.length > 0 ? { leave: diff.leave } : {}),
      ...(diff !== null && diff.change.length > 0 ? { change: diff.change } : {}),
      ...(diff !== null && diff.enter.length > 0 ? { enter: diff.enter } : {}),
      ...(removed.length > 0 ? { removed } : {}),
      ...(said.length > 0 ? { said } : {}),
      ...(isOtherCursor ? { cursor } : {}),
      ...(isOtherState ? { rebuilding: isRebuilding } : {}),
      ...figures,
      ...(people === null ? {} : { people }),
    })
  }

  /** It may have gone out of sight since. */
  #isShownTo(id: string): boolean {
    const row = this.table.get(id)
    return row !== null && this.#predicate(row)
  }

  #figuresIfNews(): JsonObject | null {
    if (this.#figures === null) return null
    const figures = this.#figures.toJson()
    const json = JSON.stringify(figures)
    if (json === this.#toldFigures) return null
    this.#toldFigures = json
    return figures
  }

  /** Asked of the rows that were not shown before, and of those where somebody came, went or moved. */
  #peopleIfNews(
    rows: readonly Row[],
    before: readonly Row[],
  ): { [id: string]: readonly PresentPerson[] } | null {
    const moved = this.#peopleMoved
    this.#peopleMoved = new Set()
    const isFirst = rows === before
    const shown = new Set(rows.map(({ id }) => id))
    const wasShown = new Set(isFirst ? [] : before.map(({ id }) => id))
    for (const id of this.#toldPeople.keys()) if (!shown.has(id)) this.#toldPeople.delete(id)
    const news: { [id: string]: readonly PresentPerson[] } = {}
    for (const { id } of rows) {
      if (wasShown.has(id) && !moved.has(id)) continue
      const people = this.#peopleOf(id)
      if (sameValue(people, this.#toldPeople.get(id) ?? NOBODY)) continue
      if (people.length === 0) this.#toldPeople.delete(id)
      else this.#toldPeople.set(id, people)
      news[id] = people
    }
    return Object.keys(news).length === 0 ? null : news
  }

  get #cursor(): string | null {
    const { limit, field, direction } = this.query
    const last = this.#window[Math.min(limit, this.#window.length) - 1]
    const hasMore = this.#window.length > limit || !this.#isComplete
    return hasMore && last !== undefined ? writeCursor(field, direction, last) : null
  }

  get #windowMax(): number {
    const { limit } = this.query
    return limit + Math.min(SPARE_MAX, Math.max(SPARE_MIN, limit >> 1))
  }

  /** From the table, behind what the window holds. */
  #fill(): void {
    const { filter, field, direction, after } = this.query
    const last = this.#window.at(-1)
    const place = last === undefined ? after : { key: orderKey(last[field]), id: last.id }
    const want = this.#windowMax - this.#window.length
    const { rows, isComplete } = this.table.select({ filter, field, direction, after: place, want })
    this.#window.push(...rows)
    this.#isComplete = isComplete
  }

  #takeOut(row: Row): void {
    const at = this.#placeOf(row)
    if (this.#window[at]?.id === row.id) this.#window.splice(at, 1)
  }

  #putIn(row: Row): void {
    if (!this.#isBehindStart(row)) return
    const at = this.#placeOf(row)
    // Beyond the window there may be others before it.
    if (at === this.#window.length && !this.#isComplete) return
    this.#window.splice(at, 0, row)
    if (this.#window.length > this.#windowMax) {
      this.#window.pop()
      this.#isComplete = false
    }
  }

  #isBehindStart(row: Row): boolean {
    const { after, field, direction } = this.query
    return after === null || isBehind(row, field, direction, after)
  }

  #placeOf(row: Row): number {
    let low = 0
    let high = this.#window.length
    while (low < high) {
      const middle = (low + high) >> 1
      const other = this.#window[middle]
      if (other !== undefined && this.#compare(other, row) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

const NOBODY: readonly PresentPerson[] = []
const NOTHING_SAID: TellSaid = () => []
