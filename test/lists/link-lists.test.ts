import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { linkDigest } from '../../shared/wire/link-digest.ts'
import { writeAwareness } from '../../shared/wire/sync-message.ts'
import { Periode, Project } from '../../shared/types/construction.ts'
import { Metre } from '../../shared/types/quantities.ts'
import { Ticket } from '../../shared/types/ticket.ts'
import type { Row } from '../../shared/record/filter.ts'
import { rowOrder } from '../../shared/record/row-order.ts'
import { heapsOf } from '../../shared/wire/held-rows.ts'
import { seededRandom } from '../client/fake-surroundings.ts'
import type { LinkClient } from '../wire/link-client.ts'
import { until } from '../wire/wire-server.ts'
import { ListServer } from './list-server.ts'
import { ShownList } from './shown-list.ts'

let server: ListServer

const start = async (limits = {}): Promise<void> => {
  server = await new ListServer([Ticket, Project, Periode, Metre], { limits }).start()
}
beforeEach(() => start())
afterEach(async () => {
  await server.close()
  expect(server.errors).toEqual([])
})

const dora = 'dora:Dora:dispatcher'
const create = (id: string, title: string, more: object = {}) =>
  server.edit(Ticket, id, 'dora', record => record.set({ title, ...more }), ['dispatcher'])
const edit = (id: string, patch: object) =>
  server.edit(Ticket, id, 'dora', record => record.set(patch), ['dispatcher'])

