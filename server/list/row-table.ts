// All rows of one record type, in memory, as the last commit left them. A list is read from here in one go, so that
// a page is of one moment however much is committed meanwhile.

import type { RecordType } from '../../shared/record/define-record.ts'
import type { Row } from '../../shared/record/filter.ts'
import { compareOrderKeys, type Direction, orderKey } from '../../shared/record/row-order.ts'
import type { Value } from '../../shared/record/value.ts'
import { OrderedSlots, type Place } from './ordered-slots.ts'
import type { PlainFilter } from './plain-filter.ts'
import { Postings } from './postings.ts'
import { type Predicate, searchText } from './predicate.ts'
import { ordersOf, postedFieldsOf } from './row-keys.ts'
import { type Route, routesOf } from './routes.ts'

export interface Selection {
  readonly filter: PlainFilter
  readonly predicate: Predicate
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

export class RowTable {
  readonly type: RecordType
  readonly #rows: (Row | null)[] = []
  readonly #slots = new Map<string, number>()
  readonly #free: number[] = []
  readonly #orders = new Map<string, OrderedSlots>()
  readonly #postings: ReadonlyMap<string, Postings>
  readonly #texts: (string | undefined)[] = []

  constructor(type: RecordType) {
    this.type = type
    this.#postings = new Map(postedFieldsOf(type).map(field => [field, new Postings()]))
  }

  get size(): number {
    return this.#slots.size
  }

