// Whoever types does so for a while. Watchers are told when somebody sits down to the texts of a record, and then
// once an hour, instead of for each word. What is remembered is of this process: after a restart one is told again.

const PAUSE_MS = 10 * 60_000
const LONG_MS = 60 * 60_000
const KNOWN_MAX = 10_000

interface Sitting {
  readonly told: number
  readonly typed: number
}

export class TextSittings {
  readonly #known = new Map<string, Sitting>()

  /** Whether what is typed now is to be told. */
  isNew(room: string, by: string, at: number): boolean {
    const sitting = this.#known.get(keyOf(room, by))
    return sitting === undefined || at - sitting.typed > PAUSE_MS || at - sitting.told > LONG_MS
  }

  typed(room: string, by: string, at: number): void {
    const key = keyOf(room, by)
    const told = this.isNew(room, by, at) ? at : (this.#known.get(key)?.told ?? at)
    // Behind all others, so that the first are those that ended the longest ago.
    this.#known.delete(key)
    this.#known.set(key, { told, typed: at })
    for (const [first, { typed }] of this.#known) {
      if (this.#known.size <= KNOWN_MAX && at - typed <= PAUSE_MS) break
      this.#known.delete(first)
    }
  }
}

const keyOf = (room: string, by: string): string => `${by}\0${room}`
