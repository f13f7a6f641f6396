import { useCallback } from 'react'
import type { InboxItem, InboxView } from '../inbox/inbox.ts'
import type { Trouble } from '../record/live-record.ts'
import { useDesk } from './desk-context.tsx'
import { useTracked } from './tracked.ts'

export interface UsedInbox {
  readonly items: readonly InboxItem[] | undefined
  readonly error: Trouble | null
  readonly unread: number
  readonly view: InboxView | undefined
  readonly read: (id: string) => void
  readonly readAll: () => void
  readonly clear: (id: string) => void
  readonly clearAll: () => void
}

export const useInbox = (): UsedInbox => {
  const { inbox } = useDesk()
  const read = useCallback((id: string) => inbox.read(id), [inbox])
  const readAll = useCallback(() => inbox.readAll(), [inbox])
  const clear = useCallback((id: string) => inbox.clear(id), [inbox])
  const clearAll = useCallback(() => inbox.clearAll(), [inbox])
  const get = (key: string): unknown => {
    if (key === 'view?') return inbox.view !== undefined
    // What stands in the view is asked for by name: `view.channels`.
    return key.startsWith('view.')
      ? inbox.view?.[key.slice('view.'.length) as 'channels']
      : inbox[key as 'items']
  }
  return useTracked<UsedInbox>(
    inbox.subscribe,
    get,
    ['items', 'error', 'unread', 'view'],
    { read, readAll, clear, clearAll },
    key => (key === 'unread' ? 0 : key === 'error' ? null : undefined),
  )
}
