// A row may say by `changesAt` when it is to be looked at again, as a ticket that will be late. Then it is made anew
// and told, so that a screen that shows it draws it anew.

import type { Row } from '../../shared/record/filter.ts'
import type { ListTime } from './live-lists.ts'

interface Due {
  readonly at: number
  readonly type: string
  readonly id: string
}

/** A timer goes on by itself when the clock is put right, and stands still while the machine sleeps: it is looked again. */
const WAIT_MAX_MS = 30_000

export class DueRows {
  readonly #time: ListTime
  readonly #now: () => number
  readonly #isDue: (due: Due) => void
  /** A heap: the next one stands first. */
  readonly #heap: Due[] = []
  #cancel: (() => void) | null = null
  #wakesAt = Number.POSITIVE_INFINITY
  #isClosed = false

  constructor(time: ListTime, now: () => number, isDue: (due: Due) => void) {
    this.#time = time
    this.#now = now
    this.#isDue = isDue
  }

  /** Whether the row still says so is asked when it is due. */
  note(type: string, id: string, { changesAt: at }: Row): void {
    if (typeof at !== 'number' || at <= this.#now() || this.#isClosed) return
    this.#push({ at, type, id })
    this.#wakeBy(at)
  }

  close(): void {
    this.#isClosed = true
    this.#cancel?.()
    this.#cancel = null
    this.#heap.length = 0
  }

  #wakeBy(at: number): void {
    if (at >= this.#wakesAt) return
    this.#cancel?.()
    this.#wakesAt = at
    const inMs = Math.min(Math.max(0, at - this.#now()), WAIT_MAX_MS)
    this.#cancel = this.#time.after(inMs, () => this.#wake())
  }

  #wake(): void {
    this.#cancel = null
    this.#wakesAt = Number.POSITIVE_INFINITY
    const now = this.#now()
    for (let next = this.#heap[0]; next !== undefined && next.at <= now; next = this.#heap[0]) {
      this.#pop()
      this.#isDue(next)
    }
    const next = this.#heap[0]
    if (next !== undefined) this.#wakeBy(next.at)
  }

  #push(due: Due): void {
    const heap = this.#heap
    let at = heap.push(due) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent]
      if (above === undefined || above.at <= due.at) break
      heap[at] = above
      at = parent
    }
    heap[at] = due
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      const [left, right] = [heap[child], heap[child + 1]]
      if (left === undefined) break
      if (right !== undefined && right.at < left.at) child++
      const least = right !== undefined && right.at < left.at ? right : left
      if (last.at <= least.at) break
      heap[at] = least
      at = child
    }
    heap[at] = last
  }
}
