import type { CommitTime } from '../../server/store/group-commit.ts'

/** Time that passes when the test says so. */
export class HandClock implements CommitTime {
  #now = 0
  #turns: (() => void)[] = []
  #timers: { at: number; run: () => void }[] = []

  now(): number {
    return this.#now
  }

  soon(run: () => void): void {
    this.#turns.push(run)
  }

  later(run: () => void, ms: number): () => void {
    const timer = { at: this.#now + ms, run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter(other => other !== timer)
    }
  }

  /** When the next timer is due, from now; null if none is set. */
  get nextMs(): number | null {
    const next = Math.min(...this.#timers.map(({ at }) => at))
    return Number.isFinite(next) ? next - this.#now : null
  }

  /** Ends this turn of the loop, and lets what it set off settle. */
  async turn(): Promise<void> {
    const turns = this.#turns
    this.#turns = []
    for (const run of turns) run()
    await settled()
  }

  async pass(ms: number): Promise<void> {
    this.#now += ms
    for (;;) {
      const due = this.#timers.filter(({ at }) => at <= this.#now).sort((a, b) => a.at - b.at)[0]
      if (due === undefined) break
      this.#timers = this.#timers.filter(timer => timer !== due)
      due.run()
      await settled()
    }
  }
}

/** Lets all promises run that wait for nothing outside. */
export const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
