import { localId, type RecordType, type Row, type RowOf } from '../../../shared/index.ts'

/** Of all that belongs to a project, what is of one type. */
export const rowsOf = <T extends RecordType>(
  lists: { readonly [type: string]: readonly Row[] | undefined },
  type: T,
): readonly RowOf<T>[] | undefined =>
  // The list of a type holds rows as its own row function makes them.
  lists[type.name] as readonly RowOf<T>[] | undefined

/** A row's id is written with its type, or without. */
export const refTo = (type: RecordType, { id }: { readonly id: string }): string =>
  `${type.name}:${localId(type.name, id)}`
