// What becomes of a record on this device: read from it, brought up to date, refused, begun afresh, taken away.
//
//     start ─▶ replica ──refused, other epoch──▶ candidate ──synced, put back──▶ replica of the next generation
//                 └──────may not be read, purged──▶ end: nothing is kept; what was unsent is in the tray

import type { RecordType } from '../../shared/record/record-type.ts'
import type { UnsentContent } from '../../shared/record/rebase.ts'
import { errorCodes, isErrorCode } from '../../shared/wire/error-codes.ts'
import type { ChannelEnd } from '../link/carrier.ts'
import { LocalStoreError, STORAGE_RETRY_MS, type StorageTrouble } from '../local/local-store.ts'
import { STORAGE_ANSWERS_WITHIN_MS } from '../local/open-store.ts'
import { freshHead, readRecord, removeRecord, type StoredRecord } from '../local/record-store.ts'
import { type DigestItem, valueIn } from '../offline/digest.ts'
import {
  type Candidate,
  collectFrom,
  commit,
  contentsOf,
  type FreshStartParts,
  laterThan,
  leaveBehind,
  putBackLate,
  type Refusal,
  startAfresh,
} from './fresh-start.ts'
import type { RecordState, Trouble } from './live-record.ts'
import { report } from '../told.ts'
import { Replica, type ReplicaChange } from './replica.ts'
import { ALL_PATHS } from './touched-paths.ts'
import type { Tray } from './tray.ts'
import type { Waiting } from './waiting.ts'
import type { Workplace } from './workplace.ts'
import { reasonOf } from '../../shared/reason-of.ts'

export interface RecordLifeParts {
  readonly type: RecordType
  readonly id: string
  readonly tray: Tray
  /** Looked at whenever something changes, by this too. */
  readonly waiting: Waiting
  workplace(): Workplace
  /** Another replica is the record from now on. */
  entered(replica: Replica): void
  changed(replica: Replica, change: ReplicaChange): void
  statusChanged(paths?: ReadonlySet<string>): void
  digested(items: readonly DigestItem[]): void
}

export interface RecordEnd {
  readonly state: RecordState
  readonly trouble: Trouble
}

export class RecordLife {
  readonly #parts: RecordLifeParts
  readonly #room: string
  #replica: Replica | null = null
  /** One that is being brought up to date, to take the other's place. */
  #candidate: { readonly replica: Replica; hasFailed: boolean } | null = null
  #end: RecordEnd | null = null
  /** Settled when nothing of what was taken away is on the device any more. */
  #left: Promise<void> = Promise.resolve()
  #generation = 0
  #refusals: Refusal[] = []
  #restarting: Promise<void> | null = null
  #leaving: Replica | null = null
  #mustRestart = false
  #isStarted = false
  #isClosed = false
  #lateWrites = 0

  constructor(parts: RecordLifeParts) {
    this.#parts = parts
    this.#room = `${parts.type.name}:${parts.id}`
  }

