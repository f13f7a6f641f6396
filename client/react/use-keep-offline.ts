import { useMemo, useRef, useSyncExternalStore } from 'react'
import type { RecordType } from '../../shared/record/record-type.ts'
import { type ListQuery, queryKey } from '../list/list-query.ts'
import type { QueryFor, QueryOn } from '../list/query-for.ts'
import type { KeepOptions, WorkingSet } from '../offline/working-set.ts'
import type { Trouble } from '../record/live-record.ts'
import { useDesk } from './desk-context.tsx'

export interface UsedWorkingSet {
  readonly state: WorkingSet['state']
  readonly have: number
  readonly of: number | undefined
  readonly bytes: number
  readonly error: Trouble | null
}

/** The records of a list, whole on the device and kept fresh for as long as the component is there. */
export const useKeepOffline = <T extends RecordType, const Q extends ListQuery | QueryOn<T>>(
  type: T,
  asked: QueryFor<T, Q> = EVERYTHING as QueryFor<T, Q>,
  { evictAfterMs }: KeepOptions = {},
): UsedWorkingSet => {
  const query: ListQuery = asked
  const desk = useDesk()
  const key = queryKey(type, query)
  const latest = useRef(query)
  latest.current = query
  const store = useMemo(() => {
    let set: WorkingSet | null = null
    let last: UsedWorkingSet = FETCHING
    return {
      key,
      subscribe(tell: () => void): () => void {
        const kept = desk.keepOffline(
          type,
          latest.current,
          evictAfterMs === undefined ? {} : { evictAfterMs },
        )
        set = kept
        const stop = kept.subscribe(tell)
        return () => {
          stop()
          kept.release()
          if (set === kept) set = null
        }
      },
      snapshot(): UsedWorkingSet {
        if (set === null) return last
        const { state, have, of, bytes, error } = set
        const isSame =
          state === last.state &&
          have === last.have &&
          of === last.of &&
          bytes === last.bytes &&
          error === last.error
        if (!isSame) last = { state, have, of, bytes, error }
        return last
      },
    }
  }, [desk, type, key, evictAfterMs])
  return useSyncExternalStore(store.subscribe, store.snapshot, store.snapshot)
}

const EVERYTHING: ListQuery = Object.freeze({})
const FETCHING: UsedWorkingSet = Object.freeze({
  state: 'fetching',
  have: 0,
  of: undefined,
  bytes: 0,
  error: null,
})
