import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { MemoryStore } from '../store/memory-store.ts'
import { StoreError } from '../../server/store/store-error.ts'
import { Estimate, Trebovanje } from '../../shared/index.ts'
import { parseWebhooks } from '../../server/event/webhook-wish.ts'
import { runCorecord } from '../cli-process.ts'
import { until } from '../wire/wire-server.ts'
import { EventServer } from './event-server.ts'
import { Receiver } from './receiver.ts'

const CLERK = 'ana:Ana:clerk'
const ADMIN = 'root::admin'
let server: EventServer
let receiver: Receiver
let store: MemoryStore

beforeEach(async () => {
  store = new MemoryStore()
  receiver = await new Receiver().start()
  server = await new EventServer({ store }).start()
})

afterEach(async () => {
  await server.close()
  await receiver.close()
})

const edits = async (id: string, count: number): Promise<void> => {
  const { record, provider } = await server.open(Estimate, id, CLERK)
  for (let i = 1; i <= count; i++) {
    record.set({ customer: `${id} ${i}` })
    await until(() => server.rooms.get(`estimate:${id}`)?.row?.['customer'] === `${id} ${i}`, `${id} ${i}`)
  }
  provider.destroy()
}

const webhooks = async () => (await server.get('/api/admin/webhooks', ADMIN)).body['webhooks']

const setUp = async (wish: object = {}): Promise<{ id: string; secret: string }> => {
  const { status, body } = await server.post('/api/admin/webhooks', ADMIN, { url: receiver.url, ...wish })
  expect(status).toBe(201)
  return body as { id: string; secret: string }
}

