import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { ticketClosedBy } from '../../client/records.ts'
import { Stage } from './stage.ts'
import { pending, says, titleSaved } from './stories.ts'

// Real browsers, and perhaps on a machine with much else to do.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 300_000 })

const stage = new Stage()
beforeAll(() => stage.open())
afterAll(() => stage.close())

describe('a hard day', () => {
  beforeEach(() => stage.startServer())
  afterEach(() => stage.endStory())

  it('permission withdrawn while one edits: the edit is in the tray, to see, and to send again', async () => {
    const page = await stage.tab(await stage.person(), 'ana')
    await page.locator('#create').click()
    await titleSaved(page, 'saved')
    await stage.stopServer()
    await page.locator('select[data-save]').selectOption('closed')
    await page.getByLabel('Title').fill('Fixed')
    // Whoever makes the rules has changed them meanwhile: closing is for the office.
    await stage.startServer({ records: [ticketClosedBy('office')] })
    await says(page, '#tray', /status: closed .*office/)
    await says(page, '#title', 'Fixed')
    await titleSaved(page, 'saved')
    expect(await page.locator('select[data-save]').inputValue()).toBe('open')
    await page.locator('#tray button', { hasText: 'Again' }).click()
    await says(page, '#tray', /status: closed/)
    await page.locator('#tray button', { hasText: 'Discard' }).click()
    await page.locator('#tray li').waitFor({ state: 'detached' })
  })

  it('an edit refused in the middle of a word that an input method puts together: the word comes once', async () => {
    await stage.stopServer()
    await stage.startServer({ records: [ticketClosedBy('office')] })
    const page = await stage.tab(await stage.person(), 'ana')
    await page.locator('#create').click()
    const input = await page.context().newCDPSession(page)
    const notes = page.getByLabel('Notes')
    const description = page.locator('.ql-editor')
    for (const element of [notes, description]) {
      await titleSaved(page, 'saved')
      await element.click()
      await page.keyboard.type('wet ')
      await pending(page, '0 pending')
      await input.send('Input.imeSetComposition', { text: 'に', selectionStart: 1, selectionEnd: 1 })
      await page.evaluate(() => window.test.ticket().set({ status: 'closed' }))
      await says(page, '#tray', /status: closed/)
      await page.evaluate(() => window.test.ticket().set({ title: 'Begun afresh' }))
      await says(page, '#title', 'Begun afresh')
      await pending(page, '0 pending')
      await input.send('Input.insertText', { text: '日' })
      await page.keyboard.type('!')
      await pending(page, '0 pending')
      await page.locator('#tray button', { hasText: 'Discard' }).click()
      await page.locator('#tray li').waitFor({ state: 'detached' })
    }
    expect(await notes.inputValue()).toBe('wet 日!')
    await says(page, '.ql-editor', /^wet\s日!$/)
    const { notes: written, description: formatted } = await page.evaluate(() => ({
      ...window.test.ticket().view,
    }))
    expect({ written, formatted }).toEqual({ written: 'wet 日!', formatted: 'wet 日!' })
  })

  for (const [words, hours] of [
    ['a day ahead', 24],
    ['a day behind', -24],
  ] as const) {
    it(`a device clock ${words}, set right while off line: the edits are dated by the server`, async () => {
      const tablet = await stage.person()
      await tablet.addInitScript(`{
        const right = Date.now
        window.clockHours = ${hours}
        Date.now = () => right() + window.clockHours * 3600000
      }`)
      const page = await stage.tab(tablet, 'ana')
      await page.locator('#create').click()
      await titleSaved(page, 'saved')
      await page.evaluate(() => window.test.desk.goOffline())
      await page.getByLabel('Title').fill('In the wrong time')
      await page.evaluate('window.clockHours = 0')
      await page.getByLabel('Notes').fill('in the right one')
      await page.evaluate(() => window.test.desk.goOnline())
      await titleSaved(page, 'saved')
      const dated = await page.evaluate(() => window.test.ticket().field('title').at)
      expect(Math.abs((dated ?? 0) - Date.now())).toBeLessThan(60_000)
      expect(await page.evaluate(() => window.test.desk.status.refused)).toBe(0)
    })
  }

  it('a closed tab warns for what is not on the device yet, and for nothing else', async () => {
    const page = await stage.tab(await stage.person(), 'ana')
    await page.locator('#create').click()
    await titleSaved(page, 'saved')
    const asks = (): Promise<boolean> =>
      page.evaluate(() => {
        const event = new Event('beforeunload', { cancelable: true })
        window.dispatchEvent(event)
        return event.defaultPrevented
      })
    expect(await asks()).toBe(false)
    const asksAtOnce = await page.evaluate(() => {
      window.test.ticket().set({ title: 'Not kept yet' })
      const event = new Event('beforeunload', { cancelable: true })
      window.dispatchEvent(event)
      return event.defaultPrevented
    })
    expect(asksAtOnce).toBe(true)
    await titleSaved(page, 'saved')
    expect(await asks()).toBe(false)
  })

  it('the inspector shows each cell with its state, and takes the link away', async () => {
    const page = await stage.tab(await stage.person(), 'ana', { inspector: '1' })
    await page.locator('#create').click()
    await titleSaved(page, 'saved')
    const panel = page.locator('[data-corecord-inspector]')
    await panel.getByText('corecord').click()
    await panel.getByRole('button', { name: 'ticket:1' }).click()
    await panel.locator('tr', { hasText: 'title' }).filter({ hasText: 'saved' }).waitFor()
    await panel.getByRole('button', { name: 'Go off line' }).click()
    await page.getByLabel('Title').fill('Cut off')
    await panel.locator('tr', { hasText: 'Cut off' }).filter({ hasText: 'on device' }).waitFor()
    // Each cell has its own state: what was there before is still saved.
    await panel.locator('tr', { hasText: '$created' }).filter({ hasText: 'saved' }).waitFor()
    await says(page, '[data-corecord-inspector] dd', /device: records: 1 .* with unsaved edits: 1/)
    // What is set stays set while the panel is closed.
    await panel.getByRole('button', { name: 'Close' }).click()
    await panel.getByText('corecord').click()
    await panel.getByRole('button', { name: 'Go on line' }).click()
    await titleSaved(page, 'saved')
    await panel.getByLabel('Slow the link').selectOption('1000')
    // It is so for a second or two: looked for from before it is.
    const kept = titleSaved(page, 'on device')
    await page.getByLabel('Title').fill('Slowly')
    await kept
    await titleSaved(page, 'saved')
    await says(page, '[data-corecord-inspector] li', /→ ticket:1 update \d+ B/)
    await says(page, '[data-corecord-inspector] li', /← ticket:1 saved \d+ B/)
    await panel.getByLabel('Slow the link').selectOption('0')
    // Two who did not see each other: both values are there, and which of them won.
    await panel.getByRole('button', { name: 'ticket:1' }).click()
    const bo = await stage.tab(await stage.person(), 'bo')
    await says(bo, '#title', 'Slowly')
    await panel.getByRole('button', { name: 'Go off line' }).click()
    await page.getByLabel('Title').fill('By ana')
    await titleSaved(page, 'on device')
    await bo.getByLabel('Title').fill('By bo')
    await titleSaved(bo, 'saved')
    await panel.getByRole('button', { name: 'Go on line' }).click()
    await panel.locator('tr', { hasText: 'By ana' }).filter({ hasText: 'ana' }).waitFor()
    await panel.locator('tr', { hasText: 'lost and kept' }).waitFor()
    await panel.locator('tr', { hasText: 'won a conflict' }).waitFor()
    await says(page, '[data-corecord-inspector] li', /1 in conflict, with bo/)
    const counted = async (): Promise<string | null> => {
      await panel.getByRole('button', { name: 'Count again' }).click()
      return await panel.locator('dd', { hasText: 'records: ' }).textContent()
    }
    await expect.poll(counted).toContain('with unsaved edits: 0')
    await panel.getByLabel('Shift the clock').selectOption(String(86_400_000))
    await says(page, '[data-corecord-inspector] dd', /ms ahead of the server/)
    await page.getByLabel('Title').fill('A day ahead')
    await titleSaved(page, 'saved')
    const dated = await page.evaluate(() => window.test.ticket().field('title').at)
    expect(Math.abs((dated ?? 0) - Date.now())).toBeLessThan(600_000)
  })
})
