// When rows are made anew while lists are open: one making after the other, the lists of the types concerned say that
// they wait, and what a full disk kept from being made is tried again until there is room.

import type { Logger } from 'pino'
import { isStoreError } from '../store/store-error.ts'
import type { ListTime, LiveLists } from './live-lists.ts'
import type { RebuildAsk, RebuildReport, RebuildRows } from './rebuild-rows.ts'

export interface RowsAnewParts {
  readonly make: RebuildRows
  readonly typeNames: readonly string[]
  readonly lists: Pick<LiveLists, 'setRebuilding'>
  readonly time: ListTime
  readonly logger: Pick<Logger, 'error' | 'info'>
}

/** As long as the store waits between two looks at a disk that takes nothing. */
const AGAIN_MS = 5_000

export class RowsAnew {
  readonly #parts: RowsAnewParts
  /** Each counts on what was committed since it began. */
  #last: Promise<unknown> = Promise.resolve()
  readonly #again = new Set<() => void>()
  #isClosed = false

  constructor(parts: RowsAnewParts) {
    this.#parts = parts
  }

  readonly make: RebuildRows = (ask, onProgress) => {
    const mine = this.#last.then(() => this.#makeAlone(ask, onProgress))
    this.#last = mine.catch(() => {})
    return mine
  }

  /** Behind the lists' backs: nobody waits for it, and the log says what came of it. */
  async makeAndTell(
    ask: RebuildAsk & { readonly types: ReadonlySet<string> },
    onProgress?: (records: number) => void,
    isAgain = false,
  ): Promise<void> {
    const { lists, time, logger } = this.#parts
    if (ask.types.size === 0 || this.#isClosed) return
    try {
      const report = await this.make(ask, onProgress)
      if (report.records > 0) logger.info({ types: [...ask.types], ...report }, 'rows were made anew')
    } catch (error) {
      const isForRoom = isStoreError(error, 'STORE_UNWRITABLE')
      // A disk may be full for days.
      if (!isForRoom || !isAgain) this.notMade(error)
      // What a full disk kept from being made is made when there is room: nobody starts the server anew for that.
      if (!isForRoom || this.#isClosed) return
      lists.setRebuilding(ask.types, true)
      const callOff = time.after(AGAIN_MS, () => {
        this.#again.delete(callOff)
        void this.makeAndTell(ask, undefined, true)
      })
      this.#again.add(callOff)
    }
  }

  readonly notMade = (error: unknown): void => {
    if (!this.#isClosed) this.#parts.logger.error({ err: error }, 'rows could not be made anew')
  }

  close(): void {
    this.#isClosed = true
    for (const callOff of this.#again) callOff()
  }

  async #makeAlone(ask: RebuildAsk, onProgress?: (records: number) => void): Promise<RebuildReport> {
    const { make, lists, typeNames } = this.#parts
    const concerned = ask.types ?? new Set(typeNames)
    lists.setRebuilding(concerned, true)
    try {
      return await make(ask, onProgress)
    } finally {
      lists.setRebuilding(concerned, false)
    }
  }
}
