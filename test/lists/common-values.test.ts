import { expect, it } from 'vitest'
import { LiveLists } from '../../server/list/live-lists.ts'
import type { Test } from '../../server/list/plain-filter.ts'
import { RowTable } from '../../server/list/row-table.ts'
import { defineRecord, setOf, text } from '../../shared/index.ts'

const Job = defineRecord('job', {
  fields: { tags: setOf(text.line()), site: text.line() },
  row: job => ({ tags: job.tags, site: job.site }),
  list: { equal: ['site'] },
})

it('what rows that are read from the store have in common is in memory once', async () => {
  const rows = ['1', '2'].map(id => ({ id, json: JSON.stringify({ id, tags: [] }) }))
  const lists = new LiveLists({
    store: { readRows: async () => ({ rows, next: null }) },
    types: new Map([['job', Job]]),
    peopleIn: () => [],
    logger: { error() {} },
  })
  await lists.start()
  const table = lists.tableNow('job')
  expect(table.get('1')?.tags).toEqual([])
  expect(table.get('2')?.tags).toBe(table.get('1')?.tags)
  await lists.close()
})

it('what is only asked for leaves nothing behind in memory, and finds what is there', () => {
  const table = new RowTable(Job)
  const ids = (test: Test): string[] => {
    const filter = { kind: 'test', field: 'site', test } as const
    const { rows } = table.select({ filter, field: 'id', direction: 'asc', after: null, want: 10 })
    return rows.map(({ id }) => id)
  }
  for (const [id, site] of [
    ['1', 'roof'],
    ['2', 'cellar'],
    ['3', 'roof'],
    ['4', null],
  ] as const)
    table.set(id, { id, site })
  const sites = table.postings.get('site')
  const known = sites?.codeCount
  for (let i = 0; i < 50; i++) {
    expect(ids({ op: 'is', value: `no site ${i}` })).toEqual([])
    expect(ids({ op: 'not', value: `no site ${i}` })).toEqual(['1', '2', '3', '4'])
    expect(ids({ op: 'in', values: [`nowhere ${i}`, null, 'roof'] })).toEqual(['1', '3', '4'])
  }
  expect(ids({ op: 'not', value: 'roof' })).toEqual(['2', '4'])
  expect(sites?.codeCount).toBe(known)
})
