// What happens to records that are not open here, told from a list of those of their type that were changed last: a row
// that is there anew, is another, or is no more.

import type { RecordType } from '../../shared/record/record-type.ts'
import type { Row } from '../../shared/record/filter.ts'
import type { DeltaMessage, RowsMessage, Said } from '../list/list-messages.ts'
import { CHANGED_LAST, orderOf } from '../list/list-query.ts'
import type { HappenedTo } from './event-bus.ts'
import { verbNamed } from './record-events.ts'

const ROWS_MAX = 1_000
const ORDER = orderOf(CHANGED_LAST)

export const rowsOfDelta = ({ change, enter }: DeltaMessage): readonly Row[] => [
  ...change,
  ...enter.map(({ row }) => row),
]

/** Of one type. */
export class RowEvents {
  readonly #type: RecordType
  readonly #rows = new Map<string, Row>()
  readonly #gone = new Set<string>()
  #newest = 0
  /** There are records that were changed before all that are known. */
  #hasOlder = true

  constructor(type: RecordType) {
    this.#type = type
  }

  /** What a list begins with, also after an absence, did not happen now; what a further poll shows did. */
  whole({ rows, hasMore }: RowsMessage, wasLive: boolean, me: string): readonly HappenedTo[] {
    if (!wasLive) {
      this.#rows.clear()
      for (const row of rows) this.#note(row)
      this.#hasOlder = hasMore
      return []
    }
    // What others have pushed out is still there, also of what an import wrote at one moment.
    const last = hasMore ? rows.at(-1) : undefined
    const there = new Set(rows.map(({ id }) => id))
    const gone = [...this.#rows.values()].filter(
      row => !there.has(row.id) && (last === undefined || ORDER(row, last) < 0),
    )
    return [...this.#changed(rows, me), ...this.#removed(gone.map(({ id }) => id))]
  }

  /** In the words of the type, where the server says them; of what is typed it does so later, and the row tells. */
  delta(message: DeltaMessage, me: string): readonly HappenedTo[] {
    const byRow = [...this.#removed(message.removed), ...this.#changed(rowsOfDelta(message), me)]
    const happened = new Map(byRow.map(event => [event.entityId, event]))
    const said = new Set(message.said.map(({ id }) => id))
    return [
      ...message.said.flatMap(one => this.#said(one, happened.get(one.id), me)),
      ...byRow.filter(({ entityId }) => !said.has(entityId)),
    ]
  }

  #said({ id, by, signals }: Said, byRow: HappenedTo | undefined, me: string): HappenedTo[] {
    const from = by === me ? 'tab' : 'others'
    return signals.map(({ type: entity, action, data }) => {
      const named = verbNamed(action)
      return {
        ...this.#happened('update', id, data ?? byRow?.data ?? null, by, from),
        // Of more than the list shows there are no rows; and what was made off line is older than these.
        type: named === 'update' && entity === this.#type.name ? (byRow?.type ?? named) : named,
        action,
        entity,
      }
    })
  }

  #changed(rows: readonly Row[], me: string): HappenedTo[] {
    // Of what has moved up, since another has gone, nothing is told.
    const newest = this.#newest
    return rows.flatMap(row => {
      const before = this.#rows.get(row.id)
      const isNews = before === undefined ? updatedAt(row) >= newest : updatedAt(row) > updatedAt(before)
      const isRestored = this.#gone.delete(row.id)
      const isNew = isRestored || (before === undefined && this.#isNew(row))
      this.#note(row)
      if (!isNews) return []
      const by = typeof row.updatedBy === 'string' ? row.updatedBy : ''
      return [this.#happened(isNew ? 'create' : 'update', row.id, row, by, by === me ? 'tab' : 'others')]
    })
  }

  #removed(ids: readonly string[]): HappenedTo[] {
    return ids.map(id => {
      const row = this.#rows.get(id) ?? null
      this.#rows.delete(id)
      if (this.#gone.size >= ROWS_MAX) this.#gone.clear()
      this.#gone.add(id)
      // Who did it stands in no row.
      return this.#happened('delete', id, row, '', 'others')
    })
  }

  #happened(
    type: HappenedTo['type'],
    entityId: string,
    data: unknown,
    by: string,
    from: HappenedTo['from'],
  ): HappenedTo {
    const { name } = this.#type
    return { type, action: type, entity: name, entityId, room: `${name}:${entityId}`, by, from, data }
  }

  /** One that was made since the oldest that is known was changed would be known. */
  #isNew(row: Row): boolean {
    if (!this.#hasOlder) return true
    let oldest = Number.POSITIVE_INFINITY
    for (const one of this.#rows.values()) oldest = Math.min(oldest, updatedAt(one))
    return Number(row.created ?? 0) >= oldest
  }

  #note(row: Row): void {
    this.#newest = Math.max(this.#newest, updatedAt(row))
    this.#rows.delete(row.id)
    this.#rows.set(row.id, row)
    if (this.#rows.size <= ROWS_MAX) return
    const [oldest] = this.#rows.keys()
    if (oldest !== undefined) this.#rows.delete(oldest)
    this.#hasOlder = true
  }
}

const updatedAt = (row: Row | undefined): number => Number(row?.updated ?? 0)
