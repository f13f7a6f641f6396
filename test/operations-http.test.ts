import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { createServer as createHttpServer } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { defaultLimits, parseLimits } from '../server/access/limits.ts'
import { readChannelMessage, writeUpdate } from '../shared/wire/sync-message.ts'
import { createOwnServer, endSilentBodies } from '../server/http/own-server.ts'
import { createServer } from '../server/server.ts'
import { mintToken } from '../server/access/mint-token.ts'
import { resolveOptions } from '../server/server-options.ts'
import {
  Note,
  secret,
  startServer,
  type TestOptions,
  type TestServer,
  tokenFor,
} from './operations-server.ts'

const running: TestServer[] = []

async function start(options: TestOptions = {}): Promise<TestServer> {
  const started = await startServer(options)
  running.push(started)
  return started
}

afterEach(async () => {
  for (const each of running.splice(0)) await each.close()
})

const bearer = async (sub: string, ...roles: string[]) => ({
  headers: { authorization: `Bearer ${await tokenFor(sub, { roles })}` },
})

/** How a socket ended: the close code and what was said. */
function closeOf(url: string, options: { origin?: string } = {}): Promise<{ code: number; reason: string }> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace('http', 'ws'), options)
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }))
    socket.on('error', reject)
  })
}

describe('an option that there is not', () => {
  it.each<[object, RegExp]>([
    [{ trustedProxy: ['loopback'] }, /no option «trustedProxy»\. It has: .*trustedProxies/],
    [{ limits: { socketsPerUsers: 3 } }, /no limit «socketsPerUsers»\. The limits are: .*socketsPerUser/],
    [{ limits: { socketsperuser: 3 } }, /«socketsPerUser» is meant/],
  ])('is refused, by its name: %j', (options, sentence) => {
    const given = { records: [Note], dataFolder: 'nowhere', secret, ...options }
    expect(() => createServer(given)).toThrow(sentence)
  })

  it.each<[string, unknown, RegExp]>([
    ['secret', Promise.resolve('a secret that nobody awaited, and anybody could guess'), /secret is a text$/],
    ['secret', null, /secret is a text$/],
    ['host', {}, /host is a text that is not empty$/],
    // It would be every network, and tokens of everybody.
    ['host', '', /host is a text that is not empty$/],
    ['issuer', '', /issuer is a text that is not empty$/],
    ['eventsKeptDays', -1, /eventsKeptDays is a number from 0 on$/],
    ['port', '3000', /port is a whole number from 0 to 65535$/],
    ['port', 65_536, /port is a whole number from 0 to 65535$/],
    ['corsOrigins', 'https://example.org', /corsOrigins is a list$/],
    ['corsOrigins', ['example.org'], /«example.org» is no origin/],
    ['dataFolder', undefined, /dataFolder names the folder/],
    ['dataFolder', '', /dataFolder is a text that is not empty$/],
    ['anonymous', 'false', /anonymous is true or false$/],
    ['jwks', 'https://example.org/keys', /jwks is a URL/],
    ['now', 3, /now is a function$/],
    ['logger', { level: 'warn' }, /logger is a logger, as pino/],
    ['limits', { messageBytes: '1m' }, /limits.messageBytes is a number from 0 on$/],
    ['limits', null, /limits is an object$/],
    ['notifications', { mail: {} }, /notifications has no «mail»: there are smtp, /],
    ['webhooks', [{ url: 'example.org' }], /webhooks: url must be an http or https address/],
    ['webhooks', [{ url: 'http://example.org', secret: 'x' }], /webhooks: secret must be «whsec_»/],
  ])('nor is a value of another kind: %s', (name, value, sentence) => {
    const given = { records: [Note], dataFolder: 'nowhere', secret, [name]: value }
    expect(() => createServer(given)).toThrow(sentence)
  })

  it('nor is a token signed by what is no secret', async () => {
    const unawaited = Promise.resolve(secret) as unknown as string
    const wish = { sub: 'ana', lifetimeSeconds: 60 }
    await expect(mintToken(unawaited, wish, Date.now)).rejects.toThrow('the secret is a text')
  })

  it.each<[object | undefined, string]>([
    [undefined, 'is an object'],
    [{ lifetimeSeconds: 60 }, 'sub is a text that names a person'],
    [{ sub: '', lifetimeSeconds: 60 }, 'sub is a text that names a person'],
    [{ sub: 'ana', lifetimeSeconds: 60, role: ['lead'] }, 'no «role»: there are sub, name, roles, '],
    [{ sub: 'ana', lifetimeSeconds: 60, roles: 'lead' }, 'roles is a list of texts'],
    [{ sub: 'ana' }, 'lifetimeSeconds is a number, or null'],
  ])('nor a token for %j', async (wish, sentence) => {
    await expect(mintToken(secret, wish as never)).rejects.toThrow(sentence)
  })

  it('a server of none says so, and one that could not start lets go of its data', async () => {
    expect(() => createServer(undefined as never)).toThrow('createServer is given its options')
    const taken = await start({ secret: 'too short', limits: { textLength: 50_000 } })
    expect(taken.log.join()).toContain('the secret is shorter than 32 characters')
    expect(taken.log.join()).toContain('texts may be longer by their types than by the limit')
    const dataFolder = await mkdtemp(join(tmpdir(), 'corecord-'))
    const given = { records: [Note], secret, dataFolder }
    const first = createServer({ ...given, port: Number(new URL(taken.server.url).port) })
    await expect(first.start()).rejects.toMatchObject({ code: 'EADDRINUSE' })
    const second = createServer({ ...given, port: 0 })
    await second.start()
    await second.close()
    await rm(dataFolder, { recursive: true })
  })

  it('is no limit that is left undefined, which stays what it is', () => {
    const limits: object = { socketsPerUser: undefined, cellBytes: 9 }
    expect(resolveOptions({ records: [Note], dataFolder: 'nowhere', limits }).limits).toEqual({
      ...defaultLimits,
      cellBytes: 9,
    })
  })
})

