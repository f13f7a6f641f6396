// All that is open on a desk: records and lists by reference count, and the working sets. Whatever is asked for is
// there at once, and begins when it is known who asks.

import { assertRecordType } from '../shared/record/assert-declaration.ts'
import type { Clock } from '../shared/record/clock.ts'
import type { Row } from '../shared/record/filter.ts'
import type { Me, RecordType } from '../shared/record/record-type.ts'
import { parseRoomName } from '../shared/record/room-name.ts'
import { assertNames } from './connect-options.ts'
import type { DeskEvents } from './event/desk-events.ts'
import { rowsOfDelta } from './event/row-events.ts'
import { Lending } from './lending.ts'
import type { Link } from './link/link.ts'
import { ListLink } from './list/list-link.ts'
import { CHANGED_LAST, isChangedLast, type ListQuery, queryKey, queryProblem } from './list/list-query.ts'
import { ListOnDesk } from './list/list-on-desk.ts'
import type { LiveList } from './list/live-list.ts'
import type { LocalStore } from './local/local-store.ts'
import { unsavedByRoom } from './local/record-store.ts'
import type { Digest } from './offline/digest.ts'
import { type KeepOptions, WorkingSet } from './offline/working-set.ts'
import type { LiveRecord } from './record/live-record.ts'
import { RecordOnDesk } from './record/record-on-desk.ts'
import type { Tray } from './record/tray.ts'
import type { Workplace } from './record/workplace.ts'
import type { Written } from './record/written.ts'
import type { Surroundings } from './surroundings.ts'
import { CLOSED, NO_ROOM } from './trouble.ts'

export interface OpenThingsParts {
  readonly types: readonly RecordType[]
  readonly link: Link
  readonly clock: Clock
  readonly surroundings: Surroundings
  readonly tray: Tray
  readonly digest: Digest
  readonly events: DeskEvents
  me(): Me | null
  store(): LocalStore | null
  workplace(): Workplace
  /** It is known who asks, and nobody has closed the desk. */
  isReady(): boolean
  isClosed(): boolean
  /** It asks who works here, or knows it: not where a page is rendered on a server. */
  isBegun(): boolean
  /** What the desk says of itself may be something else now. */
  changed(): void
}

const LINGER_MS = 1_000

export class OpenThings {
  readonly #parts: OpenThingsParts
  readonly #records: Lending<RecordOnDesk>
  readonly #lists: Lending<ListOnDesk>
  readonly #listLink: ListLink
  readonly #sets = new Set<WorkingSet>()
  readonly #notedRooms = new Set<string>()

