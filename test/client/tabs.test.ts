import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as Y from 'yjs'
import type { Surroundings, TabPort } from '../../client/surroundings.ts'
import { filled } from './failing-store.ts'
import { refusing } from './fake-server.ts'
import { type FakeBrowser, settle } from './fake-surroundings.ts'
import { Office } from './office.ts'
import { Part, Ticket } from './records.ts'

let office: Office
let browser: FakeBrowser

beforeEach(() => {
  office = new Office()
  browser = office.browser()
})
afterEach(() => office.close())

describe('two tabs of one browser', () => {
  it('of two versions, one that tells of what it has begun in words of its own keeps the other from nothing', async () => {
    const names: string[] = []
    const surroundings = (own: Surroundings): Surroundings => ({
      ...own,
      openTabPort: name => {
        names.push(name)
        return own.openTabPort?.(name) as TabPort
      },
    })
    const tab = browser.tab(office.server.createSocket, 77)
    const desk = office.connect(tab, 'ana', { surroundings: surroundings(tab.surroundings) })
    await desk.ready
    const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    const { surroundings: other } = browser.tab(office.server.createSocket, 78)
    const name = names.findLast(one => one.includes('ticket')) ?? ''
    other
      .openTabPort?.(name)
      .postMessage({ kind: 'overtaken', tab: 'newer', later: { head: { generation: 7 } } })
    await office.later(10_000)
    ticket.set({ status: 'done' })
    await office.later(10_000)
    expect(ticket.error).toBeNull()
    expect(office.stored()).toMatchObject({ title: 'Leak', status: 'done' })
  })

  it('see each other’s edits without a server', async () => {
    office.server.isDown = true
    const one = await office.sit(browser, 'ana')
    const two = await office.sit(browser, 'ana')
    const here = one.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    const there = two.desk.open(Ticket, '1')
    await office.quiet()
    expect(there.view?.title).toBe('Leak')
    there.set({ status: 'done' })
    await office.quiet()
    expect(here.view?.status).toBe('done')
    here.text('notes').insert(0, 'under the sink')
    await office.quiet()
    expect(there.view?.notes).toBe('under the sink')
  })

  it('what one wrote off line is on the device after the other, which never heard of it, has folded the log there', async () => {
    office.server.isDown = true
    browser.areTabsDeaf = true
    const one = await office.sit(browser, 'ana')
    const here = one.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    const two = await office.sit(browser, 'ana')
    const there = two.desk.open(Ticket, '1')
    await office.quiet()
    there.set({ status: 'done' })
    await office.quiet()
    expect(here.view?.status).toBe('open')
    await two.desk.close()
    for (let i = 0; i < 60 && here.view?.status === 'open'; i++) {
      here.set({ title: `Leak ${i}` })
      await office.quiet()
    }
    await one.desk.close()
    const next = await office.sit(browser, 'ana')
    const last = next.desk.open(Ticket, '1')
    await office.quiet()
    expect(last.view).toMatchObject({ status: 'done', title: here.view?.title })
    await office.comeBack()
    expect(office.stored()).toMatchObject({ status: 'done', title: here.view?.title })
  })

  it('an edit of a tab whose socket was dead, and that was closed, is sent by its sibling', async () => {
    const one = await office.sit(browser, 'ana')
    const two = await office.sit(browser, 'ana')
    const here = one.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    const there = two.desk.open(Ticket, '1')
    await office.quiet()
    const [dead] = office.server.sockets
    if (dead !== undefined) dead.isDead = true
    here.set({ status: 'done' })
    await office.quiet()
    expect(office.stored().status).toBe('open')
    expect(there.view?.status).toBe('done')
    // What is not saved is not shown as saved, by whichever tab.
    expect(there.field('status').save).not.toBe('saved')
    await one.desk.close()
    await office.later(2_000)
    expect(office.stored().status).toBe('done')
    expect(there.field('status').save).toBe('saved')
    expect(two.desk.status).toMatchObject({ pending: 0, sync: 'realtime' })
  })

  it('an edit that both tabs know is pending once it is saved in neither', async () => {
    const one = await office.sit(browser, 'ana')
    const two = await office.sit(browser, 'ana')
    const here = one.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    const there = two.desk.open(Ticket, '1')
    await office.quiet()
    office.goDown()
    await office.quiet()
    here.set({ status: 'done' })
    await office.quiet()
    expect(there.field('status').save).toBe('on device')
    await office.comeBack()
    expect(here.field('status').save).toBe('saved')
    expect(there.field('status').save).toBe('saved')
    expect(two.desk.status.pending).toBe(0)
  })

  it('a refused edit is brought back neither by a sibling nor by a tab that was frozen for a day', async () => {
    const one = await office.sit(browser, 'ana')
    const sibling = await office.sit(browser, 'ana')
    const frozen = await office.sit(browser, 'ana')
    const here = one.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    const there = sibling.desk.open(Ticket, '1')
    const asleep = frozen.desk.open(Ticket, '1')
    await office.quiet()
    office.server.judge = refusing('closed', 'status', 'only the office may close')
    office.goDown()
    await office.quiet()
    here.set({ status: 'closed' })
    asleep.set({ title: 'Leak in the cellar' })
    await office.quiet()
    expect(asleep.view?.status).toBe('closed')
    // The third tab is frozen: it hears nothing of what comes.
    const thaw = browser.freeze(frozen.tab)
    await office.comeBack()
    await office.later(5_000)
    expect(office.stored().status).toBe('open')
    expect(there.view?.status).toBe('open')
    await office.later(86_400_000)
    thaw()
    await office.later(60_000)
    await office.later(60_000)
    expect(office.stored()).toMatchObject({ status: 'open', title: 'Leak in the cellar' })
    for (const ticket of [here, there, asleep]) {
      expect(ticket.view).toMatchObject({ status: 'open', title: 'Leak in the cellar' })
    }
    const refused = new Set(
      [one, sibling, frozen].flatMap(({ desk }) => (desk.tray.items ?? []).map(({ id }) => id)),
    )
    expect(refused.size).toBe(1)
    // Whichever tab it was, the others show it too, until it is dealt with in any of them.
    for (const { desk } of [one, sibling, frozen]) {
      expect(desk.tray.items?.map(({ path, value }) => [path, value])).toEqual([['status', 'closed']])
    }
    const [item] = sibling.desk.tray.items ?? []
    sibling.desk.tray.discard(item?.id ?? '')
    await office.quiet()
    for (const { desk } of [one, sibling, frozen]) expect(desk.tray.items).toEqual([])
  })

  it.each([1, 2, 3, 4, 5, 6])(
    'what is refused takes nothing along to the tray that a tab opened meanwhile writes (after %i turns)',
    async turns => {
      const one = await office.sit(browser, 'ana')
      const here = one.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
      await office.quiet()
      office.server.judge = refusing('bad', 'tags/bad', 'tags/bad: is not yours')
      here.union('tags').add('bad')
      const two = office.connect(browser.tab(office.server.createSocket, 77), 'ana')
      await two.ready
      await settle(5)
      const there = two.open(Ticket, '1')
      // It says all that it has found, and is refused for that too.
      for (let i = 0; i < turns; i++) {
        office.server.crank()
        await settle(5)
      }
      expect(there.state).toBe('ready')
      there.counter('stock').add(1)
      there.list('items').add({ name: 'screw' })
      for (let i = 0; i < 4; i++) await office.later(40_000)
      expect(two.tray.items?.map(({ path }) => path)).toEqual(['tags/bad'])
      expect(office.stored()).toMatchObject({ stock: 1, items: [{ name: 'screw' }], tags: [] })
    },
  )

  it.each(Array.from({ length: 16 }, (_, turns) => turns))(
    'what one writes while the other begins afresh counts once (after %i turns)',
    async turns => {
      const one = await office.sit(browser, 'ana')
      const two = await office.sit(browser, 'ana')
      const here = one.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
      const there = two.desk.open(Ticket, '1')
      await office.quiet()
      office.server.judge = refusing('bad', 'notes', 'notes: is not yours')
      here.text('notes').insert(0, 'bad')
      // What others are told of comes late.
      office.server.answersWait = true
      office.server.holdsAcks = true
      // What the first is told is long on its way.
      let turnsDone = 0
      const turn = async (): Promise<void> => {
        for (const { tab } of [two, one]) for (const socket of tab.sockets) socket.crankToServer()
        for (const socket of two.tab.sockets) socket.crankToClient()
        if (++turnsDone % 3 === 0) for (const socket of one.tab.sockets) socket.crankToClient()
        await settle(8)
      }
      for (let i = 0; i < turns; i++) await turn()
      there.counter('stock').add(1)
      there.text('description').insert(0, 'once')
      for (let i = 0; i < 24; i++) await turn()
      office.server.holdsAcks = false
      office.server.ack()
      for (let i = 0; i < 3; i++) await office.later(40_000)
      expect(office.stored()).toMatchObject({ stock: 1, description: 'once', notes: '' })
    },
  )

  describe.each(['as it was', 'folded meanwhile'])('and a text of others, in a record %s', folded => {
    /** Of another person’s words one is replaced in the first tab by what is refused; the second has heard of it. */
    const replaced = async () => {
      const bo = await office.sit(office.browser(), 'bo')
      const words = bo.desk.create(Ticket, { title: 'Leak' }, { id: '1' }).text('notes')
      words.insert(0, 'mind the old cellar door ')
      await office.quiet()
      const one = await office.sit(browser, 'ana')
      const two = await office.sit(browser, 'ana')
      const here = one.desk.open(Ticket, '1')
      const there = two.desk.open(Ticket, '1')
      await office.quiet()
      office.server.judge = (update, room) => {
        if (!Buffer.from(update).includes('bad')) return null
        if (folded === 'folded meanwhile' && room.epoch === 'e1')
          queueMicrotask(() => office.server.restore('ticket:1', Y.encodeStateAsUpdate(room.durable), 'e2'))
        return { code: 'NOT_PERMITTED', paths: ['notes'], sentence: 'notes: is not yours' }
      }
      const replace = (): void => {
        const text = here.text('notes')
        const at = text.toString().indexOf('old')
        text.applyDelta([{ retain: at }, { insert: 'bad' }, { delete: 3 }])
      }
      return { one, two, here, there, replace }
    }

    it('is not deleted from by a tab that only follows the one that was refused', async () => {
      const { one, two, here, there, replace } = await replaced()
      two.desk.goOffline()
      there.text('notes').insert(25, 'soon')
      await office.quiet()
      replace()
      await office.later(5_000)
      two.desk.goOnline()
      for (let i = 0; i < 3; i++) await office.later(40_000)
      expect(office.stored().notes).toBe('mind the old cellar door soon')
      for (const { view } of [here, there]) expect(view?.notes).toBe('mind the old cellar door soon')
      for (const { desk } of [one, two])
        expect(desk.tray.items?.map(({ text }) => text)).toEqual(['mind the bad cellar door soon'])
    })

    it('loses nothing else by what the other tab writes and deletes in it before it hears of that', async () => {
      const { two, here, there, replace } = await replaced()
      two.desk.goOffline()
      const { generation } = here
      replace()
      while (here.generation === generation) {
        office.server.crank()
        await settle(1)
      }
      const text = there.text('notes')
      text.applyDelta([{ retain: text.toString().indexOf('cellar') }, { delete: 7 }])
      text.insert(text.length, 'soon')
      two.desk.goOnline()
      for (let i = 0; i < 3; i++) await office.later(40_000)
      expect(office.stored().notes).toBe('mind the old door soon')
      for (const { view } of [here, there]) expect(view?.notes).toBe('mind the old door soon')
    })
  })

  it('a format that was refused to one is not put back by the other, which only writes in the same text', async () => {
    const bo = await office.sit(office.browser(), 'bo')
    const words = bo.desk.create(Ticket, { title: 'Leak' }, { id: '1' }).text('description')
    words.insert(0, 'mind the cellar')
    await office.quiet()
    const one = await office.sit(browser, 'ana')
    const two = await office.sit(browser, 'ana')
    const here = one.desk.open(Ticket, '1')
    const there = two.desk.open(Ticket, '1')
    await office.quiet()
    office.server.judge = refusing('bold', 'description', 'description: is not yours')
    two.desk.goOffline()
    const { generation } = here
    here.text('description').format(0, 4, { bold: true })
    while (here.generation === generation) {
      office.server.crank()
      await settle(1)
    }
    there.text('description').insert(15, ' soon', { italic: true })
    two.desk.goOnline()
    for (let i = 0; i < 3; i++) await office.later(40_000)
    const written = [{ insert: 'mind the cellar' }, { insert: ' soon', attributes: { italic: true } }]
    for (const text of [words, here.text('description'), there.text('description')])
      expect(text.toDelta()).toEqual(written)
    for (const { desk } of [one, two])
      expect(desk.tray.items?.map(({ text }) => text)).toEqual(['mind the cellar'])
  })

  it.each([2, 4, 6, 8])(
    'one that is opened while another begins afresh follows it, also without a server (after %i turns)',
    async turns => {
      const one = await office.sit(browser, 'ana')
      const two = await office.sit(browser, 'ana')
      const here = one.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
      await office.quiet()
      office.server.judge = refusing('closed', 'status', 'only the office may close')
      two.desk.goOffline()
      here.set({ status: 'closed' })
      for (let i = 0; i < turns; i++) {
        for (const socket of one.tab.sockets) socket.crank()
        await settle(8)
      }
      const there = two.desk.open(Ticket, '1')
      await settle(20)
      await office.later(10_000)
      for (const { view } of [here, there]) expect(view?.status).toBe('open')
    },
  )

  it('words that one takes out and brings back, before the other writes, are there once in a new epoch', async () => {
    const one = await office.sit(browser, 'ana')
    const two = await office.sit(browser, 'ana')
    const here = one.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    const there = two.desk.open(Ticket, '1')
    await office.quiet()
    there.text('notes').insert(0, 'mind the cellar ')
    await office.quiet()
    office.goDown()
    here.text('notes').delete(9, 7)
    await office.quiet()
    here.undo()
    await office.quiet()
    expect(there.view?.notes).toBe('mind the cellar ')
    there.text('notes').insert(16, 'soon ')
    await office.quiet()
    const { durable } = office.server.room('ticket:1')
    office.server.restore('ticket:1', Y.encodeStateAsUpdate(durable), 'e2')
    await one.desk.close()
    for (let i = 0; i < 2; i++) await office.comeBack()
    expect(office.stored().notes).toBe('mind the cellar soon ')
  })

  it('a tab that thaws where there is no server, and is written in, brings it back on the device neither', async () => {
    const one = await office.sit(browser, 'ana')
    const frozen = await office.sit(browser, 'ana')
    const here = one.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    const asleep = frozen.desk.open(Ticket, '1')
    await office.quiet()
    office.server.judge = refusing('closed', 'status', 'only the office may close')
    office.goDown()
    here.set({ status: 'closed' })
    await office.quiet()
    expect(asleep.view?.status).toBe('closed')
    const thaw = browser.freeze(frozen.tab)
    await office.comeBack()
    await office.later(5_000)
    expect(here.view?.status).toBe('open')
    office.goDown()
    await office.later(60_000)
    thaw()
    asleep.set({ title: 'Thawed' })
    await office.later(1_000)
    expect(asleep.view).toMatchObject({ status: 'open', title: 'Thawed' })
    for (const { desk } of [one, frozen]) await desk.close()
    const reloaded = await office.sit(browser, 'ana')
    const again = reloaded.desk.open(Ticket, '1')
    await office.quiet()
    expect(again.view).toMatchObject({ status: 'open', title: 'Thawed' })
    expect(again.field('title').save).toBe('on device')
    await office.comeBack()
    expect(office.stored()).toMatchObject({ status: 'open', title: 'Thawed' })
    expect(reloaded.desk.tray.items).toMatchObject([{ path: 'status', value: 'closed' }])
  })

  it('what one wrote before it slept, and another has put back meanwhile, it does not send once more as it wakes', async () => {
    const one = await office.sit(browser, 'ana')
    const two = await office.sit(browser, 'ana')
    const here = one.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    here.text('description').insert(0, 'so long that nothing is folded '.repeat(50))
    await office.later(10_000)
    const asleep = two.desk.open(Ticket, '1')
    await office.quiet()
    office.server.judge = refusing('closed', 'status', 'only the office may close')
    office.goDown()
    await office.quiet()
    asleep.counter('stock').add(3)
    asleep.text('notes').insert(0, 'cellar ')
    await office.quiet()
    expect(asleep.field('stock').save).toBe('on device')
    const thaw = browser.freeze(two.tab)
    here.set({ status: 'closed' })
    await office.comeBack()
    await office.later(5_000)
    expect(office.stored()).toMatchObject({ stock: 3, notes: 'cellar ' })
    thaw()
    await office.later(40_000)
    await office.later(40_000)
    expect(office.stored()).toMatchObject({ stock: 3, notes: 'cellar ' })
    expect(asleep.view).toMatchObject({ stock: 3, notes: 'cellar ' })
    expect(two.desk.status.pending).toBe(0)
  })

  describe('whose device is full', () => {
    let isFull = false
    const seat = async (seed: number) => {
      const tab = browser.tab(office.server.createSocket, seed)
      const indexedDB = filled(browser.indexedDB, () => isFull)
      const desk = office.connect(tab, 'ana', { surroundings: { ...tab.surroundings, indexedDB } })
      await desk.ready
      await office.quiet()
      return { tab, desk, ticket: desk.open(Ticket, '1') }
    }

    beforeEach(async () => {
      isFull = false
      const bo = await office.sit(office.browser(), 'bo')
      bo.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
      await office.quiet()
      office.server.judge = refusing('closed', 'status', 'only the office may close')
    })

    it.each(['who wrote it', 'who heard of it'])(
      'what one wrote before it slept comes once as it wakes with another that heard of it asleep, %s first',
      async first => {
        const one = await seat(71)
        const two = await seat(72)
        await office.quiet()
        isFull = true
        office.goDown()
        await office.quiet()
        const thaws = [browser.freeze(two.tab)]
        one.ticket.counter('stock').add(2)
        await office.quiet()
        thaws.push(browser.freeze(one.tab))
        await office.comeBack()
        const three = await seat(73)
        await office.quiet()
        three.ticket.set({ status: 'closed' })
        await office.later(5_000)
        expect(three.desk.tray.items).toMatchObject([{ path: 'status', value: 'closed' }])
        isFull = false
        if (first === 'who wrote it') thaws.reverse()
        for (const thaw of thaws) thaw()
        await office.later(40_000)
        await office.later(40_000)
        expect(office.stored()).toMatchObject({ status: 'open', stock: 2 })
        for (const { ticket, desk } of [one, two, three]) {
          expect(ticket.view).toMatchObject({ stock: 2 })
          expect(desk.status.pending).toBe(0)
        }
      },
    )

    it.each([
      ['another', false],
      ['a third one that only another had told of it', true],
    ])(
      'what was refused of one that is gone goes to the tray of %s, and nothing else does',
      async (_, isThird) => {
        const one = await seat(71)
        const two = await seat(72)
        await office.quiet()
        isFull = true
        office.goDown()
        await office.quiet()
        one.ticket.set({ status: 'closed' })
        await office.quiet()
        await one.desk.close()
        two.ticket.counter('stock').add(2)
        await office.quiet()
        const desks = [two.desk]
        let thaw = (): void => {}
        if (isThird) {
          desks.push((await seat(73)).desk)
          await office.quiet()
          thaw = browser.freeze(two.tab)
        }
        await office.comeBack()
        await office.later(40_000)
        thaw()
        await office.later(40_000)
        expect(office.stored()).toMatchObject({ status: 'open', stock: 2 })
        expect(two.ticket.view).toMatchObject({ status: 'open', stock: 2 })
        const trays = desks.flatMap(({ tray }) => tray.items?.map(({ path, value }) => [path, value]) ?? [])
        expect(trays).toEqual([['status', 'closed']])
        for (const { status } of desks) expect(status.pending).toBe(0)
      },
    )

    it.each([
      ['as it is still', false],
      ['as it is no more when it wakes', true],
    ])(
      '%s, what one wrote that fell asleep as it was about to begin afresh counts once',
      async (_, hasRoom) => {
        const one = await seat(71)
        const two = await seat(72)
        await office.quiet()
        isFull = true
        one.ticket.set({ status: 'closed' })
        for (let turn = 0; turn < 2; turn++) {
          office.server.crank()
          await settle(5)
        }
        two.ticket.counter('stock').add(2)
        await settle(1)
        const thaw = browser.freeze(two.tab)
        await office.later(2_000)
        await office.later(2_000)
        expect(office.stored()).toMatchObject({ status: 'open', stock: 2 })
        isFull = false
        if (hasRoom) await office.later(10_000)
        thaw()
        await office.later(40_000)
        expect(office.stored()).toMatchObject({ status: 'open', stock: 2 })
        expect(two.ticket.view).toMatchObject({ status: 'open', stock: 2 })
      },
    )
  })

  it('one whose device was cleared, and has a new epoch on it since by another, reads no text twice, and loses nothing', async () => {
    const { indexedDB } = browser
    const opened: IDBDatabase[] = []
    const open = indexedDB.open.bind(indexedDB)
    indexedDB.open = (name, version) => {
      const request = open(name, version)
      request.addEventListener('success', () => opened.push(request.result))
      return request
    }
    const one = await office.sit(browser, 'ana')
    const here = one.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    here.text('notes').insert(0, 'in the cellar')
    await office.quiet()
    office.goDown()
    here.text('notes').insert(0, 'wet ')
    here.text('notes').delete(7, 4)
    await office.quiet()
    for (const database of opened.splice(0)) database.close()
    await new Promise(done =>
      indexedDB.deleteDatabase('corecord http://server.test ana').addEventListener('success', done),
    )
    office.server.restore('ticket:1', Y.encodeStateAsUpdate(office.server.room('ticket:1').durable), 'e2')
    office.server.isDown = false
    const two = await office.sit(browser, 'ana')
    const there = two.desk.open(Ticket, '1')
    await office.quiet()
    expect(there.view?.notes).toBe('in the cellar')
    await office.comeBack()
    await office.later(40_000)
    expect(office.stored()).toMatchObject({ title: 'Leak', notes: 'wet in cellar' })
    expect(here.view).toEqual(there.view)
    expect(one.desk.status.pending + two.desk.status.pending).toBe(0)
  })

  it('what one slept through it asks for, once it hears of what builds on it', async () => {
    const one = await office.sit(browser, 'ana')
    const two = await office.sit(browser, 'ana')
    const here = one.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    const there = two.desk.open(Ticket, '1')
    await office.quiet()
    office.goDown()
    await office.quiet()
    const thaw = browser.freeze(two.tab)
    here.union('tags').add('slept through')
    await office.quiet()
    thaw()
    here.union('tags').add('heard')
    await office.quiet()
    expect(there.view?.tags).toEqual(['heard', 'slept through'])
  })

  it('«write again» in one that has not yet heard of another’s fresh start is written', async () => {
    const one = await office.sit(browser, 'ana')
    const deaf = browser.tab(office.server.createSocket, 77)
    const { openTabPort } = deaf.surroundings
    const desk = office.connect(deaf, 'ana', {
      surroundings: {
        ...deaf.surroundings,
        openTabPort: deafTo('overtaken', openTabPort),
      },
    })
    await desk.ready
    const here = one.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    const there = desk.open(Ticket, '1')
    await office.quiet()
    const bad = (of: Uint8Array): boolean => Buffer.from(of).includes('bad')
    office.server.judge = update =>
      bad(update) ? { code: 'NOT_PERMITTED', paths: ['tags/bad'], sentence: 'tags/bad: is not yours' } : null
    here.union('tags').add('bad')
    await office.quiet()
    const [item] = desk.tray.items ?? []
    expect(item?.path).toBe('tags/bad')
    expect(there.view?.tags).toEqual(['bad'])
    office.server.judge = () => null
    await desk.tray.retry(item?.id ?? '')
    for (let i = 0; i < 3; i++) await office.later(40_000)
    expect(office.stored().tags).toEqual(['bad'])
    expect(desk.tray.items).toEqual([])
    expect(there.view?.tags).toEqual(['bad'])
  })

  it('of two people in one browser neither sees what the other has not sent', async () => {
    office.server.isDown = true
    const ana = await office.sit(browser, 'ana')
    ana.desk.create(Ticket, { title: 'Ana’s' }, { id: '1' })
    await office.quiet()
    const bo = await office.sit(browser, 'bo')
    const there = bo.desk.open(Ticket, '1')
    await office.quiet()
    expect(there.state).toBe('unavailable')
    expect(bo.desk.status.pending).toBe(0)
    await office.comeBack()
    expect(ana.desk.status.pending).toBe(0)
    expect(there.view?.title).toBe('Ana’s')
    expect(there.view?.createdBy).toBe('ana')
  })
})

