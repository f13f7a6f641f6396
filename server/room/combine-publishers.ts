import type { Head, StoredEvent, StoredRow, ValuePut } from '../store/store.ts'
import type { Publisher, Turn } from './turn.ts'

/** One of several that add to a commit. Left out, it leaves the row, the events, the values to the others. */
export interface PublisherPart {
  /** Synchronous, and without effect: what it gives goes into the commit. */
  compose(turn: Turn): {
    readonly row?: StoredRow | null
    readonly events?: readonly string[]
    readonly values?: readonly ValuePut[]
  }
  /** After the commit, in the order of commits. */
  committed(turn: Turn, head: Head, events: readonly StoredEvent[]): void
}

/** What the parts add goes into one commit, and they are told in the order they stand here. */
export const combinePublishers = (...parts: readonly PublisherPart[]): Publisher => ({
  compose(turn) {
    let row: StoredRow | null = null
    const events: string[] = []
    const values: ValuePut[] = []
    for (const part of parts) {
      const added = part.compose(turn)
      if (added.row !== undefined) row = added.row
      if (added.events !== undefined) events.push(...added.events)
      if (added.values !== undefined) values.push(...added.values)
    }
    return { row, events, ...(values.length > 0 ? { values } : {}) }
  },
  committed(turn, head, events) {
    for (const part of parts) part.committed(turn, head, events)
  },
})
