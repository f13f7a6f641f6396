// The lists of days, each asked for in one way, so that off line a sheet finds what the page behind it has kept.

import { Availability } from '../../../shared/index.ts'
import { useList } from '../../react/index.ts'
import { useWholeList } from '../list-page/use-whole-list.ts'
import { addDays } from '../format/day.ts'

/** One day, of one member of staff or of all (''); null asks for nothing. */
export const useDayList = (date: string, staff: string | null) =>
  useWholeList(
    Availability,
    staff === null
      ? null
      : {
          where: { date, ...(staff === '' ? {} : { staff }) },
          orderBy: ['staffName', 'asc'],
          presence: true,
        },
  )

/** One person's week in which a day is. */
export const useWeekList = (staff: string, day: string) =>
  useList(
    Availability,
    staff === '' ? null : { where: { staff, date: { in: weekOf(day) } }, orderBy: ['date', 'asc'], limit: 7 },
  )

/** From Monday. */
export const weekOf = (day: string): readonly string[] => {
  const monday = addDays(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7))
  return Array.from({ length: 7 }, (_, i) => addDays(monday, i))
}
