// A live record as it is handed out: what it shows, what may be done with it, and who is told. What becomes of the
// replica beneath is `record-life.ts`.

import type * as Y from 'yjs'
import type { RecordType } from '../../shared/record/record-type.ts'
import type { ActionState, RecordConflict } from '../../shared/record/record.ts'
import { RecordError } from '../../shared/record/record-error.ts'
import type { PutBack, UnsentContent } from '../../shared/record/rebase.ts'
import type { UndoResult } from '../../shared/record/undo.ts'
import type { Value } from '../../shared/record/value.ts'
import { errorCodes, isErrorCode } from '../../shared/wire/error-codes.ts'
import type { HappenedTo } from '../event/event-bus.ts'
import type { DigestItem } from '../offline/digest.ts'
import { assertListener, tellOne } from '../told.ts'
import { CLOSED } from '../trouble.ts'
import { putBackOn } from './fresh-start.ts'
import type { LiveField, RecordState, RecordStatus, Trouble } from './live-record.ts'
import { RecordPresence } from './presence.ts'
import { RecordChanges } from './record-changes.ts'
import { RecordLife } from './record-life.ts'
import type { Replica, ReplicaChange } from './replica.ts'
import { ALL_PATHS, isTouched } from './touched-paths.ts'
import type { Tray } from './tray.ts'
import { Waiting } from './waiting.ts'
import type { Workplace } from './workplace.ts'
import type { Written } from './written.ts'

/** What the desk has to do with a record besides handing it out. */
export interface RecordKeeper {
  readonly tray: Tray
  /** Whether a server can be expected to answer. */
  isReachable(): boolean
  changed(record: RecordOnDesk): void
  /** Whether anybody listens to events. */
  isWatching(): boolean
  happened(events: readonly HappenedTo[], written: Written): void
  /** What others did while the server was away. */
  digested(items: readonly DigestItem[]): void
}

interface Subscriber {
  readonly path: string
  readonly tell: () => void
}

export class RecordOnDesk {
  readonly type: RecordType
  readonly id: string
  readonly room: string
  readonly presence = new RecordPresence()
  readonly #workplaceNow: () => Workplace
  readonly #keeper: RecordKeeper
  readonly #changes: RecordChanges
  readonly #subscribers = new Set<Subscriber>()
  readonly #waiting = new Waiting()
  readonly #life: RecordLife
  #status: RecordStatus = CLEAN
  /** In the tray, when it last changed. */
  #refused = 0
  #isMadeHere = false
  #isClosed = false

