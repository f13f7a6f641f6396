/**
 * What does the client cost the device it runs on? A server as it is served, and a page in a real Chromium: a
 * thousand records open, a working set for the cellar, a list that changes all the time, and the size of it all.
 */
import { createReadStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { cpus, tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { pino } from 'pino'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { build, type Rolldown } from 'vite'
import { WebSocket } from 'ws'
import { connect } from '../../client/index.ts'
import { mintToken } from '../../server/access/mint-token.ts'
import { createServer } from '../../server/server.ts'
import { createRandom } from '../../server/simulate/random.ts'
import { Ticket } from '../../shared/types/index.ts'
import type {} from './client-page/main.ts'

const isQuick = process.argv.includes('--quick')
const isJson = process.argv.includes('--json')
const secret = 'a secret for nothing but this benchmark'
const ROWS = isQuick ? 2_000 : 10_000
const OPEN = 1_000
const KEPT = 300
const DELTAS_PER_SECOND = 200
const IDLE_SECONDS = isQuick ? 25 : 65
const LIST_SECONDS = isQuick ? 5 : 20

interface Line {
  readonly question: string
  readonly value: number
  readonly unit: string
  /** What it is to be at most, or at least. */
  readonly aim?: { readonly most: number } | { readonly least: number }
}

const lines: Line[] = []

const report = (question: string, value: number, unit: string, aim?: Line['aim']): void => {
  lines.push({ question, value, unit, ...(aim === undefined ? {} : { aim }) })
  if (isJson) return
  const shown = (value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en')).padStart(12)
  console.log(`${question.padEnd(72)}${shown} ${unit}${aim === undefined ? '' : `   ${verdict(value, aim)}`}`)
}

const verdict = (value: number, aim: NonNullable<Line['aim']>): string =>
  'most' in aim
    ? `aim ≤ ${aim.most}: ${value <= aim.most ? 'met' : 'NOT MET'}`
    : `aim ≥ ${aim.least}: ${value >= aim.least ? 'met' : 'NOT MET'}`

const named = (count: number): string => count.toLocaleString('en')
const idOf = (n: number): string => `n${String(n).padStart(5, '0')}`
const percentile = (times: readonly number[], share: number): number =>
  [...times].sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0

// --- The size of it, as an application's bundler makes it.

const pageFolder = join(process.cwd(), 'test/bench/client-page')
const YJS = /^(yjs|lib0|y-protocols|y-websocket)(\/|$)/
const REACT = /^(react|react-dom|scheduler)(\/|$)/

const bundle = async (entry: string, external: readonly RegExp[]): Promise<Uint8Array> => {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      target: 'es2022',
      minify: true,
      rollupOptions: {
        input: entry,
        external: id => external.some(one => one.test(id)),
        output: { format: 'es' },
        preserveEntrySignatures: 'strict',
      },
    },
  })
  // One input and no watching gives one output.
  const { output } = built as Rolldown.RolldownOutput
  return Buffer.concat(output.map(part => Buffer.from(part.type === 'chunk' ? part.code : part.source)))
}

const size = async (): Promise<void> => {
  const client = join(process.cwd(), 'client/index.ts')
  const react = join(process.cwd(), 'client/react/index.ts')
  const own = await bundle(client, [YJS, REACT])
  const whole = await bundle(client, [REACT])
  const hooks = await bundle(react, [YJS, REACT])
  const kb = (bytes: Uint8Array): number => gzipSync(bytes).length / 1_000
  report('corecord/client, bundled and gzipped, Yjs apart', kb(own), 'KB')
  report('corecord/react beside it, React and Yjs apart', kb(hooks), 'KB')
  report('Yjs, y-protocols, y-websocket and lib0 beneath it', kb(whole) - kb(own), 'KB')
}

// --- A server with records, and the page.

const folder = await mkdtemp(join(tmpdir(), 'corecord-bench-client-'))
const token = (sub: string): Promise<string> =>
  mintToken(secret, { sub, name: sub, roles: ['admin', 'manager'], lifetimeSeconds: 86_400 }, Date.now)

