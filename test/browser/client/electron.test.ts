// The renderer of Electron: Chromium, a page from a file, and, where an application asks for it, Node's globals on
// the window. None of that may make the client think it is somewhere else.

import type { BrowserContext, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { says, stageOfStories, titleSaved } from './stories.ts'

// As Electron has it: a page from a file may load its own scripts.
const stage = stageOfStories(['--allow-file-access-from-files'])

/** With `nodeIntegration` and without `contextIsolation`: what a renderer finds besides the DOM. */
const NODE_GLOBALS = `{
  const listeners = {}
  const process = {
    type: 'renderer',
    platform: 'linux',
    argv: ['electron', '--type=renderer'],
    env: {},
    release: { name: 'node' },
    version: 'v22.11.0',
    versions: { node: '22.11.0', electron: '33.2.0', chrome: '130.0.0.0', v8: '13.0' },
    stdout: { isTTY: false },
    cwd: () => '/',
    nextTick: (work, ...args) => queueMicrotask(() => work(...args)),
    on(name, tell) { (listeners[name] ??= []).push(tell); return this },
    once(name, tell) { return this.on(name, tell) },
    off(name, tell) { listeners[name] = (listeners[name] ?? []).filter(one => one !== tell); return this },
    listenerCount: name => (listeners[name] ?? []).length,
    get [Symbol.toStringTag]() { return 'process' },
  }
  const require = name => { throw new Error('Cannot find module ' + name) }
  const module = { exports: {} }
  Object.assign(window, {
    process, require, module, exports: module.exports, global: window,
    Buffer: class Buffer extends Uint8Array {},
    setImmediate: (work, ...args) => setTimeout(work, 0, ...args),
    clearImmediate: timer => clearTimeout(timer),
    __dirname: '/', __filename: '/index.html',
  })
}`

const renderer = async (context: BrowserContext, user: string): Promise<Page> => {
  const page = await context.newPage()
  page.on('pageerror', error => {
    throw error
  })
  await page.goto(await stage.fileAddress(user))
  return page
}

for (const [settings, globals] of [
  ['isolated from Node', ''],
  ['with Node’s globals on the window', NODE_GLOBALS],
] as const) {
  it(`a renderer ${settings}: one types, the other sees; the cellar, a reload, and back`, async () => {
    const machine = await stage.person()
    await machine.addInitScript(globals)
    const ana = await renderer(machine, 'ana')
    expect(await ana.evaluate(() => location.protocol)).toBe('file:')
    const bo = await stage.tab(await stage.person(), 'bo')
    await ana.locator('#create').click()
    await titleSaved(ana, 'saved')
    await says(bo, '#title', 'Leak')
    await ana.getByLabel('Title').fill('Leak in B2')
    await says(bo, '#title', 'Leak in B2')
    await bo.getByLabel('Notes').fill('under the sink')
    await expect.poll(() => ana.getByLabel('Notes').inputValue()).toBe('under the sink')
    // It draws by frames, keeps on the device, and is told what a browser tells.
    expect(await ana.evaluate(() => window.test.desk.status)).toMatchObject({
      sync: 'realtime',
      carrier: 'socket',
      storage: 'device',
    })
    await stage.stopServer()
    await ana.getByLabel('Title').fill('In the cellar')
    await titleSaved(ana, 'on device')
    await ana.reload()
    await says(ana, '#title', 'In the cellar')
    await titleSaved(ana, 'on device')
    await stage.startServer()
    await titleSaved(ana, 'saved')
    await says(bo, '#title', 'In the cellar')
    const left = await ana.evaluate(async () => {
      const { process } = window as { process?: { listenerCount(name: string): number } }
      await window.test.desk.close()
      return process?.listenerCount('exit') ?? 0
    })
    expect(left).toBe(0)
  })
}
