import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { mintToken } from '../../server/access/mint-token.ts'
import { createServer } from '../../server/server.ts'
import { LevelDatabase } from '../../server/store/level-database.ts'
import { LevelStore } from '../../server/store/level-store.ts'
import { ROWS_MADE_BY } from '../../server/store/rows-of.ts'
import { pino } from 'pino'
import { Note, secret } from '../operations-server.ts'

afterEach(() => void vi.restoreAllMocks())

it('an operator is told in log and metrics when a damaged database was copied to go on', async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'corecord-salvaged-'))
  const log: string[] = []
  const logger = pino({ level: 'warn' }, { write: (line: string) => void log.push(line) })
  const server = createServer({ records: [Note], secret, port: 0, dataFolder, logger })
  try {
    await server.start()
    const salvages = async () =>
      /^corecord_store_salvages_total (\d+)$/m.exec(await server.metrics.render())?.[1]
    expect(await salvages()).toBe('0')
    const token = await mintToken(secret, { sub: 'ana', lifetimeSeconds: 60 }, Date.now)
    const create = (id: string): Promise<Response> =>
      fetch(`${server.url}/api/records/note`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ id, title: 'Written on' }),
      })
    expect((await create('1')).status).toBe(201)

    // When LevelDB comes upon a block that it cannot decode is its own affair; this is what it says then.
    const { batch } = LevelDatabase.prototype
    const spy = vi.spyOn(LevelDatabase.prototype, 'batch').mockImplementation(function (this: LevelDatabase) {
      spy.mockRestore()
      const made = batch.call(this)
      made.write = async () => {
        await made.close()
        throw Object.assign(new Error('corrupted block'), { code: 'LEVEL_CORRUPTION' })
      }
      return made
    })
    expect((await create('2')).status).toBe(201)

    const told = log.map(line => JSON.parse(line)).filter(({ msg }) => /^the database was damaged/.test(msg))
    expect(told).toMatchObject([{ level: 50, damagedPath: expect.stringContaining('-damaged-') }])
    expect(readdirSync(told[0].damagedPath).length).toBeGreaterThan(0)
    expect(await salvages()).toBe('1')
    for (const id of ['1', '2']) expect((await server.store.readHead(`note:${id}`))?.commit).toBe(1)
  } finally {
    await server.close()
    rmSync(dataFolder, { recursive: true, force: true })
  }
})

it('a list that was in the part of a table that is gone has every record again after the start', async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'corecord-salvaged-'))
  const begin = async () => {
    const server = createServer({ records: [Note], secret, port: 0, dataFolder })
    await server.start()
    return server
  }
  const ids = Array.from({ length: 60 }, (_, n) => `n${n + 10}`)
  try {
    const first = await begin()
    const token = await mintToken(secret, { sub: 'ana', lifetimeSeconds: 60 }, Date.now)
    for (const id of ids) {
      const made = await fetch(`${first.url}/api/records/note`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ id, title: createHash('sha512').update(id).digest('hex') }),
      })
      expect(made.status).toBe(201)
    }
    await first.close()
    // An opening writes what was in the log file into a table. By which function rows were made is in another one.
    const store = new LevelStore({ folder: dataFolder })
    await store.open()
    const value = (await store.readValue(ROWS_MADE_BY, 'note')) ?? ''
    expect(value).not.toBe('')
    await store.commit([{ rooms: [], values: [{ space: ROWS_MADE_BY, key: 'note', value }] }])
    await store.close()
    const rowsAt = readdirSync(join(dataFolder, 'db'))
      .filter(name => name.endsWith('.ldb'))
      .map(name => join(dataFolder, 'db', name))
      .map(path => ({ path, at: readFileSync(path).indexOf('rnote\0') }))
      .find(({ at }) => at > 0)
    truncateSync(rowsAt?.path ?? '', rowsAt?.at)
    const server = await begin()
    const listed = async () => (await server.store.readRows('note', { limit: 999 })).rows.map(({ id }) => id)
    await expect.poll(listed).toEqual(ids)
    await server.close()
  } finally {
    rmSync(dataFolder, { recursive: true, force: true })
  }
})
