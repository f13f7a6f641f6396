// What the simulated colleagues do, each after their trade: one small thing at a time, found among the records that
// moved last. Every deed ends somewhere – scans at what is required, comments at twenty – so that a demo may run for
// days.

import type { Random } from '../simulate/random.ts'
import type { RecordType } from '../../shared/record/record-type.ts'
import type { Filter } from '../../shared/record/filter.ts'
import type { OpenRecord } from '../../shared/record/open-record.ts'
import type { RecordOnDoc } from '../../shared/record/record.ts'
import { Estimate } from '../../shared/types/point-of-sale.ts'
import { Bordereau, Metre } from '../../shared/types/quantities.ts'
import { Availability } from '../../shared/types/scheduling.ts'
import { statusPatch, Ticket } from '../../shared/types/ticket.ts'
import { assign, Trebovanje } from '../../shared/types/warehouse.ts'
import { isoDate } from './demo-clock.ts'

export interface Deed {
  readonly room: string
  /** Where they sit before they write, one after the other. */
  readonly fields: readonly string[]
  /** Nothing is written where somebody else was faster. */
  readonly edit: (record: RecordOnDoc) => void
}

export interface DeedScene {
  readonly me: string
  readonly now: number
  readonly random: Random
  rows<T extends RecordType>(type: T, where: Filter): Promise<readonly Found[]>
}

interface Found {
  readonly id: string
  readonly [field: string]: unknown
}

type FindDeed = (scene: DeedScene) => Promise<Deed | null>

const deed = <T extends RecordType>(
  type: T,
  id: string,
  fields: readonly string[],
  edit: (record: OpenRecord<T>) => void,
): Deed => ({
  room: `${type.name}:${id.replace(`${type.name}:`, '')}`,
  fields,
  // The writer opens the room by the type that its name begins with, and that is this one.
  edit: record => edit(record as unknown as OpenRecord<T>),
})

const COMMENTS_MAX = 20
const COMMENTS = [
  'Called the site: somebody is there until five.',
  'The part is in the van, on my way.',
  'Looks like the relay again.',
  'Tested twice, works. Watching it until tomorrow.',
  'Needs a second pair of hands.',
  'Customer asks for a call before we come.',
  'Photo follows.',
  'Parking in the yard, entrance on the left.',
] as const

const technician: FindDeed = async ({ me, now, random, rows }) => {
  const open = await rows(Ticket, { status: { in: ['open', 'in_progress', 'waiting'] } })
  const mine = open.filter(row => row['claimedBy'] === me)
  const free = open.filter(row => row['claimedBy'] === null)
  if (mine.length < 3 && free.length > 0) {
    return deed(Ticket, random.pick(free).id, ['status', 'claimedBy'], ticket => {
      if (ticket.view.claimedBy !== null) return
      ticket.set({ claimedBy: me, ...statusPatch('in_progress', now) })
    })
  }
  if (mine.length === 0) return null
  const words = random.pick(COMMENTS)
  const isReady = random.chance(0.3)
  return deed(Ticket, random.pick(mine).id, ['status', 'description'], ticket => {
    const { onSite, comments } = ticket.view
    if (!onSite.includes(me)) ticket.log('checks').add({ kind: 'in' })
    else if (!isReady && comments.length < COMMENTS_MAX) ticket.list('comments').add({ body: words })
    else {
      ticket.log('checks').add({ kind: 'out' })
      ticket.list('times').add({ start: now - 45 * 60_000, end: Math.floor(now) })
      ticket.set(statusPatch('done', now))
    }
  })
}

const dispatcher: FindDeed = async ({ random, rows }) => {
  const open = await rows(Ticket, { status: { in: ['open', 'in_progress', 'waiting'] } })
  if (open.length === 0) return null
  const row = random.pick(open)
  const to = random.pick(['tomas', 'lea'])
  const words = random.pick(COMMENTS)
  return deed(Ticket, row.id, ['priority', 'assignedTo'], ticket => {
    if (ticket.view.assignedTo === null) ticket.set({ assignedTo: to })
    else if (ticket.view.comments.length < COMMENTS_MAX) ticket.list('comments').add({ body: words })
  })
}

const magacioner: FindDeed = async ({ me, now, random, rows }) => {
  const open = await rows(Trebovanje, { status: { in: ['assigned', 'in_progress'] } })
  const mine = open.filter(row => Array.isArray(row['workers']) && row['workers'].includes(me))
  if (mine.length === 0) return null
  // Most stay at what they have begun.
  const begun = mine.filter(row => row['status'] === 'in_progress')
  const row = begun.length > 0 && random.chance(0.85) ? begun[0] : random.pick(mine)
  if (row === undefined) return null
  const isShort = random.chance(0.04)
  return deed(Trebovanje, row.id, ['items'], trebovanje => {
    const { picked, items } = trebovanje.view
    const next = picked.find(({ settled }) => settled < 1)
    if (next === undefined) {
      trebovanje.set({ closedAt: Math.floor(now) })
      return
    }
    const left = next.required - next.picked - next.short
    const code = items.find(({ id }) => id === next.id)?.sku ?? null
    if (isShort) trebovanje.list('shortages').add({ item: next.id, code, quantity: left, reason: 'too_few' })
    else trebovanje.log('scans').add({ item: next.id, code, quantity: Math.max(1, Math.min(left, 6)) })
  })
}

