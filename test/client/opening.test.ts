// Records are opened at any moment: while the device is still reading, while the link is coming up.

import { afterEach, beforeEach, expect, it } from 'vitest'
import { connect } from '../../client/desk.ts'
import { fakeToken } from './fake-surroundings.ts'
import { Office } from './office.ts'
import { Ticket } from './records.ts'

let office: Office

beforeEach(() => {
  office = new Office()
})
afterEach(() => office.close())

it('what an earlier visit left unsaved is sent, though the device is read after the server has been greeted', async () => {
  const browser = office.browser()
  office.server.isDown = true
  const before = await office.sit(browser, 'ana')
  before.desk.create(Ticket, { title: 'Before', status: 'in_progress' }, { id: '1' })
  await office.quiet()
  await before.desk.close()
  office.server.isDown = false
  office.time.advance(1_000)

  const tab = browser.tab(office.server.createSocket, 7)
  const { surroundings } = tab
  const desk = connect({
    url: 'http://server.test',
    token: () => fakeToken('ana'),
    records: [Ticket],
    surroundings,
  })
  await desk.ready
  const ticket = desk.open(Ticket, '1')
  desk.create(Ticket, { title: 'Made anew' }, { id: '1' }).close()
  // The server answers within the turn, and the device takes its time.
  for (let i = 0; i < 40; i++) {
    office.server.crank()
    await Promise.resolve()
  }
  expect(office.stored()).toMatchObject({ title: 'Made anew', status: 'open' })
  await office.quiet()
  expect(ticket.view).toMatchObject({ title: 'Made anew', status: 'in_progress' })
  expect(office.stored()).toMatchObject({ title: 'Made anew', status: 'in_progress' })
  expect(ticket.field('title').save).toBe('saved')
  expect(desk.status.pending).toBe(0)
  await desk.close()
})

it('a record that is opened the moment the link is there gets a channel of its own', async () => {
  const { desk } = await office.sit(office.browser(), 'ana')
  const first = desk.create(Ticket, { title: 'First' }, { id: '1' })
  await office.quiet()
  office.goDown()
  await office.quiet()
  const made: string[] = []
  first.subscribe('', () => {
    if (desk.link.state.kind !== 'open' || made.length > 0) return
    made.push('2')
    desk.create(Ticket, { title: 'Second' }, { id: '2' })
  })
  await office.comeBack()
  expect(made).toEqual(['2'])
  desk.create(Ticket, { title: 'Third' }, { id: '3' })
  await office.quiet()
  for (const id of ['1', '2', '3']) desk.open(Ticket, id).set({ status: 'done' })
  await office.quiet()
  for (const [id, title] of [
    ['1', 'First'],
    ['2', 'Second'],
    ['3', 'Third'],
  ] as const)
    expect(office.stored(id)).toMatchObject({ title, status: 'done' })
  expect(desk.status.pending).toBe(0)
})
