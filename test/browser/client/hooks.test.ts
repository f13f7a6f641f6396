import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { says, stageOfStories } from './stories.ts'

const stage = stageOfStories()

const unread = (page: Page, count: number): Promise<void> =>
  page.locator(`#bell[data-state="there"][data-unread="${count}"]`).waitFor()

/** How many rows each list has that is on this device. */
const keptRows = async (): Promise<number[]> => {
  const [{ name = '' } = {}] = await indexedDB.databases()
  const database = await new Promise<IDBDatabase>((done, failed) => {
    const request = indexedDB.open(name)
    request.onsuccess = () => done(request.result)
    request.onerror = () => failed(request.error)
  })
  const lists = await new Promise<{ rows: unknown[] }[]>((done, failed) => {
    const request = database.transaction('lists').objectStore('lists').getAll()
    request.onsuccess = () => done(request.result)
    request.onerror = () => failed(request.error)
  })
  database.close()
  return lists.map(({ rows }) => rows.length)
}

it('useBelonging and useInbox: what belongs to a ticket is there, off line too, others are told of it once, and what is read early is drawn', async () => {
  const tablet = await stage.person()
  const ana = await stage.tab(tablet, 'ana', { hooks: '1' })
  const phone = await stage.person()
  const bo = await stage.tab(phone, 'bo', { hooks: '1' })
  await unread(bo, 0)
  await ana.locator('#create').click()
  await ana.locator('#title[data-save="saved"]').waitFor()
  await bo.locator('#parts[data-state="live"]').waitFor({ state: 'attached' })
  await ana.evaluate(() => window.test.addPart('pump'))
  await ana.evaluate(() => window.test.addPart('seal'))
  for (const page of [ana, bo]) for (const name of ['pump', 'seal']) await says(page, '#parts', name)
  await unread(bo, 2)
  await says(bo, '#bell li', /2 new parts|New part/)
  await bo.locator('#bell').getByRole('button', { name: 'Read all' }).click()
  await unread(bo, 0)
  await expect.poll(() => bo.evaluate(() => window.test.desk.status.pending)).toBe(0)
  // Read is read, on another device as well.
  const second = await stage.tab(await stage.person(), 'bo', { hooks: '1' })
  await unread(second, 0)
  await says(second, '#bell li', /parts|part/)
  await second.locator('#bell').getByRole('button', { name: 'Clear' }).first().click()
  await expect.poll(() => bo.locator('#bell li').count()).toBe(await second.locator('#bell li').count())
  // And what belongs to the ticket is on the device.
  await expect.poll(() => bo.evaluate(keptRows)).toContain(2)
  await stage.stopServer()
  await bo.reload()
  await bo.locator('#parts[data-state="device"]').waitFor()
  for (const name of ['pump', 'seal']) await says(bo, '#parts', name)
  await says(bo, '#counted', '2')
  await bo.locator('#counted').click()
  await says(bo, '#counted', '3')
})

it('a thousand mounts and unmounts of every hook leave no record, list or listener', async () => {
  const context = await stage.person()
  // Counted by the page itself, before anything else runs in it.
  await context.addInitScript(`{
    window.listening = 0
    for (const target of [window, document]) {
      const { addEventListener, removeEventListener } = target
      target.addEventListener = (...args) => { window.listening++; addEventListener.apply(target, args) }
      target.removeEventListener = (...args) => { window.listening--; removeEventListener.apply(target, args) }
    }
  }`)
  const page = await stage.tab(context, 'ana')
  await page.locator('#create').click()
  await page.locator('#title[data-save="saved"]').waitFor()
  const facts = (): Promise<unknown> =>
    page.evaluate(() => ({
      ...window.test.desk.inUse,
      isHeard: (window.test.desk.events as unknown as { isHeard: boolean }).isHeard,
      listening: (window as unknown as { listening: number }).listening,
    }))
  // Once, so that what comes with the first use and stays is there.
  await page.evaluate(() => window.test.mountAndUnmount(1))
  await expect.poll(facts).toMatchObject({ records: 1, lists: 1, isHeard: false })
  const before = await facts()
  for (let i = 0; i < 10; i++) await page.evaluate(() => window.test.mountAndUnmount(100))
  await expect.poll(facts).toEqual(before)
  await page.getByLabel('Title').fill('Still alive')
  await page.locator('#title[data-save="saved"]', { hasText: 'Still alive' }).waitFor()
})

