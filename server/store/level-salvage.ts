import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import type { Iterator } from 'level'
import { type Database, newLevel, type Snapshot } from './level.ts'
import { mendCutTables } from './level-cut-tables.ts'
import { keyOf, LOST_SPACE, partsOf } from './level-layout.ts'
import { ROWS_MADE_BY } from './rows-of.ts'
import { sealText } from './sealed.ts'

/**
 * LevelDB stops taking writes for good when it comes to compact a table with a block that it cannot decode. Its own
 * repair puts old tables in front of newer ones, so that a read may answer with what was overwritten long ago.
 * Instead everything that can still be read is copied into a new database, which takes the place of the old one; the
 * old one stays beside it. What was in the block is missing then, and is noticed by whoever reads it: a head says how
 * many entries its log has, a chain how many events.
 *
 * Answers where the damaged database is now.
 */
export async function salvage(location: string): Promise<string> {
  const copyPath = `${location}-copying`
  // While the damaged one stands, whatever stands beside it is of a try that a crash ended.
  for (const path of [copyPath, mendedPath(location)]) await rm(path, { recursive: true, force: true })
  const [from, to] = [newLevel(location), newLevel(copyPath)]
  try {
    await from.open()
    const losses = await mendCutTables(from)
    if (losses !== null) {
      await from.close()
      await from.open()
    }
    await to.open()
    for (const loss of losses ?? []) {
      const key = keyOf.value(LOST_SPACE, `${loss.table} ${Date.now().toString(36)}`)
      await to.put(key, sealText(key, JSON.stringify(loss)))
    }
    for await (const entries of readThrough(from)) {
      if (!Array.isArray(entries)) continue
      const batch = to.batch()
      for (const [key, value] of entries) {
        // Rows may have been in what cannot be read: all are made anew, of every record whose head is there.
        if (key.startsWith(keyOf.value(ROWS_MADE_BY, ''))) continue
        const [room = '', kind] = partsOf(key)
        if (key[0] === 'd' && kind === 'a') batch.put(keyOf.name(room), sealText(keyOf.name(room), ''))
        batch.put(key, value)
      }
      await batch.write({ sync: true })
    }
  } catch (error) {
    await to.close()
    // It is as large as the data: on a full disk it would take what others need, and what room is made.
    await rm(copyPath, { recursive: true, force: true })
    throw error
  } finally {
    await from.close()
    await to.close()
  }
  await rename(copyPath, mendedPath(location))
  const damagedPath = `${location}-damaged-${Date.now().toString(36)}`
  await rename(location, damagedPath)
  await finishSalvage(location)
  return damagedPath
}

/** A crash may have come between the two renames: an empty database must not be begun then. */
export async function finishSalvage(location: string): Promise<void> {
  if (!existsSync(location) && existsSync(mendedPath(location))) await rename(mendedPath(location), location)
}

const mendedPath = (location: string): string => `${location}-mended`

interface KeyRange {
  gt?: string
  gte?: string
  lt?: string
  snapshot?: Snapshot
}

type Entry = [key: string, value: Uint8Array]

/**
 * All entries of a range, some at a time. An iterator skips what it cannot decode and says so only at its end, in
 * place of the last entries: those are then read singly, and the error comes after them.
 */
export async function* readThrough(db: Database, range: KeyRange = {}): AsyncGenerator<Entry[] | Error> {
  let last: string | null = null
  for (const atOnce of [1000, 1]) {
    const { gt: _, gte: __, ...rest } = range
    const from: KeyRange = last === null ? range : { ...rest, gt: last }
    const iterator: Iterator<Database, string, Uint8Array> = db.iterator({
      ...from,
      highWaterMarkBytes: 1 << 20,
    })
    try {
      for (;;) {
        const entries = await iterator.nextv(atOnce)
        if (entries.length === 0) return
        last = entries.at(-1)?.[0] ?? last
        yield entries
      }
    } catch (error) {
      if (db.status !== 'open') throw error
      if (atOnce === 1) yield error instanceof Error ? error : new Error(String(error))
    } finally {
      await iterator.close()
    }
  }
}
