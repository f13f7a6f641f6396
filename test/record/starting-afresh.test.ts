// A record is folded while a tablet is away: its client ids are spent, and what it has not sent goes back once.

import * as Y from 'yjs'
import { describe, expect, it } from 'vitest'
import { defineRecord } from '../../shared/record/define-record.ts'
import { fold } from '../../shared/record/fold.ts'
import { Journal } from '../../shared/record/journal.ts'
import { collectUnsent, putBack, type PutBackOptions, type Unsent } from '../../shared/record/rebase.ts'
import { cellsAt, exchange, openOn, send, Server, Ticket, Time, ticketOf, untyped } from './replicas.ts'

const MINUTE = 60_000

/** A tablet whose journal remembers what it wrote and did not see saved. */
const tabletOf = (author: string, time: Time) => {
  const doc = new Y.Doc()
  const journal = new Journal(Ticket, doc)
  journal.start()
  return { record: ticketOf(author, { time, doc, journal }), doc, journal }
}
type Tablet = ReturnType<typeof tabletOf>

const setUp = () => {
  const time = new Time()
  const server = new Server()
  const tablet = tabletOf('ana', time)
  const office = ticketOf('boris', { time })
  office.set({ title: 'Leak', status: 'open' })
  office.counter('partsUsed').add(100)
  office.text('description').insert(0, 'Water in the cellar.')
  server.commit(office)
  exchange(server, tablet, office)
  return { time, server, tablet, office }
}

/** What the server tells when it is asked: the first clock it does not hold of each client id. */
const heldBy = (server: { doc: Y.Doc }, ...docs: readonly Y.Doc[]): Map<number, number> =>
  new Map(docs.map(doc => [doc.clientID, Y.getState(server.doc.store, doc.clientID)]))

const saved = (tablet: Tablet, server: { doc: Y.Doc }): void => {
  tablet.journal.savedCells(tablet.doc.clientID, Y.getState(server.doc.store, tablet.doc.clientID))
  tablet.journal.savedTexts()
}

let nextId = 1000
const folded = (server: { doc: Y.Doc }): Y.Doc => fold(Ticket, server.doc, () => nextId++)

/** Takes the new epoch's state under a new client id and puts back what was not sent. */
const startAfresh = (from: Y.Doc, unsent: Unsent, time: Time, options?: PutBackOptions) => {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(from))
  const record = ticketOf('ana', { time, doc })
  return { record, doc, ...putBack(untyped(record), unsent, options) }
}

