// Events older than a setting are folded away: each record's chain keeps its number and hash, and says from where
// on it is kept. Without the setting nothing is ever folded.

import type { Store } from '../store/store.ts'
import { toRecordEvent } from './event.ts'

const PAGE = 500
/** Not at once: a machine that starts with a wrong clock has put it right by then. */
const EVERY_MS = 600_000
/** A busy server is late by less. */
const LEAP_MS_MIN = 60_000

export interface EventRetentionParts {
  readonly store: Pick<Store, 'readEvents' | 'foldEvents'>
  /** Null: all are kept. */
  readonly keptMs: number | null
  readonly now: () => number
  readonly failed: (error: unknown) => void
}

export class EventRetention {
  readonly #parts: EventRetentionParts
  #timer: NodeJS.Timeout | null = null
  #folding: Promise<unknown> = Promise.resolve()

  constructor(parts: EventRetentionParts) {
    this.#parts = parts
  }

  start(): void {
    const { keptMs, now, failed } = this.#parts
    if (keptMs === null) return
    let lookedAt = now()
    const look = (): void => {
      const leap = now() - lookedAt - EVERY_MS
      lookedAt = now()
      // What is folded away is gone for good, and a clock that has just leapt may be wrong.
      if (Math.abs(leap) < LEAP_MS_MIN) this.#folding = this.fold().catch(failed)
    }
    this.#timer = setInterval(look, EVERY_MS)
    this.#timer.unref()
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    await this.#folding
  }

  /** How many events were folded away. */
  async fold(): Promise<number> {
    const { store, keptMs, now } = this.#parts
    if (keptMs === null) return 0
    const oldest = now() - keptMs
    let folded = 0
    for (;;) {
      const { events } = await store.readEvents(null, PAGE)
      const young = events.findIndex(event => toRecordEvent(event).at >= oldest)
      const old = young < 0 ? events : events.slice(0, young)
      const last = old.at(-1)
      if (last === undefined) return folded
      folded += await store.foldEvents(last.cursor, old.length)
      if (young >= 0) return folded
    }
  }
}
