// Texts are told in pauses: one event a person, with the delta of all they typed. What waits for its pause is kept
// in the store by the same commits that bring the typing, so that a crash loses none of it; after a start it is told
// at once.

import { describeChange } from '../../shared/record/change.ts'
import type { AnyView, RecordType } from '../../shared/record/record-type.ts'
import { signalsOf, unheard } from '../../shared/record/said-of-change.ts'
import type { Room } from '../room/room.ts'
import { overRestarts } from '../room/open-committed.ts'
import { RoomClosed } from '../room/room-closed.ts'
import type { TextOp, Turn } from '../room/turn.ts'
import { isUnreadable } from '../room/unreadable.ts'
import type { Store, ValuePut } from '../store/store.ts'
import { valuesOf } from '../store/values-of.ts'
import { ownMessages } from './compose-events.ts'
import type { EventBody, TextEdit } from './event.ts'
import { authorsOf, composeText, deltasByAuthor, takesAway } from './text-ops.ts'

export const TEXTS_SPACE = 'event-texts'

/** So long without a key pressed is a pause. */
export const PAUSE_MS = 3_000
/** Whoever types on and on is told in between. */
const TYPING_MS_MAX = 60_000
const TYPING_CHARS_MAX = 16_384

interface Waiting {
  readonly since: number
  readonly at: number
  readonly names: { readonly [author: string]: string }
  readonly fields: { readonly [field: string]: readonly TextOp[] }
}

export interface TextPausesParts {
  readonly store: Pick<Store, 'readValues'>
  readonly openRoom: (name: string) => Promise<Room>
  readonly now: () => number
  readonly pauseMs?: number
  /** After events were committed that no turn brought. */
  readonly told: () => void
  readonly failed: (room: string, error: unknown) => void
}

export class TextPauses {
  readonly #parts: TextPausesParts
  readonly #waiting = new Map<string, Waiting>()
  readonly #next = new WeakMap<Turn, Waiting | null>()
  #telling: Promise<void> | null = null
  #timer: NodeJS.Timeout | null = null
  #isClosed = false

  constructor(parts: TextPausesParts) {
    this.#parts = parts
  }

  /** What waited when the server ended. */
  async open(): Promise<void> {
    // Written by `compose`, under the store's checksum.
    for await (const { key, value } of valuesOf(this.#parts.store, TEXTS_SPACE))
      this.#waiting.set(key, JSON.parse(value) as Waiting)
  }

  start(): void {
    this.#tellDue(() => true)
    const everyMs = Math.min(1_000, this.#pauseMs)
    this.#timer = setInterval(() => this.#tellDue(this.#isDue), everyMs)
    this.#timer.unref()
  }

  /** What is being told is told to its end; the rest waits in the store for the next start. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    await this.#telling
  }

  /** How many records have typing that waits to be told. */
  get size(): number {
    return this.#waiting.size
  }

  /** What goes into the turn's own commit. */
  compose(turn: Turn): { events: readonly EventBody[]; values: readonly ValuePut[] } {
    if (turn.texts.length === 0) return NOTHING
    const { room, type, before, after, commit, at } = turn
    const known = this.#waiting.get(room)
    // What somebody wrote and somebody else deletes before the pause is told first, or the history had never known it.
    const isTakenAway = turn.texts.some(({ field, ops }) => takesAway(known?.fields[field] ?? [], ops))
    const told =
      known !== undefined && isTakenAway ? eventsOf(room, type, known, before, commit) : NOTHING.events
    const waiting = extended(isTakenAway ? undefined : known, turn)
    const isLong =
      at - waiting.since > TYPING_MS_MAX || JSON.stringify(waiting.fields).length > TYPING_CHARS_MAX
    this.#next.set(turn, isLong ? null : waiting)
    return isLong
      ? {
          events: [...told, ...eventsOf(room, type, waiting, after, commit)],
          values: [pauseValue(room, null)],
        }
      : { events: told, values: [pauseValue(room, waiting)] }
  }

  committed(turn: Turn): void {
    const next = this.#next.get(turn)
    if (next === undefined) return
    if (next === null) this.#waiting.delete(turn.room)
    else this.#waiting.set(turn.room, next)
  }

  /** The record is gone, and what waits of it goes with it. */
  forget(room: string): readonly ValuePut[] {
    return this.#waiting.delete(room) ? [pauseValue(room, null)] : []
  }

  /** Tells what has had its pause. A beat that comes while this is going on is left to the next. */
  #tellDue(isDue: (waiting: { at: number }) => boolean): void {
    this.#telling ??= this.#tellEach(isDue).finally(() => {
      this.#telling = null
    })
  }

