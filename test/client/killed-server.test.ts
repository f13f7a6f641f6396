// Real processes, real disk: the server is killed with -9 in the middle of writing, again and again, and nothing
// that was shown as saved may be gone.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { connect, type Desk } from '../../client/desk.ts'
import type { SocketLike } from '../../client/surroundings.ts'
import { mintToken } from '../../server/access/mint-token.ts'
import { defineRecord, integer, log, text } from '../../shared/index.ts'
import { freePort } from '../free-port.ts'

const secret = 'a secret of more than thirty-two characters'
const Tally = defineRecord('tally', {
  fields: { last: integer(), strokes: log({ number: integer() }), words: text.plain() },
})
const TALLY_MODULE = `
import { defineRecord, integer, log, text } from '${pathToFileURL(join(process.cwd(), 'dist/shared/index.js')).href}'
export const Tally = defineRecord('tally', {
  fields: { last: integer(), strokes: log({ number: integer() }), words: text.plain() },
})`

let folder: string
let port: number
let server: ChildProcess | null = null
const desks: Desk[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corecord-killed-'))
  await writeFile(join(folder, 'secret'), secret)
  await writeFile(join(folder, 'tally.mjs'), TALLY_MODULE)
  port = await freePort()
})

afterAll(async () => {
  for (const desk of desks) await desk.close()
  server?.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

const startServer = async (): Promise<void> => {
  const options = {
    port: String(port),
    host: '127.0.0.1',
    data: join(folder, 'data'),
    records: join(folder, 'tally.mjs'),
    'secret-file': join(folder, 'secret'),
  }
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])
  const child = spawn(process.execPath, ['dist/server/main.js', 'serve', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  server = child
  await new Promise<void>((done, failed) => {
    child.stdout.on('data', (words: Buffer) => {
      if (words.includes('serves')) done()
    })
    child.once('exit', code => failed(new Error(`the server ended with ${code}`)))
  })
}

const killServer = (): Promise<void> =>
  new Promise(done => {
    server?.removeAllListeners('exit')
    server?.once('exit', () => done())
    server?.kill('SIGKILL')
  })

const sit = async (user: string): Promise<Desk> => {
  const desk = connect({
    url: `http://127.0.0.1:${port}`,
    token: () => mintToken(secret, { sub: user, name: user, lifetimeSeconds: 3600 }, Date.now),
    records: [Tally],
    storage: 'memory',
    firstDelayMs: 20,
    longestDelayMs: 50,
    failuresBeforePolling: 1_000,
    surroundings: { createSocket: url => new WebSocket(url) as unknown as SocketLike },
  })
  desks.push(desk)
  await desk.ready
  return desk
}

it('nothing that was shown as saved is gone after kill -9, and what was not is sent again', async () => {
  await startServer()
  const ana = await sit('ana')
  const tally = ana.open(Tally, '1')
  await tally.whenReady()
  let number = 0
  const shownAsSaved = new Set<number>()
  /** Words up to this one. */
  let wordsSaved = 0
  const stroke = (): void => {
    const mine = ++number
    tally.set({ last: mine })
    const id = tally.log('strokes').add({ number: mine })
    tally.text('words').insert(0, `${mine} `)
    const stop = tally.subscribe('', () => {
      if (tally.field('words').save === 'saved') wordsSaved = number
      if (tally.field(`strokes/${id}`).save !== 'saved') return
      shownAsSaved.add(mine)
      stop()
    })
  }
  for (let round = 0; round < 5; round++) {
    const before = shownAsSaved.size
    // Some are saved, and some are on their way, whenever the blow falls.
    while (shownAsSaved.size < before + 20) {
      stroke()
      await new Promise<void>(done => setImmediate(done))
    }
    await killServer()
    const promised = [...shownAsSaved]
    const promisedWords = Array.from({ length: wordsSaved }, (_, i) => i + 1)
    for (let i = 0; i < 5; i++) stroke()
    await startServer()
    // Somebody who has nothing but what the disk has.
    const bo = await sit(`bo${round}`)
    ana.goOffline()
    const seen = bo.open(Tally, '1')
    await seen.whenReady()
    const strokes = new Set(seen.view?.strokes.map(one => one.number))
    expect(promised.filter(one => !strokes.has(one))).toEqual([])
    const words = new Set(seen.view?.words.split(' ').map(Number))
    expect(promisedWords.filter(one => !words.has(one))).toEqual([])
    ana.goOnline()
    await tally.whenSaved()
    await bo.close()
  }
  expect(tally.view?.strokes).toHaveLength(number)
  expect(ana.status).toMatchObject({ pending: 0, refused: 0 })
})
