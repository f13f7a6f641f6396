import type { RecordType, Row, RowOf } from '../../../shared/index.ts'

/** Of all that belongs to a project, what is of one type. */
export const rowsOf = <T extends RecordType>(
  lists: { readonly [type: string]: readonly Row[] | undefined },
  type: T,
): readonly RowOf<T>[] | undefined =>
  // The list of a type holds rows as its own row function makes them.
  lists[type.name] as readonly RowOf<T>[] | undefined

interface Numbered {
  readonly number: number | null
}

export const byNumber = (a: Numbered, b: Numbered): number => (a.number ?? 0) - (b.number ?? 0)
