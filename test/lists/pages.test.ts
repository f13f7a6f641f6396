import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Principal } from '../../server/access/principal.ts'
import { LiveLists } from '../../server/list/live-lists.ts'
import { toStoredRow } from '../../server/list/stored-row.ts'
import { listRecords } from '../../server/rest/list-records.ts'
import { createRandom } from '../../server/simulate/random.ts'
import { LevelStore } from '../../server/store/level-store.ts'
import type { Row } from '../../shared/record/filter.ts'
import { Job, naiveList, type RandomAsk, randomAsk, randomPerson, randomRow } from './random-query.ts'

let folder: string
let store: LevelStore

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corecord-pages-'))
  store = new LevelStore({ folder })
  await store.open()
})
afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true, force: true })
})

const put = (row: Row, expect: number) => ({
  rooms: [
    {
      room: `job:${row.id}`,
      type: 'job',
      epoch: 'e',
      expect,
      at: 1,
      by: 'ana',
      updates: [],
      row: toStoredRow(row),
    },
  ],
})

/** As REST asks for them. */
const openPages = () => {
  const lists = new LiveLists({
    store,
    types: new Map([['job', Job]]),
    peopleIn: () => [],
    logger: { error() {} },
  })
  return async (person: Principal, ask: RandomAsk): Promise<Page> => {
    const query = new URLSearchParams({
      where: JSON.stringify(ask.where),
      orderBy: ask.orderBy.join(':'),
      limit: String(ask.limit),
      cursor: ask.cursor ?? '',
    })
    return JSON.parse(await listRecords({ lists, rowsMax: 1_000 }, Job, person, query))
  }
}

interface Page {
  readonly rows: readonly Row[]
  readonly cursor: string | null
}

describe.each([1, 2, 3])('pages of a list, seed %i', seed => {
  it('follow one another as they do in a look at all rows, from what the store has of them', async () => {
    const random = createRandom(seed)
    const rows = new Map<string, Row>()
    for (let i = 0; i < 250; i++) rows.set(String(i), randomRow(random, String(i), i))
    await store.commit([...rows.values()].map(row => put(row, 0)))
    // Once more, so that old rows have to go.
    const changed = [...rows.values()].slice(0, 120).map(row => ({ ...randomRow(random, row.id, 500) }))
    for (const row of changed) rows.set(row.id, row)
    await store.commit(changed.map(row => put(row, 1)))

    const pageOf = openPages()
    for (let i = 0; i < 60; i++) {
      const person = randomPerson(random)
      const ask = { ...randomAsk(random), count: false, groups: [], sums: [], limit: 1 + random.below(40) }
      let behind: Row | null = null
      let cursor: string | null = null
      for (let page = 0; page < 4; page++) {
        const expected = naiveList(rows.values(), ask, person, behind)
        const found = await pageOf(person, { ...ask, cursor })
        expect(found.rows).toEqual(expected.rows)
        expect(found.cursor !== null).toBe(expected.hasMore)
        cursor = found.cursor
        if (cursor === null) break
        behind = expected.rows.at(-1) ?? null
      }
    }
  })
})

it('a page of thousands of rows is written piece by piece, and says what stands there when it is whole', async () => {
  const lists = new LiveLists({
    store,
    types: new Map([['job', Job]]),
    peopleIn: () => [],
    logger: { error() {} },
  })
  await lists.table('job')
  const random = createRandom(1)
  const root = { id: 'root', name: 'root', roles: ['admin'], claims: {}, expiresAt: null }
  const change = (id: string, row: Row | null): void => lists.committed('job', id, row, 1)
  for (let i = 0; i < 5_000; i++) change(String(i), { ...randomRow(random, String(i), i), floor: 1 })
  let pieces = 0
  // What others do in between.
  const { done } = lists.turns
  lists.turns.done = async (asker, work) => {
    const piece = await done.call(lists.turns, asker, work)
    if (++pieces === 5) {
      change('17', null)
      change('18', { ...randomRow(random, '18', 9), floor: 2 })
      change('new', { ...randomRow(random, 'new', 9), floor: 1 })
    }
    return piece as ReturnType<typeof work>
  }
  const query = new URLSearchParams({ where: JSON.stringify({ floor: 1 }), limit: '5000' })
  const { rows } = JSON.parse(await listRecords({ lists, rowsMax: 5_000 }, Job, root, query)) as Page
  expect(pieces).toBeGreaterThan(9)
  const ids = rows.map(({ id }) => id)
  expect(new Set(ids).size).toBe(4_999)
  expect([ids.includes('17'), ids.includes('18'), ids.includes('new')]).toEqual([false, false, true])
  expect(rows.find(({ id }) => id === '4000')).toEqual(lists.tableNow('job').get('4000'))
})
