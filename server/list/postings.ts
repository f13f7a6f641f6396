import type { Value } from '../../shared/record/value.ts'
import { roomFor } from './room-for.ts'

/**
 * Which rows have which value in one field. Values are numbered, rows are the numbers of their slots: to compare a
 * row's value is to compare a number, and what has a value is one array. What is no scalar has code 0.
 */
export class Postings {
  readonly #codes = new Map<Value, number>()
  readonly #values: Value[] = [null]
  readonly #byCode: number[][] = [[]]
  #codeBySlot = new Uint32Array(0)
  /** Where in its posting a slot stands. */
  #positions = new Uint32Array(0)

  /** The code of each slot. */
  get codes(): Uint32Array {
    return this.#codeBySlot
  }

  get codeCount(): number {
    return this.#values.length
  }

  valueOf(code: number): Value {
    return this.#values[code] ?? null
  }

  /** A value that no row has had gets its code here. */
  codeOf(value: Value): number {
    if (value !== null && typeof value === 'object') return 0
    const known = this.#codes.get(value)
    if (known !== undefined) return known
    const code = this.#values.length
    this.#codes.set(value, code)
    this.#values.push(value)
    this.#byCode.push([])
    return code
  }

  /** For whoever only asks: -1 for a value that no row has had, of which nothing is kept. */
  knownCodeOf(value: Value): number {
    if (value !== null && typeof value === 'object') return 0
    return this.#codes.get(value) ?? -1
  }

  sizeOf(value: Value): number {
    return this.of(value).length
  }

  of(value: Value): readonly number[] {
    const code = this.#codes.get(value)
    return code === undefined ? NOBODY : (this.#byCode[code] ?? NOBODY)
  }

  add(slot: number, value: Value): void {
    this.#codeBySlot = roomFor(this.#codeBySlot, slot)
    this.#positions = roomFor(this.#positions, slot)
    const code = this.codeOf(value)
    const slots = this.#byCode[code] ?? []
    this.#codeBySlot[slot] = code
    this.#positions[slot] = slots.length
    slots.push(slot)
  }

  remove(slot: number): void {
    const slots = this.#byCode[this.#codeBySlot[slot] ?? 0]
    const last = slots?.pop()
    if (slots === undefined || last === undefined) throw new Error('a row is not where its index says')
    if (last === slot) return
    const position = this.#positions[slot] ?? 0
    slots[position] = last
    this.#positions[last] = position
  }
}

const NOBODY: readonly number[] = []
