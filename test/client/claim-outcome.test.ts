import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import * as Y from 'yjs'
import { type ClaimOutcome, watchClaim } from '../../client/app/state/claim-outcome.ts'
import type { Desk } from '../../client/desk.ts'
import type { LiveRecord } from '../../client/record/live-record.ts'
import { refusing } from './fake-server.ts'
import { Office, type Seat } from './office.ts'
import { Ticket } from './records.ts'

// The words of the app ask the page for its language.
vi.mock('../../client/app/words/language.ts', () => ({ languageNow: () => 'en', useLanguage: () => 'en' }))

let office: Office

beforeEach(() => {
  office = new Office()
})
afterEach(() => office.close())

const begin = async (): Promise<[ana: Seat, bo: Seat]> => {
  const ana = await office.sit(office.browser(), 'ana')
  const bo = await office.sit(office.browser(), 'bo')
  bo.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
  await office.quiet()
  ana.desk.open(Ticket, '1')
  await office.quiet()
  return [ana, bo]
}

/** Of a field that nobody but its writers decides: whom a race is given to the server would say. */
const claimed = async (desk: Desk, price = MINE): Promise<LiveRecord<typeof Ticket>> => {
  const record = desk.open(Ticket, '1')
  await office.quiet()
  record.set({ price })
  return record
}

const MINE = 100

/** What was told of it, in order. */
const watched = (record: LiveRecord<typeof Ticket>, since?: number): ClaimOutcome[] => {
  const told: ClaimOutcome[] = []
  const watch = record as unknown as LiveRecord
  watchClaim(
    watch,
    'price',
    value => value === MINE,
    outcome => told.push(outcome),
    since,
  )
  return told
}

it('a claim is won once the server has it, and that is told once', async () => {
  const [ana] = await begin()
  ana.desk.goOffline()
  const told = watched(await claimed(ana.desk))
  await office.quiet()
  expect(told).toEqual([])
  ana.desk.goOnline()
  await office.later(10_000)
  expect(told).toEqual([{ kind: 'won' }])
  expect(office.stored().price).toBe(MINE)
})

it('a claim that is refused is not taken for won while its record begins afresh', async () => {
  const [ana] = await begin()
  office.server.judge = refusing('price', 'price', 'Ask for it.')
  const told = watched(await claimed(ana.desk))
  await office.later(10_000)
  expect(told).toEqual([{ kind: 'refused', why: 'Ask for it.' }])
})

it('a claim that goes over into a new epoch is not taken for won before the server has it there', async () => {
  const [ana] = await begin()
  ana.desk.goOffline()
  const told = watched(await claimed(ana.desk))
  const { durable } = office.server.room('ticket:1')
  office.server.restore('ticket:1', Y.encodeStateAsUpdate(durable), 'e2')
  office.server.holdsAcks = true
  ana.desk.goOnline()
  await office.later(10_000)
  expect(told).toEqual([])
  office.server.holdsAcks = false
  office.server.ack()
  await office.later(10_000)
  expect(told).toEqual([{ kind: 'won' }])
})

it('where nothing stands, a claim was let go of only since it was made', async () => {
  const [ana, bo] = await begin()
  const before = office.time.now - 1_000
  await claimed(bo.desk, 200)
  await office.quiet()
  bo.desk.open(Ticket, '1').set({ price: null })
  await office.quiet()
  const record = ana.desk.open(Ticket, '1')
  await office.later(10_000)
  expect(record.field('price')).toMatchObject({ value: null, save: 'saved' })
  const again = ana.desk.open(Ticket, '1')
  const [old, unknown, own] = [
    watched(record, before),
    watched(again),
    watched(ana.desk.open(Ticket, '1'), office.time.now),
  ]
  await office.quiet()
  expect([old, unknown, own]).toEqual([[{ kind: 'won' }], [], []])
})

it('of a record that may not be read any more, a claim is refused', async () => {
  const [ana] = await begin()
  ana.desk.goOffline()
  const told = watched(await claimed(ana.desk))
  office.server.room('ticket:1').refuseWith = { code: 'FORBIDDEN', sentence: 'Not yours.' }
  ana.desk.goOnline()
  await office.later(10_000)
  expect(told.map(({ kind }) => kind)).toEqual(['refused'])
})
