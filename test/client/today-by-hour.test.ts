import { afterEach, expect, it } from 'vitest'
import { whenTaken } from '../../client/app/construction/when-taken.ts'
import { daysFrom, notBefore, wallTime } from '../../client/app/format/wall-time.ts'
import { todayByHour } from '../../client/app/tickets/today-by-hour.ts'
import { todayOf } from '../../client/app/warehouse/today.ts'
import { hoursOfWork } from '../../shared/types/picking.ts'

const zone = process.env['TZ']
afterEach(() => {
  if (zone === undefined) delete process.env['TZ']
  else process.env['TZ'] = zone
})

it.each([
  ['Europe/Paris', '2026-03-29'],
  ['Europe/Paris', '2026-10-25'],
  ['Europe/Belgrade', '2026-03-29'],
  ['America/New_York', '2026-11-01'],
])('in %s on %s, when the clocks are changed, each hour is the one on the clock', (TZ, day) => {
  process.env['TZ'] = TZ
  const at = (hour: number): number => new Date(`${day}T${String(hour).padStart(2, '0')}:30:00`).getTime()
  const midnight = new Date(`${day}T00:00:00`).getTime()
  const created = [0, 9, 23].map(hour => ({ created: at(hour) }))
  const hours = todayByHour(
    created,
    [{ doneAt: at(17) }, { doneAt: null }, { doneAt: midnight - 1 }],
    midnight,
  )
  expect(hours.filter(({ opened }) => opened > 0).map(({ hour }) => hour)).toEqual(['0', '9', '23'])
  expect(hours.filter(({ done }) => done > 0).map(({ hour }) => hour)).toEqual(['17'])
})

it.each(['Europe/Belgrade', 'America/New_York', 'Asia/Kolkata', 'Pacific/Apia', 'America/St_Johns'])(
  'in %s what is picked after midnight is of today, in the hour on the clock',
  TZ => {
    process.env['TZ'] = TZ
    const at = (time: string): number => new Date(`2026-11-22T${time}`).getTime()
    const picked = ['00:10:00', '09:10:00', '09:50:00', '10:20:00'].map(time => at(time))
    const scans = [at('00:00:00') - 60_000, ...picked].map(when => ({
      at: when,
      by: 'user:ana',
      quantity: 1,
    }))
    const row = { status: 'in_progress', hours: hoursOfWork(scans as never), tasks: [] }
    const today = todayOf([row as never], at('00:00:00'), at('10:40:00'))
    expect(today.pieces).toBe(4)
    const bars = today.perHour.filter(({ pieces }) => pieces > 0)
    expect(bars.map(({ hour, pieces }) => [new Date(hour).getHours(), pieces])).toEqual([
      [0, 1],
      [9, 2],
      [10, 1],
    ])
  },
)

it.each([
  // The night in which an hour, or half of one, is left out, or comes twice.
  ['Europe/Belgrade', '2026-03-28T23:00:00Z', [0, 1, 3, 4, 5, 6, 7, 8, 9]],
  ['Europe/Belgrade', '2026-10-24T22:00:00Z', [0, 1, 2, 2, 3, 4, 5, 6, 7]],
  ['America/New_York', '2026-11-01T04:00:00Z', [0, 1, 1, 2, 3, 4, 5, 6, 7]],
  // What is left of two o'clock stands beside it as a second one.
  ['Australia/Lord_Howe', '2026-10-03T13:30:00Z', [0, 1, 1, 3, 4, 5, 6, 7, 8, 9]],
] as const)(
  'in %s, in the night of %s, each hour of the wall has what was picked in it',
  (TZ, midnight, clock) => {
    process.env['TZ'] = TZ
    const start = Date.parse(midnight)
    const scans = Array.from({ length: 18 }, (_, half) => start + (half + 0.5) * 1_800_000)
    const row = {
      status: 'in_progress',
      hours: hoursOfWork(scans.map(at => ({ at, by: 'user:ana', quantity: 1 })) as never),
      tasks: [],
    }
    const { perHour, pieces } = todayOf([row as never], start, scans.at(-1) ?? 0)
    expect(perHour.map(({ hour }) => new Date(hour).getHours())).toEqual(clock)
    expect(perHour.reduce((sum, bar) => sum + bar.pieces, 0)).toBe(pieces)
    expect(pieces).toBe(18)
  },
)

it('a tile names first what is begun, then what is due, then by number, however the rows come', () => {
  const row = (number: string, status: string, due: number | null = null) => ({
    number,
    status,
    due,
    hours: [],
    tasks: [{ worker: 'ana', state: 'open', completedItems: 0, totalItems: 1, progress: 0 }],
  })
  const rows = [
    row('TR-12', 'assigned'),
    row('TR-7', 'in_progress'),
    row('TR-3', 'assigned'),
    row('TR-40', 'assigned', 5),
  ]
  const numbers = ['TR-7', 'TR-40', 'TR-3', 'TR-12']
  for (const order of [rows, rows.toReversed()])
    expect(todayOf(order as never, 0, 10).workers[0]?.numbers).toEqual(numbers)
})

it('a picture was taken when its age says, by whatever clock the device goes', () => {
  const now = Date.UTC(2026, 10, 22, 12)
  for (const skewMs of [0, -86_400_000, 5 * 365 * 86_400_000]) {
    const deviceNow = now + skewMs
    expect(whenTaken({ lastModified: deviceNow - 2_000 }, now, deviceNow)).toBe(now)
    expect(whenTaken({ lastModified: deviceNow - 7_200_000 }, now, deviceNow)).toBe(now - 7_200_000)
  }
})

it('what is over is so by the clocks of where it is, whoever looks from wherever', () => {
  process.env['TZ'] = 'America/New_York'
  const now = Date.parse('2026-11-22T23:30:00Z')
  expect(wallTime(now, null)).toEqual({ date: '2026-11-22', minute: 18 * 60 + 30 })
  expect(wallTime(now, 'Europe/Belgrade')).toEqual({ date: '2026-11-23', minute: 30 })
  expect(wallTime(now, 'No/Such_Zone')).toEqual(wallTime(now, null))
  const tonight = { date: '2026-11-22', minute: 22 * 60 }
  expect(notBefore(tonight, now, null)).toEqual(tonight)
  expect(notBefore(tonight, now, 'Europe/Belgrade')).toEqual({ date: '2026-11-23', minute: 30 })
})

it.each(['Europe/Belgrade', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Kiritimati'])(
  'in %s «yesterday» is the day before, however many hours ago it was',
  place => {
    process.env['TZ'] = place
    const on = (month: number, day: number, hour: number): number =>
      new Date(2026, month, day, hour).getTime()
    const days = (month: number, day: number, hours: readonly (readonly [number, number])[]): number[] =>
      hours.map(([other, hour]) => daysFrom(on(month, day, 8), on(month, other, hour)))
    expect(
      days(10, 11, [
        [10, 7],
        [9, 21],
        [8, 22],
        [12, 23],
        [13, 1],
      ]),
    ).toEqual([-1, -2, -3, 1, 2])
    // Over nights in which some clock is changed.
    for (const [month, day] of [
      [2, 8],
      [2, 29],
      [3, 5],
      [9, 4],
      [9, 25],
      [10, 1],
    ] as const)
      expect(days(month, day + 1, [[day, 0]])).toEqual([-1])
  },
)
