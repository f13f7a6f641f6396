// What an application has of corecord: everything that is open, over one link, for one person.

import { assertRecordType } from '../shared/record/assert-declaration.ts'
import { type Clock, createClock } from '../shared/record/clock.ts'
import type { FieldsOf, Me, NewValues, RecordType } from '../shared/record/record-type.ts'
import { claim } from '../shared/record/filter.ts'
import { RECORD_PATH } from '../shared/record/path.ts'
import type { PutBack, UnsentContent } from '../shared/record/rebase.ts'
import { RecordError } from '../shared/record/record-error.ts'
import { Inbox as InboxType } from '../shared/types/inbox.ts'
import {
  assertConnectOptions,
  assertNames,
  type ConnectOptions,
  type NewRecordOptions,
} from './connect-options.ts'
import { debugging } from './debug.ts'
import { byNewestToken } from './person.ts'
import { noteInPage, openWorkplace, whoAmI } from './desk-entry.ts'
import { DeskEvents } from './event/desk-events.ts'
import type { EventBus } from './event/event-bus.ts'
import { Files } from './files/files.ts'
import { Inbox } from './inbox/inbox.ts'
import { Link } from './link/link.ts'
import { TokenSource } from './link/token-source.ts'
import { Traffic } from './link/traffic.ts'
import { Belonging, belongingQueries } from './list/belonging.ts'
import type { ListQuery } from './list/list-query.ts'
import type { QueryFor, QueryOn } from './list/query-for.ts'
import type { ListOnDesk } from './list/list-on-desk.ts'
import type { LiveList } from './list/live-list.ts'
import type { LocalStore } from './local/local-store.ts'
import { countOnDevice, type OnDevice } from './local/on-device.ts'
import { assertCanBeSent, assertCanBegin, fill, idIn } from './new-record.ts'
import { Digest } from './offline/digest.ts'
import { EVICT_AFTER_MS, evictUnused } from './offline/eviction.ts'
import type { KeepOptions, WorkingSet } from './offline/working-set.ts'
import { OpenThings } from './open-things.ts'
import { randomName } from './random-name.ts'
import type { LiveRecord, Trouble } from './record/live-record.ts'
import type { RecordOnDesk } from './record/record-on-desk.ts'
import { Tray } from './record/tray.ts'
import type { Workplace } from './record/workplace.ts'
import { type DeskStatus, type StorageState, statusOf } from './status.ts'
import { StatusTeller } from './status-teller.ts'
import { type Surroundings, surroundingsHere } from './surroundings.ts'
import { SyncByHand, type SyncResult } from './sync-by-hand.ts'
import { CLOSED } from './trouble.ts'
import { Tuning } from './tuning.ts'

const EVICT_LATER_MS = 60_000

const NOWHERE: Trouble = {
  code: 'BAD_REQUEST',
  sentence: 'no server is named, and there is no page that came from one: connect({ url, … }) names it',
}

export const connect = (options: ConnectOptions): Desk => {
  const desk = new Desk(options)
  desk.start()
  return desk
}

