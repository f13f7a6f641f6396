// Devices and a server for tests of the record model: documents that exchange updates when the test says so.

import * as Y from 'yjs'
import { createMe } from '../../shared/record/access.ts'
import { type LiveCell, SERVER_AUTHOR } from '../../shared/record/cell.ts'
import { type CellChange, CellIndex } from '../../shared/record/cell-index.ts'
import { createClock } from '../../shared/record/clock.ts'
import { defineRecord } from '../../shared/record/define-record.ts'
import type { RecordType } from '../../shared/record/record-type.ts'
import {
  blob,
  bool,
  counter,
  integer,
  json,
  list,
  log,
  money,
  number,
  oneOf,
  ref,
  setOf,
  text,
  time,
} from '../../shared/record/field.ts'
import type { Journal } from '../../shared/record/journal.ts'
import { type OpenRecord, openRecord } from '../../shared/record/open-record.ts'
import type { RecordOnDoc, RecordOptions } from '../../shared/record/record.ts'
import { type AcceptedWrite, type Lost, settleTurn } from '../../shared/record/settle-turn.ts'

export const Ticket = defineRecord('ticket', {
  fields: {
    title: text.line({ max: 200 }),
    description: text.rich(),
    status: oneOf('open', 'in_progress', 'waiting', 'done').default('open'),
    priority: oneOf('low', 'normal', 'high', 'urgent').merge('max'),
    floor: integer().merge('min'),
    weight: number({ min: 0 }),
    urgent: bool(),
    due: time(),
    site: ref('site'),
    claimedBy: ref('user').merge('first'),
    quote: money().merge('review'),
    extra: json(),
    tags: setOf(text.line({ max: 40 })),
    partsUsed: counter(),
    checks: log({ kind: oneOf('in', 'out') }),
    scans: log({ item: text.line({ required: true }), quantity: integer() }),
    comments: list({ body: text.line({ max: 4000 }), mentions: setOf(ref('user')) }, { own: true }),
    times: list({ start: time(), end: time(), note: text.line() }),
    lines: list({ name: text.line(), quantity: integer(), used: counter() }, { order: 'manual' }),
    photos: list({ file: blob({ types: ['image/*'] }), caption: text.line() }),
  },
  derive: {
    minutes: t => t.times.reduce((sum, { start, end }) => sum + ((end ?? 0) - (start ?? 0)) / 60_000, 0),
    isLate: (t, now) => t.due !== null && t.due < now,
  },
  access: { takeOver: { claimedBy: ['dispatcher'] } },
  actions: { close: { args: { reason: text.line({ required: true }) }, run: () => null } },
})

export type Ticket = OpenRecord<typeof Ticket>

/** True time, which the test moves; a device's own clock may be off from it. */
export const time0 = Date.UTC(2026, 2, 2, 8)
export class Time {
  ms = time0
  pass(ms: number): void {
    this.ms += ms
  }
}

export interface DeviceOptions {
  readonly time?: Time
  /** How far the device's wall clock is from true time. */
  readonly offsetMs?: number
  readonly roles?: readonly string[]
  readonly client?: number
  readonly doc?: Y.Doc
  readonly journal?: Journal
  readonly more?: Partial<RecordOptions>
}

export const openOn = <T extends RecordType>(
  type: T,
  author: string,
  { time = new Time(), offsetMs = 0, roles, client, doc = new Y.Doc(), journal, more }: DeviceOptions = {},
): OpenRecord<T> => {
  if (client !== undefined) doc.clientID = client
  return openRecord(type, doc, {
    author,
    clock: createClock({ wall: () => time.ms + offsetMs, monotonic: () => time.ms }),
    ...(roles === undefined ? {} : { me: createMe({ id: author, name: author, roles, claims: {} }) }),
    ...(journal === undefined ? {} : { onWrite: written => journal.note(written) }),
    ...more,
  })
}

export const ticketOf = (author: string, options: DeviceOptions = {}): Ticket =>
  openOn(Ticket, author, options)

interface HasDoc {
  readonly doc: Y.Doc
}

export const send = (from: HasDoc, to: HasDoc): void => {
  Y.applyUpdate(to.doc, Y.encodeStateAsUpdate(from.doc, Y.encodeStateVector(to.doc)))
}

/** Everybody hears everything. */
export const exchange = (...all: readonly HasDoc[]): void => {
  for (const from of all) for (const to of all) if (from !== to) send(from, to)
  for (const from of all) for (const to of all) if (from !== to) send(from, to)
}

/** The record as its machinery sees it, for what the typed face does not offer. */
export const untyped = (record: { readonly doc: Y.Doc }): RecordOnDoc => record as unknown as RecordOnDoc

export const cellsAt = (record: { readonly index: CellIndex }, path: string): readonly LiveCell[] =>
  record.index.at(path)

/** A server that witnesses, retires and caps, with no guard before it. */
export class Server {
  readonly doc = new Y.Doc()
  readonly index: CellIndex
  readonly #type: RecordType
  readonly #clock = createClock({ wall: () => time0, monotonic: () => time0 })
  #change: CellChange | null = null
  #commit = 0

  constructor(type: RecordType = Ticket) {
    this.#type = type
    this.index = new CellIndex(this.doc)
    this.index.start(change => {
      this.#change = change
    })
  }

  /** One commit over what each of them has to say; they do not hear of it before `exchange`. */
  commit(...from: readonly HasDoc[]): readonly Lost[] {
    const writes: AcceptedWrite[] = []
    for (const { doc } of from) {
      this.#change = null
      Y.applyUpdate(this.doc, Y.encodeStateAsUpdate(doc, Y.encodeStateVector(this.doc)))
      // Set by the listener within applyUpdate, which the compiler cannot see.
      const change = this.#change as CellChange | null
      if (change !== null) writes.push({ added: change.added, deleted: change.removed })
    }
    const { pushes, victims, lost } = settleTurn(this.#type, this.index, writes, ++this.#commit)
    this.doc.transact(transaction => {
      const contents = pushes.map(({ path, value }) => [path, value, this.#clock.next(), SERVER_AUTHOR])
      this.index.replace(transaction, contents, [
        ...pushes.flatMap(({ path }) => this.index.at(path)),
        ...victims,
      ])
    })
    return lost
  }
}
