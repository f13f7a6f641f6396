// How a room is read. All of it lies together, so one range read finds it; but each range read is a trip of its own to
// LevelDB's threads. Of most rooms the head tells every other key, and what is asked by key goes there together.

import type { GatheredReads } from './gathered-reads.ts'
import type { Database } from './level.ts'
import { type LevelDatabase, READ_AHEAD_BYTES } from './level-database.ts'
import {
  keyOf,
  parseOrdered,
  under,
  unsealEarlierEpoch,
  unsealHead,
  unsealHeadAndIds,
  unsealSnapshot,
  unsealUpdates,
} from './level-layout.ts'
import { hasCome } from './level-reads.ts'
import { orNull, unsealText } from './sealed.ts'
import type { EarlierEpoch, Head, ReadLarge, StoredRoom } from './store.ts'
import { damaged } from './store-error.ts'
import { reasonOf } from '../../shared/reason-of.ts'

/** Long logs and large documents are read by range: reading is then what takes the time, and not the way. */
const LOG_ENTRIES_MAX = 32
const BYTES_MAX = 64 << 10

const prefixOf = (room: string): string => `d${room}\0`

export async function loadRoom(
  db: LevelDatabase,
  gathered: GatheredReads,
  room: string,
  readLarge: ReadLarge = (_, read) => read(),
): Promise<StoredRoom | null> {
  const [sealed] = await gathered.getMany([keyOf.head(room)])
  if (sealed === undefined && !(await isListed(gathered, room))) return null
  const told = sealed === undefined ? null : orNull(() => unsealHeadAndIds(room, sealed))
  const stored = sealed === undefined || told === null ? null : await loadByKeys(gathered, room, sealed, told)
  const bytes = told === null ? 0 : told.head.snapshotBytes + told.head.logBytes
  return stored ?? (await readLarge(bytes, () => db.read(level => loadByRange(level, room))))
}

/** A room whose head was lost with a damaged block is still in the list of rooms. */
const isListed = async (gathered: GatheredReads, room: string): Promise<boolean> =>
  (await gathered.getMany([keyOf.name(room)]))[0] !== undefined

/** Null where the head does not tell all keys, or not all is as it tells: what is wrong then, the range shows. */
async function loadByKeys(
  gathered: GatheredReads,
  room: string,
  sealed: Uint8Array,
  { head, ids }: ReturnType<typeof unsealHeadAndIds>,
): Promise<StoredRoom | null> {
  if (ids === null || !isShort(head)) return null
  const keys = [keyOf.head(room), ...ids.map(id => keyOf.owner(room, id))]
  if (head.snapshotCommit > 0) keys.push(keyOf.snapshot(room))
  // One more than there should be: an entry beyond its head is damage as well.
  for (let commit = head.snapshotCommit + 1; commit <= head.commit + 1; commit++)
    keys.push(keyOf.log(room, commit))
  const values = await gathered.getMany(keys)
  // It was written meanwhile.
  if (values[0] === undefined || Buffer.compare(values[0], sealed) !== 0) return null
  const entries: [string, Uint8Array][] = []
  for (let i = 1; i < keys.length; i++) {
    const [key, value] = [keys[i], values[i]]
    if (key !== undefined && value !== undefined) entries.push([key, value])
  }
  const stored = orNull(() => decodeRoom(room, prefixOf(room).length, entries, head))
  return stored?.owners.size === ids.length ? stored : null
}

/** Every commit since the snapshot has left an entry, and all of it is little. */
const isShort = ({ commit, snapshotCommit, snapshotBytes, logEntries, logBytes }: Head): boolean =>
  commit - snapshotCommit === logEntries &&
  logEntries <= LOG_ENTRIES_MAX &&
  snapshotBytes + logBytes <= BYTES_MAX

/** One range read; everything of the room lies in it. */
async function loadByRange(db: Database, room: string): Promise<StoredRoom | null> {
  const prefix = prefixOf(room)
  const entries = await db
    .iterator({ ...under(prefix), highWaterMarkBytes: READ_AHEAD_BYTES })
    .all()
    .catch(error => {
      throw damaged(room, 'LevelDB cannot read it', error)
    })
  if (entries.length === 0) return (await hasCome(db, room)) ? loadByRange(db, room) : null
  try {
    return decodeRoom(room, prefix.length, entries)
  } catch (error) {
    throw damaged(room, reasonOf(error), error)
  }
}

function decodeRoom(
  room: string,
  at: number,
  entries: readonly [string, Uint8Array][],
  known: Head | null = null,
): StoredRoom {
  let head = known
  let snapshot: { commit: number; bytes: Uint8Array } | null = null
  let logEntries = 0
  const log: Uint8Array[] = []
  const owners = new Map<number, string>()
  const earlierEpochs: EarlierEpoch[] = []
  for (const [key, value] of entries) {
    const kind = key[at]
    if (kind === 'a') head = unsealHead(room, value)
    else if (kind === 'b') earlierEpochs.push(unsealEarlierEpoch(key, value))
    else if (kind === 'c') owners.set(parseOrdered(key.slice(at + 1)), unsealText(key, value))
    else if (kind === 'd') snapshot = unsealSnapshot(key, value)
    else if (kind === 'e' && parseOrdered(key.slice(at + 1)) > (head?.snapshotCommit ?? 0)) {
      unsealUpdates(key, value, log)
      logEntries++
    }
  }
  if (head === null) throw new Error('its head is missing')
  if (logEntries !== head.logEntries) {
    throw new Error(`its log has ${logEntries} of ${head.logEntries} entries`)
  }
  if ((snapshot?.commit ?? 0) !== head.snapshotCommit) {
    throw new Error(`its snapshot is of commit ${snapshot?.commit ?? 0}, not ${head.snapshotCommit}`)
  }
  earlierEpochs.sort((a, b) => a.commit - b.commit)
  return { head, snapshot: snapshot?.bytes ?? null, log, owners, earlierEpochs }
}
