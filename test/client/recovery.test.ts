import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as Y from 'yjs'
import type { RecordOnDesk } from '../../client/record/record-on-desk.ts'
import { defineRecord, integer, stampToMs, text } from '../../shared/index.ts'
import { fakeToken } from './fake-surroundings.ts'
import { type FakeServer, type Judge, refusing } from './fake-server.ts'
import { Office } from './office.ts'
import { Ticket } from './records.ts'

let office: Office

beforeEach(() => {
  office = new Office()
})
afterEach(() => office.close())

const cellsOf = (ticket: object): Iterable<{ readonly stamp: number }> =>
  (ticket as RecordOnDesk).replica?.record.index.cells() ?? []

const textOf = (): string => office.server.room('ticket:1').durable.getText('notes').toString()

/** Ana, who wrote it, and Bo have a ticket open with these notes. */
const bothAtText = async (notes: string) => {
  const ana = await office.sit(office.browser(), 'ana')
  const bo = await office.sit(office.browser(), 'bo')
  const here = ana.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
  here.text('notes').insert(0, notes)
  await office.quiet()
  const there = bo.desk.open(Ticket, '1')
  await office.quiet()
  return { ana, here, there }
}

describe('a text', () => {
  it('deleted from on a dying socket is not «saved» by typing after the reconnect, before the deletion is', async () => {
    const { desk } = await office.sit(office.browser(), 'ana')
    const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    ticket.text('notes').insert(0, 'do not open')
    await office.quiet()
    expect(textOf()).toBe('do not open')
    const [dying] = office.server.sockets
    if (dying !== undefined) dying.isDead = true
    ticket.text('notes').delete(0, 7)
    await office.quiet()
    office.server.kill()
    office.server.holdsAcks = true
    office.time.advance(40_000)
    await office.quiet()
    ticket.text('notes').insert(4, ' now')
    await office.quiet()
    expect(ticket.field('notes').save).toBe('on device')
    expect(textOf()).toBe('do not open')
    office.server.ack()
    await office.quiet()
    expect(textOf()).toBe('open now')
    expect(ticket.field('notes').save).toBe('saved')
  })

  it('that others edit in the same word is there once when another edit beside it is refused', async () => {
    const { ana, here: ticket, there } = await bothAtText('pipes leak')
    ana.desk.goOffline()
    ticket.set({ title: 'Bad' })
    ticket.text('notes').delete(4, 1)
    ticket.text('notes').insert(0, 'old ')
    ticket.text('notes').insert(8, 'work')
    there.text('notes').delete(4, 1)
    there.text('notes').insert(0, 'Our ')
    await office.quiet()
    office.server.judge = update =>
      Y.decodeUpdate(update).structs.some(
        struct => struct instanceof Y.Item && JSON.stringify(struct.content.getContent()).includes('"Bad"'),
      )
        ? { code: 'NOT_PERMITTED', paths: ['title'], sentence: 'title: is not yours' }
        : null
    ana.desk.goOnline()
    await office.quiet()
    expect(ana.desk.tray.items).toMatchObject([{ path: 'title', value: 'Bad' }])
    expect(textOf()).toMatch(/^(Our old |old Our )pipework leak$/)
    expect([ticket.view?.notes, there.view?.notes]).toEqual([textOf(), textOf()])
  })

  it('in which words were joined off line reads as it was left, also under a new epoch', async () => {
    const { ana, here: ticket } = await bothAtText('The pipe line leaks. Ask bo.')
    office.goDown()
    await office.quiet()
    ticket.text('notes').delete(8, 1)
    await office.quiet()
    const { durable } = office.server.room('ticket:1')
    office.server.restore('ticket:1', Y.encodeStateAsUpdate(durable), 'e2')
    await office.comeBack()
    expect(textOf()).toBe('The pipeline leaks. Ask bo.')
    expect([ticket.view?.notes, ana.desk.status.pending]).toEqual([textOf(), 0])
  })

  it('that is too large for any message stays in the tray, and all else goes on', async () => {
    const { desk } = await office.sit(office.browser(), 'ana')
    const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    const pasted = 'x'.repeat(1_200_000)
    ticket.text('notes').insert(0, pasted)
    ticket.set({ title: 'Dry' })
    await office.quiet()
    expect(desk.tray.items).toMatchObject([{ path: 'notes', code: 'TOO_LARGE', text: pasted }])
    expect([ticket.view?.notes, office.stored().title, desk.status.pending]).toEqual(['', 'Dry', 0])
    desk.tray.discardAll()

    // As a step 2 when it comes back, together with what could be sent.
    office.goDown()
    await office.quiet()
    ticket.text('notes').insert(0, pasted)
    ticket.set({ title: 'Wet' })
    await office.quiet()
    await office.comeBack()
    expect(desk.tray.items).toMatchObject([{ path: 'notes', code: 'TOO_LARGE' }])
    expect([office.stored(), desk.status.pending]).toMatchObject([{ title: 'Wet', notes: '' }, 0])
    expect(desk.status.sync).toBe('realtime')
    desk.tray.discardAll()

    // A picture that an editor holds as one letter is as large.
    office.goDown()
    await office.quiet()
    ticket.text('description').insertEmbed(0, { image: pasted })
    ticket.text('notes').insert(0, 'dripping')
    await office.quiet()
    await office.comeBack()
    expect(desk.tray.items).toMatchObject([{ path: 'description', code: 'TOO_LARGE' }])
    expect(office.stored()).toMatchObject({ description: '', notes: 'dripping' })
  })

  it('that an editor is still bound to after a fresh start loses nothing of what is typed, and says that it is an old one', async () => {
    const said: string[] = []
    const told = vi.spyOn(console, 'error').mockImplementation(error => void said.push(String(error)))
    const { desk } = await office.sit(office.browser(), 'ana')
    const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    const bound = ticket.text('notes')
    bound.insert(0, 'open the valve')
    await office.quiet()
    office.server.judge = () => ({ code: 'NOT_PERMITTED', paths: ['title'], sentence: 'no' })
    ticket.set({ title: 'Dry' })
    await office.quiet()
    office.server.judge = () => null
    await office.quiet()
    expect([ticket.text('notes') === bound, ticket.view?.title]).toEqual([false, 'Leak'])
    bound.insert(5, 'slowly ')
    bound.insert(0, 'please ')
    await office.quiet()
    expect(ticket.view?.notes).toBe('please open slowly the valve')
    expect(textOf()).toBe('please open slowly the valve')
    expect(said).toEqual([expect.stringMatching(/has begun afresh: bind the editor/)])

    const other = desk.create(Ticket, { title: 'Stairs' }).text('notes')
    await desk.close()
    other.insert(0, 'steep')
    expect(said.at(-1)).toMatch(/was closed, and what is typed into a text of it goes nowhere/)
    told.mockRestore()
  })

  it('that no field is, as an editor of another kind makes one up, is told of where it is made', async () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { desk } = await office.sit(office.browser(), 'ana')
    const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    const { doc } = ticket.text('notes')
    const paragraph = new Y.XmlElement('paragraph')
    doc?.getXmlFragment('page').insert(0, [paragraph])
    paragraph.insert(0, [new Y.XmlText('words')])
    expect(told.mock.calls.map(([error]) => String(error))).toEqual([
      expect.stringMatching(/«page» is no text of ticket, and nothing that is written there is saved/),
    ])
    told.mockRestore()
  })

  it('nor by what is typed in the very moment of the reconnect, which leaves before the deletion does', async () => {
    const { desk } = await office.sit(office.browser(), 'ana')
    const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    ticket.text('notes').insert(0, 'do not open')
    await office.quiet()
    const [dying] = office.server.sockets
    if (dying !== undefined) dying.isDead = true
    ticket.text('notes').delete(0, 7)
    await office.quiet()
    office.server.kill()
    await office.quiet()
    const { replica } = ticket as unknown as RecordOnDesk
    const lies: string[] = []
    let hasTyped = false
    ticket.subscribe('', () => {
      if (ticket.field('notes').save === 'saved' && textOf() !== 'open now') lies.push(textOf())
      // The channel is open, and the server has not asked for what it lacks.
      if (hasTyped || replica?.channel.standing == null) return
      hasTyped = true
      ticket.text('notes').insert(4, ' now')
    })
    await office.comeBack()
    expect(hasTyped).toBe(true)
    expect(lies).toEqual([])
    expect(textOf()).toBe('open now')
    expect(ticket.field('notes').save).toBe('saved')
  })

  it('is put back letter by letter after a fresh start, beside what others typed meanwhile', async () => {
    const { ana, here, there } = await bothAtText('pump is broken')
    const [first] = office.server.sockets
    if (first !== undefined) first.isDead = true
    here.text('notes').insert(4, ' two')
    office.server.judge = refusing('closed', 'status', 'no')
    here.set({ status: 'closed' })
    there.text('notes').insert(14, ' again')
    await office.quiet()
    office.server.kill()
    await office.comeBack()
    await office.quiet()
    expect(textOf()).toBe('pump two is broken again')
    expect(here.view?.notes).toBe('pump two is broken again')
    expect(ana.desk.status).toMatchObject({ pending: 0, refused: 1 })
  })
})

