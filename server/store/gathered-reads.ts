import type { LevelDatabase } from './level-database.ts'

type Values = (Uint8Array | undefined)[]

interface Asked {
  readonly keys: readonly string[]
  readonly done: (values: Values | Promise<Values>) => void
}

/** How many askers share a trip: where a thousand ask, other threads are to have their part. */
const ASKED_AT_ONCE = 256

/**
 * What is asked for within one turn goes to LevelDB together: the way to its thread and back costs more than ten of
 * the reads do. What is asked for in one call is of one moment.
 */
export class GatheredReads {
  readonly #db: LevelDatabase
  #asked: Asked[] = []

  constructor(db: LevelDatabase) {
    this.#db = db
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
    return this.#db.read(db => db.getMany([...keys]))
  }
}
