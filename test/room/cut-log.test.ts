import 'fake-indexeddb/auto'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { IDBFactory } from 'fake-indexeddb'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { connect, type Desk } from '../../client/desk.ts'
import type { SocketLike } from '../../client/surroundings.ts'
import { createServer } from '../../server/server.ts'
import { openRecord } from '../../shared/index.ts'
import { Ticket } from '../client/records.ts'
import { freePort } from '../free-port.ts'
import { secret, tokenFor } from '../operations-server.ts'
import { until } from '../wire/wire-server.ts'
import { endProvider, stockProvider } from '../wire/stock-provider.ts'

it('a log cut short under clients that are ahead of it: nothing is lost, nothing twice, all equal in the end', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'corecord-cut-'))
  const [whole, cut] = [join(folder, 'whole'), join(folder, 'cut')]
  const log: string[] = []
  const logger = pino({ level: 'error' }, { write: (line: string) => void log.push(line) })
  const port = await freePort()
  const serve = async (dataFolder: string) => {
    const started = createServer({ records: [Ticket], secret, dataFolder, port, logger })
    await started.start()
    return started
  }
  let server = await serve(whole)
  const { url } = server
  const desks: Desk[] = []
  const sit = async (sub: string): Promise<Desk> => {
    const desk = connect({
      url,
      token: () => tokenFor(sub, { name: sub }),
      records: [Ticket],
      firstDelayMs: 20,
      longestDelayMs: 200,
      surroundings: {
        // The `ws` class is a WebSocket as far as a link uses one.
        createSocket: to => new WebSocket(to) as unknown as SocketLike,
        indexedDB: new IDBFactory(),
      },
    })
    desks.push(desk)
    await desk.ready
    return desk
  }
  const provider = stockProvider(url, 'ticket:1', await tokenFor('carl'), new Y.Doc(), { connect: false })
  try {
    const [ana, bo] = [await sit('ana'), await sit('bo')]
    const anas = ana.create(Ticket, { title: 'Boiler' }, { id: '1' })
    anas.counter('stock').add(2)
    anas.text('notes').insert(0, 'It drips.')
    await anas.whenSaved()
    const bos = bo.open(Ticket, '1')
    await bos.whenReady()
    provider.connect()
    await until(() => provider.synced, 'carl is synced')
    const newestLog = (at: string): string => {
      const logs = readdirSync(join(at, 'db')).filter(name => name.endsWith('.log'))
      return join(at, 'db', logs.sort().at(-1) ?? '')
    }
    const { size } = statSync(newestLog(whole))

    // All of this is called saved, and will be missing.
    anas.set({ title: 'Boiler leaks' })
    anas.counter('stock').add(3)
    anas.text('notes').insert(9, ' A lot.')
    await anas.whenSaved()
    bos.list('items').add({ name: 'valve', quantity: 2 }, { id: 'v' })
    bos.set({ status: 'in_progress' })
    await bos.whenSaved()
    await until(() => anas.view?.status === 'in_progress' && bos.view?.stock === 5, 'both at both')
    const commit = (await server.store.readHead('ticket:1'))?.commit ?? 0
    await until(
      () => readFileSync(join(whole, 'witness-a'), 'utf8').includes(`${commit} ticket:1\n`),
      'the note of the last commit',
    )
    // As a crash would leave it, with the end of the newest log file gone.
    cpSync(whole, cut, { recursive: true })
    rmSync(join(cut, 'db', 'LOCK'), { force: true })
    truncateSync(newestLog(cut), size)
    provider.disconnect()
    await server.close()

    server = await serve(cut)
    expect(log.join()).toContain('a record lost saved commits with its log; it begins a new epoch')
    const all = {
      title: 'Boiler leaks',
      status: 'in_progress',
      stock: 5,
      notes: 'It drips. A lot.',
      items: [{ id: 'v', name: 'valve', quantity: 2, by: 'bo' }],
    }
    const stored = () => server.rooms.get('ticket:1')?.guarded?.record.view
    await until(() => {
      const view = stored()
      return view?.stock === 5 && view.status === 'in_progress' && view.notes === all.notes
    }, 'everything on the server again')
    await Promise.all([anas.whenSaved(), bos.whenSaved()])
    await until(
      () =>
        [anas.view, bos.view].every(view => JSON.stringify(view) === JSON.stringify(stored())) &&
        [ana, bo].every(desk => desk.status.sync === 'realtime' && desk.status.pending === 0),
      'all equal',
    )
    expect(anas.view).toMatchObject(all)
    expect([ana, bo].map(desk => desk.tray.items ?? [])).toEqual([[], []])

    // A stock client cannot begin afresh by itself: it is told, and merges nothing of the old with the new.
    openRecord(Ticket, provider.doc, { author: 'carl' }).set({ title: 'Written by Carl meanwhile' })
    const closed = new Promise<number>(resolve => provider.on('closed', ({ code }) => resolve(code)))
    provider.connect()
    expect(await closed).toBe(4409)
    expect(openRecord(Ticket, provider.doc, { author: 'carl' }).view.title).toBe('Written by Carl meanwhile')

    const fresh = await sit('eva')
    const evas = fresh.open(Ticket, '1')
    await evas.whenReady()
    expect(evas.view).toMatchObject(all)
    expect(evas.conflicts).toEqual([])
    expect(await server.metrics.render()).toContain('corecord_alarms_total 0\n')
  } finally {
    endProvider(provider)
    for (const desk of desks) await desk.close()
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
