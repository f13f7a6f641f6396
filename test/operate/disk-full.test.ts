import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { connect, type Desk } from '../../client/desk.ts'
import type { SocketLike } from '../../client/surroundings.ts'
import { LevelStore } from '../../server/store/level-store.ts'
import { Note, startServer, type TestServer, tokenFor } from '../operations-server.ts'
import { FailingStore } from '../store/failing-store.ts'

let folder: string
let running: TestServer
let disk: FailingStore
let desk: Desk

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corecord-disk-full-'))
  const around = FailingStore.around(new LevelStore({ folder }))
  disk = around.disk
  running = await startServer({ store: around.store })
  const token = await tokenFor('ana')
  desk = connect({
    url: running.server.url,
    token: () => token,
    records: [Note],
    storage: 'memory',
    surroundings: {
      createSocket: (url, protocols) => new WebSocket(url, [...protocols]) as unknown as SocketLike,
    },
  })
  await desk.ready
})

afterAll(async () => {
  await desk.close()
  await running.close()
  await rm(folder, { recursive: true, force: true })
})

const metric = async (line: string): Promise<number> => {
  const text = await (await running.fetch('/metrics')).text()
  return Number(
    text
      .split('\n')
      .find(one => one.startsWith(`${line} `))
      ?.slice(line.length + 1),
  )
}

const said = (): string[] => running.log.map(line => JSON.parse(line).msg)

it('keeps what was written, says so where operators look, and goes on by itself when there is room', async () => {
  const note = desk.create(Note, { title: 'Before' })
  await note.whenSaved()

  disk.refuse()
  note.set({ title: 'While it was full' })
  await expect
    .poll(() => said())
    .toContain('the disk refuses writes: nothing is accepted until it takes them')
  const ready = await running.fetch('/readyz')
  expect(ready.status).toBe(503)
  expect(await ready.json()).toMatchObject({ failing: ['store'] })
  expect((await running.fetch('/healthz')).status).toBe(200)
  expect(await metric('corecord_commits_total{outcome="failed"}')).toBeGreaterThan(0)
  expect(await metric('corecord_queue_depth')).toBeGreaterThan(0)

  // What is stored is read, and it is what was saved.
  const authorization = `Bearer ${await tokenFor('ivan')}`
  const list = await running.fetch('/api/records/note', { headers: { authorization } })
  expect(await list.text()).toContain('Before')
  expect(note.view?.title).toBe('While it was full')
  expect(note.status.save).not.toBe('saved')

  disk.mend()
  await note.whenSaved()
  expect(note.status.save).toBe('saved')
  await expect.poll(() => said()).toContain('the disk takes writes again')
  expect((await running.fetch('/readyz')).status).toBe(200)
  const again = await running.fetch(`/api/records/note/${note.id}`, { headers: { authorization } })
  expect(await again.json()).toMatchObject({ record: { title: 'While it was full' } })
})
