// A filter over slots instead of rows: where a column has the values side by side, the row itself need not be looked
// at, which is what a look at a hundred thousand of them costs.

import type { Row } from '../../shared/record/filter.ts'
import type { NumberColumn } from './number-column.ts'
import type { PlainFilter, Test } from './plain-filter.ts'
import type { Postings } from './postings.ts'
import { type Predicate, predicateOf } from './predicate.ts'

export type SlotPredicate = (slot: number) => boolean

export interface Columns {
  readonly rows: readonly (Row | null)[]
  readonly postings: ReadonlyMap<string, Postings>
  readonly numbers: ReadonlyMap<string, NumberColumn>
  textOf(row: Row): string
}

/** For one pass over the table: the columns may be others when it has grown. */
export const slotPredicate = (filter: PlainFilter, columns: Columns): SlotPredicate => {
  switch (filter.kind) {
    case 'all':
      return () => true
    case 'none':
      return () => false
    case 'and':
      return every(ordered(filter.parts, columns).map(part => slotPredicate(part, columns)))
    case 'or':
      return some(ordered(filter.parts, columns).map(part => slotPredicate(part, columns)))
    case 'test':
      return columnTest(filter.field, filter.test, columns) ?? ofRow(filter, columns)
    case 'words':
      return ofRow(filter, columns)
  }
}

const ofRow = (filter: PlainFilter, { rows, textOf }: Columns): SlotPredicate => {
  const predicate: Predicate = predicateOf(filter, textOf)
  return slot => {
    const row = rows[slot]
    return row != null && predicate(row)
  }
}

const columnTest = (field: string, test: Test, { postings, numbers }: Columns): SlotPredicate | null => {
  const posting = postings.get(field)
  const column = numbers.get(field)
  switch (test.op) {
    case 'is':
    case 'not':
    case 'same': {
      if (posting === undefined || (test.value !== null && typeof test.value === 'object')) return null
      const { codes } = posting
      const code = posting.knownCodeOf(test.value)
      return test.op === 'not' ? slot => codes[slot] !== code : slot => codes[slot] === code
    }
    case 'in': {
      if (posting === undefined) return null
      const { codes } = posting
      const wanted = new Uint8Array(posting.codeCount)
      for (const value of test.values) {
        const code = posting.knownCodeOf(value)
        if (code >= 0) wanted[code] = 1
      }
      return slot => wanted[codes[slot] ?? 0] === 1
    }
    case 'contains':
      return null
    default: {
      const bound = test.value
      if (column === undefined || typeof bound !== 'number') return null
      const { numbers: values } = column
      return rangeTest(test.op, values, bound)
    }
  }
}

/** No comparison with NaN holds. */
const rangeTest = (op: 'gt' | 'gte' | 'lt' | 'lte', values: Float64Array, bound: number): SlotPredicate => {
  switch (op) {
    case 'gt':
      return slot => (values[slot] as number) > bound
    case 'gte':
      return slot => (values[slot] as number) >= bound
    case 'lt':
      return slot => (values[slot] as number) < bound
    case 'lte':
      return slot => (values[slot] as number) <= bound
  }
}

/** What columns answer is asked first. */
const ordered = (parts: readonly PlainFilter[], columns: Columns): readonly PlainFilter[] =>
  parts.toSorted((a, b) => costOf(a, columns) - costOf(b, columns))

const costOf = (filter: PlainFilter, columns: Columns): number => {
  if (filter.kind === 'words') return 3
  if (filter.kind === 'and' || filter.kind === 'or')
    return Math.max(...filter.parts.map(part => costOf(part, columns)))
  if (filter.kind !== 'test') return 0
  return columnTest(filter.field, filter.test, columns) === null ? 2 : 1
}

const every = (parts: readonly SlotPredicate[]): SlotPredicate => {
  const [a, b] = parts
  if (a !== undefined && b !== undefined && parts.length === 2) return slot => a(slot) && b(slot)
  return slot => {
    for (const part of parts) if (!part(slot)) return false
    return true
  }
}

const some = (parts: readonly SlotPredicate[]): SlotPredicate => {
  const [a, b] = parts
  if (a !== undefined && b !== undefined && parts.length === 2) return slot => a(slot) || b(slot)
  return slot => {
    for (const part of parts) if (part(slot)) return true
    return false
  }
}
