import { expect, it } from 'vitest'
import { MemoryStore } from '../../client/local/memory-store.ts'
import type { LiveList } from '../../client/list/live-list.ts'
import { WorkingSet } from '../../client/offline/working-set.ts'
import type { LiveRecord } from '../../client/record/live-record.ts'
import { putHead } from '../../client/local/record-store.ts'
import { settle } from './fake-surroundings.ts'
import { Ticket } from './records.ts'

it('a row whose record is not to be had is asked for once, until the row is another', async () => {
  let rows = [{ id: '1', updated: 1 }]
  let look = (): void => {}
  const list = {
    state: 'live',
    error: null,
    pending: new Set(),
    get rows() {
      return rows
    },
    subscribe: (tell: () => void) => {
      look = tell
      return () => {}
    },
    close() {},
  }
  const trouble = { code: 'FORBIDDEN', sentence: 'Ask for access.' }
  const record = { state: 'forbidden', error: trouble, whenCurrent: async () => isKept, close() {} }
  let isKept = false
  let opened = 0
  const store = new MemoryStore()
  const set = new WorkingSet(Ticket, list as unknown as LiveList, {
    store: () => store,
    now: () => 1,
    open: () => {
      // More than this would never end.
      if (++opened > 10) set.release()
      return record as unknown as LiveRecord
    },
    isWanted: () => false,
    released() {},
  })
  await settle()
  expect(opened).toBe(1)
  expect([set.state, set.error]).toEqual(['error', trouble])
  rows = [{ id: '1', updated: 2 }]
  record.state = 'ready'
  isKept = true
  look()
  await settle()
  expect(opened).toBe(2)
  expect([set.state, set.error, set.have]).toEqual(['ready', null, 1])
  // Fetched it was, and the device had no room for it.
  rows = [{ id: '1', updated: 3 }]
  isKept = false
  look()
  await settle()
  expect(opened).toBe(3)
  expect([set.state, set.error?.code, set.have]).toEqual(['error', 'NOT_KEPT', 0])
  list.state = 'device'
  look()
  list.state = 'live'
  isKept = true
  look()
  await settle()
  expect([set.state, set.error, set.have]).toEqual(['ready', null, 1])
  set.release()
})

it('what this device wrote itself since it fetched a record is no reason to call it absent after a restart', async () => {
  const store = new MemoryStore()
  const rooms = ['ticket:1', 'ticket:2']
  const head = { epoch: 'e', generation: 1, commit: 1, asOf: 3, usedAt: 1, handled: [] }
  await store.commit([
    ...rooms.flatMap(room => [
      putHead({ ...head, room }),
      { put: 'updates' as const, key: [room, 1, 1], value: Uint8Array.of(0, 0) },
    ]),
    // A device that was full has no more of it than that it was there.
    putHead({ ...head, room: 'ticket:3' }),
  ])
  const list = {
    state: 'device',
    error: null,
    // Both rows are of later: the one by what waits here, the other by what the list last heard of the server.
    pending: new Set(['1']),
    rows: [
      { id: '1', updated: 5 },
      { id: '2', updated: 5 },
      { id: '3', updated: 2 },
    ],
    subscribe: () => () => {},
    close() {},
  }
  const set = new WorkingSet(Ticket, list as unknown as LiveList, {
    store: () => store,
    now: () => 6,
    open: () => {
      throw new Error('nothing is opened off line')
    },
    isWanted: () => false,
    released() {},
  })
  await settle()
  expect([set.have, set.of, set.state]).toEqual([1, 3, 'stale'])
  set.release()
})
