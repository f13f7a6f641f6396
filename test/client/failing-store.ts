/** IndexedDB whose writes fail with this error for as long as `isFailing` says so. */
export const failing = (factory: IDBFactory, name: string, isFailing: () => boolean): IDBFactory =>
  new Proxy(factory, {
    get(target, key) {
      if (key !== 'open') return Reflect.get(target, key).bind?.(target)
      return (database: string, version: number) => {
        const request = target.open(database, version)
        request.addEventListener('success', () => {
          const opened = request.result
          const transaction = opened.transaction.bind(opened)
          opened.transaction = (tables, mode, options) => {
            if (mode === 'readwrite' && isFailing()) throw new DOMException('no', name)
            return transaction(tables, mode, options)
          }
        })
        return request
      }
    },
  })
