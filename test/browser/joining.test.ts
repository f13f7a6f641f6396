// docs/joining.md as somebody walks it: every command, and then its editor, opened in two windows.

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildProgram } from '../cli-process.ts'
import { ConsoleSession } from '../docs/console-session.ts'
import { readPage } from '../docs/markdown-pages.ts'
import { type OwnRegistry, startOwnRegistry } from '../ground/own-registry.ts'
import { launchChromium } from './launch-chromium.ts'

let registry: OwnRegistry
let session: ConsoleSession
let browser: Browser

beforeAll(async () => {
  buildProgram()
  registry = await startOwnRegistry()
  session = new ConsoleSession(registry)
  browser = await launchChromium()
}, 900_000)

afterAll(async () => {
  await browser?.close()
  await session?.close()
  await registry?.close()
})

test('docs/joining.md shows what its commands print, and two windows edit one text', async () => {
  await session.walk(readPage('docs/joining.md'))
  const [address = ''] =
    /^http\S+/m.exec(await session.type('echo "http://127.0.0.1:5173/?token=$TOKEN"')) ?? []
  const open = async (): Promise<Page> => {
    const page = await (await browser.newContext()).newPage()
    page.setDefaultTimeout(120_000)
    await page.goto(address)
    await page.locator('.cm-content', { hasText: 'Ten litres.' }).waitFor()
    return page
  }
  const [here, there] = [await open(), await open()]
  await here.locator('.cm-content').click()
  await here.keyboard.press('End')
  await here.keyboard.type('Blue.')
  await there.locator('.cm-content', { hasText: 'Ten litres. Blue.' }).waitFor()
  await there.locator('.cm-ySelectionInfo', { hasText: 'Ana' }).waitFor({ state: 'attached' })
  // What she has selected has her colour: one that a browser does not read would leave it as it is.
  await here.keyboard.press('ControlOrMeta+a')
  const selected = there.locator('.cm-ySelection').first()
  await selected.waitFor({ state: 'attached' })
  expect(await selected.evaluate(mark => getComputedStyle(mark).backgroundColor)).toBe(
    'rgba(0, 170, 119, 0.2)',
  )
  await here.keyboard.press('ArrowRight')

  const read = 'curl -s http://127.0.0.1:8080/api/records/task/paint -H "authorization: Bearer $TOKEN"'
  await expect.poll(() => session.type(read)).toContain('"notes":"Ten litres. Blue."')

  // Each takes back, and puts back, what they typed themselves.
  const pressed = async (page: Page, key: string): Promise<void> => {
    for (let i = 0; i < 10; i++) await page.keyboard.press(key)
  }
  const stands = (notes: string): Promise<void> =>
    expect.poll(() => session.type(read)).toContain(`"notes":"${notes}"`)
  await there.locator('.cm-content').click()
  await there.keyboard.press('ControlOrMeta+Home')
  await there.keyboard.type('First. ')
  await here.locator('.cm-content', { hasText: 'First. ' }).waitFor()
  await pressed(here, 'ControlOrMeta+z')
  await stands('First. Ten litres. ')
  await pressed(here, 'ControlOrMeta+y')
  await stands('First. Ten litres. Blue.')
  await pressed(there, 'ControlOrMeta+z')
  await stands('Ten litres. Blue.')

  // What the server has ended is taken for saved by nobody.
  await session.type('corecord revoke --person ana')
  for (const page of [here, there]) {
    await page.getByText('Not saved any more. TOKEN_REVOKED').waitFor()
    await page.locator('.cm-content[contenteditable="false"]', { hasText: 'Blue.' }).waitFor()
  }
}, 900_000)
