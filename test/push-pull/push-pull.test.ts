import { createHash } from 'node:crypto'
import * as encoding from 'lib0/encoding'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import type { CorecordServer } from '../../server/server.ts'
import { openRecord } from '../../shared/index.ts'
import {
  PUSH_PULL_LAYOUTS,
  PUSH_PULL_VERSION,
  readSyncAnswer,
  readSyncAsk,
  writeSyncAnswer,
  writeSyncAsk,
} from '../../shared/wire/push-pull.ts'
import { writeSyncStep1, writeUpdate } from '../../shared/wire/sync-message.ts'
import { startServer, type TestServer, tokenFor } from '../operations-server.ts'
import { Ticket } from '../room/ticket.ts'
import { LinkClient } from '../wire/link-client.ts'
import { exchange, messagesOf, type Place, PollingTab } from './poll-client.ts'

let running: TestServer
let server: CorecordServer

beforeEach(async () => {
  running = await startServer({ records: [Ticket] })
  server = running.server
})

afterEach(async () => {
  await running.close()
})

const placeOf = async (sub: string, ...roles: string[]): Promise<Place> => ({
  url: server.url,
  token: await tokenFor(sub, { roles }),
})

const tab = async (user: string, id = '1', ...roles: string[]): Promise<PollingTab<typeof Ticket>> =>
  new PollingTab(await placeOf(user, ...roles), Ticket, id, user)

