// What leaves a room is on disk, in whatever way it leaves: relayed, acknowledged, given to who joins, to who comes
// back with a part of it, and to who could not keep up.

import { afterEach, beforeEach, expect, it } from 'vitest'
import * as Y from 'yjs'
import { MemoryStore } from '../store/memory-store.ts'
import type { Change } from '../../server/store/store.ts'
import { StoreError } from '../../server/store/store-error.ts'
import { openRecord } from '../../shared/index.ts'
import { EMPTY_UPDATE } from '../../server/room/room-content.ts'
import { writeSyncStep1, writeUpdate } from '../../shared/wire/sync-message.ts'
import { DirectPeer, person, writerOn } from '../guard/guarded-room.ts'
import { RoomServer } from './room-server.ts'
import { Ticket } from './ticket.ts'
import { gate } from '../gate.ts'

/** A disk that takes its time: commits wait in it until they are let go. Or that is full. */
class SlowStore extends MemoryStore {
  isSlow = false
  isFull = false
  readonly #waiting: (() => void)[] = []

  get holds(): boolean {
    return this.#waiting.length > 0
  }

  letGo(): void {
    this.isSlow = false
    for (const go of this.#waiting.splice(0)) go()
  }

  override async commit(batch: readonly Change[]): ReturnType<MemoryStore['commit']> {
    if (this.isFull) throw new StoreError('STORE_UNWRITABLE', 'The disk is full.')
    if (this.isSlow) await new Promise<void>(resolve => this.#waiting.push(resolve))
    return super.commit(batch)
  }
}

const ROOM = 'ticket:1'
let store: SlowStore
let server: RoomServer

beforeEach(async () => {
  store = new SlowStore()
  server = new RoomServer([Ticket], { store })
  await server.start()
})

afterEach(async () => {
  store.letGo()
  await server.close()
  expect(server.errors).toEqual([])
})

const turnOfLoop = () => new Promise(resolve => setImmediate(resolve))

const titleAt = ({ doc }: DirectPeer): string => openRecord(Ticket, doc, { author: 'x' }).view.title

it('nobody is told, shown or acknowledged an edit before it is on disk', async () => {
  const sit = (id: string) => new DirectPeer(person(id, 'office')).join(server, ROOM)
  const ana = await sit('ana')
  const record = writerOn(ana, Ticket)
  record.set({ title: 'before' })
  await server.settled()
  const member = await sit('ben')
  const returning = await sit('eva')
  const asked = Y.encodeStateVector(returning.doc)
  expect([member, returning].map(titleAt)).toEqual(['before', 'before'])
  const saved = ana.savedCount

  store.isSlow = true
  record.set({ title: 'after' })
  while (!store.holds) await turnOfLoop()
  const joiner = await sit('leo')
  returning.membership?.receive(writeSyncStep1(asked))
  member.membership?.drained()
  for (let i = 0; i < 20; i++) await turnOfLoop()
  expect([member, returning].map(titleAt)).toEqual(['before', 'before'])
  expect(joiner.messages.filter(({ kind }) => kind === 'syncStep2')).toEqual([])
  expect(ana.savedCount).toBe(saved)

  store.letGo()
  await server.settled()
  expect([member, returning, joiner].map(titleAt)).toEqual(['after', 'after', 'after'])
  expect(ana.savedCount).toBe(saved + 1)
})

it('nobody is shown what the server writes alone before it is on disk, though the turn had begun with others', async () => {
  const sit = (id: string) => new DirectPeer(person(id, 'office')).join(server, ROOM)
  const ana = await sit('ana')
  writerOn(ana, Ticket).set({ title: 'before' })
  await server.settled()
  const ben = await sit('ben')
  const room = await server.rooms.open(ROOM)

  ana.membership?.receive(writeUpdate(EMPTY_UPDATE))
  const [durable, makeDurable] = gate()
  const alone = room.exclusively(() => {
    room.guarded?.write({ id: 'eva', name: 'Eva' }, [{ path: 'title', value: 'after', shown: 'value' }])
    return durable
  })
  while (room.guarded?.record.view['title'] !== 'after') await Promise.resolve()
  ben.membership?.receive(writeSyncStep1(Y.encodeStateVector(ben.doc)))
  for (let i = 0; i < 20; i++) await turnOfLoop()
  expect(titleAt(ben)).toBe('before')

  makeDurable()
  await alone
  await server.settled()
  expect(titleAt(ben)).toBe('after')
})

it('who is in a record that was changed beside the room is sent out to come again, with nothing called saved', async () => {
  const ana = await new DirectPeer(person('ana', 'office')).join(server, ROOM)
  const record = writerOn(ana, Ticket)
  record.set({ title: 'before' })
  await server.settled()
  const saved = ana.savedCount
  const head = await store.readHead(ROOM)
  if (head === null) throw new Error('it was saved')
  const { room, type, epoch, commit: expected, updatedAt: at } = head
  await store.commit([{ rooms: [{ room, type, epoch, expect: expected, at, by: 'beside', updates: [] }] }])

  record.set({ title: 'after' })
  await server.settled()
  expect(ana.closed?.code).toBe('EPOCH_CHANGED')
  expect(ana.savedCount).toBe(saved)
  const again = await new DirectPeer(person('ana', 'office')).join(server, ROOM)
  expect(titleAt(again)).toBe('before')
})

it('what cannot be kept is not taken: its writer is told why and keeps it, and what was taken before is kept', async () => {
  const sit = (id: string) => new DirectPeer(person(id, 'office')).join(server, ROOM)
  const ana = await sit('ana')
  const record = writerOn(ana, Ticket)
  record.set({ title: 'before' })
  await server.settled()
  const ben = await sit('ben')
  const saved = ana.savedCount

  store.isFull = true
  record.set({ title: 'taken' })
  while (server.committer.readOnly === null) await turnOfLoop()
  writerOn(ben, Ticket).set({ status: 'waiting' })
  expect(ben.closed).toEqual({ code: 'STORE_UNWRITABLE', sentence: 'The disk is full.' })
  expect([ana.closed, ana.savedCount]).toEqual([null, saved])

  store.isFull = false
  await server.settled()
  expect(ana.savedCount).toBe(saved + 1)
  const again = await sit('ben')
  expect(openRecord(Ticket, again.doc, { author: 'x' }).view).toMatchObject({
    title: 'taken',
    status: 'open',
  })
})

it('what is on disk is not called unsaved where the telling of it fails', async () => {
  const ana = await new DirectPeer(person('ana', 'office')).join(server, ROOM)
  server.whenCommitted = () => {
    server.whenCommitted = () => {}
    throw new Error('a list is out of order')
  }
  writerOn(ana, Ticket).set({ title: 'saved' })
  await server.settled()
  expect(ana.closed?.code).toBe('INTERNAL')
  expect(server.errors.splice(0)).toMatchObject([{ room: ROOM, err: { message: 'a list is out of order' } }])
  const again = await new DirectPeer(person('ana', 'office')).join(server, ROOM)
  expect(titleAt(again)).toBe('saved')
})
