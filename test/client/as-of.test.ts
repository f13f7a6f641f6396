// «Shown as of …»: what the status says of the age of what is on the screen.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Office } from './office.ts'
import { Ticket } from './records.ts'

let office: Office

beforeEach(() => {
  office = new Office()
  office.server.control.sub = (body, socket) => {
    const row = { id: '1', title: 'A', created: 1_000, createdBy: 'bo', updated: 1_000, updatedBy: 'bo' }
    socket.sendControl({ t: 'rows', id: body.id ?? 0, version: 1, rows: [row], cursor: null })
  }
})
afterEach(() => office.close())

const MINUTE = 60_000

describe('the age of what is shown', () => {
  it('is that of a list, where nothing else is shown, from the moment the server was last heard of', async () => {
    const browser = office.browser()
    const first = await office.sit(browser, 'ana')
    expect(first.desk.status.asOf).toBeNull()
    const list = first.desk.list(Ticket, {})
    await office.later(20)
    expect(list.state).toBe('live')
    expect(first.desk.status.asOf).toBeGreaterThan(office.time.now - MINUTE)
    await office.later(2_000)
    await office.later(10 * MINUTE)
    const heardAt = first.desk.link.heardAt ?? 0
    expect(heardAt).toBeGreaterThan(office.time.now - MINUTE)
    office.goDown()
    await office.later(10 * MINUTE)
    expect(list.state).toBe('device')
    expect(first.desk.status).toMatchObject({ sync: 'offline', asOf: heardAt })
    await first.desk.close()

    const again = await office.sit(browser, 'ana')
    const kept = again.desk.list(Ticket, {})
    await office.later(MINUTE)
    expect(kept.state).toBe('device')
    expect(again.desk.status.asOf).toBe(heardAt)
  })

  it('is that of a record from the moment the server was last heard of, also where nothing had changed for long', async () => {
    const { desk } = await office.sit(office.browser(), 'ana')
    desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    await office.later(10 * MINUTE)
    const heardAt = desk.link.heardAt ?? 0
    office.goDown()
    await office.later(5 * MINUTE)
    expect(desk.status.asOf).toBe(heardAt)
  })

  it('is not taken away by what was made here, or is not there', async () => {
    const { desk } = await office.sit(office.browser(), 'ana')
    const list = desk.list(Ticket, {})
    await office.later(20)
    expect(list.rows).toHaveLength(1)
    office.goDown()
    await office.later(MINUTE)
    const before = desk.status.asOf
    expect(before).not.toBeNull()
    desk.create(Ticket, { title: 'Mine' }, { id: 'mine' })
    const elsewhere = desk.open(Ticket, 'elsewhere')
    await office.quiet()
    expect(elsewhere.state).toBe('unavailable')
    expect(desk.status.asOf).toBe(before)
  })

  it('is none where nothing ever came', async () => {
    office.server.isDown = true
    const { desk } = await office.sit(office.browser(), 'ana')
    desk.list(Ticket, {})
    desk.create(Ticket, { title: 'Mine' }, { id: 'mine' })
    await office.later(MINUTE)
    expect(desk.status).toMatchObject({ sync: 'offline', asOf: null })
  })
})
