// A record as the application holds it: one object for as long as anybody has it open, whatever doc is beneath.

import type * as Y from 'yjs'
import { msToStamp } from '../../shared/record/clock.ts'
import { authorOf, eventsOf } from '../event/record-events.ts'
import type { HappenedTo } from '../event/event-bus.ts'
import type {
  ActionsOf,
  AnyView,
  ArgsOf,
  FieldsOf,
  Patch,
  RecordType,
  ViewOf,
} from '../../shared/record/define-record.ts'
import type { OpenRecord } from '../../shared/record/open-record.ts'
import type { ActionState, FieldValue, RecordConflict } from '../../shared/record/record.ts'
import { RecordError } from '../../shared/record/record-error.ts'
import type { UndoResult } from '../../shared/record/undo.ts'
import type { Value } from '../../shared/record/value.ts'
import { errorCodes, isErrorCode } from '../../shared/wire/error-codes.ts'
import type { Refused } from '../../shared/wire/sync-message.ts'
import type { ChannelEnd } from '../link/carrier.ts'
import { LocalStoreError, type LocalWrite } from '../local/local-store.ts'
import {
  freshHead,
  readGeneration,
  readHead,
  readRecord,
  type RecordHead,
  removeGeneration,
  removeRecord,
  type StoredRecord,
} from '../local/record-store.ts'
import type { Edit, SaveState } from './edit-ledger.ts'
import { collectFrom, handledAfter, heldClocks, putBackOn, type Refusal, sortOut } from './fresh-start.ts'
import { type DigestItem, toldPaths, valueIn } from '../offline/digest.ts'
import { type Person, RecordPresence } from './presence.ts'
import { Replica, type ReplicaChange } from './replica.ts'
import type { Tray, TrayContent } from './tray.ts'
import type { Workplace } from './workplace.ts'

export interface Trouble {
  readonly code: string
  readonly sentence: string
}

export type RecordState = 'loading' | 'ready' | 'absent' | 'unavailable' | 'forbidden' | 'purged' | 'error'

export interface RecordStatus {
  readonly save: SaveState
  readonly pending: number
  readonly readOnly: boolean
  /** Changes arrive at once. */
  readonly live: boolean
  readonly asOf: number | null
}

export interface LiveField {
  readonly path: string
  readonly value: unknown
  readonly save: SaveState
  readonly refusal: Trouble | null
  readonly by: string | null
  readonly at: number | null
  readonly tentative: boolean
  /** A `review` value that waits for a person to pick. */
  readonly open: boolean
  readonly conflict: readonly FieldValue[]
  readonly people: readonly Person[]
}

type Handles<T extends RecordType> = Pick<OpenRecord<T>, 'list' | 'log' | 'counter' | 'union' | 'text'>

export interface LiveRecord<T extends RecordType = RecordType> extends Handles<T> {
  readonly type: T
  readonly id: string
  readonly room: string
  readonly state: RecordState
  readonly error: Trouble | null
  /** Undefined unless ready. */
  readonly view: ViewOf<T> | undefined
  readonly status: RecordStatus
  readonly conflicts: readonly RecordConflict[]
  readonly updated: { readonly by: string; readonly at: number } | null
  readonly presence: RecordPresence
  /** Changes when the doc beneath does; what is bound to a `Y.Text` binds anew. */
  readonly generation: number
  readonly actions: readonly ActionState[]
  readonly canUndo: boolean
  readonly canRedo: boolean
  field(path: string): LiveField
  set(patch: Patch<FieldsOf<T>>): void
  write(path: string, value: Value): void
  settle(path: string, value: Value): void
  act<K extends keyof ActionsOf<T> & string>(name: K, args?: Partial<ArgsOfAction<ActionsOf<T>[K]>>): string
  action(id: string): ActionState | null
  remove(): void
  restore(path?: string): void
  undo(): UndoResult | null
  redo(): UndoResult | null
  subscribe(path: string, tell: () => void): () => void
  whenReady(): Promise<void>
  /** It is what the server has, and on the device; also settled when that cannot be. */
  whenCurrent(): Promise<void>
  whenSaved(): Promise<void>
  close(): void
}

