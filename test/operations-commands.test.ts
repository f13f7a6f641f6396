import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fillStore } from '../server/demo/fill-store.ts'
import { LevelStore } from '../server/store/level-store.ts'
import { demoRecords } from '../shared/index.ts'
import { runCorecord } from './cli-process.ts'
import { startServer, tokenFor } from './operations-server.ts'

// The commands on the records of all five systems, as an operator would run them.
let folder: string
let data: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corecord-commands-'))
  data = join(folder, 'data')
  const store = new LevelStore({ folder: data })
  await store.open()
  await fillStore(store, { size: 60, now: Date.UTC(2027, 4, 4, 12) })
  await store.close()
  await tellSomebody()
})

/** As in every folder that was served: somebody has an inbox. */
async function tellSomebody(): Promise<void> {
  const running = await startServer({ records: demoRecords, store: new LevelStore({ folder: data }) })
  const ask = async (sub: string, method: string, path: string, body?: object): Promise<number> => {
    const authorization = `Bearer ${await tokenFor(sub, { name: sub, roles: ['dispatcher', 'technician'] })}`
    const headers = { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    return (await running.fetch(path, { method, headers, ...sent })).status
  }
  expect(await ask('lea', 'GET', '/api/records/ticket')).toBe(200)
  const ticket = { id: 'leak', title: 'Leak', assignedTo: 'lea', priority: 'urgent' }
  expect(await ask('ana', 'POST', '/api/records/ticket', ticket)).toBe(201)
  await running.close()
}

afterAll(() => rm(folder, { recursive: true, force: true }))

const types = new Map(demoRecords.map(type => [type.name, type]))
type Line = { room: string; type: string; removed: boolean; record: Record<string, unknown> }

const linesIn = async (file: string): Promise<Map<string, Line>> => {
  const lines = (await readFile(file, 'utf8')).trim().split('\n')
  // As the export writes them.
  return new Map(lines.map(text => JSON.parse(text) as Line).map(line => [line.room, line]))
}

/** What people entered, without who and when, which the exact form alone keeps. */
const enteredIn = ({ type, record }: Line): unknown => {
  const known = types.get(type)
  return Object.fromEntries(
    Object.entries(known?.fields ?? {}).map(([name, field]) => {
      const value = record[name]
      if (field.kind !== 'list' && field.kind !== 'log') return [name, value]
      const parts = Object.keys(field.entry)
      const entries = value as readonly Record<string, unknown>[]
      const shown = entries.map(entry => ['id', ...parts].map(part => entry[part] ?? null))
      return [name, shown.sort((a, b) => String(a[0]).localeCompare(String(b[0])))]
    }),
  )
}

describe('what was exported', () => {
  it('as lines is taken in by a new data folder, every record of every type', async () => {
    const [first, again] = [join(folder, 'first.jsonl'), join(folder, 'again.jsonl')]
    expect((await runCorecord(['inspect', 'inbox:lea', '--data', data])).code).toBe(0)
    expect(await runCorecord(['export', first, '--data', data])).toMatchObject({ code: 0, err: '' })
    const fresh = join(folder, 'from-lines')
    const before = await linesIn(first)
    expect([...before.keys()].filter(room => room.startsWith('inbox:'))).toEqual([])
    await appendFile(first, `${JSON.stringify({ room: 'inbox:lea', type: 'inbox', update: 'AAA=' })}\n`)
    const imported = await runCorecord(['import', first, '--data', fresh])
    expect(imported).toMatchObject({ code: 0, err: '' })
    expect(imported.out).toBe(`${before.size} records imported, 0 were there already.\n`)
    expect(await runCorecord(['verify', '--events', '--data', fresh])).toMatchObject({ code: 0 })
    await runCorecord(['export', again, '--data', fresh])
    const after = await linesIn(again)
    expect([...after.keys()].sort()).toEqual([...before.keys()].sort())
    for (const [room, line] of before) {
      const copy = after.get(room)
      expect([room, copy?.removed, copy && enteredIn(copy)]).toEqual([room, line.removed, enteredIn(line)])
    }
    expect(new Set([...before.values()].map(({ type }) => type)).size).toBeGreaterThan(10)
  })

  it('exactly is taken in with who, when and history, and once', async () => {
    const exact = join(folder, 'all.corecord')
    expect((await runCorecord(['export', '--exact', exact, '--data', data])).code).toBe(0)
    const fresh = join(folder, 'from-exact')
    expect(await runCorecord(['import', exact, '--data', fresh])).toMatchObject({ code: 0, err: '' })
    const second = await runCorecord(['import', exact, '--data', fresh])
    expect(second.out).toMatch(/^0 records imported, \d+ were there already/)
    const [first, again] = [join(folder, 'exact-1.jsonl'), join(folder, 'exact-2.jsonl')]
    await runCorecord(['export', first, '--data', data])
    await runCorecord(['export', again, '--data', fresh])
    expect(await readFile(again, 'utf8')).toBe(await readFile(first, 'utf8'))
    expect(await runCorecord(['verify', '--events', '--data', fresh])).toMatchObject({ code: 0 })
  })

  it('and cut short or changed since is refused in one sentence', async () => {
    const exact = join(folder, 'whole.corecord')
    await runCorecord(['export', '--exact', exact, '--data', data])
    const bytes = await readFile(exact)
    const cut = join(folder, 'cut.corecord')
    await writeFile(cut, bytes.subarray(0, 300))
    const wrong = join(folder, 'wrong.jsonl')
    await writeFile(wrong, '{"rooom": 1}\n')
    const csv = join(folder, 'tickets.csv')
    await writeFile(csv, 'id,title\na,Paint\n')
    const backup = join(folder, 'backup.tar')
    expect((await runCorecord(['backup', backup, '--data', data])).code).toBe(0)
    for (const [file, why] of [
      [cut, /^The file was cut short: it ends after 0 records, without its last line\.\n$/],
      [wrong, /^Line 1: «room» must name the record, as type:id\. What came before it was imported\.\n$/],
      [
        csv,
        /^This is nothing that corecord export wrote\. A file of another system.* POST \/api\/import\/<type>/,
      ],
      [backup, /^This is a backup, which becomes a data folder of its own: corecord restore /],
    ] as const) {
      const { code, err } = await runCorecord(['import', file, '--data', join(folder, 'nothing')])
      expect([code, err]).toEqual([1, expect.stringMatching(why)])
    }
    const half = join(folder, 'half.jsonl')
    await writeFile(half, '{"room":"ticket:half","record":{"title":"Paint"}}\nand so on\n')
    expect(await runCorecord(['import', half, '--data', join(folder, 'begun')])).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^Broken off: at least 1 of its records are there\. Import the file again/),
    })
  })
})

