import {
  areSameKeys,
  isCheck,
  type LocalCheck,
  LocalConflict,
  type LocalEntry,
  type LocalKey,
  type LocalStore,
  type LocalTable,
  type LocalWrite,
} from './local-store.ts'

/** For bots and tests, and where the browser keeps nothing. The same contract, for as long as the page lives. */
export class MemoryStore implements LocalStore {
  readonly kind = 'memory'
  readonly #tables = new Map<LocalTable, Map<string, LocalEntry>>()

  async get(table: LocalTable, key: LocalKey): Promise<unknown> {
    return this.#table(table).get(JSON.stringify(key))?.value
  }

  async list(table: LocalTable, beneath: LocalKey): Promise<readonly LocalEntry[]> {
    return [...this.#table(table).values()]
      .filter(({ key }) => isBeneath(key, beneath))
      .sort((a, b) => compareKeys(a.key, b.key))
  }

  async commit(writes: readonly LocalWrite[]): Promise<void> {
    if (!writes.filter(isCheck).every(check => this.#holds(check))) throw new LocalConflict()
    for (const write of writes) {
      if (isCheck(write)) continue
      if ('put' in write) {
        const { key, value } = write
        this.#table(write.put).set(JSON.stringify(key), { key, value: structuredClone(value) })
      } else if ('remove' in write) this.#table(write.remove).delete(JSON.stringify(write.key))
      else {
        for (const [name, { key }] of this.#table(write.removeAll)) {
          if (isBeneath(key, write.beneath)) this.#table(write.removeAll).delete(name)
        }
      }
    }
  }

  async replace(table: LocalTable, beneath: LocalKey, entries: Iterable<LocalEntry>): Promise<void> {
    const all = [...entries]
    await this.commit([{ removeAll: table, beneath }])
    for (const entry of all) this.#table(table).set(JSON.stringify(entry.key), entry)
  }

  async wipe(): Promise<void> {
    this.#tables.clear()
  }

  async close(): Promise<void> {}

  #holds(check: LocalCheck): boolean {
    if ('check' in check) return check.holds(this.#table(check.check).get(JSON.stringify(check.key))?.value)
    const keys = [...this.#table(check.checkAll).values()].map(({ key }) => key)
    return areSameKeys(
      keys.filter(key => isBeneath(key, check.beneath)),
      check.keys,
    )
  }

  #table(name: LocalTable): Map<string, LocalEntry> {
    let table = this.#tables.get(name)
    if (table === undefined) {
      table = new Map()
      this.#tables.set(name, table)
    }
    return table
  }
}

const isBeneath = (key: LocalKey, beneath: LocalKey): boolean =>
  key.length >= beneath.length && beneath.every((part, i) => part === key[i])

/** As IndexedDB orders: numbers before text, and a shorter key before those that go on. */
const compareKeys = (a: LocalKey, b: LocalKey): number => {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const left = a[i] ?? ''
    const right = b[i] ?? ''
    if (left === right) continue
    if (typeof left !== typeof right) return typeof left === 'number' ? -1 : 1
    return left < right ? -1 : 1
  }
  return a.length - b.length
}
