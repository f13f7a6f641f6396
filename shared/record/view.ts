// From live cells to the frozen JSON that screens, rules, rows and REST read. Unchanged parts keep their
// identity, so that a screen can compare by ===.

import type { CellSource } from './cell-index.ts'
import { compareCells, type LiveCell } from './cell.ts'
import { stampToMs } from './clock.ts'
import { withDerived } from './derived.ts'
import type { AnyView, RecordType } from './record-type.ts'
import type {
  CellField,
  CounterField,
  EntryFields,
  Field,
  ListField,
  LogField,
  LogFields,
  SetField,
} from './field.ts'
import { CREATED, RECORD_PATH, unescapeSegment, witnessedPath, witnessPath } from './path.ts'
import { latestPerClient, type Resolution, resolve, type Witness } from './policy.ts'
import { sameValue, type Value } from './value.ts'

/** What every record shows besides its fields, and nobody writes. */
export const SHOWN_OF_EVERY_RECORD: ReadonlySet<string> = new Set([
  'id',
  'created',
  'createdBy',
  'updated',
  'updatedBy',
  'removed',
])

export interface EntryView {
  readonly id: string
  readonly by: string
  readonly at: number
  readonly pos?: string
  readonly [field: string]: unknown
}

export const resolveAt = (source: CellSource, field: CellField<unknown, unknown>, path: string): Resolution =>
  resolve(
    field.policy,
    field.spec.order,
    source.at(path),
    field.policy === 'first' ? witnessAt(source, path) : [],
  )

export const witnessAt = (source: CellSource, path: string): Witness => {
  const cells = source.at(witnessPath(path))
  const value = cells.length > 1 ? lastOf(cells)?.value : cells[0]?.value
  // Only the server writes witnesses, and the guard holds that, so their shape needs no second look.
  return (value ?? []) as unknown as Witness
}

export const buildView = (type: RecordType, id: string, source: CellSource, now: number): AnyView => {
  const view: Record<string, unknown> = { id, ...metaOf(source) }
  for (const [name, field] of Object.entries(type.fields))
    view[name] = fieldView(source, name, field, undefined, null)
  return withDerived(type, view, undefined, now)
}

/** The view after the registers at `dirty` have changed. */
export const patchView = (
  type: RecordType,
  view: AnyView,
  source: CellSource,
  dirty: Iterable<string>,
  now: number,
): AnyView => {
  const entriesByField = new Map<string, Set<string> | null>()
  let metaChanged = false
  for (const touched of dirty) {
    const path = witnessedPath(touched) ?? touched
    if (path === RECORD_PATH || path === CREATED) metaChanged = true
    const { name, entry } = touchedPart(path)
    if (!Object.hasOwn(type.fields, name)) continue
    let entries = entriesByField.get(name)
    if (entries === undefined) {
      entries = entry === null ? null : new Set()
      entriesByField.set(name, entries)
    }
    if (entry !== null) entries?.add(entry)
  }
  const next: Record<string, unknown> = { ...view, ...(metaChanged ? metaOf(source) : {}) }
  for (const [name, entries] of entriesByField) {
    const field = type.fields[name]
    if (field !== undefined) next[name] = fieldView(source, name, field, view[name], entries)
  }
  return withDerived(type, next, view, now)
}

/** The field that a register lies in, and the entry of it. */
export const touchedPart = (path: string): { readonly name: string; readonly entry: string | null } => {
  const slash = path.indexOf('/')
  return slash < 0
    ? { name: path, entry: null }
    : { name: path.slice(0, slash), entry: path.slice(slash + 1, nextSlash(path, slash)) }
}

export const fieldView = (
  source: CellSource,
  name: string,
  field: Field,
  before: unknown,
  touched: ReadonlySet<string> | null,
): unknown => {
  switch (field.kind) {
    case 'cell':
      return cellView(source, field, name)
    case 'set':
      return keepIdentity(before, setView(source, name))
    case 'counter':
      return counterView(source, name)
    case 'text':
      return source.text(name)
    case 'list':
    case 'log': {
      const entries = before as readonly EntryView[] | undefined
      return entriesView(source, name, field, entries ?? NO_ENTRIES, entries === undefined ? null : touched)
    }
  }
}

