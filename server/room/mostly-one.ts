/** A map for what mostly has one entry: only the second makes it a Map, which takes ten times the memory of an entry. */
export class MostlyOne<K extends string | number, V extends object | number> {
  #key: K | null = null
  #value: V | null = null
  #others: Map<K, V> | null = null

  get size(): number {
    return this.#value === null ? 0 : 1 + (this.#others?.size ?? 0)
  }

  get(key: K): V | undefined {
    return this.#value !== null && this.#key === key ? this.#value : this.#others?.get(key)
  }

  set(key: K, value: V): void {
    if (this.#value === null || this.#key === key) {
      this.#key = key
      this.#value = value
      return
    }
    this.#others ??= new Map()
    this.#others.set(key, value)
  }

  forEach(visit: (value: V, key: K) => void): void {
    if (this.#value !== null && this.#key !== null) visit(this.#value, this.#key)
    this.#others?.forEach(visit)
  }

  keys(): readonly K[] {
    if (this.#key === null) return []
    return this.#others === null ? [this.#key] : [this.#key, ...this.#others.keys()]
  }

  values(): readonly V[] {
    if (this.#value === null) return []
    return this.#others === null ? [this.#value] : [this.#value, ...this.#others.values()]
  }
}
