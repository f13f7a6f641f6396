import { statfs } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import type { LevelDatabase } from './level-database.ts'
import { oldIndex, sealRow, unsealRow } from './level-layout.ts'
import { orNull } from './sealed.ts'
import { isStoreError } from './store-error.ts'

/** With each goes all of its row, a thousand keys or so; commits go on between. */
const ENTRIES_AT_ONCE = 60
/** Nobody waits for it: disk and core are for others. */
const PAUSE_MS = 20
/** To be rid of something, LevelDB first writes that it is gone. */
const NEEDS_BYTES = 256 << 20

/** Whoever makes room starts nothing anew for this. */
const LOOK_AGAIN_MS = 60_000

export interface DropParts {
  readonly inTurn: (work: () => Promise<void>) => Promise<void>
  readonly ending: AbortSignal
  readonly hasRoom?: () => Promise<boolean>
  readonly lookAgainMs?: number
}

/**
 * Earlier versions kept rows in order on disk too, and nobody read them there. A row's entries go at once, with what
 * the row says of them, so that an earlier version finds all as it would have left it, however far this came: it goes
 * on for as long as it may, waits while the disk is full, and goes on after the next start with what is left.
 */
export async function dropOldIndexes(db: LevelDatabase, parts: DropParts): Promise<void> {
  const { inTurn, ending, hasRoom = () => isRoomAt(db.location), lookAgainMs = LOOK_AGAIN_MS } = parts
  let range = oldIndex.all
  while (!ending.aborted) {
    const entries = await db.read(level => level.keys({ ...range, limit: ENTRIES_AT_ONCE }).all())
    const last = entries.at(-1)
    if (last === undefined) return
    const isDone = (await hasRoom()) && (await inTurn(() => drop(db, entries)).then(() => true, unlessFull))
    if (isDone) range = { ...range, gte: last }
    await setTimeout(isDone ? PAUSE_MS : lookAgainMs, null, { signal: ending, ref: false }).catch(() => {})
  }
}

async function isRoomAt(location: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(location)
  return bavail * bsize >= NEEDS_BYTES
}

/** Others may have taken what room there was. */
function unlessFull(error: unknown): false {
  if (isStoreError(error, 'STORE_UNWRITABLE')) return false
  throw error
}

async function drop(db: LevelDatabase, entries: readonly string[]): Promise<void> {
  const rowKeys = entries.map(oldIndex.rowKey)
  const rows = await db.read(level => level.getMany(rowKeys))
  const batch = db.batch()
  for (const entry of entries) batch.del(entry)
  for (const [i, key] of rowKeys.entries()) {
    const value = rows[i]
    // What cannot be read is named by `verify`, and made anew from its record.
    const json = value === undefined ? null : orNull(() => unsealRow(key, value))
    if (value === undefined || json === null) continue
    for (const entry of oldIndex.entriesOf(key, value)) batch.del(entry)
    batch.put(key, sealRow(key, json))
  }
  // Lost with a crash it is as if it had not been.
  await db.write(batch, { sync: false })
}
