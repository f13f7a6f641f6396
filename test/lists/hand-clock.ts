import type { ListTime } from '../../server/list/live-lists.ts'

/** Time that moves when the test says so. */
export class HandClock implements ListTime {
  #now = 0
  readonly #due = new Set<{ readonly at: number; readonly run: () => void }>()

  now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run }
    this.#due.add(timer)
    return () => this.#due.delete(timer)
  }

  advance(ms: number): void {
    const until = this.#now + ms
    for (;;) {
      const next = [...this.#due].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      this.#due.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.run()
    }
    this.#now = until
  }
}