const NO_ENTRIES: readonly EntryView[] = Object.freeze([])

const cellView = (source: CellSource, field: CellField<unknown, unknown>, path: string): Value => {
  const cells = source.at(path)
  const [only] = cells
  if (only === undefined) return field.initial
  return (
    (cells.length === 1 ? only.value : (resolveAt(source, field, path).winner?.value ?? null)) ??
    field.initial
  )
}

const setView = (source: CellSource, path: string): readonly string[] => {
  const members: string[] = []
  for (const key of source.keys(path)) {
    if (isMember(source.at(`${path}/${key}`))) members.push(unescapeSegment(key))
  }
  return Object.freeze(members.sort())
}

/** Concurrent true wins: whoever added an element did not see the removal. */
export const isMember = (cells: readonly LiveCell[]): boolean =>
  latestPerClient(cells).some(cell => cell.value === true)

const counterView = (source: CellSource, path: string): number => {
  let sum = 0
  for (const key of source.keys(path)) {
    const value = lastOf(source.at(`${path}/${key}`))?.value
    if (typeof value === 'number') sum += value
  }
  return sum
}

const entriesView = (
  source: CellSource,
  name: string,
  field: ListField<EntryFields> | LogField<LogFields>,
  before: readonly EntryView[],
  touched: ReadonlySet<string> | null,
): readonly EntryView[] => {
  const entry = (key: string, old: EntryView | undefined): EntryView | null =>
    keepIdentity(
      old,
      field.kind === 'list' ? listEntry(source, name, key, field) : logEntry(source, name, key),
    )
  const order = field.kind === 'list' && field.order === 'manual' ? byPosition : byTime
  if (touched !== null && touched.size === 1) {
    for (const key of touched) return withEntry(before, unescapeSegment(key), old => entry(key, old), order)
  }
  const old = new Map(before.map(view => [view.id, view]))
  const next = touched === null ? new Map<string, EntryView>() : new Map(old)
  for (const key of touched ?? source.keys(name)) {
    const id = unescapeSegment(key)
    const view = entry(key, old.get(id))
    if (view === null) next.delete(id)
    else next.set(id, view)
  }
  const entries = [...next.values()].sort(order)
  return isSameList(entries, before) ? before : Object.freeze(entries)
}

/** The entry of a list that has this id. */
export const entryOf = (entries: readonly EntryView[], id: string): EntryView | null =>
  entries[placeOf(entries, id)] ?? null

/**
 * Where each entry stands, by id. A list in which one entry has changed, or that has grown at its end, takes the
 * places over from the one before it; whoever looks makes sure that they still hold.
 */
const placesByList = new WeakMap<readonly EntryView[], Map<string, number>>()

const placeOf = (entries: readonly EntryView[], id: string): number => {
  const known = placesByList.get(entries)
  const place = known?.get(id)
  if (place !== undefined && entries[place]?.id === id) return place
  if (place === undefined && known?.size === entries.length) return -1
  const places = new Map<string, number>()
  for (let i = 0; i < entries.length; i++) places.set(entries[i]?.id ?? '', i)
  placesByList.set(entries, places)
  return places.get(id) ?? -1
}

const withEntry = (
  before: readonly EntryView[],
  id: string,
  read: (old: EntryView | undefined) => EntryView | null,
  order: (a: EntryView, b: EntryView) => number,
): readonly EntryView[] => {
  const index = placeOf(before, id)
  const old = before[index]
  const view = read(old)
  if (view === old || (view === null && old === undefined)) return before
  // Of a frozen array, slice and splice take a hundred times as long as a spread.
  const entries = [...before]
  const places = placesByList.get(before)
  if (old !== undefined && view !== null && order(old, view) === 0) {
    entries[index] = view
    if (places !== undefined) placesByList.set(entries, places)
  } else {
    if (old !== undefined) entries.splice(index, 1)
    const place = view === null ? -1 : insertionPoint(entries, view, order)
    if (view !== null) entries.splice(place, 0, view)
    if (old === undefined && places !== undefined && place === entries.length - 1)
      placesByList.set(entries, places.set(id, place))
  }
  return Object.freeze(entries)
}