export class Desk {
  /** Of what has a name Vue makes no proxy, behind which private parts are not found. */
  readonly [Symbol.toStringTag] = 'Desk'
  readonly records: readonly RecordType[]
  readonly clock: Clock
  readonly link: Link
  /** For the inspector: what crosses the link, and what makes life hard for it. */
  readonly traffic = new Traffic({
    now: () => this.clock.now(),
    roomOf: channel => this.link.roomOf(channel),
  })
  readonly tuning = new Tuning()
  readonly inbox: Inbox
  readonly files: Files
  readonly digest = new Digest(() => this.#store)
  readonly tray = new Tray(
    () => this.#store,
    (room, contents, decided) => this.#putBack(room, contents, decided),
    () => this.#events.trayChanged(),
  )
  readonly #options: ConnectOptions
  readonly #surroundings: Surroundings
  readonly #tokens: TokenSource
  readonly #teller = new StatusTeller({ now: () => this.#statusNow(), look: () => this.#look() })
  readonly #byHand: SyncByHand
  readonly #things: OpenThings
  readonly #events: DeskEvents
  #me: Me | null = null
  #workplace: Workplace | null = null
  #store: LocalStore | null = null
  #storage: StorageState = 'memory'
  #trouble: Trouble | null = null
  #isOffline = false
  #isBegun = false
  #isClosed = false
  #isReady = false
  #isKeptForGood = false
  #settleReady: () => void = () => {}
  readonly #ready = new Promise<void>(done => {
    this.#settleReady = done
  })
  #settleUntold: () => void = () => {}
  /** The application gave no token. */
  readonly #untold = new Promise<void>(done => {
    this.#settleUntold = done
  })
  #stopLeaving: (() => void) | null = null
  #stopNoting: (() => void) | null = null
  #cancelEviction: (() => void) | null = null

  constructor(options: ConnectOptions) {
    assertConnectOptions(options)
    this.#options = options
    this.records = options.records.includes(InboxType) ? options.records : [...options.records, InboxType]
    const here = debugging({ ...surroundingsHere(), ...options.surroundings }, options.debug)
    const surroundings = this.tuning.of(here)
    this.#surroundings = surroundings
    this.clock = createClock({ wall: () => surroundings.wall(), monotonic: () => surroundings.monotonic() })
    this.#tokens = new TokenSource(options.token, surroundings)
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
    this.#events = new DeskEvents({
      now: () => this.clock.now(),
      me: () => this.#me?.id ?? '',
      awaits: (room, written) => this.#things.awaits(room, written),
      tells: room => this.#things.tells(room),
      watchRecords: () => {
        this.#begin()
        for (const record of this.#things.records()) record.watch()
      },
      types: this.records.filter(type => type !== InboxType),
      follow: type => this.#things.follow(type),
      trayChangedElsewhere: () => void this.tray.load().catch(() => {}),
      signedOutElsewhere: () => void this.close(),
      onWake: tell => surroundings.onWake(tell),
    })
    this.#things = new OpenThings({
      types: this.records,
      link: this.link,
      clock: this.clock,
      surroundings,
      tray: this.tray,
      digest: this.digest,
      events: this.#events,
      me: () => this.#me,
      store: () => this.#store,
      workplace: () => this.#workplaceNow(),
      isReady: () => this.#isReady && !this.#isClosed,
      isClosed: () => this.#isClosed,
      isBegun: () => this.#isBegun,
      changed: () => this.#changed(),
    })
    this.#byHand = new SyncByHand({
      link: this.link,
      records: () => this.#things.records(),
      refreshLists: () => this.#things.refreshLists(),
      isClosed: () => this.#isClosed,
      status: () => this.status,
      subscribe: tell => this.subscribe(tell),
    })
    this.inbox = new Inbox(
      () => {
        this.#begin()
        return this.#me === null ? null : this.open(InboxType, this.#me.id)
      },
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
    this.tray.subscribe(() => {
      for (const record of this.#things.records()) record.trayChanged()
      this.#changed()
    })
  }

  /** When the device has been read. */
  get ready(): Promise<void> {
    if (this.#isNowhere) return Promise.reject(new TypeError(NOWHERE.sentence))
    this.#begin()
    return this.#ready
  }

  start(): void {
    if (this.#isNowhere) {
      this.#trouble = NOWHERE
      this.#changed()
    } else if (this.#hasPage) this.#begin()
  }

  /**
   * Where there is no page, with the first thing that it is asked for. A page that is rendered on a server only glances
   * at what there is, and nobody there would ever close a desk that had begun.
   */
  #begin(): void {
    if (this.#isBegun || this.#isNowhere || this.#isClosed) return
    this.#isBegun = true
    this.#stopLeaving = this.#surroundings.onLeave(() => isLostOnLeaving(this.status))
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
    return this.#teller.status
  }

  readonly subscribe = (tell: () => void): (() => void) => {
    this.#begin()
    return this.#teller.subscribe(tell)
  }

  /** How much lies on the device; null where nothing can be read. */
  async onDevice(): Promise<OnDevice | null> {
    return this.#store === null ? null : await countOnDevice(this.#store).catch(() => null)
  }

  /** How much is open. */
  get inUse(): { readonly records: number; readonly lists: number } {
    return this.#things.inUse
  }

  *openRecords(): Generator<RecordOnDesk> {
    yield* this.#things.records()
  }

  /** One reference more; `close` gives it back. Unseen: the others do not see one there. */
  open<T extends RecordType>(
    type: T,
    id: string,
    options: { readonly unseen?: boolean } = {},
  ): LiveRecord<T> {
    assertNames('open', options, ['unseen'])
    this.#begin()
    return asLive(this.#things.record(type, id, options))
  }

  /** As `open`, for a screen that may yet be thrown away: unless somebody opens it, it goes by itself. */
  glance<T extends RecordType>(type: T, id: string): LiveRecord<T> {
    return asLive(this.#things.glanceAtRecord(type, id))
  }

  /** A new record, there at once, off line too. */
  create<T extends RecordType>(
    type: T,
    values: NewValues<FieldsOf<T>>,
    options: NewRecordOptions = {},
  ): LiveRecord<T> {
    const record = this.#things.record(type, this.#newId(type, values, options))
    record.makeUp()
    fill(record, values, options)
    return asLive(record)
  }

  /** The id of a record that can be begun with these values, and sent. */
  #newId(type: RecordType, values: object, options: NewRecordOptions): string {
    if (this.#isClosed) throw new RecordError([{ ...CLOSED, path: '' }])
    const place = this.#workplaceNow()
    assertRecordType(type)
    const id = idIn(options) ?? randomName(this.#surroundings)
    assertCanBeSent(this.records, type, id)
    assertCanBegin(place, type, id, values, options)
    return id
  }

  /**
   * A new record under an id whose record was purged, which nobody does by accident: not a device that comes back,
   * not a request that is sent twice. Nothing of the first is in it. Needs the server, which knows what was purged.
   */
  async createAgain<T extends RecordType>(
    type: T,
    values: NewValues<FieldsOf<T>>,
    options: NewRecordOptions & { readonly id: string },
  ): Promise<LiveRecord<T>> {
    const record = this.#things.record(type, this.#newId(type, values, options))
    try {
      await record.makeUpAgain()
    } catch (error) {
      record.close()
      throw error
    }
    fill(record, values, options)
    return asLive(record)
  }

  /** Live, and kept for when there is no server; equal queries are one list. `close` gives it back. */
  list<T extends RecordType, const Q extends ListQuery | QueryOn<T>>(
    type: T,
    query?: QueryFor<T, Q>,
  ): LiveList<T> {
    this.#begin()
    return asLiveList(this.#things.list(type, query ?? {}))
  }

  glanceAtList<T extends RecordType>(type: T, query: ListQuery = {}): LiveList<T> {
    return asLiveList(this.#things.glanceAtList(type, query))
  }

  /** Rows made by this person, or that name them in a field. */
  mine<T extends RecordType>(type: T, field = 'createdBy'): LiveList<T> {
    this.#begin()
    return asLiveList(this.#things.list(type, { where: { [field]: claim('sub') } }))
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
  keepOffline<T extends RecordType, const Q extends ListQuery | QueryOn<T>>(
    type: T,
    query?: QueryFor<T, Q>,
    options: KeepOptions = {},
  ): WorkingSet {
    this.#begin()
    return this.#things.keepOffline(type, query ?? {}, options)
  }

  /** By `goOffline`, not by the network. */
  get isOffline(): boolean {
    return this.#isOffline
  }

  /** By hand: nothing is carried until `goOnline`. */
  goOffline(): void {
    this.#isOffline = true
    this.link.stop()
  }

  goOnline(): void {
    this.#isOffline = false
    this.#begin()
    if (this.#isReady && !this.#isClosed) this.link.start()
  }

  /** Sends what is unsaved; settled when it is saved, or when nothing carries it. */
  push(): Promise<SyncResult> {
    return this.#byHand.push()
  }

  /** Asks for what is new; over a socket it comes by itself, and this only makes sure. */
  pull(): Promise<SyncResult> {
    return this.#byHand.pull()
  }

  async sync(): Promise<SyncResult> {
    await this.push()
    return await this.pull()
  }

  /** Leaves nothing of this person on the device. With edits that only it has nothing happens, unless discarded. */
  async signOut(
    options: { readonly discardUnsent?: boolean } = {},
  ): Promise<{ readonly done: boolean; readonly unsent: number }> {
    // What lies on the device can be counted and taken away once it is known whose it is.
    if (this.#isBegun && !this.#isClosed) await Promise.race([this.#ready, this.#untold])
    const store = this.#store
    const unread = store === null ? 0 : await this.#things.unsentUnread(store)
    const { pending, refused, files } = this.status
    const unsent = pending + refused + files.queued + files.sending + files.failed + unread
    if (unsent > 0 && options.discardUnsent !== true) return { done: false, unsent }
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
    const me = await whoAmI(this.#tokens, this.#surroundings, {
      isOver: () => this.#isClosed,
      failed: trouble => {
        this.#settleUntold()
        this.#trouble = trouble
        this.#changed()
      },
    })
    if (me === null) return
    this.#trouble = null
    this.#me = byNewestToken(me, () => this.#tokens.current?.me)
    const place = await openWorkplace(this.#me, {
      url: this.#url,
      isMemory: this.#options.storage === 'memory',
      surroundings: this.#surroundings,
      clock: this.clock,
      carrier: this.link,
      storageIs: state => this.#storageIs(state),
    })
    const { store } = place
    if (this.#isClosed) {
      await store.close()
      return
    }
    this.#store = store
    this.#workplace = place
    if (this.#hasPage && this.#options.surroundings === undefined) this.#stopNoting = noteInPage(place.owner)
    // What cannot be read is not there; the status has said why.
    const fileTabs = this.#surroundings.openTabPort?.(`corecord files ${place.owner}`) ?? null
    const loads = [this.tray.load(), this.digest.load(), this.files.load(fileTabs)]
    await Promise.all(loads.map(one => one.catch(() => {})))
    if (this.#isClosed) return
    this.#events.start(this.#surroundings.openTabPort?.(`corecord desk ${place.owner}`) ?? null, place.tab)
    if (!this.#isOffline) this.link.start()
    this.#isReady = true
    this.#settleReady()
    this.#things.start()
    this.inbox.attach()
    await this.#things.resumeUnsent(store)
    this.#changed()
    if (this.#isClosed) return
    this.#cancelEviction = this.#surroundings.after(EVICT_LATER_MS, () => void this.#evict(store))
  }

  /** Not before the application has said what it keeps, and never off line, where nothing can be fetched again. */
  async #evict(store: LocalStore): Promise<void> {
    if (this.link.carrier === null) return
    const now = this.clock.now()
    const isWanted = (room: string): boolean => this.#things.isWanted(room)
    await evictUnused(store, { now, evictAfterMs: EVICT_AFTER_MS, type: null, isWanted }).catch(() => {})
  }

  async #putBack(
    room: string,
    contents: readonly UnsentContent[],
    decided: () => void,
  ): Promise<PutBack['unplaced']> {
    const record = this.#things.room(room)
    if (record === null) throw new TypeError(`no record type of this desk is named in ${room}`)
    try {
      await record.whenReady()
      const unplaced = await record.putBack(contents)
      void record.whenSaved().then(decided, decided)
      return unplaced
    } finally {
      record.close()
    }
  }

  #workplaceNow(): Workplace {
    if (this.#workplace === null)
      throw new RecordError([
        { code: 'UNAVAILABLE', path: RECORD_PATH, sentence: 'the desk is not ready: await desk.ready' },
      ])
    return this.#workplace
  }

  #linkChanged(): void {
    if (!this.#isReady) return
    this.#things.linkChanged()
    this.files.carrierChanged()
    this.#changed()
  }

  #storageIs(state: StorageState): void {
    this.#storage = state
    this.#changed()
  }

  #changed(): void {
    this.#teller.changed()
  }

  #look(): void {
    this.#things.look()
    const { carrier, onDevice, files } = this.status
    // Not before there is need: it may ask the person. From now on this device alone has something.
    if (this.#isKeptForGood || carrier !== null || onDevice + files.onDevice === 0) return
    this.#isKeptForGood = true
    this.#surroundings.keepForGood()
  }

  #statusNow(): DeskStatus {
    return statusOf({
      records: this.#things.records(),
      lists: this.#things.lists(),
      link: this.link,
      storage: this.#storage,
      refused: this.tray.items?.length ?? 0,
      files: this.files.counts,
      skewMs: this.clock.skewMs,
      trouble: this.#trouble ?? this.link.trouble,
    })
  }

  async #shutAll(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#things.releaseSets()
    this.inbox.close()
    this.files.close()
    this.#events.close()
    await this.#things.shut()
    this.link.stop()
    this.#stopLeaving?.()
    this.#stopNoting?.()
    this.#cancelEviction?.()
    this.#settleReady()
    this.#teller.clear()
  }

  get #hasPage(): boolean {
    return this.#surroundings.origin !== ''
  }

  get #isNowhere(): boolean {
    return !/^https?:/.test(this.#url)
  }

  get #url(): string {
    return (this.#options.url ?? this.#surroundings.origin).replace(/\/+$/, '')
  }
}

/** What is not on the device, and not at the server either. */
const isLostOnLeaving = ({ pending, onDevice, files }: DeskStatus): boolean =>
  pending > onDevice || files.queued + files.sending > files.onDevice

/** A record on the desk has, by construction, the shape that its type's tables give it. */
const asLive = <T extends RecordType>(record: RecordOnDesk): LiveRecord<T> =>
  record as unknown as LiveRecord<T>

/** Rows have the shape that the type's row function gives them. */
const asLiveList = <T extends RecordType>(list: ListOnDesk): LiveList<T> => list as unknown as LiveList<T>
