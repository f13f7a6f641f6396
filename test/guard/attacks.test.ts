import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as encoding from 'lib0/encoding'
import * as Y from 'yjs'
import { writeAwarenessStates } from '../../server/room/awareness-body.ts'
import { parseUpdate } from '../../server/room/incoming-update.ts'
import { writeUpdate } from '../../shared/wire/sync-message.ts'
import { RoomServer } from '../room/room-server.ts'
import { Ticket } from '../room/ticket.ts'
import { DirectPeer, person, writerOn } from './guarded-room.ts'
import { AttackScene, forbiddenCells, structuralAttacks, unknownPasts } from './attack-tables.ts'
import { rawUpdate } from './raw-update.ts'

const ROOM = 'ticket:1'

let server: RoomServer
let honest: DirectPeer
let reader: DirectPeer
let mallory: DirectPeer
let scene: AttackScene

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
  scene = new AttackScene(honest.doc)
})

afterEach(async () => {
  expect(server.alarms).toBe(0)
  expect(server.errors).toEqual([])
  await server.close()
})

const cell = (...of: Parameters<AttackScene['cell']>): unknown[] => scene.cell(...of)
const lastCell = () => scene.lastCell()
const push = (...cells: unknown[][]) => scene.push(...cells)

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
  for (const [what, code, bytes] of structuralAttacks) {
    it(what, async () => {
      expect(await attack(bytes(scene))).toMatchObject({ code })
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

  it('an id that somebody has announced who has not written yet, nor is it given to anybody else', async () => {
    const eva = await new DirectPeer(person('eva', 'office'), 'stock').join(server, ROOM)
    const [client, json] = [eva.doc.clientID, Buffer.from('{}')]
    eva.membership?.receive(writeAwarenessStates([{ clientId: client, clock: 1, json }]))
    expect(await attack(rawUpdate([{ ...push(cell('status', 'done')), client }]))).toMatchObject({
      code: 'NOT_OWNER',
    })
    const again = await new DirectPeer(person('mallory')).join(server, ROOM, { clientId: client })
    expect(again.membership?.info.clientId).not.toBe(client)
    writerOn(eva, Ticket).set({ status: 'done' })
    await server.settled()
    expect(eva.closed).toBeNull()
    expect(honest.doc.getArray('cells').toJSON()).toContainEqual(expect.arrayContaining(['status', 'done']))
  })
})

describe('what the room does not know yet', () => {
  for (const [what, bytes] of unknownPasts) {
    it(`${what} is answered with a sync step, and held against nobody`, async () => {
      const asked = (): number => mallory.messages.filter(({ kind }) => kind === 'syncStep1').length
      const before = asked()
      expect(await attack(bytes(scene))).toBe('pending')
      expect(mallory.closed).toBeNull()
      expect(asked()).toBe(before + 1)
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
  for (const [what, code, path, bad] of forbiddenCells) {
    it(`${what} is refused by path, and is no offence`, async () => {
      for (let i = 0; i < 30; i++) {
        expect(await attack(rawUpdate([push(bad(scene))]))).toEqual({ code, paths: [path] })
      }
      expect(mallory.closed).toBeNull()
    })
  }

  it('names all refused paths at once', async () => {
    const bytes = rawUpdate([push(cell('status', 'nope'), cell('quote', 1), cell('priority', 'low'))])
    const answer = await attack(bytes)
    expect(answer).toEqual({ code: 'WRITE_REFUSED', paths: ['status', 'quote'] })
  })

  it('names a page of another version as one, whatever else it may not write', async () => {
    const answer = await attack(rawUpdate([push(cell('status', 'nope'), cell('color', 1))]))
    expect(answer).toEqual({ code: 'SCHEMA_OLDER', paths: ['status', 'color'] })
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

  it('looks through no more values beside each other than it can at once, and a day off line has fewer', async () => {
    const writes = (n: number): unknown[][] =>
      Array.from({ length: n }, (_, i) =>
        cell('status', i % 2 ? 'open' : 'waiting', 'mallory', scene.stamp + i),
      )
    // None in the place of the one before: each is looked at beside all of them.
    expect(await attack(rawUpdate([push(...writes(3_000))]))).toMatchObject({
      code: 'TOO_LARGE',
      paths: ['status'],
    })
    mallory.update(rawUpdate([push(...writes(1_000))]))
    await server.settled()
    expect(mallory.refused).toHaveLength(1)
    expect(server.rooms.get(ROOM)?.guarded?.record.view.status).toBe('open')
  })

  it('takes no entry that lacks what one begins with, however it is begun', async () => {
    for (const begun of [
      [cell('damages/d/$created', true)],
      [cell('damages/d/note', 'by the door')],
      [cell('damages/d/$created', true), cell('damages/d/note', 'by the door')],
    ]) {
      mallory.update(rawUpdate([push(...begun)]))
      await server.settled()
      expect(mallory.refused.at(-1)).toMatchObject({ code: 'REQUIRED', paths: ['damages/d/where'] })
    }
    mallory.update(rawUpdate([push(cell('damages/d/note', 'by the door'), cell('damages/d/where', 'hall'))]))
    await server.settled()
    mallory.update(rawUpdate([{ ...push(cell('damages/d/note', 'by the window')), clock: 2 }]))
    await server.settled()
    expect(mallory.refused).toHaveLength(3)
    expect(server.rooms.get(ROOM)?.guarded?.record.view.damages).toMatchObject([
      { where: 'hall', note: 'by the window' },
    ])
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

  it.each<[string, (encoder: encoding.Encoder, n: number) => void]>([
    [
      'structs',
      (encoder, n) => {
        for (const value of [1, n, 7, 0]) encoding.writeVarUint(encoder, value)
        for (let i = 0; i < n; i++) for (const value of [0, 1]) encoding.writeVarUint(encoder, value)
      },
    ],
    [
      'deleted ranges',
      (encoder, n) => {
        for (const value of [0, 1, 7, n + 1]) encoding.writeVarUint(encoder, value)
        for (let i = 0; i < n; i++) for (const value of [i, 1]) encoding.writeVarUint(encoder, value)
      },
    ],
    [
      'values within a value',
      (encoder, n) => {
        for (const value of [1, 1, 7, 0, 8, 1]) encoding.writeVarUint(encoder, value)
        encoding.writeVarString(encoder, 'cells')
        for (const value of [1, 117, n]) encoding.writeVarUint(encoder, value)
        for (let i = 0; i < n; i++) for (const value of [118, 0]) encoding.writeVarUint(encoder, value)
      },
    ],
    [
      'values within a format',
      (encoder, n) => {
        for (const value of [1, 1, 7, 0, 6, 1]) encoding.writeVarUint(encoder, value)
        for (const text of ['notes', 'bold', `[${'{},'.repeat(n)}1]`]) encoding.writeVarString(encoder, text)
      },
    ],
    [
      'lists within each other in an embed',
      (encoder, n) => {
        for (const value of [1, 1, 7, 0, 5, 1]) encoding.writeVarUint(encoder, value)
        for (const text of ['notes', '['.repeat(n) + ']'.repeat(n)]) encoding.writeVarString(encoder, text)
      },
    ],
    [
      'values as Yjs wrote them once',
      (encoder, n) => {
        for (const value of [1, 1, 7, 0, 2, 1]) encoding.writeVarUint(encoder, value)
        encoding.writeVarString(encoder, 'cells')
        encoding.writeVarUint(encoder, n)
        for (let i = 0; i < n; i++) encoding.writeVarString(encoder, '{}')
      },
    ],
  ])('of more %s than anybody writes is not read to its end, where nothing fits any more', (_, write) => {
    const of = (n: number): unknown => {
      const encoder = encoding.createEncoder()
      write(encoder, n)
      return parseUpdate(encoding.toUint8Array(encoder), 1_000)
    }
    expect(of(500)).toEqual({ malformed: 'it cannot be decoded', code: 'MALFORMED' })
    expect(of(900_000)).toMatchObject({
      malformed: expect.stringMatching(/more than 1000 structs/),
      code: 'TOO_LARGE',
    })
  })

  it('is decoded to what Yjs decodes', () => {
    const doc = new Y.Doc()
    const values = [null, true, false, 1.5, -7, 2 ** 40, 'ž', ['a', [], {}], { a: { b: [null] }, '': 1 }]
    doc.getArray('cells').push([...values, [2n, undefined], { b: Uint8Array.of(1, 2) }])
    doc.getText('notes').insert(0, 'wet', { bold: true })
    doc.getArray('cells').delete(1, 2)
    const update = Y.encodeStateAsUpdate(doc)
    const contents = (structs: readonly (Y.Item | Y.GC | Y.Skip)[]) =>
      structs.map(struct => (struct instanceof Y.Item ? struct.content.getContent() : []))
    const [ours, theirs] = [parseUpdate(update, 1_000), Y.decodeUpdate(update)]
    if ('malformed' in ours) throw new Error(ours.malformed)
    expect(contents(ours.structs)).toEqual(contents(theirs.structs as (Y.Item | Y.GC | Y.Skip)[]))
    expect(ours.deletes.clients).toEqual(theirs.ds.clients)
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
