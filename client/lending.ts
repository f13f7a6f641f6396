// Things that several may have at once, by name. One that nobody has any more stays for a moment, since a screen
// that is drawn anew asks for it again at once, and for as long as it has something to finish. Whoever is lent one
// gives back their own and no other's, however often they close it.

import type { Surroundings } from './surroundings.ts'

export interface LendingParts<T> {
  readonly surroundings: Pick<Surroundings, 'after'>
  readonly lingerMs: number
  /** Whether it may go, as far as itself is concerned. */
  isDone(thing: T): boolean
  shut(thing: T): void
}

interface Lent<T> {
  readonly key: string
  readonly thing: T
  references: number
  cancelShut: (() => void) | null
}

export class Lending<T extends { close(): void }> {
  readonly #parts: LendingParts<T>
  readonly #lent = new Map<string, Lent<T>>()

  constructor(parts: LendingParts<T>) {
    this.#parts = parts
  }

  get size(): number {
    return this.#lent.size
  }

  has(key: string): boolean {
    return this.#lent.has(key)
  }

  get(key: string): T | undefined {
    return this.#lent.get(key)?.thing
  }

  *things(): Generator<T> {
    for (const { thing } of this.#lent.values()) yield thing
  }

  /** One reference more, which its `close` gives back. */
  lend(key: string, make: () => T): T {
    const lent = this.#find(key, make)
    lent.references++
    lent.cancelShut?.()
    lent.cancelShut = null
    return closedBy(lent.thing, () => {
      lent.references--
      if (this.#lent.get(key) === lent) this.#shutIfDone(lent)
    })
  }

  /** Without a reference: unless somebody lends it meanwhile, it goes by itself. */
  glance(key: string, make: () => T): T {
    const lent = this.#find(key, make)
    this.#shutIfDone(lent)
    return lent.thing
  }

  /** Something may have become done. */
  look(): void {
    for (const lent of this.#lent.values()) this.#shutIfDone(lent)
  }

  /** Nothing is lent any more; what was is for the caller to shut. */
  takeAll(): T[] {
    const all = [...this.#lent.values()]
    this.#lent.clear()
    for (const { cancelShut } of all) cancelShut?.()
    return all.map(({ thing }) => thing)
  }

  #find(key: string, make: () => T): Lent<T> {
    let lent = this.#lent.get(key)
    if (lent === undefined) {
      lent = { key, thing: make(), references: 0, cancelShut: null }
      this.#lent.set(key, lent)
    }
    return lent
  }

  #shutIfDone(lent: Lent<T>): void {
    const { surroundings, lingerMs, isDone, shut } = this.#parts
    if (lent.references > 0 || lent.cancelShut !== null || !isDone(lent.thing)) return
    lent.cancelShut = surroundings.after(lingerMs, () => {
      lent.cancelShut = null
      if (lent.references > 0 || !isDone(lent.thing)) return
      this.#lent.delete(lent.key)
      shut(lent.thing)
    })
  }
}

/** The thing as it is, but that `close` does this, once. */
const closedBy = <T extends { close(): void }>(thing: T, give: () => void): T => {
  const methods = new Map<unknown, unknown>()
  let isHeld = true
  const close = (): void => {
    if (isHeld) give()
    isHeld = false
  }
  return new Proxy(thing, {
    get(_, name) {
      if (name === 'close') return close
      const value: unknown = Reflect.get(thing, name)
      if (typeof value !== 'function') return value
      // The same function each time, as it would be without this in between.
      if (!methods.has(value)) methods.set(value, value.bind(thing))
      return methods.get(value)
    },
  })
}