describe('corecord reindex', () => {
  it('makes rows anew that were lost or are wrong, which verify has named, and nothing else', async () => {
    const before = await runCorecord(['export', '--data', data])
    const db = new Level<string, Uint8Array>(join(data, 'db'), {
      keyEncoding: 'utf8',
      valueEncoding: 'view',
    })
    await db.open()
    const rows = (await db.keys().all()).filter(key => types.has(/^r([a-z]+)\0/.exec(key)?.[1] ?? ''))
    expect(rows.length).toBeGreaterThan(30)
    const [lost, damaged] = [rows.slice(0, 5), rows.slice(5, 10)]
    for (const key of lost) await db.del(key)
    for (const key of damaged) {
      const value = Uint8Array.from((await db.get(key)) ?? [])
      value[value.length - 2] = 0
      await db.put(key, value)
    }
    await db.close()
    const found = await runCorecord(['verify', '--json', '--data', data])
    expect(found.code).toBe(1)
    for (const key of rows.slice(0, 10)) expect(found.out).toContain(key.slice(key.indexOf('\0') + 1))
    expect((await runCorecord(['reindex', 'nothing', '--data', data])).err).toBe(
      'There is no record type «nothing».\n',
    )
    const { code, out } = await runCorecord(['reindex', '--data', data])
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^The rows of \d+ of \d+ records were made anew\.\n$/),
    ])
    expect(await runCorecord(['verify', '--events', '--data', data])).toMatchObject({
      code: 0,
      out: 'Everything that is stored can be read and fits together.\n',
    })
    expect((await runCorecord(['export', '--data', data])).out).toBe(before.out)
  })
})
