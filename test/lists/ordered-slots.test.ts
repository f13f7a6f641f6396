import { describe, expect, it } from 'vitest'
import { OrderedSlots } from '../../server/list/ordered-slots.ts'
import { createRandom } from '../../server/simulate/random.ts'

describe.each([1, 2, 3])('rows in the order of a field, seed %i', seed => {
  it('stand in order through insertions and removals, and are read on from any place, both ways', () => {
    const random = createRandom(seed)
    const key = (): number | null => (random.chance(0.05) ? null : random.below(300))
    const ids = Array.from({ length: 4_000 }, (_, slot) => String((slot * 7_919) % 4_000))
    const keys = new Map<number, number | null>()
    const order = new OrderedSlots({ idOf: slot => ids[slot] ?? '', keyOf: slot => keys.get(slot) ?? null })
    for (let slot = 0; slot < 2_000; slot++) keys.set(slot, key())
    order.build([...keys.keys()])

    for (let step = 0; step < 6_000; step++) {
      const slot = random.below(4_000)
      if (keys.has(slot)) {
        order.remove(slot)
        keys.delete(slot)
      }
      if (random.chance(0.55)) {
        keys.set(slot, key())
        order.insert(slot)
      }
    }

    const idOf = (slot: number): string => ids[slot] ?? ''
    const compareIds = (a: number, b: number): number => (idOf(a) < idOf(b) ? -1 : 1)
    const expected = [...keys.keys()].sort(
      (a, b) => (keys.get(a) ?? -1) - (keys.get(b) ?? -1) || compareIds(a, b),
    )
    const walked = (after: number | null, isReverse: boolean): number[] => {
      const found: number[] = []
      const place = after === null ? null : { key: keys.get(after) ?? null, id: idOf(after) }
      order.walk(place, isReverse, slot => found.push(slot) < 5)
      return found
    }
    expect(walked(null, false)).toEqual(expected.slice(0, 5))
    expect(walked(null, true)).toEqual(expected.slice(-5).reverse())
    for (const [at, slot] of expected.entries()) {
      expect(walked(slot, false)).toEqual(expected.slice(at + 1, at + 6))
      expect(walked(slot, true)).toEqual(expected.slice(Math.max(0, at - 5), at).reverse())
    }
    // Also from a place that nobody holds any more.
    const gone = expected[100] as number
    const place = { key: keys.get(gone) ?? null, id: idOf(gone) }
    order.remove(gone)
    let next: number | null = null
    order.walk(place, false, slot => {
      next = slot
      return false
    })
    expect(next).toBe(expected[101])
  })
})
