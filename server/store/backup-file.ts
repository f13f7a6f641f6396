import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import type { LevelDatabase } from './level-database.ts'
import { keyOf } from './level-layout.ts'
import type { BackupProgress } from './store.ts'
import { StoreError } from './store-error.ts'
import { STORE_FORMAT } from './store-format.ts'

/**
 * A backup is one compressed file: a line of JSON that says what it is, then every entry of the database as of one
 * moment (length of key, length of value, key, value; lengths as 32 bits), then a key of length 0 whose value is the
 * number of entries. So it is seen whether the file is whole. It is not a data folder, on purpose: records taken from
 * a backup must begin a new epoch, and only `restore` makes them.
 */
export interface BackupHeader {
  readonly corecord: 'backup'
  readonly version: 1
  readonly storeFormat: number
  readonly at: string
}

const CHUNK_BYTES = 256 << 10
const LENGTHS_BYTES = 8

export async function writeBackup(
  db: LevelDatabase,
  toPath: string,
  progress?: (done: BackupProgress) => void,
): Promise<BackupProgress> {
  const partPath = `${toPath}.part`
  const done = { entries: 0, bytes: 0, done: false }
  try {
    const file = await open(partPath, 'w')
    const chunks = chunksOf(db, done, progress)
    // Fast compression: a backup must not take the server's other core for long. The stream syncs and closes the
    // file; a handle waits for ever for a stream on it that does not.
    await pipeline(Readable.from(chunks), createGzip({ level: 1 }), file.createWriteStream({ flush: true }))
    await rename(partPath, toPath)
    await syncFolder(dirname(toPath))
  } catch (error) {
    await rm(partPath, { force: true })
    throw error
  }
  const whole = { ...done, done: true }
  progress?.(whole)
  return whole
}

async function* chunksOf(
  db: LevelDatabase,
  done: { entries: number; bytes: number; done: boolean },
  progress?: (done: BackupProgress) => void,
): AsyncGenerator<Buffer> {
  const header: BackupHeader = {
    corecord: 'backup',
    version: 1,
    storeFormat: STORE_FORMAT,
    at: new Date().toISOString(),
  }
  yield Buffer.from(`${JSON.stringify(header)}\n`)
  for await (const entries of entriesOf(db)) {
    const parts: Buffer[] = []
    for (const [key, value] of entries) {
      // Whoever opens what is restored is another node, after no clean end.
      if (key === keyOf.node || key === keyOf.clean) continue
      const part = encodeEntry(Buffer.from(key), value)
      parts.push(part)
      done.entries++
      done.bytes += part.length
    }
    if (parts.length > 0) yield Buffer.concat(parts)
    progress?.({ ...done })
  }
  yield encodeEntry(Buffer.alloc(0), Buffer.from(String(done.entries)))
}

function entriesOf(db: LevelDatabase): AsyncIterable<[string, Uint8Array][]> {
  return db.stream(async function* (level, snapshot) {
    const iterator = level.iterator({ snapshot, highWaterMarkBytes: CHUNK_BYTES })
    try {
      for (;;) {
        const entries = await iterator.nextv(1000)
        if (entries.length === 0) return
        yield entries
      }
    } finally {
      await iterator.close()
    }
  })
}

function encodeEntry(key: Buffer, value: Uint8Array): Buffer {
  const entry = Buffer.allocUnsafe(LENGTHS_BYTES + key.length + value.length)
  entry.writeUInt32LE(key.length, 0)
  entry.writeUInt32LE(value.length, 4)
  entry.set(key, LENGTHS_BYTES)
  entry.set(value, LENGTHS_BYTES + key.length)
  return entry
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

export interface BackupReader {
  readonly header: BackupHeader
  entries(): AsyncGenerator<[key: string, value: Buffer]>
  close(): Promise<void>
}

/** Reads a backup entry by entry; ends with an error unless the file is whole. */
export async function readBackup(path: string): Promise<BackupReader> {
  const file = await open(path, 'r').catch(cause => {
    throw new StoreError('STORE_DAMAGED', `The backup ${path} cannot be opened.`, { cause })
  })
  const input = file.createReadStream({ autoClose: false })
  const gunzip = createGunzip()
  input.on('error', error => gunzip.destroy(error))
  const bytes = new ByteReader(input.pipe(gunzip), path)
  const close = async (): Promise<void> => {
    input.destroy()
    gunzip.destroy()
    await file.close()
  }
  try {
    const header = parseHeader(await bytes.line(), path)
    return { header, entries: () => readEntries(bytes), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function* readEntries(bytes: ByteReader): AsyncGenerator<[key: string, value: Buffer]> {
  for (let count = 0; ; count++) {
    const lengths = await bytes.take(LENGTHS_BYTES)
    const keyLength = lengths.readUInt32LE(0)
    const key = (await bytes.take(keyLength)).toString('utf8')
    const value = await bytes.take(lengths.readUInt32LE(4))
    if (keyLength === 0) {
      if (Number(value.toString('utf8')) !== count) throw bytes.notWhole()
      return bytes.end()
    }
    yield [key, value]
  }
}

function parseHeader(line: string, path: string): BackupHeader {
  let header: unknown
  try {
    header = JSON.parse(line)
  } catch {
    header = null
  }
  if (!isHeader(header)) throw new StoreError('STORE_DAMAGED', `${path} is not a backup made by corecord.`)
  if (header.storeFormat <= STORE_FORMAT) return header
  throw new StoreError(
    'STORE_NEWER',
    `The backup ${path} was made by a newer corecord (store format ${header.storeFormat}, this one knows ${STORE_FORMAT}). Restore it with that version.`,
  )
}

function isHeader(value: unknown): value is BackupHeader {
  if (typeof value !== 'object' || value === null) return false
  if (!('corecord' in value && 'version' in value && 'storeFormat' in value)) return false
  return value.corecord === 'backup' && value.version === 1 && typeof value.storeFormat === 'number'
}

class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>
  readonly #path: string
  #left: Buffer = Buffer.alloc(0)

  constructor(source: AsyncIterable<Buffer>, path: string) {
    this.#chunks = source[Symbol.asyncIterator]()
    this.#path = path
  }

  notWhole(cause?: unknown): StoreError {
    const sentence = `The backup ${this.#path} is damaged or not whole. Nothing was restored; take another one.`
    return new StoreError('STORE_DAMAGED', sentence, { cause })
  }

  async take(length: number): Promise<Buffer> {
    while (this.#left.length < length) await this.#more(length)
    const taken = this.#left.subarray(0, length)
    this.#left = this.#left.subarray(length)
    return taken
  }

  async line(): Promise<string> {
    let end = this.#left.indexOf(0x0a)
    while (end < 0) {
      if (this.#left.length > 10_000) throw this.notWhole()
      await this.#more(this.#left.length + 1)
      end = this.#left.indexOf(0x0a)
    }
    const line = await this.take(end + 1)
    return line.toString('utf8')
  }

  /** Only at its end does the compressed stream say whether its checksum is right. */
  async end(): Promise<void> {
    const { done } = await this.#chunks.next().catch(error => {
      throw this.notWhole(error)
    })
    if (!done || this.#left.length > 0) throw this.notWhole()
  }

  async #more(length: number): Promise<void> {
    const parts = [this.#left]
    let have = this.#left.length
    while (have < length) {
      const { value, done } = await this.#chunks.next().catch(error => {
        throw this.notWhole(error)
      })
      if (done) throw this.notWhole()
      parts.push(value)
      have += value.length
    }
    this.#left = Buffer.concat(parts)
  }
}
