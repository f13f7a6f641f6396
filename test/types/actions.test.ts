// What merging cannot decide, as the types declare it.

import { describe, expect, it } from 'vitest'
import type { OpenRecord } from '../../shared/record/open-record.ts'
import type { Estimate, Order } from '../../shared/types/point-of-sale.ts'
import { refusalIn } from '../../shared/types/refusal-sentences.ts'
import { Availability } from '../../shared/types/scheduling.ts'
import type { Ticket } from '../../shared/types/ticket.ts'
import type { Inventory } from '../../shared/types/ticketing.ts'
import { ServerForActions } from './server-for-actions.ts'

const clerk = { id: 'carl', roles: ['clerk'] }
const office = { id: 'olga', roles: ['office'] }
const technician = { id: 'tom', roles: ['technician'] }

describe('convert', () => {
  const withEstimate = () => {
    const server = new ServerForActions()
    const estimate = server.room('estimate:EST-12345678') as unknown as OpenRecord<typeof Estimate>
    estimate.set({ customer: 'Ana Kos' })
    estimate.list('lines').add({ name: 'Door', quantity: 2, price: 75_000 })
    estimate.list('lines').add({ name: 'Fitting', quantity: 1, price: 9_900 })
    return { server, estimate }
  }

  it('makes exactly one order, whoever pressed and however often', () => {
    const { server, estimate } = withEstimate()
    const answers = [clerk, office, clerk].map(by => server.act('estimate:EST-12345678', 'convert', by))
    expect(answers).toEqual(
      Array(3).fill({ ok: true, result: { order: 'order:ORD-12345678', number: '#001' } }),
    )
    expect([...server.rooms.keys()]).toEqual(['estimate:EST-12345678', 'order:ORD-12345678'])
    const order = server.room('order:ORD-12345678') as unknown as OpenRecord<typeof Order>
    expect(order.view).toMatchObject({
      number: '#001',
      customer: 'Ana Kos',
      total: 159_900,
      estimate: 'estimate:EST-12345678',
    })
    expect(order.view.lines.map(({ name, quantity, price }) => [name, quantity, price])).toEqual([
      ['Door', 2, 75_000],
      ['Fitting', 1, 9_900],
    ])
    expect(estimate.view).toMatchObject({ isConverted: true, orderNumber: '#001', number: '#001' })
  })

  it('is refused without lines, while a price is open, when deleted, and to those who may not', () => {
    const { server, estimate } = withEstimate()
    expect(server.act('estimate:1', 'convert', clerk)).toEqual({
      ok: false,
      reason: 'the estimate has no lines',
    })
    expect(server.act('estimate:EST-12345678', 'convert', clerk, {}, ['lines/a/price'])).toEqual({
      ok: false,
      reason: 'a price was entered twice: pick one first',
    })
    expect(server.act('estimate:EST-12345678', 'convert', technician)).toMatchObject({ ok: false })
    estimate.remove()
    expect(server.act('estimate:EST-12345678', 'convert', clerk)).toEqual({
      ok: false,
      reason: 'the estimate was deleted: restore it first',
    })
    // A refusal takes no number out of the series.
    estimate.restore()
    expect(server.act('estimate:EST-12345678', 'convert', clerk)).toMatchObject({
      result: { number: '#001' },
    })
  })
})

describe('number', () => {
  it('is given once a record, in order, without gaps', () => {
    const server = new ServerForActions()
    const numbers = ['a', 'b', 'a', 'c', 'b'].map(id => server.act(`estimate:${id}`, 'number', clerk))
    expect(numbers.map(answer => (answer.ok ? answer.result : null))).toEqual([
      '#001',
      '#002',
      '#001',
      '#003',
      '#002',
    ])
    const ticket = server.room('ticket:1') as unknown as OpenRecord<typeof Ticket>
    ticket.set({ title: 'Boiler' })
    expect(server.act('ticket:1', 'number', technician)).toEqual({ ok: true, result: 'T-0001' })
    expect(ticket.type.title(ticket.view)).toBe('T-0001 Boiler')
  })
})

