// The order of letters, by days drawn by lot: people who write at the same places of one text, off line and not, and
// somebody who sends letters with whatever neighbours.

import { afterEach, beforeEach, expect, it } from 'vitest'
import * as Y from 'yjs'
import { openRecord } from '../../shared/index.ts'
import { RoomServer } from '../room/room-server.ts'
import { Ticket } from '../room/ticket.ts'
import { randomFrom } from './damaged-updates.ts'
import { DirectPeer, person, recordUpdates } from './guarded-room.ts'
import { type RawId, rawUpdate } from './raw-update.ts'

let server: RoomServer

beforeEach(async () => {
  server = new RoomServer([Ticket])
  await server.start()
})

afterEach(async () => {
  expect(server.alarms).toBe(0)
  expect(server.errors).toEqual([])
  await server.close()
})

/** Somebody whose doc is behind the room, and ahead of it, as it goes. */
class Device {
  readonly doc = new Y.Doc()
  readonly peer: DirectPeer
  readonly #below: (n: number) => number
  readonly #unsent: Uint8Array[] = []
  readonly #sent: Uint8Array[] = []
  readonly #undo: Y.UndoManager

  constructor(peer: DirectPeer, below: (n: number) => number) {
    this.peer = peer
    this.#below = below
    this.doc.clientID = peer.membership?.info.clientId ?? 0
    this.hears()
    // What Yjs tidies by itself when it hears of others' formats is sent as well.
    this.doc.on('update', (update, _origin, _doc, { local }) => {
      if (local) this.#unsent.push(update)
    })
    this.#undo = new Y.UndoManager(this.text, { captureTimeout: 0 })
  }

  get text(): Y.Text {
    return this.doc.getText('description')
  }

  hears(): void {
    Y.applyUpdate(this.doc, Y.encodeStateAsUpdate(this.peer.doc, Y.encodeStateVector(this.doc)), 'room')
  }

  sends({ all = false } = {}): void {
    const some = this.#unsent.splice(0, all ? this.#unsent.length : 1 + this.#below(this.#unsent.length))
    if (some.length === 0) return
    const again = this.#sent.slice(-this.#below(4))
    this.#sent.push(...some)
    switch (this.#below(4)) {
      case 0:
        for (const update of some) this.peer.update(update)
        break
      case 1:
        this.peer.update(Y.mergeUpdates(some))
        break
      case 2:
        // As one that was sent, and not confirmed: letters that the room has run on in those that it has not.
        this.peer.update(Y.mergeUpdates([...again, ...some]))
        break
      default:
        this.#unsent.length = 0
        this.peer.step2(Y.encodeStateAsUpdate(this.doc, Y.encodeStateVector(this.peer.doc)))
    }
  }

