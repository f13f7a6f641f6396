import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react'
import type { RecordType, RowOf } from '../../shared/record/record-type.ts'
import type { DeskEvent } from '../event/event-bus.ts'
import { type Belonging, type BelongingLists, belongingQueries, rowsOfType } from '../list/belonging.ts'
import type { ListState } from '../list/live-list.ts'
import { useDesk } from './desk-context.tsx'
import { type UsedList, useList } from './use-list.ts'
import { claim } from '../../shared/record/filter.ts'

/** `ticket`, `ticket:claimed`, `data:changed` or `*`. What is told is always the latest function given. */
export const useEvents = (name: string, tell: (event: DeskEvent) => void): void => {
  const desk = useDesk()
  const latest = useLatest(tell)
  useEffect(() => desk.events.on(name, event => latest.current(event)), [desk, name, latest])
}

/** A burst of changes fetches once, after it; so does coming back after having been away. */
export const useRefreshOnChange = (types: string | readonly string[], refetch: () => void): void => {
  const desk = useDesk()
  const latest = useLatest(refetch)
  const names = typeof types === 'string' ? types : types.join(' ')
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null
    const soon = (): void => {
      timer ??= setTimeout(() => {
        timer = null
        latest.current()
      }, REFETCH_AFTER_MS)
    }
    const stops = names.split(' ').map(name => desk.events.on(name, soon))
    let wasCarried = desk.status.carrier !== null
    stops.push(
      desk.subscribe(() => {
        const isCarried = desk.status.carrier !== null
        if (isCarried && !wasCarried) soon()
        wasCarried = isCarried
      }),
    )
    return () => {
      for (const stop of stops) stop()
      if (timer !== null) clearTimeout(timer)
    }
  }, [desk, names, latest])
}

const REFETCH_AFTER_MS = 50

export interface UsedBelonging {
  readonly lists: BelongingLists
  /** Of one type among them. */
  readonly rows: <T extends RecordType>(type: T) => readonly RowOf<T>[] | undefined
  readonly state: ListState
  readonly pending: ReadonlySet<string>
  /** The types that are not whole here: the server tells of no more. */
  readonly cut: ReadonlySet<string>
}

/** All that belongs to the record, live and kept for off line, for as long as the component is there. */
export const useBelonging = (type: RecordType, id: string | null): UsedBelonging => {
  const desk = useDesk()
  const store = useMemo(() => {
    let belonging: Belonging | null = null
    let last = used({ lists: {}, state: 'loading', pending: NONE, cut: NONE })
    const isEmpty = id === null || belongingQueries(desk.records, type, id).length === 0
    return {
      subscribe(tell: () => void): () => void {
        if (id === null) return () => {}
        const opened = desk.belonging(type, id)
        belonging = opened
        const stop = opened.subscribe(tell)
        return () => {
          stop()
          opened.close()
          if (belonging === opened) belonging = null
        }
      },
      snapshot(): UsedBelonging {
        if (belonging === null) return isEmpty && last.state === 'loading' && id !== null ? NOTHING : last
        const { lists, state, pending, cut } = belonging
        if (lists !== last.lists || state !== last.state || pending !== last.pending || cut !== last.cut)
          last = used({ lists, state, pending, cut })
        return last
      },
    }
  }, [desk, type, id])
  return useSyncExternalStore(store.subscribe, store.snapshot, store.snapshot)
}

const NONE: ReadonlySet<string> = new Set()
const used = (read: Omit<UsedBelonging, 'rows'>): UsedBelonging => ({
  ...read,
  rows: type => rowsOfType(read.lists, type),
})
const NOTHING = used({ lists: {}, state: 'live', pending: NONE, cut: NONE })

/** Rows made by whoever works here, or that name them in a field. */
export const useMine = <T extends RecordType>(type: T, field = 'createdBy'): UsedList<T> =>
  useList(
    type,
    useMemo(() => ({ where: { [field]: claim('sub') } }), [field]),
  )

const useLatest = <T>(value: T): { current: T } => {
  const ref = useRef(value)
  useEffect(() => {
    ref.current = value
  })
  return ref
}
