import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { NumberSeries } from '../server/action/number-series.ts'
import { takeBackup } from '../server/operate/backup.ts'
import { compactRooms } from '../server/operate/compact-rooms.ts'
import { exportRooms } from '../server/operate/export-rooms.ts'
import { importRooms, type ImportStore } from '../server/operate/import-rooms.ts'
import { inspectRoom } from '../server/operate/inspect-room.ts'
import { createOperations } from '../server/operate/operations.ts'
import { restoreBackup } from '../server/operate/restore-backup.ts'
import { storedDoc } from '../server/room/stored-doc.ts'
import { liftedLimits } from '../server/access/limits.ts'
import { type CorecordServer, createServer } from '../server/server.ts'
import { LevelStore } from '../server/store/level-store.ts'
import { MemoryStore } from './store/memory-store.ts'
import type { Change, Finding, Store } from '../server/store/store.ts'
import { StoreError } from '../server/store/store-error.ts'
import {
  counter,
  defineRecord,
  demoRecords,
  integer,
  list,
  log,
  openRecord,
  setOf,
  text,
} from '../shared/index.ts'
import { numberFrom } from '../shared/types/number-action.ts'
import { Estimate } from '../shared/types/point-of-sale.ts'
import { Note, secret, startServer, type TestServer, tokenFor } from './operations-server.ts'
import { gate } from './gate.ts'

const noon = Date.UTC(2026, 4, 4, 12)
const types = new Map([[Note.name, Note]])
const folders: string[] = []
const stores: Store[] = []
const servers: CorecordServer[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
  for (const store of stores.splice(0)) await store.close()
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'corecord-data-'))
  folders.push(folder)
  return folder
}

async function openStore(folder?: string): Promise<Store> {
  const store = new LevelStore({ folder: folder ?? (await newFolder()) })
  await store.open()
  stores.push(store)
  return store
}

