import type { Row } from '../record/filter.ts'

/**
 * What a device holds of a list, in a few numbers, so that after a tunnel the rows that differ are sent and no others,
 * however long the list is. Rows are parted into heaps by their ids; of each heap goes one sum over all that its rows
 * say. Both sides make the same JSON of a row: what came as JSON is written as it came.
 */

/** Fewer are hardly more than the question. */
export const HELD_ROWS_MIN = 16
const ROWS_A_HEAP = 16
export const HEAPS_MAX = 1_024

/** One number a heap. */
export const heapsOf = (rows: readonly Row[], heapsMax = HEAPS_MAX): number[] =>
  heapSums(rows, Math.min(heapsMax, Math.ceil(rows.length / ROWS_A_HEAP)))

/** Where there is no socket they go in this header, as digits and letters that points part: some 11 bytes each. */
export const HEAPS_HEADER = 'corecord-heaps'
/** Proxies take some 8 KB of headers. */
export const HEAPS_IN_HEADER_MAX = 256

export const writeHeaps = (heaps: readonly number[]): string => heaps.map(sum => sum.toString(36)).join('.')

/** Null: it is none. */
export const readHeaps = (text: string): number[] | null =>
  /^[\da-z]{1,11}(?:\.[\da-z]{1,11}){0,255}$/.test(text)
    ? text.split('.').map(sum => Number.parseInt(sum, 36))
    : null

export const heapSums = (rows: readonly Row[], heaps: number): number[] => {
  const sums = Array.from({ length: heaps }, () => 0)
  for (const row of rows) {
    const heap = heapOf(row, heaps)
    sums[heap] = ((sums[heap] ?? 0) + sumOf(row)) % SUM_END
  }
  return sums
}

export const heapOf = ({ id }: Row, heaps: number): number => textSum(id) % heaps

/** Of all rows in their order: whoever put a list together from two sides knows by it whether it is the whole one. */
export const orderSum = (rows: readonly Row[]): number => {
  let sum = rows.length
  for (const row of rows) sum = (Math.imul(sum, 0x01000193) ^ sumOf(row)) >>> 0
  return sum
}

/** Two of them make no number that is not exact. */
const SUM_END = 2 ** 52

/** A row is on many lists, and stays as it is while others change. */
const sums = new WeakMap<Row, number>()

const sumOf = (row: Row): number => {
  const known = sums.get(row)
  if (known !== undefined) return known
  const sum = textSum(JSON.stringify(row))
  sums.set(row, sum)
  return sum
}

/** Two ways through the text, so that of 2^52 texts hardly two have the same. */
const textSum = (text: string): number => {
  let low = 0x811c9dc5
  let high = 0x9e3779b1
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    low = Math.imul(low ^ unit, 0x01000193)
    high = Math.imul(((high << 5) | (high >>> 27)) ^ unit, 0x85ebca6b)
  }
  low = Math.imul(low ^ (low >>> 15), 0x2c1b3c6d)
  high = Math.imul(high ^ (high >>> 13), 0xc2b2ae35)
  return ((high ^ (high >>> 16)) & 0xfffff) * 2 ** 32 + ((low ^ (low >>> 12)) >>> 0)
}
