import { useCallback } from 'react'
import type { SyncResult } from '../sync-by-hand.ts'
import { type DeskStatus, NOTHING_YET } from '../status.ts'
import type { DigestItem } from '../offline/digest.ts'
import type { TrayItem } from '../record/tray.ts'
import { useSyncExternalStore } from 'react'
import { useDesk } from './desk-context.tsx'
import { useTracked } from './tracked.ts'

export interface UsedSync extends DeskStatus {
  readonly push: () => Promise<SyncResult>
  readonly pull: () => Promise<SyncResult>
  /** Push, then pull. */
  readonly run: () => Promise<SyncResult>
}

export const useSync = (): UsedSync => {
  const desk = useDesk()
  const push = useCallback(() => desk.push(), [desk])
  const pull = useCallback(() => desk.pull(), [desk])
  const run = useCallback(() => desk.sync(), [desk])
  const read = (name: string): unknown => desk.status[name as keyof DeskStatus]
  return useTracked<UsedSync>(
    desk.subscribe,
    read,
    STATUS_NAMES,
    { push, pull, run },
    name => NOTHING_YET[name as keyof DeskStatus],
  )
}

const STATUS_NAMES = Object.keys(NOTHING_YET) as (keyof DeskStatus)[]

export interface UsedDigest {
  readonly items: readonly DigestItem[] | undefined
  readonly dismiss: (room?: string) => void
}

/** What others did while one was away, and what became of one's own edits. */
export const useDigest = (): UsedDigest => {
  const { digest } = useDesk()
  const snapshot = (): readonly DigestItem[] | undefined => digest.items
  const items = useSyncExternalStore(digest.subscribe, snapshot, () => undefined)
  return { items, dismiss: room => digest.dismiss(room) }
}

export interface UsedTray {
  readonly items: readonly TrayItem[] | undefined
  readonly retry: (id: string) => Promise<void>
  readonly discard: (id: string) => void
  readonly discardAll: () => void
}

export const useTray = (): UsedTray => {
  const { tray } = useDesk()
  const snapshot = (): readonly TrayItem[] | undefined => tray.items
  const items = useSyncExternalStore(tray.subscribe, snapshot, () => undefined)
  return {
    items,
    retry: id => tray.retry(id),
    discard: id => tray.discard(id),
    discardAll: () => tray.discardAll(),
  }
}
