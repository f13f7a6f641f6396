// Lists on the device: long ones, and such as are never quiet.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Desk } from '../../client/desk.ts'
import { IndexedDbStore } from '../../client/local/indexeddb-store.ts'
import { settle } from './fake-surroundings.ts'
import { Office } from './office.ts'
import { Ticket } from './records.ts'

const ROWS = 1_200
const row = (n: number, updated: number) => ({
  id: String(n),
  title: `Ticket ${n}`,
  created: 1_000,
  createdBy: 'bo',
  updated,
  updatedBy: 'bo',
})

let office: Office
let tell: (change: object) => void
beforeEach(() => {
  office = new Office()
  office.server.control.sub = (body, socket) => {
    let version = 1
    const id = body.id ?? 0
    const rows = Array.from({ length: ROWS }, (_, n) => row(n, 1_000))
    socket.sendControl({ t: 'rows', id, version, rows, cursor: 'more', total: 5_000 })
    tell = change => socket.sendControl({ t: 'delta', id, version: ++version, ...change })
  }
})
afterEach(() => office.close())

const query = { limit: ROWS, count: true }
const titles = (desk: Desk): (string | null)[] | undefined =>
  desk.list(Ticket, query).rows?.map(({ title }) => title)

/** How often a list was written to the device while this went on. */
const writes = async (work: () => Promise<void>): Promise<number> => {
  const { replace } = IndexedDbStore.prototype
  let count = 0
  IndexedDbStore.prototype.replace = function (...args) {
    count++
    return replace.apply(this, args)
  }
  try {
    await work()
  } finally {
    IndexedDbStore.prototype.replace = replace
  }
  return count
}

it.each(['INTERNAL', 'TOO_MANY_CHANNELS'])(
  'a list that the server would not give now, for %s, is asked for again, and shown',
  async code => {
    const { desk } = await office.sit(office.browser(), 'ana')
    const answer = office.server.control.sub
    office.server.control.sub = (body, socket) =>
      socket.sendControl({ t: 'unsubbed', id: body.id ?? 0, code, sentence: 'Not now.' })
    const list = desk.list(Ticket, query)
    await office.later(20)
    expect(list.state).toBe('error')
    await office.later(5_000)
    expect(list.state).toBe('error')
    if (answer !== undefined) office.server.control.sub = answer
    await office.later(5_000)
    expect(list.state).toBe('live')
    expect(list.error).toBeNull()
  },
)

it('a list of which the server reads the records anew says so until it has', async () => {
  const { desk } = await office.sit(office.browser(), 'ana')
  office.server.control.sub = (body, socket) => {
    const id = body.id ?? 0
    socket.sendControl({ t: 'rows', id, version: 1, rows: [], rebuilding: true })
    tell = change => socket.sendControl({ t: 'delta', id, version: 2, ...change })
  }
  const list = desk.list(Ticket, query)
  await office.later(20)
  expect(list).toMatchObject({ state: 'live', rows: [], isRebuilding: true })
  tell({ enter: [{ row: row(1, 1_000), at: 0 }], rebuilding: false })
  await office.later(20)
  expect(list.isRebuilding).toBe(false)
  expect(list.rows).toHaveLength(1)
})

