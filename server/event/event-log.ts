// The events of all records in the order they were committed in, for whoever follows them. What is new is read from
// the store once for all followers, and the last few thousand are kept; who is further behind reads from the store.

import { FairTurns } from '../list/fair-turns.ts'
import type { EventPage, Store } from '../store/store.ts'
import { lengthOf, type RecordEvent, toRecordEvent } from './event.ts'

const KEPT_MAX = 5_000
/** And no more than this of them: an event of an import is some megabytes. */
const KEPT_CHARS_MAX = 16 * 1024 * 1024
const PAGE = 500

export interface Events {
  readonly events: readonly RecordEvent[]
  /** Where to read on. */
  readonly cursor: string
  /** What followed the cursor is no longer there: read everything again. */
  readonly reset: boolean
}

export class EventLog {
  /** In which old events are prepared: whoever asks for too many keeps nobody else waiting. */
  readonly turns = new FairTurns()
  readonly #store: Pick<Store, 'readEvents' | 'eventCursor'>
  readonly #failed: (error: unknown) => void
  /** What follows `#from`, up to the tip. */
  #kept: RecordEvent[] = []
  #keptChars = 0
  #places = new Map<string, number>()
  /** The place in `#places` of the first kept event. */
  #base = 0
  #tip: string | null = null
  #version = 0
  #isBehind = true
  #reading: Promise<void> | null = null
  #waiting = new Set<() => void>()
  #isClosed = false

  constructor(store: Pick<Store, 'readEvents' | 'eventCursor'>, failed: (error: unknown) => void) {
    this.#store = store
    this.#failed = failed
  }

  /** The cursor after the last event. */
  now(): Promise<string> {
    return this.#store.eventCursor()
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  close(): void {
    this.#isClosed = true
    for (const done of [...this.#waiting]) done()
  }

  /** Something was committed. */
  wake(): void {
    this.#isBehind = true
    if (this.#waiting.size > 0) void this.#read()
  }

  /** How many wait for the next event. */
  get followers(): number {
    return this.#waiting.size
  }

  /** At most so many that follow the cursor, without waiting for any. */
  async after(cursor: string | null, limit: number, asker: string): Promise<Events> {
    const kept = this.#keptAfter(cursor, limit)
    if (kept !== null && (kept.events.length > 0 || !this.#isBehind)) return kept
    if (kept !== null) {
      // At the tip, and something was committed since: one reading for all who ask now.
      await this.#read()
      const read = this.#keptAfter(cursor, limit)
      if (read !== null) return read
    }
    const page = await this.#store.readEvents(cursor, limit)
    const events = await this.turns.done(asker, () => page.events.map(toRecordEvent))
    return { events, cursor: page.cursor, reset: page.reset }
  }

  /** As `after`, but waits until there is something; an empty answer means that the signal was given. */
  async next(cursor: string, limit: number, asker: string, signal: AbortSignal): Promise<Events> {
    while (!signal.aborted && !this.#isClosed) {
      await this.#read()
      const version = this.#version
      const found = await this.after(cursor, limit, asker)
      if (found.events.length > 0 || found.reset) return found
      if (version === this.#version) await this.#change(signal)
    }
    return { events: [], cursor, reset: false }
  }

  #keptAfter(cursor: string | null, limit: number): Events | null {
    const place = cursor === null ? undefined : this.#places.get(cursor)
    if (cursor === null || place === undefined) return null
    const from = place - this.#base
    const events = this.#kept.slice(from, from + limit)
    return { events, cursor: events.at(-1)?.cursor ?? cursor, reset: false }
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const done = (): void => {
        this.#waiting.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      this.#waiting.add(done)
      signal.addEventListener('abort', done)
      if (signal.aborted) done()
      else if (this.#isBehind) void this.#read()
    })
  }

  /** One reading at a time; what is committed meanwhile is read by the next. */
  #read(): Promise<void> {
    if (!this.#isBehind && this.#reading === null) return Promise.resolve()
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = null
      if (this.#isBehind && this.#waiting.size > 0 && !this.#isClosed) void this.#read()
    })
    return this.#reading
  }

  async #readAll(): Promise<void> {
    try {
      while (this.#isBehind) {
        this.#isBehind = false
        // Nobody followed for long: what lies between is read by those it concerns.
        if (this.#tip === null) this.#startAt(await this.#store.eventCursor())
        else await this.#readOn(this.#tip)
      }
    } catch (error) {
      this.#isBehind = true
      if (this.#isClosed) return
      this.#failed(error)
      await new Promise(resolve => setTimeout(resolve, RETRY_MS).unref())
    }
    this.#version++
    for (const done of [...this.#waiting]) done()
  }

  async #readOn(tip: string): Promise<void> {
    let page: EventPage
    let from = tip
    do {
      page = await this.#store.readEvents(from, PAGE)
      if (page.reset) {
        this.#startAt(page.cursor)
        return
      }
      for (const stored of page.events) this.#keep(toRecordEvent(stored))
      from = page.cursor
      // A page of large ones is a short one.
    } while (page.events.length > 0 && from !== (await this.#store.eventCursor()))
  }

  #keep(event: RecordEvent): void {
    this.#kept.push(event)
    this.#tip = event.cursor
    this.#keptChars += lengthOf(event)
    this.#places.set(event.cursor, this.#base + this.#kept.length)
    if (this.#kept.length <= 2 * KEPT_MAX && this.#keptChars <= KEPT_CHARS_MAX) return
    let dropped = 0
    for (const old of this.#kept) {
      if (this.#kept.length - dropped <= KEPT_MAX && this.#keptChars <= KEPT_CHARS_MAX / 2) break
      this.#keptChars -= lengthOf(old)
      dropped++
    }
    this.#kept.splice(0, dropped)
    this.#base += dropped
    for (const [cursor, place] of this.#places) {
      if (place >= this.#base) break
      this.#places.delete(cursor)
    }
  }

  #startAt(cursor: string): void {
    this.#kept = []
    this.#keptChars = 0
    this.#base = 0
    this.#places = new Map([[cursor, 0]])
    this.#tip = cursor
  }
}

const RETRY_MS = 500
