import { expect, it } from 'vitest'
import * as Y from 'yjs'
import { MemoryStore } from '../../client/local/memory-store.ts'
import { freshHead, putHandled, putHead, readRecord } from '../../client/local/record-store.ts'
import { settle } from './fake-surroundings.ts'
import { Office } from './office.ts'
import { Ticket } from './records.ts'

it('what a tab writes while another begins afresh is put back by it, though a third has heard of it and did not', async () => {
  const office = new Office()
  const browser = office.browser()
  const first = await office.sit(browser, 'ana')
  const here = first.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
  await office.quiet()
  const writing = await office.sit(browser, 'ana')
  const there = writing.desk.open(Ticket, '1')
  await office.quiet()
  there.union('tags').add('early')
  await office.quiet()
  // It finds on the device under which id the other writes.
  const third = await office.sit(browser, 'ana')
  third.desk.open(Ticket, '1')
  await office.quiet()
  third.desk.goOffline()
  writing.desk.goOffline()
  await office.quiet()
  const { generation } = here
  office.server.restore('ticket:1', Y.encodeStateAsUpdate(office.server.room('ticket:1').durable), 'e2')
  while (here.generation === generation) {
    office.server.crank()
    await settle(1)
  }
  // The first has put back what it knew, and has told nobody yet.
  there.union('tags').add('late')
  await Promise.resolve()
  // It sleeps through being told.
  const thaw = browser.freeze(writing.tab)
  await office.quiet()
  thaw()
  writing.desk.goOnline()
  third.desk.goOnline()
  await office.later(10_000)
  expect(office.stored().tags).toEqual(['early', 'late'])
  expect(writing.desk.status.pending).toBe(0)
  await office.close()
})

it('what one tab has put back is known to the next, though a third writes what it knows of the record in between', async () => {
  const store = new MemoryStore()
  const begun = { ...freshHead('ticket:1', 1), generation: 1, handled: [[7, 2]] as const }
  await store.commit([putHead(begun), ...putHandled(begun)])
  const further = { ...begun, handled: [[7, 5] as const, [8, 1] as const] }
  await store.commit([putHead(further), ...putHandled(further)])
  await store.commit([putHead({ ...begun, usedAt: 2 })])
  const stored = await readRecord(store, 'ticket:1')
  expect(stored?.head).toMatchObject({ usedAt: 2, handled: further.handled })
  // They are of nobody who has anything to send.
  expect(stored?.ledgers).toEqual([])
})
