import { afterEach, expect, it } from 'vitest'
import * as Y from 'yjs'
import { steadinessOf } from '../../server/steadiness.ts'
import { createClock, defineRecord, openRecord, type RecordType, text } from '../../shared/index.ts'
import { writeSyncStep1 } from '../../shared/wire/sync-message.ts'
import { DirectPeer, person, writerOn } from '../guard/guarded-room.ts'
import { tokenFor } from '../operations-server.ts'
import { exchange } from '../push-pull/poll-client.ts'
import { RestServer } from '../rest/rest-client.ts'
import { RoomServer } from './room-server.ts'
import { Ticket } from './ticket.ts'

const servers: RoomServer[] = []
const serve = async (
  limits: ConstructorParameters<typeof RoomServer>[1],
  type: RecordType = Ticket,
): Promise<RoomServer> => {
  const server = new RoomServer([type], limits)
  await server.start()
  servers.push(server)
  return server
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

it('lets one person be in so many rooms, and in another when they have left one', async () => {
  const server = await serve({ limits: { roomsPerUser: 3 } })
  const peers = []
  for (let i = 0; i < 3; i++) peers.push(await new DirectPeer(person('ana')).join(server, `ticket:${i}`))
  await expect(new DirectPeer(person('ana')).join(server, 'ticket:3')).rejects.toMatchObject({
    code: 'TOO_MANY_ROOMS',
  })
  await new DirectPeer(person('ben')).join(server, 'ticket:3')
  peers[0]?.membership?.leave()
  peers[0]?.membership?.leave()
  await new DirectPeer(person('ana')).join(server, 'ticket:3')
  await expect(new DirectPeer(person('ana')).join(server, 'ticket:4')).rejects.toMatchObject({
    code: 'TOO_MANY_ROOMS',
  })
})

it('does not answer a state vector that names more client ids than a record can have', async () => {
  const server = await serve({ limits: { stateVectorEntries: 5, refusalsPerMinute: 2 } })
  const peer = await new DirectPeer(person('ana')).join(server, 'ticket:1')
  const doc = new Y.Doc()
  for (let i = 1; i <= 6; i++) {
    doc.clientID = i
    doc.getArray('cells').push([1])
  }
  const told = peer.messages.length
  for (let i = 0; i < 3; i++) peer.membership?.receive(writeSyncStep1(Y.encodeStateVector(doc)))
  expect(peer.messages.length).toBe(told)
  expect(peer.closed?.code).toBe('TOO_MANY')
})

it('takes no more live values, and no longer text, than the limits say', async () => {
  const server = await serve({ limits: { cellsPerRecord: 10, textLength: 20 } })
  const peer = await new DirectPeer(person('ana')).join(server, 'ticket:1')
  const record = writerOn(peer, Ticket)
  record.set({ title: 'Boiler leaks' })
  record.text('notes').insert(0, 'x'.repeat(20))
  record.list('damages').add({ where: 'door' }, { id: 'door' })
  await server.settled()
  expect(peer.refused).toEqual([])
  // What takes the place of something else makes it no longer: in one update, in two of one turn, in what is put back.
  const text = record.text('notes')
  for (const letter of ['a', 'b', 'c']) {
    record.together(() => {
      text.delete(0, text.length)
      text.insert(0, letter.repeat(20))
    })
    text.delete(5, 15)
    text.insert(5, letter.repeat(15))
    text.doc?.transact(() => {
      text.delete(0, 20)
      text.insert(0, 'not for long')
      text.delete(0, 12)
      text.insert(0, letter.repeat(20))
    })
    if (letter === 'b') await server.settled()
  }
  await server.settled()
  expect(peer.refused).toEqual([])
  text.insert(0, 'y')
  await server.settled()
  expect(peer.refused.at(-1)).toMatchObject({
    code: 'TOO_LARGE',
    paths: ['notes'],
    sentence: expect.stringContaining('must be at most 20 characters'),
  })
  const other = await new DirectPeer(person('ben')).join(server, 'ticket:1')
  writerOn(other, Ticket)
    .union('tags')
    .add(...Array.from({ length: 12 }, (_, i) => `tag ${i}`))
  await server.settled()
  expect(other.refused.at(-1)).toMatchObject({
    code: 'TOO_MANY',
    paths: expect.arrayContaining(['tags/tag 0']),
  })
  // What writes over what is there goes on.
  const full = await new DirectPeer(person('ben')).join(server, 'ticket:1')
  const again = writerOn(full, Ticket)
  await server.settled()
  again.union('tags').add(...Array.from({ length: 6 }, (_, i) => `tag ${i}`))
  again.set({ title: 'Boiler still leaks' })
  again.text('notes').delete(0, 1)
  again.list('damages').remove('door')
  await server.settled()
  expect(full.refused).toEqual([])
  // Nor is who has no room kept from making some.
  const office = await new DirectPeer(person('eva', 'office')).join(server, 'ticket:1')
  const last = writerOn(office, Ticket)
  await server.settled()
  last.remove()
  await server.settled()
  expect(office.refused).toEqual([])
})

it('counts what is embedded in a text as it counts letters: both make it longer', async () => {
  const Letter = defineRecord('letter', {
    fields: { to: text.line(), body: text.rich({ max: 5, embeds: ['picture'] }) },
  })
  const server = await serve({}, Letter)
  const peer = await new DirectPeer(person('ana')).join(server, 'letter:1')
  const record = writerOn(peer, Letter)
  record.set({ to: 'Ben' })
  const body = record.text('body')
  for (const picture of ['a', 'b', 'c', 'd', 'e']) body.insertEmbed(0, { picture })
  body.doc?.transact(() => {
    body.delete(0, 2)
    body.insertEmbed(0, { picture: 'f' })
    body.insert(0, 'g')
  })
  await server.settled()
  expect(peer.refused).toEqual([])
  body.insertEmbed(0, { picture: 'h' })
  await server.settled()
  expect(peer.refused).toMatchObject([{ code: 'TOO_LARGE', paths: ['body'] }])
})

it('forgets, in a record that is half full, what lay in entries that were removed long ago', async () => {
  const server = await serve({ limits: { cellsPerRecord: 60 } })
  const join = async (id: string): Promise<DirectPeer> => {
    const peer = await new DirectPeer(person(id)).join(server, 'ticket:1')
    const { doc } = peer
    doc.clientID = peer.membership?.info.clientId ?? 0
    doc.on('update', (update: Uint8Array, _origin: unknown, _doc: Y.Doc, transaction: Y.Transaction) => {
      if (transaction.local) peer.update(update)
    })
    return peer
  }
  const peer = await join('ana')
  const DAY_MS = 86_400_000
  let daysAgo = 31
  const wall = (): number => Date.now() - daysAgo * DAY_MS
  const at = (days: number, { doc, principal } = peer): ReturnType<typeof openRecord<typeof Ticket>> => {
    daysAgo = days
    const clock = createClock({ wall, monotonic: wall })
    return openRecord(Ticket, doc, { author: principal.id, clock })
  }
  const addAndRemove = (record: ReturnType<typeof at>, n: number): string[] => {
    const ids = Array.from({ length: n }, () => record.list('damages').add({ where: 'door', note: 'bent' }))
    for (const id of ids) record.list('damages').remove(id)
    return ids
  }
  const old = at(31)
  old.set({ title: 'Boiler leaks' })
  const [gone = ''] = addAndRemove(old, 6)
  // Between these two nobody has decided.
  old.list('damages').add({ where: 'sill', note: 'dry' }, { id: 'sill' })
  await server.settled()
  const ben = await join('ben')
  await server.settled()
  const bens = at(31, ben)
  old.list('damages').set('sill', { note: 'wet' })
  bens.list('damages').set('sill', { note: 'damp' })
  await server.settled()
  bens.close()
  old.list('damages').remove('sill')
  await server.settled()
  old.close()
  const late = at(1)
  const [kept = ''] = addAndRemove(late, 2)
  late.list('damages').add({ where: 'roof' })
  await server.settled()
  late.close()
  const cells = (): number => server.rooms.get('ticket:1')?.guarded?.record.index.size ?? 0
  expect(peer.refused).toEqual([])
  expect(cells()).toBe(2 + 6 + 2 * 4 + 2 + 4)
  expect(late.index.at('damages/sill/note').map(({ value }) => value)).toEqual(
    expect.arrayContaining(['wet', 'damp']),
  )
  const now = at(0)
  now.restore(`damages/${kept}`)
  expect(() => now.restore(`damages/${gone}`)).toThrow('was removed so long ago')
  expect(now.view.damages).toMatchObject([{ where: 'door', note: 'bent' }, { where: 'roof' }])
})

it('calls a clock steady that has run without a leap for ten minutes, since the start too', () => {
  let [ms, wall] = [0, 1e12]
  const isSteady = steadinessOf(
    () => wall,
    () => ms,
  )
  const pass = (minutes: number, leapMs = 0): boolean => {
    ms += minutes * 60_000
    wall += minutes * 60_000 + leapMs
    return isSteady()
  }
  expect([pass(9), pass(1), pass(600), pass(0, 365 * 86_400_000)]).toEqual([false, true, true, false])
  expect([pass(9), pass(0, -365 * 86_400_000), pass(9), pass(1)]).toEqual([false, false, false, true])
})

it('takes no larger value, no more structs in one update, and no stamp further ahead than the limits say', async () => {
  const server = await serve({ limits: { cellBytes: 100, structsPerUpdate: 5, clockAheadMs: 1_000 } })
  const write = async (room: string, edit: (record: ReturnType<typeof writerOn<typeof Ticket>>) => void) => {
    const peer = await new DirectPeer(person('ana', 'office')).join(server, room)
    await server.settled()
    edit(writerOn(peer, Ticket))
    await server.settled()
    return peer.refused.map(({ code }) => code)
  }
  expect(await write('ticket:1', record => record.set({ title: 'x'.repeat(90) }))).toEqual([])
  expect(await write('ticket:1', record => record.set({ title: 'x'.repeat(110) }))).toEqual(['TOO_LARGE'])
  const burst = await new DirectPeer(person('ana', 'office')).join(server, 'ticket:3')
  await server.settled()
  const doc = new Y.Doc()
  doc.clientID = burst.membership?.info.clientId ?? 0
  for (let i = 0; i < 10; i++) doc.getText('notes').insert(0, 'x')
  burst.update(Y.encodeStateAsUpdate(doc))
  await server.settled()
  expect(burst.refused.map(({ code }) => code)).toEqual(['TOO_LARGE'])
  expect(burst.refused[0]?.sentence).toContain('make it in several')

  const ahead = async (room: string, ms: number): Promise<string[]> => {
    const peer = await new DirectPeer(person('ana', 'office')).join(server, room)
    await server.settled()
    const writer = new Y.Doc()
    writer.clientID = peer.membership?.info.clientId ?? 0
    const stamp = (Date.now() + ms) * 1024
    writer.getArray('cells').push([
      ['$created', true, stamp, 'ana'],
      ['title', 'Boiler', stamp + 1, 'ana'],
    ])
    peer.update(Y.encodeStateAsUpdate(writer))
    await server.settled()
    return peer.refused.map(({ code }) => code)
  }
  expect(await ahead('ticket:4', 0)).toEqual([])
  // Within the default, which is a minute.
  expect(await ahead('ticket:5', 30_000)).toEqual(['CLOCK_AHEAD'])
})

it.each([
  ['idleRoomMs', { idleRoomMs: 1 }, 0],
  ['idleRoomBytes', { idleRoomBytes: 1 }, 0],
  ['neither', {}, 1],
])('lets go of a record that nobody is in, as the settings say by %s', async (_, limits, left) => {
  let now = Date.now()
  const rest = await RestServer.start({ records: [Ticket], limits, now: () => now })
  try {
    const ana = await rest.as('ana')
    expect((await ana('POST', '/api/records/ticket', { id: '1', title: 'Boiler' })).status).toBe(201)
    const { rooms } = rest.running.server
    expect(rooms.get('ticket:1')).toBeDefined()
    now += 1_000
    rooms.sweep()
    expect(rooms.get('ticket:1') === undefined ? 0 : 1).toBe(left)
  } finally {
    await rest.close()
  }
})

it('holds requests to as many records, operations and bytes as the settings say', async () => {
  const rest = await RestServer.start({
    records: [Ticket],
    limits: { recordsPerRequest: 80, operationsPerRequest: 2, requestBytes: 400, answerBytes: 10 },
  })
  try {
    const ana = await rest.as('ana')
    const operations = (n: number) => ({
      operations: Array.from({ length: n }, (_, id) => ({
        op: 'create',
        type: 'ticket',
        id: `${id}`,
        values: { title: 'Boiler' },
      })),
    })
    expect((await ana('POST', '/api/records', operations(3))).body.code).toBe('TOO_MANY')
    expect((await ana('POST', '/api/records', operations(2))).body.results).toMatchObject([
      { status: 201 },
      { status: 201 },
    ])
    const notes = 'x'.repeat(500)
    for (const [method, path] of [
      ['POST', '/api/records/ticket'],
      ['PATCH', '/api/records/ticket/1'],
    ] as const)
      expect((await ana(method, path, { notes })).body).toMatchObject({ status: 413, code: 'TOO_LARGE' })

    const place = { url: rest.running.server.url, token: await tokenFor('ana') }
    const ask = (id: number) => ({
      room: `ticket:${id}`,
      clientId: null,
      epoch: null,
      commit: null,
      messages: [writeSyncStep1(Uint8Array.of(0))],
    })
    const asks = (n: number) => Array.from({ length: n }, (_, id) => ask(id))
    await expect(exchange(place, 'pull', asks(81))).rejects.toThrow('TOO_MANY')
    // What was begun is answered, and the next request has the rest.
    const { records } = await exchange(place, 'pull', asks(80))
    expect(new Set(records.map(({ kind }) => kind))).toEqual(new Set(['open', 'later']))
  } finally {
    await rest.close()
  }
})

it('keeps one person from spending the client ids of a record: it is folded before', async () => {
  const server = await serve({ limits: { clientIdsPerUserAndRecord: 40 } })
  for (let i = 0; i < 200; i++) {
    const peer = await new DirectPeer(person('ana')).join(server, 'ticket:1')
    await server.settled()
    const record = writerOn(peer, Ticket)
    record.set({ title: `tab ${i}` })
    await server.settled()
    expect(peer.refused).toEqual([])
    peer.membership?.leave()
  }
  const doc = server.rooms.get('ticket:1')?.guarded?.doc ?? (await server.rooms.open('ticket:1')).guarded?.doc
  expect(doc?.store.clients.size).toBeLessThan(40)
})
