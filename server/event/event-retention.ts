// Events older than a setting are folded away: each record's chain keeps its number and hash, and says from where
// on it is kept. Without the setting nothing is ever folded.

import { Housekeeping } from '../housekeeping.ts'
import type { Store, StoredEvent } from '../store/store.ts'
import { toRecordEvent } from './event.ts'

const PAGE = 500
const EVERY_MS = 600_000
/** A clock that is called steady may be as wrong. */
const AHEAD_MS_MAX = 60_000

export interface EventRetentionParts {
  readonly store: Pick<Store, 'readEvents' | 'foldEvents'>
  /** Null: all are kept. */
  readonly keptMs: number | null
  readonly now: () => number
  readonly isClockSteady: () => boolean
  readonly failed: (error: unknown) => void
}

export class EventRetention {
  readonly #parts: EventRetentionParts
  readonly #housekeeping: Housekeeping

  constructor(parts: EventRetentionParts) {
    const { isClockSteady, failed } = parts
    this.#parts = parts
    this.#housekeeping = new Housekeeping({
      everyMs: EVERY_MS,
      isClockSteady,
      work: ending => this.fold(ending),
      failed,
    })
  }

  start(): void {
    if (this.#parts.keptMs !== null) this.#housekeeping.start()
  }

  close(): Promise<void> {
    return this.#housekeeping.close()
  }

  /**
   * How many events were folded away. One from a clock that was ahead is as old as what comes after it: it holds
   * nothing up.
   */
  async fold(ending?: AbortSignal): Promise<number> {
    const { store, keptMs, now } = this.#parts
    if (keptMs === null) return 0
    const oldest = now() - keptMs
    const isYoung = ({ at }: { readonly at: number }): boolean => at >= oldest && at <= now() + AHEAD_MS_MAX
    let folded = 0
    let [after, passed]: [string | null, number] = [null, 0]
    for (;;) {
      const page: readonly StoredEvent[] = (await store.readEvents(after, PAGE)).events
      const ages = page.map(event => toRecordEvent(event))
      const young = ages.findIndex(isYoung)
      const last = ages.slice(0, young < 0 ? ages.length : young).findLastIndex(({ at }) => at < oldest)
      const [old, end] = [page[last], page.at(-1)]
      if (old !== undefined) {
        folded += await store.foldEvents(old.cursor, passed + last + 1)
        ;[after, passed] = [null, 0]
      }
      if (young >= 0 || end === undefined || ending?.aborted) return folded
      if (old === undefined) [after, passed] = [end.cursor, passed + page.length]
    }
  }
}
