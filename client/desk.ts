// What an application has of corecord: everything that is open, over one link, for one person.

import { type Clock, createClock } from '../shared/record/clock.ts'
import type { FieldsOf, Me, Patch, RecordType } from '../shared/record/define-record.ts'
import { parseRoomName } from '../shared/record/define-record.ts'
import { openStore } from './local/open-store.ts'
import type { LocalStore, StorageTrouble } from './local/local-store.ts'
import type { KeptLedger } from './local/record-store.ts'
import { Inbox } from './inbox/inbox.ts'
import { Inbox as InboxType } from '../shared/types/inbox.ts'
import { Link } from './link/link.ts'
import { RowEvents } from './event/row-events.ts'
import { DeskTabs } from './event/desk-tabs.ts'
import { EventBus, type HappenedTo } from './event/event-bus.ts'
import { Belonging, belongingQueries } from './list/belonging.ts'
import { Digest } from './offline/digest.ts'
import { WorkingSet } from './offline/working-set.ts'
import { claim, type Row } from '../shared/record/filter.ts'
import { ListLink } from './list/list-link.ts'
import { type ListQuery, queryKey } from './list/list-query.ts'
import { type ListKeeper, ListOnDesk, type LiveList } from './list/live-list.ts'
import { TokenSource } from './link/token-source.ts'
import { type LiveRecord, RecordOnDesk, type Trouble } from './record/live-record.ts'
import { Tray } from './record/tray.ts'
import type { Workplace } from './record/workplace.ts'
import { type DeskStatus, isSameStatus, type StorageState, syncState } from './status.ts'
import { type Surroundings, surroundingsHere } from './surroundings.ts'
import { Told } from './told.ts'

export interface ConnectOptions {
  /** `https://host[:port]`; left out: where the page came from. */
  readonly url?: string
  /** A JWT. Asked at start, before it expires, and when the server refuses it. Off line an expired one will do. */
  readonly token: () => string | Promise<string>
  readonly records: readonly RecordType[]
  readonly firstDelayMs?: number
  readonly longestDelayMs?: number
  readonly failuresBeforePolling?: number
  readonly pollIntervalMs?: number
  /** memory: nothing is kept on this device. */
  readonly storage?: 'device' | 'memory'
  readonly surroundings?: Partial<Surroundings>
}

export interface SyncResult {
  readonly done: boolean
  readonly pending: number
  readonly error: Trouble | null
}

export interface NewRecordOptions {
  readonly id?: string
  readonly entries?: { readonly [list: string]: readonly { readonly [field: string]: unknown }[] }
}

/** How long a record that nobody has open any more stays: a screen that is drawn anew opens it again at once. */
const LINGER_MS = 1_000
/** What another tab wrote is saved within this time, or its row tells of it as of something new. */
const TAB_TELLS_MS = 10_000
const TOLD_MAX = 1_000

interface OpenedList {
  readonly list: ListOnDesk
  references: number
  cancelShut: (() => void) | null
}

interface OpenedRecord {
  readonly record: RecordOnDesk
  references: number
  cancelShut: (() => void) | null
}

export const connect = (options: ConnectOptions): Desk => {
  const desk = new Desk(options)
  desk.start()
  return desk
}

