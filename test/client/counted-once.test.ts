import { expect, it } from 'vitest'
import * as Y from 'yjs'
import { Office } from './office.ts'
import { Ticket } from './records.ts'
import { failing } from './failing-store.ts'

/** As after a fold: the shares are one, of nobody's. */
const folded = (doc: Y.Doc): Y.Doc => {
  const cells = doc.getArray<[string, number, number, string]>('cells')
  const shares = cells.toArray().filter(([path]) => path.startsWith('stock/'))
  const total = shares.reduce((sum, [, value]) => sum + value, 0)
  const others = cells.toArray().filter(([path]) => !path.startsWith('stock/'))
  const next = new Y.Doc()
  next.getArray('cells').push([...others, ['stock/77', total, shares[0]?.[2] ?? 0, '$server']])
  return next
}

const beginFolded = async (office: Office): Promise<void> => {
  const room = office.server.room('ticket:1')
  office.server.restore('ticket:1', Y.encodeStateAsUpdate(room.durable), 'e2')
  room.doc = folded(room.doc)
  room.durable = new Y.Doc()
  room.save()
  await office.quiet()
}

it('what another tab counted is put back once, also where that tab could not note it on the device', async () => {
  const office = new Office()
  const browser = office.browser()
  const a = await office.sit(browser, 'ana')
  a.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
  await office.quiet()
  let isFull = false
  const { indexedDB } = browser
  browser.indexedDB = failing(indexedDB, 'QuotaExceededError', () => isFull)
  const b = await office.sit(browser, 'ana')
  browser.indexedDB = indexedDB
  const there = b.desk.open(Ticket, '1')
  await office.quiet()
  there.counter('stock').add(1)
  await office.quiet()
  expect(there.status.pending).toBe(0)
  isFull = true
  b.desk.goOffline()
  await office.quiet()
  there.counter('stock').add(1)
  await office.quiet()
  await beginFolded(office)
  isFull = false
  b.desk.goOnline()
  await office.later(10_000)
  expect(office.stored().stock).toBe(2)
  await office.close()
})

it('what another tab counted, and the server took without a word, is counted once, also where that tab could not note it on the device', async () => {
  const office = new Office()
  const browser = office.browser()
  const a = await office.sit(browser, 'ana')
  a.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
  await office.quiet()
  const { indexedDB } = browser
  browser.indexedDB = failing(indexedDB, 'QuotaExceededError', () => isFull)
  let isFull = false
  const b = await office.sit(browser, 'ana')
  browser.indexedDB = indexedDB
  const there = b.desk.open(Ticket, '1')
  await office.quiet()
  isFull = true
  there.counter('stock').add(2)
  await Promise.resolve()
  // It arrives, and the answer does not.
  const socket = b.tab.sockets.at(-1)
  if (socket === undefined) throw new Error('there is no socket')
  const thaw = browser.freeze(b.tab)
  socket.isDead = false
  socket.drops = true
  await office.quiet()
  expect(office.stored().stock).toBe(2)
  await beginFolded(office)
  isFull = false
  thaw()
  await office.later(10_000)
  expect(there.view?.stock).toBe(2)
  expect(office.stored().stock).toBe(2)
  await office.close()
})