describe('a client without a socket', () => {
  it('pushes what it wrote, is told that it is saved, and another pulls it', async () => {
    const ana = await tab('ana')
    ana.record.set({ title: 'Leak' })
    ana.record.set({ status: 'in_progress' })
    await ana.push()
    expect(ana.saved).toBe(2)
    const bo = await tab('bo')
    await bo.pull()
    expect(bo.record.view).toMatchObject({ title: 'Leak', status: 'in_progress' })
  })

  it('gets nothing while the record stands still, and what it lacks when it has moved', async () => {
    const [ana, bo] = [await tab('ana'), await tab('bo')]
    ana.record.set({ title: 'Leak' })
    await ana.push()
    await bo.pull()
    expect(messagesOf(await bo.pull())).toEqual([])
    ana.record.set({ title: 'Flood' })
    await ana.push()
    await bo.pull()
    expect(bo.record.view.title).toBe('Flood')
  })

  it('saves everything with one message made of the state the server told', async () => {
    const ana = await tab('ana')
    await ana.pull()
    ana.record.set({ title: 'Leak' })
    ana.record.list('steps').add({ label: 'Look' })
    ana.record.text('notes').insert(0, 'dripping')
    await ana.pushAll()
    expect(ana.saved).toBe(1)
    const bo = await tab('bo')
    await bo.pull()
    expect(bo.record.view).toMatchObject({ title: 'Leak', notes: 'dripping', steps: [{ label: 'Look' }] })
  })

  it('is told which message was refused, where and why, and the others are stored', async () => {
    const ana = await tab('ana')
    ana.record.set({ title: 'Leak' })
    await ana.push()
    const bo = await tab('bo')
    await bo.pull()
    bo.record.set({ status: 'waiting' })
    bo.record.set({ quote: 100 })
    await bo.push()
    expect(bo.refused).toMatchObject([{ number: 2, code: 'NOT_PERMITTED', paths: ['quote'] }])
    await ana.pull()
    expect(ana.record.view).toMatchObject({ status: 'waiting', quote: null })
  })

  it('is asked for what its update rests on', async () => {
    const ana = await tab('ana')
    ana.record.set({ title: 'Leak' })
    const later: Uint8Array[] = []
    ana.doc.on('update', (update: Uint8Array) => later.push(update))
    ana.record.set({ status: 'done' })
    const place = await placeOf('ana')
    const ask = { room: 'ticket:1', clientId: ana.doc.clientID, epoch: null, commit: null }
    const { records } = await exchange(place, 'push', [{ ...ask, messages: later.map(writeUpdate) }])
    expect(messagesOf(records[0]).map(({ kind }) => kind)).toEqual(['pending', 'syncStep1', 'saved'])
    await ana.pushAll()
    const bo = await tab('bo')
    await bo.pull()
    expect(bo.record.view).toMatchObject({ title: 'Leak', status: 'done' })
  })

  it('has many records answered in one request, in their order, each by itself', async () => {
    const place = await placeOf('ana')
    const asks = Array.from({ length: 300 }, (_, i) => {
      const doc = new Y.Doc()
      openRecord(Ticket, doc, { author: 'ana' }).set({ title: `Ticket ${i}` })
      const messages = [writeUpdate(Y.encodeStateAsUpdate(doc))]
      return {
        room: i === 7 ? 'nonsense:7' : `ticket:${i}`,
        clientId: doc.clientID,
        epoch: null,
        commit: null,
        messages,
      }
    })
    const pushed = await exchange(place, 'push', asks, { gzip: true })
    expect(pushed.records.map(({ kind }) => kind).filter(kind => kind === 'open')).toHaveLength(299)
    expect(pushed.records[7]).toMatchObject({ kind: 'closed', code: 'NO_SUCH_TYPE' })
    const pulled = await exchange(
      place,
      'pull',
      asks.map(({ room }) => ({
        room,
        clientId: null,
        epoch: null,
        commit: null,
        messages: [writeSyncStep1(Uint8Array.of(0))],
      })),
    )
    const [, second] = pulled.records
    const doc = new Y.Doc()
    for (const message of messagesOf(second))
      if (message.kind === 'syncStep2') Y.applyUpdate(doc, message.update)
    expect(openRecord(Ticket, doc, { author: 'ana' }).view.title).toBe('Ticket 1')
  })

  it('is answered once however often a record is asked for in one request, by what was said last', async () => {
    const ana = await tab('ana')
    ana.record.set({ title: 'Leak' })
    await ana.push()
    const before = writeSyncStep1(Y.encodeStateVector(ana.doc))
    const asking = async (messages: readonly Uint8Array[]): Promise<string[]> => {
      const ask = { room: 'ticket:1', clientId: null, epoch: null, commit: null, messages }
      const { records } = await exchange(await placeOf('bo'), 'pull', [ask], { gzip: true })
      const doc = new Y.Doc()
      return messagesOf(records[0]).flatMap(message => {
        if (message.kind !== 'syncStep2') return []
        Y.applyUpdate(doc, message.update)
        return [openRecord(Ticket, doc, { author: 'bo' }).view.title]
      })
    }
    const all = writeSyncStep1(Uint8Array.of(0))
    expect(await asking([before, ...Array.from({ length: 1_000 }, () => all)])).toEqual(['Leak'])
    expect(await asking([all, before])).toEqual([''])
  })

  it('is told at once where a state vector has more entries than any record', async () => {
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, 10_001)
    for (let i = 0; i < 10_001; i++) for (const value of [i, 1]) encoding.writeVarUint(encoder, value)
    const messages = [writeSyncStep1(encoding.toUint8Array(encoder))]
    const ask = { room: 'ticket:1', clientId: null, epoch: null, commit: null, messages }
    const { records } = await exchange(await placeOf('ana'), 'pull', [ask])
    expect(records).toMatchObject([{ kind: 'closed', code: 'MALFORMED' }])
  })

  it('may not read what it may not read, nor change anything by a pull', async () => {
    const office = await tab('ofi', '1', 'office')
    office.record.set({ title: 'Safe', site: 'site:secret' })
    await office.push()
    const ana = await tab('ana')
    expect(await ana.pull()).toMatchObject({ kind: 'closed', code: 'FORBIDDEN' })
    const ask = {
      room: 'ticket:2',
      clientId: 1,
      epoch: null,
      commit: null,
      messages: [writeUpdate(Uint8Array.of(0, 0))],
    }
    await expect(exchange(await placeOf('ana'), 'pull', [ask])).rejects.toThrow(/400.*changes nothing/)
  })

  it('cannot write under the client id of somebody else', async () => {
    const ana = await tab('ana')
    ana.record.set({ title: 'Leak' })
    await ana.push()
    const eve = await tab('eve')
    await eve.pull()
    eve.doc.clientID = ana.doc.clientID
    eve.record.set({ title: 'Mine' })
    const answer = await eve.push()
    // She is offered another, and nothing of hers was looked at.
    expect(answer).toMatchObject({ kind: 'open', messages: [] })
    const ask = { room: 'ticket:1', clientId: null, epoch: null, commit: null }
    const messages = [writeUpdate(Y.encodeStateAsUpdate(eve.doc))]
    const { records } = await exchange(await placeOf('eve'), 'push', [{ ...ask, messages }])
    expect(messagesOf(records[0])).toMatchObject([{ kind: 'refused', code: 'NOT_OWNER' }, { kind: 'saved' }])
  })

  it('sees who else is there and is seen, until it stays away', async () => {
    const [ana, bo] = [await tab('ana'), await tab('bo')]
    await ana.show({ field: 'title' })
    await bo.show({ field: 'status' })
    expect([...bo.present.keys()]).toEqual([ana.doc.clientID])
    expect(bo.present.get(ana.doc.clientID)).toMatchObject({ field: 'title', user: { id: 'ana' } })
    await ana.show({ field: 'status' })
    expect([...ana.present.keys()]).toEqual([bo.doc.clientID])
    await bo.show(null)
    await ana.show({ field: 'status' })
    expect(ana.present.size).toBe(0)
  })

  it('is taken for nobody whose name, with that of a record, reads the same', async () => {
    const [within, beside] = [await tab('d', 'a'), await tab('b c', 'a')]
    const stranger = await tab('c', 'a b')
    stranger.doc.clientID = beside.doc.clientID
    await within.show({ field: 'title' })
    await beside.show({ field: 'title' })
    await stranger.show({ field: 'status' })
    expect(stranger.present.size).toBe(0)
    await within.show({ field: 'title' })
    expect(within.present.get(beside.doc.clientID)).toMatchObject({ field: 'title', user: { id: 'b c' } })
  })

  it('is answered with a problem for what cannot be read', async () => {
    const { token } = await placeOf('ana')
    const post = (body: BodyInit, headers: Record<string, string> = {}): Promise<Response> =>
      running.fetch('/api/sync/push', {
        method: 'POST',
        headers: {
          'content-type': 'application/x-corecord-sync',
          authorization: `Bearer ${token}`,
          ...headers,
        },
        body,
      })
    for (const response of [
      await post(Uint8Array.of(1, 255, 255, 255, 255)),
      await post(Uint8Array.of(9)),
      await post('not gzip', { 'content-encoding': 'gzip' }),
    ]) {
      expect(response.status).toBe(400)
      expect(response.headers.get('content-type')).toContain('application/problem+json')
    }
    const asJson = await post('{}', { 'content-type': 'application/json' })
    expect([asJson.status, (await asJson.json()).code]).toEqual([415, 'BAD_CONTENT_TYPE'])
    const noToken = await running.fetch('/api/sync/pull', { method: 'POST', body: Uint8Array.of(1, 0) })
    expect(noToken.status).toBe(401)
  })
})

