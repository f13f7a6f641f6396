import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { RecordType } from '../../shared/record/record-type.ts'
import type { BlobRule } from '../../shared/record/field.ts'
import type { Principal } from '../access/principal.ts'
import { HttpProblem } from '../http/problem.ts'
import { type BlobFiles, TooLong } from './blob-files.ts'
import { rulesOf, takesType } from './blob-paths.ts'
import { type BlobRegister, UPLOADS } from './blob-register.ts'
import { isHonestType, type Sniffed, sniffType } from './sniff-type.ts'

/**
 * Files on their way in: announced with hash, size and type, sent in as many pieces as the line needs, and taken when
 * the bytes are what was announced. What is here already is not sent again.
 */
export interface UploadsParts {
  readonly files: BlobFiles
  readonly register: BlobRegister
  readonly types: ReadonlyMap<string, RecordType>
  readonly now: () => number
  readonly mayRead: (principal: Principal, hash: string) => Promise<boolean>
}

export interface Announced {
  readonly hash: string
  readonly bytes: number
  readonly type: string
  /** Of the field that is to refer to it, where that is known. */
  readonly rule: BlobRule | null
}

export interface UploadState {
  readonly hash: string
  readonly bytes: number
  readonly offset: number
  readonly state: 'stored' | 'uploading'
}

/** What one person may have on its way at once: a day of photos from a site without a line. */
const UNFINISHED_MAX = 500

export class Uploads {
  readonly #parts: UploadsParts
  readonly #rules: readonly BlobRule[]
  /** Who is sending a piece now: a second connection takes over from one that is dead and does not know it. */
  readonly #sending = new Map<string, { readonly source: Readable; readonly done: Promise<unknown> }>()
  readonly #unfinished = new Map<string, Set<string>>()

  constructor(parts: UploadsParts) {
    this.#parts = parts
    this.#rules = [...parts.types.values()].flatMap(rulesOf)
  }

