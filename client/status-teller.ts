// The status of a desk as it is handed out: put together when it is asked for, another object only when something in
// it is another, and told of at most once a turn.

import { type DeskStatus, isSameStatus, NOTHING_YET } from './status.ts'
import { Told } from './told.ts'

export interface StatusTellerParts {
  now(): DeskStatus
  /** Before anybody is told. */
  look(): void
}

export class StatusTeller {
  readonly #parts: StatusTellerParts
  readonly #told = new Told()
  #status: DeskStatus = NOTHING_YET
  #lastTold: DeskStatus = NOTHING_YET
  #isStale = false
  #isTelling = false

  constructor(parts: StatusTellerParts) {
    this.#parts = parts
  }

  get status(): DeskStatus {
    if (this.#isStale) {
      this.#isStale = false
      const next = this.#parts.now()
      if (!isSameStatus(next, this.#status)) this.#status = next
    }
    return this.#status
  }

  readonly subscribe = (tell: () => void): (() => void) => this.#told.subscribe(tell)

  changed(): void {
    this.#isStale = true
    if (this.#isTelling) return
    this.#isTelling = true
    queueMicrotask(() => {
      this.#isTelling = false
      this.#parts.look()
      const before = this.#lastTold
      this.#lastTold = this.status
      if (before !== this.#lastTold) this.#told.tell()
    })
  }

  clear(): void {
    this.#told.clear()
  }
}
