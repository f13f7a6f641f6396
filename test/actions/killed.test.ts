import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { LevelStore } from '../../server/store/level-store.ts'
import { Estimate, Inventory, type OpenRecord, Ticket } from '../../shared/index.ts'
import { until } from '../wire/wire-server.ts'
import { buildChild, KilledServer, removeChild } from './killed-server.ts'
import { LinkDevice } from './link-device.ts'
import { compareStories } from './one-story.ts'

let folder: string
let server: KilledServer
const devices: LinkDevice[] = []

beforeAll(buildChild)
afterAll(removeChild)

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'corecord-killed-'))
  server = new KilledServer(join(folder, 'store'))
  await server.start()
})

afterEach(async () => {
  for (const device of devices.splice(0)) device.disconnect()
  await server.kill()
  rmSync(folder, { recursive: true, force: true })
})

const device = (token: string): LinkDevice => {
  const made = new LinkDevice(() => `ws://${server.address}`, token)
  devices.push(made)
  return made
}

const inStore = async <T>(look: (store: LevelStore) => Promise<T>): Promise<T> => {
  const store = new LevelStore({ folder: join(folder, 'store') })
  await store.open()
  try {
    return await look(store)
  } finally {
    await store.close()
  }
}

it('one order comes of an estimate that 20 devices, half of them off line, ask 200 times to convert while the server is killed', async () => {
  const clerk = device('clerk::clerk')
  const first = clerk.record(Estimate, 'EST-1')
  await clerk.connect()
  first.set({ customer: 'Hotel' })
  first.list('lines').add({ name: 'Pump', quantity: 2, price: 75_000 })
  const tills = await Promise.all(
    Array.from({ length: 20 }, async (_, i) => {
      const link = device(`u${i % 7}::clerk`)
      const record = link.record(Estimate, 'EST-1')
      await link.connect()
      return { link, record }
    }),
  )
  await until(() => tills.every(({ record }) => record.view.lines.length === 1), 'the estimate everywhere')
  const offline = tills.slice(0, 10)
  for (const { link } of offline) link.disconnect()
  const asked: { record: OpenRecord<typeof Estimate>; id: string }[] = []
  const ask = ({ record }: (typeof tills)[number]): void => {
    asked.push({ record, id: record.act('convert') })
  }
  for (let round = 0; round < 10; round++) {
    for (const till of tills) ask(till)
    if (round === 2 || round === 6) {
      await until(
        () => asked.some(({ record, id }) => record.action(id)?.state === 'accepted'),
        'a first answer',
      )
      await server.kill()
      await server.start()
    }
  }
  for (const { link } of offline) void link.connect()
  const states = () => asked.map(({ record, id }) => record.action(id))
  await until(() => states().every(state => state?.state === 'accepted'), '200 answers')
  expect(new Set(states().map(state => JSON.stringify(state?.result)))).toEqual(
    new Set([JSON.stringify({ order: 'order:ORD-1', number: '#001' })]),
  )
  for (const one of devices) one.disconnect()
  expect(await server.stop()).toBe(0)
  await inStore(async store => {
    const { rows } = await store.readRows('order', { limit: 10 })
    expect(rows.map(({ id }) => id)).toEqual(['ORD-1'])
    expect(await store.readValue('series', 'order')).toBe('1')
    const { contradictions, events } = await compareStories(store)
    expect(contradictions).toEqual([])
    expect(events.filter(({ action }) => action === 'convert_to_order')).toHaveLength(1)
    expect(events.filter(({ type }) => type === 'order')).toHaveLength(1)
  })
})

