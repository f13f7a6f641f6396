// The app that `corecord init` makes, started as its README says, with two people at it.

import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MadeApp } from '../ground/made-app.ts'
import { launchChromium } from './launch-chromium.ts'

let app: MadeApp
let browser: Browser
let url: string

beforeAll(async () => {
  app = new MadeApp()
  const started = await app.start()
  url = started.url
  browser = await launchChromium()
}, 600_000)

afterAll(async () => {
  await browser?.close()
  await app?.close()
})

const comeIn = async (name: string, at = url): Promise<{ page: Page; context: BrowserContext }> => {
  const context = await browser.newContext()
  const page = await context.newPage()
  page.setDefaultTimeout(120_000)
  await page.goto(at)
  await page.getByLabel('Your name').fill(name)
  await page.getByRole('button', { name: 'Come in' }).click()
  await page.locator('[data-sync="realtime"]').waitFor()
  return { page, context }
}

test('two people edit one record, off line too', async () => {
  const ana = await comeIn('Ana')
  const ivan = await comeIn('Ivan')
  await ana.page.getByLabel('New task').fill('Order paint')
  await ana.page.getByRole('button', { name: 'Add' }).click()
  for (const { page } of [ana, ivan]) await page.getByRole('link', { name: 'Order paint' }).click()

  // Each sees that the other is here, and what the other does.
  await ana.page.getByRole('img', { name: 'Ivan' }).waitFor()
  await ivan.page.getByRole('img', { name: 'Ana' }).waitFor()
  await ivan.page.getByLabel('State').selectOption('doing')
  await ana.page.locator('option:checked', { hasText: 'doing' }).waitFor({ state: 'attached' })

  // Without a network the page still opens, and what is written waits.
  await ana.page.evaluate(async () => {
    await navigator.serviceWorker.ready
  })
  await ana.page.reload()
  await ana.page.locator('[data-sync="realtime"]').waitFor()
  await ana.context.setOffline(true)
  await ana.page.reload()
  await ana.page.getByLabel('Notes').fill('Blue, ten litres')
  await ana.page.getByText('Saving …').waitFor()
  await ana.context.setOffline(false)
  await ana.page.getByText('Saved').waitFor()
  await expect.poll(() => ivan.page.getByLabel('Notes').inputValue()).toBe('Blue, ten litres')

  // An address that somebody cut short opens the list.
  await ivan.page.evaluate(() => {
    location.hash = '#/100%'
  })
  await ivan.page.getByRole('link', { name: 'Order paint' }).click()

  // What is refused, as what two write that is too long for one text, stays to be seen, and nothing calls it saved.
  await ana.context.setOffline(true)
  await ana.page.getByLabel('Notes').fill('blue '.repeat(15_000))
  await ana.page.getByText('Saving …').waitFor()
  await ivan.page.getByLabel('Notes').fill('red '.repeat(15_000))
  await ivan.page.getByText('Saved').waitFor()
  await ana.context.setOffline(false)
  await ana.page.getByRole('alert').getByText('must be at most 100000 characters').waitFor()
  await ana.page.getByText('Not all of it was taken').waitFor()
  await ana.page.getByRole('button', { name: 'Discard' }).click()
  await ana.page.getByText('Saved').waitFor()
}, 600_000)

const PORTAL = '<!doctype html><title>Hotel</title><h1>Your room number, please</h1>'

/** What stands between a device and the server: lets all through, answers in its place, or swallows what is sent. */
const openFront = async () => {
  const sockets = new Set<Socket>()
  let mood: 'through' | 'portal' | 'silent' | 'sign in' = 'through'
  const front = createServer(from => {
    sockets.add(from)
    from.on('error', () => {})
    if (mood === 'through') {
      const to = connect(Number(new URL(url).port), '127.0.0.1')
      sockets.add(to)
      to.on('error', () => from.destroy())
      from.pipe(to).pipe(from)
    } else if (mood !== 'silent')
      from.once('data', asked => {
        const isSent = mood === 'sign in' && !asked.toString().startsWith('GET /sign-in')
        const head = isSent ? '302 Found\r\nlocation: /sign-in' : '200 OK\r\ncontent-type: text/html'
        from.end(`HTTP/1.1 ${head}\r\nconnection: close\r\n\r\n${isSent ? '' : PORTAL}`)
      })
  })
  await new Promise<void>(done => front.listen(0, '127.0.0.1', done))
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  }
  return {
    url: `http://127.0.0.1:${(front.address() as AddressInfo).port}`,
    is(next: typeof mood): void {
      mood = next
      cut()
    },
    close(): void {
      cut()
      front.close()
    },
  }
}

test('after one visit the page opens from its device, whoever answers in the place of its server, or nobody', async () => {
  const front = await openFront()
  try {
    const { page } = await comeIn('Mira', front.url)
    const isKept = (): Promise<boolean> => page.evaluate(async () => (await caches.match('/')) !== undefined)
    await expect.poll(isKept).toBe(true)
    front.is('portal')
    await page.reload()
    await page.getByLabel('New task').fill('Ask for the room number')
    await page.getByRole('button', { name: 'Add' }).click()
    await page.getByRole('link', { name: 'Ask for the room number' }).waitFor()
    front.is('silent')
    const signIns: string[] = []
    page.on('request', request => {
      if (request.url().endsWith('/api/sign-in')) signIns.push(request.url())
    })
    await page.reload()
    await page.getByRole('link', { name: 'Ask for the room number' }).waitFor()
    // Nobody waits for a sign-in that is not answered: who this is stands in what they came in with.
    expect(signIns).toEqual([])
    front.is('through')
    // One that the server takes no more is asked for anew; and of the build before nothing is left.
    await page.evaluate(async () => {
      const token = localStorage.getItem('token Mira') ?? ''
      localStorage.setItem('token Mira', `${token.slice(0, token.lastIndexOf('.'))}.forged`)
      const kept = await caches.open('page')
      await kept.put('/assets/before.js', new Response('before'))
      await kept.put('/', new Response('<script src="/assets/before.js"></script>'))
    })
    await page.reload()
    await page.locator('[data-sync="realtime"]').waitFor()
    expect(signIns.length).toBeGreaterThan(0)
    const assets = (): Promise<string[]> =>
      page.evaluate(async () =>
        (await (await caches.open('page')).keys())
          .map(({ url }) => new URL(url).pathname)
          .filter(path => path === '/assets/before.js'),
      )
    await expect.poll(assets).toEqual([])
    const ivan = await comeIn('Ivan')
    await ivan.page.getByRole('link', { name: 'Ask for the room number' }).waitFor()
    // What has an address of its own is shown, and a proxy that wants to know first who comes is let ask.
    await page.goto(`${front.url}/healthz`)
    expect(await page.locator('body').textContent()).toContain('"ok"')
    front.is('sign in')
    await page.goto(front.url)
    await page.getByText('Your room number, please').waitFor()
    expect(new URL(page.url()).pathname).toBe('/sign-in')
  } finally {
    front.close()
  }
}, 600_000)

test('somebody whose browser keeps nothing comes in', async () => {
  const context = await browser.newContext()
  await context.addInitScript(() => {
    const denied = (): never => {
      throw new DOMException('Access is denied for this document.', 'SecurityError')
    }
    Object.defineProperty(window, 'localStorage', { get: denied })
  })
  const page = await context.newPage()
  page.setDefaultTimeout(120_000)
  await page.goto(url)
  await page.getByLabel('Your name').fill('Nina')
  await page.getByRole('button', { name: 'Come in' }).click()
  await page.locator('[data-sync="realtime"]').waitFor()
}, 600_000)
