import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { noticeIn } from '../../shared/types/notice-sentences.ts'
import { Availability, availabilityId } from '../../shared/types/scheduling.ts'
import { Ticket } from '../../shared/types/ticket.ts'
import { Shipment } from '../../shared/types/ticketing.ts'
import { pruneHistory } from '../../server/inbox/inbox-history.ts'
import { until } from '../wire/wire-server.ts'
import { dispatcher, InboxHouse, type Who } from './inbox-house.ts'

const ten: readonly Who[] = Array.from({ length: 10 }, (_, i) => ({
  id: `tech-${i}`,
  name: `Tech ${i}`,
  roles: ['technician'],
}))
const ana: Who = { id: 'ana', name: 'Ana', roles: ['technician'] }
const bo: Who = { id: 'bo', name: 'Bo', roles: ['technician'] }
const guest: Who = { id: 'gus', name: 'Gus', roles: ['customer'], claims: { sites: ['site:1'] } }

let house: InboxHouse

beforeEach(async () => {
  house = await InboxHouse.open()
})

afterEach(async () => {
  await house.close()
})

describe('a burst', () => {
  it('of four tickets is one line for each of ten people, and opens into the four', async () => {
    const inboxes = await Promise.all(ten.map(who => house.inbox(who)))
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
      expect(line?.parts.map(({ sentence }) => sentence)).toContain('New ticket: «Pump 3»')
    }
    expect(house.log).toEqual([])
  })

  it('of comments on one ticket is a line that opens the ticket', async () => {
    const inbox = await house.inbox(ana)
    const ticket = await house.createTicket('t1', 'Pump')
    inbox.read((await firstOf(inbox)).id)
    await house.settled()
    for (const body of ['One', 'Two', 'Three']) ticket.record.list('comments').add({ body })
    await inbox.shows(({ unread }) => unread === 3, 'three comments')
    expect(inbox.items[0]).toMatchObject({
      sentence: '3 new comments: Pump',
      room: 'ticket:t1',
      name: 'Dora',
    })
  })

  it('goes on in a new line once the first was read', async () => {
    const inbox = await house.inbox(ana)
    await house.createTicket('t1', 'Pump 1')
    await inbox.shows(({ unread }) => unread === 1, 'the first')
    inbox.read((await firstOf(inbox)).id)
    await house.settled()
    await house.createTicket('t2', 'Pump 2')
    await inbox.shows(({ unread }) => unread === 1, 'the second')
    expect(inbox.sentences).toEqual(['New ticket: «Pump 2»', 'New ticket: «Pump 1»'])
  })
})

describe('a sandbox', () => {
  it('is news to those who are in it, and to nobody else; and they hear of nothing outside', async () => {
    const inside: Who = { ...bo, claims: { sandbox: 'lab' } }
    const trier: Who = { id: 'tess', name: 'Tess', roles: ['dispatcher'], claims: { sandbox: 'lab' } }
    const outside = await house.inbox(ana)
    const beside = await house.inbox(inside)
    await house.meet(trier)
    await house.createTicket('t1', 'Tried out', trier)
    await beside.shows(({ unread }) => unread === 1, 'what is tried out')
    await house.createTicket('t2', 'In earnest')
    await outside.shows(({ unread }) => unread === 1, 'what is in earnest')
    expect(outside.sentences).toEqual(['New ticket: «In earnest»'])
    expect(beside.sentences).toEqual(['New ticket: «Tried out»'])
  })
})

