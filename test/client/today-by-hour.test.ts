import { afterEach, expect, it } from 'vitest'
import { todayByHour } from '../../client/app/tickets/today-by-hour.ts'

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
