import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { connect, type Desk } from '../../client/desk.ts'
import type { SocketLike } from '../../client/surroundings.ts'
import { blob, defineRecord, text } from '../../shared/index.ts'
import { LevelStore } from '../../server/store/level-store.ts'
import { Note, startServer, type TestServer, tokenFor } from '../operations-server.ts'
import { FailingStore } from '../store/failing-store.ts'

const Sheet = defineRecord('sheet', {
  fields: { scan: blob({ types: ['text/plain'] }), signed: text.line() },
  actions: { sign: { args: {}, run: ({ set, me }) => set({ signed: me.id }) } },
})

let folder: string
let running: TestServer
let disk: FailingStore
let desk: Desk

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corecord-disk-full-'))
  const around = FailingStore.around(new LevelStore({ folder }))
  disk = around.disk
  running = await startServer({ store: around.store, records: [Note, Sheet] })
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

it('answers at once whatever is asked to be written, and writes none of it', async () => {
  const headers = {
    authorization: `Bearer ${await tokenFor('ivan', { roles: ['admin'] })}`,
    'content-type': 'application/json',
  }
  const ask = (method: string, path: string, body?: object): Promise<Response> =>
    running.fetch(path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  expect((await ask('POST', '/api/records/sheet', { id: 'a' })).status).toBe(201)
  disk.refuse()
  const first = ask('PATCH', '/api/records/sheet/a', { signed: 'nobody' })
  await expect.poll(async () => (await running.fetch('/readyz')).status).toBe(503)

  const hash = '0'.repeat(64)
  const asked: readonly (readonly [method: string, path: string, body?: object])[] = [
    // Of the same person and record as the one that waits.
    ['PATCH', '/api/records/sheet/a', { signed: 'somebody' }],
    ['POST', '/api/records/sheet/a/actions/sign', { id: 'once' }],
    ['POST', '/api/blobs', { hash, bytes: 1, type: 'text/plain' }],
    ['DELETE', `/api/blobs/${hash}/upload`],
    ['POST', '/api/admin/webhooks', { url: 'http://127.0.0.1:9/' }],
  ]
  for (const [method, path, body] of asked) {
    const answer = await ask(method, path, body)
    expect([path, answer.status, (await answer.json()).code]).toEqual([path, 503, 'STORE_UNWRITABLE'])
  }

  // It begins to answer before it is done.
  const reindexed = await (await ask('POST', '/api/admin/reindex', {})).text()
  expect(JSON.parse(reindexed.trim())).toMatchObject({
    error: { sentence: expect.stringContaining('cannot be written to disk') },
  })

  disk.mend()
  expect(await (await first).json()).toMatchObject({ record: { signed: 'nobody' } })
  expect(await (await ask('GET', '/api/admin/webhooks')).json()).toEqual({ webhooks: [] })
  expect((await ask('POST', '/api/blobs', { hash, bytes: 1, type: 'text/plain' })).status).toBe(201)
  const signed = await ask('POST', '/api/records/sheet/a/actions/sign', { id: 'once' })
  expect(await signed.json()).toMatchObject({ state: 'accepted' })
})
