// The typed face of a live record: what TypeScript inferred from the declaration, over `RecordOnDoc`, which
// checks the same things again at run time.

import { assertKnownNames } from '../known-names.ts'
import { isObject } from '../is-object.ts'
import type * as Y from 'yjs'
import { assertRecordType } from './assert-declaration.ts'
import type { CellIndex } from './cell-index.ts'
import type { Clock } from './clock.ts'
import type { ActionsOf, ArgsOfAction, FieldsOf, Patch, RecordType, ViewOf } from './record-type.ts'
import type {
  CounterField,
  EntryFields,
  EntryOf,
  EntryWrite,
  Fields,
  ListField,
  LogField,
  LogFields,
  NewEntry,
  SetField,
  TextField,
} from './field.ts'
import {
  type ActionState,
  type FieldState,
  type RecordConflict,
  RecordOnDoc,
  type RecordOptions,
} from './record.ts'
import type { UndoResult } from './undo.ts'
import type { Value } from './value.ts'

/** Conditional, so that TypeScript prints the names, and not what they are called here. */
type NamesOf<F, Kind> = F extends Fields
  ? { [K in keyof F & string]: F[K] extends Kind ? K : never }[keyof F & string]
  : never
type EntryFieldsOf<L> = L extends ListField<infer E extends EntryFields> ? E : never
type LogFieldsOf<L> = L extends LogField<infer E extends LogFields> ? E : never

export interface TypedList<E extends EntryFields> {
  readonly entries: readonly EntryOf<E>[]
  get(id: string): EntryOf<E> | null
  add(entry: NewEntry<E>, options?: { readonly id?: string; readonly at?: number }): string
  set(id: string, entry: EntryWrite<E>): void
  remove(id: string): void
  move(id: string, at: number): void
  union(id: string, part: NamesOf<E, SetField<string>>): TypedUnion
  counter(id: string, part: NamesOf<E, CounterField>): TypedCounter
}

export interface TypedLog<E extends LogFields> {
  add(entry: NewEntry<E>, options?: { readonly id?: string }): string
}

export interface TypedCounter {
  add(amount: number): void
}

export interface TypedUnion {
  add(...elements: readonly string[]): void
  remove(...elements: readonly string[]): void
  set(elements: readonly string[]): void
}

export interface OpenRecord<T extends RecordType> {
  readonly type: T
  readonly doc: Y.Doc
  readonly id: string
  readonly author: string
  readonly clock: Clock
  readonly index: CellIndex
  readonly view: ViewOf<T>
  readonly conflicts: readonly RecordConflict[]
  readonly actions: readonly ActionState[]
  readonly updated: { readonly by: string; readonly at: number } | null
  readonly canUndo: boolean
  readonly canRedo: boolean
  set(patch: Patch<FieldsOf<T>>): void
  /** One register by its path, as `items/7f3/required`. */
  write(path: string, value: Value): void
  settle(path: string, value: Value): void
  list<K extends NamesOf<FieldsOf<T>, ListField<EntryFields>>>(
    name: K,
  ): TypedList<EntryFieldsOf<FieldsOf<T>[K]>>
  log<K extends NamesOf<FieldsOf<T>, LogField<LogFields>>>(name: K): TypedLog<LogFieldsOf<FieldsOf<T>[K]>>
  counter(name: NamesOf<FieldsOf<T>, CounterField>): TypedCounter
  union(name: NamesOf<FieldsOf<T>, SetField<string>>): TypedUnion
  text(name: NamesOf<FieldsOf<T>, TextField>): Y.Text
  act<K extends keyof ActionsOf<T> & string>(name: K, args?: ArgsOfAction<T, K>): string
  action(id: string): ActionState | null
  field(path: (keyof FieldsOf<T> & string) | `${keyof FieldsOf<T> & string}/${string}`): FieldState
  subscribe(path: string, tell: (paths: ReadonlySet<string>) => void): () => void
  remove(): void
  restore(path?: string): void
  /** Many writes as one: told once, sent as one, taken back as one. */
  together(run: () => void): void
  undo(): UndoResult | null
  redo(): UndoResult | null
  close(): void
}

export const openRecord = <T extends RecordType>(
  type: T,
  doc: Y.Doc,
  options: RecordOptions,
): OpenRecord<T> => {
  assertRecordType(type)
  assertOpening(doc, options)
  // The view and the handles have, by construction, the shape that the type's own tables give them.
  return new RecordOnDoc(type, doc, options) as unknown as OpenRecord<T>
}

const OPTIONS: readonly string[] = [
  'author',
  'clock',
  'id',
  'me',
  'newId',
  'savedClock',
  'onWrite',
] satisfies (keyof RecordOptions)[]

/** Without an author a server refuses all that is written, long after. */
const assertOpening = (doc: unknown, options: unknown): void => {
  if (!(isObject(doc) && 'getArray' in doc))
    throw new TypeError('openRecord is given a Y.Doc: openRecord(Task, new Y.Doc(), { author })')
  const given: { readonly author?: unknown } = isObject(options) ? options : {}
  const { author } = given
  if (typeof author !== 'string' || author === '')
    throw new TypeError('openRecord is told who writes: { author }, the sub of their token')
  assertKnownNames('openRecord has no option', given, OPTIONS)
}