describe('a list on a link', () => {
  it('gives the rows there are, then what enters, changes and leaves', async () => {
    await create('1', 'a leaking valve')
    await create('2', 'a broken door')
    const client = await server.link(dora)
    const list = await server.list(client, 7, {
      type: 'ticket',
      where: { status: 'open' },
      orderBy: ['title', 'asc'],
      count: true,
    })
    expect(list.rows.map(row => row.title)).toEqual(['a broken door', 'a leaking valve'])
    expect(list.figures).toEqual({ total: 2 })

    await create('3', 'A LEAK')
    await until(() => list.rows.length === 3, 'the third')
    expect(list.ids).toEqual(['2', '3', '1'])

    await edit('2', { status: 'done' })
    await until(() => list.rows.length === 2, 'the second to leave')
    expect(list.ids).toEqual(['3', '1'])
    expect(list.figures).toEqual({ total: 2 })
    expect(list.deltas).toBe(2)
  })

  it('tells once for all that came in between, and at once when it was quiet', async () => {
    await create('1', 'one')
    const list = await server.list(await server.link(dora), 1, { type: 'ticket' })
    await Promise.all(Array.from({ length: 20 }, (_, i) => create(`n${i}`, `number ${i}`)))
    await until(() => list.rows.length === 21, 'all of them')
    expect(list.deltas).toBeLessThan(20)
  })

  it('says how many, how many of which, and how much', async () => {
    await create('1', 'one', { status: 'open', priority: 'high' })
    await create('2', 'two', { status: 'open' })
    await create('3', 'three', { status: 'done' })
    const list = await server.list(await server.link(dora), 1, {
      type: 'ticket',
      limit: 1,
      count: true,
      groups: ['status'],
      sums: ['urgency'],
    })
    expect(list.rows).toHaveLength(1)
    expect(list.figures).toEqual({
      total: 3,
      groups: { status: { open: 2, done: 1 } },
      sums: { urgency: 4 },
      groupSums: { status: { open: { urgency: 3 }, done: { urgency: 1 } } },
    })
    await edit('1', { status: 'done' })
    await until(() => list.deltas > 0, 'the figures')
    expect(list.figures).toMatchObject({ groups: { status: { open: 1, done: 2 } } })
  })

  it('reads on behind a cursor, however much is edited before it', async () => {
    for (let i = 0; i < 9; i++) await create(`t${i}`, `title ${i}`)
    const client = await server.link(dora)
    const query = { type: 'ticket', orderBy: ['title', 'asc'], limit: 3 }
    const first = await server.list(client, 1, query)
    expect(first.ids).toEqual(['t0', 't1', 't2'])
    await create('t00', 'title 0 again')
    await edit('t2', { title: 'zzz' })
    const second = await server.list(client, 2, { ...query, cursor: first.cursor })
    expect(second.ids).toEqual(['t3', 't4', 't5'])
    await until(() => first.ids.join() === 't0,t00,t1', 'the first page to go on')
  })

  it('is of those one may read, and follows what decides it', async () => {
    await create('1', 'mine', { assignedTo: 'tom' })
    await create('2', 'not mine', { assignedTo: 'eva' })
    const list = await server.list(await server.link('tom:Tom:'), 1, { type: 'ticket', count: true })
    expect(list.ids).toEqual(['1'])
    await edit('2', { assignedTo: 'tom' })
    await until(() => list.rows.length === 2, 'what became mine')
    await edit('1', { assignedTo: 'eva' })
    await until(() => list.rows.length === 1, 'what was mine')
    expect(list.figures).toEqual({ total: 1 })
  })

  it('becomes another when the token is renewed to other rights', async () => {
    await create('1', 'one')
    const client = await server.link(dora)
    const list = await server.list(client, 1, { type: 'ticket' })
    expect(list.rows).toHaveLength(1)
    client.tell({ t: 'token', token: 'dora:Dora:nothing' })
    await until(() => list.wholes === 2, 'the list anew')
    expect(list.rows).toEqual([])
    client.tell({ t: 'token', token: dora })
    await until(() => list.rows.length === 1, 'the list with the old rights')
  })

  it('can ask for more under the same number', async () => {
    for (let i = 0; i < 5; i++) await create(`t${i}`, `title ${i}`)
    const client = await server.link(dora)
    const list = await server.list(client, 1, { type: 'ticket', limit: 2 })
    expect(list.cursor).not.toBeNull()
    client.tell({ t: 'sub', id: 1, query: { type: 'ticket', limit: 10 } })
    await until(() => list.rows.length === 5, 'the rest')
    expect(list.cursor).toBeNull()
    await edit('t0', { title: 'new' })
    await until(() => list.deltas === 1, 'one delta')
  })

  it('stands in the digest with the version that was told', async () => {
    await create('1', 'one')
    const client = await server.link(dora)
    const list = await server.list(client, 7, { type: 'ticket' })
    await edit('1', { title: 'two' })
    await until(() => list.deltas === 1, 'the delta')
    client.tell({ t: 'ping', n: 1 })
    expect((await client.heard('pong')).digest.lists).toBe(linkDigest([[7, list.version]]))
    client.tell({ t: 'check' })
    expect((await client.heard('commits')).lists).toEqual([[7, list.version]])
    client.tell({ t: 'unsub', id: 7 })
    client.tell({ t: 'ping', n: 2 })
    expect((await client.heard('pong')).digest.lists).toBe(linkDigest([]))
    expect(server.lists.lists.size).toBe(0)
  })

  it.each([
    ['no such type', { type: 'tickle' }, 'NO_SUCH_TYPE'],
    ['no filter', { type: 'ticket', where: { status: { like: 'x' } } }, 'BAD_QUERY'],
    ['an order that is not kept', { type: 'ticket', orderBy: ['tags', 'asc'] }, 'BAD_QUERY'],
    ['too many rows', { type: 'ticket', limit: 1_000_000 }, 'BAD_QUERY'],
    ['a cursor of another order', { type: 'ticket', cursor: 'abc' }, 'BAD_CURSOR'],
    ['nothing at all', 7, 'BAD_QUERY'],
  ])('is refused for %s, with a sentence', async (_, query, code) => {
    const list = await server.list(await server.link(dora), 1, query as object)
    expect(list.refusal).toMatchObject({ code, sentence: expect.stringMatching(/.+/) })
  })

  it('is refused beyond the number of lists that a link may have', async () => {
    await server.close()
    await start({ listsPerLink: 2 })
    const client = await server.link(dora)
    for (const id of [1, 2]) await server.list(client, id, { type: 'ticket' })
    expect((await server.list(client, 3, { type: 'ticket' })).refusal?.code).toBe('TOO_MANY_CHANNELS')
    client.tell({ t: 'unsub', id: 1 })
    expect((await server.list(client, 3, { type: 'ticket' })).refusal).toBeNull()
  })

  it('is one evaluation for all who ask the same with the same rights', async () => {
    const query = { type: 'ticket', where: { status: 'open' } }
    const clients = [
      await server.link(dora),
      await server.link('max:Max:manager'),
      await server.link('tom:Tom:'),
    ]
    for (const client of clients) await server.list(client, 1, query)
    // A dispatcher and a manager see all of them, a technician without a role his own.
    expect(server.lists.lists.size).toBe(2)
    for (const client of clients) client.socket.terminate()
    await until(() => server.lists.lists.size === 0, 'nobody to watch')
  })
})

