import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { connect } from '../../client/desk.ts'
import type { SocketLike } from '../../client/surroundings.ts'
import { Note, startServer, type TestServer, tokenFor } from '../operations-server.ts'

let running: TestServer

beforeAll(async () => {
  running = await startServer()
})

afterAll(() => running.close())

it('the debug switch prints every message of the link, and no token', async () => {
  const lines: string[] = []
  const token = await tokenFor('ana')
  const desk = connect({
    url: running.server.url,
    token: () => token,
    records: [Note],
    storage: 'memory',
    debug: line => lines.push(line),
    surroundings: {
      createSocket: (url, protocols) => new WebSocket(url, [...protocols]) as unknown as SocketLike,
    },
  })
  await desk.ready
  const note = desk.create(Note, { title: 'Loud' })
  await note.whenSaved()
  await desk.close()
  expect(lines.some(line => line.startsWith('✓ connected to ws://'))).toBe(true)
  expect(lines.some(line => line.startsWith('→ {'))).toBe(true)
  expect(lines.some(line => /^→ channel \d+: (update|syncStep2), update of \d+ bytes/.test(line))).toBe(true)
  expect(lines.some(line => /^← channel \d+: saved, count \d+, commit \d+/.test(line))).toBe(true)
  for (const part of token.split('.')) expect(lines.join('\n')).not.toContain(part)
})

it('the debug switch says why no socket can be made', async () => {
  const lines: string[] = []
  const desk = connect({
    url: running.server.url,
    token: () => tokenFor('ana'),
    records: [Note],
    storage: 'memory',
    debug: line => lines.push(line),
    surroundings: {
      createSocket() {
        throw new TypeError('there is no WebSocket here')
      },
    },
  })
  await desk.ready
  await expect.poll(() => lines.at(-1)).toMatch(/^✗ cannot connect to ws:.*: there is no WebSocket here$/)
  await desk.close()
})
