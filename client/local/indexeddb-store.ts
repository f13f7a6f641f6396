import type { Surroundings } from '../surroundings.ts'
import {
  areSameKeys,
  isCheck,
  LOCAL_TABLES,
  type LocalCheck,
  LocalConflict,
  type LocalEntry,
  type LocalKey,
  type LocalStore,
  LocalStoreError,
  type LocalTable,
  type LocalWrite,
  type StorageTrouble,
} from './local-store.ts'

const VERSION = 1

/**
 * Long enough for a large photo on an old tablet. Whoever asked is told that it hangs and asks again; what comes to
 * pass all the same is written twice.
 */
export const COMMIT_TAKES_AT_MOST_MS = 20_000

type Page = Pick<Surroundings, 'after' | 'onPutAway'>

interface Waiting {
  readonly writes: readonly LocalWrite[]
  readonly durability: 'strict' | 'relaxed'
  readonly done: () => void
  readonly failed: (error: Error) => void
}

/**
 * IndexedDB, with group commit: what is asked for while a transaction is under way joins the next one, so that a
 * person who types costs one flush a turn of the disk and not one a letter. Commits ask for `strict` durability
 * unless told otherwise, because «on this device» has to survive the battery being taken out.
 */
export class IndexedDbStore implements LocalStore {
  readonly kind = 'device'
  readonly #factory: IDBFactory
  readonly #page: Page
  #database: IDBDatabase
  /** What does not end without this page. */
  readonly #underWay = new Set<IDBTransaction>()
  readonly #putAway = new WeakSet<IDBDatabase>()
  /** While the page is put away. */
  #back: Promise<void> | null = null
  #reopening: Promise<boolean> | null = null
  #waiting: Waiting[] = []
  #isCommitting = false
  #isClosed = false
  readonly #stopWatchingPage: () => void

