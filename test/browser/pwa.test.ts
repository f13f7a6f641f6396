import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { mintToken } from '../../server/access/mint-token.ts'
import { Ticket } from '../../shared/types/ticket.ts'
import { assign, Trebovanje } from '../../shared/types/warehouse.ts'
import { buildProgram } from '../cli-process.ts'
import { FIRST_SCRIPT_KB_MAX, firstScripts, gzippedKilobytes } from '../first-load.ts'
import { AppStage, scan, walkTo } from './app-stage.ts'

let folder = ''
let stage: AppStage
beforeAll(async () => {
  if (process.env.CORECORD_APP === undefined) buildProgram()
  // A copy, because one story puts a newer version in its place.
  folder = await mkdtemp(join(tmpdir(), 'corecord-pwa-'))
  await cp(process.env.CORECORD_APP ?? 'dist/app', folder, { recursive: true })
  stage = new AppStage({ isDemo: false, app: folder })
  await stage.open()
})
afterAll(async () => {
  await stage.close()
  await rm(folder, { recursive: true, force: true })
})
afterEach(() => stage.endStory())

const trebovanje = async (number: string): Promise<string> => {
  const desk = await stage.desk('dragan')
  const items = [{ sku: '4711', name: 'Cement 25 kg', unit: 'bag', required: 3 }]
  const record = desk.create(Trebovanje, { number, customer: 'Hotel Park' }, { entries: { items } })
  // What `assign` uses of a record, the live one has.
  assign(record as unknown as Parameters<typeof assign>[0], 'marko')
  await record.whenSaved()
  return record.id
}

/** The worker has all of the app, and answers for the network from the next page on. */
const installed = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    await navigator.serviceWorker.ready
  })

