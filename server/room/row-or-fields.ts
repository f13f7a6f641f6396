import type { AnyView, RecordType } from '../../shared/record/record-type.ts'
import type { Row } from '../../shared/record/filter.ts'
import { type RowMetaSource, rowOf } from '../../shared/record/row.ts'
import type { Value } from '../../shared/record/value.ts'

/**
 * The row of a record. Where the type's function fails at what the record holds, the row is its fields as they are: a
 * merge may bring together what the function's author never saw, and one record must not take the others down. Who
 * may read is decided by the row, though, so where there is such a rule nothing is guessed, and this throws.
 */
export const rowOrFields = (
  type: RecordType,
  view: AnyView,
  meta: RowMetaSource,
  failed?: (error: unknown) => void,
): Row => {
  try {
    return rowOf(type, view, meta)
  } catch (error) {
    if (type.access.read !== undefined) throw error
    failed?.(error)
    return rowOf({ ...type, row: t => fieldsOf(type, t) }, view, meta)
  }
}

/** For whoever wrote the type. */
export const rowFailed = (
  logger: { error(fields: object, message: string): void },
  room: string,
  error: unknown,
): void =>
  logger.error({ room, err: error }, 'a row function failed; lists show the fields of the record instead')

const fieldsOf = (type: RecordType, view: AnyView): Record<string, Value> => {
  const row: Record<string, Value> = {}
  for (const [name, { kind }] of Object.entries(type.fields))
    if (kind === 'cell') row[name] = (view[name] ?? null) as Value
  return row
}
