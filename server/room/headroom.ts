// How much of the memory that the process may have is left, and who waits for it. A process that takes more is killed
// by the kernel or by V8, and everybody with it; so near its limit no further records are opened at once, and no
// further large ones edited. They come in turn, as what is open takes less.

import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { RoomRefusal } from './peer.ts'

export interface HeadroomParts {
  /** How much of what it may have the process has taken, from 0 to 1. */
  taken(): number
  /** The same without what is free in it: the allocator keeps that, and gives it out again. */
  used(): number
  /** What the process may have. */
  readonly limitBytes: number
  readonly now: () => number
  /** What its heap may have, where docs lie. */
  readonly heapLimitBytes?: number
  /** Somebody waits; said once in a while. */
  onWaiting?(fields: { readonly waiting: number; readonly limitBytes: number }): void
  /** Something else than open records has the memory, so to wait does not help; said once in a while. */
  onOvergrown?(fields: { readonly recordBytes: number; readonly limitBytes: number }): void
  /** Gives back what nobody refers to any more. */
  collect?(): void
}

/** What the rooms can do about it. */
export interface Holdings {
  /** About what the open records take. */
  readonly bytes: number
  /** Lets go of docs of large records that nobody is just writing. */
  coolLarge(): void
}

/** From here on, what is open is kept as small as it goes. */
const TIGHT = 0.65
/** Up to here further records are opened. */
const FULL = 0.82
/** Up to here, where much of it is free within. */
const BRIM = 0.92
/** What may be taken before it is looked again, of the whole. */
const UNSEEN = 0.02
/** Until a record is sent to who asked, so many times its size are in use: in LevelDB, here, framed, compressed. */
const TIMES_ITS_SIZE = 4
/** LevelDB reads with that many threads. */
const AT_ONCE = 4
/** A doc and its index take some five times what the record weighs; beside it lies what it is made of, or encoded to. */
const TIMES_AS_DOC = 7
/** Who edits has the record open and is let in up to here, one at a time. */
const LAST = 0.97
/** Records have so much in any case, one at a time, whatever else has grown. */
const LEAST = 0.03
/** Docs of smaller ones are built unasked. */
const LARGE_BYTES = 64 * 1024
/** Whoever has waited so long is told, and asks again. */
const PATIENCE_MS = 10_000
const COLLECT_EVERY_MS = 3_000
const COLLECT_FOR_EDITS_EVERY_MS = 500
const SAY_AGAIN_MS = 60_000

interface Waiting {
  readonly bytes: number
  readonly since: number
  readonly enter: () => void
  readonly refuse: (why: RoomRefusal) => void
}

/** Those who come in one after the other. */
class Lane {
  readonly waiting: Waiting[] = []
  inside = 0
  insideBytes = 0
}

export class Headroom {
  readonly #parts: HeadroomParts
  readonly #reads = new Lane()
  readonly #edits = new Lane()
  #holdings: Holdings | null = null
  #refused = 0
  #takenUnseen = 0
  #isTight = false
  #isFull = false
  #isClosed = false
  #collectedAt = Number.NEGATIVE_INFINITY
  #saidAt = Number.NEGATIVE_INFINITY
  #saidOvergrownAt = Number.NEGATIVE_INFINITY

  constructor(parts: HeadroomParts) {
    this.#parts = parts
  }

  /** Who holds the records. */
  watch(holdings: Holdings): void {
    this.#holdings = holdings
  }

  get limitBytes(): number {
    return this.#parts.limitBytes
  }

  get waiting(): number {
    return this.#reads.waiting.length + this.#edits.waiting.length
  }

  get refused(): number {
    return this.#refused
  }

  /** As of the last look. */
  get isTight(): boolean {
    return this.#isTight
  }

  get isFull(): boolean {
    return this.#isFull
  }

  /** Whether a doc of a record of so many bytes is to be built in turn. */
  isDear(bytes: number): boolean {
    return this.#isTight && isLarge(bytes)
  }

