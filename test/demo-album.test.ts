import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createBlobFiles } from '../server/blob/blob-files.ts'
import { BLOBS, REFERENCES } from '../server/blob/blob-register.ts'
import { makeAlbum } from '../server/demo/album.ts'
import { fillStore } from '../server/demo/fill-store.ts'
import { prepareDemo } from '../server/demo/prepare-demo.ts'
import { MemoryStore } from './store/memory-store.ts'
import { rowsOf } from '../server/store/rows-of.ts'
import type { RowOf } from '../shared/record/record-type.ts'
import type { Trebovanje } from '../shared/types/warehouse.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corecord-album-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const NOW = Date.UTC(2026, 4, 20, 10)

const filled = async (): Promise<readonly string[]> => {
  const files = createBlobFiles(folder)
  const album = await makeAlbum(files, NOW)
  const store = new MemoryStore()
  await store.open()
  await fillStore(store, { size: 60, now: NOW, album })
  const known = new Map(
    (await store.readValues(BLOBS, { limit: 100 })).values.map(note => [note.key, note.value]),
  )
  const { values } = await store.readValues(REFERENCES, { limit: 1_000 })
  for (const { key } of values) {
    const hash = key.slice(0, 64)
    const { bytes } = JSON.parse(known.get(hash) ?? '{}') as { readonly bytes?: number }
    expect(await files.size(hash)).toBe(bytes)
  }
  return values.map(({ key }) => key)
}

it('the demo has photos, papers and pictures of tickets, each file is there, and the same again', async () => {
  const keys = await filled()
  for (const type of ['photo', 'attachment', 'ticket'])
    expect(keys.filter(key => key.includes(` ${type}%3A`)).length).toBeGreaterThan(2)
  expect(await filled()).toEqual(keys)
})

it('whatever the hour at which the demo is begun, much is open and little of it late', async () => {
  const midnight = new Date(2026, 4, 20).getTime()
  for (const hour of [0.1, 17, 23.9]) {
    const now = midnight + hour * 3_600_000
    const store = new MemoryStore()
    await store.open()
    await fillStore(store, { size: 150, now })
    const open: RowOf<typeof Trebovanje>[] = []
    for await (const { json } of rowsOf(store, 'trebovanje')) {
      const row = JSON.parse(json) as RowOf<typeof Trebovanje>
      if (row.status !== 'done' && row.status !== 'cancelled') open.push(row)
    }
    expect(open.length).toBeGreaterThan(5)
    expect(open.every(({ due, created }) => due !== null && due >= (created ?? 0))).toBe(true)
    expect(open.filter(({ due }) => due !== null && due < now).length).toBeLessThan(open.length / 3)
  }
})

it('a demo of an earlier day says at its start that it is one, and stays as it is', async () => {
  const said: object[] = []
  const logger = { info: (facts: object) => void said.push(facts) }
  const evening = new Date(2026, 4, 20, 23, 30).getTime()
  for (const now of [evening, evening + 60_000, evening + 3_600_000])
    await prepareDemo(folder, 10, () => now, logger as never)
  expect(said).toEqual([expect.objectContaining({ records: expect.any(Number) }), { days: 1, folder }])
})
