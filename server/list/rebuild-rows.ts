// Makes rows anew from the documents, while serving or not: where a type's row function has changed, where rows are
// missing (an import brings documents alone), and when an operator asks for it.

import type { RecordType } from '../../shared/record/record-type.ts'
import type { Row } from '../../shared/record/filter.ts'
import { reasonOf } from '../../shared/reason-of.ts'
import { INBOX } from '../../shared/types/inbox.ts'
import { endsWithin } from '../ends-within.ts'
import { headsOf } from '../store/heads-of.ts'
import { ROWS_MADE_BY } from '../store/rows-of.ts'
import { isStoreError } from '../store/store-error.ts'
import type { RowRewrite, Store, StoredRoom, ValuePut } from '../store/store.ts'
import { valuesOf } from '../store/values-of.ts'
import { rowFingerprint } from './row-fingerprint.ts'
import { storedRow, toStoredRow } from './stored-row.ts'

export interface RebuildReport {
  /** Records of the types in question. */
  readonly records: number
  readonly rewritten: number
  /** Records that could not be read; `corecord verify` says why. */
  readonly damaged: readonly string[]
  /**
   * Where the type's function threw: the row is the record's fields, or, where a read rule rests on it, as it was.
   * Left out where there were none.
   */
  readonly failed?: { readonly records: number; readonly first: string; readonly sentence: string }
  /** Where it did not come to an end: these are held off. Left out where there were none. */
  readonly endless?: readonly string[]
  /** Types of stored records that are not declared here; their rows are as they were. */
  readonly undeclared: readonly string[]
}

export interface RebuildAsk {
  /** All, when left out. */
  readonly types?: ReadonlySet<string>
  /** Only records whose row is not there, or cannot be read. */
  readonly missingOnly?: boolean
  /** Behind the record at which the last one was stopped, if that made rows of the same types by the same functions. */
  readonly goOn?: boolean
}

export interface RebuildParts {
  readonly store: Pick<Store, 'readHeads' | 'loadRoom' | 'readRow' | 'rewriteRows' | 'readValues'>
  readonly types: ReadonlyMap<string, RecordType>
  readonly put: (values: readonly ValuePut[]) => Promise<void>
  readonly now: () => number
  /** A row was written, of the record as it stood at this commit. */
  readonly rewritten?: (type: string, id: string, row: Row | null, commit: number) => void
  /** The first of those at which a row function threw. */
  readonly failed?: (room: string, error: unknown) => void
  /** At this one what makes the row does not come to an end; false: it does again. */
  readonly endless?: (room: string, isEndless: boolean) => void
  readonly rowMsMax?: number
}

export type RebuildRows = (ask: RebuildAsk, onProgress?: (records: number) => void) => Promise<RebuildReport>

/** To be put beside all rows of a type: they were made by its row function as it is. */
export const rowsMadeBy = (type: RecordType): ValuePut => ({
  space: ROWS_MADE_BY,
  key: type.name,
  value: rowFingerprint(type),
})

/**
 * Beside rows of which some are still by another function: so that whoever comes back to that one makes them anew as
 * well, and whoever comes back to this one goes on behind the record.
 */
const rowsMadeUpTo = (type: RecordType, room: string): ValuePut => {
  const { value, ...where } = rowsMadeBy(type)
  return { ...where, value: `${value} ${room}` }
}

const madeOf = async (store: Pick<Store, 'readValues'>): Promise<ReadonlyMap<string, string>> => {
  const made = new Map<string, string>()
  for await (const { key, value } of valuesOf(store, ROWS_MADE_BY)) made.set(key, value)
  return made
}

/** The room up to which the rows of all these types were made; '' where they are to be made from the first. */
const stoppedAt = async (store: Pick<Store, 'readValues'>, types: readonly RecordType[]): Promise<string> => {
  const made = await madeOf(store)
  const rooms = types.map(type => {
    const begin = `${rowFingerprint(type)} `
    const mark = made.get(type.name) ?? ''
    return mark.startsWith(begin) ? mark.slice(begin.length) : ''
  })
  const [room = ''] = rooms
  return rooms.every(other => other === room) ? room : ''
}

/**
 * Records at which what makes a row does not come to an end, by the fingerprint of what made it. Opened, one of them
 * would stop the server for everybody, and at the next start again.
 */
const ENDLESS = 'rowsendless'

