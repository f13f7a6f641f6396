// What a list asks for, and whether and where a row belongs in it: by the filter and the order that the server uses.

import type { RecordType } from '../../shared/record/record-type.ts'
import { assertRecordType } from '../../shared/record/assert-declaration.ts'
import {
  fieldsInFilter,
  type Filter,
  filterProblem,
  type FilterSubject,
  matches,
  type Row,
} from '../../shared/record/filter.ts'
import {
  type CompareRows,
  DEFAULT_ORDER,
  type Direction,
  ordersOf,
  rowOrder,
} from '../../shared/record/row-order.ts'
import { rowNamesProblem } from '../../shared/record/row-names.ts'
import type { JsonObject } from '../../shared/wire/shape.ts'

/** What is undefined is not asked. */
export interface ListQuery {
  readonly where?: Filter | undefined
  readonly orderBy?: readonly [field: string, direction?: Direction] | undefined
  readonly limit?: number | undefined
  /** The number of all rows that match. */
  readonly count?: boolean | undefined
  /** How many rows have which value, of these row fields. */
  readonly groups?: readonly string[] | undefined
  /** Sums of these row fields; with groups, of each group as well. */
  readonly sums?: readonly string[] | undefined
  /** Who has the record of a row open, also where it is not open here. */
  readonly presence?: boolean | undefined
}

/** Whatever happens shows in it; of more records that change at one moment the others are not told. */
export const CHANGED_LAST: ListQuery = { orderBy: ['updated', 'desc'], limit: 50 }

/** However it is written: who shows such a list has the same one. */
export const isChangedLast = (query: ListQuery): boolean =>
  canonicalJson(query) === canonicalJson(CHANGED_LAST)

const LIMIT_DEFAULT = 100
/** A longer one, such as a search for a text that somebody pasted, would end the link with all else that is on it. */
const QUERY_CHARS_MAX = 250_000

/** Equal queries, however written, have one key, and are one list; those that are none, by what is wrong with them. */
export const queryKey = (type: RecordType, query: ListQuery): string => {
  assertRecordType(type)
  return `${type.name} ${queryProblem(type, query) ?? canonicalJson(query)}`
}

/** Of a key that `queryKey` has made of a query. */
export const queryOfKey = (key: string): ListQuery => JSON.parse(key.slice(key.indexOf(' ') + 1)) as ListQuery

/**
 * Why something asked is no query of such a list, or null. A server says some of it too; but what it is not sent, as a
 * misspelt part or a name that no row has, would be a list of everything, or of nothing.
 */
export const queryProblem = (type: RecordType, query: ListQuery): string | null => {
  if (typeof query !== 'object' || query === null || Array.isArray(query)) return 'A query is an object.'
  const parts: { readonly [K in keyof ListQuery]?: unknown } = query
  const unknown = Object.keys(parts).find(key => !(QUERY_PARTS as readonly string[]).includes(key))
  if (unknown !== undefined) return `A query has no «${unknown}»: there are ${QUERY_PARTS.join(', ')}.`
  const { where = {}, orderBy = DEFAULT_ORDER, limit = LIMIT_DEFAULT, groups = [], sums = [] } = parts
  const problem = filterProblem(where, { lacking: true })
  if (problem !== null) return `where: ${problem}.`
  const [field, direction = 'asc', ...more]: unknown[] = Array.isArray(orderBy) ? orderBy : []
  if (typeof field !== 'string' || (direction !== 'asc' && direction !== 'desc') || more.length > 0)
    return 'orderBy is [field, "asc" or "desc"].'
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 0) return 'limit is a whole number.'
  const flag = (['count', 'presence'] as const).find(name => !isFlag(parts[name]))
  if (flag !== undefined) return `${flag} is true or false.`
  if (!isNames(groups)) return 'groups is a list of row fields.'
  if (!isNames(sums)) return 'sums is a list of row fields.'
  if (!ordersOf(type).includes(field))
    return `A list of ${type.name} is ordered by ${ordersOf(type).join(', ')}. Add «${field}» to the type's list.orders.`
  if (canonicalJson(query).length > QUERY_CHARS_MAX) return 'A query is too long: narrow what is asked for.'
  // `filterProblem` found none.
  const misnamed = rowNamesProblem(type, [...fieldsInFilter(where as Filter), ...groups, ...sums])
  return misnamed === null ? null : `${misnamed} Add it to the type's row, null where it is empty.`
}

const QUERY_PARTS = ['where', 'orderBy', 'limit', 'count', 'groups', 'sums', 'presence'] as const

const isFlag = (value: unknown): boolean => value === undefined || typeof value === 'boolean'

const isNames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(name => typeof name === 'string')

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
    ...(isChangedLast(query) ? { said: true } : {}),
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