type ArgsOfAction<A> = A extends Parameters<typeof argsOf>[0] ? ArgsOf<A> : never
declare const argsOf: <A extends { readonly [name: string]: never }>(args: A) => void

/** What the desk has to do with a record besides handing it out. */
export interface RecordKeeper {
  readonly tray: Tray
  /** Whether a server can be expected to answer. */
  isReachable(): boolean
  changed(record: RecordOnDesk, change: ReplicaChange): void
  statusChanged(record: RecordOnDesk): void
  /** What others did while the server was away. */
  digested(items: readonly DigestItem[]): void
  /** Whether anybody listens to events. */
  isWatching(): boolean
  happened(event: HappenedTo): void
  released(record: RecordOnDesk): void
}

interface Subscriber {
  readonly path: string
  readonly tell: () => void
}

export class RecordOnDesk {
  readonly type: RecordType
  readonly id: string
  readonly room: string
  readonly presence: RecordPresence
  readonly #workplaceNow: () => Workplace
  readonly #keeper: RecordKeeper
  readonly #subscribers = new Set<Subscriber>()
  #replica: Replica | null = null
  #end: { readonly state: RecordState; readonly trouble: Trouble } | null = null
  #generation = 0
  #status: RecordStatus = CLEAN
  #waiting: (() => void)[] = []
  #refusals: Refusal[] | null = null
  #restarting: Promise<void> | null = null
  #isClosed = false
  #isStarted = false
  /** The view before the next change; null where nobody listens, or there was none. */
  #before: AnyView | null = null
  #away: AnyView | null = null

  constructor(type: RecordType, id: string, workplace: () => Workplace, keeper: RecordKeeper) {
    this.type = type
    this.id = id
    this.room = `${type.name}:${id}`
    this.#workplaceNow = workplace
    this.#keeper = keeper
    this.presence = new RecordPresence()
  }

