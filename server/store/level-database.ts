import { randomBytes } from 'node:crypto'
import { open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Database, newLevel, type Snapshot, type WriteBatch } from './level.ts'
import { hasCutTables } from './level-cut-tables.ts'
import { finishSalvage, salvage } from './level-salvage.ts'
import { refuseDamagedBlocks } from './level-tables.ts'
import { StoreError } from './store-error.ts'

export interface DatabaseOptions {
  /** Blocks of tables kept decoded; native memory, not heap. */
  cacheBytes: number
  /** The newest data, in memory and in the log file; up to two of these are held. */
  writeBufferBytes: number
  /** A part could not be read and all else was copied; the damaged database lies there. */
  onSalvaged?: (damagedPath: string) => void
}

/** What one range read may bring in one go: a whole room, as a rule. */
export const READ_AHEAD_BYTES = 4 << 20

/**
 * LevelDB, opened anew where it must be. A failed append may leave half a record in its log file, and what LevelDB
 * appended after that would be lost at the next start although it was fsynced. So after a failed write nothing is
 * written before it was closed and opened, which begins a new log file.
 */
export class LevelDatabase {
  readonly #location: string
  readonly #options: DatabaseOptions
  #db: Database | null = null
  #isSuspect = false
  #isDamaged = false
  #failure: StoreError | null = null
  #reopening: Promise<void> | null = null
  #reads = 0
  #whenRead: (() => void) | null = null

  constructor(folder: string, options: DatabaseOptions) {
    this.#location = join(folder, 'db')
    this.#options = options
  }

  get location(): string {
    return this.#location
  }

  get isSuspect(): boolean {
    return this.#isSuspect
  }