const insertionPoint = (
  entries: readonly EntryView[],
  view: EntryView,
  order: (a: EntryView, b: EntryView) => number,
): number => {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >> 1
    const other = entries[middle]
    if (other !== undefined && order(other, view) <= 0) low = middle + 1
    else high = middle
  }
  return low
}

const byTime = (a: EntryView, b: EntryView): number => a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
const byPosition = (a: EntryView, b: EntryView): number => {
  const left = a.pos ?? ''
  const right = b.pos ?? ''
  return left < right ? -1 : left > right ? 1 : byTime(a, b)
}

export const entryRemoval = (source: CellSource, path: string): LiveCell | null => {
  const cell = lastOf(source.at(path))
  return cell === null || cell.value === null ? null : cell
}

const listEntry = (
  source: CellSource,
  name: string,
  key: string,
  field: ListField<EntryFields>,
): EntryView | null => {
  const path = `${name}/${key}`
  if (entryRemoval(source, path) !== null) return null
  const view: Record<string, unknown> = { id: unescapeSegment(key), by: '', at: 0 }
  const created = firstOf(source.at(`${path}/${CREATED}`))
  let earliest = created
  for (const [part, inner] of Object.entries(field.entry)) {
    const partPath = `${path}/${part}`
    if (inner.kind === 'cell') {
      view[part] = cellView(source, inner, partPath)
      if (created === null) earliest = earlier(earliest, firstOf(source.at(partPath)))
    } else {
      view[part] = innerView(source, inner, partPath)
    }
  }
  if (earliest === null) return null
  view['by'] = earliest.author
  view['at'] = stampToMs(earliest.stamp)
  if (field.order === 'manual') view['pos'] = lastOf(source.at(`${path}/pos`))?.value ?? ''
  return Object.freeze(view) as EntryView
}

const innerView = (source: CellSource, field: SetField<string> | CounterField, path: string): unknown =>
  field.kind === 'set' ? setView(source, path) : counterView(source, path)

const logEntry = (source: CellSource, name: string, key: string): EntryView | null => {
  // Until the server has deleted an equal second, the one written first counts.
  const cell = firstOf(source.at(`${name}/${key}`))
  if (cell === null || typeof cell.value !== 'object' || cell.value === null) return null
  return Object.freeze({
    ...(cell.value as Record<string, unknown>),
    id: unescapeSegment(key),
    by: cell.author,
    at: stampToMs(cell.stamp),
  })
}

export const metaOf = (
  source: CellSource,
): { created: number | null; createdBy: string; removed: boolean } => {
  const created = firstOf(source.at(CREATED))
  return {
    created: created === null ? null : stampToMs(created.stamp),
    createdBy: created?.author ?? '',
    removed: entryRemoval(source, RECORD_PATH) !== null,
  }
}

export const lastOf = (cells: readonly LiveCell[]): LiveCell | null =>
  cells.length === 0 ? null : latestPerClient(cells).reduce((a, b) => (compareCells(a, b) >= 0 ? a : b))

export const firstOf = (cells: readonly LiveCell[]): LiveCell | null =>
  cells.length === 0 ? null : cells.reduce((a, b) => (compareCells(a, b) <= 0 ? a : b))

const earlier = (a: LiveCell | null, b: LiveCell | null): LiveCell | null =>
  a === null ? b : b === null || compareCells(a, b) <= 0 ? a : b

const keepIdentity = <T>(before: unknown, after: T): T => (sameValue(before, after) ? (before as T) : after)

const isSameList = (a: readonly EntryView[], b: readonly EntryView[]): boolean =>
  a.length === b.length && a.every((entry, i) => entry === b[i])

const nextSlash = (path: string, from: number): number | undefined => {
  const slash = path.indexOf('/', from + 1)
  return slash < 0 ? undefined : slash
}