it('an edit that is refused in thousands of places at once is not taken for saved', async () => {
  const { desk } = await office.sit(office.browser(), 'ana')
  const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
  await office.quiet()
  const places = Array.from({ length: 12_000 }, (_, i) => `items/${i}/name`)
  const paths = [...places, 'title']
  const sentence = paths.map(path => `${path}: there is no room for ${path}`).join('; ')
  office.server.judge = () => ({ code: 'TOO_MANY', paths, sentence })
  ticket.set({ title: 'Mine' })
  await office.quiet()
  office.server.judge = () => null
  await office.quiet()
  expect(desk.tray.items).toMatchObject([
    { path: 'title', value: 'Mine', sentence: 'there is no room for title' },
  ])
  expect([ticket.view?.title, desk.status.pending]).toEqual(['Leak', 0])
})

describe('a backup restored beneath a client', () => {
  it('gets back what it lacks of that person’s edits, once, and nothing twice', async () => {
    const { desk } = await office.sit(office.browser(), 'ana')
    const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    ticket.counter('stock').add(5)
    await office.quiet()
    const backup = Y.encodeStateAsUpdate(office.server.room('ticket:1').durable)
    ticket.set({ status: 'done' })
    ticket.counter('stock').add(3)
    await office.quiet()
    expect(office.stored()).toMatchObject({ status: 'done', stock: 8 })
    expect(desk.status.pending).toBe(0)
    office.server.restore('ticket:1', backup, 'e2')
    await office.quiet()
    await office.later(5_000)
    expect(ticket.generation).toBe(2)
    expect(office.stored()).toMatchObject({ title: 'Leak', status: 'done' })
    expect(office.stored().stock).toBe(8)
    expect(ticket.view).toMatchObject({ status: 'done', stock: 8 })
    expect(desk.status).toMatchObject({ pending: 0, sync: 'realtime' })
  })

  it('gets back what somebody wrote whom the backup has never heard of, text included, though all of it was saved', async () => {
    const ana = await office.sit(office.browser(), 'ana')
    const bo = await office.sit(office.browser(), 'bo')
    ana.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    const backup = Y.encodeStateAsUpdate(office.server.room('ticket:1').durable)
    const there = bo.desk.open(Ticket, '1')
    await office.quiet()
    there.set({ status: 'done' })
    there.text('notes').insert(0, 'under the sink')
    there.counter('stock').add(3)
    await office.quiet()
    expect(bo.desk.status.pending).toBe(0)
    office.server.restore('ticket:1', backup, 'e2')
    await office.quiet()
    await office.later(5_000)
    expect(office.stored()).toMatchObject({ status: 'done', notes: 'under the sink', stock: 3 })
    expect(there.view).toMatchObject({ status: 'done', notes: 'under the sink', stock: 3 })
    expect(bo.desk.status).toMatchObject({ pending: 0, refused: 0 })
  })

  it('is found out about by one that was off line and had unsent edits', async () => {
    const { desk } = await office.sit(office.browser(), 'ana')
    const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    const backup = Y.encodeStateAsUpdate(office.server.room('ticket:1').durable)
    office.goDown()
    await office.quiet()
    ticket.set({ status: 'done' })
    await office.quiet()
    office.server.restore('ticket:1', backup, 'e2')
    await office.comeBack()
    await office.later(5_000)
    expect(office.stored()).toMatchObject({ title: 'Leak', status: 'done' })
    expect(ticket.field('status').save).toBe('saved')
  })
})

