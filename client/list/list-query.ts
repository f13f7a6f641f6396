// What a list asks for, and whether and where a row belongs in it: by the filter and the order that the server uses.

import type { RecordType } from '../../shared/record/define-record.ts'
import { type Filter, type FilterSubject, matches, type Row } from '../../shared/record/filter.ts'
import type { Value } from '../../shared/record/value.ts'
import type { JsonObject } from '../../shared/wire/shape.ts'

export type Direction = 'asc' | 'desc'

export interface ListQuery {
  readonly where?: Filter
  readonly orderBy?: readonly [field: string, direction?: Direction]
  readonly limit?: number
  /** The number of all rows that match. */
  readonly count?: boolean
  /** How many rows have which value, of these row fields. */
  readonly groups?: readonly string[]
  readonly sums?: readonly string[]
}

const LIMIT_DEFAULT = 100

/** Equal queries, however written, have one key, and are one list. */
export const queryKey = (type: RecordType, query: ListQuery): string => `${type.name} ${canonicalJson(query)}`

export const limitOf = (query: ListQuery): number => query.limit ?? LIMIT_DEFAULT

export const isIn = (type: RecordType, query: ListQuery, row: Row, me: FilterSubject): boolean =>
  query.where === undefined || matches(query.where, row, me, type.list.search)

/** As the server orders: null, false, true, numbers, text by code point; then by id. */
export const rowOrder = (query: ListQuery): ((a: Row, b: Row) => number) => {
  const [field, direction = 'asc'] = query.orderBy ?? ['created', 'desc']
  const sign = direction === 'asc' ? 1 : -1
  return (a, b) => sign * (compareValues(a[field] ?? null, b[field] ?? null) || compareText(a.id, b.id))
}

export const toWire = (type: RecordType, query: ListQuery, limit: number): JsonObject => {
  const [field, direction = 'asc'] = query.orderBy ?? ['created', 'desc']
  // A filter is JSON by its own definition.
  const where = (query.where ?? {}) as JsonObject
  return {
    type: type.name,
    where,
    orderBy: [field, direction],
    limit,
    ...(query.count === true ? { count: true } : {}),
    ...(query.groups === undefined ? {} : { groups: query.groups }),
    ...(query.sums === undefined ? {} : { sums: query.sums }),
  }
}

const compareValues = (a: Value, b: Value): number => {
  const rank = rankOf(a) - rankOf(b)
  if (rank !== 0) return rank
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  return 0
}

const rankOf = (value: Value): number =>
  value === null ? 0 : value === false ? 1 : value === true ? 2 : typeof value === 'number' ? 3 : 4

const compareText = (a: string, b: string): number => {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return codePointRank(x) - codePointRank(y)
  }
  return a.length - b.length
}

/** Surrogates stand for code points beyond U+FFFF, and come after U+E000–U+FFFF. */
const codePointRank = (unit: number): number =>
  unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800

const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value).filter(([, part]) => part !== undefined)
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, part]) => `${JSON.stringify(key)}:${canonicalJson(part)}`)
    .join(',')}}`
}