describe('the app on its own', () => {
  it('begins with at most 300 KB of script', () => {
    expect(gzippedKilobytes(folder, firstScripts(folder))).toBeLessThanOrEqual(FIRST_SCRIPT_KB_MAX)
  })

  it('is translated by no browser, which would put words that stand still in the place of live ones', async () => {
    const page = await (await stage.device()).visit('/')
    expect(await page.evaluate(() => document.documentElement.translate)).toBe(false)
    expect(await page.locator('meta[name="google"]').getAttribute('content')).toBe('notranslate')
  })

  it('passes on the licences of what is bundled into it', async () => {
    const licences = await readFile(join(folder, 'licenses.md'), 'utf8')
    for (const name of ['@mantine/core', 'quill', 'react', 'recharts', 'yjs'])
      expect(licences).toMatch(new RegExp(`^## ${name} - \\d`, 'm'))
    const worker = (await readdir(folder)).filter(name => /^(?:sw|workbox-\w+)\.js$/.test(name))
    const code = await Promise.all(worker.map(name => readFile(join(folder, name), 'utf8')))
    const parts = new Set([...code.join('').matchAll(/workbox:([\w-]+):/g)].map(([, name]) => name))
    expect(parts).toContain('precaching')
    for (const name of parts)
      expect(licences).toMatch(new RegExp(`^## workbox-${name} - \\d.*\\n\\nCopyright`, 'm'))
  })

  it('has the rules of every part of Mantine that it shows', async () => {
    const assets = await readdir(join(folder, 'assets'))
    const [scripts, styles] = await Promise.all(
      ['.js', '.css'].map(async kind => {
        const files = assets.filter(file => file.endsWith(kind))
        return (await Promise.all(files.map(file => readFile(join(folder, 'assets', file), 'utf8')))).join(
          '\n',
        )
      }),
    )
    const all = await readFile(fileURLToPath(import.meta.resolve('@mantine/core/styles.css')), 'utf8')
    const ruled = new Set(all.match(/(?<=\.)m_\w+/g))
    const shown = [...new Set(scripts?.match(/\bm_\w+/g))].filter(name => ruled.has(name))
    expect(shown.length).toBeGreaterThan(50)
    expect(shown.filter(name => !styles?.includes(`.${name}`))).toEqual([])
  })

  it('a part that did not come is missed where somebody waits for it, and is there when it has', async () => {
    const device = await stage.person('dragan')
    const parts = /\/assets\/(overlays|notices)-/
    await device.context.route(parts, route => route.abort())
    await device.context.clock.install()
    const page = await device.goTo('/warehouse/trebovanja')
    const isMissed = page.getByText('A part of this page has not come yet.')
    await page.getByRole('button', { name: 'Notifications' }).click()
    await page.clock.fastForward(4_000)
    await isMissed.waitFor()
    await page.getByRole('button', { name: 'Later' }).click()
    await isMissed.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Notifications' }).click()
    await device.context.unroute(parts)
    await page.clock.fastForward(5_000)
    await page.getByRole('dialog', { name: 'Notifications' }).waitFor()
  })

  it('outside the demo a person comes in with a token, and leaves with nothing unsent lost', async () => {
    await trebovanje('TR-IN-1')
    const device = await stage.device('tablet')
    const page = await device.visit('/warehouse/trebovanja')
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.getByLabel('Your token').fill('no token')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText(/This is no token/).waitFor()
    // One of another house is a session that never began, and none that has ended.
    const foreign = await mintToken(
      'another secret of more than thirty-two characters',
      { sub: 'dragan', name: 'Dragan Kovač', roles: [], lifetimeSeconds: 60 },
      Date.now,
    )
    await page.getByLabel('Your token').fill(foreign)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').getByText('The server does not take this token.').waitFor()
    await page.getByRole('button', { name: 'Sign in again' }).click()
    await page.getByLabel('Your token').fill(await stage.tokenOf('dragan'))
    await page.getByRole('dialog').getByRole('button', { name: 'Sign in again' }).click()
    await page.getByRole('link', { name: 'TR-IN-1' }).click()
    await page.getByLabel('Customer', { exact: true }).waitFor()
    await device.network.cut()
    await page.getByLabel('Customer', { exact: true }).fill('Hotel Una')
    await page.getByLabel('Customer', { exact: true }).press('Enter')
    await page.locator('[data-testid="status"] .status-count').waitFor()
    const signOut = async (): Promise<void> => {
      await page.getByRole('button', { name: /Dragan/ }).click()
      await page.getByRole('menuitem', { name: 'Sign out' }).click()
    }
    await signOut()
    await page.getByText('1 change is on this device alone. What is kept here is sent').waitFor()
    await page.keyboard.press('Escape')
    await device.network.mend()
    await page.locator('[data-testid="status"]:not(:has(.status-count))').waitFor()
    // After their token has ended the same person goes on, and what was written meanwhile is sent.
    await page.evaluate(
      token => localStorage.setItem('corecord token', token),
      await stage.tokenOf('dragan', -600),
    )
    await page.reload()
    await page.getByRole('alert').getByText('Your session has ended.').waitFor()
    await page.getByLabel('Customer', { exact: true }).fill('Hotel Ana')
    await page.getByLabel('Customer', { exact: true }).press('Enter')
    await page.locator('[data-testid="status"] .status-count').waitFor()
    const signInAgain = page.getByRole('button', { name: 'Sign in again' })
    await signInAgain.click()
    const asked = page.getByRole('dialog')
    await asked.getByLabel('Your token').fill(await stage.tokenOf('vesna'))
    await asked.getByRole('button', { name: 'Sign in again' }).click()
    await asked.getByText('This token is somebody else’s.').waitFor()
    await asked.getByLabel('Your token').fill(await stage.tokenOf('dragan'))
    await asked.getByRole('button', { name: 'Sign in again' }).click()
    await page.locator('[data-carrier="socket"]:not(:has(.status-count))').waitFor()
    expect(await signInAgain.count()).toBe(0)

    const other = await device.goTo('/warehouse/trebovanja')
    await signOut()
    for (const tab of [page, other]) await tab.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.reload()
    await page.getByLabel('Your token').fill(await stage.tokenOf('vesna'))
    await page.getByRole('button', { name: 'Sign in' }).click()
    for (const tab of [page, other]) await tab.getByRole('button', { name: /Vesna/ }).waitFor()
    // Meanwhile the browser held the page back, and somebody else signed in: no event told it.
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog').locator('input').fill('what Vesna looks for')
    const anothers = await stage.tokenOf('dragan')
    await page.evaluate(token => {
      localStorage.setItem('corecord token', token)
      dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))
    }, anothers)
    await page.getByRole('button', { name: /Dragan/ }).waitFor()
    expect(await page.getByRole('dialog').count()).toBe(0)
  })

  it('a tablet that changes hands off line keeps what is unsent for who wrote it, and sends it under their name alone', async () => {
    const id = await trebovanje('TR-HANDS-1')
    const device = await stage.device('tablet')
    const page = await device.visit('/warehouse/trebovanja')
    const customer = page.getByLabel('Customer', { exact: true })
    const signIn = async (user: string): Promise<void> => {
      await page.getByLabel('Your token').fill(await stage.tokenOf(user))
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('button', { name: 'Person and settings:' }).waitFor()
    }
    const signOut = async (): Promise<void> => {
      await page.getByRole('button', { name: 'Person and settings:' }).click()
      await page.getByRole('menuitem', { name: 'Sign out' }).click()
    }
    await signIn('dragan')
    await page.getByRole('link', { name: 'TR-HANDS-1' }).click()
    await customer.waitFor()
    await device.network.cut()
    await customer.fill('Hotel Sava')
    await customer.press('Enter')
    await page.locator('[data-testid="status"] .status-count').waitFor()
    await signOut()
    await page.getByRole('button', { name: 'Keep and sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    expect(await page.title()).toBe('Sign in · corecord')
    await signIn('vesna')
    await page.getByText('This record is not on this device.').waitFor()
    await device.network.mend()
    await customer.waitFor()
    expect(await customer.inputValue()).toBe('Hotel Park')
    await signOut()
    await signIn('dragan')
    await expect.poll(() => customer.inputValue()).toBe('Hotel Sava')
    await page.locator('[data-carrier="socket"]:not(:has(.status-count))').waitFor()
    const desk = await stage.desk('vesna')
    const record = desk.open(Trebovanje, id)
    await record.whenReady()
    const { value, by } = record.field('customer')
    expect({ value, by }).toEqual({ value: 'Hotel Sava', by: 'dragan' })
  })

  it('who comes with a token of their own where another’s session has ended takes over, and of the first nothing is lost in any tab', async () => {
    const desk = await stage.desk('dana')
    const ticket = desk.create(Ticket, { title: 'Left half done' })
    await ticket.whenSaved()
    const path = `/tickets/${ticket.id}`
    const device = await stage.device('tablet')
    const page = await device.visit(path)
    const signIn = async (user: string): Promise<void> => {
      await page.getByLabel('Your token').fill(await stage.tokenOf(user))
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('button', { name: 'Person and settings:' }).waitFor()
    }
    await signIn('dana')
    const title = page.getByLabel('Title', { exact: true })
    await title.waitFor()
    const other = await device.goTo(path)
    const comment = other.getByRole('textbox', { name: 'Comment' })
    await comment.fill('half a sentence')
    const ended = await stage.tokenOf('dana', -600)
    const end = async (): Promise<void> => {
      await page.evaluate(token => localStorage.setItem('corecord token', token), ended)
      await page.reload()
      await page.getByRole('alert').getByText('Your session has ended.').waitFor()
    }
    const comeAndGo = async (): Promise<void> => {
      await page.getByRole('button', { name: 'Sign in again' }).click()
      const asked = page.getByRole('dialog')
      await asked.getByLabel('Your token').fill(await stage.tokenOf('rita'))
      await asked.getByRole('button', { name: 'Sign in again' }).click()
      await asked.getByText('Dana Novak: what is not sent stays on this device').waitFor()
      await asked.getByRole('button', { name: 'Sign in as Rita Vogel' }).click()
      for (const tab of [page, other]) await tab.getByRole('button', { name: /Rita/ }).waitFor()
      expect(await comment.inputValue()).toBe('')
      await page.getByRole('button', { name: 'Person and settings:' }).click()
      await page.getByRole('menuitem', { name: 'Sign out' }).click()
      await signIn('dana')
      await other.getByRole('button', { name: /Dana/ }).waitFor()
      await expect.poll(() => comment.inputValue()).toBe('half a sentence')
    }
    // Where nothing waits to be sent, what is half written waits all the same.
    await end()
    await comeAndGo()
    await end()
    await title.fill('Left half done, at noon')
    await title.press('Enter')
    await page.locator('[data-testid="status"] .status-count').waitFor()
    await comeAndGo()
    await expect.poll(() => ticket.view?.title).toBe('Left half done, at noon')
  })

  it('starts with no network, and goes on by itself when the server is back', async () => {
    await trebovanje('TR-DARK-1')
    const roles = ['magacioner', 'technician', 'clerk']
    const tablet = await stage.person('marko', 'tablet', { isInstalled: true, roles })
    const page = await tablet.goTo('/warehouse/picking')
    await page.getByText('All tasks are on this device.').waitFor()
    await installed(page)
    // From now on it comes from the device, and is brought up to date by the server.
    await page.reload()
    await page.getByTestId('task-TR-DARK-1').waitFor()
    await page.getByText('All tasks are on this device.').waitFor()
    await page.close()
    await stage.server.close()
    const dark = await tablet.visit('/warehouse/picking')
    await dark.getByTestId('task-TR-DARK-1').click()
    await dark.getByTestId('pick-4711').waitFor()
    await scan(dark, '4711')
    await dark.getByTestId('pick-4711').getByText('1/3').waitFor()
    await dark.getByText(/^Off line\. What you see is as of/).waitFor()
    // What nobody looked at on this device is not said to be on its way.
    for (const [path, page] of [
      ['/tickets/operations', 'Daily operations'],
      ['/sales', 'Today'],
    ] as const) {
      await walkTo(dark, path)
      await dark.getByRole('heading', { name: page, level: 1 }).waitFor()
      await dark.getByText('This list is not on this device.').first().waitFor()
      await expect.poll(() => dark.getByText('Loading').count()).toBe(0)
    }
    await stage.startServer()
    await dark.locator('[data-carrier="socket"]').waitFor()
    await dark.locator('[data-testid="status"]:not(:has(.status-count))').waitFor()
    const desk = await stage.desk('dragan')
    const list = desk.list(Trebovanje, { where: { number: 'TR-DARK-1' } })
    await expect.poll(() => list.rows?.[0]?.scans).toBe(1)
  })

  it('offers to be installed, and takes a no for good', async () => {
    const device = await stage.person('marko', 'phone', { isInstalled: true })
    const page = await device.goTo('/warehouse/help')
    const offer = (): Promise<void> =>
      page.evaluate(() => {
        const event = new Event('beforeinstallprompt', { cancelable: true })
        Object.assign(event, {
          prompt: async () => {
            document.documentElement.dataset['asked'] = 'yes'
          },
        })
        dispatchEvent(event)
      })
    await offer()
    await page.getByText('It starts from the home screen, also with no network.').waitFor()
    // It lies over the end of the page, which comes out from under it.
    await page.locator('.page > :last-child').waitFor()
    const isClear = await page.evaluate(() => {
      scrollTo(0, document.documentElement.scrollHeight)
      const last = document.querySelector('.page > :last-child')
      const offer = document.querySelector('.offer')
      return Number(last?.getBoundingClientRect().bottom) <= Number(offer?.getBoundingClientRect().top)
    })
    expect(isClear).toBe(true)
    await page.getByRole('button', { name: 'Install', exact: true }).click()
    await page.locator('html[data-asked]').waitFor({ state: 'attached' })
    await offer()
    await page.getByRole('button', { name: 'Later' }).click()
    await offer()
    expect(await page.getByText('Install corecord').count()).toBe(0)
  })

  it('shows what is pushed while nobody looks, and opens what it is about in the window that is there', async () => {
    const id = await trebovanje('TR-PUSH-1')
    const device = await stage.person('dragan', 'desktop', { isInstalled: true })
    await device.context.grantPermissions(['notifications'])
    await device.context.addInitScript(subscribeToNobody)
    const page = await device.goTo('/warehouse/trebovanja')
    await installed(page)
    const cdp = await device.context.newCDPSession(page)
    const registrationId = new Promise<string>(resolve =>
      cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const [first] = registrations
        if (first !== undefined) resolve(first.registrationId)
      }),
    )
    await cdp.send('ServiceWorker.enable')
    const room = `trebovanje:${id}`
    await cdp.send('ServiceWorker.deliverPushMessage', {
      origin: new URL(page.url()).origin,
      registrationId: await registrationId,
      data: JSON.stringify({
        unread: 2,
        lines: [{ id: 'n1', level: 'info', sentence: 'TR-PUSH-1 is short', room, at: 1, critical: false }],
        more: 1,
      }),
    })
    const shown = () =>
      page.evaluate(async () => {
        const registration = await navigator.serviceWorker.ready
        return (await registration.getNotifications()).map(({ body }) => body).sort()
      })
    await expect.poll(shown).toEqual(['+ 1', 'TR-PUSH-1 is short'])
    const worker = device.context.serviceWorkers()[0]
    if (worker === undefined) throw new Error('there is no worker')
    await worker.evaluate(
      async opened => {
        // What a touch on the notification does, beneath the event that only a browser can make.
        const scope = globalThis as unknown as { open(path: string): Promise<void> }
        await scope.open(opened)
      },
      `/open/${encodeURIComponent(room)}`,
    )
    await page.getByRole('heading', { name: 'TR-PUSH-1' }).waitFor()
    expect(page.url()).toContain(`/warehouse/trebovanja/${id}`)
    await walkTo(page, '/preferences')
    await page.getByLabel('Push to this browser').click({ force: true })
    await page.getByText('this one').waitFor()
    const address = () => page.evaluate(() => localStorage.getItem('address'))
    expect(await address()).toBe('https://push.example.com/1')
    // Its browser gives it another one.
    await page.evaluate(() => localStorage.setItem('address', 'https://push.example.com/other'))
    await page.reload()
    const headers = { authorization: `Bearer ${await stage.tokenOf('dragan')}` }
    const devices = async () => {
      const answer = await fetch(`${stage.server.url}/api/records/inbox/dragan`, { headers })
      const { record } = (await answer.json()) as { record: { devices: { endpoint: string }[] } }
      return record.devices.map(({ endpoint }) => endpoint)
    }
    await expect.poll(devices).toEqual(['https://push.example.com/other'])
    await page.getByRole('button', { name: /Dragan/ }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    // The next person is shown nothing of what is for the last.
    await expect.poll(address).toBeNull()
    await expect.poll(shown).toEqual([])
  })

  it('a new version waits for the person’s word', async () => {
    const device = await stage.person('dragan', 'desktop', { isInstalled: true })
    const page = await device.goTo('/warehouse/trebovanja')
    await installed(page)
    await page.reload()
    await page.locator('[data-carrier="socket"]').waitFor()
    const other = await device.goTo('/warehouse/trebovanja')
    await other.locator('.filter-grow input').fill('half a word')
    const index = join(folder, 'index.html')
    const worker = join(folder, 'sw.js')
    const marked = (await readFile(index, 'utf8')).replace(
      '<head>',
      '<head><meta name="version" content="next" />',
    )
    await writeFile(index, marked)
    await writeFile(
      worker,
      (await readFile(worker, 'utf8')).replace(
        /(url:"index\.html",revision:")[^"]+|(revision:")[^"]+(",url:"index\.html")/,
        '$1$2next$3',
      ),
    )
    await page.evaluate(async () => {
      await (await navigator.serviceWorker.ready).update()
    })
    await page.getByText('A new version is ready').waitFor()
    // What is being written is not swept away.
    expect(await page.locator('meta[name="version"]').count()).toBe(0)
    await page.getByRole('button', { name: 'Load it' }).click()
    await page.locator('meta[name="version"][content="next"]').waitFor({ state: 'attached' })
    await page.locator('[data-carrier="socket"]').waitFor()
    // Nor in another tab, which has a person, and a word, of its own.
    expect(await other.locator('.filter-grow input').inputValue()).toBe('half a word')
    await other.getByRole('button', { name: 'Load it' }).click()
    await other.locator('meta[name="version"][content="next"]').waitFor({ state: 'attached' })
  })
})

/** The browser's own push service cannot be had here; what the app asks of it is answered. */
function subscribeToNobody(): void {
  const subscription = (options: PushSubscriptionOptionsInit): object => ({
    endpoint: localStorage.getItem('address'),
    options: {
      applicationServerKey: Uint8Array.from(
        atob(String(options.applicationServerKey).replaceAll('-', '+').replaceAll('_', '/')),
        letter => letter.charCodeAt(0),
      ).buffer,
    },
    toJSON: () => ({ endpoint: localStorage.getItem('address'), keys: { p256dh: 'key', auth: 'auth' } }),
    unsubscribe: async () => {
      localStorage.removeItem('address')
      return true
    },
  })
  Object.assign(PushManager.prototype, {
    subscribe: async (options: PushSubscriptionOptionsInit) => {
      localStorage.setItem('address', 'https://push.example.com/1')
      localStorage.setItem('key', String(options.applicationServerKey))
      return subscription(options)
    },
    getSubscription: async () =>
      localStorage.getItem('address') === null
        ? null
        : subscription({ applicationServerKey: localStorage.getItem('key') }),
  })
}
