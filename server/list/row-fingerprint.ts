import { createHash } from 'node:crypto'
import type { RecordType } from '../../shared/record/record-type.ts'

/** One up when rows or index keys are made otherwise than before. */
const LAYOUT = 1

/**
 * Tells when a type's rows are to be made anew: its row function, what is derived, what lists order and find by. A
 * change in a function that these call does not show; for that there is the command.
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
