import { UNFIT_IN_NAME } from '../../shared/record/path.ts'
import type { Change, Head, RoomChange } from './store.ts'
import { StoreError } from './store-error.ts'

/** The head after a change, without its events: those are counted as they are chained. */
export function nextHead(head: Head | null, change: RoomChange): Head {
  const purged = change.newEpoch?.ended === 'purged'
  const replaced = change.newEpoch !== undefined && change.newEpoch.content !== null
  const commit = change.expect + 1
  let bytes = 0
  for (const update of change.updates) bytes += update.byteLength
  const contentBytes = change.newEpoch?.content?.byteLength ?? 0
  const created = change.created ?? change
  // What is begun again after a purge is another record under the same name.
  const known = head?.state === 'purged' ? null : head
  return {
    room: change.room,
    type: change.type,
    epoch: change.newEpoch?.epoch ?? change.epoch,
    commit,
    state: purged
      ? 'purged'
      : (change.state ?? (head === null || head.state === 'purged' ? 'live' : head.state)),
    createdAt: known?.createdAt ?? created.at,
    createdBy: known?.createdBy ?? created.by,
    updatedAt: change.at,
    updatedBy: change.by,
    logEntries: (replaced || head === null ? 0 : head.logEntries) + (change.updates.length > 0 ? 1 : 0),
    logBytes: (replaced || head === null ? 0 : head.logBytes) + bytes,
    // What replaces the content covers the commits before it; updates of this same commit come after it.
    snapshotCommit: replaced ? commit - 1 : (head?.snapshotCommit ?? 0),
    snapshotBytes: replaced ? contentBytes : (head?.snapshotBytes ?? 0),
    eventCount: head?.eventCount ?? 0,
    eventHash: head?.eventHash ?? null,
  }
}

/** A short log costs less to load than to compact. */
export const LOG_BYTES_MIN = 16 << 10
const LOG_ENTRIES_MAX = 500

/** Whether the log has outgrown the snapshot, so that loading would gain from compacting it. */
export function isOutgrown({ logEntries, logBytes, snapshotBytes }: Head): boolean {
  return logEntries > LOG_ENTRIES_MAX || logBytes > Math.max(LOG_BYTES_MIN, snapshotBytes)
}

/** The head after its log up to a commit was compacted; null if that is not newer than what stands. */
export function compactedHead(
  head: Head,
  snapshotBytes: number,
  upToCommit: number,
  left: { entries: number; bytes: number },
): Head | null {
  if (upToCommit <= head.snapshotCommit || upToCommit > head.commit || head.state === 'purged') return null
  return {
    ...head,
    snapshotCommit: upToCommit,
    snapshotBytes,
    logEntries: left.entries,
    logBytes: left.bytes,
  }
}

/** Names that cannot be told apart in a key are a bug of the caller. */
export const isFitName = (name: string): boolean =>
  name.length > 0 && name.length <= 1024 && !UNFIT_IN_NAME.test(name)

export function assertName(name: string, what: string): void {
  if (isFitName(name)) return
  throw new StoreError(
    'STORE_BAD_CHANGE',
    `The ${what} ${JSON.stringify(name.slice(0, 80))} cannot be stored: a name has 1 to 1024 well-formed characters and no control characters.`,
  )
}

/** What the caller must have made right before anything of the batch is written. */
export function assertChange(change: Change): void {
  for (const [i, room] of change.rooms.entries()) {
    if (room.expect === 0) assertName(room.room, 'room')
    if (room.row && room.type === '') bad(room, 'a free room has no row')
    if (room.row && room.room !== `${room.type}:${room.row.id}`) bad(room, 'its row has another id')
    if (room.row && room.newEpoch?.ended === 'purged') bad(room, 'a purged record has no row')
    if (room.newEpoch?.ended === 'purged' && room.newEpoch.content === null)
      bad(room, 'a purge replaces the content')
    if (room.newEpoch && room.expect === 0) bad(room, 'a new room has no epoch to end')
    if (room.newEpoch?.epoch === room.epoch) bad(room, 'a new epoch needs a new id')
    for (let j = 0; j < i; j++)
      if (change.rooms[j]?.room === room.room) bad(room, 'it is twice in one change')
  }
}

function bad(change: RoomChange, why: string): never {
  throw new StoreError('STORE_BAD_CHANGE', `A change of ${change.room} is malformed: ${why}.`, {
    room: change.room,
  })
}

/**
 * The client ids that a room knows the owners of, as its head lists them: with the head one then knows every key of
 * the room. Null where they are many, or where an earlier epoch lies beside them.
 */
export type ListedIds = readonly number[] | null

export const NO_IDS: ListedIds = []
const LISTED_MAX = 16

/** The client ids that a head lists after a change. */
export function nextIds(ids: ListedIds, { newEpoch, owners = [] }: RoomChange): ListedIds {
  if (ids === null || newEpoch !== undefined) return null
  if (owners.length === 0) return ids
  const all = new Set([...ids, ...owners.map(({ clientId }) => clientId)])
  return all.size > LISTED_MAX ? null : [...all]
}

/** An array without names: a head is written with every commit. */
export function encodeHead(head: Head, ids: ListedIds): string {
  return JSON.stringify([
    head.type,
    head.epoch,
    head.commit,
    head.state,
    head.createdAt,
    head.createdBy,
    head.updatedAt,
    head.updatedBy,
    head.logEntries,
    head.logBytes,
    head.snapshotCommit,
    head.snapshotBytes,
    head.eventCount,
    head.eventHash,
    ids,
  ])
}

export function decodeHead(room: string, text: string): { head: Head; ids: ListedIds } {
  // The checksum around it says that it is what `encodeHead` wrote.
  const fields = JSON.parse(text) as [
    string,
    string,
    number,
    Head['state'],
    number,
    string,
    number,
    string,
    number,
    number,
    number,
    number,
    number,
    string | null,
    // Earlier versions did not write it.
    ListedIds?,
  ]
  const head = {
    room,
    type: fields[0],
    epoch: fields[1],
    commit: fields[2],
    state: fields[3],
    createdAt: fields[4],
    createdBy: fields[5],
    updatedAt: fields[6],
    updatedBy: fields[7],
    logEntries: fields[8],
    logBytes: fields[9],
    snapshotCommit: fields[10],
    snapshotBytes: fields[11],
    eventCount: fields[12],
    // Earlier versions wrote there what the chain begins with.
    eventHash: fields[12] === 0 ? null : fields[13],
  }
  return { head, ids: fields[14]?.length === 0 ? NO_IDS : (fields[14] ?? null) }
}
