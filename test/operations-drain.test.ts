import { mkdtemp, rm } from 'node:fs/promises'
import type { Server as HttpServer } from 'node:http'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { liftedLimits } from '../server/access/limits.ts'
import { readServingNote, writeServingNote } from '../server/operate/serving-note.ts'
import { storedDoc } from '../server/room/stored-doc.ts'
import type { CorecordServer } from '../server/server.ts'
import { LevelStore } from '../server/store/level-store.ts'
import { MemoryStore } from './store/memory-store.ts'
import { openRecord } from '../shared/index.ts'
import { Note, startServer, type TestServer, tokenFor } from './operations-server.ts'
import { FailingStore } from './store/failing-store.ts'
import { until } from './wire/wire-server.ts'
import { endProvider, stockProvider } from './wire/stock-provider.ts'

const endings: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

interface Tab {
  readonly doc: Y.Doc
  readonly provider: WebsocketProvider
  readonly closes: number[]
}

async function openTab(url: string, room: string, user = 'ana'): Promise<Tab> {
  const doc = new Y.Doc()
  const closes: number[] = []
  const provider = stockProvider(url, room, await tokenFor(user), doc)
  provider.on('connection-close', event => {
    if (event !== null) closes.push(event.code)
  })
  endings.push(async () => endProvider(provider))
  await until(() => provider.synced, `${room} is synced`)
  return { doc, provider, closes }
}

async function start(options: Parameters<typeof startServer>[0] = {}): Promise<TestServer> {
  const started = await startServer(options)
  endings.push(() => started.close())
  return started
}

