import { createHash } from 'node:crypto'
import type { RecordType } from '../../shared/record/record-type.ts'

/** One up when rows are made otherwise than before. */
const LAYOUT = 1

/**
 * Tells when a type's rows are to be made anew: its row function, what is derived. A change in a function that these
 * call does not show; for that there is the command. What lists order and find by makes no other row, and stands here
 * because without it every store would make all its rows anew, once.
 */
export const rowFingerprint = (type: RecordType): string => {
  const { row, derive, belongsTo, list, fields } = type
  const parts = [
    LAYOUT,
    row.toString(),
    Object.entries(derive).map(([name, field]) => [name, field.toString()]),
    Object.entries(fields).map(([name, { kind }]) => [name, kind]),
    belongsTo,
    list,
  ]
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
}
