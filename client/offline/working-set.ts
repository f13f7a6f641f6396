// A list whose records are brought to the device whole, so that they open in the cellar, and kept as fresh as the
// list is. Each record is opened for as long as it takes to become what the server has.

import type { RecordType } from '../../shared/record/define-record.ts'
import type { Row } from '../../shared/record/filter.ts'
import type { LocalStore } from '../local/local-store.ts'
import { readHead, removeRecord } from '../local/record-store.ts'
import type { LiveList } from '../list/live-list.ts'
import type { LiveRecord, Trouble } from '../record/live-record.ts'
import { Told } from '../told.ts'

export interface WorkingSetKeeper {
  store(): LocalStore | null
  open(type: RecordType, id: string): LiveRecord
  /** Whether anybody else wants it kept, or has it open, or it has unsaved edits. */
  isWanted(room: string): boolean
  released(set: WorkingSet): void
}

/** More at once would not be faster: one socket carries them all. */
const AT_ONCE = 16

export class WorkingSet {
  readonly type: RecordType
  readonly #list: LiveList
  readonly #keeper: WorkingSetKeeper
  readonly #told = new Told()
  readonly #stop: () => void
  /** What is on the device, by the `updated` of the row that it was fetched for. */
  readonly #have = new Map<string, { readonly updated: number; readonly bytes: number }>()
  #fetching = 0
  #isStarted = false
  #isReleased = false
  #error: Trouble | null = null

  constructor(type: RecordType, list: LiveList, keeper: WorkingSetKeeper) {
    this.type = type
    this.#list = list
    this.#keeper = keeper
    this.#stop = list.subscribe(() => void this.#look())
    void this.#look()
  }

  get state(): 'fetching' | 'ready' | 'stale' | 'error' {
    if (this.#error !== null || this.#list.state === 'error') return 'error'
    const rows = this.#rows
    if (rows === undefined) return 'fetching'
    const isWhole = rows.every(row => this.#isFresh(row))
    if (this.#list.state !== 'live') return isWhole ? 'ready' : 'stale'
    return isWhole ? 'ready' : 'fetching'
  }

  get error(): Trouble | null {
    return this.#error ?? this.#list.error
  }

  get have(): number {
    return this.#rows?.filter(row => this.#isFresh(row)).length ?? 0
  }

  get of(): number | undefined {
    return this.#rows?.length
  }

  /** About what the records take up. */
  get bytes(): number {
    let bytes = 0
    for (const one of this.#have.values()) bytes += one.bytes
    return bytes
  }

  /** Rooms that belong to the set. */
  holds(room: string): boolean {
    return this.#rows?.some(({ id }) => this.#roomOf(id) === room) ?? false
  }

  readonly subscribe = (tell: () => void): (() => void) => this.#told.subscribe(tell)

  /** The records stay on the device, and are no longer kept fresh. */
  release(): void {
    if (this.#isReleased) return
    this.#isReleased = true
    this.#stop()
    this.#list.close()
    this.#keeper.released(this)
    this.#told.clear()
  }

  /** Takes them off the device, but for what is unsaved, open, or of another set. */
  async evict(): Promise<void> {
    const rooms = [...this.#have.keys()].map(id => this.#roomOf(id))
    this.release()
    this.#have.clear()
    const writes = rooms.filter(room => !this.#keeper.isWanted(room)).flatMap(removeRecord)
    await this.#keeper.store()?.commit(writes)
  }

  get #rows(): readonly Row[] | undefined {
    // A list of a type holds rows, whatever that type puts in them.
    return this.#list.rows as readonly Row[] | undefined
  }

  #isFresh({ id, updated }: Row): boolean {
    const held = this.#have.get(id)
    return held !== undefined && held.updated >= Number(updated ?? 0)
  }

  #roomOf(id: string): string {
    return id.startsWith(`${this.type.name}:`) ? id : `${this.type.name}:${id}`
  }

  async #look(): Promise<void> {
    const rows = this.#rows
    if (rows === undefined || this.#isReleased) return
    if (!this.#isStarted) {
      this.#isStarted = true
      await this.#takeStock(rows)
    }
    while (this.#fetching < AT_ONCE && !this.#isReleased && this.#list.state === 'live') {
      const next = this.#rows?.find(row => !this.#isFresh(row) && !this.#underWay.has(row.id))
      if (next === undefined) break
      void this.#fetch(next)
    }
    this.#told.tell()
  }

  readonly #underWay = new Set<string>()

  async #takeStock(rows: readonly Row[]): Promise<void> {
    const store = this.#keeper.store()
    if (store === null) return
    for (const { id, updated } of rows) {
      const head = await readHead(store, this.#roomOf(id)).catch(() => null)
      if (head === null || head.asOf === null) continue
      // What was true after the row was last changed has what the row tells of.
      if (head.asOf >= Number(updated ?? 0))
        this.#have.set(id, { updated: head.asOf, bytes: await this.#bytesOf(id) })
    }
  }

  async #fetch(row: Row): Promise<void> {
    this.#fetching++
    this.#underWay.add(row.id)
    const localId = row.id.startsWith(`${this.type.name}:`) ? row.id.slice(this.type.name.length + 1) : row.id
    const record = this.#keeper.open(this.type, localId)
    try {
      await record.whenCurrent()
      if (record.state === 'ready') {
        this.#have.set(row.id, { updated: Number(row.updated ?? 0), bytes: await this.#bytesOf(row.id) })
      }
    } finally {
      record.close()
      this.#fetching--
      this.#underWay.delete(row.id)
    }
    await this.#look()
  }

  async #bytesOf(id: string): Promise<number> {
    const entries = await this.#keeper.store()?.list('updates', [this.#roomOf(id)])
    let bytes = 0
    for (const { value } of entries ?? []) if (value instanceof Uint8Array) bytes += value.length
    return bytes
  }
}