describe('take', () => {
  const withStock = (stock: number) => {
    const server = new ServerForActions()
    const part = server.room('inventory:valve') as unknown as OpenRecord<typeof Inventory>
    part.set({ part: 'V-12' })
    part.counter('stock').add(stock)
    const ticket = server.room('ticket:1') as unknown as OpenRecord<typeof Ticket>
    ticket.set({ title: 'Boiler' })
    return { server, part, ticket }
  }

  it('serves one of twenty who take five of eight, and tells nineteen', () => {
    const { server, part } = withStock(8)
    const answers = Array.from({ length: 20 }, (_, i) =>
      server.act('inventory:valve', 'take', { id: `tech-${i}`, roles: ['technician'] }, { quantity: 5 }),
    )
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1)
    expect(new Set(answers.slice(1).map(answer => (answer.ok ? '' : answer.reason)))).toEqual(
      new Set(['only 3 left']),
    )
    expect(part.view.stock).toBe(3)
    expect(part.view.takings.map(({ quantity, takenBy }) => [quantity, takenBy])).toEqual([[5, 'tech-0']])
  })

  it('counts on the ticket what was taken for it, in the same step', () => {
    const { server, part, ticket } = withStock(8)
    expect(server.act('inventory:valve', 'take', technician, { quantity: 2, ticket: 'ticket:1' })).toEqual({
      ok: true,
      result: { left: 6 },
    })
    expect([part.view.stock, ticket.view.partsUsed]).toEqual([6, 2])
    expect(server.act('inventory:valve', 'take', technician, { quantity: 2, ticket: 'ticket:404' })).toEqual({
      ok: false,
      reason: 'there is no such ticket',
    })
    expect(part.view.stock).toBe(6)
  })
})

describe('move', () => {
  const ana = { id: 'ana', roles: ['therapist'] }
  const operator = { id: 'olga', roles: ['operator'] }
  const booking = { client: 'Ms. White', phone: '1', note: 'stairs' }
  const withDays = () => {
    const server = new ServerForActions()
    const dayOf = (staff: string) => {
      const day = server.room(`availability:${staff}_1`) as unknown as OpenRecord<typeof Availability>
      day.set({ staff, date: '2031-03-01' })
      for (const from of [540, 600]) day.list('slots').add({ from, to: from + 50 }, { id: `at${from}` })
      return day
    }
    const [hers, his] = [dayOf('ana'), dayOf('ivan')]
    hers.list('slots').set('at540', { booking })
    const move = (to: string, toSlot: string, by = operator, client = booking.client) =>
      server.act('availability:ana_1', 'move', by, {
        slot: 'at540',
        client,
        to: `availability:${to}`,
        toSlot,
      })
    const booked = () => [hers, his].map(day => day.view.day.map(slot => slot.booking?.client ?? null))
    return { his, move, booked }
  }

  it('frees the one slot and books the other, on the same day or somebody else’s, or does neither', () => {
    const { his, move, booked } = withDays()
    expect(move('ana_1', 'at600')).toMatchObject({ ok: true })
    expect(booked()).toEqual([
      [null, 'Ms. White'],
      [null, null],
    ])
    expect(move('ivan_1', 'at540')).toEqual({
      ok: false,
      reason: 'Ms. White was not moved: the booking is no longer there',
    })
    const second = withDays()
    expect(second.move('ivan_1', 'at540')).toMatchObject({ ok: true, result: { staff: 'ivan', from: 540 } })
    expect(second.booked()).toEqual([
      [null, null],
      ['Ms. White', null],
    ])
    expect(second.his.view.day[0]?.booking).toEqual(booking)
    const third = withDays()
    third.his.list('slots').set('at600', { booking: { ...booking, client: 'Mr. Black' } })
    // Told in a bell, hours later: who it was about, and where to.
    const taken = 'Ms. White was not moved to 2031-03-01, 10:00: the slot is taken'
    expect(third.move('ivan_1', 'at600')).toEqual({ ok: false, reason: taken })
    expect(
      ['en', 'sr', 'fr'].map(language => refusalIn(Availability, language, { sentence: taken })),
    ).toEqual([
      'Ms. White was not moved to 1 Mar 2031, 10:00: the slot is taken',
      'termin za klijenta Ms. White nije premešten na 1. mar 2031., 10:00: to je zauzeto',
      'le rendez-vous de Ms. White n’a pas été déplacé au 1 mars 2031, 10:00 : le créneau est pris',
    ])
    expect(third.booked()).toEqual([
      ['Ms. White', null],
      [null, 'Mr. Black'],
    ])
    expect(his.view.free).toBe(2)
  })

  it('moves nobody who has come in between, and nobody into the time of somebody else', () => {
    const { move } = withDays()
    expect(move('ana_1', 'at600', operator, 'Mr. Long Ago')).toMatchObject({ ok: false })
    expect(move('ivan_1', 'at600', ana)).toEqual({
      ok: false,
      reason: 'Ms. White was not moved: it is the time of somebody else',
    })
    expect(move('ana_9', 'at600')).toEqual({
      ok: false,
      reason: 'Ms. White was not moved: there is no such slot',
    })
    expect(move('ana_1', 'at600', ana)).toMatchObject({ ok: true })
  })
})
