import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { User } from '../../shared/types/people.ts'
import { Ticket } from '../../shared/types/ticket.ts'
import { Inventory, Shipment, Site, Tech } from '../../shared/types/ticketing.ts'
import { listsKept, pixel, requestsOf, seriousFindings, stageOfStories, walkTo } from './app-stage.ts'

const stage = stageOfStories()

/** A ticket that the dispatcher wrote before the story begins. */
const ticket = async (
  title: string,
  values: { readonly assignedTo?: string; readonly due?: number } = {},
): Promise<string> => {
  const desk = await stage.desk('dana')
  const record = desk.create(Ticket, { title, ...values })
  record.act('number')
  await record.whenSaved()
  return record.id
}

const rowOf = (page: Page, title: string) => page.locator('.record-table tbody tr', { hasText: title })
const isSaved = (page: Page): Promise<void> =>
  page.locator('[data-testid="status"]:not(:has(.status-count))').waitFor()
const figure = (page: Page, label: string) =>
  page.locator('.figure', { has: page.getByText(label, { exact: true }) }).locator('.figure-value')
const figureNow = async (page: Page, label: string): Promise<number> => {
  await figure(page, label).filter({ hasText: /^\d/ }).waitFor()
  return Number(await figure(page, label).textContent())
}
const openBell = (page: Page): Promise<void> => page.getByRole('button', { name: /^Notifications/ }).click()
const lines = (page: Page) => page.locator('.mantine-Drawer-body > .inbox-list > .inbox-item')

const withoutAuthorAndTime = (line: string): string =>
  line.replace(/ (Dana [^,]*, )?\d+ \p{L}+, [\d:]+$/u, '')

