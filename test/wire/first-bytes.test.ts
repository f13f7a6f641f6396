// A server that looks at the first bytes of a connection answers as one that does not.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FirstBytes, readFirstBytes } from '../../server/link/first-bytes.ts'
import { connectRaw, handshake } from './raw-web-socket.ts'
import { until } from './wire-server.ts'

const servers: Server[] = []
let looks: { readonly url: string; readonly firstBytes: FirstBytes | null }
let plain: { readonly url: string }

const start = async (isLooking: boolean) => {
  const server = createServer(async (request, response) => {
    response.sendDate = false
    response.end(`${request.method} ${request.url} ${(await text(request)).length};`)
  })
  server.headersTimeout = 2_000
  server.on('upgrade', ({ method, url, headers }, socket, head) => {
    socket.on('error', () => {})
    const sorted = Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1))
    socket.end(JSON.stringify({ method, url, sorted, head: head.toString('latin1') }))
  })
  const firstBytes = isLooking ? readFirstBytes(server) : null
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  // An address of a listening TCP server is never a string.
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, firstBytes }
}

beforeAll(async () => {
  looks = await start(true)
  plain = await start(false)
})

afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
})

const answerOf = async (url: string, chunks: readonly string[]): Promise<string> => {
  const client = await connectRaw(url)
  await client.send(...chunks.map(chunk => Buffer.from(chunk, 'latin1')))
  await until(client.isClosed, 'the end')
  return client.received().toString('latin1')
}

const whole = handshake('/sync/a?token=b')
const last = 'GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
const post = `POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n${'x'.repeat(300_000)}`
const variant = (from: string | RegExp, to: string): readonly string[] => [whole.replace(from, to)]

describe.each<[string, readonly string[]]>([
  ['a handshake', [whole]],
  ['a handshake with frames behind it', [`${whole}\x82\x80abcd`]],
  ['a handshake in two pieces', [whole.slice(0, 70), whole.slice(70)]],
  ['a handshake cut in its end', [whole.slice(0, -2), whole.slice(-2)]],
  ['a handshake with names in small letters', variant(/Sec-WebSocket-Key/, 'sec-websocket-key')],
  ['a handshake as Firefox writes it', variant('Connection: Upgrade', 'Connection: keep-alive, Upgrade')],
  ['a handshake with spaces around values', variant('Host: localhost', 'Host: \t localhost \t')],
  ['a handshake with an empty value', variant('Host: localhost', 'Host: localhost\r\nOrigin:')],
  [
    'a handshake that names something twice',
    variant('Host: localhost', 'Host: localhost\r\nX-A: 1\r\nX-A: 2'),
  ],
  ['a handshake with two keys', variant('Host: localhost', 'Host: localhost\r\nSec-WebSocket-Key: other')],
  ['a handshake with a folded line', variant('Host: localhost', 'Host: localhost\r\nX-A: 1\r\n 2')],
  ['a handshake with a space before the colon', variant('Host: ', 'Host : ')],
  ['a handshake with bytes beyond ASCII', variant('Host: localhost', 'Host: localhost\r\nX-A: \xe9')],
  ['a handshake with a control character', variant('Host: localhost', 'Host: localhost\r\nX-A: a\x01')],
  ['a handshake with a bare line feed', variant('Host: localhost\r\n', 'Host: localhost\nX-A: 1\r\n')],
  ['a handshake without a host', variant('Host: localhost\r\n', '')],
  [
    'a handshake with a name that every object has',
    variant('Host: ', '__proto__: a\r\nconstructor: b\r\nHost: '),
  ],
  ['a handshake of HTTP/1.0', variant('HTTP/1.1', 'HTTP/1.0')],
  ['a handshake with a body', variant('Host: ', 'Content-Length: 2\r\nHost: ')],
  ['a handshake larger than is read at once', variant('Host: ', `X-A: ${'a'.repeat(12_000)}\r\nHost: `)],
  ['a handshake of another protocol', variant('Upgrade: websocket', 'Upgrade: h2c')],
  ['a handshake with another method', variant('GET', 'POST')],
  ['one request', [last]],
  ['requests in one piece', [`GET /1 HTTP/1.1\r\nHost: a\r\n\r\n${last}`]],
  ['a request byte by byte', [...last]],
  ['a large body, and a request behind it', [`${post}${last}`]],
  ['a large body in pieces', [post.slice(0, 100), post.slice(100, 70_000), post.slice(70_000), last]],
  ['a request with headers that are too large', [`GET / HTTP/1.1\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`]],
  ['the beginning of HTTP/2', ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n']],
  ['the beginning of TLS', ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03']],
])('%s', (_what, chunks) => {
  it('is answered as by Node alone', async () => {
    const answer = await answerOf(looks.url, chunks)
    expect(answer).not.toBe('')
    expect(answer).toBe(await answerOf(plain.url, chunks))
  })
})

describe('a connection that says nothing', () => {
  it('is closed when its time for headers is over', async () => {
    const client = await connectRaw(looks.url)
    await until(client.isClosed, 'the end of its time')
    expect(client.received().length).toBe(0)
  })

  it('is closed when the server wants to end, and one that has spoken is not', async () => {
    const [silent, speaking] = [await connectRaw(looks.url), await connectRaw(looks.url)]
    await speaking.send('GET /slow HTTP/1.1\r\n')
    // Who spoke after it has been answered, so it has been heard.
    await answerOf(looks.url, [last])
    looks.firstBytes?.closeSilent()
    await until(silent.isClosed, 'the end of the silent one')
    await speaking.send('Host: a\r\nConnection: close\r\n\r\n')
    await until(speaking.isClosed, 'the answer')
    expect(speaking.received().toString()).toContain('GET /slow 0;')
  })

  it('is closed when its other side goes', async () => {
    const client = await connectRaw(looks.url)
    client.socket.end()
    await until(client.isClosed, 'the end')
  })
})