export async function* endlessRooms(
  store: Pick<Store, 'readValues'>,
  types: ReadonlyMap<string, RecordType>,
): AsyncGenerator<string> {
  for await (const { key, value } of valuesOf(store, ENDLESS)) {
    const type = types.get(key.slice(0, key.indexOf(':')))
    if (type !== undefined && rowFingerprint(type) === value) yield key
  }
}

const AT_ONCE = 100
/** Rows that are made within one limit of time, which takes a thread. */
const MADE_AT_ONCE = 16
const MADE_MS_MAX = 10
/** Of one record, by itself. */
const ROW_MS_MAX = 5_000
/** Records between two notes of how far it came: some seconds' work. */
const NOTED_EVERY = 2_000
/** A record that is written all the time gets its row by that. */
const TRIES_MAX = 5

interface Rewrite extends RowRewrite {
  readonly type: string
  readonly id: string
  readonly made: Row | null
}

interface Loaded {
  readonly room: string
  readonly type: RecordType
  readonly stored: StoredRoom
}

export const createRebuildRows =
  (parts: RebuildParts): RebuildRows =>
  async ({ types, missingOnly = false, goOn = false }, onProgress = () => {}) => {
    const rebuild = new Rebuild(parts)
    const wanted = [...parts.types.values()].filter(type => types?.has(type.name) ?? true)
    const names = new Set(wanted.map(({ name }) => name))
    const undeclared = new Set<string>()
    const behind = goOn ? await stoppedAt(parts.store, wanted) : ''
    const note = async (room: string): Promise<void> => {
      await rebuild.flush()
      if (!missingOnly) await parts.put(wanted.map(type => rowsMadeUpTo(type, room)))
    }
    await note(behind)
    let waiting: string[] = []
    const take = async (): Promise<void> => {
      const rooms = missingOnly ? await missingOf(parts, waiting, await rebuild.endlessBefore()) : waiting
      waiting = []
      for (let at = 0; at < rooms.length; at += MADE_AT_ONCE)
        await rebuild.add(rooms.slice(at, at + MADE_AT_ONCE))
    }
    for await (const { room, type, state } of headsOf(parts.store, { behind })) {
      if (state === 'purged') continue
      if (type !== '' && type !== INBOX && !parts.types.has(type)) undeclared.add(type)
      if (!names.has(type)) continue
      onProgress(++rebuild.records)
      // A record that was removed has none.
      if (!missingOnly || state === 'live') waiting.push(room)
      if (waiting.length >= AT_ONCE) await take()
      if (rebuild.records % NOTED_EVERY !== 0) continue
      await take()
      await note(room)
    }
    await take()
    await rebuild.flush()
    const { records, rewritten, damaged, failed, endless } = rebuild
    if (!missingOnly) await parts.put(wanted.map(rowsMadeBy))
    const report = { records, rewritten, damaged, undeclared: [...undeclared] }
    return {
      ...report,
      ...(failed === null ? {} : { failed }),
      ...(endless.length === 0 ? {} : { endless }),
    }
  }

/** Of one that is asked for before it is its turn. */
export const isEndless = ({ failed: _, ...parts }: RebuildParts, room: string): Promise<boolean> =>
  new Rebuild(parts).isEndless(room)

/** The types whose rows in the store were made by another function than theirs. */
export const staleTypes = async (
  store: Pick<Store, 'readValues'>,
  types: ReadonlyMap<string, RecordType>,
): Promise<ReadonlySet<string>> => {
  const stale = new Set<string>()
  const made = await madeOf(store)
  for (const type of types.values()) if (made.get(type.name) !== rowFingerprint(type)) stale.add(type.name)
  return stale
}

/** Asked for together: one by one the way to the store and back is most of it. */
const missingOf = async (
  parts: Pick<RebuildParts, 'store'>,
  rooms: readonly string[],
  endless: ReadonlySet<string>,
): Promise<readonly string[]> => {
  const missing = await Promise.all(rooms.map(room => isMissing(parts, room)))
  return rooms.filter((room, i) => missing[i] && !endless.has(room))
}

const isMissing = async ({ store }: Pick<RebuildParts, 'store'>, room: string): Promise<boolean> => {
  const colon = room.indexOf(':')
  const row = store.readRow(room.slice(0, colon), room.slice(colon + 1))
  return (await row.catch(() => null)) === null
}

class Rebuild {
  readonly #parts: RebuildParts
  #waiting: Rewrite[] = []
  readonly damaged: string[] = []
  readonly endless: string[] = []
  #endlessBefore: Promise<ReadonlySet<string>> | null = null
  records = 0
  rewritten = 0
  failed: Required<RebuildReport>['failed'] | null = null

