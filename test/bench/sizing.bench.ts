/**
 * What does a machine have to have? Disk and start by the number of records, memory by what is open, and what the
 * disk and the lists carry. The figures of docs/operating/sizing.md:
 *
 *     npm run bench -- sizing [--quick] [--json] [--write]
 *
 * --write puts them into the page.
 */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { mintToken } from '../../server/access/mint-token.ts'
import { type Running, spawnCorecord } from '../cli-process.ts'
import { withGeneratedPart } from '../docs/markdown-pages.ts'

const isQuick = process.argv.includes('--quick')
const isJson = process.argv.includes('--json')
const RECORDS = isQuick ? 2_000 : 20_000
const SOCKETS = isQuick ? 300 : 2_000
const OPENED = isQuick ? 200 : 1_000
const secret = 'a secret of more than thirty-two characters'
const PAGE = resolve('docs/operating/sizing.md')

interface Line {
  readonly what: string
  readonly figure: string
}

const lines: Line[] = []
const report = (what: string, figure: string): void => {
  lines.push({ what, figure })
  if (!isJson) console.log(`${what.padEnd(80)} ${figure}`)
}
const shown = (value: number, digits = 2): string => {
  const unit = 10 ** Math.max(0, Math.ceil(Math.log10(Math.abs(value) || 1)) - digits)
  const rounded = unit > 1 ? Math.round(value / unit) * unit : Number(value.toPrecision(digits))
  return rounded.toLocaleString('en')
}

class Server {
  readonly #running: Running
  readonly url: string
  readonly startMs: number

  private constructor(running: Running, url: string, startMs: number) {
    this.#running = running
    this.url = url
    this.startMs = startMs
  }

