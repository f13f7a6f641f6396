import { afterAll, afterEach, beforeAll, beforeEach, describe, it, vi } from 'vitest'
import { Stage } from './stage.ts'
import { isWebKitHere, WebKit } from './webkit.ts'

const TITLE = '[aria-label="Title"]'
const NOTES = '[aria-label="Notes"]'

// A real browser, and perhaps on a machine with much else to do.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 300_000 })

if (!isWebKitHere)
  console.warn('WEBKIT IS NOT ON THIS MACHINE: what Safari makes of a page is not tried here.')

describe.skipIf(!isWebKitHere)('WebKit', () => {
  const stage = new Stage()
  let webkit: WebKit
  beforeAll(async () => {
    await stage.open()
    webkit = await WebKit.launch()
  })
  afterAll(async () => {
    await webkit.close()
    await stage.close()
  })
  beforeEach(() => stage.startServer())
  afterEach(() => stage.endStory())

  it('in the cellar: pages that are put away and brought back, a reload, and up again', async () => {
    await webkit.goTo(await stage.address('ana'))
    await webkit.click('#create')
    await webkit.until(`document.querySelector('#title')?.dataset.save === 'saved'`)
    await stage.stopServer()
    await webkit.type(TITLE, ' in the cellar')
    await webkit.until(`document.querySelector('#title')?.dataset.save === 'on device'`)
    // The page before stays as it is, and must not keep the device's database from those that come after.
    for (const visit of ['one', 'two', 'three']) {
      await webkit.goTo(await stage.address('ana', { visit }))
      await webkit.says('#title', 'Leak in the cellar')
      await webkit.type(NOTES, `${visit} `)
      await webkit.until('window.test.desk.status.pending === window.test.desk.status.onDevice')
    }
    for (let back = 0; back < 3; back++) await webkit.back()
    await webkit.says('#title', 'Leak in the cellar')
    await webkit.type(NOTES, 'back')
    await webkit.until('window.test.desk.status.pending === window.test.desk.status.onDevice')
    await webkit.reload()
    await webkit.until(`document.querySelector('${NOTES}')?.value.includes('one two three')`)
    await webkit.until(`document.querySelector('${NOTES}')?.value.includes('back')`)
    await stage.startServer()
    await webkit.until(`document.querySelector('#title')?.dataset.save === 'saved'`)
    await webkit.says('#pending', '0 pending')
  })
})
