// A browser that has of the language and of the DOM what Safari 17 has, and no more: what came later is taken away
// before the page begins, and the stories go on.

import { expect, it } from 'vitest'
import { says, stageOfStories, titleSaved } from './stories.ts'

const stage = stageOfStories()

const LATER = `{
  const gone = []
  const take = (name, from, keys) => {
    if (from === undefined || from === null) return
    for (const key of keys) if (delete from[key]) gone.push(name + '.' + String(key))
  }
  take('window', window, [
    'requestIdleCallback', 'cancelIdleCallback', 'scheduler', 'Scheduler', 'Float16Array', 'WebSocketStream',
    'CloseWatcher', 'EditContext', 'DisposableStack', 'AsyncDisposableStack', 'SuppressedError',
    'showOpenFilePicker', 'showSaveFilePicker', 'launchQueue', 'trustedTypes', 'navigation', 'crashReport',
  ])
  take('Iterator.prototype', window.Iterator?.prototype, [
    'map', 'filter', 'take', 'drop', 'flatMap', 'reduce', 'toArray', 'forEach', 'some', 'every', 'find',
  ])
  take('window', window, ['Iterator'])
  take('Promise', Promise, ['try', 'withResolvers'])
  take('Object', Object, ['groupBy'])
  take('Map', Map, ['groupBy'])
  take('Math', Math, ['f16round', 'sumPrecise'])
  take('RegExp', RegExp, ['escape'])
  take('Error', Error, ['isError', 'captureStackTrace', 'stackTraceLimit'])
  take('Uint8Array', Uint8Array, ['fromBase64', 'fromHex'])
  take('Uint8Array.prototype', Uint8Array.prototype, ['toBase64', 'toHex', 'setFromBase64', 'setFromHex'])
  take('URL', URL, ['parse'])
  take('AbortSignal', AbortSignal, ['any'])
  take('Symbol', Symbol, ['dispose', 'asyncDispose'])
  take('ReadableStream.prototype', ReadableStream.prototype, [Symbol.asyncIterator, 'values'])
  take('Response.prototype', Response.prototype, ['bytes'])
  take('Blob.prototype', Blob.prototype, ['bytes'])
  take('Navigator.prototype', Navigator.prototype, [
    'connection', 'deviceMemory', 'keyboard', 'scheduling', 'getBattery', 'userAgentData',
  ])
  take('Performance.prototype', Performance.prototype, ['memory', 'eventCounts', 'interactionCount'])
  take('Document.prototype', Document.prototype, ['startViewTransition', 'caretPositionFromPoint'])
  take('Element.prototype', Element.prototype, ['moveBefore', 'getHTML', 'checkVisibility'])
  window.takenAway = gone.length
}`

it('with what Safari 17 has: one types, the other sees; two tabs, the cellar, a reload, and back', async () => {
  const tablet = await stage.person()
  await tablet.addInitScript(LATER)
  const ana = await stage.tab(tablet, 'ana')
  expect(await ana.evaluate('window.takenAway')).toBeGreaterThan(10)
  const bo = await stage.tab(await stage.person(), 'bo')
  await ana.locator('#create').click()
  await titleSaved(ana, 'saved')
  await says(bo, '#title', 'Leak')
  await bo.getByLabel('Notes').fill('under the sink')
  await expect.poll(() => ana.getByLabel('Notes').inputValue()).toBe('under the sink')
  await ana.locator('.ql-editor').click()
  await ana.keyboard.type('urgent')
  await says(bo, '.ql-editor', 'urgent')
  await stage.stopServer()
  await ana.getByLabel('Title').fill('In the cellar')
  await titleSaved(ana, 'on device')
  const second = await stage.tab(tablet, 'ana')
  await says(second, '#title', 'In the cellar')
  await ana.reload()
  await titleSaved(ana, 'on device')
  await stage.startServer()
  await titleSaved(ana, 'saved')
  await says(bo, '#title', 'In the cellar')
})
