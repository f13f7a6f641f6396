import 'fake-indexeddb/auto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { openIndexedDbStore } from '../../client/local/indexeddb-store.ts'
import { MemoryStore } from '../../client/local/memory-store.ts'
import { Tray } from '../../client/record/tray.ts'
import { surroundingsHere } from '../../client/surroundings.ts'
import { refusing } from './fake-server.ts'
import { failing, filled, hang, watched } from './failing-store.ts'
import { Office } from './office.ts'
import { Ticket } from './records.ts'

let office: Office

beforeEach(() => {
  office = new Office()
})
afterEach(() => office.close())

const NAME = 'corecord http://server.test ana'

describe('a device', () => {
  it('that is full goes on working, says so, and keeps what it could not once there is room', async () => {
    const browser = office.browser()
    let isFull = false
    browser.indexedDB = failing(browser.indexedDB, 'QuotaExceededError', () => isFull)
    office.server.isDown = true
    const { desk, tab } = await office.sit(browser, 'ana')
    // So long that what follows is written beside it, and does not come again with the whole of it.
    const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    ticket.text('notes').insert(0, 'under the sink '.repeat(60))
    await office.quiet()
    isFull = true
    ticket.set({ status: 'done' })
    await office.quiet()
    expect(ticket.field('status').save).toBe('pending')
    expect(ticket.field('title').save).toBe('on device')
    expect(desk.status).toMatchObject({ storage: 'full', pending: 3, onDevice: 2 })
    // A tab that is closed now would lose it, and the browser is told to ask.
    expect([...tab.leavers].some(isUnsafe => isUnsafe())).toBe(true)
    isFull = false
    await office.later(5_000)
    await office.quiet()
    expect(ticket.field('status').save).toBe('on device')
    expect(desk.status).toMatchObject({ storage: 'device', onDevice: 3 })
    expect([...tab.leavers].some(isUnsafe => isUnsafe())).toBe(false)
    // Who has only the device finds it there.
    browser.areTabsDeaf = true
    const next = await office.sit(browser, 'ana')
    const kept = next.desk.open(Ticket, '1')
    await office.quiet()
    expect(kept.view?.status).toBe('done')
    expect(next.desk.status.pending).toBe(3)
    await office.comeBack()
    expect(office.stored().status).toBe('done')
  })

  it('that stays full keeps nobody from a new epoch, nor from what was refused; all is kept once there is room', async () => {
    const browser = office.browser()
    const { indexedDB } = browser
    let isFull = false
    browser.indexedDB = failing(indexedDB, 'QuotaExceededError', () => isFull)
    const { desk, tab } = await office.sit(browser, 'ana')
    browser.indexedDB = indexedDB
    const other = await office.sit(browser, 'ana')
    const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    other.desk.create(Ticket, { title: 'Rust' }, { id: '2' })
    await office.quiet()
    isFull = true
    desk.goOffline()
    ticket.set({ status: 'done' })
    office.server.restore('ticket:1', Y.encodeStateAsUpdate(office.server.room('ticket:1').durable), 'e2')
    desk.goOnline()
    await office.later(10_000)
    expect(office.stored().status).toBe('done')
    expect(await ticket.whenCurrent()).toBe(false)
    office.server.judge = refusing('Mine', 'title', 'Ask for it.')
    ticket.set({ title: 'Mine' })
    await office.later(10_000)
    expect(desk.status).toMatchObject({ storage: 'full', pending: 0, refused: 1 })
    // In another tab something is refused too, and that one says so.
    other.desk.open(Ticket, '2').set({ title: 'Mine too' })
    await office.later(10_000)
    expect(desk.tray.items?.map(({ value }) => value)).toEqual(['Mine', 'Mine too'])
    office.goDown()
    ticket.set({ title: 'Leak again' })
    isFull = false
    await office.later(5_000)
    expect(desk.status).toMatchObject({ storage: 'device', onDevice: 1 })
    browser.freeze(tab)
    const next = await office.sit(browser, 'ana')
    const again = next.desk.open(Ticket, '1')
    await office.quiet()
    expect(again.view).toMatchObject({ title: 'Leak again', status: 'done' })
    expect(next.desk.tray.items?.map(({ value }) => value)).toEqual(['Mine', 'Mine too'])
    await office.comeBack()
    expect(office.stored()).toMatchObject({ title: 'Leak again', status: 'done' })
  })

  it('that is full still when the page is closed makes nothing come twice that was put back and saved', async () => {
    const browser = office.browser()
    let isFull = false
    browser.indexedDB = filled(browser.indexedDB, () => isFull)
    const { desk } = await office.sit(browser, 'ana')
    const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    desk.goOffline()
    ticket.counter('stock').add(1)
    ticket.text('notes').insert(0, 'under the sink')
    await office.quiet()
    expect(desk.status).toMatchObject({ storage: 'device', pending: 2, onDevice: 2 })
    isFull = true
    office.server.restore('ticket:1', Y.encodeStateAsUpdate(office.server.room('ticket:1').durable), 'e2')
    desk.goOnline()
    for (let i = 0; i < 3; i++) await office.later(10_000)
    expect(desk.status).toMatchObject({ storage: 'full', pending: 0 })
    expect(office.stored()).toMatchObject({ stock: 1, notes: 'under the sink' })
    await desk.close()
    const next = await office.sit(browser, 'ana')
    const again = next.desk.open(Ticket, '1')
    for (let i = 0; i < 3; i++) await office.later(10_000)
    expect(office.stored()).toMatchObject({ stock: 1, notes: 'under the sink' })
    expect(again.view).toMatchObject({ stock: 1, notes: 'under the sink' })
  })

  it('that has room for little keeps what was refused, and makes nothing come twice that was put back beside it', async () => {
    const browser = office.browser()
    let isFull = false
    const isLarge = (value: unknown): boolean => JSON.stringify(value).length > 3_000
    browser.indexedDB = filled(browser.indexedDB, value => isFull && isLarge(value))
    const { desk } = await office.sit(browser, 'ana')
    const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    const notes = 'under the sink '.repeat(300)
    desk.goOffline()
    ticket.counter('stock').add(1)
    ticket.text('notes').insert(0, notes)
    ticket.set({ title: 'bad' })
    await office.quiet()
    isFull = true
    office.server.judge = refusing('bad', 'title', 'Ask for it.')
    office.server.restore('ticket:1', Y.encodeStateAsUpdate(office.server.room('ticket:1').durable), 'e2')
    desk.goOnline()
    for (let i = 0; i < 4; i++) await office.later(10_000)
    expect(desk.status).toMatchObject({ storage: 'full', pending: 0, refused: 1 })
    expect(office.stored()).toMatchObject({ stock: 1, notes, title: 'Leak' })
    await desk.close()
    const next = await office.sit(browser, 'ana')
    const again = next.desk.open(Ticket, '1')
    for (let i = 0; i < 4; i++) await office.later(10_000)
    expect(next.desk.tray.items?.map(({ value }) => value)).toEqual(['bad'])
    expect(office.stored()).toMatchObject({ stock: 1, notes, title: 'Leak' })
    expect(again.view).toMatchObject({ stock: 1, notes, title: 'Leak' })
  })

  it('that is full still has what was only read, once its record has begun afresh', async () => {
    const browser = office.browser()
    let isFull = false
    browser.indexedDB = filled(browser.indexedDB, () => isFull)
    const before = await office.sit(browser, 'ana')
    before.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    await before.desk.close()
    const { desk } = await office.sit(browser, 'ana')
    const ticket = desk.open(Ticket, '1')
    await office.quiet()
    isFull = true
    office.server.restore('ticket:1', Y.encodeStateAsUpdate(office.server.room('ticket:1').durable), 'e2')
    for (let i = 0; i < 3; i++) await office.later(10_000)
    expect(ticket.generation).toBe(2)
    expect(desk.status.storage).toBe('full')
    await desk.close()
    office.goDown()
    const next = await office.sit(browser, 'ana')
    const again = next.desk.open(Ticket, '1')
    await office.quiet()
    expect(again.view).toMatchObject({ title: 'Leak' })
  })

  it('that stays full keeps each of what was refused meanwhile, once there is room', async () => {
    const browser = office.browser()
    let isFull = false
    browser.indexedDB = filled(browser.indexedDB, () => isFull)
    const { desk } = await office.sit(browser, 'ana')
    const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    office.server.judge = refusing('bad', 'title', 'Ask for it.')
    isFull = true
    for (const title of ['bad', 'as bad']) {
      ticket.set({ title })
      await office.later(10_000)
    }
    isFull = false
    await office.later(10_000)
    expect(desk.status).toMatchObject({ storage: 'device', refused: 2 })
    await desk.close()
    const next = await office.sit(browser, 'ana')
    expect(next.desk.tray.items?.map(({ value }) => value)).toEqual(['bad', 'as bad'])
  })

  it('that was full brings back nothing of what was put away, or written again, from the tray meanwhile', async () => {
    const browser = office.browser()
    let isFull = false
    browser.indexedDB = filled(browser.indexedDB, () => isFull)
    const { desk } = await office.sit(browser, 'ana')
    const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    office.server.judge = refusing('bad', 'title', 'Ask for it.')
    isFull = true
    for (const title of ['bad', 'as bad', 'bad enough']) {
      ticket.set({ title })
      await office.later(10_000)
    }
    const [first, second, third] = desk.tray.items ?? []
    expect([first, second, third].map(item => item?.value)).toEqual(['bad', 'as bad', 'bad enough'])
    desk.tray.discard(first?.id ?? '')
    office.server.judge = () => null
    await desk.tray.retry(second?.id ?? '')
    await office.later(10_000)
    isFull = false
    await office.later(10_000)
    expect(desk.status).toMatchObject({ storage: 'device', refused: 1, pending: 0 })
    await desk.close()
    const next = await office.sit(browser, 'ana')
    expect(next.desk.tray.items?.map(({ value }) => value)).toEqual(['bad enough'])
    expect(office.stored().title).toBe('as bad')
  })

  it('that is full looks at each of what was refused once, however much that is, when it is asked again', async () => {
    let looks = 0
    const counted = (id: string): object =>
      Object.defineProperty({}, 'id', {
        get() {
          looks++
          return id
        },
      })
    const ids = Array.from({ length: 100 }, (_, i) => `ticket:1 ${i}`)
    const store = new MemoryStore()
    store.list = async () => ids.map(id => ({ key: [id], value: counted(id) }))
    const tray = new Tray(
      () => store,
      async () => [],
      () => {},
    )
    await tray.load()
    looks = 0
    const writes = ids.map(id => ({ put: 'tray' as const, key: [id], value: null }))
    expect(tray.asNow(writes)).toHaveLength(ids.length)
    expect(looks).toBe(ids.length)
  })

  it('that was full shows another tab what was refused meanwhile, once it has it, and what that one puts away is gone here', async () => {
    const browser = office.browser()
    let isFull = false
    browser.indexedDB = filled(browser.indexedDB, () => isFull)
    const { desk } = await office.sit(browser, 'ana')
    const other = await office.sit(browser, 'ana')
    const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    await other.desk.tray.load()
    office.server.judge = refusing('bad', 'title', 'Ask for it.')
    isFull = true
    ticket.set({ title: 'bad' })
    await office.later(10_000)
    expect(desk.tray.items).toHaveLength(1)
    isFull = false
    await office.later(10_000)
    const [item] = other.desk.tray.items ?? []
    expect(item?.value).toBe('bad')
    other.desk.tray.discard(item?.id ?? '')
    await office.quiet()
    expect(desk.tray.items).toEqual([])
  })

  it('has what a person wrote on its disk itself, and what came from the server as it likes', async () => {
    const browser = office.browser()
    const written: (string | undefined)[] = []
    browser.indexedDB = watched(browser.indexedDB, (tables, mode, durability) => {
      if (mode === 'readwrite' && tables.includes('updates')) written.push(durability)
    })
    const { desk } = await office.sit(browser, 'ana')
    const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    const other = await office.sit(office.browser(), 'bo')
    const theirs = other.desk.open(Ticket, '1')
    await office.quiet()
    written.length = 0
    theirs.set({ title: 'Leak again' })
    await office.quiet()
    expect(ticket.view?.title).toBe('Leak again')
    expect(written).toEqual(['relaxed'])
    written.length = 0
    ticket.set({ status: 'done' })
    await office.quiet()
    expect(written).toEqual(['strict'])
  })

  it('that closes its database beneath a page in the background, or loses it, keeps what is written afterwards', async () => {
    const browser = office.browser()
    const { indexedDB } = browser
    const opened: IDBDatabase[] = []
    const open = indexedDB.open.bind(indexedDB)
    indexedDB.open = (name, version) => {
      const request = open(name, version)
      request.addEventListener('success', () => opened.push(request.result))
      return request
    }
    let isLost = false
    browser.indexedDB = failing(indexedDB, 'UnknownError', () => {
      if (!isLost) return false
      isLost = false
      return true
    })
    const { desk, tab } = await office.sit(browser, 'ana')
    const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    expect(tab.askedToKeep).toBe(0)
    office.goDown()
    opened.at(-1)?.close()
    ticket.set({ status: 'done' })
    await office.quiet()
    // What this device alone has the browser is not to clear.
    expect(tab.askedToKeep).toBe(1)
    expect(desk.status).toMatchObject({ storage: 'device', pending: 1, onDevice: 1 })
    isLost = true
    ticket.set({ title: 'Leak again' })
    await office.quiet()
    expect(desk.status).toMatchObject({ storage: 'device', pending: 2, onDevice: 2 })
    expect(tab.askedToKeep).toBe(1)
    opened.at(-1)?.close()
    expect(desk.open(Ticket, '2').view).toBe(undefined)
    await office.quiet()
    browser.freeze(tab)
    const next = await office.sit(browser, 'ana')
    const again = next.desk.open(Ticket, '1')
    await office.quiet()
    expect(again.view).toMatchObject({ title: 'Leak again', status: 'done' })
    // Somebody clears the browser's data: what the page holds would be missing beneath what it writes.
    for (const database of opened) database.close()
    await new Promise(done => indexedDB.deleteDatabase(NAME).addEventListener('success', done))
    again.set({ status: 'open' })
    await office.quiet()
    expect(next.desk.status).toMatchObject({ storage: 'denied', onDevice: 2, pending: 3 })
    expect(await indexedDB.databases()).toEqual([])
    await office.comeBack()
    expect(office.stored()).toMatchObject({ title: 'Leak again', status: 'open' })
  })

  it('that keeps nothing, as in a private window, works with the server and says so', async () => {
    const { desk, tab } = await office.sit(office.browser(), 'ana', {
      surroundings: { ...office.browser().tab(office.server.createSocket).surroundings, indexedDB: null },
    })
    expect(desk.status.storage).toBe('denied')
    office.server.holdsAcks = true
    const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    expect(ticket.field('title').save).toBe('pending')
    expect(desk.status.onDevice).toBe(0)
    office.server.ack()
    await office.quiet()
    expect(ticket.field('title').save).toBe('saved')
    expect(tab.isVisible).toBe(true)
  })

  for (const [what, hung] of [
    ['is never opened', (factory: IDBFactory) => withOpen(factory, () => ({}) as IDBOpenDBRequest)],
    [
      'is opened and answers nothing',
      (factory: IDBFactory) =>
        withOpen(factory, (...of) => {
          const request = factory.open(...of)
          request.addEventListener('success', () => {
            request.result.transaction = () =>
              ({ addEventListener() {}, objectStore: () => ({ get: () => ({}) }) }) as never
          })
          return request
        }),
    ],
  ] as const)
    it(`whose database ${what} keeps nobody from working, says so, and touches nothing of what lies there`, async () => {
      const browser = office.browser()
      const { indexedDB } = browser
      const before = await office.sit(browser, 'ana')
      office.goDown()
      before.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
      await office.quiet()
      browser.freeze(before.tab)
      browser.indexedDB = hung(indexedDB)
      const tab = browser.tab(office.server.createSocket, 9)
      const desk = office.connect(tab, 'ana')
      await office.quiet()
      expect(desk.me).not.toBe(null)
      office.server.isDown = false
      await office.later(8_000)
      await desk.ready
      await office.quiet()
      expect(desk.status).toMatchObject({ storage: 'stuck', carrier: 'socket' })
      desk.create(Ticket, { title: 'Rust' }, { id: '2' })
      await office.quiet()
      expect(office.stored('2').title).toBe('Rust')
      await desk.close()
      browser.indexedDB = indexedDB
      const next = await office.sit(browser, 'ana')
      await office.comeBack()
      expect(office.stored().title).toBe('Leak')
      expect(next.desk.status).toMatchObject({ storage: 'device', pending: 0 })
    })

  it('whose database hangs in the middle of a session shows what the server has, then what it kept, and can be left', async () => {
    const browser = office.browser()
    const before = await office.sit(browser, 'ana')
    for (const id of ['1', '2']) before.desk.create(Ticket, { title: `Leak ${id}` }, { id })
    await office.quiet()
    await before.desk.close()
    const { desk } = await office.sit(browser, 'ana')
    const release = await hang(browser.indexedDB, NAME)
    const shown = desk.open(Ticket, '1')
    await office.quiet()
    expect(shown.state).toBe('loading')
    await office.later(8_000)
    expect(shown.view?.title).toBe('Leak 1')
    expect(desk.status.storage).toBe('stuck')
    office.goDown()
    const kept = desk.open(Ticket, '2')
    await office.later(8_000)
    expect(kept.view?.title).not.toBe('Leak 2')
    release()
    await office.quiet()
    expect(kept.view?.title).toBe('Leak 2')
    shown.set({ title: 'Big leak' })
    await office.comeBack()
    expect(desk.status).toMatchObject({ storage: 'device', pending: 0 })
    expect(office.stored().title).toBe('Big leak')
    const releaseAgain = await hang(browser.indexedDB, NAME)
    shown.set({ title: 'Huge leak' })
    await office.quiet()
    let isClosed = false
    const closed = desk.close().then(() => {
      isClosed = true
    })
    for (let i = 0; i < 3; i++) await office.later(20_000)
    expect(isClosed).toBe(true)
    expect(office.stored().title).toBe('Huge leak')
    releaseAgain()
    await closed
  })

  it.each([
    ['late', 'there'],
    ['late', 'away'],
    ['with errors first', 'there'],
    ['with errors first', 'away'],
  ])(
    'that tells %s what it holds of an earlier epoch, while the server is %s, adds nothing twice, and brings nothing back',
    async (how, server) => {
      const browser = office.browser()
      let isFailing = false
      browser.indexedDB = watched(browser.indexedDB, (_, mode) => {
        if (isFailing && mode === 'readonly') throw new DOMException('no', 'DataError')
      })
      const before = await office.sit(browser, 'ana')
      const ticket = before.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
      ticket.text('notes').insert(0, 'wet')
      await office.quiet()
      const backup = Y.encodeStateAsUpdate(office.server.room('ticket:1').durable)
      const other = await office.sit(office.browser(), 'bo')
      const theirs = other.desk.open(Ticket, '1')
      await office.quiet()
      theirs.text('notes').insert(3, ' and lost')
      await office.quiet()
      for (const { desk } of [before, other]) await desk.close()
      office.server.restore('ticket:1', backup, 'e2')
      const { desk } = await office.sit(browser, 'ana')
      if (server === 'away') office.goDown()
      isFailing = how !== 'late'
      const release = isFailing ? () => (isFailing = false) : await hang(browser.indexedDB, NAME)
      const shown = desk.open(Ticket, '1')
      await office.quiet()
      await office.later(8_000)
      if (server === 'there') shown.text('notes').insert(0, 'still ')
      await office.quiet()
      release()
      await office.quiet()
      await office.comeBack()
      await office.later(10_000)
      const notes = server === 'there' ? 'still wet' : 'wet'
      expect(shown.view?.notes).toBe(notes)
      expect(desk.status).toMatchObject({ storage: 'device', pending: 0 })
      expect(office.stored().notes).toBe(notes)
    },
  )

  it.each(['in the epoch of which it is', 'in another one'])(
    'that cannot be read for a while keeps what was unsent on it, whatever is refused and begun afresh meanwhile, %s',
    async epoch => {
      const browser = office.browser()
      let isFailing = false
      browser.indexedDB = watched(browser.indexedDB, ([table], mode) => {
        if (isFailing && mode === 'readonly' && table !== 'meta') throw new DOMException('no', 'DataError')
      })
      const before = await office.sit(browser, 'ana')
      const ticket = before.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
      ticket.text('notes').insert(0, 'wet')
      await office.quiet()
      const { durable } = office.server.room('ticket:1')
      office.server.restore('ticket:1', Y.encodeStateAsUpdate(durable), 'e2')
      await office.later(10_000)
      office.goDown()
      ticket.set({ status: 'done' })
      await office.quiet()
      await before.desk.close()
      isFailing = true
      const { desk } = await office.sit(browser, 'ana')
      const shown = desk.open(Ticket, '1')
      await office.quiet()
      await office.comeBack()
      expect(shown.view).toMatchObject({ title: 'Leak', status: 'open' })
      if (epoch === 'in another one') {
        const { durable: now } = office.server.room('ticket:1')
        office.server.restore('ticket:1', Y.encodeStateAsUpdate(now), 'e3')
        await office.later(10_000)
      }
      office.server.judge = refusing('Mine', 'title', 'Ask for it.')
      shown.set({ title: 'Mine' })
      await office.later(10_000)
      expect(shown.view?.title).toBe('Leak')
      shown.text('notes').insert(0, 'still ')
      await office.quiet()
      isFailing = false
      await office.later(10_000)
      expect(office.stored()).toMatchObject({ title: 'Leak', status: 'done', notes: 'still wet' })
      expect(desk.status).toMatchObject({ storage: 'device', pending: 0 })
      await desk.close()
      office.goDown()
      const last = await office.sit(browser, 'ana')
      const again = last.desk.open(Ticket, '1')
      await office.quiet()
      expect(again.view).toMatchObject({ title: 'Leak', status: 'done', notes: 'still wet' })
      expect(last.desk.tray.items?.map(({ value }) => value)).toEqual(['Mine'])
      expect(last.desk.status).toMatchObject({ pending: 0 })
    },
  )

  it('whose database cannot be read starts a new one, and says that something was lost', async () => {
    const browser = office.browser()
    const request = browser.indexedDB.open(NAME, 1)
    await new Promise(done => request.addEventListener('success', done))
    request.result.close()
    const { desk } = await office.sit(browser, 'ana')
    expect(desk.status.storage).toBe('corrupt')
    const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    expect(ticket.field('title').save).toBe('saved')
    await desk.close()
    const again = await office.sit(browser, 'ana')
    expect(again.desk.status.storage).toBe('device')
  })

  for (const [edits, pauseEvery] of [
    [10_000, 500],
    [7, 1],
  ] as const)
    it(`holds less than twice the state of a record after ${edits} edits, also where nobody closes it`, async () => {
      const browser = office.browser()
      const { desk } = await office.sit(browser, 'ana')
      const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
      for (let i = 0; i < edits; i++) {
        ticket.set({ title: `Leak ${i}` })
        if (i % pauseEvery === 0) await office.quiet()
      }
      await office.quiet()
      expect(desk.status.pending).toBe(0)
      await office.later(5_000)
      const ratio = async (): Promise<number> => {
        const store = await openIndexedDbStore(browser.indexedDB, NAME, surroundingsHere())
        const entries = await store.list('updates', ['ticket:1'])
        await store.close()
        const kept = entries.reduce((sum, { value }) => sum + (value as Uint8Array).length, 0)
        const doc = new Y.Doc()
        for (const { value } of entries) Y.applyUpdate(doc, value as Uint8Array)
        return kept / Y.encodeStateAsUpdate(doc).length
      }
      expect(await ratio()).toBeLessThan(2)
      await desk.close()
      expect(await ratio()).toBeLessThan(2)
    })
})

