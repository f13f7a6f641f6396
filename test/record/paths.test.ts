import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  entryPathOf,
  escapeSegment,
  isCanonicalPath,
  joinPath,
  PATH_CHARS_MAX,
  splitPath,
  unescapeSegment,
  witnessedPath,
  witnessPath,
} from '../../shared/record/path.ts'
import { isPosition, positionBetween } from '../../shared/record/position.ts'

const wellFormed = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 })
const odd = fc.string({
  unit: fc.constantFrom('/', '%', '$', '2', 'F', 'a', 'é', '😀', ' '),
  minLength: 1,
  maxLength: 12,
})
const key = fc.oneof(wellFormed, odd)

describe('a path', () => {
  it('keeps every key, however it is written', () => {
    fc.assert(
      fc.property(fc.array(key, { minLength: 1, maxLength: 4 }), keys => {
        const path = joinPath(...keys)
        expect(splitPath(path).map(unescapeSegment)).toEqual(keys)
        fc.pre(path.length <= PATH_CHARS_MAX)
        expect(isCanonicalPath(path)).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  it('has one spelling only', () => {
    fc.assert(
      fc.property(key, key, (a, b) => {
        expect(escapeSegment(a) === escapeSegment(b)).toBe(a === b)
      }),
    )
    for (const path of [
      'a%2fb',
      'a%41',
      'a%',
      'a%2',
      '/a',
      'a/',
      'a//b',
      '$',
      'a/$',
      'a%24',
      '%24%24a',
      'a\ud800',
    ]) {
      expect([path, isCanonicalPath(path)]).toEqual([path, false])
    }
    for (const path of [
      '',
      'a',
      'a/b',
      '$created',
      'a/b/$created',
      '%24a',
      'a%2Fb',
      'a%25',
      '$w/a%2Fb',
      'ž/😀',
    ]) {
      expect([path, isCanonicalPath(path)]).toEqual([path, true])
    }
  })

  it('of any text that is not in the one spelling is not canonical', () => {
    fc.assert(
      fc.property(odd, text => {
        const isOne = text.split('/').every(segment => {
          const name = segment.startsWith('$') ? segment.slice(1) : segment
          return name !== '' && escapeSegment(unescapeSegment(name)) === name
        })
        expect(isCanonicalPath(text)).toBe(isOne)
      }),
      { numRuns: 2000 },
    )
  })

  it('and its witness name each other', () => {
    fc.assert(
      fc.property(fc.array(key, { minLength: 1, maxLength: 3 }), keys => {
        const path = joinPath(...keys)
        expect(witnessedPath(witnessPath(path))).toBe(path)
        expect(splitPath(witnessPath(path))).toHaveLength(2)
      }),
    )
    expect(witnessedPath('title')).toBeNull()
  })

  it('tells the entry it lies in', () => {
    expect(['times/mon/start', 'times/mon', 'lines/1/used/5'].map(entryPathOf)).toEqual([
      'times/mon',
      'times/mon',
      'lines/1',
    ])
    expect(entryPathOf('title')).toBe('title')
  })

  it('too long is not canonical', () => {
    expect(isCanonicalPath('a'.repeat(PATH_CHARS_MAX))).toBe(true)
    expect(isCanonicalPath('a'.repeat(PATH_CHARS_MAX + 1))).toBe(false)
  })
})

describe('a position', () => {
  it('lies between any two neighbours, after any history of insertions', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 200 }), places => {
        const list: string[] = []
        for (const place of places) {
          const at = place % (list.length + 1)
          const position = positionBetween(list[at - 1] ?? '', list[at] ?? '')
          expect(isPosition(position)).toBe(true)
          expect(position > (list[at - 1] ?? '')).toBe(true)
          if (list[at] !== undefined) expect(position < list[at]).toBe(true)
          list.splice(at, 0, position)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('stays short at both ends of a long list, and takes a thousand insertions at one spot', () => {
    let [first, last] = ['', '']
    for (let i = 0; i < 20_000; i++) {
      last = positionBetween(last, '')
      first = positionBetween('', first)
    }
    expect(Math.max(first.length, last.length)).toBeLessThanOrEqual(5)
    let [low, high] = [positionBetween('', ''), positionBetween(positionBetween('', ''), '')]
    for (let i = 0; i < 1000; i++) {
      const between = positionBetween(low, high)
      expect(low < between && between < high && isPosition(between)).toBe(true)
      if (i % 2 === 0) low = between
      else high = between
    }
  })
})
