import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { Stage } from './stage.ts'

// Real browsers, and perhaps on a machine with much else to do.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 300_000 })

const stage = new Stage()
beforeAll(() => stage.open())
afterAll(() => stage.close())
beforeEach(() => stage.startServer())
afterEach(() => stage.endStory())

const says = (page: Page, selector: string, text: string | RegExp): Promise<void> =>
  page.locator(selector).filter({ hasText: text }).first().waitFor()
const titleSaved = (page: Page, save: string): Promise<void> =>
  page.locator(`#title[data-save="${save}"]`).waitFor()
const pending = (page: Page, text: string): Promise<void> => says(page, '#pending', text)

describe('two browsers and a server', () => {
  it('one types, the other sees, letter by letter, and only what was read is drawn anew', async () => {
    const ana = await stage.tab(await stage.person(), 'ana')
    const bo = await stage.tab(await stage.person(), 'bo')
    await ana.locator('#create').click()
    await bo.locator('#details[data-state="ready"]').waitFor()
    await says(bo, '#tickets', 'Leak open')
    await pending(ana, '0 pending')
    const drawn = () => Promise.all([ana, bo].map(page => page.evaluate(() => ({ ...window.test.draws }))))
    const before = await drawn()
    await ana.getByLabel('Title').fill('Leak in B2')
    await says(bo, '#title', 'Leak in B2')
    await pending(ana, '0 pending')
    for (const [person, draws] of (await drawn()).entries()) {
      expect(draws.title).toBeGreaterThan(before[person]?.title ?? 0)
      expect(draws.status).toBe(before[person]?.status)
    }
    const typedAt = await ana.evaluate(() => {
      const input = document.querySelector<HTMLInputElement>('[aria-label="Title"]')
      window.test.ticket().set({ title: 'now' })
      return input === null ? 0 : Date.now()
    })
    await says(bo, '#title', 'now')
    const seenAt = await bo.evaluate(() => window.test.seenAt.now ?? 0)
    console.log(`one types, the other sees after ${seenAt - typedAt} ms`)
    await ana.locator('#who [aria-label="bo"]').waitFor()
    await bo.getByLabel('Notes').focus()
    await ana.locator('#who[data-fields="notes"]').waitFor()
  })

  it('two people type in one text at once: both keep their words, and their carets', async () => {
    const ana = await stage.tab(await stage.person(), 'ana')
    const bo = await stage.tab(await stage.person(), 'bo')
    await ana.locator('#create').click()
    await ana.getByLabel('Notes').fill('pump broken')
    await expect.poll(() => bo.getByLabel('Notes').inputValue()).toBe('pump broken')
    await ana.getByLabel('Notes').focus()
    await ana.keyboard.press('Home')
    await bo.getByLabel('Notes').focus()
    await bo.keyboard.press('End')
    await Promise.all([ana.keyboard.type('the big '), bo.keyboard.type(' since Monday')])
    for (const page of [ana, bo]) {
      await expect.poll(() => page.getByLabel('Notes').inputValue()).toBe('the big pump broken since Monday')
    }
    // More than the field takes is said where it is put in, and takes nothing along.
    await bo.getByLabel('Notes').fill('x'.repeat(100_001))
    expect(
      await bo.getByLabel('Notes').evaluate((it: HTMLTextAreaElement) => [it.value, it.validationMessage]),
    ).toEqual(['the big pump broken since Monday', 'must be at most 100000 characters'])
    await ana.keyboard.type('old ')
    await expect.poll(() => bo.getByLabel('Notes').inputValue()).toBe('the big old pump broken since Monday')
    // What was typed without a pause is undone at once; who types slowly has to ask more often.
    await expect
      .poll(async () => {
        const seen = await bo.getByLabel('Notes').inputValue()
        if (seen.includes('old')) await ana.keyboard.press('Control+z')
        return seen
      })
      .not.toContain('old')
    expect(await bo.getByLabel('Notes').inputValue()).toMatch(/ since Monday$/)
    // What others write while an input method puts a word together stays where they wrote it.
    await bo.getByLabel('Notes').fill('pump')
    await expect.poll(() => ana.getByLabel('Notes').inputValue()).toBe('pump')
    const input = await bo.context().newCDPSession(bo)
    await input.send('Input.imeSetComposition', { text: 'に', selectionStart: 1, selectionEnd: 1 })
    await ana.keyboard.press('Home')
    await ana.keyboard.type('big ')
    await ana.evaluate(() => window.test.ticket().set({ title: 'typed' }))
    await says(bo, '#title', 'typed')
    await input.send('Input.insertText', { text: '日' })
    await bo.keyboard.type('!')
    for (const page of [ana, bo])
      await expect.poll(() => page.getByLabel('Notes').inputValue()).toBe('big pump日!')
    // A line is written as a whole: where nothing came of the word, it is not put back as it was.
    const title = bo.getByLabel('Title')
    await title.focus()
    await bo.keyboard.press('End')
    await input.send('Input.imeSetComposition', { text: 'に', selectionStart: 1, selectionEnd: 1 })
    await ana.evaluate(() => window.test.ticket().set({ title: 'typed anew' }))
    await says(bo, '#title', 'typed anew')
    await input.send('Input.imeSetComposition', { text: '', selectionStart: 0, selectionEnd: 0 })
    await expect.poll(() => title.inputValue()).toBe('typed anew')
    await bo.keyboard.press('End')
    await bo.keyboard.type('!')
    for (const page of [ana, bo]) await says(page, '#title', /^typed anew!$/)
  })

  it('a rich text keeps its formats on the other side, and no more than it takes', async () => {
    const ana = await stage.tab(await stage.person(), 'ana')
    const bo = await stage.tab(await stage.person(), 'bo')
    await ana.locator('#create').click()
    await ana.locator('.ql-editor').click()
    await ana.keyboard.press('Control+b')
    await ana.keyboard.type('urgent')
    await ana.keyboard.press('Control+b')
    await ana.keyboard.type(' leak')
    await bo.locator('.ql-editor strong', { hasText: 'urgent' }).waitFor()
    await says(bo, '.ql-editor', 'urgent leak')
    await bo.locator('.ql-editor').click()
    await bo.keyboard.press('Control+End')
    await bo.keyboard.type('!')
    await says(ana, '.ql-editor', 'urgent leak!')
    // More than the field takes is said beneath it, takes nothing along, and what is typed then goes on where one was.
    await bo.keyboard.insertText('x'.repeat(100_001))
    const refusal = bo.locator('.rich-text-refusal')
    await says(bo, '.rich-text-refusal', 'must be at most 100000 characters')
    await says(bo, '.ql-editor', 'urgent leak!')
    await bo.keyboard.type('?')
    await says(ana, '.ql-editor', 'urgent leak!?')
    expect(await refusal.count()).toBe(0)
    // Nor is it a step to take back, or what it was put over gone from under the caret.
    await bo.locator('.ql-editor').evaluate(editor => {
      const clipboardData = new DataTransfer()
      clipboardData.setData('text/plain', 'x'.repeat(100_020))
      getSelection()?.selectAllChildren(editor.querySelector('strong') ?? editor)
      editor.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
    })
    await refusal.waitFor()
    await expect.poll(() => bo.evaluate(() => getSelection()?.toString())).toBe('urgent')
    await bo.keyboard.press('Control+z')
    await says(bo, '.ql-editor', /^urgent\sleak!$/)
    // What somebody else types while an input method puts a word together is not typed here a second time.
    await bo.keyboard.press('Control+End')
    const input = await bo.context().newCDPSession(bo)
    await input.send('Input.imeSetComposition', { text: 'に', selectionStart: 1, selectionEnd: 1 })
    await ana.keyboard.press('Control+Home')
    await ana.keyboard.type('No ')
    await ana.evaluate(() => window.test.ticket().set({ title: 'typed' }))
    await says(bo, '#title', 'typed')
    await input.send('Input.insertText', { text: '日' })
    for (const page of [ana, bo]) await says(page, '.ql-editor', /^No\surgent\sleak!日$/)
  })
})

