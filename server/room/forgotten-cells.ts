// What lies beneath an entry of a list that was removed long ago. It is kept so that the entry can be restored; but
// in a record to which entries come and go every day it would fill, in the end, all the room there is.

import { entryCells } from '../../shared/record/beneath.ts'
import type { LiveCell } from '../../shared/record/cell.ts'
import type { CellSource } from '../../shared/record/cell-index.ts'
import { stampToMs } from '../../shared/record/clock.ts'
import { entryConflictAt, losersAt } from '../../shared/record/conflicts.ts'
import type { RecordType } from '../../shared/record/record-type.ts'
import { entryRemoval } from '../../shared/record/view.ts'

/** Each is taken out of its struct: many thousands would hold up every other room for a second. */
export const FORGOTTEN_AT_ONCE = 1_000

/**
 * The tombstones stay, so that no device brings an entry back; so does what was edited while it was removed, and what
 * holds values between which nobody has decided.
 */
export const forgottenCells = (type: RecordType, source: CellSource, until: number): LiveCell[] => {
  const forgotten: LiveCell[] = []
  for (const [name, field] of Object.entries(type.fields)) {
    if (field.kind !== 'list') continue
    for (const key of source.keys(name)) {
      const path = `${name}/${key}`
      const removal = entryRemoval(source, path)
      if (removal === null || stampToMs(removal.stamp) > until) continue
      if (entryConflictAt(type, source, path) !== null) continue
      const cells = entryCells(type, source, path)
      if (cells.some(cell => losersAt(type, source, cell.path).length > 0)) continue
      forgotten.push(...cells)
      if (forgotten.length >= FORGOTTEN_AT_ONCE) return forgotten
    }
  }
  return forgotten
}
