import { describe, expect, it } from 'vitest'
import { ALL } from '../../server/list/plain-filter.ts'
import { RowTable } from '../../server/list/row-table.ts'
import { createRandom } from '../../server/simulate/random.ts'
import type { Row } from '../../shared/record/filter.ts'
import { rowOrder } from '../../shared/record/row-order.ts'
import { Job, randomRow } from './random-query.ts'

describe.each(['title', 'hours', 'status', 'updated'])('an order by %s that is made in pieces', field => {
  it.each([1, 2])('holds what was committed while it was made, seed %i', async seed => {
    const random = createRandom(seed)
    const table = new RowTable(Job)
    const rows = new Map<string, Row>()
    const commit = (id: string, row: Row | null): void => {
      table.set(id, row)
      if (row === null) rows.delete(id)
      else rows.set(id, row)
    }
    for (let i = 0; i < 20_000; i++) commit(String(i), randomRow(random, String(i), i))
    expect(table.isPrepared(field)).toBe(false)
    let pauses = 0
    const making = table.prepare(field, ALL, async () => {
      pauses++
      for (let i = 0; i < 40; i++) {
        const id = String(random.below(21_000))
        commit(id, random.chance(0.3) ? null : randomRow(random, id, 30_000 + pauses))
      }
    })
    await making
    expect(pauses).toBeGreaterThan(3)
    expect(table.isPrepared(field)).toBe(true)
    commit('5', randomRow(random, '5', 99_999))
    const { rows: inOrder } = table.select({
      filter: ALL,
      field,
      direction: 'asc',
      after: null,
      want: 30_000,
    })
    expect(inOrder.map(row => row.id)).toEqual(
      [...rows.values()].sort(rowOrder(field, 'asc')).map(row => row.id),
    )
  })
})

describe('an order of numbers', () => {
  it('takes in the first text that comes, also while it is made', async () => {
    const table = new RowTable(Job)
    const row = (id: string, hours: number | string): Row => ({ ...randomRow(createRandom(1), id, 1), hours })
    for (let i = 0; i < 6_000; i++) table.set(String(i), row(String(i), i))
    let isFirst = true
    await table.prepare('hours', ALL, async () => {
      if (isFirst) table.set('x', row('x', 'many'))
      isFirst = false
    })
    const lastIds = (): string[] =>
      table
        .select({ filter: ALL, field: 'hours', direction: 'desc', after: null, want: 2 })
        .rows.map(({ id }) => id)
    expect(lastIds()).toEqual(['x', '5999'])
    table.set('x', row('x', 3.5))
    table.set('y', row('y', 'more'))
    expect(lastIds()).toEqual(['y', '5999'])
  })
})