it('a page that a server made is taken over as it is, though the desk is live by then, and shows at once what it has', async () => {
  const page = await stage.tab(await stage.person(), 'ana', { hooks: '1' })
  await page.locator('#create').click()
  await page.getByLabel('Title').fill('Harbour')
  await page.locator('#title[data-save="saved"]', { hasText: 'Harbour' }).waitFor()
  await unread(page, 0)
  const { made, problems, shown } = await page.evaluate(() => window.test.takeOver())
  expect(problems).toEqual([])
  expect(made).toContain('Off line')
  expect(made).not.toContain('Harbour')
  expect(shown).not.toContain('Off line')
  expect(shown).toContain('Harbour')
})

it('what was put away for so long that its record went is shown again with the record and the list that there are', async () => {
  const page = await stage.tab(await stage.person(), 'ana')
  const inUse = (): Promise<unknown> => page.evaluate(() => window.test.desk.inUse)
  await expect.poll(inUse).toEqual({ records: 1, lists: 1 })
  await page.evaluate(() => window.test.show(false))
  await expect.poll(inUse).toEqual({ records: 0, lists: 0 })
  await page.evaluate(() => window.test.show(true))
  await page.locator('#create').click()
  await page.locator('#title[data-save="saved"]').waitFor()
  await page.getByLabel('Title').fill('Seen again')
  await says(page, '#title', 'Seen again')
  await says(page, '#tickets li', 'Seen again')
})

it('who goes on to another record, or away, is in no field of the one before, and takes no refusal or step along', async () => {
  const second = await stage.tab(await stage.person(), 'bo', { id: '2' })
  await second.locator('#create').click()
  const ana = await stage.tab(await stage.person(), 'ana')
  const bo = await stage.tab(await stage.person(), 'bo')
  const boSees = (fields: string): Promise<void> => bo.locator(`#who[data-fields="${fields}"]`).waitFor()
  const walk = (id: string | null): Promise<void> => ana.evaluate(to => window.test.walk(to), id)
  await ana.locator('#create').click()
  await bo.locator('#title', { hasText: 'Leak' }).waitFor()
  await walk('1')
  await ana.getByLabel('Walked').focus()
  await boSees('title')
  await ana.getByRole('button', { name: 'Write wrongly' }).evaluate(button => (button as HTMLElement).click())
  await says(ana, '#walked-problem', 'must be text')
  await walk('2')
  await says(ana, '#walked-problem', 'nothing of 2')
  await boSees('')
  await walk('1')
  await boSees('title')
  // Nor does a word that an input method puts together in one line end in another's.
  await second.evaluate(() => window.test.ticket().set({ title: 'The second' }))
  const input = await ana.context().newCDPSession(ana)
  await ana.getByLabel('Walked').focus()
  await input.send('Input.imeSetComposition', { text: 'に', selectionStart: 1, selectionEnd: 1 })
  await walk('2')
  await boSees('')
  await expect.poll(() => ana.getByLabel('Walked').inputValue()).toBe('The second')
  await input.send('Input.insertText', { text: '日' })
  await ana.keyboard.type('!')
  await expect.poll(() => ana.getByLabel('Walked').inputValue()).toBe('日!The second')
  await says(second, '#title', '日!The second')
  await says(bo, '#title', /^Leak$/)
  await walk('1')
  // What was taken out of one text is not put back in another.
  const text = ana.locator('.walked .ql-editor')
  await text.click()
  await ana.keyboard.type('about the first')
  await says(bo, '.ql-editor', 'about the first')
  await ana.keyboard.press('Control+a')
  await ana.keyboard.press('Delete')
  await walk('2')
  await boSees('')
  await text.click()
  await ana.keyboard.press('Control+z')
  await ana.keyboard.type('second')
  await says(second, '.ql-editor', /^second$/)
  await walk(null)
  await boSees('')
})
