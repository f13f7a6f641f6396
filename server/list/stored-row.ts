import { CellIndex } from '../../shared/record/cell-index.ts'
import type { RecordType } from '../../shared/record/record-type.ts'
import type { Row } from '../../shared/record/filter.ts'
import { buildView } from '../../shared/record/view.ts'
import { storedDoc } from '../room/stored-doc.ts'
import type { StoredRoom, StoredRow } from '../store/store.ts'
import { rowOrFields } from '../room/row-or-fields.ts'

export const toStoredRow = (row: Row): StoredRow => ({ id: row.id, json: JSON.stringify(row) })

/** The row of a record as it is stored; null when it is on no list, as one that was removed is unless it is asked for. */
export const storedRow = (
  type: RecordType,
  id: string,
  stored: StoredRoom,
  now: number,
  { failed, ofRemoved = false }: { failed?: (error: unknown) => void; ofRemoved?: boolean },
): Row | null => {
  const { head } = stored
  if (head.state === 'purged' || (head.state === 'removed' && !ofRemoved)) return null
  const doc = storedDoc(stored)
  try {
    const view = buildView(type, id, new CellIndex(doc), now)
    if (view.removed && !ofRemoved) return null
    return rowOrFields(type, view, { updated: head.updatedAt, updatedBy: head.updatedBy }, failed)
  } finally {
    doc.destroy()
  }
}
