import { statfs } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import type { LevelDatabase } from './level-database.ts'
import { oldIndex, sealRow, unsealRow } from './level-layout.ts'
import { orNull } from './sealed.ts'

/** With each goes all of its row, a thousand keys or so; commits go on between. */
const ENTRIES_AT_ONCE = 60
/** Nobody waits for it: disk and core are for others. */
const PAUSE_MS = 20
/** To be rid of something, LevelDB first writes that it is gone. */
const NEEDS_BYTES = 256 << 20

/**
 * Earlier versions kept rows in order on disk too, and nobody read them there. A row's entries go at once, with what
 * the row says of them, so that an earlier version finds all as it would have left it, however far this came: it goes
 * on for as long as it may, and after the next start with what is left.
 */
export async function dropOldIndexes(
  db: LevelDatabase,
  inTurn: (work: () => Promise<void>) => Promise<void>,
  goesOn: () => boolean,
): Promise<void> {
  for (let range = oldIndex.all; goesOn(); await setTimeout(PAUSE_MS)) {
    const entries = await db.read(level => level.keys({ ...range, limit: ENTRIES_AT_ONCE }).all())
    const last = entries.at(-1)
    if (last === undefined) return
    const { bavail, bsize } = await statfs(db.location)
    if (bavail * bsize < NEEDS_BYTES) return
    await inTurn(() => drop(db, entries))
    range = { ...range, gte: last }
  }
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
