// The app as people use it: a server, the built pages, and a browser for everybody who has a part in the story.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Browser, BrowserContext, Page, WebSocketRoute } from 'playwright-core'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { WebSocket } from 'ws'
import { connect, type Desk } from '../../client/desk.ts'
import type { SocketLike } from '../../client/surroundings.ts'
import { mintToken } from '../../server/access/mint-token.ts'
import { type CorecordServer, createServer } from '../../server/server.ts'
import { demoRecords } from '../../shared/types/demo-records.ts'
import { User } from '../../shared/types/people.ts'
import { buildProgram } from '../cli-process.ts'
import { freePort } from '../free-port.ts'
import { launchChromium } from './launch-chromium.ts'

const secret = 'a secret of more than thirty-two characters'

const people: Readonly<Record<string, { readonly name: string; readonly roles: readonly string[] }>> = {
  marko: { name: 'Marko Petrović', roles: ['magacioner'] },
  jelena: { name: 'Jelena Ilić', roles: ['magacioner'] },
  dragan: { name: 'Dragan Kovač', roles: ['shift_lead'] },
  vesna: { name: 'Vesna Jović', roles: ['manager'] },
  wall: { name: 'TV on the wall', roles: ['wall'] },
  claire: { name: 'Claire Dubois', roles: ['engineer'] },
  hugo: { name: 'Hugo Martin', roles: ['office'] },
  sophie: { name: 'Sophie Laurent', roles: ['project_manager'] },
  ana: { name: 'Ana Anić', roles: ['therapist'] },
  ivan: { name: 'Ivan Babić', roles: ['therapist'] },
  olga: { name: 'Olga Marić', roles: ['operator'] },
  petra: { name: 'Petra Lim', roles: ['operator'] },
  dana: { name: 'Dana Novak', roles: ['dispatcher'] },
  tomas: { name: 'Tomáš Horák', roles: ['technician'] },
  lea: { name: 'Lea Meyer', roles: ['technician'] },
  mira: { name: 'Mira Savić', roles: ['manager'] },
  milo: { name: 'Milo Kranjc', roles: ['technician'] },
  rita: { name: 'Rita Vogel', roles: ['dispatcher'] },
  tara: { name: 'Tara Lukić', roles: ['technician'] },
  nina: { name: 'Nina Rossi', roles: ['clerk'] },
  paul: { name: 'Paul Weber', roles: ['office'] },
  'lab-office': { name: 'Office', roles: ['lab_desk'] },
  'lab-tablet': { name: 'Tablet', roles: ['lab_hand'] },
  'lab-wall': { name: 'Wall display', roles: ['lab_wall'] },
  root: { name: 'Root', roles: ['admin'] },
}

const sizes = {
  phone: { width: 390, height: 844 },
  tablet: { width: 1024, height: 768 },
  desktop: { width: 1440, height: 900 },
  tv: { width: 1920, height: 1080 },
} as const

interface DeviceOptions {
  readonly dark?: boolean
  readonly locale?: string
  readonly timeZone?: string
  /** With its service worker, which the other stories do without. */
  readonly isInstalled?: boolean
  /** Of who works in more than one house. */
  readonly roles?: readonly string[]
}

/** A photo of one pixel. */
export const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

/** It stands for as long as the file's stories are told. */
export const stageOfStories = (): AppStage => {
  const stage = new AppStage()
  beforeAll(() => stage.open())
  afterAll(() => stage.close())
  afterEach(() => stage.endStory())
  return stage
}

export class AppStage {
  server!: CorecordServer
  #browser!: Browser
  #folder!: string
  #port = 0
  readonly #contexts: BrowserContext[] = []
  readonly #desks: Desk[] = []
  readonly #isDemo: boolean
  readonly #app: string

  constructor({ isDemo = true, app = process.env.CORECORD_APP ?? 'dist/app' } = {}) {
    this.#isDemo = isDemo
    this.#app = app
  }

