import type { FieldsOf, RecordType, RowOf } from '../../shared/record/record-type.ts'
import type { ListQuery } from './list-query.ts'

/**
 * A query whose fields are those of the type's rows, where both are written out: a wrong name is a compile error. Of
 * a query that is put together, or a type that is not known, the server says so.
 */
export type QueryFor<T, Q> = ListQuery extends Q
  ? Q
  : Q & { readonly [K in keyof Q]: K extends keyof ListQuery ? PartFor<FieldOf<T>, K, Q[K]> : never }

/** The field that a record belongs by is in its row whether or not its type puts it there. */
type FieldOf<T> = RecordType extends T ? string : (keyof RowOf<T> | keyof FieldsOf<T>) & string

type PartFor<N extends string, K, P> = K extends 'where'
  ? FilterFor<N, P>
  : K extends 'orderBy'
    ? OrderFor<N, P>
    : K extends 'groups' | 'sums'
      ? NamesFor<N, P>
      : P

type FilterFor<N extends string, P> = string extends keyof P
  ? P
  : {
      readonly [K in keyof P]: K extends '$any'
        ? FiltersFor<N, P[K]>
        : K extends '$role' | '$text' | N
          ? P[K]
          : Misspelt<N>
    }

/** What TypeScript prints where a name is none: nothing is of this type. */
interface Misspelt<N extends string> {
  readonly 'this is no field of the row, which has': N
}

type FiltersFor<N extends string, P> = { readonly [I in keyof P]: FilterFor<N, P[I]> }

type OrderFor<N extends string, P> = P extends readonly [infer F, ...infer D]
  ? readonly [NameFor<N, F>, ...D]
  : P

type NamesFor<N extends string, P> = { readonly [I in keyof P]: NameFor<N, P[I]> }

/** One that is not written out is any. */
type NameFor<N extends string, F> = string extends F ? F : F extends N ? F : N
