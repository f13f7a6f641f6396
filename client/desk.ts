// What an application has of corecord: everything that is open, over one link, for one person.

import { type Clock, createClock } from '../shared/record/clock.ts'
import type { FieldsOf, Me, Patch, RecordType } from '../shared/record/define-record.ts'
import { parseRoomName } from '../shared/record/define-record.ts'
import { claim } from '../shared/record/filter.ts'
import { Inbox as InboxType } from '../shared/types/inbox.ts'
import { type DebugPrint, debugging } from './debug.ts'
import { DeskEvents } from './event/desk-events.ts'
import type { EventBus } from './event/event-bus.ts'
import { Files } from './files/files.ts'
import { Inbox } from './inbox/inbox.ts'
import { Lending } from './lending.ts'
import { Link } from './link/link.ts'
import { Traffic } from './link/traffic.ts'
import { TokenSource } from './link/token-source.ts'
import { Belonging, belongingQueries } from './list/belonging.ts'
import { ListLink } from './list/list-link.ts'
import { type ListQuery, queryKey } from './list/list-query.ts'
import { type ListKeeper, ListOnDesk, type LiveList } from './list/live-list.ts'
import type { LocalStore, StorageTrouble } from './local/local-store.ts'
import { openStore } from './local/open-store.ts'
import { unsavedRooms } from './local/record-store.ts'
import { Digest } from './offline/digest.ts'
import { EVICT_AFTER_MS, evictUnused } from './offline/eviction.ts'
import { type KeepOptions, WorkingSet } from './offline/working-set.ts'
import { randomName } from './random-name.ts'
import type { LiveRecord, Trouble } from './record/live-record.ts'
import { RecordOnDesk } from './record/record-on-desk.ts'
import { Tray, type TrayContent } from './record/tray.ts'
import type { Workplace } from './record/workplace.ts'
import { type DeskStatus, isSameStatus, NOTHING_YET, type StorageState, statusOf } from './status.ts'
import { type Surroundings, surroundingsHere } from './surroundings.ts'
import { Told } from './told.ts'
import { Tuning } from './tuning.ts'

export interface ConnectOptions {
  /** `https://host[:port]`; left out: where the page came from. */
  readonly url?: string
  /** A JWT. Asked at start, before it expires, and when the server refuses it. Off line an expired one will do. */
  readonly token: () => string | Promise<string>
  readonly records: readonly RecordType[]
  /** The wait before the first attempt to reconnect; it doubles up to the longest. */
  readonly firstDelayMs?: number
  readonly longestDelayMs?: number
  readonly failuresBeforePolling?: number
  readonly pollIntervalMs?: number
  /** memory: nothing is kept on this device. */
  readonly storage?: 'device' | 'memory'
  /** Prints every message, tokens left out; by default where localStorage has `corecord.debug`. */
  readonly debug?: boolean | DebugPrint
  readonly surroundings?: Partial<Surroundings>
}

export interface SyncResult {
  readonly done: boolean
  readonly pending: number
  readonly error: Trouble | null
}

export interface NewRecordOptions {
  readonly id?: string
  /** List entries that it has from the beginning. */
  readonly entries?: { readonly [list: string]: readonly { readonly [field: string]: unknown }[] }
}

const LINGER_MS = 1_000
const EVICT_LATER_MS = 60_000
const TOKEN_RETRY_MS = 500
const TOKEN_RETRY_MS_MAX = 30_000

export const connect = (options: ConnectOptions): Desk => {
  const desk = new Desk(options)
  desk.start()
  return desk
}