  constructor(parts: OpenThingsParts) {
    this.#parts = parts
    const { surroundings, link } = parts
    this.#listLink = new ListLink(link)
    this.#records = new Lending({
      surroundings,
      lingerMs: LINGER_MS,
      // With unsaved edits a record stays open until they are saved, whoever looks at it.
      isDone: record => parts.isClosed() || !parts.isBegun() || record.isSettled,
      shut: record => void record.shut(),
    })
    this.#lists = new Lending({
      surroundings,
      lingerMs: LINGER_MS,
      isDone: () => true,
      shut: list => list.shut(),
    })
    parts.link.onAdmitted(() => {
      for (const record of this.#records.things()) if (record.state === 'forbidden') record.followAgain()
    })
  }

  get inUse(): { readonly records: number; readonly lists: number } {
    return { records: this.#records.size, lists: this.#lists.size }
  }

  records(): Iterable<RecordOnDesk> {
    return this.#records.things()
  }

  lists(): Iterable<ListOnDesk> {
    return this.#lists.things()
  }

  /** Null where it is not open; else whether what another tab wrote is told when it comes in. */
  awaits(room: string, written: Written): boolean | null {
    return this.#records.get(room)?.awaits(written) ?? null
  }

  /** Whether it is open, and tells by itself what the server says of it. */
  tells(room: string): boolean {
    return this.#records.get(room)?.isTelling === true
  }

  /** All that happens to records of a type, of which none need be open. */
  follow(type: RecordType): () => void {
    const list = this.list(type, CHANGED_LAST)
    return () => list.close()
  }

  /** Whether it is open, or a working set holds it. */
  isWanted(room: string): boolean {
    return this.#records.has(room) || [...this.#sets].some(set => set.holds(room))
  }

  /** For somebody, whom others see there from now on; who only reads what it is called is not there. */
  record(type: RecordType, id: string, { unseen = false } = {}): RecordOnDesk {
    const record = this.#lend(type, id)
    if (!unseen) record.presence.appear()
    return record
  }

  glanceAtRecord(type: RecordType, id: string): RecordOnDesk {
    return this.#records.glance(roomOf(type, id), () => this.#makeRecord(type, id))
  }

  /** For what the desk does by itself. Null where no type of this desk is named. */
  room(room: string): RecordOnDesk | null {
    const name = parseRoomName(room)
    const type = this.#parts.types.find(one => one.name === name?.type)
    return name === null || type === undefined ? null : this.#lend(type, name.id)
  }

  list(type: RecordType, query: ListQuery): ListOnDesk {
    return this.#lists.lend(queryKey(type, query), () => this.#makeList(type, query))
  }

  glanceAtList(type: RecordType, query: ListQuery): ListOnDesk {
    return this.#lists.glance(queryKey(type, query), () => this.#makeList(type, query))
  }

  keepOffline(type: RecordType, query: ListQuery, options: KeepOptions): WorkingSet {
    assertNames('keepOffline', options, ['evictAfterMs'])
    if (options.evictAfterMs !== undefined && !(options.evictAfterMs >= 0))
      throw new TypeError('keepOffline: evictAfterMs is a number of milliseconds')
    const { store, clock } = this.#parts
    const keeper = {
      store,
      now: () => clock.now(),
      // Records and lists on the desk have the shape that their type gives them.
      open: (one: RecordType, id: string) => this.#lend(one, id) as unknown as LiveRecord,
      isWanted: (room: string) => this.isWanted(room),
      released: (released: WorkingSet) => this.#sets.delete(released),
    }
    const list = this.list(type, query) as unknown as LiveList
    const set = new WorkingSet(type, list, keeper, options)
    this.#sets.add(set)
    return set
  }

  /** What was asked for before it was known who asks. */
  start(): void {
    for (const record of this.#records.things()) void record.start()
    for (const list of this.#lists.things()) list.start(this.#listLink)
  }

  /** What an earlier visit left unsaved is sent, whether anybody opens it or not. */
  async resumeUnsent(store: LocalStore): Promise<void> {
    const unknown = new Set<string>()
    for (const room of (await unsavedByRoom(store).catch(() => new Map<string, number>())).keys()) {
      if (this.#parts.isClosed()) return
      const record = this.room(room)
      if (record === null) unknown.add(parseRoomName(room)?.type ?? room)
      void record?.whenReady().then(() => record.close())
    }
    if (unknown.size === 0) return
    console.warn(
      `corecord: this device has unsent edits of ${[...unknown].join(', ')}, which is none of the records that this desk was connected with: they stay here until one is that knows it`,
    )
  }

  /** Of earlier visits, and counted by no open record: not read yet, or of a type that this desk does not know. */
  async unsentUnread(store: LocalStore): Promise<number> {
    const read = new Set(
      [...this.#records.things()].filter(one => one.replica !== null).map(({ room }) => room),
    )
    const unsaved = await unsavedByRoom(store).catch(() => new Map<string, number>())
    return [...unsaved].reduce((sum, [room, edits]) => (read.has(room) ? sum : sum + edits), 0)
  }

  refreshLists(): void {
    this.#listLink.refresh()
  }

  /** The carrier came or went. */
  linkChanged(): void {
    for (const record of this.#records.things()) record.surroundingsChanged()
    for (const list of this.#lists.things()) list.overlayChanged(null)
  }

  /** Something may have been finished that nobody holds any more. */
  look(): void {
    this.#records.look()
  }

  releaseSets(): void {
    for (const set of [...this.#sets]) set.release()
  }

  async shut(): Promise<void> {
    for (const list of this.#lists.takeAll()) list.shut()
    this.#listLink.close()
    await Promise.all(this.#records.takeAll().map(record => record.shut()))
  }

  #lend(type: RecordType, id: string): RecordOnDesk {
    return this.#records.lend(roomOf(type, id), () => this.#makeRecord(type, id))
  }

  #makeRecord(type: RecordType, id: string): RecordOnDesk {
    const { tray, events, digest, workplace, isReady, isClosed } = this.#parts
    const record = new RecordOnDesk(type, id, workplace, {
      tray,
      isReachable: () => this.#isReachable(),
      changed: changed => this.#recordChanged(changed),
      isWatching: () => events.isHeard,
      happened: (told, written) => events.happened(told, written),
      digested: items => digest.add(items),
    })
    this.#noteRoomForId(type, id)
    // What can never be there says so, and does not bring the screen down that asks for it.
    if (isClosed()) record.deny(CLOSED)
    else if (parseRoomName(record.room) === null) record.deny(NO_ROOM)
    else if (isReady()) void record.start()
    return record
  }

  /** What a `ref` holds is the room of another record, and would be a record that nobody has made. */
  #noteRoomForId({ name }: RecordType, id: string): void {
    if (!id.startsWith(`${name}:`) || this.#notedRooms.has(name)) return
    this.#notedRooms.add(name)
    console.warn(
      `corecord: ${name} is opened by the id «${id}», which looks like its room: an id is what stands behind the colon, localId('${name}', …)`,
    )
  }

  #makeList(type: RecordType, query: ListQuery): ListOnDesk {
    const { me, store, surroundings, clock, link, events, changed, isReady, isClosed } = this.#parts
    const problem = queryProblem(type, query)
    const isFollowed = problem === null && isChangedLast(query)
    const list = new ListOnDesk(type, problem === null ? query : {}, queryKey(type, query), {
      me,
      store,
      surroundings,
      now: () => clock.now(),
      heardAt: () => link.heardAt,
      isReachable: () => this.#isReachable(),
      records: wanted => [...this.#records.things()].filter(record => record.type === wanted),
      whole: (message, wasLive) => {
        if (isFollowed) events.heardWhole(type, message, wasLive)
        this.#followAgain(type, message.rows)
      },
      delta: message => {
        if (isFollowed) events.heardDelta(type, message)
        this.#followAgain(type, rowsOfDelta(message))
      },
      changed,
    })
    if (isClosed()) list.deny(CLOSED)
    else if (problem !== null) list.deny({ code: 'BAD_QUERY', sentence: problem })
    else if (isReady()) list.start(this.#listLink)
    return list
  }

  /** What was taken off this device is there again. */
  #followAgain(type: RecordType, rows: readonly Row[]): void {
    for (const record of this.#records.things())
      if (record.type === type && record.isAway && rows.some(row => row.id === record.id))
        record.followAgain()
  }

  #recordChanged(record: RecordOnDesk): void {
    for (const list of this.#lists.things()) if (list.type === record.type) list.overlayChanged(record)
    this.#parts.changed()
  }

  /** Whether a server can be expected to answer. */
  #isReachable(): boolean {
    const { carrier, state, failures } = this.#parts.link
    return carrier !== null || (state.kind === 'connecting' && failures === 0)
  }
}

/** An address gives texts, and what it does not give is undefined, which would be a record of that name. */
export const roomOf = (type: RecordType, id: string): string => {
  assertRecordType(type)
  if (typeof id !== 'string')
    throw new TypeError(
      `the id of a ${type.name} is a text, and not ${String(id)}; hooks take null while there is none`,
    )
  return `${type.name}:${id}`
}
