// Photos and other files: taken off line too, named by their SHA-256, queued on the device until the server has
// them, and shown from the device until then.

import type { RecordType } from '../../shared/record/record-type.ts'
import { type BlobRef, matchesType } from '../../shared/record/field.ts'
import { RecordError } from '../../shared/record/record-error.ts'
import { isSlot, slotAt } from '../../shared/record/slot.ts'
import { errorCodes, isErrorCode } from '../../shared/wire/error-codes.ts'
import type { Link } from '../link/link.ts'
import { RequestProblem, requestProblem } from '../link/request-problem.ts'
import type { LocalStore } from '../local/local-store.ts'
import type { LiveRecord, Trouble } from '../record/live-record.ts'
import type { Surroundings, TabPort } from '../surroundings.ts'
import { Told } from '../told.ts'
import { CLOSED } from '../trouble.ts'
import { fileHash } from './file-hash.ts'
import { thumbnailOf } from './thumbnail.ts'
import { upload } from './upload.ts'

export interface FileState {
  readonly state: 'queued' | 'sending' | 'sent' | 'failed'
  /** From 0 to 1. */
  readonly progress: number
  readonly error: Trouble | null
}

/** The field that is to refer to a file, by whose rule it is judged: here first, where it costs nobody a line. */
export interface FileField {
  readonly type: RecordType
  /** Of a list's entry that is yet to be made, under whatever key. */
  readonly path: string
}

interface KeptFile {
  readonly hash: string
  readonly type: string
  readonly name: string
  readonly size: number
  /** Gone once the server has it. */
  readonly bytes: Uint8Array<ArrayBuffer> | null
  readonly thumbnail: Uint8Array<ArrayBuffer> | null
  /** The record that is to refer to it, or its type alone. */
  readonly record: string | null
  readonly path: string | null
  readonly state: 'queued' | 'sent' | 'failed'
  readonly error: Trouble | null
  readonly addedAt: number
}

export interface FileCounts {
  readonly queued: number
  readonly sending: number
  readonly failed: number
  /** Of those that are queued or being sent, how many would survive closing the page. */
  readonly onDevice: number
}

export interface FilesParts {
  readonly store: () => LocalStore | null
  readonly link: Pick<Link, 'request' | 'carrier'>
  readonly surroundings: Pick<Surroundings, 'after' | 'locks'>
  readonly now: () => number
  /** What names this person's queue among those of the device. */
  readonly owner: () => string
}

const SENT: FileState = Object.freeze({ state: 'sent', progress: 1, error: null })
const RETRY_MS = 1_000
const RETRY_MS_MAX = 30_000
/** Room for a photo is seldom made at once. */
const KEEP_AGAIN_MS = 5_000

export class Files {
  /** As of the desk. */
  readonly [Symbol.toStringTag] = 'Files'
  readonly #parts: FilesParts
  readonly #told = new Told()
  readonly #files = new Map<string, KeptFile>()
  /** What is in memory alone: on its way to the device, or there is no room for it. */
  readonly #notKept = new Set<string>()
  #cancelKeeping: (() => void) | null = null
  readonly #addresses = new Map<string, Promise<string>>()
  #sending: { readonly hash: string; readonly progress: number } | null = null
  #isSending = false
  #retryMs = RETRY_MS
  #cancelRetry: (() => void) | null = null
  #isClosed = false
  #tabs: TabPort | null = null

  constructor(parts: FilesParts) {
    this.#parts = parts
  }

  readonly subscribe = (tell: () => void): (() => void) => this.#told.subscribe(tell)

