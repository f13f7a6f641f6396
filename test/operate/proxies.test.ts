import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { type RequestOptions, request } from 'node:https'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { blob, defineRecord, text } from '../../shared/index.ts'
import { buildProgram, spawnCorecord } from '../cli-process.ts'
import { startServer, type TestServer, tokenFor } from '../operations-server.ts'
import { findProxy, type ProxyName, type RunningProxy, startProxy } from './proxy-program.ts'

const Photo = defineRecord('photo', {
  fields: { caption: text.line(), file: blob({ types: ['*/*'], maxBytes: 50e6 }) },
})

let running: TestServer | null = null
let proxy: RunningProxy | null = null

beforeAll(buildProgram, 900_000)

afterEach(async () => {
  await proxy?.close()
  await running?.close()
  running = null
  proxy = null
})

describe.each<ProxyName>(['nginx', 'caddy'])('%s, set up as the page says,', name => {
  const program = findProxy(name)
  if (program === null)
    console.warn(`${name} IS NOT ON THIS MACHINE: what docs/operating/proxy.md says of it is not tried here.`)

  test.skipIf(program === null)(
    'passes sockets, large files and events on, and tells who comes',
    async () => {
      const limits = { socketsPerAddress: 2 }
      // Of the addresses of this machine one is the proxy's; the others are people's.
      running = await startServer({ records: [Photo], trustedProxies: ['127.0.0.1'], limits })
      const before = await startProxy(name, program ?? '', new URL(running.server.url).port)
      proxy = before
      const token = await tokenFor('ana', { name: 'Ana' })
      const ask = asker(before, token)

      // Name, certificate, readiness, both kinds of sockets: what the page tells an operator to run.
      const doctor = spawnCorecord(['doctor', before.url, '--token', token], {
        NODE_EXTRA_CA_CERTS: before.authority,
      })
      const found = await doctor.ended
      expect(found.code, found.out + found.err).toBe(0)
      for (const line of [/✓ reachable/, /✓ encryption: https/, /✓ socket: welcomed as ana/, /✓ y-websocket/])
        expect(found.out).toMatch(line)

      const large = Buffer.concat([Buffer.from('%PDF-'), randomBytes(20_000_000)])
      const hash = createHash('sha256').update(large).digest('hex')
      const put = await ask('PUT', `/api/blobs/${hash}`, { 'content-type': 'application/pdf' }, large)
      expect(put.status).toBe(201)
      const file = { hash, type: 'application/pdf', bytes: large.length, name: 'plans.pdf' }
      const made = await ask('POST', '/api/records/photo', json, Buffer.from(JSON.stringify({ file })))
      expect(made.status).toBe(201)
      expect(made.headers['strict-transport-security']).toBeDefined()
      expect((await ask('GET', `/api/blobs/${hash}`)).body.equals(large)).toBe(true)

      // An event comes while the answer is still open.
      const stream = await open(before, token, 'GET', '/api/events', { accept: 'text/event-stream' })
      const heard = (async () => {
        let all = ''
        for await (const chunk of stream) {
          all += String(chunk)
          if (all.includes('From the roof')) return all
        }
        return all
      })()
      const caption = Buffer.from(JSON.stringify({ caption: 'From the roof' }))
      expect((await ask('POST', '/api/records/photo', json, caption)).status).toBe(201)
      expect(await heard).toContain('From the roof')
      stream.destroy()

      // Counted by who really comes, whatever they say of themselves.
      const forged = { 'x-forwarded-for': '203.0.113.7' }
      const from = (localAddress: string): Promise<WebSocket | number> =>
        opened(before, '/sync/photo:a', { localAddress, headers: forged, token })
      const [first, second] = [await from('127.0.0.2'), await from('127.0.0.2')]
      expect(await from('127.0.0.2')).toBe(4529)
      const other = await from('127.0.0.3')
      expect([first, second, other].every(one => one instanceof WebSocket)).toBe(true)
      for (const one of [first, second, other]) if (one instanceof WebSocket) one.terminate()

      // Pages that the proxy's own address serves may open sockets, and no others.
      const page = (origin: string): Promise<WebSocket | number> =>
        opened(before, '/sync/photo:a', { localAddress: '127.0.0.4', headers: { origin }, token })
      const own = await page(before.url)
      expect(own).toBeInstanceOf(WebSocket)
      if (own instanceof WebSocket) own.terminate()
      expect(await page('https://elsewhere.example.com')).toBe(4403)

      expect(before.log()).not.toContain(token)
      if (name === 'nginx') expect(before.log()).toContain('"GET /sync/photo:a"')
    },
    120_000,
  )
})

const json = { 'content-type': 'application/json' }

interface Heard {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

type Ask = (method: string, path: string, headers?: Record<string, string>, body?: Buffer) => Promise<Heard>

const asker =
  (through: RunningProxy, token: string): Ask =>
  async (method, path, headers = {}, body) => {
    const answer = await open(through, token, method, path, headers, body)
    const chunks: Buffer[] = []
    for await (const chunk of answer) chunks.push(chunk)
    return { status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }
  }

async function open(
  { url, authority }: RunningProxy,
  token: string,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: Buffer,
): Promise<IncomingMessage> {
  const options: RequestOptions = {
    method,
    ca: readFileSync(authority),
    agent: false,
    headers: { authorization: `Bearer ${token}`, ...headers, ...(body && { 'content-length': body.length }) },
  }
  const asked = request(new URL(path, url), options)
  asked.end(body)
  const [answer]: IncomingMessage[] = await once(asked, 'response')
  if (answer === undefined) throw new Error('no answer')
  return answer
}

/** A socket that was let in, or the code with which it was closed. */
async function opened(
  { url, authority }: RunningProxy,
  path: string,
  how: { localAddress: string; headers: Record<string, string>; token: string },
): Promise<WebSocket | number> {
  const { token, ...options } = how
  const socket = new WebSocket(`${url.replace('https', 'wss')}${path}?token=${token}`, {
    ...options,
    ca: readFileSync(authority),
  })
  return new Promise((resolve, reject) => {
    // «What do you have?» of the sync protocol, and its answer; a refusal says its reason in a message of another kind.
    socket.once('open', () => socket.send(Uint8Array.of(0, 0, 1, 0)))
    socket.on('message', (data: Buffer) => data[0] === 0 && resolve(socket))
    socket.once('close', code => resolve(code))
    socket.once('error', reject)
  })
}
