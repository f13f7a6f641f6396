// The order of rows in lists, the same on server and client: null, false, true, numbers, then text as a person
// would look it up: case and accents do not count, and «line 9» comes before «line 10». Equal ones go by id.

import type { RecordType } from './record-type.ts'
import { foldText, type Row } from './filter.ts'
import type { Value } from './value.ts'

export type Direction = 'asc' | 'desc'

/** What a list is ordered by when nothing else is said. */
export const DEFAULT_ORDER: readonly [field: string, direction: Direction] = ['created', 'desc']

/** What lists of a type can be ordered by. */
export const ordersOf = (type: RecordType): readonly string[] => {
  const known = ordersByType.get(type)
  if (known !== undefined) return known
  const all = [...new Set([...type.list.orders, 'created', 'updated', 'id'])]
  ordersByType.set(type, all)
  return all
}
const ordersByType = new WeakMap<RecordType, readonly string[]>()

/** Something that `compareOrderKeys` can compare without looking at it again. */
export type OrderKey = null | boolean | number | string

/** Text of the same order as the value's, as code points go; what is neither text nor scalar is null. */
export const orderValue = (value: Value | undefined): OrderKey => {
  if (typeof value === 'string') return textOrder(value)
  return typeof value === 'object' ? null : (value ?? null)
}

/** As `orderValue`, for comparing in memory: its text is ordered by `<`. */
export const orderKey = (value: Value | undefined): OrderKey => {
  const ordered = orderValue(value)
  return typeof ordered === 'string' && HIGH_UNIT.test(ordered)
    ? ordered.replace(HIGH_UNITS, byCodePoint)
    : ordered
}

export const compareOrderKeys = (a: OrderKey, b: OrderKey): number => {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  return rankOf(a) - rankOf(b)
}

/** By code point: `<` compares UTF-16 units and differs beyond U+D800. */
export const compareIds = (a: string, b: string): number => {
  if (a === b) return 0
  if (HIGH_UNIT.test(a) || HIGH_UNIT.test(b)) {
    const [x, y] = [a.replace(HIGH_UNITS, byCodePoint), b.replace(HIGH_UNITS, byCodePoint)]
    return x < y ? -1 : 1
  }
  return a < b ? -1 : 1
}

export type CompareRows = (a: Row, b: Row) => number

export const rowOrder = (field: string, direction: Direction): CompareRows => {
  const sign = direction === 'desc' ? -1 : 1
  return (a, b) => sign * (compareOrderKeys(orderKey(a[field]), orderKey(b[field])) || compareIds(a.id, b.id))
}

const rankOf = (key: OrderKey): number =>
  key === null ? 0 : key === false ? 1 : key === true ? 2 : typeof key === 'number' ? 3 : 4

const textOrder = (text: string): string => {
  const known = orders.get(text)
  if (known !== undefined) return known
  const order = foldText(text).replace(DIGITS, numberOrder)
  // A list compares the same few texts again and again.
  if (orders.size >= ORDERS_MAX) orders.clear()
  orders.set(text, order)
  return order
}

const orders = new Map<string, string>()
const ORDERS_MAX = 20_000

const DIGITS = /\d+/g

/** The longer number is the greater one; its length stands before it, as digits that sort among digits. */
const numberOrder = (digits: string): string => {
  const number = digits.replace(/^0+(?=\d)/, '')
  return '9'.repeat(Math.floor(number.length / 9)) + (number.length % 9) + number
}

/** Surrogates stand for code points beyond U+FFFF and come after U+E000–U+FFFF: the two ranges change places. */
const HIGH_UNIT = /[\ud800-\uffff]/
const HIGH_UNITS = /[\ud800-\uffff]/g
const byCodePoint = (unit: string): string => {
  const code = unit.charCodeAt(0)
  return String.fromCharCode(code < 0xe000 ? code + 0x2000 : code - 0x800)
}