describe('health', () => {
  it('says that the process answers, and which version it is', async () => {
    const { fetch } = await start()
    expect(await (await fetch('/healthz')).json()).toEqual({ status: 'ok', version: '1.2.3' })
  })

  it('is not ready while a part that is configured is not running, and names it', async () => {
    const { fetch, server } = await start({ metricsToken: 'letmesee' })
    expect((await fetch('/readyz')).status).toBe(200)
    let problem: string | null = 'the mail server refuses the password'
    const remove = server.readiness.register('email', () => problem)
    server.readiness.register(
      'letters',
      () => null,
      () => 'nobody opens',
    )
    const running = { store: 'running', sockets: 'running' }
    for (const token of ['letmesee', await tokenFor('ivo', { roles: ['admin'] })]) {
      const answer = await fetch('/readyz', { headers: { authorization: `Bearer ${token}` } })
      expect(answer.status).toBe(503)
      expect(await answer.json()).toMatchObject({
        failing: ['email'],
        parts: { ...running, email: problem, letters: 'running: nobody opens' },
      })
    }
    // Why, which may name folders and hosts, is nobody else's business.
    for (const headers of [{}, { authorization: `Bearer ${await tokenFor('ana')}` }]) {
      const answer = await fetch('/readyz', { headers })
      expect(answer.status).toBe(503)
      const told = await answer.json()
      expect(told).toMatchObject({ failing: ['email'], parts: { ...running, letters: 'running' } })
      expect(told.parts.email).toMatch(/^not running: .*--metrics-token/)
    }
    expect((await fetch('/healthz')).status).toBe(200)
    problem = null
    expect((await fetch('/readyz')).status).toBe(200)
    server.readiness.register('webhooks', () => {
      throw new Error('no list')
    })
    expect(await (await fetch('/readyz')).json()).toMatchObject({ failing: ['webhooks'] })
    remove()
  })

  it('is ready while what hinders a part lies with somebody else, and says so', async () => {
    const { fetch, server } = await start()
    server.readiness.register(
      'letters',
      () => null,
      () => 'nobody opens',
    )
    const headers = { authorization: `Bearer ${await tokenFor('ivo', { roles: ['admin'] })}` }
    const answer = await fetch('/readyz', { headers })
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ failing: [], parts: { letters: 'running: nobody opens' } })
    server.readiness.register(
      'parcels',
      () => null,
      () => {
        throw new Error('no list')
      },
    )
    expect(await (await fetch('/readyz', { headers })).json()).toMatchObject({
      status: 'ready',
      parts: { parcels: 'running: its check failed: no list' },
    })
  })
})