describe('off line in the cellar', () => {
  it('reload, edit, close, come back: saved, and the status true at every step', async () => {
    const tablet = await stage.person()
    let page = await stage.tab(tablet, 'ana')
    await page.locator('#create').click()
    await titleSaved(page, 'saved')
    await says(page, '#badge', 'Live')
    await stage.stopServer()
    await says(page, '#badge', /Off line|Syncing/)
    await page.getByLabel('Title').fill('In the cellar')
    await titleSaved(page, 'on device')
    await pending(page, '1 on device, by nothing')
    await page.reload()
    await says(page, '#title', 'In the cellar')
    await titleSaved(page, 'on device')
    await says(page, '#tickets', 'In the cellar open')
    await page.getByLabel('Notes').fill('water everywhere')
    await pending(page, 'on device, by nothing')
    await expect.poll(() => page.evaluate(() => window.test.desk.status)).toMatchObject({ sync: 'offline' })
    await expect
      .poll(() => page.evaluate(() => window.test.desk.status.pending - window.test.desk.status.onDevice))
      .toBe(0)
    await page.close()
    await stage.startServer()
    page = await stage.tab(tablet, 'ana')
    await titleSaved(page, 'saved')
    await pending(page, '0 pending')
    await says(page, '#badge', 'Live')
    const office = await stage.tab(await stage.person(), 'bo')
    await says(office, '#title', 'In the cellar')
    await expect.poll(() => office.getByLabel('Notes').inputValue()).toBe('water everywhere')
  })

  it('a device that loses its network says so, and comes back by itself', async () => {
    const tablet = await stage.person()
    const page = await stage.tab(tablet, 'ana')
    await page.locator('#create').click()
    await titleSaved(page, 'saved')
    await tablet.setOffline(true)
    await page.evaluate(() => window.test.desk.goOffline())
    await page.getByLabel('Title').fill('No signal')
    await titleSaved(page, 'on device')
    await tablet.setOffline(false)
    await page.evaluate(() => window.test.desk.goOnline())
    await titleSaved(page, 'saved')
  })

  it('two tabs see each other without a server', async () => {
    const tablet = await stage.person()
    const one = await stage.tab(tablet, 'ana')
    await one.locator('#create').click()
    await titleSaved(one, 'saved')
    await stage.stopServer()
    const two = await stage.tab(tablet, 'ana')
    await says(two, '#title', 'Leak')
    await one.getByLabel('Title').fill('From tab one')
    await says(two, '#title', 'From tab one')
    await two.getByLabel('Notes').fill('from tab two')
    await expect.poll(() => one.getByLabel('Notes').inputValue()).toBe('from tab two')
    await stage.startServer()
    for (const page of [one, two]) await pending(page, '0 pending')
  })

  it('somebody else on the tablet neither sees nor sends what was left unsent', async () => {
    const tablet = await stage.person()
    const ana = await stage.tab(tablet, 'ana')
    await ana.locator('#create').click()
    await titleSaved(ana, 'saved')
    await stage.stopServer()
    await ana.getByLabel('Title').fill('Only Ana knows')
    await titleSaved(ana, 'on device')
    await ana.close()
    await stage.startServer()
    const bo = await stage.tab(tablet, 'bo')
    await says(bo, '#title', 'Leak')
    await pending(bo, '0 pending')
    await bo.close()
    const again = await stage.tab(tablet, 'ana')
    await says(again, '#title', 'Only Ana knows')
    await titleSaved(again, 'saved')
  })

  it('two people in two tabs of one browser each have their own', async () => {
    const browser = await stage.person()
    const ana = await stage.tab(browser, 'ana')
    const bo = await stage.tab(browser, 'bo')
    await ana.locator('#create').click()
    await says(bo, '#title', 'Leak')
    await bo.getByLabel('Title').fill('Bo was here')
    await says(ana, '#title', 'Bo was here')
    expect(await ana.evaluate(() => window.test.ticket().field('title').by)).toBe('bo')
    await bo.locator('#who [aria-label="ana"]').waitFor()
  })
})

