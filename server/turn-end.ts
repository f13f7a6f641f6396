/**
 * The end of a turn of the event loop, when all that could be read has been: the rooms hand in what came to them, and
 * then what they handed in is committed. All in one callback: one for each costs more than what most of them do in
 * it, and the commit would be a turn later.
 */
export class TurnEnd {
  readonly #afterReads: (run: () => void) => void
  #rooms: (() => void)[] = []
  #commit: (() => void) | null = null
  #isAsked = false
  #isNow = false

  constructor(afterReads: (run: () => void) => void = setImmediate) {
    this.#afterReads = afterReads
  }

  /** At the end of this turn; where that is now, of the next. */
  soon(run: () => void): void {
    this.#rooms.push(run)
    this.#ask()
  }

  /** At the end of this turn, when all who asked for that have had theirs. */
  commitSoon(run: () => void): void {
    this.#commit = run
    if (!this.#isNow) this.#ask()
  }

  #ask(): void {
    if (this.#isAsked) return
    this.#isAsked = true
    this.#afterReads(() => this.#end())
  }

  #end(): void {
    const rooms = this.#rooms
    this.#rooms = []
    this.#isAsked = false
    this.#isNow = true
    let begun = 0
    try {
      for (const run of rooms) {
        begun++
        run()
      }
    } finally {
      this.#isNow = false
      // One that fails is heard of, and takes nobody's turn.
      for (const run of rooms.slice(begun)) this.soon(run)
      const commit = this.#commit
      this.#commit = null
      commit?.()
    }
  }
}
