import type { GatheredReads } from './gathered-reads.ts'
import type { ListedIds } from './head.ts'
import type { Ended } from './level-commit.ts'
import type { Database } from './level.ts'
import { isCorruption, READ_AHEAD_BYTES } from './level-database.ts'
import {
  keyOf,
  parseOrdered,
  under,
  unsealHead,
  unsealHeadAndIds,
  unsealRow,
  unsealUpdates,
} from './level-layout.ts'
import { readThrough } from './level-salvage.ts'
import { orNull, unsealText } from './sealed.ts'
import type { Head, Page, RoomChange, RowPage, StoredRow, Value, ValueRange, ValuesPage } from './store.ts'
import { damaged } from './store-error.ts'

/** Which rooms were found cut at a start, for `verify`. */
export const CUT_SPACE = '$cut'

/**
 * Whether a room that was not found has come meanwhile: name and head are written together. One whose entries were
 * lost with a damaged block must not look like one that never was.
 */
export async function hasCome(db: Database, room: string): Promise<boolean> {
  if (!(await db.has(keyOf.name(room)))) return false
  if (await db.has(keyOf.head(room))) return true
  throw damaged(room, 'it is in the list of rooms, but its head is missing')
}

export async function readHead(db: Database, room: string): Promise<Head | null> {
  return (await readHeadAndIds(db, room))?.head ?? null
}

export async function readHeadAndIds(
  db: Database,
  room: string,
): Promise<{ head: Head; ids: ListedIds } | null> {
  const value = await db.get(keyOf.head(room))
  if (value === undefined) return (await hasCome(db, room)) ? readHeadAndIds(db, room) : null
  try {
    return unsealHeadAndIds(room, value)
  } catch (error) {
    throw damaged(room, 'its head is damaged', error)
  }
}

/** Up to which commit rooms stand; 0 of those that are not there, or whose head cannot be read. */
export async function readCommits(db: Database, rooms: readonly string[]): Promise<readonly number[]> {
  const values = await db.getMany(rooms.map(keyOf.head))
  return rooms.map((room, i) => {
    const value = values[i]
    return value === undefined ? 0 : (orNull(() => unsealHead(room, value))?.commit ?? 0)
  })
}

export async function readHeads(
  db: Database,
  page: Page,
  onDamaged?: (room: string) => void,
): Promise<{ heads: readonly Head[]; next: string | null }> {
  const range = rangeAfter(under('n'), page.after === undefined ? undefined : keyOf.name(page.after))
  const limit = page.limit + 1
  const keys = await db
    .keys({ ...range, limit })
    .all()
    .catch(async error => {
      if (!isCorruption(error)) throw error
      return (await readAround(db, range, limit)).map(([key]) => key)
    })
  const names = keys.map(key => key.slice(1))
  const more = names.length > page.limit
  if (more) names.pop()
  const headKeys = names.map(keyOf.head)
  const values = await db.getMany(headKeys).catch(error => {
    if (!isCorruption(error)) throw error
    return Promise.all(headKeys.map(key => orUndefined(db.get(key))))
  })
  const heads: Head[] = []
  for (const [i, room] of names.entries()) {
    const value = values[i]
    const head = value === undefined ? null : orNull(() => unsealHead(room, value))
    if (head !== null) heads.push(head)
    else onDamaged?.(room)
  }
  return { heads, next: more ? (names.at(-1) ?? null) : null }
}

/** LevelDB takes one lower and one upper bound. */
function rangeAfter(
  { gte, lt }: { gte: string; lt: string },
  after: string | undefined,
  reverse = false,
): { gt: string; lt: string; reverse: boolean } | { gte: string; lt: string; reverse: boolean } {
  if (after === undefined) return { gte, lt, reverse }
  return reverse ? { gte, lt: after, reverse } : { gt: after, lt, reverse }
}

/** What is in the log after a commit. */
export async function readLogSize(
  db: Database,
  room: string,
  afterCommit: number,
): Promise<{ entries: number; bytes: number }> {
  const range = { gt: keyOf.log(room, afterCommit), lt: under(`d${room}\0e`).lt }
  const entries = await db.iterator({ ...range, highWaterMarkBytes: READ_AHEAD_BYTES }).all()
  const updates: Uint8Array[] = []
  for (const [key, value] of entries) unsealUpdates(key, value, updates)
  return { entries: entries.length, bytes: updates.reduce((sum, update) => sum + update.byteLength, 0) }
}

export function readLogKeys(db: Database, room: string, upToCommit: number): Promise<string[]> {
  return db
    .keys({ gte: `d${room}\0e`, lte: keyOf.log(room, upToCommit), highWaterMarkBytes: READ_AHEAD_BYTES })
    .all()
}

