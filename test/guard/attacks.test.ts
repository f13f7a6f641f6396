import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { createClock } from '../../shared/index.ts'
import { writeUpdate } from '../../shared/wire/sync-message.ts'
import { RoomServer } from '../room/room-server.ts'
import { Ticket } from '../room/ticket.ts'
import { DirectPeer, person, writerOn } from './guarded-room.ts'
import { type RawBlock, rawUpdate } from './raw-update.ts'

const ROOM = 'ticket:1'
const MALLORY = 4242

let server: RoomServer
let honest: DirectPeer
let reader: DirectPeer
let mallory: DirectPeer
let stamp: number

beforeEach(async () => {
  server = new RoomServer([Ticket])
  await server.start()
  honest = await new DirectPeer(person('ana', 'office')).join(server, ROOM)
  const record = writerOn(honest, Ticket)
  record.set({ title: 'Boiler leaks', status: 'open' })
  record.text('description').insert(0, 'It drips.')
  await server.settled()
  reader = await new DirectPeer(person('ben')).join(server, ROOM)
  mallory = await new DirectPeer(person('mallory')).join(server, ROOM)
  stamp = createClock().next()
})

afterEach(async () => {
  expect(server.alarms).toBe(0)
  expect(server.errors).toEqual([])
  await server.close()
})

const cell = (path: string, value: unknown, author = 'mallory', at = stamp): unknown[] => [
  path,
  value,
  at,
  author,
]
const lastCell = (): { client: number; clock: number } => {
  const item = honest.doc.getArray('cells')._start
  if (item === null) throw new Error('no cell')
  return { client: item.id.client, clock: item.id.clock + item.length - 1 }
}
const push = (...cells: unknown[][]): RawBlock => ({
  client: MALLORY,
  clock: 0,
  structs: [{ any: cells, origin: lastCell() }],
})

/** Sends it, and holds that nothing came of it but the answer. */
const attack = async (
  update: Uint8Array,
): Promise<{ code: string; paths: readonly string[] } | 'pending' | 'nothing'> => {
  const before = Y.encodeStateAsUpdate(honest.doc)
  const commit = (await server.store.readHead(ROOM))?.commit
  const told = reader.messages.length
  mallory.update(update)
  await server.settled()
  expect((await server.store.readHead(ROOM))?.commit).toBe(commit)
  expect(reader.messages.slice(told).filter(({ kind }) => kind === 'update')).toEqual([])
  const fresh = await new DirectPeer(person('fresh', 'admin')).join(server, ROOM)
  await server.settled()
  expect(fresh.doc.getArray('cells').toJSON()).toEqual(honest.doc.getArray('cells').toJSON())
  expect(Object.keys(Object.fromEntries(fresh.doc.share))).not.toContain('evil')
  expect(Y.encodeStateAsUpdate(honest.doc)).toEqual(before)
  fresh.membership?.leave()
  const refused = mallory.refused.at(-1)
  if (refused !== undefined) return { code: refused.code, paths: refused.paths }
  return mallory.pendingCount > 0 ? 'pending' : 'nothing'
}