describe('a list that becomes longer', () => {
  const row = (i: number, round = 0) => ({ id: `t${i}`, title: `${String(i).padStart(3, '0')} ${round}` })
  const commit = (i: number, round = 0): void =>
    server.lists.lists.committed('ticket', `t${i}`, row(i, round), 1)
  const query = { type: 'ticket', orderBy: ['title', 'asc'], count: true }

  it('is told the rows that are not held, and the changes before them', async () => {
    for (let i = 0; i < 60; i++) commit(i)
    const client = await server.link(dora)
    const list = await server.list(client, 1, { ...query, limit: 10 })
    for (let limit = 20; limit <= 60; limit += 10) {
      // What is still to be told of the shorter one as it is asked for.
      commit(limit - 15, limit)
      client.tell({ t: 'sub', id: 1, held: true, query: { ...query, limit } })
      await until(() => list.rows.length === limit, `${limit} rows`)
    }
    expect([list.rowsTold, list.wholes, list.cursor]).toEqual([60, 1, null])
    const titles = Array.from({ length: 60 }, (_, i) => row(i, i % 10 === 5 && i < 50 ? i + 15 : 0).title)
    expect(list.rows.map(({ title }) => title)).toEqual(titles)
    await until(() => server.lists.lists.size === 1, 'one list to be watched')
    commit(60)
    await until(() => list.figures.total === 61, 'what came since')
    client.tell({ t: 'ping', n: 3 })
    expect(await client.heard('pong')).toMatchObject({ digest: { lists: linkDigest([[1, list.version]]) } })
  })

  it('stays as it was where the limit is refused, and is begun anew where it was not held', async () => {
    await server.close()
    await start({ rowsPerList: 20 })
    for (let i = 0; i < 60; i++) commit(i)
    const client = await server.link(dora)
    const list = await server.list(client, 1, { ...query, limit: 15 })
    client.tell({ t: 'sub', id: 1, held: true, query: { ...query, limit: 30 } })
    await until(() => list.refusal !== null, 'the refusal')
    commit(3, 1)
    await until(() => list.rows[3]?.title === '003 1', 'what goes on')
    client.tell({ t: 'sub', id: 1, held: true, query: { ...query, limit: 20 } })
    await until(() => list.rows.length === 20, 'the others')
    expect([list.rowsTold, list.wholes]).toEqual([20, 1])

    client.tell({ t: 'sub', id: 1, query: { ...query, limit: 20 } })
    await until(() => list.wholes === 2, 'all of it')
    expect(list.rowsTold).toBe(40)
    // Of one that was never begun nothing is held, nor of another that has the same number.
    const other = await server.list(client, 2, { ...query, held: true, limit: 5 })
    expect(other.ids).toEqual(['t0', 't1', 't2', 't3', 't4'])
    client.tell({
      t: 'sub',
      id: 2,
      held: true,
      query: { ...query, orderBy: ['title', 'desc'], limit: 7 },
    })
    await until(() => other.rows.length === 7, 'the other order')
    expect([other.ids[0], other.wholes]).toEqual(['t59', 2])
  })

  it('is whole in the end, however much changes while more is asked for', async () => {
    const drawn = seededRandom(1)
    const random = (below: number): number => Math.floor(drawn() * below)
    for (let i = 0; i < 200; i++) commit(i)
    const client = await server.link(dora)
    const list = await server.list(client, 1, { ...query, limit: 5 })
    let limit = 5
    for (let round = 1; round < 300; round++) {
      const id = `t${random(200)}`
      const title = `${String(random(200)).padStart(3, '0')} ${round}`
      server.lists.lists.committed('ticket', id, random(5) === 0 ? null : { id, title }, 1)
      if (random(8) === 0) {
        limit += random(5)
        client.tell({ t: 'sub', id: 1, held: true, query: { ...query, limit } })
      }
      if (random(3) === 0) await new Promise(resolve => setImmediate(resolve))
    }
    const client2 = await server.link(dora)
    const anew = await server.list(client2, 1, { ...query, limit })
    client.tell({ t: 'ping', n: 1 })
    await client.heard('pong')
    await until(() => list.rows.length === anew.rows.length, 'all that was asked for')
    expect(list.rows).toEqual(anew.rows)
    expect(list.figures).toEqual(anew.figures)
    expect(list.wholes).toBe(1)
  })
})