  async #tellEach(isDue: (waiting: { at: number }) => boolean): Promise<void> {
    const due = [...this.#waiting].filter(([, waiting]) => isDue(waiting))
    for (const [name] of due) {
      if (this.#isClosed) return
      try {
        await this.#tell(name)
      } catch (error) {
        // A room that was begun anew is asked again with the next beat.
        if (error instanceof RoomClosed) continue
        this.#parts.failed(name, error)
        // It stays in the store, for a start that can read the record.
        if (isUnreadable(error)) this.#waiting.delete(name)
      }
    }
  }

  /** Tells at once what waits of one record. */
  async flushRoom(room: string): Promise<void> {
    if (this.#waiting.has(room)) await overRestarts(() => this.#tell(room))
  }

  get #pauseMs(): number {
    return this.#parts.pauseMs ?? PAUSE_MS
  }

  readonly #isDue = ({ at }: { at: number }): boolean => {
    const sinceMs = this.#parts.now() - at
    // The clock may have been set back.
    return sinceMs < 0 || sinceMs >= this.#pauseMs
  }

  async #tell(name: string): Promise<void> {
    const room = await this.#parts.openRoom(name)
    let told: Waiting | undefined
    const head = await room.addEvents(() => {
      told = this.#waiting.get(name)
      const view = room.guarded?.record.view
      if (told === undefined || view === undefined || room.type === null) return NOTHING_JSON
      const events = eventsOf(name, room.type, told, view, room.commit + 1)
      return { events: events.map(event => JSON.stringify(event)), values: [pauseValue(name, null)] }
    })
    // A record that is gone has nothing to tell any more.
    if (head === null || this.#waiting.get(name) === told) this.#waiting.delete(name)
    this.#parts.told()
  }
}

const NOTHING = { events: [], values: [] } as const
const NOTHING_JSON: { events: string[]; values: ValuePut[] } = { events: [], values: [] }

const extended = (before: Waiting | undefined, turn: Turn): Waiting => {
  const fields: { [field: string]: readonly TextOp[] } = { ...before?.fields }
  for (const { field, ops } of turn.texts) fields[field] = composeText(fields[field] ?? [], ops)
  return {
    since: before?.since ?? turn.at,
    at: turn.at,
    names: { ...before?.names, ...Object.fromEntries(turn.authors.map(({ by, name }) => [by, name])) },
    fields,
  }
}

const pauseValue = (room: string, waiting: Waiting | null): ValuePut => ({
  space: TEXTS_SPACE,
  key: room,
  value: waiting === null ? null : JSON.stringify(waiting),
})

const eventsOf = (
  record: string,
  type: RecordType,
  { at, names, fields }: Waiting,
  view: AnyView,
  commit: number,
): EventBody[] => {
  // Of several texts the same one comes first in each, since all that a person typed is told at once.
  const authors = [...new Set(Object.values(fields).flatMap(authorsOf))]
  const textsBy = new Map(authors.map(by => [by, [] as TextEdit[]]))
  for (const [field, ops] of Object.entries(fields))
    for (const { by, delta } of deltasByAuthor(ops, authors)) textsBy.get(by)?.push({ field, delta })
  return [...textsBy].map(([by, texts]) => {
    const paths = texts.map(({ field }) => field)
    const signals = signalsOf(type, describeChange(type, view, view, paths, by, at), unheard)
    return {
      record,
      type: type.name,
      action: signals[0]?.action ?? 'update',
      signals,
      ...ownMessages(type, signals, view, unheard),
      by,
      name: names[by] ?? by,
      at,
      commit,
      changes: [],
      texts,
    }
  })
}
