import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { defaultLimits } from '../../server/access/limits.ts'
import { createLinkEndpoint } from '../../server/link/link-endpoint.ts'
import { createStockEndpoint } from '../../server/link/stock-endpoint.ts'
import { createWireCounters } from '../../server/link/wire-counters.ts'
import { LINK_VERSION, writeControl } from '../../shared/wire/link-control.ts'
import { writeLinkFrame } from '../../shared/wire/link-frame.ts'
import { FakeDoor } from './fake-door.ts'
import { fakeAuthenticator, startWireServer, until, type WireServer } from './wire-server.ts'

/** Small and seeded, so that a run can be repeated. */
const randomFrom = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

let wire: WireServer
let errors: unknown[]

beforeEach(async () => {
  const door = new FakeDoor()
  errors = []
  const logger = { info() {}, warn() {}, error: (fields: object) => errors.push(fields) }
  const limits = defaultLimits
  const link = createLinkEndpoint({
    door,
    authenticator: fakeAuthenticator,
    limits,
    counters: createWireCounters(),
    logger,
  })
  wire = await startWireServer([createStockEndpoint({ door }), link], { logger })
})

afterEach(() => wire.close())

const garbage = (random: (below: number) => number): Uint8Array => {
  // What begins like a message gets further into the parsers. Updates are the guard's to judge, and tested there.
  const beginnings = [
    [],
    [0],
    [0, 123, 34, 116, 34, 58],
    [1],
    [1, 1],
    [1, 3],
    [1, 1, 5, 1],
    [2, 0],
    [200, 1, 1],
    [101],
  ]
  const beginning = beginnings[random(beginnings.length)] ?? []
  return Uint8Array.from([...beginning, ...Array.from({ length: random(40) }, () => random(256))])
}

describe('garbage', () => {
  it.each([
    ['on a stock socket', '/sync/ticket:1?token=ana', null],
    [
      'on a link',
      '/link',
      writeLinkFrame(0, writeControl({ t: 'hello', version: LINK_VERSION, token: 'ana' })),
    ],
  ])('%s ends its own session at most, and the server serves on', async (_where, path, greeting) => {
    const seed = Number(process.env['SEED'] ?? 1)
    const random = randomFrom(seed)
    for (let round = 0; round < 60; round++) {
      const socket = new WebSocket(`${wire.url}${path}`)
      let isClosed = false
      socket.on('error', () => {})
      socket.on('close', () => {
        isClosed = true
      })
      await new Promise(resolve => socket.once('open', resolve))
      if (greeting !== null) {
        socket.send(greeting)
        socket.send(
          writeLinkFrame(0, writeControl({ t: 'open', channels: [{ channel: 1, room: 'ticket:1' }] })),
        )
      }
      for (let message = 0; message < 20; message++) socket.send(garbage(random))
      const ponged = new Promise(resolve => socket.once('pong', resolve))
      socket.ping()
      const isDone = Promise.race([ponged, until(() => isClosed, `an end of seed ${seed}`)])
      await isDone
      socket.terminate()
    }
    expect({ seed, wrong: errors.filter(error => !isFromYjs(error)) }).toEqual({ seed, wrong: [] })
    await until(() => wire.sockets.size === 0, `the end of all sessions, seed ${seed}`)
  })
})

/** The fake room applies whatever comes; what Yjs throws at it, or the room itself on purpose, is not the wire's. */
const isFromYjs = (error: unknown): boolean =>
  /yjs|lib0|broken on purpose/.test(String((error as { err?: { stack?: string } }).err?.stack))