describe('a list that somebody comes back to', () => {
  const row = (i: number, place = i, round = 0) => ({
    id: `t${i}`,
    title: `${String(place).padStart(4, '0')} ${round}`,
  })
  const commit = (i: number, as: ReturnType<typeof row> | null = row(i)): void =>
    server.lists.lists.committed('ticket', `t${i}`, as, 1)
  const query = { type: 'ticket', orderBy: ['title', 'asc'], limit: 10_000 }

  const comeBack = async (rows: readonly Row[], ask: object = query): Promise<ShownList> => {
    const client = await server.link(dora)
    const list = new ShownList(client, 1)
    list.rows = [...rows]
    list.order = rowOrder('title', 'asc')
    client.tell({ t: 'sub', id: 1, query: ask as never, heaps: heapsOf(rows) })
    await until(() => list.isAnswered, 'the answer')
    return list
  }

  it('brings what differs from what they hold, and goes on from there', async () => {
    for (let i = 0; i < 1_000; i++) commit(i)
    const before = await server.list(await server.link(dora), 1, query)
    const unchanged = await comeBack(before.rows)
    expect([unchanged.rowsTold, unchanged.wholes]).toEqual([0, 0])
    expect(unchanged.rows).toEqual(before.rows)

    commit(7, row(7, 7, 1))
    commit(8, row(8, 900, 1))
    commit(9, null)
    commit(1_000)
    const list = await comeBack(before.rows)
    const whole = await server.list(await server.link(dora), 1, query)
    expect(list.rows).toEqual(whole.rows)
    expect([list.rows.length, list.wholes]).toEqual([1_000, 0])
    expect(list.rowsTold).toBeLessThan(150)
    commit(500, { id: 't500', title: '! the first' })
    await until(() => list.rows[0]?.id === 't500', 'what comes since')
    await until(() => whole.rows[0]?.id === 't500', 'the same')
    expect(list.rows).toEqual(whole.rows)
    // Of one who holds another list, or nothing that is in this one.
    const other = await comeBack(before.rows.map(({ id }) => ({ id, title: 'of another day' })))
    expect(other.rows).toEqual(list.rows)
    expect(other.wholes).toBe(1)
  })

  it('is the whole list, whatever has become of it and of what they hold', async () => {
    const drawn = seededRandom(1)
    const random = (below: number): number => Math.floor(drawn() * below)
    const { lists } = server.lists
    const client = await server.link(dora)
    let held: readonly Row[] = []
    for (let round = 1; round <= 60; round++) {
      for (let n = random(3) === 0 ? random(400) : random(8); n > 0; n--) {
        const i = random(300)
        commit(i, random(4) === 0 ? null : row(i, random(300), round))
      }
      lists.flush()
      const ask = { ...query, limit: random(2) === 0 ? 10_000 : random(200) }
      const list = await comeBack(held, ask)
      const anew = await server.list(client, round, ask)
      expect(list.rows).toEqual(anew.rows)
      if (random(2) === 0) held = [...list.rows]
    }
  })
})

