// Undo, per person: each step remembers what a write of mine replaced, and puts it back as a new write of mine
// where my cell is still there. Bringing back the cells themselves would put words under other people's names.

import type { LiveCell } from './cell.ts'
import type { CellIndex } from './cell-index.ts'
import { CREATED, splitPath } from './path.ts'
import type { Value } from './value.ts'
import { lastOf } from './view.ts'
import type { Written } from './writer.ts'

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
  | { readonly kind: 'cells'; readonly written: readonly Written[] }
  | { readonly kind: 'text' }

export interface UndoPlan extends UndoResult {
  readonly writes: readonly { readonly path: string; readonly value: Value }[]
  /** Entries that the step had added, and are to be removed again. */
  readonly removals: readonly string[]
}

export const planUndo = (
  index: CellIndex,
  written: readonly Written[],
  isPermanent: (path: string) => boolean,
): UndoPlan => {
  const writes: { path: string; value: Value }[] = []
  const removals: string[] = []
  const undone: string[] = []
  const kept: UndoResult['kept'][number][] = []
  const addedEntries = new Set(
    written
      .filter(({ path, before }) => before === undefined && path.endsWith(`/${CREATED}`))
      .map(({ path }) => entryOf(path)),
  )
  for (const { path, before, cell } of written) {
    if (path === CREATED) continue
    const entry = entryOf(path)
    if (addedEntries.has(entry)) {
      if (path.endsWith(`/${CREATED}`)) {
        removals.push(entry)
        undone.push(entry)
      }
      continue
    }
    const now = lastOf(index.at(path))
    if (isPermanent(path)) {
      kept.push({ path, by: cell.author, value: cell.value, why: 'permanent' })
    } else if (!index.at(path).some(live => isSame(live, cell))) {
      kept.push({ path, by: now?.author ?? '', value: now?.value ?? null, why: 'changed since' })
    } else {
      writes.push({ path, value: before ?? emptyOf(cell) })
      undone.push(path)
    }
  }
  return { writes, removals, undone, kept }
}

const entryOf = (path: string): string => splitPath(path).slice(0, 2).join('/')
const isSame = (a: LiveCell, b: LiveCell): boolean => a.client === b.client && a.clock === b.clock
/** Where nothing stood before: an element leaves its set, a field is cleared. */
const emptyOf = (cell: LiveCell): Value => (cell.value === true ? false : null)
