import { expect, it } from 'vitest'
import { PurgedRecords } from '../../server/inbox/purged-records.ts'
import { RoomRefusal } from '../../server/room/peer.ts'
import type { Change } from '../../server/store/store.ts'

it('an inbox that is damaged keeps a purged record in no other, and is looked through again', async () => {
  const lookedThrough: string[] = []
  const failures: unknown[] = []
  const submitted: Change[] = []
  const damaged = new RoomRefusal('STORE_DAMAGED')
  const purged = new PurgedRecords({
    store: {
      readRows: async () => ({ rows: ['ana', 'ben', 'eva'].map(id => ({ id, json: '{}' })), next: null }),
      readValues: async () => ({ values: [], next: null, damaged: [] }),
    },
    committer: {
      submit: async change => {
        submitted.push(change)
        return { saved: true, heads: [], events: [] }
      },
    },
    writer: {
      idle: async () => {},
      forgetRecord: async user => {
        lookedThrough.push(user)
        if (user === 'ana') throw damaged
      },
    },
    deliveries: { forgetRecord: async () => {} },
    failed: error => failures.push(error),
  })
  purged.committed('ticket:1')
  await purged.idle()
  expect(lookedThrough).toEqual(['ana', 'ben', 'eva'])
  expect(failures).toEqual([damaged])
  // That it is to be forgotten stays noted.
  expect(submitted).toEqual([])
})
