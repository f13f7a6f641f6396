// A live record, and what becomes of it: read from the device, brought up to date, refused, begun afresh, taken away.

import type * as Y from 'yjs'
import type { RecordType } from '../../shared/record/define-record.ts'
import type { ActionState, RecordConflict } from '../../shared/record/record.ts'
import { RecordError } from '../../shared/record/record-error.ts'
import type { UndoResult } from '../../shared/record/undo.ts'
import type { Value } from '../../shared/record/value.ts'
import { errorCodes, isErrorCode } from '../../shared/wire/error-codes.ts'
import type { HappenedTo } from '../event/event-bus.ts'
import type { ChannelEnd } from '../link/carrier.ts'
import { LocalStoreError } from '../local/local-store.ts'
import { freshHead, readRecord, removeRecord, type StoredRecord } from '../local/record-store.ts'
import { type DigestItem, valueIn } from '../offline/digest.ts'
import { collectFrom, commit, contentsOf, putBackOn, type Refusal, startAfresh } from './fresh-start.ts'
import type { LiveField, RecordState, RecordStatus, Trouble } from './live-record.ts'
import { RecordPresence } from './presence.ts'
import { RecordChanges } from './record-changes.ts'
import { Replica, type ReplicaChange } from './replica.ts'
import { ALL_PATHS, isTouched } from './touched-paths.ts'
import type { Tray, TrayContent } from './tray.ts'
import type { Workplace } from './workplace.ts'

/** What the desk has to do with a record besides handing it out. */
export interface RecordKeeper {
  readonly tray: Tray
  /** Whether a server can be expected to answer. */
  isReachable(): boolean
  changed(record: RecordOnDesk): void
  /** Whether anybody listens to events. */
  isWatching(): boolean
  happened(event: HappenedTo): void
  /** What others did while the server was away. */
  digested(items: readonly DigestItem[]): void
  released(record: RecordOnDesk): void
}

interface Subscriber {
  readonly path: string
  readonly tell: () => void
}

/** Before it is tried again to get a room's state: the server has just been loading it anew. */
const TRY_AGAIN_MS = 1_000

export class RecordOnDesk {
  readonly type: RecordType
  readonly id: string
  readonly room: string
  readonly presence = new RecordPresence()
  readonly #workplaceNow: () => Workplace
  readonly #keeper: RecordKeeper
  readonly #changes: RecordChanges
  readonly #subscribers = new Set<Subscriber>()
  #replica: Replica | null = null
  /** One that is being brought up to date, to take the other's place. */
  #candidate: { readonly replica: Replica; hasFailed: boolean } | null = null
  #end: { readonly state: RecordState; readonly trouble: Trouble } | null = null
  #generation = 0
  #status: RecordStatus = CLEAN
  #waiting: (() => void)[] = []
  #refusals: Refusal[] = []
  #restarting: Promise<void> | null = null
  #leaving: Replica | null = null
  #mustRestart = false
  #isStarted = false
  #isClosed = false

