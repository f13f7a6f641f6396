// The device's database, or the memory of the page where there is none: the client works in either case, and says
// which.

import { openIndexedDbStore } from './indexeddb-store.ts'
import { type LocalStore, LocalStoreError, type StorageTrouble } from './local-store.ts'
import { MemoryStore } from './memory-store.ts'

export interface OpenedStore {
  readonly store: LocalStore
  readonly trouble: StorageTrouble | null
}

export const openStore = async (factory: IDBFactory | null, name: string): Promise<OpenedStore> => {
  if (factory === null) return { store: new MemoryStore(), trouble: 'denied' }
  try {
    return { store: await openIndexedDbStore(factory, name), trouble: null }
  } catch (error) {
    const trouble = error instanceof LocalStoreError ? error.trouble : 'corrupt'
    if (trouble !== 'corrupt') return { store: new MemoryStore(), trouble }
  }
  // What cannot be read cannot be saved either; a new database can.
  try {
    await removeDatabase(factory, name)
    return { store: await openIndexedDbStore(factory, name), trouble: 'corrupt' }
  } catch {
    return { store: new MemoryStore(), trouble: 'corrupt' }
  }
}

const removeDatabase = (factory: IDBFactory, name: string): Promise<void> =>
  new Promise((done, failed) => {
    const request = factory.deleteDatabase(name)
    request.onsuccess = () => done()
    request.onerror = () => failed(request.error)
    request.onblocked = () => failed(new Error('blocked'))
  })
