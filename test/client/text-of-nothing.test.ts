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

it('a text takes nothing that could not be sent, and what is typed after it is saved', async () => {
  const office = new Office()
  const { desk } = await office.sit(office.browser(), 'ana')
  const record = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
  const notes = record.text('notes')
  notes.insert(0, 'drips')
  const unfit = 10n as unknown as string
  for (const write of [
    () => notes.insert(0, unfit),
    () => notes.insert(0, undefined as unknown as string),
    () => notes.insert(0, 'x', { bold: unfit }),
    () => notes.insert(0, 'x', { bold: '\ud800' }),
    () => notes.insertEmbed(0, { image: unfit }),
    () => notes.insertEmbed(0, null as unknown as object),
    () => notes.insertEmbed(0, {}),
    () => notes.applyDelta([{ insert: null }]),
    () => notes.format(0, 1, { bold: () => true }),
    () => notes.applyDelta([{ insert: unfit }]),
    () => notes.applyDelta([{ retain: 1 }, { insert: 'x', attributes: { bold: unfit } }]),
    () => notes.setAttribute('align', 'right'),
  ])
    expect(write).toThrow(expect.objectContaining({ code: 'BAD_VALUE', path: 'notes' }))
  notes.insert(5, ' \ud800, \u{1f4a7}')
  notes.applyDelta([{ insert: 'It \udc00' }])
  await office.quiet()
  expect(record.view?.notes).toBe('It \ufffddrips \ufffd, \u{1f4a7}')
  expect(office.stored()).toMatchObject({ notes: record.view?.notes })
  await office.close()
})

it('a text takes of an editor what becomes JSON, and shows it as everybody else does', async () => {
  const office = new Office()
  const { desk } = await office.sit(office.browser(), 'ana')
  const description = desk.create(Ticket, { title: 'Leak' }, { id: '1' }).text('description')
  // As what an element of the page is labelled with has a class of its own.
  const labels = new (class {
    readonly id = 'ivan'
    readonly link = undefined
  })()
  description.insertEmbed(0, { mention: labels })
  description.applyDelta([{ retain: 1 }, { insert: { mention: labels }, attributes: { size: labels } }])
  // As it is copied from a page: sent with the link it would be refused, and all that is unsent of the text with it.
  description.insert(2, 'here', { link: ' javascript:void(0)', bold: true })
  description.format(2, 4, { href: ['javascript:void(0)'] })
  await office.quiet()
  const mention = { mention: { id: 'ivan' } }
  const delta = [
    { insert: mention },
    { insert: mention, attributes: { size: { id: 'ivan' } } },
    { insert: 'here', attributes: { bold: true } },
  ]
  const { durable } = office.server.room('ticket:1')
  expect([description.toDelta(), durable.getText('description').toDelta()]).toStrictEqual([delta, delta])
  await office.close()
})
