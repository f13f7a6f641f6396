import { createReadStream, existsSync } from 'node:fs'
import { open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Store } from '../store/store.ts'
import { StoreError } from '../store/store-error.ts'
import { type TarEntry, writeTar } from './tar.ts'

/**
 * A backup is one tar file of one moment: what it is (`corecord.json`), the store, and the blobs. The store is taken
 * first; a blob is there before a record refers to it, so every reference in the backup finds its file.
 */
export interface BackupParts {
  readonly store: Pick<Store, 'backup'>
  readonly dataFolder: string
  readonly version: string
  readonly now: () => number
}

export const backupFormat = 1
export const manifestName = 'corecord.json'
export const storeName = 'store.backup'
export const blobsFolder = 'blobs'

export interface BackupManifest {
  readonly format: number
  readonly version: string
  readonly takenAt: string
  readonly entries: number
  readonly storeBytes: number
  readonly blobs: number
  readonly blobBytes: number
}

export async function* takeBackup(
  parts: BackupParts,
  onManifest: (manifest: BackupManifest) => void = () => {},
): AsyncGenerator<Uint8Array> {
  const { store, dataFolder, version, now } = parts
  const file = join(dataFolder, `${TEMPORARY}${crypto.randomUUID()}.tmp`)
  try {
    const takenAt = new Date(now()).toISOString()
    const { entries } = await store.backup(file).catch(error => {
      throw isOfSystem(error) ? noRoomBeside(dataFolder, error) : error
    })
    const storeBytes = (await stat(file)).size
    const blobs = await blobFiles(join(dataFolder, blobsFolder))
    const blobBytes = blobs.reduce((sum, blob) => sum + blob.size, 0)
    const manifest = {
      format: backupFormat,
      version,
      takenAt,
      entries,
      storeBytes,
      blobs: blobs.length,
      blobBytes,
    }
    onManifest(manifest)
    yield* writeTar(entriesOf(manifest, file, blobs), now)
  } finally {
    await rm(file, { force: true })
  }
}

const isOfSystem = (error: unknown): error is Error => error instanceof Error && 'syscall' in error

const noRoomBeside = (dataFolder: string, cause: Error): StoreError =>
  new StoreError(
    'STORE_UNWRITABLE',
    `A backup begins with a compressed copy beside the data, which cannot be written into ${dataFolder} (${cause.message}). Nothing was changed: make room there, or stop the server and copy the folder to another disk.`,
    { cause },
  )

const TEMPORARY = 'backup-'

/** Of backups, and of a restore, that a kill broke off: each is as large as the data. */
export async function removeBrokenBackups(dataFolder: string): Promise<void> {
  const names = await readdir(dataFolder).catch((): string[] => [])
  for (const name of names)
    if (
      name === storeName ||
      (name.startsWith(TEMPORARY) && /^[\da-f-]{36}\.tmp/.test(name.slice(TEMPORARY.length)))
    )
      await rm(join(dataFolder, name), { force: true })
}

/** Whether a file is one of ours, whole or broken off: what `writeTar` begins it with. */
export async function isBegunBackup(path: string): Promise<boolean> {
  const beginning = Buffer.from(`${manifestName}\0`)
  const file = await open(path)
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(beginning.length), 0, beginning.length, 0)
    return bytesRead === beginning.length && buffer.equals(beginning)
  } finally {
    await file.close()
  }
}

interface BlobFile {
  readonly name: string
  readonly path: string
  readonly size: number
}

async function* entriesOf(
  manifest: BackupManifest,
  file: string,
  blobs: readonly BlobFile[],
): AsyncGenerator<TarEntry> {
  const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)
  yield { name: manifestName, size: text.byteLength, content: once(text) }
  yield { name: storeName, size: manifest.storeBytes, content: createReadStream(file) }
  for (const { name, path, size } of blobs) {
    // A blob that was collected since it was listed was referred to by nothing.
    if (!existsSync(path)) continue
    yield { name, size, content: createReadStream(path) }
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** Whole blobs only: their names are their hashes; what is still being uploaded is not there yet. */
async function blobFiles(folder: string): Promise<BlobFile[]> {
  const listed = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files: BlobFile[] = []
  for (const entry of listed) {
    if (!entry.isFile() || !/^[0-9a-f]{64}(?:\.[\w.-]+)?$/.test(entry.name)) continue
    const path = join(entry.parentPath, entry.name)
    const name = `${blobsFolder}${path.slice(folder.length).replaceAll('\\', '/')}`
    files.push({ name, path, size: (await stat(path)).size })
  }
  return files
}
