// By every route that there is: what a person may not read does not reach them, and they change nothing of it.

import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { writeSyncAsk } from '../../shared/wire/push-pull.ts'
import { writeQueryAwareness, writeSyncStep1 } from '../../shared/wire/sync-message.ts'
import { blob, claim, defineRecord, ref, text } from '../../shared/index.ts'
import { tokenFor } from '../operations-server.ts'
import { call, type Document, type Method, methodsOf } from './generated-client.ts'
import { type Ask, RestServer } from './rest-client.ts'

const Paper = defineRecord('paper', {
  fields: { title: text.line(), notes: text.plain(), owner: ref('user'), file: blob({ types: ['text/*'] }) },
  list: { search: ['title'], orders: ['title'] },
  access: { read: { $any: [{ owner: claim('sub') }, { $role: ['office'] }] } },
  actions: { tell: { args: {}, run: ({ t }) => t.title } },
})

const WORD = 'unspeakable'
const bytes = Buffer.from(`a file of the ${WORD}`)
const hash = createHash('sha256').update(bytes).digest('hex')

let server: RestServer
let office: Ask
let methods: readonly Method[]

/** It has been Ana's for a while, and is Ben's now. */
beforeAll(async () => {
  server = await RestServer.start({ records: [Paper] })
  office = await server.as('ofi', 'office')
  const document: Document = (await office('GET', '/api/openapi.json')).body
  methods = methodsOf(document)
  await office('PUT', `/api/blobs/${hash}`, bytes, { 'content-type': 'text/plain' })
  const file = { hash, type: 'text/plain', bytes: bytes.length, name: `${WORD}.txt` }
  const values = { id: '1', title: 'Plan', notes: WORD, owner: 'ana', file }
  expect((await office('POST', '/api/records/paper', values)).status).toBe(201)
  await office('PATCH', '/api/records/paper/1', { owner: 'ben', title: WORD })
})

afterAll(() => server.close())

const step1 = writeSyncStep1(Uint8Array.of(0))
const exchange = Buffer.from(
  writeSyncAsk([
    { room: 'paper:1', clientId: 5, epoch: null, commit: null, messages: [step1, writeQueryAwareness()] },
  ]),
)

const one = { type: 'paper', id: '1' }
const BODIES: { readonly [method: string]: unknown } = {
  createPaper: { id: '1', title: 'Mine' },
  patchPaper: { title: 'Mine' },
  restorePastPaper: { seq: 1 },
  tellPaper: {},
  many: {
    operations: [
      { op: 'read', ...one },
      { op: 'patch', ...one, patch: { title: 'Mine' } },
      { op: 'act', ...one, action: 'tell', request: 'r' },
      { op: 'restore', ...one },
      { op: 'remove', ...one },
    ],
  },
  importRecords: '{"id":"1","title":"Mine"}\n',
  push: exchange,
  pull: exchange,
}

const asked = async (ask: Ask, method: Method): Promise<string> => {
  const values = { ...one, hash, groups: 'title', count: true, size: 96 }
  const body = BODIES[method.id] ?? (method.bodyType === null || method.body !== null ? undefined : 'bytes')
  return JSON.stringify((await call(ask, method, values, body)).body)
}

/** What a live list, which never ends, says first. */
const listed = async (sub: string, ...roles: string[]): Promise<string> => {
  const token = await tokenFor(sub, { roles })
  const { body } = await server.running.fetch(`/api/lists?type=paper&count=true&token=${token}`)
  let said = ''
  for await (const bytes of body ?? []) {
    said += Buffer.from(bytes).toString('latin1')
    if (said.includes('\n\n')) break
  }
  return said
}

/** Without its commit number: the server tells of a text that was written in a commit of its own, when it has paused. */
const stored = async (): Promise<object> => {
  const { commit: _, ...paper } = (await office('GET', '/api/records/paper/1')).body
  return paper
}

const finite = (): readonly Method[] => methods.filter(({ id }) => id !== 'followList')

it('the office reads it by all of these', async () => {
  const reading = finite().filter(({ verb, id }) => verb === 'GET' || id === 'pull')
  const found: string[] = []
  for (const method of reading) if ((await asked(office, method)).includes(WORD)) found.push(method.id)
  expect(found.sort()).toEqual(
    ['exportRecords', 'historyPaper', 'listPaper', 'pull', 'readEvents', 'readFile', 'readPaper'].sort(),
  )
  expect(await listed('ofi', 'office')).toContain(WORD)
})

it.each([
  ['who never might', 'eve'],
  ['who might once', 'ana'],
])('%s reads it by none, and changes nothing', async (_, sub) => {
  const ask = await server.as(sub)
  const before = await stored()
  for (const method of finite()) expect(await asked(ask, method), method.id).not.toContain(WORD)
  expect(await listed(sub)).toContain('"rows":[]')
  expect(await stored()).toEqual(before)
})

it('nobody comes in without a token, and to an operator’s routes nobody but an operator', async () => {
  for (const { verb, path } of methods) {
    const { status } = await server.running.fetch(path.replace(/\{\w+\}/g, '1'), { method: verb })
    expect([path, status]).toEqual([path, 401])
  }
  const routes = server.running.server.app.printRoutes({ commonPrefix: false })
  const operators = [...routes.matchAll(/(\/api\/admin\/\S+) \((\w+)/g)]
  expect(operators.length).toBeGreaterThan(5)
  for (const [, path = '', verb = ''] of operators)
    expect([path, (await office(verb, path)).status]).toEqual([path, 403])
})
