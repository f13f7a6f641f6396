// A record with a past: edits by several people at their times, as they would lie in the store had they been made
// then. The demo begins with these, and not with a thousand notifications about them.

import * as Y from 'yjs'
import { SERVER_AUTHOR } from '../../shared/record/cell.ts'
import { describeChange } from '../../shared/record/change.ts'
import { type Clock, msToStamp, type Stamp } from '../../shared/record/clock.ts'
import type { AnyView, RecordType } from '../../shared/record/record-type.ts'
import { type OpenRecord, openRecord } from '../../shared/record/open-record.ts'
import { splitPath, witnessPath } from '../../shared/record/path.ts'
import { RecordOnDoc } from '../../shared/record/record.ts'
import { rowOf } from '../../shared/record/row.ts'
import { signalsOf, unheard } from '../../shared/record/said-of-change.ts'
import type { Written } from '../../shared/record/writer.ts'
import { referencesIn } from '../blob/blob-paths.ts'
import { referencePut } from '../blob/blob-register.ts'
import { ownMessages } from '../event/compose-events.ts'
import type { EventBody } from '../event/event.ts'
import { toStoredRow } from '../list/stored-row.ts'
import { ServerDoc } from '../room/server-doc.ts'
import type { Random } from '../simulate/random.ts'
import type { RoomChange, ValuePut } from '../store/store.ts'

export interface PastRecordParts {
  readonly random: Random
  /** What people are called. */
  readonly nameOf: (user: string) => string
}

export class PastRecord<T extends RecordType = RecordType> {
  readonly type: T
  readonly id: string
  readonly #parts: PastRecordParts
  readonly #doc = new ServerDoc()
  readonly #records = new Map<string, { readonly record: RecordOnDoc; readonly clientId: number }>()
  readonly #firsts = new Map<string, Written>()
  readonly #events: string[] = []
  readonly #references: ValuePut[] = []
  #written: Written[] = []
  #at = 0
  #createdAt: number | null = null
  #by = ''
  #creator = ''
  #lastStamp: Stamp = 0
  #entries = 0

  constructor(type: T, id: string, parts: PastRecordParts) {
    this.type = type
    this.id = id
    this.#parts = parts
  }

  get room(): string {
    return `${this.type.name}:${this.id}`
  }

