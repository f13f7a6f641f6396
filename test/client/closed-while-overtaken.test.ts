import { expect, it } from 'vitest'
import * as Y from 'yjs'
import type { Desk } from '../../client/desk.ts'
import { failing, watched } from './failing-store.ts'
import { refusing } from './fake-server.ts'
import { settle } from './fake-surroundings.ts'
import { Office } from './office.ts'
import { Ticket } from './records.ts'

const twoTabs = async () => {
  const office = new Office()
  const browser = office.browser()
  const first = await office.sit(browser, 'ana')
  const here = first.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
  await office.quiet()
  const second = await office.sit(browser, 'ana')
  const there = second.desk.open(Ticket, '1')
  await office.quiet()
  return { office, browser, first, here, second, there }
}

const beginEpoch = (office: Office): void =>
  office.server.restore('ticket:1', Y.encodeStateAsUpdate(office.server.room('ticket:1').durable), 'e2')

/** To its end, and time goes by so that nothing waits for a timer. */
const closed = async (office: Office, desk: Desk): Promise<void> => {
  let isDone = false
  void desk.close().then(() => (isDone = true))
  while (!isDone) await office.quiet()
}

it('what a tab writes while another begins afresh is put back though it is closed at once', async () => {
  const { office, here, second, there } = await twoTabs()
  there.counter('stock').add(3)
  await office.quiet()
  second.desk.goOffline()
  there.counter('stock').add(1)
  await office.quiet()
  const { generation } = here
  beginEpoch(office)
  while (here.generation === generation) {
    office.server.crank()
    await settle(1)
  }
  // The first has put back what it knew, and has told nobody yet.
  there.union('tags').add('late')
  there.counter('stock').add(2)
  there.text('notes').insert(0, 'drips')
  await closed(office, second.desk)
  await office.later(10_000)
  expect(office.stored()).toMatchObject({ tags: ['late'], stock: 6, notes: 'drips' })
  await office.close()
})

it('what a tab wrote and kept while another waits for the server to begin afresh is put back by that one, though it is gone', async () => {
  const { office, browser, second, here } = await twoTabs()
  const { generation } = here
  await closed(office, second.desk)
  beginEpoch(office)
  // It hears that its epoch is over, and not yet what the new one is.
  office.server.crank()
  await settle(40)
  office.goDown()
  await office.quiet()
  const third = await office.sit(browser, 'ana')
  const late = third.desk.open(Ticket, '1')
  await office.quiet()
  late.union('tags').add('late')
  late.counter('stock').add(2)
  late.text('notes').insert(0, 'drips')
  await closed(office, third.desk)
  expect(here.generation).toBe(generation)
  await office.comeBack()
  await office.later(10_000)
  expect(here.generation).toBeGreaterThan(generation)
  expect(office.stored()).toMatchObject({ tags: ['late'], stock: 2, notes: 'drips' })
  await office.close()
})

it('what reaches the device after another tab, which begins afresh, has read it is put back, though the writer is gone', async () => {
  const office = new Office()
  const browser = office.browser()
  let beforeRead = (): void => {}
  const { indexedDB } = browser
  browser.indexedDB = watched(indexedDB, (tables, mode) => {
    if (mode === 'readonly' && tables.includes('updates')) beforeRead()
  })
  const first = await office.sit(browser, 'ana')
  const here = first.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
  await office.quiet()
  browser.indexedDB = indexedDB
  const { surroundings } = browser.tab(office.server.createSocket, 99)
  const second = await office.sit(browser, 'ana', { surroundings: { ...surroundings, openTabPort: null } })
  const there = second.desk.open(Ticket, '1')
  await office.quiet()
  there.counter('stock').add(3)
  there.text('notes').insert(0, 'wet')
  await office.quiet()
  second.desk.goOffline()
  await office.quiet()
  const { generation } = here
  let written = 0
  beforeRead = () => {
    // It is on its way to the device as the other has just begun to read, and so comes behind.
    if (written === 2) return
    there.union('tags').add(`late ${written}`)
    there.counter('stock').add(2)
    there.text('notes').insert(0, 'drip ')
    written++
  }
  beginEpoch(office)
  for (let i = 0; i < 3; i++) await office.later(10_000)
  expect(here.generation).toBe(generation + 1)
  expect(written).toBe(2)
  expect(office.stored()).toMatchObject({ tags: ['late 0', 'late 1'], stock: 7, notes: 'drip drip wet' })
  await office.close()
})

