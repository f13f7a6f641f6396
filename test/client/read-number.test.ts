import { expect, it, vi } from 'vitest'
import { parseNumber } from '../../client/app/format/read-number.ts'

// It asks the page for its language.
vi.mock('../../client/app/words/language.ts', () => ({ madeOnce: (make: unknown) => make }))

it('a number is read with the signs of its own language or the other, and nothing with a point in it grows by a thousand', () => {
  const english = { decimal: '.', group: ',' }
  const serbian = { decimal: ',', group: '.' }
  const french = { decimal: ',', group: '\u202f' }
  for (const signs of [english, serbian, french]) {
    for (const text of ['0.125', '0,125', '.125', '00,125', '-0.125', '\u22120,125'])
      expect(Math.abs(parseNumber(text, signs) ?? 0), text).toBe(0.125)
    expect(parseNumber('\u22120,125', signs)).toBe(-0.125)
    for (const text of ['1 234,5', '1.234,5', '1,234.5', '1’234.5', '1234,5'])
      expect(parseNumber(text, signs), text).toBe(1_234.5)
    expect(parseNumber('1.234.567', signs)).toBe(1_234_567)
    for (const text of ['1e5', 'abc', '-', '.', '1-2']) expect(parseNumber(text, signs)).toBeUndefined()
    expect(parseNumber(' ', signs)).toBe(null)
  }
  expect([english, serbian, french].map(signs => parseNumber('1.250', signs))).toEqual([1.25, 1_250, 1.25])
})
