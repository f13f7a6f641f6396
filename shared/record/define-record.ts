// What somebody declares becomes a record type: looked at whole, and what was left out filled in.

import { assertDeclaration, assertListsNameRow } from './assert-declaration.ts'
import type { CellField, Fields, FieldView, LogFields } from './field.ts'
import type { Row } from './filter.ts'
import type {
  Access,
  AnyView,
  Change,
  Message,
  RecordSpec,
  RecordType,
  Signal,
  TypedRecord,
} from './record-type.ts'
import { localId } from './room-name.ts'
import type { Value } from './value.ts'
import { inEnglish, type RecordWords, type Say } from './words.ts'

/** What a row holds of which nothing is said. */
type CellsOf<F extends Fields> = {
  readonly [K in keyof F as F[K] extends CellField<unknown, unknown> ? K : never]: FieldView<F[K]>
}

export const defineRecord = <
  const N extends string,
  F extends Fields,
  D = Record<never, never>,
  // Where something else in the declaration is wrong, TypeScript takes this for what the row gives, and would say
  // first that the row is wrong if it were less than anything.
  R = unknown,
  A extends { readonly [name: string]: LogFields } = Record<never, never>,
>(
  name: N,
  spec: RecordSpec<F, D, R, A>,
): TypedRecord<N, F, D, unknown extends R ? CellsOf<F> : R, A> => {
  // The one place where the declaration's types are erased: a view built from `fields` and `derive` is what
  // these functions were declared for.
  const erased = spec as unknown as RecordSpec<Fields, unknown, Row, Record<string, LogFields>>
  assertDeclaration(name, erased)
  const title = (erased.title ?? defaultTitle) as (t: AnyView, say: Say) => string
  const type = Object.freeze({
    name,
    fields: spec.fields,
    derive: (erased.derive ?? {}) as RecordType['derive'],
    row: (erased.row ?? cellFieldsOf(spec.fields)) as RecordType['row'],
    list: {
      orders: spec.list?.orders ?? [],
      equal: spec.list?.equal ?? [],
      search: spec.list?.search ?? [],
    },
    belongsTo: spec.belongsTo ?? null,
    access: (erased.access ?? {}) as Access<AnyView>,
    events: (erased.events ?? defaultSignals(name)) as RecordType['events'],
    messages: (erased.messages ?? defaultMessages(name)) as RecordType['messages'],
    notify: (erased.notify ?? (() => [])) as RecordType['notify'],
    advise: (erased.advise ?? (() => null)) as RecordType['advise'],
    actions: (erased.actions ?? {}) as RecordType['actions'],
    title: (t: AnyView, say: Say = inEnglish) => title(t, say),
    words: (spec.words ?? {}) as RecordWords,
  })
  assertListsNameRow(type)
  return type
}

const cellFieldsOf =
  (fields: Fields) =>
  (t: AnyView): { [field: string]: Value } =>
    Object.fromEntries(
      Object.entries(fields)
        .filter(([, field]) => field.kind === 'cell')
        .map(([key]) => [key, t[key] as Value]),
    )

export const defaultSignals =
  (type: string) =>
  (change: Change<AnyView>): Signal[] => [
    { type, action: change.created || change.restored ? 'create' : change.removed ? 'delete' : 'update' },
  ]

const defaultMessages =
  (type: string) =>
  (signal: Signal, t: AnyView): Message[] => [
    {
      type: signal.type,
      action: signal.action,
      id: localId(type, t.id),
      ...(signal.data === undefined ? {} : { data: signal.data }),
    },
  ]

const defaultTitle = (t: AnyView): string => String(t['title'] ?? t['name'] ?? t['number'] ?? t.id)
