// All live lists of the server. A commit changes the table of its type, then the queries it concerns; what they
// have to tell goes out a moment later, once for all that came in between.
//
//     commit ──▶ table ──▶ queries concerned ──(≤ one delta a frame)──▶ their readers
//
// Tables are read from the store when the server starts, or when a list of their type is first asked for. What is
// committed meanwhile counts, and not what is read of the same record.

import type { RecordType } from '../../shared/record/record-type.ts'
import { ordersOf } from '../../shared/record/row-order.ts'
import type { Row } from '../../shared/record/filter.ts'
import type { Store } from '../store/store.ts'
import type { ListTelling } from './list-telling.ts'
import { LiveQuery, type PlainQuery, queryKey, type TellSaid } from './live-query.ts'
import { ALL } from './plain-filter.ts'
import type { PresentPerson } from './present-person.ts'
import { QueryRouter } from './query-router.ts'
import { FairTurns, TURN_MS } from './fair-turns.ts'
import { RowTable } from './row-table.ts'

/** Deltas of one list come no closer together than this: faster than a screen is drawn helps nobody. */
const DELTA_EVERY_MS = 33
const LOAD_AT_ONCE = 2_000

/** Who watches a list. */
export interface ListReader {
  delta(telling: ListTelling): void
}

export interface Watched {
  readonly query: LiveQuery
  /** Tells what is still to be told. */
  tell(): void
  /** Everything, as of now; of what is held in these heaps, what differs. */
  whole(held?: readonly number[]): ListTelling
  close(): void
}

export interface ListTime {
  now(): number
  /** Answers how to call it off. */
  after(ms: number, run: () => void): () => void
}

export interface LiveListsParts {
  readonly store: Pick<Store, 'readRows'>
  readonly types: ReadonlyMap<string, RecordType>
  readonly time?: ListTime
  readonly peopleIn: (room: string) => readonly PresentPerson[]
  readonly logger: { error(fields: object, message: string): void }
  /** Told of every row that is read or committed. */
  readonly onRow?: (type: string, id: string, row: Row) => void
  /** Rows of the type could not be read, and are on no list until they were made anew. */
  readonly onDamaged?: (type: string) => void
}

type ReadyAsk = Pick<PlainQuery, 'type' | 'field' | 'filter'>

interface Shelf {
  readonly table: RowTable
  readonly router: QueryRouter
  loading: Promise<void> | null
  isLoaded: boolean
  /** Committed while the table is read, and as which commit. */
  readonly newer: Map<string, number>
}

interface Readers {
  readonly query: LiveQuery
  readonly readers: Set<ListReader>
  toldAt: number
}

export class LiveLists {
  readonly types: ReadonlyMap<string, RecordType>
  /** In which rows are looked for: whoever asks for too many keeps nobody else waiting. */
  readonly turns = new FairTurns()
  readonly #parts: LiveListsParts
  readonly #time: ListTime
  readonly #shelves = new Map<string, Shelf>()
  readonly #queries = new Map<string, Readers>()
  readonly #dirty = new Set<Readers>()
  #cancelFlush: (() => void) | null = null
  #flushAt = Number.POSITIVE_INFINITY
  #isClosed = false

  constructor(parts: LiveListsParts) {
    this.#parts = parts
    this.types = parts.types
    this.#time = parts.time ?? realListTime
    for (const [name, type] of parts.types) {
      const shelf = { table: new RowTable(type), router: new QueryRouter() }
      this.#shelves.set(name, { ...shelf, loading: null, isLoaded: false, newer: new Map() })
    }
  }

