import { expect, it } from 'vitest'
import { MemoryStore } from '../store/memory-store.ts'
import { defineRecord, text, time } from '../../shared/index.ts'
import { until } from '../wire/wire-server.ts'
import { HandClock } from './hand-clock.ts'
import { ListServer } from './list-server.ts'

const Task = defineRecord('task', {
  fields: { title: text.line(), due: time() },
  row: t => ({ title: t.title, due: t.due, changesAt: t.due }),
})

it('a row that was stored before the server started is told anew at the time that it gave', async () => {
  const store = new MemoryStore()
  const due = Date.now() + 3_600_000
  const first = await new ListServer([Task], { store }).start()
  await first.edit(Task, '1', 'ana', record => record.set({ title: 'late in an hour', due }))
  await first.close()

  const clock = new HandClock()
  const second = new ListServer([Task], { store, listTime: clock })
  const startedAt = Date.now()
  second.now = () => startedAt + clock.now()
  await second.start()
  const link = await second.link()
  const shown = await second.list(link, 1, { type: 'task' })
  expect(shown.rows).toMatchObject([{ title: 'late in an hour', due }])
  clock.advance(3_700_000)
  await until(() => shown.deltas === 1, 'the row once more')
  await second.close()
})

it('a row is told anew at its time also where the clock was put ahead meanwhile', async () => {
  const clock = new HandClock()
  const server = new ListServer([Task], { listTime: clock })
  const startedAt = Date.now()
  let aheadMs = 0
  server.now = () => startedAt + clock.now() + aheadMs
  await server.start()
  const due = startedAt + 3_600_000
  await server.edit(Task, '1', 'ana', record => record.set({ title: 'late in an hour', due }))
  const shown = await server.list(await server.link(), 1, { type: 'task' })
  aheadMs = 3_600_000
  clock.advance(60_000)
  await until(() => shown.deltas === 1, 'the row once more')
  await server.close()
})
