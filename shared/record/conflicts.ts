// What a merge left open: values that lost, and edits made to what somebody else had removed meanwhile.

import * as Y from 'yjs'
import { entryCells } from './beneath.ts'
import { compareCells, type LiveCell, SERVER_AUTHOR } from './cell.ts'
import type { CellIndex, CellSource } from './cell-index.ts'
import type { RecordType } from './record-type.ts'
import { CREATED, entryPathOf, RECORD_PATH } from './path.ts'
import { isCompeting, type Resolution } from './policy.ts'
import { isSlot, type Slot, slotAt } from './slot.ts'
import type { Value } from './value.ts'
import { entryRemoval, resolveAt } from './view.ts'
import { isObject } from '../is-object.ts'

export interface FieldConflict {
  readonly kind: 'values'
  readonly path: string
  readonly resolution: Resolution
  readonly losers: readonly LiveCell[]
}

export interface RemovalConflict {
  readonly kind: 'edited while removed'
  readonly path: string
  readonly removal: LiveCell
  readonly edits: readonly LiveCell[]
  /** Texts of the record that somebody went on writing. */
  readonly texts: readonly string[]
}

export const fieldConflicts = (type: RecordType, index: CellIndex): FieldConflict[] => {
  const conflicts: FieldConflict[] = []
  for (const path of [...index.contested].sort()) {
    const slot = slotAt(type, path)
    if (!isSlot(slot) || slot.kind !== 'cell' || slot.field === null) continue
    // What lies in a removed entry is a question again when the entry is back.
    if (slot.part !== null && entryRemoval(index, entryPathOf(path)) !== null) continue
    const resolution = resolveAt(index, slot.field, path)
    const losers = competing(slot, resolution)
    if (losers.length > 0) conflicts.push({ kind: 'values', path, resolution, losers })
  }
  return conflicts
}

/** Values that lost, and that nobody has settled yet. */
export const losersAt = (type: RecordType, source: CellSource, path: string): readonly LiveCell[] => {
  if (source.at(path).length < 2) return []
  const slot = slotAt(type, path)
  return isSlot(slot) && slot.kind === 'cell' && slot.field !== null
    ? competing(slot, resolveAt(source, slot.field, path))
    : []
}

const competing = ({ policy }: Pick<Slot, 'policy'>, { losers }: Resolution): readonly LiveCell[] =>
  losers.filter(cell => isCompeting(policy, cell))

export const removalConflicts = (type: RecordType, index: CellIndex): RemovalConflict[] => {
  const paths = [RECORD_PATH]
  for (const [name, field] of Object.entries(type.fields)) {
    if (field.kind === 'list') for (const key of index.keys(name)) paths.push(`${name}/${key}`)
  }
  return paths
    .map(path => removalConflictAt(type, index, path))
    .filter(conflict => conflict !== null)
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** What was written to the record, or to an entry, by somebody who did not know that it was removed. */
export const removalConflictAt = (
  type: RecordType,
  index: CellIndex,
  path: string,
): RemovalConflict | null =>
  path === RECORD_PATH ? recordConflict(index, type) : entryConflictAt(type, index, path)

export const entryConflictAt = (
  type: RecordType,
  source: CellSource,
  path: string,
): RemovalConflict | null => {
  const removal = entryRemoval(source, path)
  if (removal === null) return null
  // By three comparisons: thousands of removed entries are looked through whenever conflicts are asked for.
  const seen = source.at(path).flatMap(({ value }) => seenNames(value))
  const edits = entryCells(type, source, path)
    .filter(cell => !seen.some(name => names(name, cell)))
    .sort(compareCells)
  return edits.length === 0 ? null : { kind: 'edited while removed', path, removal, edits, texts: [] }
}

/** Stamp and author stay what they are when a fold gives a cell another client id; together they name it. */
const names = (name: Value, { stamp, client, author }: LiveCell): boolean =>
  Array.isArray(name) && name[0] === stamp && name[1] === client && name[2] === author

const recordConflict = (index: CellIndex, type: RecordType): RemovalConflict | null => {
  const removal = entryRemoval(index, RECORD_PATH)
  if (removal === null) return null
  // Two people who removed it at once have seen, between them, what either of them saw.
  const seen = new Map<number, number>()
  for (const { value } of index.at(RECORD_PATH)) {
    for (const [client, clock] of Object.entries(seenVector(value))) {
      seen.set(Number(client), Math.max(clock, seen.get(Number(client)) ?? 0))
    }
  }
  const edits = [...index.cells()]
    .filter(
      cell =>
        cell.path !== RECORD_PATH &&
        cell.path !== CREATED &&
        cell.author !== SERVER_AUTHOR &&
        cell.clock >= (seen.get(cell.client) ?? 0),
    )
    .sort(compareCells)
  const texts = Object.entries(type.fields)
    .filter(([name, field]) => field.kind === 'text' && isTextNewer(index.doc.getText(name), seen))
    .map(([name]) => name)
  return edits.length + texts.length === 0
    ? null
    : { kind: 'edited while removed', path: RECORD_PATH, removal, edits, texts }
}

const isTextNewer = (text: Y.Text, seen: ReadonlyMap<number, number>): boolean => {
  for (let item = text._start; item !== null; item = item.right) {
    const end = item.id.clock + item.length
    if (!item.deleted && item.content instanceof Y.ContentString && end > (seen.get(item.id.client) ?? 0))
      return true
  }
  return false
}

const seenNames = (value: Value): readonly Value[] => {
  const seen = seenOf(value)
  return Array.isArray(seen) ? seen : []
}

const seenVector = (value: Value): Record<string, number> => {
  const seen = seenOf(value)
  return isObject(seen) ? (seen as Record<string, number>) : {}
}

const seenOf = (value: Value): Value => (isObject(value) ? (value['seen'] ?? null) : null)
