import { expect, it } from 'vitest'
import type { Principal } from '../../server/access/principal.ts'
import { EventReaders } from '../../server/event/event-readers.ts'
import { RoomRefusal } from '../../server/room/peer.ts'
import { claim, defineRecord, ref } from '../../shared/index.ts'

const Note = defineRecord('note', {
  fields: { owner: ref('user') },
  access: { read: { owner: claim('sub') } },
})

const ana: Principal = { id: 'ana', name: 'Ana', roles: [], claims: { sub: 'ana' }, expiresAt: null }

it('a row that is committed while the one before is being read is the one that counts', async () => {
  const reads: ((json: string) => void)[] = []
  const readers = new EventReaders({
    types: new Map([[Note.name, Note]]),
    store: {
      readRow: () => new Promise(resolve => reads.push(resolve)),
      readHead: async () => null,
    },
    rooms: () => ({
      get: () => undefined,
      open: () => Promise.reject(new Error('its row is in the store')),
    }),
    unreadable() {},
  })
  const before = readers.mayRead(ana, 'note', 'note:1')
  readers.forget('note:1')
  reads[0]?.(JSON.stringify({ id: '1', owner: 'ana' }))
  expect(await before).toBe(true)

  const after = readers.mayRead(ana, 'note', 'note:1')
  reads[1]?.(JSON.stringify({ id: '1', owner: 'ben' }))
  expect(await after).toBe(false)
  expect([readers.mayRead(ana, 'note', 'note:1'), reads.length]).toEqual([false, 2])
})

it('a record that cannot be read is told of once, and again when it was written in between', async () => {
  const told: string[] = []
  const readers = new EventReaders({
    types: new Map([[Note.name, Note]]),
    store: { readRow: () => Promise.reject(new RoomRefusal('STORE_DAMAGED')), readHead: async () => null },
    rooms: () => ({ get: () => undefined, open: () => Promise.reject(new Error('nobody gets as far')) }),
    unreadable: room => told.push(room),
  })
  const follow = async (): Promise<number> => {
    expect(await readers.mayFollow(ana, 'note', 'note:1')).toBe(false)
    return told.length
  }
  expect([await follow(), await follow()]).toEqual([1, 1])
  readers.forget('note:1')
  expect([await follow(), await follow()]).toEqual([2, 2])
})
