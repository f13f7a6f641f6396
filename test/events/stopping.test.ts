// A server that stops while it tells what was typed: it ends in order, and the next one tells the rest, once.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { toRecordEvent } from '../../server/event/event.ts'
import { LevelStore } from '../../server/store/level-store.ts'
import { person } from '../guard/guarded-room.ts'
import { until } from '../wire/wire-server.ts'
import { EventServer } from './event-server.ts'

const ROOMS = 400

const rooms = Array.from({ length: ROOMS }, (_, i) => `ticket:${i}`)
const begin = (folder: string, textPauseMs: number): Promise<EventServer> =>
  new EventServer({ store: new LevelStore({ folder }), textPauseMs }).start()

/** Everything is typed, and nothing told yet: a machine on which that takes long is given longer. */
const allTyped = async (textPauseMs = 400): Promise<{ server: EventServer; folder: string }> => {
  const folder = mkdtempSync(join(tmpdir(), 'corecord-stopping-'))
  const server = await begin(folder, textPauseMs)
  await Promise.all(
    rooms.map(room =>
      server.writer.write(room, person('ana', 'dispatcher'), record => {
        record.set({ title: room })
        record.text('description').insert(0, `about ${room}`)
      }),
    ),
  )
  if (server.events.texts.size === ROOMS) return { server, folder }
  await server.close()
  rmSync(folder, { recursive: true, force: true })
  return allTyped(textPauseMs * 3)
}

it('what was being told when the server stopped is told once, and stopping is no error', async () => {
  const { server: first, folder } = await allTyped()
  while (first.events.texts.size === ROOMS) await new Promise(resolve => setImmediate(resolve))
  await first.close()
  expect(first.errors).toEqual([])
  expect(first.events.texts.size, 'it stopped in the midst of it').toBeGreaterThan(0)

  const second = await begin(folder, 400)
  await until(() => second.events.texts.size === 0, 'the rest to be told')
  for (const room of rooms) {
    const { events } = await second.store.readRecordEvents(room, { limit: 100 })
    const typed = events.map(toRecordEvent).flatMap(({ texts = [] }) => texts)
    expect(typed).toEqual([{ field: 'description', delta: [{ insert: `about ${room}` }] }])
  }
  await second.close()
  expect(second.errors).toEqual([])
  rmSync(folder, { recursive: true, force: true })
})
