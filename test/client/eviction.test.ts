import { afterEach, beforeEach, expect, it } from 'vitest'
import type { FakeSocket } from './fake-server.ts'
import type { FakeBrowser } from './fake-surroundings.ts'
import { Office, type Seat } from './office.ts'
import { Ticket } from './records.ts'

const DAY = 86_400_000

let office: Office
let shown: string[]
let told: FakeSocket | null

beforeEach(async () => {
  office = new Office()
  shown = ['1', '2', '3']
  told = null
  office.server.control.sub = (body, socket) => {
    told = socket
    const rows = shown.map(id => ({ id, title: `T${id}`, created: 1_000, createdBy: 'bo', updated: 1_000 }))
    socket.sendControl({ t: 'rows', id: body.id ?? 0, version: 1, rows, cursor: null })
  }
  const bo = await office.sit(office.browser(), 'bo')
  for (const id of shown) bo.desk.create(Ticket, { title: `T${id}` }, { id })
  await office.quiet()
  await bo.desk.close()
})
afterEach(() => office.close())

const keep = async ({ desk }: Seat, evictAfterMs: number): Promise<ReturnType<typeof desk.keepOffline>> => {
  const set = desk.keepOffline(Ticket, {}, { evictAfterMs })
  for (let i = 0; i < 4; i++) await office.later(20)
  return set
}

/** Which of the records this browser has, asked where there is no server. */
const onDevice = async (browser: FakeBrowser): Promise<string[]> => {
  office.goDown()
  const { desk } = await office.sit(browser, 'ana')
  await office.later(1)
  const tickets = ['1', '2', '3'].map(id => desk.open(Ticket, id))
  await office.quiet()
  const ready = tickets.filter(({ state }) => state === 'ready').map(({ id }) => id)
  await desk.close()
  office.server.isDown = false
  return ready
}

it('what has left a working set leaves the device once nobody has used it for as long as was said', async () => {
  const browser = office.browser()
  const first = await office.sit(browser, 'ana')
  const set = await keep(first, 7 * DAY)
  expect(set).toMatchObject({ state: 'ready', have: 3, of: 3 })
  const { bytes } = set
  shown = ['1', '3']
  told?.sendControl({ t: 'delta', id: 1, version: 2, leave: ['2'] })
  await office.quiet()
  await office.later(20)
  expect(set).toMatchObject({ state: 'ready', have: 2, of: 2 })
  expect(set.bytes).toBeLessThan(bytes)
  await office.later(2_000)
  await first.desk.close()
  expect(await onDevice(browser)).toEqual(['1', '2', '3'])

  await office.later(6 * DAY)
  const second = await office.sit(browser, 'ana')
  await keep(second, 7 * DAY)
  await second.desk.close()
  expect(await onDevice(browser)).toEqual(['1', '2', '3'])

  await office.later(8 * DAY)
  const third = await office.sit(browser, 'ana')
  third.desk.open(Ticket, '3').close()
  await keep(third, 7 * DAY)
  await third.desk.close()
  expect(await onDevice(browser)).toEqual(['1', '3'])
})

it('what nobody has used for a season goes by itself, but for what is unsaved, open or kept, and never off line', async () => {
  const browser = office.browser()
  const first = await office.sit(browser, 'ana')
  for (const id of ['1', '2', '3']) first.desk.open(Ticket, id).close()
  await office.quiet()
  await first.desk.close()

  await office.later(91 * DAY)
  office.goDown()
  const offline = await office.sit(browser, 'ana')
  const edited = offline.desk.open(Ticket, '1')
  await office.quiet()
  edited.set({ status: 'done' })
  await office.later(120_000)
  await offline.desk.close()
  await office.later(91 * DAY)
  expect(await onDevice(browser)).toEqual(['1', '2', '3'])

  await office.later(91 * DAY)
  office.server.holdsAcks = true
  const back = await office.sit(browser, 'ana')
  const open = back.desk.open(Ticket, '2')
  await office.later(59_000)
  await office.later(2_000)
  expect(open.state).toBe('ready')
  await back.desk.close()
  expect(await onDevice(browser)).toEqual(['1', '2'])
})
