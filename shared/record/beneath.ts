import type { CellSource } from './cell-index.ts'
import type { LiveCell } from './cell.ts'
import { CREATED, entryPathOf, firstSegment } from './path.ts'
import type { RecordType } from './record-type.ts'

/** The live cells of a list entry, its tombstone left out. */
export const entryCells = (type: RecordType, source: CellSource, path: string): LiveCell[] => {
  const [name = ''] = path.split('/')
  const field = type.fields[name]
  if (field?.kind !== 'list') return []
  const cells = [...source.at(`${path}/${CREATED}`), ...source.at(`${path}/pos`)]
  for (const [part, inner] of Object.entries(field.entry)) {
    const partPath = `${path}/${part}`
    if (inner.kind === 'cell') cells.push(...source.at(partPath))
    else for (const key of source.keys(partPath)) cells.push(...source.at(`${partPath}/${key}`))
  }
  return cells
}

/** Of an entry that was removed: whether the server has let go of all that lay in it, and only the history has it. */
export const isForgotten = (type: RecordType, source: CellSource, path: string): boolean =>
  path === entryPathOf(path) &&
  type.fields[firstSegment(path)]?.kind === 'list' &&
  source.at(path).length > 0 &&
  entryCells(type, source, path).length === 0
