import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { Estimate, Order } from '../../shared/types/point-of-sale.ts'
import { listsKept, savedCsv, seriousFindings, stageOfStories, walkTo } from './app-stage.ts'

const stage = stageOfStories()

/** An estimate over 1,500.00 that stands before the story begins. */
const estimate = async (customer: string): Promise<string> => {
  const desk = await stage.desk('paul')
  const record = desk.create(
    Estimate,
    { customer },
    {
      entries: {
        lines: [
          { name: 'Cordless drill', quantity: 10, price: 12_000 },
          { name: 'Toolbox', quantity: 2, price: 15_000 },
        ],
      },
    },
  )
  record.act('number')
  await record.whenSaved()
  return record.id
}

const rowOf = (page: Page, text: string) => page.locator('.record-table tbody tr', { hasText: text })
const figure = (page: Page, label: string) =>
  page.locator('.figure', { has: page.getByText(label, { exact: true }) }).locator('.figure-value')
const figureNow = async (page: Page, label: string): Promise<number> => {
  await figure(page, label).filter({ hasText: /\d/ }).waitFor()
  return Number((await figure(page, label).textContent())?.replace(/[^\d.]/g, ''))
}
const money = (amount: number): string =>
  `€${amount.toLocaleString('en-GB', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`
const isSaved = (page: Page): Promise<void> =>
  page.locator('[data-testid="status"]:not(:has(.status-count))').waitFor()

/** A till that knows no CRDT: it reads the messages of old. */
const oldClient = async (user: string, query = '') => {
  const token = await stage.tokenOf(user)
  const messages: { readonly [field: string]: unknown }[] = []
  const texts: string[] = []
  const url = `${stage.server.url.replace('http', 'ws')}/ws/updates?token=${token}${query}`
  const socket = new WebSocket(url)
  socket.on('message', data => {
    const text = String(data)
    texts.push(text)
    if (text.startsWith('{')) messages.push(JSON.parse(text) as (typeof messages)[number])
  })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  const until = async (wanted: object): Promise<void> => {
    await expect.poll(() => messages).toContainEqual(expect.objectContaining(wanted))
  }
  return { messages, texts, until, close: () => socket.close() }
}

