// When the demo's people did what they did: working hours on working days, back from now.

import type { Random } from '../simulate/random.ts'

export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000

export interface DemoClock {
  readonly now: number
  /** Some time in working hours, `days` ago (0: today, and before now). */
  daysAgo(days: number): number
  /** Midnight of the day so many days from today; negative: before. */
  midnight(days: number): number
  /** `YYYY-MM-DD` of that day. */
  date(days: number): string
}

export const createDemoClock = (now: number, random: Random): DemoClock => {
  const midnight = (days: number): number => {
    const day = new Date(now)
    day.setHours(0, 0, 0, 0)
    day.setDate(day.getDate() + days)
    return day.getTime()
  }
  return {
    now,
    midnight,
    daysAgo(days) {
      if (days < 1) {
        // Whatever the hour, somebody has worked today: a visitor at night sees a night shift.
        const begin = Math.max(midnight(0), now - 10 * HOUR_MS)
        return begin + random.below(Math.max(1, now - 5 * MINUTE_MS - begin))
      }
      return midnight(-Math.floor(days)) + 7 * HOUR_MS + random.below(9 * HOUR_MS)
    },
    date: days => isoDate(midnight(days)),
  }
}

export const isoDate = (at: number): string => {
  const day = new Date(at)
  const pad = (n: number): string => String(n).padStart(2, '0')
  return `${day.getFullYear()}-${pad(day.getMonth() + 1)}-${pad(day.getDate())}`
}