  constructor(type: RecordType, id: string, workplace: () => Workplace, keeper: RecordKeeper) {
    this.type = type
    this.id = id
    this.room = `${type.name}:${id}`
    this.#workplaceNow = workplace
    this.#keeper = keeper
    this.#refused = keeper.tray.refusedIn(this.room)
    this.#changes = new RecordChanges({
      type,
      id,
      me: () => this.#workplace.me.id,
      now: () => this.#workplace.clock.now(),
      isWatching: () => keeper.isWatching(),
      happened: (events, written) => keeper.happened(events, written),
      digested: items => keeper.digested(items),
    })
    this.#life = new RecordLife({
      type,
      id,
      tray: keeper.tray,
      waiting: this.#waiting,
      workplace,
      entered: ({ channel }) => {
        const { me, surroundings } = this.#workplace
        this.presence.attach(channel.awareness, me.id, surroundings, () => channel.standing !== null)
      },
      changed: (replica, change) => this.#changed(replica, change),
      statusChanged: paths => this.#statusChanged(paths),
      digested: items => keeper.digested(items),
    })
  }

  /** By the desk: there can be none. */
  deny(trouble: Trouble): void {
    this.#life.deny(trouble)
  }

  /** By the desk, once it is known who asks. */
  start(): Promise<void> {
    return this.#life.start(false)
  }

  /** By the desk: it is being made here, and so may be written though nobody has ever seen it. */
  makeUp(): void {
    this.#isMadeHere = true
    void this.#life.start(true)
  }

  /** By the desk: only the server can say that the first of this name was purged, so it is asked before. */
  async makeUpAgain(): Promise<void> {
    const life = this.#life
    await life.start(false)
    const isKnown = (): boolean => life.end !== null || life.replica?.isSynced === true
    await this.#waiting.until(() => isKnown() || !this.#isOpening)
    if (!isKnown())
      throw new RecordError([
        { code: 'UNAVAILABLE', path: '', sentence: (this.heldOff ?? UNAVAILABLE).sentence },
      ])
    if (this.state === 'ready')
      throw new RecordError([
        { code: 'ALREADY_EXISTS', path: '', sentence: errorCodes.ALREADY_EXISTS.sentence },
      ])
    if (life.end?.state === 'purged') {
      this.#isMadeHere = true
      await life.beginAgain()
    } else if (this.state !== 'absent') this.#writable()
  }

  /** By the desk: there may be something to read again under this name. */
  followAgain(): void {
    void this.#life.followAgain()
  }

  get replica(): Replica | null {
    return this.#life.replica
  }

  /** It was taken off this device: it is purged, or may not be read. */
  get isAway(): boolean {
    return this.#life.isAway
  }

  get state(): RecordState {
    const { end, replica } = this.#life
    if (end !== null && end.state !== 'error') return end.state
    if (replica?.hasContent === true) return 'ready'
    if (end !== null) return end.state
    if (this.#isClosed) return 'error'
    if (replica === null) return 'loading'
    if (replica.isSynced) return 'absent'
    return this.#isOpening ? 'loading' : 'unavailable'
  }

  /** As far as is known the server is about to answer. */
  get #isOpening(): boolean {
    return this.#keeper.isReachable() && this.heldOff === null
  }

  get error(): Trouble | null {
    if (this.#life.end !== null) return this.#life.end.trouble
    const { state, heldOff } = this
    return heldOff ?? (state === 'unavailable' ? UNAVAILABLE : state === 'error' ? CLOSED : null)
  }

  /** Why the server, which is there, does not open it: it is asked again by itself. */
  get heldOff(): Trouble | null {
    return this.#keeper.isReachable() ? (this.#life.replica?.channel.heldOff ?? null) : null
  }

  get view(): unknown {
    return this.state === 'ready' ? this.#life.replica?.record.view : undefined
  }

  get generation(): number {
    return this.#life.generation
  }

  /** A new object when something in it changed. */
  get status(): RecordStatus {
    const replica = this.#life.replica
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
    return this.#life.replica?.record.conflicts ?? []
  }

  get updated(): { readonly by: string; readonly at: number } | null {
    return this.#life.replica?.record.updated ?? null
  }

  get actions(): readonly ActionState[] {
    return this.#life.replica?.record.actions ?? []
  }

  get canUndo(): boolean {
    return this.#life.replica?.record.canUndo ?? false
  }

  get canRedo(): boolean {
    return this.#life.replica?.record.canRedo ?? false
  }

  /** Nothing of it is unsaved, and nothing is being done to it. */
  get isSettled(): boolean {
    const { replica, isRestarting, isStarted } = this.#life
    return !isRestarting && (replica === null ? isStarted : replica.ledger.isEmpty)
  }

  /** It has what the server has, and sees what comes; or the news are its own. */
  get isTelling(): boolean {
    const { replica } = this.#life
    return replica !== null && (replica.isSynced || !replica.ledger.isEmpty)
  }

  /** What another tab wrote is told here when it comes in. */
  awaits(written: Written): boolean {
    return this.#changes.awaits(written)
  }

  field(path: string): LiveField {
    const replica = this.#life.replica
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

  locked(path: string): Trouble | null {
    const problem = this.#life.replica?.record.locked(path) ?? null
    return problem === null ? null : { code: problem.code, sentence: problem.sentence }
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
    const record = this.#writable()
    // All else that is written to what nobody has made is refused by the record; whoever has a text asks nobody.
    if (this.state === 'absent' && !this.#isMadeHere)
      throw new RecordError([
        { code: 'NO_SUCH_RECORD', path: name, sentence: errorCodes.NO_SUCH_RECORD.sentence },
      ])
    return record.text(name)
  }

  act(name: string, args: { readonly [key: string]: Value } = {}): string {
    return this.#writable().act(name, args)
  }

  action(id: string): ActionState | null {
    return this.#life.replica?.record.action(id) ?? null
  }

  remove(): void {
    this.#writable().remove()
  }

  restore(path?: string): void {
    this.#writable().restore(path)
  }

  together(run: () => void): void {
    this.#writable().together(run)
  }

  undo(): UndoResult | null {
    return this.#writable().undo()
  }

  redo(): UndoResult | null {
    return this.#writable().redo()
  }

  readonly subscribe = (path: string, tell: () => void): (() => void) => {
    if (typeof path !== 'string')
      throw new TypeError('subscribe takes a path and a listener: the path of all of it is empty')
    assertListener(tell)
    const subscriber = { path, tell }
    this.#subscribers.add(subscriber)
    return () => {
      this.#subscribers.delete(subscriber)
    }
  }

  whenReady(): Promise<void> {
    return this.#waiting.until(() => this.state !== 'loading')
  }

  async whenCurrent(): Promise<boolean> {
    const life = this.#life
    await this.#waiting.until(
      () => life.end !== null || (!life.isRestarting && life.replica?.isSynced === true),
    )
    return (await life.replica?.flush()) ?? false
  }

  async whenSaved(): Promise<void> {
    const { tray } = this.#keeper
    const life = this.#life
    const refusedBefore = tray.refusedIn(this.room)
    await this.#waiting.until(
      () =>
        tray.refusedIn(this.room) > refusedBefore ||
        // Of one that was taken away, nothing waits here any more.
        (life.replica === null ? life.end !== null : !life.isRestarting && life.replica.ledger.isEmpty),
    )
    const refusal = tray.refusalAt(this.room, '')
    if (tray.refusedIn(this.room) <= refusedBefore || refusal === null) return
    const code = isErrorCode(refusal.code) ? refusal.code : 'WRITE_REFUSED'
    throw new RecordError([{ code, path: refusal.path, sentence: refusal.sentence }])
  }

  /** Whoever has opened it gives theirs back: see `Lending`. Who has only glanced at it has nothing to give. */
  close(): void {}

  /** By the desk, when nobody has it open any more and nothing of it is unsaved. */
  async shut(): Promise<void> {
    if (this.#isClosed) return
    const wasLoading = this.state === 'loading'
    this.#isClosed = true
    this.#waiting.end()
    if (wasLoading) this.#tell(ALL_PATHS)
    this.presence.close()
    await this.#life.close()
    this.#subscribers.clear()
  }

  /** The carrier came or went: what the state says may be something else now. */
  surroundingsChanged(): void {
    this.#statusChanged()
  }

  /** What has left the tray, discarded or written again, is refused no more. */
  trayChanged(): void {
    const refused = this.#keeper.tray.refusedIn(this.room)
    const isFewer = refused < this.#refused
    this.#refused = refused
    if (isFewer) this.#tell(ALL_PATHS)
  }

  /** Somebody begins to listen to events. */
  watch(): void {
    this.#changes.watch(this.#life.replica)
  }

  /** From the tray, written as of now: where it was refused to another tab, what this one holds is of the past. */
  async putBack(contents: readonly UnsentContent[]): Promise<PutBack['unplaced']> {
    await this.#life.follow()
    this.#writable()
    const { replica } = this.#life
    if (replica === null) return []
    const unsent = {
      cells: contents.flatMap(content => ('cell' in content ? [content.cell] : [])),
      texts: contents.flatMap(content => ('text' in content ? [content.text] : [])),
    }
    return putBackOn(replica, unsent, 0).unplaced
  }

  /** A record may be asked for before it is known who asks. */
  get #workplace(): Workplace {
    return this.#workplaceNow()
  }

  /** A write that would be lost is not made: it could be sent nowhere, and would stand on no screen. */
  #writable(): Replica['record'] {
    const { end, replica } = this.#life
    const { state } = this
    const isEnded = end !== null && state !== 'ready'
    const isUnknown = state === 'unavailable' && !this.#isMadeHere
    if (replica !== null && !this.#isClosed && !isEnded && !isUnknown) return replica.record
    const { code, sentence } = end?.trouble ?? (this.#isClosed ? CLOSED : (this.error ?? STILL_LOADING))
    throw new RecordError([{ code: isErrorCode(code) ? code : 'READ_ONLY', path: '', sentence }])
  }

  #changed(replica: Replica, change: ReplicaChange): void {
    this.#changes.changed(replica, change)
    this.#keeper.changed(this)
    this.#tell(change.paths)
  }

  #statusChanged(paths: ReadonlySet<string> = ALL_PATHS): void {
    this.#changes.statusChanged(this.#life.replica)
    this.#keeper.changed(this)
    this.#tell(paths)
  }

  #tell(paths: ReadonlySet<string>): void {
    for (const subscriber of [...this.#subscribers]) {
      if (this.#subscribers.has(subscriber) && isTouched(subscriber.path, paths)) tellOne(subscriber.tell)
    }
    this.#waiting.look()
  }
}

const CLEAN: RecordStatus = { save: 'saved', pending: 0, readOnly: false, live: false, asOf: null }

const UNAVAILABLE: Trouble = {
  code: 'UNAVAILABLE',
  sentence: errorCodes.UNAVAILABLE.sentence,
}

const STILL_LOADING: Trouble = {
  code: 'UNAVAILABLE',
  sentence: 'The record is still loading: try again in a moment.',
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
