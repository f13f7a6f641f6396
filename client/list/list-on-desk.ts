// A list on the desk: the server's rows, kept on the device for when there is no server, with one's own edits laid
// over.

import type { Me, RecordType } from '../../shared/record/record-type.ts'
import type { Row } from '../../shared/record/filter.ts'
import type { CompareRows } from '../../shared/record/row-order.ts'
import { HELD_ROWS_MIN, heapOf, heapsOf, orderSum } from '../../shared/wire/held-rows.ts'
import { opensAgain } from '../link/carrier.ts'
import type { LocalStore } from '../local/local-store.ts'
import type { Trouble } from '../record/live-record.ts'
import type { Person } from '../record/presence.ts'
import type { RecordOnDesk } from '../record/record-on-desk.ts'
import type { Surroundings } from '../surroundings.ts'
import { Told } from '../told.ts'
import { CLOSED } from '../trouble.ts'
import { type KeptList, ListKeeping, readKept } from './kept-list.ts'
import { fromKept } from './kept-rows.ts'
import type { ListEars, ListLink } from './list-link.ts'
import type { Counts, DeltaMessage, GroupSums, RowsMessage, Sums } from './list-messages.ts'
import { limitOf, type ListQuery, orderOf } from './list-query.ts'
import type { ListState } from './live-list.ts'
import { type Laid, layOver } from './overlay.ts'
import { OwnRows } from './own-rows.ts'
import { ServerRows } from './server-rows.ts'

export interface ListKeeper {
  readonly me: () => Me | null
  readonly store: () => LocalStore | null
  readonly surroundings: Pick<Surroundings, 'after' | 'nextFrame' | 'monotonic'>
  now(): number
  /** Server time at which the server was last heard of. */
  heardAt(): number | null
  isReachable(): boolean
  /** Records of a type that are open here. */
  records(type: RecordType): Iterable<RecordOnDesk>
  /** The server has sent all of it; `wasLive`: it had before, and has gone on telling. */
  whole(message: RowsMessage, wasLive: boolean): void
  delta(message: DeltaMessage): void
  /** What the desk says of all lists may be something else now. */
  changed(): void
}

export class ListOnDesk implements ListEars {
  readonly type: RecordType
  readonly query: ListQuery
  readonly key: string
  readonly #keeper: ListKeeper
  readonly #told = new Told()
  #link: ListLink | null = null
  #id: number | null = null
  #limit: number
  #server: ServerRows | null = null
  #isLive = false
  /** Server time at which the rows were last known to be the server's; null: they never were. */
  #asOf: number | null = null
  #hasKept: boolean | null = null
  /** Where the rows are none of the server's for this list, other lists on the device are looked through. */
  #lookingAround: 'not yet' | 'first' | 'again' | 'done' = 'not yet'
  #isOfOthers = false
  #error: Trouble | null = null
  #laid: Laid | undefined
  #isStale = true
  readonly #own: OwnRows
  readonly #keeping: ListKeeping
  #isShut = false
  /** The server tells no more rows of one list than it has. */
  #isAtItsEnd = false
  #cancelFrame: (() => void) | null = null
  #cancelRetry: (() => void) | null = null