describe('the guard refuses whole, as forged or malformed', () => {
  const structural: [string, string, () => Uint8Array][] = [
    [
      'two blocks for one client id',
      'MALFORMED',
      () => rawUpdate([push(cell('status', 'done')), push(cell('status', 'open'))]),
    ],
    ['fewer blocks than were announced', 'MALFORMED', () => rawUpdate([push(cell('status', 'done'))], [], 2)],
    ['bytes that are no update', 'MALFORMED', () => Uint8Array.of(255, 255, 255, 255, 15, 1, 2, 3)],
    [
      'a huge clock',
      'MALFORMED',
      () => rawUpdate([{ client: MALLORY, clock: 2 ** 40, structs: [{ any: [cell('status', 'done')] }] }]),
    ],
    [
      'a huge deleted item',
      'MALFORMED',
      () => rawUpdate([{ client: MALLORY, clock: 0, structs: [{ deleted: 2 ** 33 }] }]),
    ],
    [
      'a huge deleted range',
      'MALFORMED',
      () => rawUpdate([], [{ client: honest.doc.clientID, clock: 0, len: 2 ** 40 }]),
    ],
    [
      'collected ids of its own',
      'MALFORMED',
      () => rawUpdate([{ client: MALLORY, clock: 0, structs: [{ gc: 3 }] }]),
    ],
    [
      'a root of its own',
      'FORGED',
      () => rawUpdate([{ client: MALLORY, clock: 0, structs: [{ any: [1], parent: 'evil' }] }]),
    ],
    [
      'a key of the cells as if they were a map',
      'FORGED',
      () =>
        rawUpdate([
          {
            client: MALLORY,
            clock: 0,
            structs: [{ any: [cell('status', 'done')], parent: 'cells', parentSub: 'k' }],
          },
        ]),
    ],
    [
      'a nested type',
      'FORGED',
      () => rawUpdate([{ client: MALLORY, clock: 0, structs: [{ type: 0, parent: 'cells' }] }]),
    ],
    [
      'an item inside an item',
      'FORGED',
      () =>
        rawUpdate([
          { client: MALLORY, clock: 0, structs: [{ any: [cell('status', 'done')], parent: lastCell() }] },
        ]),
    ],
    [
      'a subdocument',
      'FORGED',
      () => rawUpdate([{ client: MALLORY, clock: 0, structs: [{ subdoc: 'guid', parent: 'cells' }] }]),
    ],
    [
      'binary among the cells',
      'FORGED',
      () =>
        rawUpdate([{ client: MALLORY, clock: 0, structs: [{ binary: Uint8Array.of(1), parent: 'cells' }] }]),
    ],
    [
      'text among the cells',
      'FORGED',
      () => rawUpdate([{ client: MALLORY, clock: 0, structs: [{ string: 'x', parent: 'cells' }] }]),
    ],
    [
      'old JSON content',
      'FORGED',
      () => rawUpdate([{ client: MALLORY, clock: 0, structs: [{ json: [1], parent: 'cells' }] }]),
    ],
    [
      'cells in a text',
      'FORGED',
      () =>
        rawUpdate([
          { client: MALLORY, clock: 0, structs: [{ any: [cell('status', 'done')], parent: 'description' }] },
        ]),
    ],
    [
      'neighbours in two roots',
      'FORGED',
      () =>
        rawUpdate([
          {
            client: MALLORY,
            clock: 0,
            structs: [{ any: [cell('status', 'done')], origin: lastCell(), right: textId() }],
          },
        ]),
    ],
    [
      'a cell moved to another root by its origin',
      'FORGED',
      () =>
        rawUpdate([
          { client: MALLORY, clock: 0, structs: [{ any: [cell('status', 'done')], origin: textId() }] },
        ]),
    ],
    ['an element that is no cell', 'MALFORMED', () => rawUpdate([push(['status', 'done'])])],
    ['a path that is not canonical', 'MALFORMED', () => rawUpdate([push(cell('%73tatus', 'done'))])],
    [
      'a value with __proto__',
      'MALFORMED',
      () => rawUpdate([push(cell('status', JSON.parse('{"__proto__": {"a": 1}}')))]),
    ],
    ['a BigInt', 'MALFORMED', () => rawUpdate([push(cell('status', 5n))])],
    ['NaN', 'MALFORMED', () => rawUpdate([push(cell('quote', Number.NaN))])],
    ['undefined', 'MALFORMED', () => rawUpdate([push(cell('status', undefined))])],
    ['binary as a value', 'MALFORMED', () => rawUpdate([push(cell('status', Uint8Array.of(1)))])],
    ['a value a thousand levels deep', 'MALFORMED', () => rawUpdate([push(cell('status', nested(1000)))])],
    [
      'a stamp that is no safe integer',
      'MALFORMED',
      () => rawUpdate([push(cell('status', 'done', 'mallory', 1.5))]),
    ],
    ['somebody else’s name', 'AUTHOR_MISMATCH', () => rawUpdate([push(cell('status', 'done', 'ana'))])],
    ['the server’s name', 'FORGED', () => rawUpdate([push(cell('status', 'done', '$server'))])],
    ['a witness', 'FORGED', () => rawUpdate([push(cell('$w/claimedBy', [[MALLORY, 0, 1]]))])],
    ['the result of an action', 'FORGED', () => rawUpdate([push(cell('$results/1', { ok: true }))])],
    ['a share of somebody else’s counter', 'FORGED', () => rawUpdate([push(cell('partsUsed/77', 5))])],
    ['a pure delete', 'FORGED', () => rawUpdate([], [{ ...lastCell(), len: 1 }])],
    [
      'a delete explained by another path',
      'FORGED',
      () => rawUpdate([push(cell('priority', 'low'))], [{ ...lastCell(), len: 1 }]),
    ],
    [
      'an embed that is not declared',
      'BAD_VALUE',
      () =>
        rawUpdate([
          { client: MALLORY, clock: 0, structs: [{ embed: { script: 1 }, parent: 'description' }] },
        ]),
    ],
    [
      'a format in a plain text',
      'BAD_VALUE',
      () =>
        rawUpdate([{ client: MALLORY, clock: 0, structs: [{ format: ['bold', true], parent: 'notes' }] }]),
    ],
  ]
  for (const [what, code, bytes] of structural) {
    it(what, async () => {
      expect(await attack(bytes())).toMatchObject({ code })
    })
  }

  it('an id taken from presence', async () => {
    const bytes = rawUpdate([
      {
        client: honest.doc.clientID,
        clock: Y.getState(honest.doc.store, honest.doc.clientID),
        structs: [{ any: [cell('status', 'done')], origin: lastCell() }],
      },
    ])
    expect(await attack(bytes)).toMatchObject({ code: 'NOT_OWNER' })
  })

  it('an id that the server has reserved for somebody who has not written yet', async () => {
    const bytes = rawUpdate([
      { ...push(cell('status', 'done')), client: reader.membership?.info.clientId ?? 0 },
    ])
    expect(await attack(bytes)).toMatchObject({ code: 'NOT_OWNER' })
  })
})

