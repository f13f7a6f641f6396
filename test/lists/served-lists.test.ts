import { EventEmitter, once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as Y from 'yjs'
import { createRebuildRows, isEndless, staleTypes } from '../../server/list/rebuild-rows.ts'
import { LevelStore } from '../../server/store/level-store.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { StoreError } from '../../server/store/store-error.ts'
import { defineRecord, openRecord, type RecordType, text } from '../../shared/index.ts'
import { time } from '../../shared/record/field.ts'
import { startServer, type TestOptions, type TestServer, tokenFor } from '../operations-server.ts'
import { LinkClient } from '../wire/link-client.ts'
import { until } from '../wire/wire-server.ts'
import { HandClock } from './hand-clock.ts'
import { ListServer } from './list-server.ts'
import { ShownList } from './shown-list.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endProvider, stockProvider } from '../wire/stock-provider.ts'
import { gate } from '../gate.ts'

const fields = { title: text.line(), team: text.line(), due: time() }
const list = { orders: ['title', 'due'], equal: ['team'], search: ['title'] }
const Task = defineRecord('task', {
  fields,
  list,
  row: t => ({ title: t.title, team: t.team, due: t.due, changesAt: t.due }),
})

const running: TestServer[] = []
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corecord-lists-'))
})
afterEach(async () => {
  for (const each of running.splice(0)) await each.close()
  await rm(folder, { recursive: true, force: true })
})

const serve = async (type: RecordType = Task, options: TestOptions = {}): Promise<TestServer> => {
  const store = new LevelStore({ folder: join(folder, 'db') })
  const served = await startServer({ records: [type], store, ...options })
  running.push(served)
  return served
}

const write = async (
  { server }: TestServer,
  id: string,
  patch: { title?: string; team?: string; due?: number },
): Promise<void> => {
  const doc = new Y.Doc()
  const provider = stockProvider(server.url, `task:${id}`, await tokenFor('ana'), doc)
  await until(() => provider.synced, 'synced')
  openRecord(Task, doc, { author: 'ana' }).set(patch)
  const before = server.rooms.get(`task:${id}`)?.commit ?? 0
  await until(() => (server.rooms.get(`task:${id}`)?.commit ?? 0) > before, 'committed')
  endProvider(provider)
}

const linkTo = async ({ server }: TestServer, who = 'ana'): Promise<LinkClient> => {
  const token = await tokenFor(who)
  return new LinkClient(server.url.replace('http', 'ws')).greeted(token)
}

const listOn = async (client: LinkClient, query: object): Promise<ShownList> => {
  const shown = new ShownList(client, 1)
  client.tell({ t: 'sub', id: 1, query: query as never })
  await until(() => shown.isAnswered, 'the list')
  return shown
}