  /** Reads all tables, one after the other, and makes their orders, so that the first list need not wait. */
  async start(): Promise<void> {
    for (const [name, shelf] of this.#shelves) {
      if (this.#isClosed) return
      try {
        await this.#load(name, shelf)
        for (const field of ordersOf(shelf.table.type)) {
          if (this.#isClosed) return
          await shelf.table.prepare(field, ALL, nextTurn)
        }
      } catch (error) {
        this.#parts.logger.error({ err: error, type: name }, 'the rows of a type cannot be read')
      }
    }
  }

  close(): void {
    this.#isClosed = true
    this.#cancelFlush?.()
    this.#cancelFlush = null
    this.#dirty.clear()
    this.#queries.clear()
  }

  get size(): number {
    return this.#queries.size
  }

  /** The table of a type, once it is read; at once where it has been. */
  table(type: string): RowTable | Promise<RowTable> {
    const shelf = this.#shelf(type)
    return shelf.isLoaded ? shelf.table : this.#load(type, shelf).then(() => shelf.table)
  }

  /** The table of a type, as far as it has been read. */
  tableNow(type: string): RowTable {
    return this.#shelf(type).table
  }

  /** Null: the list can be read now; else when it can be. */
  whenReady({ type, field, filter }: ReadyAsk): Promise<void> | null {
    const { isLoaded, table } = this.#shelf(type)
    if (isLoaded && table.isPrepared(field, filter)) return null
    return (async () => {
      await this.table(type)
      await table.prepare(field, filter, nextTurn)
    })()
  }

  isLoaded(type: string): boolean {
    return this.#shelf(type).isLoaded
  }

  /** The table of the type must have been read. */
  watch(query: PlainQuery, reader: ListReader): Watched {
    const key = queryKey(query)
    let shared = this.#queries.get(key)
    if (shared === undefined) {
      const { table, router } = this.#shelf(query.type)
      const peopleOf = (id: string): readonly PresentPerson[] => this.#parts.peopleIn(`${query.type}:${id}`)
      const live = new LiveQuery(query, key, table, peopleOf)
      shared = { query: live, readers: new Set(), toldAt: Number.NEGATIVE_INFINITY }
      this.#queries.set(key, shared)
      router.add(live)
    }
    const watched = shared
    // What came before is for the others: whoever comes now begins with the whole.
    this.#tell(watched)
    watched.readers.add(reader)
    return {
      query: watched.query,
      tell: () => this.#tell(watched),
      whole: held => {
        this.#tell(watched)
        return held === undefined ? watched.query.whole() : watched.query.wholeBeside(held)
      },
      close: () => this.#leave(watched, reader),
    }
  }

  /** A record's row, as committed; null takes it off all lists. Call it in the order of commits. */
  committed(type: string, id: string, row: Row | null, commit: number, said?: TellSaid): void {
    const shelf = this.#shelves.get(type)
    if (shelf === undefined || this.#isClosed) return
    if (!shelf.isLoaded || shelf.table.isRebuilding) shelf.newer.set(id, commit)
    this.#change(shelf, type, id, row, said)
  }

  /** A row that was made anew from the record as it stood at a commit. What was committed since counts. */
  rewritten(type: string, id: string, row: Row | null, commit: number): void {
    const shelf = this.#shelves.get(type)
    if (shelf === undefined || this.#isClosed || commit < (shelf.newer.get(id) ?? 0)) return
    if (!shelf.isLoaded) shelf.newer.set(id, commit)
    this.#change(shelf, type, id, row)
  }

  /** While it says so, lists of the type say that some of their rows are still to be made anew. */
  setRebuilding(types: Iterable<string>, isRebuilding: boolean): void {
    for (const type of types) {
      const shelf = this.#shelves.get(type)
      if (shelf === undefined || shelf.table.isRebuilding === isRebuilding) continue
      shelf.table.isRebuilding = isRebuilding
      if (!isRebuilding && shelf.isLoaded) shelf.newer.clear()
      for (const { query } of this.#queries.values()) {
        if (query.query.type !== type) continue
        query.rebuildingChanged()
        this.#mark(query)
      }
    }
  }

  #change(shelf: Shelf, type: string, id: string, row: Row | null, said?: TellSaid): void {
    const before = shelf.table.set(id, row)
    if (row !== null) this.#parts.onRow?.(type, id, row)
    if (before === null && row === null) return
    for (const query of shelf.router.concerned(before, row))
      if (query.change(before, row, said)) this.#mark(query)
  }

  /** The row is told anew as it is. */
  told(type: string, id: string): void {
    const shelf = this.#shelf(type)
    const row = shelf.table.get(id)
    if (row !== null) this.#change(shelf, type, id, { ...row })
  }

  presenceMoved(type: string, id: string): void {
    for (const { query } of this.#queries.values())
      if (query.query.type === type && query.peopleMoved(id)) this.#mark(query)
  }

  /** Tells everything there is to tell, now. */
  flush(): void {
    this.#cancelFlush?.()
    this.#cancelFlush = null
    this.#flushAt = Number.POSITIVE_INFINITY
    for (const shared of this.#dirty) this.#tell(shared)
  }

  #shelf(type: string): Shelf {
    const shelf = this.#shelves.get(type)
    if (shelf === undefined) throw new Error(`there is no type ${type}`)
    return shelf
  }

  #load(type: string, shelf: Shelf): Promise<void> {
    shelf.loading ??= this.#read(type, shelf).catch(error => {
      shelf.loading = null
      throw error
    })
    return shelf.loading
  }

  async #read(type: string, shelf: Shelf): Promise<void> {
    let isDamaged = false
    let after: string | undefined
    do {
      const page = await this.#parts.store.readRows(
        type,
        { limit: LOAD_AT_ONCE, ...(after === undefined ? {} : { after }) },
        () => {
          isDamaged = true
        },
      )
      if (this.#isClosed) return
      for (const { id, json } of page.rows) {
        if (shelf.newer.has(id)) continue
        const row = shelf.table.parse(json)
        shelf.table.set(id, row)
        this.#parts.onRow?.(type, id, row)
      }
      after = page.next ?? undefined
    } while (after !== undefined)
    if (!shelf.table.isRebuilding) shelf.newer.clear()
    shelf.isLoaded = true
    if (isDamaged) this.#parts.onDamaged?.(type)
  }

