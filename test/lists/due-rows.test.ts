import { expect, it } from 'vitest'
import { MemoryStore } from '../../server/store/memory-store.ts'
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
