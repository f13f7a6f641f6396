import type { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openRecord } from '../../shared/index.ts'
import { writeUpdate } from '../../shared/wire/sync-message.ts'
import { tokenFor } from '../operations-server.ts'
import { type RawBlock, rawUpdate } from '../guard/raw-update.ts'
import { RestServer } from '../rest/rest-client.ts'
import { seeded } from '../rest/hostile-values.ts'
import { Ticket } from '../room/ticket.ts'
import { until } from '../wire/wire-server.ts'
import { exchange, PollingTab } from './poll-client.ts'
import { endProvider, stockProvider } from '../wire/stock-provider.ts'

let server: RestServer
let providers: WebsocketProvider[]

beforeEach(async () => {
  providers = []
  server = await RestServer.start({
    records: [Ticket],
    limits: { requestsPerSecond: Number.POSITIVE_INFINITY },
  })
})

afterEach(async () => {
  for (const provider of providers) endProvider(provider)
  await server.close()
})

const url = (): string => server.running.server.url

const socketTab = async (user: string) => {
  const doc = new Y.Doc()
  const provider = stockProvider(url(), 'ticket:1', await tokenFor(user), doc)
  providers.push(provider)
  await until(() => provider.synced, 'the first sync')
  return { doc, record: openRecord(Ticket, doc, { author: user, id: '1' }) }
}

const pollingTab = async (user: string): Promise<PollingTab<typeof Ticket>> => {
  const tab = new PollingTab({ url: url(), token: await tokenFor(user) }, Ticket, '1', user)
  await tab.pull()
  return tab
}

describe('sockets, push and pull, and REST over one record', () => {
  it.each([1, 2, 3])('converge with everything that was acknowledged (seed %i)', async seed => {
    const random = seeded(seed)
    const rest = await server.as('rita')
    await rest('POST', '/api/records/ticket', { id: '1', title: 'Leak' })
    const sockets = [await socketTab('ana'), await socketTab('ben')]
    const polls = [await pollingTab('cleo'), await pollingTab('dan')]
    const scans = new Set<string>()
    let added = 0
    for (let step = 0; step < 60; step++) {
      const id = `s${step}`
      const amount = 1 + Math.floor(random.next() * 5)
      if (random.chance(0.34)) {
        const patch = {
          checks: { [id]: { kind: 'in' } },
          partsUsed: { add: amount },
          status: random.pick(['open', 'done']),
        }
        expect((await rest('PATCH', '/api/records/ticket/1', patch)).status).toBe(200)
      } else {
        const { record } = random.pick([...sockets, ...polls])
        record.log('checks').add({ kind: 'out' }, { id })
        record.counter('partsUsed').add(amount)
        if (random.chance(0.5)) record.set({ status: random.pick(['waiting', 'in_progress']) })
        if (random.chance(0.3)) record.text('notes').insert(0, `${id} `)
      }
      scans.add(id)
      added += amount
      for (const poll of polls) if (random.chance(0.3)) await (random.chance(0.5) ? poll.push() : poll.pull())
    }
    for (const poll of polls) await poll.push()
    for (const poll of polls) expect(poll.refused).toEqual([])
    const settled = async (): Promise<boolean> => {
      for (const poll of polls) await poll.pull()
      const { body } = await rest('GET', '/api/records/ticket/1')
      return (
        sockets.every(({ record }) => record.view.checks.length === scans.size) &&
        body.record.checks.length === scans.size
      )
    }
    while (!(await settled())) await new Promise(resolve => setImmediate(resolve))
    const { body } = await rest('GET', '/api/records/ticket/1')
    for (const { record } of [...sockets, ...polls]) {
      expect(JSON.parse(JSON.stringify(record.view)), `seed ${seed}`).toEqual(body.record)
      expect(new Set(record.view.checks.map(({ id }) => id))).toEqual(scans)
      expect(record.view.partsUsed).toBe(added)
    }
  })
})

describe('the guard, through a push', () => {
  const MALLORY = 4242
  const cell = (path: string, value: unknown, author = 'mallory'): unknown[] => [
    path,
    value,
    Date.now() * 1024,
    author,
  ]
  const block = (...cells: unknown[][]): RawBlock => ({
    client: MALLORY,
    clock: 0,
    structs: [{ any: cells, parent: 'cells' }],
  })

  it('slows who sends nothing but forgeries', async () => {
    const rest = await server.as('ana')
    await rest('POST', '/api/records/ticket', { id: '1', title: 'Leak' })
    const place = { url: url(), token: await tokenFor('mallory') }
    const messages = [writeUpdate(rawUpdate([block(cell('status', 'done', 'ana'))]))]
    const push = (): Promise<unknown> =>
      exchange(place, 'push', [{ room: 'ticket:1', clientId: null, epoch: null, commit: null, messages }])
    await expect(async () => {
      for (let i = 0; i < 40; i++) await push()
    }).rejects.toThrow(/429/)
  })
})
