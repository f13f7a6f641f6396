import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, type ReadStream, rmSync, statSync, utimesSync } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { isMissing } from '../is-missing.ts'
import { SNIFF_BYTES } from './sniff-type.ts'

/**
 * Blobs as files: each whole one under its SHA-256, in `blobs` (which a backup takes along), and in `uploads` what has
 * arrived of those that are still on their way. A file comes into `blobs` whole, by renaming, or not at all.
 */
export interface BlobFiles {
  start(): Promise<void>
  pathOf(hash: string): string
  /** Null: there is none. */
  size(hash: string): Promise<number | null>
  read(hash: string, range?: { readonly start: number; readonly end: number }): ReadStream
  head(hash: string): Promise<Uint8Array>
  /** Of the bytes that lie there; null: there is none. */
  hashOf(hash: string): Promise<string | null>
  /** Whether it was, which it is not where it came since then: looked at and done in one. */
  removeOlder(hash: string, than: number): boolean
  /** As if it came now; false where there is none any more, or one of another owner, which its bytes can replace. */
  touch(hash: string, at: number): boolean
  /** All there are, with the time they came. */
  all(): AsyncIterable<StoredFile>

  /** How much of it has arrived. */
  uploadedBytes(upload: string): Promise<number>
  /** Puts what comes behind what is there, at most `bytesMax`. What arrived before a break stays. */
  append(upload: string, at: number, source: Readable, bytesMax: number): Promise<void>
  uploadHead(upload: string): Promise<Uint8Array>
  uploadHash(upload: string): Promise<string>
  finish(upload: string, hash: string): Promise<void>
  dropUpload(upload: string): Promise<void>
  uploads(): AsyncIterable<StoredFile>
}

export interface StoredFile {
  readonly name: string
  readonly bytes: number
  readonly at: number
}

export class TooLong extends Error {}

export function createBlobFiles(dataFolder: string): BlobFiles {
  const blobs = join(dataFolder, 'blobs')
  const uploading = join(dataFolder, 'uploads')
  const pathOf = (hash: string): string => join(blobs, hash.slice(0, 2), hash)
  const uploadPath = (upload: string): string => join(uploading, upload)

  return {
    async start() {
      await mkdir(blobs, { recursive: true })
      await mkdir(uploading, { recursive: true })
    },
    pathOf,
    size: hash => sizeOf(pathOf(hash)),
    read: (hash, range) => createReadStream(pathOf(hash), range),
    head: hash => headOf(pathOf(hash)),
    hashOf: hash => unlessMissing(sha256Of(pathOf(hash))),
    removeOlder(hash, than) {
      const path = pathOf(hash)
      if ((statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? than) > than) return false
      rmSync(path, { force: true })
      return true
    },
    touch(hash, at) {
      try {
        utimesSync(pathOf(hash), at / 1000, at / 1000)
        return true
      } catch {
        return false
      }
    },
    all: () => filesIn(blobs),

    uploadedBytes: async upload => (await sizeOf(uploadPath(upload))) ?? 0,
    append: (upload, at, source, bytesMax) => append(uploadPath(upload), at, source, bytesMax),
    uploadHead: upload => headOf(uploadPath(upload)),
    uploadHash: upload => sha256Of(uploadPath(upload)),
    async finish(upload, hash) {
      const to = pathOf(hash)
      await mkdir(join(blobs, hash.slice(0, 2)), { recursive: true })
      await sync(uploadPath(upload))
      await rename(uploadPath(upload), to)
      // The name too must survive a pulled plug: a record may refer to it from now on.
      await sync(join(blobs, hash.slice(0, 2)))
      await sync(blobs)
    },
    dropUpload: upload => rm(uploadPath(upload), { force: true }),
    uploads: () => filesIn(uploading),
  }
}

const sizeOf = (path: string): Promise<number | null> => unlessMissing(stat(path).then(({ size }) => size))

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

async function unlessMissing<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

async function headOf(path: string): Promise<Uint8Array> {
  const file = await open(path)
  try {
    const bytes = new Uint8Array(SNIFF_BYTES)
    const { bytesRead } = await file.read(bytes, 0, SNIFF_BYTES, 0)
    return bytes.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

async function append(path: string, at: number, source: Readable, bytesMax: number): Promise<void> {
  const target = createWriteStream(path, { flags: 'a' })
  let taken = at
  async function* counted(): AsyncGenerator<Uint8Array> {
    // A body arrives as bytes.
    for await (const chunk of source as AsyncIterable<Uint8Array>) {
      taken += chunk.length
      if (taken > bytesMax) throw new TooLong()
      yield chunk
    }
  }
  await pipeline(counted, target)
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

async function* filesIn(folder: string): AsyncGenerator<StoredFile> {
  const entries = await unlessMissing(readdir(folder, { recursive: true, withFileTypes: true }))
  for (const entry of entries ?? []) {
    if (!entry.isFile()) continue
    try {
      const { size, mtimeMs } = await stat(join(entry.parentPath, entry.name))
      yield { name: entry.name, bytes: size, at: mtimeMs }
    } catch (error) {
      if (!isMissing(error)) throw error
    }
  }
}
