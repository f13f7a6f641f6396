import type { FieldsOf, RecordType, RowOf } from '../../shared/record/record-type.ts'
import type { Condition, Filter } from '../../shared/record/filter.ts'
import type { Direction } from '../../shared/record/row-order.ts'
import type { ListQuery } from './list-query.ts'

/**
 * A query whose fields are those of the type's rows, where both are written out: a wrong name is a compile error. Of
 * a query that is put together, or a type that is not known, the server says so.
 */
export type QueryFor<T, Q> = ListQuery extends Q
  ? Q
  : Q & { readonly [K in keyof Q]: K extends keyof ListQuery ? PartFor<T, K, Q[K]> : never }

/**
 * What an editor offers where a query is written: the names of the row, and the words of its choices. Whatever else
 * stands there is taken here, and looked at by `QueryFor`.
 */
export interface QueryOn<T> extends Omit<ListQuery, 'where' | 'orderBy' | 'groups' | 'sums'> {
  readonly where?: FilterOn<T> | undefined
  readonly orderBy?: readonly [field: OrAny<FieldOf<T>>, direction?: Direction] | undefined
  readonly groups?: readonly OrAny<FieldOf<T>>[] | undefined
  readonly sums?: readonly OrAny<FieldOf<T>>[] | undefined
}

type FilterOn<T> = Filter & {
  readonly [K in FieldOf<T>]?:
    | ConditionOn<K extends keyof RowOf<T> ? Extract<RowOf<T>[K], string> : never>
    | undefined
} & { readonly $any?: readonly FilterOn<T>[] | undefined }

type ConditionOn<W extends string> =
  | Exclude<Condition, string>
  | OrAny<W>
  | {
      readonly eq?: OrAny<W> | undefined
      readonly ne?: OrAny<W> | undefined
      readonly in?: readonly OrAny<W>[] | undefined
    }

type OrAny<W extends string> = W | (string & Record<never, never>)

/** The field that a record belongs by is in its row whether or not its type puts it there. */
type FieldOf<T> = RecordType extends T ? string : (keyof RowOf<T> | keyof FieldsOf<T>) & string

type PartFor<T, K, P> = K extends 'where'
  ? FilterFor<T, P>
  : K extends 'orderBy'
    ? OrderFor<FieldOf<T>, P>
    : K extends 'groups' | 'sums'
      ? NamesFor<FieldOf<T>, P>
      : P

type FilterFor<T, P> = string extends keyof P
  ? P
  : {
      readonly [K in keyof P]: K extends '$any'
        ? FiltersFor<T, P[K]>
        : K extends '$role' | '$text'
          ? P[K]
          : K extends FieldOf<T>
            ? ConditionFor<K extends keyof RowOf<T> ? RowOf<T>[K] : unknown, P[K]>
            : Misspelt<FieldOf<T>>
    }

/** What a choice does not have is found nowhere; of what is not written out the server finds what there is. */
type ConditionFor<V, C> = C extends string
  ? ChoiceFor<V, C>
  : C extends object
    ? {
        readonly [K in keyof C]: K extends 'eq' | 'ne'
          ? ChoiceFor<V, C[K]>
          : K extends 'in'
            ? { readonly [I in keyof C[K]]: ChoiceFor<V, C[K][I]> }
            : C[K]
      }
    : C

type ChoiceFor<V, C> = C extends string
  ? string extends C
    ? C
    : Extract<V, string> extends infer S extends string
      ? [S] extends [never]
        ? C
        : string extends S
          ? C
          : C extends S
            ? C
            : NoChoice<S>
      : never
  : C

interface NoChoice<S extends string> {
  readonly 'this is none of the values of the field, which are': S
}

/** What TypeScript prints where a name is none: nothing is of this type. */
interface Misspelt<N extends string> {
  readonly 'this is no field of the row, which has': N
}

type FiltersFor<T, P> = { readonly [I in keyof P]: FilterFor<T, P[I]> }

type OrderFor<N extends string, P> = P extends readonly [infer F, ...infer D]
  ? readonly [NameFor<N, F>, ...D]
  : P

type NamesFor<N extends string, P> = { readonly [I in keyof P]: NameFor<N, P[I]> }

/** One that is not written out is any. */
type NameFor<N extends string, F> = string extends F ? F : F extends N ? F : Misspelt<N>