export class Desk {
  readonly records: readonly RecordType[]
  readonly clock: Clock
  readonly tray: Tray
  readonly ready: Promise<void>
  readonly link: Link
  readonly #options: ConnectOptions
  readonly #surroundings: Surroundings
  readonly #tokens: TokenSource
  readonly #told = new Told()
  readonly #opened = new Map<string, OpenedRecord>()
  readonly #lists = new Map<string, OpenedList>()
  readonly #listLink: ListLink
  readonly #workingSets = new Set<WorkingSet>()
  readonly events: EventBus
  readonly inbox: Inbox
  readonly digest = new Digest(() => this.#store)
  readonly #rowEvents = new RowEvents()
  readonly #toldByTabs = new Map<string, number>()
  #deskTabs: DeskTabs | null = null
  #me: Me | null = null
  #workplace: Workplace | null = null
  #store: LocalStore | null = null
  #storage: StorageState = 'memory'
  #status: DeskStatus
  #isOffline = false
  #isClosed = false
  #isReady = false
  #stopLeaving: (() => void) | null = null

  constructor(options: ConnectOptions) {
    this.#options = options
    this.records = options.records.includes(InboxType) ? options.records : [...options.records, InboxType]
    this.#surroundings = { ...surroundingsHere(), ...options.surroundings }
    const { wall, monotonic } = this.#surroundings
    this.clock = createClock({ wall: () => wall(), monotonic: () => monotonic() })
    this.#tokens = new TokenSource(options.token)
    this.tray = new Tray(
      () => this.#store,
      async (room, content) => {
        const record = this.#openRoom(room)
        try {
          await record.whenReady()
          record.putBack(content)
        } finally {
          record.close()
        }
      },
    )
    this.tray.subscribe(() => this.#changed())
    this.link = new Link({
      url: this.#url,
      tokens: this.#tokens,
      clock: this.clock,
      surroundings: this.#surroundings,
      options: {
        firstDelayMs: options.firstDelayMs ?? 1_000,
        longestDelayMs: options.longestDelayMs ?? 30_000,
        failuresBeforePolling: options.failuresBeforePolling ?? 3,
        pollIntervalMs: options.pollIntervalMs ?? 5_000,
      },
      changed: () => this.#linkChanged(),
    })
    this.#listLink = new ListLink(this.link)
    this.inbox = new Inbox(() => (this.#me === null ? null : this.open(InboxType, this.#me.id)))
    this.events = new EventBus(() => {
      for (const { record } of this.#opened.values()) record.watch()
    })
    this.#status = NOTHING
    this.ready = new Promise(done => {
      this.#settle = done
    })
  }

  #settle: () => void = () => {}

  start(): void {
    this.#stopLeaving = this.#surroundings.onLeave(() => this.status.pending > this.status.onDevice)
    void this.#enter()
  }

  /** Who it is, then what is on the device, then the link. */
  async #enter(): Promise<void> {
    let me: Me
    for (let delayMs = 500; ; delayMs = Math.min(delayMs * 2, 30_000)) {
      try {
        me = (await this.#tokens.get()).me
        break
      } catch (error) {
        this.#tokenTrouble = {
          code: 'TOKEN_MISSING',
          sentence: error instanceof Error ? error.message : String(error),
        }
        this.#changed()
        await new Promise<void>(done => this.#surroundings.after(delayMs, done))
        if (this.#isClosed) return
      }
    }
    this.#tokenTrouble = null
    this.#me = me
    const owner = `${this.#url} ${me.id}`
    const { store, trouble } = await openStore(
      this.#options.storage === 'memory' ? null : this.#surroundings.indexedDB,
      `corecord ${owner}`,
    )
    if (this.#isClosed) {
      await store.close()
      return
    }
    this.#store = store
    this.#storage = this.#options.storage === 'memory' ? 'memory' : (trouble ?? store.kind)
    this.#workplace = {
      me,
      clock: this.clock,
      store,
      carrier: this.link,
      surroundings: this.#surroundings,
      tab: randomName(this.#surroundings),
      owner,
      storageFailed: failure => this.#storageFailed(failure),
      storageWorks: () => this.#storageWorks(),
    }
    await this.tray.load().catch(() => {})
    await this.digest.load().catch(() => {})
    const port = this.#surroundings.openTabPort?.(`corecord desk ${owner}`)
    if (port !== undefined) {
      this.#deskTabs = new DeskTabs(port, {
        happened: event => this.#happenedInTab(event),
        signedOut: () => void this.close(),
      })
    }
    if (!this.#isOffline) this.link.start()
    this.#isReady = true
    this.#settle()
    for (const { record } of this.#opened.values()) void record.start(false)
    for (const { list } of this.#lists.values()) list.start(this.#listLink)
    this.inbox.attach()
    await this.#resumeUnsent()
    this.#changed()
  }

  #tokenTrouble: Trouble | null = null

  get me(): Me | null {
    return this.#me
  }

  get status(): DeskStatus {
    return this.#status
  }

  readonly subscribe = (tell: () => void): (() => void) => this.#told.subscribe(tell)

  /** How much is open, for the inspector. */
  get inUse(): { readonly records: number; readonly lists: number } {
    return { records: this.#opened.size, lists: this.#lists.size }
  }

  /** One reference more; `close` gives it back. */
  open<T extends RecordType>(type: T, id: string): LiveRecord<T> {
    // The record on the desk has, by construction, the shape that the type's tables give it.
    return this.#acquire(type, id, false) as unknown as LiveRecord<T>
  }

  /** A new record, there at once, off line too. */
  create<T extends RecordType>(
    type: T,
    values: Patch<FieldsOf<T>>,
    options: NewRecordOptions = {},
  ): LiveRecord<T> {
    const record = this.#acquire(type, options.id ?? randomName(this.#surroundings), true)
    try {
      record.set(values as Parameters<RecordOnDesk['set']>[0])
      for (const [name, entries] of Object.entries(options.entries ?? {})) {
        const list = record.list(name) as { add(entry: object): string }
        for (const entry of entries) list.add(entry)
      }
    } catch (error) {
      record.close()
      throw error
    }
    return record as unknown as LiveRecord<T>
  }

  /** Live, and kept for when there is no server; equal queries are one list. `close` gives it back. */
  list<T extends RecordType>(type: T, query: ListQuery = {}): LiveList<T> {
    const list = this.#acquireList(type, query)
    list.references++
    // Rows have, by construction, the shape that the type's row function gives them.
    return list.list as unknown as LiveList<T>
  }

  /** As `open`, for a screen that may yet be thrown away: unless somebody opens it, it goes by itself. */
  glance<T extends RecordType>(type: T, id: string): LiveRecord<T> {
    const record = this.#acquire(type, id, false)
    record.close()
    return record as unknown as LiveRecord<T>
  }

  glanceAtList<T extends RecordType>(type: T, query: ListQuery = {}): LiveList<T> {
    const opened = this.#acquireList(type, query)
    this.#shutListIfDone(opened)
    return opened.list as unknown as LiveList<T>
  }

  #acquireList(type: RecordType, query: ListQuery): OpenedList {
    const key = queryKey(type, query)
    let opened = this.#lists.get(key)
    if (opened === undefined) {
      opened = { list: new ListOnDesk(type, query, this.#listKeeper), references: 0, cancelShut: null }
      this.#lists.set(key, opened)
      if (this.#isReady) opened.list.start(this.#listLink)
    }
    opened.cancelShut?.()
    opened.cancelShut = null
    return opened
  }

  *#recordsOf(type: RecordType): Generator<RecordOnDesk> {
    for (const { record } of this.#opened.values()) if (record.type === type) yield record
  }

  readonly #listKeeper: ListKeeper = {
    me: () => this.#me,
    store: () => this.#store,
    surroundings: {
      after: (ms, tell) => this.#surroundings.after(ms, tell),
      nextFrame: tell => this.#surroundings.nextFrame(tell),
    },
    now: () => this.clock.now(),
    isReachable: () => this.#isReachable(),
    records: type => this.#recordsOf(type),
    heard: (type, rows, isNews) => this.#heardRows(type, rows, isNews),
    released: list => {
      const opened = this.#lists.get(list.key)
      if (opened === undefined || opened.references === 0) return
      opened.references--
      this.#shutListIfDone(opened)
    },
  }

  #shutListIfDone(opened: OpenedList): void {
    if (opened.references > 0 || opened.cancelShut !== null) return
    opened.cancelShut = this.#surroundings.after(LINGER_MS, () => {
      opened.cancelShut = null
      if (opened.references > 0) return
      this.#lists.delete(opened.list.key)
      opened.list.shut()
    })
  }

  /** Rows made by this person, or that name them in a field. */
  mine<T extends RecordType>(type: T, field = 'createdBy'): LiveList<T> {
    return this.list(type, { where: { [field]: claim('sub') } })
  }

  /** Everything that belongs to a record, live, and kept on the device with all that is in it. */
  belonging(type: RecordType, id: string): Belonging {
    const parts = belongingQueries(this.records, type, id)
    const sets = parts.map(part => this.keepOffline(part.type, part.query))
    return new Belonging(
      parts.map(part => [part.type, this.list(part.type, part.query)] as const),
      () => {
        for (const set of sets) set.release()
      },
    )
  }

  /** Brings the records of a list to the device, and keeps them as fresh as the list. */
  keepOffline<T extends RecordType>(type: T, query: ListQuery = {}): WorkingSet {
    const set = new WorkingSet(type, this.list(type, query) as unknown as LiveList, {
      store: () => this.#store,
      open: (one, id) => this.open(one, id) as unknown as LiveRecord,
      isWanted: room => this.#opened.has(room) || [...this.#workingSets].some(other => other.holds(room)),
      released: released => this.#workingSets.delete(released),
    })
    this.#workingSets.add(set)
    return set
  }

  #openRoom(room: string): RecordOnDesk {
    const name = parseRoomName(room)
    const type = this.records.find(one => one.name === name?.type)
    if (name === null || type === undefined)
      throw new TypeError(`no record type of this desk is named in ${room}`)
    return this.#acquire(type, name.id, false)
  }

  #acquire(type: RecordType, id: string, isNew: boolean): RecordOnDesk {
    const room = `${type.name}:${id}`
    let opened = this.#opened.get(room)
    if (opened === undefined) {
      if (this.#isClosed) throw new Error('the desk is closed')
      const record = new RecordOnDesk(type, id, () => this.#workplaceNow(), {
        tray: this.tray,
        isReachable: () => this.#isReachable(),
        changed: changed => this.#recordChanged(changed),
        isWatching: () => this.events.isHeard || this.#deskTabs !== null,
        happened: event => this.#happenedHere(event),
        digested: items => this.digest.add(items),
        statusChanged: changed => {
          this.#tellLists(changed)
          this.#changed()
        },
        released: released => this.#release(released),
      })
      opened = { record, references: 0, cancelShut: null }
      this.#opened.set(room, opened)
      if (this.#isReady) void record.start(isNew)
    }
    opened.references++
    opened.cancelShut?.()
    opened.cancelShut = null
    return opened.record
  }

  #release(record: RecordOnDesk): void {
    const opened = this.#opened.get(record.room)
    if (opened === undefined || opened.references === 0) return
    opened.references--
    this.#shutIfDone(opened)
  }

  /** A record with unsaved edits stays open until they are saved, whoever looks at it. */
  #shutIfDone(opened: OpenedRecord): void {
    if (opened.references > 0 || opened.cancelShut !== null || !opened.record.isSettled) return
    opened.cancelShut = this.#surroundings.after(LINGER_MS, () => {
      opened.cancelShut = null
      if (opened.references > 0 || !opened.record.isSettled) return
      this.#opened.delete(opened.record.room)
      void opened.record.shut()
    })
  }

  /** What an earlier visit left unsaved is sent, whether anybody opens it or not. */
  async #resumeUnsent(): Promise<void> {
    const entries = (await this.#store?.list('ledgers', []).catch(() => [])) ?? []
    const rooms = new Set<string>()
    for (const { key, value } of entries) {
      const [room] = key
      if (typeof room === 'string' && (value as KeptLedger).edits !== null) rooms.add(room)
    }
    for (const room of rooms) {
      const name = parseRoomName(room)
      const type = this.records.find(one => one.name === name?.type)
      if (name === null || type === undefined || this.#isClosed) continue
      const record = this.#acquire(type, name.id, false)
      void record.whenReady().then(() => record.close())
    }
  }

  #workplaceNow(): Workplace {
    if (this.#workplace === null) throw new Error('the desk is not ready: await desk.ready')
    return this.#workplace
  }

  #isReachable(): boolean {
    return this.link.carrier !== null || (this.link.state.kind === 'connecting' && this.link.failures === 0)
  }

  #linkChanged(): void {
    if (!this.#isReady) return
    for (const { record } of this.#opened.values()) record.surroundingsChanged()
    for (const { list } of this.#lists.values()) list.overlayChanged(null)
    this.#changed()
  }

  #recordChanged(record: RecordOnDesk): void {
    this.#tellLists(record)
    this.#changed()
  }

  #happenedHere(event: HappenedTo): void {
    if (event.from === 'here') this.#deskTabs?.happened(event)
    this.events.emit(event)
  }

  /** Of records that are open here, the record itself tells. */
  #heardRows(type: RecordType, rows: readonly Row[], isNews: boolean): void {
    for (const row of rows) {
      if (!isNews || this.#opened.has(`${type.name}:${row.id}`)) {
        this.#rowEvents.known(type, row)
        continue
      }
      const event = this.#rowEvents.changed(type, row, this.#me?.id ?? '')
      if (event !== null && !this.#wasToldByTab(event)) this.events.emit(event)
    }
  }

  /** A tab told of it when it was written; this is when it was saved. */
  #wasToldByTab({ entity, entityId, from }: HappenedTo): boolean {
    const told = this.#toldByTabs.get(`${entity}:${entityId}`)
    return from === 'tab' && told !== undefined && this.clock.now() - told < TAB_TELLS_MS
  }