  /** What one person did at one time; the times of a record go forward. */
  by(user: string, at: number, edit: (record: OpenRecord<T>) => void): this {
    this.#at = Math.floor(at)
    this.#by = user
    this.#createdAt ??= this.#at
    if (this.#creator === '') this.#creator = user
    const { record, clientId } = this.#recordOf(user)
    this.#doc.clientID = clientId
    const before = this.#createdAt === this.#at && this.#events.length === 0 ? null : record.view
    this.#written = []
    edit(record as unknown as OpenRecord<T>)
    this.#noteEvent(before, record.view)
    return this
  }

  /** The files it refers to, for the register of files. */
  get references(): readonly ValuePut[] {
    return this.#references
  }

  get view(): AnyView {
    return this.#recordOf(this.#by).record.view
  }

  change(epoch: string): RoomChange {
    this.#witness()
    const { record } = this.#recordOf(this.#by)
    const { view } = record
    const owners = [...this.#records].map(([userId, { clientId }]) => ({ clientId, userId }))
    const row = rowOf(this.type, view, { updated: this.#at, updatedBy: this.#by })
    const change: RoomChange = {
      room: this.room,
      type: this.type.name,
      epoch,
      expect: 0,
      at: this.#at,
      by: this.#by,
      created: { at: this.#createdAt ?? this.#at, by: this.#creator },
      updates: [Y.encodeStateAsUpdate(this.#doc)],
      owners,
      row: view.removed ? null : toStoredRow(row),
      state: view.removed ? 'removed' : 'live',
      events: this.#events,
    }
    for (const each of this.#records.values()) each.record.close()
    this.#doc.destroy()
    return change
  }

  #recordOf(user: string): { readonly record: RecordOnDoc; readonly clientId: number } {
    const known = this.#records.get(user)
    if (known !== undefined) return known
    const { random } = this.#parts
    const clientId = 1 + random.below(2 ** 31 - 2)
    this.#doc.clientID = clientId
    const record = new RecordOnDoc(this.type, this.#doc, {
      author: user,
      clock: this.#clock,
      id: this.id,
      newId: () =>
        `${(++this.#entries).toString(36)}${random
          .below(36 ** 4)
          .toString(36)
          .padStart(4, '0')}`,
      onWrite: written => {
        this.#written.push(...written)
        for (const each of written) {
          this.#noteFirst(each)
          this.#noteReferences(each)
        }
      },
    })
    const opened = { record, clientId }
    this.#records.set(user, opened)
    return opened
  }

  readonly #clock: Clock = {
    now: () => this.#at,
    next: () => {
      this.#lastStamp = Math.max(msToStamp(this.#at), this.#lastStamp + 1)
      return this.#lastStamp
    },
    receive: () => {},
    contact: () => {},
    skewMs: null,
  }

  /** What the server would have confirmed long ago. */
  #noteFirst(written: Written): void {
    const [name = '', , part] = splitPath(written.path)
    const field = this.type.fields[name]
    const inEntry = field?.kind === 'list' && part !== undefined ? field.entry[part] : undefined
    const cell = field?.kind === 'cell' ? field : inEntry?.kind === 'cell' ? inEntry : undefined
    if (cell?.policy === 'first') this.#firsts.set(written.path, written)
  }

  #noteReferences({ path, cell }: Written): void {
    for (const { ref } of referencesIn(this.type, path, cell.value))
      this.#references.push(referencePut(ref.hash, { room: this.room, path }))
  }

  #witness(): void {
    const confirmed = [...this.#firsts].filter(([, { cell }]) => cell.value !== null)
    if (confirmed.length === 0) return
    const { clientId } = this.#recordOf(SERVER_AUTHOR)
    this.#doc.clientID = clientId
    const cells = this.#doc.getArray('cells')
    const stamp = this.#clock.next()
    cells.push(
      confirmed.map(([path, { cell }]) => [
        witnessPath(path),
        [[cell.client, cell.clock, 1]],
        stamp,
        SERVER_AUTHOR,
      ]),
    )
    // The server's own id belongs to nobody.
    const own = this.#records.get(SERVER_AUTHOR)
    own?.record.close()
    this.#records.delete(SERVER_AUTHOR)
  }

  #noteEvent(before: AnyView | null, after: AnyView): void {
    const written = this.#written
    const paths = written.map(({ path }) => path)
    const texts = Object.keys(this.type.fields)
      .filter(name => this.type.fields[name]?.kind === 'text' && (before?.[name] ?? '') !== after[name])
      .filter(name => before === null || typeof after[name] === 'string')
      .map(name => ({ field: name, delta: [{ insert: String(after[name] ?? '') }] }))
      .filter(({ delta }) => delta[0]?.insert !== '')
    if (paths.length === 0 && texts.length === 0) return
    const by = this.#by
    const earlier: AnyView = before ?? emptyView(this.type, this.id)
    const signals = signalsOf(
      this.type,
      describeChange(this.type, earlier, after, paths, by, this.#at),
      unheard,
    )
    const body: EventBody = {
      record: this.room,
      type: this.type.name,
      action: signals[0]?.action ?? 'update',
      signals,
      ...ownMessages(this.type, signals, after, unheard),
      by,
      name: this.#parts.nameOf(by),
      at: this.#at,
      commit: 1,
      changes: written.map(({ path, before: from, cell }) => ({ path, from: from ?? null, to: cell.value })),
      ...(texts.length === 0 ? {} : { texts }),
    }
    this.#events.push(JSON.stringify(body))
  }
}

/** What a record shows before anybody has written to it. */
const emptyView = (type: RecordType, id: string): AnyView => {
  const known = emptyViews.get(type)
  if (known !== undefined) return { ...known, id }
  const doc = new Y.Doc()
  const record = openRecord(type, doc, { author: SERVER_AUTHOR, id })
  // Any record's view is an `AnyView`, with its own fields besides.
  const view = record.view as AnyView
  record.close()
  doc.destroy()
  emptyViews.set(type, view)
  return view
}
const emptyViews = new WeakMap<RecordType, AnyView>()