describe('a thousand mounts and unmounts', () => {
  it('leave no listener, timer or open record', async () => {
    const { desk, tab } = await office.sit(office.browser(), 'ana')
    desk.create(Ticket, { title: 'Leak' }, { id: '1' }).close()
    await office.quiet()
    await office.later(10_000)
    const { waiting } = office.time
    const { listeners } = tab
    for (let i = 0; i < 1_000; i++) {
      const ticket = desk.open(Ticket, '1')
      const list = desk.list(Ticket, { where: { status: 'open' } })
      const stops = [
        ticket.subscribe('title', () => {}),
        list.subscribe(() => {}),
        ticket.presence.subscribe(() => {}),
      ]
      for (const stop of stops) stop()
      ticket.close()
      list.close()
      if (i % 100 === 0) await office.quiet()
    }
    await office.later(10_000)
    await office.later(10_000)
    expect(desk.inUse.records).toBe(0)
    expect(desk.inUse.lists).toBe(0)
    expect(office.time.waiting).toBe(waiting)
    expect(tab.listeners).toBe(listeners)
    expect([...office.server.sockets][0]?.channels.size).toBe(0)
  })
})

const withOpen = (factory: IDBFactory, open: IDBFactory['open']): IDBFactory =>
  new Proxy(factory, {
    get: (target, key) => (key === 'open' ? open : Reflect.get(target, key).bind?.(target)),
  })