  constructor(factory: IDBFactory, database: IDBDatabase, page: Page) {
    this.#factory = factory
    this.#page = page
    this.#database = database
    this.#watch()
    let comeBack = (): void => {}
    this.#stopWatchingPage = page.onPutAway(
      () => {
        this.#back = new Promise(done => (comeBack = done))
        this.#letGo()
      },
      () => {
        this.#back = null
        comeBack()
      },
    )
  }

  get(table: LocalTable, key: LocalKey): Promise<unknown> {
    return this.#onOpen(() => answer(this.#read(table).get([...key])))
  }

  list(table: LocalTable, beneath: LocalKey): Promise<readonly LocalEntry[]> {
    return this.#onOpen(async () => {
      const store = this.#read(table)
      const range = rangeBeneath(beneath)
      const [keys, values] = await Promise.all([answer(store.getAllKeys(range)), answer(store.getAll(range))])
      return keysOf(keys).map((key, i) => ({ key, value: values[i] as unknown }))
    })
  }

  commit(writes: readonly LocalWrite[], durability: 'strict' | 'relaxed' = 'strict'): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ writes, durability, done, failed })
      if (!this.#isCommitting) this.#next()
    })
  }

  async replace(table: LocalTable, beneath: LocalKey, entries: Iterable<LocalEntry>): Promise<void> {
    const transaction = await this.#onOpen(async () =>
      this.#begin([table], 'readwrite', { durability: 'relaxed' }),
    )
    await new Promise<void>((done, failed) => {
      transaction.oncomplete = () => done()
      transaction.onabort = () => failed(asStoreError(transaction.error))
      const store = transaction.objectStore(table)
      const rest = entries[Symbol.iterator]()
      // Each in a task of its own, so that a picture can be drawn in between.
      const next = (): void => {
        const { done: isEnd, value: entry } = rest.next()
        if (isEnd === true) this.#finish(transaction)
        else store.put(entry.value, [...entry.key]).onsuccess = next
      }
      store.delete(rangeBeneath(beneath)).onsuccess = next
    })
  }

  async wipe(): Promise<void> {
    const { name } = this.#database
    await this.close()
    await answer(this.#factory.deleteDatabase(name)).catch((error: unknown) => {
      throw asStoreError(error)
    })
  }

  async close(): Promise<void> {
    while (this.#isCommitting)
      await new Promise<void>(done =>
        this.#waiting.push({ writes: [], durability: 'relaxed', done, failed: () => done() }),
      )
    this.#isClosed = true
    this.#stopWatchingPage()
    this.#database.close()
  }

  #next(): void {
    const batch = this.#waiting
    this.#waiting = []
    if (batch.length === 0) {
      this.#isCommitting = false
      return
    }
    this.#isCommitting = true
    this.#onOpen(() => this.#answering(this.#write(batch))).then(
      conflicts => {
        for (const one of batch) {
          if (conflicts.has(one)) one.failed(new LocalConflict())
          else one.done()
        }
        // Before any of them goes on: `close` looks whether there is more.
        this.#next()
      },
      (error: LocalStoreError) => {
        for (const one of batch) one.failed(error)
        this.#next()
      },
    )
  }

  /** Those of which a check did not hold. */
  #write(batch: readonly Waiting[]): Promise<ReadonlySet<Waiting>> {
    return new Promise((done, failed) => {
      const conflicts = new Set<Waiting>()
      if (this.#isClosed) throw new DOMException('closed', 'InvalidStateError')
      const tables = [...new Set(batch.flatMap(({ writes }) => writes.map(tableOf)))]
      if (tables.length === 0) {
        done(conflicts)
        return
      }
      const durability = batch.some(one => one.durability === 'strict') ? 'strict' : 'relaxed'
      const transaction = this.#begin(tables, 'readwrite', { durability })
      transaction.oncomplete = () => done(conflicts)
      transaction.onabort = () => failed(transaction.error ?? new DOMException('aborted', 'AbortError'))
      applyInTurn(transaction, batch, conflicts, () => this.#finish(transaction))
    })
  }

  #begin(
    tables: readonly LocalTable[],
    mode: IDBTransactionMode,
    options?: IDBTransactionOptions,
  ): IDBTransaction {
    const transaction = this.#database.transaction([...tables], mode, options)
    this.#underWay.add(transaction)
    const ended = (): void => void this.#underWay.delete(transaction)
    for (const end of ['complete', 'abort']) transaction.addEventListener(end, ended)
    return transaction
  }

  /** From here on it ends by itself. */
  #finish(transaction: IDBTransaction): void {
    if (transaction.commit === undefined) return
    transaction.commit()
    this.#underWay.delete(transaction)
  }

  /**
   * A page that is put away keeps its transactions open and cannot end them, and whoever asks the database next waits
   * for them: in Safari for as long as the page is kept. What is broken off here is done again when it comes back.
   */
  #letGo(): void {
    this.#putAway.add(this.#database)
    for (const transaction of this.#underWay) breakOff(transaction)
    this.#underWay.clear()
    this.#database.close()
  }

  /** A database may hang in the middle of a session; nobody waits for it without end. */
  #answering<T>(work: Promise<T>): Promise<T> {
    return new Promise((done, failed) => {
      let stop = (): void => {}
      const wait = (): void => {
        const database = this.#database
        // Time passes for a page that is put away, and for nothing that it waits for.
        stop = this.#page.after(COMMIT_TAKES_AT_MOST_MS, () =>
          this.#putAway.has(database) ? wait() : failed(new LocalStoreError('stuck', null)),
        )
      }
      wait()
      void work.then(done, failed).finally(() => stop())
    })
  }

  #read(table: LocalTable): IDBObjectStore {
    return this.#begin([table], 'readonly').objectStore(table)
  }

  /** Begun at once, so that transactions are in the order of the calls; and once more on a database opened anew. */
  async #onOpen<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const database = this.#database
      try {
        return await work()
      } catch (error) {
        const isBrokenOff = this.#putAway.has(database)
        const isLost = isBrokenOff || (attempt === 1 && LOST.has(nameOf(error)))
        if (!isLost || !(await this.#reopened(database))) throw asStoreError(error)
      }
    }
  }

  async #reopened(lost: IDBDatabase): Promise<boolean> {
    await this.#back
    if (this.#database !== lost) return !this.#isClosed
    this.#reopening ??= this.#reopen().finally(() => {
      this.#reopening = null
    })
    return this.#reopening
  }

  async #reopen(): Promise<boolean> {
    if (this.#isClosed) return false
    const { name } = this.#database
    this.#database.close()
    try {
      this.#database = await openDatabase(this.#factory, name, { isNew: false })
    } catch {
      return false
    }
    if (this.#isClosed) this.#database.close()
    else this.#watch()
    return !this.#isClosed
  }

  #watch(): void {
    const database = this.#database
    // Another tab wipes this person's data, or brings a newer version: to hold on would block it for ever.
    database.onversionchange = () => {
      this.#isClosed = true
      database.close()
    }
  }
}

/** Safari ends the connections of pages in the background, or loses them; a call then fails by one of these. */
const LOST: ReadonlySet<string> = new Set(['InvalidStateError', 'UnknownError'])