const refusesAhead: FakeServer['judge'] = update => {
  const ahead = office.time.now + 60_000
  const doc = new Y.Doc()
  Y.applyUpdate(doc, update)
  const cells = doc.getArray('cells').toArray() as [string, unknown, number, string][]
  return cells.some(([, , stamp]) => stampToMs(stamp) > ahead)
    ? { code: 'CLOCK_AHEAD', paths: cells.map(([path]) => path), sentence: 'dated in the future' }
    : null
}

describe('a device whose clock is wrong', () => {
  for (const [words, skewMs] of [
    ['a day ahead', 86_400_000],
    ['a day behind', -86_400_000],
  ] as const) {
    it(`stamps by the server’s time, ${words}, also once it is set right off line`, async () => {
      const browser = office.browser()
      browser.skewMs = skewMs
      const { desk } = await office.sit(browser, 'ana')
      const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
      expect(Math.round((desk.status.skewMs ?? 0) / 1000)).toBe(skewMs / 1000)
      office.goDown()
      await office.quiet()
      ticket.set({ status: 'in_progress' })
      browser.skewMs = 0
      ticket.set({ title: 'Big leak' })
      await office.comeBack()
      expect(office.stored()).toMatchObject({ title: 'Big leak', status: 'in_progress' })
      for (const cell of cellsOf(ticket)) {
        expect(Math.abs(stampToMs(cell.stamp) - office.time.now)).toBeLessThan(120_000)
      }
    })
  }

  it('is given right stamps where it wrote before it ever met the server, with nothing for a person to do', async () => {
    const browser = office.browser()
    browser.skewMs = 86_400_000
    office.server.isDown = true
    const { desk } = await office.sit(browser, 'ana')
    office.server.judge = refusesAhead
    const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    await office.comeBack()
    await office.later(5_000)
    expect(office.stored().title).toBe('Leak')
    expect(ticket.field('title').save).toBe('saved')
    expect(desk.status).toMatchObject({ pending: 0, refused: 0 })
  })

  it('since the server’s was set back asks for the time at once, and waits for no heartbeat', async () => {
    office.server.judge = refusesAhead
    office.server.aheadMs = 7_200_000
    const { desk } = await office.sit(office.browser(), 'ana')
    office.server.aheadMs = 0
    const at = office.time.now
    const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    expect(office.time.now - at).toBeLessThan(1_000)
    expect([office.stored().title, ticket.field('title').save]).toEqual(['Leak', 'saved'])
    expect(desk.status).toMatchObject({ pending: 0, refused: 0 })
  })
})

