// What of a replica is written to the device, and when: updates as they come, several of one moment together, and
// with them, in one commit, the head and the note of what is unsaved. A log that outgrows the state is compacted.

import * as Y from 'yjs'
import { LocalConflict, LocalStoreError, type LocalWrite, STORAGE_RETRY_MS } from '../local/local-store.ts'
import {
  checkGeneration,
  joinUpdates,
  putHandled,
  putHead,
  putUpdate,
  readUpdates,
  type RecordHead,
  type StoredRecord,
} from '../local/record-store.ts'
import type { Workplace } from './workplace.ts'

export interface ReplicaLogParts {
  readonly workplace: Workplace
  readonly doc: Y.Doc
  head(): RecordHead
  ledgerWrites(): LocalWrite[]
  isAllSaved(): boolean
  /** The edit up to which a commit that begins now keeps everything. */
  lastSeq(): number
  /** The device has it. */
  kept(upToSeq: number): void
  /** Another tab has begun a later generation: nothing of this one is written any more. */
  overtaken(): void
  /** What other tabs have written to the log. */
  mergeStored(updates: StoredRecord['updates']): void
}

/** How many times the state a log may be. */
const LOG_TO_STATE_MAX = 1.5
/** While somebody writes, compacting is not worth its transaction below this, */
const COMPACT_BYTES_MIN = 512
/** but after so long without a word it is. */
const COMPACT_WHEN_QUIET_MS = 5_000

/** What is written with the beginning of a generation: what it is, as of when it is written. */
export interface Besides {
  readonly writes: () => readonly LocalWrite[]
  readonly wereKept: (writes: readonly LocalWrite[]) => void
  /**
   * The device holds more of what is past than was read there: that is taken in, and this is what to write now. Null:
   * it is not that, another tab has begun a later generation.
   */
  readonly anew: () => Promise<Besides | null>
}

export class ReplicaLog {
  readonly #parts: ReplicaLogParts
  #queue: Uint8Array[] = []
  #isHeadStale = false
  #isLedgerStale = false
  #flushing: Promise<void> | null = null
  #updateNumber = 0
  #logBytes: number
  #stateBytes: number
  #isStarted = false
  #isEnded = false
  #isClosing = false
  #isCompactingDue = false
  #cancelCompacting: (() => void) | null = null
  /** The device took nothing: it is tried again then, or when somebody asks for it. */
  #cancelRetry: (() => void) | null = null
  /** The whole of it is still to be written as the beginning of a generation, and this with it. */
  #beginning: Besides | null = null
  #isHeld = false

  constructor(parts: ReplicaLogParts, storedBytes: number) {
    this.#parts = parts
    this.#logBytes = storedBytes
    this.#stateBytes = storedBytes
  }

  start(): void {
    this.#isStarted = true
    this.#flushSoon()
  }

  /** What the device holds has not been read: nothing is written over it. */
  hold(): void {
    this.#isHeld = true
  }

  get isHeld(): boolean {
    return this.#isHeld
  }

  release(): void {
    this.#isHeld = false
    this.#flushSoon()
  }

  add(update: Uint8Array): void {
    if (!this.#isStarted) return
    this.#queue.push(update)
    this.#flushSoon()
  }

  headChanged(): void {
    this.#isHeadStale = true
    this.#flushSoon()
  }

  ledgerChanged(): void {
    this.#isLedgerStale = true
    this.#flushSoon()
  }

  /** Writes what has not been written. False where the device would not take it. */
  async flush(): Promise<boolean> {
    this.#cancelRetry?.()
    this.#cancelRetry = null
    this.#flushSoon()
    while (this.#flushing !== null) await this.#flushing
    return this.#cancelRetry === null && !this.#isHeld
  }

  /** Nothing is written before somebody else has written the beginning. */
  waitFor(beginning: Promise<void>): void {
    this.#flushing = beginning.finally(() => {
      this.#flushing = null
      this.#flushSoon()
    })
  }

