import { findable, foldText, type Row } from '../../shared/record/filter.ts'
import { sameValue, type Value } from '../../shared/record/value.ts'
import type { PlainFilter, Test } from './plain-filter.ts'

export type Predicate = (row: Row) => boolean

/** What `matches` of shared/record/filter.ts says, prepared once for many rows. `textOf` is the row's searchable text. */
export const predicateOf = (filter: PlainFilter, textOf: (row: Row) => string): Predicate => {
  switch (filter.kind) {
    case 'all':
      return () => true
    case 'none':
      return () => false
    case 'test':
      return testOf(filter.field, filter.test)
    case 'words': {
      const { words } = filter
      return row => {
        const text = textOf(row)
        for (const word of words) if (!text.includes(word)) return false
        return true
      }
    }
    case 'and': {
      const parts = filter.parts.map(part => predicateOf(part, textOf))
      const [a, b] = parts
      if (parts.length === 2 && a !== undefined && b !== undefined) return row => a(row) && b(row)
      return row => {
        for (const part of parts) if (!part(row)) return false
        return true
      }
    }
    case 'or': {
      const parts = filter.parts.map(part => predicateOf(part, textOf))
      return row => {
        for (const part of parts) if (part(row)) return true
        return false
      }
    }
  }
}

const testOf = (field: string, test: Test): Predicate => {
  switch (test.op) {
    case 'is': {
      const { value } = test
      return value === null ? row => (row[field] ?? null) === null : row => row[field] === value
    }
    case 'not': {
      const { value } = test
      return row => (row[field] ?? null) !== value
    }
    case 'same': {
      const { value } = test
      return row => sameValue(row[field] ?? null, value)
    }
    case 'in': {
      const values = new Set(test.values)
      return row => values.has(row[field] ?? null)
    }
    case 'contains':
      return containsOf(field, test.value)
    default:
      return rangeOf(field, test.op, test.value)
  }
}

const containsOf = (field: string, wanted: Value): Predicate => {
  const folded = typeof wanted === 'string' ? foldText(wanted) : null
  return row => {
    const value = row[field]
    if (Array.isArray(value)) return value.includes(wanted)
    return folded !== null && typeof value === 'string' && findable(value).includes(folded)
  }
}

const rangeOf = (
  field: string,
  op: 'gt' | 'gte' | 'lt' | 'lte',
  bound: boolean | number | string,
): Predicate => {
  const type = typeof bound
  switch (op) {
    case 'gt':
      return row => typeof row[field] === type && (row[field] as typeof bound) > bound
    case 'gte':
      return row => typeof row[field] === type && (row[field] as typeof bound) >= bound
    case 'lt':
      return row => typeof row[field] === type && (row[field] as typeof bound) < bound
    case 'lte':
      return row => typeof row[field] === type && (row[field] as typeof bound) <= bound
  }
}

/** The text that words are looked for in: case and accents do not count. */
export const searchText = (row: Row, searchable: readonly string[]): string =>
  searchable.map(field => findable(String(row[field] ?? ''))).join('\n')
