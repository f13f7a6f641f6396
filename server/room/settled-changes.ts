// What a person wrote in a turn, as it stands once all of the turn is settled.

import { isSameCell, type LiveCell } from '../../shared/record/cell.ts'
import { sameValue, type Value } from '../../shared/record/value.ts'
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
  const last = new Map<string, Write>()
  for (const write of writes) last.set(write.path, write)
  /** From what the person wrote over a path first. */
  const passed = new Map<string, Value>()
  const changes: FieldChange[] = []
  for (const write of writes) {
    const { path, to, concurrentWith, cell } = write
    const isLive = cell === null || index.at(path).some(live => isSameCell(live, cell))
    if (!isLive && last.get(path) !== write) {
      if (!passed.has(path)) passed.set(path, write.from)
      continue
    }
    const from = passed.has(path) ? (passed.get(path) ?? null) : write.from
    passed.delete(path)
    const lost =
      cell !== null &&
      !sameValue(shownAt(type, index, path)?.value ?? null, to) &&
      !replaced.some(one => isSameCell(one, cell))
    changes.push({ path, from, to, concurrentWith, lost })
  }
  return changes
}
