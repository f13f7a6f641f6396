/** Stands still until it is told to go on. */
export class FakeTime {
  now = 1_800_000_000_000
  #timers: { at: number; tell: () => void }[] = []

  after(ms: number, tell: () => void): () => void {
    const timer = { at: this.now + ms, tell }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter(one => one !== timer)
    }
  }

  get waiting(): number {
    return this.#timers.length
  }

  advance(ms: number): void {
    const until = this.now + ms
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)
      if (next === undefined) break
      this.#timers = this.#timers.filter(one => one !== next)
      this.now = Math.max(this.now, next.at)
      next.tell()
    }
    this.now = until
  }
}
