/**
 * What does the app cost whoever opens it? The script that the start page needs, gzipped, and how long until that page
 * answers, on a processor slowed four times, with nothing cached. Then the part of each workspace.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pino } from 'pino'
import { type Browser, chromium } from 'playwright-core'
import { fillStore } from '../../server/demo/fill-store.ts'
import { createServer } from '../../server/server.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { demoRecords } from '../../shared/types/demo-records.ts'
import { FIRST_SCRIPT_KB_MAX, firstScripts, gzippedKilobytes, neededBy } from '../first-load.ts'

const INTERACTIVE_MS_MAX = 1_500
const SLOWED = 4

const isJson = process.argv.includes('--json')
const runs = process.argv.includes('--quick') ? 3 : 7
const app = resolve(process.env.CORECORD_APP ?? 'dist/app')
const lines: { question: string; value: number; unit: string }[] = []

const report = (question: string, value: number, unit: string): void => {
  lines.push({ question, value, unit })
  if (!isJson) console.log(`${question.padEnd(72)}${value.toFixed(1).padStart(12)} ${unit}`)
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

/** The page stands there, and a click would be answered at once: nothing else is in the way of it. */
const opened = async (browser: Browser, url: string, slowed: number): Promise<number> => {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    serviceWorkers: 'block',
  })
  try {
    const page = await context.newPage()
    const cdp = await context.newCDPSession(page)
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: slowed })
    await page.addInitScript(() => {
      const look = new MutationObserver(() => {
        if (document.querySelector('.home-card') === null) return
        look.disconnect()
        // Drawn, and then a turn of the loop that nothing else took.
        requestAnimationFrame(() =>
          setTimeout(() => {
            Reflect.get(window, 'tellInteractive')(String(performance.now()))
          }),
        )
      })
      look.observe(document, { childList: true, subtree: true })
    })
    // The page tells it: to ask would be more work for it in just that time.
    await cdp.send('Runtime.enable')
    await cdp.send('Runtime.addBinding', { name: 'tellInteractive' })
    const told = new Promise<number>(resolve => {
      cdp.once('Runtime.bindingCalled', ({ payload }) => resolve(Number(payload)))
    })
    await page.goto(url)
    return await told
  } finally {
    await context.close()
  }
}

const first = firstScripts(app)
const firstKilobytes = gzippedKilobytes(app, first)
if (!isJson)
  console.log(`${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}\n`)
report(`first load: script, gzipped (at most ${FIRST_SCRIPT_KB_MAX})`, firstKilobytes, 'KB')
const html = readFileSync(join(app, 'index.html'), 'utf8')
const styles = readdirSync(join(app, 'assets')).filter(file => file.endsWith('.css') && html.includes(file))
report('first load: styles, gzipped', gzippedKilobytes(app, styles), 'KB')
for (const file of readdirSync(join(app, 'assets')).sort()) {
  const name =
    /^(.+)-workspace-.+\.js$/.exec(file)?.[1] ?? (/^lab-(?!frame).+\.js$/.test(file) ? 'lab' : null)
  if (name === null) continue
  const more = [...neededBy(app, file)].filter(one => !first.has(one))
  report(`  and for ${name}`, gzippedKilobytes(app, more), 'KB')
}

const folder = mkdtempSync(join(tmpdir(), 'corecord-app-'))
const store = new MemoryStore()
await store.open()
await fillStore(store, { size: 600, now: Date.now() })
const server = createServer({
  records: demoRecords,
  secret: 'a secret for nothing but this benchmark',
  demo: true,
  store,
  dataFolder: folder,
  appFolder: app,
  port: 0,
  host: '127.0.0.1',
  logger: pino({ level: 'silent' }),
})
await server.start()
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
})
let interactive = Number.NaN
try {
  await opened(browser, server.url, 1)
  const times: number[] = []
  for (let run = 0; run < runs; run++) times.push(await opened(browser, server.url, SLOWED))
  interactive = median(times)
  report(
    `start page interactive, processor slowed ${SLOWED} times (at most ${INTERACTIVE_MS_MAX})`,
    interactive,
    'ms',
  )
  report('  the slowest of the runs', Math.max(...times), 'ms')
} finally {
  await browser.close()
  await server.close()
  rmSync(folder, { recursive: true, force: true })
}
if (isJson) console.log(JSON.stringify(lines, null, 2))
if (firstKilobytes > FIRST_SCRIPT_KB_MAX || interactive > INTERACTIVE_MS_MAX) {
  console.error('The page is over its budget.')
  process.exitCode = 1
}
