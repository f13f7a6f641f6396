// How long to wait before the next attempt: from the first delay to the longest, twice as long each time, and each
// time shortened by chance, so that a thousand tablets do not come back in one second.

export interface ReconnectDelayParts {
  readonly firstDelayMs: number
  readonly longestDelayMs: number
  random(): number
}

/** Enough to reach any longest delay, and no number that overflows. */
const DOUBLINGS_MAX = 30

export class ReconnectDelay {
  readonly #parts: ReconnectDelayParts
  #doublings = 0

  constructor(parts: ReconnectDelayParts) {
    this.#parts = parts
  }

  nextMs(): number {
    const { firstDelayMs, longestDelayMs, random } = this.#parts
    const longest = Math.min(longestDelayMs, firstDelayMs * 2 ** this.#doublings)
    this.#doublings = Math.min(this.#doublings + 1, DOUBLINGS_MAX)
    return longest * (0.5 + random() / 2)
  }

  reset(): void {
    this.#doublings = 0
  }
}
