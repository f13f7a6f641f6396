// What a person wrote in a turn, as it stands once all of the turn is settled.

import { isSameCell, type LiveCell } from '../../shared/record/cell.ts'
import { sameValue } from '../../shared/record/value.ts'
import { shownAt } from '../../shared/record/writer.ts'
import type { LiveRecord } from './live-record.ts'
import type { FieldChange, Write } from './turn.ts'

/**
 * Of one path what the person wrote over is left out; what two devices wrote unseen of each other is not. What somebody
 * else wrote over in the turn, as the next action does, had stood.
 */
export const settledChanges = (
  { type, index }: Pick<LiveRecord, 'type' | 'index'>,
  writes: readonly Write[],
  replaced: readonly LiveCell[],
): FieldChange[] => {
  const last = new Map(writes.map(write => [write.path, write]))
  const passed = new Map<string, Write>()
  return writes.flatMap(write => {
    const { cell, ...said } = write
    const { path, to } = said
    const { from } = passed.get(path) ?? write
    const isLive = cell === null || index.at(path).some(live => isSameCell(live, cell))
    if (!isLive && last.get(path) !== write) {
      passed.set(path, { ...write, from })
      return []
    }
    passed.delete(path)
    const isLost =
      cell !== null &&
      !sameValue(shownAt(type, index, path)?.value ?? null, to) &&
      !replaced.some(one => isSameCell(one, cell))
    return { ...said, from, lost: isLost }
  })
}
