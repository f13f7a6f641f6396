// What the client's benchmark is played on: a server as it is served, filled with tickets, and a page of it in a real
// Chromium for whoever comes.

import { createReadStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { createServer as createHttpServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { pino } from 'pino'
import { type Browser, chromium, type Page } from 'playwright-core'
import { build } from 'vite'
import { mintToken } from '../../server/access/mint-token.ts'
import { type CorecordServer, createServer } from '../../server/server.ts'
import { createRandom } from '../../server/simulate/random.ts'
import { Ticket } from '../../shared/types/ticket.ts'
import type {} from './client-page/main.ts'

const secret = 'a secret for nothing but this benchmark'
const pageFolder = join(process.cwd(), 'test/bench/client-page')
const CONTENT_TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' }

export const idOf = (n: number): string => `n${String(n).padStart(5, '0')}`

export const tokenOf = (sub: string): Promise<string> =>
  mintToken(secret, { sub, name: sub, roles: ['admin', 'manager'], lifetimeSeconds: 86_400 }, Date.now)

export class ClientStage {
  #folder!: string
  #server!: CorecordServer
  #pages!: Server
  #browser!: Browser

  async open(rows: number): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'corecord-bench-client-'))
    this.#server = createServer({
      records: [Ticket],
      secret,
      dataFolder: join(this.#folder, 'data'),
      port: 0,
      host: '127.0.0.1',
      corsOrigins: ['*'],
      logger: pino({ level: 'silent' }),
    })
    await this.#server.start()
    await fill(this.#server.url, rows)
    this.#pages = await this.#servePage()
    this.#browser = await chromium.launch({
      executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--enable-precise-memory-info'],
    })
  }

  async close(): Promise<void> {
    await this.#browser?.close()
    this.#pages?.close()
    await this.#server?.close()
    await rm(this.#folder, { recursive: true, force: true })
  }

  get url(): string {
    return this.#server.url
  }

  get browserVersion(): string {
    return this.#browser.version()
  }

  /** A device of somebody's, on which pages are opened one after the other. */
  async device(user: string): Promise<{ open(): Promise<Page>; close(): Promise<void> }> {
    const context = await this.#browser.newContext()
    const query = new URLSearchParams({ server: this.#server.url, token: await tokenOf(user) })
    const { port } = this.#pages.address() as AddressInfo
    return {
      open: async () => {
        const page = await context.newPage()
        page.on('pageerror', error => {
          throw error
        })
        await page.goto(`http://127.0.0.1:${port}/?${query}`)
        await page.evaluate(() => window.bench.isLive())
        return page
      },
      close: () => context.close(),
    }
  }

  async #servePage(): Promise<Server> {
    const built = join(this.#folder, 'page')
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
          const type = CONTENT_TYPES[extname(file)] ?? 'application/octet-stream'
          response.writeHead(200, { 'content-type': type })
          createReadStream(file).pipe(response)
        },
        () => response.writeHead(404).end(),
      )
    })
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
    return server
  }
}

const fill = async (url: string, rows: number): Promise<void> => {
  const random = createRandom(1)
  const words = ['valve', 'door', 'boiler', 'lift', 'alarm', 'gate', 'pump', 'lamp', 'roof', 'window']
  const body = Array.from({ length: rows }, (_, n) =>
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
    headers: {
      'content-type': 'application/x-ndjson',
      authorization: `Bearer ${await tokenOf('importer')}`,
    },
    body,
  })
  const told = (await response.text()).trim().split('\n').at(-1) ?? ''
  const { done } = JSON.parse(told) as { done?: { created?: number } }
  if (done?.created !== rows) throw new Error(`the import made ${told}`)
}