describe('where WebSockets are blocked', () => {
  it('everything works by push and pull, and the socket takes over once it is let through', async () => {
    const hotel = await stage.person()
    let isBlocked = true
    await hotel.routeWebSocket(/\/link/, socket => {
      if (isBlocked) void socket.close({ code: 1011 })
      else socket.connectToServer()
    })
    const page = await stage.tab(hotel, 'ana')
    await pending(page, 'by polling')
    await page.locator('#create').click()
    await titleSaved(page, 'saved')
    await says(page, '#badge', 'Synced')
    const office = await stage.tab(await stage.person(), 'bo')
    await says(office, '#title', 'Leak')
    await office.getByLabel('Title').fill('From the office')
    await says(page, '#title', 'From the office')
    isBlocked = false
    await pending(page, 'by socket')
    await says(page, '#badge', 'Live')
    await page.getByLabel('Title').fill('By socket')
    await says(office, '#title', 'By socket')
  })
})

describe('rights', () => {
  it('a token that expires while one edits is renewed, and nothing is lost', async () => {
    const context = await stage.person()
    const next = await stage.token('ana')
    // There is a new one from when the first socket opens with the old one, however long that takes.
    context.on('page', opened =>
      opened.once('websocket', () => opened.evaluate(token => localStorage.setItem('token', token), next)),
    )
    const page = await stage.tab(context, 'ana', { token: await stage.token('ana', { lifetimeSeconds: 3 }) })
    await page.locator('#create').click()
    await titleSaved(page, 'saved')
    await page.getByLabel('Title').pressSequentially(' in B2', { delay: 700 })
    await titleSaved(page, 'saved')
    expect(stage.server.rooms.size).toBeGreaterThan(0)
    await says(page, '#badge', 'Live')
  })
})