it('what a tab that slept writes to a device where another could not note that it has begun afresh is put back, though the writer is gone', async () => {
  const office = new Office()
  const browser = office.browser()
  const { indexedDB } = browser
  let isFull = false
  browser.indexedDB = failing(indexedDB, 'QuotaExceededError', () => isFull)
  const first = await office.sit(browser, 'ana')
  const here = first.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
  await office.quiet()
  browser.indexedDB = indexedDB
  const { surroundings } = browser.tab(office.server.createSocket, 99)
  const second = await office.sit(browser, 'ana', { surroundings: { ...surroundings, openTabPort: null } })
  const there = second.desk.open(Ticket, '1')
  await office.quiet()
  there.counter('stock').add(3)
  await office.quiet()
  second.desk.goOffline()
  isFull = true
  beginEpoch(office)
  const { generation } = here
  await office.later(10_000)
  expect(here.generation).toBe(generation + 1)
  there.union('tags').add('late')
  there.counter('stock').add(2)
  there.text('notes').insert(0, 'drips')
  await office.quiet()
  await closed(office, second.desk)
  isFull = false
  for (let i = 0; i < 3; i++) await office.later(10_000)
  expect(office.stored()).toMatchObject({ tags: ['late'], stock: 5, notes: 'drips' })
  expect(first.desk.status).toMatchObject({ storage: 'device', pending: 0 })
  await office.close()
})

it('what was refused while the device was full is kept, though another tab has begun afresh meanwhile', async () => {
  const office = new Office()
  const browser = office.browser()
  const { indexedDB } = browser
  let isFull = false
  browser.indexedDB = failing(indexedDB, 'QuotaExceededError', () => isFull)
  const first = await office.sit(browser, 'ana')
  const here = first.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
  await office.quiet()
  browser.indexedDB = indexedDB
  const second = await office.sit(browser, 'ana')
  const there = second.desk.open(Ticket, '1')
  await office.quiet()
  isFull = true
  office.server.judge = refusing('bad', 'title', 'Ask for it.')
  here.set({ title: 'bad' })
  await office.later(4_000)
  expect(first.desk.tray.items?.map(({ value }) => value)).toEqual(['bad'])
  const thaw = browser.freeze(first.tab)
  const { generation } = there
  beginEpoch(office)
  await office.later(10_000)
  expect(there.generation).toBe(generation + 1)
  isFull = false
  thaw()
  for (let i = 0; i < 6; i++) await office.later(10_000)
  await closed(office, first.desk)
  const next = await office.sit(browser, 'ana')
  expect(next.desk.tray.items?.map(({ value }) => value)).toEqual(['bad'])
  await office.close()
})

it('what another tab has begun that heard of no other beginning is not written into', async () => {
  const office = new Office()
  const browser = office.browser()
  const { indexedDB } = browser
  let isFull = false
  browser.indexedDB = failing(indexedDB, 'QuotaExceededError', () => isFull)
  const first = await office.sit(browser, 'ana')
  const here = first.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
  here.text('notes').insert(0, 'wet')
  await office.quiet()
  browser.indexedDB = indexedDB
  isFull = true
  office.server.judge = refusing('bad', 'title', 'Ask for it.')
  here.set({ title: 'bad' })
  await office.later(4_000)
  expect(here.generation).toBe(2)
  const thaw = browser.freeze(first.tab)
  const second = await office.sit(browser, 'ana')
  const there = second.desk.open(Ticket, '1')
  await office.quiet()
  beginEpoch(office)
  await office.later(10_000)
  expect(there.generation).toBe(2)
  isFull = false
  office.goDown()
  thaw()
  await office.later(10_000)
  const third = await office.sit(browser, 'ana')
  const again = third.desk.open(Ticket, '1')
  await office.quiet()
  expect(again.view).toMatchObject({ title: 'Leak', notes: 'wet' })
  await office.comeBack()
  await office.later(10_000)
  expect(office.stored()).toMatchObject({ title: 'Leak', notes: 'wet' })
  expect([first, third].map(({ desk }) => desk.tray.items?.length)).toEqual([1, 1])
  await office.close()
})

it('what is unsaved in a beginning that another tab has written, told of it, is known to who reads it', async () => {
  const office = new Office()
  const browser = office.browser()
  const first = await office.sit(browser, 'ana')
  const here = first.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
  await office.quiet()
  first.desk.goOffline()
  here.union('tags').add('late')
  await office.quiet()
  beginEpoch(office)
  office.server.holdsAcks = true
  const { indexedDB } = browser
  browser.indexedDB = failing(indexedDB, 'QuotaExceededError', () => true)
  const second = await office.sit(browser, 'ana')
  second.desk.open(Ticket, '1')
  await office.later(4_000)
  expect(second.desk.status).toMatchObject({ pending: 1, onDevice: 0 })
  browser.freeze(second.tab)
  browser.indexedDB = indexedDB
  office.goDown()
  office.server.holdsAcks = false
  await closed(office, first.desk)
  const third = await office.sit(browser, 'ana')
  const again = third.desk.open(Ticket, '1')
  await office.quiet()
  expect(again.view?.tags).toEqual(['late'])
  expect(third.desk.status).toMatchObject({ pending: 1, onDevice: 1 })
  office.server.restore('ticket:1', Y.encodeStateAsUpdate(office.server.room('ticket:1').durable), 'e3')
  await office.comeBack()
  expect(office.stored().tags).toEqual(['late'])
  await office.close()
})
