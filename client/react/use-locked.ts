import { useCallback } from 'react'
import { gatingFields } from '../../shared/record/access.ts'
import type { RecordType } from '../../shared/record/record-type.ts'
import type { Trouble } from '../record/live-record.ts'
import { useTracked } from './tracked.ts'
import { useOpen } from './use-record.ts'

/**
 * Why this person can write nothing at a path as the record stands, by the type's own access rules; null where
 * something would be taken. Of a list or set: whether something can be added; of `''`: whether the record can be
 * removed; of `'*'`: whether anything of it can be changed.
 */
export const useLocked = (type: RecordType, id: string | null, path: string): Trouble | null => {
  const { record, subscribe } = useOpen(type, id)
  const subscribeAll = useCallback(
    (tell: () => void) => {
      const stops = [path === '*' ? '' : path, ...gatingFields(type)].map(each => subscribe(each)(tell))
      return () => {
        for (const stop of stops) stop()
      }
    },
    [subscribe, type, path],
  )
  const read = (): unknown => (record === null || record.state !== 'ready' ? null : record.locked(path))
  return useTracked<{ readonly locked: Trouble | null }>(subscribeAll, read, ['locked'], {}, () => null)
    .locked
}