const Job = defineRecord('job', {
  fields: { title: text.line(), price: integer() },
  access: { write: { price: ['lead'] } },
})

describe('a token', () => {
  it('that expires is renewed over the open link', async () => {
    let asked = 0
    const exp = Math.floor(office.time.now / 1000) + 300
    const { desk } = await office.sit(office.browser(), 'ana', {
      token: () => fakeToken('ana', { exp: exp + asked++ * 300 }),
    })
    const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    const made = office.server.made
    for (let i = 0; i < 25; i++) await office.later(10_000)
    const [socket] = office.server.sockets
    expect(socket?.token).toBe(fakeToken('ana', { exp: exp + 300 }))
    ticket.set({ status: 'done' })
    await office.quiet()
    expect(ticket.field('status').save).toBe('saved')
    expect(office.server.made).toBe(made)
  })

  it('that is renewed with other roles changes what one may, with the record open', async () => {
    let roles: string[] = []
    const exp = Math.floor(office.time.now / 1000) + 300
    const { desk } = await office.sit(office.browser(), 'ana', {
      token: () => fakeToken('ana', { exp: exp + roles.length * 300, roles }),
      records: [Job],
    })
    const job = desk.create(Job, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    expect(() => job.set({ price: 1 })).toThrow('only lead may change this')
    roles = ['lead']
    for (let i = 0; i < 25; i++) await office.later(10_000)
    job.set({ price: 1 })
    await office.quiet()
    expect(job.field('price').save).toBe('saved')
    expect(desk.me?.roles).toEqual(['lead'])
    // As to a worker.
    expect(structuredClone(desk.me)).toMatchObject({ id: 'ana', roles: ['lead'] })
    expect(desk.me?.is('lead')).toBe(true)
  })

  it('that the server refuses is asked for anew at once; when that is refused too, a person is told', async () => {
    let good = 'first'
    const { desk } = await office.sit(office.browser(), 'ana', {
      token: () => fakeToken('ana', { jti: good }),
    })
    const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    good = 'second'
    office.server.accepts = token => token === fakeToken('ana', { jti: 'second' })
    office.server.kill(4401, 'TOKEN_EXPIRED: Sign in again: the token has expired.')
    await office.quiet()
    expect(desk.status.sync).toBe('realtime')
    office.server.accepts = () => false
    office.server.kill(4401, 'TOKEN_REVOKED: Sign in again: the token was withdrawn.')
    await office.quiet()
    ticket.set({ status: 'done' })
    await office.quiet()
    expect(desk.status).toMatchObject({ sync: 'error', carrier: null, pending: 1, onDevice: 1 })
    expect(desk.status.error?.sentence).toMatch(/Sign in/i)
    // Which may be long after: a person has signed in again.
    good = 'third'
    office.server.accepts = token => token === fakeToken('ana', { jti: 'third' })
    await office.comeBack()
    expect(ticket.field('status').save).toBe('saved')
    expect(desk.status.error).toBe(null)
  })
})

describe('a token of somebody else', () => {
  it('carries nothing of who the desk is open for, until there is one of theirs', async () => {
    let signedIn = 'ana'
    const { desk } = await office.sit(office.browser(), 'ana', { token: () => fakeToken(signedIn) })
    const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    // While this page slept the next person has signed in on the tablet.
    signedIn = 'bo'
    office.server.accepts = token => token === fakeToken(signedIn)
    office.server.kill(4401, 'TOKEN_EXPIRED: Sign in again: the token has expired.')
    ticket.set({ status: 'done' })
    await office.later(40_000)
    expect(office.stored().status).not.toBe('done')
    expect(desk.status).toMatchObject({ carrier: null, pending: 1, refused: 0 })
    expect(desk.status.error?.code).toBe('TOKEN_OF_ANOTHER')
    signedIn = 'ana'
    await office.comeBack()
    expect(office.stored().status).toBe('done')
    expect(desk.status).toMatchObject({ error: null, pending: 0 })
  })
})

describe('a right that is withdrawn', () => {
  it('to write, while somebody edits: the edit goes to the tray, and the record is shown as it is', async () => {
    const { desk } = await office.sit(office.browser(), 'ana')
    const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    const refuse: Judge = update =>
      Buffer.from(update).includes('Mine')
        ? { code: 'READ_ONLY', paths: ['title'], sentence: 'you may read this, not write it' }
        : null
    office.server.judge = refuse
    ticket.set({ title: 'Mine' })
    await office.quiet()
    await office.quiet()
    expect(ticket.view?.title).toBe('Leak')
    expect(desk.tray.items).toMatchObject([{ path: 'title', value: 'Mine', text: 'Mine' }])
    const retry = async (): Promise<void> => {
      const [item] = desk.tray.items ?? []
      await desk.tray.retry(item?.id ?? '')
      await office.quiet()
      await office.quiet()
    }
    expect(desk.tray.items?.[0]?.isAgain).toBeUndefined()
    await retry()
    expect(desk.tray.items).toMatchObject([{ path: 'title', value: 'Mine', isAgain: true }])
    office.server.judge = () => null
    await retry()
    expect(office.stored().title).toBe('Mine')
    expect(desk.tray.items).toEqual([])
    // It was taken; the same words, once more refused, are another edit.
    ticket.set({ title: 'Else' })
    await office.quiet()
    office.server.judge = refuse
    ticket.set({ title: 'Mine' })
    await office.quiet()
    await office.quiet()
    expect(desk.tray.items).toMatchObject([{ path: 'title', value: 'Mine' }])
    expect(desk.tray.items?.[0]?.isAgain).toBeUndefined()
  })

  it('to count: what is written again is counted once, also by who presses twice while the record loads', async () => {
    const browser = office.browser()
    const first = await office.sit(browser, 'ana')
    const ticket = first.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    office.server.judge = () => ({ code: 'NOT_PERMITTED', paths: ['stock'], sentence: 'stock: is not yours' })
    ticket.counter('stock').add(3)
    await office.later(40_000)
    expect(first.desk.tray.items).toMatchObject([{ value: 3 }])
    await first.desk.close()
    office.server.judge = () => null
    const { desk } = await office.sit(browser, 'ana')
    const [item] = desk.tray.items ?? []
    await Promise.all([desk.tray.retry(item?.id ?? ''), desk.tray.retry(item?.id ?? '')])
    await office.later(40_000)
    expect(office.stored().stock).toBe(3)
    expect(desk.tray.items).toEqual([])
  })

  it('to read: what was synced leaves the device, what was not sent goes to the tray', async () => {
    const browser = office.browser()
    const { desk } = await office.sit(browser, 'ana')
    const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    office.goDown()
    await office.quiet()
    ticket.set({ status: 'done' })
    await office.quiet()
    office.server.room('ticket:1').refuseWith = { code: 'FORBIDDEN', sentence: 'Ask for access.' }
    await office.comeBack()
    expect(ticket).toMatchObject({ state: 'forbidden', view: undefined })
    expect(ticket.error?.sentence).toBe('Ask for access.')
    expect(desk.tray.items).toMatchObject([{ path: 'status', value: 'done' }])
    expect(desk.status.pending).toBe(0)
    // It cannot even be written again, and says why.
    const [item] = desk.tray.items ?? []
    await expect(desk.tray.retry(item?.id ?? '')).rejects.toThrow('Ask for access.')
    const kept = [{ path: 'status', value: 'done', isAgain: true, sentence: 'Ask for access.' }]
    expect(desk.tray.items).toMatchObject(kept)
    await desk.close()
    const again = await office.sit(browser, 'ana')
    office.goDown()
    const reopened = again.desk.open(Ticket, '1')
    await office.quiet()
    expect(reopened.view).toBe(undefined)
    expect(again.desk.tray.items).toMatchObject(kept)
  })
})
