// Listeners of one thing. Telling is safe against listeners that leave, or join, while they are told.

export class Told {
  readonly #listeners = new Set<() => void>()

  readonly subscribe = (tell: () => void): (() => void) => {
    // A function given twice is two listeners, as each of its givers will take it off.
    const listener = (): void => tell()
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  tell(): void {
    for (const listener of [...this.#listeners]) if (this.#listeners.has(listener)) listener()
  }

  get size(): number {
    return this.#listeners.size
  }

  clear(): void {
    this.#listeners.clear()
  }
}
