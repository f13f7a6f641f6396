// One contract, every store.

import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { describe, expect, it } from 'vitest'
import { openIndexedDbStore } from '../../client/local/indexeddb-store.ts'
import { surroundingsHere } from '../../client/surroundings.ts'
import { LocalConflict, type LocalEntry, type LocalStore } from '../../client/local/local-store.ts'
import { MemoryStore } from '../../client/local/memory-store.ts'

const stores: readonly (readonly [string, () => Promise<LocalStore>])[] = [
  ['memory', async () => new MemoryStore()],
  ['IndexedDB', () => openIndexedDbStore(new IDBFactory(), 'test', surroundingsHere())],
]

for (const [name, open] of stores) {
  describe(`the local store in ${name}`, () => {
    it('gives back what was put, and nothing for what was not', async () => {
      const store = await open()
      const bytes = new Uint8Array([1, 2, 3])
      await store.commit([{ put: 'updates', key: ['ticket:1', 0, 'tab', 1], value: bytes }])
      expect(await store.get('updates', ['ticket:1', 0, 'tab', 1])).toEqual(bytes)
      expect(await store.get('updates', ['ticket:1', 0, 'tab', 2])).toBe(undefined)
      expect(await store.get('records', ['ticket:1'])).toBe(undefined)
    })

    it('lists what lies beneath a key, in order, and nothing beside it', async () => {
      const store = await open()
      const key = (...parts: (string | number)[]) => ({
        put: 'updates' as const,
        key: parts,
        value: parts.join(' '),
      })
      await store.commit([
        key('a', 10),
        key('a', 2),
        key('a', 2, 'x'),
        key('ab', 1),
        key('b', 1),
        key('a', 'text'),
      ])
      const entries = await store.list('updates', ['a'])
      expect(entries.map(({ value }) => value)).toEqual(['a 2', 'a 2 x', 'a 10', 'a text'])
      expect((await store.list('updates', ['a', 2])).map(({ value }) => value)).toEqual(['a 2', 'a 2 x'])
      expect(await store.list('updates', [])).toHaveLength(6)
    })

    it('removes one key, or all beneath it', async () => {
      const store = await open()
      await store.commit([
        { put: 'lists', key: ['a'], value: 1 },
        { put: 'updates', key: ['a', 0, 't', 1], value: 1 },
        { put: 'updates', key: ['a', 1, 't', 1], value: 2 },
        { put: 'updates', key: ['b', 0, 't', 1], value: 3 },
      ])
      await store.commit([
        { remove: 'lists', key: ['a'] },
        { removeAll: 'updates', beneath: ['a', 0] },
      ])
      expect(await store.get('lists', ['a'])).toBe(undefined)
      expect((await store.list('updates', [])).map(({ value }) => value)).toEqual([2, 3])
    })

    it('does nothing of a commit whose check does not hold, and everything of the others of the same moment', async () => {
      const store = await open()
      await store.commit([{ put: 'records', key: ['a'], value: { generation: 2 } }])
      const holds = (value: unknown): boolean => (value as { generation: number }).generation <= 1
      const refused = store.commit([
        { check: 'records', key: ['a'], holds },
        { put: 'lists', key: ['refused'], value: 1 },
      ])
      const taken = store.commit([{ put: 'lists', key: ['taken'], value: 1 }])
      await expect(refused).rejects.toBeInstanceOf(LocalConflict)
      await taken
      expect(await store.get('lists', ['refused'])).toBe(undefined)
      expect(await store.get('lists', ['taken'])).toBe(1)
    })

    it('does nothing of a commit that knows of fewer keys beneath than there are, or of more', async () => {
      const store = await open()
      await store.commit([
        { put: 'updates', key: ['a', 0, 't', 1], value: 1 },
        { put: 'updates', key: ['a', 0, 't', 2], value: 2 },
        { put: 'updates', key: ['a', 1, 't', 3], value: 3 },
      ])
      const removal = (...numbers: number[]) =>
        store.commit([
          { checkAll: 'updates', beneath: ['a', 0], keys: numbers.map(number => ['a', 0, 't', number]) },
          { removeAll: 'updates', beneath: ['a', 0] },
        ])
      await expect(removal(1)).rejects.toBeInstanceOf(LocalConflict)
      await expect(removal(1, 3)).rejects.toBeInstanceOf(LocalConflict)
      await expect(removal(1, 2, 4)).rejects.toBeInstanceOf(LocalConflict)
      expect(await store.list('updates', ['a'])).toHaveLength(3)
      await removal(2, 1)
      expect((await store.list('updates', ['a'])).map(({ value }) => value)).toEqual([3])
    })

    it('commits in the order of the calls', async () => {
      const store = await open()
      const commits = Array.from({ length: 50 }, (_, i) =>
        store.commit([{ put: 'meta', key: ['n'], value: i }]),
      )
      await Promise.all(commits)
      expect(await store.get('meta', ['n'])).toBe(49)
    })

    it('closes when what it was told before is committed, however often it is told to', async () => {
      const store = await open()
      const committed = store.commit([{ put: 'meta', key: ['n'], value: 1 }])
      await Promise.all([store.close(), store.close(), committed])
      await store.close()
    })

    it('replaces all beneath a key, in many pieces or not at all, while other commits go on', async () => {
      const store = await open()
      const entry = (i: number, value: unknown) => ({ key: ['list', i], value })
      await store.commit([
        { put: 'lists', key: ['list'], value: 'old' },
        { put: 'lists', key: ['list', 900], value: 'old' },
        { put: 'lists', key: ['other'], value: 'old' },
      ])
      const replaced = store.replace(
        'lists',
        ['list'],
        Array.from({ length: 100 }, (_, i) => entry(i, `new ${i}`)),
      )
      const committed = store.commit([{ put: 'updates', key: ['ticket:1', 0], value: 1 }])
      await Promise.all([replaced, committed])
      const values = (await store.list('lists', [])).map(({ value }) => value)
      expect(values).toEqual([...Array.from({ length: 100 }, (_, i) => `new ${i}`), 'old'])
      expect(await store.get('updates', ['ticket:1', 0])).toBe(1)
      function* broken() {
        yield entry(0, 'half')
        throw new Error('the rest is not to be had')
      }
      await expect(store.replace('lists', ['list'], broken())).rejects.toThrow()
      expect((await store.list('lists', ['list'])).map(({ value }) => value)).toEqual(values.slice(0, 100))
    })

    it('is not changed by what happens to a value afterwards', async () => {
      const store = await open()
      const value = { rows: [1] }
      await store.commit([{ put: 'lists', key: ['a'], value }])
      value.rows.push(2)
      expect(await store.get('lists', ['a'])).toEqual({ rows: [1] })
    })
  })
}

