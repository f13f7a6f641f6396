/**
 * What does the client cost the device it runs on? A server as it is served, and a page in a real Chromium: how soon
 * one sees what another types, a thousand records open, a working set for the cellar, a list that changes all the
 * time, and the size of it all. `--only list` asks one question alone.
 */
import { cpus } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import type { CDPSession, Page } from 'playwright-core'
import { WebSocket } from 'ws'
import { connect, type Desk } from '../../client/index.ts'
import { Ticket } from '../../shared/types/ticket.ts'
import { Aims } from './client-aims.ts'
import { clientSize } from './client-size.ts'
import { ClientStage, idOf, tokenOf } from './client-stage.ts'

const isQuick = process.argv.includes('--quick')
const only = process.argv.includes('--only') ? process.argv.at(process.argv.indexOf('--only') + 1) : undefined
const ROWS = isQuick ? 2_000 : 10_000
const OPEN = 1_000
const KEPT = 300
const DELTAS_PER_SECOND = 200
const IDLE_SECONDS = isQuick ? 25 : 65
const LIST_SECONDS = isQuick ? 5 : 30
const TYPED = 100

const aims = new Aims(process.argv.includes('--json'))
const stage = new ClientStage()

const named = (count: number): string => count.toLocaleString('en')
const percentile = (times: readonly number[], share: number): number =>
  [...times].sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0

const size = async (): Promise<void> => {
  const { client, hooks, yjs } = await clientSize()
  aims.report('corecord/client, bundled and gzipped, Yjs apart', client, 'KB')
  aims.report('corecord/react beside it, React and Yjs apart', hooks, 'KB')
  aims.report('Yjs, y-protocols, y-websocket and lib0 beneath it', yjs, 'KB')
}

const typing = async (): Promise<void> => {
  const devices = [await stage.device('ana'), await stage.device('bo')] as const
  const [ana, bo] = [await devices[0].open(), await devices[1].open()]
  const id = idOf(1)
  for (const page of [ana, bo]) await page.evaluate(one => window.bench.beginReading(one), id)
  const times: number[] = []
  for (let i = 0; i < TYPED; i++) {
    const title = `Typed for the ${i}th time`
    const typedAt = await ana.evaluate(
      ([one, words]) => window.bench.type(one ?? '', words ?? ''),
      [id, title],
    )
    const seenAt = await bo.evaluate(words => window.bench.sees(words), title)
    times.push(seenAt - typedAt)
  }
  aims.report('one types, the other sees: p50', percentile(times, 0.5), 'ms', { most: 100 })
  aims.report(`one types, the other sees: slowest of ${TYPED}`, Math.max(...times), 'ms', { most: 100 })
  for (const device of devices) await device.close()
}

const heapBytes = async (page: Page): Promise<number> => {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.enable')
  for (let i = 0; i < 3; i++) await session.send('HeapProfiler.collectGarbage')
  // Newer than the types that playwright has of it.
  const usage = (await session.send('Runtime.getHeapUsage')) as {
    usedSize: number
    backingStorageSize?: number
  }
  await session.detach()
  return usage.usedSize + (usage.backingStorageSize ?? 0)
}

const thousandOpen = async (): Promise<void> => {
  const device = await stage.device('ana')
  const page = await device.open()
  const before = await heapBytes(page)
  const ids = Array.from({ length: OPEN }, (_, n) => idOf(n))
  const ms = await page.evaluate(all => window.bench.openMany(all), ids)
  aims.report(`${named(OPEN)} records, from opening until each is current and on the device`, ms, 'ms')
  const after = await heapBytes(page)
  aims.report(`${named(OPEN)} records open: memory, a record`, (after - before) / OPEN / 1_000, 'KB')
  await wait(3_000)
  await page.evaluate(() => window.bench.beginTraffic())
  await wait(IDLE_SECONDS * 1_000)
  const traffic = await page.evaluate(() => window.bench.endTraffic())
  const beats = ['out ping', 'in pong']
  const other = Object.entries(traffic).filter(([name]) => !beats.includes(name))
  aims.report(
    `${named(OPEN)} records, idle for ${IDLE_SECONDS} s: frames besides the heartbeat`,
    other.reduce((sum, [, { frames }]) => sum + frames, 0),
    'frames',
    { most: 0 },
  )
  const bytes = Object.values(traffic).reduce((sum, one) => sum + one.bytes, 0)
  aims.report(`${named(OPEN)} records, idle: the heartbeat`, bytes / IDLE_SECONDS, 'bytes/s')
  if (other.length > 0) console.error(Object.fromEntries(other))
  await device.close()
}

