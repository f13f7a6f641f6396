// Events, actions and history as the whole server has them.

import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { MemoryStore } from '../store/memory-store.ts'
import type { EventPage } from '../../server/store/store.ts'
import { claim, defineRecord, demoRecords, text } from '../../shared/index.ts'
import { startServer, type TestServer, tokenFor } from '../operations-server.ts'
import { until } from '../wire/wire-server.ts'

let running: TestServer
let token: string

beforeEach(async () => {
  running = await startServer({ records: demoRecords })
  token = await tokenFor('ana', { name: 'Ana', roles: ['clerk'] })
})

afterEach(() => running.close())

const ask = async (path: string, method = 'GET', body?: object): Promise<Response> =>
  running.fetch(path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

it('a conversion over REST is one order, told to an old client, in the history, and by name in the metrics', async () => {
  const url = running.server.url.replace('http', 'ws')
  const socket = new WebSocket(`${url}/ws/updates?token=${token}`)
  const messages: Record<string, unknown>[] = []
  socket.on('message', data => messages.push(JSON.parse(String(data))))
  await new Promise(resolve => socket.once('open', resolve))
  const lines = [{ id: 'l1', name: 'Pump', quantity: 2, price: 75_000 }]
  const created = await ask('/api/records/estimate', 'POST', { id: 'EST-7', customer: 'Hotel', lines })
  expect(created.status).toBe(201)
  // Nobody has to open what another program made before it has its number.
  const body = (await created.json()) as object
  expect(body).toMatchObject({ record: { number: '#001', customer: 'Hotel' } })
  expect(await (await ask('/api/records/estimate/EST-7')).json()).toEqual(body)
  for (let time = 0; time < 3; time++) {
    const answer = await ask('/api/records/estimate/EST-7/actions/convert', 'POST', { id: 'once' })
    expect(await answer.json()).toMatchObject({
      state: 'accepted',
      result: { order: 'order:ORD-7', number: '#001' },
    })
  }
  await until(() => messages.some(({ type }) => type === 'order'), 'the words of the old system')
  const names = messages.map(({ type, action }) => `${type} ${action}`)
  expect(names).toEqual(['estimate create', 'estimate update', 'estimate convert_to_order', 'order create'])
  expect(messages[1]).toMatchObject({ data: { estimate_id: 'EST-7', estimate_number: '#001' } })
  const imported = await running.fetch('/api/import/estimate', {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
    body: '{"id":"EST-8","customer":"Mill"}\n',
  })
  expect(await imported.text()).toContain('"created":1')
  expect(await (await ask('/api/records/estimate/EST-8')).json()).toMatchObject({
    record: { number: '#002' },
  })
  const history = (await (await ask('/api/records/estimate/EST-7/history')).json()) as {
    events: { by: string }[]
  }
  expect(new Set(history.events.map(({ by }) => by))).toEqual(new Set(['ana']))
  const metrics = await (await running.fetch('/metrics')).text()
  expect(metrics).toContain('corecord_actions_waiting 0')
  expect(await (await running.fetch('/readyz')).text()).toContain('webhook deliveries')
  socket.close()
})

it('who asks for many pages at once keeps nobody else waiting: each reads one at a time', async () => {
  let [reading, most] = [0, 0]
  class SlowStore extends MemoryStore {
    override async readEvents(cursor: string | null, limit: number): Promise<EventPage> {
      most = Math.max(most, ++reading)
      await setTimeout(5)
      reading--
      return super.readEvents(cursor, limit)
    }
  }
  const slow = await startServer({ records: demoRecords, store: new SlowStore() })
  try {
    const tokens = [token, await tokenFor('ben', { name: 'Ben', roles: ['clerk'] })]
    const pages = Array.from({ length: 60 }, (_, i) =>
      slow.fetch('/api/events', { headers: { authorization: `Bearer ${tokens[i % 2]}` } }),
    )
    for (const page of await Promise.all(pages)) expect(page.status).toBe(200)
    expect(most).toBeLessThanOrEqual(2)
  } finally {
    await slow.close()
  }
})

it.each([
  ['TOKEN_REVOKED', () => running.server.operations.revoke({ sub: 'ana' })],
  ['DRAINING', () => running.server.close()],
] as const)('a stream that the server ends says why: %s', async (code, end) => {
  const stream = await running.fetch('/api/events', {
    headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
  })
  await end()
  const last = (await stream.text()).trimEnd().split('\n\n').at(-1) ?? ''
  const [name, data = ''] = last.split('\ndata: ')
  expect(name).toBe('event: error')
  expect(JSON.parse(data)).toMatchObject({ code, detail: expect.any(String) })
})

it('a page of events has none of a record that its reader has lost sight of while it was read', async () => {
  let meanwhile: (() => Promise<unknown>) | null = null
  class ReadStore extends MemoryStore {
    override async readEvents(cursor: string | null, limit: number): Promise<EventPage> {
      const page = await super.readEvents(cursor, limit)
      // Read on from behind the first piece.
      if (cursor !== null) await meanwhile?.()
      return page
    }
  }
  const Paper = defineRecord('paper', {
    fields: { owner: text.line(), title: text.line() },
    access: { read: { owner: claim('sub') } },
  })
  const one = await startServer({ records: [Paper], store: new ReadStore() })
  try {
    const ops = await tokenFor('ops', { roles: ['admin'] })
    const send = async (method: string, path: string, body: object): Promise<number> => {
      const headers = { authorization: `Bearer ${ops}`, 'content-type': 'application/json' }
      return (await one.fetch(path, { method, headers, body: JSON.stringify(body) })).status
    }
    const operations = Array.from({ length: 250 }, (_, i) => ({
      ...{ op: 'create', type: 'paper', id: `p${i}`, values: { owner: 'ana' } },
    }))
    expect(await send('POST', '/api/records/paper', { id: 'hers', owner: 'ana' })).toBe(201)
    expect(await send('POST', '/api/records', { operations })).toBe(200)
    const read = async (): Promise<{ record: string }[]> => {
      const headers = { authorization: `Bearer ${token}` }
      return (await (await one.fetch('/api/events?limit=1000', { headers })).json()).events
    }
    expect((await read()).map(({ record }) => record)).toContain('paper:hers')
    meanwhile = async () => {
      meanwhile = null
      expect(await send('PATCH', '/api/records/paper/hers', { owner: 'ben' })).toBe(200)
    }
    const events = await read()
    expect([events.length, meanwhile]).toEqual([250, null])
    expect(events.map(({ record }) => record)).not.toContain('paper:hers')
  } finally {
    await one.close()
  }
})

it('whoever waits for the next event hears of none once their token is revoked', async () => {
  const waiting = running.fetch('/api/events?wait=60', { headers: { authorization: `Bearer ${token}` } })
  const { sessions } = running.server.access
  await expect.poll(() => sessions.size).toBe(1)
  await running.server.operations.revoke({ sub: 'ana' })
  const answer = await waiting
  expect(answer.status).toBe(401)
  expect(await answer.json()).toMatchObject({ code: 'TOKEN_REVOKED' })
  expect(sessions.size).toBe(0)
})

it('a webhook that the settings name no more is paused, and goes on when they name it again', async () => {
  const store = new MemoryStore()
  const webhooks = [{ url: 'http://127.0.0.1:9/hook', secret: `whsec_${'a'.repeat(32)}` }]
  const admin = { headers: { authorization: `Bearer ${await tokenFor('root', { roles: ['admin'] })}` } }
  for (const [named, isPaused, then] of [
    [webhooks, false, null],
    [null, true, null],
    [webhooks, false, 'pause'],
    // By an operator, or as its receiver is gone: no start puts it on again.
    [webhooks, true, null],
    [null, true, null],
    [webhooks, true, 'resume'],
    [webhooks, false, null],
  ] as const) {
    const started = await startServer({ records: demoRecords, store, webhooks: named })
    const { webhooks: shown } = await (await started.fetch('/api/admin/webhooks', admin)).json()
    expect(shown).toMatchObject([{ url: webhooks[0]?.url, isPaused }])
    if (then !== null)
      await started.fetch(`/api/admin/webhooks/${shown[0].id}/${then}`, { method: 'POST', ...admin })
    await started.close()
  }
  const twice = { records: demoRecords, store, webhooks: [...webhooks, ...webhooks] }
  await expect(startServer(twice)).rejects.toThrow('createServer: webhooks: url must be another for each')
})

it('a stream takes no lines of its own from what is given for a cursor', async () => {
  const stream = await running.fetch('/api/events?since=a%0Aevent:%20x', {
    headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
  })
  let came = ''
  for await (const chunk of stream.body ?? []) {
    came += Buffer.from(chunk).toString()
    if (came.includes('event: reset\n')) break
  }
  expect(came).toMatch(/^retry: 2000\nid: aevent: x\n\nevent: reset\n/)
})

it('a stream shows that it lives as often as the limits say, for a proxy that is impatient', async () => {
  const impatient = await startServer({ records: demoRecords, limits: { heartbeatMs: 20 } })
  try {
    const { body } = await impatient.fetch('/api/events', {
      headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
    })
    let came = ''
    for await (const chunk of body ?? []) {
      came += Buffer.from(chunk).toString()
      if (came.includes(': alive')) break
    }
    expect(came).toContain(': alive')
  } finally {
    await impatient.close()
  }
})