describe('the local store in IndexedDB of a page that is put away', () => {
  it('holds up no other page, and does what was broken off when it is brought back', async () => {
    const factory = new IDBFactory()
    let [away, back] = [(): void => {}, (): void => {}]
    const onPutAway = (...tells: [() => void, () => void]) => {
      ;[away, back] = tells
      return () => {}
    }
    const kept = await openIndexedDbStore(factory, 'test', { ...surroundingsHere(), onPutAway })
    const other = await openIndexedDbStore(factory, 'test', surroundingsHere())
    await kept.commit([{ put: 'records', key: ['a'], value: 1 }])
    const endless = kept.replace('lists', ['long'], entriesWithoutEnd())
    const asked = kept.get('records', ['a'])
    const written = kept.commit([
      { check: 'records', key: ['a'], holds: value => value === 1 },
      { put: 'records', key: ['b'], value: 2 },
    ])
    away()
    await expect(endless).rejects.toThrow()
    const late = kept.get('records', ['b'])
    await other.commit([{ put: 'lists', key: ['short'], value: 3 }])
    expect(await other.get('records', ['b'])).toBe(undefined)
    // Not even the database itself is held.
    await other.close()
    back()
    expect(await asked).toBe(1)
    await written
    expect([undefined, 2]).toContain(await late)
    expect(await kept.get('records', ['b'])).toBe(2)
    expect(await kept.get('lists', ['short'])).toBe(3)
    await kept.wipe()
  })
})

function* entriesWithoutEnd(): Generator<LocalEntry> {
  for (let i = 0; ; i++) yield { key: ['long', i], value: i }
}
