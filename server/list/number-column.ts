import type { Value } from '../../shared/record/value.ts'
import { roomFor } from './room-for.ts'

/** The numbers of one field side by side, by slot; NaN where there is none. */
export class NumberColumn {
  #numbers = new Float64Array(0)
  #othersCount = 0

  get numbers(): Float64Array {
    return this.#numbers
  }

  /** Every value is a number or null, so that the column says all there is to say. */
  get isWhole(): boolean {
    return this.#othersCount === 0
  }

  add(slot: number, value: Value): void {
    // A field of text has no column.
    if (typeof value === 'number') this.#numbers = roomFor(this.#numbers, slot, Number.NaN)
    if (slot < this.#numbers.length) this.#numbers[slot] = typeof value === 'number' ? value : Number.NaN
    if (isOther(value)) this.#othersCount++
  }

  remove(value: Value): void {
    if (isOther(value)) this.#othersCount--
  }
}

const isOther = (value: Value): boolean => value !== null && typeof value !== 'number'
