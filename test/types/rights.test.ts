// Who may write what, and in which state of the record: what the schema declares, before any server is asked.

import { describe, expect, it } from 'vitest'
import type { RecordType } from '../../shared/record/record-type.ts'
import { matches, type Row } from '../../shared/record/filter.ts'
import { rowOf } from '../../shared/record/row.ts'
import { Periode, Project } from '../../shared/types/construction.ts'
import { demoRecords } from '../../shared/types/demo-records.ts'
import { User } from '../../shared/types/people.ts'
import { Estimate } from '../../shared/types/point-of-sale.ts'
import { Bordereau, Decompt, Metre } from '../../shared/types/quantities.ts'
import { Availability } from '../../shared/types/scheduling.ts'
import { Ticket } from '../../shared/types/ticket.ts'
import { Inventory, Tech } from '../../shared/types/ticketing.ts'
import { Trebovanje } from '../../shared/types/warehouse.ts'
import { assign } from '../../shared/types/warehouse.ts'
import { deviceOf, meet, TEN_O_CLOCK } from './devices.ts'

const refused = (act: () => void): string => {
  try {
    act()
  } catch (error) {
    if (error instanceof Error) return error.message
  }
  return 'was allowed'
}

describe('warehouse', () => {
  const lead = () => {
    const t = deviceOf(Trebovanje, 'mira', ['shift_lead'])
    t.set({ number: 'TR-1' })
    t.list('items').add({ sku: 'A', required: 2 }, { id: 'a' })
    return t
  }
  const worker = (t: ReturnType<typeof lead>, name = 'jovan') => {
    const tablet = deviceOf(Trebovanje, name, ['magacioner'])
    meet(t, tablet)
    return tablet
  }

  it('only a shift lead cancels the trebovanje, and opens it again', () => {
    const t = lead()
    const tablet = worker(t)
    expect(refused(() => tablet.set({ cancelled: true }))).toContain('only shift_lead')
    tablet.set({ closedAt: TEN_O_CLOCK })
    expect(refused(() => tablet.set({ closedAt: null }))).toContain('ask the shift lead')
    expect(refused(() => tablet.log('scans').add({ item: 'a' }))).toContain('it is closed')
    meet(t, tablet)
    t.set({ closedAt: null })
    meet(t, tablet)
    tablet.log('scans').add({ item: 'a' })
    expect(tablet.view.scans).toHaveLength(1)
  })

  it('a worker takes and gives back work of their own, and gives none to others', () => {
    const t = lead()
    const tablet = worker(t)
    expect(refused(() => assign(tablet, 'ana'))).toContain('take it for yourself')
    const task = assign(tablet, 'jovan')
    tablet.list('zaduznice').set(task, { cancelled: true })
    assign(t, 'ana', { items: ['a'] })
    meet(t, tablet)
    const hers = tablet.view.zaduznice.find(({ worker: who }) => who === 'ana')?.id ?? ''
    expect(refused(() => tablet.list('zaduznice').set(hers, { cancelled: true }))).toContain(
      'only the shift lead',
    )
    expect(refused(() => tablet.list('zaduznice').remove(task))).toContain('only the shift lead')
  })

  it('what is required is not for the picker to change, and nobody without a role picks', () => {
    const t = lead()
    expect(refused(() => worker(t).list('items').set('a', { required: 1 }))).toContain(
      'only shift_lead or manager',
    )
    const guest = deviceOf(Trebovanje, 'guest', ['wall'])
    meet(t, guest)
    expect(refused(() => guest.log('scans').add({ item: 'a' }))).toContain('only magacioner or shift_lead')
    expect(refused(() => deviceOf(Trebovanje, 'x', ['magacioner']).set({ number: '1' }))).toContain(
      'only shift_lead',
    )
  })
})

