import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type CorecordServer, createServer } from '../../server/server.ts'
import { defineRecord, text } from '../../shared/index.ts'
import { secret, tokenFor } from '../operations-server.ts'

const Bill = defineRecord('bill', {
  fields: { title: text.line(), number: text.line() },
  actions: {
    number: {
      args: {},
      run: ({ set, next }) => {
        const number = `B-${next('bill')}`
        set({ number })
        return number
      },
    },
  },
})

let dataFolder: string
let server: CorecordServer
let log: string[]

const start = async (): Promise<void> => {
  log = []
  const logger = pino({ level: 'warn' }, { write: (line: string) => void log.push(line) })
  server = createServer({ records: [Bill], secret, port: 0, dataFolder, logger })
  await server.start()
}

beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'corecord-values-'))
  await start()
})

afterEach(async () => {
  await server.close()
  await rm(dataFolder, { recursive: true, force: true })
})

const ask = async (method: string, path: string, body?: object, user = 'ana'): Promise<Response> =>
  fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${await tokenFor(user)}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

const numberOf = async (id: string): Promise<unknown> => {
  expect((await ask('POST', '/api/records/bill', { id, title: id })).status).toBe(201)
  return (await ask('POST', `/api/records/bill/${id}/actions/number`, {})).json()
}

/** A bit of every value whose space the choice takes; gives their names. */
const flip = async (isChosen: (space: string) => boolean): Promise<string[]> => {
  const db = new Level<string, Uint8Array>(join(dataFolder, 'db'), {
    keyEncoding: 'utf8',
    valueEncoding: 'view',
  })
  const names: string[] = []
  for (const [key, value] of await db.iterator({ gte: 'v', lt: 'w' }).all()) {
    const [space = '', name = ''] = key.slice(1).split('\0')
    if (!isChosen(space)) continue
    const flipped = Uint8Array.from(value)
    flipped[0] = (flipped[0] ?? 0) ^ 1
    await db.put(key, flipped)
    names.push(`${space}/${name}`)
  }
  await db.close()
  return names
}

const told = (): string[] =>
  log
    .map(line => JSON.parse(line))
    .filter(({ msg }) => /of the server’s own is damaged/.test(msg))
    .map(({ space, key }) => `${space}/${key}`)

it('however many of the server’s own values are damaged, it starts, names them, and serves all records', async () => {
  expect(await numberOf('1')).toMatchObject({ result: 'B-1' })
  await server.operations.revoke({ sub: 'bo' })
  await server.close()
  const names = await flip(() => true)
  for (const space of ['series', 'number-series', 'people', '$revoked', '$rows'])
    expect(names.some(name => name.startsWith(`${space}/`))).toBe(true)

  await start()
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
  expect(await (await ask('GET', '/api/records/bill/1')).json()).toMatchObject({ record: { number: 'B-1' } })
  expect((await ask('POST', '/api/records/bill', { id: '2', title: '2' })).status).toBe(201)
  await expect.poll(async () => (await (await ask('GET', '/api/records/bill')).json()).rows).toHaveLength(2)
  for (const name of names) expect(told()).toContain(name)
  expect(new Set(told()).size).toBe(told().length)
})

it('whose tokens were taken back does not come in again because the note of it is damaged', async () => {
  const [boToken, eva] = [await tokenFor('bo'), await tokenFor('eva')]
  const statusOf = async (token: string): Promise<number> =>
    (await fetch(`${server.url}/api/records/bill`, { headers: { authorization: `Bearer ${token}` } })).status
  await server.operations.revoke({ sub: 'bo' })
  expect([await statusOf(boToken), await statusOf(eva)]).toEqual([401, 200])
  await server.close()
  expect(await flip(space => space === '$revoked')).toHaveLength(1)
  await start()
  expect([await statusOf(boToken), await statusOf(eva)]).toEqual([401, 200])
})

it('a series goes on behind its last number while one of its two places can be read, and else gives none', async () => {
  for (const n of [1, 2]) expect(await numberOf(String(n))).toMatchObject({ result: `B-${n}` })
  for (const [n, space] of [
    [3, 'series'],
    [4, 'number-series'],
  ] as const) {
    await server.close()
    expect(await flip(one => one === space)).toEqual([`${space}/bill`])
    await start()
    expect(await numberOf(String(n))).toMatchObject({ result: `B-${n}` })
  }
  await server.close()
  await flip(space => space.endsWith('series'))
  await start()
  expect(JSON.stringify(await numberOf('5'))).toContain('the last number of the series «bill» is damaged')
  expect((await ask('PATCH', '/api/records/bill/5', { title: 'goes on' })).status).toBe(200)
})
