import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { DeskEvent } from '../../client/event/event-bus.ts'
import { RowEvents } from '../../client/event/row-events.ts'
import type { JsonObject } from '../../shared/wire/shape.ts'
import type { FakeSocket } from './fake-server.ts'
import { settle } from './fake-surroundings.ts'
import { Office, type Seat } from './office.ts'
import type { TabPort } from '../../client/surroundings.ts'
import { Ticket } from './records.ts'

let office: Office
beforeEach(() => {
  office = new Office()
})
afterEach(async () => {
  await office.close()
  vi.restoreAllMocks()
})

const listen = ({ desk }: Seat, name = '*'): string[] => {
  const heard: string[] = []
  desk.events.on(name, (event: DeskEvent) =>
    heard.push(`${event.name} ${event.type} ${event.from} by ${event.by}`),
  )
  return heard
}

describe('the event bus', () => {
  it('tells one’s own edits, those of other tabs and of other people, each once, followed by data:changed', async () => {
    const browser = office.browser()
    const one = await office.sit(browser, 'ana')
    const two = await office.sit(browser, 'ana')
    const bo = await office.sit(office.browser(), 'bo')
    const tickets = [one.desk.create(Ticket, { title: 'Leak' }, { id: '1' })]
    await office.quiet()
    tickets.push(two.desk.open(Ticket, '1'), bo.desk.open(Ticket, '1'))
    await office.quiet()
    const heard = [one, two, bo].map(seat => listen(seat))
    tickets[0]?.set({ status: 'done' })
    await office.quiet()
    await office.later(5_000)
    expect(heard).toEqual([
      ['ticket:updated update here by ana', 'data:changed update here by ana'],
      ['ticket:updated update tab by ana', 'data:changed update tab by ana'],
      ['ticket:updated update others by ana', 'data:changed update others by ana'],
    ])
  })

  it('a listener that fails is heard of, and hinders no edit, no other listener and nothing that comes', async () => {
    const heard = vi.spyOn(console, 'error').mockImplementation(() => {})
    const one = await office.sit(office.browser(), 'ana')
    const bo = await office.sit(office.browser(), 'bo')
    const mine = one.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    const theirs = bo.desk.open(Ticket, '1')
    const list = one.desk.list(Ticket)
    await office.quiet()
    const fail = (): never => {
      throw new Error('of a listener')
    }
    const later = async (): Promise<void> => fail()
    one.desk.events.on('*', fail)
    for (const subscribe of [mine.presence.subscribe, list.subscribe, one.desk.subscribe]) subscribe(fail)
    mine.subscribe('', fail)
    mine.subscribe('', () => later())
    let told = 0
    mine.subscribe('', () => told++)
    mine.set({ status: 'done' })
    mine.text('notes').insert(0, 'wet')
    await office.quiet()
    theirs.set({ title: 'Roof leaks' })
    await office.quiet()
    expect(mine.view).toMatchObject({ status: 'done', notes: 'wet', title: 'Roof leaks' })
    expect(office.stored()).toEqual(mine.view)
    expect(mine.status.save).toBe('saved')
    expect(told).toBeGreaterThan(2)
    expect(heard).toHaveBeenCalledWith(expect.objectContaining({ message: 'of a listener' }))
  })

  it('tells another tab of a record that it does not have open, off line too', async () => {
    office.server.isDown = true
    const browser = office.browser()
    const one = await office.sit(browser, 'ana')
    const two = await office.sit(browser, 'ana')
    const heard = listen(two, 'ticket')
    one.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    expect(heard).toEqual(['ticket:updated create tab by ana'])
  })

  it.each(['up', 'down'])(
    'tells once what another tab does just as one opens the record, however far it has come with that, with the server %s',
    async server => {
      const browser = office.browser()
      const one = await office.sit(browser, 'ana')
      const two = await office.sit(browser, 'ana')
      office.server.isDown = server === 'down'
      const heard = new Map<string, number>()
      two.desk.events.on('ticket:updated', ({ entityId, action }) => {
        const told = `${entityId} ${action}`
        heard.set(told, (heard.get(told) ?? 0) + 1)
      })
      const ids = Array.from({ length: 60 }, (_, steps) => String(steps))
      for (const id of ids) {
        const ticket = one.desk.create(Ticket, { title: 'Leak' }, { id })
        await office.quiet()
        two.desk.open(Ticket, id)
        for (let step = 0; step < Number(id); step++) {
          if (step % 20 === 19) office.server.crank()
          await (step < 20 ? Promise.resolve() : settle(1))
        }
        ticket.set({ status: 'done' })
        await office.quiet()
        ticket.set({ status: 'open' })
        await office.quiet()
      }
      if (server === 'down') await office.comeBack()
      await office.later(20_000)
      expect(Object.fromEntries(heard)).toEqual(
        Object.fromEntries(
          ids.flatMap(id => [
            [`${id} create`, 1],
            [`${id} update`, 2],
          ]),
        ),
      )
    },
  )

  it('copies no record for other tabs while there is none, and tells one that came while it slept', async () => {
    const browser = office.browser()
    const tab = browser.tab(office.server.createSocket, 77)
    let copies = 0
    const { openTabPort, ...surroundings } = tab.surroundings
    const counting: typeof openTabPort = name => {
      const port = openTabPort?.(name) as TabPort
      const post = port.postMessage.bind(port)
      port.postMessage = message => {
        if (Reflect.get(message as object, 'kind') === 'happened') copies++
        post(message)
      }
      return port
    }
    const one = office.connect(tab, 'ana', { surroundings: { ...surroundings, openTabPort: counting } })
    await one.ready
    const here = one.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    expect(copies).toBe(0)
    tab.isFrozen = true
    const two = await office.sit(browser, 'ana')
    tab.isFrozen = false
    const heard = listen(two, 'ticket')
    for (const tell of [...tab.wakers]) tell()
    await office.quiet()
    here.set({ title: 'Leaks' })
    await office.quiet()
    expect(heard).toEqual(['ticket:updated update tab by ana'])
    await two.desk.close()
    await office.quiet()
    here.set({ title: 'Leaks again' })
    await office.quiet()
    expect(copies).toBe(1)
  })

  it('goes on telling a tab that has no time to answer when another one is closed', async () => {
    const browser = office.browser()
    const one = await office.sit(browser, 'ana')
    const two = await office.sit(browser, 'ana')
    const three = await office.sit(browser, 'ana')
    two.tab.isFrozen = true
    await three.desk.close()
    await office.quiet()
    two.tab.isFrozen = false
    const heard = listen(two, 'ticket')
    one.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    expect(heard).toEqual(['ticket:updated create tab by ana'])
  })

  it('tells another tab at once what a loop has written, as it reads in the end', async () => {
    const browser = office.browser()
    const one = await office.sit(browser, 'ana')
    const two = await office.sit(browser, 'ana')
    const here = one.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    const heard: unknown[] = []
    two.desk.events.on('ticket:updated', ({ data }) => heard.push(data))
    for (const title of ['Leaks', 'Leaks again', 'Roof leaks']) here.set({ title })
    await office.quiet()
    expect(heard).toEqual(Array.from({ length: 3 }, () => expect.objectContaining({ title: 'Roof leaks' })))
  })

  it('tells of records that nothing here shows, and nothing of one that only moves up', async () => {
    const seat = await office.sit(office.browser(), 'ana')
    let told: FakeSocket | null = null
    office.server.control.sub = (body, socket) => {
      told = socket
      const row = { id: '1', title: 'A', created: 1_000, createdBy: 'bo', updated: 1_000, updatedBy: 'bo' }
      socket.sendControl({ t: 'rows', id: body.id ?? 0, version: 1, rows: [row], cursor: null })
    }
    const heard = listen(seat, 'ticket:updated')
    await office.quiet()
    const send = (delta: JsonObject): void => told?.sendControl({ t: 'delta', id: 1, ...delta })
    send({ version: 2, change: [{ id: '1', title: 'B', created: 1_000, updated: 9_000, updatedBy: 'bo' }] })
    send({
      version: 3,
      enter: [{ at: 0, row: { id: '2', title: 'C', created: 9_500, updated: 9_600, updatedBy: 'cy' } }],
    })
    send({
      version: 4,
      leave: ['1'],
      removed: ['1', 'never shown'],
      enter: [{ at: 1, row: { id: '3', title: 'D', created: 500, updated: 500, updatedBy: 'cy' } }],
    })
    await office.later(20)
    expect(heard).toEqual([
      'ticket:updated update others by bo',
      'ticket:updated create others by cy',
      'ticket:updated delete others by ',
      'ticket:updated delete others by ',
    ])
  })

  it('tells in the words of the type also where a page shows the very list, and of what was made where no row says so', async () => {
    const seat = await office.sit(office.browser(), 'ana')
    const asked: unknown[] = []
    let told: FakeSocket | null = null
    office.server.control.sub = (body, socket) => {
      told = socket
      asked.push(body.query)
      const row = { id: '1', title: 'A', created: 1_000, createdBy: 'bo', updated: 1_000, updatedBy: 'bo' }
      socket.sendControl({ t: 'rows', id: body.id ?? 0, version: 1, rows: [row], cursor: 'more' })
    }
    seat.desk.list(Ticket, { limit: 50, orderBy: ['updated', 'desc'] })
    const heard = listen(seat, 'ticket:updated')
    await office.quiet()
    expect(asked).toEqual([expect.objectContaining({ said: true })])
    const signals = [{ type: 'ticket', action: 'create' }]
    // One was made off line before all that are known, the other is one of more than the list shows.
    const row = { id: '2', title: 'B', created: 500, createdBy: 'bo', updated: 2_000, updatedBy: 'bo' }
    const said = ['2', '3'].map(id => ({ id, by: 'bo', signals }))
    const delta = { t: 'delta', id: 1, version: 2, enter: [{ at: 0, row }], said } satisfies JsonObject
    const socket = told as FakeSocket | null
    socket?.sendControl(delta)
    await office.later(20)
    expect(heard).toEqual(Array.from({ length: 2 }, () => 'ticket:updated create others by bo'))
  })

  it('of what others push out of sight a poll does not tell that it was deleted, though all were written at one moment', () => {
    const events = new RowEvents(Ticket)
    const poll = (
      isFirst: boolean,
      ...told: readonly (readonly [id: string, updated: number])[]
    ): string[] => {
      const rows = told.map(([id, updated]) => ({ id, created: updated, updated, updatedBy: 'bo' }))
      const figures = {
        id: 0,
        version: 0,
        behind: null,
        beside: null,
        hasMore: true,
        isRebuilding: false,
        people: new Map(),
      }
      return events
        .whole({ ...figures, rows }, !isFirst, 'ana')
        .map(({ type, entityId }) => `${type} ${entityId}`)
    }
    expect(poll(true, ['3', 1_000], ['2', 1_000])).toEqual([])
    expect(poll(false, ['4', 2_000], ['3', 1_000])).toEqual(['create 4'])
    expect(poll(false, ['4', 2_000], ['2', 1_000])).toEqual(['delete 3'])
  })

  it('tells that somebody else has deleted it, also right behind what was written in another tab', async () => {
    const browser = office.browser()
    const one = await office.sit(browser, 'ana')
    const two = await office.sit(browser, 'ana')
    let told: FakeSocket | null = null
    office.server.control.sub = (body, socket) => {
      told = socket
      socket.sendControl({ t: 'rows', id: body.id ?? 0, version: 1, rows: [], cursor: null })
    }
    const heard = listen(two, 'ticket:updated')
    await office.quiet()
    one.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    const said = [{ id: '1', by: 'bo', signals: [{ type: 'ticket', action: 'delete' }] }]
    const send = (delta: JsonObject): void => told?.sendControl({ t: 'delta', id: 1, ...delta })
    send({ version: 2, removed: ['1'], said })
    await office.later(20)
    expect(heard).toEqual(['ticket:updated create tab by ana', 'ticket:updated delete others by bo'])
  })

  it('that is asked for what is never told says so at once, and of what no type is called, once', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const { desk } = await office.sit(office.browser(), 'ana')
    for (const name of ['ticket:create', 'comment:delete', 'ticket:update'])
      expect(() => desk.events.on(name, () => {})).toThrow(/listen to (ticket|comment):updated/)
    expect(() => desk.events.on(undefined as unknown as string, () => {})).toThrow(/has a name/)
    expect(desk.events.isHeard).toBe(false)
    for (const name of ['ticket', 'ticket:updated', 'ticket:claimed', 'data:changed', '*'])
      desk.events.on(name, () => {})
    expect(warned).not.toHaveBeenCalled()
    for (let i = 0; i < 3; i++) desk.events.on('tickt:updated', () => {})
    expect(warned.mock.calls).toEqual([
      [expect.stringMatching(/tickt is no record type of this desk \(ticket\)/)],
    ])
  })

  it('a listener that is taken off hears nothing more, and leaves nothing', async () => {
    const seat = await office.sit(office.browser(), 'ana')
    const heard: string[] = []
    const stop = seat.desk.events.on('*', ({ name }) => {
      heard.push(name)
      stop()
    })
    seat.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    expect(heard).toEqual(['ticket:updated'])
    expect(seat.desk.events.isHeard).toBe(false)
  })
})

