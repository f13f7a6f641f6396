// What goes wrong beneath people at work: a server killed, sockets that die in silence, rights that change while a
// tab sleeps, a backup that is restored.

import type { BrowserContext, Page, WebSocketRoute } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { ticketClosedBy } from '../../client/records.ts'
import { pending, says, stageOfStories, titleSaved } from './stories.ts'

const stage = stageOfStories()

const notes = (page: Page): Promise<string> => page.getByLabel('Notes').inputValue()
const status = (page: Page): Promise<string> => page.locator('select[data-save]').inputValue()

/** The sockets of a browser, each of which can be made to swallow everything without a word. */
const mortalSockets = async (context: BrowserContext): Promise<{ die(): void; end(): Promise<void> }> => {
  const living = new Set<{ isDead: boolean; page: WebSocketRoute }>()
  await context.routeWebSocket(/\/link/, page => {
    const socket = { isDead: false, page }
    living.add(socket)
    const server = page.connectToServer()
    page.onMessage(message => {
      if (!socket.isDead) server.send(message)
    })
    server.onMessage(message => {
      if (!socket.isDead) page.send(message)
    })
  })
  return {
    die: () => {
      for (const socket of living) socket.isDead = true
    },
    end: async () => {
      for (const socket of living) {
        living.delete(socket)
        await socket.page.close({ code: 1011 })
      }
    },
  }
}

it('a server killed in the middle of typing: what was saved is there, what was not is sent again', async () => {
  await stage.startProcess()
  const page = await stage.tab(await stage.person(), 'ana')
  await page.locator('#create').click()
  await titleSaved(page, 'saved')
  await page.getByLabel('Notes').pressSequentially('water ')
  await pending(page, '0 pending')
  const typing = page.getByLabel('Notes').pressSequentially('everywhere, and it rises')
  await stage.killProcess()
  await typing
  await says(page, '#badge', /Off line|Syncing/)
  await page.getByLabel('Title').fill('After the blow')
  await titleSaved(page, 'on device')
  await stage.startProcess()
  await titleSaved(page, 'saved')
  await pending(page, '0 pending')
  const office = await stage.tab(await stage.person(), 'bo')
  await says(office, '#title', 'After the blow')
  expect(await notes(office)).toBe('water everywhere, and it rises')
  await says(page, '#badge', 'Live')
})

it('an edit of a tab whose socket was dead, and that was then closed, is sent by its sibling', async () => {
  const tablet = await stage.person()
  const sockets = await mortalSockets(tablet)
  const one = await stage.tab(tablet, 'ana')
  await one.locator('#create').click()
  await titleSaved(one, 'saved')
  sockets.die()
  const two = await stage.tab(tablet, 'ana')
  await says(two, '#title', 'Leak')
  await one.getByLabel('Title').fill('From a dead socket')
  await titleSaved(one, 'on device')
  await says(two, '#title', 'From a dead socket')
  await one.close()
  await titleSaved(two, 'saved')
  await pending(two, '0 pending')
  const office = await stage.tab(await stage.person(), 'bo')
  await says(office, '#title', 'From a dead socket')
})

