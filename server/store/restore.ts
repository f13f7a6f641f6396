import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readBackup } from './backup-file.ts'
import { beginRun, type LogRun } from './event-cursor.ts'
import type { WriteBatch } from './level.ts'
import { LevelDatabase } from './level-database.ts'
import {
  keyOf,
  parseOrdered,
  parseTip,
  partsOf,
  sealEarlierEpoch,
  sealHead,
  unsealHead,
  unsealSnapshot,
  unsealUpdates,
} from './level-layout.ts'
import { sealText, unsealText } from './sealed.ts'
import type { BackupProgress, Head } from './store.ts'
import { StoreError } from './store-error.ts'
import { addClocks } from './stored-clocks.ts'

const BATCH_BYTES = 1 << 20

/**
 * Makes a data folder of a backup. Every record begins a new epoch, because devices may hold more of the old one
 * than the backup does: the new head remembers how far each client id had come, so that they know what to send
 * again. The event log begins a new run for the same reason. The folder has no database until all of it is there.
 */
export async function restoreBackup(
  fromPath: string,
  folder: string,
  progress?: (done: BackupProgress) => void,
): Promise<BackupProgress> {
  await assertEmpty(folder)
  const backup = await readBackup(fromPath)
  const staging = join(folder, RESTORING)
  try {
    await rm(staging, { recursive: true, force: true })
    await mkdir(staging, { recursive: true })
    const db = new LevelDatabase(staging, { cacheBytes: 8 << 20, writeBufferBytes: 32 << 20 })
    await db.open()
    const restore = new Restore(db, progress)
    try {
      for await (const [key, value] of backup.entries()) await restore.take(key, value)
      await restore.end()
    } finally {
      await db.close()
    }
    await rename(db.location, join(folder, 'db'))
    return restore.done
  } finally {
    await backup.close()
    await rm(staging, { recursive: true, force: true })
  }
}

/** Of a data folder that is being made of a backup. */
export const RESTORING = 'restoring'

/** What was made so far would be taken for all there is: a server would begin an empty database beside it. */
export async function assertNotHalfRestored(folder: string): Promise<void> {
  const names = await readdir(folder).catch((): string[] => [])
  if (!names.includes(RESTORING) || names.includes('db')) return
  throw new StoreError(
    'STORE_FOREIGN',
    `A restore into ${folder} was broken off, or goes on still. If it was broken off, remove the folder and restore again.`,
  )
}

async function assertEmpty(folder: string): Promise<void> {
  const files = await readdir(join(folder, 'db')).catch(() => [])
  if (files.length === 0) return
  throw new StoreError(
    'STORE_FOREIGN',
    `There is data in ${folder} already. Restore into an empty folder, then start the server with it.`,
  )
}

/** The record being copied: its head is written when all of it has passed. */
interface Passing {
  readonly room: string
  head: Head | null
  readonly owners: Map<number, string>
  readonly clocks: Map<number, number>
}

class Restore {
  readonly #db: LevelDatabase
  readonly #progress: ((done: BackupProgress) => void) | undefined
  #batch: WriteBatch
  #batchBytes = 0
  #passing: Passing | null = null
  #runs: LogRun[] = []
  #eventTip = 0
  done: BackupProgress = { entries: 0, bytes: 0, done: false }

  constructor(db: LevelDatabase, progress?: (done: BackupProgress) => void) {
    this.#db = db
    this.#progress = progress
    this.#batch = db.batch()
  }

  async take(key: string, value: Buffer): Promise<void> {
    if (key.startsWith('d')) this.#takeOfRoom(key, value)
    else this.#takeOther(key, value)
    this.done = { entries: this.done.entries + 1, bytes: this.done.bytes + value.length, done: false }
    this.#batchBytes += key.length + value.length
    if (this.#batchBytes > BATCH_BYTES) await this.#write(false)
  }

  #takeOther(key: string, value: Buffer): void {
    // The checksum says that it is what the store wrote.
    if (key === keyOf.logs) this.#runs = JSON.parse(unsealText(key, value)) as LogRun[]
    if (key === keyOf.tip) this.#eventTip = parseTip(unsealText(key, value)).event
    this.#batch.put(key, value)
  }

  #takeOfRoom(key: string, value: Buffer): void {
    const [room = '', kind = ''] = partsOf(key)
    if (this.#passing?.room !== room) {
      this.#endRoom()
      this.#passing = { room, head: null, owners: new Map(), clocks: new Map() }
    }
    try {
      if (this.#see(this.#passing, key, kind, value)) this.#batch.put(key, value)
    } catch {
      // Damaged already when it was backed up: it comes along as it is, and `verify` names it.
      this.#batch.put(key, value)
    }
  }

  /** Whether the entry stays as it is. */
  #see(passing: Passing, key: string, kind: string, value: Buffer): boolean {
    switch (kind[0]) {
      case 'a':
        passing.head = unsealHead(passing.room, value)
        return false
      case 'c':
        passing.owners.set(parseOrdered(kind.slice(1)), unsealText(key, value))
        return false
      case 'd':
        addClocks(passing.clocks, unsealSnapshot(key, value).bytes)
        return true
      case 'e': {
        const updates: Uint8Array[] = []
        unsealUpdates(key, value, updates)
        for (const update of updates) addClocks(passing.clocks, update)
        return true
      }
      default:
        return true
    }
  }

  #endRoom(): void {
    const passing = this.#passing
    if (passing === null) return
    const { room, head, owners, clocks } = passing
    if (head === null) {
      // Damaged when it was backed up: nothing of it is served, and nothing of it is thrown away.
      for (const [id, userId] of owners) this.#put(keyOf.owner(room, id), userId)
      return
    }
    const ids = new Set([...owners.keys(), ...clocks.keys()])
    const clients = new Map(
      [...ids].map(id => [id, { userId: owners.get(id) ?? '', clock: clocks.get(id) ?? 0 }] as const),
    )
    const { epoch, commit } = head
    const key = keyOf.earlierEpoch(room, epoch)
    this.#batch.put(key, sealEarlierEpoch(key, { epoch, commit, ended: 'restored', clients }))
    this.#batch.put(keyOf.head(room), sealHead({ ...head, epoch: randomUUID(), commit: commit + 1 }, null))
  }

  async end(): Promise<void> {
    this.#endRoom()
    this.#put(keyOf.clean, '')
    this.#put(keyOf.logs, JSON.stringify(beginRun(this.#runs, this.#eventTip)))
    await this.#write(true)
    this.done = { ...this.done, done: true }
    this.#progress?.(this.done)
  }

  #put(key: string, text: string): void {
    this.#batch.put(key, sealText(key, text))
  }

  async #write(sync: boolean): Promise<void> {
    await this.#db.write(this.#batch, { sync })
    this.#batch = this.#db.batch()
    this.#batchBytes = 0
    this.#progress?.(this.done)
  }
}
