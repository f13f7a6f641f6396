import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'
import { afterEach, expect, it } from 'vitest'
import { runCorecord } from '../cli-process.ts'
import { startServer, type TestServer, tokenFor } from '../operations-server.ts'
import { LevelStore } from '../../server/store/level-store.ts'

let running: TestServer | null = null
let data: string | null = null

afterEach(async () => {
  await running?.close()
  if (data !== null) await rm(data, { recursive: true, force: true })
})

it('is refused by name, and the rest serves on', async () => {
  data = await mkdtemp(join(tmpdir(), 'corecord-damaged-'))
  const folder = data
  const start = (): Promise<TestServer> => startServer({ store: new LevelStore({ folder }) })
  const headers = { authorization: `Bearer ${await tokenFor('ana')}`, 'content-type': 'application/json' }
  const create = (id: string): Promise<Response> | undefined =>
    running?.fetch('/api/records/note', { method: 'POST', headers, body: JSON.stringify({ id, title: id }) })

  running = await start()
  for (const id of ['bad', 'good']) expect((await create(id))?.status).toBe(201)
  await running.close()
  await flipOneBitOf('note:bad', join(folder, 'db'))

  running = await start()
  expect((await running.fetch('/readyz')).status).toBe(200)
  const bad = await running.fetch('/api/records/note/bad', { headers })
  expect(bad.status).toBeGreaterThanOrEqual(500)
  expect(await bad.json()).toMatchObject({ code: 'STORE_DAMAGED' })
  const told = running.log.map(line => JSON.parse(line)).filter(({ level }) => level >= 50)
  expect(told).toMatchObject([
    { room: 'note:bad', msg: 'a record is damaged and not served; the others are' },
  ])

  const good = await running.fetch('/api/records/note/good', { headers })
  expect(await good.json()).toMatchObject({ record: { title: 'good' } })
  const patched = await running.fetch('/api/records/note/good', {
    method: 'PATCH',
    headers,
    body: JSON.stringify({ title: 'better' }),
  })
  expect(await patched.json()).toMatchObject({ record: { title: 'better' } })
  await running.close()

  const verified = await runCorecord(['verify', '--data', folder])
  expect(verified.code).toBe(1)
  expect(verified.out).toContain('note:bad')
  expect(verified.out).not.toContain('note:good')
})

/** In everything that is stored of the record. */
async function flipOneBitOf(room: string, location: string): Promise<void> {
  const db = new Level<string, Uint8Array>(location, { keyEncoding: 'utf8', valueEncoding: 'view' })
  for (const [key, value] of await db.iterator().all()) {
    if (!key.includes(room) || value.byteLength === 0) continue
    const flipped = Uint8Array.from(value)
    flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1
    await db.put(key, flipped)
  }
  await db.close()
}