describe('on two devices', () => {
  it('read on one is read on the other, also when one was off line', async () => {
    const phone = await house.inbox(ana)
    const tablet = await house.inbox(ana)
    for (const n of [1, 2]) await house.createTicket(`t${n}`, `Pump ${n}`)
    for (const inbox of [phone, tablet]) await inbox.shows(({ unread }) => unread === 2, 'a badge of 2')

    phone.read((await firstOf(phone)).id)
    await tablet.shows(({ unread }) => unread === 0, 'what was read on the phone')

    tablet.device.disconnect()
    const ticket = await house.createTicket('t3', 'Pump 3')
    await phone.shows(({ unread }) => unread === 1, 'a third')
    phone.read((await firstOf(phone)).id)
    ticket.record.set({ status: 'in_progress' })
    await phone.shows(({ unread }) => unread === 1, 'a changed status')
    await house.settled()
    await tablet.device.connect()
    await tablet.shows(({ items, unread }) => items.length === 3 && unread === 1, 'the same as the phone')
    expect(tablet.items).toEqual(phone.items)
  })

  it('marks made off line on both come together', async () => {
    const phone = await house.inbox(ana)
    const tablet = await house.inbox(ana)
    const ticket = await house.createTicket('t1', 'Pump')
    ticket.record.set({ status: 'in_progress' })
    ticket.record.list('comments').add({ body: 'Coming' })
    for (const inbox of [phone, tablet]) await inbox.shows(({ unread }) => unread === 3, 'three lines')
    phone.device.disconnect()
    tablet.device.disconnect()
    const [a, b, c] = phone.items
    phone.read(a?.id ?? '')
    tablet.read(b?.id ?? '')
    tablet.clear(c?.id ?? '')
    await phone.device.connect()
    await tablet.device.connect()
    for (const inbox of [phone, tablet]) {
      await inbox.shows(({ unread, items }) => unread === 0 && items.length === 2, 'all marks')
    }
  })

  it('cleared never returns: not on a reload, not on a device that comes back with it, not after a restart', async () => {
    const phone = await house.inbox(ana)
    const tablet = await house.inbox(ana)
    await house.createTicket('t1', 'Pump')
    for (const inbox of [phone, tablet]) await inbox.shows(({ unread }) => unread === 1, 'a badge of 1')
    tablet.device.disconnect()
    tablet.read((await firstOf(tablet)).id)
    phone.clear((await firstOf(phone)).id)
    await house.settled()
    expect(phone.items).toEqual([])
    await tablet.device.connect()
    await tablet.shows(({ items }) => items.length === 0, 'nothing')
    await phone.shows(({ device }) => device.record.view.entries.length === 0, 'no entry')
    phone.device.disconnect()
    tablet.device.disconnect()
    await house.stop()
    await house.start()
    const reloaded = await house.inbox(ana)
    expect(reloaded.items).toEqual([])
    expect(await historyOf(house, ana)).toEqual([
      expect.objectContaining({ sentence: 'New ticket: «Pump»', read: true, cleared: true }),
    ])
  })
})

describe('on hand', () => {
  it('are fifty lines: the fifty-first pushes the first out into the history, where it is found by words', async () => {
    const inbox = await house.inbox(ana)
    const ticket = await house.createTicket('t0', 'Ventilateur à réparer')
    for (let n = 1; n <= 50; n++) {
      await inbox.shows(({ unread }) => unread === 1, `line ${n}`)
      inbox.read((await firstOf(inbox)).id)
      await inbox.device.sent()
      ticket.record.list('comments').add({ body: `Comment ${n}` })
    }
    await inbox.shows(({ items, unread }) => items.length === 50 && unread === 1, 'fifty lines')
    expect(inbox.sentences).not.toContain('New ticket: «Ventilateur à réparer»')
    expect(inbox.sentences.at(-1)).toContain('Comment 1')
    // Neither the entry nor its mark is left in the record.
    const kept = ({ device: { record } }: typeof inbox) => [
      record.view.entries.length,
      record.view.read.length,
    ]
    await inbox.shows(one => String(kept(one)) === '50,49', 'fifty entries and what was read of them')
    await house.settled()

    const all = await historyOf(house, ana)
    expect(all).toHaveLength(50)
    const page = await (await house.get('/api/inbox/history?q=REPARER%20ticket', ana)).json()
    expect(page).toEqual({
      items: [
        expect.objectContaining({ kind: 'ticket_created', room: 'ticket:t0', read: true, cleared: false }),
      ],
      next: null,
    })
    // Also by the words in which it was said to her.
    inbox.device.record.set({ language: 'sr' })
    await house.settled()
    const found = await (await house.get('/api/inbox/history?q=novi%20nalog', ana)).json()
    expect(found.items).toEqual(page.items)
    const older = await (await house.get(`/api/inbox/history?before=${all.at(-1).id}`, ana)).json()
    expect(older.items.map(({ sentence }: { sentence: string }) => sentence)).toEqual([
      'New ticket: «Ventilateur à réparer»',
    ])
    expect(await historyOf(house, bo)).toEqual([])
  })

  it('a mark that a device brings late counts in the history', async () => {
    const inbox = await house.inbox(ana)
    const late = await house.inbox(ana)
    const ticket = await house.createTicket('t0', 'Pump')
    await late.shows(({ unread }) => unread === 1, 'the ticket')
    late.device.disconnect()
    late.read((await firstOf(late)).id)
    inbox.clear((await firstOf(inbox)).id)
    await house.settled()
    await late.device.connect()
    await house.settled()
    ticket.record.list('comments').add({ body: 'Coming' })
    await inbox.shows(({ unread }) => unread === 1, 'a comment')
    expect(inbox.device.record.view.read).toEqual([])
    expect((await historyOf(house, ana)).at(-1)).toMatchObject({ kind: 'ticket_created', read: true })
  })
})

