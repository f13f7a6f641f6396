import { useCallback, useEffect, useRef, useState } from 'react'
import type { LiveRecord } from '../../index.ts'
import { Availability, joinPath, localId } from '../../../shared/index.ts'
import { useDesk } from '../../react/index.ts'

/** Whether a booking waits for the server to confirm it, by the ids of its day and slot. */
export type IsTentative = (day: string, slot: string) => boolean

/**
 * The days on the screen are open for as long as they are on it: what another tab of this browser writes on one
 * comes across without a server, which a list alone would have to wait for.
 */
export const useOpenDays = (rows: readonly { readonly id: string }[] | undefined): IsTentative => {
  const desk = useDesk()
  const days = useRef(new Map<string, LiveRecord<typeof Availability>>())
  const [, setChanges] = useState(0)
  const ids = (rows ?? [])
    .map(({ id }) => localId('availability', id))
    .sort()
    .join(' ')
  useEffect(() => {
    const opened = new Map(
      ids === '' ? [] : ids.split(' ').map(id => [id, desk.open(Availability, id)] as const),
    )
    days.current = opened
    const stops = [...opened.values()].map(day => day.subscribe('', () => setChanges(n => n + 1)))
    return () => {
      for (const stop of stops) stop()
      for (const day of opened.values()) day.close()
    }
  }, [desk, ids])
  return useCallback((day, slot) => {
    const record = days.current.get(localId('availability', day))
    return record?.state === 'ready' && record.field(joinPath('slots', slot, 'booking')).tentative
  }, [])
}