describe('a network that the browser says is gone', () => {
  it('is believed as soon as the server does not answer, and not before', async () => {
    const { desk, tab } = await office.sit(office.browser(), 'ana')
    const cutOff = (): void => {
      for (const tell of tab.cutOffs) tell()
    }
    cutOff()
    await office.quiet()
    await office.later(2_000)
    expect(desk.status.carrier).toBe('socket')
    const [socket] = office.server.sockets
    if (socket !== undefined) socket.isDead = true
    cutOff()
    await office.later(2_000)
    expect(desk.status.carrier).toBeNull()
  })
})

describe('the self-check', () => {
  it('notices with the heartbeat what was lost on the way, and puts it right', async () => {
    const ana = await office.sit(office.browser(), 'ana')
    const bo = await office.sit(office.browser(), 'bo')
    const here = ana.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    const there = bo.desk.open(Ticket, '1')
    await office.quiet()
    const [, socket] = [...office.server.sockets]
    // What is on its way to the other is dropped, as by a proxy that thinks it knows better.
    if (socket !== undefined) socket.drops = true
    here.set({ status: 'done' })
    await office.quiet()
    if (socket !== undefined) socket.drops = false
    expect(there.view?.status).toBe('open')
    const beat = async (): Promise<void> => {
      for (let second = 0; second < 25; second++) {
        await office.later(1_000)
        await office.quiet()
      }
    }
    await beat()
    expect(there.view?.status).toBe('done')
    expect(bo.desk.link.heals).toBe(1)
    await beat()
    expect(bo.desk.link.heals).toBe(1)
  })
})
