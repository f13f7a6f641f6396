import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { Level } from 'level'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runCorecord } from '../cli-process.ts'
import { startServer, type TestServer, tokenFor } from '../operations-server.ts'
import { until } from '../wire/wire-server.ts'
import { LevelStore } from '../../server/store/level-store.ts'
import { defineRecord, ref } from '../../shared/index.ts'
import type { InboxView } from '../../shared/types/inbox.ts'

let folder: string
let headers: Record<string, string>
let running: TestServer

const start = async (): Promise<void> => {
  running = await startServer({ store: new LevelStore({ folder }) })
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corecord-damaged-'))
  headers = { authorization: `Bearer ${await tokenFor('ana')}`, 'content-type': 'application/json' }
  await start()
  for (const id of ['bad', 'good']) {
    const body = JSON.stringify({ id, title: id })
    expect((await running.fetch('/api/records/note', { method: 'POST', headers, body })).status).toBe(201)
  }
})

afterEach(async () => {
  await running.close()
  await rm(folder, { recursive: true, force: true })
})

const idsOnTheList = async (): Promise<string[]> => {
  const list = await running.fetch('/api/records/note', { headers })
  const { rows = [] } = (await list.json()) as { rows?: { id: string }[] }
  return rows.map(({ id }) => id).sort()
}

it('is refused by name, and the rest serves on', async () => {
  await running.close()
  await flipOneBitOf('note:bad', join(folder, 'db'))

  await start()
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

it.each([
  { part: 'all of it', damaged: 'note:bad' },
  { part: 'its content', damaged: 'dnote:bad\0e' },
])('is left out of exports, which name it and are not called whole: $part', async ({ damaged }) => {
  await running.close()
  await flipOneBitOf(damaged, join(folder, 'db'))
  await start()
  const through: string[] = []
  const exported = running.server.operations.exportRooms({ format: 'lines', includeRemoved: true })
  await expect(
    (async () => {
      for await (const chunk of exported) through.push(String(chunk))
    })(),
  ).rejects.toThrow(/left out of what was exported: note:bad\.$/)
  expect(through.join('')).toContain('"note:good"')
  // Refused where nothing was sent yet, else cut short.
  const response = await running.fetch('/api/export/note', { headers })
  expect(await response.text().catch(() => 'STORE_DAMAGED')).toContain('STORE_DAMAGED')
  await until(() => running.log.join().includes('an export was cut short'), 'what the log says of it')
  expect(running.log.join()).toMatch(/left out of what was exported: note:bad\b/)
  await running.close()

  const { code, out, err } = await runCorecord(['export', '--data', folder])
  expect([code, out.includes('note:good'), out.includes('note:bad')]).toEqual([1, true, false])
  expect(err).toMatch(/left out of what was exported: note:bad\.\n$/)
})

it('comes back from an export of the last backup, while the rest is served', async () => {
  const chunks: Uint8Array[] = []
  for await (const chunk of running.server.operations.exportRooms({ format: 'exact', includeRemoved: true }))
    chunks.push(chunk)
  await running.close()
  await flipOneBitOf('dnote:bad\0e', join(folder, 'db'))

  await start()
  expect((await running.fetch('/api/records/note/bad', { headers })).status).toBe(500)
  expect(await running.server.operations.importRooms(Readable.from(chunks), () => {})).toEqual({
    imported: 0,
    present: ['note:good'],
    mended: ['note:bad'],
    refused: [],
  })
  const back = await running.fetch('/api/records/note/bad', { headers })
  expect(await back.json()).toMatchObject({ record: { title: 'bad' } })
  expect(await idsOnTheList()).toEqual(['bad', 'good'])
  await running.close()
  expect(await runCorecord(['verify', '--data', folder])).toMatchObject({ code: 0 })
})

it('a row that is damaged keeps no other from its list, and is made anew from its record', async () => {
  await running.close()
  await flipOneBitOf('rnote\0bad', join(folder, 'db'))
  expect((await runCorecord(['verify', '--data', folder])).out).toContain('ROW_DAMAGED')

  await start()
  await expect.poll(idsOnTheList).toEqual(['bad', 'good'])
  const told = (): unknown[] =>
    running.log.map(line => JSON.parse(line)).filter(({ msg }) => /^rows /.test(msg))
  await expect.poll(told).toMatchObject([
    { level: 50, type: 'note', msg: 'rows are damaged: they are made anew from their records' },
    { level: 30, types: ['note'], records: 2, rewritten: 1, damaged: [], msg: 'rows were made anew' },
  ])
  await running.close()
  expect(await runCorecord(['verify', '--data', folder])).toMatchObject({ code: 0 })
})

const Site = defineRecord('site', {
  fields: { keeper: ref('user') },
  access: { read: { $role: ['office'] } },
})

const Visit = defineRecord('visit', {
  fields: { site: ref('site') },
  notify: ({ after }) => [
    {
      level: 'info',
      kind: 'visit_planned',
      sentence: 'A visit',
      toNamedBy: { room: after.site ?? '', fields: ['keeper'] },
    },
  ],
})

it('keeps what happened to others, and what is told of them, from nobody', async () => {
  await running.close()
  const begin = async (): Promise<void> => {
    running = await startServer({ records: [Site, Visit], store: new LevelStore({ folder }) })
  }
  await begin()
  headers['authorization'] = `Bearer ${await tokenFor('ana', { roles: ['office'] })}`
  const create = async (type: string, values: object): Promise<void> => {
    const body = JSON.stringify(values)
    expect((await running.fetch(`/api/records/${type}`, { method: 'POST', headers, body })).status).toBe(201)
  }
  for (const id of ['good', 'bad', 'last']) await create('site', { id, keeper: 'ben' })
  // Of a removed one there is no row: who may read of it is seen in the record itself.
  expect((await running.fetch('/api/records/site/bad', { method: 'DELETE', headers })).ok).toBe(true)
  await running.close()
  await flipOneBitOf('site:bad', join(folder, 'db'))

  await begin()
  const page = await running.fetch('/api/events?since=&type=site', { headers })
  const { events = [] } = (await page.json()) as { events?: { record: string }[] }
  expect(events.map(({ record }) => record)).toEqual(['site:good', 'site:last'])

  // Who asks for that one is told what is the matter.
  const history = await running.fetch('/api/records/site/bad/history', { headers })
  expect(await history.json()).toMatchObject({ code: 'STORE_DAMAGED' })

  await create('visit', { id: '1', site: 'site:bad' })
  await create('visit', { id: '2', site: 'site:good' })
  const told = async (): Promise<unknown[]> => {
    // A record of this type, so its view has the type's fields.
    const view = (await running.server.rooms.open('inbox:ben')).guarded?.record.view as unknown as InboxView
    return view.entries.map(({ room }) => room)
  }
  await expect.poll(told).toEqual(['visit:2'])
  expect((await running.fetch('/readyz')).status).toBe(200)
  expect(running.log.map(line => JSON.parse(line)).filter(({ level }) => level >= 50)).toMatchObject([
    { room: 'site:bad', msg: 'a record cannot be read: nobody is told of it' },
    { room: 'site:bad', msg: 'a record cannot be read: nobody is told of it' },
  ])
})

/** In everything whose key has this in it. */
async function flipOneBitOf(part: string, location: string): Promise<void> {
  const db = new Level<string, Uint8Array>(location, { keyEncoding: 'utf8', valueEncoding: 'view' })
  for (const [key, value] of await db.iterator().all()) {
    if (!key.includes(part) || value.byteLength === 0) continue
    const flipped = Uint8Array.from(value)
    flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1
    await db.put(key, flipped)
  }
  await db.close()
}
