import type { LevelDatabase } from './level-database.ts'
import { keyOf } from './level-layout.ts'
import { noteAt } from './level-reads.ts'
import { sealText } from './sealed.ts'
import { StoreError } from './store-error.ts'

/**
 * The version of what lies on disk. It rises when an older server could misread it; each rise comes with a step that
 * brings an older store up, run once at open.
 *
 * 1: the first.
 */
export const STORE_FORMAT = 1

export interface FormatStep {
  /** The version it leads to. */
  readonly to: number
  /** May be run again on a store where it was interrupted. */
  upgrade(db: LevelDatabase): Promise<void>
}

const STEPS: readonly FormatStep[] = []

export async function assertFormat(
  db: LevelDatabase,
  current: number = STORE_FORMAT,
  steps: readonly FormatStep[] = STEPS,
): Promise<void> {
  const found = await readFormat(db)
  if (found === current) return
  if (found === 'new') return begin(db, current)
  // A damaged note keeps nobody from the data: a store that was never upgraded is of this version.
  if (found === 'unreadable') return writeFormat(db, current)
  if (found > current) {
    throw new StoreError(
      'STORE_NEWER',
      `The data in ${db.location} was written by a newer corecord (store format ${found}, this one knows ${current}). Start the newer version, or restore a backup made before the upgrade.`,
    )
  }
  for (const step of steps) {
    if (step.to <= found || step.to > current) continue
    await step.upgrade(db)
    await writeFormat(db, step.to)
  }
}

async function readFormat(db: LevelDatabase): Promise<number | 'new' | 'unreadable'> {
  const note = await db.read(level => noteAt(level, keyOf.format))
  if (note !== undefined) return note === null ? 'unreadable' : Number(note)
  const first = await db.read(level => level.keys({ limit: 1 }).all())
  if (first.length === 0) return 'new'
  // It went with a damaged block when the rest was copied.
  if ((await db.read(level => noteAt(level, keyOf.logs))) !== undefined) return 'unreadable'
  throw new StoreError(
    'STORE_FOREIGN',
    `The LevelDB in ${db.location} was not written by corecord. Start with an empty data folder.`,
  )
}

/** A new store begins as one that ended cleanly. */
async function begin(db: LevelDatabase, format: number): Promise<void> {
  const batch = db.batch()
  batch.put(keyOf.format, sealText(keyOf.format, String(format)))
  batch.put(keyOf.clean, sealText(keyOf.clean, ''))
  await db.write(batch, { sync: true })
}

async function writeFormat(db: LevelDatabase, format: number): Promise<void> {
  const batch = db.batch()
  batch.put(keyOf.format, sealText(keyOf.format, String(format)))
  await db.write(batch, { sync: true })
}