describe('who is told', () => {
  it('never whoever did it, nobody who may not read it, everybody else', async () => {
    await house.meet(ana, guest, dispatcher)
    const ticket = await house.createTicket('t1', 'Pump', ana)
    const [hers, dispatchers, guests] = await Promise.all(
      [ana, dispatcher, guest].map(who => house.inbox(who)),
    )
    await dispatchers?.shows(({ unread }) => unread === 1, 'the ticket')
    expect(hers?.items).toEqual([])
    expect(guests?.items).toEqual([])
    const desk = await house.open(Ticket, 't1', dispatcher)
    desk.record.set({ site: 'site:1' })
    await house.settled()
    ticket.record.list('comments').add({ body: 'Coming' })
    await guests?.shows(({ unread }) => unread === 1, 'a comment on a ticket of their site')
    expect(hers?.items).toEqual([])
  })

  it('who is assigned, mentioned, or waits for a shipment, each in words of their own', async () => {
    await house.meet(ana, bo)
    const ticket = await house.createTicket('t1', 'Pump')
    ticket.record.set({ assignedTo: 'ana' })
    await house.settled()
    ticket.record.list('comments').add({ body: 'Can you help?', mentions: ['bo'] })
    await house.settled()
    const shipment = await house.open(Shipment, 's1', dispatcher)
    shipment.record.set({ ticket: 'ticket:t1', state: 'ordered', carrier: 'DHL' })
    shipment.record.set({ state: 'arrived' })
    await house.settled()
    const [anas, bos] = await Promise.all([house.inbox(ana), house.inbox(bo)])
    expect(anas.sentences).toEqual([
      'The parts for your ticket have arrived with DHL',
      'New comment on «Pump»: Can you help?',
      '«Pump» is assigned to you',
      'New ticket: «Pump»',
    ])
    expect(bos.sentences).toEqual(['You are mentioned on «Pump»: Can you help?', 'New ticket: «Pump»'])
  })

  it('who watches, of what has no notice of its own', async () => {
    await house.meet(ana, bo)
    const ticket = await house.createTicket('t1', 'Pump')
    ticket.record.union('watchers').add('ana')
    await house.settled()
    ticket.record.set({ equipment: 'P-7', title: 'Big pump' })
    await house.settled()
    expect((await house.inbox(ana)).sentences[0]).toBe('«Big pump» changed: equipment, title')
    const [line] = (await house.inbox(ana)).items
    expect(line).toMatchObject({ title: 'Big pump', type: 'ticket', room: 'ticket:t1', count: 1 })
    expect(line && noticeIn('sr', line)).toBe('«Big pump» je promenjeno: oprema, naslov')
    expect(line && noticeIn('fr', line)).toBe('« Big pump » a changé : équipement, titre')
    expect((await house.inbox(bo)).sentences).toEqual(['New ticket: «Pump»'])
  })

  it('who watches, of texts: when somebody sits down to them, and not of each word', async () => {
    let later = 0
    await house.close()
    house = await InboxHouse.open({ now: () => Date.now() + later })
    await house.meet(ana, bo)
    const ticket = await house.createTicket('t1', 'Pump')
    ticket.record.union('watchers').add('ana')
    const type = async (words: readonly string[], device = ticket): Promise<void> => {
      for (const word of words) {
        device.record.text('description').insert(0, word)
        await house.settled()
      }
    }
    const inbox = await house.inbox(ana)
    const told = (): number =>
      inbox.items
        .flatMap(item => (item.parts.length > 0 ? item.parts : [item]))
        .filter(({ kind }) => kind === 'watching').length
    await type(['since ', 'Monday ', 'leaks ', 'It '])
    await inbox.shows(({ sentences }) => sentences[0] === '«Pump» changed: description', 'the first sitting')
    expect(told()).toBe(1)
    // Somebody else's doing is news, and joins the line.
    await type(['!', '!'], await house.open(Ticket, 't1', bo))
    await inbox.shows(
      ({ sentences }) => sentences[0] === '2 changes on what you watch: Pump',
      'the second writer',
    )
    // A pause for a coffee goes on with the same; after a long one it is news again.
    later += 5 * 60_000
    await type(['still '])
    expect(told()).toBe(2)
    later += 15 * 60_000
    await type(['and ', 'again '])
    await inbox.shows(() => told() === 3, 'the next sitting')
    expect(told()).toBe(3)
  })

  it('whose claim came second, with who has it; whose booking did, with the next free slot', async () => {
    await house.meet(ana, bo)
    const desk = await house.createTicket('t1', 'Pump')
    const anas = await house.open(Ticket, 't1', ana)
    const bos = await house.open(Ticket, 't1', bo)
    bos.disconnect()
    bos.record.set({ claimedBy: 'bo' })
    anas.record.set({ claimedBy: 'ana' })
    await house.settled()
    await bos.connect()
    await house.settled()
    const inbox = await house.inbox(bo)
    await inbox.shows(({ items }) => items.some(({ kind }) => kind === 'claim_lost'), 'the lost claim')
    expect(inbox.items.find(({ kind }) => kind === 'claim_lost')).toMatchObject({
      level: 'warning',
      sentence: '«Pump»: Ana was first, yours does not count (claimed by)',
      room: 'ticket:t1',
    })
    expect(desk.record.view.claimedBy).toBe('ana')

    const operators: readonly Who[] = ['op-1', 'op-2'].map(id => ({ id, roles: ['operator'] }))
    const day = availabilityId('tea', '2031-03-01')
    const [first, second] = await Promise.all(operators.map(who => house.open(Availability, day, who)))
    if (first === undefined || second === undefined) throw new Error('two operators')
    first.record.set({ staff: 'tea', staffName: 'Tea', date: '2031-03-01' })
    const slot = first.record.list('slots').add({ from: 600, to: 660 })
    first.record.list('slots').add({ from: 660, to: 720 })
    await until(() => second.record.view.slots.length === 2, 'the slots on the second')
    second.disconnect()
    const client = (name: string) => ({ client: name, phone: '063 1', note: '' })
    second.record.list('slots').set(slot, { booking: client('Vera') })
    first.record.list('slots').set(slot, { booking: client('Uma') })
    await house.settled()
    await second.connect()
    await house.settled()
    const told = await house.inbox(operators[1] as Who)
    await told.shows(({ items }) => items.length > 0, 'the lost booking')
    expect(told.sentences).toEqual([
      '«Tea on 1 Mar 2031»: op-1 was first, yours does not count (booking). Vera (063 1) has no slot now: the next free one is 1 Mar 2031, 11:00',
    ])
    const [lost] = told.items
    expect(lost && noticeIn('fr', lost)).toBe(
      '« Tea, le 1 mars 2031 » : op-1 était là avant, le vôtre ne compte pas (réservation). Vera (063 1) n’a plus de créneau : le prochain libre est le 1 mars 2031, 11:00',
    )
  })

  it('whose edit is the ninth that lost is told that only the history has it', async () => {
    await house.meet(...ten)
    await house.createTicket('t1', 'Pump')
    const opened = []
    for (const tech of ten) opened.push(await house.open(Ticket, 't1', tech))
    for (const device of opened) device.disconnect()
    for (const [i, { record }] of opened.entries()) {
      record.set({ title: `Pump ${i}` })
      await new Promise(resolve => setTimeout(resolve, 2))
    }
    for (const device of opened) {
      await device.connect()
      await house.settled()
    }
    const inbox = await house.inbox(ten[0] as Who)
    // Behind whom it stood meanwhile is nothing new to them.
    await inbox.shows(({ items }) => items.some(({ count }) => count === 2), 'two losses')
    expect(inbox.items.find(({ count }) => count === 2)?.parts.map(({ sentence }) => sentence)).toEqual([
      '«Pump 9»: too many differ about title; yours (Pump 0) is kept in the history only',
      '«Pump 1»: your title (Pump 0) lost to what Tech 1 wrote (Pump 1). Both are kept on the record',
    ])
  })

  it('whose offline edit lost, and whose edit was refused', async () => {
    await house.meet(ana, bo)
    await house.createTicket('t1', 'Pump')
    const anas = await house.open(Ticket, 't1', ana)
    const bos = await house.open(Ticket, 't1', bo)
    bos.disconnect()
    bos.record.set({ title: 'Pump of Bo' })
    await new Promise(resolve => setTimeout(resolve, 2))
    anas.record.set({ title: 'Pump of Ana' })
    await house.settled()
    await bos.connect()
    await house.settled()
    const bosInbox = await house.inbox(bo)
    await bosInbox.shows(({ items }) => items.some(({ kind }) => kind === 'edit_lost'), 'the lost edit')
    expect(bosInbox.sentences).toContain(
      '«Pump of Ana»: your title (Pump of Bo) lost to what Ana wrote (Pump of Ana). Both are kept on the record',
    )
    anas.record.set({ title: 'Pump of Ana and Bo' })
    await house.settled()
    expect(bosInbox.items.filter(({ kind }) => kind === 'edit_lost').map(({ count }) => count)).toEqual([1])
    anas.record.set({ quote: 5000 })
    await until(() => house.log.length >= 0 && house.server.inbox.depth.turns === 0, 'quiet')
    const anasInbox = await house.inbox(ana)
    await until(() => {
      void house.server.inbox.idle()
      return anasInbox.items.some(({ kind }) => kind === 'edit_refused')
    }, 'the refusal')
    const refused = anasInbox.items.find(({ kind }) => kind === 'edit_refused')
    expect(refused && noticeIn('sr', refused)).toBe(
      '«Pump of Ana and Bo»: vaša promena je odbijena: ponuda: menja samo: kancelarija ili menadžer',
    )
    expect(refused).toMatchObject({
      level: 'error',
      sentence:
        '«Pump of Ana and Bo»: what you changed was refused: quote: only office or manager may change this',
      room: 'ticket:t1',
    })
  })

  it.each(['deletion', 'edit'])(
    'whoever deleted what somebody went on with off line, and who did, where the %s came first',
    async first => {
      await house.meet(ana, bo, dispatcher)
      const doras = await house.createTicket('t1', 'Pump')
      const anas = await house.open(Ticket, 't1', ana)
      const offLine = first === 'deletion' ? anas : doras
      offLine.disconnect()
      doras.record.remove()
      for (const body of ['The seal is new.', 'It holds.']) anas.record.list('comments').add({ body })
      await house.settled()
      await offLine.connect()
      await house.settled()
      const sentence =
        '«Pump»: Ana went on with it, not knowing that Dora had deleted it. What was written comes back when it is restored'
      for (const who of [dispatcher, ana]) {
        const inbox = await house.inbox(who)
        await inbox.shows(({ sentences }) => sentences.includes(sentence), `what ${who.id} is told`)
        const told = inbox.items.find(({ kind }) => kind === 'went_on')
        expect(told && noticeIn('fr', told)).toMatch(
          /^« Pump » : Ana a continué d’y travailler, sans savoir que Dora l’avait supprimé/,
        )
      }
      expect((await house.inbox(bo)).items.some(({ kind }) => kind === 'went_on')).toBe(false)
    },
  )

  it('nobody reads, or waits in, the inbox of somebody else', async () => {
    expect(await house.closeCode('inbox:ana', bo)).toBe(4403)
    const own = await house.inbox(ana)
    await house.createTicket('t1', 'Pump')
    await own.shows(({ unread }) => unread === 1, 'her own')
    expect(await house.closeCode('inbox:ana', bo)).toBe(4403)
  })
})

