import { expect, it } from 'vitest'
import * as Y from 'yjs'
import { settle } from './fake-surroundings.ts'
import { Office } from './office.ts'
import { Ticket } from './records.ts'

const beginEpoch = (office: Office, epoch: string): void =>
  office.server.restore('ticket:1', Y.encodeStateAsUpdate(office.server.room('ticket:1').durable), epoch)

// The second epoch begins at every moment of the way into the first.
it.each(Array.from({ length: 40 }, (_, turns) => turns))(
  'a record is live, and has everything once, though another epoch begins %i turns into the way to one',
  async turns => {
    const office = new Office()
    const browser = office.browser()
    const { desk } = await office.sit(browser, 'ana')
    const record = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    record.counter('stock').add(3)
    await office.quiet()
    desk.goOffline()
    await office.quiet()
    record.counter('stock').add(2)
    record.text('notes').insert(0, 'drips')
    beginEpoch(office, 'e2')
    desk.goOnline()
    for (let turn = 0; turn < turns; turn++) {
      for (const socket of [...office.server.sockets]) {
        if (socket.readyState !== 1) socket.crank()
        else if (turn % 2 === 0) socket.crankToServer(1)
        else socket.crankToClient(1)
      }
      await settle(1)
    }
    beginEpoch(office, 'e3')
    await office.quiet()
    await office.later(10_000)
    await office.later(10_000)
    expect(record.status).toMatchObject({ live: true, pending: 0 })
    expect(record.view).toMatchObject({ stock: 5, notes: 'drips' })
    expect(office.stored()).toMatchObject({ stock: 5, notes: 'drips' })
    await office.close()
  },
)