  constructor(type: RecordType, query: ListQuery, key: string, keeper: ListKeeper) {
    this.type = type
    this.query = query
    this.key = key
    this.#keeper = keeper
    this.#limit = limitOf(query)
    this.#own = new OwnRows({
      type,
      surroundings: keeper.surroundings,
      records: () => keeper.records(type),
      changed: () => this.#changed(),
    })
    this.#keeping = new ListKeeping({
      key: this.key,
      surroundings: keeper.surroundings,
      store: keeper.store,
      list: () => this.#kept,
    })
  }

  /** By the desk: it is never asked. */
  deny(trouble: Trouble): void {
    this.#error = trouble
  }

  start(link: ListLink): void {
    if (this.#link !== null || this.#error !== null) return
    this.#link = link
    this.#id = link.add(this)
    void this.#readKept()
  }

  get limit(): number {
    return this.#limit
  }

  get version(): number {
    return this.#isLive && this.#server !== null ? this.#server.version : -1
  }

  heaps(heapsMax?: number): readonly number[] {
    const rows = this.#isBare ? [] : (this.#server?.rows ?? [])
    return rows.length < HELD_ROWS_MIN ? [] : heapsOf(rows, heapsMax)
  }

  get rows(): readonly Row[] | undefined {
    return this.#now()?.rows
  }

  get total(): number | undefined {
    return this.#now()?.total
  }

  get groups(): Counts | undefined {
    return this.#now()?.groups
  }

  get sums(): Sums | undefined {
    return this.#now()?.sums
  }

  get groupSums(): GroupSums | undefined {
    return this.#now()?.groupSums
  }

  get hasMore(): boolean {
    return !this.#isAtItsEnd && this.#server?.hasMore === true
  }

  get isCut(): boolean {
    return this.#isAtItsEnd && this.#server?.hasMore === true
  }

  get isRebuilding(): boolean {
    return this.#isLive && this.#server?.isRebuilding === true
  }

  get pending(): ReadonlySet<string> {
    this.#now()
    return this.#own.pending
  }

  get error(): Trouble | null {
    const { state } = this
    return this.#error ?? (state === 'unavailable' ? UNAVAILABLE : state === 'error' ? CLOSED : null)
  }

  get state(): ListState {
    if (this.#error !== null) return 'error'
    if (this.#isLive && !this.#isShut) return 'live'
    if (this.#now() !== undefined) return 'device'
    if (this.#isShut) return 'error'
    const isNotHere = this.#hasKept === false && this.#lookingAround !== 'first'
    return isNotHere && !this.#keeper.isReachable() ? 'unavailable' : 'loading'
  }

  /** Server time (ms) of which the rows are known to be true; null where there are none from the server. */
  get asOf(): number | null {
    // What is live is true now; the minute is near enough, and does not draw the screen anew all the time.
    return this.#isLive ? Math.floor(this.#keeper.now() / 60_000) * 60_000 : this.#asOf
  }

  people(id: string): readonly Person[] {
    for (const record of this.#keeper.records(this.type)) if (record.id === id) return record.presence.people
    return this.present.get(id) ?? NOBODY
  }

  get present(): ReadonlyMap<string, readonly Person[]> {
    return this.#server?.people ?? NO_ROWS
  }

  more(): void {
    // However often it is asked for while it is on its way, it is one piece.
    if (!this.hasMore || this.#id === null || (this.#server?.rows.length ?? 0) < this.#limit) return
    this.#limit += limitOf(this.query)
    this.#link?.renew(this.#id)
    if (this.#isOfOthers) void this.#lookAround()
  }

  readonly subscribe = (tell: () => void): (() => void) => this.#told.subscribe(tell)

  /** As that of a record. */
  close(): void {}

  /** By the desk, when nobody shows it any more. */
  shut(): void {
    if (this.#id !== null) this.#link?.remove(this.#id)
    this.#link = null
    this.#cancelFrame?.()
    this.#cancelRetry?.()
    this.#keeping.close()
    this.#own.close()
    const wasLoading = this.state === 'loading'
    this.#isShut = true
    if (wasLoading) this.#told.tell()
    this.#told.clear()
  }

  whole(told: RowsMessage): boolean {
    const isPiece = told.behind !== null
    if (isPiece && told.behind !== this.version) return false
    const rows = this.#rowsWith(told)
    if (rows === null) return false
    const message = { ...told, rows }
    const wasLive = this.#isLive
    this.#server = new ServerRows(message, isPiece ? null : this.#server)
    this.#isOfOthers = false
    this.#isLive = true
    this.#error = null
    this.#keeper.whole(message, wasLive)
    this.#changed()
    // At once: the page may be closed before it has been quiet. A further piece is a little of what is written.
    if (isPiece) this.#keeping.soon()
    else this.#keeping.now()
    return true
  }

  /** All rows, where the server has sent what was not held; null where that does not fit together. */
  #rowsWith({ rows, behind, beside }: RowsMessage): readonly Row[] | null {
    const held = this.#server?.rows ?? []
    if (behind !== null) return [...held, ...rows]
    if (beside === null) return rows
    const { heaps, others, sum } = beside
    const left = new Set(others)
    const all = merged(
      held.filter(row => !left.has(heapOf(row, heaps))),
      rows,
      orderOf(this.query),
    )
    return orderSum(all) === sum ? all : null
  }

  delta(message: DeltaMessage): boolean {
    if (!this.#isLive || this.#server?.apply(message) !== true) return false
    this.#keeper.delta(message)
    this.#changed()
    this.#keeping.soon()
    return true
  }

  refused(trouble: Trouble, paths: readonly string[]): void {
    if (this.#isMoreThanTheServerTells(trouble, paths)) return
    this.#error = isOfNames(paths) ? otherVersion(this.type, trouble) : trouble
    this.#isNoLongerLive()
    this.#changed()
    // What the server could not do now it may do later; nobody tells when.
    if (!opensAgain(trouble.code)) return
    this.#cancelRetry?.()
    this.#cancelRetry = this.#keeper.surroundings.after(ASK_AGAIN_MS, () => {
      if (this.#id !== null) this.#link?.renew(this.#id)
    })
  }

  /** One list goes so far: it stays as it was before more was asked for. */
  #isMoreThanTheServerTells({ code }: Trouble, paths: readonly string[]): boolean {
    const asked = limitOf(this.query)
    if (code !== 'BAD_QUERY' || !paths.includes('limit') || this.#limit <= asked) return false
    this.#limit -= asked
    this.#isAtItsEnd = true
    if (this.#id !== null) this.#link?.renew(this.#id)
    this.#changed()
    return true
  }

  lost(): void {
    if (!this.#isLive) return
    this.#isNoLongerLive()
    this.#server?.nobodyIsThere()
    this.#changed()
  }

  /** A record of this type was written here, saved, or the link came or went. */
  overlayChanged(record: RecordOnDesk | null): void {
    if (record !== null && record.type === this.type) this.#own.look(record)
    else if (record === null && this.#server === null) void this.#lookAround()
    this.#changed()
  }

  #isNoLongerLive(): void {
    if (!this.#isLive) return
    this.#asOf = this.#keeper.heardAt()
    this.#isLive = false
    this.#keeping.soon()
  }

  #now(): Laid | undefined {
    if (!this.#isStale) return this.#laid
    this.#isStale = false
    this.#laid = this.#layOver()
    return this.#laid
  }

  #layOver(): Laid | undefined {
    const me = this.#keeper.me()
    const server = this.#server
    const own = this.#own.over(server?.rows)
    if (me === null || (server === null && own.length === 0)) return undefined
    // What was made on this device is there even where no list ever was.
    if (server === null && (this.#hasKept !== false || this.#keeper.isReachable())) return undefined
    return layOver({
      type: this.type,
      query: this.query,
      me,
      base: [...(server?.rows ?? [])],
      figures: server?.figures ?? {},
      own,
      limit: this.#limit,
      hasMore: this.hasMore,
    })
  }

  get #kept(): KeptList | null {
    // What a server has that is still reading its records anew may be less than what lies here from before.
    if (this.#server === null || this.#server.isRebuilding) return null
    const { rows, figures, hasMore } = this.#server
    return { rows, figures, hasMore, asOf: (this.#isLive ? this.#keeper.heardAt() : this.#asOf) ?? 0 }
  }

  async #readKept(): Promise<void> {
    const store = this.#keeper.store()
    const kept = store === null ? null : await readKept(store, this.key).catch(() => null)
    this.#hasKept = kept !== null
    if (kept !== null && this.#server === null) this.#takeKept(kept)
    else await this.#lookAround()
    this.#changed()
  }

  /** Also when it was asked while a server could still be expected to answer, and then none did. */
  async #lookAround(): Promise<void> {
    if (this.#hasKept !== false || this.#lookingAround === 'first' || this.#lookingAround === 'again') return
    const [store, me] = [this.#keeper.store(), this.#keeper.me()]
    if (!this.#isBare || this.#keeper.isReachable() || store === null || me === null) return
    this.#lookingAround = this.#lookingAround === 'not yet' ? 'first' : 'again'
    const query = { ...this.query, limit: this.#limit }
    const found = await fromKept(store, this.type, query, me).catch(() => null)
    this.#lookingAround = 'done'
    if (found !== null && this.#isBare) {
      this.#takeKept(found)
      this.#isOfOthers = true
    }
    this.#changed()
  }

  /** Nothing is known from the server for this very list. */
  get #isBare(): boolean {
    return this.#server === null || this.#isOfOthers
  }

  #takeKept({ rows, figures, hasMore, asOf }: KeptList): void {
    this.#asOf = asOf
    this.#server = new ServerRows({
      rows,
      ...figures,
      hasMore,
      isRebuilding: false,
      people: NO_ROWS,
      version: -1,
    })
  }

  /** However much changes, the screen is told once for each picture that is drawn. */
  #changed(): void {
    this.#isStale = true
    this.#keeper.changed()
    this.#cancelFrame ??= this.#keeper.surroundings.nextFrame(() => {
      this.#cancelFrame = null
      this.#told.tell()
    })
  }
}

/** Of two lists in the same order. */
const merged = (a: readonly Row[], b: readonly Row[], compare: CompareRows): Row[] => {
  const all: Row[] = []
  let at = 0
  for (const row of a) {
    for (let other = b[at]; other !== undefined && compare(other, row) < 0; other = b[++at]) all.push(other)
    all.push(row)
  }
  return [...all, ...b.slice(at)]
}

const ASK_AGAIN_MS = 5_000

const NOBODY: readonly Person[] = Object.freeze([])
const NO_ROWS: ReadonlyMap<string, readonly Person[]> = new Map()

const UNAVAILABLE: Trouble = {
  code: 'UNAVAILABLE',
  sentence: 'This list is not on the device: it is shown as soon as there is a connection.',
}

/** What this page names is in a row of its own type: it is the server that has another. */
const isOfNames = (paths: readonly string[]): boolean =>
  paths.some(path => ['where', 'orderBy', 'groups', 'sums'].includes(path))

const otherVersion = ({ name }: RecordType, { sentence }: Trouble): Trouble => ({
  code: 'SCHEMA_OLDER',
  sentence: `Reload the page: it is of another version than the server, which has no such list of ${name}. ${sentence}`,
})
