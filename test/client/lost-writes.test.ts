// What could be sent nowhere, and would stand on no screen, is not written: whoever tries is told.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LiveRecord } from '../../client/record/live-record.ts'
import { RecordError } from '../../shared/record/record-error.ts'
import { Office } from './office.ts'
import { Ticket } from './records.ts'

let office: Office

beforeEach(() => {
  office = new Office()
})
afterEach(() => office.close())

type Verb = (ticket: LiveRecord<typeof Ticket>) => unknown
const verbs: { readonly [name: string]: Verb } = {
  set: ticket => ticket.set({ title: 'Lost' }),
  write: ticket => ticket.write('status', 'done'),
  settle: ticket => ticket.settle('price', 1),
  list: ticket => ticket.list('items').add({ name: 'Pump' }),
  union: ticket => ticket.union('tags').add('wet'),
  counter: ticket => ticket.counter('stock').add(1),
  text: ticket => ticket.text('notes').insert(0, 'lost'),
  remove: ticket => ticket.remove(),
  restore: ticket => ticket.restore(),
  undo: ticket => ticket.undo(),
}

const codesOf = (ticket: LiveRecord<typeof Ticket>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(verbs).map(([name, verb]) => {
      try {
        verb(ticket)
        return [name, 'written']
      } catch (error) {
        return [name, error instanceof RecordError ? error.code : String(error)]
      }
    }),
  )

const all = (code: string): Record<string, string> =>
  Object.fromEntries(Object.keys(verbs).map(name => [name, code]))

describe('a write that would be lost throws, with the reason', () => {
  it('to a record that is not on the device, off line', async () => {
    office.server.isDown = true
    const { desk } = await office.sit(office.browser(), 'ana')
    await office.later(60_000)
    const ticket = desk.open(Ticket, '1')
    await office.quiet()
    expect(ticket.state).toBe('unavailable')
    expect(codesOf(ticket)).toEqual(all('UNAVAILABLE'))
    expect(desk.status).toMatchObject({ pending: 0, refused: 0 })
    // What is made here is there, also under an id that somebody looked for in vain a moment ago.
    desk.create(Ticket, { title: 'Mine' }, { id: '1' })
    expect(ticket.view?.title).toBe('Mine')
    ticket.set({ status: 'done' })
    await office.comeBack()
    expect(office.stored()).toMatchObject({ title: 'Mine', status: 'done' })
  })

  it('to one that is still being read from the device', async () => {
    const { desk } = await office.sit(office.browser(), 'ana')
    expect(codesOf(desk.open(Ticket, '1'))).toEqual(all('UNAVAILABLE'))
  })

  it('but a record is made at once, also where a screen has just asked for it and the device has not answered', async () => {
    const { desk } = await office.sit(office.browser(), 'ana')
    const asked = desk.open(Ticket, '1')
    expect(asked.state).toBe('loading')
    const made = desk.create(Ticket, { title: 'Mine' }, { id: '1' })
    expect(made.view?.title).toBe('Mine')
    await office.quiet()
    expect(asked.view?.title).toBe('Mine')
    expect(made.field('title').save).toBe('saved')
    expect(office.stored().title).toBe('Mine')
  })

  for (const [code, state] of [
    ['FORBIDDEN', 'forbidden'],
    ['PURGED', 'purged'],
    ['NO_SUCH_TYPE', 'error'],
    ['BAD_ROOM_NAME', 'error'],
  ] as const) {
    it(`to one that the server refuses to open: ${code}`, async () => {
      office.server.room('ticket:1').refuseWith = { code, sentence: 'Because.' }
      const { desk } = await office.sit(office.browser(), 'ana')
      const ticket = desk.open(Ticket, '1')
      await office.quiet()
      expect(ticket.state).toBe(state)
      expect(codesOf(ticket)).toEqual(all(code))
      expect(desk.status).toMatchObject({ pending: 0, refused: 0 })
    })
  }

  it('and what was written before the server said so is in the tray', async () => {
    office.server.room('ticket:1').refuseWith = { code: 'PURGED', sentence: 'It is gone for good.' }
    office.server.isDown = true
    const { desk } = await office.sit(office.browser(), 'ana')
    const ticket = desk.create(Ticket, { title: 'Mine' }, { id: '1' })
    await office.comeBack()
    expect(ticket.state).toBe('purged')
    expect(codesOf(ticket)).toEqual(all('PURGED'))
    expect(desk.tray.items?.map(({ path, value }) => [path, value])).toContainEqual(['title', 'Mine'])
  })
})
