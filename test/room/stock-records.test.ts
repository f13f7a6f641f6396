import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { readChannelMessage, writeSyncStep1 } from '../../shared/wire/sync-message.ts'
import { clientFrame, framesOf, openRawWebSocket } from '../wire/raw-web-socket.ts'
import { Ticket } from './ticket.ts'
import { until } from '../wire/wire-server.ts'
import { RoomServer } from './room-server.ts'

let server: RoomServer

beforeEach(async () => {
  server = new RoomServer([Ticket], { untyped: true })
  await server.start()
})

afterEach(async () => {
  await server.close()
  expect(server.errors).toEqual([])
  expect(server.alarms).toBe(0)
})

describe('a record on stock y-websocket clients', () => {
  it('shows an edit of one to the other, per field', async () => {
    const ana = await server.open(Ticket, '1', 'ana')
    const ben = await server.open(Ticket, '1', 'ben')
    ana.record.set({ title: 'Boiler leaks' })
    await until(() => ben.record.view.title === 'Boiler leaks', 'the title')
    ben.record.set({ status: 'in_progress' })
    ana.record.set({ priority: 'high' })
    await until(
      () => ana.record.view.status === 'in_progress' && ben.record.view.priority === 'high',
      'both edits',
    )
    expect(ana.record.view).toEqual(ben.record.view)
  })

  it('keeps both values when two people set one field at once', async () => {
    const ana = await server.open(Ticket, '1', 'ana')
    const ben = await server.open(Ticket, '1', 'ben')
    ana.record.set({ title: 'Boiler leaks' })
    await until(() => ben.record.view.title === 'Boiler leaks', 'the title')
    ana.provider.disconnect()
    ana.record.set({ title: 'Boiler leaks a lot' })
    ben.record.set({ title: 'Boiler leaks slowly' })
    ana.provider.connect()
    await until(() => ben.record.conflicts.length === 1 && ana.record.conflicts.length === 1, 'the conflict')
    expect(ana.record.conflicts).toMatchObject(ben.record.conflicts.map(({ path }) => ({ path })))
  })

  it('has stored what another client sees', async () => {
    const ana = await server.open(Ticket, '1', 'ana')
    const ben = await server.open(Ticket, '1', 'ben')
    ana.record.set({ title: 'Boiler leaks' })
    await until(() => ben.record.view.title === 'Boiler leaks', 'the title')
    const stored = await server.store.loadRoom('ticket:1')
    const doc = new Y.Doc()
    for (const update of stored?.log ?? []) Y.applyUpdate(doc, update)
    expect(doc.getArray('cells').length).toBeGreaterThan(1)
  })

  it('merges a text by character, with formats', async () => {
    const ana = await server.open(Ticket, '1', 'ana')
    const ben = await server.open(Ticket, '1', 'ben')
    ana.record.set({ title: 'Boiler leaks' })
    ana.record.text('description').insert(0, 'one two three')
    await until(() => ben.record.view.description === 'one two three', 'the text')
    ana.record.text('description').format(0, 7, { bold: true })
    ben.record.text('description').format(4, 9, { bold: true })
    ana.record.text('description').insert(13, ' four')
    ben.record.text('description').delete(0, 4)
    await until(
      () =>
        ana.record.view.description === 'two three four' &&
        JSON.stringify(ana.record.text('description').toDelta()) ===
          JSON.stringify(ben.record.text('description').toDelta()),
      'the same text',
    )
  })

  it('closes a stock client with 4405 and the reason when a write is refused', async () => {
    const ana = await server.open(Ticket, '1', 'ana')
    ana.record.set({ title: 'Boiler leaks' })
    const closed = new Promise<{ code: number; reason: string }>(resolve =>
      ana.provider.on('closed', resolve),
    )
    ana.doc.getArray('cells').push([['status', 'no such status', 1, 'ana']])
    const { code, reason } = await closed
    expect(code).toBe(4405)
    expect(reason).toMatch(/status: must be one of/)
    const stored = await server.store.loadRoom('ticket:1')
    expect(stored?.head.commit).toBe(1)
  })

  it.each([
    [
      'a tree',
      (doc: Y.Doc) => doc.getXmlFragment('page').insert(0, [new Y.XmlElement('p')]),
      /«page» is no text/,
    ],
    [
      'a tree in the place of a text',
      (doc: Y.Doc) => doc.getXmlFragment('notes').insert(0, [new Y.XmlElement('p')]),
      /«notes» is no text/,
    ],
    ['a map', (doc: Y.Doc) => doc.getMap('tasks').set('a', 1), /«tasks» is no text/],
    ['a list', (doc: Y.Doc) => doc.getArray('todos').push([{ title: 'a' }]), /«todos» is no text/],
  ])('tells what keeps %s in a record at once that nothing of it is saved', async (_, write, reason) => {
    const ana = await server.open(Ticket, '1', 'ana')
    ana.record.set({ title: 'Boiler leaks' })
    const doc = new Y.Doc()
    const provider = server.connect('ticket:1', 'ana', doc)
    const closed = new Promise<{ code: number; reason: string }>(resolve => provider.on('closed', resolve))
    await until(() => provider.synced, 'synced')
    write(doc)
    expect(await closed).toMatchObject({ code: 4405, reason: expect.stringMatching(reason) })
    expect(Buffer.byteLength((await closed).reason)).toBeLessThanOrEqual(123)
  })

  it('serves free rooms to stock clients, with persistence', async () => {
    const a = new Y.Doc()
    const b = new Y.Doc()
    const first = server.connect('free room', 'ana', a)
    await until(() => first.synced, 'synced')
    a.getMap('m').set('k', 1)
    await until(() => server.rooms.get('free room')?.commit === 1, 'stored')
    const second = server.connect('free room', 'ben', b)
    await until(() => b.getMap('m').get('k') === 1, 'the value')
    expect(server.rooms.get('free room')?.commit).toBe(1)
    expect(second.synced).toBe(true)
  })

  it('tells a little record before it is asked for, a larger one when it is, and each again to who asks again', async () => {
    const texts = { little: 'Boiler leaks', larger: 'It drips. '.repeat(1_000) }
    for (const [name, text] of Object.entries(texts)) {
      const doc = new Y.Doc()
      const writer = server.connect(name, 'ana', doc)
      await until(() => writer.synced, 'synced')
      doc.getText('t').insert(0, text)
      await until(() => server.rooms.get(name)?.commit === 1, 'stored')
    }
    const told = async (name: string): Promise<readonly string[]> => {
      const client = await openRawWebSocket(`${server.wire.url}/sync/${name}?token=ben`)
      const messages = () =>
        framesOf(client.received())
          .map(({ payload }) => readChannelMessage(payload))
          .filter(({ kind }) => kind !== 'awareness')
      const askNothingHeld = () => client.send(clientFrame(0x82, writeSyncStep1(Uint8Array.of(0))))
      if (name === 'little') await until(() => messages().length === 1, 'the record, unasked')
      await askNothingHeld()
      await until(() => messages().length === 2, 'the record, and what they have')
      await askNothingHeld()
      await until(() => messages().length === 3, 'the record again')
      for (const message of messages()) {
        if (message.kind !== 'syncStep2') continue
        const doc = new Y.Doc()
        Y.applyUpdate(doc, message.update)
        expect(doc.getText('t').toJSON()).toBe(texts[name as keyof typeof texts])
      }
      client.socket.destroy()
      return messages().map(({ kind }) => kind)
    }
    expect(await told('little')).toEqual(['syncStep2', 'syncStep1', 'syncStep2'])
    expect(await told('larger')).toEqual(['syncStep1', 'syncStep2', 'syncStep2'])
  })
})
