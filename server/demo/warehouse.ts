// A wholesaler’s warehouse: trebovanja of the last days, in every state.

import { assign, Trebovanje } from '../../shared/types/warehouse.ts'
import { HOUR_MS, MINUTE_MS } from './demo-clock.ts'
import { type DemoRecords, type DemoScene, padded, past, share, some } from './demo-scene.ts'
import type { PastRecord } from './past-record.ts'

const WORKERS = ['marko', 'jelena'] as const
const CUSTOMERS = [
  'Market Lipa',
  'Restaurant Salaš',
  'Kindergarten Duga',
  'Hotel Park',
  'Canteen Elektro',
  'Bakery Zora',
  'Shop Kod Mire',
  'Camp Dunav',
] as const
const GOODS = [
  ['8600001', 'Flour T-500, 1 kg', 'pc', 'A-01'],
  ['8600002', 'Sugar, 1 kg', 'pc', 'A-02'],
  ['8600003', 'Sunflower oil, 1 l', 'pc', 'A-04'],
  ['8600004', 'Ground coffee, 200 g', 'pc', 'A-07'],
  ['8600005', 'Mineral water, 6 × 1.5 l', 'pack', 'B-01'],
  ['8600006', 'Apple juice, 1 l', 'pc', 'B-02'],
  ['8600007', 'Pasta, 500 g', 'pc', 'B-05'],
  ['8600008', 'Rice, 1 kg', 'pc', 'B-06'],
  ['8600009', 'Tomato paste, 400 g', 'pc', 'B-09'],
  ['8600010', 'Chocolate, 100 g', 'pc', 'C-01'],
  ['8600011', 'Biscuits, 300 g', 'pc', 'C-02'],
  ['8600012', 'Dish soap, 900 ml', 'pc', 'D-01'],
  ['8600013', 'Paper towels, 4', 'pack', 'D-03'],
  ['8600014', 'Bin bags, 60 l', 'roll', 'D-04'],
] as const

export function* makeWarehouse(scene: DemoScene): DemoRecords {
  const { random } = scene
  const count = share(scene, 0.12)
  for (let n = 1; n <= count; n++) {
    // Half of them are of today, so that the wall has something to show.
    const isToday = n > count / 2
    const age = isToday ? 0 : 1 + ((count / 2 - n) / (count / 2)) * 12
    const stage = isToday
      ? random.pick(['new', 'new', 'assigned', 'assigned', 'picking', 'picking', 'picking', 'done'] as const)
      : random.pick(['done', 'done', 'done', 'done', 'cancelled', age < 2 ? 'picking' : 'done'] as const)
    yield makeTrebovanje(scene, n, age, stage)
  }
}

type Stage = 'new' | 'assigned' | 'picking' | 'done' | 'cancelled'

function makeTrebovanje(scene: DemoScene, n: number, age: number, stage: Stage): PastRecord {
  const { random, clock } = scene
  const createdAt = clock.daysAgo(age)
  const worker = random.pick(WORKERS)
  let at = createdAt
  const later = (upTo: number): number => {
    const left = Math.max(1, clock.now - MINUTE_MS - at)
    at += 1 + random.below(Math.max(1, Math.min(upTo, left / 2)))
    return at
  }
  const itemIds: { readonly id: string; readonly required: number; readonly code: string }[] = []
  const trebovanje = past(scene, Trebovanje, `TR-${padded(n)}`).by('dragan', createdAt, record => {
    record.set({
      number: `TR-${padded(n)}`,
      warehouse: random.pick(['Hall 1', 'Hall 1', 'Hall 2']),
      customer: random.pick(CUSTOMERS),
      priority: random.pick(['low', 'normal', 'normal', 'normal', 'high', 'urgent']),
      due:
        stage === 'done' || stage === 'cancelled'
          ? clock.midnight(-Math.floor(age)) + (12 + random.below(7)) * HOUR_MS
          : dueOfOpen(scene, createdAt),
    })
    for (const [sku, name, unit, place] of some(random, GOODS, 3 + random.below(6))) {
      const required = 1 + random.below(12)
      const id = record.list('items').add({ sku, name, unit, required, place })
      itemIds.push({ id, required, code: sku })
    }
  })
  if (stage === 'new') return trebovanje
  trebovanje.by('dragan', later(HOUR_MS), record => {
    assign(record, worker, { day: clock.date(-Math.floor(age)) })
  })
  if (stage === 'assigned') return trebovanje
  if (stage === 'cancelled')
    return trebovanje.by('dragan', later(2 * HOUR_MS), record => record.set({ cancelled: true }))
  const settled = stage === 'done' ? itemIds : itemIds.slice(0, 1 + random.below(itemIds.length))
  for (const [index, { id, required, code }] of settled.entries()) {
    const isLast = stage !== 'done' && index === settled.length - 1
    const picked = isLast ? Math.max(1, Math.floor(required / 2)) : required
    if (!isLast && random.chance(0.06)) {
      trebovanje.by(worker, later(4 * MINUTE_MS), record =>
        record.list('shortages').add({
          item: id,
          code,
          quantity: required,
          reason: random.pick(['not_found', 'too_few', 'damaged']),
        }),
      )
      continue
    }
    trebovanje.by(worker, later(5 * MINUTE_MS), record => {
      for (const quantity of splitIn(picked)) record.log('scans').add({ item: id, code, quantity })
    })
  }
  if (stage === 'done') trebovanje.by(worker, later(5 * MINUTE_MS), record => record.set({ closedAt: at }))
  return trebovanje
}

/** Whatever the hour, a few are late and the others still to be done: today, or in the morning. */
const dueOfOpen = ({ random, clock }: DemoScene, createdAt: number): number => {
  if (random.chance(0.12)) return Math.max(createdAt, clock.now - (1 + random.below(3)) * HOUR_MS)
  const due = new Date(clock.now)
  due.setHours(due.getHours() + 2 + random.below(9), 0, 0, 0)
  const isNight = due.getHours() < 6 || due.getHours() >= 20
  return due.getTime() + (isNight ? 10 * HOUR_MS : 0)
}

/** Boxes first, then single pieces. */
const splitIn = (quantity: number): number[] => (quantity > 6 ? [6, quantity - 6] : [quantity])
