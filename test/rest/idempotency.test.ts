import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MemoryStore } from '../store/memory-store.ts'
import type { Change } from '../../server/store/store.ts'
import { defineRecord, text } from '../../shared/index.ts'
import { numberFrom } from '../../shared/types/number-action.ts'
import { Ticket } from '../room/ticket.ts'
import { type Ask, RestServer } from './rest-client.ts'

const Order = defineRecord('order', {
  fields: { customer: text.line(), number: text.line() },
  actions: { number: numberFrom('order', n => `#${n}`) },
})

/** Ends the server's world right after a commit of a record: what would follow it never does. */
class CutStore extends MemoryStore {
  isCut = false
  cutAfterRecords = false
  /** What was to follow, and never will. */
  held = 0

  override async commit(batch: readonly Change[]): ReturnType<MemoryStore['commit']> {
    if (this.isCut) {
      this.held++
      return new Promise(() => {})
    }
    const outcomes = await super.commit(batch)
    if (this.cutAfterRecords && batch.some(({ rooms }) => rooms.length > 0)) this.isCut = true
    return outcomes
  }
}

let store: CutStore
let server: RestServer
let ana: Ask

beforeEach(async () => {
  store = new CutStore()
  // The disk of some hangs at the end, and is not waited for.
  server = await RestServer.start({ records: [Ticket, Order], store, drainMs: 200 })
  ana = await server.as('ana')
})

afterEach(async () => {
  await server.close()
})

const key = (key: string): Record<string, string> => ({ 'idempotency-key': key })

describe('a request with a key', () => {
  it('is carried out once, and answered the same each time', async () => {
    const ask = (): ReturnType<Ask> => ana('POST', '/api/records/ticket', { title: 'Leak' }, key('k1'))
    const answers = await Promise.all([ask(), ask(), ask()])
    answers.push(await ask())
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201])
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
    expect(answers.map(({ headers }) => headers.get('idempotency-replayed')).sort()).toEqual([
      null,
      'true',
      'true',
      'true',
    ])
    const list = await ana('GET', '/api/records/ticket?count=true')
    expect(list.body.total).toBe(1)
  })

  it('is not answered with a record that whoever sends it again may no longer read', async () => {
    const office = await server.as('ofi', 'office')
    const ask = (): ReturnType<Ask> =>
      ana('POST', '/api/records/ticket', { id: '1', title: 'Leak' }, key('k1'))
    const first = await ask()
    await office('PATCH', '/api/records/ticket/1', { site: 'site:secret' })
    const { status, body, etag } = await ask()
    const { room, epoch, commit } = first.body
    expect([status, body, etag]).toEqual([201, { room, epoch, commit }, first.etag])
    await office('PATCH', '/api/records/ticket/1', { site: 'site:open' })
    expect((await ask()).body).toEqual(first.body)
  })

  it('is known after the record was purged, and says nothing of what stood in it', async () => {
    const ask = (): ReturnType<Ask> =>
      ana('POST', '/api/records/ticket', { id: '1', title: 'Very secret' }, key('k1'))
    expect((await ask()).status).toBe(201)
    const office = await server.as('ofi', 'office')
    const removed = await office('DELETE', '/api/records/ticket/1', undefined, key('k2'))
    expect(removed.status).toBe(200)
    const admin = await server.as('root', 'admin')
    expect((await admin('POST', '/api/admin/purge', { record: 'ticket:1' })).status).toBe(200)
    const { values } = await store.readValues('idempotency', { limit: 10 })
    expect(values).toHaveLength(2)
    expect(JSON.stringify(values)).not.toContain('Very secret')
    expect(await ask()).toMatchObject({ status: 410, body: { code: 'PURGED' } })
  })

  it('adds to a counter once, and its entries once', async () => {
    await ana('POST', '/api/records/ticket', { id: '1', title: 'Leak' })
    const patch = { partsUsed: { add: 3 }, checks: [{ kind: 'in' }], steps: [{ label: 'Look' }] }
    for (let i = 0; i < 3; i++) await ana('PATCH', '/api/records/ticket/1', patch, key('k2'))
    const { body } = await ana('GET', '/api/records/ticket/1')
    expect(body.record).toMatchObject({ partsUsed: 3 })
    expect([body.record.checks.length, body.record.steps.length]).toEqual([1, 1])
  })

  it('is a mistake with another body, free for another person, and to be tried again after a refusal', async () => {
    await ana('POST', '/api/records/ticket', { id: '1', title: 'Leak' }, key('k3'))
    const other = await ana('POST', '/api/records/ticket', { id: '2', title: 'Flood' }, key('k3'))
    expect(other).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_MISMATCH' } })
    const bo = await server.as('bo')
    expect((await bo('POST', '/api/records/ticket', { id: '2', title: 'Flood' }, key('k3'))).status).toBe(201)
    expect((await ana('PATCH', '/api/records/ticket/9', { status: 'done' }, key('k4'))).status).toBe(404)
    await ana('POST', '/api/records/ticket', { id: '9', title: 'Nine' })
    expect((await ana('PATCH', '/api/records/ticket/9', { status: 'done' }, key('k4'))).status).toBe(200)
    expect(await ana('PATCH', '/api/records/ticket/9', {}, key(' '))).toMatchObject({ status: 400 })
  })

  it('is refused, and no failure of the server, where it is nested as deep as no value may be, or its key is none', async () => {
    const deep = `{"customer":${'['.repeat(200_000)}${']'.repeat(200_000)}}`
    const json = { 'content-type': 'application/json', ...key('deep') }
    expect(await ana('POST', '/api/records/order', deep, json)).toMatchObject({
      status: 400,
      body: { code: 'BAD_REQUEST', retry: false },
    })
    const create = { op: 'create', type: 'order', values: { customer: 'Bo' } }
    const keys = ['', 'a b', '\ud800', 'k'.repeat(201)]
    const operations = keys.map(idempotencyKey => ({ ...create, idempotencyKey }))
    const { body } = await ana('POST', '/api/records', { operations })
    expect(body.results.map((result: { status: number }) => result.status)).toEqual(keys.map(() => 400))
  })

  it('is known to be carried out when the server died before it could answer', async () => {
    await ana('POST', '/api/records/ticket', { id: '1', title: 'Leak' })
    store.cutAfterRecords = true
    const patch = { partsUsed: { add: 5 } }
    ana('PATCH', '/api/records/ticket/1', patch, key('k5')).catch(() => {})
    while (store.held === 0) await new Promise(resolve => setImmediate(resolve))
    store.cutAfterRecords = false
    // The next server on the same disk.
    const kept = store
    store.isCut = false
    const again = await RestServer.start({ records: [Ticket], store: kept })
    const after = await again.as('ana')
    const answer = await after('PATCH', '/api/records/ticket/1', patch, key('k5'))
    expect(answer).toMatchObject({ status: 200, body: { record: { partsUsed: 5 } } })
    expect(answer.headers.get('idempotency-replayed')).toBe('true')
    await again.close()
  })

  it('has asked for what a record is created with when the record is there, though the server died right after', async () => {
    store.cutAfterRecords = true
    const values = { id: '1', customer: 'Mill' }
    ana('POST', '/api/records/order', values, key('k6')).catch(() => {})
    while (store.held === 0) await new Promise(resolve => setImmediate(resolve))
    store.cutAfterRecords = false
    store.isCut = false
    const again = await RestServer.start({ records: [Order], store })
    const ask = await again.as('ana')
    const number = async () => (await ask('GET', '/api/records/order/1')).body.record.number
    // Nobody sends the request again.
    await expect.poll(number).toBe('#1')
    for (let time = 0; time < 2; time++)
      expect(await ask('POST', '/api/records/order', values, key('k6'))).toMatchObject({
        status: 201,
        body: { record: { number: '#1' } },
      })
    await again.close()
  })
})