describe('a record folded while a tablet was away', () => {
  it('reads as before, under one client id', () => {
    const { server, tablet, office } = setUp()
    office.list('times').add({ start: 1, note: 'x' })
    office.union('tags').add('wet')
    server.commit(office)
    const doc = folded(server)
    expect(Y.decodeStateVector(Y.encodeStateVector(doc)).size).toBe(1)
    const { view } = ticketOf('reader', { doc })
    const before = ticketOf('reader', { doc: server.doc }).view
    expect(view).toEqual(before)
    expect(tablet.record.view.title).toBe('Leak')
  })

  it('is not removed again when one device removed it and restored it, with its clock set back between', () => {
    const { server, office } = setUp()
    const cells = server.doc.getArray('cells')
    const stamp = cellsAt(office, 'title')[0]?.stamp ?? 0
    server.doc.clientID = 77
    for (const [value, after] of [
      [{ seen: {} }, MINUTE],
      [null, 1],
    ])
      cells.push([['', value, stamp + Number(after) * 1024, 'boris']])
    expect(ticketOf('reader', { doc: server.doc }).view.removed).toBe(false)
    expect(ticketOf('reader', { doc: folded(server) }).view.removed).toBe(false)
  })

  it('is not removed again when two devices of one person removed and restored it at the same moment', () => {
    const { server, office } = setUp()
    const stamp = cellsAt(office, 'title')[0]?.stamp ?? 0
    for (const [client, value] of [
      [77, { seen: {} }],
      [78, null],
    ] as const) {
      const device = new Y.Doc()
      device.clientID = client
      device.getArray('cells').push([['', value, stamp + 1024, 'boris']])
      Y.applyUpdate(server.doc, Y.encodeStateAsUpdate(device))
    }
    expect(ticketOf('reader', { doc: server.doc }).view.removed).toBe(false)
    // Whichever id comes first.
    let up = 2000
    let down = 4000
    for (const newClientId of [() => up++, () => down--]) {
      const doc = fold(Ticket, server.doc, newClientId)
      expect(ticketOf('reader', { doc }).view.removed).toBe(false)
    }
  })

  it('keeps what fields hold that the server’s types have no more, or not yet', () => {
    const { server } = setUp()
    const { description: _, title: __, ...fields } = Ticket.fields
    const known = new Y.Doc()
    Y.applyUpdate(known, Y.encodeStateAsUpdate(server.doc))
    const doc = fold(defineRecord('ticket', { fields }), known, () => nextId++)
    const { title, description } = ticketOf('reader', { doc: server.doc }).view
    expect([title, description]).toEqual([expect.stringMatching(/./), expect.stringMatching(/./)])
    expect(ticketOf('reader', { doc }).view).toMatchObject({ title, description })
  })

  it('gets the cells, counter and text that had not been sent, once, with their stamps', () => {
    const { time, server, tablet, office } = setUp()
    tablet.record.set({ status: 'in_progress' })
    tablet.record.counter('partsUsed').add(3)
    tablet.record.counter('partsUsed').add(4)
    tablet.record.text('description').insert(0, 'Urgent: ')
    tablet.record.list('times').add({ start: 5 }, { id: 'mon' })
    time.pass(MINUTE)
    office.counter('partsUsed').add(50)
    office.text('description').insert(20, ' And mud.')
    server.commit(office)
    const stamp = cellsAt(tablet.record, 'status').at(-1)?.stamp
    const unsent = collectUnsent(Ticket, tablet.doc, heldBy(server, tablet.doc), tablet.journal)
    const { record, unplaced } = startAfresh(folded(server), unsent, time)
    expect(unplaced).toEqual([])
    expect(record.view).toMatchObject({
      status: 'in_progress',
      partsUsed: 157,
      description: 'Urgent: Water in the cellar. And mud.',
      times: [{ id: 'mon', start: 5, by: 'ana' }],
    })
    // It replaced what its writer was shown then, which the fold had rewritten.
    expect(record.conflicts).toEqual([])
    expect(cellsAt(record, 'status')).toMatchObject([{ stamp, author: 'ana' }])
  })

  it('gets nothing twice that had been committed, when only the acknowledgement was lost', () => {
    const { time, server, tablet, office } = setUp()
    tablet.record.set({ status: 'in_progress' })
    tablet.record.counter('partsUsed').add(3)
    tablet.record.text('description').insert(0, 'Urgent: ')
    server.commit(tablet)
    office.counter('partsUsed').add(1)
    server.commit(office)
    const unsent = collectUnsent(Ticket, tablet.doc, heldBy(server, tablet.doc), tablet.journal)
    expect(unsent.cells).toEqual([])
    const { record } = startAfresh(folded(server), unsent, time)
    expect(record.view).toMatchObject({ partsUsed: 104, description: 'Urgent: Water in the cellar.' })
    expect(record.conflicts).toEqual([])
  })

  it('gets of a counter only what was added after the last that was committed', () => {
    const { time, server, tablet } = setUp()
    tablet.record.counter('partsUsed').add(3)
    server.commit(tablet)
    tablet.record.counter('partsUsed').add(4)
    const unsent = collectUnsent(Ticket, tablet.doc, heldBy(server, tablet.doc), tablet.journal)
    expect(startAfresh(folded(server), unsent, time).record.view.partsUsed).toBe(107)
    // The same when the acknowledgement of the first had come.
    saved(tablet, server)
    const again = collectUnsent(Ticket, tablet.doc, heldBy(server, tablet.doc), tablet.journal)
    expect(startAfresh(folded(server), again, time).record.view.partsUsed).toBe(107)
  })

  it('gets each edit once when two tabs hold them all', () => {
    const { time, server, tablet } = setUp()
    const tab = tabletOf('ana', time)
    send(server, tab)
    tablet.record.set({ status: 'waiting' })
    tablet.record.counter('partsUsed').add(3)
    tab.record.counter('partsUsed').add(5)
    tab.record.log('scans').add({ item: 'bolt' }, { id: 's1' })
    tablet.record.text('description').insert(0, 'Urgent: ')
    exchange(tablet, tab)
    const held = heldBy(server, tablet.doc, tab.doc)
    const journal = new Journal(Ticket, tablet.doc, {
      entries: [...tablet.journal.state.entries, ...tab.journal.state.entries],
      texts: tablet.journal.state.texts,
    })
    const { record } = startAfresh(folded(server), collectUnsent(Ticket, tablet.doc, held, journal), time)
    expect(record.view).toMatchObject({
      status: 'waiting',
      partsUsed: 108,
      description: 'Urgent: Water in the cellar.',
      scans: [{ id: 's1', item: 'bolt' }],
    })
  })

  it('is told of what was typed and taken out again by the letters, and by little more', () => {
    const { tablet } = setUp()
    const text = tablet.record.text('description')
    const typos = 'abcdefghijklmnopqrstuvwxyz'.repeat(4)
    for (const letter of typos) {
      text.insert(text.length, letter)
      text.delete(text.length - 1, 1)
    }
    text.insert(0, typos)
    for (let i = typos.length; i > 0; i--) text.delete(i - 1, 1)
    const note = tablet.journal.textNote('description')
    expect([note?.base.length, note?.letters?.length]).toEqual([1, 3])
    expect(JSON.stringify(note?.base)).toContain(typos)
    // The server has taken the first three, and not that they were taken out again.
    const held = new Map([[tablet.doc.clientID, 3]])
    const { texts } = collectUnsent(Ticket, tablet.doc, held, tablet.journal)
    expect(texts[0]?.base.map(({ insert }) => insert).join('')).toBe('Water in the cellar.abc')
  })

  it('keeps an unseen edit as a conflict with what was put back', () => {
    const { time, server, tablet, office } = setUp()
    tablet.record.set({ title: 'Leak in the cellar' })
    time.pass(MINUTE)
    office.set({ title: 'Burst pipe' })
    server.commit(office)
    const unsent = collectUnsent(Ticket, tablet.doc, heldBy(server, tablet.doc), tablet.journal)
    const { record } = startAfresh(folded(server), unsent, time)
    expect(record.view.title).toBe('Burst pipe')
    expect(record.field('title').conflict.map(({ value, by }) => [value, by])).toEqual([
      ['Leak in the cellar', 'ana'],
    ])
  })

  it('an entry added and removed off line stays removed', () => {
    const { time, server, tablet } = setUp()
    const id = tablet.record.list('times').add({ start: 1 })
    tablet.record.list('times').remove(id)
    const unsent = collectUnsent(Ticket, tablet.doc, heldBy(server, tablet.doc), tablet.journal)
    const { record } = startAfresh(folded(server), unsent, time)
    expect(record.view.times).toEqual([])
    expect(record.conflicts).toEqual([])
  })

  it('an entry removed off line is removed, and shows what others wrote to it meanwhile', () => {
    const { time, server, tablet, office } = setUp()
    office.list('times').add({ start: 1, note: 'seen' }, { id: 'mon' })
    office.list('times').add({ start: 2, note: 'seen' }, { id: 'tue' })
    server.commit(office)
    send(server, tablet)
    tablet.record.list('times').remove('mon')
    tablet.record.list('times').remove('tue')
    office.list('times').set('tue', { note: 'not seen' })
    server.commit(office)
    const unsent = collectUnsent(Ticket, tablet.doc, heldBy(server, tablet.doc), tablet.journal)
    const { record } = startAfresh(folded(server), unsent, time)
    expect(record.view.times).toEqual([])
    expect(record.conflicts).toMatchObject([
      { path: 'times/tue', values: [{ value: 'not seen', by: 'boris' }] },
    ])
    expect(record.conflicts).toHaveLength(1)
  })

  it('a removal of the record that others had changed meanwhile is left to a person', () => {
    const { time, server, tablet, office } = setUp()
    tablet.record.remove()
    office.set({ status: 'done' })
    server.commit(office)
    const unsent = collectUnsent(Ticket, tablet.doc, heldBy(server, tablet.doc), tablet.journal)
    const { record, unplaced } = startAfresh(folded(server), unsent, time)
    expect(record.view.removed).toBe(false)
    expect(unplaced).toMatchObject([
      { content: { cell: { path: '' } }, why: expect.stringContaining('others have changed') },
    ])
  })

  it('stamps from a clock that ran ahead are given anew', () => {
    const { time, server, tablet } = setUp()
    const ahead = tabletOf('ana', time)
    send(server, ahead)
    const record = openOn(Ticket, 'ana', {
      time,
      offsetMs: 86_400_000,
      doc: ahead.doc,
      journal: ahead.journal,
    })
    record.set({ status: 'waiting' })
    const stampMax = (time.ms + MINUTE) * 1024
    const unsent = collectUnsent(Ticket, ahead.doc, heldBy(server, ahead.doc), ahead.journal)
    expect(unsent.cells.at(-1)?.stamp).toBeGreaterThan(stampMax)
    const { record: again } = startAfresh(folded(server), unsent, time, { stampMax })
    expect(again.view.status).toBe('waiting')
    expect(cellsAt(again, 'status').at(-1)?.stamp).toBeLessThanOrEqual(stampMax)
    expect(tablet.record.view.status).toBe('open')
  })

  it('what was written before the first fold survives a second before it was sent', () => {
    const { time, server, tablet } = setUp()
    tablet.record.counter('partsUsed').add(3)
    tablet.record.set({ status: 'waiting' })
    const unsent = collectUnsent(Ticket, tablet.doc, heldBy(server, tablet.doc), tablet.journal)
    const first = startAfresh(folded(server), unsent, time)
    const journal = new Journal(Ticket, first.doc)
    journal.note(first.written)
    const again = collectUnsent(Ticket, first.doc, heldBy(server, first.doc), journal)
    const second = startAfresh(folded(server), again, time)
    expect(second.record.view).toMatchObject({ partsUsed: 103, status: 'waiting' })
    expect(second.record.conflicts).toEqual([])
  })

  it('a log entry that the server has refused a double of is there once', () => {
    const { time, server, tablet } = setUp()
    tablet.record.log('scans').add({ item: 'bolt' }, { id: 's1' })
    const unsent = collectUnsent(Ticket, tablet.doc, heldBy(server, tablet.doc), tablet.journal)
    server.commit(tablet)
    const { record } = startAfresh(folded(server), unsent, time)
    expect(cellsAt(record, 'scans/s1')).toHaveLength(1)
  })
})