const GOODS = [
  ['8600001', 'Flour T-500, 1 kg', 'pc', 'A-01'],
  ['8600004', 'Ground coffee, 200 g', 'pc', 'A-07'],
  ['8600006', 'Apple juice, 1 l', 'pc', 'B-02'],
  ['8600009', 'Tomato paste, 400 g', 'pc', 'B-09'],
  ['8600012', 'Dish soap, 900 ml', 'pc', 'D-01'],
] as const
const OPEN_MAX = 12

const shiftLead: FindDeed = async ({ now, random, rows }) => {
  const waiting = await rows(Trebovanje, { status: 'new' })
  const today = isoDate(now)
  if (waiting.length > 4) {
    const worker = random.pick(['marko', 'jelena'])
    return deed(Trebovanje, random.pick(waiting).id, ['priority'], trebovanje => {
      if (trebovanje.view.status === 'new') assign(trebovanje, worker, { day: today })
    })
  }
  const open = await rows(Trebovanje, { status: { in: ['new', 'assigned', 'in_progress'] } })
  if (open.length >= OPEN_MAX && random.chance(0.7)) return null
  const id = `TR-${Math.floor(now / 1_000)
    .toString(36)
    .toUpperCase()}`
  const goods = GOODS.filter(() => random.chance(0.6))
  return deed(Trebovanje, id, [], trebovanje => {
    trebovanje.set({
      number: id,
      warehouse: 'Hall 1',
      customer: random.pick(['Market Lipa', 'Hotel Park', 'Bakery Zora', 'Camp Dunav']),
      due: Math.floor(now) + 4 * 3_600_000,
    })
    for (const [sku, name, unit, place] of goods.length > 0 ? goods : GOODS.slice(0, 2))
      trebovanje.list('items').add({ sku, name, unit, place, required: 2 + random.below(9) })
  })
}

const CLIENTS = ['J. Simić', 'M. Tot', 'K. Varga', 'L. Perić', 'S. Novak', 'D. Kiš'] as const
const DAY_MS = 86_400_000

const operator: FindDeed = async ({ now, random, rows }) => {
  const days = [0, 1, 2, 3].map(ahead => isoDate(now + ahead * DAY_MS))
  const found = await rows(Availability, { date: { in: days } })
  if (found.length === 0) return null
  const row = random.pick(found)
  const client = random.pick(CLIENTS)
  const isFull = Number(row['free']) < 2
  return deed(Availability, row.id, ['slots'], day => {
    const slots = day.view.slots.filter(({ booking }) => (booking === null) === !isFull)
    const slot = slots[random.below(Math.max(1, slots.length))]
    if (slot === undefined) return
    const booking = isFull ? null : { client, phone: '+381 63 555 0100', note: '' }
    day.list('slots').set(slot.id, { booking })
  })
}

const clerk: FindDeed = async ({ random, rows }) => {
  const found = (await rows(Estimate, { isConverted: false })).filter(row => Number(row['lines']) > 0)
  if (found.length === 0) return null
  const quantity = 1 + random.below(6)
  const which = random.below(100)
  return deed(Estimate, random.pick(found).id, ['customer', 'lines'], estimate => {
    const { lines } = estimate.view
    const line = lines[which % Math.max(1, lines.length)]
    if (line !== undefined && line.quantity !== quantity) estimate.list('lines').set(line.id, { quantity })
  })
}

const engineer: FindDeed = async ({ random, rows }) => {
  const found = await rows(Metre, { agreed: false })
  if (found.length === 0) return null
  const length = (10 + random.below(200)) / 10
  const which = random.below(100)
  return deed(Metre, random.pick(found).id, ['title', 'measuredOn'], metre => {
    const { lines, agreed } = metre.view
    const line = lines[which % Math.max(1, lines.length)]
    if (line !== undefined && !agreed) metre.list('lines').set(line.id, { length })
  })
}

const quantitySurveyor: FindDeed = async ({ random, rows }) => {
  const found = await rows(Bordereau, {})
  if (found.length === 0) return null
  const factor = 95 + random.below(11)
  const which = random.below(100)
  return deed(Bordereau, random.pick(found).id, ['title'], bordereau => {
    const { lines } = bordereau.view
    const line = lines[which % Math.max(1, lines.length)]
    if (line?.quantity == null) return
    const quantity = Math.max(1, Math.round((line.quantity * factor) / 100))
    bordereau.list('lines').set(line.id, { quantity })
  })
}

/** In the order in which they come: the first five are one of each system. */
export const colleagues: readonly { readonly id: string; readonly find: FindDeed }[] = [
  { id: 'marko', find: magacioner },
  { id: 'tomas', find: technician },
  { id: 'olga', find: operator },
  { id: 'nina', find: clerk },
  { id: 'claire', find: engineer },
  { id: 'dragan', find: shiftLead },
  { id: 'lea', find: technician },
  { id: 'jelena', find: magacioner },
  { id: 'hugo', find: quantitySurveyor },
  { id: 'mira', find: dispatcher },
  { id: 'paul', find: clerk },
]
