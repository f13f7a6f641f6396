import { useEffect, useState } from 'react'
import { claim, type Filter, Trebovanje } from '../../../shared/index.ts'
import { useDesk } from '../../react/index.ts'

export const myTasks: { readonly where: Filter; readonly orderBy: readonly ['due', 'asc'] } = {
  where: { workers: { contains: claim('sub') }, status: { in: ['assigned', 'in_progress'] } },
  orderBy: ['due', 'asc'],
}

export interface KeptTasks {
  readonly have: number
  readonly of: number
  readonly isWhole: boolean
}

/** Brings one's tasks to this device, whole, and keeps them fresh, so that they open between the racks. */
export const useKeptTasks = (): KeptTasks | null => {
  const desk = useDesk()
  const [kept, setKept] = useState<KeptTasks | null>(null)
  useEffect(() => {
    const set = desk.keepOffline(Trebovanje, myTasks)
    const look = (): void => {
      const { have, of } = set
      setKept(of === undefined ? null : { have, of, isWhole: have === of })
    }
    const stop = set.subscribe(look)
    look()
    return () => {
      stop()
      set.release()
    }
  }, [desk])
  return kept
}
