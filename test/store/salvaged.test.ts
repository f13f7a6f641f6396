import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { mintToken } from '../../server/access/mint-token.ts'
import { createServer } from '../../server/server.ts'
import { LevelDatabase } from '../../server/store/level-database.ts'
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