  constructor(parts: RebuildParts) {
    this.#parts = parts
  }

  async add(rooms: readonly string[]): Promise<void> {
    this.#waiting.push(...(await this.#read(rooms)))
    if (this.#waiting.length >= AT_ONCE) await this.flush()
  }

  async isEndless(room: string): Promise<boolean> {
    await this.#read([room])
    return this.endless.length > 0
  }

  async flush(): Promise<void> {
    let rewrites = this.#waiting
    this.#waiting = []
    for (let tries = 0; tries < TRIES_MAX && rewrites.length > 0; tries++) {
      const moved = new Set(await this.#parts.store.rewriteRows(rewrites))
      const again: string[] = []
      for (const rewrite of rewrites) {
        const { type, id, made, room, commit } = rewrite
        if (!moved.has(room)) {
          this.rewritten++
          this.#parts.rewritten?.(type, id, made, commit)
          continue
        }
        again.push(room)
      }
      rewrites = await this.#read(again)
    }
  }

  async #read(rooms: readonly string[]): Promise<Rewrite[]> {
    const loaded: Loaded[] = []
    for (const room of rooms) {
      const one = await this.#load(room)
      if (one !== null) loaded.push(one)
    }
    // As before each record that an import begins.
    if (loaded.length === 0) return []
    const made: (Rewrite | null)[] = []
    const { rowMsMax = ROW_MS_MAX } = this.#parts
    const makeNext = (): void => {
      const next = loaded[made.length]
      if (next !== undefined) made.push(this.#make(next))
    }
    while (made.length < loaded.length) {
      const areMade = endsWithin(rowMsMax, () => {
        const until = performance.now() + MADE_MS_MAX
        do makeNext()
        while (made.length < loaded.length && performance.now() < until)
      })
      // Between large ones others come in, who are served meanwhile.
      if (made.length < loaded.length) await new Promise(resolve => setImmediate(resolve))
      // It may have been the machine that stood still.
      if (areMade || endsWithin(rowMsMax, makeNext)) continue
      const endless = loaded[made.length]
      made.push(null)
      if (endless !== undefined) await this.#noteEndless(endless.room, true)
    }
    const before = await this.endlessBefore()
    for (const one of made) if (one !== null && before.has(one.room)) await this.#noteEndless(one.room, false)
    return made.filter(one => one !== null)
  }

  endlessBefore(): Promise<ReadonlySet<string>> {
    this.#endlessBefore ??= this.#readEndless()
    return this.#endlessBefore
  }

  async #readEndless(): Promise<ReadonlySet<string>> {
    const rooms = new Set<string>()
    for await (const room of endlessRooms(this.#parts.store, this.#parts.types)) rooms.add(room)
    return rooms
  }

  async #noteEndless(room: string, isEndless: boolean): Promise<void> {
    const type = this.#parts.types.get(room.slice(0, room.indexOf(':')))
    if (type === undefined) return
    if (isEndless) this.endless.push(room)
    await this.#parts.put([{ space: ENDLESS, key: room, value: isEndless ? rowFingerprint(type) : null }])
    this.#parts.endless?.(room, isEndless)
  }

  async #load(room: string): Promise<Loaded | null> {
    const type = this.#parts.types.get(room.slice(0, room.indexOf(':')))
    if (type === undefined) return null
    try {
      const stored = await this.#parts.store.loadRoom(room)
      return stored === null || stored.head.state === 'purged' ? null : { room, type, stored }
    } catch (error) {
      if (!isStoreError(error, 'STORE_DAMAGED')) throw error
      this.damaged.push(room)
      return null
    }
  }

  #make({ room, type, stored }: Loaded): Rewrite | null {
    const id = room.slice(type.name.length + 1)
    try {
      const failed = (error: unknown): void => this.#functionFailed(room, error)
      const made = storedRow(type, id, stored, this.#parts.now(), { failed })
      const row = made === null ? null : toStoredRow(made)
      return { room, type: type.name, id, commit: stored.head.commit, row, made }
    } catch (error) {
      if (isStoreError(error, 'STORE_DAMAGED')) this.damaged.push(room)
      // Its row is still to be made, when the store can be read.
      else if (isStoreError(error)) throw error
      else this.#functionFailed(room, error)
      return null
    }
  }

  #functionFailed(room: string, error: unknown): void {
    if (this.failed === null) this.#parts.failed?.(room, error)
    const { records, first, sentence } = this.failed ?? { records: 0, first: room, sentence: reasonOf(error) }
    this.failed = { records: records + 1, first, sentence }
  }
}
