/**
 * When rooms tell their presence: at once while the server is quiet; while it is busy, spaced so that all presence
 * together stays within a budget of socket writes, which is what presence costs (some 6 µs each, whatever the
 * size). One timer for all rooms.
 */
export interface Paced {
  /** What is due. It may schedule the next. */
  tell(now: number): void
}

/** 24,000 writes a second: a room of 500 is told every 21 ms, one of 2,000 every 84 ms, at a fifth of a core. */
const WRITE_COST_MS = 0.042

/** Nobody sees more than 60 moves a second. */
const INTERVAL_MS_MIN = 16

/** Beyond the budget presence takes more of the processor rather than fall further behind. */
const DELAY_MS_MAX = 100

/** What is due within this time is told with what is due now. */
const SLACK_MS = 2

/** Nothing is planned so far ahead: the clock was set back since. */
const AHEAD_MS_MAX = 60_000

export class Pacer {
  readonly #now: () => number
  readonly #due = new Map<Paced, number>()
  #timer: NodeJS.Timeout | null = null
  #timerAt = Number.POSITIVE_INFINITY
  #immediate: NodeJS.Immediate | null = null
  #budgetUsedUntil = 0

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** Tells as soon as the budget allows. `lastAt` is when it last told, `writes` how many sockets it will write to. */
  soon(paced: Paced, lastAt: number, writes: number): void {
    const now = this.#now()
    const latest = now + DELAY_MS_MAX
    const at = Math.min(latest, Math.max(now, lastAt + INTERVAL_MS_MIN, this.#budgetUsedUntil))
    const planned = this.#due.get(paced)
    if (planned !== undefined && planned <= at) return
    this.#budgetUsedUntil = Math.min(latest, Math.max(at, this.#budgetUsedUntil) + writes * WRITE_COST_MS)
    this.at(paced, at)
  }

  /** Tells at this time, or before if it is due before. */
  at(paced: Paced, at: number): void {
    const planned = this.#due.get(paced)
    if (planned !== undefined && planned <= at) return
    this.#due.set(paced, at)
    this.#arm(at)
  }

  forget(paced: Paced): void {
    this.#due.delete(paced)
  }

  /** Tells everything that is due; the timer does it, and tests do. */
  run(now: number = this.#now()): void {
    const due: Paced[] = []
    for (const [paced, at] of this.#due) if (at <= now + SLACK_MS || at > now + AHEAD_MS_MAX) due.push(paced)
    for (const paced of due) this.#due.delete(paced)
    for (const paced of due) paced.tell(now)
  }

  #arm(at: number): void {
    const now = this.#now()
    if (at <= now) {
      this.#immediate ??= setImmediate(() => {
        this.#immediate = null
        this.run()
      })
      return
    }
    if (at >= this.#timerAt) return
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timerAt = at
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.#timerAt = Number.POSITIVE_INFINITY
      this.run()
      this.#rearm()
    }, at - now)
    // What presence still has to say holds no process back from its end.
    this.#timer.unref()
  }

  #rearm(): void {
    let earliest = Number.POSITIVE_INFINITY
    for (const at of this.#due.values()) earliest = Math.min(earliest, at)
    if (earliest !== Number.POSITIVE_INFINITY) this.#arm(earliest)
  }
}
