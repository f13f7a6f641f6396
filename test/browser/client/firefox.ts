// Firefox, driven by WebDriver BiDi, which it speaks by itself: as much of it as the stories need.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { DrivenPage } from './driven-page.ts'

/** Nothing of its own over the network, and tabs in the background as quick as the one in front. */
const PREFERENCES = {
  'app.update.disabledForTesting': true,
  'browser.safebrowsing.blockedURIs.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'dom.min_background_timeout_value': 4,
  'dom.timeout.enable_budget_timer_throttling': false,
  'extensions.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'http://127.0.0.1:1/',
}

type Answer = Readonly<Record<string, unknown>>

export class Firefox {
  readonly #process: ChildProcess
  readonly #folder: string
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, { done(answer: Answer): void; failed(error: Error): void }>()
  #lastId = 0

  private constructor(process: ChildProcess, folder: string, socket: WebSocket) {
    this.#process = process
    this.#folder = folder
    this.#socket = socket
    socket.on('message', (bytes: Buffer) => this.#hear(JSON.parse(bytes.toString()) as Answer))
    socket.on('close', () => {
      for (const { failed } of this.#waiting.values()) failed(new Error('Firefox is gone'))
      this.#waiting.clear()
    })
  }

  static async launch(path: string): Promise<Firefox> {
    const folder = await mkdtemp(join(tmpdir(), 'corecord-firefox-'))
    const preferences = Object.entries(PREFERENCES).map(
      ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
    )
    await writeFile(join(folder, 'user.js'), preferences.join('\n'))
    const process = spawn(
      path,
      ['--headless', '--no-remote', '--profile', folder, '--remote-debugging-port', '0', 'about:blank'],
      // It will not run as root in somebody else's home.
      { stdio: ['ignore', 'ignore', 'pipe'], env: { ...globalThis.process.env, HOME: folder } },
    )
    const address = await new Promise<string>((done, failed) => {
      let words = ''
      process.stderr.on('data', (bytes: Buffer) => {
        words += bytes.toString()
        const [, found] = /BiDi listening on (ws:\S+)\s/.exec(words) ?? []
        if (found !== undefined) done(found)
      })
      process.once('error', failed)
      process.once('exit', code => failed(new Error(`Firefox ended with ${code}: ${words}`)))
    })
    const socket = new WebSocket(`${address}/session`)
    await new Promise((done, failed) => {
      socket.once('open', done)
      socket.once('error', failed)
    })
    const firefox = new Firefox(process, folder, socket)
    await firefox.send('session.new', { capabilities: {} })
    return firefox
  }

  /** Somebody with a storage of their own. */
  async person(): Promise<FirefoxPerson> {
    const { userContext } = await this.send('browser.createUserContext', {})
    return new FirefoxPerson(this, String(userContext))
  }

  send(method: string, params: Answer): Promise<Answer> {
    const id = ++this.#lastId
    return new Promise((done, failed) => {
      this.#waiting.set(id, { done, failed })
      this.#socket.send(JSON.stringify({ id, method, params }))
    })
  }

  async close(): Promise<void> {
    const hasEnded = new Promise(done => this.#process.once('exit', done))
    const isRunning = this.#process.exitCode === null && this.#process.signalCode === null
    this.#socket.terminate()
    this.#process.kill('SIGKILL')
    if (isRunning) await hasEnded
    // Its helpers end a moment after it, and may still be writing.
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }

  #hear(message: Answer): void {
    const waiting = this.#waiting.get(Number(message['id']))
    if (waiting === undefined) return
    this.#waiting.delete(Number(message['id']))
    if (message['type'] === 'success') waiting.done(message['result'] as Answer)
    else waiting.failed(new Error(`${String(message['error'])}: ${String(message['message'])}`))
  }
}

export class FirefoxPerson {
  readonly #firefox: Firefox
  readonly #userContext: string

  constructor(firefox: Firefox, userContext: string) {
    this.#firefox = firefox
    this.#userContext = userContext
  }

  async tab(url: string): Promise<FirefoxTab> {
    const { context } = await this.#firefox.send('browsingContext.create', {
      type: 'window',
      userContext: this.#userContext,
    })
    const tab = new FirefoxTab(this.#firefox, String(context))
    await this.#firefox.send('browsingContext.navigate', { context: tab.context, url, wait: 'complete' })
    return tab
  }
}

export class FirefoxTab extends DrivenPage {
  readonly context: string
  readonly #firefox: Firefox

  constructor(firefox: Firefox, context: string) {
    super()
    this.#firefox = firefox
    this.context = context
  }

  async read(expression: string): Promise<unknown> {
    const { type, result, exceptionDetails } = await this.#firefox.send('script.evaluate', {
      expression: `(async () => JSON.stringify((await (${expression})) ?? null))()`,
      target: { context: this.context },
      awaitPromise: true,
    })
    if (type !== 'success') throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`)
    return JSON.parse(String((result as Answer)['value']))
  }

  /** With the keys, as a person does, at the end of what is there. */
  async type(selector: string, words: string): Promise<void> {
    await this.until(`document.querySelector(${JSON.stringify(selector)})`)
    await this.read(`(() => {
      const input = document.querySelector(${JSON.stringify(selector)})
      input.focus()
      input.setSelectionRange(input.value.length, input.value.length)
    })()`)
    await this.#firefox.send('input.performActions', {
      context: this.context,
      actions: [
        {
          type: 'key',
          id: 'keys',
          actions: [...words].flatMap(value => [
            { type: 'keyDown', value },
            { type: 'keyUp', value },
          ]),
        },
      ],
    })
  }

  async reload(): Promise<void> {
    await this.#firefox.send('browsingContext.reload', { context: this.context, wait: 'complete' })
  }

  async close(): Promise<void> {
    await this.#firefox.send('browsingContext.close', { context: this.context })
  }
}
