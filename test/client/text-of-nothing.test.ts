import { expect, it } from 'vitest'
import { Office } from './office.ts'
import { Ticket } from './records.ts'

it('a text of a record that nobody has made is not handed out', async () => {
  const office = new Office()
  const { desk } = await office.sit(office.browser(), 'ana')
  const record = desk.open(Ticket, '1')
  await office.quiet()
  expect(record.state).toBe('absent')
  expect(() => record.text('notes')).toThrow(expect.objectContaining({ code: 'NO_SUCH_RECORD' }))
  record.set({ title: 'Leak' })
  record.text('notes').insert(0, 'drips')
  await office.quiet()
  expect(office.stored()).toMatchObject({ title: 'Leak', notes: 'drips' })
  await office.close()
})
