import { describe, expect, it } from 'vitest'
import { lineAmount, percentOf, sumQuantities } from '../../shared/types/amount.ts'
import { Project } from '../../shared/types/construction.ts'
import { decompteLines, decompteTotals, measuredQuantity, metresToDate } from '../../shared/types/decompte.ts'
import { offListOf } from '../../shared/types/picking.ts'
import { Estimate } from '../../shared/types/point-of-sale.ts'
import { Bordereau, Decompt, drawUp, Metre } from '../../shared/types/quantities.ts'
import { Availability, nextFreeSlot } from '../../shared/types/scheduling.ts'
import { Ticket } from '../../shared/types/ticket.ts'
import { Inventory } from '../../shared/types/ticketing.ts'
import { Trebovanje } from '../../shared/types/warehouse.ts'
import { assign } from '../../shared/types/warehouse.ts'
import { deviceOf, meet, TEN_O_CLOCK } from './devices.ts'

const trebovanje = () => {
  const record = deviceOf(Trebovanje, 'mira', ['shift_lead'])
  record.set({ number: 'TR-1', customer: 'Kafe Centar' })
  const items = record.list('items')
  items.add({ sku: 'ESP', name: 'Espresso', unit: 'kg', required: 10 }, { id: 'esp' })
  items.add({ sku: 'CUP', name: 'Cups', unit: 'box', required: 4 }, { id: 'cup' })
  items.add({ sku: 'SUG', name: 'Sugar', unit: 'kg', required: 0.3 }, { id: 'sug' })
  return record
}

describe('a trebovanje', () => {
  it('is new, assigned, in progress and done by what people did, and new again when nobody has it', () => {
    const t = trebovanje()
    expect(t.view.status).toBe('new')
    const task = assign(t, 'jovan')
    expect(t.view.status).toBe('assigned')
    t.log('scans').add({ item: 'cup', quantity: 1 })
    expect(t.view.status).toBe('in_progress')
    t.list('zaduznice').set(task, { cancelled: true })
    expect(t.view.status).toBe('new')
    expect(t.view.picked[1]?.picked).toBe(1)
    expect(assign(t, 'ana')).toBe(task)
    expect(t.view.status).toBe('in_progress')
    t.set({ closedAt: TEN_O_CLOCK })
    expect(t.view.status).toBe('done')
    t.set({ cancelled: true })
    expect(t.view.status).toBe('cancelled')
  })

  it('has nothing to put back of what somebody else put back, and only the rest where a part was', () => {
    const scan = (by: string, quantity: number) => ({ item: 'gone', code: 'G', by, at: 0, quantity })
    const offList = (...scans: ReturnType<typeof scan>[]) => offListOf({ items: [], scans })
    const left = { item: 'gone', code: 'G', by: 'ana' }
    expect(offList(scan('ana', 3), scan('bo', -1))).toEqual([{ ...left, quantity: 2 }])
    expect(offList(scan('ana', 3), scan('bo', -3))).toEqual([])
    expect(offList(scan('ana', 0.3), scan('bo', 0.1), scan('bo', -0.1))).toEqual([{ ...left, quantity: 0.3 }])
  })

  it('counts scans, completions by hand and shortages into items, tasks and the three counts', () => {
    const t = trebovanje()
    assign(t, 'jovan', { items: ['esp', 'cup'] })
    assign(t, 'ana', { items: ['sug'] })
    // 0.1 three times is 0.30000000000000004 in binary, and 0.3 here.
    for (const id of ['s1', 's2', 's3']) t.log('scans').add({ item: 'sug', quantity: 0.1 }, { id })
    t.log('scans').add({ item: 'esp', quantity: 5 })
    t.log('scans').add({ item: 'esp', quantity: -1 })
    t.list('shortages').add({ item: 'esp', quantity: 1, reason: 'not_found' })
    expect(t.view.picked.map(({ id, picked, short, state }) => [id, picked, short, state])).toEqual([
      ['esp', 4, 1, 'short'],
      ['cup', 0, 0, 'open'],
      ['sug', 0.3, 0, 'complete'],
    ])
    // (5/10 + 0/4 + 1) / 3 = 50 %; Jovan's two: (0.5 + 0) / 2 = 25 %; Ana's one: 100 %.
    expect(t.view.progress).toBe(50)
    expect(
      t.view.tasks
        .map(({ worker, progress, state, completedItems, totalItems }) => [
          worker,
          progress,
          state,
          completedItems,
          totalItems,
        ])
        .sort(),
    ).toEqual([
      ['ana', 100, 'done', 1, 1],
      ['jovan', 25, 'in_progress', 0, 2],
    ])
    t.list('manual').add({ item: 'cup' })
    expect([t.view.completedItems, t.view.totalItems, t.view.itemsWithShortages]).toEqual([2, 3, 1])
    expect(t.view.progress).toBe(83)
  })

  it('shows 100 % only when nothing is left, and 29 of 100 as 29', () => {
    const t = deviceOf(Trebovanje, 'mira', ['shift_lead'])
    t.set({ number: 'TR-2' })
    t.list('items').add({ sku: 'A', required: 100 }, { id: 'a' })
    t.log('scans').add({ item: 'a', quantity: 29 })
    expect(t.view.progress).toBe(29)
    t.log('scans').add({ item: 'a', quantity: 70 })
    expect(t.view.progress).toBe(99)
    t.log('scans').add({ item: 'a', quantity: 2 })
    expect(t.view.progress).toBe(100)
  })

  it('reaches 100 % where the rest is not there to be picked', () => {
    const t = deviceOf(Trebovanje, 'mira', ['shift_lead'])
    t.set({ number: 'TR-3' })
    t.list('items').add({ sku: 'A', required: 3 }, { id: 'a' })
    t.log('scans').add({ item: 'a', quantity: 1 })
    t.list('shortages').add({ item: 'a', quantity: 2 })
    expect([t.view.progress, t.view.completedItems, t.view.itemsWithShortages]).toEqual([100, 0, 1])
  })

  it('shows the same on both sides after they meet', () => {
    const office = trebovanje()
    const tablet = deviceOf(Trebovanje, 'jovan', ['magacioner'])
    meet(office, tablet)
    assign(office, 'jovan')
    tablet.log('scans').add({ item: 'cup', quantity: 4 })
    meet(office, tablet)
    expect(tablet.view).toEqual(office.view)
    expect(tablet.view.progress).toBe(33)
  })
})