describe('construction', () => {
  it('the price: office only', () => {
    const office = deviceOf(Bordereau, 'omar', ['office'])
    office.set({ project: 'project:1' })
    office.list('lines').add({ number: '1', unitPrice: 100 }, { id: 'l' })
    const site = deviceOf(Bordereau, 'lea', ['engineer'])
    meet(office, site)
    site.list('lines').set('l', { quantity: 4 })
    expect(refused(() => site.list('lines').set('l', { unitPrice: 1 }))).toContain('only office may')
  })

  it('nothing after a project is closed, but opening it again by its manager', () => {
    const pm = deviceOf(Project, 'petra', ['project_manager'])
    pm.set({ objet: 'School', state: 'closed' })
    const site = deviceOf(Project, 'lea', ['engineer'])
    meet(pm, site)
    expect(refused(() => site.set({ objet: 'Schule' }))).toContain('the project is closed')
    expect(refused(() => site.set({ state: 'active' }))).toContain('ask its manager')
    expect(refused(() => pm.set({ place: 'Bar' }))).toContain('the project is closed')
    pm.set({ state: 'active' })
    meet(pm, site)
    site.set({ objet: 'Schule' })
    expect(site.view.objet).toBe('Schule')
  })

  it('an agreed métré, an issued décompte and a closed période stand as they are', () => {
    const metre = deviceOf(Metre, 'omar', ['office'])
    metre.set({ project: 'project:1', agreed: true })
    expect(refused(() => metre.list('lines').add({ quantity: 1 }))).toContain('withdraw that first')
    expect(refused(() => metre.remove())).toContain('as the record stands')
    const decompt = deviceOf(Decompt, 'omar', ['office'])
    decompt.set({ project: 'project:1', state: 'issued' })
    expect(refused(() => decompt.set({ vatPercent: 0 }))).toContain('make it a draft again first')
    decompt.set({ state: 'paid' })
    const periode = deviceOf(Periode, 'omar', ['office'])
    periode.set({ project: 'project:1', state: 'closed' })
    expect(refused(() => periode.set({ to: '2025-02-01' }))).toContain('open it first')
    expect(refused(() => deviceOf(Decompt, 'lea', ['engineer']).set({ number: 1 }))).toContain('only office')
  })
})

describe('ticketing', () => {
  const desk = () => {
    const t = deviceOf(Ticket, 'dana', ['dispatcher'])
    t.set({ title: 'Boiler' })
    return t
  }
  const phone = (t: ReturnType<typeof desk>, name = 'tom') => {
    const device = deviceOf(Ticket, name, ['technician'])
    meet(t, device)
    return device
  }

  it('a technician claims for themselves; assigning and deleting are for the desk', () => {
    const tom = phone(desk())
    expect(refused(() => tom.set({ claimedBy: 'kim' }))).toContain('for themselves only')
    tom.set({ claimedBy: 'tom' })
    expect(refused(() => tom.set({ assignedTo: 'tom' }))).toContain('only dispatcher or manager')
    expect(refused(() => tom.remove())).toContain('only dispatcher or manager')
    expect(refused(() => tom.set({ quote: 100 }))).toContain('only office or manager')
  })

  it('comments and time entries are changed and removed by who wrote them', () => {
    const t = desk()
    const tom = phone(t)
    tom.list('comments').add({ body: 'Came by' }, { id: 'c' })
    tom.list('times').add({ start: 1, end: 2 }, { id: 'e' })
    const kim = phone(tom, 'kim')
    expect(refused(() => kim.list('comments').set('c', { body: 'No' }))).toContain(
      'only the person who added',
    )
    expect(refused(() => kim.list('times').remove('e'))).toContain('only the person who added')
    tom.list('comments').set('c', { body: 'Came by at 9' })
    tom.list('times').remove('e')
    expect([tom.view.comments[0]?.body, tom.view.times.length]).toEqual(['Came by at 9', 0])
  })

  it('nothing after it is closed, but opening it again by the desk', () => {
    const t = desk()
    t.set({ status: 'closed' })
    const tom = phone(t)
    expect(refused(() => tom.list('comments').add({ body: 'Late' }))).toContain('it is closed')
    expect(refused(() => tom.set({ status: 'open' }))).toContain('it is closed')
    t.set({ status: 'open' })
    meet(t, tom)
    tom.list('comments').add({ body: 'In time' })
    expect(tom.view.comments).toHaveLength(1)
  })

  it('numbers and takings are the server’s to write', () => {
    expect(refused(() => desk().set({ number: 'T-1' }))).toContain('nobody may')
    const stock = deviceOf(Inventory, 'dana', ['dispatcher'])
    stock.set({ part: 'V-12' })
    expect(refused(() => stock.log('takings').add({ quantity: 1 }))).toContain('nobody may')
    const tom = deviceOf(Inventory, 'tom', ['technician'])
    meet(stock, tom)
    expect(refused(() => tom.counter('stock').add(-1))).toContain('only dispatcher or manager')
  })

  it('a person changes their own telephone number, and no rights', () => {
    const admin = deviceOf(User, 'root', ['admin'], { id: 'tom' })
    admin.set({ name: 'Tom' })
    const tom = deviceOf(User, 'tom', ['technician'], { id: 'tom' })
    meet(admin, tom)
    tom.set({ phone: '123' })
    expect(refused(() => tom.union('roles').add('admin'))).toContain('only admin')
    const tech = deviceOf(Tech, 'dana', ['dispatcher'])
    tech.set({ user: 'tom', name: 'Tom' })
    const his = deviceOf(Tech, 'tom', ['technician'])
    meet(tech, his)
    his.set({ available: false })
    expect(refused(() => his.set({ region: 'North' }))).toContain('ask a dispatcher')
  })
})