describe('a server that is asked to stop', () => {
  it('commits what it has taken, tells everybody to come back, and leaves nothing behind', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'corecord-drain-'))
    endings.push(() => rm(folder, { recursive: true, force: true }))
    await writeServingNote(folder, { url: 'http://127.0.0.1:1', key: 'of one that was killed', pid: 1 })
    let found: unknown = 'not looked at'
    const beforeStart = ({ app }: CorecordServer): void =>
      void app.addHook('onReady', async () => {
        found = await readServingNote(folder)
      })
    const store = new LevelStore({ folder })
    const { server, log } = await start({ dataFolder: folder, store, beforeStart })
    // Nobody who finds that it answers is given the key of the one before.
    expect(found).toBeNull()
    expect(log.join()).toContain('the server before this one was not stopped')
    expect(await readServingNote(folder)).toMatchObject({ url: server.url, pid: process.pid })
    const tab = await openTab(server.url, 'note:1')
    openRecord(Note, tab.doc, { author: 'ana' }).set({ title: 'the last word' })
    await until(() => server.metrics.editsAccepted > 0, 'the edit was taken')
    expect(await server.close('a test')).toBe(true)
    await until(() => tab.closes.length > 0, 'the tab was closed')
    expect(tab.closes[0]).toBe(4503)
    // 4503 is one that the stock client comes back from.
    expect(tab.provider.shouldConnect).toBe(true)
    expect(await readServingNote(folder)).toBeNull()

    const reopened = new LevelStore({ folder })
    expect(await reopened.open()).toMatchObject({ clean: true, cut: [] })
    const stored = await reopened.loadRoom('note:1')
    const doc = storedDoc(stored ?? { snapshot: null, log: [] })
    await reopened.close()
    expect(openRecord(Note, doc, { author: 'x' }).view.title).toBe('the last word')
  })

  it('folds what was written, so that the next one opens it as it lies, and has nothing to warn of', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'corecord-drain-'))
    endings.push(() => rm(folder, { recursive: true, force: true }))
    const { server, log, fetch } = await start({
      dataFolder: folder,
      store: new LevelStore({ folder }),
      limits: liftedLimits,
    })
    const headers = { authorization: `Bearer ${await tokenFor('ana')}`, 'content-type': 'application/json' }
    const write = async (method: string, path: string, body: object): Promise<void> => {
      const answer = await fetch(`/api/records/note${path}`, { method, headers, body: JSON.stringify(body) })
      expect(answer.ok).toBe(true)
    }
    const ids = Array.from({ length: 10 }, (_, n) => `${n}`)
    await Promise.all(ids.map(id => write('POST', '', { id, title: 'first' })))
    for (let edit = 1; edit < 12; edit++)
      await Promise.all(ids.map(id => write('PATCH', `/${id}`, { title: `edit ${edit}` })))
    expect((await server.store.readHead('note:1'))?.logEntries).toBe(12)
    // Few entries may be as much to put together as many.
    const words = 'word '.repeat(10_000)
    await write('POST', '', { id: 'long', title: 'edit 11', body: words })
    await expect.poll(async () => (await server.store.readHead('note:long'))?.logEntries).toBe(0)
    await write('PATCH', '/long', { body: { from: words, to: words + 'more '.repeat(5_000) } })
    expect((await server.store.readHead('note:long'))?.logEntries).toBe(1)
    ids.push('long')
    expect(await server.close('a test')).toBe(true)
    // What was begun and not awaited would fail after the end.
    await new Promise(resolve => setImmediate(resolve))
    expect(log.map(line => JSON.parse(line)).filter(({ level }) => level >= 40)).toEqual([])

    const store = new LevelStore({ folder })
    await store.open()
    const stored = await Promise.all(ids.map(id => store.loadRoom(`note:${id}`)))
    await store.close()
    for (const room of stored) {
      expect(room?.head.logEntries).toBe(0)
      expect(room?.log).toEqual([])
      const doc = storedDoc(room ?? { snapshot: null, log: [] })
      expect(openRecord(Note, doc, { author: 'x' }).view.title).toBe('edit 11')
    }
  })

  it('is done in time while people go on writing at full speed, and nothing that was acknowledged is lost', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'corecord-drain-'))
    endings.push(() => rm(folder, { recursive: true, force: true }))
    const { server } = await start({
      dataFolder: folder,
      store: new LevelStore({ folder }),
      untyped: true,
      limits: liftedLimits,
    })
    const [writer, reader] = [await openTab(server.url, 'free'), await openTab(server.url, 'free')]
    let written = 0
    let isWriting = true
    const write = (): void => {
      for (let edit = 0; edit < 50; edit++) writer.doc.getArray('edits').push([written++])
      if (isWriting) setImmediate(write)
    }
    write()
    await until(() => reader.doc.getArray('edits').length > 500, 'edits are relayed')
    expect(await server.close('a test')).toBe(true)
    isWriting = false
    const seen = reader.doc.getArray('edits').length

    const store = new LevelStore({ folder })
    await store.open()
    const stored = await store.loadRoom('free')
    await store.close()
    const kept = storedDoc(stored ?? { snapshot: null, log: [] }).getArray('edits')
    expect(kept.length).toBeGreaterThanOrEqual(seen)
    expect(kept.toArray()).toEqual(Array.from({ length: kept.length }, (_, edit) => edit))
  })

  it('lets a request that is under way finish, and takes no new ones', async () => {
    let release: (value: string) => void = () => {}
    const held = new Promise<string>(resolve => {
      release = resolve
    })
    const { server, fetch } = await start({
      beforeStart: ({ app }) => void app.get('/slow', async () => held),
    })
    const { url } = server
    const answer = fetch('/slow')
    await fetch('/healthz')
    const closed = server.close('a test')
    release('done')
    expect(await (await answer).text()).toBe('done')
    expect(await closed).toBe(true)
    await expect(globalThis.fetch(`${url}/healthz`)).rejects.toThrow()
  })

  it('waits for no connection whose last answer ended late', async () => {
    const { server, fetch } = await start({
      beforeStart: ({ app }) =>
        app.get('/late', (request, reply) => {
          const { raw } = reply.hijack()
          raw.writeHead(200).write('begun, ')
          const { server: http } = request.raw.socket as unknown as { server: HttpServer }
          const closeIdle = http.closeIdleConnections.bind(http)
          let looks = 0
          http.closeIdleConnections = () => {
            closeIdle()
            // The first is when it stops listening, the next when the requests are done.
            if (++looks === 2) raw.end('ended')
          }
        }),
    })
    const answer = await fetch('/late')
    expect(await server.close('a test')).toBe(true)
    expect(await answer.text()).toBe('begun, ended')
  })

  it('waits for no connection over which nothing was asked, as browsers open them ahead', async () => {
    const { server } = await start()
    const { hostname, port } = new URL(server.url)
    const socket = connectTcp(Number(port), hostname)
    const ended = new Promise(resolve => socket.once('close', resolve))
    socket.on('error', () => {}).resume()
    await new Promise(resolve => socket.once('connect', resolve))
    expect(await server.close('a test')).toBe(true)
    await ended
  })

  it('stops by its deadline also when the disk takes nothing, and says that not everything was written', async () => {
    const { store, disk } = FailingStore.around(new MemoryStore())
    const { server, log } = await start({ store, drainMs: 1_000 })
    const tab = await openTab(server.url, 'note:1')
    disk.refuse()
    openRecord(Note, tab.doc, { author: 'ana' }).set({ title: 'not to be saved' })
    await until(() => server.committer.readOnly !== null, 'the disk has refused')
    const ready = await fetch(new URL('/readyz', server.url))
    expect([ready.status, (await ready.json()).failing]).toEqual([503, ['store']])
    expect(await server.close('a test')).toBe(false)
    await until(() => tab.closes.length > 0, 'the tab was closed')
    expect(tab.closes[0]).toBe(4503)
    expect(log.join('')).toContain('commit what was accepted')
  })

  it('stops once, however often it is asked', async () => {
    const { server } = await start()
    const [one, two] = [server.close('once'), server.close('twice')]
    expect(await Promise.all([one, two])).toEqual([true, true])
    await expect(server.start()).rejects.toThrow(/starts once/)
  })
})

describe('a server that cannot start', () => {
  it('says so where no WebSocket could reach it', async () => {
    vi.stubGlobal('Bun', {})
    try {
      await expect(start()).rejects.toThrow('Start the server with Node: with Bun no WebSocket would open.')
    } finally {
      vi.unstubAllGlobals()
    }
  })

  it('says that another process has the data, and leaves that one’s note alone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'corecord-drain-'))
    endings.push(() => rm(folder, { recursive: true, force: true }))
    const first = await start({ dataFolder: folder, store: new LevelStore({ folder }) })
    const second = startServer({ dataFolder: folder, store: new LevelStore({ folder }) })
    await expect(second).rejects.toMatchObject({ code: 'STORE_LOCKED' })
    expect(await readServingNote(folder)).toMatchObject({ url: first.server.url })
  })
})