describe('a webhook', () => {
  it('is sent each event, signed, with values before and after', async () => {
    const { secret } = await setUp()
    await edits('EST-1', 2)
    await until(() => receiver.received.length === 2, 'two deliveries')
    const [, second] = receiver.received
    expect(second?.body).toMatchObject({
      type: 'estimate.update',
      data: {
        record: 'estimate:EST-1',
        by: 'ana',
        seq: 2,
        changes: [{ path: 'customer', from: 'EST-1 1', to: 'EST-1 2' }],
        messages: [{ type: 'estimate', action: 'update', id: 'EST-1' }],
      },
    })
    if (second === undefined) throw new Error('there is no second')
    const { headers, text } = second
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
    expect(headers['webhook-signature']).toBe(
      `v1,${createHmac('sha256', key).update(signed).digest('base64')}`,
    )
    expect(headers['idempotency-key']).toBe(second.body.data['hash'])
  })

  it('keeps each record in order while its receiver stumbles, and other records go on', async () => {
    await setUp()
    let stumbles = 4
    receiver.answer = ({ body }) =>
      body.data['record'] === 'estimate:EST-1' && Number(body.data['seq']) === 2 && stumbles-- > 0 ? 500 : 200
    await Promise.all([edits('EST-1', 5), edits('EST-2', 5)])
    await until(() => receiver.commitsOf('estimate:EST-1').length === 5, 'all of the first')
    await until(() => receiver.commitsOf('estimate:EST-2').length === 5, 'all of the second')
    expect(receiver.commitsOf('estimate:EST-1')).toEqual([1, 2, 3, 4, 5])
    expect(receiver.commitsOf('estimate:EST-2')).toEqual([1, 2, 3, 4, 5])
  })

  it('is tried again in time though the clock was set back meanwhile', async () => {
    await server.close()
    const now = Date.now
    let aheadMs = 30 * 86_400_000
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() + aheadMs)
    try {
      server = await new EventServer({ store, webhookBackoffMs: 200 }).start()
      await setUp()
      receiver.answer = () => 500
      await edits('EST-1', 1)
      await until(() => receiver.received.length === 1, 'the first attempt')
      receiver.answer = () => 200
      aheadMs = 0
      await until(() => receiver.received.length === 2, 'the second attempt')
    } finally {
      clock.mockRestore()
    }
  })

  it('asks no faster than its receiver takes it, and no event is the worse for it', async () => {
    const { id } = await setUp()
    receiver.headers['retry-after'] = '0'
    let asked = 0
    receiver.answer = () => (++asked <= 6 ? 429 : 200)
    await edits('EST-1', 2)
    await until(() => asked === 6 + 2, 'both')
    // Its last answer is still on its way.
    await expect.poll(webhooks).toMatchObject([{ id, waiting: 0, dead: 0, isDown: false }])
    expect(server.errors).toEqual([])
    expect(receiver.commitsOf('estimate:EST-1')).toEqual([1, 2])
  })

  it('gives an event up in the end, goes on behind it, and sends it again when asked to', async () => {
    const { id } = await setUp()
    receiver.answer = ({ body }) => (Number(body.data['seq']) === 2 ? 422 : 200)
    await edits('EST-1', 3)
    await until(() => receiver.commitsOf('estimate:EST-1').includes(3), 'the third')
    await until(() => server.errors.length === 1, 'the error that tells of it')
    const { body } = await server.get(`/api/admin/webhooks/${id}/dead`, ADMIN)
    expect(body['dead']).toMatchObject([{ error: 'it answered 422', attempts: 4, event: { seq: 2 } }])
    receiver.answer = () => 200
    receiver.received.length = 0
    expect((await server.post(`/api/admin/webhooks/${id}/replay`, ADMIN)).body).toEqual({ replayed: 1 })
    await until(() => receiver.received.length === 1, 'the replay')
    expect(receiver.received[0]?.body.data).toMatchObject({ seq: 2 })
    await expect.poll(webhooks).toMatchObject([{ id, dead: 0, isDown: false }])
  })

  it('misses nothing, in order, while its receiver is down and the server starts anew', async () => {
    await server.close()
    server = await new EventServer({ store, webhookAttempts: 1e6 }).start()
    await setUp()
    receiver.answer = () => 503
    const ids = Array.from({ length: 6 }, (_, i) => `EST-${i}`)
    await Promise.all(ids.map(id => edits(id, 2)))
    await until(() => receiver.received.length >= 5, 'some attempts')
    await server.close()
    server = await new EventServer({ store, webhookAttempts: 1e6 }).start()
    await edits('EST-0', 1)
    receiver.received.length = 0
    receiver.answer = () => 200
    const came = (id: string) => receiver.commitsOf(`estimate:${id}`)
    await until(() => ids.every(id => came(id).length === (id === 'EST-0' ? 3 : 2)), 'all of it')
    for (const id of ids) expect(came(id)).toEqual(id === 'EST-0' ? [1, 2, 3] : [1, 2])
  })

  it('says that nothing comes of a type that is gone since it was set up', async () => {
    const { id } = await setUp({ types: ['estimate', 'trebovanje'] })
    const said = 'a webhook waits for record types that this server has not: nothing of them comes'
    expect(await webhooks()).toMatchObject([{ id, noSuchTypes: [] }])
    expect([server.said.includes(said), server.events.webhooks.remark()]).toEqual([false, null])
    await server.close()
    server = await new EventServer({ store, types: [Trebovanje] }).start()
    expect(await webhooks()).toMatchObject([{ id, noSuchTypes: ['estimate'] }])
    expect([server.said.includes(said), server.events.webhooks.remark()]).toEqual([
      true,
      `${id} waits for types that there are not: estimate`,
    ])
  })

  it('tries what waits for hours as soon as a ping, or a delivery, shows that its receiver is back', async () => {
    await server.close()
    server = await new EventServer({ store, webhookBackoffMs: 3_600_000 }).start()
    const { id } = await setUp()
    const came = (record: string) => receiver.commitsOf(`estimate:${record}`)
    for (const ids of [['EST-1', 'EST-2', 'EST-3', 'EST-4'], ['EST-5']]) {
      receiver.answer = () => 503
      for (const one of ids) await edits(one, 2)
      const isDown = ids.length >= 3
      await expect.poll(webhooks).toMatchObject([{ waiting: isDown ? 3 : 1, isDown }])
      receiver.received.length = 0
      receiver.answer = () => 200
      expect((await server.post(`/api/admin/webhooks/${id}/ping`, ADMIN)).body).toMatchObject({ ok: true })
      for (const one of ids) await expect.poll(() => came(one)).toEqual([1, 2])
    }
  })

  it('is tried now and then while it is down, and what it will never take keeps nothing else waiting', async () => {
    await server.close()
    server = await new EventServer({ store, webhookBackoffMs: 3_600_000, webhookProbeMs: 10 }).start()
    const { id } = await setUp()
    const came = (record: string) => receiver.commitsOf(`estimate:${record}`)
    const down = async (status: number, ids: readonly string[]) => {
      receiver.answer = ({ body }) =>
        ids.some(one => body.data['record'] === `estimate:${one}`) ? status : 200
      for (const one of ids) await edits(one, 1)
      await expect.poll(webhooks).toMatchObject([{ id, waiting: 3, isDown: true }])
      receiver.received.length = 0
    }
    await down(503, ['EST-1', 'EST-2', 'EST-3'])
    const { webhooks: held } = server.events
    // Somebody else's server: it keeps nobody from this one, and its address is for none who asks how this one is.
    expect([held.problem(), held.remark()]).toEqual([
      null,
      '1 of 1 receivers take nothing, and their events wait',
    ])
    const said = () => server.said.filter(line => line.startsWith('a receiver takes '))
    expect(said()).toEqual(['a receiver takes nothing: its events wait, and are tried again'])
    receiver.answer = () => 200
    // Nobody pings, and nothing new happens.
    await expect.poll(webhooks).toMatchObject([{ id, waiting: 0, dead: 0, isDown: false }])
    expect(said().slice(1)).toEqual(['a receiver takes its events again'])
    expect(held.remark()).toBe(null)
    await down(500, ['EST-4', 'EST-5', 'EST-6'])
    await edits('EST-7', 2)
    await expect.poll(() => came('EST-7')).toEqual([1, 2])
  })

  it('does not follow a receiver that sends on, and says to where', async () => {
    await setUp()
    receiver.answer = () => 301
    receiver.headers['location'] = 'https://user:word@elsewhere.example/hook?session=secret#part'
    await edits('EST-1', 1)
    const to = (place: string) =>
      `it answered 301 and sent on to ${place}, which is not followed: name the address itself`
    await expect.poll(webhooks).toMatchObject([{ lastError: to('https://elsewhere.example/hook') }])
    // As long as it may be; only the place, and as much of it as is of use.
    receiver.headers['location'] = `/${'x'.repeat(8_000)}`
    await edits('EST-2', 1)
    const long = `${new URL(receiver.url).origin}/${'x'.repeat(8_000)}`
    await expect.poll(webhooks).toMatchObject([{ lastError: to(`${long.slice(0, 199)}…`) }])
  })

  it('goes on by itself when what could not be read can be', async () => {
    const { id } = await setUp()
    await server.events.webhooks.pause(id, true)
    await edits('EST-1', 1)
    await server.close()
    let failures = 3
    const read = store.readEvents.bind(store)
    // Of who is behind: a page of the tip is larger, and read for all.
    store.readEvents = (cursor, limit) =>
      limit < 100 && failures-- > 0 ? Promise.reject(new Error('too many open files')) : read(cursor, limit)
    server = await new EventServer({ store, webhookProbeMs: 5 }).start()
    await server.events.webhooks.pause(id, false)
    await until(() => receiver.commitsOf('estimate:EST-1').length === 1, 'what came before')
    expect(failures).toBeLessThan(0)
    expect(server.errors).toHaveLength(3)
    expect(server.events.webhooks.problem()).toBeNull()
  })

  it('is sent only what it is to see, and only by operators set up', async () => {
    await setUp({ types: ['trebovanje', 'estimate'], as: { roles: ['magacioner'] } })
    await edits('EST-1', 1)
    const lead = await server.open(Trebovanje, 'TR-1', 'mira::shift_lead')
    lead.record.set({ number: 'TR-1' })
    await until(() => receiver.received.length > 0, 'a delivery')
    expect(receiver.received.map(({ body }) => body.data['type'])).toEqual(['trebovanje'])
    expect((await server.post('/api/admin/webhooks', CLERK, { url: receiver.url })).status).toBe(403)
    expect((await server.post('/api/admin/webhooks', ADMIN, { url: 'ftp://x' })).status).toBe(400)
    const typo = await server.post('/api/admin/webhooks', ADMIN, { url: receiver.url, types: ['estimat'] })
    expect(typo.body).toMatchObject({ code: 'NO_SUCH_TYPE', paths: ['types'] })
    expect((await server.get('/api/admin/webhooks/nobody/dead', ADMIN)).status).toBe(404)
    expect((await server.post('/api/admin/webhooks/nobody/replay', ADMIN)).status).toBe(404)
    const { body } = await server.get('/api/admin/webhooks', ADMIN)
    expect(JSON.stringify(body)).not.toContain('whsec_')
  })

  it('is told nothing of a record that was purged but that it was, whatever waited or was given up', async () => {
    const { id } = await setUp()
    receiver.answer = () => 500
    const { record, provider } = await server.open(Estimate, 'EST-1', CLERK)
    record.set({ customer: 'Very secret' })
    await until(() => server.errors.length === 1, 'the first is given up')
    record.set({ customer: 'Very secret, too' })
    record.remove()
    await until(() => server.rooms.get('estimate:EST-1')?.head?.state === 'removed', 'the removal')
    await until(() => receiver.received.some(({ body }) => body.type === 'estimate.delete'), 'it is tried')
    // So that nothing is on its way while it is purged.
    await server.post(`/api/admin/webhooks/${id}/pause`, ADMIN)
    provider.destroy()
    const { status } = await server.post('/api/admin/purge', ADMIN, { record: 'estimate:EST-1' })
    expect(status).toBe(200)
    for (const space of ['webhook-queue', 'webhook-dead'])
      expect((await store.readValues(space, { limit: 10 })).values).toEqual([])
    receiver.received.length = 0
    receiver.answer = () => 200
    await server.post(`/api/admin/webhooks/${id}/resume`, ADMIN)
    await server.post(`/api/admin/webhooks/${id}/replay`, ADMIN)
    await until(() => receiver.received.length > 0, 'that it was purged')
    expect(receiver.received.map(({ body }) => body.type)).toEqual(['estimate.purge'])
  })

  it('keeps nothing of a record that is purged while an event of it is on its way', async () => {
    const { id } = await setUp()
    const { record, provider } = await server.open(Estimate, 'EST-1', CLERK)
    record.set({ customer: 'Very secret' })
    await until(() => receiver.received.length === 1, 'the first')
    await receiver.hold(async () => {
      record.remove()
      await until(() => receiver.received.length === 2, 'the second is on its way')
      provider.destroy()
      await server.post('/api/admin/purge', ADMIN, { record: 'estimate:EST-1' })
      receiver.answer = ({ body }) => (body.type === 'estimate.purge' ? 200 : 422)
    })
    await until(() => receiver.received.some(({ body }) => body.type === 'estimate.purge'), 'the purge')
    const { body } = await server.get(`/api/admin/webhooks/${id}/dead`, ADMIN)
    expect(body['dead']).toEqual([])
    expect(receiver.received).toHaveLength(3)
  })

  it('is told nothing of a record that is purged while its receiver is left alone', async () => {
    await setUp()
    const { record, provider } = await server.open(Estimate, 'EST-1', CLERK)
    record.set({ customer: 'Very secret' })
    await until(() => receiver.received.length === 1, 'the first')
    receiver.headers['retry-after'] = '1'
    receiver.answer = () => 429
    record.remove()
    await until(() => receiver.received.length === 2, 'it takes no more')
    provider.destroy()
    const { status } = await server.post('/api/admin/purge', ADMIN, { record: 'estimate:EST-1' })
    expect(status).toBe(200)
    // On a slow machine it was perhaps tried again before.
    receiver.received.length = 0
    receiver.answer = () => 200
    await until(() => receiver.received.some(({ body }) => body.type === 'estimate.purge'), 'the purge')
    expect(receiver.received.map(({ body }) => body.type)).toEqual(['estimate.purge'])
  })

  it('sends again what was given up of one record, not of one whose id goes on with a slash', async () => {
    const { id } = await setUp()
    receiver.answer = () => 422
    await edits('a', 1)
    await edits('a/b', 1)
    await until(() => server.errors.length === 2, 'both are given up')
    receiver.received.length = 0
    receiver.answer = () => 200
    const replayed = await server.post(`/api/admin/webhooks/${id}/replay`, ADMIN, { record: 'estimate:a' })
    expect(replayed.body).toEqual({ replayed: 1 })
    await until(() => receiver.received.length === 1, 'it is sent again')
    const { body } = await server.get(`/api/admin/webhooks/${id}/dead`, ADMIN)
    expect(body['dead']).toMatchObject([{ event: { record: 'estimate:a/b' } }])
  })

  it('is paused when its receiver is gone for good', async () => {
    const { id } = await setUp()
    receiver.answer = () => 410
    await edits('EST-1', 1)
    await until(() => server.errors.length > 0, 'the error that tells of it')
    await until(() => server.events.webhooks.problem() === null, 'the end')
    await server.settled()
    const { body } = await server.get('/api/admin/webhooks', ADMIN)
    expect(body['webhooks']).toMatchObject([{ id, isPaused: true }])
    receiver.answer = () => 200
    await server.post(`/api/admin/webhooks/${id}/resume`, ADMIN)
    await until(() => receiver.received.length >= 2, 'what was missed')
  })

  it('whose receiver is gone as the server stops ends in the log, and not the process', async () => {
    await setUp()
    receiver.answer = () => 410
    const { record, provider } = await server.open(Estimate, 'EST-1', CLERK)
    await receiver.hold(async () => {
      record.set({ customer: 'Hotel' })
      await until(() => receiver.received.length === 1, 'it is on its way')
      provider.destroy()
      await server.committer.close(500)
    })
    await until(() => server.errors.length === 2, 'that it is gone, and could not be paused')
    expect(server.errors).toContainEqual(expect.objectContaining({ err: expect.any(StoreError) }))
  })

  it('is looked after from the command line, and kept as a settings file says', async () => {
    const place = ['--url', `http://${server.address}`, '--token', ADMIN]
    const added = await runCorecord(['webhook', 'add', receiver.url, '--types', 'estimate', ...place])
    expect(added.code).toBe(0)
    const { id, secret } = JSON.parse(added.out) as { id: string; secret: string }
    expect(secret).toMatch(/^whsec_/)
    expect((await runCorecord(['webhook', 'ping', id, ...place])).out).toBe('It arrived.\n')
    expect((await runCorecord(['webhook', 'list', ...place])).out).toContain(
      `${id}  ${receiver.url}  estimate  running`,
    )
    expect((await runCorecord(['webhook', 'pause', id, ...place])).code).toBe(0)
    expect((await runCorecord(['webhook', 'list', ...place])).out).toContain('paused')
    expect((await runCorecord(['webhook', 'replay', id, ...place])).out).toContain('0 events')
    expect((await runCorecord(['webhook', 'remove', id, ...place])).code).toBe(0)
    expect((await runCorecord(['webhook', 'remove', id, ...place])).code).toBe(1)
    const file = parseWebhooks([{ url: receiver.url, secret, types: ['order'] }], server.types)
    await server.events.webhooks.keep(file)
    expect(await server.events.webhooks.list()).toMatchObject([
      { url: receiver.url, types: ['order'], isPaused: false },
    ])
    await server.events.webhooks.keep([])
    expect(await server.events.webhooks.list()).toMatchObject([{ isPaused: true }])
    expect(() => parseWebhooks([{ url: 'http://x' }], server.types)).toThrow(/secret/)
    const one = { url: receiver.url, secret }
    const twice = [one, { ...one, types: ['order'] }]
    expect(() => parseWebhooks(twice, server.types)).toThrow(/named twice/)
    const typo = [{ url: receiver.url, secret, types: ['ordre'] }]
    expect(() => parseWebhooks(typo, server.types)).toThrow('no record type «ordre»')
  })
})
