import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { LiveLists, type ListTime } from '../../server/list/live-lists.ts'
import type { ListTelling } from '../../server/list/list-telling.ts'
import type { PlainQuery } from '../../server/list/live-query.ts'
import { createRowsPublisher } from '../../server/list/rows-publisher.ts'
import type { Turn } from '../../server/room/turn.ts'
import type { Head } from '../../server/store/store.ts'
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

it('what a commit was called is read once, for however many who each see a part of their own', async () => {
  const lists = await open(1)
  const publisher = createRowsPublisher((...commit) => lists.committed(...commit))
  const told: string[] = []
  for (let i = 0; i < 10; i++) {
    const delta = (telling: ListTelling): void => void told.push(telling.json(`"id":${i}`))
    lists.watch({ ...query(i), said: true }, { delta })
  }
  let readings = 0
  const event = {
    ...{ cursor: '1', room: 'job:0', seq: 1, hash: '' },
    get json() {
      readings++
      return JSON.stringify({ by: 'ana', signals: [{ type: 'job', action: 'done' }] })
    },
  }
  const turn = { type: Job, id: '0', row: { id: '0', title: 'new' }, after: { removed: false }, commit: 2 }
  publisher.committed(turn as unknown as Turn, {} as Head, [event])
  lists.flush()
  expect(told.filter(json => json.includes('"action":"done"'))).toHaveLength(10)
  expect(readings).toBe(1)
  lists.close()
})