const fill = async (url: string): Promise<void> => {
  const random = createRandom(1)
  const words = ['valve', 'door', 'boiler', 'lift', 'alarm', 'gate', 'pump', 'lamp', 'roof', 'window']
  const body = Array.from({ length: ROWS }, (_, n) =>
    JSON.stringify({
      id: idOf(n),
      title: `The ${random.pick(words)} on floor ${random.below(30)} is broken`,
      status: random.pick(['open', 'in_progress', 'waiting', 'done']),
      priority: random.pick(['low', 'normal', 'high', 'urgent']),
      site: `site:${random.below(400)}`,
      description: `${random.pick(words)}, ${random.pick(words)} and ${random.pick(words)}. `.repeat(4),
    }),
  ).join('\n')
  const response = await fetch(`${url}/api/import/ticket`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', authorization: `Bearer ${await token('importer')}` },
    body,
  })
  const told = (await response.text()).trim().split('\n').at(-1) ?? ''
  const { done } = JSON.parse(told) as { done?: { created?: number } }
  if (done?.created !== ROWS) throw new Error(`the import made ${told}`)
}

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' }

const servePage = async (): Promise<{ url: string; close(): void }> => {
  const built = join(folder, 'page')
  await build({
    root: pageFolder,
    configFile: false,
    logLevel: 'error',
    build: { outDir: built, emptyOutDir: true },
  })
  const server = createHttpServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://page')
    const file = join(built, pathname === '/' ? 'index.html' : pathname)
    void stat(file).then(
      () => {
        response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' })
        createReadStream(file).pipe(response)
      },
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() }
}

const heapBytes = async (context: BrowserContext, page: Page): Promise<number> => {
  const session = await context.newCDPSession(page)
  await session.send('HeapProfiler.enable')
  for (let i = 0; i < 3; i++) await session.send('HeapProfiler.collectGarbage')
  // Newer than the types that playwright has of it.
  const usage = (await session.send('Runtime.getHeapUsage')) as {
    usedSize: number
    backingStorageSize?: number
  }
  await session.detach()
  return usage.usedSize + (usage.backingStorageSize ?? 0)
}

/** Seconds that the page's own thread has worked so far. */
const workedSeconds = async (page: Page): Promise<number> => {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')
  const { metrics } = await session.send('Performance.getMetrics')
  await session.detach()
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0
}

const thousandOpen = async (context: BrowserContext, open: () => Promise<Page>): Promise<void> => {
  const page = await open()
  const before = await heapBytes(context, page)
  const ids = Array.from({ length: OPEN }, (_, n) => idOf(n))
  const ms = await page.evaluate(all => window.bench.openMany(all), ids)
  report(`${named(OPEN)} records, from opening until each is current and on the device`, ms, 'ms')
  const after = await heapBytes(context, page)
  report(`${named(OPEN)} records open: memory, a record`, (after - before) / OPEN / 1_000, 'KB')
  await wait(3_000)
  await page.evaluate(() => window.bench.beginTraffic())
  await wait(IDLE_SECONDS * 1_000)
  const traffic = await page.evaluate(() => window.bench.endTraffic())
  const beats = ['out ping', 'in pong']
  const other = Object.entries(traffic).filter(([name]) => !beats.includes(name))
  report(
    `${named(OPEN)} records, idle for ${IDLE_SECONDS} s: frames besides the heartbeat`,
    other.reduce((sum, [, { frames }]) => sum + frames, 0),
    'frames',
    { most: 0 },
  )
  const bytes = Object.values(traffic).reduce((sum, one) => sum + one.bytes, 0)
  report(`${named(OPEN)} records, idle: the heartbeat`, bytes / IDLE_SECONDS, 'bytes/s')
  if (other.length > 0) console.error(Object.fromEntries(other))
  await page.close()
}