describe('a tab that changes between socket and requests', () => {
  it('keeps its client id, whichever of the two the server still believes to be there', async () => {
    const ana = await tab('ana')
    const { token } = await placeOf('ana')
    const address = server.url.replace('http', 'ws')
    const link = await new LinkClient(address).greeted(token)
    const channels = [{ channel: 1, room: 'ticket:1', clientId: ana.doc.clientID }]
    link.tell({ t: 'open', channels })
    expect((await link.heard('opened')).channels).toMatchObject([{ clientId: ana.doc.clientID }])
    ana.record.set({ title: 'Leak' })
    expect(await ana.push()).toMatchObject({ clientId: ana.doc.clientID })
    expect(ana.saved).toBe(1)
    await ana.show({ field: 'title' })
    link.socket.terminate()
    // The token is at hand: a socket that opens while one is minted is not heard.
    const again = await new LinkClient(address).greeted(token)
    again.tell({ t: 'open', channels })
    expect((await again.heard('opened')).channels).toMatchObject([{ clientId: ana.doc.clientID }])
    again.socket.terminate()
  })
})

describe('the codec', () => {
  it('has the layouts that its version says', () => {
    const layouts = createHash('sha256').update(JSON.stringify(PUSH_PULL_LAYOUTS)).digest('hex').slice(0, 16)
    // A layout that an old side would misread has a version of its own.
    expect({ [PUSH_PULL_VERSION]: layouts }).toEqual({ 1: '3c7b8198a6278b15' })
  })

  it('gives back what was put in', () => {
    const messages = [Uint8Array.of(1, 2, 3), Uint8Array.of()]
    const asks = [
      { room: 'ticket:ä', clientId: 5, epoch: 'e', commit: 2 ** 40, messages },
      { room: 'ticket:2', clientId: null, epoch: null, commit: null, messages: [] },
    ]
    expect(readSyncAsk(writeSyncAsk(asks))).toEqual(asks)
    const open = { kind: 'open', epoch: 'e', commit: 3, messages } as const
    const records = [
      { ...open, readOnly: true, clientId: 7, held: [[1, 2]] },
      { ...open, readOnly: false, clientId: null, held: null },
      { kind: 'closed', code: 'FORBIDDEN', sentence: 'No.' },
      { kind: 'later' },
    ] as const
    expect(readSyncAnswer(writeSyncAnswer({ time: 2 ** 42, records }))).toEqual({ time: 2 ** 42, records })
  })

  it('takes no damaged bytes for a request', () => {
    const bytes = writeSyncAsk([
      { room: 'ticket:1', clientId: 5, epoch: 'e', commit: 1, messages: [Uint8Array.of(1)] },
    ])
    for (let end = 0; end < bytes.length; end++) expect(readSyncAsk(bytes.subarray(0, end))).toBeNull()
  })
})