describe('a removed record, folded', () => {
  it('shows nothing as «edited while removed» that was seen', () => {
    const { server, tablet, office } = setUp()
    office.list('times').add({ start: 1 }, { id: 'mon' })
    office.list('times').add({ start: 2 }, { id: 'tue' })
    office.list('lines').add({ name: 'bolts' }, { id: 'l1' })
    office.list('lines').counter('l1', 'used').add(2)
    office.list('lines').remove('l1')
    office.list('times').remove('mon')
    office.set({ claimedBy: 'boris' })
    server.commit(office)
    exchange(server, office, tablet)
    tablet.record.counter('partsUsed').add(1)
    tablet.record.remove()
    server.commit(tablet)
    const doc = folded(server)
    const record = ticketOf('reader', { doc })
    expect(record.view.removed).toBe(true)
    expect(record.conflicts).toEqual([])
    record.restore()
    expect(record.view).toMatchObject({ removed: false, partsUsed: 101, claimedBy: 'boris' })
    expect(record.view.times.map(({ id }) => id)).toEqual(['tue'])
    expect(record.conflicts).toEqual([])
  })

  it('goes on showing what was not', () => {
    const { server, tablet, office } = setUp()
    tablet.record.remove()
    office.set({ status: 'done' })
    office.text('description').insert(0, 'Still ')
    server.commit(tablet, office)
    const record = ticketOf('reader', { doc: folded(server) })
    expect(record.conflicts).toMatchObject([
      { path: '', values: [{ value: 'done', by: 'boris' }], texts: ['description'] },
    ])
  })

  it('keeps an entry removed of which a counter had been seen, and shows what was counted unseen', () => {
    const { server, tablet, office } = setUp()
    office.list('lines').add({ name: 'bolts' }, { id: 'l1' })
    office.list('lines').counter('l1', 'used').add(2)
    server.commit(office)
    exchange(server, office, tablet)
    tablet.record.list('lines').remove('l1')
    server.commit(tablet)
    expect(ticketOf('reader', { doc: folded(server) }).conflicts).toEqual([])
    office.list('lines').counter('l1', 'used').add(5)
    server.commit(office)
    const record = ticketOf('reader', { doc: folded(server) })
    expect(record.conflicts).toMatchObject([{ path: 'lines/l1', values: [{ value: 7, by: 'boris' }] }])
  })
})

