// Who is told what, at which level: SYSTEMS' defaults.

import { describe, expect, it } from 'vitest'
import type { RecordType } from '../../shared/record/record-type.ts'
import type { OpenRecord } from '../../shared/record/open-record.ts'
import { Project } from '../../shared/types/construction.ts'
import { Estimate } from '../../shared/types/point-of-sale.ts'
import { Decompt } from '../../shared/types/quantities.ts'
import { Availability } from '../../shared/types/scheduling.ts'
import { Ticket } from '../../shared/types/ticket.ts'
import { Inventory, Shipment, Site } from '../../shared/types/ticketing.ts'
import { Trebovanje } from '../../shared/types/warehouse.ts'
import { assign } from '../../shared/types/warehouse.ts'
import { noticeIn } from '../../shared/types/notice-sentences.ts'
import { changeBy, deviceOf, TEN_O_CLOCK } from './devices.ts'

/** Without the words for several of a kind, which every notice has, and what it is said by in other languages. */
const told = <T extends RecordType>(record: OpenRecord<T>, edit: () => void) =>
  record.type.notify(changeBy(record, edit)).map(({ several, params, ...notice }) => {
    expect(several).toMatch(/^\w/)
    const { name: type } = record.type
    const { kind, sentence } = notice
    // Whatever the words ask for, the notice has.
    const strict = new Proxy(params ?? {}, {
      get(target, name) {
        expect(target).toHaveProperty(String(name))
        return Reflect.get(target, name)
      },
    })
    const said = ['sr', 'fr'].map(language => noticeIn(language, { type, kind, sentence, params: strict }))
    expect(new Set(said).size, `${type}.${kind}: ${said}`).toBe(2)
    expect(said.join()).not.toMatch(/undefined|null|: $/)
    expect(noticeIn('en', { type, kind, sentence, params: params ?? null })).toBe(sentence)
    return notice
  })

