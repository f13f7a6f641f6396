// What is done with the history of one record: read it, bring something back from it, end it for good.

import { RecordError } from '../../shared/record/record-error.ts'
import type { Principal } from '../access/principal.ts'
import { HttpProblem } from '../http/problem.ts'
import type { Rooms } from '../room/rooms.ts'
import type { UserWriter } from '../room/user-write.ts'
import type { Store, ValuePut } from '../store/store.ts'
import { type EventBody, type RecordEvent, toRecordEvent } from './event.ts'
import type { EventLog } from './event-log.ts'
import type { EventReaders } from './event-readers.ts'
import { type History, type HistoryAsk, readHistory } from './history.ts'
import { pastOf, type Point, type Restored, type RestoreOrder, restorePast } from './restore.ts'
import type { TextPauses } from './text-pauses.ts'

export interface RecordHistoryParts {
  readonly store: Pick<Store, 'readRecordEvents' | 'readHead'>
  readonly readers: EventReaders
  readonly log: EventLog
  readonly texts: TextPauses
  readonly rooms: () => Pick<Rooms, 'open' | 'get'>
  readonly writer: () => UserWriter
  readonly now: () => number
  /** The record is gone: whatever else is known of it has to go. */
  readonly purged: (room: string, commit: number) => Promise<void>
  /** What else goes into the commit of the purge. */
  readonly purging: (room: string) => Promise<readonly ValuePut[]>
}

/** After the event of this number, or as things stood at this time. */
export type Moment = { readonly seq: number } | { readonly at: number }

export interface RestoreAnswer extends Restored {
  readonly epoch: string
  readonly commit: number
}

export class RecordHistory {
  readonly #parts: RecordHistoryParts

  constructor(parts: RecordHistoryParts) {
    this.#parts = parts
  }

  async read(type: string, id: string, principal: Principal, ask: HistoryAsk): Promise<History> {
    const room = await this.#readable(type, id, principal)
    const history = await readHistory(this.#parts.store, room, ask)
    // What took it out of their sight meanwhile would be told, and whatever came behind that.
    await this.#parts
      .rooms()
      .get(room)
      ?.committed()
      .catch(() => {})
    await this.#readable(type, id, principal)
    return history
  }

  async restore(
    type: string,
    id: string,
    principal: Principal,
    path: string,
    moment: Moment,
  ): Promise<RestoreAnswer> {
    const room = await this.#readable(type, id, principal)
    // What was typed and not told yet is part of how things stand.
    await this.#parts.texts.flushRoom(room)
    const { events, folded } = await this.#allEvents(room)
    const last = events.at(-1)?.seq ?? folded
    if ('seq' in moment && moment.seq > last)
      throw new HttpProblem('BAD_REQUEST', `Check seq: the last event of this record is number ${last}.`, [
        'seq',
      ])
    const past = pastOf(events, pointOf(events, folded, moment), folded === 0)
    const now = pastOf(events, NOW, folded === 0)
    const write = async (order: RestoreOrder): Promise<RestoreAnswer> => {
      const { value, epoch, commit } = await this.#parts
        .writer()
        .write(room, principal, record => restorePast(record, past, now, path, order))
      return { ...value, epoch, commit }
    }
    return write('rules first').catch(error => {
      if (!(error instanceof RecordError)) throw error
      // The first error is the one to be told: the second order is only another way to the same end.
      return write('rules last').catch(() => Promise.reject(error))
    })
  }

  /** The content and all events before are gone; that there was a record stays. It must have been removed first. */
  async purge(type: string, id: string, principal: Principal): Promise<void> {
    const { rooms, texts, readers, log, now, purged, purging } = this.#parts
    const name = `${type}:${id}`
    const room = await rooms().open(name)
    const { head } = room
    if (head === null) throw new HttpProblem('NO_SUCH_RECORD')
    if (head.state === 'purged') throw new HttpProblem('PURGED')
    if (head.state !== 'removed')
      throw new HttpProblem('WRONG_STATE', 'Remove the record first: only what is removed can be purged.')
    const event: EventBody = {
      record: name,
      type,
      action: 'purge',
      signals: [],
      by: principal.id,
      name: principal.name,
      at: now(),
      commit: head.commit + 1,
      changes: [],
    }
    const held = await purging(name)
    const after = await room.purge(principal.id, JSON.stringify(event), [...texts.forget(name), ...held])
    readers.forget(name)
    log.wake()
    await purged(name, after?.commit ?? event.commit)
  }

  async #readable(type: string, id: string, principal: Principal): Promise<string> {
    const room = `${type}:${id}`
    const head = await this.#parts.store.readHead(room)
    if (head === null) throw new HttpProblem('NO_SUCH_RECORD')
    if (!(await this.#parts.readers.mayRead(principal, type, room))) throw new HttpProblem('FORBIDDEN')
    return room
  }

  async #allEvents(room: string): Promise<{ events: RecordEvent[]; folded: number }> {
    const events: RecordEvent[] = []
    for (;;) {
      const from = (events.at(-1)?.seq ?? 0) + 1
      const page = await this.#parts.store.readRecordEvents(room, { from, limit: 1_000 })
      events.push(...page.events.map(toRecordEvent))
      if (page.events.length < 1_000) return { events, folded: page.folded.count }
    }
  }
}

const NOW: Point = { values: Number.POSITIVE_INFINITY, texts: Number.POSITIVE_INFINITY }

/** Texts are told in pauses, behind what was written meanwhile: of a time they have a place of their own in the log. */
const pointOf = (events: readonly RecordEvent[], folded: number, moment: Moment): Point => {
  if ('seq' in moment) {
    const seq = seqOf(events, folded, moment)
    return { values: seq, texts: seq }
  }
  const ofTexts = events.filter(({ texts }) => texts !== undefined)
  const texts = ofTexts.findLast(({ at }) => at <= moment.at)?.seq ?? folded
  return { values: seqOf(events, folded, moment), texts }
}

const seqOf = (events: readonly RecordEvent[], folded: number, moment: Moment): number => {
  const seq =
    'seq' in moment
      ? moment.seq
      : (events.findLast(({ at, texts }) => texts === undefined && at <= moment.at)?.seq ?? folded)
  const isFolded = 'seq' in moment ? moment.seq < folded : seq === folded && folded > 0
  if (isFolded) {
    const first = events[0]
    const since = first === undefined ? '' : ` before ${new Date(first.at).toISOString()}`
    throw new HttpProblem(
      'CURSOR_EXPIRED',
      `What the record was like${since} is folded away and no longer kept.`,
    )
  }
  if (seq < 1) throw new HttpProblem('BAD_REQUEST', 'The record did not exist then.', ['at'])
  return seq
}
