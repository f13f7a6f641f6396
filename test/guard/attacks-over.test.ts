import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { readChannelMessage, writeUpdate } from '../../shared/wire/sync-message.ts'
import { tokenFor } from '../operations-server.ts'
import { exchange, messagesOf } from '../push-pull/poll-client.ts'
import { type Answer, type Ask, RestServer } from '../rest/rest-client.ts'
import { Ticket } from '../room/ticket.ts'
import { AttackScene, forbiddenCells, MALLORY, structuralAttacks, unknownPasts } from './attack-tables.ts'
import { DirectPeer, person, writerOn } from './guarded-room.ts'
import { rawUpdate } from './raw-update.ts'

// The guard is one, whatever carries what is sent: the same attacks by a socket, by a push, and, where JSON can say
// them, by REST.
let server: RestServer
let token: string
let office: Ask
let mallory: Ask
let rooms = 0
let id: string
let room: string
let honest: DirectPeer
let scene: AttackScene

beforeAll(async () => {
  server = await RestServer.start({
    records: [Ticket],
    // That offenders are slowed is held elsewhere.
    limits: { refusalsPerMinute: 1e6, requestsPerSecond: Number.POSITIVE_INFINITY },
  })
  token = await tokenFor('mallory', { name: 'mallory' })
  office = await server.as('ana', 'office')
  mallory = await server.as('mallory')
})

afterAll(() => server.close())

beforeEach(async () => {
  id = `${++rooms}`
  room = `ticket:${id}`
  const running = server.running.server
  honest = await new DirectPeer(person('ana', 'office')).join(running, room)
  const record = writerOn(honest, Ticket)
  record.set({ title: 'Boiler leaks', status: 'open' })
  record.text('description').insert(0, 'It drips.')
  await new Promise(resolve => setImmediate(resolve))
  await running.committer.flush()
  scene = new AttackScene(honest.doc)
})

interface Verdict {
  readonly code: string
  readonly paths: readonly string[]
}
type Outcome = Verdict | 'pending' | 'nothing'

/** All that it is told, until it is told that what was not refused is saved. */
const bySocket = async (bytes: Uint8Array): Promise<Outcome> => {
  const url = `${server.running.server.url.replace('http', 'ws')}/sync/${room}?corecord=1&token=${token}`
  const socket = new WebSocket(url)
  try {
    return await new Promise<Outcome>((resolve, reject) => {
      let outcome: Outcome = 'nothing'
      socket.once('error', reject)
      socket.once('close', (code, reason) => reject(new Error(`closed with ${code} ${reason}`)))
      socket.once('open', () => socket.send(writeUpdate(bytes)))
      // Binary messages arrive as one buffer by default.
      socket.on('message', data => {
        const message = readChannelMessage(new Uint8Array(data as Buffer))
        if (message.kind === 'refused') outcome = { code: message.code, paths: message.paths }
        if (message.kind === 'pending') outcome = 'pending'
        if (message.kind === 'saved') resolve(outcome)
      })
    })
  } finally {
    socket.removeAllListeners('close')
    socket.terminate()
  }
}

const byPush = async (bytes: Uint8Array): Promise<Outcome> => {
  const place = { url: server.running.server.url, token }
  const ask = { room, clientId: null, epoch: null, commit: null, messages: [writeUpdate(bytes)] }
  const { records } = await exchange(place, 'push', [ask])
  const messages = messagesOf(records[0])
  const refused = messages.find(({ kind }) => kind === 'refused')
  if (refused?.kind === 'refused') return { code: refused.code, paths: refused.paths }
  return messages.some(({ kind }) => kind === 'pending') ? 'pending' : 'nothing'
}

/** And holds that nothing came of it but the answer. */
const withoutTrace = async <T>(attack: () => Promise<T>): Promise<T> => {
  const before = await office('GET', `/api/records/ticket/${id}`)
  const told = honest.messages.length
  const outcome = await attack()
  const after = await office('GET', `/api/records/ticket/${id}`)
  expect([after.etag, after.body]).toEqual([before.etag, before.body])
  expect(honest.messages.slice(told).filter(({ kind }) => kind === 'update')).toEqual([])
  expect(await server.running.server.metrics.render()).toContain('corecord_alarms_total 0\n')
  return outcome
}

