// What is kept on the device, for one person of one server. One database holds everything, so that an update, the
// note of what in it is unsent and the mapping of a fresh start are committed together or not at all, and so that
// three hundred records open in one transaction. (y-indexeddb keeps a database per record, tells nobody when it
// has committed, and its log cannot share a transaction with anything.)

export const LOCAL_TABLES = ['records', 'updates', 'ledgers', 'tray', 'lists', 'files', 'meta'] as const
export type LocalTable = (typeof LOCAL_TABLES)[number]

/** Keys are lists of text and numbers; tables are ordered by them, part by part. */
export type LocalKey = readonly (string | number)[]

export type LocalWrite =
  | { readonly put: LocalTable; readonly key: LocalKey; readonly value: unknown }
  | { readonly remove: LocalTable; readonly key: LocalKey }
  /** Everything whose key begins so. */
  | { readonly removeAll: LocalTable; readonly beneath: LocalKey }
  /** Nothing of the commit is done unless this holds of what stands there: another tab may have been faster. */
  | { readonly check: LocalTable; readonly key: LocalKey; readonly holds: (value: unknown) => boolean }
  /** So too, unless these are all the keys that begin so. */
  | { readonly checkAll: LocalTable; readonly beneath: LocalKey; readonly keys: readonly LocalKey[] }

export type LocalCheck = Extract<LocalWrite, { readonly check: unknown } | { readonly checkAll: unknown }>

export const isCheck = (write: LocalWrite): write is LocalCheck => 'check' in write || 'checkAll' in write

export const areSameKeys = (some: readonly LocalKey[], others: readonly LocalKey[]): boolean => {
  const known = new Set(others.map(key => JSON.stringify(key)))
  return some.length === others.length && some.every(key => known.has(JSON.stringify(key)))
}

export interface LocalEntry {
  readonly key: LocalKey
  readonly value: unknown
}

/** Why nothing can be kept: the disk is full, the browser forbids it or does not answer, what is there is damaged. */
export type StorageTrouble = 'full' | 'denied' | 'stuck' | 'corrupt'

/** A device that failed is tried again after so long. */
export const STORAGE_RETRY_MS = 5_000

export class LocalStoreError extends Error {
  override readonly name = 'LocalStoreError'
  readonly trouble: StorageTrouble

  constructor(trouble: StorageTrouble, cause: unknown) {
    super(`nothing can be kept on this device: ${trouble}`, { cause })
    this.trouble = trouble
  }
}

/** A check did not hold; nothing was written. */
export class LocalConflict extends Error {
  override readonly name = 'LocalConflict'
}

export interface LocalStore {
  readonly kind: 'device' | 'memory'
  get(table: LocalTable, key: LocalKey): Promise<unknown>
  /** In key order. */
  list(table: LocalTable, beneath: LocalKey): Promise<readonly LocalEntry[]>
  /**
   * All or nothing; resolved when it is committed. Commits are in the order of the calls. `relaxed` ones survive the
   * page and the browser, though perhaps not the power.
   */
  commit(writes: readonly LocalWrite[], durability?: 'strict' | 'relaxed'): Promise<void>
  /**
   * These in place of everything whose key begins so, all or nothing, one after the other in the background while
   * other commits go on; as `relaxed`. The values are the store's from now on.
   */
  replace(table: LocalTable, beneath: LocalKey, entries: Iterable<LocalEntry>): Promise<void>
  /** Removes everything of this person, and closes. */
  wipe(): Promise<void>
  close(): Promise<void>
}
