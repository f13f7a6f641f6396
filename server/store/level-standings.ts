import type { Standing } from './level-commit.ts'
import type { LevelDatabase } from './level-database.ts'
import { NO_IDS } from './head.ts'
import { keyOf, unsealHeadAndIds, unsealRow } from './level-layout.ts'
import type { Change, IndexKey } from './store.ts'
import { damaged } from './store-error.ts'

const NEW = { head: null, ids: NO_IDS }
const UNKNOWN: Standing = { ...NEW, rowKeys: undefined }
const NO_KEYS: readonly IndexKey[] = []

/** The heads of the rooms written last, so that a busy room costs no read before its write. */
export class Standings {
  readonly #db: LevelDatabase
  readonly #max: number
  readonly #byRoom = new Map<string, Standing>()

  constructor(db: LevelDatabase, max: number) {
    this.#db = db
    this.#max = max
  }

  of(room: string): Standing {
    return this.#byRoom.get(room) ?? UNKNOWN
  }

  remember(room: string, standing: Standing): void {
    this.#byRoom.delete(room)
    this.#byRoom.set(room, standing)
    for (const oldest of this.#byRoom.keys()) {
      if (this.#byRoom.size <= this.#max) return
      this.#byRoom.delete(oldest)
    }
  }

  forget(room: string): void {
    this.#byRoom.delete(room)
  }

  clear(): void {
    this.#byRoom.clear()
  }

  /** Reads what a batch needs and is not remembered, in one go; it stays until the batch is made. */
  async learn(changes: readonly Change[]): Promise<void> {
    let wanted: Map<string, string> | null = null
    for (const change of changes) {
      for (const { room, type, row, newEpoch } of change.rooms) {
        const standing = this.#byRoom.get(room)
        const needsRow = row !== undefined || newEpoch?.ended === 'purged'
        if (standing !== undefined && (standing.rowKeys !== undefined || !needsRow)) continue
        wanted ??= new Map()
        wanted.set(room, type)
      }
    }
    if (wanted !== null) await this.#read(wanted)
  }

  async #read(typeByRoom: ReadonlyMap<string, string>): Promise<void> {
    const keys: string[] = []
    for (const [room, type] of typeByRoom) {
      keys.push(keyOf.head(room), rowKeyOf(type, room), keyOf.name(room))
    }
    const values = await this.#db.read(db => db.getMany(keys))
    let i = 0
    for (const [room, type] of typeByRoom) {
      const [head, row, name] = [values[i++], values[i++], values[i++]]
      if (head === undefined && name !== undefined) throw damaged(room, 'its head is missing')
      this.#byRoom.set(room, toStanding(room, type, head, row))
    }
  }
}

function toStanding(
  room: string,
  type: string,
  head: Uint8Array | undefined,
  row: Uint8Array | undefined,
): Standing {
  try {
    return {
      ...(head === undefined ? NEW : unsealHeadAndIds(room, head)),
      rowKeys: row === undefined ? NO_KEYS : unsealRow(rowKeyOf(type, room), row).keys,
    }
  } catch (error) {
    throw damaged(room, 'its head or row is damaged', error)
  }
}

const rowKeyOf = (type: string, room: string): string => keyOf.row(type, room.slice(type.length + 1))