export const openIndexedDbStore = async (
  factory: IDBFactory,
  name: string,
  page: Page,
): Promise<IndexedDbStore> =>
  new IndexedDbStore(factory, await openDatabase(factory, name, { isNew: true }), page)

/** Where it may not be new it has been there before: in a new one what the page believes to be kept would be missing. */
const openDatabase = (
  factory: IDBFactory,
  name: string,
  { isNew }: { readonly isNew: boolean },
): Promise<IDBDatabase> =>
  new Promise((done, failed) => {
    let request: IDBOpenDBRequest
    try {
      request = factory.open(name, VERSION)
    } catch (error) {
      failed(asStoreError(error))
      return
    }
    request.onupgradeneeded = () => {
      if (!isNew) {
        request.transaction?.abort()
        return
      }
      for (const table of LOCAL_TABLES) {
        if (!request.result.objectStoreNames.contains(table)) request.result.createObjectStore(table)
      }
    }
    request.onsuccess = () => {
      const database = request.result
      // A database of our name that lacks our tables was not made by us, or was cut short.
      if (LOCAL_TABLES.every(table => database.objectStoreNames.contains(table))) {
        done(database)
      } else {
        database.close()
        failed(new LocalStoreError('corrupt', null))
      }
    }
    request.onerror = () => failed(asStoreError(request.error))
  })

const breakOff = (transaction: IDBTransaction): void => {
  try {
    transaction.abort()
  } catch {
    // It has ended, and was not heard of yet.
  }
}

/** One after the other, since what one writes another may check. */
const applyInTurn = (
  transaction: IDBTransaction,
  batch: readonly Waiting[],
  conflicts: Set<Waiting>,
  finish: () => void,
): void => {
  const rest = [...batch]
  for (let one = rest.shift(); one !== undefined; one = rest.shift()) {
    const waiting = one
    const checks = one.writes.filter(isCheck)
    if (checks.length === 0) {
      for (const write of one.writes) apply(transaction, write)
      continue
    }
    let unanswered = checks.length
    for (const check of checks) {
      ask(transaction, check, holds => {
        if (!holds) conflicts.add(waiting)
        if (--unanswered > 0) return
        if (!conflicts.has(waiting)) for (const write of waiting.writes) apply(transaction, write)
        applyInTurn(transaction, rest, conflicts, finish)
      })
    }
    return
  }
  finish()
}

const ask = (transaction: IDBTransaction, check: LocalCheck, tell: (holds: boolean) => void): void => {
  const store = transaction.objectStore(tableOf(check))
  if ('check' in check) {
    const request = store.get([...check.key])
    request.onsuccess = () => tell(check.holds(request.result as unknown))
  } else {
    const request = store.getAllKeys(rangeBeneath(check.beneath))
    request.onsuccess = () => tell(areSameKeys(keysOf(request.result), check.keys))
  }
}

const apply = (transaction: IDBTransaction, write: LocalWrite): void => {
  if (isCheck(write)) return
  const store = transaction.objectStore(tableOf(write))
  if ('put' in write) store.put(write.value, [...write.key])
  else if ('remove' in write) store.delete([...write.key])
  else store.delete(rangeBeneath(write.beneath))
}

const tableOf = (write: LocalWrite): LocalTable =>
  'put' in write
    ? write.put
    : 'remove' in write
      ? write.remove
      : 'removeAll' in write
        ? write.removeAll
        : 'check' in write
          ? write.check
          : write.checkAll

/** Only lists of text and numbers are ever put here as keys. */
const keysOf = (keys: readonly IDBValidKey[]): readonly LocalKey[] => keys as unknown as readonly LocalKey[]

/** A list sorts after every key that goes on with text or a number. */
const rangeBeneath = (beneath: LocalKey): IDBKeyRange => IDBKeyRange.bound([...beneath], [...beneath, []])

const answer = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((done, failed) => {
    request.onsuccess = () => done(request.result)
    request.onerror = () => failed(request.error ?? new DOMException('no answer', 'UnknownError'))
  })

const asStoreError = (error: unknown): LocalStoreError =>
  error instanceof LocalStoreError ? error : new LocalStoreError(troubleOf(error), error)

/** By the names that the browsers give; Firefox in private mode says InvalidStateError, Safari SecurityError. */
const troubleOf = (error: unknown): StorageTrouble => {
  const name = nameOf(error)
  if (name === 'QuotaExceededError') return 'full'
  if (name === 'SecurityError' || name === 'InvalidStateError' || name === 'NotAllowedError') return 'denied'
  return 'corrupt'
}

const nameOf = (error: unknown): string =>
  error instanceof Error || error instanceof DOMException ? error.name : ''