  /** Another tab tells; where this one has the record open too, it has seen for itself. */
  #happenedInTab(event: HappenedTo): void {
    const room = `${event.entity}:${event.entityId}`
    if (this.#opened.has(room)) return
    this.#toldByTabs.set(room, this.clock.now())
    if (this.#toldByTabs.size > TOLD_MAX) {
      const [oldest] = this.#toldByTabs.keys()
      if (oldest !== undefined) this.#toldByTabs.delete(oldest)
    }
    this.events.emit(event)
  }

  #tellLists(record: RecordOnDesk): void {
    for (const { list } of this.#lists.values()) if (list.type === record.type) list.overlayChanged(record)
  }

  #storageFailed(trouble: StorageTrouble): void {
    this.#storage = trouble
    this.#changed()
  }

  #storageWorks(): void {
    if (this.#storage !== 'full') return
    this.#storage = 'device'
    this.#changed()
  }

  goOffline(): void {
    this.#isOffline = true
    this.link.stop()
  }

  goOnline(): void {
    this.#isOffline = false
    if (this.#isReady) this.link.start()
  }

  /** Sends what is unsaved; settled when it is saved, or when nothing carries it. */
  async push(): Promise<SyncResult> {
    await this.link.refresh()
    await Promise.all(
      [...this.#opened.values()].map(({ record }) =>
        record.isSettled ? null : this.#savedOrOffline(record),
      ),
    )
    return this.#result()
  }

  /** Asks for what is new; over a socket it comes by itself, and this only makes sure. */
  async pull(): Promise<SyncResult> {
    await this.link.refresh()
    this.#listLink.refresh()
    return this.#result()
  }

  async sync(): Promise<SyncResult> {
    await this.push()
    return await this.pull()
  }

  async #savedOrOffline(record: RecordOnDesk): Promise<void> {
    let stop = (): void => {}
    const isOffline = new Promise<void>(done => {
      const look = (): void => {
        if (this.status.carrier === null && this.link.state.kind !== 'connecting') done()
      }
      stop = this.subscribe(look)
      look()
    })
    await Promise.race([record.whenSaved().catch(() => {}), isOffline])
    stop()
  }

  #result(): SyncResult {
    const { pending, carrier, error } = this.status
    return { done: pending === 0 && carrier !== null && error === null, pending, error }
  }

  async signOut(
    options: { readonly discardUnsent?: boolean } = {},
  ): Promise<{ done: boolean; unsent: number }> {
    const unsent = this.status.pending + this.status.files.queued
    if (unsent > 0 && options.discardUnsent !== true) return { done: false, unsent }
    const store = this.#store
    this.#deskTabs?.signedOut()
    await this.#shutAll()
    await store?.wipe().catch(() => {})
    return { done: true, unsent }
  }

  async close(): Promise<void> {
    const store = this.#store
    await this.#shutAll()
    await store?.close()
  }

  async #shutAll(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    const records = [...this.#opened.values()]
    this.#opened.clear()
    for (const { cancelShut } of records) cancelShut?.()
    for (const { list, cancelShut } of this.#lists.values()) {
      cancelShut?.()
      list.shut()
    }
    this.#lists.clear()
    this.#listLink.close()
    for (const set of this.#workingSets) set.release()
    this.#deskTabs?.close()
    this.#deskTabs = null
    this.events.clear()
    this.inbox.close()
    await Promise.all(records.map(({ record }) => record.shut()))
    this.link.stop()
    this.#stopLeaving?.()
    this.#settle()
    this.#told.clear()
  }

  #changed(): void {
    const next = this.#statusNow()
    for (const opened of this.#opened.values()) this.#shutIfDone(opened)
    if (isSameStatus(next, this.#status)) return
    this.#status = next
    this.#told.tell()
  }

  #statusNow(): DeskStatus {
    let pending = 0
    let onDevice = 0
    let fetching = 0
    let asOf: number | null = Number.POSITIVE_INFINITY
    for (const { record } of this.#opened.values()) {
      pending += record.replica?.ledger.unsaved ?? 0
      onDevice += record.replica?.ledger.unsavedOnDevice ?? 0
      if (record.state === 'loading') fetching++
      const recordAsOf = record.status.asOf
      asOf = asOf === null || recordAsOf === null ? null : Math.min(asOf, recordAsOf)
    }
    for (const { list } of this.#lists.values()) if (list.state === 'loading') fetching++
    const { state, carrier } = this.link
    const trouble = this.#tokenTrouble ?? this.#serious(this.link.trouble)
    return {
      sync: syncState({ carrier, open: this.#opened.size + this.#lists.size, fetching, pending, trouble }),
      carrier,
      pending,
      onDevice,
      refused: this.tray.items?.length ?? 0,
      files: { queued: 0, sending: 0, failed: 0 },
      asOf: asOf === Number.POSITIVE_INFINITY ? null : asOf,
      skewMs: this.clock.skewMs,
      storage: this.#storage,
      nextAttemptAt: state.kind === 'waiting' ? state.until : null,
      error: trouble,
    }
  }

  /** Of what ends a socket, only what a person can do something about is an error; the rest passes. */
  #serious(trouble: Trouble | null): Trouble | null {
    return trouble !== null && /^TOKEN_|^BAD_VERSION$|^FORBIDDEN$/.test(trouble.code) ? trouble : null
  }

  get #url(): string {
    return (this.#options.url ?? this.#surroundings.origin).replace(/\/+$/, '')
  }
}

const NOTHING: DeskStatus = {
  sync: 'offline',
  carrier: null,
  pending: 0,
  onDevice: 0,
  refused: 0,
  files: { queued: 0, sending: 0, failed: 0 },
  asOf: null,
  skewMs: null,
  storage: 'memory',
  nextAttemptAt: null,
  error: null,
}

const NAME_DIGITS = 'abcdefghijklmnopqrstuvwxyz0123456789'

const randomName = ({ random }: Pick<Surroundings, 'random'>): string => {
  let name = ''
  for (let i = 0; i < 14; i++) name += NAME_DIGITS[Math.floor(random() * NAME_DIGITS.length)]
  return name
}