  edits(): void {
    const { text } = this
    const { length } = text
    // Mostly where the others write as well.
    const at = this.#below(3) === 0 ? this.#below(length + 1) : Math.min(length, 2 + this.#below(3))
    const some = Math.min(1 + this.#below(4), length - at)
    switch (this.#below(9)) {
      case 0:
      case 1:
        if (some > 0) text.delete(at, some)
        break
      case 2:
        if (some > 0) text.format(at, some, { bold: this.#below(2) === 0 ? true : null })
        break
      case 3:
        this.#undo.undo()
        break
      case 4:
        this.#undo.redo()
        break
      case 5:
        // Line by line upwards.
        for (const letter of 'zyx') text.insert(at, letter)
        break
      case 6:
        for (const [i, letter] of [...'abc'].entries()) text.insert(at + i, letter)
        break
      default:
        text.insert(at, 'lmnop'.slice(this.#below(5)), this.#below(4) === 0 ? { italic: true } : {})
    }
  }
}

const devicesOf = async (
  room: string,
  below: (n: number) => number,
  names: readonly string[],
): Promise<Device[]> => {
  const first = await new DirectPeer(person('ana')).join(server, room)
  await server.settled()
  first.doc.clientID = first.membership?.info.clientId ?? 0
  const begun = recordUpdates(first.doc, () => {
    const record = openRecord(Ticket, first.doc, { author: 'ana' })
    record.set({ title: 'Boiler leaks' })
    record.text('description').insert(0, 'one two three')
  })
  for (const update of begun) first.update(update)
  await server.settled()
  first.membership?.leave()
  const devices: Device[] = []
  for (const name of names) {
    const peer = await new DirectPeer(person(name)).join(server, room)
    await server.settled()
    devices.push(new Device(peer, below))
  }
  return devices
}

/** All hear all: whether every device shows the text as the server does. */
const agree = async (room: string, devices: readonly Device[]): Promise<void> => {
  for (let round = 0; round < 3; round++) {
    for (const device of devices) device.sends({ all: true })
    await server.settled()
    for (const device of devices) device.hears()
  }
  const kept = server.rooms.get(room)?.guarded?.doc.getText('description') ?? new Y.Text()
  for (const { text } of devices) expect(lettersOf(text)).toEqual(lettersOf(kept))
}

/** One by one, as they look: devices keep formats that say nothing in different places. */
const lettersOf = (text: Y.Text): unknown[] =>
  (text.toDelta() as { insert: string; attributes?: object }[]).flatMap(({ insert, attributes }) =>
    [...insert].map(letter => [letter, attributes ?? {}]),
  )

it('whatever honest devices write at one place, on line and off, is taken', async () => {
  let written = 0
  for (let seed = 1; seed <= 30; seed++) {
    const random = randomFrom(seed)
    const below = (n: number): number => Math.floor(random() * n)
    const room = `ticket:${seed}`
    const devices = await devicesOf(room, below, ['ana', 'ben', 'eva', 'ana'])
    for (let step = 0; step < 150; step++) {
      const device = devices[below(devices.length)]
      const dice = below(10)
      if (dice < 6) device?.edits()
      else if (dice < 8) device?.sends()
      else if (dice < 9) device?.hears()
      else await server.settled()
    }
    await agree(room, devices)
    expect(devices.flatMap(({ peer }) => peer.refused)).toEqual([])
    for (const { peer } of devices) {
      expect(peer.pendingCount).toBe(0)
      written += peer.sent
      peer.membership?.leave()
    }
  }
  expect(written).toBeGreaterThan(1000)
})

it('whatever neighbours somebody names, honest devices go on to show the same', async () => {
  let [taken, refused] = [0, 0]
  for (let seed = 1; seed <= 30; seed++) {
    const random = randomFrom(seed)
    const below = (n: number): number => Math.floor(random() * n)
    const room = `ticket:${seed}`
    const devices = await devicesOf(room, below, ['ana', 'ben', 'eva'])
    let mallory: DirectPeer | null = null
    for (let step = 0; step < 60; step++) {
      const device = devices[below(devices.length)]
      const dice = below(10)
      if (dice < 4) device?.edits()
      else if (dice < 6) device?.sends()
      else if (dice < 7) device?.hears()
      else if (dice < 8) await server.settled()
      else {
        if (mallory === null || mallory.closed !== null) {
          mallory = await new DirectPeer(person('mallory')).join(server, room)
          await server.settled()
        }
        const told = mallory.refused.length
        // In the same turn as somebody else's.
        if (below(2) === 0) device?.sends()
        const forged = letterAnywhere(mallory, below)
        mallory.update(forged)
        await server.settled()
        if (mallory.refused.length > told) {
          refused++
        } else {
          taken++
          Y.applyUpdate(mallory.doc, forged)
        }
      }
    }
    await agree(room, devices)
    expect(devices.flatMap(({ peer }) => peer.refused)).toEqual([])
    for (const { peer } of devices) peer.membership?.leave()
  }
  // Some of what is drawn could have been written, most could not.
  expect(taken).toBeGreaterThan(25)
  expect(refused).toBeGreaterThan(taken)
})

/** Three letters, each between any two that there are. */
const letterAnywhere = ({ doc, membership }: DirectPeer, below: (n: number) => number): Uint8Array => {
  const client = membership?.info.clientId ?? 0
  const known: RawId[] = []
  for (let item = doc.getText('description')._start; item !== null; item = item.right) {
    for (let i = 0; i < item.length; i++) known.push({ client: item.id.client, clock: item.id.clock + i })
  }
  const start = Y.getState(doc.store, client)
  const structs = [0, 1, 2].map(i => {
    const at = below(known.length + 1)
    const [origin, right] = [known[at - 1], below(2) === 0 ? known[at] : known[below(known.length)]]
    known.splice(at, 0, { client, clock: start + i })
    const neighbours = { ...(origin && { origin }), ...(right && { right }) }
    return { string: 'Ω', ...neighbours, parent: 'description' }
  })
  return rawUpdate([{ client, clock: start, structs }])
}

/** What a device with a doc of its own sends after it was off line. */
const dayOffLine = (begun: Uint8Array, clientId: number, write: (text: Y.Text) => void): Uint8Array => {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, begun)
  doc.clientID = clientId
  const before = Y.encodeStateVector(doc)
  write(doc.getText('description'))
  return Y.encodeStateAsUpdate(doc, before)
}

const begunRoom = async (
  room = 'ticket:1',
  client = 10,
): Promise<{ ana: DirectPeer; ben: DirectPeer; begun: Uint8Array }> => {
  const [ana, ben] = await Promise.all(
    ['ana', 'ben'].map(name => new DirectPeer(person(name), 'stock').join(server, room)),
  )
  if (ana === undefined || ben === undefined) throw new Error('nobody came')
  ana.doc.clientID = client
  for (const update of recordUpdates(ana.doc, () => {
    const record = openRecord(Ticket, ana.doc, { author: 'ana' })
    record.set({ title: 'Boiler leaks' })
    record.text('description').insert(0, 'Seen:')
  }))
    ana.update(update)
  await server.settled()
  return { ana, ben, begun: Y.encodeStateAsUpdate(ana.doc) }
}

it('a day of two people who both went on at the end of a text, and mended what they wrote, is taken', async () => {
  const { ana, ben, begun } = await begunRoom()
  const day = (text: Y.Text): void => {
    const start = text.length
    for (let word = 0; word < 1500; word++) {
      text.insert(text.length, 'word ')
      text.insert(start + ((word * 7) % (text.length - start)), 'x')
    }
  }
  ana.update(dayOffLine(begun, 10, day))
  ben.update(dayOffLine(begun, 20, day))
  await server.settled()
  expect([...ana.refused, ...ben.refused]).toEqual([])
  expect(server.rooms.get('ticket:1')?.guarded?.doc.getText('description').length).toBe(5 + 2 * 9000)
})

it('what two people put on top of a text, entry over entry, is taken in whichever order they come', async () => {
  const onTop = (text: Y.Text): void => {
    for (let i = 0; i < 200; i++) {
      text.insert(0, 'what was seen\n', {})
      text.insert(0, 'Head\n', { bold: true })
    }
  }
  for (const clients of [
    [10, 20],
    [20, 10],
  ] as const) {
    const { ana, ben, begun } = await begunRoom(`ticket:${clients[0]}`, clients[0])
    ana.update(dayOffLine(begun, clients[0], onTop))
    await server.settled()
    ben.update(dayOffLine(begun, clients[1], onTop))
    await server.settled()
    expect([ana.closed, ben.closed]).toEqual([null, null])
  }
})

it('so much among so much at one place that putting it in order would hold everybody up is refused', async () => {
  const { ana, ben, begun } = await begunRoom()
  const upwards =
    (letters: number) =>
    (text: Y.Text): void => {
      for (let i = 0; i < letters; i++) {
        text.insert(0, 'a')
        text.insert(text.length, 'b')
      }
    }
  ana.update(dayOffLine(begun, 10, upwards(1500)))
  await server.settled()
  ben.update(dayOffLine(begun, 20, upwards(1500)))
  expect(ben.closed?.code).toBe('TOO_LARGE')
  const again = await new DirectPeer(person('ben'), 'stock').join(server, 'ticket:1')
  again.update(dayOffLine(begun, 20, upwards(50)))
  await server.settled()
  expect(again.closed).toBeNull()
  expect(server.rooms.get('ticket:1')?.guarded?.doc.getText('description').length).toBe(5 + 2 * 1550)
})
