// What one reader gets of the log: events of records they may read, in order, from a cursor on.

import type { Principal } from '../access/principal.ts'
import { ANSWER_CHARS, lengthOf, type RecordEvent } from './event.ts'
import type { EventLog, Events } from './event-log.ts'
import type { EventReaders } from './event-readers.ts'
import { goneEvent } from './sight.ts'

export interface EventWish {
  /** Record types; null: all. */
  readonly types: ReadonlySet<string> | null
  readonly record: string | null
  /** Whether it is told of a record that it may not read any more. */
  readonly gone: boolean
}

/** So many events are looked at for one answer: a reader of little shall not hold the log for long. */
const LOOKED_AT_MAX = 2_000
const PAGE = 200

export interface FeedParts {
  readonly log: EventLog
  readonly readers: EventReaders
}

export class EventFeed {
  readonly #parts: FeedParts
  readonly #wish: EventWish
  principal: Principal
  cursor: string

  constructor(parts: FeedParts, principal: Principal, wish: EventWish, cursor: string) {
    this.#parts = parts
    this.principal = principal
    this.#wish = wish
    this.cursor = cursor
  }

  /** The next ones; waits until there is one to be read, unless the signal is given. */
  async next(limit: number, signal: AbortSignal): Promise<Events> {
    let events: readonly RecordEvent[] = []
    let reset = false
    while (events.length === 0 && !reset && !signal.aborted && !this.#parts.log.isClosed) {
      const found = await this.#parts.log.next(this.cursor, Math.min(limit, PAGE), this.principal.id, signal)
      events = await readable(this.#parts.readers, this.principal, this.#wish, found.events)
      reset = found.reset
      this.cursor = found.cursor
    }
    return { events, cursor: this.cursor, reset }
  }

  /** Asked again of what has waited for a slow reader: by then it may be out of their reach. */
  lookAgain(event: RecordEvent): Promise<readonly RecordEvent[]> {
    return readable(this.#parts.readers, this.principal, this.#wish, [event])
  }
}

/** One page, without waiting for an event; cut short by the signal, for who has gone. */
export const readPage = async (
  { log, readers }: FeedParts,
  principal: Principal,
  wish: EventWish,
  since: string | null,
  limit: number,
  signal: AbortSignal,
): Promise<Events & { more: boolean }> => {
  const events: RecordEvent[] = []
  let cursor = since
  let lookedAt = 0
  let chars = 0
  for (;;) {
    if (signal.aborted) return { events, cursor: cursor ?? '', reset: false, more: true }
    const found = await log.after(cursor, Math.min(PAGE, limit - events.length), principal.id)
    if (found.reset) return { events: [], cursor: found.cursor, reset: true, more: false }
    cursor = found.cursor
    lookedAt += found.events.length
    const some = await readable(readers, principal, wish, found.events)
    events.push(...some)
    chars = some.reduce((sum, event) => sum + lengthOf(event), chars)
    const more = found.events.length > 0
    if (more && events.length < limit && lookedAt < LOOKED_AT_MAX && chars < ANSWER_CHARS) continue
    // What was found first may have gone out of their sight while the rest was read.
    return { events: await readable(readers, principal, wish, events), cursor, reset: false, more }
  }
}

const readable = async (
  readers: EventReaders,
  principal: Principal,
  { types, record, gone }: EventWish,
  events: readonly RecordEvent[],
): Promise<RecordEvent[]> => {
  const kept: RecordEvent[] = []
  for (const event of events) {
    if (types !== null && !types.has(event.type)) continue
    if (record !== null && event.record !== record) continue
    const may = readers.mayFollow(principal, event.type, event.record)
    if (typeof may === 'boolean' ? may : await may) kept.push(event)
    else if (gone && readers.couldFollow(principal, event)) kept.push(goneEvent(event))
  }
  return kept
}
