import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { mintToken } from '../../server/access/mint-token.ts'
import { type CorecordServer, createServer } from '../../server/server.ts'
import { defineRecord, type Message, type Notice, ref, type Signal, text } from '../../shared/index.ts'

const secret = 'a secret of more than thirty-two characters'

/** What a function may give that was written in JavaScript. */
const given: Readonly<Record<string, () => unknown>> = {
  'nothing at all': () => undefined,
  'no list': () => 5,
  'a list of nothing': () => [null],
  'what is of no kind': () => [{ level: 'loud', data: () => {} }],
  'a promise that fails': () => Promise.reject(new Error('behind its answer')),
  'an error': () => {
    throw new Error('the inside')
  },
}

const said = <T>(title: string | null, usual: readonly T[]): readonly T[] =>
  title !== null && Object.hasOwn(given, title) ? (given[title]?.() as readonly T[]) : usual

const Task = defineRecord('task', {
  fields: { title: text.line(), lead: ref('user') },
  events: ({ after }) => said<Signal>(after.title, [{ type: 'task', action: 'noted' }]),
  messages: (_, t) => said<Message>(t.title, [{ type: 'task' }]),
  notify: ({ after }) =>
    said<Notice>(after.title, [{ level: 'info', kind: 'k', sentence: 'noted', to: [after.lead, 'bo'] }]),
})

let folder: string
let server: CorecordServer
const errors: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corecord-words-'))
  const logger = pino({ level: 'error' }, { write: line => void errors.push(line) })
  server = createServer({ records: [Task], secret, dataFolder: folder, port: 0, logger })
  await server.start()
})
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

const ask = async (sub: string, path: string, body?: object): Promise<unknown> => {
  const token = await mintToken(secret, { sub, name: sub, lifetimeSeconds: 600 }, Date.now)
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
  return (await fetch(`${server.url}/api/${path}`, { headers, ...post })).json()
}

it('a type that says of a change what cannot be told fails no edit: it is told by its plain name, and logged', async () => {
  const titles = Object.keys(given)
  for (const title of titles)
    expect(await ask('ana', 'records/task', { title })).toMatchObject({ record: { title } })
  expect(await ask('ana', 'events')).toMatchObject({
    events: titles.map(() => ({ type: 'task', action: 'create' })),
  })
  const failed = errors.map(line => JSON.parse(line))
  for (const whose of ['events', 'messages', 'notify'])
    expect(failed.filter(({ err }) => err.message.includes(`task.${whose} gave`))).toHaveLength(5)
  expect(failed.every(({ room }) => room.startsWith('task:'))).toBe(true)
})

it('a notice to nobody and to somebody reaches somebody', async () => {
  await ask('bo', 'records/task')
  await ask('ana', 'records/task', { title: 'Order paint' })
  await server.inbox.idle()
  const { guarded } = await server.rooms.open('inbox:bo')
  expect(JSON.stringify(guarded?.record.view)).toContain('noted')
})
