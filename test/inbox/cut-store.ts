import { LevelStore } from '../../server/store/level-store.ts'
import type { Change, ChangeOutcome } from '../../server/store/store.ts'
import { StoreError } from '../../server/store/store-error.ts'

/** A store whose process is as good as dead from a certain commit on: nothing more reaches the disk. */
export class CutStore extends LevelStore {
  #left = Number.POSITIVE_INFINITY
  #closing: Promise<void> | null = null
  /** Commits that were wanted after the cut. */
  missed = 0

  cutAfter(commits: number): void {
    this.#left = commits
  }

  /** Whoever asks again waits for the same end. */
  override close(): Promise<void> {
    this.#closing ??= super.close()
    return this.#closing
  }

  override commit(batch: readonly Change[]): Promise<readonly ChangeOutcome[]> {
    if (this.#left-- > 0) return super.commit(batch)
    this.missed++
    return Promise.reject(new StoreError('STORE_UNWRITABLE', 'the process is gone'))
  }
}
