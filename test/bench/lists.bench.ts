/**
 * What does a live list cost, and how soon is a change on the screens that show it? Tickets of the ticketing type in
 * LevelDB; the server as it is served, the readers and writers in a process of their own, over sockets of this
 * machine.
 */
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { mintToken } from '../../server/access/mint-token.ts'
import { LiveLists } from '../../server/list/live-lists.ts'
import { parseListAsk, plainQuery } from '../../server/list/list-ask.ts'
import { pino } from 'pino'
import { createServer } from '../../server/server.ts'
import { createRandom, type Random } from '../../server/simulate/random.ts'
import { LevelStore } from '../../server/store/level-store.ts'
import { rowsMadeBy } from '../../server/list/rebuild-rows.ts'
import { toStoredRow } from '../../server/list/stored-row.ts'
import { Ticket } from '../../shared/types/ticket.ts'
import { type Load, type LoadReport, runLoad } from './list-load.ts'
import { NOW, ticketRow } from './ticket-rows.ts'

const isQuick = process.argv.includes('--quick')
const isJson = process.argv.includes('--json')
/** The larger one says what it costs; the promises are about the first. */
const rowCounts = isQuick ? [20_000] : [100_000, 1_000_000]
const secret = 'a secret for nothing but this benchmark'

const lines: { question: string; value: number; unit: string }[] = []

