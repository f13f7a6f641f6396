// A list whose records are brought to the device whole, so that they open in the cellar, and kept as fresh as the
// list is. Each record is opened for as long as it takes to become what the server has.

import type { RecordType } from '../../shared/record/record-type.ts'
import type { Row } from '../../shared/record/filter.ts'
import { errorCodes } from '../../shared/wire/error-codes.ts'
import type { LocalStore, LocalWrite } from '../local/local-store.ts'
import { checkUntouched, putHead, readHead } from '../local/record-store.ts'
import type { LiveList } from '../list/live-list.ts'
import type { LiveRecord, Trouble } from '../record/live-record.ts'
import { Told } from '../told.ts'
import { evictUnused } from './eviction.ts'

export interface KeepOptions {
  /** A record of the type that nobody has used for so long, and no set holds, leaves the device. 90 days. */
  readonly evictAfterMs?: number
}

export interface WorkingSetKeeper {
  store(): LocalStore | null
  now(): number
  open(type: RecordType, id: string): LiveRecord
  /** Whether anybody else wants it kept, or has it open, or it has unsaved edits. */
  isWanted(room: string): boolean
  released(set: WorkingSet): void
}

/** What a set holds is in use, also where nobody opens it; noted seldom enough to cost nothing. */
const TOUCH_EVERY_MS = 7 * 86_400_000
/** More at once would not be faster: one socket carries them all. */
const AT_ONCE = 16

const NOT_KEPT: Trouble = { code: 'NOT_KEPT', sentence: errorCodes.NOT_KEPT.sentence }

export class WorkingSet {
  /** As of the desk. */
  readonly [Symbol.toStringTag] = 'WorkingSet'
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
  readonly #evictAfterMs: number | null
  #isSweeping = false
  #hasSwept = false
  /** What could not be had, by the `updated` of the row that it was wanted for: it is not asked for again and again. */
  readonly #missed = new Map<string, { readonly updated: number; readonly trouble: Trouble | null }>()

  constructor(type: RecordType, list: LiveList, keeper: WorkingSetKeeper, options: KeepOptions = {}) {
    this.type = type
    this.#list = list
    this.#keeper = keeper
    this.#evictAfterMs = options.evictAfterMs ?? null
    this.#stop = list.subscribe(() => void this.#look())
    void this.#look()
  }

  get state(): 'fetching' | 'ready' | 'stale' | 'error' {
    if (this.#trouble !== null || this.#list.state === 'error') return 'error'
    const rows = this.#rows
    if (rows === undefined) return 'fetching'
    const isWhole = rows.every(row => this.#isFresh(row))
    if (this.#list.state !== 'live') return isWhole ? 'ready' : 'stale'
    return isWhole ? 'ready' : 'fetching'
  }

  get error(): Trouble | null {
    return this.#trouble ?? this.#list.error
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

  get #trouble(): Trouble | null {
    for (const { trouble } of this.#missed.values()) if (trouble !== null) return trouble
    return null
  }

  get #rows(): readonly Row[] | undefined {
    // A list of a type holds rows, whatever that type puts in them.
    return this.#list.rows as readonly Row[] | undefined
  }

  #isFresh({ id, updated }: Row): boolean {
    const held = this.#have.get(id)
    if (held === undefined) return false
    // The row is of later than what was fetched where this device wrote that itself, and it has what it wrote.
    return held.updated >= Number(updated ?? 0) || this.#list.pending.has(id)
  }

  #isMissed({ id, updated }: Row): boolean {
    const missed = this.#missed.get(id)
    return missed !== undefined && missed.updated >= Number(updated ?? 0)
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
      const next = this.#rows?.find(
        row => !this.#isFresh(row) && !this.#isMissed(row) && !this.#underWay.has(row.id),
      )
      if (next === undefined) break
      void this.#fetch(next)
    }
    this.#forgetLeft()
    if (this.state === 'ready' && this.#list.state === 'live') void this.#sweep()
    this.#told.tell()
  }

  /** Rows that are not in the list any more. */
  #forgetLeft(): void {
    const ids = new Set(this.#rows?.map(({ id }) => id))
    // After an absence everything is tried once more.
    const isAway = this.#list.state !== 'live'
    for (const id of this.#missed.keys()) if (isAway || !ids.has(id)) this.#missed.delete(id)
    for (const id of this.#have.keys()) {
      if (ids.has(id)) continue
      this.#have.delete(id)
      this.#hasSwept = false
    }
  }

  async #sweep(): Promise<void> {
    const store = this.#keeper.store()
    if (this.#hasSwept || this.#isSweeping || this.#evictAfterMs === null || store === null) return
    this.#isSweeping = true
    this.#hasSwept = true
    try {
      await evictUnused(store, {
        now: this.#keeper.now(),
        evictAfterMs: this.#evictAfterMs,
        type: this.type.name,
        isWanted: room => this.#keeper.isWanted(room),
      })
    } catch {
      // A device that takes no writes says so elsewhere; the next set that is ready sweeps again.
    } finally {
      this.#isSweeping = false
    }
  }

  readonly #underWay = new Set<string>()

  async #takeStock(rows: readonly Row[]): Promise<void> {
    const store = this.#keeper.store()
    if (store === null) return
    const touched: LocalWrite[][] = []
    for (const { id, updated } of rows) {
      const head = await readHead(store, this.#roomOf(id)).catch(() => null)
      if (head === null || head.asOf === null) continue
      if (head.usedAt < this.#keeper.now() - TOUCH_EVERY_MS)
        touched.push([checkUntouched(head), putHead({ ...head, usedAt: this.#keeper.now() })])
      // What was true after the row was last changed, or what was changed here alone, has what the row tells of.
      const bytes = await this.#bytesOf(id)
      // A device that was full may have no more of it than that it was there.
      if (bytes > 0 && (head.asOf >= Number(updated ?? 0) || this.#list.pending.has(id)))
        this.#have.set(id, { updated: head.asOf, bytes })
    }
    for (const writes of touched) await store.commit(writes, 'relaxed').catch(() => {})
  }

  async #fetch(row: Row): Promise<void> {
    this.#fetching++
    this.#underWay.add(row.id)
    const localId = row.id.startsWith(`${this.type.name}:`) ? row.id.slice(this.type.name.length + 1) : row.id
    const record = this.#keeper.open(this.type, localId)
    try {
      const isOnDevice = await record.whenCurrent()
      const updated = Number(row.updated ?? 0)
      if (isOnDevice) {
        this.#missed.delete(row.id)
        this.#have.set(row.id, { updated, bytes: await this.#bytesOf(row.id) })
      } else
        this.#missed.set(row.id, { updated, trouble: record.state === 'ready' ? NOT_KEPT : record.error })
    } finally {
      record.close()
      this.#fetching--
      this.#underWay.delete(row.id)
    }
    await this.#look()
  }

  async #bytesOf(id: string): Promise<number> {
    const entries = await this.#keeper
      .store()
      ?.list('updates', [this.#roomOf(id)])
      .catch(() => [])
    let bytes = 0
    for (const { value } of entries ?? []) if (value instanceof Uint8Array) bytes += value.length
    return bytes
  }
}