describe.each([
  ['a socket', bySocket],
  ['a push', byPush],
])('by %s', (_, send) => {
  it.each(structuralAttacks)('refuses whole: %s', async (_what, code, bytes) => {
    expect(await withoutTrace(() => send(bytes(scene)))).toMatchObject({ code })
  })

  it('refuses an id taken from presence', async () => {
    const { client, clock } = scene.lastCell()
    const cells = [scene.cell('status', 'done')]
    const structs = [{ any: cells, origin: { client, clock } }]
    const text = [...honest.doc.store.clients.values()][0]?.at(-1)
    const next = (text?.id.clock ?? 0) + (text?.length ?? 0)
    const bytes = rawUpdate([{ client: scene.honestClient, clock: next, structs }])
    expect(await withoutTrace(() => send(bytes))).toMatchObject({ code: 'NOT_OWNER' })
  })

  it.each(unknownPasts)('asks for what it rests on: %s', async (_what, bytes) => {
    expect(await withoutTrace(() => send(bytes(scene)))).toBe('pending')
  })

  it.each(forbiddenCells)('refuses by path: %s', async (_what, code, path, bad) => {
    expect(await withoutTrace(() => send(rawUpdate([scene.push(bad(scene))])))).toEqual({
      code,
      paths: [path],
    })
  })

  it('names all refused paths at once', async () => {
    const { cell } = scene
    const cells = [
      cell.call(scene, 'status', 'nope'),
      cell.call(scene, 'quote', 1),
      cell.call(scene, 'color', 1),
    ]
    expect(await withoutTrace(() => send(rawUpdate([scene.push(...cells)])))).toEqual({
      code: 'SCHEMA_OLDER',
      paths: ['status', 'quote', 'color'],
    })
  })

  it('takes what is allowed, of the same hand, once', async () => {
    const bytes = rawUpdate([scene.push(scene.cell('priority', 'low'))])
    expect(await send(bytes)).toBe('nothing')
    expect((await office('GET', `/api/records/ticket/${id}`)).body.record.priority).toBe('low')
    expect(await withoutTrace(() => send(bytes))).toBe('nothing')
    const owners = (await server.running.server.store.loadRoom(room))?.owners
    expect(owners?.get(MALLORY)).toBe('mallory')
  })
})

describe('by REST', () => {
  const patch = (body: unknown): Promise<Answer> => mallory('PATCH', `/api/records/ticket/${id}`, body)
  const verdict = ({ body }: Answer): Verdict => ({ code: body.code, paths: body.paths })

  it.each([
    ['a value that is none of the choices', 'BAD_VALUE', ['status'], { status: 'nope' }],
    ['a required field cleared', 'BAD_VALUE', ['title'], { title: null }],
    ['a price by somebody outside the office', 'NOT_PERMITTED', ['quote'], { quote: 100 }],
    ['a derived field', 'READ_ONLY_FIELD', ['openSteps'], { openSteps: 100 }],
    // Of a field that is not there, JSON cannot say that it is a later schema's.
    ['a field that there is not', 'BAD_PATH', ['color'], { color: 'red' }],
    ['a cell that is too large', 'BAD_VALUE', ['title'], { title: 'x'.repeat(100_000) }],
    ['a value with __proto__', 'BAD_REQUEST', [], '{"status": {"__proto__": {"a": 1}}}'],
    ['a value a thousand levels deep', 'BAD_VALUE', ['status'], { status: nested(1_000) }],
    ['a witness', 'BAD_PATH', ['$w'], { $w: { claimedBy: [[MALLORY, 0, 1]] } }],
    ['the result of an action', 'BAD_PATH', ['$results'], { $results: { 1: { ok: true } } }],
  ])('refuses by path: %s', async (_, code, paths, body) => {
    const send = () =>
      mallory('PATCH', `/api/records/ticket/${id}`, body, { 'content-type': 'application/json' })
    expect(verdict(await withoutTrace(send))).toEqual({ code, paths })
  })

  it('refuses to remove a record without the right to', async () => {
    const remove = () => mallory('DELETE', `/api/records/ticket/${id}`)
    expect(verdict(await withoutTrace(remove))).toEqual({ code: 'NOT_PERMITTED', paths: [''] })
  })

  it('keeps an entry of a log, somebody else’s comment and a confirmed claim as they are', async () => {
    const ben = await server.as('ben')
    const path = `/api/records/ticket/${id}`
    await ben('PATCH', path, {
      checks: { x: { kind: 'in' } },
      comments: { c: { body: 'mine' } },
      claimedBy: 'ben',
    })
    for (const [code, body] of [
      ['LOG_ENTRY_CHANGED', { checks: { x: { kind: 'out' } } }],
      ['NOT_PERMITTED', { comments: { c: { body: 'yours' } } }],
      ['NOT_PERMITTED', { comments: { c: null } }],
    ] as const)
      expect(verdict(await withoutTrace(() => patch(body))).code).toBe(code)
    expect((await patch({ claimedBy: 'mallory' })).body.record?.claimedBy).not.toBe('mallory')
    const { body } = await office('GET', path)
    expect(body.record).toMatchObject({
      claimedBy: 'ben',
      checks: [{ id: 'x', kind: 'in' }],
      comments: [{ id: 'c', body: 'mine', by: 'ben' }],
    })
  })

  it('names all refused paths at once', async () => {
    const send = () => patch({ status: 'nope', quote: 1, priority: 'low' })
    const { paths } = verdict(await withoutTrace(send))
    expect([...paths].sort()).toEqual(['quote', 'status'])
  })
})

function nested(levels: number): unknown {
  let value: unknown = 1
  for (let i = 0; i < levels; i++) value = [value]
  return value
}
