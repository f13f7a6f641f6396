/** IndexedDB whose writes fail with this error for as long as `isFailing` says so. */
export const failing = (factory: IDBFactory, name: string, isFailing: () => boolean): IDBFactory =>
  watched(factory, (_, mode) => {
    if (mode === 'readwrite' && isFailing()) throw new DOMException('no', name)
  })

/** IndexedDB of a device that is full, for some values or for all: what is there can be taken away. */
export const filled = (factory: IDBFactory, isFull: (value: unknown) => boolean): IDBFactory =>
  opened(factory, begin => {
    const transaction = begin()
    const objectStore = transaction.objectStore.bind(transaction)
    transaction.objectStore = name => {
      const store = objectStore(name)
      const put = store.put.bind(store)
      store.put = (value, key) => {
        const request = put(value, key)
        if (!isFull(value)) return request
        Object.defineProperty(transaction, 'error', { value: new DOMException('no', 'QuotaExceededError') })
        transaction.abort()
        return request
      }
      return store
    }
    return transaction
  })

/** IndexedDB where somebody looks on, just before each transaction. */
export const watched = (
  factory: IDBFactory,
  look: (tables: readonly string[], mode: IDBTransactionMode, durability?: IDBTransactionDurability) => void,
): IDBFactory =>
  opened(factory, (begin, tables, mode, durability) => {
    look(tables, mode, durability)
    return begin()
  })

const opened = (
  factory: IDBFactory,
  through: (
    begin: () => IDBTransaction,
    tables: readonly string[],
    mode: IDBTransactionMode,
    durability?: IDBTransactionDurability,
  ) => IDBTransaction,
): IDBFactory =>
  new Proxy(factory, {
    get(target, key) {
      if (key !== 'open') return Reflect.get(target, key).bind?.(target)
      return (database: string, version: number) => {
        const request = target.open(database, version)
        request.addEventListener('success', () => {
          const opened = request.result
          const transaction = opened.transaction.bind(opened)
          opened.transaction = (tables, mode, options) => {
            const names = typeof tables === 'string' ? [tables] : [...tables]
            return through(
              () => transaction(tables, mode, options),
              names,
              mode ?? 'readonly',
              options?.durability,
            )
          }
        })
        return request
      }
    },
  })

/** From now until it is released this database answers nobody else: a transaction over all of it goes on and on. */
export const hang = async (factory: IDBFactory, name: string): Promise<() => void> => {
  const request = factory.open(name)
  await new Promise(done => request.addEventListener('success', done))
  const { result: database } = request
  const [table = '', ...others] = database.objectStoreNames
  const store = database.transaction([table, ...others], 'readwrite').objectStore(table)
  let isHung = true
  const goOn = (): void => {
    if (isHung) store.get('nothing').onsuccess = goOn
  }
  goOn()
  return () => {
    isHung = false
    database.close()
  }
}