describe('the point of sale', () => {
  it('an estimate made, changed and deleted on one till is at once so on all, Home’s figures included', async () => {
    const till = await (await stage.person('nina', 'tablet')).goTo('/sales/estimates')
    const other = await (await stage.person('paul')).goTo('/sales/estimates')
    const home = await (await stage.person('paul')).goTo('/sales')
    const before = {
      count: await figureNow(home, 'Open estimates'),
      value: await figureNow(home, 'Their value'),
    }
    await till.getByRole('button', { name: 'New estimate' }).click()
    await till.getByLabel('Customer').fill('Hotel Vista')
    await till.getByLabel('Customer').press('Enter')
    await till.getByRole('button', { name: 'Add line' }).click()
    // Whoever adds a line goes on in it, and at their own pace: what is written at a pause stays as it was typed.
    await till.locator('input:focus').waitFor()
    await till.keyboard.type('Wheelbarrow')
    await till.getByLabel('Quantity 1').fill('2')
    await till.getByLabel('Price 1').focus()
    await till.keyboard.type('89')
    await rowOf(other, 'Hotel Vista').getByText('€178.00').waitFor()
    await till.keyboard.type('.5')
    await rowOf(other, 'Hotel Vista').getByText('€179.00').waitFor()
    expect(await till.getByLabel('Price 1').inputValue()).toBe('89.5')
    await till.getByLabel('Price 1').press('Enter')
    // Escape gives back what stood there before, though the pause has written.
    await till.getByLabel('Price 1').fill('7')
    await rowOf(other, 'Hotel Vista').getByText('€14.00').waitFor()
    await till.keyboard.press('Escape')
    await rowOf(other, 'Hotel Vista').getByText('€179.00').waitFor()
    expect(await till.getByLabel('Price 1').inputValue()).toBe('89.50')
    expect(await till.getByLabel('Article 1').inputValue()).toBe('Wheelbarrow')
    await figure(home, 'Open estimates')
      .getByText(String(before.count + 1), { exact: true })
      .waitFor()
    await figure(home, 'Their value')
      .getByText(money(before.value + 179), { exact: true })
      .waitFor()
    await home.getByRole('link', { name: /Hotel Vista/ }).waitFor()
    await till.getByLabel('Quantity 1').fill('1,000')
    await till.getByLabel('Quantity 1').press('Enter')
    await rowOf(other, 'Hotel Vista').getByText('€89,500.00').waitFor()
    await figure(home, 'Their value')
      .getByText(money(before.value + 89_500), { exact: true })
      .waitFor()
    // What is no number stands nowhere else when one goes on in the line, or from the page.
    await till.getByLabel('Quantity 1').fill('two or three')
    await till.getByLabel('Article 1').focus()
    await till.getByText('«two or three»: That is no number.').waitFor()
    expect(await till.getByLabel('Quantity 1').inputValue()).toBe('1000')
    await till.getByLabel('Quantity 1').fill('some')
    await till.goBack()
    await till.getByText('«some»: That is no number.').waitFor()
    await till.goForward()
    await till.getByRole('button', { name: 'More' }).click()
    await till.getByRole('menuitem', { name: 'Delete' }).click()
    await rowOf(other, 'Hotel Vista').waitFor({ state: 'detached' })
    await figure(home, 'Open estimates').getByText(String(before.count), { exact: true }).waitFor()
  })

  it('an order likewise, and only the office may delete it', async () => {
    const till = await (await stage.person('nina', 'tablet')).goTo('/sales/orders')
    const office = await (await stage.person('paul')).goTo('/sales/orders')
    const home = await (await stage.person('nina')).goTo('/sales')
    const before = {
      count: await figureNow(home, 'Orders today'),
      value: await figureNow(home, 'Sales today'),
    }
    await till.getByRole('button', { name: 'New order' }).click()
    await till.getByLabel('Customer').fill('Ms Okafor')
    await till.getByLabel('Customer').press('Enter')
    await till.getByRole('button', { name: 'Add line' }).click()
    await till.getByLabel('Quantity 1').fill('4')
    await till.getByLabel('Price 1').fill('25')
    await till.getByLabel('Price 1').press('Enter')
    await rowOf(office, 'Ms Okafor').getByText('€100.00').waitFor()
    await figure(home, 'Orders today')
      .getByText(String(before.count + 1), { exact: true })
      .waitFor()
    await figure(home, 'Sales today')
      .getByText(money(before.value + 100), { exact: true })
      .waitFor()
    await till.getByRole('button', { name: 'More' }).click()
    await till.getByRole('menuitem', { name: 'Activity' }).waitFor()
    expect(await till.getByRole('menuitem', { name: 'Delete' }).count()).toBe(0)
    await rowOf(office, 'Ms Okafor').getByRole('link').click()
    await office.getByRole('button', { name: 'More' }).click()
    await office.getByRole('menuitem', { name: 'Delete' }).click()
    await till.getByText('This record was deleted.').waitFor()
    await figure(home, 'Orders today').getByText(String(before.count), { exact: true }).waitFor()
  })

  it('converted, it leaves Estimates and stands in Orders on every screen, and an old client reads the same', async () => {
    const id = await estimate('Green Garden')
    const till = await (await stage.person('nina', 'tablet')).goTo(`/sales/estimates/${id}`)
    const estimates = await (await stage.person('paul')).goTo('/sales/estimates')
    const orders = await (await stage.person('paul')).goTo('/sales/orders')
    const old = await oldClient('nina')
    const older = await oldClient('nina', '&format=legacy')
    await rowOf(estimates, 'Green Garden').waitFor()
    // The word of success goes by itself, so it is waited for from before it is said.
    const told = [till, estimates, orders].map(page =>
      page
        .getByText(/^Estimate .* has become order #\d+\.$/)
        .first()
        .waitFor(),
    )
    await till.getByRole('button', { name: 'Convert to order' }).click()
    await rowOf(orders, 'Green Garden').getByText('€1,500.00').waitFor()
    await rowOf(estimates, 'Green Garden').waitFor({ state: 'detached' })
    await Promise.all(told)
    await old.until({ type: 'estimate', action: 'convert_to_order', id })
    await old.until({
      type: 'order',
      action: 'create',
      data: expect.objectContaining({ customer_name: 'Green Garden', total: 1500 }),
    })
    await expect.poll(() => older.texts).toContain('order_updated')
    for (const client of [old, older]) client.close()
    // What has become an order is changed there.
    await till.getByRole('link', { name: 'Open the order' }).click()
    await till.getByRole('heading', { name: /Green Garden/ }).waitFor()
    await till.getByText('Made from estimate').waitFor()
  })

  it('pressed twice, off line too, there is one order', async () => {
    const id = await estimate('Painter Weiss')
    const nina = await stage.person('nina', 'tablet')
    const far = await nina.goTo(`/sales/estimates/${id}`)
    const near = await (await stage.person('paul')).goTo(`/sales/estimates/${id}`)
    const orders = await (await stage.person('paul')).goTo('/sales/orders')
    await far.getByRole('button', { name: 'Convert to order' }).waitFor()
    await nina.network.cut()
    await far.getByRole('button', { name: 'Convert to order' }).click()
    const waiting = far.getByRole('button', { name: /Waits for the connection/ })
    await waiting.waitFor()
    await near.getByRole('button', { name: 'Convert to order' }).click()
    await rowOf(orders, 'Painter Weiss').waitFor()
    await nina.network.mend()
    const word = /^This estimate has become order (#\d+)\.$/
    await far.getByText(word).waitFor()
    await near.getByText(word).waitFor()
    expect(await far.getByText(word).textContent()).toBe(await near.getByText(word).textContent())
    await isSaved(far)
    expect(await rowOf(orders, 'Painter Weiss').count()).toBe(1)
  })

  it('written off line, it is provisional, and gets its number with the connection', async () => {
    const nina = await stage.person('nina', 'tablet')
    const page = await nina.goTo('/sales/estimates')
    const other = await (await stage.person('paul')).goTo('/sales/estimates')
    await page.getByRole('button', { name: 'New estimate' }).waitFor()
    await nina.network.cut()
    await page.getByRole('button', { name: 'New estimate' }).click()
    await page.getByLabel('Customer').fill('Rowing Club')
    await page.getByLabel('Customer').press('Enter')
    await page.locator('.record-title').getByText('provisional').waitFor()
    await nina.network.mend()
    await page
      .locator('.record-title')
      .getByText(/^#\d+$/)
      .waitFor()
    await rowOf(other, 'Rowing Club')
      .getByText(/^#\d+$/)
      .waitFor()
  })

  it('a price that two people entered is picked by a person before an order is made of it', async () => {
    const id = await estimate('Farm Salaš')
    const nina = await stage.person('nina', 'tablet')
    const far = await nina.goTo(`/sales/estimates/${id}`)
    const paul = await stage.person('paul', 'desktop', { locale: 'fr-FR' })
    const near = await paul.goTo(`/sales/estimates/${id}`)
    await far.getByLabel('Price 1').waitFor()
    await nina.network.cut()
    await far.getByLabel('Price 1').fill('110')
    await far.getByLabel('Price 1').press('Enter')
    await near.getByLabel('Prix 1').fill('125')
    await near.getByLabel('Prix 1').press('Enter')
    await isSaved(near)
    await nina.network.mend()
    const chip = near.getByRole('button', { name: 'Prix 1 : 2 valeurs différentes. Choisissez-en une.' })
    await chip.waitFor()
    await near.getByRole('button', { name: 'Convertir en commande' }).click()
    await near.getByText('Non converti : un prix a été saisi deux fois : choisissez d’abord.').waitFor()
    // By keyboard one is back in the field: the chip that opened the choice is gone.
    await chip.press('Enter')
    await near.getByRole('button', { name: /^Choisir\s: .*110/ }).press('Enter')
    const isIn = (): Promise<boolean> =>
      near.getByLabel('Prix 1', { exact: true }).evaluate(element => element === document.activeElement)
    await expect.poll(isIn).toBe(true)
    await expect.poll(() => far.getByLabel('Price 1', { exact: true }).inputValue()).toBe('110.00')
    await expect.poll(() => near.getByLabel('Prix 1', { exact: true }).inputValue()).toBe('110,00')
    await near.getByRole('button', { name: 'Convertir en commande' }).click()
    await near.getByText(/^Ce devis est devenu la commande #\d+\.$/).waitFor()
  })

  it('whoever takes out a line by keyboard is at the one that stands there then, and takes out no other', async () => {
    const id = await estimate('Two lines too many')
    const desk = await stage.desk('paul')
    const record = desk.open(Estimate, id)
    await record.whenReady()
    const saw = record.list('lines').add({ name: 'Saw', quantity: 1, price: 4_000 })
    await record.whenSaved()
    const page = await (await stage.person('nina')).goTo(`/sales/estimates/${id}`)
    await page.getByRole('button', { name: 'Delete: Lines 3' }).waitFor()
    const at = (): Promise<string | undefined> =>
      page.evaluate(() => (document.activeElement as HTMLElement).dataset['line'])
    await page.getByRole('button', { name: 'Delete: Lines 2' }).focus()
    await page.keyboard.press('Enter')
    await expect.poll(at).toBe(saw)
    // Pressed twice, as many do.
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await expect
      .poll(() => page.evaluate(() => (document.activeElement as HTMLInputElement).value))
      .toBe('Saw')
    // Where somebody else takes it out one is at the line before, and not at the top of the page.
    const [first] = record.view?.lines ?? []
    record.list('lines').remove(saw)
    await expect.poll(at).toBe(first?.id)
    expect(record.view?.lines.length).toBe(1)
  })

  it('of many lines those far down are text until one comes near, and a new one is begun at once', async () => {
    const desk = await stage.desk('paul')
    const lines = Array.from({ length: 150 }, (_, n) => ({
      name: `Bolt ${n + 1}`,
      quantity: 2,
      price: 1_000 + n,
    }))
    const record = desk.create(Estimate, { customer: 'Bridge works' }, { entries: { lines } })
    await record.whenSaved()
    const page = await (await stage.person('nina')).goTo(`/sales/estimates/${record.id}`)
    const row = (n: number) => page.locator('.entry-table tbody tr').nth(n - 1)
    await row(1).locator('input').first().waitFor()
    expect(await row(150).locator('input').count()).toBe(0)
    expect(await row(150).locator('td').allTextContents()).toEqual(['Bolt 150', '2', '11.49', '€22.98', ''])
    await row(150).scrollIntoViewIfNeeded()
    await page.getByLabel('Price 150').fill('12')
    await page.getByLabel('Price 150').press('Enter')
    await row(150).getByText('€24.00').waitFor()
    // On paper a line is text, near or far: a field would end where a long name goes on.
    await page.emulateMedia({ media: 'print' })
    for (const n of [1, 150]) await row(n).getByText(`Bolt ${n}`, { exact: true }).waitFor()
    expect(await page.locator('.entry-table input').filter({ visible: true }).count()).toBe(0)
    await page.emulateMedia({ media: 'screen' })
    await page.evaluate(() => scrollTo(0, 0))
    await page.getByRole('button', { name: 'Add line' }).evaluate((button: HTMLElement) => button.click())
    await expect.poll(() => page.evaluate(() => document.activeElement?.closest('tr')?.rowIndex)).toBe(151)
    // Rows of a spreadsheet go on from there.
    await page.evaluate(() => {
      const clipboardData = new DataTransfer()
      clipboardData.setData('text/plain', 'Nut\t4\t€1.50\nWasher\t1,000\t0.05\n')
      const paste = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true })
      document.activeElement?.dispatchEvent(paste)
    })
    await row(151).getByText('€6.00').waitFor()
    await row(152).getByText('€50.00').waitFor()
    await isSaved(page)
    const lineSaved = await savedCsv(page)
    expect(lineSaved.slice(0, 2)).toEqual(['\ufeffArticle,Quantity,Price,Amount', 'Bolt 1,2,10,20'])
    expect(lineSaved.slice(-3)).toEqual(['Nut,4,1.5,6', 'Washer,1000,0.05,50', ''])
    expect(lineSaved).toHaveLength(154)
    await walkTo(page, '/sales/estimates')
    await rowOf(page, 'Bridge works').waitFor()
    const [head, ...rows] = await savedCsv(page)
    expect(head).toMatch(/^\ufeffNumber,Customer,Lines,Total,Updated,Updated by,Created,Created by$/)
    expect(rows.find(line => line.includes('Bridge works'))).toMatch(
      /^(#\d+|[^,]*),Bridge works,152 lines,[\d.]+,\d{4}-\d\d-\d\d \d\d:\d\d,/,
    )
  })

  it('who has no business here sees nothing of it', async () => {
    await estimate('Secret customer')
    const therapist = await stage.person('ana')
    const page = await therapist.goTo('/sales/estimates')
    await page.getByText('You may not see what stands here.').waitFor()
    const old = await oldClient('ana')
    const id = await estimate('Another secret')
    const clerk = await oldClient('nina', '&since=0')
    await walkTo(page, `/sales/estimates/${id}`)
    await page.getByText('You may not see what stands here.').waitFor()
    expect(await page.getByText('Another secret').count()).toBe(0)
    expect(old.messages.filter(({ type }) => type === 'estimate' || type === 'order')).toEqual([])
    for (const client of [old, clerk]) client.close()
  })

  it('a line that is refused, since the estimate became an order meanwhile, is one change, and one card', async () => {
    const id = await estimate('Late adder')
    const nina = await stage.person('nina', 'tablet')
    const till = await nina.goTo(`/sales/estimates/${id}`)
    const office = await (await stage.person('paul')).goTo(`/sales/estimates/${id}`)
    await till.getByLabel('Article 2', { exact: true }).waitFor()
    await nina.network.cut()
    await till.getByRole('button', { name: 'Add line' }).click()
    for (const [field, typed] of [
      ['Article 3', 'Trowel'],
      ['Quantity 3', '2'],
      ['Price 3', '9.50'],
    ] as const) {
      await till.getByLabel(field, { exact: true }).fill(typed)
      await till.getByLabel(field, { exact: true }).press('Enter')
    }
    await till.getByLabel('Quantity 1', { exact: true }).fill('11')
    await till.getByLabel('Quantity 1', { exact: true }).press('Enter')
    await office.getByRole('button', { name: 'Convert to order' }).click()
    await office.getByText(/^This estimate has become order/).waitFor()
    await nina.network.mend()
    const away = till.getByRole('region', { name: 'Changed while you were away' })
    // Whether they were refused within one millisecond nobody knows: the latest stands first.
    const refused = async () =>
      (await away.getByRole('listitem').filter({ hasText: 'refused' }).allTextContents()).sort()
    const said = [/^Lines: − Trowel · 2 · €9\.50/, /^Quantity: 11 → 10/].map(one =>
      expect.stringMatching(one),
    )
    await expect.poll(refused).toEqual(said)
    await till.getByRole('button', { name: '2 refused changes' }).click()
    const tray = till.getByRole('dialog', { name: 'Refused changes' })
    await tray.getByText('Add: Trowel · 2 · €9.50', { exact: true }).waitFor()
    await tray.getByText('11', { exact: true }).waitFor()
    // Which of the lines it was.
    await tray.getByText(/ · Cordless drill: Quantity · /).waitFor()
    expect(await tray.getByRole('listitem').count()).toBe(2)
    const line = tray.getByRole('listitem').filter({ hasText: 'Trowel' })
    await line.getByRole('button', { name: 'Try again' }).click()
    await line.getByText('Tried again, without success:').waitFor()
    expect(await tray.getByRole('listitem').count()).toBe(2)
    await line.getByRole('button', { name: 'Discard' }).click()
    await line.waitFor({ state: 'detached' })
    await tray.getByRole('button', { name: 'Discard' }).click()
    await tray.getByText('Nothing was refused.').waitFor()
    await expect.poll(refused).toEqual(expect.arrayContaining(said))
    expect(await refused()).toHaveLength(2)
  })

  it('a day that comes off line begins with what was sold before, and says of whom nothing is counted', async () => {
    const desk = await stage.desk('paul')
    const order = desk.create(Order, { customer: 'Sold before the night' })
    await order.whenSaved()
    const nina = await stage.person('nina')
    await nina.context.clock.install()
    const home = await nina.goTo('/sales')
    const before = {
      today: await figureNow(home, 'Orders today'),
      week: await figureNow(home, 'Orders in 7 days'),
    }
    expect(before.today).toBeGreaterThan(0)
    await expect.poll(() => listsKept(home, 'created\\":{\\"gte')).toBe(3)
    await nina.network.cut()
    await home.clock.fastForward('24:00:00')
    await home.getByText('Nothing has been heard today').waitFor()
    await figure(home, 'Orders today').getByText('0', { exact: true }).waitFor()
    expect(await figureNow(home, 'Orders in 7 days')).toBeGreaterThanOrEqual(before.today)
    expect(await home.getByText('This list is not on this device.').count()).toBe(0)
  })

  it('axe finds nothing serious on its pages', async () => {
    const id = await estimate('Axe Ltd')
    const desk = await stage.desk('nina')
    const record = desk.open(Estimate, await estimate('Order Ltd'))
    await record.whenReady()
    record.act('convert')
    await expect.poll(() => record.view?.orderId ?? null).not.toBeNull()
    const order = record.view?.orderId?.replace(/^order:/, '') ?? ''
    const light = await (await stage.person('paul')).goTo('/sales')
    const dark = await (await stage.person('nina', 'tablet', { dark: true })).goTo('/sales')
    for (const [path, shown] of [
      ['', 'Order Ltd'],
      ['/estimates', 'Axe Ltd'],
      [`/estimates/${id}`, 'Convert to order'],
      ['/orders', 'Order Ltd'],
      [`/orders/${order}`, 'Made from estimate'],
      ['/help', 'Make it an order'],
    ] as const) {
      // What the other pages show in the dark, these two show, too.
      for (const page of path === '' || path === `/estimates/${id}` ? [light, dark] : [light]) {
        await walkTo(page, `/sales${path}`)
        await page.locator('#content').getByText(shown).first().waitFor()
        expect(await seriousFindings(page), `${path} ${page === dark ? 'dark' : 'light'}`).toEqual([])
      }
    }
  })
})