export async function readEnded(db: Database, change: RoomChange): Promise<Ended> {
  const { room } = change
  const owners = new Map<number, string>()
  for (const [key, value] of await db.iterator(under(`d${room}\0c`)).all()) {
    owners.set(parseOrdered(key.slice(room.length + 3)), unsealText(key, value))
  }
  const contentKeys = change.newEpoch?.content === null ? [] : await db.keys(under(`d${room}\0e`)).all()
  const eventKeys: string[] = []
  if (change.newEpoch?.ended === 'purged') {
    for (const [key, value] of await db.iterator(under(`c${room}\0`)).all()) {
      eventKeys.push(key, keyOf.event(Number(unsealText(key, value))))
    }
  }
  return { owners, contentKeys, eventKeys }
}

export async function readRow(db: GatheredReads, type: string, id: string): Promise<string | null> {
  const [value] = await db.getMany([keyOf.row(type, id)])
  return value === undefined ? null : toRow(type, id, value).json
}

export async function readRows(
  db: Database,
  type: string,
  page: Page,
  onDamaged?: () => void,
): Promise<RowPage> {
  const prefix = `r${type}\0`
  const range = rangeAfter(under(prefix), page.after === undefined ? undefined : prefix + page.after)
  const options = { ...range, limit: page.limit + 1, highWaterMarkBytes: READ_AHEAD_BYTES }
  const entries = await db
    .iterator(options)
    .all()
    .catch(error => {
      if (onDamaged === undefined || !isCorruption(error)) throw error
      onDamaged()
      return readAround(db, range, page.limit + 1)
    })
  const more = entries.length > page.limit
  if (more) entries.pop()
  const rows = entries.flatMap(([key, value]) => {
    const id = key.slice(prefix.length)
    if (onDamaged === undefined) return toRow(type, id, value)
    const row = orNull(() => toRow(type, id, value))
    if (row === null) onDamaged()
    return row ?? []
  })
  return { rows, next: more ? (entries.at(-1)?.[0].slice(prefix.length) ?? null) : null }
}

/** A value in a block that cannot be read is as one that is not there, for whoever writes it anew or leaves it out. */
async function orUndefined(reading: Promise<Uint8Array | undefined>): Promise<Uint8Array | undefined> {
  try {
    return await reading
  } catch (error) {
    if (!isCorruption(error)) throw error
    return undefined
  }
}

/** What can be read of a range in which a block cannot. */
async function readAround(
  db: Database,
  range: { gt?: string; gte?: string; lt: string },
  limit: number,
): Promise<[string, Uint8Array][]> {
  const found: [string, Uint8Array][] = []
  for await (const entries of readThrough(db, range)) {
    if (Array.isArray(entries)) found.push(...entries)
    if (found.length >= limit) break
  }
  return found.slice(0, limit)
}

function toRow(type: string, id: string, value: Uint8Array): StoredRow {
  try {
    return { id, json: unsealRow(keyOf.row(type, id), value) }
  } catch (error) {
    throw damaged(`${type}:${id}`, 'its row is damaged', error)
  }
}

export async function readValue(db: Database, space: string, key: string): Promise<string | null> {
  const storedKey = keyOf.value(space, key)
  const value = await db.get(storedKey)
  try {
    return value === undefined ? null : unsealText(storedKey, value)
  } catch (error) {
    throw damaged(`${space}/${key}`, 'its value is damaged', error)
  }
}

export async function readValues(db: Database, space: string, range: ValueRange): Promise<ValuesPage> {
  const prefix = keyOf.value(space, '')
  const after = range.after === undefined ? undefined : prefix + range.after
  const keyRange = rangeAfter(under(prefix + (range.prefix ?? '')), after, range.reverse)
  const options = { ...keyRange, limit: range.limit + 1 }
  const damagedKeys: string[] = []
  const entries = await db
    .iterator({ ...options, highWaterMarkBytes: READ_AHEAD_BYTES })
    .all()
    .catch(error => {
      if (range.reverse === true || !isCorruption(error)) throw error
      damagedKeys.push('')
      return readAround(db, keyRange, options.limit)
    })
  const more = entries.length > range.limit
  if (more) entries.pop()
  const values: Value[] = []
  for (const [storedKey, sealed] of entries) {
    const key = storedKey.slice(prefix.length)
    const value = orNull(() => unsealText(storedKey, sealed))
    if (value === null) damagedKeys.push(key)
    else values.push({ key, value })
  }
  return {
    values,
    next: more ? (entries.at(-1)?.[0].slice(prefix.length) ?? null) : null,
    damaged: damagedKeys,
  }
}

/** A note of the store about itself; null if it is not there or damaged: `verify` names it, and it is made anew. */
export const readNote = async (db: Database, key: string): Promise<string | null> =>
  (await noteAt(db, key)) ?? null

/** Undefined: it is not there. Null: it cannot be read, or the block that it lies in cannot. */
export async function noteAt(db: Database, key: string): Promise<string | null | undefined> {
  try {
    const value = await db.get(key)
    return value === undefined ? undefined : unsealText(key, value)
  } catch {
    return null
  }
}