describe('a list on the device', () => {
  it('stays as it was while the server reads its records anew', async () => {
    const browser = office.browser()
    const { desk } = await office.sit(browser, 'ana')
    expect(titles(desk)).toBeUndefined()
    await office.later(5_000)
    await desk.close()
    office.server.control.sub = (body, socket) =>
      socket.sendControl({ t: 'rows', id: body.id ?? 0, version: 1, rows: [row(0, 1_000)], rebuilding: true })
    const { desk: meanwhile } = await office.sit(browser, 'ana')
    const list = meanwhile.list(Ticket, query)
    await office.later(5_000)
    expect(list).toMatchObject({ state: 'live', isRebuilding: true })
    office.goDown()
    await meanwhile.close()
    const { desk: again } = await office.sit(browser, 'ana')
    const kept = again.list(Ticket, query)
    await office.later(60_000)
    expect(kept.state).toBe('device')
    expect(kept.rows).toHaveLength(ROWS)
  })

  it('is there whole and in its order when there is no server, however long it is', async () => {
    const browser = office.browser()
    const { desk } = await office.sit(browser, 'ana')
    const list = desk.list(Ticket, query)
    await office.later(20)
    expect(list.rows).toHaveLength(ROWS)
    tell({ leave: ['7', '700'], change: [row(1_000, 2_000)], enter: [{ row: row(5_000, 2_000), at: 0 }] })
    await office.later(5_000)
    const shown = titles(desk)
    expect(shown?.[0]).toBe('Ticket 5000')
    expect(shown).not.toContain('Ticket 700')
    office.goDown()
    await desk.close()
    const again = await office.sit(browser, 'ana')
    const kept = again.desk.list(Ticket, query)
    await office.later(60_000)
    expect(kept).toMatchObject({ state: 'device', hasMore: true, total: 5_000 })
    expect(titles(again.desk)).toEqual(shown)
  })

  it('that is never quiet is written every ten seconds, and no oftener; one that is quiet after a second', async () => {
    const browser = office.browser()
    const { desk } = await office.sit(browser, 'ana')
    desk.list(Ticket, query)
    await office.later(5_000)
    const busy = async (): Promise<void> => {
      for (let tenths = 0; tenths < 300; tenths++) {
        tell({ change: [row(tenths % 50, 2_000 + tenths)] })
        await office.later(100)
      }
    }
    const whileBusy = await writes(busy)
    expect(whileBusy).toBeGreaterThanOrEqual(2)
    expect(whileBusy).toBeLessThanOrEqual(4)
    expect(await writes(() => office.later(2_500))).toBe(1)
    const quiet = async (): Promise<void> => {
      for (let seconds = 0; seconds < 10; seconds++) await office.later(1_000)
    }
    expect(await writes(quiet)).toBe(0)
  })

  it('is searched off line also when the search began while a server could still be expected to answer', async () => {
    const { desk } = await office.sit(office.browser(), 'ana')
    desk.list(Ticket, query)
    await office.later(20)
    office.goDown()
    await office.quiet()
    // The first attempt to come back is under way, and nobody knows yet that it fails.
    office.time.advance(2_000)
    await settle(5)
    const found = desk.list(Ticket, { where: { $text: '1199' } })
    await settle(5)
    expect(found.state).toBe('loading')
    await office.quiet()
    expect(found.state).toBe('device')
    expect(found.rows?.map(({ title }) => title)).toEqual(['Ticket 1199'])
  })

  it('that lies here whole answers for any part of it, counted too, as a day that begins off line; one of which a part lies here for none', async () => {
    const browser = office.browser()
    office.server.control.sub = (body, socket) => {
      const since = Number(JSON.stringify(body.query ?? {}).match(/\d+/)?.[0] ?? 0)
      const rows = [
        { ...row(1, 1_500), created: 1_500, status: 'open' },
        { ...row(2, 2_500), created: 2_500, status: 'done' },
        { ...row(3, 2_600), created: 2_600, status: 'open' },
      ].filter(({ created }) => created >= since)
      const cursor = since === 1_000 ? {} : { cursor: 'more' }
      socket.sendControl({ t: 'rows', id: body.id ?? 0, version: 1, rows, ...cursor })
    }
    const { desk } = await office.sit(browser, 'ana')
    desk.list(Ticket, { where: { created: { gte: 1_000 } }, orderBy: ['created', 'asc'] })
    desk.list(Ticket, { where: { created: { gte: 500 } } })
    await office.later(5_000)
    office.goDown()
    await desk.close()
    const { desk: again } = await office.sit(browser, 'ana')
    const figures = { count: true, groups: ['status'], sums: ['created'] } as const
    const asked = { ...figures, orderBy: ['created', 'desc'], limit: 1 } as const
    const nextDay = again.list(Ticket, { where: { created: { gte: 2_000 } }, ...asked })
    const dayBefore = again.list(Ticket, { where: { created: { gte: 900 } } })
    await office.later(60_000)
    expect(nextDay).toMatchObject({
      state: 'device',
      total: 2,
      groups: { status: { open: 1, done: 1 } },
      sums: { created: 5_100 },
      groupSums: { status: { open: { created: 2_600 }, done: { created: 2_500 } } },
      hasMore: true,
    })
    expect(nextDay.rows?.map(({ id }) => id)).toEqual(['3'])
    expect(dayBefore.state).toBe('unavailable')
    nextDay.more()
    await office.later(20)
    expect(nextDay.rows?.map(({ id }) => id)).toEqual(['3', '2'])
    expect(nextDay.hasMore).toBe(false)
  })
})