  /** After a crash the tables are looked through first: LevelDB may have come upon damage that ended the process. */
  async open({ isAfterCrash = false, createIfMissing = true } = {}): Promise<void> {
    await finishSalvage(this.#location)
    await assertHasCurrent(this.#location)
    try {
      if (isAfterCrash) await this.#salvageDamagedTables()
      this.#db = await this.#openLevel(createIfMissing)
      if (await hasCutTables(this.#db)) {
        await this.#db.close()
        await this.#salvage()
        this.#db = await this.#openLevel(createIfMissing)
      }
    } catch (error) {
      await this.#db?.close()
      this.#db = null
      throw openError(this.#location, error)
    }
    this.#isSuspect = false
  }

  async #openLevel(createIfMissing: boolean): Promise<Database> {
    const db = newLevel(this.#location, {
      cacheSize: this.#options.cacheBytes,
      writeBufferSize: this.#options.writeBufferBytes,
      createIfMissing,
    })
    await db.open()
    return db
  }

  async #salvageDamagedTables(): Promise<void> {
    if ((await refuseDamagedBlocks(this.#location, `${this.#location}-looked-through`)) === 0) return
    // Also where nobody is to be told, as in a command: what it marked is not found a second time.
    await this.#salvage()
  }

  async #salvage(): Promise<void> {
    const damagedPath = await salvage(this.#location)
    this.#options.onSalvaged?.(damagedPath)
  }

  async close(): Promise<void> {
    await this.#reopening?.catch(() => {})
    const db = this.#db
    this.#db = null
    this.#failure = null
    await this.#readsDone()
    await db?.close()
  }

  async read<T>(work: (db: Database) => Promise<T>): Promise<T> {
    if (this.#reopening) await this.#reopening
    const db = this.#assertOpen()
    this.#reads++
    try {
      return await work(db)
    } catch (error) {
      throw isCorruption(error) ? unreadable(this.#location, error) : error
    } finally {
      this.#reads--
      if (this.#reads === 0) this.#whenRead?.()
    }
  }

  /**
   * For what takes long and may be cut off: it does not hold up an opening anew or the close, which end its iterators.
   * It sees the database as it stands now.
   */
  async *stream<T>(work: (db: Database, snapshot: Snapshot) => AsyncIterable<T>): AsyncGenerator<T> {
    if (this.#reopening) await this.#reopening
    const db = this.#assertOpen()
    const snapshot = db.snapshot()
    try {
      yield* work(db, snapshot)
    } catch (error) {
      if (isCorruption(error)) throw unreadable(this.#location, error)
      if (db === this.#db && db.status === 'open') throw error
      throw new StoreError('STORE_CLOSED', 'The store was closed or opened anew meanwhile. Try again.', {
        cause: error,
      })
    } finally {
      await snapshot.close()
    }
  }

  batch(): WriteBatch {
    return this.#assertOpen().batch()
  }

  /** Writes the batch with fsync, unless it may be lost without harm. */
  async write(batch: WriteBatch, options: { sync: boolean }): Promise<void> {
    try {
      await batch.write(options)
    } catch (error) {
      this.#isSuspect = true
      this.#isDamaged = isCorruption(error)
      throw unwritable(error)
    }
  }

  /**
   * Must be called by the writer, after a failed write and before the next. Closed, a database cannot be opened again
   * on a disk that takes no writes: so that it can be read until then, it stays open until the disk does.
   */
  async reopen(): Promise<void> {
    if (this.#failure === null) {
      this.#assertOpen()
      await assertTakesWrites(this.#location)
    }
    this.#reopening = this.#reopen()
    try {
      await this.#reopening
    } finally {
      this.#reopening = null
    }
  }

  async #reopen(): Promise<void> {
    await this.#readsDone()
    try {
      await this.#db?.close()
      if (this.#isDamaged) {
        await this.#salvage()
        this.#isDamaged = false
      }
      // Where it is gone, its disk is: what would be begun in its place is somewhere else, and empty.
      await this.open({ createIfMissing: false })
      this.#failure = null
    } catch (error) {
      this.#failure = unwritable(error)
      throw this.#failure
    }
  }

  #readsDone(): Promise<void> {
    if (this.#reads === 0) return Promise.resolve()
    return new Promise(resolve => {
      this.#whenRead = () => {
        this.#whenRead = null
        resolve()
      }
    })
  }

  #assertOpen(): Database {
    if (this.#failure !== null) throw this.#failure
    if (this.#db === null) throw new StoreError('STORE_CLOSED', 'The store is closed.')
    return this.#db
  }
}

const PROBE_CHUNK_BYTES = 1 << 20

/** Writes what opening it writes: the data of its log files as a table, and a little more. */
async function assertTakesWrites(location: string): Promise<void> {
  const path = join(location, 'probe')
  try {
    const logs = (await readdir(location)).filter(name => name.endsWith('.log'))
    const sizes = await Promise.all(logs.map(async name => (await stat(join(location, name))).size))
    const bytes = sizes.reduce((sum, size) => sum + size, PROBE_CHUNK_BYTES)
    // Zeros would take no room on some disks.
    const chunk = randomBytes(PROBE_CHUNK_BYTES)
    const file = await open(path, 'w')
    try {
      // A kill leaves nothing behind.
      await rm(path)
      for (let at = 0; at < bytes; at += chunk.length) await file.writeFile(chunk.subarray(0, bytes - at))
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    throw unwritable(error)
  }
}

/** Without CURRENT LevelDB begins an empty database there, and sweeps away the files of the one before. */
async function assertHasCurrent(location: string): Promise<void> {
  const names = await readdir(location).catch((): string[] => [])
  if (names.includes('CURRENT') || !names.some(name => /\.(ldb|sst|log)$/.test(name))) return
  const [manifest, ...more] = names.filter(name => name.startsWith('MANIFEST-'))
  const way =
    manifest === undefined || more.length > 0
      ? 'restore a backup into another folder.'
      : `write the line ${manifest} into it, and start again.`
  throw new StoreError(
    'STORE_DAMAGED',
    `The data in ${location} have lost their file CURRENT; nothing was changed. Copy the folder, then ${way}`,
  )
}

const unreadable = (location: string, cause: unknown): StoreError =>
  new StoreError(
    'STORE_DAMAGED',
    `LevelDB cannot read a part of the data in ${location} (${messageOf(cause)}). «corecord verify» names what is damaged.`,
    { cause },
  )

const unwritable = (cause: unknown): StoreError =>
  new StoreError(
    'STORE_UNWRITABLE',
    `The data cannot be written to disk (${messageOf(cause)}). Nothing is lost: ${remedyOf(cause) ?? 'free space or mend the disk'}.`,
    { cause },
  )

export function openError(location: string, error: unknown): StoreError {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  if (codeOf(cause) === 'LEVEL_LOCKED') {
    return new StoreError(
      'STORE_LOCKED',
      `Another process has the data in ${location} open. Stop it, or start this one with another data folder.`,
      { cause },
    )
  }
  const reason = messageOf(cause)
  const remedy = remedyOf(cause)
  if (remedy !== undefined) {
    return new StoreError(
      'STORE_UNWRITABLE',
      `The data in ${location} cannot be opened (${reason}). Nothing is lost: ${remedy}, then start again.`,
      { cause },
    )
  }
  return new StoreError(
    'STORE_DAMAGED',
    `The data in ${location} cannot be opened (${reason}). Copy the folder as it is, then restore a backup into another one.`,
    { cause },
  )
}

/** What the system says of a disk that is whole, and what is to be done about it. */
const remedies: readonly (readonly [RegExp, string])[] = [
  [/permission denied/i, 'let the user that runs this own the folder and all that is in it (chown -R)'],
  [/read-only file system/i, 'find out why it became that (dmesg), and mount it for writing'],
  // To be opened it writes what its log files hold as tables, which is up to two write buffers and what came with them.
  [
    /no space left|quota exceeded/i,
    'free space (df -h), at least 50 MB, or inodes where none are left (df -i)',
  ],
  [/too many open files/i, 'allow this process more of them (ulimit -n)'],
  [/ENOENT|create_if_missing/, 'the disk is gone, so mount it again where it was'],
  [
    /input\/output error|i\/o error/i,
    'the disk itself fails, so see what the system says of it (dmesg), and mend it',
  ],
]

const remedyOf = (cause: unknown): string | undefined => {
  const reason = messageOf(cause)
  return remedies.find(([sign]) => sign.test(reason))?.[1]
}

/** LevelDB came upon a block that it cannot decode. */
export const isCorruption = (error: unknown): boolean => codeOf(error) === 'LEVEL_CORRUPTION'

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined

const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