describe('many operations in one request', () => {
  it('stand or fall each by itself, those of one record in their order', async () => {
    const { status, body } = await ana('POST', '/api/records', {
      operations: [
        { op: 'create', type: 'ticket', id: '1', values: { title: 'Leak' } },
        { op: 'patch', type: 'ticket', id: '1', patch: { status: 'waiting' } },
        { op: 'patch', type: 'ticket', id: '1', patch: { quote: 100 } },
        { op: 'create', type: 'ticket', values: {} },
        { op: 'create', type: 'ticket', values: { title: 'Flood' } },
        { op: 'read', type: 'ticket', id: '1' },
        { op: 'act', type: 'ticket', id: '1', action: 'close', args: { note: 'dry' }, request: 'a1' },
        { op: 'explode', type: 'ticket', id: '1' },
        7,
      ],
    })
    expect(status).toBe(200)
    expect(body.results.map(({ status }: { status: number }) => status)).toEqual([
      201, 200, 403, 422, 201, 200, 200, 400, 400,
    ])
    expect(body.results[5].body.record).toMatchObject({ title: 'Leak', status: 'waiting' })
    expect(body.results[6].body).toMatchObject({ state: 'accepted', result: 'closed' })
    expect(body.results[0].headers).toMatchObject({ location: '/api/records/ticket/1' })
  })

  it('are carried out once with one key for all of them', async () => {
    const operations = Array.from({ length: 100 }, (_, i) => ({
      op: 'create',
      type: 'ticket',
      values: { title: `T${i}` },
    }))
    const [first, second] = [
      await ana('POST', '/api/records', { operations }, key('all')),
      await ana('POST', '/api/records', { operations }, key('all')),
    ]
    const ids = ({ body }: typeof first): string[] =>
      body.results.map((one: { body: { id: string } }) => one.body.id)
    expect(ids(second)).toEqual(ids(first))
    expect((await ana('GET', '/api/records/ticket?count=true&limit=0')).body.total).toBe(100)
  })
})
