import * as Y from 'yjs'
import type { Store } from '../store/store.ts'
import { headsOf } from '../store/heads-of.ts'
import { isStoreError } from '../store/store-error.ts'
import { storedDoc } from '../room/stored-doc.ts'

export interface CompactionReport {
  readonly rooms: number
  readonly compacted: number
  readonly bytesBefore: number
  readonly bytesAfter: number
  /** Rooms that could not be read; `corecord verify` says why. */
  readonly damaged: readonly string[]
}

/** Compacts every room's log into its snapshot, without waiting for it to outgrow the snapshot. */
export async function compactRooms(
  store: Pick<Store, 'readHeads' | 'loadRoom' | 'compactRoom'>,
  onProgress: (rooms: number) => void = () => {},
): Promise<CompactionReport> {
  const damaged: string[] = []
  let [rooms, compacted, bytesBefore, bytesAfter] = [0, 0, 0, 0]
  for await (const head of headsOf(store)) {
    onProgress(++rooms)
    const bytes = head.snapshotBytes + head.logBytes
    bytesBefore += bytes
    bytesAfter += bytes
    if (head.logEntries === 0 || head.state === 'purged') continue
    try {
      const stored = await store.loadRoom(head.room)
      if (stored === null) continue
      const snapshot = Y.encodeStateAsUpdate(storedDoc(stored))
      // Of one commit, most often: written once more it would be as large, and read no sooner.
      const isOnePart = head.logEntries === 1 && head.snapshotBytes === 0
      if (isOnePart && snapshot.byteLength >= bytes) continue
      const after = await store.compactRoom(head.room, snapshot, stored.head.commit)
      if (after === null) continue
      compacted++
      bytesAfter += after.snapshotBytes + after.logBytes - bytes
    } catch (error) {
      // A disk that takes nothing says nothing of the record.
      if (isStoreError(error) && error.code !== 'STORE_DAMAGED') throw error
      damaged.push(head.room)
    }
  }
  return { rooms, compacted, bytesBefore, bytesAfter, damaged }
}