describe('ticketing', () => {
  const ticket = () => {
    const t = deviceOf(Ticket, 'dana', ['dispatcher', 'technician', 'manager'])
    t.set({ title: 'Boiler' })
    return t
  }

  it('info: a new ticket, a comment, a time entry', () => {
    const t = deviceOf(Ticket, 'dana', ['dispatcher', 'technician'])
    expect(told(t, () => t.set({ title: 'Boiler' }))).toEqual([
      { level: 'info', kind: 'ticket_created', sentence: 'New ticket: «Boiler»' },
    ])
    expect(told(t, () => t.list('comments').add({ body: 'It drips.' }))).toEqual([
      { level: 'info', kind: 'comment_added', sentence: 'New comment on «Boiler»: It drips.', except: [] },
    ])
    expect(told(t, () => t.list('times').add({ start: 0, end: 60_000 }))).toMatchObject([
      { level: 'info', kind: 'time_logged' },
    ])
  })

  it('warning: deleted, status changed; success: claimed, a site added; error: urgent, and critical', () => {
    const t = ticket()
    expect(told(t, () => t.set({ status: 'in_progress' }))).toEqual([
      { level: 'warning', kind: 'status_changed', sentence: '«Boiler»: open → in progress' },
    ])
    expect(told(t, () => t.set({ claimedBy: 'tom' }))).toMatchObject([
      { level: 'success', kind: 'ticket_claimed' },
    ])
    expect(told(t, () => t.set({ priority: 'urgent' }))).toEqual([
      { level: 'error', kind: 'urgent', critical: true, sentence: '«Boiler» is urgent' },
    ])
    expect(told(t, () => t.remove())).toMatchObject([{ level: 'warning', kind: 'ticket_deleted' }])
    expect(told(t, () => t.restore())).toMatchObject([{ level: 'info', kind: 'ticket_restored' }])
    const site = deviceOf(Site, 'dana', ['dispatcher'])
    expect(told(site, () => site.set({ name: 'Harbour' }))).toMatchObject([
      { level: 'success', kind: 'site_added' },
    ])
    expect(told(site, () => site.set({ city: 'Bar' }))).toEqual([])
  })

  it('who is assigned or mentioned is told so, once', () => {
    const t = ticket()
    expect(told(t, () => t.set({ assignedTo: 'tom' }))).toEqual([
      { level: 'info', kind: 'assigned', sentence: '«Boiler» is assigned to you', to: ['tom'] },
    ])
    expect(
      told(t, () => t.list('comments').add({ body: '@kim look', mentions: ['kim'] })).map(
        ({ kind, to, except }) => ({
          kind,
          to,
          except,
        }),
      ),
    ).toEqual([
      { kind: 'mention', to: ['kim'], except: undefined },
      { kind: 'comment_added', to: undefined, except: ['kim'] },
    ])
    const comments = t.list('comments')
    const id = comments.entries[0]?.id ?? ''
    expect(
      told(t, () => comments.set(id, { body: '@kim @tom look again', mentions: ['kim', 'tom'] })),
    ).toEqual([
      {
        level: 'info',
        kind: 'mention',
        sentence: 'You are mentioned on «Boiler»: @kim @tom look again',
        to: ['tom'],
      },
    ])
    expect(told(t, () => comments.set(id, { body: '@tom never mind', mentions: ['tom'] }))).toEqual([])
    const born = deviceOf(Ticket, 'dana', ['dispatcher'])
    expect(
      told(born, () => born.set({ title: 'Leak', assignedTo: 'tom' })).map(({ kind, to, except }) => [
        kind,
        to,
        except,
      ]),
    ).toEqual([
      ['assigned', ['tom'], undefined],
      ['ticket_created', undefined, ['tom']],
    ])
  })

  it('a shipment that arrives tells the technician of its ticket', () => {
    const s = deviceOf(Shipment, 'dana', ['dispatcher'])
    s.set({ ticket: 'ticket:7', carrier: 'Post' })
    expect(told(s, () => s.set({ state: 'arrived' }))).toEqual([
      {
        level: 'info',
        kind: 'shipment_arrived',
        sentence: 'The parts for your ticket have arrived with Post',
        to: [],
        toNamedBy: { room: 'ticket:7', fields: ['assignedTo', 'claimedBy'] },
      },
    ])
    expect(told(s, () => s.set({ tracking: '1' }))).toEqual([])
  })

  it('stock that runs low is a warning, stock below zero critical', () => {
    const part = deviceOf(Inventory, 'dana', ['dispatcher'])
    part.set({ part: 'V-12', minimum: 2 })
    part.counter('stock').add(3)
    expect(told(part, () => part.counter('stock').add(-2))).toMatchObject([
      { level: 'warning', kind: 'stock_low' },
    ])
    expect(told(part, () => part.counter('stock').add(-2))).toMatchObject([
      { level: 'error', critical: true },
    ])
  })
})

describe('warehouse', () => {
  it('tells who has work, who has it no longer, what is short, and that it is complete', () => {
    const t = deviceOf(Trebovanje, 'mira', ['shift_lead', 'magacioner'])
    t.set({ number: 'TR-1' })
    t.list('items').add({ sku: 'A', name: 'Cups', required: 2 }, { id: 'a' })
    expect(told(t, () => assign(t, 'jovan'))).toMatchObject([{ kind: 'assigned', to: ['jovan'] }])
    expect(told(t, () => assign(t, 'ana'))).toMatchObject([
      { kind: 'assigned', to: ['ana'] },
      { kind: 'task_taken_away', level: 'warning', to: ['jovan'] },
    ])
    expect(told(t, () => t.list('shortages').add({ item: 'a', quantity: 1 }))).toMatchObject([
      { sentence: 'TR-1: Cups is short', roles: ['shift_lead', 'manager'] },
    ])
    const short = { item: 'gone', code: 'B 7', quantity: 1 }
    expect(told(t, () => t.list('shortages').add(short))).toMatchObject([{ sentence: 'TR-1: B 7 is short' }])
    expect(told(t, () => t.set({ closedAt: TEN_O_CLOCK }))).toMatchObject([
      { level: 'success', kind: 'document_complete' },
    ])
    expect(told(t, () => t.set({ cancelled: true }))).toMatchObject([{ kind: 'cancelled', to: ['ana'] }])
  })
})