describe('a fold', () => {
  it('keeps who holds what, who came second, and who was first', () => {
    const time = new Time()
    const server = new Server()
    const [ana, boris] = [ticketOf('ana', { time, roles: [] }), ticketOf('boris', { time, roles: [] })]
    ana.set({ claimedBy: 'ana' })
    boris.set({ claimedBy: 'boris' })
    server.commit(ana)
    server.commit(boris)
    const record = ticketOf('reader', { doc: folded(server) })
    expect(record.field('claimedBy')).toMatchObject({ value: 'ana', by: 'ana', tentative: false })
    expect(record.field('claimedBy').conflict.map(({ by }) => by)).toEqual(['boris'])
    expect(record.view.createdBy).toBe('ana')
  })

  it('takes as many client ids as the most contested field has values', () => {
    const server = new Server()
    const all = Array.from({ length: 30 }, (_, i) => ticketOf(`user${i}`))
    for (const [i, record] of all.entries()) {
      record.counter('partsUsed').add(1)
      if (i < 3) record.set({ title: `title ${i}` })
      send(record, server)
    }
    const doc = folded(server)
    const clients = Y.decodeStateVector(Y.encodeStateVector(doc)).size
    expect(clients).toBeLessThanOrEqual(30)
    expect(ticketOf('reader', { doc }).field('title').conflict).toHaveLength(2)
    expect(ticketOf('reader', { doc }).view.partsUsed).toBe(30)
  })

  it('keeps formats, embeds and cells of fields that this version does not know', () => {
    const server = new Server()
    const ana = ticketOf('ana')
    ana.text('description').applyDelta([{ insert: 'bold', attributes: { bold: true } }, { insert: ' plain' }])
    ana.doc.getArray('cells').push([['of/the/future', { deep: [1] }, 5, 'ana']])
    server.commit(ana)
    const doc = folded(server)
    expect(doc.getText('description').toDelta()).toEqual(ana.doc.getText('description').toDelta())
    expect(cellsAt(ticketOf('reader', { doc }), 'of/the/future')).toMatchObject([
      { value: { deep: [1] }, author: 'ana' },
    ])
  })
})