describe('lists of a server', () => {
  /** A store whose rows are read only when that is said. */
  const slowStore = (): { readonly store: LevelStore; readonly readOn: () => void } => {
    const [mayRead, readOn] = gate()
    class SlowStore extends LevelStore {
      override async readRows(...of: Parameters<LevelStore['readRows']>): ReturnType<LevelStore['readRows']> {
        await mayRead
        return super.readRows(...of)
      }
    }
    return { store: new SlowStore({ folder: join(folder, 'db') }), readOn }
  }

  it('are read for nobody whose token is revoked before they could be', async () => {
    const { store, readOn } = slowStore()
    const served = await startServer({ records: [Task], store })
    running.push(served)
    const { server } = served
    const asked = fetch(`${server.url}/api/lists?type=task`, {
      headers: { authorization: `Bearer ${await tokenFor('ana')}` },
    })
    await until(() => server.people.get('ana') !== undefined, 'the request')
    await server.access.revocations.revoke({ sub: 'ana' })
    readOn()
    const answer = await asked
    expect([answer.status, await answer.json()]).toMatchObject([401, { code: 'TOKEN_REVOKED' }])
    expect([server.lists.lists.size, server.access.sessions.size]).toEqual([0, 0])
  })

  it('are read for nobody who has gone before they could be', async () => {
    const { store, readOn } = slowStore()
    const http = createServer()
    const hasLeft = new Promise<void>(resolve => {
      http.on('connection', socket => socket.once('close', () => resolve()))
    })
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    const served = await startServer({
      records: [Task],
      store,
      server: http,
    })
    running.push(served)
    const { server } = served
    const leaving = new AbortController()
    const asked = fetch(`${server.url}/api/lists?type=task`, {
      headers: { authorization: `Bearer ${await tokenFor('ana')}` },
      signal: leaving.signal,
    })
    await until(() => server.people.get('ana') !== undefined, 'the request')
    leaving.abort()
    await expect(asked).rejects.toThrow()
    await hasLeft
    readOn()
    await server.lists.lists.table('task')
    for (let i = 0; i < 20; i++) await new Promise(resolve => setImmediate(resolve))
    http.close()
    expect([server.lists.lists.size, server.access.sessions.size]).toEqual([0, 0])
  })

  it('are there again after a restart', async () => {
    const first = await serve()
    await write(first, '1', { title: 'one', team: 'a' })
    await write(first, '2', { title: 'two', team: 'b' })
    const client = await linkTo(first)
    const before = await listOn(client, { type: 'task', where: { team: 'a' }, count: true })
    await running.pop()?.close()

    const second = await serve()
    const again = await listOn(await linkTo(second), { type: 'task', where: { team: 'a' }, count: true })
    expect(again.rows).toEqual(before.rows)
    expect(again.figures).toEqual({ total: 1 })
  })

  it('tell a row anew at the time that it gave', async () => {
    const served = await serve()
    const client = await linkTo(served)
    const shown = await listOn(client, { type: 'task' })
    // A row that a slow machine shows only when its time has come has nothing to tell; then a later one has.
    for (let ahead = 400; ; ahead *= 3) {
      const due = Date.now() + ahead
      await write(served, '1', { title: 'late', due })
      await until(() => shown.rows[0]?.due === due, 'the row')
      const told = shown.deltas
      if (Date.now() >= due) continue
      await until(() => shown.deltas > told, 'the row once more')
      break
    }
    expect(shown.rows[0]).toMatchObject({ title: 'late', id: '1' })
    client.socket.terminate()
  })
})

