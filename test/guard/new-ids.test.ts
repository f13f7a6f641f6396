import { expect, it } from 'vitest'
import { NewIds, type NewRange } from '../../server/room/new-ids.ts'

let looks = 0

/** Notes how often somebody looks where it ends. */
class WatchedRange implements NewRange {
  readonly client = 1
  readonly root = 'description'
  readonly isDeleted = false
  readonly hasLength = true
  readonly origin = null
  readonly rightOrigin = null
  readonly clock: number
  readonly #end: number

  constructor(clock: number, end: number) {
    this.clock = clock
    this.#end = end
  }

  get end(): number {
    looks++
    return this.#end
  }
}

const FIRST = 5
const LENGTH = 3

const withRanges = (count: number): { ids: NewIds; ranges: readonly NewRange[] } => {
  const ids = new NewIds()
  const ranges = Array.from({ length: count }, (_, i) => {
    const clock = FIRST + i * LENGTH
    return new WatchedRange(clock, clock + LENGTH)
  })
  for (const range of ranges) ids.add(range)
  return { ids, ranges }
}

it('finds the range of each id, and those that a span has ids of', () => {
  const { ids, ranges } = withRanges(5)
  const end = FIRST + 5 * LENGTH
  for (let clock = 0; clock < end + 3; clock++) {
    const holds = (range: NewRange): boolean => clock >= range.clock && clock < range.end
    expect(ids.at(1, clock)).toBe(ranges.find(holds))
    for (let to = clock + 1; to < end + 3; to++) {
      const among = ranges.filter(range => range.clock < to && range.end > clock)
      expect(ids.among(1, clock, to)).toEqual(among)
    }
  }
  expect([ids.endOf(1), ids.endOf(2), ids.at(2, FIRST), ids.among(2, 0, end)]).toEqual([
    end,
    undefined,
    undefined,
    [],
  ])
})

it('an id among 100,000 ranges is found without looking through them', () => {
  const { ids } = withRanges(100_000)
  looks = 0
  for (const clock of [FIRST, FIRST + 100_000, FIRST + 299_999]) {
    ids.at(1, clock)
    ids.among(1, clock, clock + 1)
  }
  expect(looks).toBeLessThan(6 * 20)
})