  /** In place of all that waits: the whole of it, as the beginning of a generation. For the caller to commit. */
  wholeState(): LocalWrite[] {
    this.#queue = []
    this.#isHeadStale = false
    this.#isLedgerStale = false
    const { head, ledgerWrites } = this.#parts
    return [this.#putWhole(), ...ledgerWrites(), ...putHandled(head()), putHead(head())]
  }

  /** The device would not take the beginning: it is written with the next that it takes, and this with it. */
  beginLater(besides: Besides): void {
    this.#beginning = besides
    this.#isLedgerStale = true
    this.#retryLater()
  }

  get isBegun(): boolean {
    return this.#beginning === null
  }

  /** What the beginning was to bring with it, where the device has not taken it. */
  get notBegun(): readonly LocalWrite[] {
    return this.#beginning?.writes() ?? []
  }

  /** Of a generation that is past nothing is kept. */
  async close(options: { readonly keep: boolean }): Promise<void> {
    this.#isClosing = true
    this.#cancelCompacting?.()
    this.#cancelCompacting = null
    if (options.keep) {
      await this.flush()
      this.#cancelRetry?.()
      if (this.#logBytes > COMPACT_BYTES_MIN && this.#logBytes > this.#stateBytes * 1.2)
        await this.#compact().catch(() => {})
    }
    this.#isEnded = true
  }

  #flushSoon(): void {
    if (this.#flushing !== null || this.#cancelRetry !== null) return
    if (!this.#isStarted || this.#isHeld || this.#isEnded) return
    if (this.#queue.length === 0 && !this.#isHeadStale && !this.#isLedgerStale && !this.#isCompactingDue)
      return
    this.#flushing = Promise.resolve()
      .then(() => this.#flushOnce())
      .finally(() => {
        this.#flushing = null
        this.#flushSoon()
      })
  }

  async #flushOnce(): Promise<void> {
    const { workplace, head, ledgerWrites, lastSeq, kept } = this.#parts
    const upToSeq = lastSeq()
    const beginning = this.#beginning
    const besides = this.notBegun
    const writes: LocalWrite[] = [checkGeneration(head()), ...besides]
    const queue = this.#queue
    this.#queue = []
    if (beginning !== null) writes.push(this.#putWhole(), ...putHandled(head()))
    else if (queue.length > 0) {
      const bytes = joinUpdates(queue)
      this.#logBytes += bytes.length
      writes.push(this.#put(head(), bytes))
    }
    // What a person wrote has to survive the battery being taken out; what the server has, it has.
    const isOwn = this.#isLedgerStale
    if (isOwn) writes.push(...ledgerWrites())
    writes.push(putHead(head()))
    this.#isLedgerStale = false
    this.#isHeadStale = false
    try {
      await workplace.store.commit(writes, isOwn ? 'strict' : 'relaxed')
      this.#beginning = null
      beginning?.wereKept(besides)
      workplace.storageWorks()
      kept(upToSeq)
      if (this.#isOutgrownBy(this.#isCompactingDue ? 0 : COMPACT_BYTES_MIN)) await this.#compact()
      else if (queue.length > 0 && this.#isOutgrownBy(0)) this.#compactWhenQuiet()
      this.#isCompactingDue = false
    } catch (error) {
      await this.#failed(error, queue)
    }
  }

  async #failed(error: unknown, queue: readonly Uint8Array[]): Promise<void> {
    const { workplace, overtaken } = this.#parts
    this.#isCompactingDue = false
    if (error instanceof LocalConflict) {
      if (this.#beginning !== null && (await this.takesInMore())) return
      this.#isEnded = true
      overtaken()
      return
    }
    if (!(error instanceof LocalStoreError)) throw error
    await this.#letGoOfPast()
    if (this.#isClosing) return
    workplace.storageFailed(error.trouble)
    this.#queue = [...queue, ...this.#queue]
    this.#isLedgerStale = true
    this.#retryLater()
  }

  /** Before it is written: what has come to the generation before, which it takes away. */
  async takesInMore(): Promise<boolean> {
    if (this.#beginning === null) return false
    try {
      const beginning = await this.#beginning.anew()
      // What it was to bring with it goes into what takes its place.
      if (beginning === null) return false
      this.#beginning = beginning
    } catch (error) {
      if (!(error instanceof LocalStoreError)) throw error
      this.#retryLater()
    }
    this.#isLedgerStale = true
    return true
  }

  /**
   * Of the generation before, all that was put back is saved, and whoever reads it on the device would put it back
   * once more. What cannot be written over can be taken away: with it goes to the tray what was refused, for which
   * there is more often room than for a record. Where there is none it stays, since it alone has that.
   */
  async #letGoOfPast(): Promise<void> {
    const { workplace, head, isAllSaved } = this.#parts
    const beginning = this.#beginning
    const past = this.notBegun
    if (beginning === null || past.length === 0 || !isAllSaved()) return
    try {
      await workplace.store.commit([checkGeneration(head()), ...past])
      beginning.wereKept(past)
      this.#beginning = { ...beginning, writes: () => [] }
    } catch {
      // It is tried again with the next that is written.
    }
  }

  #retryLater(): void {
    this.#cancelRetry = this.#parts.workplace.surroundings.after(STORAGE_RETRY_MS, () => {
      this.#cancelRetry = null
      this.#flushSoon()
    })
  }

  #isOutgrownBy(bytes: number): boolean {
    return this.#logBytes > this.#stateBytes * LOG_TO_STATE_MAX + bytes
  }

  #compactWhenQuiet(): void {
    if (this.#isClosing) return
    this.#cancelCompacting?.()
    this.#cancelCompacting = this.#parts.workplace.surroundings.after(COMPACT_WHEN_QUIET_MS, () => {
      this.#cancelCompacting = null
      this.#isCompactingDue = true
      this.#flushSoon()
    })
  }

  /** One update in place of the log. Exactly the rows that were read go, so two tabs may do it at once. */
  async #compact(): Promise<void> {
    const { workplace, head, mergeStored } = this.#parts
    const { room, generation } = head()
    const stored = await readUpdates(workplace.store, room, generation)
    mergeStored(stored)
    await workplace.store.commit([
      checkGeneration(head()),
      this.#putWhole(),
      ...stored.map(({ key }): LocalWrite => ({ remove: 'updates', key })),
    ])
  }

  #putWhole(): LocalWrite {
    const state = Y.encodeStateAsUpdate(this.#parts.doc)
    this.#stateBytes = state.length
    this.#logBytes = state.length
    return this.#put(this.#parts.head(), state)
  }

  #put(head: RecordHead, bytes: Uint8Array): LocalWrite {
    return putUpdate(head, this.#parts.workplace.tab, ++this.#updateNumber, bytes)
  }
}
