import type { RecordType } from '../../shared/record/define-record.ts'
import type { Row } from '../../shared/record/filter.ts'
import { compareOrderKeys, type OrderKey, orderKey } from '../../shared/record/row-order.ts'
import type { NumberColumn } from './number-column.ts'
import { OrderedSlots } from './ordered-slots.ts'
import { ordersOf } from './row-keys.ts'

/**
 * The declared orders of a table, each made when a list first asks for it. Numbers are read from their column; the
 * keys of text are kept, since to fold it again for every comparison would cost more than they do.
 */
export class TableOrders {
  readonly #type: RecordType
  readonly #rows: readonly (Row | null)[]
  readonly #numbers: ReadonlyMap<string, NumberColumn>
  readonly #orders = new Map<string, { readonly slots: OrderedSlots; readonly texts: OrderKey[] | null }>()

  constructor(type: RecordType, rows: readonly (Row | null)[], numbers: ReadonlyMap<string, NumberColumn>) {
    this.#type = type
    this.#rows = rows
    this.#numbers = numbers
  }

  of(field: string): OrderedSlots {
    const known = this.#orders.get(field)
    if (known !== undefined) return known.slots
    if (!ordersOf(this.#type).includes(field)) throw new Error(`${this.#type.name} has no order by ${field}`)
    const standing: number[] = []
    for (const [slot, row] of this.#rows.entries()) if (row !== null) standing.push(slot)
    const idOf = (slot: number): string => this.#rows[slot]?.id ?? ''
    const column = this.#numbers.get(field)
    let texts: OrderKey[] | null = null
    let slots: OrderedSlots
    if (column?.isWhole) {
      const keyOf = (slot: number): OrderKey => {
        const number = column.numbers[slot] ?? Number.NaN
        return Number.isNaN(number) ? null : number
      }
      slots = new OrderedSlots({ keyOf, idOf })
    } else {
      const keys = this.#rows.map(row => (row === null ? null : orderKey(row[field])))
      texts = keys
      slots = new OrderedSlots({ keyOf: slot => keys[slot] ?? null, idOf })
    }
    slots.build(standing)
    this.#orders.set(field, { slots, texts })
    return slots
  }

  /** The row is in the table and its columns. */
  add(slot: number, row: Row): void {
    for (const [field, { slots, texts }] of this.#orders) {
      if (texts !== null) texts[slot] = orderKey(row[field])
      else if (this.#numbers.get(field)?.isWhole !== true) {
        this.#orders.delete(field)
        continue
      }
      slots.insert(slot)
    }
  }

  /** The row is still in the table and its columns. */
  remove(slot: number): void {
    for (const { slots } of this.#orders.values()) slots.remove(slot)
  }

  /** Takes the slot out of the orders in which it moves; the answer puts it back when table and columns have the new row. */
  move(slot: number, before: Row, row: Row): () => void {
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
        if (order === undefined) continue
        if (order.texts !== null) order.texts[slot] = orderKey(row[field])
        else if (this.#numbers.get(field)?.isWhole !== true) {
          this.#orders.delete(field)
          continue
        }
        order.slots.insert(slot)
      }
    }
  }
}
