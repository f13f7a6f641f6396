import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { makeDataFolder, makeFolder } from '../make-folder.ts'
import { assertNotHalfRestored, RESTORING, restoreBackup as restoreStore } from '../store/restore.ts'
import { backupFormat, blobsFolder, type BackupManifest, manifestName, storeName } from './backup.ts'
import { readTar, type TarEntry } from './tar.ts'

/**
 * Makes a data folder of a backup. Every record begins a new epoch: devices that are ahead of the backup start
 * afresh and put back what it does not hold.
 */
export async function restoreBackup(
  source: AsyncIterable<Uint8Array>,
  dataFolder: string,
  onProgress: (step: 'reading' | 'restoring', done: number) => void = () => {},
): Promise<BackupManifest> {
  await assertUnused(dataFolder)
  const made = makeDataFolder(dataFolder)
  makeFolder(join(dataFolder, RESTORING))
  const staged = join(dataFolder, storeName)
  let manifest: BackupManifest | null = null
  let blobs = 0
  try {
    for await (const entry of readTar(source)) {
      if (entry.name === manifestName) manifest = await readManifest(entry)
      else if (entry.name === storeName) await writeFile(staged, entry)
      else if (isBlobName(entry.name)) {
        await writeFile(join(dataFolder, entry.name), entry)
        onProgress('reading', ++blobs)
      }
    }
    if (manifest === null) throw new Error('This is no backup of corecord: it does not say what it is.')
    await restoreStore(staged, dataFolder, ({ entries }) => onProgress('restoring', entries))
    return manifest
  } catch (error) {
    // It was empty before: a second try with a whole backup shall find it so.
    const left =
      made === undefined ? [blobsFolder, 'db', RESTORING].map(name => join(dataFolder, name)) : [made]
    for (const path of left) await rm(path, { recursive: true, force: true })
    throw error
  } finally {
    await rm(staged, { force: true })
  }
}

async function assertUnused(dataFolder: string): Promise<void> {
  await assertNotHalfRestored(dataFolder)
  const files = await readdir(dataFolder).catch((): string[] => [])
  // A disk of its own has that from the first.
  if (files.some(name => name !== 'lost+found')) {
    throw new Error(`${dataFolder} is not empty. Restore into a new folder, then start the server with it.`)
  }
}

async function readManifest({ content }: TarEntry): Promise<BackupManifest> {
  const chunks: Uint8Array[] = []
  for await (const chunk of content) chunks.push(chunk)
  const manifest: unknown = JSON.parse(Buffer.concat(chunks).toString())
  if (typeof manifest !== 'object' || manifest === null || !('format' in manifest)) {
    throw new Error('This is no backup of corecord.')
  }
  if (typeof manifest.format !== 'number' || manifest.format > backupFormat) {
    throw new Error('The backup was made by a newer corecord. Restore it with that version.')
  }
  // Of a format we know, so it has what `takeBackup` put there.
  return manifest as BackupManifest
}

/** Nothing of a backup may be written outside of the folder of blobs. */
function isBlobName(name: string): boolean {
  return name.startsWith(`${blobsFolder}/`) && /^(?:[\w-]+\/)+[0-9a-f]{64}(?:\.[\w-]+)*$/.test(name)
}

async function writeFile(path: string, { content }: TarEntry): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await pipeline(Readable.from(content), createWriteStream(path, { mode: 0o600, flush: true }))
}
