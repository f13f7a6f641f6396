// Changes of a record as people speak of them: an entry that was added is one line and not one for each of its cells,
// a removal is no object, times and people have their names. The history itself keeps every cell as it was written.

import { useCallback } from 'react'
import type { RecordType } from '../../../shared/index.ts'
import { type Format, useFormat } from '../format/use-format.ts'
import { useNameOf } from '../session/directory.tsx'
import { useAppWords } from '../words/app-words.ts'
import { type HistoryChange, isObject } from './history.ts'

/** Another record is known by its room, and shown by its title. */
export type Shown = string | { readonly room: string }

export interface ReadableChange {
  readonly path: string
  readonly label: string
  /** A text is only said to have changed. */
  readonly kind: 'value' | 'text' | 'added' | 'removed' | 'restored'
  readonly from: Shown | null
  readonly to: Shown
  /** An earlier value that can stand here again. */
  readonly before: unknown
  /** It was written, and another value stands. */
  readonly isLost?: boolean
}

/** Undefined: as any value of that kind is shown. */
export type ShowValue = (path: string, value: unknown) => string | undefined

type FieldsOfType = RecordType['fields']
type CellSpec = { readonly type: string; readonly refType?: string }

export const useShownValue = (type: RecordType, showValue: ShowValue | undefined) => {
  const format = useFormat()
  const nameOf = useNameOf()
  const words = useAppWords()
  return useCallback(
    (path: string, value: unknown): string => {
      if (value === null || value === undefined) return '–'
      return (
        showValue?.(path, value) ??
        shownBy(specAt(type.fields, path), value, { format, nameOf, yes: words.yes, no: words.no })
      )
    },
    [type, showValue, format, nameOf, words],
  )
}

interface Showing {
  readonly format: Format
  readonly nameOf: (id: string) => string
  readonly yes: string
  readonly no: string
}

const shownBy = (spec: CellSpec | null, value: unknown, { format, nameOf, yes, no }: Showing): string => {
  if (typeof value === 'boolean') return value ? yes : no
  if (typeof value === 'number') {
    if (spec?.type === 'time') return format.dateTime(value)
    return spec?.type === 'money' ? format.money(value) : format.number(value)
  }
  if (typeof value === 'string') {
    if (spec?.type === 'date') return format.date(value)
    if (spec?.refType === 'user') return nameOf(value)
    return spec?.refType === undefined ? value : value.slice(value.indexOf(':') + 1)
  }
  if (typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string')
    return value.name
  if (typeof value === 'object' && value !== null)
    return Object.values(value)
      .filter(part => typeof part === 'string' || typeof part === 'number')
      .join(' · ')
  return String(value)
}

export const specAt = (fields: FieldsOfType, path: string): CellSpec | null => {
  const [name = '', , part] = path.split('/')
  const field = fields[name]
  if (field?.kind === 'cell') return field.spec
  if (field?.kind === 'set') return field.element.spec
  const inEntry =
    (field?.kind === 'list' || field?.kind === 'log') && part !== undefined ? field.entry[part] : undefined
  return inEntry?.kind === 'cell' ? inEntry.spec : null
}

export const readableChanges = (
  type: RecordType,
  changes: readonly HistoryChange[],
  fieldName: (path: string) => string,
  shown: (path: string, value: unknown) => string,
): readonly ReadableChange[] => {
  const added = new Set(
    changes
      .filter(({ path, to }) => path.endsWith('/$created') && to === true)
      .map(({ path }) => path.slice(0, -'/$created'.length)),
  )
  const lines: ReadableChange[] = []
  for (const { path, from, to, isLost } of changes) {
    const [name = '', entry, part] = path.split('/')
    const field = type.fields[name]
    const value = (): void => {
      const written = valueLine(type, path, from, to, fieldName, shown)
      lines.push(isLost ? { ...written, before: undefined, isLost } : written)
    }
    const line = (kind: ReadableChange['kind'], label: string, text: string): void => {
      lines.push({ path, label, kind, from: null, to: text, before: undefined })
    }
    if (path === '') line(isSet(to) ? 'removed' : 'restored', '', '')
    else if (entry === undefined) {
      // What was emptied where nothing stood is no news.
      if (field !== undefined && (isSet(from) || isSet(to))) value()
    } else if (field?.kind === 'set')
      line(to === true ? 'added' : 'removed', fieldName(name), shown(path, decodeURIComponent(entry)))
    else if (field?.kind === 'counter')
      lines.push({
        ...valueLine(type, path, null, Number(to ?? 0) - Number(from ?? 0), () => fieldName(name), shown),
        before: undefined,
      })
    else if (field?.kind === 'log')
      line(
        'added',
        fieldName(name),
        isObject(to) ? partsOf(`${name}/${entry}`, Object.entries(to), shown) : '',
      )
    else if (part === undefined)
      line(isSet(to) ? 'removed' : 'restored', fieldName(name), entryText(name, entry, changes, shown))
    else if (part === '$created' && added.has(`${name}/${entry}`))
      line('added', fieldName(name), entryText(name, entry, changes, shown))
    else if (!added.has(`${name}/${entry}`) && !part.startsWith('$') && part !== 'pos') value()
  }
  return lines
}

export const valueLine = (
  type: RecordType,
  path: string,
  from: unknown,
  to: unknown,
  fieldName: (path: string) => string,
  shown: (path: string, value: unknown) => string,
): ReadableChange => {
  const refType = specAt(type.fields, path)?.refType
  const shownBest = (value: unknown): Shown => {
    const text = shown(path, value)
    const isBareId = refType !== undefined && value === `${refType}:${text}`
    return isBareId ? { room: value } : text
  }
  return {
    path,
    label: fieldName(path),
    kind: 'value',
    from: isSet(from) ? shownBest(from) : null,
    to: shownBest(to),
    before: isSet(from) ? from : undefined,
  }
}

/** «Biscuits, 300 g · 12 · pc»: what was written into the entry in the same change. */
const entryText = (
  list: string,
  entry: string,
  changes: readonly HistoryChange[],
  shown: (path: string, value: unknown) => string,
): string => {
  const within = `${list}/${entry}/`
  const parts = changes
    .filter(({ path }) => path.startsWith(within))
    .map(({ path, to }): [string, unknown] => [path.slice(within.length), to])
  return partsOf(`${list}/${entry}`, parts, shown)
}

/** «Biscuits, 300 g · 12 · pc» of what stands in an entry. */
export const partsOf = (
  at: string,
  parts: readonly (readonly [string, unknown])[],
  shown: (path: string, value: unknown) => string,
): string =>
  parts
    .filter(([part, value]) => isSet(value) && value !== false && part !== 'pos' && !part.startsWith('$'))
    .map(([part, value]) => {
      const [name = '', key] = part.split('/')
      // An element of a set is its own name.
      return key === undefined ? shown(`${at}/${name}`, value) : decodeURIComponent(key)
    })
    .filter(text => text !== '')
    .join(' · ')

const isSet = (value: unknown): boolean => value !== null && value !== undefined
