import { describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { Estimate } from '../../shared/types/point-of-sale.ts'
import { Periode, Project } from '../../shared/types/construction.ts'
import { Bordereau } from '../../shared/types/quantities.ts'
import { Ticket } from '../../shared/types/ticket.ts'
import { Site } from '../../shared/types/ticketing.ts'
import { assign, Trebovanje } from '../../shared/types/warehouse.ts'
import { findingsByDayAndNight, stageOfStories, walkTo } from './app-stage.ts'
import { gate } from '../gate.ts'

const stage = stageOfStories()

const trebovanje = async (number: string, worker?: string): Promise<string> => {
  const desk = await stage.desk('dragan')
  const items = [{ sku: '4711', name: 'Cement 25 kg', unit: 'bag', required: 3 }]
  const record = desk.create(Trebovanje, { number, customer: 'Hotel Park' }, { entries: { items } })
  // What `assign` uses of a record, the live one has.
  if (worker !== undefined) assign(record as unknown as Parameters<typeof assign>[0], worker)
  await record.whenSaved()
  return record.id
}

const project = async (objet: string): Promise<string> => {
  const office = await stage.desk('hugo')
  const record = office.create(Project, { objet, state: 'active', client: 'Town' })
  record.union('engineers').add('claire')
  await record.whenSaved()
  return record.id
}

const saved = (page: Page): Promise<void> =>
  page.locator('[data-testid="status"]:not(:has(.status-count))').waitFor()

const hit = (page: Page) => page.getByRole('listbox', { name: 'Search' }).getByRole('option')
const badge = (page: Page) => page.getByTestId('unread')

describe('the shell', () => {
  it('finds records of every kind that the person may see, from the keyboard, and off line what is here', async () => {
    await trebovanje('TR-FIND-1')
    const id = await project('Findable station')
    const hugo = await stage.person('hugo')
    const page = await hugo.goTo('/construction/projects')
    await page.getByRole('link', { name: 'Findable station' }).waitFor()
    const said = page.getByRole('status').filter({ hasText: /^Findable station$/ })
    expect(await said.count()).toBe(0)
    await page.keyboard.press('Control+k')
    const box = page.getByRole('combobox', { name: 'Search everything …' })
    await box.fill('find')
    await hit(page).filter({ hasText: 'Findable station' }).waitFor()
    // Office and warehouse do not read each other’s records.
    expect(await hit(page).count()).toBe(1)
    await box.press('Enter')
    await page.getByRole('heading', { name: 'Findable station' }).waitFor()
    expect(page.url()).toContain(`/construction/projects/${id}`)
    // No page was loaded, and whoever hears the screen is told where they are.
    await said.waitFor({ state: 'attached' })
    // The way back closes a search before it leaves the page, and never leads into one.
    const dialogs = () => page.evaluate(() => history.state as number | null)
    await page.keyboard.press('Control+k')
    await expect.poll(dialogs).toBe(1)
    await page.goBack()
    await box.waitFor({ state: 'detached' })
    expect(page.url()).toContain(`/construction/projects/${id}`)
    await page.keyboard.press('Control+k')
    await expect.poll(dialogs).toBe(1)
    await box.press('Escape')
    await expect.poll(dialogs).toBe(null)
    await page.goBack()
    await page.waitForURL('**/construction/projects')
    await page.goForward()
    await page.getByRole('heading', { name: 'Findable station' }).waitFor()
    await hugo.network.cut()
    await page.keyboard.press('Control+k')
    await box.fill('findable')
    await page.getByText('Off line: found among what is on this device.').waitFor()
    await hit(page).filter({ hasText: 'Findable station' }).waitFor()
  })

  it('tells apart what is called the same, by what it is a part of', async () => {
    const office = await stage.desk('hugo')
    for (const objet of ['School on the hill', 'Bridge of stone']) {
      const id = await project(objet)
      await office.create(Bordereau, { project: `project:${id}`, title: 'Main quarry works' }).whenSaved()
    }
    const page = await (await stage.person('hugo')).goTo('/construction/projects')
    await page.getByRole('link', { name: 'Bridge of stone' }).waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Search everything …' }).fill('quarry')
    const found = hit(page).filter({ hasText: 'Main quarry works' })
    await found.filter({ hasText: 'School on the hill' }).waitFor()
    await found.filter({ hasText: 'Bridge of stone' }).waitFor()
    expect(await found.count()).toBe(2)
    expect(await findingsByDayAndNight(page, { whole: true })).toEqual([])
  })

  it('goes to what was typed, however soon Enter comes behind it, and shows the one that is chosen', async () => {
    await project('Hasty bridge')
    for (let n = 0; n < 6; n++) await project(`Hasty school ${n}`)
    const office = await stage.desk('hugo')
    const id = await project('Hasty station')
    await Promise.all(
      Array.from({ length: 6 }, (_, n) =>
        office.create(Bordereau, { project: `project:${id}`, title: `Hasty part ${n}` }).whenSaved(),
      ),
    )
    const page = await (await stage.person('hugo', 'phone')).goTo('/construction/projects')
    await page.getByRole('link', { name: 'Hasty station' }).waitFor()
    await page.setViewportSize({ width: 390, height: 360 })
    await page.keyboard.press('Control+k')
    const box = page.getByRole('combobox', { name: 'Search everything …' })
    await box.fill('hasty')
    await hit(page).filter({ hasText: 'Hasty part' }).nth(5).waitFor()
    for (let n = 0; n < 11; n++) await box.press('ArrowDown')
    const last = hit(page).last()
    expect(await last.getAttribute('aria-selected')).toBe('true')
    expect(await last.getAttribute('id')).toBe(await box.getAttribute('aria-activedescendant'))
    const isSeen = (): Promise<boolean> =>
      last.evaluate(element => {
        const { left, bottom } = element.getBoundingClientRect()
        return element.contains(document.elementFromPoint(left + 20, bottom - 2))
      })
    await expect.poll(isSeen).toBe(true)
    // In one breath: what was found for the letters before is another.
    await box.fill('hasty bridge')
    await box.press('Enter')
    await page.getByRole('heading', { name: 'Hasty bridge' }).waitFor()
  })

  it('has the inspector where the debug switch is on, and only there', async () => {
    const id = await project('Looked into')
    const hugo = await stage.person('hugo')
    const page = await hugo.goTo(`/construction/projects/${id}`)
    await page.getByRole('heading', { name: 'Looked into' }).waitFor()
    const inspector = page.getByRole('complementary', { name: 'corecord inspector' })
    expect(await inspector.count()).toBe(0)
    await page.evaluate(() => localStorage.setItem('corecord.debug', '1'))
    await page.reload()
    await inspector.getByRole('button', { name: 'corecord' }).click()
    await inspector.getByRole('button', { name: `project:${id}` }).click()
    await inspector.getByRole('cell', { name: 'Looked into' }).waitFor()
  })

  it('what is read on one device is read on the other, and a cleared notice never comes back', async () => {
    const tablet = await stage.person('jelena', 'tablet')
    const phone = await stage.person('jelena', 'phone')
    const [hand, pocket] = await Promise.all([
      tablet.goTo('/warehouse/picking'),
      phone.goTo('/warehouse/trebovanja'),
    ])
    for (let n = 1; n <= 4; n++) await trebovanje(`TR-BELL-${n}`, 'jelena')
    for (const page of [hand, pocket]) await badge(page).getByText('4', { exact: true }).waitFor()
    // For ears as well, and with nothing pressed.
    await hand.getByRole('status').getByText('4 unread notifications', { exact: true }).waitFor()
    await hand.getByRole('button', { name: /^Notifications/ }).click()
    const line = hand.getByRole('button', { name: /^4 documents are yours to pick/ })
    await line.click()
    await hand.getByRole('button', { name: /^TR-BELL-2 is yours to pick/ }).click()
    await hand.getByRole('heading', { name: 'TR-BELL-2' }).waitFor()
    for (const page of [hand, pocket]) await badge(page).getByText('3', { exact: true }).waitFor()
    await pocket.getByRole('button', { name: /^Notifications/ }).click()
    await pocket.getByRole('button', { name: 'Mark all read' }).click()
    await badge(hand).waitFor({ state: 'detached' })
    await pocket.getByRole('button', { name: 'Clear all' }).click()
    await pocket.getByText('Nothing has happened that concerns you.').waitFor()
    await saved(hand)
    await hand.reload()
    await hand.getByRole('button', { name: 'Notifications' }).click()
    await hand.getByText('Nothing has happened that concerns you.').waitFor()
    expect(await badge(hand).count()).toBe(0)
  })

  it('a person says what they are told, when and in which language, and it holds on their other device', async () => {
    const one = await (await stage.person('marko')).goTo('/preferences')
    await one.getByRole('button', { name: 'Trebovanja: each kind' }).click()
    const mine = 'A trebovanje is mine to pick: In the app'
    // Nobody has told Marko anything yet: his inbox begins with this.
    await one.getByLabel(mine).uncheck()
    // Opened before any other page, it looks as it does after one.
    expect(
      await one
        .locator('.record-stack')
        .first()
        .evaluate(each => getComputedStyle(each).display),
    ).toBe('grid')
    await one.getByLabel('Quiet from').fill('20:00')
    await one.getByText('Choose both times: with one alone there are no quiet hours.').waitFor()
    await one.getByText('Nothing is mailed: this server is not set up to send e-mails.').waitFor()
    await one.getByLabel('Quiet to').fill('06:30')
    await one.getByLabel('Summary by e-mail').selectOption('weekly')
    await saved(one)
    const other = await (await stage.person('marko', 'phone')).goTo('/preferences')
    await other.getByRole('button', { name: 'Trebovanja: each kind' }).click()
    await expect.poll(() => other.getByLabel(mine).isChecked()).toBe(false)
    expect(await other.getByLabel('Quiet from').inputValue()).toBe('20:00')
    expect(await other.getByLabel('Summary by e-mail').inputValue()).toBe('weekly')
    await trebovanje('TR-MUTE-1', 'marko')
    // It is in the history, and nowhere else.
    await other.getByLabel('Search all notifications').fill('mute-1')
    await other.getByRole('link', { name: 'TR-MUTE-1 is yours to pick' }).waitFor()
    expect(await badge(other).count()).toBe(0)
    await one.locator('#content label', { hasText: 'Srpski' }).click()
    await one.getByRole('heading', { name: 'Podešavanja' }).waitFor()
    await one.locator('#content label', { hasText: 'Taman' }).click()
    await one.locator('html[data-mantine-color-scheme="dark"][lang="sr"]').waitFor()
    await one.reload()
    await one.getByRole('heading', { name: 'Podešavanja' }).waitFor()
    await one.locator('html[data-mantine-color-scheme="dark"]').waitFor()
  })

  it('a link from an e-mail opens the record, and what told of it is read', async () => {
    const id = await trebovanje('TR-MAIL-1', 'jelena')
    const jelena = await stage.person('jelena')
    const page = await jelena.goTo('/warehouse/trebovanja')
    await badge(page).waitFor()
    await page.goto(new URL(`/open/${encodeURIComponent(`trebovanje:${id}`)}`, page.url()).href)
    await page.getByRole('heading', { name: 'TR-MAIL-1' }).waitFor()
    expect(page.url()).toContain(`/warehouse/trebovanja/${id}`)
    await badge(page).waitFor({ state: 'detached' })
    await page.goto(new URL('/open/nothing:1', page.url()).href)
    await page.getByRole('heading', { name: 'There is no such page.' }).waitFor()
  })

  it('each sees who is here and in which field; what one did one takes back', async () => {
    const id = await project('Quay')
    const a = await (await stage.person('hugo')).goTo(`/construction/projects/${id}`)
    const b = await (await stage.person('claire', 'tablet')).goTo(`/construction/projects/${id}`)
    await b.getByRole('img', { name: 'Hugo Martin here now' }).waitFor()
    await a.getByLabel('Client').focus()
    await b.getByText('Hugo Martin', { exact: true }).first().waitFor()
    await a.getByLabel('Client').fill('Harbour')
    await a.getByLabel('Client').press('Enter')
    await expect.poll(() => b.getByLabel('Client').inputValue()).toBe('Harbour')
    await a.getByRole('button', { name: 'Undo' }).click()
    for (const page of [a, b]) await expect.poll(() => page.getByLabel('Client').inputValue()).toBe('Town')
  })

  it('in a rich text the keys take back what one typed oneself, and neither the text nor what another typed', async () => {
    const desk = await stage.desk('dana')
    const ticket = desk.create(Ticket, { title: 'Lift 4' })
    ticket.text('description').insert(0, 'It stopped.')
    await ticket.whenSaved()
    const a = await (await stage.person('dana')).goTo(`/tickets/${ticket.id}`)
    const text = a.getByRole('textbox', { name: 'Description' })
    const reads = (what: string) => expect.poll(() => text.textContent()).toBe(what)
    await reads('It stopped.')
    await text.press('Control+End')
    await text.press('Control+z')
    // At one stroke: how much one undoing takes back depends on how quickly one types.
    await a.keyboard.insertText(' Twice.')
    await reads('It stopped. Twice.')
    ticket.text('description').insert(0, 'Today: ')
    await reads('Today: It stopped. Twice.')
    await text.press('Control+z')
    await reads('Today: It stopped.')
    // Of the buttons above it Tab knows one; the arrows know all.
    const focused = () => a.evaluate(() => document.activeElement?.getAttribute('aria-label'))
    await text.press('Shift+Tab')
    await expect.poll(focused).toBe('Bold')
    await a.keyboard.press('ArrowLeft')
    await a.keyboard.press('ArrowLeft')
    await expect.poll(focused).toBe('Link')
    await a.keyboard.press('Tab')
    await expect.poll(focused).toBe('Description')
  })

  it('in a rich text each sees where the other is, until they leave it or the page', async () => {
    const desk = await stage.desk('dana')
    const ticket = desk.create(Ticket, { title: 'Lift 5' })
    ticket.text('description').insert(0, 'It stopped.')
    await ticket.whenSaved()
    const a = await (await stage.person('dana')).goTo(`/tickets/${ticket.id}`)
    const b = await (await stage.person('mira')).goTo(`/tickets/${ticket.id}`)
    const textOf = (page: Page) => page.getByRole('textbox', { name: 'Description' })
    const cursorOf = (page: Page, name: string) => page.locator('.ql-cursor', { hasText: name })
    const caretAt = async (page: Page, name: string): Promise<number> =>
      (await cursorOf(page, name).locator('.ql-cursor-caret').boundingBox())?.x ?? -1
    for (const page of [a, b]) await expect.poll(() => textOf(page).textContent()).toBe('It stopped.')
    await textOf(a).press('Control+Home')
    await textOf(b).press('Control+End')
    await cursorOf(a, 'Mira').waitFor({ state: 'attached' })
    await cursorOf(b, 'Dana').waitFor({ state: 'attached' })
    expect(await cursorOf(a, 'Dana').count()).toBe(0)
    // Who comes into a text comes to its begin, and goes to its end from there.
    await expect.poll(async () => (await caretAt(a, 'Mira')) > (await caretAt(b, 'Dana'))).toBe(true)
    const beside = await caretAt(a, 'Mira')
    await a.keyboard.insertText('Again. ')
    await expect.poll(() => caretAt(a, 'Mira')).toBeGreaterThan(beside)
    await expect.poll(() => caretAt(b, 'Dana')).toBeLessThan(await caretAt(a, 'Mira'))
    await a.reload()
    await cursorOf(b, 'Dana').waitFor({ state: 'detached' })
    await expect.poll(() => textOf(a).textContent()).toBe('Again. It stopped.')
    await textOf(a).press('Control+End')
    await cursorOf(b, 'Dana').waitFor({ state: 'attached' })
    expect(await cursorOf(b, 'Dana').count()).toBe(1)
    const title = a.getByLabel('Title')
    await title.focus()
    await cursorOf(b, 'Dana').waitFor({ state: 'detached' })
    await title.fill('Lift 6')
    await expect.poll(() => b.getByLabel('Title').inputValue()).toBe('Lift 6')
    await expect.poll(() => b.locator('.field-head:has(.field-who)').textContent()).toBe('TitleDana Novak')
  })

  it('the activity says who changed what, and an earlier value and a removed entry come back from it', async () => {
    const id = await trebovanje('TR-ACT-1')
    const page = await (await stage.person('dragan')).goTo(`/warehouse/trebovanja/${id}`)
    const customer = page.getByLabel('Customer', { exact: true })
    await customer.fill('Hotel Sava')
    await customer.press('Enter')
    await page.getByRole('button', { name: /Cement 25 kg/ }).click()
    await page.getByTestId('item-4711').waitFor({ state: 'detached' })
    await saved(page)
    await page.getByRole('button', { name: 'More', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Activity' }).click()
    const activity = page.getByRole('dialog', { name: 'Activity' })
    await activity.getByRole('button', { name: 'Put back: Customer, Hotel Park' }).click()
    await expect.poll(() => customer.inputValue()).toBe('Hotel Park')
    await activity.getByRole('button', { name: 'Restore: Items' }).click()
    await page.getByTestId('item-4711').waitFor()
  })

  it('the activity says once that a record was created, whatever is added to it or restored, and what lost', async () => {
    const desk = await stage.desk('dana')
    const made = desk.create(Ticket, { title: 'Lift 3' })
    await made.whenSaved()
    const phone = await stage.desk('dana')
    const onPhone = phone.open(Ticket, made.id)
    await onPhone.whenReady()
    phone.goOffline()
    onPhone.set({ priority: 'low' })
    made.set({ priority: 'urgent' })
    await made.whenSaved()
    phone.goOnline()
    await onPhone.whenSaved()
    made.list('comments').add({ body: 'They called again' })
    const start = new Date(new Date().getFullYear(), 2, 12, 9, 30).getTime()
    made.list('times').add({ start, end: start + 25 * 60_000, note: 'Bled it' })
    made.log('checks').add({ kind: 'in' })
    await made.whenSaved()
    made.remove()
    await made.whenSaved()
    made.restore()
    await made.whenSaved()
    const page = await (await stage.person('dana')).goTo(`/tickets/${made.id}`)
    await page.getByRole('button', { name: 'More', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Activity' }).click()
    const activity = page.getByRole('dialog', { name: 'Activity' })
    await activity.getByText('+ They called again').waitFor()
    await activity.getByText('restored this').waitFor()
    expect(await activity.getByText('created this').count()).toBe(1)
    // A moment is said as a date, and a choice by its word.
    await activity.getByText('+ 12 Mar, 09:30 · 12 Mar, 09:55 · Bled it').waitFor()
    await activity.getByText('+ Check in').waitFor()
    expect(await activity.getByText(/Urgent → Low · did not prevail$/).count()).toBe(1)
  })

  it('what the server refuses is kept with the reason, until its writer has tried again or let it go', async () => {
    const id = await project('Lock')
    const office = await stage.desk('hugo')
    const periode = office.create(Periode, {
      project: `project:${id}`,
      number: 1,
      from: '2026-11-01',
      to: '2026-11-30',
    })
    await periode.whenSaved()
    const claire = await stage.person('claire', 'tablet')
    const page = await claire.goTo(`/construction/periodes/${periode.id}`)
    await page.getByLabel('To', { exact: true }).waitFor()
    await claire.network.cut()
    await page.getByLabel('To', { exact: true }).fill('2026-12-05')
    await page.locator('[data-testid="status"] .status-count').waitFor()
    periode.set({ state: 'closed' })
    await periode.whenSaved()
    await claire.network.mend()
    await page.getByRole('button', { name: '1 refused change' }).click()
    const tray = page.getByRole('dialog', { name: 'Refused changes' })
    await tray.getByText(/the période is closed: open it first/).waitFor()
    // By the names that people know them by, and no path.
    await tray.getByRole('link', { name: /^Période 1 / }).waitFor()
    await tray.getByText(/ · To · /).waitFor()
    await tray.getByText('5 Dec 2026', { exact: true }).waitFor()
    await expect.poll(() => page.getByLabel('To', { exact: true }).inputValue()).toBe('2026-11-30')
    await tray.getByRole('button', { name: 'Try again' }).click()
    await tray.getByText('Tried again, without success:').waitFor()
    await tray.getByText(/the période is closed: open it first/).waitFor()
    periode.set({ state: 'open' })
    await periode.whenSaved()
    await page.getByText('Open', { exact: true }).first().waitFor()
    await tray.getByRole('button', { name: 'Try again' }).click()
    await tray.getByText('Nothing was refused.').waitFor()
    await expect.poll(() => page.getByLabel('To', { exact: true }).inputValue()).toBe('2026-12-05')
  })

  it('what was refused is said as its page says it: choices, people and other records by their names', async () => {
    const desk = await stage.desk('dana')
    const site = desk.create(Site, { name: 'Quarry station' })
    const ticket = desk.create(Ticket, { title: 'Closed meanwhile' })
    await Promise.all([site.whenSaved(), ticket.whenSaved()])
    const rita = await stage.person('rita', 'desktop', { locale: 'fr' })
    const page = await rita.goTo(`/tickets/${ticket.id}`)
    const choose = (label: string, value: string) =>
      page.getByLabel(label, { exact: true }).selectOption(value)
    await page.getByLabel('Priorité', { exact: true }).waitFor()
    await rita.network.cut()
    await choose('Priorité', 'high')
    await choose('Attribué à', 'tomas')
    await choose('Site', `site:${site.id}`)
    ticket.set({ status: 'done' })
    ticket.set({ status: 'closed' })
    await ticket.whenSaved()
    await rita.network.mend()
    await page.locator('.refused-button').getByText('3').waitFor()
    await page.locator('.refused-button').click()
    const values = page.locator('.refused-value')
    await values.getByText('Quarry station').waitFor()
    expect((await values.allTextContents()).sort()).toEqual(['Haute', 'Quarry station', 'Tomáš Horák'])
  })

  it('on paper nothing stands that is to be pressed or filled in, and each sheet of a list has its heads', async () => {
    const desk = await stage.desk('dana')
    const ticket = desk.create(Ticket, { title: 'For the file' })
    const sales = await stage.desk('nina')
    const estimate = sales.create(
      Estimate,
      { customer: 'For the customer' },
      { entries: { lines: [{ name: 'Ladder', quantity: 1, price: 1_000 }] } },
    )
    await Promise.all([ticket.whenSaved(), estimate.whenSaved()])
    for (const [who, path, text] of [
      ['dana', `/tickets/${ticket.id}`, 'Log time'],
      ['nina', `/sales/estimates/${estimate.id}`, 'Save as CSV'],
    ] as const) {
      const page = await (await stage.person(who)).goTo(path)
      await page.locator('#content').getByText(text).waitFor()
      await page.emulateMedia({ media: 'print' })
      expect(await page.locator('#content').locator('button:visible, .composer:visible').all()).toEqual([])
    }
    const list = await (await stage.person('dana')).goTo('/tickets')
    const head = list.locator('.record-table thead').getByText('Title', { exact: true })
    await head.waitFor()
    await list.emulateMedia({ media: 'print' })
    // What is a box of its own the browser repeats on no further sheet.
    expect(await head.evaluate(button => getComputedStyle(button).display)).toBe('contents')
  })

  it('what others changed while one was away stands on the record, with what became of one’s own', async () => {
    const id = await project('Weir')
    const hugo = await stage.person('hugo')
    const page = await hugo.goTo(`/construction/projects/${id}`)
    const client = page.getByRole('textbox', { name: 'Client' })
    await client.waitFor()
    await hugo.network.cut()
    await client.fill('Mine')
    await client.press('Enter')
    await page.locator('[data-testid="status"] .status-count').waitFor()
    const claire = await stage.desk('claire')
    const theirs = claire.open(Project, id)
    await theirs.whenReady()
    theirs.set({ client: 'Theirs', place: 'Vienne' })
    await theirs.whenSaved()
    await hugo.network.mend()
    const away = page.getByRole('region', { name: 'Changed while you were away' })
    await away.getByText('Vienne').waitFor()
    await away
      .getByText(/Claire Dubois/)
      .first()
      .waitFor()
    await away.getByText(/your value (lost; it is kept|won)/).waitFor()
    await away.getByRole('button', { name: 'Understood' }).click()
    await away.waitFor({ state: 'detached' })
  })

  it('the header tells live from off line, and how much is not sent', async () => {
    const id = await project('Lighthouse')
    const hugo = await stage.person('hugo')
    const page = await hugo.goTo(`/construction/projects/${id}`)
    await page.getByLabel('Place').waitFor()
    const status = page.getByTestId('status')
    await expect.poll(() => status.textContent()).toBe('Live')
    await hugo.network.cut()
    await page.getByText(/^Off line\. What you see is as of/).waitFor()
    await page.getByLabel('Place').fill('Cap')
    await page.getByLabel('Place').press('Enter')
    await page.getByRole('button', { name: 'Off line, 1 not sent' }).click()
    await page
      .getByText('You can go on working. Everything is sent when the connection is back.')
      .first()
      .waitFor()
    await page.keyboard.press('Escape')
    await hugo.network.mend()
    await expect.poll(() => status.textContent()).toBe('Live')
    // Who hears the page and does not see it is told of both.
    await page.getByRole('status').getByText('On line again.').waitFor({ state: 'attached' })
    // A first connection that takes its time is on its way, and not gone.
    const slow = await stage.person('hugo')
    await slow.context.routeWebSocket(/\/link/, () => {})
    await slow.context.clock.install()
    const waiting = await slow.visit('/construction/projects')
    await waiting.getByTestId('status').waitFor()
    await slow.context.clock.fastForward(6_000)
    expect(await waiting.getByTestId('status').textContent()).toBe('Connecting …')
    await slow.context.clock.fastForward(30_000)
    await waiting.getByText('Off line', { exact: true }).waitFor()
  })

  it('says of a server that does not save, or does not send, what it means to who is there', async () => {
    const id = await project('Sluice')
    const hugo = await stage.person('hugo')
    const page = await hugo.goTo(`/construction/projects/${id}`)
    const banner = page.locator('.sync-banner')
    const client = page.getByRole('textbox', { name: 'Client' })
    await client.waitFor()
    hugo.network.stall(frame => frame[0] !== 0)
    await client.fill('Canal office')
    await client.press('Enter')
    await banner.getByText('The server has not saved your last changes yet.').waitFor()
    await page.getByTestId('status').getByText('Not saved yet').waitFor()
    expect(await findingsByDayAndNight(page, { whole: true })).toEqual([])
    hugo.network.unstall()
    await saved(page)
    await banner.waitFor({ state: 'detached' })
    hugo.network.stall(frame => frame.includes('"t":"sub"'))
    await walkTo(page, '/construction/projects')
    await banner.getByText('The server has not sent everything on this page yet.').waitFor()
    hugo.network.unstall()
    await page.getByRole('link', { name: 'Sluice' }).waitFor()
    await banner.waitFor({ state: 'detached' })
  })

  it('a person who works off line by hand finds it so when they look again, and sends when they say', async () => {
    const id = await project('Dock')
    const page = await (await stage.person('hugo')).goTo(`/construction/projects/${id}`)
    const status = page.getByTestId('status')
    await page.getByLabel('Place').waitFor()
    await status.click()
    await page.getByRole('button', { name: 'Work off line' }).click()
    await page.keyboard.press('Escape')
    await page.getByText(/^Off line\. What you see is as of/).waitFor()
    await page.getByLabel('Place').fill('Nantes')
    await page.getByLabel('Place').press('Enter')
    await page.getByRole('button', { name: 'Off line, 1 not sent' }).click()
    await page.getByRole('button', { name: 'Go on line' }).click()
    await expect.poll(() => status.textContent()).toBe('Live')
    const office = await stage.desk('hugo')
    const kept = office.open(Project, id)
    await kept.whenReady()
    expect(kept.view?.place).toBe('Nantes')
  })

  it('asked for by hand while the network is away, nothing is lost and it says so; what waited is sent after', async () => {
    const id = await project('Sluice')
    const hugo = await stage.person('hugo')
    const page = await hugo.goTo(`/construction/projects/${id}`)
    const status = page.getByTestId('status')
    await page.getByLabel('Place').waitFor()
    await hugo.network.cut()
    await page.getByLabel('Place').fill('Brest')
    await page.getByLabel('Place').press('Enter')
    const waiting = page.getByRole('button', { name: 'Off line, 1 not sent' })
    await waiting.click()
    const facts = page.locator('.status-facts')
    for (const press of ['Synchronise now', 'Send', 'Fetch']) {
      await page.getByRole('button', { name: press, exact: true }).click()
      await facts.getByText(/^1 change not sent/).waitFor()
      await facts.getByText(/^You can go on working\./).waitFor()
      await waiting.waitFor()
      expect(await facts.getByRole('alert').count()).toBe(0)
    }
    hugo.network.allowSockets()
    await hugo.context.setOffline(false)
    for (const press of ['Synchronise now', 'Send', 'Fetch']) {
      await page.getByRole('button', { name: press, exact: true }).click()
      await facts.getByText('Changes arrive at once.').waitFor()
      await facts.getByText(/not sent/).waitFor({ state: 'detached' })
      await expect.poll(() => status.textContent()).toBe('Live')
    }
    const office = await stage.desk('hugo')
    const kept = office.open(Project, id)
    await kept.whenReady()
    expect(kept.view?.place).toBe('Brest')
  })

  it('in Serbian and French no page is wider than a phone, and every date is in the letters of its text', async () => {
    const id = await trebovanje('TR-WORDS-1', 'jelena')
    for (const locale of ['sr-RS', 'fr-FR']) {
      const mira = await stage.person('mira', 'phone', { locale })
      const page = await mira.goTo('/warehouse/trebovanja')
      await page.setViewportSize({ width: 320, height: 740 })
      const overhang = (): Promise<number> =>
        page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      for (const [path, text] of [
        ['/warehouse/trebovanja', 'TR-WORDS-1'],
        [`/warehouse/trebovanja/${id}`, 'Cement 25 kg'],
        ['/warehouse/scheduler', 'TR-WORDS-1'],
        ['/preferences', 'Srpski'],
        ['/tickets/operations', 'Lea Meyer'],
      ] as const) {
        await walkTo(page, path)
        const there = page.getByText(text).or(page.locator(`input[value="${text}"]`))
        await there.first().waitFor()
        const words = await page.locator('.shell').textContent()
        expect(await overhang(), `${locale} ${path}`).toBeLessThanOrEqual(0)
        expect(words, `${locale} ${path}`).not.toMatch(/\p{Script=Cyrillic}/u)
        const low = await page
          .locator('.shell :is(.filter-chip, .mantine-Button-root):visible')
          .evaluateAll(all =>
            all.filter(({ clientHeight }) => clientHeight < 42).map(each => each.textContent),
          )
        expect(low, `${path}: lower than a finger`).toEqual([])
        // No colon stands alone on a line, nor at the end of a French word.
        if (locale === 'fr-FR') expect(words, path).not.toMatch(/\p{L}(?: [:;!?]|:)(?:\s|$)/u)
      }
      // Under the thumb the page one is on has its whole word, as the others have.
      await page.setViewportSize({ width: 360, height: 740 })
      for (const path of ['/tickets/operations', '/tickets/technicians']) {
        await walkTo(page, path)
        const current = page.locator(`.rail-page[href="${path}"][aria-current] span`)
        const isBroken = await current.evaluate(({ firstChild }) => {
          const longest = document.createRange()
          const [word = ''] = firstChild?.textContent?.split(' ') ?? []
          longest.setStart(firstChild as Text, 0)
          longest.setEnd(firstChild as Text, word.length)
          return longest.getClientRects().length > 1
        })
        expect(isBroken, `${locale} ${path}`).toBe(false)
      }
      await page.setViewportSize({ width: 320, height: 740 })
      await walkTo(page, `/warehouse/trebovanja/${id}`)
      const customer = page.locator('.field input').nth(1)
      await customer.waitFor()
      await mira.network.cut()
      await customer.fill('Hotel Grand')
      await customer.press('Enter')
      await page.locator('.status-count').waitFor()
      expect(await overhang(), `${locale} with something unsent`).toBeLessThanOrEqual(0)
    }
  })

  it('begins by itself where the server was not there at the first visit', async () => {
    const device = await stage.device()
    // As beneath a folder of another site, where none of its files is.
    await device.context.route(/\/(?:assets|first-paint)/, route => route.fulfill({ status: 404 }))
    const bare = (page: Page) => page.getByText('at the root of an address, not beneath a folder')
    await bare(await device.visit('/desk/')).waitFor()
    await device.context.unroute(/\/(?:assets|first-paint)/)
    // While its parts are on a slow line the page is not empty, and of one that is not there it says so.
    const [isMissing, missing] = gate()
    await device.context.route(/\/assets\/.*\.js/, async route => {
      await isMissing
      await route.fulfill({ status: 404 })
    })
    const slow = await device.context.newPage()
    await slow.goto(`${stage.server.url}/`, { waitUntil: 'commit' })
    await slow.getByText('corecord', { exact: true }).waitFor()
    await slow.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0)
    expect(await bare(slow).isVisible()).toBe(false)
    missing()
    await bare(slow).waitFor()
    await device.context.unroute(/\/assets\/.*\.js/)
    // Nor is it for ever to come to a browser that knows less of the language than the page is written in.
    const old = await device.context.newPage()
    await old.route(/\/assets\/index-.*\.js/, route =>
      route.fulfill({ contentType: 'text/javascript', body: '?' }),
    )
    await old.goto(`${stage.server.url}/`)
    await bare(old).waitFor()
    expect(await old.getByText('corecord', { exact: true }).isVisible()).toBe(false)
    let asked = 0
    // What stands between refuses it once; then nobody answers.
    await device.context.route('**/api/demo/people', route =>
      ++asked === 1
        ? route.fulfill({ status: 403, contentType: 'text/html', body: 'Blocked' })
        : route.abort(),
    )
    const page = await device.visit('/')
    await page.getByText('The server does not answer.').waitFor()
    expect(await bare(page).count()).toBe(0)
    await device.context.unroute('**/api/demo/people')
    await page
      .getByRole('link', { name: /^The lab/ })
      .first()
      .waitFor()
  })

  it('begins where the browser lets nothing be kept, and promises nothing off line', async () => {
    const device = await stage.device()
    await device.context.addInitScript(() => {
      for (const name of ['localStorage', 'sessionStorage', 'indexedDB'])
        Object.defineProperty(window, name, {
          get: () => {
            throw new DOMException('no', 'SecurityError')
          },
        })
    })
    const page = await device.goTo('/tickets')
    await device.network.cut()
    const banner = page.locator('.sync-banner')
    await banner.getByText('This browser does not let us keep anything').waitFor()
    expect(await banner.textContent()).not.toContain('kept and sent later')
  })

  it('a word that is longer than the screen makes no page wider', async () => {
    const desk = await stage.desk('dana')
    const title = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerk'.repeat(3)
    const made = desk.create(Ticket, { title })
    made.list('comments').add({ body: title })
    await made.whenSaved()
    const page = await (await stage.person('dana', 'phone')).goTo('/tickets')
    for (const path of ['/tickets', `/tickets/${made.id}`]) {
      await walkTo(page, path)
      await page.locator('.row-link, h1').getByText(title).first().waitFor()
      const beyond = await page.evaluate(() =>
        [...document.querySelectorAll('#content *')]
          // These are pushed aside by a finger.
          .filter(each => each.closest('.filter-chip') === null)
          .filter(each => each.getBoundingClientRect().right > document.documentElement.clientWidth)
          .map(each => `${each.tagName}.${each.className}`),
      )
      expect(beyond, path).toEqual([])
    }
  })

  it('a field is filled by its person, and not by the browser, from the side on which their letters begin', async () => {
    const desk = await stage.desk('dana')
    const site = desk.create(Site, { name: 'Home for the old' })
    await site.whenSaved()
    const page = await (await stage.person('dana')).goTo(`/tickets/sites/${site.id}`)
    const address = page.getByLabel('Address', { exact: true })
    expect(await address.getAttribute('autocomplete')).toBe('off')
    // Each line by its own first letter.
    for (const field of [address, page.getByLabel('Notes', { exact: true })])
      expect(await field.evaluate(each => getComputedStyle(each).unicodeBidi)).toBe('plaintext')
  })

  it('a finger meets what is to be ticked, and who asks for more contrast has no quiet text', async () => {
    const page = await (await stage.person('dana', 'tablet')).goTo('/preferences')
    const box = page.getByRole('checkbox').first()
    await box.scrollIntoViewIfNeeded()
    const isTicked = await box.isChecked()
    const { x, y, width, height } = (await box.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
    await page.touchscreen.tap(x + width / 2 + 20, y + height / 2 - 20)
    await expect.poll(() => box.isChecked()).toBe(!isTicked)
    const colors = (): Promise<string[]> =>
      page.evaluate(() =>
        ['.preferences-lead', 'h1'].map(
          at => getComputedStyle(document.querySelector(at) ?? document.body).color,
        ),
      )
    expect(new Set(await colors()).size).toBe(2)
    await page.emulateMedia({ contrast: 'more' })
    expect(new Set(await colors()).size).toBe(1)
  })

  it('axe finds nothing serious on header, search, bell, menu, preferences and help, light and dark', async () => {
    const page = await (await stage.person('jelena')).goTo('/warehouse/picking')
    // Who has never come in is told nothing.
    const id = await trebovanje('TR-AXE-1', 'jelena')
    await walkTo(page, `/warehouse/trebovanja/${id}`)
    await page.getByRole('heading', { name: 'TR-AXE-1' }).waitFor()
    const look = async (what: string): Promise<void> =>
      expect(await findingsByDayAndNight(page, { whole: true }), what).toEqual([])
    await look('record')
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Search everything …' }).fill('AXE')
    await hit(page).first().waitFor()
    await look('search')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: /^Notifications/ }).click()
    const inbox = page.getByRole('dialog', { name: 'Notifications' })
    await inbox.locator('.inbox-item').first().waitFor()
    // The page has one head, whatever lies over it.
    expect(await inbox.locator('header').getAttribute('role')).toBe('none')
    await look('bell')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: /Jelena/ }).click()
    await page.getByRole('menuitem').first().waitFor()
    await look('menu')
    await page.getByRole('menuitem', { name: 'Preferences …' }).click()
    await page.getByRole('button', { name: 'Tickets: each kind' }).click()
    await look('preferences')
  })
})
