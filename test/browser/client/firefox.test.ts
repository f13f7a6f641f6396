import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { Firefox, type FirefoxTab } from './firefox.ts'
import { Stage } from './stage.ts'

const TITLE = '[aria-label="Title"]'
const NOTES = '[aria-label="Notes"]'

// Real browsers, and perhaps on a machine with much else to do.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 300_000 })

const stage = new Stage()
let firefox: Firefox
beforeAll(async () => {
  await stage.open()
  firefox = await Firefox.launch(process.env.FIREFOX_PATH ?? '/usr/bin/firefox-esr')
})
afterAll(async () => {
  await firefox.close()
  await stage.close()
})
beforeEach(() => stage.startServer())
afterEach(() => stage.endStory())

const titleSaved = (tab: FirefoxTab, save: string): Promise<void> =>
  tab.until(`document.querySelector('#title')?.dataset.save === '${save}'`)
const notesRead = (tab: FirefoxTab, words: string): Promise<void> =>
  tab.until(`document.querySelector('${NOTES}')?.value === ${JSON.stringify(words)}`)

it('two people in Firefox: one types, the other sees, and who is where', async () => {
  const ana = await (await firefox.person()).tab(await stage.address('ana'))
  const bo = await (await firefox.person()).tab(await stage.address('bo'))
  await ana.click('#create')
  await titleSaved(ana, 'saved')
  await bo.says('#title', 'Leak')
  await ana.type(TITLE, ' in B2')
  await bo.says('#title', 'Leak in B2')
  await titleSaved(ana, 'saved')
  await bo.type(NOTES, 'under the sink')
  await notesRead(ana, 'under the sink')
  await ana.until(`document.querySelector('#who')?.dataset.fields === 'notes'`)
  expect(await ana.read(`window.test.ticket().field('notes').save`)).toBe('saved')
  for (const tab of [ana, bo]) {
    await tab.says('#badge', 'Live')
    await tab.close()
  }
})

it('Firefox in the cellar: two tabs without a server, a reload, closed, and back', async () => {
  const tablet = await firefox.person()
  const one = await tablet.tab(await stage.address('ana'))
  await one.click('#create')
  await titleSaved(one, 'saved')
  await stage.stopServer()
  await one.type(TITLE, ' in the cellar')
  await titleSaved(one, 'on device')
  const two = await tablet.tab(await stage.address('ana'))
  await two.says('#title', 'Leak in the cellar')
  await two.type(NOTES, 'water everywhere')
  await notesRead(one, 'water everywhere')
  await two.until('window.test.desk.status.pending === window.test.desk.status.onDevice')
  await two.close()
  await one.reload()
  await one.says('#title', 'Leak in the cellar')
  await notesRead(one, 'water everywhere')
  await titleSaved(one, 'on device')
  expect(await one.read('window.test.desk.status.storage')).toBe('device')
  await one.close()
  await stage.startServer()
  const back = await tablet.tab(await stage.address('ana'))
  await titleSaved(back, 'saved')
  await back.says('#pending', '0 pending')
  const office = await (await firefox.person()).tab(await stage.address('bo'))
  await office.says('#title', 'Leak in the cellar')
  await notesRead(office, 'water everywhere')
})
