// Values come out of a relay as they went in, or are not let in.

import { runInNewContext } from 'node:vm'
import * as Y from 'yjs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CELLS } from '../../shared/record/cell.ts'
import { frozenCopy, sameValue, type Value, valueProblem } from '../../shared/record/value.ts'
import { exchange, ticketOf } from './replicas.ts'

const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])

describe('a value', () => {
  it.each([
    ['undefined', undefined],
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['a BigInt', 10n],
    ['NaN', Number.NaN],
    ['infinity', Number.NEGATIVE_INFINITY],
    ['half a surrogate pair', 'a\ud83d'],
    ['the other half', '\ude00b'],
    ['a key that is half a pair', { '\ud83d': 1 }],
    ['an own key __proto__', JSON.parse('{"__proto__": 5}')],
    ['the same, deeper', { a: [JSON.parse('{"__proto__": {"x": 1}}')] }],
    ['another prototype', Object.create({ inherited: 1 })],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['bytes', new Uint8Array(2)],
    ['a class instance', new (class Point {})()],
    ['undefined inside', { a: undefined }],
    ['a hole', Object.assign([1], { length: 3 })],
    ['depth', nested(9)],
    ['great depth', nested(6000)],
  ])('that is or holds %s is refused', (_, value) => {
    expect(valueProblem(value)).not.toBeNull()
    expect(valueProblem({ inside: value })).not.toBeNull()
    const record = ticketOf('ana')
    expect(() => record.set({ extra: { inside: value as Value } })).toThrowError(
      expect.objectContaining({ code: 'BAD_VALUE' }),
    )
  })

  const key = fc.string({ unit: 'binary', maxLength: 8 }).filter(text => text !== '__proto__')
  const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>(tie => ({
    value: fc.oneof(
      { depthSize: 'small', maxDepth: 5 },
      fc.constantFrom(
        null,
        true,
        false,
        0,
        -0,
        2 ** 31,
        -(2 ** 31),
        2 ** 53,
        1e-300,
        0.1,
        '__proto__',
        '\u0000',
      ),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.string({ unit: 'binary' }),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  })).value

  it('is plain whatever window it is from, or world of a test runner', () => {
    expect(valueProblem(runInNewContext('({ a: [1, { b: null }] })'))).toBeNull()
    expect(valueProblem(runInNewContext('new Map()'))).toMatch(/plain/)
  })

  it('that is let in reads the same live, after a relay, after JSON, and after a reload', () => {
    fc.assert(
      fc.property(value, written => {
        fc.pre(valueProblem(written) === null)
        const stored = frozenCopy(written)
        const doc = new Y.Doc()
        doc.getArray(CELLS).push([['extra', stored, 1, 'ana']])
        const other = new Y.Doc()
        Y.applyUpdate(other, Y.encodeStateAsUpdate(doc))
        const read = (other.getArray(CELLS).get(0) as unknown[])[1]
        expect(read).toStrictEqual(stored)
        expect(JSON.parse(JSON.stringify(stored))).toStrictEqual(stored)
        expect(sameValue(read, stored)).toBe(true)
        expect(sameValue(stored, written)).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  it('is a frozen copy: what its writer does to theirs afterwards changes nothing', () => {
    const mine = { list: [1, { deep: 'a' }] }
    const record = ticketOf('ana')
    record.set({ extra: mine })
    mine.list.push(5)
    ;(mine.list[1] as { deep: string }).deep = 'b'
    expect(record.view.extra).toEqual({ list: [1, { deep: 'a' }] })
    expect(() => {
      ;(record.view.extra as { list: number[] }).list.push(1)
    }).toThrow(TypeError)
    const boris = ticketOf('boris')
    exchange(record, boris)
    expect(() => {
      ;(boris.view.extra as { list: { deep: string }[] }).list[1] = { deep: 'c' }
    }).toThrow(TypeError)
    expect(Object.isFrozen(record.view)).toBe(true)
    expect(Object.isFrozen(record.view.times)).toBe(true)
  })

  it('equals another by content, whatever the order of its keys', () => {
    expect(sameValue({ a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 })).toBe(true)
    expect(sameValue({ a: 1 }, { a: 1, b: null })).toBe(false)
    expect(sameValue([1, 2], { 0: 1, 1: 2 })).toBe(false)
    expect(sameValue({ toString: 1 }, {})).toBe(false)
    expect(sameValue({ a: null }, { b: null })).toBe(false)
  })

  it('that only differs in the order of keys is no new write and no conflict', () => {
    const [ana, boris] = [ticketOf('ana'), ticketOf('boris')]
    ana.set({ extra: { a: 1, b: 2 } })
    boris.set({ extra: { b: 2, a: 1 } })
    exchange(ana, boris)
    expect(ana.conflicts).toEqual([])
    const before = Y.encodeStateVector(ana.doc)
    ana.set({ extra: { b: 2, a: 1 } })
    expect(Y.encodeStateVector(ana.doc)).toEqual(before)
  })
})
