// A record type is declared once; validation, merge, views, rows, permissions, events, notifications and the
// REST schema follow from it. Inside corecord the declaration is used through `RecordType`, whose functions
// take untyped views; `TypedRecord` carries what TypeScript inferred to whoever opens a record of the type.

import type { CellField, Fields, FieldView, FieldWrite, LogFields, Readable, RequiredOf } from './field.ts'
import type { Filter } from './filter.ts'
import type { Value } from './value.ts'
import type { FieldName, RecordWords, Say } from './words.ts'

export interface RecordMeta {
  readonly id: string
  /** When and by whom it was created (ms, user id); null and '' while nothing has been written. */
  readonly created: number | null
  readonly createdBy: string
  readonly removed: boolean
}

export type View<F extends Fields, D = unknown> = Readable<
  RecordMeta & { readonly [K in keyof F]: FieldView<F[K]> } & { readonly [K in keyof D]: D[K] }
>

/** What a table of derived fields gives, for functions that are written beside it. */
export type DerivedBy<T extends { readonly [field: string]: (...args: never[]) => unknown }> = {
  readonly [K in keyof T]: ReturnType<T[K]>
}

/** The fields that are set as a whole; the others have verbs of their own (`list`, `log`, `counter`, `text`). */
export type Patch<F extends Fields> = Readable<{
  readonly [K in keyof F as F[K] extends CellField<unknown, unknown> ? K : never]?: FieldWrite<F[K]>
}>

/** What a new record begins with: what is required stands in it. */
export type NewValues<F extends Fields> = Readable<Patch<F> & RequiredOf<F>>

export interface Me {
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
  readonly claims: Readonly<Record<string, unknown>>
  is(...roles: string[]): boolean
}

export interface RuleContext<V> {
  readonly me: Me
  /** The record as it was before this write. */
  readonly t: V
  readonly path: string
  readonly value: Value
}

/** True or false, the roles that may, or a function; a sentence is a refusal that says why. */
export type Rule<V> = boolean | readonly string[] | ((context: RuleContext<V>) => boolean | string)

export interface Access<V> {
  /** A filter over row fields and claims; without one everybody who is signed in may read. */
  readonly read?: Filter
  readonly create?: Rule<V>
  /** Removing and restoring the record as a whole. */
  readonly remove?: Rule<V>
  /** By field, or by `list.field`; `*` holds for every write besides. */
  readonly write?: { readonly [field: string]: Rule<V> }
  /** Who, besides the holder, may replace a witnessed `first` value. */
  readonly takeOver?: { readonly [field: string]: Rule<V> }
}

/** What one person changed in one commit. */
export interface Change<V> {
  readonly before: V
  readonly after: V
  readonly by: string
  readonly at: number
  readonly created: boolean
  readonly removed: boolean
  readonly restored: boolean
  /** Whether a register at or beneath the path changed. */
  touched(path: string): boolean
  /** Ids of entries of a list or log that this change added, removed, or changed otherwise. */
  added(list: string): readonly string[]
  removedFrom(list: string): readonly string[]
  changedIn(list: string): readonly string[]
}

/** The name of what happened, in the words of the system that the record belongs to. */
export interface Signal {
  readonly type: string
  readonly action: string
  readonly data?: { readonly [key: string]: Value }
}

/** One JSON message to a client that knows no CRDT. */
export type Message = { readonly [key: string]: Value }

export type Level = 'info' | 'warning' | 'success' | 'error'

/** What a sentence is made of, for who says it in another language. */
export type NoticeParams = { readonly [name: string]: string | number }

export interface Notice {
  readonly level: Level
  readonly kind: string
  /** In English. */
  readonly sentence: string
  readonly params?: NoticeParams
  /** What several of the kind are called when they stand in one line: `new tickets` gives «4 new tickets». */
  readonly several?: string
  /** User ids; everybody who may read the record when left out. Null, as of a `ref` that is empty, is nobody. */
  readonly to?: readonly (string | null)[]
  readonly roles?: readonly string[]
  /** Besides `to`: whoever these row fields of another record name, as the technician of a shipment's ticket. */
  readonly toNamedBy?: { readonly room: string; readonly fields: readonly string[] }
  /** User ids that this change tells in a notice of their own. */
  readonly except?: readonly string[]
  readonly critical?: boolean
}

/** A value that stands no more, with the path it was written at. */
export interface LostWrite {
  readonly path: string
  readonly value: Value
}

export type ActionWrites<V> = { readonly [K in keyof V]?: V[K] | null } & {
  readonly [path: `${string}/${string}`]: Value
}

export interface ActionContext<V, A> {
  readonly me: Me
  readonly id: string
  readonly now: number
  readonly t: V
  readonly args: A
  /** Paths of `review` fields of this record of which a person has still to pick a value. */
  readonly openReviews: readonly string[]
  /** Writes to this record: by field, or by path, as `steps/<id>/done`. */
  set(writes: ActionWrites<V>): void
  /** Writes to another record, that `needs` named. */
  set(writes: { readonly [path: string]: Value }, room: string): void
  /** Adds to a counter of this record, or of another that `needs` named. */
  add(counter: string, amount: number, room?: string): void
  /** The view of a record that `needs` named, or null when there is none. */
  view(room: string): { readonly [key: string]: unknown } | null
  /**
   * A new record of the type; `entries` are written as list entries. Gives its room. Where there is, or was, one of the id
   * it is refused, or, with `orAnother`, made under another: whoever may create one may take a name that can be guessed.
   */
  create(
    type: string,
    values: { readonly [field: string]: Value },
    options?: {
      readonly id?: string
      readonly orAnother?: true
      readonly entries?: { readonly [list: string]: readonly { readonly [field: string]: Value }[] }
    },
  ): string
  remove(room?: string): void
  /** The next number of a series, without gaps. */
  next(series: string): number
  refuse(sentence: string): never
}