  get counts(): FileCounts {
    let queued = 0
    let failed = 0
    let onDevice = 0
    const isDevice = this.#parts.store()?.kind === 'device'
    for (const { state, hash } of this.#files.values()) {
      if (state === 'failed') failed++
      else if (state === 'queued') {
        if (hash !== this.#sending?.hash) queued++
        if (isDevice && !this.#notKept.has(hash)) onDevice++
      }
    }
    return { queued, sending: this.#sending === null ? 0 : 1, failed, onDevice }
  }

  /** `tabs`: what one tab queues or has sent, the others are told; the one that queued it may be closed first. */
  async load(tabs: TabPort | null): Promise<void> {
    this.#tabs = tabs
    if (tabs !== null) tabs.onmessage = ({ data }) => void this.#changedInOtherTab(data)
    for (const { value } of (await this.#parts.store()?.list('files', [])) ?? []) {
      // Only this class writes this table.
      const file = value as KeptFile
      this.#files.set(file.hash, file)
    }
    this.#told.tell()
    this.carrierChanged()
  }

  /** Queues a file for a field, which holds the reference at once. Throws, and queues nothing, where it takes none. */
  async attach(record: LiveRecord<RecordType>, path: string, file: Blob, name?: string): Promise<BlobRef> {
    this.#assertOpen()
    assertFile(file, path)
    assertTaken({ type: record.type, path }, file)
    const kept = await this.#read(file, name, record.room, path)
    const isNew = !this.#files.has(kept.hash)
    const isQueued = this.#put(kept)
    try {
      record.write(path, refTo(kept))
    } catch (error) {
      if (isNew) this.#forget(kept.hash)
      throw error
    }
    await isQueued
    this.#sendSoon(0)
    return refTo(kept)
  }

  /** Only the reference, for the caller to write: in an entry of a list, say, or in a record that begins with it. */
  async keep(file: Blob, name?: string, field?: FileField): Promise<BlobRef> {
    this.#assertOpen()
    assertFile(file, field?.path ?? '')
    if (field !== undefined) assertTaken(field, file)
    const kept = await this.#read(file, name, field?.type.name ?? null, field?.path ?? null)
    await this.#put(kept)
    this.#sendSoon(0)
    return refTo(kept)
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new RecordError([{ ...CLOSED, path: '' }])
  }

  /** A file that was never here is the server's, and sent. */
  state(hash: string): FileState {
    const file = this.#files.get(hash)
    if (file === undefined || file.state === 'sent') return SENT
    if (this.#sending?.hash === hash)
      return { state: 'sending', progress: this.#sending.progress, error: null }
    return { state: file.state, progress: 0, error: file.error }
  }

  retry(hash: string): void {
    const file = this.#files.get(hash)
    if (file?.state !== 'failed') return
    void this.#put({ ...file, state: 'queued', error: null })
    this.#sendSoon(0)
  }

  /** An address to show it by, for as long as the desk is open. */
  url(ref: BlobRef, size: 'thumb' | 'full' = 'full'): Promise<string> {
    const key = `${ref.hash} ${size}`
    let address = this.#addresses.get(key)
    if (address === undefined) {
      address = this.#open(ref, size).then(file => URL.createObjectURL(withoutPage(file)))
      this.#addresses.set(key, address)
      // What could not be had now may be had later.
      address.catch(() => this.#addresses.delete(key))
    }
    return address
  }

  /**
   * Tells the address as soon as there is one: whoever wrote the reference may have the file to send yet, for a second
   * or for a day off line. What is given ends it.
   */
  watch(ref: BlobRef, size: 'thumb' | 'full', tell: (url: string) => void): () => void {
    let isOver = false
    let waitMs = RETRY_MS
    let cancel = (): void => {}
    const ask = (): void => {
      this.url(ref, size).then(
        url => {
          if (!isOver) tell(url)
        },
        (error: unknown) => {
          if (isOver || this.#isClosed || isNoPicture(error)) return
          cancel = this.#parts.surroundings.after(waitMs, ask)
          waitMs = Math.min(waitMs * 2, RETRY_MS_MAX)
        },
      )
    }
    ask()
    return () => {
      isOver = true
      cancel()
    }
  }

  /** The link came or went. */
  carrierChanged(): void {
    if (this.#parts.link.carrier === null || this.#isClosed || this.#next() === undefined) return
    this.#retryMs = RETRY_MS
    this.#sendSoon(0)
  }

  close(): void {
    this.#isClosed = true
    this.#cancelRetry?.()
    this.#cancelKeeping?.()
    this.#told.clear()
    this.#tabs?.close()
    for (const address of this.#addresses.values()) address.then(URL.revokeObjectURL, () => {})
    this.#addresses.clear()
  }

  async #read(
    file: Blob,
    name: string | undefined,
    record: string | null,
    path: string | null,
  ): Promise<KeptFile> {
    const bytes = new Uint8Array(await file.arrayBuffer())
    const hash = await fileHash(bytes)
    const called = (name ?? ('name' in file && typeof file.name === 'string' ? file.name : 'file')).slice(
      0,
      255,
    )
    const is = { hash, type: typeOf(file), name: called, size: bytes.length, record, path, error: null }
    const known = this.#files.get(hash)
    if (known?.state === 'sent') return { ...known, ...is }
    const small = await thumbnailOf(file)
    const thumbnail = small === null ? null : new Uint8Array(await small.arrayBuffer())
    return { ...is, bytes, thumbnail, state: 'queued', addedAt: this.#parts.now() }
  }

  async #open({ hash, type, bytes }: BlobRef, size: 'thumb' | 'full'): Promise<Blob> {
    const file = this.#files.get(hash) ?? (await this.#fromOtherTab(hash))
    const here = size === 'thumb' ? (file?.thumbnail ?? file?.bytes) : file?.bytes
    if (here !== undefined && here !== null) {
      return new Blob([here], { type: here === file?.thumbnail ? 'image/jpeg' : type })
    }
    const isPicture = size === 'thumb' && type.startsWith('image/')
    const response = await this.#parts.link.request(
      `/api/blobs/${hash}${isPicture ? '/thumbnail?size=320' : ''}`,
    )
    if (!response.ok) throw await requestProblem(response)
    const found = await response.blob()
    // What answers every request with a page of its own, as a house's network may, has no file to give.
    const isAsked = isPicture ? found.type.startsWith('image/') : found.size === bytes
    if (!isAsked) throw new RequestProblem('NO_SUCH_BLOB', errorCodes.NO_SUCH_BLOB.sentence)
    return found
  }

  async #changedInOtherTab(hash: unknown): Promise<void> {
    if (typeof hash !== 'string' || this.#sending?.hash === hash) return
    const file = await this.#fromOtherTab(hash)
    if (file?.state === 'queued' && !this.#isClosed) this.#sendSoon(0)
  }

  /** Another tab may have put it on the device since this one looked. */
  async #fromOtherTab(hash: string): Promise<KeptFile | undefined> {
    const kept = await this.#parts
      .store()
      ?.get('files', [hash])
      .catch(() => undefined)
    if (kept === undefined) return undefined
    // Only this class writes this table.
    const file = kept as KeptFile
    this.#files.set(file.hash, file)
    this.#told.tell()
    return file
  }

  #sendSoon(afterMs: number): void {
    this.#cancelRetry?.()
    this.#cancelRetry = this.#parts.surroundings.after(afterMs, () => {
      this.#cancelRetry = null
      void this.#sendAll()
    })
  }

  /** One file after the other, by one tab of the device. */
  async #sendAll(): Promise<void> {
    if (this.#isSending || this.#isClosed || this.#next() === undefined) return
    this.#isSending = true
    const putOff = new Set<string>()
    let isThrough = false
    try {
      await this.#parts.surroundings.locks.request(`corecord files ${this.#parts.owner()}`, async () => {
        for (let file = this.#next(putOff); file !== undefined; file = this.#next(putOff)) {
          if (this.#isClosed || this.#parts.link.carrier === null) return
          const outcome = await this.#send(file)
          if (outcome === 'broken') return
          if (outcome === 'put off') putOff.add(file.hash)
        }
        isThrough = true
      })
    } finally {
      this.#isSending = false
    }
    // One that was added while the lock was let go of found it still sending.
    if (isThrough && this.#next(putOff) !== undefined) this.#sendSoon(0)
  }

  #next(putOff?: ReadonlySet<string>): KeptFile | undefined {
    return [...this.#files.values()]
      .filter(({ state, hash }) => state === 'queued' && putOff?.has(hash) !== true)
      .sort((a, b) => a.addedAt - b.addedAt)[0]
  }

  /** Where it is not done, it is tried again later: `broken` is the line, `put off` this file alone. */
  async #send(file: KeptFile): Promise<'done' | 'put off' | 'broken'> {
    const { hash, type, bytes, record, path } = file
    if (bytes === null) return 'put off'
    this.#is({ hash, progress: 0 })
    try {
      await upload(this.#parts.link, { hash, type, bytes, record, path }, progress => {
        // It gets on, if slowly: no reason to wait longer each time.
        if (progress > 0) this.#retryMs = RETRY_MS
        this.#is({ hash, progress })
      })
      await this.#put({ ...file, bytes: null, state: 'sent', error: null })
      this.#retryMs = RETRY_MS
      return 'done'
    } catch (error) {
      if (isFinal(error)) {
        // Meanwhile it may have been given again, as another type or to another field: that is yet to be asked.
        if (this.#files.get(hash) === file)
          await this.#put({ ...file, state: 'failed', error: { code: error.code, sentence: error.message } })
        return 'done'
      }
      this.#sendSoon(this.#retryMs)
      this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS_MAX)
      // The server fails on this one: that is no reason for those behind it to wait.
      return error instanceof RequestProblem && error.code === 'INTERNAL' ? 'put off' : 'broken'
    } finally {
      this.#is(null)
    }
  }

  #is(sending: { readonly hash: string; readonly progress: number } | null): void {
    this.#sending = sending
    this.#told.tell()
  }

  async #put(file: KeptFile): Promise<void> {
    this.#files.set(file.hash, file)
    this.#notKept.add(file.hash)
    this.#told.tell()
    try {
      await this.#parts.store()?.commit([{ put: 'files', key: [file.hash], value: file }])
      this.#notKept.delete(file.hash)
      this.#told.tell()
      this.#tabs?.postMessage(file.hash)
    } catch {
      // It is sent from memory, and the status says that it is not on the device.
      this.#keepLater()
    }
  }

  #keepLater(): void {
    if (this.#isClosed) return
    this.#cancelKeeping ??= this.#parts.surroundings.after(KEEP_AGAIN_MS, () => {
      this.#cancelKeeping = null
      for (const hash of this.#notKept) {
        const file = this.#files.get(hash)
        if (file !== undefined) void this.#put(file)
      }
    })
  }

  #forget(hash: string): void {
    this.#files.delete(hash)
    this.#notKept.delete(hash)
    this.#told.tell()
    void this.#parts
      .store()
      ?.commit([{ remove: 'files', key: [hash] }])
      .catch(() => {})
  }
}