describe('money', () => {
  it('is rounded per line, half away from zero, in minor units', () => {
    expect(lineAmount(2.5, 199)).toBe(498)
    expect(lineAmount(-2.5, 199)).toBe(-498)
    expect(lineAmount(0.333, 100)).toBe(33)
    expect(lineAmount(1e6, 1e9)).toBe(1e15)
    expect(lineAmount(null, 100)).toBe(0)
    expect(percentOf(1005, 7.5)).toBe(75)
    expect(percentOf(-1000, 20)).toBe(-200)
    expect(sumQuantities([0.1, 0.2])).toBe(0.3)
  })

  it('of an estimate is the sum of its lines', () => {
    const e = deviceOf(Estimate, 'ana', ['clerk'])
    e.list('lines').add({ name: 'Window', quantity: 3, price: 45_000 })
    e.list('lines').add({ name: 'Fitting', quantity: 1.5, price: 10_001 })
    e.list('lines').add({ name: 'To be priced' })
    expect(e.view.total).toBe(135_000 + 15_002)
  })
})

describe('a décompte', () => {
  const bordereau = () => {
    const record = deviceOf(Bordereau, 'omar', ['office'])
    record.set({ project: 'project:1', title: 'Gros œuvre' })
    record
      .list('lines')
      .add(
        { number: '1.1', designation: 'Fouilles', unit: 'm³', quantity: 200, unitPrice: 1250 },
        { id: 'fou' },
      )
    record
      .list('lines')
      .add(
        { number: '1.2', designation: 'Béton', unit: 'm³', quantity: 40, unitPrice: 11_999 },
        { id: 'bet' },
      )
    record
      .list('lines')
      .add({ number: '1.3', designation: 'Acier', unit: 'kg', quantity: 900, unitPrice: 175 }, { id: 'aci' })
    return record
  }
  const metre = (id: string, periode: string) => {
    const record = deviceOf(Metre, 'lea', ['engineer'], { id })
    record.set({ project: 'project:1', bordereau: 'bordereau:1', periode })
    return record
  }
  const periodes = [
    { id: 'periode:1', from: '2025-01-01', to: '2025-01-31', removed: false },
    { id: 'periode:2', from: '2025-02-01', to: '2025-02-28', removed: false },
    { id: 'periode:3', from: '2025-03-01', to: '2025-03-31', removed: false },
  ]

  it('takes quantities to date from the métrés, keeps them, and derives retention, VAT and net due', () => {
    const january = metre('jan', 'periode:1')
    january.list('lines').add({ line: 'fou', length: 12.5, width: 2, height: 1.2 })
    january.list('lines').add({ line: 'bet', count: 4, length: 0.4, width: 0.4, height: 3 })
    const february = metre('feb', 'periode:2')
    february.list('lines').add({ line: 'fou', quantity: 70.123 })
    const march = metre('mar', 'periode:3')
    march.list('lines').add({ line: 'aci', quantity: 900 })
    const metres = [january.view, february.view, march.view]
    const toDate = metresToDate(metres, periodes, 'periode:2')
    expect(toDate).toEqual([january.view, february.view])
    const bare = periodes.map(p => ({ ...p, id: p.id.slice('periode:'.length) }))
    expect(metresToDate(metres, bare, '2')).toEqual(toDate)

    const b = bordereau()
    const d = deviceOf(Decompt, 'omar', ['office'])
    d.set({ project: 'project:1', periode: 'periode:2', number: 2, alreadyPaid: 30_000 })
    drawUp(d, decompteLines(b.view, toDate))
    // 12.5 × 2 × 1.2 = 30, + 70.123 = 100.123 m³ × 12.50 = 1251.5375 → 1251.54
    // 4 × 0.4 × 0.4 × 3 = 1.92 m³ × 119.99 = 230.3808 → 230.38
    expect(d.view.lines.map(({ id, quantity }) => [id, quantity])).toEqual([
      ['fou', 100.123],
      ['bet', 1.92],
    ])
    expect(d.view.amounts).toEqual({ fou: 125_154, bet: 23_038 })
    // 1481.92 works; 10 % retention 148.19; 1333.73 taxable; 20 % VAT 266.75; 1600.48; − 300.00 paid
    expect(d.view.totals).toEqual({
      works: 148_192,
      retention: 14_819,
      taxable: 133_373,
      vat: 26_675,
      total: 160_048,
      netDue: 130_048,
    })

    // Later prices and measurements leave what was stated as it was.
    b.list('lines').set('fou', { unitPrice: 9999 })
    expect(d.view.totals.works).toBe(148_192)
    // Drawn up again it has the same lines, with what changed.
    drawUp(d, decompteLines(b.view, [february.view]))
    expect(d.view.lines.map(({ id, quantity, unitPrice }) => [id, quantity, unitPrice])).toEqual([
      ['fou', 70.123, 9999],
      ['bet', 0, 11_999],
    ])
  })

  it('owes nothing where nothing was measured, and gives back what was paid too much', () => {
    expect(measuredQuantity({ count: null, length: null, width: null, height: null, quantity: null })).toBe(0)
    expect(decompteTotals({ lines: [], retentionPercent: 10, vatPercent: 20, alreadyPaid: 500 }).netDue).toBe(
      -500,
    )
  })
})

