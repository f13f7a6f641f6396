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

it('a record that the server has no room for says so, on the status too, and opens by itself when there is', async () => {
  const before = await office.sit(office.browser(), 'ana')
  for (const id of ['1', '2']) before.desk.create(Ticket, { title: `Leak ${id}` }, { id })
  await office.quiet()
  const { desk } = await office.sit(office.browser(), 'ana')
  const there = desk.open(Ticket, '1')
  await office.quiet()
  const full = { code: 'TOO_MANY_CHANNELS', sentence: 'Close other records.' }
  office.server.room('ticket:2').refuseWith = full
  const ticket = desk.open(Ticket, '2')
  await office.quiet()
  const told = { ticket: { state: ticket.state, error: ticket.error }, desk: { ...desk.status } }
  expect(told).toMatchObject({
    ticket: { state: 'unavailable', error: full },
    desk: { sync: 'error', error: full },
  })
  expect(() => ticket.set({ title: 'Dry' })).toThrow(full.sentence)
  await office.later(2_000)
  // The same object while it is the same: what shows it is not drawn anew.
  expect(ticket.error).toBe(told.ticket.error)
  office.server.room('ticket:2').refuseWith = null
  await office.later(2_000)
  expect(ticket).toMatchObject({ state: 'ready', error: null, view: { title: 'Leak 2' } })
  expect([there.state, desk.status.sync, desk.status.error]).toEqual(['ready', 'realtime', null])

  // One that lies on the device is shown, and what is written there waits.
  office.server.room('ticket:2').refuseWith = full
  office.server.kill()
  await office.later(40_000)
  ticket.set({ title: 'Dry' })
  await office.quiet()
  expect(ticket).toMatchObject({ state: 'ready', error: full, view: { title: 'Dry' } })
  expect(desk.status).toMatchObject({ sync: 'error', pending: 1, error: full })
  office.server.room('ticket:2').refuseWith = null
  await office.later(2_000)
  expect(office.stored('2').title).toBe('Dry')
  expect(desk.status).toMatchObject({ sync: 'realtime', pending: 0, error: null })
})

it('a record that cannot be had for what passes is being fetched, and no error', async () => {
  const { desk } = await office.sit(office.browser(), 'ana')
  office.server.room('ticket:1').refuseWith = { code: 'INTERNAL', sentence: 'Try again.' }
  const ticket = desk.open(Ticket, '1')
  await office.quiet()
  expect([ticket.state, ticket.error?.code]).toEqual(['unavailable', 'INTERNAL'])
  expect(desk.status).toMatchObject({ sync: 'syncing', error: null })
})
