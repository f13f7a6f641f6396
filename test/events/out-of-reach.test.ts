// What waits for who reads slowly, and is out of their reach by the time there is room for it.

import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Connection } from '../../server/link/connection.ts'
import type { SharedMessage } from '../../server/link/shared-message.ts'
import { claim, defineRecord, ref, text } from '../../shared/index.ts'
import { fakeAuthenticator, until } from '../wire/wire-server.ts'
import { EventServer } from './event-server.ts'
import { Receiver } from './receiver.ts'

const Paper = defineRecord('paper', {
  fields: { title: text.line({ max: 10_000 }), owner: ref('user') },
  access: { read: { $any: [{ owner: claim('sub') }, { owner: claim('worksFor') }, { $role: ['office'] }] } },
})

const OFFICE = 'ofi:Ofi:office'
const COUNT = 40
let server: EventServer

beforeEach(async () => {
  // What is not taken at first is not given up before the test has gone on.
  server = await new EventServer({
    types: [Paper],
    webhookBackoffMs: 200,
    webhookAttempts: 100,
    webhookProbeMs: 50,
  }).start()
})
afterEach(() => server.close())

/** So much that it does not fit on the way; the last is the word that matters. */
const written = async (): Promise<Awaited<ReturnType<typeof server.open<typeof Paper>>>> => {
  const paper = await server.open(Paper, '1', OFFICE)
  const write = async (title: string): Promise<void> => {
    paper.record.set({ title })
    await until(() => server.rooms.get('paper:1')?.row?.['title'] === title, 'a title')
  }
  paper.record.set({ owner: 'ana' })
  for (let i = 1; i < COUNT; i++) await write(`${i} ${'x'.repeat(5_000)}`)
  await write('the last word')
  return paper
}

const givenAway = async ({ record }: Awaited<ReturnType<typeof written>>): Promise<void> => {
  record.set({ owner: 'ben' })
  await until(() => server.rooms.get('paper:1')?.row?.['owner'] === 'ben', 'the other owner')
}

const endAll = (code: 'TOKEN_EXPIRED' | 'TOKEN_REVOKED'): void => {
  for (const session of server.sessions) session.end(code)
}

/** A stream that is read to its end only after something has happened. */
const readLate = async (meanwhile: () => Promise<void>): Promise<string> => {
  const response = await server.app.inject({
    url: '/api/events?since=0',
    headers: { accept: 'text/event-stream', authorization: 'Bearer ana' },
    payloadAsStream: true,
  })
  const body = response.stream()
  let said = ''
  // The first frame is there; what comes after waits for somebody to take it.
  await new Promise<void>(resolve => body.once('readable', resolve))
  await meanwhile()
  body.on('data', chunk => {
    said += String(chunk)
  })
  await new Promise(resolve => body.once('end', resolve))
  return said
}

it('a stream that is read slowly brings nothing of a record that its reader has lost sight of', async () => {
  const paper = await written()
  const said = await readLate(async () => {
    await givenAway(paper)
    // It ends once it has said what it has to say.
    setTimeout(() => endAll('TOKEN_EXPIRED'), 300)
  })
  expect(said).not.toContain('the last word')
})

it('a stream that is read slowly brings nothing more once its reader’s token is revoked', async () => {
  await written()
  const said = await readLate(async () => endAll('TOKEN_REVOKED'))
  expect(said).not.toContain('the last word')
  expect(said).toContain('TOKEN_REVOKED')
})

it('a socket that is read slowly brings nothing of a record that its reader has lost sight of', async () => {
  const paper = await written()
  const said: SharedMessage[] = []
  const outbox = {
    backlogBytes: Number.POSITIVE_INFINITY,
    send: (message: SharedMessage) => said.push(message),
  }
  const reader = await server.events.endpoint.open({
    connection: { outbox, close() {} } as unknown as Connection,
    request: { url: '/ws/updates?since=0' },
    principal: await principalOf('ana'),
  } as never)
  await until(() => said.length > 0, 'the first of it')
  await givenAway(paper)
  outbox.backlogBytes = 0
  // Whoever sees the record is told of it; by then this reader is through.
  const other = await server.updates('since=0', OFFICE)
  await until(() => other.texts.length > COUNT, 'all of it')
  await new Promise(resolve => setTimeout(resolve, 200))
  expect(said.length).toBe(1)
  reader?.closed()
  other.socket.close()
})

const principalOf = async (token: string) => {
  const authentication = await fakeAuthenticator.token(token)
  if (!authentication.ok) throw new Error(authentication.reason)
  return authentication.principal
}

it.each([
  ['does not take it', 500, 'ben'],
  ['wants to be left alone', 429, 'ben'],
  ['does not take it, and goes on to see the record', 500, 'ana'],
])(
  'a webhook is sent only what it may see by the time it is sent, where its receiver %s',
  async (_, answer, owner) => {
    const receiver = await new Receiver().start()
    receiver.answer = () => answer
    receiver.headers['retry-after'] = '1'
    const as = { claims: { worksFor: 'ana' } }
    await server.post('/api/admin/webhooks', 'root::admin', { url: receiver.url, as })
    const { record } = await server.open(Paper, '1', OFFICE)
    record.set({ owner: 'ana', title: 'unspeakable' })
    await until(() => receiver.received.length > 0, 'it is tried')
    record.set({ owner })
    record.set({ title: 'later' })
    const other = await server.open(Paper, '2', OFFICE)
    await until(() => server.rooms.get('paper:1')?.row?.['title'] === 'later', 'it is another’s')
    // What is on its way is not called back.
    await new Promise(resolve => setTimeout(resolve, 50))
    receiver.received.length = 0
    receiver.answer = () => 200
    other.record.set({ owner: 'ana', title: 'of another' })
    await until(() => receiver.received.some(({ text }) => text.includes('of another')), 'another record')
    await until(
      () => Object.values(server.events.webhooks.waiting).every(count => count === 0),
      'nothing to wait',
    )
    expect(receiver.received.some(({ text }) => text.includes('unspeakable'))).toBe(owner === 'ana')
    await receiver.close()
  },
)
