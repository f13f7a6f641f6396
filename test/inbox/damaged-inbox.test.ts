import { expect, it } from 'vitest'
import { Deliveries } from '../../server/inbox/deliveries.ts'
import { type Delivery, deliveryKey } from '../../server/inbox/delivery.ts'
import { Digests } from '../../server/inbox/digests.ts'
import { InboxWriter } from '../../server/inbox/inbox-writer.ts'
import { RoomRefusal } from '../../server/room/peer.ts'
import type { ErrorCode } from '../../shared/wire/error-codes.ts'
import type { InboxView } from '../../shared/types/inbox.ts'

const committer = { submit: async () => ({ saved: true as const, heads: [], events: [] }) }

it('keeps nobody else’s digest back, and is said once', async () => {
  const asked: string[] = []
  const failed: string[] = []
  const users = ['ana', 'ben', 'eva']
  const digests = new Digests({
    store: {
      readValues: async () => ({
        values: users.map(key => ({ key, value: '1 0' })),
        next: null,
        damaged: [],
      }),
    },
    committer,
    viewOf: async user => {
      asked.push(user)
      if (user === 'ana') throw new RoomRefusal('STORE_DAMAGED')
      // What is looked at of a view.
      return { digest: null, read: [], cleared: [], entries: [] } as unknown as InboxView
    },
    isMailed: true,
    add() {},
    now: () => 2,
    failed: user => failed.push(user),
  })
  await digests.start()
  await digests.run()
  await digests.run()
  await digests.close()
  // Those who want none any more are asked no more.
  expect(asked).toEqual([...users, 'ana'])
  expect(failed).toEqual(['ana'])
})

it('is asked once an hour for what is to be pushed', async () => {
  let [now, asked] = [0, 0]
  const delivery: Delivery = {
    user: 'ana',
    channel: 'push',
    target: 'phone',
    entries: [],
    isDigest: false,
    dueAt: 0,
    attempts: 0,
  }
  const deliveries = new Deliveries({
    channels: [
      {
        name: 'push',
        gatherMs: 0,
        targets: () => [],
        deliver: async () => ({ kind: 'delivered' }),
        close: async () => {},
      },
    ],
    store: {
      readValues: async () => ({
        values: [{ key: deliveryKey(delivery), value: JSON.stringify(delivery) }],
        next: null,
        damaged: [],
      }),
    },
    committer,
    rooms: () => ({
      open: () => {
        asked++
        return Promise.reject(new RoomRefusal('STORE_DAMAGED'))
      },
    }),
    people: { get: () => undefined },
    now: () => now,
    retryMs: [],
    metrics: { delivered() {}, deliveryFailed() {}, gauge() {} },
    logger: { warn() {}, error() {} },
    forgetDevice() {},
    mayRead: async () => true,
  })
  await deliveries.start()
  for (let minute = 0; minute < 120; minute++) {
    await deliveries.run()
    now += 60_000
  }
  await deliveries.close()
  expect(asked).toBe(2)
})

const writerOf = (refusals: readonly ErrorCode[]): { writer: InboxWriter; opened: () => number } => {
  let opened = 0
  const writer = new InboxWriter({
    store: {
      readValues: async () => ({ values: [], next: null, damaged: [] }),
      readValue: async () => null,
    },
    committer,
    rooms: () => ({
      get: () => undefined,
      open: () =>
        Promise.reject(new RoomRefusal(refusals[Math.min(opened++, refusals.length - 1)] ?? 'INTERNAL')),
    }),
    deliveries: { plan: () => [], add() {} },
    failed() {},
  })
  return { writer, opened: () => opened }
}

it('is for an operator to mend, and nobody is kept from the server for it', async () => {
  const { writer, opened } = writerOf(['STORE_DAMAGED'])
  writer.tidy('ana')
  await writer.idle()
  expect([opened(), writer.problem()]).toEqual([1, null])
  expect(writer.remark()).toMatch(/that of ana for one/)
  await writer.close()
})

it('that is only not opened now, as memory is short, is written later', async () => {
  const { writer, opened } = writerOf(['TOO_MANY_ROOMS', 'STORE_DAMAGED'])
  writer.tidy('ana')
  await writer.idle()
  expect([writer.problem() !== null, writer.remark()]).toEqual([true, null])
  await expect.poll(opened).toBe(2)
  await writer.idle()
  expect([writer.problem(), writer.remark() !== null]).toEqual([null, true])
  await writer.close()
})
