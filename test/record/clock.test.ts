import { describe, expect, it } from 'vitest'
import { AHEAD_MS_MAX, createClock, isStamp, msToStamp, stampToMs } from '../../shared/record/clock.ts'

const DAY = 86_400_000
const noon = Date.UTC(2026, 4, 4, 12)

const source = () => {
  const at = { wall: noon, monotonic: 5000 }
  return { at, clock: createClock({ wall: () => at.wall, monotonic: () => at.monotonic }) }
}

describe('a clock', () => {
  it('gives every stamp once, each later than the last, also within one millisecond', () => {
    const { clock } = source()
    const stamps = Array.from({ length: 5000 }, () => clock.next())
    expect(new Set(stamps).size).toBe(5000)
    expect(stamps).toEqual([...stamps].sort((a, b) => a - b))
    expect(stamps.every(isStamp)).toBe(true)
    // More than 1,024 in a millisecond carry over into the next.
    expect(stampToMs(stamps.at(-1) ?? 0)).toBe(noon + 4)
  })

  it('goes on when the wall clock jumps back', () => {
    const { at, clock } = source()
    const before = clock.next()
    at.wall -= DAY
    expect(clock.next()).toBeGreaterThan(before)
  })

  it('follows the server once it has heard it, and no jump of the wall moves it', () => {
    const { at, clock } = source()
    at.wall += DAY
    clock.contact(noon)
    expect(stampToMs(clock.next())).toBe(noon)
    expect(clock.skewMs).toBe(DAY)
    at.wall += DAY
    at.monotonic += 250
    expect(stampToMs(clock.next())).toBe(noon + 250)
    expect(clock.skewMs).toBe(2 * DAY - 250)
  })

  it('knows no skew before it has heard the server', () => {
    expect(source().clock.skewMs).toBeNull()
  })

  it('comes after what it receives, so that an answer is later than what it answers', () => {
    const { clock } = source()
    const ahead = msToStamp(noon + 20_000) + 7
    clock.receive(ahead)
    expect(clock.next()).toBe(ahead + 1)
    clock.receive(msToStamp(noon - DAY))
    expect(clock.next()).toBe(ahead + 2)
  })

  it('lets no device drag it to where its own stamps would be refused', () => {
    const { clock } = source()
    clock.receive(msToStamp(noon + DAY))
    expect(clock.next()).toBeGreaterThan(msToStamp(noon))
    expect(clock.next()).toBeLessThan(msToStamp(noon + AHEAD_MS_MAX))
  })

  it('never goes back by receiving, though it had been further ahead itself', () => {
    const { at, clock } = source()
    at.wall += DAY
    const given = clock.next()
    at.wall -= DAY
    clock.receive(given + 5)
    expect(clock.next()).toBeGreaterThan(given)
  })

  it('that ran a day ahead comes back when it hears the server, and what it stamped is over the cap', () => {
    const { at, clock } = source()
    at.wall += DAY
    const wrong = clock.next()
    clock.contact(noon)
    expect(clock.next()).toBeLessThanOrEqual(msToStamp(noon + AHEAD_MS_MAX) + 1)
    expect(wrong).toBeGreaterThan(msToStamp(noon + AHEAD_MS_MAX))
  })

  it('that ran a day behind is put right by the first contact after a reload', () => {
    const { at, clock } = source()
    at.wall -= DAY
    expect(stampToMs(clock.next())).toBe(noon - DAY)
    clock.contact(noon)
    expect(stampToMs(clock.next())).toBe(noon)
  })

  it('has stamps that fit in a safe integer for centuries', () => {
    expect(Number.isSafeInteger(msToStamp(Date.UTC(2248, 0, 1)))).toBe(true)
    expect([0, -1, 1.5, Number.NaN, '5', 2 ** 53].map(isStamp)).toEqual([
      false,
      false,
      false,
      false,
      false,
      false,
    ])
  })
})