  /** Reads what takes so many bytes when there is room for it, in the order of asking. */
  read<T>(bytes: number, read: () => Promise<T>): Promise<T> {
    return this.#pass(this.#reads, bytes, read)
  }

  /** Runs what builds docs of so many bytes in all, in the order of asking, and before further records are opened. */
  edit<T>(bytes: number, edit: () => Promise<T>): Promise<T> {
    return this.#pass(this.#edits, bytes, edit)
  }

  /** Nobody had to ask for so little; of many such it is looked what they come to. */
  took(bytes: number): void {
    this.#takenUnseen += bytes
    if (this.#takenUnseen > this.#leastLimitBytes * UNSEEN) this.#measure()
  }

  /** A doc is built of so many bytes. */
  tookDoc(bytes: number): void {
    this.took(bytes * TIMES_AS_DOC)
  }

  /** Now and then, whether somebody asks or not. */
  look(): void {
    this.#measure()
    if (this.#isFull && this.waiting > 0) this.#collect(COLLECT_EVERY_MS)
    this.#letIn()
    this.#turnAway(this.#edits)
    this.#turnAway(this.#reads)
    const { now, onWaiting, limitBytes } = this.#parts
    if (!this.#isFull || this.waiting === 0 || now() - this.#saidAt < SAY_AGAIN_MS) return
    this.#saidAt = now()
    onWaiting?.({ waiting: this.waiting, limitBytes })
  }

  close(): void {
    this.#isClosed = true
    for (const { waiting } of [this.#edits, this.#reads])
      for (const { refuse } of waiting.splice(0)) refuse(new RoomRefusal('DRAINING'))
  }

  async #pass<T>(lane: Lane, bytes: number, run: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new RoomRefusal('DRAINING')
    if (lane.waiting.length > 0 || !this.#fits(lane, bytes)) await this.#wait(lane, bytes)
    else this.#begin(lane, bytes)
    try {
      return await run()
    } finally {
      lane.inside--
      lane.insideBytes -= bytes
      this.#letIn()
    }
  }

  #wait({ waiting }: Lane, bytes: number): Promise<void> {
    return new Promise((enter, refuse) => {
      waiting.push({ bytes, since: this.#parts.now(), enter, refuse })
    })
  }

  /** Who has a record open goes on working in it. */
  #letIn(): void {
    for (const lane of [this.#edits, this.#reads])
      for (
        let [first] = lane.waiting;
        first !== undefined && this.#fits(lane, first.bytes);
        [first] = lane.waiting
      ) {
        lane.waiting.shift()
        this.#begin(lane, first.bytes)
        first.enter()
      }
  }

  #turnAway({ waiting }: Lane): void {
    const { now } = this.#parts
    for (let [first] = waiting; first !== undefined && now() - first.since > PATIENCE_MS; [first] = waiting) {
      waiting.shift()
      this.#refused++
      first.refuse(new RoomRefusal('TOO_MANY_ROOMS', NO_MEMORY))
    }
  }

  #begin(lane: Lane, bytes: number): void {
    lane.inside++
    lane.insideBytes += bytes
  }

  #fits(lane: Lane, bytes: number): boolean {
    return lane === this.#edits ? this.#editFits(bytes) : this.#readFits(bytes)
  }

  #readFits(bytes: number): boolean {
    const { inside, insideBytes } = this.#reads
    if (inside >= AT_ONCE) return false
    const { limitBytes } = this.#parts
    const taken = this.#measure()
    const share = ((insideBytes + bytes) * TIMES_ITS_SIZE) / limitBytes
    if (taken + share + this.#editing <= FULL) return true
    if (inside > 0) return false
    // One that is larger than what is left has its turn as well; and what is free within is used, one at a time.
    if (taken <= TIGHT || (taken <= BRIM && this.#parts.used() + share <= TIGHT)) return true
    return this.#isOvergrown(share)
  }

  /** To wait for others to leave does not help where there is next to nothing that they could leave. */
  #isOvergrown(share: number): boolean {
    if (this.#holdings === null) return false
    const { now, onOvergrown, limitBytes } = this.#parts
    const recordBytes = this.#holdings.bytes
    if (recordBytes / limitBytes + share > LEAST) return false
    if (now() - this.#saidOvergrownAt >= SAY_AGAIN_MS) {
      this.#saidOvergrownAt = now()
      onOvergrown?.({ recordBytes, limitBytes })
    }
    return true
  }

  /** What the allocator keeps is of no use to the heap: docs need what is not taken at all. */
  #editFits(bytes: number): boolean {
    const { inside } = this.#edits
    if (inside >= AT_ONCE) return false
    const share = this.#shareOfDocs(bytes)
    if (this.#measure() + this.#editing + share <= FULL) return true
    if (inside > 0) return false
    this.#holdings?.coolLarge()
    if (this.#measure() + share <= FULL) return true
    this.#collect(COLLECT_FOR_EDITS_EVERY_MS)
    return this.#measure() + share <= LAST
  }

  /** The share of those who are building docs. */
  get #editing(): number {
    return this.#shareOfDocs(this.#edits.insideBytes)
  }

  #shareOfDocs(bytes: number): number {
    return (bytes * TIMES_AS_DOC) / this.#leastLimitBytes
  }

  get #leastLimitBytes(): number {
    const { limitBytes, heapLimitBytes = limitBytes } = this.#parts
    return Math.min(limitBytes, heapLimitBytes)
  }

  #collect(everyMs: number): void {
    const at = this.#parts.now()
    if (at - this.#collectedAt <= everyMs) return
    this.#collectedAt = at
    this.#parts.collect?.()
  }

  #measure(): number {
    const taken = this.#parts.taken()
    this.#isTight = taken > TIGHT
    this.#isFull = taken > FULL
    this.#takenUnseen = 0
    return taken
  }
}

export const isLarge = (bytes: number): boolean => bytes >= LARGE_BYTES

export const NO_MEMORY =
  'Wait: the server has no memory for more records at once; this one opens by itself as soon as there is.'

/** Of the container where there is one, else of the machine; and of the heap, which has a limit of its own. */
export const ofThisProcess = (): Pick<
  HeadroomParts,
  'taken' | 'used' | 'limitBytes' | 'heapLimitBytes' | 'collect'
> => {
  const limitBytes = Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem())
  const heapBytes = Math.max(1, getHeapStatistics().heap_size_limit - YOUNG_BYTES)
  return {
    limitBytes,
    heapLimitBytes: heapBytes,
    taken: () => Math.max(ownBytes() / limitBytes, getHeapStatistics().used_heap_size / heapBytes),
    used: () => {
      const { heapTotal, external } = process.memoryUsage()
      return (BASE_BYTES + heapTotal + external) / limitBytes
    },
    collect: collectGarbage,
  }
}

/** V8 counts it into the limit of the heap, and ends the process when the rest is full. */
const YOUNG_BYTES = 48 * 1024 ** 2

/** Node, its libraries, LevelDB: what an idle server has besides its heap. */
const BASE_BYTES = 64 * 1024 ** 2

/** Without what is mapped from files, as LevelDB's tables are: the kernel takes that back as it likes. */
const ownBytes = (): number => {
  const [, kilobytes] = /^RssAnon:\s+(\d+)/m.exec(statusOfProcess()) ?? []
  return kilobytes === undefined ? process.memoryUsage.rss() : Number(kilobytes) * 1024
}

/** Linux has it. */
const statusOfProcess = (): string => {
  try {
    return readFileSync('/proc/self/status', 'utf8')
  } catch {
    return ''
  }
}

/** Bytes outside of the heap are given back when it is collected, which V8 has no reason to do while all wait. */
const collectGarbage = (): void => {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') collect()
}