describe('a reader that does not read', () => {
  it('gets no deltas meanwhile, and all rows anew when there is room again', async () => {
    await server.close()
    await start({ backlogBytes: 20_000 })
    await create('1', 'one')
    const client = await server.link(dora)
    const list = await server.list(client, 1, { type: 'ticket', limit: 1_000 })
    client.socket.pause()
    // Rows as large as they come, told one by one, until no buffer on the way takes any more.
    const row = server.lists.lists.tableNow('ticket').get('1') ?? { id: '1' }
    for (let round = 0; round < 1_000; round++) {
      const id = `t${round % 10}`
      server.lists.lists.committed(
        'ticket',
        id,
        { ...row, id, title: `${round} ${randomBytes(15_000).toString('base64')}` },
        1,
      )
      server.lists.lists.flush()
      if (round % 50 === 0) await new Promise(resolve => setImmediate(resolve))
    }
    client.socket.resume()
    await until(() => list.rows.some(({ title }) => String(title).startsWith('999 ')), 'the last state')
    expect(list.wholes).toBeGreaterThan(1)
    expect(list.rows.map(({ title }) => Number.parseInt(String(title), 10)).sort()).toEqual([
      ...Array.from({ length: 10 }, (_, i) => 990 + i),
      Number.NaN,
    ])
  })
})

describe('what belongs to a record', () => {
  it('is one subscription: the record, and all that refer to it, each type apart', async () => {
    const office = ['office', 'project_manager', 'engineer']
    await server.edit(Project, '1', 'olga', record => record.set({ objet: 'Bridge' }), office)
    await server.edit(
      Periode,
      'p1',
      'olga',
      record => record.set({ project: 'project:1', number: 1 }),
      office,
    )
    await server.edit(
      Periode,
      'p2',
      'olga',
      record => record.set({ project: 'project:2', number: 1 }),
      office,
    )
    const client = await server.link(`olga:Olga:${office.join('+')}`)
    const lists = Object.fromEntries(
      ['project', 'periode', 'metre'].map(type => [type, new ShownList(client, 5, type)]),
    ) as Record<'project' | 'periode' | 'metre', ShownList>
    client.tell({ t: 'sub', id: 5, query: { belong: 'project:1' } })
    await until(() => Object.values(lists).every(list => list.isAnswered), 'all parts')
    expect([lists.project.ids, lists.periode.ids, lists.metre.ids]).toEqual([['1'], ['p1'], []])

    await server.edit(Metre, 'm1', 'olga', record => record.set({ project: 'project:1' }), office)
    await server.edit(Project, '1', 'olga', record => record.set({ objet: 'New bridge' }), office)
    await until(() => lists.metre.ids.includes('m1') && lists.project.deltas > 0, 'the parts to follow')
    expect(lists.project.rows[0]?.objet).toBe('New bridge')
    client.tell({ t: 'check' })
    const versions = Object.values(lists).reduce((sum, { version }) => sum + version, 0)
    expect((await client.heard('commits')).lists).toEqual([[5, versions]])
  })

  it('is counted by what some of it has, and not by what none has', async () => {
    const office = ['office', 'project_manager', 'engineer']
    await server.edit(Project, '1', 'olga', record => record.set({ objet: 'Bridge' }), office)
    for (const [id, number] of [
      ['p1', 1],
      ['p2', 2],
    ] as const)
      await server.edit(Periode, id, 'olga', record => record.set({ project: 'project:1', number }), office)
    const client = await server.link(`olga:Olga:${office.join('+')}`)
    const periodes = new ShownList(client, 5, 'periode')
    client.tell({ t: 'sub', id: 5, query: { belong: 'project:1', groups: ['number'] } })
    await until(() => periodes.isAnswered, 'the figures')
    expect(periodes.figures.groups).toEqual({ number: { '1': 1, '2': 1 } })
    const misnamed = await server.list(client, 6, { belong: 'project:1', groups: ['nmuber'] })
    expect(misnamed.refusal).toMatchObject({ code: 'BAD_QUERY', paths: ['groups'] })
  })
})

