// How much the document of a room weighs: what is known of it without looking. What lies in the store is never less
// than what the document is; what was written over lies in the log too, so where that comes to too much it is weighed.

import { isObject } from '../../shared/is-object.ts'
import type { Value } from '../../shared/record/value.ts'

/** Of what may be there so much is written before it is weighed once more. */
const SHARE_WRITTEN = 1 / 64
/** To weigh it is to encode it: that takes no more of the time than this. */
const SHARE_OF_TIME = 1 / 20

export class RoomWeight {
  /** Taken in this turn. */
  #taken = 0
  /** Applied to the document, and in no head yet. */
  #committing = 0
  /** What lies in the store, and is not in the document any more. */
  #gone = 0
  /** What of what lay in the store was weighed; below all where nothing was. */
  #weighedAt = Number.NEGATIVE_INFINITY
  #notBefore = Number.NEGATIVE_INFINITY
  /** With what is being judged it would hold more than it may. */
  isFull = false

  took(bytes: number): void {
    this.#taken += bytes
  }

  applied(): void {
    this.#committing += this.#taken
    this.#taken = 0
  }

  /** The head counts what was applied. */
  stored(): void {
    this.#committing = 0
  }

  /** The store has what the document was when that began, and behind it what was written since. */
  compacted(snapshotBytes: number): void {
    this.#gone = 0
    this.#weighedAt = snapshotBytes
  }

  /** By what was taken; so much at least. */
  freed(bytes: number): void {
    this.#gone += bytes
  }

  /** At most what it is. */
  of(storedBytes: number): number {
    return storedBytes + this.#committing + this.#taken - this.#gone
  }

  /** Whether another look may find it lighter: whatever was committed since may also have taken something out of it. */
  isToBeWeighed(storedBytes: number, bytesMax: number, now: number): boolean {
    if (storedBytes - this.#weighedAt >= bytesMax * SHARE_WRITTEN) return true
    return storedBytes !== this.#weighedAt && this.#committing + this.#taken === 0 && now >= this.#notBefore
  }

  weighed(bytes: number, storedBytes: number, tookMs: number, now: number): void {
    this.#gone = storedBytes + this.#committing - bytes
    this.#weighedAt = storedBytes
    this.#notBefore = now + tookMs / SHARE_OF_TIME
  }
}

/** At least so many bytes of what is stored. */
export const weightOf = (value: Value): number => {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (Array.isArray(value)) return value.reduce((sum: number, part) => sum + weightOf(part), 1)
  if (!isObject(value)) return 1
  return Object.entries(value).reduce((sum, [key, part]) => sum + Buffer.byteLength(key) + weightOf(part), 1)
}