  async open(): Promise<void> {
    if (process.env.CORECORD_APP === undefined) buildProgram()
    this.#folder = await mkdtemp(join(tmpdir(), 'corecord-app-'))
    this.#browser = await launchChromium(
      // A camera that shows a test picture, and that nobody has to allow.
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
    )
    this.#port = await freePort()
    await this.startServer()
    const desk = await this.desk('root')
    await Promise.all(
      Object.entries(people).map(async ([id, { name, roles }]) => {
        const user = desk.create(User, { name }, { id })
        user.union('roles').add(...roles)
        await user.whenSaved()
        user.close()
      }),
    )
  }

  async startServer(): Promise<void> {
    this.server = createServer({
      records: demoRecords,
      secret,
      demo: this.#isDemo,
      dataFolder: join(this.#folder, 'data'),
      port: this.#port,
      host: '127.0.0.1',
      appFolder: resolve(this.#app),
      drainMs: 3_000,
    })
    await this.server.start()
  }

  /** Somebody with no screen: what a story begins with is written by them. */
  async desk(user: string): Promise<Desk> {
    const token = await this.tokenOf(user)
    const desk = connect({
      url: this.server.url,
      token: () => token,
      records: demoRecords,
      storage: 'memory',
      surroundings: {
        createSocket: (url, protocols) => new WebSocket(url, [...protocols]) as unknown as SocketLike,
      },
    })
    this.#desks.push(desk)
    await desk.ready
    return desk
  }

  /** By the administrator: the content of a deleted record goes for good. */
  async purge(record: string): Promise<void> {
    await this.#askAsRoot('POST', '/api/admin/purge', { record })
  }

  /** By a program, that is at the server's own time. */
  async patch(record: string, values: object): Promise<void> {
    await this.#askAsRoot('PATCH', `/api/records/${record}`, values)
  }

  async #askAsRoot(method: string, path: string, body: object): Promise<void> {
    const response = await fetch(`${this.server.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${await this.tokenOf('root')}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`${method} ${path} is refused: ${await response.text()}`)
  }

  async person(
    user: string,
    size: keyof typeof sizes = 'desktop',
    options: DeviceOptions = {},
  ): Promise<Somebody> {
    const device = await this.device(size, options)
    const token = await this.tokenOf(user, 3_600, options.roles)
    await device.context.addInitScript(given => localStorage.setItem('corecord token', given), token)
    return device
  }

  /** A browser that nobody has used yet. */
  async device(size: keyof typeof sizes = 'desktop', options: DeviceOptions = {}): Promise<Somebody> {
    const context = await this.#browser.newContext({
      viewport: sizes[size],
      locale: options.locale ?? 'en-GB',
      ...(options.timeZone === undefined ? {} : { timezoneId: options.timeZone }),
      colorScheme: options.dark === true ? 'dark' : 'light',
      hasTouch: size === 'tablet' || size === 'phone',
      reducedMotion: 'reduce',
      serviceWorkers: options.isInstalled === true ? 'allow' : 'block',
      // The page lets in no foreign script, and axe is one.
      bypassCSP: true,
    })
    this.#contexts.push(context)
    // A machine that may be slow; a story that waits in vain still ends.
    context.setDefaultTimeout(60_000)
    const network = new Network(context)
    await network.start()
    return new Somebody(context, network, this.server.url)
  }

  async endStory(): Promise<void> {
    for (const context of this.#contexts.splice(0)) await context.close()
    for (const desk of this.#desks.splice(0)) await desk.close()
  }

  async close(): Promise<void> {
    await this.#browser.close()
    await this.server.close()
    await rm(this.#folder, { recursive: true, force: true })
  }

  tokenOf(user: string, lifetimeSeconds = 3_600, roles = people[user]?.roles ?? []): Promise<string> {
    const name = people[user]?.name ?? user
    return mintToken(secret, { sub: user, name, roles: [...roles], lifetimeSeconds }, Date.now)
  }
}

/** One browser, that is one device, and whoever is at it. */
export class Somebody {
  readonly context: BrowserContext
  readonly network: Network
  readonly #url: string

  constructor(context: BrowserContext, network: Network, url: string) {
    this.context = context
    this.network = network
    this.#url = url
  }

  /** Whatever is there: perhaps nobody is signed in, and perhaps there is no server. */
  async visit(path: string): Promise<Page> {
    const page = await this.context.newPage()
    page.on('pageerror', error => {
      throw error
    })
    await page.goto(`${this.#url}${path}`)
    return page
  }

  async goTo(path: string): Promise<Page> {
    const page = await this.visit(path)
    await page.locator('[data-carrier="socket"], .tv-live').first().waitFor()
    return page
  }
}

/** How many of the lists that lie on this device have this in their query. */
export const listsKept = (page: Page, text: string): Promise<number> =>
  page.evaluate(async wanted => {
    const [{ name = '' } = {}] = await indexedDB.databases()
    const open = indexedDB.open(name)
    await new Promise(done => {
      open.onsuccess = done
    })
    const all = open.result.transaction('lists').objectStore('lists').getAllKeys()
    await new Promise(done => {
      all.onsuccess = done
    })
    open.result.close()
    return all.result.filter(key => JSON.stringify(key).includes(wanted)).length
  }, text)

export const savedCsv = async (page: Page): Promise<string[]> => {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save as CSV' }).click(),
  ])
  return (await readFile(await file.path(), 'utf8')).split('\r\n')
}