describe('who is on a row', () => {
  const enter = async (client: LinkClient, channel: number, id: string, field: string | null) => {
    client.tell({ t: 'open', channels: [{ channel, room: `ticket:${id}` }] })
    const { channels } = await client.heard('opened')
    const doc = new Y.Doc()
    doc.clientID = channels[0]?.clientId ?? 0
    const awareness = new Awareness(doc)
    awareness.setLocalState({ field, state: 'active' })
    client.send(channel, writeAwareness(encodeAwarenessUpdate(awareness, [doc.clientID])))
    awareness.destroy()
  }

  it('is told to those who asked, when somebody comes, moves and goes', async () => {
    await create('1', 'one')
    await create('2', 'two')
    const watcher = await server.link(dora)
    const list = await server.list(watcher, 1, { type: 'ticket', presence: true })
    const plain = await server.list(watcher, 2, { type: 'ticket' })
    const tom = await server.link('tom:Tom:technician')
    await enter(tom, 1, '1', 'title')
    await until(() => list.people['1']?.length === 1, 'Tom on the row')
    expect(list.people['1']).toMatchObject([{ id: 'tom', name: 'Tom', field: 'title', state: 'active' }])
    // Who comes later is told with the rows.
    const later = await server.list(await server.link(dora), 1, { type: 'ticket', presence: true })
    expect(later.people).toEqual({ '1': list.people['1'] })
    tom.socket.terminate()
    await until(() => list.people['1']?.length === 0, 'Tom gone')
    expect(plain.people).toEqual({})
    expect(plain.deltas).toBe(0)
  })

  it('is nobody any more when the record is loaded anew and they do not come back', async () => {
    await create('1', 'one')
    const list = await server.list(await server.link(dora), 1, { type: 'ticket', presence: true })
    await enter(await server.link('tom:Tom:technician'), 1, '1', 'title')
    await until(() => list.people['1']?.length === 1, 'Tom on the row')
    await server.rooms.get('ticket:1')?.fold()
    await until(() => list.people['1']?.length === 0, 'Tom gone')
  })
})

describe('a search', () => {
  it('finds words in records of every type that one may read, the latest first', async () => {
    await create('1', 'Vanne à l’École qui fuit')
    await create('2', 'école: porte cassée', { assignedTo: 'tom' })
    const office = ['office', 'project_manager']
    await server.edit(Project, '9', 'olga', record => record.set({ objet: 'ECOLE du nord' }), office)
    await create('3', 'nothing of it')
    const find = async (token: string, ask: object) => {
      const client = await server.link(token)
      client.tell({ t: 'search', id: 1, ...ask } as never)
      const found = new Promise<{ type: string; id: string; title: string }[]>(resolve => {
        client.onControl = message => {
          if (message.t === 'other' && message.name === 'found') resolve(message.body.found as never)
        }
      })
      return (await found).map(({ type, id, title }) => [type, id, title])
    }
    const all = `root:Root:admin`
    expect(await find(all, { words: 'ecole' })).toEqual([
      ['project', '9', expect.stringContaining('ECOLE du nord')],
      ['ticket', '2', 'école: porte cassée'],
      ['ticket', '1', 'Vanne à l’École qui fuit'],
    ])
    expect(await find(all, { words: 'école FUIT' })).toHaveLength(1)
    expect(await find(all, { words: 'ecole', types: ['project'] })).toHaveLength(1)
    expect(await find(all, { words: 'ecole', limit: 1 })).toHaveLength(1)
    expect(await find(all, { words: '  ' })).toEqual([])
    expect(await find('tom:Tom:', { words: 'ecole' })).toEqual([['ticket', '2', 'école: porte cassée']])
  })

  it('tells of nothing that went out of sight while it waited for its turns', async () => {
    await create('1', 'école')
    await create('2', 'école: porte cassée', { assignedTo: 'tom' })
    const { lists, search } = server.lists
    const ask = { words: 'ecole', limit: 20 }
    const as = (...roles: string[]) => ({ id: 'tom', name: 'Tom', roles, claims: {}, expiresAt: null })
    const idsOf = (found: readonly { id: string }[]): string[] => found.map(({ id }) => id)

    const searcher = { principal: as('dispatcher') }
    expect(idsOf(await search(searcher, ask))).toEqual(['2', '1'])
    const finding = search(searcher, ask)
    searcher.principal = as()
    expect(idsOf(await finding)).toEqual(['2'])

    const done = lists.turns.done.bind(lists.turns)
    lists.turns.done = async (asker, work) => {
      const given = await done(asker, work)
      const row = lists.tableNow('ticket').get('2')
      lists.committed('ticket', '2', { ...row, id: '2', assignedTo: 'ivo' }, Number.MAX_SAFE_INTEGER)
      return given
    }
    expect(idsOf(await search(searcher, ask))).toEqual([])
  })
})