  get(id: string): Row | null {
    const slot = this.#slots.get(id)
    return slot === undefined ? null : (this.#rows[slot] ?? null)
  }

  *values(): Generator<Row> {
    for (const row of this.#rows) if (row !== null) yield row
  }

  /** Gives the row that was there before. */
  set(id: string, row: Row | null): Row | null {
    const slot = this.#slots.get(id)
    if (slot === undefined) {
      if (row !== null) this.#add(id, row)
      return null
    }
    const before = this.#rows[slot] ?? null
    if (before === null) throw new Error('a row is not where its index says')
    if (row === null) this.#remove(id, slot, before)
    else this.#replace(slot, before, row)
    return before
  }

  /** Every row that the filter lets in, in no order. */
  each(filter: PlainFilter, predicate: Predicate, visit: (row: Row) => void): void {
    const slots = this.#candidates(filter)
    if (slots === null) {
      for (const row of this.#rows) if (row !== null && predicate(row)) visit(row)
      return
    }
    for (const slot of slots) {
      const row = this.#rows[slot]
      if (row != null && predicate(row)) visit(row)
    }
  }

  /** How many the filter lets in, where an index knows it without looking at them. */
  knownSize(filter: PlainFilter): number | null {
    if (filter.kind === 'all') return this.size
    if (filter.kind === 'none') return 0
    if (filter.kind !== 'test' || filter.field === 'id') return null
    const { field, test } = filter
    if (test.op === 'is') return this.#sizeOf({ field, values: [test.value] })
    return test.op === 'in' ? this.#sizeOf({ field, values: [...new Set(test.values)] }) : null
  }

  /** The first of what the filter lets in, in order. */
  select(selection: Selection): Selected {
    const { filter, want } = selection
    if (filter.kind === 'none') return { rows: [], isComplete: true }
    const order = this.#order(selection.field)
    const slots = this.#candidates(filter)
    // As if what the filter lets in were spread evenly over the order.
    const looksInOrder = slots === null ? 0 : (want * this.size) / (slots.length + 1)
    return slots === null || looksInOrder < slots.length
      ? this.#walk(selection, order)
      : this.#gather(selection, order, slots)
  }

  textOf = (row: Row): string => {
    const slot = this.#slots.get(row.id)
    if (slot === undefined || this.#rows[slot] !== row) return searchText(row, this.type.list.search)
    const known = this.#texts[slot] ?? searchText(row, this.type.list.search)
    this.#texts[slot] = known
    return known
  }

  /** In the order of a field, for who reads on and on and stops when it has enough. */
  walk(field: string, direction: Direction, after: Place | null, visit: (row: Row) => boolean): void {
    this.#order(field).walk(after, direction === 'desc', slot => {
      const row = this.#rows[slot]
      return row == null || visit(row)
    })
  }

  #walk({ predicate, direction, after, want }: Selection, order: OrderedSlots): Selected {
    const rows: Row[] = []
    let isComplete = true
    order.walk(after, direction === 'desc', slot => {
      const row = this.#rows[slot]
      if (row == null || !predicate(row)) return true
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
    { predicate, direction, after, want }: Selection,
    order: OrderedSlots,
    slots: readonly number[],
  ): Selected {
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
      const row = this.#rows[slot]
      if (row == null || !predicate(row)) continue
      if (after !== null && sign * order.comparePlace(slot, after) <= 0) continue
      found.push(slot)
      if (found.length > 2 * want + 64) cut()
    }
    cut()
    return { rows: found.flatMap(slot => this.#rows[slot] ?? []), isComplete }
  }

  #candidates(filter: PlainFilter): readonly number[] | null {
    const routes = routesOf(filter, route => this.#sizeOf(route))
    if (routes === null) return null
    const [only] = routes
    const [value] = only?.values ?? []
    if (only !== undefined && routes.length === 1 && only.values.length === 1 && only.field !== 'id')
      return this.#postings.get(only.field)?.of(value ?? null) ?? []
    const slots = new Set<number>()
    for (const { field, values } of routes) {
      for (const each of values) {
        if (field === 'id') {
          const slot = typeof each === 'string' ? this.#slots.get(each) : undefined
          if (slot !== undefined) slots.add(slot)
        } else for (const slot of this.#postings.get(field)?.of(each) ?? []) slots.add(slot)
      }
    }
    return [...slots]
  }

  #sizeOf({ field, values }: Route): number | null {
    if (field === 'id') return values.length
    const postings = this.#postings.get(field)
    if (postings === undefined) return null
    let size = 0
    for (const value of values) size += postings.sizeOf(value)
    return size
  }

  #order(field: string): OrderedSlots {
    const known = this.#orders.get(field)
    if (known !== undefined) return known
    if (!ordersOf(this.type).includes(field)) throw new Error(`${this.type.name} has no order by ${field}`)
    const order = new OrderedSlots(slot => this.#rows[slot]?.id ?? '')
    order.build([...this.#slots.values()], slot => orderKey(this.#rows[slot]?.[field]))
    this.#orders.set(field, order)
    return order
  }

  #add(id: string, row: Row): void {
    const slot = this.#free.pop() ?? this.#rows.length
    this.#rows[slot] = row
    this.#slots.set(id, slot)
    for (const [field, postings] of this.#postings) postings.add(slot, row[field] ?? null)
    for (const [field, order] of this.#orders) order.insert(slot, orderKey(row[field]))
  }

  #replace(slot: number, before: Row, row: Row): void {
    for (const [field, postings] of this.#postings) {
      const [from, to]: Value[] = [before[field] ?? null, row[field] ?? null]
      if (from === to) continue
      postings.remove(slot, from ?? null)
      postings.add(slot, to ?? null)
    }
    for (const [field, order] of this.#orders) {
      if (before[field] === row[field]) continue
      const key = orderKey(row[field])
      if (compareOrderKeys(order.keyOf(slot), key) === 0) continue
      order.remove(slot)
      order.insert(slot, key)
    }
    this.#rows[slot] = row
    this.#texts[slot] = undefined
  }

  #remove(id: string, slot: number, before: Row): void {
    for (const order of this.#orders.values()) order.remove(slot)
    for (const [field, postings] of this.#postings) postings.remove(slot, before[field] ?? null)
    this.#rows[slot] = null
    this.#texts[slot] = undefined
    this.#slots.delete(id)
    this.#free.push(slot)
  }
}