/** What a browser shows without making a page of it. */
const SHOWN = /^(?:image\/(?!svg)|audio\/|video\/|application\/pdf$|text\/plain(?:$|;))/

/** An address of the desk's is of the app's own origin: what somebody sent must not become a page there. It is saved. */
const withoutPage = (file: Blob): Blob =>
  SHOWN.test(file.type) ? file : file.slice(0, file.size, 'application/octet-stream')

const typeOf = ({ type }: Blob): string => (type === '' ? 'application/octet-stream' : type)

const refTo = ({ hash, type, size, name }: KeptFile): BlobRef => ({ hash, type, bytes: size, name })

/** Whoever chooses none after all leaves undefined behind. */
const assertFile = (file: unknown, path: string): void => {
  if (!(file instanceof Blob))
    throw new RecordError([{ code: 'BAD_VALUE', path, sentence: 'Choose a file: this is none.' }])
}

/** Before it is read: of a film of two gigabytes nothing is wanted in memory. */
const assertTaken = ({ type, path }: FileField, file: Blob): void => {
  const slot = slotAt(type, path)
  const rule = isSlot(slot) ? slot.field?.spec.blob : undefined
  if (rule === undefined) return
  const refuse = (code: 'BLOB_TYPE' | 'TOO_LARGE', sentence: string): never => {
    throw new RecordError([{ code, path, sentence }])
  }
  if (file.size === 0) refuse('BLOB_TYPE', 'This file is empty: choose another.')
  if (!matchesType(rule.types, typeOf(file)))
    refuse('BLOB_TYPE', `A file of type ${typeOf(file)} cannot stand here.`)
  if (file.size > rule.maxBytes)
    refuse('TOO_LARGE', `This file is too large: at most ${Math.floor(rule.maxBytes / 1e6)} MB.`)
}

/** There is no small one of it, and never will be. */
const isNoPicture = (error: unknown): boolean => error instanceof RequestProblem && error.code === 'BLOB_TYPE'

/** Sent again, it would be refused again. */
const isFinal = (error: unknown): error is RequestProblem =>
  error instanceof RequestProblem &&
  isErrorCode(error.code) &&
  !errorCodes[error.code].retry &&
  errorCodes[error.code].http !== 401
