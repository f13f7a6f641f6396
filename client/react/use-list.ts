import { useCallback, useRef } from 'react'
import type { RecordType } from '../../shared/record/record-type.ts'
import { type ListQuery, queryKey } from '../list/list-query.ts'
import type { LiveList } from '../list/live-list.ts'
import type { QueryFor, QueryOn } from '../list/query-for.ts'
import type { Person } from '../record/presence.ts'
import { useDesk } from './desk-context.tsx'
import { useTracked } from './tracked.ts'
import { useDrawn } from './use-drawn.ts'

/** As `LiveList` has it; what it does can be passed on as it is. */
export type UsedList<T extends RecordType> = Pick<LiveList<T>, (typeof READ_NAMES)[number]> & {
  readonly more: () => void
  readonly people: (id: string) => readonly Person[]
}

/** The query may be a new object for every picture; null asks for nothing yet. */
export const useList = <T extends RecordType, const Q extends ListQuery | QueryOn<T>>(
  type: T,
  asked: QueryFor<T, Q> | null = EVERYTHING as QueryFor<T, Q>,
): UsedList<T> => {
  const query: ListQuery | null = asked
  const desk = useDesk()
  const key = query === null ? '' : queryKey(type, query)
  const held = useRef<{ key: string; query: ListQuery | null }>({ key: '', query: null })
  if (held.current.key !== key) held.current = { key, query }
  const stableQuery = held.current.query
  const list: LiveList<T> | null = stableQuery === null ? null : desk.glanceAtList(type, stableQuery)
  const hold = useDrawn(list)
  const subscribe = useCallback(
    (tell: () => void) => {
      if (stableQuery === null) return () => {}
      const opened = desk.list(type, stableQuery)
      hold(desk.glanceAtList(type, stableQuery))
      const stop = opened.subscribe(tell)
      return () => {
        stop()
        opened.close()
      }
    },
    [desk, type, stableQuery, hold],
  )
  const more = useCallback(() => list?.more(), [list])
  // Another function once somebody has come or gone, so that whoever shows them draws them anew.
  const people = useRef<{ present: unknown; of: UsedList<T>['people'] }>({ present: null, of: () => NOBODY })
  const peopleNow = (): UsedList<T>['people'] => {
    const present = list?.present ?? null
    if (people.current.present !== present) people.current = { present, of: id => list?.people(id) ?? NOBODY }
    return people.current.of
  }
  const read = (name: string): unknown =>
    name === 'people' ? peopleNow() : (list ?? NOT_ASKED)[name as keyof typeof NOT_ASKED]
  const unread = (name: string): unknown =>
    name === 'people' ? () => NOBODY : NOT_ASKED[name as keyof typeof NOT_ASKED]
  return useTracked<UsedList<T>>(subscribe, read, LIST_NAMES, { more }, unread)
}

const EVERYTHING: ListQuery = Object.freeze({})
const NOBODY: readonly Person[] = Object.freeze([])
const READ_NAMES = [
  'rows',
  'total',
  'groups',
  'sums',
  'groupSums',
  'state',
  'error',
  'hasMore',
  'isCut',
  'isRebuilding',
  'pending',
] as const
const LIST_NAMES = [...READ_NAMES, 'people'] as const
const NOT_ASKED: Pick<LiveList, (typeof READ_NAMES)[number]> = {
  rows: undefined,
  total: undefined,
  groups: undefined,
  sums: undefined,
  groupSums: undefined,
  state: 'loading',
  error: null,
  hasMore: false,
  isCut: false,
  isRebuilding: false,
  pending: new Set(),
}
