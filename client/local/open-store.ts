// The device's database, or the memory of the page where there is none: the client works in either case, and says
// which.

import type { Surroundings } from '../surroundings.ts'
import { type IndexedDbStore, openIndexedDbStore } from './indexeddb-store.ts'
import { type LocalStore, LocalStoreError, type StorageTrouble } from './local-store.ts'
import { MemoryStore } from './memory-store.ts'

export interface OpenedStore {
  readonly store: LocalStore
  readonly trouble: StorageTrouble | null
}

/**
 * Longer than an old tablet takes that has just been switched on. Some browsers' databases hang until these are begun
 * anew, and nobody is to look at an empty page for as long.
 */
export const STORAGE_ANSWERS_WITHIN_MS = 8_000

export const openStore = (
  factory: IDBFactory | null,
  name: string,
  surroundings: Pick<Surroundings, 'after' | 'onPutAway'>,
): Promise<OpenedStore> =>
  new Promise(done => {
    let isLate = false
    const giveUp = surroundings.after(STORAGE_ANSWERS_WITHIN_MS, () => {
      isLate = true
      done({ store: new MemoryStore(), trouble: 'stuck' })
    })
    void openOrReplace(factory, name, surroundings).then(opened => {
      giveUp()
      if (isLate) void opened.store.close()
      else done(opened)
    })
  })

const openOrReplace = async (
  factory: IDBFactory | null,
  name: string,
  surroundings: Pick<Surroundings, 'after' | 'onPutAway'>,
): Promise<OpenedStore> => {
  if (factory === null) return { store: new MemoryStore(), trouble: 'denied' }
  try {
    return { store: await openAnswering(factory, name, surroundings), trouble: null }
  } catch (error) {
    const trouble = error instanceof LocalStoreError ? error.trouble : 'corrupt'
    if (trouble !== 'corrupt') return { store: new MemoryStore(), trouble }
  }
  // What cannot be read cannot be saved either; a new database can.
  try {
    await removeDatabase(factory, name)
    return { store: await openIndexedDbStore(factory, name, surroundings), trouble: 'corrupt' }
  } catch {
    return { store: new MemoryStore(), trouble: 'corrupt' }
  }
}

/** One that opens may hang all the same with the first that is asked of it; whoever needs the answer asks again. */
const openAnswering = async (
  factory: IDBFactory,
  name: string,
  surroundings: Pick<Surroundings, 'after' | 'onPutAway'>,
): Promise<IndexedDbStore> => {
  const store = await openIndexedDbStore(factory, name, surroundings)
  await store.get('meta', ['digest']).catch(() => {})
  return store
}

const removeDatabase = (factory: IDBFactory, name: string): Promise<void> =>
  new Promise((done, failed) => {
    const request = factory.deleteDatabase(name)
    request.onsuccess = () => done()
    request.onerror = () => failed(request.error)
    request.onblocked = () => failed(new Error('blocked'))
  })
