// What a list asks for, and whether and where a row belongs in it: by the filter and the order that the server uses.

import type { RecordType } from '../../shared/record/define-record.ts'
import { type Filter, type FilterSubject, matches, type Row } from '../../shared/record/filter.ts'
import { type CompareRows, DEFAULT_ORDER, type Direction, rowOrder } from '../../shared/record/row-order.ts'
import type { JsonObject } from '../../shared/wire/shape.ts'

export interface ListQuery {
  readonly where?: Filter
  readonly orderBy?: readonly [field: string, direction?: Direction]
  readonly limit?: number
  /** The number of all rows that match. */
  readonly count?: boolean
  /** How many rows have which value, of these row fields. */
  readonly groups?: readonly string[]
  /** Sums of these row fields; with groups, of each group as well. */
  readonly sums?: readonly string[]
  /** Who has the record of a row open, also where it is not open here. */
  readonly presence?: boolean
}

const LIMIT_DEFAULT = 100

/** Equal queries, however written, have one key, and are one list. */
export const queryKey = (type: RecordType, query: ListQuery): string => `${type.name} ${canonicalJson(query)}`

export const limitOf = (query: ListQuery): number => query.limit ?? LIMIT_DEFAULT

export const isIn = (type: RecordType, query: ListQuery, row: Row, me: FilterSubject): boolean =>
  query.where === undefined || matches(query.where, row, me, type.list.search)

export const orderOf = (query: ListQuery): CompareRows => {
  const [field, direction = 'asc'] = query.orderBy ?? DEFAULT_ORDER
  return rowOrder(field, direction)
}

export const toWire = (type: RecordType, query: ListQuery, limit: number): JsonObject => {
  const [field, direction = 'asc'] = query.orderBy ?? DEFAULT_ORDER
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
    ...(query.presence === true ? { presence: true } : {}),
  }
}

/** The same question as a request. */
export const toAddress = (type: RecordType, query: ListQuery, limit: number): string => {
  const [field, direction = 'asc'] = query.orderBy ?? DEFAULT_ORDER
  const words = new URLSearchParams({ orderBy: `${field}:${direction}`, limit: String(limit) })
  if (query.where !== undefined) words.set('where', JSON.stringify(query.where))
  if (query.count === true) words.set('count', 'true')
  if (query.groups !== undefined) words.set('groups', query.groups.join())
  if (query.sums !== undefined) words.set('sums', query.sums.join())
  return `/api/records/${type.name}?${words}`
}

const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value).filter(([, part]) => part !== undefined)
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, part]) => `${JSON.stringify(key)}:${canonicalJson(part)}`)
    .join(',')}}`
}
