// What others did while one was away, said as the activity says it: an entry that came or went is one line in its own
// words, and the machinery's ids and times are none.

import type { DigestItem } from '../../index.ts'
import { type RecordType, unescapeSegment } from '../../../shared/index.ts'
import { isObject } from './history.ts'
import { partsOf, type ReadableChange, valueLine } from './readable-changes.ts'

export interface ReadableItem {
  readonly item: DigestItem
  readonly change: ReadableChange
}

export const readableDigest = (
  type: RecordType,
  items: readonly DigestItem[],
  fieldName: (path: string) => string,
  shown: (path: string, value: unknown) => string,
): readonly ReadableItem[] =>
  items.flatMap(item => {
    const change = refusedEntry(item, items, fieldName, shown) ?? readableItem(type, item, fieldName, shown)
    return change === null || isOfRefusedEntry(item, items) ? [] : [{ item, change }]
  })

const isRefused = ({ outcome }: DigestItem): boolean => outcome === 'refused'

/** An entry that one added oneself, and that was refused, is one line in its own words. */
const refusedEntry = (
  item: DigestItem,
  items: readonly DigestItem[],
  fieldName: (path: string) => string,
  shown: (path: string, value: unknown) => string,
): ReadableChange | null => {
  const { path } = item
  if (!isRefusedEntry(item)) return null
  const entry = path.slice(0, -BEGUN.length)
  const parts = items
    .filter(other => isRefused(other) && other.path.startsWith(`${entry}/`))
    .map((other): [string, unknown] => [other.path.slice(entry.length + 1), other.before])
  const label = fieldName(entry.split('/')[0] ?? '')
  const to = partsOf(entry, parts, shown)
  return { path, label, kind: 'removed', from: null, to, before: undefined }
}

const isOfRefusedEntry = (item: DigestItem, items: readonly DigestItem[]): boolean =>
  isRefused(item) &&
  !isRefusedEntry(item) &&
  items.some(other => isRefusedEntry(other) && item.path.startsWith(other.path.slice(0, 1 - BEGUN.length)))

const isRefusedEntry = (item: DigestItem): boolean => isRefused(item) && item.path.endsWith(BEGUN)

const BEGUN = '/$created'

const readableItem = (
  type: RecordType,
  { path, before, after }: DigestItem,
  fieldName: (path: string) => string,
  shown: (path: string, value: unknown) => string,
): ReadableChange | null => {
  const [name = '', key, part] = path.split('/')
  const field = type.fields[name]
  if (field === undefined) return null
  const line = (kind: ReadableChange['kind'], to: string): ReadableChange => ({
    path,
    label: fieldName(name),
    kind,
    from: null,
    to,
    before: undefined,
  })
  if (field.kind === 'text') return line('text', '')
  if (part === 'pos' || part?.startsWith('$') === true) return null
  if (key === undefined || part !== undefined) return valueLine(type, path, before, after, fieldName, shown)
  const kind = after === undefined || after === null ? 'removed' : 'added'
  if (field.kind === 'set') return line(kind, shown(path, unescapeSegment(key)))
  if (field.kind !== 'list' && field.kind !== 'log') return null
  const entry: unknown = kind === 'added' ? after : before
  // Its id, who added it and when are beside the line, or nobody's business.
  const parts = isObject(entry) ? Object.entries(entry).filter(([one]) => one in field.entry) : []
  return line(kind, partsOf(path, parts, shown))
}