export interface ActionSpec<V, A extends LogFields> {
  readonly args: A
  readonly allow?: Rule<V>
  /**
   * Asked for, without arguments, in the name of who creates a record over REST or by an import; not of one that comes
   * with its number. A desk asks by itself.
   */
  readonly onCreate?: true
  readonly numbers?: NumbersSpec
  /** Rooms besides its own that the action reads or writes; null, as of a `ref` that is empty, is none. */
  readonly needs?: (t: V, args: ArgsOf<A>) => readonly (string | null)[]
  /** What it gives is the answer to whoever asked; nothing is null. */
  // biome-ignore lint/suspicious/noConfusingVoidType: TypeScript before 6 calls a function that returns nothing so
  readonly run: (context: ActionContext<V, ArgsOf<A>>) => Value | void
}

/** Where what an action took by `next` stands in the row: the series goes on behind the highest, whoever wrote it. */
export interface NumbersSpec {
  /** Its name; of one that begins anew, with each year say, as what is written there gives it. */
  readonly series: string | ((written: string) => string)
  readonly field: string
  /** The number in what is written there; without it the last digits, 42 of `T-0042`. */
  readonly read?: (written: string) => number
}

export type ArgsOf<A> = { readonly [K in keyof A]: FieldView<A[K]> }

export interface ListSpec {
  /** Row fields that lists order by, filter by equality, search and sum. */
  readonly orders?: readonly string[]
  readonly equal?: readonly string[]
  readonly search?: readonly string[]
}

export interface RecordSpec<F extends Fields, D, R, A extends { readonly [name: string]: LogFields }> {
  readonly fields: F
  readonly derive?: { readonly [K in keyof D]: (t: View<F>, now: number) => D[K] } & {
    readonly [field: string]: (t: View<F>, now: number) => unknown
  }
  readonly row?: (t: View<F, D>) => R
  readonly list?: ListSpec
  /** The field that refers to the record this one belongs to. */
  readonly belongsTo?: string & keyof F
  readonly access?: Access<View<F, D>>
  readonly events?: (change: Change<View<F, D>>) => readonly Signal[]
  /** What clients that know no CRDT are sent for an event; by default {type, action, id, data}. */
  readonly messages?: (signal: Signal, t: View<F, D>) => readonly Message[]
  readonly notify?: (change: Change<View<F, D>>) => readonly Notice[]
  /** What to tell whoever wrote a value that lost, besides who has the field now: the next free slot, say. */
  readonly advise?: (lost: LostWrite, t: View<F, D>) => string | null
  readonly actions?: { readonly [K in keyof A]: ActionSpec<View<F, D>, A[K]> }
  /** What a person calls the record, in a notification or a tab. */
  readonly title?: (t: View<F, D>, say: Say) => string
  /** How people who read another language than English call the record and its fields, and read the reasons of its rules. */
  readonly words?: RecordWords<FieldName<F>>
}

export type AnyView = RecordMeta & { readonly [field: string]: unknown }

/** A record type with its types erased, as the machinery uses it. */
export interface RecordType {
  readonly name: string
  readonly fields: Fields
  readonly derive: { readonly [name: string]: (t: AnyView, now: number) => unknown }
  readonly row: (t: AnyView) => { readonly [field: string]: Value }
  readonly list: Required<ListSpec>
  readonly belongsTo: string | null
  readonly access: Access<AnyView>
  readonly events: (change: Change<AnyView>) => readonly Signal[]
  readonly messages: (signal: Signal, t: AnyView) => readonly Message[]
  readonly notify: (change: Change<AnyView>) => readonly Notice[]
  readonly advise: (lost: LostWrite, t: AnyView) => string | null
  readonly actions: { readonly [name: string]: ActionSpec<AnyView, LogFields> }
  /** In English, unless told how else to say it. */
  readonly title: (t: AnyView, say?: Say) => string
  readonly words: RecordWords
}

export interface TypedRecord<N extends string, F extends Fields, D, R, A> extends RecordType {
  readonly name: N
  readonly fields: F
  readonly __view?: View<F, D>
  readonly __row?: R
  readonly __actions?: A
}

export type ViewOf<T> = T extends { readonly __view?: infer V } ? Exclude<V, undefined> : never
export type RowOf<T> = T extends { readonly __row?: infer R }
  ? Readable<Exclude<R, undefined> & RowMeta>
  : never
export type FieldsOf<T> = T extends { readonly fields: infer F extends Fields } ? F : never
export type ActionsOf<T> = T extends { readonly __actions?: infer A } ? Exclude<A, undefined> : never

/** What an action may be asked with. */
export type ArgsOfAction<T, K extends keyof ActionsOf<T>> = ActionsOf<T>[K] extends infer A extends LogFields
  ? Partial<ArgsOf<A>>
  : never

/** What every row has besides what its type puts there. */
export interface RowMeta {
  readonly id: string
  readonly created: number | null
  readonly createdBy: string
  readonly updated: number | null
  readonly updatedBy: string
}