describe('a record', () => {
  it('that is purged is in nobody’s inbox, history or post any more', async () => {
    const inbox = await house.inbox(ana)
    await house.meet(bo)
    const kept = await house.createTicket('kept', 'Kept')
    const ticket = await house.createTicket('gone', 'Secret pump')
    ticket.record.set({ assignedTo: 'ana' })
    await inbox.shows(({ unread }) => unread === 2 + 1, 'all three')
    inbox.clear(inbox.items.find(({ kind }) => kind === 'assigned')?.id ?? '')
    await house.settled()
    ticket.record.remove()
    await inbox.shows(({ sentences }) => sentences.includes('«Secret pump» was deleted'), 'the removal')
    ticket.disconnect()
    const chief: Who = { id: 'chief', roles: ['admin'] }
    const answer = await house.post('/api/admin/purge', { record: 'ticket:gone' }, chief)
    expect(answer.status).toBe(200)
    await house.settled()
    await inbox.shows(({ items }) => items.length === 1, 'one line')
    expect(inbox.items).toMatchObject([{ room: 'ticket:kept' }])
    expect(JSON.stringify([await historyOf(house, ana), await historyOf(house, bo)])).not.toContain('Secret')
    kept.record.set({ status: 'done' })
    await inbox.shows(({ items }) => items.length === 2, 'what comes after')
  })

  it('is told of as before once an inbox was begun anew for its many devices', async () => {
    const inbox = await house.inbox(ana)
    await house.createTicket('t1', 'Pump')
    const ticket = await house.createTicket('t2', 'Valve')
    await inbox.shows(({ unread }) => unread === 2, 'both')
    inbox.read(inbox.items[0]?.parts[0]?.id ?? '')
    await inbox.device.sent()
    inbox.device.disconnect()
    await (await house.server.rooms.open('inbox:ana')).fold()
    const other = await house.inbox(ana)
    expect(other.items).toMatchObject([{ sentence: '2 new tickets', read: false, count: 2 }])
    expect(other.unread).toBe(1)
    ticket.record.set({ status: 'done' })
    await other.shows(({ unread }) => unread === 2, 'a third')
    other.clear(other.items[1]?.id ?? '')
    await house.settled()
    await other.shows(({ device }) => device.record.view.entries.length === 1, 'one entry')
    expect(other.sentences).toEqual(['«Valve»: open → done'])
  })
})

it('what a year has passed over is let go from the history', async () => {
  const inbox = await house.inbox(ana)
  await house.createTicket('t1', 'Pump')
  await inbox.shows(({ unread }) => unread === 1, 'a ticket')
  inbox.clear((await firstOf(inbox)).id)
  await house.settled()
  const { store, committer } = house.server
  await pruneHistory(store, committer, Date.now() + 364 * 86_400_000)
  expect(await historyOf(house, ana)).toHaveLength(1)
  await pruneHistory(store, committer, Date.now() + 366 * 86_400_000)
  expect(await historyOf(house, ana)).toHaveLength(0)
})

const firstOf = async (inbox: { items: InboxHouseItems }): Promise<InboxHouseItems[number]> => {
  await until(() => inbox.items.length > 0, 'an entry')
  const [first] = inbox.items
  if (first === undefined) throw new Error('no entry')
  return first
}

type InboxHouseItems = Awaited<ReturnType<InboxHouse['inbox']>>['items']

const historyOf = async (at: InboxHouse, who: Who) =>
  (await (await at.get('/api/inbox/history', who)).json()).items
