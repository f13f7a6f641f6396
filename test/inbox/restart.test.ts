import { expect, it } from 'vitest'
import { CutStore } from './cut-store.ts'
import { dispatcher, InboxHouse, type Who } from './inbox-house.ts'
import { Ticket } from '../../shared/types/ticket.ts'

const people: readonly Who[] = ['ana', 'bo', 'cy'].map(id => ({ id, roles: ['technician'] }))
const TICKETS = ['t1', 't2', 't3', 't4']

/** Ends the server after its n-th commit; gives whether there was anything left to be done then. */
const endAfter = async (n: number): Promise<boolean> => {
  const stores: CutStore[] = []
  const house = await InboxHouse.open({ drainMs: 50 }, folder => {
    const store = new CutStore({ folder })
    stores.push(store)
    return store
  })
  try {
    await house.meet(...people, dispatcher)
    const inboxes = await Promise.all(people.map(who => house.inbox(who)))
    const tickets = await Promise.all(TICKETS.map(id => house.open(Ticket, id, dispatcher)))
    await house.settled()
    const [store] = stores
    store?.cutAfter(n)
    tickets.forEach((ticket, i) => ticket.record.set({ title: `Pump ${i + 1}`, priority: 'urgent' }))
    // Long before that one or the other has come.
    const ended = AbortSignal.timeout(30_000)
    while (!ended.aborted && store?.missed === 0 && inboxes.some(({ unread }) => unread < 8))
      await new Promise(resolve => setTimeout(resolve, 2))
    const hadMore = (store?.missed ?? 0) > 0
    for (const device of [...tickets, ...inboxes.map(inbox => inbox.device)]) device.disconnect()
    await house.stop()
    await store?.close()
    await house.start()
    for (const device of [...tickets, ...inboxes.map(inbox => inbox.device)]) await device.connect()
    await house.settled()
    for (const inbox of inboxes) {
      await inbox.shows(({ unread }) => unread >= 8, `all, when ended after commit ${n}`)
      const parts = inbox.items.flatMap(line => (line.parts.length > 0 ? line.parts : [line]))
      expect(parts.map(({ kind, room }) => `${kind} ${room}`).sort()).toEqual(
        ['ticket_created', 'urgent'].flatMap(kind => TICKETS.map(id => `${kind} ticket:${id}`)),
      )
    }
    expect(house.server.inbox.depth).toEqual({ turns: 0, entries: 0 })
    return hadMore
  } finally {
    await house.close()
  }
}

it('a server that ends at any moment loses no entry and doubles none', async () => {
  let n = 0
  while (await endAfter(n)) n++
  // The tickets, what waits for each person, and the inboxes: three commits at the very least.
  expect(n).toBeGreaterThanOrEqual(3)
})