describe('tickets', () => {
  it('ten people see a burst of four tickets with no refresh, each as one line that opens into four', async () => {
    const dana = await stage.desk('dana')
    const screens = [
      await stage.person('tomas', 'phone'),
      await stage.person('lea', 'tablet'),
      await stage.person('mira'),
    ]
    const pages = await Promise.all(screens.map(screen => screen.goTo('/tickets')))
    for (const page of pages) await page.getByText('There is nothing here yet.').waitFor()
    const others = await Promise.all(
      ['vesna', 'hugo', 'paul', 'wall', 'milo', 'rita', 'tara'].map(who => stage.desk(who)),
    )
    for (const desk of others) desk.inbox.subscribe(() => {})
    for (const desk of others) await expect.poll(() => desk.inbox.items).toEqual([])
    const requests = requestsOf(...pages)
    await Promise.all([1, 2, 3, 4].map(n => dana.create(Ticket, { title: `Pump ${n}` }).whenSaved()))
    for (const page of pages) {
      for (const n of [1, 2, 3, 4]) await rowOf(page, `Pump ${n}`).waitFor()
      await page.getByTestId('unread').getByText('4', { exact: true }).waitFor()
      await openBell(page)
      await lines(page).getByText('4 new tickets', { exact: true }).waitFor()
      expect(await lines(page).count()).toBe(1)
      await lines(page).locator('.inbox-open').first().click()
      for (const n of [1, 2, 3, 4])
        await page.locator('.inbox-parts').getByText(`New ticket: «Pump ${n}»`).waitFor()
    }
    for (const { inbox } of others) {
      await expect.poll(() => inbox.unread).toBe(4)
      expect(inbox.items?.map(({ sentence }) => sentence)).toEqual(['4 new tickets'])
    }
    expect(requests).toEqual([])
  })

  it('a dispatcher makes a ticket, a site, a part and a technician, and others see each at once', async () => {
    const dana = await (await stage.person('dana')).goTo('/tickets')
    const lea = await (await stage.person('lea', 'tablet')).goTo('/tickets')
    for (const [path, button, label, name] of [
      ['', 'New ticket', 'Title', 'Freezer is warm'],
      ['/sites', 'New site', 'Name', 'Hotel Harbour'],
      ['/inventory', 'New part', 'Part', 'SEAL-12'],
      ['/technicians', 'New technician', 'Name', 'Vera Lukić'],
    ] as const) {
      for (const page of [dana, lea]) await walkTo(page, `/tickets${path}`)
      await dana.getByRole('button', { name: button }).click()
      await dana.getByLabel(label, { exact: true }).fill(name)
      await dana.keyboard.press('Enter')
      await dana.getByRole('heading', { name: new RegExp(name) }).waitFor()
      // Whoever has no mouse goes on in the page that opened, where the form is gone that had the keyboard.
      await expect
        .poll(() => dana.evaluate(() => document.activeElement?.closest('main')?.id))
        .toBe('content')
      await rowOf(lea, name).waitFor()
    }
    const bell = dana.getByRole('button', { name: /^Notifications/ })
    await bell.press('Enter')
    await dana.getByRole('dialog').getByRole('button', { name: 'Close' }).press('Escape')
    await expect.poll(() => bell.evaluate(button => button === document.activeElement)).toBe(true)
    await isSaved(dana)
    // What another program made has no number before somebody who may give it one looks at it.
    const came = (await stage.desk('dana')).create(Ticket, { title: 'From the web shop' })
    await came.whenSaved()
    await walkTo(dana, `/tickets/${came.id}`)
    await dana.getByRole('heading', { name: /^T-\d{4} From the web shop$/ }).waitFor()
    expect(came.actions.map(({ name, state }) => [name, state])).toEqual([['number', 'accepted']])
  })

  it('Open to In progress changes dashboard, detail and list at once, and notifies', async () => {
    const id = await ticket('Lift 7')
    const manager = await (await stage.person('mira')).goTo('/tickets/operations')
    const list = await (await stage.person('lea')).goTo('/tickets')
    const dispatcher = await (await stage.person('dana')).goTo(`/tickets/${id}`)
    const technician = await (await stage.person('tomas', 'phone')).goTo(`/tickets/${id}`)
    await rowOf(list, 'Lift 7').locator('.chip[data-status="open"]').waitFor()
    const before = {
      open: await figureNow(manager, 'Open'),
      inProgress: await figureNow(manager, 'In progress'),
    }
    await technician.getByRole('button', { name: 'Start' }).click()
    await dispatcher.locator('.record-title .chip').getByText('In progress').waitFor()
    await rowOf(list, 'Lift 7').locator('.chip').getByText('In progress').waitFor()
    await figure(manager, 'In progress')
      .getByText(String(before.inProgress + 1), { exact: true })
      .waitFor()
    await figure(manager, 'Open')
      .getByText(String(before.open - 1), { exact: true })
      .waitFor()
    await openBell(dispatcher)
    await dispatcher.getByText('«Lift 7»: open → in progress').waitFor()
  })

  it('a comment shows in the open ticket, raises its count everywhere, and rings for whom it names', async () => {
    const id = await ticket('Escalator 2')
    const list = await (await stage.person('lea')).goTo('/tickets')
    const manager = await (await stage.person('mira')).goTo('/tickets/operations')
    const dispatcher = await (await stage.person('dana')).goTo(`/tickets/${id}`)
    const technician = await (await stage.person('tomas', 'phone')).goTo(`/tickets/${id}`)
    const comment = technician.getByLabel('Comment', { exact: true })
    await comment.pressSequentially('On my way, @dan')
    await technician.getByRole('option', { name: 'Dana Novak' }).waitFor()
    await comment.press('Enter')
    // Half written, it is there again after a reload, until it is sent.
    await technician.reload()
    await expect.poll(() => comment.inputValue()).toBe('On my way, @Dana Novak ')
    const send = technician.getByRole('button', { name: 'Send' })
    // As large as a finger.
    expect((await send.boundingBox())?.height).toBeGreaterThanOrEqual(44)
    await send.click()
    const shown = dispatcher.locator('.entry', { hasText: 'Tomáš Horák' })
    await shown.getByText('On my way,').waitFor()
    await shown.locator('.mention').getByText('@Dana Novak').waitFor()
    const row = rowOf(list, 'Escalator 2')
    await row.locator('td[data-label="Comments"]').getByText('1').waitFor()
    await row.locator('td[data-label="Updated"]').getByText('Tomáš Horák').waitFor()
    const latest = manager.locator('.latest-list li', { hasText: 'Escalator 2' })
    await latest.getByText(/Tomáš Horák.*Comments: 1/).waitFor()
    await openBell(dispatcher)
    await dispatcher.getByText(/^You are mentioned on «Escalator 2»/).waitFor()
    await dispatcher.keyboard.press('Escape')
    // One's own can be mended and deleted; of others' one has no buttons.
    expect(await shown.getByRole('button').count()).toBe(0)
    await technician.getByRole('button', { name: 'Edit comment' }).click()
    await technician.getByLabel('Edit comment').fill('I am here.')
    await technician.getByRole('button', { name: 'Save' }).click()
    await shown.getByText('I am here.').waitFor()
    await technician.getByRole('button', { name: 'Delete comment' }).click()
    await dispatcher.getByText('Nobody has commented yet.').waitFor()
    await row.locator('td[data-label="Comments"]').getByText('1').waitFor({ state: 'detached' })
    // Of very many the latest are there at once, and what stands beneath them.
    const desk = await stage.desk('dana')
    const open = desk.open(Ticket, id)
    await open.whenReady()
    const floors = Array.from({ length: 41 }, (_, n) =>
      open.list('comments').add({ body: `Floor ${n}`, mentions: [] }),
    )
    await open.whenSaved()
    await dispatcher.reload()
    await dispatcher.getByText('21 earlier comments').click()
    await dispatcher.getByText('Floor 0', { exact: true }).waitFor()
    const latest20 = dispatcher.locator('.comments-earlier + .entry-list > .entry')
    expect(await latest20.count()).toBe(20)
    // Whichever is deleted meanwhile, nobody loses what they are writing.
    await dispatcher.getByRole('button', { name: 'Edit comment' }).first().click()
    const half = dispatcher.getByRole('textbox', { name: 'Edit comment' })
    await half.fill('Half written')
    const [first = ''] = /Floor \d+/.exec((await latest20.first().textContent()) ?? '') ?? []
    open.list('comments').remove(floors[Number(first.slice(6))] ?? '')
    await expect.poll(() => latest20.count()).toBe(19)
    expect(await half.inputValue()).toBe('Half written')
    // Of namesakes the one who was chosen is called, after a reload too.
    const root = await stage.desk('root')
    const namesake = root.create(User, { name: 'Rita Vogel' })
    await namesake.whenSaved()
    // A sign that stands for itself calls nobody.
    await comment.pressSequentially('Two keys @ ')
    expect(await comment.getAttribute('aria-activedescendant')).toBe(null)
    await comment.fill('')
    await comment.pressSequentially('@rita')
    await expect.poll(() => technician.getByRole('option', { name: /^Rita Vogel/ }).count()).toBe(2)
    await comment.press('Enter')
    await technician.reload()
    await expect.poll(() => comment.inputValue()).toBe('@Rita Vogel ')
    await send.click()
    await expect.poll(() => open.view?.comments.at(-1)?.body).toBe('@Rita Vogel')
    expect(open.view?.comments.at(-1)?.mentions.length).toBe(1)
  })

  it('a tag is on the ticket, ended by Enter or by leaving the page, until somebody takes it off', async () => {
    const id = await ticket('Boiler leaks')
    const open = (await stage.desk('dana')).open(Ticket, id)
    await open.whenReady()
    const page = await (await stage.person('dana', 'tablet')).goTo(`/tickets/${id}`)
    const tags = page.getByRole('combobox', { name: 'Tags' })
    await tags.fill('roof')
    await tags.press('Enter')
    await expect.poll(() => open.view?.tags).toEqual(['roof'])
    await tags.fill('leak')
    await walkTo(page, '/tickets')
    await expect.poll(() => open.view?.tags).toEqual(['leak', 'roof'])
    await walkTo(page, `/tickets/${id}`)
    // What is too long for one is said, and is there to be shortened.
    await tags.fill('a'.repeat(41))
    await tags.press('Enter')
    await page.getByRole('alert').waitFor()
    expect(await tags.inputValue()).toBe('a'.repeat(41))
    // A comma ends it as well, and so does leaving the field: what is around the word is none of it.
    await tags.press(',')
    await expect.poll(() => tags.inputValue()).toBe('a'.repeat(41))
    await tags.fill(' dry ')
    await tags.press('Tab')
    await expect.poll(() => open.view?.tags).toEqual(['dry', 'leak', 'roof'])
    // A keyboard on glass names no key: its comma comes as text.
    await tags.focus()
    for (const text of ['we', 't', ',']) await page.keyboard.insertText(text)
    await expect.poll(() => open.view?.tags).toEqual(['dry', 'leak', 'roof', 'wet'])
    expect(await tags.inputValue()).toBe('')
    open.union('tags').remove('dry', 'wet')
    await page.locator('.mantine-Pill-root', { hasText: 'wet' }).waitFor({ state: 'detached' })
    // Where the page goes with it, what was not taken is said.
    await tags.fill('a'.repeat(41))
    await walkTo(page, '/tickets')
    await page.getByText(`«${'a'.repeat(41)}»: This was not saved.`).waitFor()
    await walkTo(page, `/tickets/${id}`)
    const off = page.locator('.mantine-Pill-root', { hasText: 'leak' }).locator('.mantine-Pill-remove')
    const { width = 0, height = 0 } = (await off.boundingBox()) ?? {}
    expect([width >= 44, height >= 34]).toEqual([true, true])
    await off.tap()
    await expect.poll(() => open.view?.tags).toEqual(['roof'])
  })

  it('what is half written is there after a reload, and what is too long stays to be shortened', async () => {
    const id = await ticket('Lift 9')
    const desk = await stage.desk('dana')
    const open = desk.open(Ticket, id)
    await open.whenReady()
    open.list('comments').add({ body: 'Looked at it', mentions: [] })
    await open.whenSaved()
    const page = await (await stage.person('dana')).goTo(`/tickets/${id}`)
    const half = page.getByRole('textbox', { name: 'Edit comment' })
    await page.getByRole('button', { name: 'Edit comment' }).click()
    await half.fill('Looked at it, and the rope')
    await page.reload()
    await expect.poll(() => half.inputValue()).toBe('Looked at it, and the rope')
    // At another device the same person has gone on meanwhile: that is seen before it is replaced.
    const [comment] = open.view?.comments ?? []
    open.list('comments').set(comment?.id ?? '', { body: 'Looked at it twice' })
    await page.getByText('Looked at it twice').waitFor()
    expect(await half.inputValue()).toBe('Looked at it, and the rope')
    await half.fill('x'.repeat(4_001))
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByRole('alert').waitFor()
    expect(await half.inputValue()).toHaveLength(4_001)
    await half.fill('Looked at it, and the rope is worn')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await expect.poll(() => open.view?.comments[0]?.body).toBe('Looked at it, and the rope is worn')

    await walkTo(page, '/tickets')
    const begin = page.getByRole('button', { name: 'New ticket' })
    const title = page.getByRole('dialog').getByLabel('Title')
    await begin.click()
    await title.fill('The customer says')
    await page.reload()
    await begin.click()
    await expect.poll(() => title.inputValue()).toBe('The customer says')
    await title.fill('x'.repeat(201))
    await title.press('Enter')
    await page.getByRole('alert').waitFor()
    expect(await title.inputValue()).toHaveLength(201)
    await title.fill('Door hangs')
    await title.press('Enter')
    await page.getByRole('heading', { name: /Door hangs/ }).waitFor()
    await walkTo(page, '/tickets')
    await begin.click()
    expect(await title.inputValue()).toBe('')
  })

  it('two technicians claim one ticket, one off line: the first confirmed has it, the other is told', async () => {
    const id = await ticket('Cold room 3')
    const lea = await stage.person('lea', 'phone')
    const far = await lea.goTo(`/tickets/${id}`)
    const near = await (await stage.person('tomas', 'tablet')).goTo(`/tickets/${id}`)
    await far.getByRole('button', { name: 'Claim', exact: true }).waitFor()
    await lea.network.cut()
    await far.getByRole('button', { name: 'Claim', exact: true }).click()
    await far.locator('.field[data-tentative]').waitFor()
    await near.getByRole('button', { name: 'Claim', exact: true }).click()
    await near.getByRole('button', { name: 'Release' }).waitFor()
    await isSaved(near)
    await lea.network.mend()
    await far.getByText(/^Tomáš Horák had it first/).waitFor()
    for (const page of [far, near])
      await expect.poll(() => page.getByLabel('Claimed by', { exact: true }).inputValue()).toBe('tomas')
    await far.locator('.field[data-tentative]').waitFor({ state: 'detached' })
  })

  it('two write one title, one off line: both values stand with who, when and how, until one is picked', async () => {
    const id = await ticket('Radiator 4')
    const lea = await stage.person('lea', 'phone')
    const far = await lea.goTo(`/tickets/${id}`)
    const near = await (await stage.person('dana')).goTo(`/tickets/${id}`)
    const titleOf = (page: Page) => page.getByRole('textbox', { name: 'Title' })
    await expect.poll(() => titleOf(far).inputValue()).toBe('Radiator 4')
    await lea.network.cut()
    await titleOf(far).fill('Radiator is cold')
    await titleOf(far).press('Enter')
    await far.getByText('1 change not sent').first().waitFor()
    // What arrives at once was not written off line, and what arrives later was: the story takes as long as that.
    const written = Date.now()
    await expect.poll(() => Date.now() - written).toBeGreaterThan(6_000)
    // The page is left with the last key hardly down; where that is not kept yet, the browser asks.
    near.on('dialog', dialog => void dialog.accept())
    await titleOf(near).fill('Radiator leaks')
    await near.reload()
    await isSaved(near)
    await expect.poll(() => titleOf(near).inputValue()).toBe('Radiator leaks')
    await lea.network.mend()
    await near.getByRole('button', { name: /2 values/ }).click()
    const values = near.locator('.conflict-values li')
    await values
      .filter({ hasText: 'Radiator leaks' })
      .getByText(/you, .* · shown/)
      .waitFor()
    await values
      .filter({ hasText: 'Radiator is cold' })
      .getByText(/Lea Meyer, .* · written off line/)
      .waitFor()
    await values.getByRole('button', { name: 'Pick: Radiator is cold' }).click()
    for (const page of [near, far]) {
      await expect.poll(() => titleOf(page).inputValue()).toBe('Radiator is cold')
      await page.locator('.conflict-chip').waitFor({ state: 'detached' })
    }
  })

  it('a dispatcher gives a claimed ticket to somebody else, and a closed one is changed by nobody', async () => {
    const id = await ticket('Air filter 8')
    const lea = await (await stage.person('lea', 'phone')).goTo(`/tickets/${id}`)
    const dana = await (await stage.person('dana')).goTo(`/tickets/${id}`)
    await lea.getByRole('button', { name: 'Claim', exact: true }).click()
    await lea.getByRole('button', { name: 'Release' }).waitFor()
    const claimedBy = dana.getByLabel('Claimed by', { exact: true })
    await expect.poll(() => claimedBy.inputValue()).toBe('lea')
    await isSaved(lea)
    await claimedBy.selectOption({ label: 'Tomáš Horák' })
    await lea.getByRole('button', { name: 'Release' }).waitFor({ state: 'detached' })
    expect(await lea.getByText(/had it first/).count()).toBe(0)
    expect(await dana.locator('.conflict-chip').count()).toBe(0)
    for (const step of ['Start', 'Done', 'Close'])
      await dana.getByRole('button', { name: step, exact: true }).click()
    await lea.locator('.record-title .chip').getByText('Closed').waitFor()
    // What would be refused is not offered, and why not is said before anybody tries.
    const title = lea.getByRole('textbox', { name: 'Title' })
    await lea.getByText('It is closed: open it again first.').waitFor()
    await lea.locator('.field[data-locked]', { has: title }).waitFor()
    expect(await title.isEditable()).toBe(false)
    expect(await lea.getByLabel('Priority', { exact: true }).isDisabled()).toBe(true)
    expect(await lea.getByLabel('Comment', { exact: true }).count()).toBe(0)
    await dana.getByRole('button', { name: 'Open again' }).click()
    await lea.locator('.record-title .chip').getByText('Open').waitFor()
    await title.fill('Air filter 10')
    await title.press('Enter')
    await dana.getByRole('heading', { name: /Air filter 10/ }).waitFor()
  })

  it('what was read or cleared never comes back: reload, reconnection, a second device', async () => {
    const mira = await stage.person('mira')
    const page = await mira.goTo('/tickets')
    await openBell(page)
    const clearAll = page.getByRole('button', { name: 'Clear all' })
    await clearAll.or(page.getByText('Nothing has happened that concerns you.')).first().waitFor()
    if (await clearAll.isVisible()) await clearAll.click()
    await page.keyboard.press('Escape')
    const first = await ticket('Boiler 1')
    await page.getByTestId('unread').getByText('1', { exact: true }).waitFor()
    await openBell(page)
    // A click reads it and opens the record.
    await lines(page).getByText('New ticket: «Boiler 1»').click()
    await page.getByRole('heading', { name: /Boiler 1/ }).waitFor()
    expect(new URL(page.url()).pathname).toBe(`/tickets/${first}`)
    await page.getByTestId('unread').waitFor({ state: 'detached' })
    await ticket('Boiler 2')
    await page.getByTestId('unread').getByText('1', { exact: true }).waitFor()
    await mira.network.cut()
    await openBell(page)
    // Off line, too.
    await page.getByRole('button', { name: 'Clear: New ticket: «Boiler 2»' }).click()
    await mira.network.mend()
    await isSaved(page)
    await page.reload()
    const second = await (await stage.person('mira', 'phone')).goTo('/tickets')
    for (const device of [page, second]) {
      await openBell(device)
      await lines(device).getByText('New ticket: «Boiler 1»').waitFor()
      expect(await lines(device).getByText('New ticket: «Boiler 2»').count()).toBe(0)
      expect(await device.getByTestId('unread').count()).toBe(0)
    }
  })

  it('a day at the customer’s with no network reaches the dispatcher by itself', async () => {
    const id = await ticket('Fire pump 5', { assignedTo: 'tomas' })
    const tomas = await stage.person('tomas', 'phone')
    const phone = await tomas.goTo(`/tickets/${id}`)
    const office = await (await stage.person('dana')).goTo(`/tickets/${id}`)
    await phone.getByRole('button', { name: 'Claim', exact: true }).waitFor()
    await tomas.network.cut()
    await phone.getByRole('button', { name: 'Claim', exact: true }).click()
    await phone.getByRole('button', { name: 'Start' }).click()
    await phone.getByRole('button', { name: 'Check in' }).click()
    await phone.getByText('On site: Tomáš Horák').waitFor()
    await phone.getByLabel('Minutes').fill('45')
    await phone.getByLabel('What was done').fill('Seal changed')
    // A look at another page takes nothing of it.
    await walkTo(phone, '/tickets')
    await phone.goBack()
    await phone.getByLabel('Minutes').waitFor()
    expect(await phone.getByLabel('What was done').inputValue()).toBe('Seal changed')
    await phone.getByRole('button', { name: 'Log time' }).click()
    await phone.locator('input[type="file"]').setInputFiles({
      name: 'seal.png',
      mimeType: 'image/png',
      buffer: pixel,
    })
    await phone.locator('.thumb').getByText('seal.png').waitFor()
    // Pasted wherever the cursor stands, and dropped wherever the page is.
    expect(await given(phone, 'paste', '.ql-editor', 'screen.png')).toBe(true)
    await phone.locator('.thumb').getByText('screen.png').waitFor()
    expect(await given(phone, 'drop', 'header', 'pump.png')).toBe(true)
    await phone.locator('.thumb').getByText('pump.png').waitFor()
    await phone.getByRole('button', { name: 'Check out' }).click()
    await phone.getByRole('button', { name: 'Done' }).click()
    await phone.locator('.record-title .chip').getByText('Done').waitFor()
    await tomas.network.mend()
    await office.locator('.record-title .chip').getByText('Done').waitFor()
    await office.locator('.time-line', { hasText: 'Seal changed' }).getByText('45 min').waitFor()
    await office.getByText('On site: Nobody is checked in.').waitFor()
    for (const name of ['seal.png', 'screen.png', 'pump.png'])
      await office.locator('.thumb').getByText(name).waitFor()
    // Where nothing takes files the browser is not to open one in place of the page.
    await walkTo(phone, '/tickets/technicians')
    await phone.locator('.thumb').first().waitFor({ state: 'detached' })
    expect(await given(phone, 'drop', 'header', 'stray.png')).toBe(true)
    await expect.poll(() => office.getByLabel('Claimed by', { exact: true }).inputValue()).toBe('tomas')
    await isSaved(phone)
  })

  it('what came while one was away is said in words: comments, checks, tags, parts and texts', async () => {
    const id = await ticket('Cooling tower')
    const tomas = await stage.person('tomas', 'tablet')
    const page = await tomas.goTo(`/tickets/${id}`)
    await page.getByRole('heading', { name: 'Cooling tower' }).waitFor()
    await isSaved(page)
    const desk = await stage.desk('dana')
    const shipment = desk.create(Shipment, { number: 'S-COOL', carrier: 'DHL' })
    await shipment.whenSaved()
    const parcel = await tomas.goTo(`/tickets/shipments/${shipment.id}`)
    await parcel.getByRole('heading', { name: 'S-COOL' }).waitFor()
    await isSaved(parcel)
    await tomas.network.cut()
    await page.getByText('Off line').first().waitFor()
    const dana = desk.open(Ticket, id)
    await dana.whenReady()
    shipment.set({ ticket: `ticket:${id}` })
    await shipment.whenSaved()
    dana.list('comments').add({ body: 'The fan is loud', mentions: [] })
    dana.log('checks').add({ kind: 'in', note: 'By the back door' })
    dana.union('tags').add('roof')
    dana.counter('partsUsed').add(2)
    dana.text('description').insert(0, 'Since Monday')
    await dana.whenSaved()
    await tomas.network.mend()
    const away = page.getByRole('region', { name: 'Changed while you were away' })
    await away.waitFor()
    const said = async () =>
      (await away.getByRole('listitem').allInnerTexts()).map(withoutAuthorAndTime).sort()
    await expect
      .poll(said)
      .toEqual([
        'Checks: + Check in · By the back door',
        'Comments: + The fan is loud',
        'Parts used: 0 → 2',
        'Tags: + roof',
        'changed Description',
      ])
    // Another record is known by what people call it.
    const parcelAway = parcel.getByRole('region', { name: 'Changed while you were away' })
    await parcelAway.getByText('Cooling tower').waitFor()
  })

  it('who is on a ticket is seen in the list, and in which field in the ticket', async () => {
    const id = await ticket('Door 9')
    const list = await (await stage.person('mira')).goTo('/tickets')
    const dana = await (await stage.person('dana')).goTo(`/tickets/${id}`)
    const tomas = await (await stage.person('tomas', 'tablet')).goTo(`/tickets/${id}`)
    await rowOf(list, 'Door 9')
      .getByLabel('Dana Novak, Tomáš Horák here now')
      .or(rowOf(list, 'Door 9').getByLabel('Tomáš Horák, Dana Novak here now'))
      .waitFor()
    await tomas.getByRole('textbox', { name: 'Title' }).focus()
    await dana
      .locator('.field', { has: dana.getByRole('textbox', { name: 'Title' }) })
      .getByText('Tomáš Horák')
      .waitFor()
    await tomas.context().close()
    await dana.getByText('Tomáš Horák in this field').waitFor({ state: 'detached' })
    await rowOf(list, 'Door 9').getByLabel('Dana Novak here now').waitFor()
  })

  it('a deleted ticket is gone from the lists, and comes back with everything in it', async () => {
    const id = await ticket('Sprinkler 4')
    const lea = await stage.person('lea')
    const page = await (await stage.person('dana')).goTo(`/tickets/${id}`)
    const site = await lea.goTo(`/tickets/${id}`)
    const list = await (await stage.person('mira')).goTo('/tickets')
    await rowOf(list, 'Sprinkler 4').waitFor()
    await site.getByLabel('Equipment').waitFor()
    await page.getByRole('button', { name: 'Watch', exact: true }).click()
    await page.getByRole('button', { name: 'Stop watching' }).waitFor()
    await lea.network.cut()
    await site.getByLabel('Equipment').fill('R-9')
    await site.getByLabel('Equipment').press('Enter')
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await rowOf(list, 'Sprinkler 4').waitFor({ state: 'detached' })
    await lea.network.mend()
    await page.getByText('Not knowing that, Lea Meyer went on with it.').waitFor()
    await page.getByRole('button', { name: 'Restore' }).click()
    await rowOf(list, 'Sprinkler 4').waitFor()
    await expect.poll(() => page.getByLabel('Equipment').inputValue()).toBe('R-9')
    await page.getByRole('button', { name: /^Notifications/ }).click()
    await page.getByText(/Sprinkler 4» changed: equipment/).waitFor()
  })

  it('a ticket that was deleted for good says so where it stood open, and is begun anew by who may', async () => {
    const id = await ticket('Pump 12')
    const list = await (await stage.person('lea')).goTo('/tickets')
    const onlooker = await (await stage.person('paul')).goTo(`/tickets/${id}`)
    const page = await (await stage.person('dana')).goTo(`/tickets/${id}`)
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await page.getByText('This record was deleted.').waitFor()
    await stage.purge(`ticket:${id}`)
    for (const each of [page, onlooker]) await each.getByText('This record was deleted for good.').waitFor()
    expect(await onlooker.getByRole('button', { name: 'Begin it anew' }).count()).toBe(0)
    await page.getByRole('button', { name: 'Begin it anew' }).click()
    await page.getByLabel('Title').fill('Pump 13')
    await page.getByRole('button', { name: 'Create' }).click()
    // Who sees it there sees the other come by itself.
    for (const each of [page, onlooker]) await each.getByRole('heading', { name: /Pump 13/ }).waitFor()
    await isSaved(page)
    await rowOf(list, 'Pump 13').waitFor()
    expect(await page.getByText('Pump 12').count()).toBe(0)
  })

  it('the last piece on the stock goes to one, and the other reads why not', async () => {
    const desk = await stage.desk('dana')
    const part = desk.create(Inventory, { part: 'BLT-9', name: 'Drive belt' })
    part.counter('stock').add(1)
    await part.whenSaved()
    const lea = await stage.person('lea', 'phone')
    const far = await lea.goTo(`/tickets/inventory/${part.id}`)
    const near = await (await stage.person('tomas', 'phone')).goTo(`/tickets/inventory/${part.id}`)
    // A ticket is found by its number, however many others speak of it.
    const belt = desk.open(Ticket, await ticket('Belt'))
    await expect.poll(() => belt.view?.number).toBeTruthy()
    const number = belt.view?.number ?? ''
    for (let n = 0; n < 6; n++) await ticket(`The same as in ${number}`)
    await near.getByLabel('For ticket').fill(number)
    await far.getByRole('button', { name: 'Take from stock' }).waitFor()
    await lea.network.cut()
    await far.getByRole('button', { name: 'Take from stock' }).click()
    await far.getByText('Asked for; the server decides when there is a connection.').waitFor()
    await near.getByRole('button', { name: 'Take from stock' }).click()
    await near.getByText('Taken; 0 left.').waitFor()
    await near.getByRole('link', { name: number, exact: true }).waitFor()
    await lea.network.mend()
    await far.getByText('Not taken: none left.').waitFor()
  })

  it('a shipment that arrives tells the technician of its ticket', async () => {
    const id = await ticket('Valve 6', { assignedTo: 'lea' })
    const dana = await stage.desk('dana')
    const shipment = dana.create(Shipment, { number: 'S-77', ticket: `ticket:${id}`, carrier: 'DHL' })
    await shipment.whenSaved()
    const lea = await (await stage.person('lea', 'phone')).goTo(`/tickets/${id}`)
    const office = await (await stage.person('dana')).goTo(`/tickets/shipments/${shipment.id}`)
    await lea.locator('.chip').getByText('Ordered').waitFor()
    await office.getByLabel('State', { exact: true }).selectOption({ label: 'Arrived' })
    await lea.locator('.chip').getByText('Arrived').waitFor()
    await openBell(lea)
    await lea.getByText('The parts for your ticket have arrived with DHL').waitFor()
  })

  it('a filter is kept under its name, and a view finds what it names', async () => {
    await ticket('Unassigned lamp')
    await ticket('Lea’s lamp', { assignedTo: 'lea' })
    const page = await (await stage.person('mira')).goTo('/tickets')
    await rowOf(page, 'Lea’s lamp').waitFor()
    await page.getByRole('button', { name: 'Unassigned' }).click()
    await rowOf(page, 'Lea’s lamp').waitFor({ state: 'detached' })
    await page.getByLabel('Number or title').fill('lamp')
    await page.getByRole('button', { name: 'Save this filter' }).click()
    await page.getByLabel('Name of the filter').fill('Lamps')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.reload()
    await rowOf(page, 'Lea’s lamp').waitFor()
    await page.getByRole('button', { name: 'Lamps', exact: true }).click()
    await rowOf(page, 'Unassigned lamp').waitFor()
    await rowOf(page, 'Lea’s lamp').waitFor({ state: 'detached' })
    expect(await page.locator('.record-table tbody tr').count()).toBe(1)
  })

  it('whoever comes back to a list from a record finds it as they left it: view, words and order', async () => {
    await ticket('Left behind lamp')
    await ticket('Left behind by Lea', { assignedTo: 'lea' })
    const page = await (await stage.person('mira')).goTo('/tickets')
    await rowOf(page, 'Left behind by Lea').waitFor()
    await page.getByRole('button', { name: 'Unassigned' }).click()
    await page.getByLabel('Number or title').fill('left behind')
    await page.getByRole('button', { name: 'Title' }).click()
    for (const goBack of [
      () => page.getByRole('link', { name: '← Tickets' }).click(),
      () => page.goBack().then(() => undefined),
    ]) {
      await rowOf(page, 'Left behind lamp').getByRole('link').click()
      await page.getByRole('heading', { name: /Left behind lamp/ }).waitFor()
      await goBack()
      await rowOf(page, 'Left behind lamp').waitFor()
      expect(await page.locator('.record-table tbody tr').count()).toBe(1)
      expect(await page.getByLabel('Number or title').inputValue()).toBe('left behind')
      expect(await page.getByRole('button', { name: 'Unassigned' }).getAttribute('aria-pressed')).toBe('true')
      // A text begins with A.
      expect(await page.getByRole('columnheader', { name: 'Title' }).getAttribute('aria-sort')).toBe(
        'ascending',
      )
    }
  })

  it('behind a thousand others somebody is called by name, and can be given a ticket', async () => {
    await ticket('Behind a thousand', { assignedTo: 'tomas' })
    const root = await stage.desk('root')
    const others = Array.from({ length: 1_000 }, (_, n) => root.create(User, { name: `Aaron ${n}` }))
    for (const other of others.slice(0, 300)) other.union('roles').add('technician')
    await Promise.all(others.map(other => other.whenSaved()))
    const page = await (await stage.person('dana')).goTo('/tickets')
    await rowOf(page, 'Behind a thousand').getByText('Tomáš Horák').waitFor()
    await rowOf(page, 'Behind a thousand').getByRole('link').click()
    // In a list of hundreds one types some letters, without what stood there before.
    const claimed = page.getByLabel('Claimed by', { exact: true })
    for (const [letters, name] of [
      ['tomas', 'Tomáš Horák'],
      ['lea m', 'Lea Meyer'],
    ] as const) {
      await claimed.click()
      await page.keyboard.type(letters)
      await page.getByRole('option', { name }).click()
      expect(await claimed.inputValue()).toBe(name)
    }
    await claimed.click()
    // More than are offered: it says so.
    await page.getByRole('option', { name: /^\d+ more: type some of the name$/ }).waitFor()
    await page.keyboard.type('nobody')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await expect.poll(() => claimed.inputValue()).toBe('')
    await isSaved(page)
    // Whoever goes on with the keyboard is at the end of the list when that is all of it.
    const parts = Array.from({ length: 51 }, (_, n) => root.create(Inventory, { part: `Z-${n}` }))
    await Promise.all(parts.map(part => part.whenSaved()))
    await walkTo(page, '/tickets/inventory')
    await page.getByRole('button', { name: 'Show more' }).press('Enter')
    await page.getByText('That is all.').waitFor()
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('That is all.')
  })

  it('a day that comes off line has its board, and a board that stands leaves no list for each minute', async () => {
    await ticket('Stands over night')
    const mira = await stage.person('mira')
    await mira.context.clock.install()
    const board = await mira.goTo('/tickets/operations')
    const open = await figureNow(board, 'Open')
    expect(await figureNow(board, 'New today')).toBeGreaterThan(0)
    const late = await figureNow(board, 'Late')
    const lateLists = (): Promise<number> => listsKept(board, 'due\\":{\\"lt')
    await expect.poll(lateLists).toBe(1)
    for (let minute = 0; minute < 5; minute++) await board.clock.runFor(60_000)
    await expect.poll(() => listsKept(board, 'lastCommentAt')).toBe(1)
    await mira.network.cut()
    await board.clock.runFor(60_000)
    expect(await lateLists()).toBe(1)
    await board.clock.fastForward('24:00:00')
    await board.getByText('Nothing has been heard today').waitFor()
    for (const label of ['New today', 'Done today', 'Commented today', 'Arrived today'])
      await figure(board, label).getByText('0', { exact: true }).waitFor()
    expect(await figureNow(board, 'Open')).toBe(open)
    expect(await figureNow(board, 'Late')).toBe(late)
    expect(await board.getByText('This list is not on this device.').count()).toBe(0)
  })

  it('a board that begins off line says what was late when it was last heard', async () => {
    await ticket('Late since yesterday', { due: Date.now() - 86_400_000 })
    const mira = await stage.person('mira')
    await mira.context.clock.install()
    const board = await mira.goTo('/tickets/operations')
    const late = await figureNow(board, 'Late')
    expect(late).toBeGreaterThan(0)
    const lateLists = (): Promise<number> => listsKept(board, 'due\\":{\\"lt')
    await expect.poll(lateLists).toBe(1)
    // Nothing has become late since: it is the same list, and is brought up to date.
    await board.clock.fastForward('10:00')
    await board.reload()
    await board.locator('[data-carrier="socket"]').waitFor()
    await ticket('Late as well', { due: Date.now() - 86_400_000 })
    await figure(board, 'Late')
      .getByText(String(late + 1), { exact: true })
      .waitFor()
    await expect.poll(() => listsKept(board, 'lastCommentAt')).toBe(1)
    mira.network.blockSockets()
    await mira.context.route(/\/(api|link)/, route => route.abort())
    await board.clock.fastForward('10:00')
    await board.reload()
    await board.getByText(/^Off line\. What you see is as of/).waitFor()
    expect(await figureNow(board, 'Late')).toBe(late + 1)
    expect(await lateLists()).toBe(1)
  })

  it('whoever signs out leaves nothing on the device of how late they looked', async () => {
    const board = await (await stage.person('mira')).goTo('/tickets/operations')
    const named = (): Promise<number> =>
      board.evaluate(() => Object.keys(localStorage).filter(key => key.includes('mira')).length)
    await expect.poll(named).toBeGreaterThan(0)
    await board.getByRole('button', { name: /Mira/ }).click()
    await board.getByRole('menuitem', { name: 'Sign out' }).click()
    await board.getByRole('heading', { name: 'Sign in' }).waitFor()
    expect(await named()).toBe(0)
  })

  it('a list says when each was made on an office’s screen, and a finger meets a line of a card anywhere', async () => {
    await ticket('Made today')
    const list = await (await stage.person('mira')).goTo('/tickets')
    await list.getByRole('columnheader', { name: 'Created' }).waitFor()
    const board = await (await stage.person('mira', 'tablet')).goTo('/tickets/operations')
    const line = board.locator('.side-line', { hasText: 'Made today' })
    await line.waitFor()
    await line.scrollIntoViewIfNeeded()
    const { height, width } = (await line.boundingBox()) ?? { height: 0, width: 0 }
    expect(height).toBeGreaterThanOrEqual(44)
    await line.tap({ position: { x: width - 3, y: height - 3 } })
    await board.getByRole('heading', { name: /Made today/ }).waitFor()
  })

  it('axe finds nothing serious on its pages', async () => {
    const id = await ticket('Axe 1', { assignedTo: 'tomas' })
    const desk = await stage.desk('dana')
    const site = desk.create(Site, { name: 'Hotel Bridge', city: 'Novi Sad' })
    const tech = desk.create(Tech, { name: 'Tomáš Horák', user: 'tomas' })
    const part = desk.create(Inventory, { part: 'SEAL-1', minimum: 5 })
    const shipment = desk.create(Shipment, { number: 'S-1', site: `site:${site.id}` })
    await Promise.all([site, tech, part, shipment].map(record => record.whenSaved()))
    const light = await (await stage.person('dana')).goTo('/tickets')
    const dark = await (await stage.person('tomas', 'tablet', { dark: true })).goTo('/tickets')
    for (const [path, shown] of [
      ['', 'Axe 1'],
      [`/${id}`, 'Axe 1'],
      ['/operations', 'Axe 1'],
      ['/sites', 'Hotel Bridge'],
      [`/sites/${site.id}`, 'Equipment'],
      ['/shipments', 'S-1'],
      [`/shipments/${shipment.id}`, 'Parts'],
      ['/inventory', 'SEAL-1'],
      [`/inventory/${part.id}`, 'Take from stock'],
      ['/technicians', 'Tomáš Horák'],
      [`/technicians/${tech.id}`, 'Region'],
      ['/help', 'Claim a ticket'],
    ] as const) {
      // What the other pages show in the dark, these four show, too.
      const isShownDark = ['', `/${id}`, '/operations', '/help'].includes(path)
      for (const page of isShownDark ? [light, dark] : [light]) {
        await walkTo(page, `/tickets${path}`)
        await page.locator('#content').getByText(shown).first().waitFor()
        expect(await seriousFindings(page), `${path} ${page === dark ? 'dark' : 'light'}`).toEqual([])
      }
    }
  })
})

/** Whether the page took it from the browser. */
const given = (page: Page, by: 'paste' | 'drop', onto: string, name: string): Promise<boolean> =>
  page.evaluate(
    ([kind, selector, called, bytes]) => {
      const carried = new DataTransfer()
      // Each another picture.
      const parts = [Uint8Array.from(atob(bytes), char => char.charCodeAt(0)), called]
      carried.items.add(new File(parts, called, { type: 'image/png' }))
      const init = { bubbles: true, cancelable: true }
      const event =
        kind === 'paste'
          ? new ClipboardEvent('paste', { ...init, clipboardData: carried })
          : new DragEvent('drop', { ...init, dataTransfer: carried })
      document.querySelector(selector)?.dispatchEvent(event)
      return event.defaultPrevented
    },
    [by, onto, name, pixel.toString('base64')] as const,
  )
