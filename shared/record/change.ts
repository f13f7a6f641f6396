// What one person changed, told from the views before and after it: what events and notifications are made of.

import type { AnyView, Change, RecordType } from './record-type.ts'
import { RECORD_PATH, unescapeSegment, witnessedPath } from './path.ts'
import { sameValue } from './value.ts'
import type { EntryView } from './view.ts'

export const describeChange = (
  type: RecordType,
  before: AnyView,
  after: AnyView,
  paths: Iterable<string>,
  by: string,
  at: number,
): Change<AnyView> => {
  const touched = new Set<string>()
  for (const path of paths) {
    const written = witnessedPath(path) ?? path
    touched.add(written)
    for (let slash = written.indexOf('/'); slash >= 0; slash = written.indexOf('/', slash + 1)) {
      touched.add(written.slice(0, slash))
    }
  }
  const entriesOf = (view: AnyView, list: string): Map<string, EntryView> => {
    const field = type.fields[list]
    // The view of a list or log is an array of entries, by the type's own table.
    const entries =
      field?.kind === 'list' || field?.kind === 'log' ? (view[list] as readonly EntryView[]) : []
    return new Map(entries.map(entry => [entry.id, entry]))
  }
  const difference = (list: string, from: AnyView, to: AnyView): string[] => {
    if (!touched.has(list) || from[list] === to[list]) return []
    const known = entriesOf(from, list)
    return [...entriesOf(to, list).keys()].filter(id => !known.has(id))
  }
  return {
    before,
    after,
    by,
    at,
    created: before.created === null && after.created !== null,
    removed: !before.removed && after.removed,
    restored: before.removed && !after.removed,
    touched: path => (path === RECORD_PATH ? touched.size > 0 : touched.has(path)),
    added: list => difference(list, before, after),
    removedFrom: list => difference(list, after, before),
    changedIn: list => {
      if (!touched.has(list) || before[list] === after[list]) return []
      const known = entriesOf(before, list)
      return [...entriesOf(after, list).values()]
        .filter(entry => known.has(entry.id) && !sameValue(known.get(entry.id), entry))
        .map(entry => entry.id)
    },
  }
}

export type Verb = 'create' | 'update' | 'delete'

/** What happened to the record as a whole; a restored one is there again, as if created. */
export const verbOf = <V>(change: Pick<Change<V>, 'created' | 'removed' | 'restored'>): Verb =>
  change.created || change.restored ? 'create' : change.removed ? 'delete' : 'update'

/** The entry of a list or log that a path lies in, as a view has it. */
export const entryAt = <E extends { readonly id: string }>(entries: readonly E[], path: string): E | null => {
  const key = path.split('/')[1]
  if (key === undefined) return null
  const id = unescapeSegment(key)
  return entries.find(entry => entry.id === id) ?? null
}

/** Whether a write at this path puts an entry's tombstone there. */
export const isEntryRemoval = (path: string, value: unknown): boolean =>
  value !== null && path.split('/').length === 2
