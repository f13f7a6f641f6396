import type { Standing } from './level-commit.ts'
import type { LevelDatabase } from './level-database.ts'
import { NO_IDS } from './head.ts'
import { keyOf, unsealHeadAndIds } from './level-layout.ts'
import type { Change } from './store.ts'
import { damaged } from './store-error.ts'

const NEW: Standing = { head: null, ids: NO_IDS }

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
    return this.#byRoom.get(room) ?? NEW
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

  /** Reads what a batch needs and is not remembered, in one go; it stays until the batch is made. Null: all is known. */
  learn(changes: readonly Change[]): Promise<void> | null {
    let wanted: Set<string> | null = null
    for (const change of changes) {
      for (const { room } of change.rooms) {
        if (this.#byRoom.has(room)) continue
        wanted ??= new Set()
        wanted.add(room)
      }
    }
    return wanted === null ? null : this.#read(wanted)
  }

  async #read(rooms: ReadonlySet<string>): Promise<void> {
    const keys: string[] = []
    for (const room of rooms) keys.push(keyOf.head(room), keyOf.name(room))
    const values = await this.#db.read(db => db.getMany(keys))
    let i = 0
    for (const room of rooms) {
      const [head, name] = [values[i++], values[i++]]
      if (head === undefined && name !== undefined) throw damaged(room, 'its head is missing')
      this.#byRoom.set(room, toStanding(room, head))
    }
  }
}

function toStanding(room: string, head: Uint8Array | undefined): Standing {
  try {
    return head === undefined ? NEW : unsealHeadAndIds(room, head)
  } catch (error) {
    throw damaged(room, 'its head is damaged', error)
  }
}