/** Two people write one note without seeing each other; each of their updates is a commit. */
async function writeNote(store: Store, id: string, authors = ['ana', 'ivo']): Promise<void> {
  const docs = authors.map((author, index) => {
    const doc = new Y.Doc()
    doc.clientID = index + 1
    const note = openRecord(Note, doc, { author, id })
    note.set({ title: `by ${author}` })
    note.text('body').insert(0, `${author} was here. `)
    return doc
  })
  for (const [commit, doc] of docs.entries()) {
    const author = authors[commit] ?? ''
    await store.commit([
      {
        rooms: [
          {
            room: `note:${id}`,
            type: 'note',
            epoch: 'first-epoch',
            expect: commit,
            at: noon + commit,
            by: author,
            updates: [Y.encodeStateAsUpdate(doc)],
            owners: [{ clientId: doc.clientID, userId: author }],
            events: [JSON.stringify({ by: author })],
          },
        ],
      },
    ])
  }
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

async function findingsOf(store: Store): Promise<Finding[]> {
  const findings: Finding[] = []
  for await (const finding of store.verify({ events: true })) findings.push(finding)
  return findings
}

const exportAll = (store: Store, format: 'lines' | 'exact') =>
  collect(exportRooms(store, types, { format, includeRemoved: true }))

async function noteIn(store: Store, id: string): Promise<{ title: unknown; body: string }> {
  const stored = await store.loadRoom(`note:${id}`)
  if (stored === null) throw new Error(`there is no note ${id}`)
  const doc = storedDoc(stored)
  return {
    title: openRecord(Note, doc, { author: 'x', id }).view.title,
    body: doc.getText('body').toString(),
  }
}

describe('the exact export', () => {
  it('brings content, owners and history into another store, in an epoch of its own', async () => {
    const [from, to] = [await openStore(), await openStore()]
    await writeNote(from, 'one')
    await writeNote(from, 'two')
    const file = await exportAll(from, 'exact')
    expect(await importRooms(to, Readable.from([file]))).toEqual({ imported: 2, present: [], refused: [] })
    expect(await noteIn(to, 'one')).toEqual(await noteIn(from, 'one'))

    const [before, after] = [await from.loadRoom('note:one'), await to.loadRoom('note:one')]
    expect(after?.head).toMatchObject({ createdAt: noon, createdBy: 'ana', updatedBy: 'ivo', eventCount: 2 })
    expect(after?.head.eventHash).toBe(before?.head.eventHash)
    expect(after?.head.epoch).not.toBe('first-epoch')
    const clients = after?.earlierEpochs.find(({ epoch }) => epoch === 'first-epoch')?.clients
    expect(clients?.get(1)).toMatchObject({ userId: 'ana' })
    expect(clients?.get(2)?.clock).toBeGreaterThan(0)
    expect(await findingsOf(to)).toEqual([])
  })

  it('of a record that is written meanwhile has as much of its history as of its content', async () => {
    const [from, to] = [await openStore(), await openStore()]
    await writeNote(from, 'one', ['ana'])
    const loadRoom = from.loadRoom.bind(from)
    from.loadRoom = async room => {
      const stored = await loadRoom(room)
      const change = { room, type: 'note', epoch: 'first-epoch', expect: 1, at: noon, by: 'ivo' }
      await from.commit([{ rooms: [{ ...change, updates: [], events: ['{"by":"ivo"}'] }] }])
      return stored
    }
    await importRooms(to, Readable.from([await exportAll(from, 'exact')]))
    const { events } = await to.readRecordEvents('note:one', { limit: 10 })
    expect(events.map(({ json }) => json)).toEqual(['{"by":"ana"}'])
    expect((await from.readHead('note:one'))?.eventCount).toBe(2)
  })

  it('that was broken off anywhere is whole after the next import of it', async () => {
    const [first, from] = [await openStore(), await openStore()]
    await writeNote(first, 'one')
    // With an epoch of a former life, and then another.
    await importRooms(from, Readable.from([await exportAll(first, 'exact')]))
    const file = await exportAll(from, 'exact')
    for (let commits = 1; commits <= 3; commits++) {
      const to = await openStore()
      const breaking: ImportStore = {
        readHead: room => to.readHead(room),
        loadRoom: room => to.loadRoom(room),
        commit: async batch => {
          await to.commit(batch.slice(0, commits))
          throw new Error('killed')
        },
      }
      await expect(importRooms(breaking, Readable.from([file]))).rejects.toThrow('killed')
      expect(await importRooms(to, Readable.from([file]))).toMatchObject({ imported: 1, present: [] })
      expect(await noteIn(to, 'one')).toEqual(await noteIn(from, 'one'))
      const [was, is] = [await from.loadRoom('note:one'), await to.loadRoom('note:one')]
      expect(is?.head.eventHash).toBe(was?.head.eventHash)
      expect(is?.earlierEpochs.map(({ epoch }) => epoch)).toEqual(
        expect.arrayContaining(['first-epoch', was?.head.epoch]),
      )
      expect(await findingsOf(to)).toEqual([])
      expect(await importRooms(to, Readable.from([file]))).toMatchObject({
        imported: 0,
        present: ['note:one'],
      })
    }
  })

  it('that was broken off shows nobody a record of which nothing has come yet', async () => {
    const from = await openStore()
    await writeNote(from, 'one')
    const file = await exportAll(from, 'exact')
    const to = await openStore()
    const breaking = new Proxy(to, {
      get(target, name) {
        if (name !== 'commit') return (Reflect.get(target, name) as () => unknown).bind(target)
        return async (batch: readonly Change[]) => {
          if (batch.every(({ rooms }) => rooms.length === 0)) return to.commit(batch)
          await to.commit(batch.slice(0, 1))
          throw new Error('killed')
        }
      },
    })
    const parts = { recordTypes: [Note], dataFolder: '', version: '', now: () => noon }
    const broken = createOperations({ ...parts, store: breaking })
    await expect(broken.importRooms(Readable.from([file]), () => {})).rejects.toThrow('killed')
    expect(await to.readHead('note:one')).toMatchObject({ commit: 1, eventCount: 0 })
    expect(await to.readRow('note', 'one')).toBeNull()
    expect(await findingsOf(to)).toEqual([])
    const whole = createOperations({ ...parts, store: to })
    expect(await whole.importRooms(Readable.from([file]), () => {})).toMatchObject({
      imported: 1,
      present: [],
    })
    expect(await to.readRow('note', 'one')).not.toBeNull()
    expect(await to.readHead('note:one')).toMatchObject({ state: 'live' })
  })

  it('that was cut short is on the lists as far as it came', async () => {
    const from = await openStore()
    await writeNote(from, 'one')
    await writeNote(from, 'two')
    const file = await exportAll(from, 'exact')
    const store = await openStore()
    const operations = createOperations({
      store,
      recordTypes: [Note],
      dataFolder: '',
      version: '',
      now: () => noon,
    })
    const cut = Readable.from([file.subarray(0, -20)])
    await expect(operations.importRooms(cut, () => {})).rejects.toThrow(/cut short/)
    expect(await store.readRow('note', 'one')).not.toBeNull()
  })

  it('brings each record with its row: lists have what came, however long the rest takes, or if it never comes', async () => {
    const from = await openStore()
    for (let n = 0; n < 100; n++) await writeNote(from, `${n}`)
    const file = await exportAll(from, 'exact')
    const running = await startServer()
    const [ended, end] = gate()
    async function* slowly(): AsyncGenerator<Uint8Array> {
      yield file.subarray(0, -8)
      await ended
      yield file.subarray(-8)
    }
    const headers = { authorization: `Bearer ${await tokenFor('ana')}` }
    const listed = async (): Promise<number> => {
      const answer = await running.fetch('/api/records/note?limit=500', { headers })
      return ((await answer.json()) as { rows: unknown[] }).rows.length
    }
    expect(await listed()).toBe(0)
    let importing: Promise<unknown> = Promise.resolve()
    const came = new Promise<number>(resolve => {
      importing = running.server.operations.importRooms(slowly(), resolve)
    })
    expect(await came).toBe(100)
    expect(await listed()).toBe(100)
    expect((await running.server.store.readRows('note', { limit: 500 })).rows.length).toBe(100)
    end()
    await importing
    await running.close()
  })

  it('leaves alone what is there, and names it', async () => {
    const store = await openStore()
    await writeNote(store, 'one')
    const file = await exportAll(store, 'exact')
    const before = await store.readHead('note:one')
    expect(await importRooms(store, Readable.from([file]))).toEqual({
      imported: 0,
      present: ['note:one'],
      refused: [],
    })
    expect(await store.readHead('note:one')).toEqual(before)
  })

  it('is read in pieces of any size', async () => {
    const [from, to] = [await openStore(), await openStore()]
    await writeNote(from, 'one')
    const file = await exportAll(from, 'exact')
    const bytes = Array.from(file, byte => Uint8Array.of(byte))
    expect(await importRooms(to, Readable.from(bytes))).toMatchObject({ imported: 1 })
    expect(await noteIn(to, 'one')).toEqual(await noteIn(from, 'one'))
  })

  it('that was cut short, changed, or is something else is refused with a sentence', async () => {
    const from = await openStore()
    await writeNote(from, 'one')
    const file = await exportAll(from, 'exact')
    const changed = Buffer.from(file)
    changed[file.length - 20] = (changed[file.length - 20] ?? 0) ^ 1
    const take = async (bytes: Uint8Array) => importRooms(await openStore(), Readable.from([bytes]))
    for (const length of [file.length - 1, file.length - 8, 40, 18]) {
      await expect(take(file.subarray(0, length))).rejects.toThrow(/cut short/)
    }
    await expect(take(changed)).rejects.toThrow(/damaged/)
    await expect(take(Buffer.from('{"a":1}\n'.repeat(9)))).rejects.toThrow(/no file of an exact/)
  })
})

describe('the export of lines', () => {
  it('has the record as the API shows it, its times and people, and what is contested', async () => {
    const store = await openStore()
    await writeNote(store, 'one')
    const [line, ...rest] = (await exportAll(store, 'lines')).toString().trim().split('\n')
    expect(rest).toEqual([])
    const exported: unknown = JSON.parse(line ?? '')
    expect(exported).toMatchObject({
      room: 'note:one',
      type: 'note',
      created: '2026-05-04T12:00:00.000Z',
      createdBy: 'ana',
      removed: false,
      record: { id: 'one', title: expect.stringMatching(/^by (ana|ivo)$/) },
      conflicts: [{ kind: 'values', path: 'title', values: [{}, {}] }],
    })
  })
})

describe('the import of lines', () => {
  const Everything = defineRecord('everything', {
    fields: {
      title: text.line({ required: true }),
      count: integer(),
      number: text.line(),
      tags: setOf(text.line()),
      stock: counter(),
      body: text.plain(),
      items: list({ sku: text.line(), marks: setOf(text.line()), taken: counter() }),
      scans: log({ sku: text.line() }),
    },
    derive: { double: t => (t.count ?? 0) * 2 },
    access: { write: { '*': true, number: false } },
  })

  async function openServer(): Promise<CorecordServer> {
    const server = createServer({
      records: [Everything],
      untyped: true,
      anonymous: true,
      dataFolder: await newFolder(),
      limits: liftedLimits,
    })
    servers.push(server)
    await server.open()
    return server
  }

  const take = (server: CorecordServer, ...lines: unknown[]) =>
    server.operations.importRooms(
      Readable.from(
        lines.map(line => Buffer.from(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`)),
      ),
      () => {},
    )

  async function linesOf(server: CorecordServer): Promise<Record<string, unknown>[]> {
    const bytes = await collect(server.operations.exportRooms({ format: 'lines', includeRemoved: true }))
    const lines = bytes.toString().trim().split('\n')
    return lines.map(line => JSON.parse(line) as Record<string, unknown>)
  }

  const record = {
    title: 'Everything',
    count: 3,
    number: '#001',
    tags: ['a', 'b'],
    stock: 7,
    body: 'some words',
    items: [
      { id: 'i1', sku: 'A-1', marks: ['x'], taken: 2 },
      { id: 'i2', sku: 'B-2', marks: [], taken: 0 },
    ],
    scans: [{ id: 's1', sku: 'A-1' }],
  }

  it('writes every kind of field anew, and what it exported it takes again', async () => {
    const [one, two] = [await openServer(), await openServer()]
    const free = new Y.Doc()
    free.getMap('m').set('key', 'value')
    const update = Buffer.from(Y.encodeStateAsUpdate(free)).toString('base64')
    expect(
      await take(
        one,
        { room: 'everything:1', record },
        { room: 'a free room', update },
        {
          room: 'everything:2',
          record: { title: 'gone' },
          removed: true,
        },
      ),
    ).toEqual({ imported: 3, present: [], refused: [] })
    const exported = await linesOf(one)
    const shown = exported.find(({ room }) => room === 'everything:1')
    expect(shown).toMatchObject({
      createdBy: 'import',
      record: { ...record, double: 6 },
    })
    expect(exported.find(({ room }) => room === 'everything:2')).toMatchObject({ removed: true })

    expect(await take(two, ...exported)).toMatchObject({ imported: 3, refused: [] })
    const again = (await linesOf(two)).find(({ room }) => room === 'everything:1')
    expect(again?.record).toMatchObject(record)
    const stored = await two.store.loadRoom('a free room')
    expect(
      storedDoc(stored ?? { snapshot: null, log: [] })
        .getMap('m')
        .toJSON(),
    ).toEqual({ key: 'value' })
  })

  it('takes the first of two lines of one record, names what no field takes, and drops nothing in silence', async () => {
    const server = await openServer()
    const wrong = { tags: 'a', stock: '5', items: ['i1'], scans: { sku: 'A-1' } }
    const report = await take(
      server,
      { room: 'everything:1', record: { ...record, double: 6, colour: 'red', updatedBy: 'ana' } },
      { room: 'everything:1', record: { title: 'other' } },
      ...Object.entries(wrong).map(([name, value]) => ({
        room: `everything:${name}`,
        record: { title: name, [name]: value },
      })),
    )
    expect(report).toEqual({
      imported: 1,
      present: ['everything:1'],
      refused: Object.keys(wrong)
        .sort()
        .map(name => ({
          room: `everything:${name}`,
          sentence: expect.stringMatching(`^BAD_TYPE: ${name}: must be `),
        })),
      noField: ['everything.colour'],
    })
    expect((await linesOf(server)).map(line => line['record'])).toMatchObject([record])
  })

  it('leaves alone what is there, names what is refused, and says which line is wrong', async () => {
    const server = await openServer()
    await take(server, { room: 'everything:1', record })
    const report = await take(
      server,
      { room: 'everything:1', record: { title: 'other' } },
      { room: 'everything:2', record: { title: 'fine', count: 'many' } },
      { room: 'nothing:3', record: {} },
    )
    expect(report).toMatchObject({
      imported: 0,
      present: ['everything:1'],
      refused: [
        { room: 'everything:2', sentence: expect.stringContaining('count') },
        { room: 'nothing:3', sentence: expect.stringContaining('NO_SUCH_TYPE') },
      ],
    })
    await expect(take(server, { room: 'everything:4', record }, 'not json')).rejects.toThrow(/^Line 2: /)
    await expect(take(server, { rooom: 'everything:4', record })).rejects.toThrow(/«room» must name/)
    const latin = Buffer.from('{"room":"everything:5","record":{"title":"Müller"}}', 'latin1')
    await expect(server.operations.importRooms(Readable.from([latin]), () => {})).rejects.toThrow(
      /^Line 1: .*UTF-8/,
    )
    expect(await server.store.readHead('everything:5')).toBeNull()
  })
})

describe('an inspection', () => {
  it('shows fields, who wrote them, what is contested, and sizes', async () => {
    const store = await openStore()
    await writeNote(store, 'one')
    const seen = await inspectRoom(store, types, 'note:one')
    expect(seen?.fields.find(({ path }) => path === 'title')).toMatchObject({
      isContested: true,
      values: [{ by: expect.any(String) }, { by: expect.any(String) }],
    })
    expect(seen?.people.map(({ id, clientIds }) => [id, clientIds]).sort()).toEqual([
      ['ana', 1],
      ['ivo', 1],
    ])
    expect(seen?.texts).toMatchObject([{ field: 'body', characters: 28 }])
    expect(seen?.sizes).toMatchObject({ logEntries: 2, clientIds: 2 })
    expect(await inspectRoom(store, types, 'note:none')).toBeNull()
    // A type that this server does not know is still shown as far as it can be.
    expect(await inspectRoom(store, new Map(), 'note:one')).toMatchObject({
      isTypeKnown: false,
      fields: [],
      texts: [{ field: 'body' }],
    })
  })
})

describe('compaction', () => {
  it('folds every log, changes nothing that can be read, and does nothing the second time', async () => {
    const store = await openStore()
    await writeNote(store, 'one')
    const before = await noteIn(store, 'one')
    expect(await compactRooms(store)).toMatchObject({ rooms: 1, compacted: 1, damaged: [] })
    expect((await store.loadRoom('note:one'))?.log).toEqual([])
    expect(await noteIn(store, 'one')).toEqual(before)
    await writeNote(store, 'in one commit', ['ana'])
    expect(await compactRooms(store)).toMatchObject({ rooms: 2, compacted: 0 })
    expect(await findingsOf(store)).toEqual([])
  })

  it('ends where the disk takes nothing, which says nothing of a record', async () => {
    const store = await openStore()
    await writeNote(store, 'one')
    store.compactRoom = async () => {
      throw new StoreError('STORE_UNWRITABLE', 'The data cannot be written to disk.')
    }
    await expect(compactRooms(store)).rejects.toThrow('cannot be written')
  })
})

describe('a backup', () => {
  const blobName = 'ab'.repeat(32)

  async function backUp(): Promise<{ file: string; folder: string; store: Store }> {
    const folder = await newFolder()
    const store = await openStore(folder)
    await writeNote(store, 'one')
    await mkdir(join(folder, 'blobs', 'ab'), { recursive: true })
    await writeFile(join(folder, 'blobs', 'ab', blobName), 'a photo')
    await writeFile(join(folder, 'blobs', 'ab', 'half.upload'), 'not a blob yet')
    const file = join(await newFolder(), 'backup.tar')
    await writeFile(
      file,
      await collect(takeBackup({ store, dataFolder: folder, version: '1.2.3', now: () => noon })),
    )
    return { file, folder, store }
  }

  it('taken while people write gives the moment it was taken, blobs included, in new epochs', async () => {
    const { file, store } = await backUp()
    await writeNote(store, 'later')
    const folder = join(await newFolder(), 'restored')
    const manifest = await restoreBackup(createReadStream(file), folder)
    expect(manifest).toMatchObject({
      format: 1,
      version: '1.2.3',
      takenAt: '2026-05-04T12:00:00.000Z',
      blobs: 1,
    })
    expect(await readFile(join(folder, 'blobs', 'ab', blobName), 'utf8')).toBe('a photo')
    const restored = await openStore(folder)
    expect(await noteIn(restored, 'one')).toEqual(await noteIn(store, 'one'))
    expect(await restored.readHead('note:later')).toBeNull()
    const room = await restored.loadRoom('note:one')
    expect(room?.head.epoch).not.toBe('first-epoch')
    expect(room?.earlierEpochs).toMatchObject([{ epoch: 'first-epoch', ended: 'restored' }])
    expect(await findingsOf(restored)).toEqual([])
  })

  it('leaves nothing behind beside the data', async () => {
    const { folder } = await backUp()
    expect((await readdir(folder)).filter(name => name.includes('backup'))).toEqual([])
  })

  it('for which there is no room beside the data says where there is none', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { syscall: 'write' })
    const store = { backup: () => Promise.reject(full) }
    const dataFolder = await newFolder()
    const taken = collect(takeBackup({ store, dataFolder, version: '1.2.3', now: () => noon }))
    await expect(taken).rejects.toMatchObject({
      code: 'STORE_UNWRITABLE',
      message: expect.stringContaining(`into ${dataFolder} (ENOSPC: no space left on device, write)`),
    })
  })

  it('of which only a part is restored yet is no data folder', async () => {
    const { file } = await backUp()
    const bytes = await readFile(file)
    const folder = join(await newFolder(), 'restored')
    const [cut, end] = gate()
    async function* slowly(): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 2_000)
      await cut
    }
    const restoring = restoreBackup(slowly(), folder)
    while (!(await readdir(folder).catch((): string[] => [])).includes('store.backup'))
      await new Promise(resolve => setImmediate(resolve))
    for (const begin of [() => openStore(folder), () => restoreBackup(createReadStream(file), folder)])
      await expect(begin()).rejects.toThrow(/was broken off/)
    end()
    await expect(restoring).rejects.toThrow(/cut short/)
    await restoreBackup(createReadStream(file), folder)
    expect(await noteIn(await openStore(folder), 'one')).not.toBeNull()
  })

  it('is restored onto a disk of its own, which is empty but for what the system keeps there', async () => {
    const { file } = await backUp()
    const disk = await newFolder()
    await mkdir(join(disk, 'lost+found'))
    await restoreBackup(createReadStream(file), disk)
    expect(await noteIn(await openStore(disk), 'one')).not.toBeNull()
  })

  it('becomes a folder that its user alone may look into, as one that a server makes', async () => {
    const { file } = await backUp()
    const [restored, served] = [join(await newFolder(), 'restored'), join(await newFolder(), 'served')]
    await restoreBackup(createReadStream(file), restored)
    const server = createServer({ records: [Note], dataFolder: served, secret })
    await server.open()
    await server.close()
    for (const folder of [restored, served]) expect((await stat(folder)).mode & 0o777).toBe(0o700)
  })

  it('that a kill broke off takes no room after the next start', async () => {
    const server = await startServer({ records: [Note], store: new MemoryStore() })
    const left = 'backup-0b4e2c2e-8b3f-4d1e-9a55-3a1f6f0f2d11.tmp'
    for (const name of [left, `${left}.part`, 'backup-of-mine.tmp', 'store.backup'])
      await writeFile(join(server.folder, name), '')
    await server.server.close()
    const again = createServer({
      records: [Note],
      store: new MemoryStore(),
      dataFolder: server.folder,
      secret,
    })
    await again.open()
    expect((await readdir(server.folder)).filter(name => name.includes('backup'))).toEqual([
      'backup-of-mine.tmp',
    ])
    await again.close()
    await server.close()
  })

  it('is not restored over data, nor from a file that is cut short or something else', async () => {
    const { file, folder } = await backUp()
    const bytes = await readFile(file)
    const restore = async (content: Uint8Array) =>
      restoreBackup(Readable.from([content]), join(await newFolder(), 'restored'))
    await expect(restoreBackup(createReadStream(file), folder)).rejects.toThrow(/not empty/)
    await expect(restore(bytes.subarray(0, bytes.length - 1_024))).rejects.toThrow(/cut short/)
    await expect(restore(bytes.subarray(0, 1_300))).rejects.toThrow(/cut short/)
    await expect(restore(Buffer.alloc(2_048, 'x'))).rejects.toThrow(/no backup/)
    await expect(restore(Buffer.alloc(1_024))).rejects.toThrow(/no backup/)
  })
})

/** Commits wait in it, one after the other, until they are let go. */
class SteppedStore extends MemoryStore {
  isStepped = false
  readonly #waiting: (() => void)[] = []

  get held(): number {
    return this.#waiting.length
  }

  step(): void {
    this.#waiting.shift()?.()
  }

  letGo(): void {
    this.isStepped = false
    for (const go of this.#waiting.splice(0)) go()
  }

  override async commit(batch: readonly Change[]): ReturnType<MemoryStore['commit']> {
    if (this.isStepped) await new Promise<void>(resolve => this.#waiting.push(resolve))
    return super.commit(batch)
  }
}

describe('numbers after an import', () => {
  const numbered = async (started: TestServer, id: string, type = 'estimate'): Promise<unknown> => {
    const token = await tokenFor('ana', { roles: ['clerk'] })
    const answer = await started.fetch(`/api/records/${type}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ id, customer: 'Hotel' }),
    })
    const { record } = (await answer.json()) as { record: { number: unknown } }
    return record.number
  }

  it.each(['lines', 'exact'] as const)('go on behind the highest that came, of %s', async format => {
    const from = await startServer({ records: demoRecords })
    for (const [id, number] of [
      ['1', '#001'],
      ['2', '#002'],
    ] as const)
      expect(await numbered(from, id)).toBe(number)
    const file: Uint8Array[] = []
    for await (const chunk of from.server.operations.exportRooms({ format, includeRemoved: true }))
      file.push(chunk)
    await from.close()
    const store = new MemoryStore()
    if (format === 'exact') {
      const parts = { store, recordTypes: demoRecords, dataFolder: '', version: '', now: Date.now }
      await store.open()
      const operations = createOperations(parts)
      await operations.importRooms(Readable.from(file), () => {})
      await operations.close()
    }
    for (const number of ['#003', '#004']) {
      const to = await startServer({ records: demoRecords, store })
      await to.server.operations.importRooms(Readable.from(file), () => {})
      expect(await numbered(to, number)).toBe(number)
      await to.close()
    }
  })

  const lines = (...numbers: readonly (string | null)[]): Readable =>
    Readable.from(
      numbers.map((number, i) =>
        Buffer.from(
          `${JSON.stringify({ room: `estimate:line-${i}`, record: { customer: 'Mill', number } })}\n`,
        ),
      ),
    )
  const numbersIn = async (started: TestServer): Promise<unknown[]> => {
    const authorization = `Bearer ${await tokenFor('ana', { roles: ['clerk'] })}`
    const answer = await started.fetch('/api/records/estimate', { headers: { authorization } })
    const { rows } = (await answer.json()) as { rows: { number: unknown }[] }
    return rows.map(row => row.number).sort()
  }

  it.each(['a server that runs', 'data that nobody serves'])(
    'are given to lines that have none, behind all that come with others, by %s',
    async place => {
      const store = new MemoryStore()
      if (place !== 'a server that runs') {
        const opened = createServer({ records: demoRecords, store, dataFolder: await newFolder(), secret })
        await opened.open()
        await opened.operations.importRooms(lines(null, '#001', null, '#007'), () => {})
        await opened.close()
      }
      const server = await startServer({ records: demoRecords, store })
      if (place === 'a server that runs')
        await server.server.operations.importRooms(lines(null, '#001', null, '#007'), () => {})
      await expect.poll(() => numbersIn(server)).toEqual(['#001', '#007', '#008', '#009'])
      await server.close()
    },
  )

  it('go on behind what an admin wrote over REST, or brought in an import beside lines without', async () => {
    const store = new MemoryStore()
    const server = await startServer({ records: demoRecords, store })
    const authorization = `Bearer ${await tokenFor('boss', { roles: ['admin'] })}`
    const send = (method: string, path: string, type: string, body: string): Promise<Response> =>
      server.fetch(path, { method, headers: { authorization, 'content-type': type }, body })
    const values = [{ id: 'a' }, { id: 'b', number: '#003' }, { id: 'c' }]
    const body = values.map(one => JSON.stringify({ customer: 'Mill', ...one })).join('\n')
    const answer = await send('POST', '/api/import/estimate', 'application/x-ndjson', body)
    expect(await answer.text()).toContain('"created":3')
    await expect.poll(() => numbersIn(server)).toEqual(['#003', '#004', '#005'])
    await send('PATCH', '/api/records/estimate/a', 'application/json', '{"number":"#041"}')
    expect(await numbered(server, 'd')).toBe('#042')
    await server.close()
    const again = await startServer({ records: demoRecords, store })
    expect(await numbered(again, 'e')).toBe('#043')
    await again.close()
  })

  it('that somebody writes by hand are given to nobody else, though they are not on the disk yet', async () => {
    const store = new SteppedStore()
    const server = await startServer({ records: demoRecords, store })
    const authorization = `Bearer ${await tokenFor('boss', { roles: ['admin'] })}`
    expect(await numbered(server, 'a')).toBe('#001')
    const patch = (body: string): Promise<Response> =>
      server.fetch('/api/records/estimate/a', {
        method: 'PATCH',
        headers: { authorization, 'content-type': 'application/json' },
        body,
      })
    expect((await patch('{"customer":"Mill"}')).status).toBe(200)
    await expect.poll(() => server.server.committer.depth).toBe(0)
    store.isStepped = true
    const asked = numbered(server, 'b')
    await expect.poll(() => store.held).toBe(1)
    const written = patch('{"number":"#002"}')
    await expect.poll(() => server.server.committer.depth).toBeGreaterThan(1)
    // The number is asked for from here on, the one by hand is on its way.
    store.step()
    await expect.poll(() => [store.held, server.server.committer.depth > 1]).toEqual([1, true])
    store.letGo()
    expect((await written).status).toBe(200)
    expect(await asked).toBe('#003')
    expect(await numbered(server, 'c')).toBe('#004')
    await server.close()
  })

  it('that came to nothing are given again, and none that somebody writes meanwhile', async () => {
    const store = new MemoryStore()
    await store.open()
    const series = new NumberSeries()
    await series.read(store)
    const writes = (number: string): void => void series.putsOf(Estimate, { id: 'a', number })
    writes('#005')
    const before = new Map([['estimate', series.last('estimate')]])
    writes('#006')
    series.givenBack(new Map([['estimate', 6]]), before)
    expect(series.last('estimate')).toBe(5)
    writes('#006')
    writes('#009')
    series.givenBack(new Map([['estimate', 6]]), before)
    expect(series.last('estimate')).toBe(9)
    await store.close()
  })

  it('are given to everybody else while an import is under way, and to its own lines at its end', async () => {
    const server = await startServer({ records: demoRecords })
    const [ended, end] = gate()
    async function* slowly(): AsyncGenerator<Uint8Array> {
      yield* lines(null)
      await ended
      yield Buffer.from('{"room":"estimate:last","record":{"customer":"Mill","number":"#007"}}\n')
    }
    const importing = server.server.operations.importRooms(slowly(), () => {})
    expect(await numbered(server, 'x')).toBe('#001')
    end()
    await importing
    await expect.poll(() => numbersIn(server)).toEqual(['#001', '#007', '#008'])
    await server.close()
  })

  it('that cannot be made to go on hide nothing of why an import was cut short', async () => {
    const from = await openStore()
    await writeNote(from, 'one')
    const file = await exportAll(from, 'exact')
    const operations = createOperations({
      store: await openStore(),
      recordTypes: [Note],
      dataFolder: '',
      version: '',
      now: () => noon,
      runner: () => ({
        goOnBehind: () => Promise.reject(new Error('no numbers')),
        keepBack() {},
        release() {},
      }),
    })
    const imports = (bytes: Uint8Array) => operations.importRooms(Readable.from([bytes]), () => {})
    await expect(imports(file.subarray(0, -20))).rejects.toThrow(/cut short/)
    await expect(imports(file)).rejects.toThrow('no numbers')
  })

  it('go on behind what an exact import has brought that was killed before its end, and lists show it', async () => {
    const from = await startServer({ records: demoRecords })
    for (const number of ['#001', '#002']) expect(await numbered(from, number)).toBe(number)
    const file: Uint8Array[] = []
    for await (const chunk of from.server.operations.exportRooms({ format: 'exact', includeRemoved: true }))
      file.push(chunk)
    await from.close()
    const store = new MemoryStore()
    await store.open()
    const killed = new Promise<void>(end => {
      const runner = () => ({
        goOnBehind: (): Promise<never> => {
          end()
          return new Promise(() => {})
        },
        keepBack() {},
        release() {},
      })
      const parts = { store, recordTypes: demoRecords, dataFolder: '', version: '', now: Date.now, runner }
      void createOperations(parts).importRooms(Readable.from(file), () => {})
    })
    await killed
    // They came with the records: the next start has none to make.
    const rows = await store.readRows('estimate', { limit: 10 })
    expect(rows.rows.map(({ json }) => JSON.parse(json).number).sort()).toEqual(['#001', '#002'])
    await store.close()
    const server = await startServer({ records: demoRecords, store })
    expect(await numbersIn(server)).toEqual(['#001', '#002'])
    expect(await numbered(server, '3')).toBe('#003')
    await server.close()
  })

  it('are looked after by the next start where one exact import had ended and another was killed', async () => {
    const from = await openStore()
    await writeNote(from, 'one')
    const file = await exportAll(from, 'exact')
    const parts = { recordTypes: [Note], dataFolder: '', version: '', now: () => noon }
    const store = await openStore()
    const { importRooms: imports } = createOperations({ ...parts, store })
    const nextStart = () => createOperations({ ...parts, store }).endBrokenImport()
    let [begin, end] = [(): void => {}, (): void => {}]
    const begun = new Promise<void>(resolve => {
      begin = resolve
    })
    const ended = new Promise<void>(resolve => {
      end = resolve
    })
    async function* slowly(): AsyncGenerator<Uint8Array> {
      yield file.subarray(0, -20)
      begin()
      await ended
      yield file.subarray(-20)
    }
    const slow = imports(slowly(), () => {})
    await begun
    await imports(Readable.from([file]), () => {})
    expect(await nextStart()).toBe(true)
    end()
    await slow
    expect(await nextStart()).toBe(false)
  })

  it('are read as the type says, where the last digits are the year', async () => {
    const Invoice = defineRecord('invoice', {
      fields: { customer: text.line(), number: text.line() },
      actions: {
        number: {
          ...numberFrom('invoice', n => `${n}/2026`),
          numbers: { series: 'invoice', field: 'number', read: written => Number(written.split('/')[0]) },
        },
      },
    })
    const server = await startServer({ records: [Invoice] })
    const invoices = '{"room":"invoice:a","record":{"number":"3/2026"}}\n{"room":"invoice:b","record":{}}\n'
    await server.server.operations.importRooms(Readable.from([Buffer.from(invoices)]), () => {})
    expect(await numbered(server, 'c', 'invoice')).toBe('5/2026')
    const last = '{"room":"invoice:d","record":{"number":"9007199254740990/2026"}}\n'
    await server.server.operations.importRooms(Readable.from([Buffer.from(last)]), () => {})
    expect(await numbered(server, 'e', 'invoice')).toBe('9007199254740991/2026')
    expect(await numbered(server, 'f', 'invoice')).toBeNull()
    await server.close()
  })

  it('that would be read as something else than was taken are given to nothing, and the log says what is wrong', async () => {
    const taking = (series: string, format: (n: number) => string) => ({
      ...numberFrom('invoice', format),
      numbers: { series, field: 'number' },
    })
    const Invoice = defineRecord('invoice', {
      fields: { customer: text.line(), number: text.line() },
      actions: { number: taking('invoices', n => `V-${n}`) },
    })
    const Credit = defineRecord('credit', {
      fields: { customer: text.line(), number: text.line() },
      actions: { number: taking('invoice', n => `${n}/2026`) },
    })
    const server = await startServer({ records: [Invoice, Credit] })
    expect(await numbered(server, 'a', 'invoice')).toBeNull()
    expect(server.log.join('')).toContain(
      'numbers reads «V-1» as 1 of «invoices», and run took 1 of «invoice»',
    )
    expect(await numbered(server, 'a', 'credit')).toBeNull()
    expect(server.log.join('')).toContain(
      'numbers reads «1/2026» as 2026 of «invoice», and run took 1 of «invoice»',
    )
    await server.close()
  })

  it('that begin anew with each year go on behind what came of their own year', async () => {
    const asked: string[] = []
    const Invoice = defineRecord('invoice', {
      fields: { customer: text.line(), number: text.line() },
      actions: {
        number: {
          args: {},
          onCreate: true,
          numbers: {
            series: written => {
              asked.push(written)
              if (written === 'broken') throw new Error('no year')
              return `invoice-${written.slice(2, 6)}`
            },
            field: 'number',
          },
          run: ({ t, set, next }) => set({ number: t.number ?? `V-2026-${next('invoice-2026')}` }),
        },
      },
    })
    const server = await startServer({ records: [Invoice] })
    expect(await numbered(server, 'a', 'invoice')).toBe('V-2026-1')
    const come = ['V-2025-90', 'V-2026-41', 'broken'].map(
      (number, i) => `${JSON.stringify({ room: `invoice:line-${i}`, record: { number } })}\n`,
    )
    await server.server.operations.importRooms(Readable.from([Buffer.from(come.join(''))]), () => {})
    expect(await numbered(server, 'b', 'invoice')).toBe('V-2026-42')
    expect(asked).not.toContain('null')
    await server.close()
  })

  it('go on behind one that was removed, and are not set back by an import into data that nobody serves', async () => {
    const store = new MemoryStore()
    const from = await startServer({ records: demoRecords, store })
    for (const number of ['#001', '#002']) expect(await numbered(from, number)).toBe(number)
    const authorization = `Bearer ${await tokenFor('ana', { roles: ['admin'] })}`
    const path = `/api/records/estimate/${encodeURIComponent('#002')}`
    expect((await from.fetch(path, { method: 'DELETE', headers: { authorization } })).status).toBe(200)
    const file: Uint8Array[] = []
    for await (const chunk of from.server.operations.exportRooms({ format: 'exact', includeRemoved: true }))
      file.push(chunk)
    const purge = { method: 'POST', headers: { authorization, 'content-type': 'application/json' } }
    const body = JSON.stringify({ record: 'estimate:#002' })
    expect((await from.fetch('/api/admin/purge', { ...purge, body })).status).toBe(200)
    await from.close()

    const other = await startServer({ records: demoRecords })
    await other.server.operations.importRooms(Readable.from(file), () => {})
    expect(await numbered(other, '#003')).toBe('#003')
    await other.close()

    const opened = createServer({ records: demoRecords, store, dataFolder: from.folder, secret })
    await opened.open()
    await opened.operations.importRooms(Readable.from(file), () => {})
    await opened.close()
    const again = await startServer({ records: demoRecords, store })
    expect(await numbered(again, '#003')).toBe('#003')
    await again.close()
  })
})
