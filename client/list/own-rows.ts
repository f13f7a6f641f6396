// One's own rows that a list is laid over with: of records with unsaved edits, and for a moment of those that were
// just saved, since the server's row may still be on its way.

import type { RecordType } from '../../shared/record/record-type.ts'
import type { Row } from '../../shared/record/filter.ts'
import type { RecordOnDesk } from '../record/record-on-desk.ts'
import type { Surroundings } from '../surroundings.ts'
import { type OwnRow, ownRow } from './overlay.ts'

export interface OwnRowsParts {
  readonly type: RecordType
  readonly surroundings: Pick<Surroundings, 'after'>
  /** Records of the type that are open here. */
  records(): Iterable<RecordOnDesk>
  changed(): void
}

/** How long a saved edit stays laid over, should the server's own row not come. */
const LINGERS_MS = 3_000
const NOTHING: ReadonlySet<string> = new Set()

export class OwnRows {
  readonly #parts: OwnRowsParts
  readonly #lingering = new Map<string, { readonly own: OwnRow; readonly cancel: () => void }>()
  #pending: ReadonlySet<string> = NOTHING

  constructor(parts: OwnRowsParts) {
    this.#parts = parts
  }

  /** Rows with edits that are not saved, as of the last look. */
  get pending(): ReadonlySet<string> {
    return this.#pending
  }

  /** Something became of a record: if all of it is saved now, its row lingers. */
  look(record: RecordOnDesk): void {
    const { type, surroundings, changed } = this.#parts
    const { id, replica } = record
    const wasPending = this.#pending.has(id)
    if (replica === null || !replica.ledger.isEmpty || !wasPending || this.#lingering.has(id)) return
    const own = ownRow(type, record)
    if (own === null) return
    const cancel = surroundings.after(LINGERS_MS, () => {
      this.#lingering.delete(id)
      changed()
    })
    this.#lingering.set(id, { own, cancel })
  }

  /** All that have to be laid over these rows of the server's. */
  over(base: readonly Row[] | undefined): OwnRow[] {
    const { type, records } = this.#parts
    const own: OwnRow[] = []
    const pending = new Set<string>()
    for (const record of records()) {
      if (record.replica === null || record.replica.ledger.isEmpty) continue
      const row = ownRow(type, record)
      if (row === null) continue
      own.push(row)
      pending.add(record.id)
    }
    for (const [id, { own: saved, cancel }] of this.#lingering) {
      if (!pending.has(id) && !hasCaughtUp(base, saved)) own.push(saved)
      else {
        cancel()
        this.#lingering.delete(id)
      }
    }
    this.#pending = pending.size === 0 ? NOTHING : pending
    return own
  }

  close(): void {
    for (const { cancel } of this.#lingering.values()) cancel()
    this.#lingering.clear()
  }
}

/** The server's row is as new as what was laid over. */
const hasCaughtUp = (rows: readonly Row[] | undefined, { id, row }: OwnRow): boolean => {
  const base = rows?.find(one => one.id === id)
  if (row === null) return base === undefined
  return base !== undefined && Number(base.updated ?? 0) >= Number(row.updated ?? 0)
}