describe('what the room does not know yet', () => {
  const unknown: [string, () => Uint8Array][] = [
    ['a gap in the clocks', () => rawUpdate([{ ...push(cell('status', 'done')), clock: 5 }])],
    [
      'a skip over unknown ids',
      () =>
        rawUpdate([
          {
            client: MALLORY,
            clock: 0,
            structs: [{ skip: 5 }, { any: [cell('status', 'done')], parent: 'cells' }],
          },
        ]),
    ],
    [
      'an unknown origin',
      () =>
        rawUpdate([
          {
            client: MALLORY,
            clock: 0,
            structs: [{ any: [cell('status', 'done')], origin: { client: 99, clock: 0 } }],
          },
        ]),
    ],
    [
      'an unknown right origin',
      () =>
        rawUpdate([
          {
            client: MALLORY,
            clock: 0,
            structs: [{ any: [cell('status', 'done')], right: { client: 99, clock: 0 } }],
          },
        ]),
    ],
    ['a delete of unknown ids', () => rawUpdate([], [{ client: 99, clock: 0, len: 1 }])],
  ]
  for (const [what, bytes] of unknown) {
    it(`${what} is answered with a sync step, and held against nobody`, async () => {
      expect(await attack(bytes())).toBe('pending')
      expect(mallory.closed).toBeNull()
      expect(mallory.messages.filter(({ kind }) => kind === 'syncStep1').length).toBe(2)
    })
  }

  it('is asked for no more than twenty times running', async () => {
    for (let i = 0; i < 50; i++) mallory.update(rawUpdate([{ ...push(cell('status', 'done')), clock: 5 }]))
    await server.settled()
    expect(mallory.messages.filter(({ kind }) => kind === 'syncStep1').length).toBeLessThanOrEqual(22)
    expect(mallory.closed).toBeNull()
  })
})

describe('what changes nothing', () => {
  it('is accepted from anybody: the state as it is', async () => {
    expect(await attack(Y.encodeStateAsUpdate(honest.doc))).toBe('nothing')
    expect(mallory.savedCount).toBe(mallory.sent)
  })

  it('the same id with other content stays what it was', async () => {
    const { client } = lastCell()
    expect(
      await attack(
        rawUpdate([{ client, clock: 0, structs: [{ any: [cell('status', 'done')], parent: 'cells' }] }]),
      ),
    ).toBe('nothing')
  })

  it('a thousand no-ops that name new roots leave no root behind', async () => {
    const { client } = lastCell()
    for (let i = 0; i < 1000; i++)
      mallory.update(rawUpdate([{ client, clock: 0, structs: [{ any: [1], parent: `evil${i}` }] }]))
    await server.settled()
    const roots = [...(server.rooms.get(ROOM)?.guarded?.doc.share.keys() ?? [])]
    expect(roots.sort()).toEqual(['cells', 'description', 'notes'])
  })

  it('a known part is skipped, and the new part is judged', async () => {
    const { client } = lastCell()
    const state = Y.getState(honest.doc.store, client)
    // Its known part would lie among the cells, while what is there is text.
    const bytes = rawUpdate([
      { client, clock: state - 1, structs: [{ any: [1, cell('status', 'done')], parent: 'cells' }] },
    ])
    expect(await attack(bytes)).toMatchObject({ code: 'NOT_OWNER' })
    honest.update(bytes)
    await server.settled()
    expect(honest.refused.at(-1)?.code).toBe('FORGED')
  })
})

