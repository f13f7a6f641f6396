// Slots are written by the clocks of where the staff is. Who looks from elsewhere sees those times, that place's
// «today», and is told so.

import { IconWorld } from '@tabler/icons-react'
import { Availability } from '../../../shared/index.ts'
import { useList } from '../../react/index.ts'
import { wallTime } from '../format/wall-time.ts'
import { localeOf, useLanguage } from '../words/language.ts'
import { useClockTime } from './clock-time.ts'
import { useSchedulingWords } from './scheduling-words.ts'

/** The zone of the day that was written last, of this member of staff before all; null until a day has one. */
export const usePlaceZone = (staff = ''): string | null => {
  const own = useNewestZone(staff)
  const ofAll = useNewestZone('')
  return own ?? ofAll
}

const useNewestZone = (staff: string): string | null => {
  const { rows } = useList(Availability, {
    where: { zone: { ne: null }, ...(staff === '' ? {} : { staff }) },
    orderBy: ['updated', 'desc'],
    limit: 1,
  })
  return rows?.[0]?.zone ?? null
}

export const zoneHere = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone

interface ZoneNoteProps {
  readonly zone: string | null
  readonly now: number
  /** What is written beside it goes by the clocks of this one. */
  readonly beside?: string | null
}

/** Nothing where both clocks show the same. */
export const ZoneNote = ({ zone, now, beside = null }: ZoneNoteProps) => {
  const words = useSchedulingWords()
  const language = useLanguage()
  const time = useClockTime()
  const there = wallTime(now, zone)
  const here = wallTime(now, beside)
  if (zone === null || (there.date === here.date && there.minute === here.minute)) return null
  return (
    <p className="zone-note">
      <IconWorld size={18} aria-hidden />
      {words.zoneNote(zoneName(zone, localeOf(language)), time(there.minute))}
    </p>
  )
}

/** «Central European Time», as the person calls it. */
export const zoneName = (zone: string, locale: string): string =>
  new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: 'longGeneric' })
    .formatToParts()
    .find(({ type }) => type === 'timeZoneName')?.value ?? zone
