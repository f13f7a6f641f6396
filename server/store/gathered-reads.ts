import type { Database } from './level.ts'
import type { LevelDatabase } from './level-database.ts'

type Values = (Uint8Array | undefined)[]

interface Asked {
  readonly keys: readonly string[]
  readonly done: (values: Values | Promise<Values>) => void
}

/** How many askers share a trip: where a thousand ask, other threads are to have their part. */
const ASKED_AT_ONCE = 256

/** So few are read where they are asked for: what lies in memory takes microseconds, and the way to a thread a hundred. */
const READ_HERE_MAX = 64

/** It came from the disk, then: for a while all go by the threads, and nobody waits for them who has not asked. */
const SLOW_MS = 2
const SLOW_FOR_MS = 1_000

/**
 * What is asked for within one turn goes to LevelDB together: the way to its thread and back costs more than ten of
 * the reads do. What is asked for in one call is of one moment.
 */
export class GatheredReads {
  readonly #db: LevelDatabase
  readonly #now: () => number
  #asked: Asked[] = []
  #slowUntil = 0

  constructor(db: LevelDatabase, now = () => performance.now()) {
    this.#db = db
    this.#now = now
  }

  getMany(keys: readonly string[]): Promise<Values> {
    return new Promise(done => {
      // After everything that runs now has asked.
      if (this.#asked.length === 0) process.nextTick(() => this.#go())
      this.#asked.push({ keys, done })
    })
  }

  #go(): void {
    const asked = this.#asked
    this.#asked = []
    for (let i = 0; i < asked.length; i += ASKED_AT_ONCE) void this.#read(asked.slice(i, i + ASKED_AT_ONCE))
  }

  async #read(asked: readonly Asked[]): Promise<void> {
    try {
      const values = await this.#get(asked.flatMap(({ keys }) => keys))
      let at = 0
      for (const { keys, done } of asked) {
        done(values.slice(at, at + keys.length))
        at += keys.length
      }
    } catch {
      // What one of them cannot read hinders the others no longer.
      for (const { keys, done } of asked) done(this.#get(keys))
    }
  }

  #get(keys: readonly string[]): Promise<Values> {
    return this.#db.read(async db => this.#readHere(db, keys) ?? db.getMany([...keys]))
  }

  /** Null where that would take too long. */
  #readHere(db: Database, keys: readonly string[]): Values | null {
    const began = this.#now()
    if (keys.length > READ_HERE_MAX || began < this.#slowUntil) return null
    const snapshot = db.snapshot()
    try {
      const values: Values = []
      for (const key of keys) {
        values.push(db.getSync(key, { snapshot }))
        const now = this.#now()
        if (now - began > SLOW_MS) {
          this.#slowUntil = now + SLOW_FOR_MS
          break
        }
      }
      return values.length === keys.length ? values : null
    } finally {
      void snapshot.close()
    }
  }
}