/** A network that can be cut: sockets that are open end, and nothing new gets through. */
export class Network {
  readonly #context: BrowserContext
  readonly #sockets = new Set<WebSocketRoute>()
  #isCut = false
  #isStalled: (frame: Buffer) => boolean = () => false

  constructor(context: BrowserContext) {
    this.#context = context
  }

  async start(): Promise<void> {
    await this.#context.routeWebSocket(/\/link/, socket => {
      if (this.#isCut) {
        void socket.close({ code: 1011 })
        return
      }
      this.#sockets.add(socket)
      const server = socket.connectToServer()
      socket.onMessage(frame => {
        if (typeof frame === 'string' || !this.#isStalled(frame)) server.send(frame)
      })
    })
  }

  /** As some houses have it: pages come through, sockets do not. */
  blockSockets(): void {
    this.#isCut = true
    for (const socket of this.#sockets) void socket.close({ code: 1011 })
    this.#sockets.clear()
  }

  allowSockets(): void {
    this.#isCut = false
  }

  /** The socket stays up, and these frames of the link find nobody who does anything with them. */
  stall(isStalled: (frame: Buffer) => boolean): void {
    this.#isStalled = isStalled
  }

  /** Whoever should have done it is back, and begins with those who come again. */
  unstall(): void {
    this.#isStalled = () => false
    for (const socket of this.#sockets) void socket.close({ code: 1011 })
    this.#sockets.clear()
  }

  async cut(): Promise<void> {
    this.#isCut = true
    await this.#context.setOffline(true)
    for (const socket of this.#sockets) void socket.close({ code: 1011 })
    this.#sockets.clear()
    for (const page of this.#context.pages()) await page.locator('[data-carrier="none"]').first().waitFor()
  }

  async mend(): Promise<void> {
    this.allowSockets()
    await this.#context.setOffline(false)
    for (const page of this.#context.pages()) await page.locator('[data-carrier="socket"]').first().waitFor()
  }
}

/**
 * What these pages ask of the server from now on, growing. What the app fetches of itself behind its first page is no
 * refresh.
 */
export const requestsOf = (...pages: readonly Page[]): readonly string[] => {
  const requests: string[] = []
  for (const page of pages)
    page.on('request', request => {
      if (!new URL(request.url()).pathname.startsWith('/assets/')) requests.push(request.url())
    })
  return requests
}

/** When, by the clock that all browsers of this machine share, an element said what was waited for. */
export const noteWhen = (page: Page, selector: string, text: string): Promise<void> =>
  page.evaluate(
    ([at, wanted]) => {
      const look = (): void => {
        const element = document.querySelector(at ?? '')
        if (element?.textContent?.includes(wanted ?? '') === true) {
          document.body.dataset['seenAt'] ??= String(Date.now())
        }
      }
      new MutationObserver(look).observe(document.body, {
        subtree: true,
        childList: true,
        characterData: true,
      })
      look()
    },
    [selector, text],
  )

export const seenAt = async (page: Page): Promise<number> => {
  await page.locator('body[data-seen-at]').waitFor({ state: 'attached' })
  return Number(await page.evaluate(() => document.body.dataset['seenAt']))
}

const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** What axe finds serious on the page itself, or on all that stands on the screen. */
export const seriousFindings = async (
  page: Page,
  { whole = false, rules = [] }: { readonly whole?: boolean; readonly rules?: readonly string[] } = {},
): Promise<string[]> => {
  // Into each frame, too: what stands in one is the page's.
  for (const frame of page.frames())
    if (!(await frame.evaluate(() => 'axe' in window))) await frame.evaluate(await readFile(axeFile, 'utf8'))
  return await page.evaluate(
    async ([isWhole, only]) => {
      const { axe } = window as unknown as { readonly axe: typeof import('axe-core') }
      const page = document.querySelector('#content') ?? document.querySelector('main') ?? document.body
      const content = isWhole ? document : page
      const { violations } = await axe.run(content, {
        resultTypes: ['violations'],
        ...(only.length === 0 ? {} : { runOnly: [...only] }),
      })
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes: [node] }) => `${id}: ${node?.html.slice(0, 160)} ${node?.failureSummary}`)
    },
    [whole, rules] as const,
  )
}

/** As a scanner types: key after key, with nothing in between that a busy machine could draw out. */
export const scan = async (page: Page, code: string, end: 'Enter' | 'Tab' = 'Enter'): Promise<void> => {
  await Promise.all([...code, end].map(key => page.keyboard.press(key)))
}

/** Another page of the app, as a link leads there: nothing is loaded anew. */
export const walkTo = (page: Page, path: string): Promise<void> =>
  page.evaluate(to => {
    history.pushState(null, '', to)
    dispatchEvent(new PopStateEvent('popstate'))
  }, path)

/** The same page by day and by night: only colours are another matter then. */
export const findingsByDayAndNight = async (
  page: Page,
  { whole = false }: { readonly whole?: boolean } = {},
): Promise<string[]> => {
  await turn(page, 'light')
  const byDay = await seriousFindings(page, { whole })
  await turn(page, 'dark')
  const byNight = await seriousFindings(page, { whole, rules: ['color-contrast'] })
  return [...byDay, ...byNight.map(finding => `dark: ${finding}`)]
}

/** Until every colour has arrived where it goes. */
const turn = async (page: Page, colorScheme: 'light' | 'dark'): Promise<void> => {
  await page.emulateMedia({ colorScheme })
  for (const frame of page.frames()) {
    await frame.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor({ state: 'attached' })
    await frame.evaluate(async () => {
      const moving = document.getAnimations().filter(each => each instanceof CSSTransition)
      await Promise.allSettled(moving.map(each => each.finished))
    })
  }
}

/** Pages one after the other, as links lead there, each known by a text that the one before does not show. */
export const findingsOnEach = async (
  page: Page,
  pages: readonly (readonly [path: string, text: string])[],
): Promise<string[]> => {
  const found: string[] = []
  for (const [path, text] of pages) {
    await walkTo(page, path)
    await page.locator('#content').getByText(text).first().waitFor()
    found.push(...(await findingsByDayAndNight(page)).map(finding => `${path}: ${finding}`))
  }
  return found
}