describe('schema, permission and state', () => {
  const refusals: [string, string, string, () => unknown[]][] = [
    ['a field of a later schema', 'SCHEMA_OLDER', 'color', () => cell('color', 'red')],
    ['a value that is none of the choices', 'BAD_VALUE', 'status', () => cell('status', 'nope')],
    ['a required field cleared', 'BAD_VALUE', 'title', () => cell('title', null)],
    ['a price by somebody outside the office', 'NOT_PERMITTED', 'quote', () => cell('quote', 100)],
    ['a derived field', 'READ_ONLY_FIELD', 'openSteps', () => cell('openSteps', 100)],
    [
      'a clock that runs ahead',
      'CLOCK_AHEAD',
      'status',
      () => cell('status', 'done', 'mallory', (Date.now() + 120_000) * 1024),
    ],
    ['a cell that is too large', 'BAD_VALUE', 'title', () => cell('title', 'x'.repeat(100_000))],
    ['removing the record without the right to', 'NOT_PERMITTED', '', () => cell('', { seen: {} })],
  ]
  for (const [what, code, path, bad] of refusals) {
    it(`${what} is refused by path, and is no offence`, async () => {
      for (let i = 0; i < 30; i++) {
        expect(await attack(rawUpdate([push(bad())]))).toEqual({ code, paths: [path] })
      }
      expect(mallory.closed).toBeNull()
    })
  }

  it('names all refused paths at once', async () => {
    const bytes = rawUpdate([
      push(cell('status', 'nope'), cell('quote', 1), cell('color', 1), cell('priority', 'low')),
    ])
    const answer = await attack(bytes)
    expect(answer).toEqual({ code: 'WRITE_REFUSED', paths: ['status', 'quote', 'color'] })
  })

  it('keeps a second entry of a log from changing the first, and takes an equal one', async () => {
    const record = writerOn(await new DirectPeer(person('ben')).join(server, ROOM), Ticket)
    record.log('checks').add({ kind: 'in' }, { id: 'x' })
    await server.settled()
    mallory.update(rawUpdate([push(cell('checks/x', { kind: 'out' }))]))
    await server.settled()
    expect(mallory.refused.at(-1)).toMatchObject({ code: 'LOG_ENTRY_CHANGED', paths: ['checks/x'] })
    const again = await new DirectPeer(person('ben')).join(server, ROOM)
    again.update(rawUpdate([{ ...push(cell('checks/x', { kind: 'in' }, 'ben')), client: 777 }]))
    await server.settled()
    expect(again.refused).toEqual([])
    expect(server.rooms.get(ROOM)?.guarded?.record.view.checks).toHaveLength(1)
    expect(server.rooms.get(ROOM)?.guarded?.record.index.at('checks/x')).toHaveLength(1)
  })

  it('keeps somebody else’s comment as it is', async () => {
    const ben = writerOn(await new DirectPeer(person('ben')).join(server, ROOM), Ticket)
    const id = ben.list('comments').add({ body: 'mine' })
    await server.settled()
    for (const bytes of [
      rawUpdate([push(cell(`comments/${id}/body`, 'yours'))]),
      rawUpdate([push(cell(`comments/${id}`, { seen: [] }))]),
      rawUpdate([push(cell(`comments/${id}/$created`, true, 'mallory', 1))]),
    ]) {
      mallory.update(bytes)
      await server.settled()
      expect(mallory.refused.at(-1)?.code).toBe('NOT_PERMITTED')
    }
    expect(mallory.refused).toHaveLength(3)
  })

  it('lets nobody take a confirmed claim away, backdated or not', async () => {
    const ben = writerOn(await new DirectPeer(person('ben')).join(server, ROOM), Ticket)
    ben.set({ claimedBy: 'ben' })
    await server.settled()
    const [held] = server.rooms.get(ROOM)?.guarded?.record.index.at('claimedBy') ?? []
    mallory.update(
      rawUpdate(
        [push(cell('claimedBy', 'mallory', 'mallory', 1))],
        [{ client: held?.client ?? 0, clock: held?.clock ?? 0, len: 1 }],
      ),
    )
    await server.settled()
    expect(mallory.refused.at(-1)?.code).toBe('NOT_HOLDER')
    mallory.update(rawUpdate([push(cell('claimedBy', 'mallory', 'mallory', 1))]))
    await server.settled()
    expect(server.rooms.get(ROOM)?.guarded?.record.view.claimedBy).toBe('ben')
  })
})

describe('malformed and forged input', () => {
  it('is slowed and then closed', async () => {
    for (let i = 0; i < 40 && mallory.closed === null; i++)
      mallory.update(rawUpdate([], [{ ...lastCell(), len: 1 }]))
    await server.settled()
    expect(mallory.closed).toMatchObject({ code: 'FORGED' })
  })

  it('does not end the session at its first', async () => {
    mallory.membership?.receive(Uint8Array.of(0, 2, 5, 1))
    mallory.membership?.receive(Uint8Array.of(99))
    mallory.membership?.receive(writeUpdate(Uint8Array.of(1, 2, 3)))
    mallory.update(rawUpdate([push(cell('priority', 'low'))]))
    await server.settled()
    expect(mallory.closed).toBeNull()
    expect(server.rooms.get(ROOM)?.guarded?.record.view.priority).toBe('low')
  })
})

const nested = (levels: number): unknown => {
  let value: unknown = 1
  for (let i = 0; i < levels; i++) value = [value]
  return value
}

const textId = (): { client: number; clock: number } => {
  const item = honest.doc.getText('description')._start
  if (item === null) throw new Error('no text')
  return { client: item.id.client, clock: item.id.clock }
}
