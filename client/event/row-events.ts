// What happened to records that are not open here, told from the rows of live lists: a row that is there anew, is
// another, or came up for the first time. Each change once, in however many lists it shows.

import type { RecordType } from '../../shared/record/record-type.ts'
import type { Row } from '../../shared/record/filter.ts'
import type { HappenedTo } from './event-bus.ts'

/** Enough for every row of every list on a screen. */
const ROOMS_MAX = 20_000

export class RowEvents {
  readonly #lastUpdated = new Map<string, number>()

  /** A row as a list holds it, of which nothing happened just now. */
  known(type: RecordType, row: Row): void {
    this.#remember(`${type.name}:${row.id}`, Number(row.updated ?? 0))
  }

  /** Null where it was told already. */
  changed(type: RecordType, row: Row, me: string): HappenedTo | null {
    const room = `${type.name}:${row.id}`
    const updated = Number(row.updated ?? 0)
    const before = this.#lastUpdated.get(room)
    if (before !== undefined && before >= updated) return null
    this.#remember(room, updated)
    const by = typeof row.updatedBy === 'string' ? row.updatedBy : ''
    // A row may enter a list because it has come to match: only one that was never written again is new.
    const isNew = before === undefined && isAbout(Number(row.created ?? 0), updated)
    const verb = isNew ? 'create' : 'update'
    return {
      type: verb,
      action: verb,
      entity: type.name,
      entityId: row.id,
      by,
      from: by === me ? 'tab' : 'others',
      data: row,
    }
  }

  #remember(room: string, updated: number): void {
    if (this.#lastUpdated.size >= ROOMS_MAX) {
      const [oldest] = this.#lastUpdated.keys()
      if (oldest !== undefined) this.#lastUpdated.delete(oldest)
    }
    this.#lastUpdated.delete(room)
    this.#lastUpdated.set(room, updated)
  }
}

/** Created is when it was written, updated when the server took it. */
const isAbout = (created: number, updated: number): boolean => Math.abs(updated - created) < 2_000