describe('metrics', () => {
  const metricsOf = async ({ fetch }: TestServer) => (await fetch('/metrics')).text()

  it('count for each server of a process by itself', async () => {
    const [one, two] = [await start(), await start()]
    one.server.metrics.deliveryFailed('mail')
    one.server.metrics.rooms.refused('BAD_VALUE')
    one.server.metrics.rooms.saved(4)
    one.server.metrics.rooms.saved(40)
    expect(await metricsOf(one)).toContain('corecord_deliveries_failed_total{channel="mail"} 1')
    expect(await metricsOf(one)).toContain('corecord_edits_refused_total{code="BAD_VALUE"} 1')
    expect(await metricsOf(one)).toContain('corecord_edit_saved_seconds_bucket{le="0.005"} 1\n')
    expect(await metricsOf(one)).toContain('corecord_edit_saved_seconds_bucket{le="0.05"} 2\n')
    expect(await metricsOf(one)).toContain('corecord_edit_saved_seconds_count 2\n')
    expect(await metricsOf(two)).toContain('corecord_deliveries_failed_total{channel="mail"} 0')
    expect(await metricsOf(two)).not.toContain('BAD_VALUE')
  })

  it.each([
    'rooms',
    'commits_total',
    'fsync_seconds_count',
    'edit_saved_seconds_count',
    'edit_relayed_seconds_count',
    'queue_depth',
    'edits_accepted_total',
    'deliveries_failed_total',
    'bytes_total',
    'alarms_total',
    'memory_bytes',
    'event_loop_lag_seconds',
    'store_salvages_total',
  ])('have corecord_%s from the start', async name => {
    expect(await metricsOf(await start())).toMatch(new RegExp(`^corecord_${name}[ {]`, 'm'))
  })

  it('count the sockets by what they speak', async () => {
    const running = await start()
    const sockets: WebSocket[] = []
    const open = async (path: string): Promise<WebSocket> => {
      const url = `${running.server.url.replace('http', 'ws')}${path}`
      const socket = new WebSocket(url, { headers: { authorization: `Bearer ${await tokenFor('ana')}` } })
      sockets.push(socket)
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
      return socket
    }
    const counted = async (): Promise<string[]> =>
      (await metricsOf(running)).split('\n').filter(line => line.startsWith('corecord_sockets{'))
    expect(await counted()).toEqual([
      'corecord_sockets{kind="updates"} 0',
      'corecord_sockets{kind="link"} 0',
      'corecord_sockets{kind="stock"} 0',
    ])
    const stock = await open('/sync/note:1')
    await open('/sync/note:2')
    await open('/link')
    await open('/ws/updates')
    const reach = async (...wanted: number[]): Promise<void> => {
      while ((await counted()).map(line => line.split(' ').at(-1)).join() !== wanted.join());
    }
    await reach(1, 1, 2)
    stock.terminate()
    await reach(1, 1, 1)
    for (const socket of sockets) socket.terminate()
  })

  it('count from each edit of a client, and not from its first', async () => {
    let later = 0
    const running = await start({ untyped: true, anonymous: true, now: () => Date.now() + later })
    const open = async (): Promise<WebSocket> => {
      const socket = new WebSocket(`${running.server.url.replace('http', 'ws')}/sync/a-page`)
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
      return socket
    }
    const [writer, reader] = [await open(), await open()]
    const doc = new Y.Doc()
    doc.on('update', (update: Uint8Array) => writer.send(writeUpdate(update)))
    const relayed = (): Promise<void> =>
      new Promise(resolve => {
        reader.on('message', (bytes: Uint8Array) => {
          if (readChannelMessage(bytes).kind === 'update') resolve()
        })
      })
    for (let i = 0; i < 3; i++) {
      const heard = relayed()
      doc.getMap('fields').set('count', i)
      await heard
      later += 3_600_000
    }
    const lines = (await metricsOf(running)).split('\n')
    const value = (name: string): number =>
      Number(lines.find(line => line.startsWith(`corecord_edit_relayed_seconds_${name} `))?.split(' ')[1])
    expect(value('count')).toBe(3)
    expect(value('sum')).toBeLessThan(3_600)
    for (const socket of [writer, reader]) socket.terminate()
  })

  it('are given to nobody without the token that the settings name', async () => {
    const { fetch } = await start({ metricsToken: 'scrape-me' })
    expect((await fetch('/metrics')).status).toBe(401)
    expect((await fetch('/metrics', { headers: { authorization: 'Bearer scrape-you' } })).status).toBe(401)
    expect((await fetch('/metrics', { headers: { authorization: 'Bearer scrape-me' } })).status).toBe(200)
  })
})

