import type { RecordType } from '../../shared/record/record-type.ts'
import type { Row } from '../../shared/record/filter.ts'
import {
  compareIds,
  compareOrderKeys,
  type OrderKey,
  orderKey,
  ordersOf,
} from '../../shared/record/row-order.ts'
import type { NumberColumn } from './number-column.ts'
import { OrderedSlots } from './ordered-slots.ts'
import { slicedSort } from './sliced-sort.ts'

interface Order {
  readonly slots: OrderedSlots
  /** By slot; null where the column of numbers says it. */
  readonly texts: OrderKey[] | null
}

/** An order that is being made: slots that changed since it was begun are put in at its end. */
interface Making {
  readonly changed: Set<number>
  done: Promise<void>
}

/** How many texts are folded before others have their turn. */
const FOLDED_AT_ONCE = 4_096

/**
 * The declared orders of a table. Numbers are read from their column; the keys of text are kept, since to fold it
 * again for every comparison would cost more than they do. An order of many rows is made ahead, in pieces, by
 * `prepare`; one that is asked for before is made at once.
 */
export class TableOrders {
  readonly #type: RecordType
  readonly #rows: readonly (Row | null)[]
  readonly #numbers: ReadonlyMap<string, NumberColumn>
  readonly #orders = new Map<string, Order>()
  readonly #making = new Map<string, Making>()

  constructor(type: RecordType, rows: readonly (Row | null)[], numbers: ReadonlyMap<string, NumberColumn>) {
    this.#type = type
    this.#rows = rows
    this.#numbers = numbers
  }

  has(field: string): boolean {
    return this.#orders.has(field)
  }

  of(field: string): OrderedSlots {
    const known = this.#orders.get(field)
    if (known !== undefined) return known.slots
    this.#assertDeclared(field)
    const order = this.#empty(field)
    const standing: number[] = []
    for (const [slot, row] of this.#rows.entries()) {
      if (row === null) continue
      if (order.texts !== null) order.texts[slot] = orderKey(row[field])
      standing.push(slot)
    }
    order.slots.build(standing)
    this.#orders.set(field, order)
    return order.slots
  }

  prepare(field: string, pause: () => Promise<void>): Promise<void> {
    if (this.#orders.has(field)) return Promise.resolve()
    const known = this.#making.get(field)
    if (known !== undefined) return known.done
    this.#assertDeclared(field)
    const making: Making = { changed: new Set(), done: Promise.resolve() }
    this.#making.set(field, making)
    making.done = this.#make(field, making.changed, pause).finally(() => this.#making.delete(field))
    return making.done
  }

  /** The row is in the table and its columns. */
  add(slot: number, row: Row): void {
    for (const { changed } of this.#making.values()) changed.add(slot)
    for (const [field, order] of this.#orders) this.#putIn(field, order, slot, row)
  }

  /** The row is still in the table and its columns. */
  remove(slot: number): void {
    for (const { changed } of this.#making.values()) changed.add(slot)
    for (const { slots } of this.#orders.values()) slots.remove(slot)
  }

  /** Takes the slot out of the orders in which it moves; the answer puts it back when table and columns have the new row. */
  move(slot: number, before: Row, row: Row): () => void {
    for (const [field, { changed }] of this.#making) if (before[field] !== row[field]) changed.add(slot)
    const moved: string[] = []
    for (const [field, { slots, texts }] of this.#orders) {
      if (before[field] === row[field]) continue
      if (texts !== null && compareOrderKeys(texts[slot] ?? null, orderKey(row[field])) === 0) continue
      slots.remove(slot)
      moved.push(field)
    }
    return () => {
      for (const field of moved) {
        const order = this.#orders.get(field)
        if (order !== undefined) this.#putIn(field, order, slot, row)
      }
    }
  }

  #putIn(field: string, { slots, texts }: Order, slot: number, row: Row): void {
    if (texts !== null) texts[slot] = orderKey(row[field])
    else if (!this.#isAllNumbers(field)) {
      // The first text among numbers: the order is made anew, with keys.
      this.#orders.delete(field)
      return
    }
    slots.insert(slot)
  }

  #isAllNumbers(field: string): boolean {
    return this.#numbers.get(field)?.isWhole === true
  }

  #assertDeclared(field: string): void {
    if (!ordersOf(this.#type).includes(field)) throw new Error(`${this.#type.name} has no order by ${field}`)
  }

  #empty(field: string): Order {
    const idOf = (slot: number): string => this.#rows[slot]?.id ?? ''
    const column = this.#numbers.get(field)
    if (column?.isWhole) {
      const keyOf = (slot: number): OrderKey => asKey(column.numbers[slot])
      return { slots: new OrderedSlots({ keyOf, idOf }), texts: null }
    }
    const texts: OrderKey[] = []
    return { slots: new OrderedSlots({ keyOf: slot => texts[slot] ?? null, idOf }), texts }
  }

  async #make(field: string, changed: Set<number>, pause: () => Promise<void>): Promise<void> {
    const order = this.#empty(field)
    const { texts } = order
    const numbers = texts === null ? this.#numbers.get(field)?.numbers.slice() : undefined
    // As they are now, whatever the slots hold when the sorting is done.
    const ids = this.#rows.map(row => row?.id ?? '')
    const standing: number[] = []
    for (const [slot, row] of [...this.#rows].entries()) {
      if (row === null) continue
      standing.push(slot)
      if (texts === null) continue
      texts[slot] = orderKey(row[field])
      if (standing.length % FOLDED_AT_ONCE === 0) await pause()
    }
    const keyOf = (slot: number): OrderKey =>
      texts === null ? asKey(numbers?.[slot]) : (texts[slot] ?? null)
    const compare = (a: number, b: number): number =>
      compareOrderKeys(keyOf(a), keyOf(b)) || compareIds(ids[a] ?? '', ids[b] ?? '')
    const sorted = await slicedSort(Uint32Array.from(standing), compare, pause)
    if (this.#orders.has(field) || (texts === null && !this.#isAllNumbers(field))) return
    order.slots.adopt(Array.from(sorted).filter(slot => !changed.has(slot)))
    this.#orders.set(field, order)
    for (const slot of changed) {
      const row = this.#rows[slot]
      if (row != null && this.#orders.get(field) === order) this.#putIn(field, order, slot, row)
    }
  }
}

const asKey = (number: number | undefined): OrderKey =>
  number === undefined || Number.isNaN(number) ? null : number
