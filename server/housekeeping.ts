/** So often it is looked whether something is due. */
const LOOK_MS = 600_000

export interface HousekeepingParts {
  /** A server that is stopped every night does it once a day all the same. */
  readonly everyMs: number
  readonly isClockSteady: () => boolean
  /** Comes to its end soon after the signal; what is left is done another time. */
  readonly work: (ending: AbortSignal) => Promise<unknown>
  readonly failed: (error: unknown) => void
  readonly monotonic?: () => number
}

/** Lets go of what is old: now and then, never twice at once, and not by a clock that may be wrong. */
export class Housekeeping {
  readonly #parts: HousekeepingParts
  readonly #monotonic: () => number
  #timer: NodeJS.Timeout | null = null
  #ending = new AbortController()
  #working: Promise<void> | null = null
  #begunAt = Number.NEGATIVE_INFINITY

  constructor(parts: HousekeepingParts) {
    this.#parts = parts
    this.#monotonic = parts.monotonic ?? (() => performance.now())
  }

  start(): void {
    this.#ending = new AbortController()
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
    this.#timer.unref()
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    this.#ending.abort()
    await this.#working
  }

  #look(): void {
    const { everyMs, isClockSteady, work, failed } = this.#parts
    // Asked each time, or it would miss a leap.
    const isSteady = isClockSteady()
    const at = this.#monotonic()
    if (!isSteady || this.#working !== null || at - this.#begunAt < everyMs) return
    this.#begunAt = at
    this.#working = work(this.#ending.signal)
      .then(() => {}, failed)
      .finally(() => {
        this.#working = null
      })
  }
}