  async start(): Promise<void> {
    for await (const { name } of this.#parts.files.uploads()) this.#noteUnfinished(name)
  }

  async announce(principal: Principal, announced: Announced): Promise<UploadState> {
    const userId = principal.id
    const { hash, bytes, type } = announced
    this.#assertTaken(announced)
    const { files, register, now, mayRead } = this.#parts
    const known = await register.note(hash)
    // Of others' files nobody learns by its hash that it is here, nor comes to count as one who has it.
    if (known !== null && (await files.size(hash)) === known.bytes && (await mayRead(principal, hash))) {
      if (known.bytes !== bytes || !isHonestType(type, known) || !this.#isTaken(announced, known))
        throw wrongType(type, known)
      // Whoever is told so sends no bytes: the reference to it may be days behind.
      if (files.touch(hash, now())) return { hash, bytes, offset: bytes, state: 'stored' }
    }
    const id = uploadId(userId, hash)
    if (!this.#noteUnfinished(id))
      throw new HttpProblem(
        'TOO_MANY',
        `Finish or give up other uploads first: ${UNFINISHED_MAX} are on their way.`,
      )
    await register.write([{ space: UPLOADS, key: id, value: JSON.stringify({ bytes, type, at: now() }) }])
    const offset = await files.uploadedBytes(id)
    if (offset > bytes) await files.dropUpload(id)
    if (offset !== bytes) return { hash, bytes, offset: offset > bytes ? 0 : offset, state: 'uploading' }
    // Of a file with nothing in it no piece ever comes.
    if (bytes === 0) await files.append(id, 0, Readable.from([]), 0)
    return this.#finish(id, userId, announced)
  }

  async state(userId: string, hash: string): Promise<UploadState | null> {
    const { files, register } = this.#parts
    const id = uploadId(userId, hash)
    const note = await register.upload(id)
    if (note !== null) {
      return { hash, bytes: note.bytes, offset: await files.uploadedBytes(id), state: 'uploading' }
    }
    const known = await register.note(hash)
    return known?.by.includes(userId)
      ? { hash, bytes: known.bytes, offset: known.bytes, state: 'stored' }
      : null
  }

  /** Takes a piece; with the last one the file is looked at, and is there or refused. */
  async take(userId: string, hash: string, offset: number, source: Readable): Promise<UploadState> {
    const id = uploadId(userId, hash)
    const before = this.#sending.get(id)
    before?.source.destroy(new Error('another connection goes on with this upload'))
    const done = (before?.done ?? Promise.resolve())
      .catch(() => {})
      .then(() => this.#takeAlone(id, userId, hash, offset, source))
    const sending = { source, done }
    this.#sending.set(id, sending)
    try {
      return await done
    } finally {
      if (this.#sending.get(id) === sending) this.#sending.delete(id)
    }
  }

  async #takeAlone(
    id: string,
    userId: string,
    hash: string,
    offset: number,
    source: Readable,
  ): Promise<UploadState> {
    const { files, register } = this.#parts
    const note = await register.upload(id)
    if (note === null) {
      // Another connection may have been the faster one with the last of it.
      const stored = await this.state(userId, hash)
      if (stored === null) throw new HttpProblem('NO_SUCH_BLOB', 'Announce the file first: POST /api/blobs.')
      return stored
    }
    const present = await files.uploadedBytes(id)
    if (present !== offset)
      throw new HttpProblem('BLOB_OFFSET', `The upload stands at ${present}.`, ['Upload-Offset'], {
        offset: present,
      })
    try {
      await files.append(id, present, source, note.bytes)
    } catch (error) {
      if (!(error instanceof TooLong)) throw error
      await this.#drop(id)
      throw new HttpProblem('BLOB_HASH', 'More came than was announced: begin again.')
    }
    const arrived = await files.uploadedBytes(id)
    const { bytes, type } = note
    if (arrived < bytes) return { hash, bytes, offset: arrived, state: 'uploading' }
    return this.#finish(id, userId, { hash, bytes, type, rule: null })
  }

  async giveUp(userId: string, hash: string): Promise<void> {
    await this.#drop(uploadId(userId, hash))
  }

  /** What nobody has gone on with for so long. */
  async dropOlderThan(ms: number): Promise<number> {
    const { files, register, now } = this.#parts
    let dropped = 0
    for await (const { name, at } of files.uploads()) {
      if (now() - at < ms || this.#sending.has(name)) continue
      await this.#drop(name)
      dropped++
    }
    for await (const { key, value } of register.values(UPLOADS)) {
      const { at } = JSON.parse(value) as { readonly at: number }
      if (now() - at >= ms && (await files.uploadedBytes(key)) === 0) await this.#drop(key)
    }
    return dropped
  }

  async #finish(id: string, userId: string, announced: Announced): Promise<UploadState> {
    const { files, register, now } = this.#parts
    const { hash, bytes, type } = announced
    const found = sniffType(await files.uploadHead(id))
    if (!isHonestType(type, found) || !this.#isTaken(announced, found)) {
      await this.#drop(id)
      throw wrongType(type, found)
    }
    const arrived = await files.uploadHash(id)
    if (arrived !== hash) {
      await this.#drop(id)
      // Whoever hashed something else than these bytes would send them again for ever.
      throw new HttpProblem('BLOB_HASH', `The SHA-256 of what arrived is ${arrived}; announced was ${hash}.`)
    }
    await files.finish(id, hash)
    await register.put(hash, found, bytes, now(), userId)
    await this.#drop(id)
    return { hash, bytes, offset: bytes, state: 'stored' }
  }

  async #drop(id: string): Promise<void> {
    this.#unfinished.get(ownerOf(id))?.delete(id)
    await this.#parts.files.dropUpload(id)
    await this.#parts.register.write([{ space: UPLOADS, key: id, value: null }])
  }

  #noteUnfinished(id: string): boolean {
    const owner = ownerOf(id)
    const own = this.#unfinished.get(owner) ?? new Set()
    this.#unfinished.set(owner, own)
    if (own.size >= UNFINISHED_MAX && !own.has(id)) return false
    own.add(id)
    return true
  }

  /** By what is declared, before a byte is sent. */
  #assertTaken({ bytes, type, rule }: Announced): void {
    const rules = rule === null ? this.#rules : [rule]
    const fitting = rules.filter(one => takesType(one, type, false))
    if (fitting.length === 0)
      throw new HttpProblem('BLOB_TYPE', `No field takes files of type ${type}.`, ['type'])
    const most = Math.max(...fitting.map(({ maxBytes }) => maxBytes))
    if (bytes > most) throw new HttpProblem('TOO_LARGE', `A file may have at most ${most} bytes.`, ['bytes'])
  }

  #isTaken({ type, rule }: Announced, { isExecutable }: Sniffed): boolean {
    return (rule === null ? this.#rules : [rule]).some(one => takesType(one, type, isExecutable))
  }
}

function wrongType(declared: string, { type, isExecutable }: Sniffed): HttpProblem {
  const what = isExecutable ? 'a program' : type === null ? 'nothing of that kind' : type
  return new HttpProblem(
    'BLOB_TYPE',
    `The file is declared as ${declared}; its bytes say that it is ${what}.`,
  )
}

/** One for each person and file: what one has sent of it says nothing of what another has. */
export function uploadId(userId: string, hash: string): string {
  return `${hash}.${createHash('sha256').update(userId).digest('hex').slice(0, 24)}`
}

const ownerOf = (id: string): string => id.slice(65)