const workingSet = async (): Promise<void> => {
  const device = await stage.device('bo')
  let page = await device.open()
  const { ms, bytes } = await page.evaluate(count => window.bench.keep(count), KEPT)
  aims.report(`a working set of ${KEPT} records, ready for off line`, ms / 1_000, 's', { most: 5 })
  aims.report('  which takes on the device', bytes / 1_000, 'KB')
  await page.close()
  page = await device.open()
  await page.evaluate(() => window.bench.goOffline())
  const again = await page.evaluate(count => window.bench.keep(count), KEPT)
  aims.report('  and again after a reload, off line, nothing fetched', again.ms / 1_000, 's', { most: 5 })
  const ids = Array.from({ length: 200 }, (_, n) => idOf(n))
  const times = await page.evaluate(all => window.bench.openEach(all), ids)
  aims.report('a record of it opened off line: p50', percentile(times, 0.5), 'ms', { most: 50 })
  aims.report('a record of it opened off line: slowest of 200', Math.max(...times), 'ms', { most: 50 })
  await device.close()
}

/** Somebody who changes so many rows a second, until told to stop, which tells how many it were. */
const keepChanging = async (): Promise<() => Promise<number>> => {
  const writer: Desk = connect({
    url: stage.url,
    token: () => tokenOf('writer'),
    records: [Ticket],
    storage: 'memory',
    // The `ws` class is a WebSocket as far as a link uses one.
    surroundings: { createSocket: address => new WebSocket(address) as never },
  })
  await writer.ready
  const tickets = Array.from({ length: DELTAS_PER_SECOND }, (_, n) => writer.open(Ticket, idOf(n * 7)))
  await Promise.all(tickets.map(ticket => ticket.whenCurrent()))
  let written = 0
  const began = performance.now()
  const seconds = (): number => (performance.now() - began) / 1_000
  const timer = setInterval(() => {
    for (const due = seconds() * DELTAS_PER_SECOND; written < due; written++)
      tickets[written % tickets.length]?.set({ title: `Looked at for the ${written}th time` })
  }, 5)
  return async () => {
    clearInterval(timer)
    const rate = written / seconds()
    await writer.close()
    return rate
  }
}

/** Seconds that the page's own thread has computed since the session began, waiting for a core not counted. */
const workedSeconds = async (session: CDPSession): Promise<number> => {
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0
}

const busyList = async (): Promise<void> => {
  const device = await stage.device('cy')
  const page = await device.open()
  await page.evaluate(limit => window.bench.showList(limit), ROWS)
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const still = await page.evaluate(seconds => window.bench.watchFrames(seconds), 5)
  const stop = await keepChanging()
  const workedBefore = await workedSeconds(session)
  const seen = await page.evaluate(seconds => window.bench.watchFrames(seconds), LIST_SECONDS)
  const worked = (await workedSeconds(session)) - workedBefore
  const rate = await stop()
  aims.report(`a list of ${named(ROWS)} rows: rows changed by others`, rate, 'a second')
  aims.report('  messages that brought them', seen.deltas / seen.seconds, 'a second')
  aims.report(
    '  frames drawn while nothing changes, as this machine is now',
    still.drawn / still.seconds,
    'a second',
  )
  aims.report('  frames drawn', seen.drawn / seen.seconds, 'a second', { least: 59 })
  aims.report('  between two frames: p99', seen.p99Ms, 'ms')
  aims.report('  between two frames: the longest', seen.longestMs, 'ms')
  aims.report("  the page's thread computes", (100 * worked) / seen.seconds, '%')
  aims.report('  the longest task of the page', seen.longestTaskMs, 'ms')
  await device.close()
}

const questions = { size, typing, open: thousandOpen, offline: workingSet, list: busyList }
if (only !== undefined && !(only in questions))
  throw new Error(`--only takes one of ${Object.keys(questions).join(', ')}`)

const [{ model } = { model: 'unknown' }] = cpus()
aims.say(`${model}, ${cpus().length} cores, Node ${process.version}`)
try {
  await stage.open(ROWS)
  aims.say(`Chromium ${stage.browserVersion}\n`)
  for (const [name, ask] of Object.entries(questions)) if (only === undefined || only === name) await ask()
} finally {
  await stage.close()
}
aims.end()