describe('an item that is off the list with something picked', () => {
  const picked = () => {
    const t = deviceOf(Trebovanje, 'mira', ['shift_lead', 'magacioner'])
    t.set({ number: 'TR-1' })
    t.list('items').add({ sku: 'A', name: 'Cups', required: 5 }, { id: 'a' })
    return t
  }
  const scan = (quantity: number) => ({ item: 'a', code: 'A', quantity })
  const roles = ['shift_lead', 'manager']

  it('tells who picked it, whichever of the two came first, once', () => {
    const t = picked()
    t.log('scans').add(scan(3))
    expect(told(t, () => t.list('items').remove('a'))).toEqual([
      {
        level: 'warning',
        kind: 'picked_off_list',
        sentence: 'TR-1: Cups is off the list, and 3 were picked: to be put back',
        to: ['mira'],
        roles,
      },
    ])
    expect(t.view.offList).toEqual([{ item: 'a', code: 'A', by: 'mira', quantity: 3 }])
    expect(told(t, () => t.set({ customer: 'Hotel Park' }))).toEqual([])
    // What comes from off line finds the item gone, and is called by the code on its paper.
    expect(told(t, () => t.log('scans').add(scan(1)))).toMatchObject([
      { sentence: 'TR-1: A is off the list, and 4 were picked: to be put back' },
    ])
  })

  it('is nothing to tell when nothing is picked, or all was put back', () => {
    const t = picked()
    t.log('scans').add(scan(2))
    t.log('scans').add(scan(-2))
    expect(told(t, () => t.list('items').remove('a'))).toEqual([])
    t.log('scans').add(scan(2))
    expect(told(t, () => t.log('scans').add(scan(-2)))).toEqual([])
    expect(t.view.offList).toEqual([])
  })
})

describe('construction', () => {
  it('whoever comes to work on a project is told, once', () => {
    const p = deviceOf(Project, 'petra', ['project_manager'])
    p.set({ objet: 'School' })
    p.union('engineers').add('lea')
    const both = () =>
      p.doc.transact(() => {
        p.set({ manager: 'omar' })
        p.union('engineers').add('omar')
      })
    expect(told(p, both)).toEqual([
      { level: 'info', kind: 'assigned', sentence: 'You work on «School» now', to: ['omar'] },
    ])
    expect(told(p, () => p.set({ manager: 'lea' }))).toEqual([])
  })

  it('an issued décompte is told to the office', () => {
    const d = deviceOf(Decompt, 'omar', ['office'])
    d.set({ project: 'project:1', number: 3 })
    expect(told(d, () => d.set({ state: 'issued' }))).toMatchObject([
      { sentence: 'Décompte 3 was issued', roles: ['office', 'project_manager'] },
    ])
  })
})

describe('point of sale and scheduling', () => {
  it('a conversion has a word of success', () => {
    const e = deviceOf(Estimate, 'root', ['admin'])
    e.set({ number: '#001' })
    expect(told(e, () => e.set({ orderId: 'order:1', orderNumber: '#007' }))).toMatchObject([
      { level: 'success', sentence: 'Estimate #001 has become order #007' },
    ])
  })

  it('a booking and its end are told to the therapist', () => {
    const a = deviceOf(Availability, 'olga', ['operator'])
    a.set({ staff: 'tea', date: '2025-01-07' })
    a.list('slots').add({ from: 570, to: 600 }, { id: 's' })
    const book = () => a.list('slots').set('s', { booking: { client: 'Mr. White', phone: '', note: '' } })
    expect(told(a, book)).toEqual([
      { level: 'info', kind: 'booked', sentence: 'Mr. White: 7 Jan 2025, 09:30', to: ['tea'] },
    ])
    expect(told(a, () => a.list('slots').set('s', { booking: null }))).toMatchObject([
      { level: 'warning', kind: 'booking_cancelled', to: ['tea'] },
    ])
  })
})
