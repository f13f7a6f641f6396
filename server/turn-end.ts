/**
 * The end of a turn of the event loop, when all that could be read has been: the rooms hand in what came to them, and
 * then what they handed in is committed. All in one callback: one for each costs more than what most of them do in
 * it, and the commit would be a turn later.
 */
export class TurnEnd {
  #rooms: (() => void)[] = []
  #commit: (() => void) | null = null
  #isAsked = false
  #isNow = false

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
    setImmediate(() => this.#end())
  }

  #end(): void {
    const rooms = this.#rooms
    this.#rooms = []
    this.#isAsked = false
    this.#isNow = true
    for (const run of rooms) run()
    this.#isNow = false
    const commit = this.#commit
    this.#commit = null
    commit?.()
  }
}