  /** A record may be asked for before it is known who asks. */
  get #workplace(): Workplace {
    return this.#workplaceNow()
  }

  /** Reads what the device holds, then opens the channel. A record just made up has nothing to read. */
  async start(isNew: boolean): Promise<void> {
    if (this.#isStarted) return
    this.#isStarted = true
    if (isNew) {
      this.#begin({ head: freshHead(this.room, this.#workplace.clock.now()), updates: [], ledgers: [] })
      return
    }
    const stored = await this.#read()
    if (!this.#isClosed) this.#begin(stored)
  }

  async #read(): Promise<StoredRecord> {
    const { store, clock } = this.#workplace
    const empty: StoredRecord = { head: freshHead(this.room, clock.now()), updates: [], ledgers: [] }
    try {
      return (await readRecord(store, this.room)) ?? empty
    } catch (error) {
      if (error instanceof LocalStoreError) this.#workplace.storageFailed(error.trouble)
      else throw error
      return empty
    }
  }

  #begin(stored: StoredRecord): void {
    const replica = this.#replicaOf(stored)
    this.#enter(replica)
    replica.connect()
  }

  #replicaOf(stored: StoredRecord): Replica {
    const replica: Replica = new Replica(this.type, this.id, this.#workplace, stored, {
      changed: change => {
        if (this.#replica === replica) this.#changed(change)
      },
      statusChanged: () => {
        if (this.#replica === replica) this.#statusChanged()
        else this.#wakeWaiting()
      },
      refused: (refused, edits) => this.#refused(replica, refused, edits),
      outdated: () => this.#restart(replica, null),
      channelEnded: end => this.#channelEnded(replica, end),
      overtaken: () => this.#restart(replica, null),
    })
    return replica
  }

  #enter(replica: Replica): void {
    this.#replica = replica
    replica.start()
    this.presence.attach(replica.awareness, this.#workplace.me.id, this.#workplace.surroundings)
    this.#generation++
    this.#changed({ paths: ALL_PATHS, from: 'others' })
    this.#statusChanged()
  }

  get replica(): Replica | null {
    return this.#replica
  }

  get state(): RecordState {
    if (this.#end !== null && this.#end.state !== 'error') return this.#end.state
    const replica = this.#replica
    if (replica?.hasContent === true) return 'ready'
    if (this.#end !== null) return this.#end.state
    if (replica === null) return 'loading'
    if (replica.isSynced) return 'absent'
    return this.#keeper.isReachable() ? 'loading' : 'unavailable'
  }

  get error(): Trouble | null {
    if (this.#end !== null) return this.#end.trouble
    return this.state === 'unavailable' ? UNAVAILABLE : null
  }

  get view(): unknown {
    return this.state === 'ready' ? this.#replica?.record.view : undefined
  }

  get generation(): number {
    return this.#generation
  }

  get status(): RecordStatus {
    const replica = this.#replica
    const pending = replica?.ledger.unsaved ?? 0
    const refused = this.#keeper.tray.refusedIn(this.room)
    const next: RecordStatus = {
      save: pending > 0 ? (replica?.ledger.stateOf('') ?? 'saved') : refused > 0 ? 'refused' : 'saved',
      pending,
      readOnly: replica?.standing?.readOnly ?? false,
      live: replica?.isLive ?? false,
      asOf: replica?.isLive === true ? this.#liveAsOf() : (replica?.head.asOf ?? null),
    }
    if (!isSameStatus(next, this.#status)) this.#status = next
    return this.#status
  }

  /** What is live is true now; the minute is near enough, and does not draw the screen anew all the time. */
  #liveAsOf(): number {
    return Math.floor(this.#workplace.clock.now() / 60_000) * 60_000
  }

  get conflicts(): readonly RecordConflict[] {
    return this.#replica?.record.conflicts ?? []
  }

  get updated(): { readonly by: string; readonly at: number } | null {
    return this.#replica?.record.updated ?? null
  }

  get actions(): readonly ActionState[] {
    return this.#replica?.record.actions ?? []
  }

  get canUndo(): boolean {
    return this.#replica?.record.canUndo ?? false
  }

  get canRedo(): boolean {
    return this.#replica?.record.canRedo ?? false
  }

  field(path: string): LiveField {
    const replica = this.#replica
    const people = this.presence.in(path)
    const refusal = this.#keeper.tray.refusalAt(this.room, path)
    if (replica === null) return { ...EMPTY_FIELD, path, people }
    const { value, by, at, tentative, open, conflict } = replica.record.field(path)
    const state = replica.ledger.stateOf(path)
    return {
      path,
      value,
      save: state === 'saved' && refusal !== null ? 'refused' : state,
      refusal: refusal === null ? null : { code: refusal.code, sentence: refusal.sentence },
      by,
      at,
      tentative,
      open,
      conflict,
      people,
    }
  }

  set(patch: { readonly [field: string]: Value | undefined }): void {
    this.#writable().set(patch)
  }

  write(path: string, value: Value): void {
    this.#writable().write(path, value)
  }

  settle(path: string, value: Value): void {
    this.#writable().settle(path, value)
  }

  list(name: string): unknown {
    return this.#writable().list(name)
  }

  log(name: string): unknown {
    return this.#writable().log(name)
  }

  counter(name: string): unknown {
    return this.#writable().counter(name)
  }

  union(name: string): unknown {
    return this.#writable().union(name)
  }

  text(name: string): Y.Text {
    return this.#writable().text(name)
  }

  act(name: string, args: { readonly [key: string]: Value } = {}): string {
    return this.#writable().act(name, args)
  }

  action(id: string): ActionState | null {
    return this.#replica?.record.action(id) ?? null
  }

  remove(): void {
    this.#writable().remove()
  }

  restore(path?: string): void {
    this.#writable().restore(path)
  }

  undo(): UndoResult | null {
    return this.#writable().undo()
  }

  redo(): UndoResult | null {
    return this.#writable().redo()
  }

  readonly subscribe = (path: string, tell: () => void): (() => void) => {
    const subscriber = { path, tell }
    this.#subscribers.add(subscriber)
    return () => {
      this.#subscribers.delete(subscriber)
    }
  }

  whenReady(): Promise<void> {
    return this.#until(() => this.state !== 'loading' || this.#isClosed)
  }

  async whenCurrent(): Promise<void> {
    await this.#until(
      () =>
        this.#isClosed ||
        this.#end !== null ||
        (this.#restarting === null && this.#replica?.isSynced === true),
    )
    await this.#replica?.flush()
  }

  async whenSaved(): Promise<void> {
    const refusedBefore = this.#keeper.tray.refusedIn(this.room)
    await this.#until(
      () =>
        this.#isClosed ||
        this.#keeper.tray.refusedIn(this.room) > refusedBefore ||
        (this.#restarting === null && this.#replica !== null && this.#replica.ledger.isEmpty),
    )
    const refusal = this.#keeper.tray.refusalAt(this.room, '')
    if (this.#keeper.tray.refusedIn(this.room) > refusedBefore && refusal !== null) {
      const code = isErrorCode(refusal.code) ? refusal.code : 'WRITE_REFUSED'
      throw new RecordError([{ code, path: refusal.path, sentence: refusal.sentence }])
    }
  }

  close(): void {
    this.#keeper.released(this)
  }

  /** By the desk, when nobody has it open any more and nothing of it is unsaved. */
  async shut(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#wakeWaiting()
    this.presence.close()
    await this.#replica?.close()
    this.#subscribers.clear()
  }

  /** Carrier or storage changed: what state says may be something else now. */
  surroundingsChanged(): void {
    this.#statusChanged()
  }

  /** Nothing of it is unsaved, and nothing is being done to it. */
  get isSettled(): boolean {
    return (
      this.#restarting === null && (this.#replica === null ? this.#isStarted : this.#replica.ledger.isEmpty)
    )
  }

  /** From the tray, written as of now. */
  putBack(content: TrayContent): void {
    const replica = this.#replica
    this.#writable()
    if (replica === null) return
    const unsent =
      'cell' in content ? { cells: [content.cell], texts: [] } : { cells: [], texts: [content.text] }
    const { unplaced } = putBackOn(replica, unsent, 0)
    const [first] = unplaced
    if (first !== undefined)
      throw new RecordError([{ code: 'WRONG_STATE', path: first.cell.path, sentence: first.why }])
  }

  #writable(): Replica['record'] {
    const replica = this.#replica
    if (replica === null || this.#isClosed || (this.#end !== null && this.#end.state !== 'error')) {
      throw new RecordError([
        {
          code: 'READ_ONLY',
          path: '',
          sentence: this.#end?.trouble.sentence ?? 'The record is still loading: try again in a moment.',
        },
      ])
    }
    return replica.record
  }

  /** From now on it is known what stood there before a change. */
  watch(): void {
    this.#before ??= this.#viewNow
  }

  get #viewNow(): AnyView | null {
    return this.#replica?.hasContent === true ? this.#replica.record.view : null
  }

  #happened({ paths, from }: ReplicaChange): void {
    const before = this.#before
    const replica = this.#replica
    if (replica === null || !this.#keeper.isWatching()) {
      this.#before = null
      return
    }
    const after = replica.record.view
    this.#before = after
    // What a record is opened with did not happen now. An empty one that one writes oneself is being created.
    const isNew = from === 'here' || replica.isSynced
    const start = before ?? (isNew ? { ...EMPTY_VIEW, id: this.id } : null)
    if (start === null || paths === ALL_PATHS) return
    const by = from === 'here' ? this.#workplace.me.id : (authorOf(replica.record.index, paths) ?? '')
    const at = this.#workplace.clock.now()
    // What another tab wrote may come by way of the server first.
    const isOwnElsewhere = from === 'others' && by === this.#workplace.me.id
    const origin = isOwnElsewhere ? 'tab' : from
    for (const event of eventsOf({
      type: this.type,
      id: this.id,
      before: start,
      after,
      paths,
      by,
      at,
      from: origin,
    })) {
      this.#keeper.happened(event)
    }
  }

  /** While the server is away, or being caught up with: how the record read before others’ changes come in. */
  #noteAway({ paths, from }: ReplicaChange): void {
    const replica = this.#replica
    if (replica === null || replica.isSynced) return
    const before = this.#away
    const after = this.#viewNow
    this.#away = after
    if (from !== 'others' || before === null || after === null || paths === ALL_PATHS) return
    const me = this.#workplace.me.id
    const mine = new Set(replica.ledger.edits.flatMap(edit => [...edit.paths]))
    const at = this.#workplace.clock.now()
    const items: DigestItem[] = []
    for (const path of toldPaths(paths, before, after)) {
      const by =
        authorOf(replica.record.index, new Set([...paths].filter(one => isTouched(path, new Set([one]))))) ??
        ''
      const isMine = mine.has(path)
      if (by === me && !isMine) continue
      items.push({
        room: this.room,
        path,
        before: valueIn(before, path),
        after: valueIn(after, path),
        by,
        at,
        outcome: isMine ? 'mine lost' : 'changed',
      })
    }
    // What others wrote, and did not get the better of what was written here, changes nothing that is shown.
    for (const path of mine) {
      if (!paths.has(path) || items.some(item => item.path === path)) continue
      const loser =
        replica.record.index.at(path).length < 2 ? undefined : replica.record.field(path).conflict[0]
      if (loser !== undefined && loser.by !== me) {
        items.push({
          room: this.room,
          path,
          before: loser.value,
          after: valueIn(after, path),
          by: loser.by,
          at,
          outcome: 'mine won',
        })
      }
    }
    this.#keeper.digested(items)
  }

  #changed(change: ReplicaChange): void {
    this.#noteAway(change)
    this.#happened(change)
    this.#keeper.changed(this, change)
    for (const subscriber of [...this.#subscribers]) {
      if (!this.#subscribers.has(subscriber)) continue
      if (subscriber.path === '' || change.paths === ALL_PATHS || isTouched(subscriber.path, change.paths))
        subscriber.tell()
    }
    this.#wakeWaiting()
  }

  #statusChanged(): void {
    // From the moment that the server goes, what stands here is what was seen last.
    if (this.#replica?.isSynced === true) this.#away = null
    else this.#away ??= this.#viewNow
    this.#keeper.statusChanged(this)
    // Where an edit is on its way concerns every field that it touched, and they are few.
    for (const subscriber of [...this.#subscribers]) if (this.#subscribers.has(subscriber)) subscriber.tell()
    this.#wakeWaiting()
  }

  #until(holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve()
    return new Promise(done => {
      const look = (): void => {
        if (holds()) done()
        else this.#waiting.push(look)
      }
      this.#waiting.push(look)
    })
  }

  #wakeWaiting(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const look of waiting) look()
  }

  #channelEnded(replica: Replica, end: ChannelEnd): void {
    if (this.#isClosed || (this.#replica !== replica && this.#restarting === null)) return
    switch (end.code) {
      case 'EPOCH_CHANGED':
      case 'CLIENT_ID_SPENT':
      case 'NOT_OWNER':
        this.#restart(replica, null)
        return
      case 'FORBIDDEN':
      case 'READ_ENDED':
        void this.#leave('forbidden', end)
        return
      case 'PURGED':
        void this.#leave('purged', end)
        return
      default: {
        if (end.willRetry) break
        const entry = isErrorCode(end.code) ? errorCodes[end.code] : null
        // A refused write that the server answers by closing, as it does to stock clients.
        if (entry?.close === 4405) {
          this.#refused(
            replica,
            { number: 0, code: end.code, paths: [], sentence: end.sentence, spent: [] },
            replica.ledger.edits,
          )
          return
        }
        this.#end = { state: end.code === 'NO_SUCH_RECORD' ? 'absent' : 'error', trouble: end }
      }
    }
    this.#statusChanged()
  }

  /** What may not be read any more does not stay on the device; what was not sent yet goes to the tray. */
  async #leave(state: 'forbidden' | 'purged', end: ChannelEnd): Promise<void> {
    this.#end = { state, trouble: { code: end.code, sentence: end.sentence } }
    const replica = this.#replica
    this.#replica = null
    if (replica === null) return
    const held = new Map(replica.ownClients.map(client => [client, replica.firstUnsaved(client)]))
    const unsent = collectFrom(replica, null, held)
    const contents: TrayContent[] = [
      ...unsent.cells.map(cell => ({ cell })),
      ...unsent.texts.map(text => ({ text })),
    ]
    const writes = this.#keeper.tray.add(this.room, contents, end, this.#workplace.clock.now())
    await replica.close()
    await this.#commit([...writes, ...removeRecord(this.room)])
    this.#statusChanged()
    this.#changed({ paths: ALL_PATHS, from: 'others' })
  }

  #refused(replica: Replica, refused: Refused, edits: readonly Edit[]): void {
    this.#restart(replica, { refused, edits })
  }

  #restart(replica: Replica, refusal: Refusal | null): void {
    if (this.#isClosed) return
    if (refusal !== null) this.#refusals = [...(this.#refusals ?? []), refusal]
    if (this.#restarting !== null || (replica !== this.#replica && this.#replica !== null)) return
    this.#restarting = this.#startAfresh(replica)
      .catch((error: unknown) => {
        this.#end = {
          state: 'error',
          trouble: { code: 'INTERNAL', sentence: error instanceof Error ? error.message : String(error) },
        }
      })
      .finally(() => {
        this.#restarting = null
        this.#statusChanged()
      })
  }

  /** See DESIGN: the server's state under a new client id, one's own unsent edits put back, one tab at a time. */
  async #startAfresh(old: Replica): Promise<void> {
    const { surroundings, owner, store } = this.#workplace
    old.disconnect()
    await surroundings.locks.request(`corecord fresh start ${owner} ${this.room}`, async () => {
      await old.flush()
      const head = await readHead(store, this.room).catch(() => null)
      const isOvertaken = head !== null && head.generation > old.head.generation
      const next = isOvertaken ? await this.#nextFromStore(old, head) : await this.#nextFromServer(old)
      if (next === null || this.#isClosed) {
        next?.disconnect()
        return
      }
      // From here on nothing may wait until the swap: what a person writes meanwhile must be in one or the other.
      const refusals = this.#refusals ?? []
      this.#refusals = null
      const handled = isOvertaken ? head.handled : old.head.handled
      const unsent = collectFrom(old, next, heldClocks(old, next, { handled, held: next.heldBefore }))
      const { back, toTray } = sortOut(unsent, refusals)
      this.#enter(next)
      this.#keeper.digested(
        toTray.flatMap(({ contents }) => contents.map(content => this.#refusedItem(content, next))),
      )
      const isClock = refusals.some(({ refused }) => refused.code === 'CLOCK_AHEAD')
      const { unplaced } = putBackOn(next, back, isClock ? msToStamp(this.#workplace.clock.now()) : null)
      const now = this.#workplace.clock.now()
      const writes: LocalWrite[] = toTray.flatMap(({ contents, refusal }) =>
        this.#keeper.tray.add(this.room, contents, refusal, now),
      )
      for (const { cell, why } of unplaced) {
        writes.push(
          ...this.#keeper.tray.add(this.room, [{ cell }], { code: 'WRONG_STATE', sentence: why }, now),
        )
      }
      const nextHead: RecordHead = {
        ...next.head,
        generation: isOvertaken ? next.head.generation : old.head.generation + 1,
        handled: isOvertaken ? handledAfter(old, head.handled) : handledAfter(old, old.head.handled),
      }
      const seq = next.ledger.lastSeq
      const isKept = await this.#commit([
        ...(isOvertaken ? [] : removeGeneration(this.room, old.head.generation)),
        ...next.wholeState(nextHead),
        ...writes,
      ])
      if (isKept) next.wasKept(seq)
      old.tabs?.overtake()
      if (isOvertaken) next.connect()
      else next.release()
      await old.close({ keep: false })
    })
  }

  #refusedItem(content: TrayContent, next: Replica): DigestItem {
    const path = 'cell' in content ? content.cell.path : content.text.field
    const value = 'cell' in content ? content.cell.value : null
    const after = next.hasContent ? valueIn(next.record.view, path) : null
    return {
      room: this.room,
      path,
      before: value,
      after,
      by: this.#workplace.me.id,
      at: this.#workplace.clock.now(),
      outcome: 'refused',
    }
  }

  async #nextFromStore(_: Replica, head: RecordHead): Promise<Replica> {
    const stored = await readGeneration(this.#workplace.store, head)
    return this.#replicaOf(stored)
  }

  async #nextFromServer(old: Replica): Promise<Replica | null> {
    const { store } = this.#workplace
    const stored = await readGeneration(store, old.head).catch(() => null)
    if (stored !== null) {
      old.mergeStored(stored.updates)
      old.adopt(stored.ledgers)
    }
    const next = this.#replicaOf({
      head: { ...old.head, epoch: '', generation: old.head.generation + 1, commit: 0 },
      updates: [],
      ledgers: [],
    })
    next.connect({ hold: true, askWith: old.head.epoch })
    await this.#until(() => next.isSynced || this.#isClosed || this.#end !== null)
    if (this.#end === null) return next
    await next.close({ keep: false })
    return null
  }

  async #commit(writes: readonly LocalWrite[]): Promise<boolean> {
    try {
      await this.#workplace.store.commit(writes)
      return true
    } catch (error) {
      if (!(error instanceof LocalStoreError)) throw error
      this.#workplace.storageFailed(error.trouble)
      return false
    }
  }
}

const EMPTY_VIEW: AnyView = { id: '', created: null, createdBy: '', removed: false }

/** Stands for «everything may be different». */
const ALL_PATHS: ReadonlySet<string> = new Set([''])

const CLEAN: RecordStatus = { save: 'saved', pending: 0, readOnly: false, live: false, asOf: null }

const UNAVAILABLE: Trouble = {
  code: 'UNAVAILABLE',
  sentence: 'This is not on the device: it is shown as soon as there is a connection.',
}

const EMPTY_FIELD: LiveField = {
  path: '',
  value: undefined,
  save: 'saved',
  refusal: null,
  by: null,
  at: null,
  tentative: false,
  open: false,
  conflict: [],
  people: [],
}

const isSameStatus = (a: RecordStatus, b: RecordStatus): boolean =>
  a.save === b.save &&
  a.pending === b.pending &&
  a.readOnly === b.readOnly &&
  a.live === b.live &&
  a.asOf === b.asOf

const isTouched = (path: string, touched: ReadonlySet<string>): boolean => {
  for (const one of touched) {
    if (one === path || one === '' || one.startsWith(`${path}/`) || path.startsWith(`${one}/`)) return true
  }
  return false
}
