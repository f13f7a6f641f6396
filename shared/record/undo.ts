// Undo, per person: each step remembers what a write of mine replaced, and puts it back as a new write of mine
// where mine is still the one that is shown. Bringing back the cells themselves would put words under other
// people's names.

import { entryCells, isForgotten } from './beneath.ts'
import { isSameCell } from './cell.ts'
import type { CellIndex } from './cell-index.ts'
import type { RecordType } from './record-type.ts'
import { CREATED, entryPathOf } from './path.ts'
import { isSlot, type Slot, slotAt, writeProblem } from './slot.ts'
import type { Value } from './value.ts'
import { entryRemoval, lastOf } from './view.ts'
import { isInRemovedEntry, isShown, type Written } from './writer.ts'

export interface UndoResult {
  readonly undone: readonly string[]
  /** What others have changed since, and what cannot be unwritten. */
  readonly kept: readonly {
    readonly path: string
    readonly by: string
    readonly value: Value
    readonly why: 'changed since' | 'permanent'
  }[]
}

export type UndoStep =
  | { readonly kind: 'cells'; readonly written: readonly Written[]; readonly hasTyped?: boolean }
  | { readonly kind: 'text' }

export interface UndoPlan extends UndoResult {
  readonly writes: readonly { readonly path: string; readonly value: Value }[]
  /** What the step had brought back, and is to be removed again: entries that it added, among others. */
  readonly removals: readonly string[]
  readonly restorals: readonly string[]
}

export const planUndo = (type: RecordType, index: CellIndex, written: readonly Written[]): UndoPlan => {
  const writes: { path: string; value: Value }[] = []
  const removals: string[] = []
  const restorals: string[] = []
  const undone: string[] = []
  const kept: UndoResult['kept'][number][] = []
  const added = new Set(written.filter(isAddition).map(({ path }) => entryPathOf(path)))
  for (const { path, before, cell } of written) {
    if (path === CREATED) continue
    const entry = entryPathOf(path)
    if (added.has(entry)) {
      if (!path.endsWith(`/${CREATED}`)) continue
      const others = entryCells(type, index, entry).filter(({ author }) => author !== cell.author)
      const other = entryRemoval(index, entry) ?? lastOf(others)
      if (other !== null) {
        kept.push({ path: entry, by: other.author, value: other.value, why: 'changed since' })
      } else {
        removals.push(entry)
        undone.push(entry)
      }
      continue
    }
    const slot = slotAt(type, path)
    if (!isSlot(slot)) continue
    const value = before ?? emptyOf(slot)
    if (isImmutable(slot) || (!isTombstone(slot) && writeProblem(type, slot, path, value) !== null)) {
      kept.push({ path, by: cell.author, value: cell.value, why: 'permanent' })
    } else if (isInRemovedEntry(type, index, slot, path)) {
      const now = lastOf(index.at(entryPathOf(path)))
      kept.push({ path, by: now?.author ?? '', value: null, why: 'changed since' })
    } else if (!isShown(type, index, path, cell)) {
      const now = lastOf(index.at(path))
      kept.push({ path, by: now?.author ?? '', value: now?.value ?? null, why: 'changed since' })
    } else if (isTombstone(slot) && value === null && isForgotten(type, index, path)) {
      kept.push({ path, by: cell.author, value: cell.value, why: 'permanent' })
    } else {
      // An old tombstone would not name what has been written since.
      if (!isTombstone(slot)) writes.push({ path, value })
      else if (value === null) restorals.push(path)
      else removals.push(path)
      undone.push(path)
    }
  }
  // What lies in an entry that goes again goes with it; a write would be an edit that its tombstone has not seen.
  const remaining = writes.filter(({ path }) => !removals.includes(entryPathOf(path)))
  return { writes: remaining, removals, restorals, undone, kept }
}

/**
 * What stood before the undone write stands again, but as another cell: earlier steps that wrote it are to know
 * it by that, or undoing would stop there.
 */
export const renewSteps = (
  steps: readonly UndoStep[],
  undone: readonly Written[],
  again: readonly Written[],
): UndoStep[] => {
  const cells = new Map(again.map(({ path, cell }) => [path, cell]))
  const stood = new Map(undone.map(({ path, over }) => [path, over]))
  return steps.map(step =>
    step.kind === 'text'
      ? step
      : {
          ...step,
          written: step.written.map(one => {
            const cell = cells.get(one.path)
            const over = stood.get(one.path) ?? null
            return cell !== undefined && over !== null && isSameCell(over, one.cell) ? { ...one, cell } : one
          }),
        },
  )
}

/** What is written as one step, without entries that were added and removed in it: of those nothing is to take back. */
export const withoutPassing = (written: readonly Written[]): readonly Written[] => {
  const removed = new Set(
    written
      .filter(({ path, cell }) => path === entryPathOf(path) && cell.value !== null)
      .map(({ path }) => path),
  )
  const passing = new Set(
    written
      .filter(isAddition)
      .map(({ path }) => entryPathOf(path))
      .filter(entry => removed.has(entry)),
  )
  return written.filter(({ path }) => !passing.has(entryPathOf(path)))
}

const isAddition = ({ path, before }: Written): boolean =>
  before === undefined && path.endsWith(`/${CREATED}`)
const isImmutable = ({ kind }: Slot): boolean => kind === 'log' || kind === 'action'
const isTombstone = ({ kind }: Slot): boolean => kind === 'removed' || kind === 'entryRemoved'
/** Where nothing stood before: an element leaves its set, a share counts nothing, a field is cleared. */
const emptyOf = ({ kind }: Slot): Value => (kind === 'element' ? false : kind === 'share' ? 0 : null)
