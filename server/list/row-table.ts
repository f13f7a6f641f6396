// All rows of one record type, in memory, as the last commit left them. A list is read from here in one go, so that
// a page is of one moment however much is committed meanwhile.
//
// A row has a slot, a number. Beside the rows stand, by slot, the values of the fields that lists are found and
// ordered by: what looks at a hundred thousand rows looks at those.

import type { RecordType } from '../../shared/record/record-type.ts'
import type { Row } from '../../shared/record/filter.ts'
import { type Direction, ordersOf } from '../../shared/record/row-order.ts'
import type { Value } from '../../shared/record/value.ts'
import { Figures, type FiguresAsked } from './figures.ts'
import { ListProblem } from './list-problem.ts'
import { NumberColumn } from './number-column.ts'
import type { OrderedSlots, Place } from './ordered-slots.ts'
import { ALL, type PlainFilter } from './plain-filter.ts'
import { Postings } from './postings.ts'
import { searchText } from './predicate.ts'
import { postedFieldsOf } from './posted-fields.ts'
import { type Route, routesOf, wordsOf } from './routes.ts'
import { type Columns, slotPredicate } from './slot-predicate.ts'
import { TableOrders } from './table-orders.ts'
import { TextIndex } from './text-index.ts'

export interface Selection {
  readonly filter: PlainFilter
  readonly field: string
  readonly direction: Direction
  /** Behind this place in the order. */
  readonly after: Place | null
  readonly want: number
}

export interface Selected {
  readonly rows: Row[]
  /** There are no more. */
  readonly isComplete: boolean
}

type Way =
  | { readonly kind: 'all' }
  | { readonly kind: 'routes'; readonly routes: readonly Route[]; readonly size: number }
  | { readonly kind: 'words'; readonly words: readonly string[]; readonly size: number }

export class RowTable implements Columns {
  readonly type: RecordType
  /** Some rows are still those of an earlier row function. */
  isRebuilding = false
  readonly rows: (Row | null)[] = []
  readonly postings: ReadonlyMap<string, Postings>
  readonly numbers: ReadonlyMap<string, NumberColumn>
  readonly #slots = new Map<string, number>()
  readonly #free: number[] = []
  readonly #orders: TableOrders
  readonly #texts: TextIndex
  readonly #arrayFields = new Set<string>()
  #parsed = 0
  readonly #names = new Map<string, string>()

