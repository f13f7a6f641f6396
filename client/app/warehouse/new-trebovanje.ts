import type { Trebovanje } from '../../../shared/index.ts'
import { useDesk } from '../../react/index.ts'
import { dayOf, startOfDay } from '../format/day.ts'
import type { NewRecord } from '../list-page/new-record.tsx'

/** What a new trebovanje begins with. */
export const useNewTrebovanje = (): NewRecord<typeof Trebovanje> => {
  const desk = useDesk()
  return { values: () => ({ number: numberAt(Math.floor(desk.clock.now())) }) }
}

/** Off line, too: whoever keeps books of their own writes their number over it. */
const numberAt = (now: number): string => {
  const today = dayOf(now)
  const second = Math.floor((now - startOfDay(today)) / 1_000)
  return `TR-${today.slice(2).replaceAll('-', '')}-${second.toString(36).toUpperCase().padStart(4, '0')}`
}
