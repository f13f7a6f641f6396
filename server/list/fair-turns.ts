/**
 * Work that can be asked for faster than it is done, as rows of long lists are. Each turn of the event loop does some
 * of it, a piece for one asker after the other; in between everybody else is served.
 */
export class FairTurns {
  readonly #time: FairTime
  /** By asker, in the order in which it is their turn; each one's pieces by what they are for. */
  readonly #waiting = new Map<unknown, Map<unknown, () => void>>()
  #spentMs = 0
  #isAsked = false

  constructor(time: FairTime = realTime) {
    this.#time = time
  }

  /** At once, where nothing waits and the turn has time left. What waits for the same is not done any more. */
  run(asker: unknown, what: unknown, work: () => void): void {
    this.drop(asker, what)
    if (this.#waiting.size === 0 && this.#spentMs < TURN_MS) {
      this.#do(work)
      return
    }
    const own = this.#waiting.get(asker)
    if (own === undefined) this.#waiting.set(asker, new Map([[what, work]]))
    else own.set(what, work)
  }

  /** As `run`, for what gives something. */
  done<T>(asker: unknown, work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.run(asker, resolve, () => {
        try {
          resolve(work())
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  drop(asker: unknown, what: unknown): void {
    const own = this.#waiting.get(asker)
    if (own?.delete(what) === true && own.size === 0) this.#waiting.delete(asker)
  }

  #do(work: () => void): void {
    const before = this.#time.now()
    // Also what fails has taken its time, and is the asker's.
    try {
      work()
    } finally {
      this.#spentMs += this.#time.now() - before
      this.#ask()
    }
  }

  #ask(): void {
    if (this.#isAsked) return
    this.#isAsked = true
    const next = (): void => this.#nextTurn()
    if (this.#spentMs < LONG_MS) this.#time.afterReads(next)
    else this.#time.after(this.#spentMs / 4, next)
  }

  #nextTurn(): void {
    this.#isAsked = false
    this.#spentMs = 0
    for (let next = this.#next(); next !== null; next = this.#next()) this.#do(next)
  }

  /** Null: nothing waits, or the turn has no time left. */
  #next(): (() => void) | null {
    if (this.#spentMs >= TURN_MS) return null
    for (const [asker, own] of this.#waiting) {
      this.#waiting.delete(asker)
      const [first] = own
      if (first === undefined) continue
      own.delete(first[0])
      if (own.size > 0) this.#waiting.set(asker, own)
      return first[1]
    }
    return null
  }
}

export interface FairTime {
  now(): number
  /** Calls back once all that could be read has been. */
  afterReads(run: () => void): void
  after(ms: number, run: () => void): void
}

/** A list of some thousand rows takes about as long. */
export const TURN_MS = 10
/**
 * Behind a piece that took as long, everybody else gets time, not only a turn: an edit needs several turns and a sync
 * of the disk, and each would wait for another such piece.
 */
const LONG_MS = 3 * TURN_MS

const realTime: FairTime = {
  now: () => performance.now(),
  afterReads: run => void setImmediate(run),
  after: (ms, run) => void setTimeout(run, ms),
}
