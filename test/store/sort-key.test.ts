import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ordered, parseOrdered } from '../../server/store/level-layout.ts'
import { type SortValue, sortKey } from '../../server/store/sort-key.ts'
import { compareKeys } from './memory-store.ts'

const value = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.double({ noNaN: true }),
  fc.integer(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', 'a', 'a\0', 'a\x01', 'a\x02', 'a b', '\u{1f600}', '\uffff'),
)

/** The order that keys promise, spelled out. */
function compareValues(a: SortValue, b: SortValue): number {
  const rank = (v: SortValue): number => {
    if (v === null) return 0
    if (typeof v === 'boolean') return v ? 2 : 1
    return typeof v === 'number' ? 3 : 4
  }
  if (rank(a) !== rank(b)) return rank(a) - rank(b)
  if (typeof a === 'number' && typeof b === 'number') return a === b ? 0 : a < b ? -1 : 1
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return 0
}

function compareLists(a: readonly SortValue[], b: readonly SortValue[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compareValues(a[i] ?? null, b[i] ?? null)
    if (order !== 0) return order
  }
  return a.length - b.length
}

const bytesOrder = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

describe('index keys', () => {
  it('sort as their values do, as bytes and as compared in memory', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 3 }), fc.array(value, { maxLength: 3 }), (a, b) => {
        const expected = Math.sign(compareLists(a, b))
        expect(Math.sign(bytesOrder(sortKey(a), sortKey(b)))).toBe(expected)
        expect(Math.sign(compareKeys(sortKey(a), sortKey(b)))).toBe(expected)
      }),
      { numRuns: 2000 },
    )
  })

  it('hold none of the characters that separate keys', () => {
    fc.assert(fc.property(fc.array(value), values => !sortKey(values).includes('\0')))
  })

  it('of numbers in names keep their order', () => {
    const number = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
    fc.assert(
      fc.property(number, number, (a, b) => {
        expect(parseOrdered(ordered(a))).toBe(a)
        expect(Math.sign(bytesOrder(ordered(a), ordered(b)))).toBe(Math.sign(a - b))
      }),
    )
  })
})
