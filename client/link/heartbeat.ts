// One heartbeat for all that is open: it tells the server's time, and finds a socket that is dead and says nothing.

import type { Clock } from '../../shared/record/clock.ts'
import type { Surroundings } from '../surroundings.ts'

export interface HeartbeatParts {
  readonly clock: Clock
  readonly surroundings: Pick<Surroundings, 'after' | 'monotonic'>
  ping(n: number): void
  /** No answer came. */
  dead(): void
}

/** How long an answer may take. */
export const ANSWER_WITHIN_MS = 10_000
const ANSWER_SOON_MS = 2_000
const EVERY_MS_MIN = 1_000

export class Heartbeat {
  readonly #parts: HeartbeatParts
  #everyMs = 25_000
  #beats = 0
  #waiting: { readonly n: number; readonly sentAt: number } | null = null
  #cancel: (() => void) | null = null

  constructor(parts: HeartbeatParts) {
    this.#parts = parts
  }

  start(everyMs: number): void {
    this.#everyMs = Math.max(EVERY_MS_MIN, everyMs)
    this.#waiting = null
    this.#later()
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = null
    this.#waiting = null
  }

  /** Now, since something suggests that the socket may be dead. */
  beat(): void {
    if (this.#waiting === null) this.#ask(ANSWER_WITHIN_MS)
  }

  /** The browser says that the network is gone: an answer has to come soon, also to what was asked before. */
  beatSoon(): void {
    this.#ask(ANSWER_SOON_MS)
  }

  #ask(withinMs: number): void {
    const { surroundings, ping, dead } = this.#parts
    this.#waiting = { n: ++this.#beats, sentAt: surroundings.monotonic() }
    this.#cancel?.()
    this.#cancel = surroundings.after(withinMs, dead)
    ping(this.#beats)
  }

  /** False: it answers nothing that was asked. */
  answered(n: number, serverMs: number): boolean {
    const waiting = this.#waiting
    if (waiting === null || waiting.n !== n) return false
    const { clock, surroundings } = this.#parts
    const roundTripMs = surroundings.monotonic() - waiting.sentAt
    clock.contact(serverMs + roundTripMs / 2)
    this.#waiting = null
    this.#later()
    return true
  }

  #later(): void {
    this.#cancel?.()
    this.#cancel = this.#parts.surroundings.after(this.#everyMs, () => this.beat())
  }
}
