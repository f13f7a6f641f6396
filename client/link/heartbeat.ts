// One heartbeat for all that is open: it tells the server's time, and finds a socket that is dead and says nothing.
// A line that is slow is not dead: as long as something arrives, or leaves this device, an answer may still be on its
// way behind it.

import type { Clock } from '../../shared/record/clock.ts'
import type { Surroundings } from '../surroundings.ts'
import { Patience } from './patience.ts'

export interface HeartbeatParts {
  readonly clock: Clock
  readonly surroundings: Pick<Surroundings, 'after' | 'monotonic'>
  ping(n: number): void
  /** Bytes that have been sent and have not left this device. */
  unsentBytes(): number
  /** No answer came. */
  dead(): void
}

const ANSWER_SOON_MS = 2_000
const ANSWER_EXPECTED_MS = 3_000
const EVERY_MS_MIN = 1_000

interface Asked {
  readonly n: number
  readonly sentAt: number
  readonly withinMs: number
}

export class Heartbeat {
  readonly #parts: HeartbeatParts
  /** Of all sockets: what was learnt of the line on the last holds for the next. */
  readonly #patience = new Patience({ shortestMs: 10_000, longestMs: 120_000 })
  #everyMs = 25_000
  #beats = 0
  #asked: Asked | null = null
  #pingedAt = 0
  #heardAt = 0
  #cancel: (() => void) | null = null
  #cancelExpecting: (() => void) | null = null

  constructor(parts: HeartbeatParts) {
    this.#parts = parts
  }

  start(everyMs: number): void {
    this.#everyMs = Math.max(EVERY_MS_MIN, everyMs)
    this.#asked = null
    this.#later()
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = null
    this.#cancelExpecting?.()
    this.#cancelExpecting = null
    this.#asked = null
  }

  /** Now, since something suggests that the socket may be dead. */
  beat(): void {
    if (this.#asked === null) this.#ask(this.#patience.ms)
  }

  /** The browser says that the network is gone: an answer has to come soon, also to what was asked before. */
  beatSoon(): void {
    this.#ask(ANSWER_SOON_MS)
  }

  /** What was sent is answered at once: whoever hears nothing then does not wait for the next beat to ask. */
  expectAnswer(): void {
    if (this.#asked !== null || this.#cancelExpecting !== null) return
    const { surroundings } = this.#parts
    const sentAt = surroundings.monotonic()
    this.#cancelExpecting = surroundings.after(ANSWER_EXPECTED_MS, () => {
      this.#cancelExpecting = null
      if (this.#heardAt <= sentAt) this.beat()
    })
  }

  /** Something arrived, whatever it was. */
  heard(): void {
    this.#heardAt = this.#parts.surroundings.monotonic()
  }

  /** False: it answers nothing that was asked. */
  answered(n: number, serverMs: number): boolean {
    const asked = this.#asked
    if (asked === null || asked.n !== n) return false
    const { clock, surroundings } = this.#parts
    const roundTripMs = surroundings.monotonic() - asked.sentAt
    clock.contact(serverMs + roundTripMs / 2)
    this.#patience.answeredWithin(roundTripMs)
    this.#asked = null
    this.#later()
    return true
  }

  #ask(withinMs: number): void {
    const { surroundings, ping, unsentBytes } = this.#parts
    const asked = { n: ++this.#beats, sentAt: surroundings.monotonic(), withinMs }
    const before = unsentBytes()
    this.#asked = asked
    this.#pingedAt = asked.sentAt
    ping(asked.n)
    // That the question itself left this device says nothing of the line.
    this.#wait(asked, asked.sentAt, before)
  }

  /** Until nothing has moved for as long as an answer may take. */
  #wait(asked: Asked, movedAt: number, unsentBytes: number): void {
    const { surroundings, ping, dead } = this.#parts
    this.#cancel?.()
    const dueMs =
      Math.min(movedAt + asked.withinMs, this.#pingedAt + this.#everyMs) - surroundings.monotonic()
    this.#cancel = surroundings.after(dueMs, () => {
      const now = surroundings.monotonic()
      const unsentNow = this.#parts.unsentBytes()
      const movedNow = unsentNow < unsentBytes ? now : Math.max(movedAt, this.#heardAt)
      if (now - movedNow >= asked.withinMs) {
        this.#patience.gaveUp()
        dead()
        return
      }
      // To the server, too, whoever is silent for long has gone.
      if (now - this.#pingedAt >= this.#everyMs) {
        this.#pingedAt = now
        ping(asked.n)
      }
      this.#wait(asked, movedNow, unsentNow)
    })
  }

  #later(): void {
    this.#cancel?.()
    this.#cancel = this.#parts.surroundings.after(this.#everyMs, () => this.beat())
  }
}
