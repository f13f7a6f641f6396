import { afterEach, beforeEach, expect, it } from 'vitest'
import { refusing } from './fake-server.ts'
import { Office } from './office.ts'
import { Ticket } from './records.ts'

let office: Office
beforeEach(() => {
  office = new Office()
})
afterEach(() => office.close())

it('tells who comes back what others changed, field by field, and which of one’s own edits won, lost and were refused', async () => {
  const browser = office.browser()
  const ana = await office.sit(browser, 'ana')
  const bo = await office.sit(office.browser(), 'bo')
  const here = ana.desk.create(Ticket, { title: 'Leak', price: 100 }, { id: '1' })
  const item = here.list('items').add({ name: 'Pump' })
  await office.quiet()
  const there = bo.desk.open(Ticket, '1')
  await office.quiet()
  // Ana is in the cellar.
  ana.desk.goOffline()
  here.set({ price: 150 })
  await office.later(1_000)
  here.set({ title: 'Mine, older' })
  await office.later(1_000)
  there.set({ title: 'Theirs, newer', price: 120 })
  there.list('items').set(item, { quantity: 3 })
  const added = there.list('items').add({ name: 'Valve' })
  const wroteAt = there.field('price').at
  await office.later(60_000)
  here.set({ price: 160 })
  office.server.judge = refusing('closed', 'status', 'no')
  here.set({ status: 'closed' })
  await office.quiet()
  expect(ana.desk.digest.items).toEqual([])
  ana.desk.goOnline()
  await office.quiet()
  await office.quiet()
  const told = Object.fromEntries((ana.desk.digest.items ?? []).map(one => [one.path, one]))
  expect(Object.keys(told).sort()).toEqual(
    [`items/${added}`, `items/${item}/quantity`, 'price', 'status', 'title'].sort(),
  )
  expect(told.title).toMatchObject({
    outcome: 'mine lost',
    before: 'Mine, older',
    after: 'Theirs, newer',
    by: 'bo',
  })
  expect(told.price).toMatchObject({ outcome: 'mine won', before: 120, after: 160, by: 'bo' })
  expect(told.status).toMatchObject({ outcome: 'refused', before: 'closed' })
  expect(told[`items/${item}/quantity`]).toMatchObject({
    outcome: 'changed',
    before: null,
    after: 3,
    by: 'bo',
  })
  expect(told[`items/${added}`]).toMatchObject({ outcome: 'changed', after: { name: 'Valve' } })
  // As of when it was written, and not of when one came back to it.
  expect(['title', 'price', `items/${added}`].map(path => told[path]?.at)).toEqual([
    wroteAt,
    wroteAt,
    wroteAt,
  ])
  // What lost is to be settled with one click, both values in view.
  const [theirs] = here.field('price').conflict
  expect(theirs?.value).toBe(120)
  theirs?.settle()
  await office.quiet()
  expect(there.view?.price).toBe(120)
  expect(there.conflicts.some(({ path }) => path === 'price')).toBe(false)
  await ana.desk.close()
  const again = await office.sit(browser, 'ana')
  expect(again.desk.digest.items).toHaveLength(5)
  again.desk.digest.dismiss()
  expect(again.desk.digest.items).toEqual([])
})

it('tells the first entry of a list as one, an element of a set by whether it is there, and a count that many wrote as one', async () => {
  const ana = await office.sit(office.browser(), 'ana')
  const bo = await office.sit(office.browser(), 'bo')
  const eva = await office.sit(office.browser(), 'eva')
  ana.desk.create(Ticket, { title: 'Leak' }, { id: '1' }).union('tags').add('urgent')
  await office.quiet()
  const ofBo = bo.desk.open(Ticket, '1')
  const ofEva = eva.desk.open(Ticket, '1')
  await office.quiet()
  ana.desk.goOffline()
  await office.later(1_000)
  const pump = ofBo.list('items').add({ name: 'Pump' })
  ofBo.union('tags').remove('urgent')
  ofBo.union('tags').add('50/60 Hz')
  ofBo.counter('stock').add(2)
  ofEva.counter('stock').add(3)
  await office.quiet()
  ana.desk.goOnline()
  await office.quiet()
  await office.quiet()
  const told = Object.fromEntries((ana.desk.digest.items ?? []).map(one => [one.path, one]))
  expect(Object.keys(told).sort()).toEqual([`items/${pump}`, 'stock', 'tags/50%2F60 Hz', 'tags/urgent'])
  expect(told[`items/${pump}`]).toMatchObject({ after: { name: 'Pump' }, by: 'bo' })
  expect(told[`items/${pump}`]?.before).toBeUndefined()
  expect(told['tags/urgent']).toMatchObject({ before: true })
  expect(told['tags/urgent']?.after).toBeUndefined()
  expect(told['tags/50%2F60 Hz']).toMatchObject({ after: true })
  expect(told.stock).toMatchObject({ before: 0, after: 5 })
})

it('tells all of a line that was refused as of one moment, however long that takes: its parts stay in their order', async () => {
  const { desk } = await office.sit(office.browser(), 'ana')
  const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
  await office.quiet()
  desk.goOffline()
  const entry = ticket.list('items').add({ name: 'Pump', quantity: 2 })
  office.server.judge = refusing('Pump', `items/${entry}`, 'no')
  let looks = office.time.now
  Object.defineProperty(office.time, 'now', { get: () => looks++, set: (to: number) => (looks = to) })
  desk.goOnline()
  await office.quiet()
  await office.quiet()
  const refused = (desk.digest.items ?? []).filter(({ outcome }) => outcome === 'refused')
  expect(refused.length).toBeGreaterThan(2)
  expect(new Set(refused.map(({ at }) => at)).size).toBe(1)
})
