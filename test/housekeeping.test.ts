import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Housekeeping } from '../server/housekeeping.ts'

const TEN_MINUTES_MS = 600_000
const HOUR_MS = 6 * TEN_MINUTES_MS

beforeEach(() => vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
afterEach(() => void vi.useRealTimers())

const housekeeping = (everyMs: number) => {
  let elapsedMs = 0
  const works: { readonly ending: AbortSignal; readonly end: () => void }[] = []
  const clock = { isSteady: true }
  const failures: unknown[] = []
  const house = {
    clock,
    works,
    failures,
    async pass(ms: number) {
      for (const until = elapsedMs + ms; elapsedMs < until; ) {
        elapsedMs += TEN_MINUTES_MS
        await vi.advanceTimersByTimeAsync(TEN_MINUTES_MS)
      }
    },
    keeping: new Housekeeping({
      everyMs,
      isClockSteady: () => clock.isSteady,
      work: ending => new Promise<void>(end => works.push({ ending, end })),
      failed: error => failures.push(error),
      monotonic: () => elapsedMs,
    }),
  }
  house.keeping.start()
  return house
}

it('what is old is let go soon after the start, now and then, never twice at once, and by no clock that may be wrong', async () => {
  const house = housekeeping(24 * HOUR_MS)
  const { works } = house
  house.clock.isSteady = false
  await house.pass(30 * HOUR_MS)
  expect(works).toHaveLength(0)
  house.clock.isSteady = true
  await house.pass(TEN_MINUTES_MS)
  expect(works, 'a server that is stopped every night comes to it too').toHaveLength(1)
  await house.pass(30 * HOUR_MS)
  expect(works, 'one that takes long is not begun again beside itself').toHaveLength(1)
  works[0]?.end()
  await house.pass(TEN_MINUTES_MS)
  expect(works).toHaveLength(2)
  works[1]?.end()
  await house.pass(23 * HOUR_MS)
  expect(works).toHaveLength(2)
  await house.pass(HOUR_MS)
  expect(works).toHaveLength(3)
})

it('a stop tells what is under way to come to its end, and waits for it', async () => {
  const house = housekeeping(HOUR_MS)
  await house.pass(TEN_MINUTES_MS)
  let isClosed = false
  const closing = house.keeping.close().then(() => {
    isClosed = true
  })
  expect(house.works[0]?.ending.aborted).toBe(true)
  await Promise.resolve()
  expect(isClosed).toBe(false)
  house.works[0]?.end()
  await closing
  await house.pass(2 * HOUR_MS)
  expect(house.works).toHaveLength(1)
  expect(house.failures).toEqual([])
})