export class Desk {
  readonly records: readonly RecordType[]
  readonly clock: Clock
  readonly ready: Promise<void>
  readonly link: Link
  /** For the inspector: what crosses the link, and what makes life hard for it. */
  readonly traffic = new Traffic(() => this.clock.now())
  readonly tuning = new Tuning()
  readonly inbox: Inbox
  readonly files: Files
  readonly digest = new Digest(() => this.#store)
  readonly tray = new Tray(
    () => this.#store,
    (room, content) => this.#putBack(room, content),
    () => this.#events.trayChanged(),
  )
  readonly #options: ConnectOptions
  readonly #surroundings: Surroundings
  readonly #tokens: TokenSource
  readonly #told = new Told()
  readonly #opened: Lending<RecordOnDesk>
  readonly #lists: Lending<ListOnDesk>
  readonly #listLink: ListLink
  readonly #workingSets = new Set<WorkingSet>()
  readonly #events: DeskEvents
  #me: Me | null = null
  #workplace: Workplace | null = null
  #store: LocalStore | null = null
  #storage: StorageState = 'memory'
  #tokenTrouble: Trouble | null = null
  #status: DeskStatus = NOTHING_YET
  #isStatusStale = false
  #isTelling = false
  #isOffline = false
  #isClosed = false
  #isReady = false
  #settleReady: () => void = () => {}
  #stopLeaving: (() => void) | null = null
  #cancelEviction: (() => void) | null = null

  constructor(options: ConnectOptions) {
    this.#options = options
    this.records = options.records.includes(InboxType) ? options.records : [...options.records, InboxType]
    const here = debugging({ ...surroundingsHere(), ...options.surroundings }, options.debug)
    const surroundings = this.tuning.of(here)
    this.#surroundings = surroundings
    this.clock = createClock({ wall: () => surroundings.wall(), monotonic: () => surroundings.monotonic() })
    this.#tokens = new TokenSource(options.token)
    this.link = new Link({
      url: this.#url,
      tokens: this.#tokens,
      clock: this.clock,
      surroundings,
      options: {
        firstDelayMs: options.firstDelayMs ?? 1_000,
        longestDelayMs: options.longestDelayMs ?? 30_000,
        failuresBeforePolling: options.failuresBeforePolling ?? 3,
        pollIntervalMs: options.pollIntervalMs ?? 5_000,
      },
      changed: () => this.#linkChanged(),
      traffic: frame => this.traffic.note(frame),
    })
    this.#listLink = new ListLink(this.link)
    this.#opened = new Lending({
      surroundings,
      lingerMs: LINGER_MS,
      // With unsaved edits a record stays open until they are saved, whoever looks at it.
      isDone: record => this.#isClosed || record.isSettled,
      shut: record => void record.shut(),
    })
    this.#lists = new Lending({
      surroundings,
      lingerMs: LINGER_MS,
      isDone: () => true,
      shut: list => list.shut(),
    })
    this.#events = new DeskEvents({
      now: () => this.clock.now(),
      me: () => this.#me?.id ?? '',
      isOpen: room => this.#opened.has(room),
      watchRecords: () => {
        for (const record of this.#opened.things()) record.watch()
      },
      trayChangedElsewhere: () => void this.tray.load().catch(() => {}),
      signedOutElsewhere: () => void this.close(),
    })
    this.inbox = new Inbox(
      () => (this.#me === null ? null : this.open(InboxType, this.#me.id)),
      () => {
        if (this.#me !== null) this.create(InboxType, {}, { id: this.#me.id }).close()
      },
    )
    this.files = new Files({
      store: () => this.#store,
      link: this.link,
      surroundings,
      now: () => this.clock.now(),
      owner: () => this.#workplaceNow().owner,
    })
    this.files.subscribe(() => this.#changed())
    this.tray.subscribe(() => this.#changed())
    this.ready = new Promise(done => {
      this.#settleReady = done
    })
  }

  start(): void {
    this.#stopLeaving = this.#surroundings.onLeave(() => this.status.pending > this.status.onDevice)
    void this.#enter()
  }

  get me(): Me | null {
    return this.#me
  }

  get events(): EventBus {
    return this.#events.bus
  }

  /** A new object when something in it changed. */
  get status(): DeskStatus {
    if (this.#isStatusStale) {
      this.#isStatusStale = false
      const next = this.#statusNow()
      if (!isSameStatus(next, this.#status)) this.#status = next
    }
    return this.#status
  }

  readonly subscribe = (tell: () => void): (() => void) => this.#told.subscribe(tell)

  /** How much is open. */
  get inUse(): { readonly records: number; readonly lists: number } {
    return { records: this.#opened.size, lists: this.#lists.size }
  }

  *openRecords(): Generator<RecordOnDesk> {
    yield* this.#opened.things()
  }

  /** One reference more; `close` gives it back. */
  open<T extends RecordType>(type: T, id: string): LiveRecord<T> {
    return asLive(this.#opened.lend(`${type.name}:${id}`, () => this.#makeRecord(type, id, false)))
  }

  /** As `open`, for a screen that may yet be thrown away: unless somebody opens it, it goes by itself. */
  glance<T extends RecordType>(type: T, id: string): LiveRecord<T> {
    return asLive(this.#opened.glance(`${type.name}:${id}`, () => this.#makeRecord(type, id, false)))
  }

  /** A new record, there at once, off line too. */
  create<T extends RecordType>(
    type: T,
    values: Patch<FieldsOf<T>>,
    options: NewRecordOptions = {},
  ): LiveRecord<T> {
    if (this.#isClosed) throw new Error('the desk is closed')
    const id = options.id ?? randomName(this.#surroundings)
    const record = this.#opened.lend(`${type.name}:${id}`, () => this.#makeRecord(type, id, true))
    record.makeUp()
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
    return asLive(record)
  }

  /** Live, and kept for when there is no server; equal queries are one list. `close` gives it back. */
  list<T extends RecordType>(type: T, query: ListQuery = {}): LiveList<T> {
    return asLiveList(this.#lists.lend(queryKey(type, query), () => this.#makeList(type, query)))
  }

  glanceAtList<T extends RecordType>(type: T, query: ListQuery = {}): LiveList<T> {
    return asLiveList(this.#lists.glance(queryKey(type, query), () => this.#makeList(type, query)))
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
  keepOffline<T extends RecordType>(type: T, query: ListQuery = {}, options: KeepOptions = {}): WorkingSet {
    const keeper = {
      store: () => this.#store,
      now: () => this.clock.now(),
      open: (one: RecordType, id: string) => this.open(one, id),
      isWanted: (room: string) => this.#isWanted(room),
      released: (released: WorkingSet) => this.#workingSets.delete(released),
    }
    const set = new WorkingSet(type, this.list<RecordType>(type, query), keeper, options)
    this.#workingSets.add(set)
    return set
  }

  /** By hand: nothing is carried until `goOnline`. */
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
    const unsettled = [...this.#opened.things()].filter(record => !record.isSettled)
    await Promise.all(unsettled.map(record => this.#savedOrOffline(record)))
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

  /** Leaves nothing of this person on the device. With unsent edits it does nothing, unless told to discard them. */
  async signOut(
    options: { readonly discardUnsent?: boolean } = {},
  ): Promise<{ readonly done: boolean; readonly unsent: number }> {
    const { pending, files } = this.status
    const unsent = pending + files.queued + files.sending + files.failed
    if (unsent > 0 && options.discardUnsent !== true) return { done: false, unsent }
    const store = this.#store
    this.#events.signedOut()
    await this.#shutAll()
    await store?.wipe().catch(() => {})
    return { done: true, unsent }
  }

  async close(): Promise<void> {
    const store = this.#store
    await this.#shutAll()
    await store?.close()
  }

  /** Who it is, then what is on the device, then the link. */
  async #enter(): Promise<void> {
    const me = await this.#whoAmI()
    if (me === null) return
    this.#me = me
    const owner = `${this.#url} ${me.id}`
    const isMemory = this.#options.storage === 'memory'
    const { store, trouble } = await openStore(
      isMemory ? null : this.#surroundings.indexedDB,
      `corecord ${owner}`,
    )
    if (this.#isClosed) {
      await store.close()
      return
    }
    this.#store = store
    this.#storage = isMemory ? 'memory' : (trouble ?? store.kind)
    this.#workplace = {
      me,
      clock: this.clock,
      store,
      carrier: this.link,
      surroundings: this.#surroundings,
      tab: randomName(this.#surroundings),
      owner,
      storageFailed: failure => this.#storageIs(failure),
      storageWorks: () => {
        if (this.#storage === 'full') this.#storageIs('device')
      },
    }
    // What cannot be read is not there; the status has said why.
    await Promise.all([this.tray, this.digest, this.files].map(one => one.load().catch(() => {})))
    this.#events.start(this.#surroundings.openTabPort?.(`corecord desk ${owner}`) ?? null)
    if (!this.#isOffline) this.link.start()
    this.#isReady = true
    this.#settleReady()
    for (const record of this.#opened.things()) void record.start(false)
    for (const list of this.#lists.things()) list.start(this.#listLink)
    this.inbox.attach()
    await this.#resumeUnsent(store)
    this.#changed()
    this.#cancelEviction = this.#surroundings.after(EVICT_LATER_MS, () => void this.#evict(store))
  }

  /** Not before the application has said what it keeps, and never off line, where nothing can be fetched again. */
  async #evict(store: LocalStore): Promise<void> {
    if (this.link.carrier === null) return
    const now = this.clock.now()
    const isWanted = (room: string): boolean => this.#isWanted(room)
    await evictUnused(store, { now, evictAfterMs: EVICT_AFTER_MS, type: null, isWanted }).catch(() => {})
  }

  /** Without a token nobody knows whose data to show. Null when the desk was closed meanwhile. */
  async #whoAmI(): Promise<Me | null> {
    for (let delayMs = TOKEN_RETRY_MS; !this.#isClosed; delayMs = Math.min(delayMs * 2, TOKEN_RETRY_MS_MAX)) {
      try {
        const { me } = await this.#tokens.get()
        this.#tokenTrouble = null
        return me
      } catch (error) {
        const sentence = error instanceof Error ? error.message : String(error)
        this.#tokenTrouble = { code: 'TOKEN_MISSING', sentence }
        this.#changed()
        await new Promise<void>(done => this.#surroundings.after(delayMs, done))
      }
    }
    return null
  }

  /** What an earlier visit left unsaved is sent, whether anybody opens it or not. */
  async #resumeUnsent(store: LocalStore): Promise<void> {
    for (const room of await unsavedRooms(store).catch(() => [])) {
      const record = this.#isClosed ? null : this.#openRoom(room)
      void record?.whenReady().then(() => record.close())
    }
  }

  async #putBack(room: string, content: TrayContent): Promise<void> {
    const record = this.#openRoom(room)
    if (record === null) throw new TypeError(`no record type of this desk is named in ${room}`)
    try {
      await record.whenReady()
      record.putBack(content)
    } finally {
      record.close()
    }
  }

  #isWanted(room: string): boolean {
    return this.#opened.has(room) || [...this.#workingSets].some(set => set.holds(room))
  }

  #openRoom(room: string): RecordOnDesk | null {
    const name = parseRoomName(room)
    const type = this.records.find(one => one.name === name?.type)
    if (name === null || type === undefined) return null
    return this.#opened.lend(room, () => this.#makeRecord(type, name.id, false))
  }

  #makeRecord(type: RecordType, id: string, isNew: boolean): RecordOnDesk {
    const record = new RecordOnDesk(type, id, () => this.#workplaceNow(), {
      tray: this.tray,
      isReachable: () => this.#isReachable(),
      changed: changed => this.#recordChanged(changed),
      isWatching: () => this.#events.isHeard,
      happened: event => this.#events.happened(event),
      digested: items => this.digest.add(items),
      released: ({ room }) => this.#opened.giveBack(room),
    })
    // What a screen still asks of a desk that somebody has closed is never there; it does not bring the screen down.
    if (this.#isReady && !this.#isClosed) void record.start(isNew)
    return record
  }

  #makeList(type: RecordType, query: ListQuery): ListOnDesk {
    const keeper: ListKeeper = {
      me: () => this.#me,
      store: () => this.#store,
      surroundings: this.#surroundings,
      now: () => this.clock.now(),
      heardAt: () => this.link.heardAt,
      isReachable: () => this.#isReachable(),
      records: wanted => [...this.#opened.things()].filter(record => record.type === wanted),
      heard: (of, rows, isNews) => this.#events.heardRows(of, rows, isNews),
      changed: () => this.#changed(),
      released: ({ key }) => this.#lists.giveBack(key),
    }
    const list = new ListOnDesk(type, query, keeper)
    if (this.#isReady && !this.#isClosed) list.start(this.#listLink)
    return list
  }

  #workplaceNow(): Workplace {
    if (this.#workplace === null) throw new Error('the desk is not ready: await desk.ready')
    return this.#workplace
  }

  /** Whether a server can be expected to answer. */
  #isReachable(): boolean {
    const { carrier, state, failures } = this.link
    return carrier !== null || (state.kind === 'connecting' && failures === 0)
  }

  #linkChanged(): void {
    if (!this.#isReady) return
    for (const record of this.#opened.things()) record.surroundingsChanged()
    for (const list of this.#lists.things()) list.overlayChanged(null)
    this.files.carrierChanged()
    this.#changed()
  }

  #recordChanged(record: RecordOnDesk): void {
    for (const list of this.#lists.things()) if (list.type === record.type) list.overlayChanged(record)
    this.#changed()
  }

  #storageIs(state: StorageState | StorageTrouble): void {
    this.#storage = state
    this.#changed()
  }

  /** However much changes in one turn, listeners are told once, after it. */
  #changed(): void {
    this.#isStatusStale = true
    if (this.#isTelling) return
    this.#isTelling = true
    queueMicrotask(() => {
      this.#isTelling = false
      this.#opened.look()
      const before = this.#lastTold
      this.#lastTold = this.status
      if (before !== this.#lastTold) this.#told.tell()
    })
  }

  #lastTold: DeskStatus = NOTHING_YET

  #statusNow(): DeskStatus {
    return statusOf({
      records: this.#opened.things(),
      lists: this.#lists.things(),
      link: this.link,
      storage: this.#storage,
      refused: this.tray.items?.length ?? 0,
      files: this.files.counts,
      skewMs: this.clock.skewMs,
      trouble: this.#tokenTrouble ?? this.link.trouble,
    })
  }

  async #savedOrOffline(record: RecordOnDesk): Promise<void> {
    let stop = (): void => {}
    const isOffline = new Promise<void>(done => {
      const look = (): void => {
        if (this.link.carrier === null && this.link.state.kind !== 'connecting') done()
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

  async #shutAll(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const set of [...this.#workingSets]) set.release()
    this.inbox.close()
    this.files.close()
    this.#events.close()
    for (const list of this.#lists.takeAll()) list.shut()
    this.#listLink.close()
    await Promise.all(this.#opened.takeAll().map(record => record.shut()))
    this.link.stop()
    this.#stopLeaving?.()
    this.#cancelEviction?.()
    this.#settleReady()
    this.#told.clear()
  }

  get #url(): string {
    return (this.#options.url ?? this.#surroundings.origin).replace(/\/+$/, '')
  }
}

/** A record on the desk has, by construction, the shape that its type's tables give it. */
const asLive = <T extends RecordType>(record: RecordOnDesk): LiveRecord<T> =>
  record as unknown as LiveRecord<T>

/** Rows have the shape that the type's row function gives them. */
const asLiveList = <T extends RecordType>(list: ListOnDesk): LiveList<T> => list as unknown as LiveList<T>