describe('an error', () => {
  it('is problem+json with a stable code, a sentence, and whether to try again', async () => {
    const { fetch } = await start()
    const answer = await fetch('/api/nothing')
    expect(answer.status).toBe(404)
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
    expect(await answer.json()).toMatchObject({
      type: 'urn:corecord:error:NO_SUCH_ROUTE',
      code: 'NO_SUCH_ROUTE',
      status: 404,
      detail: expect.stringContaining('/api/nothing'),
      paths: [],
      retry: false,
    })
  })

  it('of our own says nothing about its insides, and the log says everything', async () => {
    const server = await startServerWith(app =>
      app.get('/boom', async () => Promise.reject(new Error('the inside'))),
    )
    const answer = await server.fetch('/boom?token=secret-token')
    expect(answer.status).toBe(500)
    const body = await answer.text()
    expect(JSON.parse(body)).toMatchObject({
      code: 'INTERNAL',
      requestId: answer.headers.get('x-request-id'),
    })
    expect(body).not.toContain('the inside')
    expect(server.log.join('')).toContain('the inside')
    expect(server.log.join('')).not.toContain('secret-token')
  })

  it('of a body that is no JSON, or too large, is the sender’s', async () => {
    const limits = parseLimits('messageBytes=1k')
    const server = await startServerWith(
      app => app.post('/take', async () => 'ok'),
      limits.ok ? limits.limits : {},
    )
    const post = (body: string) =>
      server.fetch('/take', { method: 'POST', body, headers: { 'content-type': 'application/json' } })
    expect(await (await post('{"a":')).json()).toMatchObject({ code: 'BAD_REQUEST', status: 400 })
    expect(await (await post(`"${'x'.repeat(2_000)}"`)).json()).toMatchObject({
      code: 'TOO_LARGE',
      status: 413,
    })
    expect((await post('{"__proto__":{"admin":true}}')).status).toBe(400)
  })

  it('says in words of ours what to do about a request that cannot be read', async () => {
    const server = await startServerWith(app => app.post('/take', async () => 'ok'))
    const said = async (path: string, init: RequestInit) => {
      const { code, detail } = (await (await server.fetch(path, init)).json()) as Record<string, string>
      return `${code}: ${detail}`
    }
    const post = (body: string | null, type: string) =>
      said('/take', { method: 'POST', body, headers: { 'content-type': type } })
    expect(await post('{"a":', 'application/json')).toBe('BAD_REQUEST: Check the body: it is not valid JSON.')
    for (const body of ['{"a":{"__proto__":{}}}', '{"constructor":{"prototype":{}}}'])
      expect(await post(body, 'application/json')).toMatch(/^BAD_REQUEST: Leave out the key «__proto__»/)
    expect(await post(null, 'application/json')).toMatch(/^BAD_REQUEST: Send a body/)
    expect(await post('<a/>', 'application/xml')).toMatch(
      /^BAD_CONTENT_TYPE: .*content-type: JSON is sent as application\/json/,
    )
    expect(await said('/api/%E0%A4%A', {})).toMatch(/^BAD_REQUEST: Check the address/)
  })

  it('takes no JSON of another encoding than UTF-8, which would be stored damaged', async () => {
    const server = await startServerWith(app => app.post('/take', async ({ body }) => ({ body })))
    const post = (body: Uint8Array<ArrayBuffer>) =>
      server.fetch('/take', { method: 'POST', body, headers: { 'content-type': 'application/json' } })
    const latin1 = await post(Uint8Array.from(Buffer.from('{"name":"Müller"}', 'latin1')))
    expect(await latin1.json()).toMatchObject({ code: 'BAD_REQUEST', detail: expect.stringMatching(/UTF-8/) })
    const utf8 = await post(Uint8Array.from(Buffer.from('\uFEFF{"name":"Müller \uFFFD"}')))
    expect(await utf8.json()).toEqual({ body: { name: 'Müller \uFFFD' } })
  })

  it('is one also of what is no request that Node can read', async () => {
    const { fetch, server } = await start()
    const long = await fetch('/healthz', { headers: { 'x-long': 'x'.repeat(20_000) } })
    expect(long.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    expect(await long.json()).toMatchObject({ code: 'TOO_LARGE', status: 413 })
    const socket = connectTcp(Number(new URL(server.url).port), '127.0.0.1')
    socket.end('GARBAGE\r\n\r\n')
    let answer = ''
    for await (const chunk of socket) answer += String(chunk)
    expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/)
    expect(answer).toContain('"code":"BAD_REQUEST"')
  })

  it('of the wrong method names those that the address takes', async () => {
    const { fetch } = await start()
    const answer = await fetch('/api/records/note/1', { method: 'PUT' })
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe('GET, HEAD, PATCH, DELETE')
    expect(await answer.json()).toMatchObject({
      code: 'METHOD_NOT_ALLOWED',
      detail: 'Check the method: /api/records/note/1 takes GET, HEAD, PATCH, DELETE; not PUT.',
    })
    expect((await fetch('/api/nothing', { method: 'PUT' })).headers.get('allow')).toBeNull()
  })

  async function startServerWith(
    add: (app: TestServer['server']['app']) => void,
    limits: NonNullable<TestOptions['limits']> = {},
  ): Promise<TestServer> {
    return start({ limits, beforeStart: ({ app }) => add(app) })
  }
})