describe('a project', () => {
  it('is late once its day has ended by the clocks of whoever asks, not by those of Greenwich', () => {
    const zone = process.env.TZ
    try {
      for (const place of ['Pacific/Auckland', 'America/Los_Angeles']) {
        process.env.TZ = place
        const watch = { ms: new Date(2026, 2, 12, 23, 59).getTime() }
        const t = deviceOf(Project, 'sophie', ['project_manager'], { watch })
        t.set({ objet: 'Weir', state: 'active', deadline: '2026-03-12' })
        expect(t.view.isLate, place).toBe(false)
        watch.ms += 60_000
        expect(t.view.isLate, place).toBe(true)
      }
    } finally {
      if (zone === undefined) delete process.env.TZ
      else process.env.TZ = zone
    }
  })
})

describe('a ticket', () => {
  it('adds up minutes, knows who is on site, and is late by the clock of who looks', () => {
    const watch = { ms: TEN_O_CLOCK }
    const t = deviceOf(Ticket, 'tom', ['technician'], { watch })
    t.set({ title: 'Boiler' })
    t.list('times').add({ start: TEN_O_CLOCK, end: TEN_O_CLOCK + 45 * 60_000 })
    t.list('times').add({ start: TEN_O_CLOCK, end: TEN_O_CLOCK + 15 * 60_000 })
    t.list('times').add({ start: TEN_O_CLOCK })
    expect(t.view.minutes).toBe(60)
    t.log('checks').add({ kind: 'in' })
    expect(t.view.onSite).toEqual(['tom'])
    watch.ms += 1000
    t.log('checks').add({ kind: 'out' })
    expect(t.view.onSite).toEqual([])
    const desk = deviceOf(Ticket, 'dana', ['dispatcher'], { watch })
    meet(t, desk)
    desk.set({ due: TEN_O_CLOCK + 60_000 })
    expect(desk.view.isLate).toBe(false)
    watch.ms += 120_000
    expect(desk.view.isLate).toBe(true)
  })

  it('uses up stock below the minimum, and shows it', () => {
    const part = deviceOf(Inventory, 'dana', ['dispatcher'])
    part.set({ part: 'VALVE-12', minimum: 5 })
    part.counter('stock').add(8)
    expect(part.view.isLow).toBe(false)
    part.counter('stock').add(-4)
    expect([part.view.stock, part.view.isLow]).toEqual([4, true])
  })
})

