import { expect, it } from 'vitest'
import { Office } from './office.ts'
import { Ticket } from './records.ts'

it('of a record that is taken away, the tray has what was not sent, and not what an earlier visit had saved', async () => {
  const office = new Office()
  const browser = office.browser()
  const first = await office.sit(browser, 'ana')
  const ticket = first.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
  ticket.union('tags').add('saved')
  ticket.text('notes').insert(0, 'saved')
  ticket.counter('stock').add(5)
  await office.quiet()
  expect(ticket.status.pending).toBe(0)
  office.goDown()
  await office.quiet()
  ticket.union('tags').add('unsent')
  ticket.counter('stock').add(2)
  await office.quiet()
  await first.desk.close()

  office.server.judge = (_, room) => {
    for (const channel of [...room.channels]) channel.close('READ_ENDED', 'Ask for access.')
    return 'pending'
  }
  const second = await office.sit(browser, 'ana')
  await office.comeBack()
  expect(second.desk.status.pending).toBe(0)
  expect(second.desk.tray.items?.map(({ path }) => path.split('/')[0]).sort()).toEqual(['stock', 'tags'])
  await office.close()
})
