import { compareIds, compareOrderKeys, type OrderKey } from '../../shared/record/row-order.ts'

/**
 * The rows of a table in the order of one field, by the numbers of their slots. In chunks, so that a row that moves
 * costs a few hundred places and not all of them.
 */
const CHUNK_MAX = 512

export interface Place {
  readonly key: OrderKey
  readonly id: string
}

/** What stands where, by slot; it must not change while the slot is in the order. */
export interface SlotKeys {
  keyOf(slot: number): OrderKey
  idOf(slot: number): string
}

export class OrderedSlots {
  readonly #keys: SlotKeys
  readonly #chunks: number[][] = []

  constructor(keys: SlotKeys) {
    this.#keys = keys
  }

  /** Takes many at once, into an empty index. */
  build(slots: number[]): void {
    slots.sort((a, b) => this.compare(a, b))
    this.adopt(slots)
  }

  /** The same with slots that stand in order already. */
  adopt(slots: readonly number[]): void {
    // Room is left for what comes later.
    const size = CHUNK_MAX >> 1
    for (let i = 0; i < slots.length; i += size) this.#chunks.push(slots.slice(i, i + size))
  }

  insert(slot: number): void {
    const key = this.#keys.keyOf(slot)
    const at = this.#chunkOf(key, this.#keys.idOf(slot))
    const chunk = this.#chunks[at]
    if (chunk === undefined) {
      this.#chunks.push([slot])
      return
    }
    chunk.splice(this.#indexIn(chunk, key, this.#keys.idOf(slot)), 0, slot)
    if (chunk.length > CHUNK_MAX) this.#chunks.splice(at + 1, 0, chunk.splice(CHUNK_MAX >> 1))
  }

  remove(slot: number): void {
    const key = this.#keys.keyOf(slot)
    const at = this.#chunkOf(key, this.#keys.idOf(slot))
    const chunk = this.#chunks[at]
    const index = chunk === undefined ? -1 : this.#indexIn(chunk, key, this.#keys.idOf(slot))
    if (chunk === undefined || chunk[index] !== slot) throw new Error('a row is not where its index says')
    chunk.splice(index, 1)
    if (chunk.length === 0) this.#chunks.splice(at, 1)
  }

  /** In order from behind a place, or from the beginning, until `visit` says stop by false. */
  walk(after: Place | null, isReverse: boolean, visit: (slot: number) => boolean): void {
    if (isReverse) this.#walkBack(after, visit)
    else this.#walkOn(after, visit)
  }

  compare(a: number, b: number): number {
    const keys = this.#keys
    return compareOrderKeys(keys.keyOf(a), keys.keyOf(b)) || compareIds(keys.idOf(a), keys.idOf(b))
  }

  comparePlace(slot: number, { key, id }: Place): number {
    return this.#comparePlace(slot, key, id)
  }

  #walkOn(after: Place | null, visit: (slot: number) => boolean): void {
    let at = after === null ? 0 : this.#chunkOf(after.key, after.id)
    let index = 0
    const first = this.#chunks[at]
    if (after !== null && first !== undefined) {
      index = this.#indexIn(first, after.key, after.id)
      const slot = first[index]
      if (slot !== undefined && this.#comparePlace(slot, after.key, after.id) === 0) index++
    }
    for (let chunk = first; chunk !== undefined; chunk = this.#chunks[++at]) {
      for (; index < chunk.length; index++) if (!visit(chunk[index] as number)) return
      index = 0
    }
  }

  #walkBack(after: Place | null, visit: (slot: number) => boolean): void {
    let at = after === null ? this.#chunks.length - 1 : this.#chunkOf(after.key, after.id)
    let chunk = this.#chunks[at]
    if (chunk === undefined) return
    let index = (after === null ? chunk.length : this.#indexIn(chunk, after.key, after.id)) - 1
    for (;;) {
      for (; index >= 0; index--) if (!visit(chunk[index] as number)) return
      chunk = this.#chunks[--at]
      if (chunk === undefined) return
      index = chunk.length - 1
    }
  }

  /** The chunk in which a place is, or would be. */
  #chunkOf(key: OrderKey, id: string): number {
    let low = 0
    let high = this.#chunks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      const first = this.#chunks[middle]?.[0]
      if (first !== undefined && this.#comparePlace(first, key, id) <= 0) low = middle
      else high = middle - 1
    }
    return low
  }

  #indexIn(chunk: readonly number[], key: OrderKey, id: string): number {
    let low = 0
    let high = chunk.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#comparePlace(chunk[middle] as number, key, id) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  #comparePlace(slot: number, key: OrderKey, id: string): number {
    return compareOrderKeys(this.#keys.keyOf(slot), key) || compareIds(this.#keys.idOf(slot), id)
  }
}
