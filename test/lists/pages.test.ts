import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LiveLists } from '../../server/list/live-lists.ts'
import { createQueryRows } from '../../server/list/query-rows.ts'
import { rowPut } from '../../server/list/row-keys.ts'
import { createRandom } from '../../server/simulate/random.ts'
import { LevelStore } from '../../server/store/level-store.ts'
import type { Row } from '../../shared/record/filter.ts'
import { Job, naiveList, randomAsk, randomPerson, randomRow } from './random-query.ts'

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
      row: rowPut(Job, row),
    },
  ],
})

const open = () => {
  const lists = new LiveLists({
    store,
    types: new Map([['job', Job]]),
    peopleIn: () => [],
    logger: { error() {} },
  })
  return { lists, queryRows: createQueryRows({ lists, store, rowsPerList: 1_000 }) }
}

describe.each([1, 2, 3])('pages of a list, seed %i', seed => {
  it('are the same from the index on disk, before the rows are in memory, and from memory', async () => {
    const random = createRandom(seed)
    const rows = new Map<string, Row>()
    for (let i = 0; i < 250; i++) rows.set(String(i), randomRow(random, String(i), i))
    await store.commit([...rows.values()].map(row => put(row, 0)))
    // Once more, so that old index entries have to go.
    const changed = [...rows.values()].slice(0, 120).map(row => ({ ...randomRow(random, row.id, 500) }))
    for (const row of changed) rows.set(row.id, row)
    await store.commit(changed.map(row => put(row, 1)))

    const cold = open()
    const warm = open()
    await warm.lists.start()
    for (let i = 0; i < 60; i++) {
      const person = randomPerson(random)
      const ask = { ...randomAsk(random), count: false, groups: [], sums: [], limit: 1 + random.below(40) }
      let behind: Row | null = null
      let cursor: string | null = null
      for (let page = 0; page < 4; page++) {
        const expected = naiveList(rows.values(), ask, person, behind)
        for (const { queryRows } of [cold, warm]) {
          const found = await queryRows(person, { ...ask, cursor })
          expect(found.rows).toEqual(expected.rows)
          expect(found.cursor !== null).toBe(expected.hasMore)
          if (queryRows === warm.queryRows) cursor = found.cursor
        }
        if (cursor === null) break
        behind = expected.rows.at(-1) ?? null
      }
    }
    // It was the disk that answered, but for lists by id.
    expect(warm.lists.rowCount).toBe(250)
  })
})

describe('a page', () => {
  it('has the figures that were asked for', async () => {
    const random = createRandom(9)
    const rows = Array.from({ length: 50 }, (_, i) => randomRow(random, String(i), i))
    await store.commit(rows.map(row => put(row, 0)))
    const { queryRows } = open()
    const person = { id: 'dora', name: '', roles: ['desk'], claims: {}, expiresAt: null }
    const ask = { ...randomAsk(random), where: {}, count: true, groups: ['status'], sums: ['hours'] }
    const { figures } = await queryRows(person, { ...ask })
    expect(figures).toEqual(naiveList(rows, ask, person).figures)
  })

  it('cannot be of a type that there is not, nor by what is no query', async () => {
    const { queryRows } = open()
    const person = { id: 'dora', name: '', roles: ['desk'], claims: {}, expiresAt: null }
    await expect(queryRows(person, { type: 'tickle' })).rejects.toMatchObject({ code: 'NO_SUCH_TYPE' })
    await expect(queryRows(person, { type: 'job', where: [] })).rejects.toMatchObject({ code: 'BAD_QUERY' })
    await expect(queryRows(person, { type: 'job', orderBy: ['tags'] })).rejects.toMatchObject({
      code: 'BAD_QUERY',
    })
    await expect(queryRows(person, { type: 'job', cursor: '?' })).rejects.toMatchObject({
      code: 'BAD_CURSOR',
    })
  })
})
