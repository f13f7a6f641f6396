import { afterEach, beforeEach, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import {
  applyUpdate,
  encodeStateAsUpdate,
  encodeStateVector,
  type YArray,
  type YDoc,
  YDoc as YwasmDoc,
  type YText,
} from 'ywasm'
import * as Y from 'yjs'
import { createClock } from '../../shared/index.ts'
import { readChannelMessage, writeSyncStep1, writeSyncStep2 } from '../../shared/wire/sync-message.ts'
import { until } from '../wire/wire-server.ts'
import { RoomServer } from './room-server.ts'
import { Ticket } from './ticket.ts'

let server: RoomServer
const sockets: WebSocket[] = []

beforeEach(async () => {
  server = new RoomServer([Ticket], { untyped: true })
  await server.start()
})

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate()
  await server.close()
})

/** Yjs in Rust on a socket: it asks for what it lacks and answers with what the server lacks. */
const connect = (room: string, user: string, doc: YDoc): { closedWith: () => number | null } => {
  const socket = new WebSocket(`${server.wire.url}/sync/${encodeURIComponent(room)}?token=${user}`)
  let closedWith: number | null = null
  sockets.push(socket)
  socket.on('open', () => socket.send(writeSyncStep1(encodeStateVector(doc))))
  socket.on('close', code => {
    closedWith = code
  })
  socket.on('message', data => {
    // A binary message arrives as one buffer.
    const message = readChannelMessage(new Uint8Array(data as Buffer))
    if (message.kind === 'syncStep1')
      socket.send(writeSyncStep2(encodeStateAsUpdate(doc, message.stateVector)))
    if (message.kind === 'syncStep2' || message.kind === 'update') applyUpdate(doc, message.update, 'server')
  })
  return { closedWith: () => closedWith }
}

it('reads a record made by Yjs in Rust, and it reads ours', async () => {
  const clock = createClock()
  const rust = new YwasmDoc({ clientID: 4711 })
  const cells: YArray = rust.getArray('cells')
  cells.push(
    [
      ['$created', true, clock.next(), 'rust'],
      ['title', 'Made in Rust', clock.next(), 'rust'],
    ],
    undefined,
  )
  const text: YText = rust.getText('description')
  text.insert(0, 'bold and plain', undefined, undefined)
  text.format(0, 4, { bold: true }, undefined)
  const { closedWith } = connect('ticket:1', 'rust', rust)
  const { record } = await server.open(Ticket, '1', 'ana')
  await until(() => record.view.title === 'Made in Rust', 'the title from Rust')
  expect(record.text('description').toDelta()).toEqual([
    { insert: 'bold', attributes: { bold: true } },
    { insert: ' and plain' },
  ])
  record.set({ title: 'Made in JavaScript' })
  record.text('description').delete(4, 4)
  await until(() => text.toString(undefined) === 'bold plain', 'the text from JavaScript')
  // The other implementation gives what the cells hold, as plain arrays.
  const live = cells.toJson(undefined) as [string, unknown][]
  expect(live.filter(([path]) => path === 'title').map(([, value]) => value)).toEqual(['Made in JavaScript'])
  expect(closedWith()).toBeNull()
})

it('shares a free document with Yjs in Rust, nested types included', async () => {
  const rust = new YwasmDoc({ clientID: 4712 })
  connect('free', 'rust', rust)
  const provider = server.connect('free', 'ana')
  await until(() => provider.synced, 'synced')
  provider.doc.getMap('m').set('list', new Y.Array())
  provider.doc.getMap('m').set('k', { deep: [1, 2, 3] })
  await until(() => JSON.stringify(rust.getMap('m').toJson(undefined)).includes('"deep"'), 'the map in Rust')
})

it('refuses Yjs in Rust what it refuses everybody', async () => {
  const rust = new YwasmDoc({ clientID: 4713 })
  rust.getArray('cells').push([['title', 'no creation', createClock().next(), 'somebody else']], undefined)
  const { closedWith } = connect('ticket:2', 'rust', rust)
  await until(() => closedWith() !== null || server.refusals.length > 0, 'the refusal')
  expect(server.refusals).toEqual(['AUTHOR_MISMATCH'])
  expect(await server.store.readHead('ticket:2')).toBeNull()
})