describe('a tablet that somebody else uses now', () => {
  it('keeps the first one’s unsent edits, unsent and unseen, until they are back', async () => {
    office.server.isDown = true
    const ana = await office.sit(browser, 'ana')
    ana.desk.create(Ticket, { title: 'Ana’s' }, { id: '1' })
    await office.quiet()
    await ana.desk.close()
    const bo = await office.sit(browser, 'bo')
    await office.comeBack()
    const there = bo.desk.open(Ticket, '1')
    await office.quiet()
    expect(there.state).toBe('absent')
    await bo.desk.close()
    await office.sit(browser, 'ana')
    await office.comeBack()
    expect(office.stored().title).toBe('Ana’s')
  })

  it('asks before it signs out somebody with unsent edits, and then leaves nothing', async () => {
    office.server.isDown = true
    const { desk } = await office.sit(browser, 'ana')
    desk.create(Ticket, { title: 'Ana’s' }, { id: '1' })
    await office.quiet()
    expect(await desk.signOut()).toEqual({ done: false, unsent: 1 })
    expect(desk.status.pending).toBe(1)
    const out = desk.signOut({ discardUnsent: true })
    await office.quiet()
    expect(await out).toEqual({ done: true, unsent: 1 })
    expect(await browser.indexedDB.databases()).toEqual([])
  })

  it('asks so too where the app has no such records any more', async () => {
    office.server.isDown = true
    const before = await office.sit(browser, 'ana')
    before.desk.create(Ticket, { title: 'A month of work' }, { id: '1' })
    await office.quiet()
    await before.desk.close()
    const warn = vi.spyOn(console, 'warn').mockReturnValue()
    const { desk } = await office.sit(browser, 'ana', { records: [Part] })
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('unsent edits of ticket'))
    warn.mockRestore()
    expect(await desk.signOut()).toEqual({ done: false, unsent: 1 })
    await desk.close()
    await office.sit(browser, 'ana')
    await office.comeBack()
    expect(office.stored().title).toBe('A month of work')
  })
})

/** What is said of this kind to a tab, of a ticket, it does not hear. */
const deafTo =
  (kind: string, openTabPort: Surroundings['openTabPort']): Surroundings['openTabPort'] =>
  name => {
    const port = openTabPort?.(name) as TabPort
    if (!name.includes('ticket')) return port
    const heard: TabPort = {
      onmessage: null,
      postMessage: message => port.postMessage(message),
      close: () => port.close(),
    }
    port.onmessage = event => {
      if ((event.data as { kind: string }).kind !== kind) heard.onmessage?.(event)
    }
    return heard
  }
