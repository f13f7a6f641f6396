// Events older than a setting are folded away: each record's chain keeps its number and hash, and says from where
// on it is kept. Without the setting nothing is ever folded.

import type { Store } from '../store/store.ts'
import { toRecordEvent } from './event.ts'

const PAGE = 500
const EVERY_MS = 3_600_000

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
    if (this.#parts.keptMs === null) return
    const fold = (): void => {
      this.#folding = this.fold().catch(this.#parts.failed)
    }
    fold()
    this.#timer = setInterval(fold, EVERY_MS)
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
