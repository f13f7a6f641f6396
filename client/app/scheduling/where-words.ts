import { useMemo } from 'react'
import { useDayFormat } from '../format/day.ts'
import { useClockTime } from './clock-time.ts'
import { useSchedulingWords } from './scheduling-words.ts'
import type { SlotPlace } from './slot-place.ts'

/** Sentences with whose slot it is, of which day, at which time. */
export const useWhereWords = () => {
  const words = useSchedulingWords()
  const day = useDayFormat()
  const time = useClockTime()
  return useMemo(() => {
    const where = ({ staffName, date, from }: Pick<SlotPlace, 'staffName' | 'date' | 'from'>): string =>
      words.slotOf(staffName, day.long(date), time(from))
    return {
      where,
      moved: (client: string, to: SlotPlace): string => words.moved(client, where(to)),
      retimed: (from: number): string => words.retimed(time(from)),
      cancelled: (client: string, from: SlotPlace): string => words.cancelled(client, where(from)),
      removed: (from: SlotPlace): string => words.removed(where(from)),
    }
  }, [words, day, time])
}
