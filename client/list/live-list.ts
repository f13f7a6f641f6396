// A list as the application holds it: the server's rows, kept on the device for when there is no server, with
// one's own edits laid over.

import type { RecordType, RowOf } from '../../shared/record/define-record.ts'
import type { Row } from '../../shared/record/filter.ts'
import type { LocalStore } from '../local/local-store.ts'
import type { Trouble } from '../record/live-record.ts'
import type { RecordOnDesk } from '../record/record-on-desk.ts'
import type { Person } from '../record/presence.ts'
import type { Me } from '../../shared/record/define-record.ts'
import type { Surroundings } from '../surroundings.ts'
import { Told } from '../told.ts'
import type { ListEars, ListLink } from './list-link.ts'
import type { Counts, DeltaMessage, GroupSums, ListFigures, RowsMessage, Sums } from './list-messages.ts'
import { isSearch, searchKept } from './kept-rows.ts'
import { limitOf, type ListQuery, queryKey } from './list-query.ts'
import { type Laid, layOver, type OwnRow, ownRow } from './overlay.ts'

export type ListState = 'loading' | 'live' | 'device' | 'unavailable' | 'error'

export interface LiveList<T extends RecordType = RecordType> {
  readonly type: T
  /** Undefined while they are being fetched; empty when there are none. */
  readonly rows: readonly RowOf<T>[] | undefined
  readonly total: number | undefined
  readonly groups: Counts | undefined
  readonly sums: Sums | undefined
  readonly groupSums: GroupSums | undefined
  /** device: what was kept, since there is no server now. */
  readonly state: ListState
  readonly error: Trouble | null
  readonly hasMore: boolean
  /** Rows with edits of one's own that are not saved. */
  readonly pending: ReadonlySet<string>
  people(id: string): readonly Person[]
  /** Those whom the server tells of, row by row; another map once somebody has come or gone. */
  readonly present: ReadonlyMap<string, readonly Person[]>
  more(): void
  subscribe(tell: () => void): () => void
  close(): void
}

interface KeptList {
  readonly rows: readonly Row[]
  readonly figures: ListFigures
  readonly hasMore: boolean
  readonly asOf: number
}

export interface ListKeeper {
  readonly me: () => Me | null
  readonly store: () => LocalStore | null
  readonly surroundings: Pick<Surroundings, 'after' | 'nextFrame'>
  now(): number
  /** Server time at which the server was last heard of. */
  heardAt(): number | null
  isReachable(): boolean
  /** Records of a type that are open here. */
  records(type: RecordType): Iterable<RecordOnDesk>
  released(list: ListOnDesk): void
  /** The server has sent these rows; `isNews`: because something happened to them now. */
  heard(type: RecordType, rows: readonly Row[], isNews: boolean): void
  /** What the desk says of all lists may be something else now. */
  changed(): void
}

/** How long a saved edit stays laid over, should the server's own row not come. */
const OVERLAY_LINGERS_MS = 3_000
/** Kept rows are written when a list has been quiet for so long. */
const KEEP_AFTER_MS = 1_000
const NOTHING: ReadonlySet<string> = new Set()

export class ListOnDesk implements ListEars {
  readonly type: RecordType
  readonly query: ListQuery
  readonly key: string
  readonly #keeper: ListKeeper
  readonly #told = new Told()
  #link: ListLink | null = null
  #id: number | null = null
  #limit: number
  #version = -1
  #base: Row[] | undefined
  #figures: ListFigures = {}
  #hasMore = false
  #people: ReadonlyMap<string, readonly Person[]> = new Map()
  #isLive = false
  /** Server time at which the rows were last known to be the server's; null: they never were. */
  #asOf: number | null = null
  #hasKept: boolean | null = null
  #error: Trouble | null = null
  #laid: Laid | undefined
  #isStale = true
  #pending: ReadonlySet<string> = NOTHING
  /** Own rows of records that were saved a moment ago: the server's row may still be on its way. */
  readonly #lingering = new Map<string, { readonly own: OwnRow; readonly cancel: () => void }>()
  #cancelFrame: (() => void) | null = null
  #cancelKeeping: (() => void) | null = null

  constructor(type: RecordType, query: ListQuery, keeper: ListKeeper) {
    this.type = type
    this.query = query
    this.key = queryKey(type, query)
    this.#keeper = keeper
    this.#limit = limitOf(query)
  }