describe('who asks', () => {
  it('is told 401 without a token and 403 without the role, by their codes', async () => {
    const { fetch } = await start()
    const nobody = await fetch('/api/admin/inspect?room=note:1')
    expect(nobody.status).toBe(401)
    expect(nobody.headers.get('www-authenticate')).toContain('Bearer')
    expect(await nobody.json()).toMatchObject({ code: 'TOKEN_MISSING' })
    const ana = await fetch('/api/admin/inspect?room=note:1', await bearer('ana', 'dispatcher'))
    expect(ana.status).toBe(403)
    expect(await ana.json()).toMatchObject({ code: 'FORBIDDEN' })
    const ops = await fetch('/api/admin/inspect?room=note:1', await bearer('ops', 'admin'))
    expect(await ops.json()).toMatchObject({ code: 'NO_SUCH_RECORD' })
  })

  it('is never written to the log by their token, at the finest level', async () => {
    const { fetch, server, log } = await start()
    const token = await tokenFor('ana')
    await fetch(`/api/nothing?token=${token}`)
    await fetch('/api/nothing', { headers: { authorization: `Bearer ${token}` } })
    await fetch(`/put-where-it-does-not-belong/${token}`)
    await closeOf(`${server.url}/sync/nothing?token=${token}x`)
    await closeOf(`${server.url}/nowhere?token=${token}`)
    expect(log.join('')).toContain('/api/nothing?token=…')
    expect(log.join('')).not.toContain(token.slice(0, 20))
  })

  it('is out at once when an operator revokes them, and can come back with a later token', async () => {
    const { fetch, server } = await start()
    const url = `${server.url}/sync/note:1?token=${await tokenFor('ana')}`
    const socket = new WebSocket(url.replace('http', 'ws'))
    const closed = new Promise<number>(resolve => socket.on('close', resolve))
    // A sync step 1 with an empty state vector: the answer shows that the session stands.
    socket.on('open', () => socket.send(Uint8Array.of(0, 0, 1, 0)))
    await new Promise(resolve => socket.on('message', resolve))
    const ops = await bearer('ops', 'admin')
    const revoked = await fetch('/api/admin/revoke', {
      method: 'POST',
      body: JSON.stringify({ sub: 'ana' }),
      headers: { ...ops.headers, 'content-type': 'application/json' },
    })
    expect(revoked.status).toBe(200)
    expect(await closed).toBe(4401)
    expect(await closeOf(url)).toMatchObject({ code: 4401, reason: expect.stringContaining('TOKEN_REVOKED') })
    expect(await server.store.readValue('$revoked', 'person ana')).toContain('"sub":"ana"')
  })
})