describe('point of sale', () => {
  it('an estimate that has become an order is changed there', () => {
    const e = deviceOf(Estimate, 'root', ['admin'])
    e.set({ customer: 'Ana', orderId: 'order:1' })
    const till = deviceOf(Estimate, 'carl', ['clerk'])
    meet(e, till)
    expect(refused(() => till.set({ customer: 'Bo' }))).toContain('it has become an order')
    expect(refused(() => till.set({ orderId: null }))).toContain('it has become an order')
  })
})

describe('scheduling', () => {
  it('a therapist offers their own time, the operator everybody’s', () => {
    expect(refused(() => deviceOf(Availability, 'tea', ['therapist']).set({ staff: 'udo' }))).toContain(
      'staff',
    )
    const a = deviceOf(Availability, 'tea', ['therapist'])
    a.set({ staff: 'tea', date: '2025-01-07' })
    a.list('slots').add({ from: 540, to: 600 }, { id: 's' })
    const udo = deviceOf(Availability, 'udo', ['therapist'])
    meet(a, udo)
    expect(refused(() => udo.list('slots').add({ from: 600, to: 660 }))).toContain(
      'the time of somebody else',
    )
    const operator = deviceOf(Availability, 'olga', ['operator'])
    meet(a, operator)
    operator.list('slots').set('s', { booking: { client: 'Mr. White', phone: '', note: '' } })
    meet(a, operator)
    expect(refused(() => a.list('slots').remove('s'))).toContain('cancel the booking first')
    expect(refused(() => a.remove())).toContain('cancel them first')
    expect(refused(() => a.set({ date: '2025-01-08' }))).toContain('another day')
    operator.list('slots').set('s', { booking: null })
    meet(a, operator)
    a.list('slots').remove('s')
    expect(a.view.slots).toHaveLength(0)
  })

  it('a booking names its client', () => {
    const a = deviceOf(Availability, 'olga', ['operator'])
    a.set({ staff: 'tea', date: '2025-01-07' })
    expect(
      refused(() => a.list('slots').add({ from: 1, to: 2, booking: { client: ' ', phone: '', note: '' } })),
    ).toContain('the name of the client')
  })
})

describe('reading', () => {
  const sees = (type: RecordType, row: Row, roles: string[], claims: Record<string, unknown> = {}): boolean =>
    matches(type.access.read ?? {}, row, { id: 'guest', roles, claims })

  it('is for those who work in the system, and for a guest of one project or site', () => {
    const project = { id: '1', project: 'project:1' }
    expect(sees(Project, project, ['engineer'])).toBe(true)
    expect(sees(Project, project, ['clerk'])).toBe(false)
    for (const type of [Project, Bordereau, Metre, Decompt]) {
      expect(sees(type, project, [], { projects: ['project:1'] })).toBe(true)
      expect(sees(type, project, [], { projects: ['project:2'] })).toBe(false)
    }
    expect(sees(Ticket, { id: '1', site: 'site:1' }, ['customer'], { sites: ['site:1'] })).toBe(true)
    expect(sees(Ticket, { id: '1', site: 'site:2' }, ['customer'], { sites: ['site:1'] })).toBe(false)
    expect(sees(Ticket, { id: '1', site: 'site:2', assignedTo: 'guest' }, [])).toBe(true)
    expect(sees(Estimate, { id: '1' }, ['technician'])).toBe(false)
    expect(sees(Trebovanje, { id: '1' }, ['wall'])).toBe(true)
  })

  it('asks only for fields that the rows have', () => {
    for (const type of demoRecords) {
      const row = deviceOf<RecordType>(type, 'root', ['admin']).view
      const fields = Object.keys(rowOf(type, row, { updated: null, updatedBy: '' }))
      const asked = (
        type.access.read?.$any ?? (type.access.read === undefined ? [] : [type.access.read])
      ).flatMap(filter => Object.keys(filter).filter(key => !key.startsWith('$')))
      expect(fields).toEqual(expect.arrayContaining(asked))
    }
  })
})