it.each([
  ['that are all kept', null],
  ['of which but the last few are kept', 3],
])('rows, events, documents, and answers %s, tell the same story after every kill', async (_, kept) => {
  await server.kill()
  server = new KilledServer(join(folder, 'store'), kept)
  await server.start()
  const links = Array.from({ length: 4 }, (_, i) => device(`u${i}::dispatcher+technician`))
  const tickets = links.flatMap(link => Array.from({ length: 5 }, (_, i) => link.record(Ticket, `T-${i}`)))
  const parts = links.map(link => link.record(Inventory, 'pump'))
  const numberings: { record: OpenRecord<typeof Ticket>; id: string }[] = []
  const takes: { record: OpenRecord<typeof Inventory>; id: string }[] = []
  let edits = 0
  const edit = (): void => {
    const ticket = tickets[edits % tickets.length]
    const part = parts[edits % parts.length]
    if (ticket === undefined || part === undefined) return
    edits++
    if (ticket.view.created === null) ticket.set({ title: `ticket ${edits}` })
    if (part.view.created === null) part.set({ part: 'pump' })
    const verb = edits % 7
    if (verb === 0) numberings.push({ record: ticket, id: ticket.act('number') })
    else if (verb === 1)
      takes.push({ record: part, id: part.act('take', { quantity: 1, ticket: `ticket:T-${edits % 5}` }) })
    else if (verb === 2) part.counter('stock').add(1)
    else if (verb === 3) ticket.set({ claimedBy: ticket.author })
    else if (verb === 4) ticket.list('comments').add({ body: `comment ${edits}` })
    else if (verb === 5) {
      const text = ticket.text('description')
      text.insert(edits % (text.length + 1), `${edits} `)
      if (text.length > 40) text.delete(edits % 30, 7)
    } else ticket.set({ title: `ticket ${edits}`, priority: 'high' })
  }
  for (let kill = 0; kill < 6; kill++) {
    await Promise.all(links.map(link => link.connect()))
    const before = edits
    // The moment of the kill falls wherever it falls: edits under way, commits under way, answers under way.
    while (edits < before + 30 + kill * 41) {
      edit()
      await new Promise(resolve => setImmediate(resolve))
    }
    await server.kill()
    for (const link of links) link.disconnect()
    await inStore(async store => {
      const { contradictions } = await compareStories(store)
      expect(contradictions, `after kill ${kill}`).toEqual([])
    })
    await server.start()
  }
  await Promise.all(links.map(link => link.connect()))
  const isAnswered = () =>
    [...numberings, ...takes].every(({ record, id }) => record.action(id)?.state !== 'requested')
  await until(isAnswered, 'all answers')
  for (const link of links) link.disconnect()
  expect(await server.stop()).toBe(0)
  await inStore(async store => {
    const { contradictions, events, records } = await compareStories(store)
    expect(contradictions).toEqual([])
    expect(records.size).toBe(6)
    const part = records.get('inventory:pump')
    const changes = events.flatMap(event => event.changes)
    const numbers = changes.filter(({ path }) => path === 'number').map(({ to }) => to)
    expect(new Set(numbers).size).toBe(numbers.length)
    expect(await store.readValue('series', 'ticket')).toBe(String(numbers.length))
    const taken = changes.filter(({ path }) => path.startsWith('takings/'))
    const answers = changes.filter(({ path }) => path.startsWith('$results/'))
    expect(new Set(answers.map(({ path }) => path)).size).toBe(numberings.length + takes.length)
    expect(answers, 'each was decided once').toHaveLength(numberings.length + takes.length)
    const isAccepted = ({ path, to }: (typeof answers)[number]): boolean =>
      (to as unknown as { ok: boolean }).ok && takes.some(({ id }) => path === `$results/${id}`)
    expect(taken).toHaveLength(answers.filter(isAccepted).length)
    if (kept !== null) {
      // Of a device it would be what has come to it so far.
      expect(part?.requests).toBe(kept)
      const spent = await store.readValues('actions-spent', { prefix: 'inventory:pump/', limit: 10_000 })
      expect(spent.values).toHaveLength(takes.length - kept)
    }
    expect(part?.view['stock']).toBeGreaterThanOrEqual(0)
  })
})