  /**
   * Reads what the device holds, then opens the channel. A record just made up has nothing to read, and is there
   * at once, also where somebody has asked for it a moment ago and the device has not answered yet.
   */
  async start(isNew: boolean): Promise<void> {
    if (isNew && this.#replica === null && this.#end === null) {
      this.#isStarted = true
      this.#begin(this.#nothing)
      return
    }
    if (this.#isStarted) return
    this.#isStarted = true
    const giveUp = this.#workplace.surroundings.after(STORAGE_ANSWERS_WITHIN_MS, () => {
      if (!this.#isClosed && this.#replica === null) this.#beginWithout('stuck')
    })
    const stored = await this.#read()
    giveUp()
    while (this.#restarting !== null) await this.#restarting
    if (this.#isClosed || this.#end !== null) return
    const replica = this.#replica
    if (replica === null) {
      this.#begin(stored ?? this.#nothing)
      return
    }
    // Of a later generation, one that has written hears with the next that it writes.
    if (stored !== null && (replica.isHeld || stored.head.generation === replica.head.generation))
      this.#takeInLate(replica, stored)
    replica.release()
  }

  /** There can be none: it is never begun. */
  deny(trouble: Trouble): void {
    this.#isStarted = true
    this.#end = { state: 'error', trouble }
  }

  /** Another record, under the name of the one that was purged: nothing of the first is in it. */
  async beginAgain(): Promise<void> {
    await this.#left
    if (this.#isClosed || this.#end?.state !== 'purged') return
    this.#end = null
    const { head } = this.#nothing
    this.#begin({ head: { ...head, again: true }, updates: [], ledgers: [] })
  }

  /** Something shows that another was begun, or that it may be read again: what it is, the server says. */
  async followAgain(): Promise<void> {
    await this.#left
    if (this.#isClosed || this.#replica !== null || !this.isAway) return
    this.#end = null
    this.#begin(this.#nothing)
  }

  /** Another tab may have begun afresh, and this one not have heard of it: what is written then comes after. */
  async follow(): Promise<void> {
    while (!this.#isClosed && this.#end === null) {
      const replica = this.#replica
      if (replica === null || (await laterThan(replica, this.#freshStart())) === null) return
      this.#restart(replica, null)
      await this.#restarting
    }
  }

  #begin(stored: StoredRecord, { isHeld = false } = {}): void {
    const replica = this.#makeReplica(stored)
    if (isHeld) replica.hold()
    this.#enter(replica)
    replica.connect()
  }

  /** The device does not tell: the server does, and what the device holds comes in when it comes. */
  #beginWithout(trouble: StorageTrouble): void {
    this.#workplace.storageFailed(trouble)
    if (this.#replica === null && this.#end === null) this.#begin(this.#nothing, { isHeld: true })
  }

  #takeInLate(replica: Replica, { head, updates, ledgers }: StoredRecord): void {
    const { epoch } = replica.head
    replica.isOf(head.epoch === '' ? { ...head, epoch } : head)
    if (epoch !== '' && replica.head.epoch !== epoch) {
      // What is in both stands there twice, under other ids: only what the server has not is put back.
      this.#restart(replica, null)
      return
    }
    replica.mergeStored(updates)
    replica.adopt(ledgers)
    // The channel may have greeted the server before, with less.
    replica.channel.sayAll()
    this.#parts.statusChanged()
  }

  get #nothing(): StoredRecord {
    return { head: freshHead(this.#room, this.#workplace.clock.now()), updates: [], ledgers: [] }
  }

  get replica(): Replica | null {
    return this.#replica
  }

  get end(): RecordEnd | null {
    return this.#end
  }

  /** Counts the replicas there have been. */
  get generation(): number {
    return this.#generation
  }

  /** It was taken off this device: it is purged, or may not be read. */
  get isAway(): boolean {
    return this.#end?.state === 'purged' || this.#end?.state === 'forbidden'
  }

  get isStarted(): boolean {
    return this.#isStarted
  }

  get isRestarting(): boolean {
    return this.#restarting !== null
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const replica = this.#replica
    await replica?.close()
    if (replica === null || this.#end !== null) return
    await leaveBehind(replica, { ...this.#freshStart(), enter: next => next.start() })
  }

  /** A record may be asked for before it is known who asks. */
  get #workplace(): Workplace {
    return this.#parts.workplace()
  }

  /** Asked until it answers: what was begun without it must not be written over what it holds. */
  async #read(): Promise<StoredRecord | null> {
    const { store, surroundings } = this.#workplace
    while (!this.#isClosed) {
      try {
        return await readRecord(store, this.#room)
      } catch (error) {
        if (!(error instanceof LocalStoreError)) throw error
        if (this.#isClosed) break
        this.#beginWithout(error.trouble)
      }
      await new Promise<void>(done => surroundings.after(STORAGE_RETRY_MS, done))
    }
    return null
  }

  #makeReplica(stored: StoredRecord): Replica {
    const replica: Replica = new Replica(this.#parts.type, this.#parts.id, this.#workplace, stored, {
      changed: change => {
        if (this.#replica === replica) this.#parts.changed(replica, change)
      },
      statusChanged: paths => {
        if (this.#replica === replica) this.#parts.statusChanged(paths)
        else this.#parts.waiting.look()
      },
      refused: (refused, edits) => this.#restart(replica, { refused, edits }),
      outdated: () => this.#restart(replica, null),
      overtaken: () => this.#restart(replica, null),
      writtenLate: from => this.#writtenLate(replica, from),
      channelEnded: end => this.#channelEnded(replica, end),
    })
    return replica
  }

  #enter(replica: Replica): void {
    this.#replica = replica
    this.#candidate = null
    replica.start()
    this.#generation++
    this.#parts.entered(replica)
    this.#parts.changed(replica, { paths: ALL_PATHS, from: 'others', written: () => replica.state })
    this.#parts.statusChanged()
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
        this.#left = this.#leave('forbidden', end)
        return
      case 'PURGED':
        this.#left = this.#leave('purged', end)
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
    this.#parts.statusChanged()
  }

  /** What may not be read any more does not stay on the device; what was not sent yet goes to the tray. */
  async #leave(state: 'forbidden' | 'purged', end: ChannelEnd): Promise<void> {
    this.#end = { state, trouble: { code: end.code, sentence: end.sentence } }
    const replica = this.#replica
    this.#replica = null
    if (replica === null) return
    const held = new Map(replica.ownClients.map(client => [client, replica.firstUnsaved(client)]))
    const contents = contentsOf(collectFrom(replica, null, held))
    const now = this.#workplace.clock.now()
    const writes = this.#parts.tray.add(this.#room, contents, end, now, replica.doc.clientID)
    await replica.close({ keep: false })
    const isKept = await commit(this.#workplace, [...writes, ...removeRecord(this.#room)])
    if (isKept) this.#parts.tray.wasKept(writes)
    this.#parts.statusChanged()
  }

  #restart(replica: Replica, refusal: Refusal | null): void {
    if (this.#isClosed) return
    if (this.#candidate !== null && replica === this.#candidate.replica) {
      this.#candidate.hasFailed = true
      this.#parts.waiting.look()
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
    this.#restarting = startAfresh(replica, this.#freshStart())
      .catch((error: unknown) => {
        const sentence = reasonOf(error)
        this.#end = { state: 'error', trouble: { code: 'INTERNAL', sentence } }
      })
      .finally(() => {
        this.#restarting = null
        this.#leaving = null
        const isAgain = this.#mustRestart
        this.#mustRestart = false
        if (isAgain && this.#replica !== null) this.#restart(this.#replica, null)
        this.#parts.statusChanged()
      })
  }

  #freshStart(): FreshStartParts {
    return {
      room: this.#room,
      workplace: this.#workplace,
      tray: this.#parts.tray,
      make: stored => this.#makeReplica(stored),
      sync: candidate => this.#sync(candidate),
      isClosed: () => this.#isClosed || this.#end !== null,
      takeRefusals: () => this.#refusals.splice(0),
      enter: next => this.#enter(next),
      toTray: (contents, next) => {
        // One moment for all of it: of a line that was refused the parts are told as they stand in it.
        const at = this.#workplace.clock.now()
        this.#parts.digested(contents.map(content => this.#refusedItem(content, next, at)))
      },
    }
  }

  #sync(replica: Replica): Candidate {
    const candidate = {
      replica,
      hasFailed: false,
      settled: async (): Promise<boolean> => {
        const { waiting } = this.#parts
        await waiting.until(() => replica.isSynced || candidate.hasFailed || this.#end !== null)
        return !this.#isClosed && this.#end === null && !candidate.hasFailed
      },
    }
    this.#candidate = candidate
    return candidate
  }

  /** What was typed into a text that an editor is still bound to. Where nothing is open any more, nobody takes it. */
  #writtenLate(left: Replica, from: number): void {
    const now = this.#isClosed ? null : this.#replica
    if (now === left) return
    if (now !== null) putBackLate(left, from, now)
    // The first letter may come before the screen is drawn anew.
    this.#lateWrites++
    if (this.#lateWrites !== (now === null ? 1 : 2)) return
    report(
      new Error(
        now === null
          ? `${this.#room} was closed, and what is typed into a text of it goes nowhere: unbind the editor before`
          : `${this.#room} has begun afresh: bind the editor to record.text(…) anew when record.generation changes`,
      ),
    )
  }

  #refusedItem(content: UnsentContent, next: Replica, at: number): DigestItem {
    const path = 'cell' in content ? content.cell.path : content.text.field
    return {
      room: this.#room,
      path,
      before: 'cell' in content ? content.cell.value : null,
      after: next.hasContent ? valueIn(next.record.view, path) : null,
      by: this.#workplace.me.id,
      at,
      outcome: 'refused',
    }
  }
}
