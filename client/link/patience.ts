// How long to wait for a sign of life. Whoever gave up too early on a slow line waits longer the next time; whoever is
// answered soon waits less again, step by step, since the next large message may be as slow as the last.

export interface PatienceBounds {
  readonly shortestMs: number
  readonly longestMs: number
}

export class Patience {
  readonly #bounds: PatienceBounds
  #ms: number

  constructor(bounds: PatienceBounds) {
    this.#bounds = bounds
    this.#ms = bounds.shortestMs
  }

  get ms(): number {
    return this.#ms
  }

  gaveUp(): void {
    this.#is(this.#ms * 2)
  }

  answeredWithin(ms: number): void {
    this.#is(Math.max(this.#ms / 2, ms * 2))
  }

  #is(ms: number): void {
    const { shortestMs, longestMs } = this.#bounds
    this.#ms = Math.min(longestMs, Math.max(shortestMs, ms))
  }
}