  #leave(shared: Readers, reader: ListReader): void {
    shared.readers.delete(reader)
    if (shared.readers.size > 0 || this.#queries.get(shared.query.key) !== shared) return
    this.#queries.delete(shared.query.key)
    this.#dirty.delete(shared)
    this.#shelf(shared.query.query.type).router.remove(shared.query)
  }

  #mark(query: LiveQuery): void {
    const shared = this.#queries.get(query.key)
    if (shared === undefined || this.#dirty.has(shared)) return
    this.#dirty.add(shared)
    this.#flushBy(shared.toldAt + DELTA_EVERY_MS)
  }

  #flushBy(at: number): void {
    if (at >= this.#flushAt) return
    this.#cancelFlush?.()
    this.#flushAt = at
    this.#cancelFlush = this.#time.after(Math.max(0, at - this.#time.now()), () => this.#flushDue())
  }

  /**
   * A quiet list is told of a change at once, a busy one every so often. One edit may concern hundreds of long lists:
   * the rest of them is told in the next turn, and others are served in between.
   */
  #flushDue(): void {
    this.#cancelFlush = null
    this.#flushAt = Number.POSITIVE_INFINITY
    const now = this.#time.now()
    let next = Number.POSITIVE_INFINITY
    for (const shared of this.#dirty) {
      const due = shared.toldAt + DELTA_EVERY_MS
      if (due > now) next = Math.min(next, due)
      else if (this.#time.now() - now < TURN_MS) this.#tell(shared)
      else {
        next = now
        break
      }
    }
    if (next !== Number.POSITIVE_INFINITY) this.#flushBy(next)
  }

  #tell(shared: Readers): void {
    this.#dirty.delete(shared)
    if (!shared.query.isDirty) return
    const telling = shared.query.takeDelta()
    if (telling === null) return
    shared.toldAt = this.#time.now()
    for (const reader of shared.readers) reader.delta(telling)
  }
}

const nextTurn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

export const realListTime: ListTime = {
  now: () => performance.now(),
  after(ms, run) {
    if (ms <= 0) {
      const immediate = setImmediate(run)
      return () => clearImmediate(immediate)
    }
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}