it('a refused edit is brought back neither by a sibling nor by a tab that was frozen meanwhile', async () => {
  const tablet = await stage.person()
  const one = await stage.tab(tablet, 'ana')
  await one.locator('#create').click()
  await titleSaved(one, 'saved')
  const sibling = await stage.tab(tablet, 'ana')
  const frozen = await stage.tab(tablet, 'ana')
  for (const page of [sibling, frozen]) await says(page, '#title', 'Leak')
  await stage.stopServer()
  await one.locator('select[data-save]').selectOption('closed')
  for (const page of [sibling, frozen]) await expect.poll(() => status(page)).toBe('closed')
  // Nothing of it is under way: a browser does not freeze a tab that others have to wait for.
  for (const page of [one, sibling, frozen]) await pending(page, '1 pending, 1 on device')
  const session = await tablet.newCDPSession(frozen)
  await session.send('Page.setWebLifecycleState', { state: 'frozen' })
  await stage.startServer({ records: [ticketClosedBy('office')] })
  for (const page of [one, sibling]) await says(page, '#tray', /status: closed/)
  await expect.poll(() => status(one)).toBe('open')
  await expect.poll(() => status(sibling)).toBe('open')
  await session.send('Page.setWebLifecycleState', { state: 'active' })
  await expect.poll(() => status(frozen)).toBe('open')
  await says(frozen, '#tray', /status: closed/)
  await frozen.getByLabel('Title').fill('Thawed')
  await titleSaved(frozen, 'saved')
  const office = await stage.tab(await stage.person(), 'bo')
  await says(office, '#title', 'Thawed')
  for (const page of [office, one, sibling, frozen]) expect(await status(page)).toBe('open')
})

it('text deleted on a dying socket, then typing after the reconnect: saved when both are', async () => {
  const tablet = await stage.person()
  const sockets = await mortalSockets(tablet)
  const page = await stage.tab(tablet, 'ana')
  await page.locator('#create').click()
  await page.getByLabel('Notes').fill('do not open')
  await titleSaved(page, 'saved')
  await pending(page, '0 pending')
  sockets.die()
  await page.getByLabel('Notes').fill('open')
  await pending(page, 'on device')
  await sockets.end()
  await page.getByLabel('Notes').press('End')
  await page.keyboard.type(' now')
  await pending(page, '0 pending')
  const kept = await page.evaluate(() => window.test.ticket().field('notes').save)
  expect(kept).toBe('saved')
  // Somebody who has only what the server has.
  const office = await stage.tab(await stage.person(), 'bo')
  await says(office, '#title', 'Leak')
  expect(await notes(office)).toBe('open now')
})

describe('a backup restored under people at work', () => {
  it('gets back what they had written since, saved or not, each once', async () => {
    const ana = await stage.tab(await stage.person(), 'ana')
    const bo = await stage.tab(await stage.person(), 'bo')
    await ana.locator('#create').click()
    await ana.getByLabel('Notes').fill('it drips')
    await titleSaved(ana, 'saved')
    await pending(ana, '0 pending')
    const backup = await stage.backup()
    // Saved, and not in the backup.
    await ana.getByLabel('Title').fill('Leak in B2')
    await ana.getByLabel('Notes').fill('it drips a lot')
    await pending(ana, '0 pending')
    await says(bo, '#title', 'Leak in B2')
    await bo.locator('select[data-save]').selectOption('in_progress')
    await pending(bo, '0 pending')
    await expect.poll(() => status(ana)).toBe('in_progress')
    await stage.stopServer()
    // And never sent.
    await ana.getByLabel('Notes').fill('it drips a lot, everywhere')
    await pending(ana, 'on device')
    await stage.restore(backup)
    await stage.startServer()
    for (const page of [ana, bo]) {
      await expect.poll(() => page.evaluate(() => window.test.ticket().generation)).toBe(2)
      await pending(page, '0 pending')
    }
    const cy = await stage.tab(await stage.person(), 'cy')
    for (const page of [ana, bo, cy]) {
      await says(page, '#title', 'Leak in B2')
      await expect.poll(() => status(page)).toBe('in_progress')
      await expect.poll(() => notes(page)).toBe('it drips a lot, everywhere')
      expect(await page.evaluate(() => window.test.desk.status.refused)).toBe(0)
    }
    expect(await cy.evaluate(() => window.test.ticket().field('title').by)).toBe('ana')
    expect(await cy.evaluate(() => window.test.ticket().field('status').by)).toBe('bo')
    // And work goes on.
    await cy.getByLabel('Title').fill('Leak in B2, mended')
    for (const page of [ana, bo]) await says(page, '#title', 'Leak in B2, mended')
  })
})