describe('the next free slot', () => {
  const day = (
    staff: string,
    date: string,
    slots: readonly (readonly [from: number, isBooked: boolean])[],
  ) => {
    const record = deviceOf(Availability, 'olga', ['operator'], { id: `${staff}_${date}` })
    record.set({ staff, staffName: staff, date })
    for (const [from, isBooked] of slots) {
      record.list('slots').add({
        from,
        to: from + 60,
        ...(isBooked ? { booking: { client: 'Mr. White', phone: '', note: '' } } : {}),
      })
    }
    return record.view
  }

  it('is the earliest at or after the time asked for, over staff and days', () => {
    const days = [
      day('tea', '2025-01-07', [
        [540, true],
        [600, false],
      ]),
      day('udo', '2025-01-07', [
        [570, true],
        [660, false],
      ]),
      day('tea', '2025-01-08', [[480, false]]),
    ]
    expect(nextFreeSlot(days, { date: '2025-01-07', minute: 540 })).toMatchObject({
      staff: 'tea',
      slot: { from: 600 },
    })
    expect(nextFreeSlot(days, { date: '2025-01-07', minute: 601 })).toMatchObject({
      staff: 'udo',
      slot: { from: 660 },
    })
    expect(nextFreeSlot(days, { date: '2025-01-07', minute: 700 })).toMatchObject({
      date: '2025-01-08',
      slot: { from: 480 },
    })
    expect(nextFreeSlot(days, { date: '2025-01-09', minute: 0 })).toBeNull()
  })

  it('shows a day in its order and what of it is free', () => {
    const view = day('tea', '2025-01-07', [
      [600, false],
      [540, true],
    ])
    expect(view.day.map(({ from, booking }) => [from, booking?.client ?? null])).toEqual([
      [540, 'Mr. White'],
      [600, null],
    ])
    expect(view.free).toBe(1)
  })
})