  start(link: ListLink): void {
    if (this.#link !== null) return
    this.#link = link
    this.#id = link.add(this)
    void this.#readKept()
  }

  get limit(): number {
    return this.#limit
  }

  get version(): number {
    return this.#isLive ? this.#version : -1
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
    return this.#hasMore
  }

  get pending(): ReadonlySet<string> {
    this.#now()
    return this.#pending
  }

  get error(): Trouble | null {
    return this.#error ?? (this.state === 'unavailable' ? UNAVAILABLE : null)
  }

  get state(): ListState {
    if (this.#error !== null) return 'error'
    if (this.#isLive) return 'live'
    if (this.#now() !== undefined) return 'device'
    return this.#hasKept === false && !this.#keeper.isReachable() ? 'unavailable' : 'loading'
  }

  /** Server time (ms) of which the rows are known to be true; null where there are none from the server. */
  get asOf(): number | null {
    // What is live is true now; the minute is near enough, and does not draw the screen anew all the time.
    return this.#isLive ? Math.floor(this.#keeper.now() / 60_000) * 60_000 : this.#asOf
  }

  people(id: string): readonly Person[] {
    for (const record of this.#keeper.records(this.type)) if (record.id === id) return record.presence.people
    return this.#people.get(id) ?? NOBODY
  }

  get present(): ReadonlyMap<string, readonly Person[]> {
    return this.#people
  }

  more(): void {
    if (!this.#hasMore || this.#id === null) return
    this.#limit += limitOf(this.query)
    this.#link?.renew(this.#id)
  }

  readonly subscribe = (tell: () => void): (() => void) => this.#told.subscribe(tell)

  close(): void {
    this.#keeper.released(this)
  }

  /** By the desk, when nobody shows it any more. */
  shut(): void {
    if (this.#id !== null) this.#link?.remove(this.#id)
    this.#link = null
    this.#cancelFrame?.()
    if (this.#cancelKeeping !== null) this.#keepNow()
    for (const { cancel } of this.#lingering.values()) cancel()
    this.#lingering.clear()
    this.#told.clear()
  }

  whole(message: RowsMessage): void {
    this.#base = [...message.rows]
    this.#figures = figuresOf(message)
    this.#hasMore = message.hasMore
    this.#people = new Map(message.people)
    this.#version = message.version
    this.#isLive = true
    this.#error = null
    this.#keeper.heard(this.type, message.rows, false)
    this.#changed()
    // At once: the page may be closed before it has been quiet.
    this.#keepNow()
  }

  delta(message: DeltaMessage): boolean {
    if (this.#base === undefined || !this.#isLive || message.version !== this.#version + 1) return false
    const base = this.#base
    if (message.leave.length > 0) {
      const gone = new Set(message.leave)
      for (let i = base.length - 1; i >= 0; i--) if (gone.has(base[i]?.id ?? '')) base.splice(i, 1)
    }
    if (message.change.length > 0) {
      const changed = new Map(message.change.map(row => [row.id, row]))
      for (const [i, { id }] of base.entries()) {
        const row = changed.get(id)
        if (row !== undefined) base[i] = row
      }
    }
    for (const { row, at } of message.enter) base.splice(Math.min(at, base.length), 0, row)
    this.#version = message.version
    this.#figures = { ...this.#figures, ...figuresOf(message) }
    if (message.hasMore !== undefined) this.#hasMore = message.hasMore
    this.#keeper.heard(this.type, [...message.change, ...message.enter.map(({ row }) => row)], true)
    if (message.people.size > 0) this.#people = new Map([...this.#people, ...message.people])
    this.#changedByServer()
    return true
  }

  refused(trouble: Trouble): void {
    this.#error = trouble
    this.#isNoLongerLive()
    this.#changed()
  }

  lost(): void {
    if (!this.#isLive) return
    this.#isNoLongerLive()
    this.#people = new Map()
    this.#changed()
  }

  /** A record of this type was written here, saved, or the link came or went. */
  overlayChanged(record: RecordOnDesk | null): void {
    if (record !== null && record.type === this.type) this.#linger(record)
    this.#changed()
  }

  #isNoLongerLive(): void {
    if (!this.#isLive) return
    this.#asOf = this.#keeper.heardAt()
    this.#isLive = false
    this.#keepSoon()
  }

  #linger(record: RecordOnDesk): void {
    const { id, replica } = record
    const wasPending = this.#pending.has(id)
    if (replica === null || !replica.ledger.isEmpty || !wasPending || this.#lingering.has(id)) return
    const own = ownRow(this.type, record)
    if (own === null) return
    const cancel = this.#keeper.surroundings.after(OVERLAY_LINGERS_MS, () => {
      this.#lingering.delete(id)
      this.#changed()
    })
    this.#lingering.set(id, { own, cancel })
  }

  #now(): Laid | undefined {
    if (!this.#isStale) return this.#laid
    this.#isStale = false
    const me = this.#keeper.me()
    const own: OwnRow[] = []
    const pending = new Set<string>()
    for (const record of this.#keeper.records(this.type)) {
      if (record.replica === null || record.replica.ledger.isEmpty) continue
      const row = ownRow(this.type, record)
      if (row === null) continue
      own.push(row)
      pending.add(record.id)
    }
    for (const [id, { own: saved, cancel }] of this.#lingering) {
      if (!pending.has(id) && !this.#hasCaughtUp(saved)) own.push(saved)
      else {
        cancel()
        this.#lingering.delete(id)
      }
    }
    this.#pending = pending.size === 0 ? NOTHING : pending
    const base = this.#base
    this.#laid = undefined
    if (me === null || (base === undefined && own.length === 0)) return undefined
    // What was made on this device is there even where no list ever was.
    if (base === undefined && (this.#hasKept !== false || this.#keeper.isReachable())) return undefined
    this.#laid = layOver({
      type: this.type,
      query: this.query,
      me,
      base: base === undefined ? [] : [...base],
      figures: this.#figures,
      own,
      limit: this.#limit,
      hasMore: this.#hasMore,
    })
    return this.#laid
  }

  /** The server's row is as new as what was laid over. */
  #hasCaughtUp({ id, row }: OwnRow): boolean {
    const base = this.#base?.find(one => one.id === id)
    if (row === null) return base === undefined
    return base !== undefined && Number(base.updated ?? 0) >= Number(row.updated ?? 0)
  }

  async #readKept(): Promise<void> {
    const kept = await this.#keeper
      .store()
      ?.get('lists', [this.key])
      .catch(() => undefined)
    this.#hasKept = kept !== undefined
    if (kept !== undefined && this.#base === undefined) {
      // Only this class writes this table.
      const { rows, figures, hasMore, asOf } = kept as KeptList
      this.#asOf = asOf
      this.#base = [...rows]
      this.#figures = figures
      this.#hasMore = hasMore
    } else if (isSearch(this.query) && !this.#keeper.isReachable()) await this.#searchKept()
    this.#changed()
  }

  async #searchKept(): Promise<void> {
    const [store, me] = [this.#keeper.store(), this.#keeper.me()]
    if (store === null || me === null) return
    const found = await searchKept(store, this.type, this.query, me).catch(() => undefined)
    if (found === undefined || this.#base !== undefined) return
    this.#asOf = found.asOf
    this.#base = [...found.rows]
  }

  #changedByServer(): void {
    this.#changed()
    this.#keepSoon()
  }

  #keepSoon(): void {
    this.#cancelKeeping ??= this.#keeper.surroundings.after(KEEP_AFTER_MS, () => this.#keepNow())
  }

  #keepNow(): void {
    this.#cancelKeeping?.()
    this.#cancelKeeping = null
    if (this.#base === undefined) return
    const kept: KeptList = {
      rows: this.#base,
      figures: this.#figures,
      hasMore: this.#hasMore,
      asOf: (this.#isLive ? this.#keeper.heardAt() : this.#asOf) ?? 0,
    }
    // Without room for it the list is simply not there off line.
    this.#keeper
      .store()
      ?.commit([{ put: 'lists', key: [this.key], value: kept }])
      .catch(() => {})
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

const NOBODY: readonly Person[] = Object.freeze([])

const UNAVAILABLE: Trouble = {
  code: 'UNAVAILABLE',
  sentence: 'This list is not on the device: it is shown as soon as there is a connection.',
}

const figuresOf = ({ total, groups, sums, groupSums }: ListFigures): ListFigures => ({
  ...(total === undefined ? {} : { total }),
  ...(groups === undefined ? {} : { groups }),
  ...(sums === undefined ? {} : { sums }),
  ...(groupSums === undefined ? {} : { groupSums }),
})
