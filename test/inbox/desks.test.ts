import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { connect, type Desk } from '../../client/desk.ts'
import type { SocketLike } from '../../client/surroundings.ts'
import { demoRecords } from '../../shared/types/demo-records.ts'
import { Ticket } from '../../shared/types/ticket.ts'
import { until } from '../wire/wire-server.ts'
import { dispatcher, InboxHouse, type Who } from './inbox-house.ts'

const ana: Who = { id: 'ana', name: 'Ana', roles: ['technician'] }

let house: InboxHouse
let desks: Desk[]

beforeEach(async () => {
  desks = []
  house = await InboxHouse.open()
})

afterEach(async () => {
  for (const desk of desks) await desk.close()
  await house.close()
})

/** A device with the app on it, whose bell is on the screen. */
const sit = async (who: Who): Promise<Desk> => {
  const desk = connect({
    url: house.server.url,
    token: () => house.token(who),
    records: demoRecords,
    surroundings: {
      // The `ws` class is a WebSocket as far as a link uses one.
      createSocket: url => new WebSocket(url) as unknown as SocketLike,
      indexedDB: new IDBFactory(),
    },
  })
  desks.push(desk)
  await desk.ready
  desk.inbox.subscribe(() => {})
  return desk
}

it('four tickets in a burst are one line and a badge of 4 on two devices; read on one, off line too, they are read on both', async () => {
  const phone = await sit(ana)
  const tablet = await sit(ana)
  const office = await sit(dispatcher)
  for (const desk of [phone, tablet]) await until(() => desk.inbox.items !== undefined, 'an open inbox')
  for (const n of [1, 2, 3, 4]) office.create(Ticket, { title: `Pump ${n}` }, { id: `t${n}` })
  for (const desk of [phone, tablet]) {
    await until(() => desk.inbox.unread === 4, 'a badge of 4')
    expect(desk.inbox.items).toMatchObject([{ sentence: '4 new tickets', count: 4, read: false }])
  }
  expect(office.inbox.unread).toBe(0)

  tablet.goOffline()
  const line = tablet.inbox.items?.[0]
  tablet.inbox.read(line?.parts[0]?.id ?? '')
  expect(tablet.inbox.unread).toBe(3)
  phone.inbox.read(line?.parts[1]?.id ?? '')
  await until(() => phone.inbox.unread === 3, 'one read on the phone')
  tablet.goOnline()
  for (const desk of [phone, tablet]) await until(() => desk.inbox.unread === 2, 'both read on both')

  tablet.inbox.clearAll()
  for (const desk of [phone, tablet]) await until(() => desk.inbox.items?.length === 0, 'nothing on either')
  await house.settled()
  const again = await sit(ana)
  await until(() => again.inbox.items !== undefined, 'an open inbox')
  expect(again.inbox.items).toEqual([])
  expect(again.inbox.unread).toBe(0)
})
