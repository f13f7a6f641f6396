import type { Change, ChangeOutcome, Store } from '../../server/store/store.ts'
import { StoreError } from '../../server/store/store-error.ts'

/** A disk that refuses on command: in front of any store, for everything that stands behind a commit. */
export class FailingStore {
  readonly #store: Store
  #refusals = 0
  attempts = 0

  private constructor(store: Store) {
    this.#store = store
  }

  /** The store with a faulty `commit`, and the lever to make it fail. */
  static around(store: Store): { store: Store; disk: FailingStore } {
    const disk = new FailingStore(store)
    const proxy = new Proxy(store, {
      get(target, name) {
        if (name === 'commit') return (batch: readonly Change[]) => disk.#commit(batch)
        const member: unknown = Reflect.get(target, name, target)
        return typeof member === 'function' ? member.bind(target) : member
      },
    })
    return { store: proxy, disk }
  }

  /** Refuses so many commits, or until `mend`. */
  refuse(commits = Number.POSITIVE_INFINITY): void {
    this.#refusals = commits
  }

  mend(): void {
    this.#refusals = 0
  }

  async #commit(batch: readonly Change[]): Promise<readonly ChangeOutcome[]> {
    this.attempts++
    if (this.#refusals <= 0) return this.#store.commit(batch)
    this.#refusals--
    throw new StoreError('STORE_UNWRITABLE', 'The data cannot be written to disk (no space left on device).')
  }
}
