// How much of the memory that the process may have is left, and who waits for it. A process that takes more is killed
// by the kernel or by V8, and everybody with it; so near its limit no further records are opened at once. They come
// in turn, as what is open takes less.

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
  /** Somebody waits; said once in a while. */
  onWaiting?(fields: { readonly waiting: number; readonly limitBytes: number }): void
  /** Gives back what nobody refers to any more. */
  collect?(): void
}

/** From here on, what is open is kept as small as it goes. */
const TIGHT = 0.65
/** Up to here further records are opened. */
const FULL = 0.82
/** Up to here, where much of it is free within. */
const BRIM = 0.9
/** What may be taken before it is looked again, of the whole. */
const UNSEEN = 0.02
/** Until a record is sent to who asked, so many times its size are in use: in LevelDB, here, framed, compressed. */
const TIMES_ITS_SIZE = 4
/** LevelDB reads with that many threads. */
const AT_ONCE = 4
/** Whoever has waited so long is told, and asks again. */
const PATIENCE_MS = 10_000
const COLLECT_EVERY_MS = 3_000
const SAY_AGAIN_MS = 60_000

interface Waiting {
  readonly bytes: number
  readonly since: number
  readonly enter: () => void
  readonly refuse: (why: RoomRefusal) => void
}

export class Headroom {
  readonly #parts: HeadroomParts
  readonly #waiting: Waiting[] = []
  #reading = 0
  #readingBytes = 0
  #refused = 0
  #takenUnseen = 0
  #isTight = false
  #isFull = false
  #collectedAt = Number.NEGATIVE_INFINITY
  #saidAt = Number.NEGATIVE_INFINITY

  constructor(parts: HeadroomParts) {
    this.#parts = parts
  }

  get limitBytes(): number {
    return this.#parts.limitBytes
  }

  get waiting(): number {
    return this.#waiting.length
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

  /** Reads what takes so many bytes when there is room for it, in the order of asking. */
  async read<T>(bytes: number, read: () => Promise<T>): Promise<T> {
    if (this.#waiting.length > 0 || !this.#fits(bytes)) await this.#wait(bytes)
    else this.#begin(bytes)
    try {
      return await read()
    } finally {
      this.#reading--
      this.#readingBytes -= bytes
      this.#letIn()
    }
  }

  /** Nobody had to ask for so little; of many such it is looked what they come to. */
  took(bytes: number): void {
    this.#takenUnseen += bytes
    if (this.#takenUnseen > this.#parts.limitBytes * UNSEEN) this.#measure()
  }

  /** Now and then, whether somebody asks or not. */
  look(): void {
    this.#measure()
    this.#letIn()
    const { now, onWaiting, limitBytes } = this.#parts
    for (
      let [first] = this.#waiting;
      first !== undefined && now() - first.since > PATIENCE_MS;
      [first] = this.#waiting
    ) {
      this.#waiting.shift()
      this.#refused++
      first.refuse(new RoomRefusal('TOO_MANY_ROOMS', NO_MEMORY))
    }
    if (!this.#isFull || this.#waiting.length === 0) return
    if (now() - this.#collectedAt > COLLECT_EVERY_MS) {
      this.#collectedAt = now()
      this.#parts.collect?.()
    }
    if (now() - this.#saidAt < SAY_AGAIN_MS) return
    this.#saidAt = now()
    onWaiting?.({ waiting: this.#waiting.length, limitBytes })
  }

  close(): void {
    for (const { refuse } of this.#waiting.splice(0)) refuse(new RoomRefusal('DRAINING'))
  }

  #wait(bytes: number): Promise<void> {
    return new Promise((enter, refuse) => {
      this.#waiting.push({ bytes, since: this.#parts.now(), enter, refuse })
    })
  }

  #letIn(): void {
    for (
      let [first] = this.#waiting;
      first !== undefined && this.#fits(first.bytes);
      [first] = this.#waiting
    ) {
      this.#waiting.shift()
      this.#begin(first.bytes)
      first.enter()
    }
  }

  #begin(bytes: number): void {
    this.#reading++
    this.#readingBytes += bytes
  }

  #fits(bytes: number): boolean {
    if (this.#reading >= AT_ONCE) return false
    const taken = this.#measure()
    const share = ((this.#readingBytes + bytes) * TIMES_ITS_SIZE) / this.#parts.limitBytes
    if (taken + share <= FULL) return true
    if (this.#reading > 0) return false
    // One that is larger than what is left has its turn as well; and what is free within is used, one at a time.
    return taken <= TIGHT || (taken <= BRIM && this.#parts.used() + share <= TIGHT)
  }

  #measure(): number {
    const taken = this.#parts.taken()
    this.#isTight = taken > TIGHT
    this.#isFull = taken > FULL
    this.#takenUnseen = 0
    return taken
  }
}

export const NO_MEMORY =
  'Wait: the server has no memory for more records at once; this one opens by itself as soon as there is.'

/** Of the container where there is one, else of the machine; and of the heap, which has a limit of its own. */
export const ofThisProcess = (): Pick<HeadroomParts, 'taken' | 'used' | 'limitBytes' | 'collect'> => {
  const limitBytes = Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem())
  const heapBytes = getHeapStatistics().heap_size_limit
  return {
    limitBytes,
    taken: () => Math.max(ownBytes() / limitBytes, getHeapStatistics().used_heap_size / heapBytes),
    used: () => {
      const { heapTotal, external } = process.memoryUsage()
      return (BASE_BYTES + heapTotal + external) / limitBytes
    },
    collect: collectGarbage,
  }
}

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