const workingSet = async (open: () => Promise<Page>): Promise<void> => {
  let page = await open()
  const { ms, bytes } = await page.evaluate(count => window.bench.keep(count), KEPT)
  report(`a working set of ${KEPT} records, ready for off line`, ms / 1_000, 's', { most: 5 })
  report('  which takes on the device', bytes / 1_000, 'KB')
  await page.close()
  page = await open()
  await page.evaluate(() => window.bench.goOffline())
  const again = await page.evaluate(count => window.bench.keep(count), KEPT)
  report('  and again after a reload, off line, nothing fetched', again.ms / 1_000, 's', { most: 5 })
  const ids = Array.from({ length: 200 }, (_, n) => idOf(n))
  const times = await page.evaluate(all => window.bench.openEach(all), ids)
  report('a record of it opened off line: p50', percentile(times, 0.5), 'ms', { most: 50 })
  report('a record of it opened off line: slowest of 200', Math.max(...times), 'ms', { most: 50 })
  await page.close()
}

const busyList = async (url: string, open: () => Promise<Page>): Promise<void> => {
  const page = await open()
  const writer = connect({
    url,
    token: () => token('writer'),
    records: [Ticket],
    storage: 'memory',
    // The `ws` class is a WebSocket as far as a link uses one.
    surroundings: { createSocket: address => new WebSocket(address) as never },
  })
  await writer.ready
  const tickets = Array.from({ length: DELTAS_PER_SECOND }, (_, n) => writer.open(Ticket, idOf(n * 7)))
  await Promise.all(tickets.map(ticket => ticket.whenCurrent()))
  let written = 0
  const began = performance.now()
  const timer = setInterval(() => {
    const due = ((performance.now() - began) / 1_000) * DELTAS_PER_SECOND
    for (; written < due; written++)
      tickets[written % tickets.length]?.set({ title: `Looked at for the ${written}th time` })
  }, 5)
  const workedBefore = await workedSeconds(page)
  const seen = await page.evaluate(
    ([limit, seconds]) => window.bench.watchList(limit ?? 0, seconds ?? 0),
    [ROWS, LIST_SECONDS],
  )
  clearInterval(timer)
  const worked = (await workedSeconds(page)) - workedBefore
  const rate = written / ((performance.now() - began) / 1_000)
  await writer.close()
  report(`a list of ${named(ROWS)} rows: rows changed by others`, rate, 'a second')
  report('  messages that brought them', seen.deltas / seen.seconds, 'a second')
  report('  frames drawn', seen.drawn / seen.seconds, 'a second', { least: 59 })
  report('  between two frames: p99', seen.p99Ms, 'ms')
  report('  between two frames: the longest', seen.longestMs, 'ms')
  report("  the page's thread at work", (100 * worked) / seen.seconds, '%')
  report('  reading the rows and drawing those in sight, a frame', seen.workMs / seen.drawn, 'ms')
  await page.close()
}

const run = async (): Promise<void> => {
  if (!isJson) {
    const [{ model } = { model: 'unknown' }] = cpus()
    console.log(`${model}, ${cpus().length} cores, Node ${process.version}\n`)
  }
  await size()
  const server = createServer({
    records: [Ticket],
    secret,
    dataFolder: join(folder, 'data'),
    port: 0,
    host: '127.0.0.1',
    corsOrigins: ['*'],
    logger: pino({ level: 'silent' }),
  })
  await server.start()
  await fill(server.url)
  const pages = await servePage()
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--enable-precise-memory-info'],
  })
  if (!isJson) console.log(`Chromium ${browser.version()}\n`)
  try {
    const newContext = async (user: string): Promise<[BrowserContext, () => Promise<Page>]> => {
      const context = await browser.newContext()
      const query = new URLSearchParams({ server: server.url, token: await token(user) })
      const open = async (): Promise<Page> => {
        const page = await context.newPage()
        page.on('pageerror', error => {
          throw error
        })
        await page.goto(`${pages.url}?${query}`)
        await page.evaluate(() => window.bench.isLive())
        return page
      }
      return [context, open]
    }
    const [context, open] = await newContext('ana')
    await thousandOpen(context, open)
    await context.close()
    const [cellar, openCellar] = await newContext('bo')
    await workingSet(openCellar)
    await cellar.close()
    const [wall, openWall] = await newContext('cy')
    await busyList(server.url, openWall)
    await wall.close()
  } finally {
    await browser.close()
    pages.close()
    await server.close()
  }
}

try {
  await run()
} finally {
  await rm(folder, { recursive: true, force: true })
}
if (isJson) console.log(JSON.stringify(lines))
