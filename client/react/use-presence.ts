import { useCallback, useSyncExternalStore } from 'react'
import { assertRecordType } from '../../shared/record/assert-declaration.ts'
import type { RecordType } from '../../shared/record/record-type.ts'
import type { Value } from '../../shared/record/value.ts'
import type { Person } from '../record/presence.ts'
import { useDesk } from './desk-context.tsx'
import { useDrawn } from './use-drawn.ts'
import { useFocus } from './use-focus.ts'

export interface UsedPresence {
  /** The others. */
  readonly people: readonly Person[]
  readonly in: (path: string) => readonly Person[]
  readonly focus: (path: string | null) => void
  readonly share: (data: Value) => void
}

export const usePresence = (type: RecordType, id: string | null): UsedPresence => {
  const desk = useDesk()
  assertRecordType(type)
  const record = id === null ? null : desk.glance(type, id)
  const hold = useDrawn(record)
  const subscribe = useCallback(
    (tell: () => void) => {
      if (id === null) return () => {}
      const opened = desk.open(type, id)
      hold(desk.glance(type, id))
      const stop = opened.presence.subscribe(tell)
      return () => {
        stop()
        opened.close()
      }
    },
    [desk, type, id, hold],
  )
  const snapshot = (): readonly Person[] => record?.presence.people ?? NOBODY
  const people = useSyncExternalStore(subscribe, snapshot, () => NOBODY)
  const focus = useFocus(record?.presence ?? null)
  return {
    people,
    in: path => people.filter(({ field }) => field === path),
    focus,
    share: data => record?.presence.share(data),
  }
}

const NOBODY: readonly Person[] = Object.freeze([])
