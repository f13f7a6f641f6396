import { useCallback, useEffect, useState, useSyncExternalStore } from 'react'
import type { BlobRef } from '../../shared/record/field.ts'
import type { FileState } from '../files/files.ts'
import type { Trouble } from '../record/live-record.ts'
import { useDesk } from './desk-context.tsx'
import { isSame } from './tracked.ts'

export interface UsedFile {
  /** Undefined while it is fetched, and until it can be had: it is asked for again by itself. */
  readonly url: string | undefined
  readonly state: FileState['state']
  readonly progress: number
  readonly error: Trouble | null
  readonly retry: () => void
}

export const useFile = (ref: BlobRef | null | undefined, size: 'thumb' | 'full' = 'full'): UsedFile => {
  const { files } = useDesk()
  const hash = ref?.hash ?? ''
  const [address, setAddress] = useState<{ readonly of: string; readonly url: string } | null>(null)
  const [store] = useState(() => ({ last: SENT }))
  const snapshot = (): FileState => {
    const next = hash === '' ? SENT : files.state(hash)
    if (!isSame(store.last, next)) store.last = next
    return store.last
  }
  const { state, progress, error } = useSyncExternalStore(files.subscribe, snapshot, () => SENT)
  const key = `${hash} ${size}`
  // biome-ignore lint/correctness/useExhaustiveDependencies: a reference is what its hash says, whatever object it is
  useEffect(() => {
    if (ref == null) return
    return files.watch(ref, size, url => setAddress({ of: key, url }))
  }, [files, key, state])
  const retry = useCallback(() => files.retry(hash), [files, hash])
  return { url: address?.of === key ? address.url : undefined, state, progress, error, retry }
}

const SENT: FileState = Object.freeze({ state: 'sent', progress: 1, error: null })