describe('requests', () => {
  it('of one token, or of one address without any, are so many a second, and health is always told', async () => {
    const { fetch } = await start({ limits: { requestsPerSecond: 2 }, now: () => 1_000_000 })
    const codesOf = async (times: number, init: RequestInit = {}) => {
      const codes: number[] = []
      for (let time = 0; time < times; time++) codes.push((await fetch('/api/nothing', init)).status)
      return codes
    }
    expect(await codesOf(11)).toEqual([...Array(10).fill(404), 429])
    const ana = { headers: { authorization: 'Bearer ana' } }
    expect(await codesOf(11, ana)).toEqual([...Array(10).fill(404), 429])
    const refused = await fetch('/api/nothing', ana)
    expect([refused.headers.get('retry-after'), (await refused.json()).code]).toEqual(['1', 'TOO_FAST'])
    expect((await fetch('/healthz')).status).toBe(200)
  })

  it('whose answers stay open, of people without a name, are as many of an address as sockets may be', async () => {
    const { fetch } = await start({ anonymous: true, limits: { socketsPerUser: 1, socketsPerAddress: 2 } })
    const gone = new AbortController()
    const headers = { accept: 'text/event-stream' }
    const listen = (): Promise<Response> => fetch('/api/events', { headers, signal: gone.signal })
    const statuses: number[] = []
    for (let i = 0; i < 3; i++) statuses.push((await listen()).status)
    expect(statuses).toEqual([200, 200, 429])
    gone.abort()
  })

  it('whose answers stay open are as many of a person at once as sockets may be', async () => {
    const { fetch } = await start({ limits: { socketsPerUser: 3 } })
    const [ana, bo] = [await bearer('ana'), await bearer('bo')]
    const listening: AbortController[] = []
    const listen = async (path: string, headers: Record<string, string>): Promise<Response> => {
      const gone = new AbortController()
      listening.push(gone)
      return await fetch(path, { headers: { ...headers, accept: 'text/event-stream' }, signal: gone.signal })
    }
    const lists = '/api/lists?type=note'
    for (const path of ['/api/events', lists, '/api/events'])
      expect((await listen(path, ana.headers)).status).toBe(200)
    for (const path of ['/api/events', lists, '/%61pi/events']) {
      const refused = await listen(path, ana.headers)
      expect([refused.status, (await refused.json()).code]).toEqual([429, 'TOO_MANY_SOCKETS'])
    }
    expect((await listen(lists, bo.headers)).status).toBe(200)
    expect((await fetch('/api/records/note', ana)).status).toBe(200)
    listening[0]?.abort()
    let again = 0
    while (again !== 200) again = (await listen(lists, ana.headers)).status
    for (const each of listening) each.abort()
  })

  it('whose answers stay open are counted no more once their line is gone, wherever on it they wait', async () => {
    const { server, fetch } = await start({ limits: { socketsPerUser: 3 } })
    const { headers } = await bearer('ana')
    const { hostname, port } = new URL(server.url)
    const line = connectTcp(Number(port), hostname)
    const asks = ['/api/events', '/api/lists?type=note', '/api/events'].map(
      path =>
        `GET ${path} HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\nauthorization: ${headers.authorization}\r\n\r\n`,
    )
    line.write(asks.join(''))
    await once(line, 'data')
    const open: AbortController[] = []
    const ask = async (): Promise<number> => {
      const gone = new AbortController()
      open.push(gone)
      return (await fetch('/api/lists?type=note', { headers, signal: gone.signal })).status
    }
    expect(await ask()).toBe(429)
    line.destroy()
    for (let found = 0; found < 3; ) if ((await ask()) === 200) found++
    for (const each of open) each.abort()
  })

  it.each([
    ['/api/records/note/1/actions/tell', 401],
    ['/api/records/note/1/history/restore', 401],
    ['/api/records/note', 401],
    ['/api/import/note', 401],
    ['/api/sync/push', 401],
    ['/api/blobs', 401],
    ['/api/admin/revoke', 401],
    ['/nothing/here', 404],
  ])(
    'of nobody known, and for what is not there, is answered before its body has come: %s',
    async (path, status) => {
      const { server } = await start()
      const socket = connectTcp(Number(new URL(server.url).port), '127.0.0.1')
      const head = ['host: x', 'content-type: application/json', 'content-length: 1000000', '', '{"a":']
      socket.write([`POST ${path} HTTP/1.1`, ...head].join('\r\n'))
      const [answer] = await once(socket, 'data')
      expect(String(answer)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
      socket.destroy()
    },
  )

  it('are counted however their address is written', async () => {
    const { server } = await start({ limits: { requestsPerSecond: 2 }, now: () => 1_000_000 })
    const { headers } = await bearer('ana')
    const ask = (path: string): Promise<string> =>
      new Promise(resolve => {
        const socket = connectTcp(Number(new URL(server.url).port), '127.0.0.1')
        let answer = ''
        socket
          .on('data', bytes => (answer += bytes.toString()))
          .on('close', () => resolve(answer.slice(9, 12)))
        socket.write(
          `GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: ${headers.authorization}\r\nconnection: close\r\n\r\n`,
        )
      })
    const ways = ['/api/records/note', '/%61pi/records/note', 'http://x/api/records/note']
    for (let time = 0; time < 10; time++) expect(await ask(ways[time % 3] ?? '')).toBe('200')
    for (const way of ways) expect(await ask(way)).toBe('429')
  })
})

describe('a body', () => {
  it('may come for hours; the connection of one of which nothing more comes ends', async () => {
    const { requestTimeout, headersTimeout } = createOwnServer()
    expect([requestTimeout, headersTimeout]).toEqual([0, 60_000])
    const { fetch, server } = await start({ beforeStart: ({ app }) => endSilentBodies(app, 50) })
    const { headers } = await bearer('ana')
    const socket = connectTcp(Number(new URL(server.url).port), '127.0.0.1').on('error', () => {})
    socket.write(`POST /api/records/note HTTP/1.1\r\nhost: x\r\nauthorization: ${headers.authorization}\r\n`)
    socket.write('content-type: application/json\r\ncontent-length: 100\r\n\r\n{"title":')
    await new Promise(resolve => socket.resume().once('close', resolve))
    expect((await fetch('/healthz')).status).toBe(200)
  })
})

describe('the demo', () => {
  it('gives out its people’s tokens, and no other server does', async () => {
    const demo = await start({ demo: true })
    const people = (await (await demo.fetch('/api/demo/people')).json()) as { id: string; token: string }[]
    const dana = people.find(({ id }) => id === 'dana')
    expect(await demo.server.access.authenticator.token(dana?.token ?? '')).toMatchObject({
      principal: { id: 'dana', name: 'Dana Novak', roles: ['dispatcher'] },
    })
    expect(people.filter(({ id }) => id === 'admin')).toEqual([])
    const earnest = await start()
    expect((await earnest.fetch('/api/demo/people')).status).toBe(404)
  })
})

describe('browsers', () => {
  it('are told to trust nothing but this origin', async () => {
    const { fetch } = await start()
    for (const path of ['/healthz', '/api/nothing']) {
      const { headers } = await fetch(path)
      expect(headers.get('content-security-policy')).toMatch(/default-src 'self'.*frame-ancestors 'self'/)
      expect(headers.get('content-security-policy')).not.toContain('unsafe-eval')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('strict-transport-security')).toBeNull()
    }
  })

  it('that come by https through a named proxy are held to https', async () => {
    const forwarded = { headers: { 'x-forwarded-proto': 'https' } }
    const { fetch } = await start({ trustedProxies: ['loopback'] })
    expect((await fetch('/healthz', forwarded)).headers.get('strict-transport-security')).toContain('max-age')
    const unproxied = await start()
    expect((await unproxied.fetch('/healthz', forwarded)).headers.get('strict-transport-security')).toBeNull()
  })

  it('may use the server from the origins that the settings name, and no others', async () => {
    const { fetch } = await start({ corsOrigins: ['https://app.example'] })
    const from = (origin: string) => fetch('/healthz', { headers: { origin } })
    expect((await from('https://app.example')).headers.get('access-control-allow-origin')).toBe(
      'https://app.example',
    )
    expect((await from('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull()
    const preflight = await fetch('/api/ticket', {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-method': 'PATCH' },
    })
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PATCH')
  })

  it('may not open a socket from a page of another origin', async () => {
    const { server } = await start({ corsOrigins: ['https://app.example'] })
    const url = `${server.url}/sync/nothing?token=${await tokenFor('ana')}`
    expect(await closeOf(url, { origin: 'https://evil.example' })).toMatchObject({ code: 4403 })
    expect(await closeOf(url, { origin: 'https://app.example' })).toMatchObject({ code: 4404 })
    expect(await closeOf(url, { origin: server.url })).toMatchObject({ code: 4404 })
    expect(await closeOf(url)).toMatchObject({ code: 4404 })
  })
})

describe('answers', () => {
  const rows = JSON.stringify(Array.from({ length: 500 }, (_, id) => ({ id, title: 'the same again' })))
  const serve = () =>
    start({
      beforeStart: ({ app }) => {
        app.get('/rows', async (_request, reply) =>
          reply.type('application/json').header('etag', '"7"').send(rows),
        )
        app.get('/few', async () => ({ few: true }))
        app.get('/picture', async (_request, reply) => reply.type('image/png').send(Buffer.alloc(10_000)))
        app.get('/lines', async (_request, reply) =>
          reply.type('application/x-ndjson').send(Readable.from([`${rows}\n`, `${rows}\n`])),
        )
        app.get('/stream', async (_request, reply) =>
          reply.type('text/event-stream').send(Readable.from([`data: ${rows}\n\n`])),
        )
      },
    })

  it('above the threshold are compressed for who takes it, and read the same', async () => {
    const { fetch, server } = await serve()
    const compressed = await fetch('/rows', { headers: { 'accept-encoding': 'gzip' } })
    expect(compressed.headers.get('content-encoding')).toBe('gzip')
    expect(compressed.headers.get('etag')).toBe('W/"7"')
    expect(compressed.headers.get('vary')?.toLowerCase()).toContain('accept-encoding')
    expect(Number(compressed.headers.get('content-length'))).toBeLessThan(rows.length / 5)
    expect(await compressed.text()).toBe(rows)
    const plain = await fetch('/rows', { headers: { 'accept-encoding': 'identity' } })
    expect(plain.headers.get('content-encoding')).toBeNull()
    expect(plain.headers.get('etag')).toBe('"7"')
    expect(await (await fetch('/rows', { headers: { 'accept-encoding': 'gzip;q=0' } })).text()).toBe(rows)
    expect(await server.metrics.render()).toMatch(/corecord_compression_bytes_total\{side="before"\} \d{5}/)
  })

  it('that stream are compressed as they go, but not events, pictures or little ones', async () => {
    const { fetch } = await serve()
    const encodingOf = async (path: string) => (await fetch(path)).headers.get('content-encoding')
    expect(await encodingOf('/lines')).toBe('gzip')
    expect(await (await fetch('/lines')).text()).toBe(`${rows}\n${rows}\n`)
    expect(await encodingOf('/stream')).toBeNull()
    expect(await encodingOf('/picture')).toBeNull()
    expect(await encodingOf('/few')).toBeNull()
  })

  it('are not compressed where the settings say so', async () => {
    const { fetch } = await start({
      compressAboveBytes: 0,
      beforeStart: ({ app }) => void app.get('/rows', async () => JSON.parse(rows)),
    })
    expect((await fetch('/rows')).headers.get('content-encoding')).toBeNull()
  })
})

describe('the app', () => {
  async function startWithApp(): Promise<TestServer> {
    const folder = join((await start()).folder, 'app')
    await mkdir(join(folder, 'assets'), { recursive: true })
    await writeFile(join(folder, 'index.html'), '<title>the app</title>')
    await writeFile(join(folder, 'sw.js'), 'self.x = 1')
    await writeFile(join(folder, 'assets', 'main-Ab12Cd34.js'), 'console.log(1)')
    await writeFile(join(folder, 'assets', 'main-Ab12Cd34.js.gz'), gzipSync('console.log(1)'))
    return start({ appFolder: folder })
  }

  const html = { headers: { accept: 'text/html,application/xhtml+xml' } }

  it('is its one page at every address that is no file and no endpoint', async () => {
    const { fetch } = await startWithApp()
    for (const path of ['/', '/lab', '/tickets/4711', '/tickets/a%20b?x=1']) {
      const page = await fetch(path, html)
      expect([path, page.status, await page.text()]).toEqual([path, 200, '<title>the app</title>'])
      expect(page.headers.get('cache-control')).toBe('no-cache')
    }
    for (const path of ['/api/nothing', '/assets/gone.js', '/link/x']) {
      expect([path, (await fetch(path, path.startsWith('/assets') ? {} : html)).status]).toEqual([path, 404])
    }
  })

  it('sends files that never change once, from what the build compressed', async () => {
    const { fetch } = await startWithApp()
    const asset = await fetch('/assets/main-Ab12Cd34.js', { headers: { 'accept-encoding': 'gzip' } })
    expect(asset.headers.get('content-encoding')).toBe('gzip')
    expect(asset.headers.get('cache-control')).toContain('immutable')
    expect(asset.headers.get('content-type')).toContain('javascript')
    expect(await asset.text()).toBe('console.log(1)')
    expect((await fetch('/sw.js')).headers.get('cache-control')).toBe('no-cache')
  })

  it('gives out no file outside of its folder', async () => {
    const { fetch } = await startWithApp()
    for (const path of ['/..%2fdata%2fserving.json', '/%2e%2e/data/serving.json', '/assets/..%5c..%5cdata']) {
      const answer = await fetch(path)
      expect(await answer.text()).not.toContain('key')
      expect(answer.status).toBeGreaterThanOrEqual(400)
    }
  })
})

describe('on an http server that exists', () => {
  it('takes its own addresses, leaves the rest, and gives everything back at the end', async () => {
    const host = createHttpServer((request, response) => response.end(`the host: ${request.url}`))
    await new Promise<void>(resolve => host.listen(0, '127.0.0.1', resolve))
    try {
      const { fetch, server, close } = await startServer({ server: host })
      expect(await (await fetch('/healthz')).json()).toMatchObject({ status: 'ok' })
      expect(await (await fetch('/else')).text()).toBe('the host: /else')
      const { url } = server
      expect(await closeOf(`${url}/sync/nothing?token=${await tokenFor('ana')}`)).toMatchObject({
        code: 4404,
      })
      await close()
      expect(await (await globalThis.fetch(`${url}/healthz`)).text()).toBe('the host: /healthz')
      expect(host.listening).toBe(true)
      expect([host.listenerCount('request'), host.listenerCount('upgrade')]).toEqual([1, 0])
    } finally {
      host.close()
      host.closeAllConnections()
    }
  })
})
