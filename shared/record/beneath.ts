import type { CellSource } from './cell-index.ts'
import type { LiveCell } from './cell.ts'
import type { RecordType } from './define-record.ts'
import { CREATED } from './path.ts'

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
