import { expect, it } from 'vitest'
import * as Y from 'yjs'
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
