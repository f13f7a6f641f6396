// The log of a record is compacted into its snapshot when it has grown long. Where that fails nothing is lost: whoever
// opens the room next makes it good.

import type { Head } from '../store/store.ts'
import type { RoomServices } from './room-services.ts'

export interface CompactedRoom {
  readonly name: string
  readonly head: Head | null
  readonly isClosed: boolean
  compacted(head: Head): void
}

/** `encoded`: all of it, as of the last commit. */
export const compactRoom = async (
  room: CompactedRoom,
  { compact, logger }: Pick<RoomServices<never>, 'compact' | 'logger'>,
  encoded: Uint8Array,
): Promise<void> => {
  const { name, head } = room
  if (head === null || head.logEntries === 0) return
  try {
    const compacted = await compact(name, encoded, head.commit)
    if (compacted !== null && room.head !== null) room.compacted(compactedSince(room.head, compacted))
  } catch (error) {
    // A store that is being closed takes none.
    if (!room.isClosed) logger.warn({ room: name, err: error }, 'compaction failed; it is tried again later')
  }
}

/** The head as it is now, of a room whose log was compacted as it was at an earlier commit. */
const compactedSince = (
  now: Head,
  { commit, snapshotCommit, snapshotBytes, logEntries, logBytes }: Head,
): Head => ({
  ...now,
  snapshotCommit,
  snapshotBytes,
  logEntries: logEntries + now.commit - commit,
  logBytes,
})
