// A server, a page built as an application is, and as many browsers as a story has people.

import { type ChildProcess, spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { build, transformWithOxc } from 'vite'
import { mintToken } from '../../../server/access/mint-token.ts'
import { restoreBackup } from '../../../server/operate/restore-backup.ts'
import { type CorecordServer, createServer, type ServerOptions } from '../../../server/server.ts'
import { Part, Ticket } from '../../client/records.ts'
import { freePort } from '../../free-port.ts'
import { launchChromium } from '../launch-chromium.ts'

const secret = 'a secret of more than thirty-two characters'

export class Stage {
  server!: CorecordServer
  #browser: Browser | null = null
  #folder!: string
  #pages!: Server
  #port = 0
  #process: ChildProcess | null = null
  readonly #contexts: BrowserContext[] = []
  readonly #chromiumArgs: readonly string[]

  constructor(chromiumArgs: readonly string[] = []) {
    this.#chromiumArgs = chromiumArgs
  }

  /** The page is built once for all stories, and served apart from the server, which may go down. */
  async open(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'corecord-stage-'))
    this.#port = await freePort()
    await build({
      root: fileURLToPath(new URL('page', import.meta.url)),
      // Where it stands is not known: a server's root, or a folder.
      base: './',
      configFile: false,
      logLevel: 'error',
      build: { outDir: join(this.#folder, 'page'), emptyOutDir: true, minify: false },
    })
    this.#pages = createHttpServer((request, response) => void this.#servePage(request.url ?? '/', response))
    await new Promise<void>(done => this.#pages.listen(0, '127.0.0.1', done))
  }

  async startServer(options: Partial<ServerOptions> = {}): Promise<void> {
    this.server = createServer({
      records: [Ticket, Part],
      secret,
      dataFolder: join(this.#folder, 'data'),
      port: this.#port,
      host: '127.0.0.1',
      corsOrigins: ['*'],
      drainMs: 3_000,
      ...options,
    })
    await this.server.start()
  }

  async stopServer(): Promise<void> {
    await this.server.close()
  }

  /** One moment of the server, as an operator keeps it. */
  async backup(): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    for await (const part of this.server.operations.backup(() => {})) parts.push(part)
    return Buffer.concat(parts)
  }

  /** In place of what the stopped server had. */
  async restore(backup: Uint8Array): Promise<void> {
    const data = join(this.#folder, 'data')
    await rm(data, { recursive: true, force: true })
    await restoreBackup(Readable.from([backup]), data)
  }

  /** Over the same data and port, in a process of its own, which can be killed. */
  async startProcess(): Promise<void> {
    await this.server.close()
    const records = join(this.#folder, 'records.mjs')
    await writeFile(records, await recordsModule())
    await writeFile(join(this.#folder, 'secret'), secret)
    const options = {
      port: String(this.#port),
      host: '127.0.0.1',
      data: join(this.#folder, 'data'),
      records,
      'secret-file': join(this.#folder, 'secret'),
      'cors-origin': '*',
    }
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])
    const child = spawn(process.execPath, ['dist/server/main.js', 'serve', ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#process = child
    await new Promise<void>((done, failed) => {
      child.stdout.on('data', (words: Buffer) => {
        if (words.includes('serves')) done()
      })
      child.once('exit', code => failed(new Error(`the server ended with ${code}`)))
    })
  }

  /** kill -9. */
  async killProcess(): Promise<void> {
    const child = this.#process
    this.#process = null
    if (child === null || child.exitCode !== null) return
    child.removeAllListeners('exit')
    await new Promise<void>(done => {
      child.once('exit', () => done())
      child.kill('SIGKILL')
    })
  }

  async person(): Promise<BrowserContext> {
    this.#browser ??= await launchChromium(...this.#chromiumArgs)
    const context = await this.#browser.newContext()
    context.setDefaultTimeout(60_000)
    this.#contexts.push(context)
    return context
  }

  token(
    user: string,
    claims: { readonly roles?: readonly string[]; readonly lifetimeSeconds?: number } = {},
  ): Promise<string> {
    const { roles = [], lifetimeSeconds = 3600 } = claims
    return mintToken(secret, { sub: user, name: user, roles, lifetimeSeconds }, Date.now)
  }

  /** Of the page, for somebody who is signed in. */
  async address(user: string, options: Readonly<Record<string, string>> = {}): Promise<string> {
    const query = new URLSearchParams({
      server: `http://127.0.0.1:${this.#port}`,
      token: await this.token(user),
      ...options,
    })
    return `http://127.0.0.1:${(this.#pages.address() as AddressInfo).port}/?${query}`
  }

  /** The same page as a file, without a server of its own. */
  async fileAddress(user: string): Promise<string> {
    const { search } = new URL(await this.address(user))
    return `${pathToFileURL(join(this.#folder, 'page', 'index.html')).href}${search}`
  }

  async tab(
    context: BrowserContext,
    user: string,
    options: Readonly<Record<string, string>> = {},
  ): Promise<Page> {
    const page = await context.newPage()
    page.on('pageerror', error => {
      throw error
    })
    await page.goto(await this.address(user, options))
    return page
  }

  async endStory(): Promise<void> {
    for (const context of this.#contexts.splice(0)) await context.close()
    await this.killProcess()
    await this.server.close()
    await rm(join(this.#folder, 'data'), { recursive: true, force: true })
  }

  async close(): Promise<void> {
    await this.#browser?.close()
    await new Promise(done => this.#pages.close(done))
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #servePage(url: string, response: import('node:http').ServerResponse): Promise<void> {
    const { pathname } = new URL(url, 'http://page')
    const file = join(this.#folder, 'page', pathname === '/' ? 'index.html' : pathname)
    const isThere = await stat(file).then(
      one => one.isFile(),
      () => false,
    )
    if (!isThere) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' })
    createReadStream(file).pipe(response)
  }
}

/** The record types of these stories, for a server that is run as it is installed. */
const recordsModule = async (): Promise<string> => {
  const file = new URL('../../client/records.ts', import.meta.url)
  const { code } = await transformWithOxc(await readFile(file, 'utf8'), fileURLToPath(file))
  const shared = pathToFileURL(join(process.cwd(), 'dist/shared/index.js')).href
  return code.replace(/(['"])[./]*shared\/index\.ts\1/, JSON.stringify(shared))
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
}