  constructor(type: RecordType, id: string, workplace: () => Workplace, keeper: RecordKeeper) {
    this.type = type
    this.id = id
    this.room = `${type.name}:${id}`
    this.#workplaceNow = workplace
    this.#keeper = keeper
    this.#changes = new RecordChanges({
      type,
      id,
      me: () => this.#workplace.me.id,
      now: () => this.#workplace.clock.now(),
      isWatching: () => keeper.isWatching(),
      happened: event => keeper.happened(event),
      digested: items => keeper.digested(items),
    })
  }

  /** Reads what the device holds, then opens the channel. A record just made up has nothing to read. */
  async start(isNew: boolean): Promise<void> {
    if (this.#isStarted) return
    this.#isStarted = true
    const nothing: StoredRecord = {
      head: freshHead(this.room, this.#workplace.clock.now()),
      updates: [],
      ledgers: [],
    }
    const stored = isNew ? nothing : ((await this.#read()) ?? nothing)
    if (this.#isClosed) return
    const replica = this.#makeReplica(stored)
    this.#enter(replica)
    replica.connect()
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

  /** A new object when something in it changed. */
  get status(): RecordStatus {
    const replica = this.#replica
    const pending = replica?.ledger.unsaved ?? 0
    const isRefused = this.#keeper.tray.refusedIn(this.room) > 0
    const live = replica?.isSynced ?? false
    const next: RecordStatus = {
      save: pending > 0 ? (replica?.ledger.stateOf('') ?? 'saved') : isRefused ? 'refused' : 'saved',
      pending,
      readOnly: replica?.channel.standing?.readOnly ?? false,
      live,
      // What is live is true now; the minute is near enough, and does not draw the screen anew all the time.
      asOf: live ? Math.floor(this.#workplace.clock.now() / 60_000) * 60_000 : (replica?.head.asOf ?? null),
    }
    if (!isSameStatus(next, this.#status)) this.#status = next
    return this.#status
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

  /** Nothing of it is unsaved, and nothing is being done to it. */
  get isSettled(): boolean {
    if (this.#restarting !== null) return false
    return this.#replica === null ? this.#isStarted : this.#replica.ledger.isEmpty
  }

  field(path: string): LiveField {
    const replica = this.#replica
    const people = this.presence.in(path)
    if (replica === null) return { ...EMPTY_FIELD, path, people }
    const { value, by, at, tentative, open, conflict } = replica.record.field(path)
    const state = replica.ledger.stateOf(path)
    const refusal = this.#keeper.tray.refusalAt(this.room, path)
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
    return this.#until(() => this.state !== 'loading')
  }

  async whenCurrent(): Promise<void> {
    await this.#until(
      () => this.#end !== null || (this.#restarting === null && this.#replica?.isSynced === true),
    )
    await this.#replica?.flush()
  }

  async whenSaved(): Promise<void> {
    const { tray } = this.#keeper
    const refusedBefore = tray.refusedIn(this.room)
    await this.#until(
      () =>
        tray.refusedIn(this.room) > refusedBefore ||
        (this.#restarting === null && this.#replica?.ledger.isEmpty === true),
    )
    const refusal = tray.refusalAt(this.room, '')
    if (tray.refusedIn(this.room) <= refusedBefore || refusal === null) return
    const code = isErrorCode(refusal.code) ? refusal.code : 'WRITE_REFUSED'
    throw new RecordError([{ code, path: refusal.path, sentence: refusal.sentence }])
  }

  /** Gives one reference back. */
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

  /** The carrier came or went: what the state says may be something else now. */
  surroundingsChanged(): void {
    this.#statusChanged()
  }

  /** Somebody begins to listen to events. */
  watch(): void {
    this.#changes.watch(this.#replica)
  }

  /** From the tray, written as of now. */
  putBack(content: TrayContent): void {
    this.#writable()
    if (this.#replica === null) return
    const unsent =
      'cell' in content ? { cells: [content.cell], texts: [] } : { cells: [], texts: [content.text] }
    const [unplaced] = putBackOn(this.#replica, unsent, 0).unplaced
    if (unplaced === undefined) return
    throw new RecordError([{ code: 'WRONG_STATE', path: unplaced.cell.path, sentence: unplaced.why }])
  }

  /** A record may be asked for before it is known who asks. */
  get #workplace(): Workplace {
    return this.#workplaceNow()
  }

  async #read(): Promise<StoredRecord | null> {
    try {
      return await readRecord(this.#workplace.store, this.room)
    } catch (error) {
      if (!(error instanceof LocalStoreError)) throw error
      this.#workplace.storageFailed(error.trouble)
      return null
    }
  }

  #makeReplica(stored: StoredRecord): Replica {
    const replica: Replica = new Replica(this.type, this.id, this.#workplace, stored, {
      changed: change => {
        if (this.#replica === replica) this.#changed(replica, change)
      },
      statusChanged: () => {
        if (this.#replica === replica) this.#statusChanged()
        else this.#wakeWaiting()
      },
      refused: (refused, edits) => this.#restart(replica, { refused, edits }),
      outdated: () => this.#restart(replica, null),
      overtaken: () => this.#restart(replica, null),
      channelEnded: end => this.#channelEnded(replica, end),
    })
    return replica
  }

  #enter(replica: Replica): void {
    this.#replica = replica
    this.#candidate = null
    replica.start()
    this.presence.attach(replica.channel.awareness, this.#workplace.me.id, this.#workplace.surroundings)
    this.#generation++
    this.#changed(replica, { paths: ALL_PATHS, from: 'others' })
    this.#statusChanged()
  }

  #writable(): Replica['record'] {
    const isEnded = this.#end !== null && this.#end.state !== 'error'
    if (this.#replica !== null && !this.#isClosed && !isEnded) return this.#replica.record
    const sentence = this.#end?.trouble.sentence ?? 'The record is still loading: try again in a moment.'
    throw new RecordError([{ code: 'READ_ONLY', path: '', sentence }])
  }

  #changed(replica: Replica, change: ReplicaChange): void {
    this.#changes.changed(replica, change)
    this.#keeper.changed(this)
    this.#tell(change.paths)
  }

  #statusChanged(): void {
    this.#changes.statusChanged(this.#replica)
    this.#keeper.changed(this)
    // Where an edit is on its way concerns every field that it touched, and they are few.
    this.#tell(ALL_PATHS)
  }

  #tell(paths: ReadonlySet<string>): void {
    for (const subscriber of [...this.#subscribers]) {
      if (this.#subscribers.has(subscriber) && isTouched(subscriber.path, paths)) subscriber.tell()
    }
    this.#wakeWaiting()
  }

  /** Also when it is closed meanwhile. */
  #until(holds: () => boolean): Promise<void> {
    return new Promise(done => {
      const look = (): void => {
        if (this.#isClosed || holds()) done()
        else this.#waiting.push(look)
      }
      look()
    })
  }

  #wakeWaiting(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const look of waiting) look()
  }

  #channelEnded(replica: Replica, end: ChannelEnd): void {
    if (this.#isClosed) return
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
      default:
    }
    if (!end.willRetry) {
      const isRefusal = isErrorCode(end.code) && errorCodes[end.code].close === 4405
      if (isRefusal) {
        // A refused write that the server answers by closing, as it does to stock clients.
        const refused = { number: 0, code: end.code, paths: [], sentence: end.sentence, spent: [] }
        this.#restart(replica, { refused, edits: replica.ledger.edits })
        return
      }
      this.#end = { state: end.code === 'NO_SUCH_RECORD' ? 'absent' : 'error', trouble: end }
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
    const contents = contentsOf(collectFrom(replica, null, held))
    const writes = this.#keeper.tray.add(this.room, contents, end, this.#workplace.clock.now())
    await replica.close({ keep: false })
    await commit(this.#workplace, [...writes, ...removeRecord(this.room)])
    this.#statusChanged()
  }

  #restart(replica: Replica, refusal: Refusal | null): void {
    if (this.#isClosed) return
    if (this.#candidate !== null && replica === this.#candidate.replica) {
      this.#candidate.hasFailed = true
      this.#wakeWaiting()
      return
    }
    if (replica !== this.#replica) return
    if (refusal !== null) this.#refusals.push(refusal)
    if (this.#restarting !== null) {
      // What has taken the place of the one that is being left may have to be left in its turn.
      this.#mustRestart ||= replica !== this.#leaving
      return
    }
    this.#leaving = replica
    this.#restarting = this.#startAfresh(replica)
      .catch((error: unknown) => {
        const sentence = error instanceof Error ? error.message : String(error)
        this.#end = { state: 'error', trouble: { code: 'INTERNAL', sentence } }
      })
      .finally(() => {
        this.#restarting = null
        this.#leaving = null
        const isAgain = this.#mustRestart
        this.#mustRestart = false
        if (isAgain && this.#replica !== null) this.#restart(this.#replica, null)
        this.#statusChanged()
      })
  }

  #startAfresh(old: Replica): Promise<void> {
    return startAfresh(old, {
      room: this.room,
      workplace: this.#workplace,
      tray: this.#keeper.tray,
      make: stored => this.#makeReplica(stored),
      synced: candidate => this.#synced(candidate, old.head.epoch),
      isClosed: () => this.#isClosed || this.#end !== null,
      takeRefusals: () => this.#refusals.splice(0),
      enter: next => this.#enter(next),
      toTray: (contents, next) =>
        this.#keeper.digested(contents.map(content => this.#refusedItem(content, next))),
    })
  }

  /** A room that is loaded anew lets go of its channels once more: then again, for as long as it takes. */
  async #synced(replica: Replica, askWith: string): Promise<boolean> {
    const candidate = { replica, hasFailed: false }
    this.#candidate = candidate
    for (;;) {
      await this.#until(() => replica.isSynced || candidate.hasFailed || this.#end !== null)
      if (this.#isClosed || this.#end !== null) return false
      if (!candidate.hasFailed) return true
      candidate.hasFailed = false
      replica.channel.disconnect()
      await new Promise<void>(done => this.#workplace.surroundings.after(TRY_AGAIN_MS, done))
      replica.forgetEpoch()
      replica.connect({ hold: true, askWith })
    }
  }

  #refusedItem(content: TrayContent, next: Replica): DigestItem {
    const path = 'cell' in content ? content.cell.path : content.text.field
    return {
      room: this.room,
      path,
      before: 'cell' in content ? content.cell.value : null,
      after: next.hasContent ? valueIn(next.record.view, path) : null,
      by: this.#workplace.me.id,
      at: this.#workplace.clock.now(),
      outcome: 'refused',
    }
  }
}

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
