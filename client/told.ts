// Listeners of one thing. Telling is safe against listeners that leave, or join, while they are told, and against
// those that fail: what they are told of has happened, and goes its way.

/** Where errors that nobody catches are heard of, as by what watches a page; it ends no program. */
export const report = (error: unknown): void => {
  if (typeof globalThis.reportError === 'function') globalThis.reportError(error)
  else console.error(error)
}

/** One that fails later, as an async function does, is heard of too. */
export const tellOne = <T extends readonly unknown[]>(tell: (...of: T) => unknown, ...of: T): void => {
  try {
    const given = tell(...of)
    if (given instanceof Promise) given.catch(report)
  } catch (error) {
    report(error)
  }
}

/** What is no function would fail when something has happened, far from whoever gave it. */
export const assertListener = (tell: unknown): void => {
  if (typeof tell !== 'function')
    throw new TypeError(`a listener is a function, and «${String(tell)}» is none`)
}

export class Told {
  readonly #listeners = new Set<() => unknown>()

  readonly subscribe = (tell: () => void): (() => void) => {
    assertListener(tell)
    // A function given twice is two listeners, as each of its givers will take it off.
    const listener = (): unknown => tell()
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  tell(): void {
    for (const listener of [...this.#listeners]) if (this.#listeners.has(listener)) tellOne(listener)
  }

  get size(): number {
    return this.#listeners.size
  }

  clear(): void {
    this.#listeners.clear()
  }
}
