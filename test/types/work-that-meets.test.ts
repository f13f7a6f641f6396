// What two people do at once, off line, in the words of each system.

import { describe, expect, it } from 'vitest'
import { Project } from '../../shared/types/construction.ts'
import { Estimate } from '../../shared/types/point-of-sale.ts'
import { Availability, nextFreeSlot } from '../../shared/types/scheduling.ts'
import { Ticket } from '../../shared/types/ticket.ts'
import { Trebovanje } from '../../shared/types/warehouse.ts'
import { assign } from '../../shared/types/warehouse.ts'
import { deviceOf, meet, TEN_O_CLOCK, witness } from './devices.ts'

describe('warehouse', () => {
  const twoTablets = () => {
    const lead = deviceOf(Trebovanje, 'mira', ['shift_lead'])
    lead.set({ number: 'TR-1' })
    lead.list('items').add({ sku: 'A', required: 4 }, { id: 'a' })
    const one = deviceOf(Trebovanje, 'jovan', ['magacioner'])
    const two = deviceOf(Trebovanje, 'ana', ['magacioner'])
    meet(lead, one, two)
    return { lead, one, two }
  }

  it('two tablets that scan one item off line both count; one scan sent twice counts once', () => {
    const { lead, one, two } = twoTablets()
    one.log('scans').add({ item: 'a', quantity: 1 }, { id: 'scan-1' })
    one.log('scans').add({ item: 'a', quantity: 1 }, { id: 'scan-1' })
    two.log('scans').add({ item: 'a', quantity: 1 }, { id: 'scan-2' })
    meet(lead, one, two)
    meet(lead, one, two)
    expect(lead.view.picked[0]?.picked).toBe(2)
  })

  it('two who assign at once leave one assignee, and the other is on the record', () => {
    const { lead, one, two } = twoTablets()
    const other = deviceOf(Trebovanje, 'vera', ['shift_lead'])
    meet(lead, other)
    assign(lead, 'jovan')
    assign(other, 'ana')
    witness(other, 'zaduznice/all/worker', 'vera', 7)
    meet(lead, other, one, two)
    expect(one.view.tasks.map(({ worker }) => worker)).toEqual(['ana'])
    expect(one.field('zaduznice/all/worker')).toMatchObject({
      value: 'ana',
      tentative: false,
      conflict: [{ value: 'jovan', by: 'mira' }],
    })
  })

  it('work taken away and given again is one zadužnica', () => {
    const { lead } = twoTablets()
    const task = assign(lead, 'jovan')
    lead.list('zaduznice').remove(task)
    expect(lead.view.status).toBe('new')
    assign(lead, 'ana')
    expect(lead.view.zaduznice.map(({ id, worker }) => [id, worker])).toEqual([[task, 'ana']])
  })
})

describe('construction', () => {
  it('edits of two fields both survive; of one, the later wins and the other is kept', () => {
    const watch = { ms: TEN_O_CLOCK }
    const a = deviceOf(Project, 'ana', ['engineer'], { watch })
    a.set({ objet: 'School' })
    const b = deviceOf(Project, 'bo', ['office'], { watch })
    meet(a, b)
    a.set({ objet: 'Primary school', place: 'Bar' })
    watch.ms += 1000
    b.set({ objet: 'School, north', client: 'Town' })
    meet(a, b)
    expect(a.view).toEqual(b.view)
    expect(a.view).toMatchObject({ objet: 'School, north', place: 'Bar', client: 'Town' })
    expect(a.field('objet').conflict).toMatchObject([{ value: 'Primary school', by: 'ana' }])
  })
})

describe('ticketing', () => {
  it('of two who claim, the confirmed one has it, and the highest priority stands', () => {
    const desk = deviceOf(Ticket, 'dana', ['dispatcher'])
    desk.set({ title: 'Boiler', priority: 'low' })
    const tom = deviceOf(Ticket, 'tom', ['technician'])
    const kim = deviceOf(Ticket, 'kim', ['technician'])
    meet(desk, tom, kim)
    tom.set({ claimedBy: 'tom', priority: 'urgent' })
    kim.set({ claimedBy: 'kim', priority: 'normal' })
    witness(kim, 'claimedBy', 'kim', 3)
    meet(desk, tom, kim)
    expect(tom.view).toMatchObject({ claimedBy: 'kim', priority: 'urgent' })
    expect(tom.field('claimedBy').conflict).toMatchObject([{ value: 'tom', by: 'tom' }])
  })
})

describe('point of sale', () => {
  it('two prices for one line are marked until somebody picks', () => {
    const a = deviceOf(Estimate, 'carl', ['clerk'])
    a.set({ customer: 'Ana' })
    a.list('lines').add({ name: 'Door', quantity: 1, price: 100 }, { id: 'l' })
    const b = deviceOf(Estimate, 'bea', ['clerk'])
    meet(a, b)
    a.list('lines').set('l', { price: 120 })
    b.list('lines').set('l', { price: 130 })
    meet(a, b)
    const price = a.field('lines/l/price')
    expect(price.open).toBe(true)
    price.conflict[0]?.settle()
    expect(a.field('lines/l/price').open).toBe(false)
  })
})

describe('scheduling', () => {
  it('of two operators who book one slot one wins whole, and the other is offered the next free one', () => {
    const olga = deviceOf(Availability, 'olga', ['operator'])
    olga.set({ staff: 'tea', staffName: 'Tea', date: '2025-01-07' })
    olga.list('slots').add({ from: 540, to: 600 }, { id: 'nine' })
    olga.list('slots').add({ from: 600, to: 660 }, { id: 'ten' })
    const pia = deviceOf(Availability, 'pia', ['operator'])
    meet(olga, pia)
    olga.list('slots').set('nine', { booking: { client: 'Mr. White', phone: '1', note: '' } })
    pia.list('slots').set('nine', { booking: { client: 'Ms. Black', phone: '2', note: 'stairs' } })
    witness(pia, 'slots/nine/booking', 'pia', 9)
    meet(olga, pia)
    expect(olga.view.day[0]?.booking).toEqual({ client: 'Ms. Black', phone: '2', note: 'stairs' })
    expect(olga.field('slots/nine/booking').conflict).toMatchObject([
      { value: { client: 'Mr. White' }, by: 'olga' },
    ])
    expect(nextFreeSlot(olga.view, { date: '2025-01-07', minute: 540 })?.slot.id).toBe('ten')
  })

  it('nobody books over what somebody has; it is cancelled first', () => {
    const olga = deviceOf(Availability, 'olga', ['operator'])
    olga.set({ staff: 'tea', date: '2025-01-07' })
    olga
      .list('slots')
      .add({ from: 540, to: 600, booking: { client: 'Mr. White', phone: '', note: '' } }, { id: 'nine' })
    witness(olga, 'slots/nine/booking', 'olga', 1)
    const pia = deviceOf(Availability, 'pia', ['operator'])
    meet(olga, pia)
    pia.list('slots').set('nine', { booking: { client: 'Ms. Black', phone: '', note: '' } })
    meet(olga, pia)
    expect(olga.view.day[0]?.booking?.client).toBe('Mr. White')
  })
})
