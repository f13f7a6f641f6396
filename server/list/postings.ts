import type { Value } from '../../shared/record/value.ts'

/** Which rows have which value in one field, by the numbers of their slots. What is no scalar is not kept. */
export class Postings {
  readonly #byValue = new Map<Value, number[]>()
  /** Where in its posting a slot stands. */
  readonly #positions: number[] = []

  sizeOf(value: Value): number {
    return this.#byValue.get(value)?.length ?? 0
  }

  of(value: Value): readonly number[] {
    return this.#byValue.get(value) ?? NOBODY
  }

  add(slot: number, value: Value): void {
    if (!isScalar(value)) return
    const slots = this.#byValue.get(value)
    if (slots === undefined) {
      this.#byValue.set(value, [slot])
      this.#positions[slot] = 0
    } else {
      this.#positions[slot] = slots.length
      slots.push(slot)
    }
  }

  remove(slot: number, value: Value): void {
    if (!isScalar(value)) return
    const slots = this.#byValue.get(value)
    const position = this.#positions[slot]
    const last = slots?.pop()
    if (slots === undefined || position === undefined || last === undefined)
      throw new Error('a row is not where its index says')
    if (last !== slot) {
      slots[position] = last
      this.#positions[last] = position
    }
    if (slots.length === 0) this.#byValue.delete(value)
  }
}

const NOBODY: readonly number[] = []

const isScalar = (value: Value): boolean => value === null || typeof value !== 'object'