describe('rows that an earlier version made', () => {
  const Other = defineRecord('task', {
    fields,
    list: { ...list, orders: ['title', 'due', 'shout'] },
    row: t => ({ title: t.title, due: t.due, team: t.team, shout: (t.title ?? '').toUpperCase() }),
  })

  it('are made anew behind the lists, which say so until it is done', async () => {
    const first = await serve()
    for (let i = 0; i < 30; i++) await first.server.store.readHead(`task:${i}`)
    await write(first, '1', { title: 'one' })
    await write(first, '2', { title: 'two' })
    await running.pop()?.close()

    const second = await serve(Other)
    const shown = await listOn(await linkTo(second), { type: 'task', orderBy: ['title', 'asc'] })
    await until(() => shown.rows.every(row => row.shout !== undefined), 'the new rows')
    await until(() => !shown.isRebuilding, 'the end of it')
    expect(second.log.join()).toContain('rows are being made anew')
    expect(shown.rows).toMatchObject([
      { title: 'one', shout: 'ONE' },
      { title: 'two', shout: 'TWO' },
    ])
    // On disk too.
    const { rows } = await second.server.store.readRows('task', { limit: 10 })
    expect(rows.map(({ json }) => JSON.parse(json).shout)).toEqual(['ONE', 'TWO'])
    await running.pop()?.close()

    const Throwing = defineRecord('task', {
      fields,
      list,
      row: t => {
        if (t.title === 'two') throw new Error('no word for it')
        return { title: `${t.title}!`, due: t.due, team: t.team }
      },
    })
    const failing = await serve(Throwing)
    await until(() => failing.log.join().includes('rows were made anew'), 'the end of it')
    expect(failing.log.join()).toMatch(/no word for it.*a row function failed/)
    expect(failing.log.join()).toMatch(/"failed":{"records":1,"first":"task:2"/)
    const titles = async (): Promise<unknown[]> =>
      (await failing.server.store.readRows('task', { limit: 10 })).rows.map(
        ({ json }) => JSON.parse(json).title,
      )
    expect(await titles()).toEqual(['one!', 'two'])
    await running.pop()?.close()
    const mended = await serve(Other)
    await until(() => mended.log.join().includes('rows were made anew'), 'the rows once more')
    await running.pop()?.close()

    const third = await serve(Other)
    let rewritten = 0
    third.server.store.rewriteRows = async () => {
      rewritten++
      return []
    }
    await third.server.lists.lists.table('task')
    expect(rewritten).toBe(0)
  })

  it('are made but for a record at which their function comes to no end, which is held off by its name', async () => {
    const store = new LevelStore({ folder: join(folder, 'db') })
    const before = await new ListServer([Task], { store }).start()
    for (const title of ['one', 'loop', 'two'])
      await before.edit(Task, title, 'ana', record => record.set({ title }))
    await before.close()

    let isMended = false
    const Looping = defineRecord('task', {
      fields,
      list,
      row: t => {
        while (t.title === 'loop' && !isMended);
        return { title: t.title, team: t.team, due: t.due, words: 1 }
      },
    })
    const types = new Map([[Looping.name, Looping]])
    const told: unknown[] = []
    const opened = new LevelStore({ folder: join(folder, 'db') })
    await opened.open()
    const rebuild = createRebuildRows({
      store: opened,
      types,
      put: async values => void (await opened.commit([{ rooms: [], values }])),
      now: () => 0,
      endless: (...what) => told.push(what),
      rowMsMax: 1_500,
    })
    expect(await rebuild({})).toMatchObject({ records: 3, rewritten: 2, endless: ['task:loop'] })
    expect(told).toEqual([['task:loop', true]])
    expect((await staleTypes(opened, types)).size).toBe(0)
    // Opened before it was its turn it stops nobody either.
    const asked = { store: opened, types, put: async () => {}, now: () => 0, rowMsMax: 1_500 }
    expect(await isEndless(asked, 'task:loop')).toBe(true)
    expect(await isEndless(asked, 'task:one')).toBe(false)
    await opened.close()

    // At the next start nothing of it is tried, and the rest is there.
    const { server, fetch, log } = await serve(Looping)
    expect(log.join('')).toMatch(/"room":"task:loop","type":"task".*does not come to an end/)
    await expect(server.rooms.open('task:loop')).rejects.toMatchObject({ code: 'INTERNAL' })
    const headers = { authorization: `Bearer ${await tokenFor('ana')}` }
    expect((await fetch('/api/records/task/loop', { headers })).status).toBe(500)
    expect(await (await fetch('/api/records/task/one', { headers })).json()).toMatchObject({ id: 'one' })
    // Mended in a function that it calls, which no fingerprint shows.
    isMended = true
    expect(await server.lists.rebuild({})).toMatchObject({ rewritten: 3 })
    expect((await fetch('/api/records/task/loop', { headers })).status).toBe(200)
    await server.close()
    const again = await serve(Looping)
    expect(again.log.join('')).not.toContain('does not come to an end')
  })

  it('are made with others coming in between, where each takes its time', async () => {
    const store = new MemoryStore()
    const before = await new ListServer([Task], { store }).start()
    for (let i = 0; i < 6; i++) await before.edit(Task, `n${i}`, 'ana', record => record.set({ title: 'x' }))
    await before.close()
    await store.open()
    let turn = 0
    const next = (): void => {
      turn++
      ticking = setImmediate(next)
    }
    let ticking = setImmediate(next)
    const turns = new Set<number>()
    const Slow = defineRecord('task', {
      fields,
      list,
      row: t => {
        turns.add(turn)
        for (const until = performance.now() + 20; performance.now() < until; );
        return { title: t.title, team: t.team, due: t.due, words: 1 }
      },
    })
    const types = new Map([[Slow.name, Slow]])
    await createRebuildRows({ store, types, put: async () => {}, now: () => 0 })({})
    clearImmediate(ticking)
    expect(turns.size).toBe(6)
  })

  it('go on where they were stopped, and are known as half made to whoever goes back', async () => {
    const store = new MemoryStore()
    await store.open()
    const ids = Array.from({ length: 4_100 }, (_, i) => `task:${i}`)
    const at = { epoch: 'e', expect: 0, at: 0, by: 'ana', updates: [] }
    await store.commit(ids.map(room => ({ rooms: [{ ...at, room, type: 'task' }] })))
    let left = Number.POSITIVE_INFINITY
    const rebuildBy = (type: RecordType) =>
      createRebuildRows({
        store,
        types: new Map([[type.name, type]]),
        put: async values => void (await store.commit([{ rooms: [], values }])),
        now: () => 0,
        rewritten() {
          if (left-- <= 0) throw new Error('stopped')
        },
      })({ goOn: true })
    const isStale = async (type: RecordType) =>
      (await staleTypes(store, new Map([[type.name, type]]))).size > 0

    expect(await rebuildBy(Task)).toMatchObject({ records: 4_100 })
    expect(await isStale(Task)).toBe(false)
    left = 2_050
    await expect(rebuildBy(Other)).rejects.toThrow('stopped')
    expect([await isStale(Task), await isStale(Other)]).toEqual([true, true])
    left = Number.POSITIVE_INFINITY
    expect(await rebuildBy(Other)).toMatchObject({ records: 2_100, rewritten: 2_100 })
    expect([await isStale(Task), await isStale(Other)]).toEqual([true, false])
    left = 2_050
    await expect(rebuildBy(Task)).rejects.toThrow('stopped')
    left = Number.POSITIVE_INFINITY
    expect(await rebuildBy(Other)).toMatchObject({ records: 4_100 })
    await store.close()
  })

  it('are made when the disk takes them again, all of them, and lists say until then that some are missing', async () => {
    const store = new MemoryStore()
    const before = await new ListServer([Task], { store }).start()
    for (const title of ['one', 'two'])
      await before.edit(Task, title, 'ana', record => record.set({ title, due: 1 }))
    await before.close()

    const clock = new HandClock()
    const [loadRoom, rewriteRows] = [store.loadRoom.bind(store), store.rewriteRows.bind(store)]
    const full = async (): Promise<never> => {
      throw new StoreError('STORE_UNWRITABLE', 'The data cannot be written to disk.')
    }
    const server = new ListServer([Other], { store, listTime: clock })
    // A disk that takes no row, and one from which what was begun cannot be read for a moment.
    store.rewriteRows = full
    await server.start()
    await until(() => server.errors.length === 1, 'the disk to refuse')
    store.rewriteRows = rewriteRows
    let refused = 0
    store.loadRoom = () => {
      refused++
      return full()
    }
    clock.advance(5_000)
    await until(() => refused > 0, 'the disk to refuse again')
    const shown = await server.list(await server.link(), 1, { type: 'task', orderBy: ['title', 'asc'] })
    expect([shown.isRebuilding, shown.rows.map(({ shout }) => shout)]).toEqual([true, [undefined, undefined]])
    store.loadRoom = loadRoom
    const isMade = () => {
      clock.advance(5_000)
      return !shown.isRebuilding && shown.rows.every(({ shout }) => shout !== undefined)
    }
    await until(isMade, 'the rows')
    expect(shown.rows.map(({ shout }) => shout)).toEqual(['ONE', 'TWO'])
    // Once, however often it was tried.
    expect(server.errors).toHaveLength(1)
    await server.close()
  })

  it('give way to what is committed while they are made', async () => {
    const served = await serve()
    for (let i = 0; i < 5; i++) await write(served, String(i), { title: `title ${i}` })
    const shown = await listOn(await linkTo(served), { type: 'task', orderBy: ['id', 'asc'] })
    const { store } = served.server
    const rewriteRows = store.rewriteRows.bind(store)
    let tries = 0
    store.rewriteRows = async rows => {
      // An edit comes in between reading the document and writing the row.
      if (tries++ === 0) await write(served, '2', { title: 'edited' })
      return rewriteRows(rows)
    }
    const report = await served.server.operations.reindex(null, () => {})
    expect(report).toEqual({ records: 5, rewritten: 5, damaged: [], undeclared: [] })
    expect(tries).toBe(2)
    await until(() => shown.rows[2]?.title === 'edited', 'the edit')
    expect(shown.rows.map(({ title }) => title)).toEqual([
      'title 0',
      'title 1',
      'edited',
      'title 3',
      'title 4',
    ])
    const stored = await store.readRow('task', '2')
    expect(JSON.parse(stored ?? '{}')).toEqual(shown.rows[2])
  })
})

describe('server-sent events of a list', () => {
  const read = async (served: TestServer, address: string, who = 'ana') => {
    const ending = new AbortController()
    const response = await served.fetch(address, {
      headers: { authorization: `Bearer ${await tokenFor(who)}` },
      signal: ending.signal,
    })
    const shown = new ShownList(null, 1)
    const events: string[] = []
    const done = (async () => {
      let waiting = ''
      const decoder = new TextDecoder()
      for await (const chunk of response.body ?? []) {
        const parts = (waiting + decoder.decode(chunk, { stream: true })).split('\n\n')
        waiting = parts.pop() ?? ''
        for (const part of parts) {
          const name = /^event: (.+)$/m.exec(part)?.[1]
          const data = /^data: (.+)$/m.exec(part)?.[1]
          if (name === undefined || data === undefined) continue
          events.push(name)
          if (name !== 'error') shown.take({ t: name, ...JSON.parse(data) })
        }
      }
    })()
    return { response, shown, events, done, ending }
  }

  it('are the rows, then the deltas', async () => {
    const served = await serve()
    await write(served, '1', { title: 'one', team: 'a' })
    const where = encodeURIComponent(JSON.stringify({ team: 'a' }))
    const { response, shown, events, done } = await read(
      served,
      `/api/lists?type=task&where=${where}&orderBy=title:asc&count=1`,
    )
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    await until(() => shown.isAnswered, 'the rows')
    expect(shown.figures).toEqual({ total: 1 })
    await write(served, '2', { title: 'a second', team: 'a' })
    await until(() => shown.rows.length === 2, 'the second')
    expect(shown.ids).toEqual(['2', '1'])
    // A server that stops says so and ends the stream.
    const closing = (running.pop() as TestServer).close()
    await done
    await closing
    expect(events.at(-1)).toBe('error')
    expect(served.server.lists.lists.size).toBe(0)
  })

  it('end with the reader, and leave nothing behind', async () => {
    const served = await serve()
    const { shown, done, ending } = await read(served, '/api/lists?type=task')
    await until(() => shown.isAnswered, 'the rows')
    ending.abort()
    await expect(done).rejects.toThrow('abort')
    await until(() => served.server.lists.lists.size === 0, 'nobody to watch')
  })

  it('are among the answers that wait to be read, and come later where these take too much', async () => {
    const served = await serve()
    const { unread } = served.server
    const watch = vi.spyOn(unread, 'watch')
    const { shown, done, ending } = await read(served, '/api/lists?type=task')
    await until(() => shown.isAnswered, 'the rows')
    expect(watch).toHaveBeenCalledOnce()
    ending.abort()
    await expect(done).rejects.toThrow('abort')

    // What is looked at of an answer; nobody reads this one.
    const unending = Object.assign(new EventEmitter(), {
      writableLength: Number.POSITIVE_INFINITY,
      req: { socket: new EventEmitter() },
    })
    unread.watch(unending as unknown as ServerResponse)
    const refused = await served.fetch('/api/lists?type=task', {
      headers: { authorization: `Bearer ${await tokenFor('ana')}` },
    })
    expect(refused.status).toBe(503)
    expect(await refused.json()).toMatchObject({ code: 'TOO_SLOW' })
    await until(() => served.server.lists.lists.size === 0, 'nobody to watch')
  })

  it('tell no more figures than a person looks at, and say so before they begin', async () => {
    const served = await serve()
    const { lists } = served.server.lists
    await lists.table('task')
    for (let i = 0; i < 1_000; i++) {
      const row = { id: `${i}`, title: `task ${i}`, team: null, due: i, changesAt: null }
      lists.committed('task', row.id, row, 1)
    }
    const headers = { authorization: `Bearer ${await tokenFor('ana')}` }
    const ask = (address: string, figures: string): Promise<Response> =>
      served.fetch(`${address}groups=title,id&sums=${figures}&limit=1`, { headers })
    const few = await ask('/api/records/task?', 'due,due')
    expect((await few.json()).groups.title['task 7']).toBe(1)
    for (const address of ['/api/records/task?', '/api/lists?type=task&']) {
      const refused = await ask(address, 'due,title')
      expect([refused.status, await refused.json()]).toMatchObject([
        400,
        { code: 'BAD_QUERY', paths: ['groups'] },
      ])
    }
    expect(lists.size).toBe(0)
  })

  it.each([
    ['/api/lists?type=nothing', 404, 'NO_SUCH_TYPE'],
    ['/api/lists?type=task&where=x', 400, 'BAD_QUERY'],
    ['/api/lists?type=task&team=a', 400, 'BAD_QUERY'],
    ['/api/lists?type=task&count=yes', 400, 'BAD_QUERY'],
    ['/api/lists?query=%7B%22type%22%3A%22task%22%2C%22presence%22%3A1%7D', 400, 'BAD_QUERY'],
    ['/api/lists?type=task&where=%7B%22taem%22%3Anull%7D', 400, 'BAD_QUERY'],
    ['/api/lists?query=%7B%22type%22%3A%22task%22%2C%22limit%22%3A-1%7D', 400, 'BAD_QUERY'],
  ])('are refused before they begin: %s', async (address, status, code) => {
    const served = await serve()
    const response = await served.fetch(address, {
      headers: { authorization: `Bearer ${await tokenFor('ana')}` },
    })
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ code })
    expect((await served.fetch(address)).status).toBe(401)
  })
})