  constructor(type: RecordType) {
    this.type = type
    this.postings = new Map(postedFieldsOf(type).map(field => [field, new Postings()]))
    const ordered = ordersOf(type).filter(field => field !== 'id')
    this.numbers = new Map(ordered.map(field => [field, new NumberColumn()]))
    this.#orders = new TableOrders(type, this.rows, this.numbers)
    this.#texts = new TextIndex(slot => {
      const row = this.rows[slot]
      return row == null ? null : searchText(row, type.list.search)
    })
  }

  get size(): number {
    return this.#slots.size
  }

  get(id: string): Row | null {
    const slot = this.#slots.get(id)
    return slot === undefined ? null : (this.rows[slot] ?? null)
  }

  /** Gives the row that was there before. */
  set(id: string, row: Row | null): Row | null {
    const slot = this.#slots.get(id)
    if (slot === undefined) {
      if (row !== null) this.#add(id, row)
      return null
    }
    const before = this.rows[slot] ?? null
    if (before === null) throw new Error('a row is not where its index says')
    if (row === null) this.#remove(id, slot, before)
    else this.#replace(slot, before, row)
    return before
  }

  /** A row as JSON. What many rows have in common is kept once. */
  parse(json: string): Row {
    // What the store holds as a row was made by `rowOf`; it is frozen below.
    const row = JSON.parse(json) as { [field: string]: Value } & { id: string }
    for (const [field, postings] of this.postings) {
      const value = row[field]
      if (typeof value === 'string') row[field] = postings.valueOf(postings.codeOf(value))
    }
    for (const field of SHARED_NAMES) {
      const name = row[field]
      if (typeof name !== 'string') continue
      const known = this.#names.get(name)
      if (known !== undefined) row[field] = known
      else if (this.#names.size < NAMES_MAX) this.#names.set(name, name)
    }
    if (this.#parsed++ % LOOK_FOR_ARRAYS_EVERY === 0)
      for (const field in row) if (Array.isArray(row[field])) this.#arrayFields.add(field)
    for (const field of this.#arrayFields) {
      const value = row[field]
      if (Array.isArray(value) && value.length === 0) row[field] = EMPTY
    }
    return row
  }

  /** Whether a list can be read without first making an order, or the text, of very many rows. */
  isPrepared(field: string, filter: PlainFilter = ALL): boolean {
    return (
      (this.size <= PREPARED_ABOVE || this.#orders.has(field)) &&
      (!this.#isSearch(filter) || this.#texts.isPrepared(this.rows.length))
    )
  }

  async prepare(field: string, filter: PlainFilter, pause: () => Promise<void>): Promise<void> {
    if (!this.isPrepared(field)) await this.#orders.prepare(field, pause)
    if (this.#isSearch(filter)) await this.#texts.prepare(this.rows.length, pause)
  }

  #isSearch(filter: PlainFilter): boolean {
    return wordsOf(filter, this.type.list.search).length > 0
  }

  /** Every slot that the filter lets in, in no order. */
  each(filter: PlainFilter, visit: (slot: number) => void): void {
    const slots = this.#candidates(filter)
    const lets = slotPredicate(filter, this)
    if (slots !== null) {
      for (const slot of slots) if (lets(slot)) visit(slot)
      return
    }
    const { rows } = this
    for (let slot = 0; slot < rows.length; slot++) if (rows[slot] !== null && lets(slot)) visit(slot)
  }

  figures(filter: PlainFilter, asked: FiguresAsked): Figures {
    const figures = new Figures(asked)
    const size = asked.groups.length + asked.sums.length === 0 ? this.#knownSize(filter) : null
    if (size !== null) figures.setTotal(size)
    else if (asked.groups.length + asked.sums.length === 0) {
      let total = 0
      this.each(filter, () => {
        total++
      })
      figures.setTotal(total)
    } else {
      this.each(filter, slot => {
        const row = this.rows[slot]
        if (row != null) figures.add(row, 1)
        if (figures.size > FIGURES_MAX) throw tooManyFigures(asked)
      })
    }
    return figures
  }

  /** The first of what the filter lets in, in order. */
  select(selection: Selection): Selected {
    const { filter, want } = selection
    if (filter.kind === 'none') return { rows: [], isComplete: true }
    const order = this.#orders.of(selection.field)
    const way = this.#wayTo(filter)
    if (way.kind === 'all') return this.#walk(selection, order)
    // As if what the filter lets in were spread evenly over the order.
    const looksInOrder = (want * this.size) / (way.size + 1)
    const looksAtAll = way.kind === 'words' ? way.size + this.size / SEARCHED_FOR_ONE_LOOK : way.size
    return looksInOrder < looksAtAll
      ? this.#walk(selection, order)
      : this.#gather(selection, order, this.#slotsOn(way))
  }

  textOf = (row: Row): string => {
    const slot = this.#slots.get(row.id)
    if (slot === undefined || this.rows[slot] !== row) return searchText(row, this.type.list.search)
    return this.#texts.textOf(slot)
  }

  #walk({ filter, direction, after, want }: Selection, order: OrderedSlots): Selected {
    const lets = slotPredicate(filter, this)
    const rows: Row[] = []
    let isComplete = true
    order.walk(after, direction === 'desc', slot => {
      if (!lets(slot)) return true
      const row = this.rows[slot]
      if (row == null) return true
      if (rows.length === want) {
        isComplete = false
        return false
      }
      rows.push(row)
      return true
    })
    return { rows, isComplete }
  }

  #gather(
    { filter, direction, after, want }: Selection,
    order: OrderedSlots,
    slots: readonly number[],
  ): Selected {
    const lets = slotPredicate(filter, this)
    const sign = direction === 'desc' ? -1 : 1
    const compare = (a: number, b: number): number => sign * order.compare(a, b)
    let found: number[] = []
    let isComplete = true
    const cut = (): void => {
      found.sort(compare)
      if (found.length > want) {
        isComplete = false
        found = found.slice(0, want)
      }
    }
    for (const slot of slots) {
      if (!lets(slot)) continue
      if (after !== null && sign * order.comparePlace(slot, after) <= 0) continue
      found.push(slot)
      if (found.length > 2 * want + 64) cut()
    }
    cut()
    return { rows: found.flatMap(slot => this.rows[slot] ?? []), isComplete }
  }

  /** How many the filter lets in, where an index knows it without looking at them. */
  #knownSize(filter: PlainFilter): number | null {
    if (filter.kind === 'all') return this.size
    if (filter.kind === 'none') return 0
    if (filter.kind !== 'test' || filter.field === 'id') return null
    const { field, test } = filter
    if (test.op === 'is') return this.#sizeOf({ field, values: [test.value] })
    return test.op === 'in' ? this.#sizeOf({ field, values: [...new Set(test.values)] }) : null
  }

  /** How the rows that the filter lets in are found with the fewest looks. */
  #wayTo(filter: PlainFilter): Way {
    const routes = routesOf(filter, route => this.#sizeOf(route))
    const size = routes?.reduce((sum, route) => sum + (this.#sizeOf(route) ?? 0), 0) ?? this.size
    if (size > SEARCH_ABOVE) {
      const words = wordsOf(filter, this.type.list.search)
      if (words.length > 0) return { kind: 'words', words, size: this.#texts.guess(words, this.rows.length) }
    }
    // To look at every row in turn is faster than to jump about among half of them.
    if (routes === null || size > this.size / 2) return { kind: 'all' }
    return { kind: 'routes', routes, size }
  }

  /** Slots among which all are that the filter lets in, each once; null: any may be. */
  #candidates(filter: PlainFilter): readonly number[] | null {
    const way = this.#wayTo(filter)
    return way.kind === 'all' ? null : this.#slotsOn(way)
  }

  #slotsOn(way: Exclude<Way, { kind: 'all' }>): readonly number[] {
    if (way.kind === 'words') return this.#texts.find(way.words, this.rows.length)
    const { routes } = way
    const [only] = routes
    if (only !== undefined && routes.length === 1) return this.#slotsOf(only)
    return [...new Set(routes.flatMap(route => this.#slotsOf(route)))]
  }

  #slotsOf({ field, values }: Route): readonly number[] {
    const distinct = values.length > 1 ? [...new Set(values)] : values
    if (field === 'id')
      return distinct.flatMap(value => (typeof value === 'string' ? (this.#slots.get(value) ?? []) : []))
    const postings = this.postings.get(field)
    if (postings === undefined) return []
    const [only] = distinct
    return only !== undefined && distinct.length === 1
      ? postings.of(only)
      : distinct.flatMap(value => postings.of(value))
  }

  #sizeOf({ field, values }: Route): number | null {
    if (field === 'id') return values.length
    const postings = this.postings.get(field)
    if (postings === undefined) return null
    let size = 0
    for (const value of values) size += postings.sizeOf(value)
    return size
  }

  #add(id: string, row: Row): void {
    const slot = this.#free.pop() ?? this.rows.length
    this.rows[slot] = row
    this.#slots.set(id, slot)
    this.#texts.changed(slot)
    for (const [field, postings] of this.postings) postings.add(slot, row[field] ?? null)
    for (const [field, column] of this.numbers) column.add(slot, row[field] ?? null)
    this.#orders.add(slot, row)
  }

  #replace(slot: number, before: Row, row: Row): void {
    const moved = this.#orders.move(slot, before, row)
    for (const [field, postings] of this.postings) {
      if (before[field] === row[field]) continue
      postings.remove(slot)
      postings.add(slot, row[field] ?? null)
    }
    for (const [field, column] of this.numbers) {
      if (before[field] === row[field]) continue
      column.remove(before[field] ?? null)
      column.add(slot, row[field] ?? null)
    }
    this.rows[slot] = row
    this.#texts.changed(slot)
    moved()
  }

  #remove(id: string, slot: number, before: Row): void {
    this.#orders.remove(slot)
    for (const postings of this.postings.values()) postings.remove(slot)
    for (const [field, column] of this.numbers) column.remove(before[field] ?? null)
    this.rows[slot] = null
    this.#texts.changed(slot)
    this.#slots.delete(id)
    this.#free.push(slot)
  }
}

/** All of them are told again with each row that changes them. */
const FIGURES_MAX = 5_000

const tooManyFigures = ({ groups }: FiguresAsked): ListProblem =>
  new ListProblem(
    'BAD_QUERY',
    `groups: ask for what has fewer values than ${groups.join(', ')}: a list tells up to ${FIGURES_MAX} figures.`,
    'groups',
  )

/** So few rows are looked at one by one sooner than all text is searched. */
const SEARCH_ABOVE = 2_000

/** The text of so many rows is searched while one row is looked at. */
const SEARCHED_FOR_ONE_LOOK = 8

/** An order of fewer rows is made in a few milliseconds. */
const PREPARED_ABOVE = 5_000

const EMPTY: readonly Value[] = Object.freeze([])

const LOOK_FOR_ARRAYS_EVERY = 64

/** Few people write many rows. */
const SHARED_NAMES = ['createdBy', 'updatedBy']
const NAMES_MAX = 10_000
