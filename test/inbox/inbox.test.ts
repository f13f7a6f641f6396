import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dispatcher, InboxHouse, type Who } from './inbox-house.ts'

const ten: readonly Who[] = Array.from({ length: 10 }, (_, i) => ({
  id: `tech-${i}`,
  name: `Tech ${i}`,
  roles: ['technician'],
}))

let house: InboxHouse

beforeEach(async () => {
  house = await InboxHouse.open()
})

afterEach(async () => {
  await house.close()
})

describe('the inbox', () => {
  it('gives each of ten people one line for four tickets created in a burst, and opens into the four', async () => {
    const inboxes = await Promise.all(ten.map(who => house.inbox(who)))
    await house.meet(dispatcher)
    for (const n of [1, 2, 3, 4]) await house.createTicket(`t${n}`, `Pump ${n}`)
    for (const inbox of inboxes) {
      await inbox.shows(({ unread }) => unread === 4, 'a badge of 4')
      expect(inbox.items).toHaveLength(1)
      const [line] = inbox.items
      expect(line).toMatchObject({
        sentence: '4 new tickets',
        count: 4,
        level: 'info',
        room: null,
        read: false,
      })
      expect(line?.parts.map(({ room }) => room)).toEqual([
        'ticket:t4',
        'ticket:t3',
        'ticket:t2',
        'ticket:t1',
      ])
    }
    const own = await house.inbox(dispatcher)
    expect(own.items).toEqual([])
    expect(house.log).toEqual([])
  })
})