const report = (question: string, value: number, unit: string): void => {
  lines.push({ question, value, unit })
  if (isJson) return
  const shown = (value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en')).padStart(12)
  console.log(`${question.padEnd(72)}${shown} ${unit}`)
}

const named = (count: number): string => count.toLocaleString('en')

const fill = async (folder: string, count: number): Promise<void> => {
  const store = new LevelStore({ folder })
  await store.open()
  const random = createRandom(count)
  const began = performance.now()
  for (let from = 0; from < count; from += 2_000) {
    const size = Math.min(2_000, count - from)
    await store.commit(
      Array.from({ length: size }, (_, i) => {
        const row = ticketRow(random, from + i)
        const room = {
          room: `ticket:${row.id}`,
          type: 'ticket',
          epoch: 'e',
          expect: 0,
          at: NOW,
          by: 'user-1',
        }
        return { rooms: [{ ...room, updates: [], row: toStoredRow(row) }] }
      }),
    )
  }
  await store.commit([{ rooms: [], values: [rowsMadeBy(Ticket)] }])
  const seconds = (performance.now() - began) / 1000
  await store.close()
  report(`${named(count)} rows, written`, count / seconds, 'rows/s')
}

const dispatcher = { id: 'dora', name: 'Dora', roles: ['dispatcher'], claims: {}, expiresAt: null }

/** Twenty kinds of list, each with other values every time. */
const asks = (random: Random): object[] => [
  { orderBy: ['updated', 'desc'] },
  { orderBy: ['created', 'desc'], count: true },
  { where: { status: 'open' }, orderBy: ['due', 'asc'], count: true },
  { where: { status: { in: ['open', 'waiting'] } }, orderBy: ['urgency', 'desc'], count: true },
  { where: { assignedTo: `tech-${random.below(60)}` }, orderBy: ['updated', 'desc'], count: true },
  { where: { assignedTo: `tech-${random.below(60)}`, status: 'in_progress' }, orderBy: ['due', 'asc'] },
  { where: { site: `site:${random.below(400)}` }, orderBy: ['created', 'desc'], count: true },
  { where: { site: `site:${random.below(400)}`, status: { ne: 'closed' } }, orderBy: ['number', 'asc'] },
  { where: { priority: 'urgent', status: 'open' }, orderBy: ['due', 'asc'], count: true },
  { where: { type: 'inspection' }, orderBy: ['title', 'asc'], count: true },
  { where: { due: { lt: NOW - random.below(200) * 86_400_000 }, status: 'open' }, orderBy: ['due', 'asc'] },
  {
    where: { created: { gte: NOW - random.below(60) * 86_400_000 } },
    orderBy: ['created', 'asc'],
    count: true,
  },
  { where: { createdBy: `user-${random.below(20)}` }, orderBy: ['updated', 'desc'] },
  { where: { $text: `floor ${random.below(30)}` }, orderBy: ['updated', 'desc'] },
  { where: { $text: 'boiler noise', status: 'open' }, orderBy: ['due', 'asc'], count: true },
  { where: { minutes: { gt: random.below(400) } }, orderBy: ['minutes', 'desc'] },
  { where: { comments: { gte: 6 } }, orderBy: ['comments', 'desc'], count: true },
  { where: { claimedBy: null, status: 'open' }, orderBy: ['created', 'asc'], count: true },
  { where: { $any: [{ assignedTo: 'tech-1' }, { claimedBy: 'tech-2' }] }, orderBy: ['updated', 'desc'] },
  { where: { status: 'done', doneAt: { gte: NOW - 30 * 86_400_000 } }, orderBy: ['doneAt', 'desc'] },
]

const percentile = (times: number[], share: number): number =>
  times.sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0

const pages = async (folder: string, count: number): Promise<void> => {
  globalThis.gc?.()
  const before = process.memoryUsage()
  const began = performance.now()
  const store = new LevelStore({ folder })
  await store.open()
  const types = new Map([['ticket', Ticket]])
  const lists = new LiveLists({ store, types, peopleIn: () => [], logger: console })
  await lists.start()
  report(`${named(count)} rows, from opening the store until lists answer`, performance.now() - began, 'ms')
  globalThis.gc?.()
  const after = process.memoryUsage()
  const bytes = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers
  report(`${named(count)} rows in memory, a row`, bytes / count, 'bytes')
  const random = createRandom(7)
  const first = new Map<string, number>()
  const times: number[] = []
  const rounds = isQuick ? 10 : 40
  for (let round = 0; round < rounds; round++) {
    for (const ask of asks(random)) {
      const query = plainQuery(
        Ticket,
        parseListAsk({ type: 'ticket', limit: 50, ...ask }, 10_000),
        dispatcher,
      )
      const start = performance.now()
      const watched = lists.watch(query, { delta() {} })
      watched.whole().message('"id":1')
      const ms = performance.now() - start
      watched.close()
      // What an order, or the text, is made for is made once, by whoever asks first.
      if (round === 0) first.set(JSON.stringify(ask), ms)
      else times.push(ms)
      await new Promise(resolve => setImmediate(resolve))
    }
  }
  report(`${named(count)} rows, first page of a filtered, ordered list: p50`, percentile(times, 0.5), 'ms')
  report(`${named(count)} rows, first page of a filtered, ordered list: p99`, percentile(times, 0.99), 'ms')
  report(`${named(count)} rows, the dearest first look at an order`, Math.max(...first.values()), 'ms')
  lists.close()
  await store.close()
}

const served = async (folder: string): Promise<void> => {
  const server = createServer({
    records: [Ticket],
    dataFolder: folder,
    store: new LevelStore({ folder }),
    secret,
    port: 0,
    logger: pino({ level: 'error' }),
    limits: { updatesPerSecond: 1e9, joinsPerSecond: 1e9, socketsPerUser: 1e9, socketsPerAddress: 1e9 },
  })
  await server.start()
  await server.lists.lists.table('ticket')
  const token = await mintToken(
    secret,
    { sub: 'dora', roles: ['dispatcher'], lifetimeSeconds: null },
    Date.now,
  )
  const load: Load = {
    url: server.url.replace('http', 'ws'),
    token,
    links: 100,
    listsPerLink: 10,
    editsPerSecond: 500,
    seconds: isQuick ? 3 : 15,
    queries: asks(createRandom(1)).map(ask => ({
      type: 'ticket',
      limit: 50,
      ...ask,
      // The last edited come first, so that each edit is one that the list shows.
      orderBy: ['updated', 'desc'],
    })),
  }
  const cpu = process.cpuUsage()
  const began = performance.now()
  const child = fork(import.meta.filename, ['--load'], { serialization: 'json' })
  const done = await new Promise<LoadReport>((resolve, reject) => {
    child.once('message', message => resolve(message as LoadReport))
    child.once('exit', code => reject(new Error(`the load ended with ${code}`)))
    child.send(load)
  })
  const { user, system } = process.cpuUsage(cpu)
  report('1,000 subscriptions of 20 queries: edits made', done.editsPerSecond, 'edits/s')
  report('1,000 subscriptions of 20 queries: deltas read', done.deltasPerSecond, 'deltas/s')
  report('from an edit to its delta: p50', done.p50, 'ms')
  report('from an edit to its delta: p99', done.p99, 'ms')
  report('server CPU meanwhile', (user + system) / 1000 / (performance.now() - began), 'cores')
  await server.close()
}

const withFolder = async (work: (folder: string) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'corecord-bench-'))
  try {
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const measure = async (): Promise<void> => {
  if (!isJson) console.log(`lists: ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, Node ${process.version}`)
  for (const [index, count] of rowCounts.entries()) {
    await withFolder(async folder => {
      await fill(folder, count)
      await pages(folder, count)
      if (index === 0) await served(folder)
    })
  }
  if (isJson) console.log(JSON.stringify(lines))
}

if (process.argv.includes('--load')) {
  process.once('message', message => {
    // From the process above.
    runLoad(message as Load).then(done => process.send?.(done, () => process.exit(0)))
  })
} else await measure()