  static async start(data: string): Promise<Server> {
    const began = performance.now()
    const args = ['serve', '--data', data, '--port', '0', '--host', '127.0.0.1', '--limits', 'none']
    const running = spawnCorecord(args, { CORECORD_SECRET: secret })
    const url = await running.printed(/corecord serves (http:[^"\s]+)/)
    return new Server(running, url, performance.now() - began)
  }

  /** Resident, as the machine has to have it; the least of some looks, since what is not yet collected passes. */
  async memory(): Promise<number> {
    let least = Number.POSITIVE_INFINITY
    for (let look = 0; look < 8; look++) {
      await delay(500)
      const metrics = await (await fetch(`${this.url}/metrics`)).text()
      least = Math.min(least, Number(/^corecord_memory_bytes\{kind="resident"\} (\S+)$/m.exec(metrics)?.[1]))
    }
    return least
  }

  async stop(): Promise<void> {
    this.#running.child.kill('SIGTERM')
    await this.#running.ended
  }
}

async function fill(data: string): Promise<number> {
  const args = ['serve', '--demo', String(RECORDS), '--data', data, '--port', '0', '--host', '127.0.0.1']
  const running = spawnCorecord([...args, '--log-format', 'json'])
  const records = Number(await running.printed(/"records":(\d+)/))
  await running.printed(/corecord serves/)
  running.child.kill('SIGTERM')
  await running.ended
  return records
}

function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)
}

async function roomsOf(server: Server, token: string, count: number): Promise<string[]> {
  const rooms: string[] = []
  let cursor = ''
  while (rooms.length < count) {
    const address = `${server.url}/api/records/ticket?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`
    const answer = await fetch(address, { headers: { authorization: `Bearer ${token}` } })
    const page: { rows: { id: string }[]; cursor: string | null } = await answer.json()
    rooms.push(...page.rows.map(({ id }) => `ticket:${id}`))
    if (!page.cursor) break
    cursor = page.cursor
  }
  return rooms.slice(0, count)
}

/** Sockets of stock clients, each having been told all of its record. */
async function open(server: Server, token: string, rooms: readonly string[]): Promise<WebSocket[]> {
  const sockets: WebSocket[] = []
  for (const room of rooms) {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/sync/${room}?token=${token}`)
    sockets.push(socket)
    await once(socket, 'open')
    const told = new Promise<void>((resolve, reject) => {
      socket.on('message', (data: Buffer) => data[0] === 0 && resolve())
      socket.once('close', (code, reason) => reject(new Error(`${room}: ${code} ${String(reason)}`)))
    })
    // «What do you have?», from somebody who has nothing.
    socket.send(Uint8Array.of(0, 0, 1, 0))
    await told
    socket.removeAllListeners('close')
  }
  return sockets
}

async function measureServer(data: string): Promise<void> {
  const records = await fill(data)
  const bytes = bytesIn(data)
  const count = records.toLocaleString('en')
  report(
    `${count} records of the demo on the disk, with rows, history and events`,
    `${shown(bytes / 1e6)} MB, ${shown(bytes / records / 1e3)} KB each`,
  )
  const token = await mintToken(
    secret,
    { sub: 'ana', name: 'Ana', roles: ['admin'], lifetimeSeconds: 7_200 },
    Date.now,
  )
  let server = await Server.start(data)
  report(`from the start until ${count} records are served`, `${shown(server.startMs / 1e3)} s`)
  const rest = await server.memory()
  report(`memory with ${count} records stored, none open`, `${shown(rest / 1e6)} MB`)
  const [room = ''] = await roomsOf(server, token, 1)
  const before = await server.memory()
  const sockets = await open(server, token, new Array<string>(SOCKETS).fill(room))
  const each = ((await server.memory()) - before) / SOCKETS
  report(
    `memory of a socket on a record, of ${SOCKETS.toLocaleString('en')} on one`,
    `${shown(each / 1e3)} KB`,
  )
  for (const socket of sockets) socket.terminate()
  await server.stop()

  // Anew, because memory that was given back stays with the process.
  server = await Server.start(data)
  const rooms = await roomsOf(server, token, OPENED)
  const closed = await server.memory()
  const readers = await open(server, token, rooms)
  const one = ((await server.memory()) - closed) / rooms.length
  report(
    `memory of an open record with its socket, of ${rooms.length.toLocaleString('en')}`,
    `${shown(one / 1e3)} KB`,
  )
  for (const socket of readers) socket.terminate()
  await server.stop()
}

/** Figures of another benchmark, by its questions. */
function figuresOf(bench: string): (question: RegExp) => number {
  if (!isJson) console.log(`… npm run bench -- ${bench} --quick`)
  const file = join(import.meta.dirname, `${bench}.bench.js`)
  const done = spawnSync(process.execPath, ['--expose-gc', file, '--quick', '--json'], { encoding: 'utf8' })
  if (done.status !== 0) throw new Error(`${bench}: ${done.stdout}${done.stderr}`)
  const found: { question: string; value: number }[] = JSON.parse(done.stdout.trim().split('\n').at(-1) ?? '')
  return question => {
    const line = found.find(one => question.test(one.question))
    if (line === undefined) throw new Error(`${bench} answers no ${question}`)
    return line.value
  }
}

const machine = `${cpus()[0]?.model ?? 'CPU'}, ${cpus().length} cores, Node ${process.version}`
if (!isJson) console.log(`sizing: ${machine}`)
const folder = mkdtempSync(join(tmpdir(), 'corecord-sizing-'))
try {
  await measureServer(join(folder, 'data'))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
const store = figuresOf('store')
report(
  'commits of one typed change each, each with its fsync',
  `${shown(store(/batches of 1, each update \+ row/))} a second`,
)
report(
  'the same, gathered as the server does under load',
  `${shown(store(/^group commit/))} changes a second`,
)
const lists = figuresOf('lists')
report(
  'a row of a list in memory, once a list of its type was asked for',
  `${shown(lists(/in memory, a row/) / 1e3)} KB`,
)
report(
  '500 edits a second under 1,000 live lists',
  `${shown(lists(/^server CPU/))} cores; ${shown(lists(/to its delta: p99/))} ms to the last screen (99th percentile)`,
)
if (isJson) console.log(JSON.stringify({ machine, lines }))
if (process.argv.includes('--write')) {
  const rows = lines.map(({ what, figure }) => `| ${what} | ${figure} |`)
  const table = ['| what | figure |', '| --- | --- |', ...rows].join('\n')
  const day = new Date().toISOString().slice(0, 10)
  writeFileSync(
    PAGE,
    withGeneratedPart(readFileSync(PAGE, 'utf8'), 'sizing', `${machine}, ${day}:\n\n${table}`),
  )
}
