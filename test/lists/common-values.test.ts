import { expect, it } from 'vitest'
import { LiveLists } from '../../server/list/live-lists.ts'
import { defineRecord, setOf, text } from '../../shared/index.ts'

const Job = defineRecord('job', {
  fields: { tags: setOf(text.line()) },
  row: job => ({ tags: job.tags }),
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
