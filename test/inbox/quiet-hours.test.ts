import { describe, expect, it } from 'vitest'
import { nextDigest, quietUntil } from '../../shared/types/inbox-preferences.ts'

const at = (time: string): number => Date.parse(time)
const said = (ms: number | null): string => (ms === null ? 'none' : new Date(ms).toISOString())

// Clocks of Zagreb: an hour ahead on 28 March 2027 at 1:00 UTC, and back on 31 October at 1:00.
describe('over a change of the clocks', () => {
  const night = { quietFrom: 22 * 60, quietTo: 7 * 60, timeZone: 'Europe/Zagreb' }

  it('quiet hours end when the person’s clock says so', () => {
    expect(said(quietUntil(night, at('2027-03-27T22:00:00Z')))).toBe('2027-03-28T05:00:00.000Z')
    expect(said(quietUntil(night, at('2027-10-30T21:30:00Z')))).toBe('2027-10-31T06:00:00.000Z')
    expect(quietUntil(night, at('2027-10-31T06:00:00Z'))).toBeNull()
    // In the leap there is no half past two.
    const short = { ...night, quietTo: 2 * 60 + 30 }
    expect(said(quietUntil(short, at('2027-03-27T23:00:00Z')))).toBe('2027-03-28T01:30:00.000Z')
    // Half an hour at Lord Howe, and none in UTC.
    const far = { ...night, timeZone: 'Australia/Lord_Howe' }
    expect(said(quietUntil(far, at('2027-04-03T12:00:00Z')))).toBe('2027-04-03T20:30:00.000Z')
    expect(said(quietUntil({ ...night, timeZone: null }, at('2027-03-27T23:00:00Z')))).toBe(
      '2027-03-28T07:00:00.000Z',
    )
  })

  it('a digest comes once a day, and once a week, at its hour', () => {
    const days = (digest: 'daily' | 'weekly', from: string, count: number, digestAt = 7 * 60): string[] => {
      const found: string[] = []
      let now: number | null = at(from)
      while (found.length < count && now !== null) {
        now = nextDigest({ digest, digestAt, timeZone: 'Europe/Zagreb' }, now)
        found.push(said(now).slice(0, 16))
      }
      return found
    }
    expect(days('daily', '2027-10-30T05:00:10Z', 2)).toEqual(['2027-10-31T06:00', '2027-11-01T06:00'])
    expect(days('daily', '2027-03-27T06:00:10Z', 2)).toEqual(['2027-03-28T05:00', '2027-03-29T05:00'])
    expect(days('weekly', '2027-10-26T05:00:00Z', 2)).toEqual(['2027-11-01T06:00', '2027-11-08T06:00'])
    expect(days('daily', '2027-03-27T01:30:00Z', 2, 150)).toEqual(['2027-03-28T01:30', '2027-03-29T00:30'])
    expect(days('daily', '2027-10-30T00:30:00Z', 2, 150)).toEqual(['2027-10-31T00:30', '2027-11-01T01:30'])
  })
})
