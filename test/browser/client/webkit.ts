// WebKit, the engine of Safari, as GTK has it: driven by WebDriver, on a screen that nobody looks at.

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../../free-port.ts'
import { DrivenPage, TRIES_MAX, TRY_AGAIN_MS } from './driven-page.ts'

const DRIVER = '/usr/bin/WebKitWebDriver'
const SCREEN = '/usr/bin/Xvfb'
const BROWSER = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/webkit2gtk-4.1/MiniBrowser`

/** Debian has them as webkit2gtk-driver and xvfb. */
export const isWebKitHere = [DRIVER, SCREEN, BROWSER].every(file => existsSync(file))

const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf'

export class WebKit extends DrivenPage {
  readonly #processes: readonly ChildProcess[]
  readonly #folder: string
  #session: string

  private constructor(processes: readonly ChildProcess[], folder: string, session: string) {
    super()
    this.#processes = processes
    this.#folder = folder
    this.#session = session
  }

  static async launch(): Promise<WebKit> {
    const folder = await mkdtemp(join(tmpdir(), 'corecord-webkit-'))
    const screen = spawn(SCREEN, ['-displayfd', '1', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const display = await new Promise<string>((done, failed) => {
      screen.stdout.on('data', (bytes: Buffer) => done(`:${bytes.toString().trim()}`))
      screen.once('exit', code => failed(new Error(`Xvfb ended with ${code}`)))
    })
    const port = await freePort()
    const driver = spawn(DRIVER, [`--port=${port}`], {
      stdio: 'ignore',
      // What it starts ends with it.
      detached: true,
      env: {
        ...process.env,
        DISPLAY: display,
        HOME: folder,
        XDG_RUNTIME_DIR: folder,
        NO_AT_BRIDGE: '1',
        LIBGL_ALWAYS_SOFTWARE: '1',
        WEBKIT_DISABLE_COMPOSITING_MODE: '1',
      },
    })
    const webkit = new WebKit([driver, screen], folder, `http://127.0.0.1:${port}/session`)
    const options = { binary: BROWSER, args: ['--automation'] }
    const capabilities = { alwaysMatch: { browserName: 'MiniBrowser', 'webkitgtk:browserOptions': options } }
    for (let tries = 0; ; tries++) {
      try {
        const { sessionId } = (await webkit.#ask('POST', '', { capabilities })) as { sessionId: string }
        webkit.#session += `/${sessionId}`
        return webkit
      } catch (error) {
        // It does not listen yet.
        if (!(error instanceof TypeError) || tries === TRIES_MAX) throw error
        await pause(TRY_AGAIN_MS)
      }
    }
  }

  async goTo(url: string): Promise<void> {
    await this.#ask('POST', '/url', { url })
  }

  async back(): Promise<void> {
    await this.#ask('POST', '/back', {})
  }

  async reload(): Promise<void> {
    await this.#ask('POST', '/refresh', {})
  }

  read(expression: string): Promise<unknown> {
    return this.#ask('POST', '/execute/sync', { script: `return ${expression}`, args: [] })
  }

  /** With the keys, at the end of what is there. */
  async type(selector: string, text: string): Promise<void> {
    await this.#ask('POST', `/element/${await this.#find(selector)}/value`, { text })
  }

  async close(): Promise<void> {
    await this.#ask('DELETE', '').catch(() => {})
    const [driver, screen] = this.#processes
    if (driver?.pid !== undefined) process.kill(-driver.pid, 'SIGKILL')
    screen?.kill('SIGKILL')
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }

  async #find(value: string): Promise<string> {
    await this.until(`document.querySelector(${JSON.stringify(value)})`)
    const found = await this.#ask('POST', '/element', { using: 'css selector', value })
    return (found as { [ELEMENT]: string })[ELEMENT]
  }

  async #ask(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(this.#session + path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const { value } = (await response.json()) as { value: unknown }
    if (!response.ok) throw new Error(`${path}: ${JSON.stringify(value)}`)
    return value
  }
}
