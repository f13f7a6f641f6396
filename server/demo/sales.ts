// A shop for garden and workshop: estimates at the counter, orders from most of them.

import { Estimate, Order } from '../../shared/types/point-of-sale.ts'
import type { Random } from '../simulate/random.ts'
import { HOUR_MS, MINUTE_MS } from './demo-clock.ts'
import { type DemoRecords, type DemoScene, past, share } from './demo-scene.ts'

const GOODS = [
  ['Cordless drill 18 V', 12_990],
  ['Garden hose 25 m', 3_490],
  ['Wheelbarrow 90 l', 8_950],
  ['LED work lamp', 4_290],
  ['Chain saw oil 5 l', 1_890],
  ['Ladder, 3 × 9 rungs', 18_900],
  ['Screws, assorted, 500', 2_150],
  ['Paint white 10 l', 5_490],
  ['Hedge trimmer', 15_900],
  ['Work gloves', 690],
  ['Extension lead 20 m', 2_790],
  ['Workbench', 21_900],
] as const
const CUSTOMERS = [
  'Building Kovač',
  'Green Garden Ltd',
  'Hotel Central',
  'Atelier Nova',
  'Mr Petrov',
  'Ms Lindgren',
  'School Dunav',
  'Farm Salaš',
  'Painter Weiss',
  'Bridge Rowing Club',
  'Ms Okafor',
  'Family Horvat',
] as const
const CLERKS = ['nina', 'paul'] as const

/** The last numbers given, for those that follow. */
export interface SalesNumbers {
  estimate: number
  order: number
}

export function* makeSales(scene: DemoScene, numbers: SalesNumbers): DemoRecords {
  const { random, clock } = scene
  const count = share(scene, 0.16)
  for (let n = 1; n <= count; n++) {
    const age = ((count - n) / count) * 21
    const at = clock.daysAgo(age)
    const clerk = random.pick(CLERKS)
    const customer = random.pick(CUSTOMERS)
    const lines = linesOf(random)
    const id = String(10_000_000 + ((n * 7_919) % 89_999_999))
    const estimateNumber = documentNumber(++numbers.estimate)
    const estimate = past(scene, Estimate, `EST-${id}`).by(clerk, at, record => {
      record.set({
        number: estimateNumber,
        customer,
        ...(random.chance(0.2) ? { note: 'Pick up on Friday' } : {}),
      })
      for (const line of lines) record.list('lines').add(line)
    })
    if (!random.chance(age > 7 ? 0.8 : 0.45)) {
      yield estimate
      continue
    }
    const convertedAt = Math.min(at + 10 * MINUTE_MS + random.below(20 * HOUR_MS), clock.now - MINUTE_MS)
    const orderNumber = documentNumber(++numbers.order)
    const by = random.pick(CLERKS)
    yield past(scene, Order, `ORD-${id}`).by(by, convertedAt, record => {
      record.set({ number: orderNumber, customer, estimate: `estimate:EST-${id}` })
      for (const line of lines) record.list('lines').add(line)
    })
    yield estimate.by(by, convertedAt, record => record.set({ orderId: `order:ORD-${id}`, orderNumber }))
  }
}

const linesOf = (random: Random): { name: string; quantity: number; price: number }[] =>
  Array.from({ length: 1 + random.below(4) }, () => {
    const [name, price] = random.pick(GOODS)
    return { name, quantity: 1 + random.below(5), price }
  })

const documentNumber = (n: number): string => `#${String(n).padStart(3, '0')}`
