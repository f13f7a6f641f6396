import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { bool, createClock, defineRecord, integer, list, openRecord, text, time } from '../../shared/index.ts'
import { RoomServer } from '../room/room-server.ts'
import { Ticket } from '../room/ticket.ts'
import { DirectPeer, person, recordUpdates, writerOn } from './guarded-room.ts'

const ROOM = 'ticket:1'
let server: RoomServer

beforeEach(async () => {
  server = new RoomServer([Ticket])
  await server.start()
})

afterEach(async () => {
  expect(server.alarms).toBe(0)
  expect(server.errors).toEqual([])
  await server.close()
})

const join = async (user: string, ...roles: string[]): Promise<DirectPeer> => {
  const peer = await new DirectPeer(person(user, ...roles)).join(server, ROOM)
  await server.settled()
  return peer
}

const serverDoc = (): Y.Doc => server.rooms.get(ROOM)?.guarded?.doc ?? new Y.Doc()
const reopened = (doc: Y.Doc) => openRecord(Ticket, doc, { author: 'nobody' })

describe('honest work is never punished', () => {
  it('two tabs of one person, of which the second is faster', async () => {
    const [first, second] = [await join('ana'), await join('ana')]
    const tabs = [first, second].map(({ doc, membership }) => {
      doc.clientID = membership?.info.clientId ?? 0
      return openRecord(Ticket, doc, { author: 'ana' })
    })
    const early = recordUpdates(first.doc, () => tabs[0]?.set({ title: 'Boiler leaks' }))
    // The tabs tell each other; the second goes on from there, and its socket is the faster one.
    for (const update of early) Y.applyUpdate(second.doc, update)
    const late = recordUpdates(second.doc, () => tabs[1]?.set({ status: 'in_progress' }))
    for (const update of late) second.update(update)
    await server.settled()
    expect(second.pendingCount).toBe(1)
    // The room has asked for what it lacks, and not for the first time.
    expect(second.messages.filter(({ kind }) => kind === 'syncStep1')).toHaveLength(2)
    second.step2(Y.encodeStateAsUpdate(second.doc))
    for (const update of early) first.update(update)
    await server.settled()
    expect([...first.refused, ...second.refused]).toEqual([])
    expect(reopened(serverDoc()).view).toMatchObject({ title: 'Boiler leaks', status: 'in_progress' })
    expect(first.savedCount).toBe(first.sent)
    expect(second.savedCount).toBe(second.sent)
  })

  it('bold that three people make at once, and the tidying that Yjs does of it on every device', async () => {
    const peers = [await join('ana'), await join('ben'), await join('eva', 'reader')]
    const [ana, ben] = peers.map(peer => writerOn(peer, Ticket))
    ana?.set({ title: 'Boiler leaks' })
    ana?.text('description').insert(0, 'one two three four five')
    await server.settled()
    for (let round = 0; round < 20; round++) {
      ana?.text('description').format(round % 7, 9, { bold: round % 2 === 0 ? true : null })
      ben?.text('description').format((round * 3) % 11, 6, { bold: true })
      ben?.text('description').format(4, 3, { bold: null, italic: true })
      await server.settled()
    }
    expect(peers.flatMap(peer => peer.refused)).toEqual([])
    expect(peers.map(({ closed }) => closed)).toEqual([null, null, null])
    const delta = serverDoc().getText('description').toDelta()
    for (const { doc } of peers) expect(doc.getText('description').toDelta()).toEqual(delta)
  })

  it('formats that only the server finds to say nothing are tidied for who wrote last, too', async () => {
    const [ana, ben] = [await join('ana'), await join('ben')]
    const record = writerOn(ana, Ticket)
    record.set({ title: 'Boiler leaks' })
    record.text('description').insert(0, 'one two three four five')
    await server.settled()
    ben.doc.clientID = ben.membership?.info.clientId ?? 0
    for (let round = 0; round < 40; round++) {
      const sentLater: Uint8Array[] = []
      const note = (update: Uint8Array, _: unknown, __: Y.Doc, { local }: Y.Transaction): void => {
        if (local) sentLater.push(update)
      }
      ben.doc.on('update', note)
      const bold = round % 3 === 0 ? null : true
      ben.doc.getText('description').format((round * 5) % 13, 1 + (round % 7), { bold })
      record.text('description').format((round * 3) % 11, 1 + (round % 5), { bold: true })
      await server.settled()
      for (const update of sentLater) ben.update(update)
      await server.settled()
      ben.doc.off('update', note)
    }
    expect(ben.refused).toEqual([])
    for (const { doc } of [ana, ben]) expect(liveFormats(doc)).toBe(liveFormats(serverDoc()))
  })

  it('reopened, edited and closed again off line', async () => {
    const ana = await join('ana')
    writerOn(ana, Ticket).set({ title: 'Boiler leaks', status: 'closed' })
    await server.settled()
    const tablet = await join('ben')
    tablet.doc.clientID = tablet.membership?.info.clientId ?? 0
    const record = openRecord(Ticket, tablet.doc, {
      author: 'ben',
      clock: createClock(),
      savedClock: () => 0,
    })
    record.set({ status: 'open' })
    record.set({ title: 'Boiler leaks again' })
    record.set({ status: 'closed' })
    tablet.step2(Y.encodeStateAsUpdate(tablet.doc))
    await server.settled()
    expect(tablet.refused).toEqual([])
    expect(reopened(serverDoc()).view).toMatchObject({ title: 'Boiler leaks again', status: 'closed' })
    expect(reopened(serverDoc()).conflicts).toEqual([])
  })

  it('is judged live as it is after a day off line: what follows the closing is refused', async () => {
    const ana = await join('ana')
    const record = writerOn(ana, Ticket)
    record.set({ title: 'Boiler leaks', status: 'closed' })
    record.set({ title: 'too late' })
    await server.settled()
    expect(ana.refused).toMatchObject([{ code: 'NOT_PERMITTED', paths: ['title'] }])
  })

  it('thirty refused cells of one day off line: told once, by path, and the next device is heard', async () => {
    const ana = await join('ana')
    writerOn(ana, Ticket).set({ title: 'Boiler leaks' })
    await server.settled()
    const tablet = await join('ben')
    tablet.doc.clientID = tablet.membership?.info.clientId ?? 0
    const record = openRecord(Ticket, tablet.doc, { author: 'ben' })
    for (let i = 0; i < 30; i++) record.list('steps').add({ label: `step ${i}` })
    record.set({ quote: 5 })
    tablet.step2(Y.encodeStateAsUpdate(tablet.doc))
    await server.settled()
    expect(tablet.refused).toMatchObject([{ paths: ['quote'] }])
    expect(tablet.closed).toBeNull()
    const again = await join('ben')
    writerOn(again, Ticket).set({ status: 'done' })
    await server.settled()
    expect(again.refused).toEqual([])
  })

  it('a clock a day ahead: refused with a code of its own, so that the device can put it right', async () => {
    const ana = await join('ana')
    ana.doc.clientID = ana.membership?.info.clientId ?? 0
    const clock = createClock({ wall: () => Date.now() + 86_400_000, monotonic: () => performance.now() })
    const updates = recordUpdates(ana.doc, () =>
      openRecord(Ticket, ana.doc, { author: 'ana', clock }).set({ title: 'x' }),
    )
    for (const update of updates) ana.update(update)
    await server.settled()
    expect(ana.refused.map(({ code }) => code)).toEqual(['CLOCK_AHEAD'])
    expect(ana.closed).toBeNull()
  })

  it('is told of its clock alone where something else is wrong too, since that is told when it comes again', async () => {
    const ana = await join('ana')
    writerOn(ana, Ticket).set({ title: 'Boiler leaks' })
    await server.settled()
    const ben = await join('ben')
    ben.doc.clientID = ben.membership?.info.clientId ?? 0
    const before = Y.encodeStateVector(ben.doc)
    openRecord(Ticket, ben.doc, { author: 'ben' }).set({ quote: 5 })
    const clock = createClock({ wall: () => Date.now() + 86_400_000, monotonic: () => performance.now() })
    openRecord(Ticket, ben.doc, { author: 'ben', clock }).set({ title: 'Dry' })
    ben.update(Y.encodeStateAsUpdate(ben.doc, before))
    await server.settled()
    expect(ben.refused).toMatchObject([{ code: 'CLOCK_AHEAD', paths: ['title'] }])
  })

  it('a release of a claim with others waiting: retired, told, and not brought back', async () => {
    const [ana, ben, eva] = [await join('ana'), await join('ben'), await join('eva')]
    const [a, b, e] = [writerOn(ana, Ticket), writerOn(ben, Ticket), writerOn(eva, Ticket)]
    a.set({ title: 'Boiler leaks' })
    await server.settled()
    a.set({ claimedBy: 'ana' })
    b.set({ claimedBy: 'ben' })
    await server.settled()
    expect(e.view.claimedBy).toBe('ana')
    expect(b.field('claimedBy').tentative).toBe(false)
    a.set({ claimedBy: null })
    await server.settled()
    expect([a, b, e].map(record => record.view.claimedBy)).toEqual([null, null, null])
    const lost = server.turns.flatMap(turn => turn.lost)
    expect(lost.map(({ why, cell }) => [why, cell.author])).toEqual([
      ['outranked', 'ben'],
      ['retired', 'ben'],
    ])
    b.set({ claimedBy: 'ben' })
    await server.settled()
    expect(e.view.claimedBy).toBe('ben')
  })

  it('text that was written and deleted in one message, told once more within the same turn', async () => {
    const ana = await join('ana')
    const record = writerOn(ana, Ticket)
    record.set({ title: 'Boiler leaks' })
    await server.settled()
    const [known, sent] = [Y.encodeStateVector(ana.doc), ana.sent]
    const doc = new Y.Doc({ gc: false })
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(ana.doc))
    doc.clientID = ana.doc.clientID
    doc.getText('description').insert(0, 'It drips.')
    doc.getText('description').delete(0, 3)
    const update = Y.encodeStateAsUpdate(doc, known)
    ana.update(update)
    ana.step2(update)
    await server.settled()
    expect(serverDoc().getText('description').toJSON()).toBe('drips.')
    expect([ana.refused, ana.savedCount]).toEqual([[], sent + 2])
  })

  it('a text typed where nobody has made a record is refused, and not kept where no screen shows it', async () => {
    const ana = await join('ana')
    writerOn(ana, Ticket).text('description').insert(0, 'drips')
    await server.settled()
    expect(ana.refused).toMatchObject([{ code: 'REQUIRED' }])
    expect(serverDoc().getText('description').length).toBe(0)
    const ben = await join('ben')
    const record = writerOn(ben, Ticket)
    ben.doc.transact(() => {
      record.text('description').insert(0, 'drips')
      record.set({ title: 'Boiler leaks' })
    })
    await server.settled()
    expect(ben.refused).toEqual([])
    expect(reopened(serverDoc()).view).toMatchObject({ title: 'Boiler leaks' })
    expect(serverDoc().getText('description').length).toBe(5)
  })

  it('a sheet of two hundred lines at once, which is not summed up for each of their parts', async () => {
    let sums = 0
    const Sheet = defineRecord('sheet', {
      fields: { isClosed: bool().default(false), lines: list({ amount: integer(), price: integer() }) },
      derive: {
        total: t => {
          sums++
          return t.lines.reduce((sum, { amount }) => sum + (amount ?? 0), 0)
        },
      },
      access: { write: { '*': ({ t, path }) => path === 'isClosed' || !t.isClosed || 'it is closed' } },
    })
    const office = new RoomServer([Sheet])
    await office.start()
    const ana = await new DirectPeer(person('ana')).join(office, 'sheet:1')
    await office.settled()
    const sheet = writerOn(ana, Sheet)
    sheet.set({ isClosed: false })
    await office.settled()
    sums = 0
    ana.doc.transact(() => {
      for (let amount = 1; amount <= 200; amount++) sheet.list('lines').add({ amount, price: 1 })
    })
    await office.settled()
    expect(ana.refused).toEqual([])
    expect(office.rooms.get('sheet:1')?.guarded?.record.view).toMatchObject({ total: 20_100 })
    expect(sums).toBeLessThan(5)
    // What stands before in the same message is seen by the rule all the same.
    ana.doc.transact(() => {
      sheet.set({ isClosed: true })
      sheet.list('lines').add({ amount: 1 })
    })
    await office.settled()
    expect(ana.refused).toMatchObject([{ code: 'NOT_PERMITTED' }])
    await office.close()
  })

  it('that has become allowed by the time of day, of a record that nobody has touched since', async () => {
    const Sale = defineRecord('sale', {
      fields: { opensAt: time(), buyer: text.line() },
      derive: { isOpen: (t, now) => (t.opensAt ?? 0) <= now },
      access: { write: { buyer: ({ t }) => t.isOpen || 'it is not open yet' } },
    })
    const office = new RoomServer([Sale])
    await office.start()
    const ana = await new DirectPeer(person('ana')).join(office, 'sale:1')
    await office.settled()
    const sale = writerOn(ana, Sale)
    const opensAt = Date.now() + 300
    sale.set({ opensAt })
    await office.settled()
    while (Date.now() < opensAt) await new Promise(resolve => setTimeout(resolve, 20))
    sale.set({ buyer: 'ana' })
    await office.settled()
    expect(ana.refused).toEqual([])
    await office.close()
  })
})

const liveFormats = (doc: Y.Doc): number => {
  let count = 0
  for (let item = doc.getText('description')._start; item !== null; item = item.right)
    if (!item.deleted && item.content instanceof Y.ContentFormat) count++
  return count
}
