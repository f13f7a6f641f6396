import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { LiveLists, type ListTime } from '../../server/list/live-lists.ts'
import type { PlainQuery } from '../../server/list/live-query.ts'
import { defineRecord, text } from '../../shared/index.ts'
import { until } from '../wire/wire-server.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const Job = defineRecord('job', { fields: { title: text.line() }, row: job => ({ title: job.title }) })

const open = async (rows: number, time?: ListTime): Promise<LiveLists> => {
  const title = 'x'.repeat(1_000)
  const stored = Array.from({ length: rows }, (_, i) => ({
    id: `${i}`,
    json: JSON.stringify({ id: `${i}`, title }),
  }))
  const lists = new LiveLists({
    store: { readRows: async () => ({ rows: stored, next: null }) },
    types: new Map([['job', Job]]),
    peopleIn: () => [],
    logger: { error() {} },
    ...(time === undefined ? {} : { time }),
  })
  await lists.start()
  return lists
}

/** Nobody else asks the same. */
const query = (i: number): PlainQuery => ({
  type: 'job',
  filter: { kind: 'test', field: 'title', test: { op: 'not', value: `${i}` } },
  field: 'id',
  direction: 'asc',
  limit: 10_000,
  after: null,
  presence: false,
  count: false,
  groups: [],
  sums: [],
})

it('what was told of a list is not kept, however long nothing changes', async () => {
  const lists = await open(20)
  const told: WeakRef<object>[] = []
  for (let i = 0; i < 40; i++)
    told.push(
      new WeakRef(
        lists
          .watch(query(i), { delta() {} })
          .whole()
          .message('"id":1'),
      ),
    )
  await until(() => {
    collect()
    return told.every(message => message.deref() === undefined)
  }, 'all to be forgotten')
  lists.close()
})

it('an edit that concerns many lists is told in turns of which none is long, to each once', async () => {
  let now = 0
  let due: (() => void)[] = []
  const lists = await open(3, {
    now: () => now,
    after(_, run) {
      due.push(run)
      return () => due.splice(due.indexOf(run), 1)
    },
  })
  const told: number[] = []
  for (let i = 0; i < 10; i++)
    lists.watch(query(i), {
      delta() {
        told.push(i)
        now += 4
      },
    })
  lists.committed('job', 'new', { id: 'new', title: 'new' }, 1)
  const turns: number[] = []
  while (due.length > 0) {
    const [before, run] = [told.length, due.shift()]
    due = []
    run?.()
    turns.push(told.length - before)
  }
  expect(turns).toEqual([3, 3, 3, 1])
  expect(told).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  lists.close()
})
