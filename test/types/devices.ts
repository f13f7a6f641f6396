// Devices of people with roles, on docs of their own, with no server between them: they meet when a test says so.

import * as Y from 'yjs'
import { createMe } from '../../shared/record/access.ts'
import { describeChange } from '../../shared/record/change.ts'
import { createClock } from '../../shared/record/clock.ts'
import type { AnyView, Change, RecordType, Signal } from '../../shared/record/record-type.ts'
import { type OpenRecord, openRecord } from '../../shared/record/open-record.ts'
import { witnessPath } from '../../shared/record/path.ts'

/** Tuesday, 7 January 2025, 10:00 UTC; each device's clock stands still until a test moves it. */
export const TEN_O_CLOCK = Date.UTC(2025, 0, 7, 10)

export interface Watch {
  ms: number
}

export const deviceOf = <T extends RecordType>(
  type: T,
  author: string,
  roles: readonly string[],
  options: { readonly id?: string; readonly watch?: Watch } = {},
): OpenRecord<T> => {
  const watch = options.watch ?? { ms: TEN_O_CLOCK }
  return openRecord(type, new Y.Doc(), {
    author,
    id: `${type.name}:${options.id ?? '1'}`,
    clock: createClock({ wall: () => watch.ms, monotonic: () => watch.ms }),
    me: createMe({ id: author, name: author, roles, claims: {} }),
  })
}

/** Everybody gets what anybody wrote. */
export const meet = (...records: readonly { readonly doc: Y.Doc }[]): void => {
  const updates = records.map(({ doc }) => Y.encodeStateAsUpdate(doc))
  for (const { doc } of records) for (const update of updates) Y.applyUpdate(doc, update)
}

/** Says, as the server does in its commit, that what this record shows at the path is confirmed. */
export const witness = (
  record: { readonly doc: Y.Doc },
  path: string,
  author: string,
  ordinal: number,
): void => {
  const cells = record.doc.getArray<[string, unknown, number, string]>('cells')
  for (let item = cells._start; item !== null; item = item.right) {
    if (item.deleted || !(item.content instanceof Y.ContentAny)) continue
    for (const [i, cell] of item.content.arr.entries()) {
      if (cell[0] !== path || cell[3] !== author) continue
      const named = [item.id.client, item.id.clock + i, ordinal]
      cells.push([
        [witnessPath(path), [named] as unknown, cell[2] + 1, '$server'] as [string, unknown, number, string],
      ])
      return
    }
  }
  throw new Error(`nothing of ${author} stands at ${path}`)
}

/** What a real edit looks like to whoever makes events and notifications of it. */
export const changeBy = <T extends RecordType>(record: OpenRecord<T>, edit: () => void): Change<AnyView> => {
  const paths = new Set<string>()
  const stop = record.subscribe('', touched => {
    for (const path of touched) paths.add(path)
  })
  // A view is frozen, so the one before stays what it was.
  const before = record.view as AnyView
  edit()
  stop()
  return describeChange(record.type, before, record.view as AnyView, paths, record.author, record.clock.now())
}

export const signalsOf = <T extends RecordType>(record: OpenRecord<T>, edit: () => void): readonly Signal[] =>
  record.type.events(changeBy(record, edit))

/** `ticket claimed`, `comment create`: the words of an event. */
export const namesOf = (signals: readonly Signal[]): string[] =>
  signals.map(({ type, action }) => `${type} ${action}`)
