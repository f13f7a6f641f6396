import { afterEach, beforeEach, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { connect, type Desk } from '../../client/desk.ts'
import type { SocketLike } from '../../client/surroundings.ts'
import { openRecord } from '../../shared/index.ts'
import { Ticket } from '../client/records.ts'
import { tokenFor } from '../operations-server.ts'
import { RestServer } from '../rest/rest-client.ts'
import { until } from './wire-server.ts'
import { endProvider, stockProvider } from './stock-provider.ts'

const READERS = 10
let server: RestServer
let desks: Desk[]
let providers: WebsocketProvider[]

beforeEach(async () => {
  server = await RestServer.start({ records: [Ticket] })
  desks = []
  providers = []
})

afterEach(async () => {
  for (const provider of providers) endProvider(provider)
  for (const desk of desks) await desk.close()
  await server.close()
})

it('an ordinary edit of one field costs each reader of the record, and of a list with it, less than 1 KB', async () => {
  const { server: running } = server.running
  const office = await server.as('ana')
  const items = Array.from({ length: 100 }, (_, n) => ({ name: `item ${n}`, quantity: n }))
  const ticket = { id: '1', title: 'Boiler leaks', notes: 'It drips. '.repeat(500), items }
  expect((await office('POST', '/api/records/ticket', ticket)).status).toBe(201)
  for (let n = 2; n < 60; n++)
    await office('POST', '/api/records/ticket', { id: `${n}`, title: `Ticket ${n}` })

  const stock = await Promise.all(
    Array.from({ length: READERS }, async (_, n) => {
      const doc = new Y.Doc()
      const provider = stockProvider(running.url, 'ticket:1', await tokenFor(`stock${n}`), doc)
      providers.push(provider)
      await until(() => provider.synced, 'the first sync')
      return openRecord(Ticket, doc, { author: `stock${n}`, id: '1' })
    }),
  )
  const watching = await Promise.all(
    Array.from({ length: READERS }, async (_, n) => {
      const desk = connect({
        url: running.url,
        token: () => tokenFor(`desk${n}`),
        records: [Ticket],
        // As above.
        surroundings: { createSocket: url => new WebSocket(url) as unknown as SocketLike },
      })
      desks.push(desk)
      await desk.ready
      const record = desk.open(Ticket, '1')
      const list = desk.list(Ticket, { orderBy: ['title', 'asc'], count: true, groups: ['status'] })
      await record.whenReady()
      await until(() => list.rows?.length === 59 && desk.status.sync === 'realtime', 'the list')
      return { record, list }
    }),
  )
  const shown = (title: string): boolean =>
    stock.every(({ view }) => view.title === title) &&
    watching.every(
      ({ record, list }) => record.view?.title === title && list.rows?.some(row => row.title === title),
    )
  expect(shown('Boiler leaks')).toBe(true)

  const before = running.counters.bytesSent
  const EDITS = 10
  for (let n = 1; n <= EDITS; n++) {
    expect((await office('PATCH', '/api/records/ticket/1', { title: `Title ${n}` })).status).toBe(200)
    await until(() => shown(`Title ${n}`), `edit ${n}`)
  }
  const each = (running.counters.bytesSent - before) / EDITS / (2 * READERS)
  expect(each).toBeGreaterThan(0)
  expect(each).toBeLessThan(1_024)
})
