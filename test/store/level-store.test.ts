import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Level } from 'level'
import { decoding } from 'lib0'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as Y from 'yjs'
import { exitCodeOf } from '../../server/cli/exit-code.ts'
import { LevelDatabase, openError } from '../../server/store/level-database.ts'
import { keyOf } from '../../server/store/level-layout.ts'
import { dropOldIndexes } from '../../server/store/level-old-indexes.ts'
import { LevelStore } from '../../server/store/level-store.ts'
import { restoreBackup } from '../../server/store/restore.ts'
import { sealText } from '../../server/store/sealed.ts'
import type { Change, ChangeOutcome, Finding, Store } from '../../server/store/store.ts'
import { StoreError } from '../../server/store/store-error.ts'
import { refuseDamagedBlocks } from '../../server/store/level-tables.ts'
import { assertFormat, STORE_FORMAT } from '../../server/store/store-format.ts'
import { change, roomChange, ticket } from './contract.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corecord-store-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** One update that pushes a cell, written by a client id of its own. */
function update(clientId: number, value: string): Uint8Array {
  const doc = new Y.Doc()
  doc.clientID = clientId
  doc.getArray('cells').push([value])
  return Y.encodeStateAsUpdate(doc)
}

const edit = (room: string, expected: number, more: object = {}): Change =>
  change(roomChange(room, expected, { updates: [update(1000 + expected, room)], ...more }))

async function findingsOf(store: Store): Promise<Finding[]> {
  const findings: Finding[] = []
  for await (const finding of store.verify()) findings.push(finding)
  return findings
}

const summary = (findings: readonly Finding[]): string[] =>
  findings.map(({ code, name }) => `${code} ${name}`).sort()

async function withStore<T>(work: (store: LevelStore) => Promise<T>, at = folder): Promise<T> {
  const store = new LevelStore({ folder: at })
  await store.open()
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

/** The database as it lies there, without the store's guard over it. */
async function tamper(work: (db: Level<string, Uint8Array>) => Promise<unknown>, at = folder): Promise<void> {
  const db = new Level<string, Uint8Array>(join(at, 'db'), { keyEncoding: 'utf8', valueEncoding: 'view' })
  await db.open()
  try {
    await work(db)
  } finally {
    await db.close()
  }
}

function flipped(value: Uint8Array | undefined): Uint8Array {
  const copy = Uint8Array.from(value ?? [])
  const at = copy.length - 1
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}

/** The files as a crash would leave them: the store is still open while they are copied. */
function copyAsCrashed(store: LevelStore): string {
  const copy = mkdtempSync(join(tmpdir(), 'corecord-crash-'))
  cpSync(folder, copy, { recursive: true })
  rmSync(join(copy, 'db', 'LOCK'), { force: true })
  void store
  return copy
}

function newestLog(at: string): string {
  const logs = readdirSync(join(at, 'db')).filter(name => name.endsWith('.log'))
  return join(at, 'db', logs.sort().at(-1) ?? '')
}

it('a page of large events is a short one, and the cursor leads on to the rest', () =>
  withStore(async store => {
    const large = JSON.stringify('x'.repeat(1_500_000))
    for (let n = 0; n < 7; n++) await store.commit([change(roomChange('ticket:1', n, { events: [large] }))])
    const pages: number[] = []
    let since: string | null = null
    while (since !== (await store.eventCursor())) {
      const page = await store.readEvents(since, 100)
      pages.push(page.events.length)
      since = page.cursor
    }
    expect(pages.reduce((sum, count) => sum + count)).toBe(7)
    expect(Math.max(...pages)).toBeLessThan(5)
  }))

it('a large event that is damaged stops nobody who reads on, nor the folding of older ones', async () => {
  await withStore(async store => {
    const large = JSON.stringify('x'.repeat(5_000_000))
    for (const [n, event] of ['"a"', large, '"c"'].entries())
      await store.commit([change(roomChange('ticket:1', n, { events: [event] }))])
  })
  await tamper(async db => db.put(keyOf.event(2), flipped(await db.get(keyOf.event(2)))))
  await withStore(async store => {
    const first = await store.readEvents(null, 1)
    const second = await store.readEvents(first.cursor, 1)
    expect([...first.events, ...second.events].map(({ json }) => json)).toEqual(['"a"', '"c"'])
    expect(await store.readEvents(second.cursor, 1)).toMatchObject({ events: [] })
    expect(await store.foldEvents(second.cursor, 9)).toBe(2)
  })
})

describe('opening', () => {
  it('keeps everything over a close and an opening', async () => {
    await withStore(store =>
      store.commit([edit('ticket:1', 0, { events: ['{}'], owners: [{ clientId: 1, userId: 'ana' }] })]),
    )
    await withStore(async store => {
      expect((await store.loadRoom('ticket:1'))?.owners.get(1)).toBe('ana')
      const [outcome] = await store.commit([edit('ticket:1', 1, { events: ['{}'] })])
      expect(outcome).toMatchObject({ saved: true, heads: [{ commit: 2, eventCount: 2 }] })
      expect(await findingsOf(store)).toEqual([])
    })
  })

  it('refuses a second opening of the folder, with a sentence', async () => {
    await withStore(async () => {
      const second = new LevelStore({ folder })
      await expect(second.open()).rejects.toMatchObject({
        code: 'STORE_LOCKED',
        message: expect.stringContaining('Another process has the data'),
      })
      // The first one goes on, and takes away what the second has just seen.
      symlinkSync(join(folder, 'nowhere'), join(folder, 'db', '999998.ldb'))
      await expect(second.open()).rejects.toMatchObject({ code: 'STORE_LOCKED' })
    })
    await withStore(async store => expect(await store.readHead('a')).toBeNull())
  })

  it.each([
    ['Permission denied', /own the folder/],
    ['Read-only file system', /mount it for writing/],
    ['No space left on device', /free space .*50 MB, or inodes/],
    ['Too many open files', /ulimit/],
  ])(
    'that a whole disk does not open («%s») is told with what to do, and not to restore a backup',
    (reason, remedy) => {
      const error = openError('/data/db', new Error(`IO error: /data/db/LOCK: ${reason}`))
      const { code, message } = error
      expect(exitCodeOf(error)).toBe(reason === 'Too many open files' ? 5 : 1)
      expect(code).toBe('STORE_UNWRITABLE')
      expect(message).toMatch(remedy)
      expect(message).not.toMatch(/backup/)
    },
  )

  it('refuses data of a newer version and leaves them untouched', async () => {
    await withStore(store => store.commit([edit('a', 0)]))
    await tamper(db => db.put(keyOf.format, sealText(keyOf.format, String(STORE_FORMAT + 1))))
    await expect(new LevelStore({ folder }).open()).rejects.toMatchObject({
      code: 'STORE_NEWER',
      message: expect.stringContaining('written by a newer corecord'),
    })
    await tamper(async db => {
      expect(await db.get(keyOf.clean)).toBeDefined()
      await db.put(keyOf.format, sealText(keyOf.format, String(STORE_FORMAT)))
    })
    await withStore(async store => expect((await store.readHead('a'))?.commit).toBe(1))
  })

  it('refuses a LevelDB that is somebody else’s', async () => {
    await tamper(db => db.put('hello', new Uint8Array([1])))
    await expect(new LevelStore({ folder }).open()).rejects.toMatchObject({ code: 'STORE_FOREIGN' })
  })

  it('is opened where the note of its format is damaged, or went with a block that could not be read', async () => {
    await withStore(store => store.commit([edit('a', 0)]))
    for (const harm of [
      (db: Level<string, Uint8Array>) => db.put(keyOf.format, new Uint8Array([1, 2, 3, 4, 5])),
      (db: Level<string, Uint8Array>) => db.del(keyOf.format),
    ]) {
      await tamper(harm)
      await withStore(async store => expect((await store.readHead('a'))?.commit).toBe(1))
      await tamper(async db => {
        const note = await db.get(keyOf.format)
        expect(note).toEqual(sealText(keyOf.format, String(STORE_FORMAT)))
      })
    }
  })

  it('brings an older store up step by step, and goes on where it was interrupted', async () => {
    const db = new LevelDatabase(folder, { cacheBytes: 1 << 20, writeBufferBytes: 1 << 20 })
    await db.open()
    await assertFormat(db, 1, [])
    const ran: number[] = []
    let isInterrupted = true
    const step = (to: number) => ({
      to,
      async upgrade() {
        if (to === 3 && isInterrupted) throw new Error('pulled plug')
        ran.push(to)
      },
    })
    const steps = [step(2), step(3), step(4)]
    await expect(assertFormat(db, 4, steps)).rejects.toThrow('pulled plug')
    isInterrupted = false
    await assertFormat(db, 4, steps)
    await assertFormat(db, 4, steps)
    expect(ran).toEqual([2, 3, 4])
    await db.close()
  })
})

describe('starting after a crash', () => {
  it('keeps its client id over a clean end, and takes a new one after a crash', async () => {
    const first = new LevelStore({ folder })
    const start = await first.open()
    expect(start).toMatchObject({ clean: true, cut: [] })
    const crashed = copyAsCrashed(first)
    await first.close()

    const again = new LevelStore({ folder })
    expect(await again.open()).toEqual({ ...start, earlierNodeIds: [] })
    await again.close()

    const afterCrash = new LevelStore({ folder: crashed })
    const { clean, nodeId, earlierNodeIds } = await afterCrash.open()
    expect(clean).toBe(false)
    expect(nodeId).not.toBe(start.nodeId)
    expect(earlierNodeIds).toEqual([start.nodeId])
    await afterCrash.close()
    rmSync(crashed, { recursive: true })
  })

  it.skipIf(!existsSync('/dev/full'))('on a disk without room says so as after a clean end', async () => {
    await withStore(store => store.commit([edit('a', 0)]))
    // Opened anew, the log of before has become a table, which is looked through.
    await withStore(async () => {})
    writeFileSync(join(folder, 'witness-a'), '')
    symlinkSync('/dev/full', join(folder, 'db-looked-through'))
    await expect(new LevelStore({ folder }).open()).rejects.toMatchObject({
      code: 'STORE_UNWRITABLE',
      message: expect.stringMatching(/free space .*, then start again/),
    })
  })

  it('goes on with cursors of before the crash', async () => {
    const store = new LevelStore({ folder })
    await store.open()
    await store.commit([edit('a', 0, { events: ['1', '2'] })])
    const { cursor } = await store.readEvents(null, 1)
    const crashed = copyAsCrashed(store)
    await store.close()
    await withStore(async after => {
      const { events, reset } = await after.readEvents(cursor, 10)
      expect(reset).toBe(false)
      expect(events.map(({ json }) => json)).toEqual(['2'])
    }, crashed)
    rmSync(crashed, { recursive: true })
  })

  it.each(['a crash', 'a clean end'])('whose newest log is gone after %s, says so too', async end => {
    // It had ended cleanly before, and what says that it began again is in the log that goes.
    await withStore(store => store.commit([edit('ticket:1', 0)]))
    await withStore(store => store.commit([edit('ticket:1', 1)]))
    const store = new LevelStore({ folder })
    const { clean, nodeId } = await store.open()
    expect(clean).toBe(true)
    await store.commit([edit('ticket:1', 2), edit('ticket:2', 0)])
    const witness = join(folder, 'witness-a')
    while (!readFileSync(witness, 'utf8').includes('ticket:2')) await new Promise(setImmediate)
    const crashed = copyAsCrashed(store)
    await store.close()
    const left = end === 'a crash' ? crashed : folder
    rmSync(newestLog(left))
    const after = new LevelStore({ folder: left })
    const start = await after.open()
    expect(start.clean).toBe(false)
    expect(start.cut).toEqual([
      { room: 'ticket:1', witnessed: 3, found: 2 },
      { room: 'ticket:2', witnessed: 1, found: 0 },
    ])
    // Under the old id it has told clocks that it does not know of any more.
    expect(start.nodeId).not.toBe(nodeId)
    await after.close()
    rmSync(crashed, { recursive: true })
  })

  it('whose newest log is damaged in its midst after a clean end, says what went with that part', async () => {
    await withStore(store => store.commit([edit('ticket:1', 0)]))
    const store = new LevelStore({ folder })
    const { clean, nodeId } = await store.open()
    expect(clean).toBe(true)
    await store.commit([edit('ticket:1', 1)])
    // LevelDB leaves out what is left of the damaged block, of 32 KB, and reads on behind it, up to the clean end.
    for (let i = 0; i < 100; i++)
      await store.commit([edit(`ticket:later-${i}`, 0, { events: ['x'.repeat(800)] })])
    await store.close()
    const log = newestLog(folder)
    const bytes = readFileSync(log)
    bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20)
    writeFileSync(log, bytes)
    const after = new LevelStore({ folder })
    const start = await after.open()
    expect(start.cut).toContainEqual({ room: 'ticket:1', witnessed: 2, found: 1 })
    expect(start.cut.length).toBeLessThan(100)
    expect(start.clean).toBe(false)
    expect(start.nodeId).not.toBe(nodeId)
    await after.close()
  })

  it('whose start is killed as it mends what went with a log, is no clean end to the next start either', async () => {
    await withStore(store => store.commit([edit('ticket:1', 0)]))
    // As after a commit that LevelDB has left out, with the clean end behind it.
    writeFileSync(join(folder, 'witness-b'), '2 ticket:1\n')
    const killed: string[] = []
    const { write } = LevelDatabase.prototype
    const writing = vi.spyOn(LevelDatabase.prototype, 'write').mockImplementation(async function (
      this: LevelDatabase,
      ...asked
    ) {
      await write.apply(this, asked)
      const copy = `${folder}-killed-${killed.length}`
      cpSync(folder, copy, { recursive: true })
      killed.push(copy)
    })
    await withStore(async () => {}, folder)
    writing.mockRestore()
    // The last one is its end.
    for (const copy of killed.slice(0, -1)) {
      const after = new LevelStore({ folder: copy })
      expect(await after.open()).toMatchObject({ clean: false })
      await after.close()
    }
    for (const copy of killed) rmSync(copy, { recursive: true })
    expect(killed.length).toBeGreaterThan(3)
  })

  describe('with its newest log file cut short', () => {
    let crashed: string
    let lostCursor: string

    beforeEach(async () => {
      const store = new LevelStore({ folder })
      await store.open()
      const owners = [{ clientId: 1000, userId: 'ana' }]
      await store.commit([edit('ticket:1', 0, { owners, events: ['1'] }), edit('ticket:2', 0)])
      const size = statSync(newestLog(folder)).size
      await store.commit([edit('ticket:1', 1, { events: ['2'] })])
      await store.commit([edit('ticket:3', 0)])
      lostCursor = await store.eventCursor()
      // The notes of what was durable are gathered for some milliseconds.
      const witness = join(folder, 'witness-a')
      while (!readFileSync(witness, 'utf8').includes('ticket:3')) await new Promise(setImmediate)
      crashed = copyAsCrashed(store)
      await store.close()
      truncateSync(newestLog(crashed), size + 5)
    })

    afterEach(() => rmSync(crashed, { recursive: true }))

    it('opens, names what is missing, and begins a new epoch where something is', async () => {
      const store = new LevelStore({ folder: crashed })
      const { clean, cut } = await store.open()
      expect(clean).toBe(false)
      expect([...cut].sort((a, b) => a.room.localeCompare(b.room))).toEqual([
        { room: 'ticket:1', witnessed: 2, found: 1 },
        { room: 'ticket:3', witnessed: 1, found: 0 },
      ])
      const room = await store.loadRoom('ticket:1')
      expect(room?.head.epoch).not.toBe('e1')
      expect(room?.log).toHaveLength(1)
      expect(room?.earlierEpochs).toEqual([
        { epoch: 'e1', commit: 1, ended: 'cut', clients: new Map([[1000, { userId: 'ana', clock: 1 }]]) },
      ])
      expect((await store.readHead('ticket:2'))?.epoch).toBe('e1')
      const findings = await findingsOf(store)
      expect(summary(findings)).toEqual(['LOG_CUT ticket:1', 'LOG_CUT ticket:3'])
      expect(findings.find(({ name }) => name === 'ticket:1')?.sentence).toContain('saved up to commit 2')
      await store.close()
    })

    it('tells who follows the events that they must read again', async () => {
      await withStore(async store => {
        await store.commit([edit('ticket:2', 1, { events: ['another'] })])
        expect((await store.readEvents(lostCursor, 10)).reset).toBe(true)
      }, crashed)
    })

    it('reports a cut once, and keeps it for verify', async () => {
      await withStore(async () => {}, crashed)
      const store = new LevelStore({ folder: crashed })
      expect((await store.open()).cut).toEqual([])
      expect(summary(await findingsOf(store))).toEqual(['LOG_CUT ticket:1', 'LOG_CUT ticket:3'])
      await store.close()
    })
  })
})

describe('a store that kept indexes', () => {
  const ids = Array.from({ length: 1_000 }, (_, n) => String(n))
  const rowJson = (id: string): string => JSON.stringify({ id, status: 'open' })

  /** How many there are; and that an earlier version finds for each row those that it names, as it would look. */
  const indexEntries = async (at = folder): Promise<number> => {
    let count = 0
    await tamper(async db => {
      count = (await db.keys({ gte: 'i', lt: 'j' }).all()).length
      const rows = await db.values({ gte: 'r', lt: 's' }).all()
      const named = rows.filter(row => Buffer.from(row.subarray(4)).toString().startsWith('[["field0",'))
      expect(count).toBe(17 * named.length)
    }, at)
    return count
  }

  /** As earlier versions wrote it: each row's index keys before it, and an entry for each. */
  beforeEach(async () => {
    await withStore(store => store.commit(ids.map(id => edit(`ticket:${id}`, 0, { state: 'live' }))))
    await tamper(async db => {
      const batch = db.batch()
      for (const id of ids) {
        const keys = Array.from({ length: 17 }, (_, i) => [`field${i}`, `eopen\x01d${id}`])
        const text = `${JSON.stringify(keys)}\n${rowJson(id)}`
        batch.put(keyOf.row('ticket', id), sealText(keyOf.row('ticket', id), text))
        for (const [index, key] of keys) batch.put(`iticket\0${index}\0${key}\0${id}`, new Uint8Array())
      }
      await batch.write()
    })
  })

  const expectAllRows = async (store: Store): Promise<void> => {
    const { rows } = await store.readRows('ticket', { limit: ids.length + 1 })
    expect(rows).toEqual([...ids].sort().map(id => ({ id, json: rowJson(id) })))
    expect(await store.readRow('ticket', '7')).toBe(rowJson('7'))
    expect(await findingsOf(store)).toEqual([])
  }

  /** Each start goes on with it, and ends here before it is done. */
  const startUntilNoneIsLeft = async (at = folder): Promise<void> => {
    for (let left = await indexEntries(at); left > 0; ) {
      await withStore(expectAllRows, at)
      const still = await indexEntries(at)
      expect(still).toBeLessThan(left)
      left = still
    }
  }

  it('shows the same rows, is whole, and loses the entries bit by bit, start after start', async () => {
    expect(await indexEntries()).toBe(17 * ids.length)
    await startUntilNoneIsLeft()
    await withStore(async store => {
      await expectAllRows(store)
      const row = { id: '7', json: '{"id":"7","status":"shut"}' }
      await store.commit([edit('ticket:7', 1, { row }), edit('ticket:8', 1, { row: null, state: 'removed' })])
    })
    expect(await indexEntries()).toBe(0)
    await withStore(async store => {
      expect(await store.readRow('ticket', '7')).toBe('{"id":"7","status":"shut"}')
      expect(await store.readRow('ticket', '8')).toBeNull()
      expect(await findingsOf(store)).toEqual([])
    })
  })

  it('is rid of an entry whose row is gone or damaged, too', async () => {
    await startUntilNoneIsLeft()
    await tamper(async db => {
      await db.put('iticket\0field0\0x\x00nobody', new Uint8Array())
      await db.put('iticket\0field0\0x\x007', new Uint8Array())
      await db.put(keyOf.row('ticket', '7'), flipped(await db.get(keyOf.row('ticket', '7'))))
    })
    await withStore(async store => expect(summary(await findingsOf(store))).toEqual(['ROW_DAMAGED ticket:7']))
    expect(await indexEntries()).toBe(0)
  })

  it('may be killed meanwhile, and goes on after the next start', async () => {
    let crashed = ''
    await withStore(async store => {
      await store.commit([edit('free', 0)])
      crashed = copyAsCrashed(store)
    })
    expect(await indexEntries(crashed)).toBeGreaterThan(0)
    await startUntilNoneIsLeft(crashed)
    rmSync(crashed, { recursive: true })
  })

  it('waits while there is no room, and goes on by itself once there is', async () => {
    const db = new LevelDatabase(folder, { cacheBytes: 1 << 20, writeBufferBytes: 1 << 20 })
    await db.open()
    let [looks, refusals, isFull] = [0, 0, true]
    const hasRoom = async (): Promise<boolean> => {
      looks++
      return !isFull
    }
    const inTurn = async (work: () => Promise<void>): Promise<void> => {
      // Others were quicker.
      if (refusals++ < 2) throw new StoreError('STORE_UNWRITABLE', 'no space left on device')
      await work()
    }
    const ended = new AbortController()
    const waiting = dropOldIndexes(db, { inTurn, ending: ended.signal, hasRoom })
    await expect.poll(() => looks).toBe(1)
    ended.abort()
    await waiting
    const dropping = dropOldIndexes(db, {
      inTurn,
      ending: new AbortController().signal,
      hasRoom,
      lookAgainMs: 1,
    })
    await expect.poll(() => looks).toBeGreaterThan(3)
    expect(refusals).toBe(0)
    isFull = false
    await dropping
    await db.close()
    expect(refusals).toBeGreaterThan(2)
    expect(await indexEntries()).toBe(0)
  })

  it('is backed up and restored with what is left of them, and is as whole', async () => {
    const [file, restored] = [join(folder, 'backup.tar'), join(folder, 'restored')]
    await withStore(store => store.backup(file))
    await restoreBackup(file, restored)
    expect(await indexEntries(restored)).toBeGreaterThan(0)
    await startUntilNoneIsLeft(restored)
    await withStore(expectAllRows, restored)
  })
})

describe('damage', () => {
  beforeEach(async () => {
    await withStore(async store => {
      for (const n of [1, 2]) {
        await store.commit([edit(`ticket:${n}`, 0, { ...ticketRow(n), events: ['"a"'] })])
        await store.commit([
          edit(`ticket:${n}`, 1, { events: ['"b"'], owners: [{ clientId: 5, userId: 'ana' }] }),
        ])
        await store.commit([edit(`ticket:${n}`, 2, { events: ['"c"'] })])
      }
      await store.commit([{ rooms: [], values: [{ space: 'blobs', key: 'x', value: '{}' }] }])
    })
  })

  const ticketRow = (n: number): object => {
    const { row } = ticket(n, 'open')
    return { row }
  }

  /** Damages one thing of ticket:1; gives what verify says of it. */
  async function verdictAfter(work: (db: Level<string, Uint8Array>) => Promise<unknown>): Promise<string[]> {
    await tamper(work)
    return withStore(async store => {
      const findings = summary(await findingsOf(store))
      expect((await store.loadRoom('ticket:2'))?.log.length).toBeGreaterThan(2)
      return findings
    })
  }

  const flip = (key: string) => async (db: Level<string, Uint8Array>) =>
    db.put(key, flipped(await db.get(key)))

  const rejectsLoad = (): Promise<void> =>
    withStore(async store => {
      await expect(store.loadRoom('ticket:1')).rejects.toMatchObject({
        code: 'STORE_DAMAGED',
        room: 'ticket:1',
      })
      const other = await store.readHead('ticket:2')
      const outcomes = await store.commit([edit('ticket:2', other?.commit ?? 0)])
      expect(outcomes[0]?.saved).toBe(true)
    })

  it('of an update is named, and keeps nobody from the other rooms', async () => {
    expect(await verdictAfter(flip(keyOf.log('ticket:1', 2)))).toEqual(['UPDATE_DAMAGED ticket:1'])
    await rejectsLoad()
  })

  it('of a head', async () => {
    expect(await verdictAfter(flip(keyOf.head('ticket:1')))).toEqual(['HEAD_DAMAGED ticket:1'])
    await rejectsLoad()
    await withStore(async store => {
      await expect(store.readHead('ticket:1')).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
      expect((await store.readHeads({ limit: 9 })).heads.map(({ room }) => room)).toEqual(['ticket:2'])
      await expect(store.commit([edit('ticket:1', 3)])).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
    })
  })

  it('of an owner', async () => {
    expect(await verdictAfter(flip(keyOf.owner('ticket:1', 5)))).toEqual(['OWNER_DAMAGED ticket:1'])
    await rejectsLoad()
  })

  it('a log with a gap', async () => {
    expect(await verdictAfter(db => db.del(keyOf.log('ticket:1', 2)))).toEqual(['LOG_GAP ticket:1'])
    await rejectsLoad()
  })

  it('a snapshot that is damaged, missing or ahead', async () => {
    await withStore(store => store.compactRoom('ticket:1', update(9, 'all'), 2))
    let snapshot: Uint8Array | undefined
    expect(
      await verdictAfter(async db => {
        snapshot = await db.get(keyOf.snapshot('ticket:1'))
        await flip(keyOf.snapshot('ticket:1'))(db)
      }),
    ).toEqual(['SNAPSHOT_DAMAGED ticket:1'])
    await rejectsLoad()
    expect(await verdictAfter(db => db.del(keyOf.snapshot('ticket:1')))).toEqual([
      'SNAPSHOT_DAMAGED ticket:1',
    ])
    await rejectsLoad()
    const { sealSnapshot } = await import('../../server/store/level-layout.ts')
    expect(
      await verdictAfter(db =>
        db.put(keyOf.snapshot('ticket:1'), sealSnapshot(keyOf.snapshot('ticket:1'), 9, update(9, 'all'))),
      ),
    ).toEqual(['SNAPSHOT_AHEAD ticket:1'])
    await rejectsLoad()
    await tamper(db => db.put(keyOf.snapshot('ticket:1'), snapshot ?? new Uint8Array()))
    await withStore(async store => expect(await findingsOf(store)).toEqual([]))
  })

  it('of a row, one that is gone, and one without its record', async () => {
    const { row = null } = ticket(1, 'open')
    const { sealRow } = await import('../../server/store/level-layout.ts')
    expect(
      await verdictAfter(db => db.put(keyOf.row('ticket', '8'), sealRow(keyOf.row('ticket', '8'), '{}'))),
    ).toEqual(['ROW_WITHOUT_RECORD ticket:8'])
    await tamper(db => db.del(keyOf.row('ticket', '8')))
    expect(await verdictAfter(db => db.del(keyOf.row('ticket', '1')))).toEqual(['ROW_MISSING ticket:1'])
    await withStore(store => store.rewriteRows([{ room: 'ticket:1', commit: 3, row }]))
    expect(await verdictAfter(flip(keyOf.row('ticket', '1')))).toEqual(['ROW_DAMAGED ticket:1'])
    await withStore(async store => {
      await store.rewriteRows([{ room: 'ticket:1', commit: 3, row }])
      expect(await findingsOf(store)).toEqual([])
    })
    // Whoever writes the record need not have read it.
    expect(await verdictAfter(flip(keyOf.row('ticket', '1')))).toEqual(['ROW_DAMAGED ticket:1'])
    await withStore(async store => {
      const [outcome] = await store.commit([edit('ticket:1', 3, { row })])
      expect(outcome?.saved).toBe(true)
      expect(await findingsOf(store)).toEqual([])
    })
  })

  it('a history that was changed, shortened, or moved', async () => {
    const { sealEvent } = await import('../../server/store/level-layout.ts')
    let original: Uint8Array | undefined
    expect(
      await verdictAfter(async db => {
        original = await db.get(keyOf.event(2))
        await db.put(
          keyOf.event(2),
          sealEvent(keyOf.event(2), { room: 'ticket:1', seq: 2, hash: 'f'.repeat(64), json: '"forged"' }),
        )
      }),
    ).toEqual(['EVENT_CHAIN_BROKEN ticket:1', 'EVENT_CHAIN_BROKEN ticket:1'])
    await tamper(db => db.put(keyOf.event(2), original ?? new Uint8Array()))
    expect(await verdictAfter(db => db.del(keyOf.event(2)))).toContain('EVENT_MISSING ticket:1')
    await tamper(db => db.put(keyOf.event(2), original ?? new Uint8Array()))
    expect(await verdictAfter(flip(keyOf.event(2)))).toContain('EVENT_DAMAGED ticket:1')
    await tamper(db => db.put(keyOf.event(2), original ?? new Uint8Array()))
    expect(await verdictAfter(db => db.del(keyOf.chain('ticket:1', 3)))).toEqual([
      'EVENT_CHAIN_BROKEN ticket:1',
      'EVENT_MISSING ticket:1',
    ])
  })

  it('a value', async () => {
    expect(await verdictAfter(flip(keyOf.value('blobs', 'x')))).toEqual(['VALUE_DAMAGED blobs/x'])
  })

  describe('in a table file', () => {
    let path: string
    let whole: Buffer
    let before: (string | null)[]

    beforeEach(async () => {
      await withStore(async store => {
        for (let n = 10; n < 60; n++) {
          const more = { ...ticketRow(n), events: [`"${n}"`], updates: [update(n, `MARK-${n}-MARK`)] }
          await store.commit([edit(`ticket:${n}`, 0, more)])
        }
      })
      // An opening writes what was in the log file into a table.
      await withStore(async store => {
        before = await allRooms(store)
      })
      path = largestTable()
      whole = readFileSync(path)
    })

    const largestTable = (): string => {
      const tables = readdirSync(join(folder, 'db')).filter(name => name.endsWith('.ldb'))
      const sizeOf = (name: string): number => statSync(join(folder, 'db', name)).size
      return join(folder, 'db', tables.sort((x, y) => sizeOf(y) - sizeOf(x))[0] ?? '')
    }

    it('of single bytes is refused by name, and nothing else is served than what was stored', async () => {
      let at = whole.indexOf('MARK-')
      let found = 0
      for (let i = 0; i < 10; i++, at = whole.indexOf('MARK-', at + 5)) {
        const copy = Buffer.from(whole)
        copy[at] = (copy[at] ?? 0) ^ 0x10
        writeFileSync(path, copy)
        await withStore(async store => {
          found += (await findingsOf(store)).filter(({ code }) => code === 'UPDATE_DAMAGED').length
          await expectNothingElse(store)
        })
      }
      expect(found).toBeGreaterThanOrEqual(10)
    })

    it('of a whole block leaves out what was in it, keeps the damaged files, and writes on', async () => {
      const copy = Buffer.from(whole)
      copy[0] = (copy[0] ?? 0) ^ 0x10
      writeFileSync(path, copy)
      let damagedPath = ''
      const store = new LevelStore({ folder, onSalvaged: kept => (damagedPath = kept) })
      await store.open()
      // LevelDB meets the block when it compacts, at the latest here.
      for (let n = 0; n < 5; n++) await store.commit([edit('ticket:new', n)]).catch(() => {})
      await store.close()
      await withStore(async again => {
        expect((await findingsOf(again)).length).toBeGreaterThan(0)
        await expectNothingElse(again)
        // If LevelDB meets it only now, this commit fails and the one after it finds a mended database.
        const [outcome] = await commitNew(again).catch(() => commitNew(again))
        expect(outcome?.saved).toBe(true)
      })
      if (damagedPath !== '') expect(readdirSync(damagedPath).length).toBeGreaterThan(0)
    })

    it('of a block of rows or heads keeps no others from whoever reads them all', async () => {
      await withStore(async store => {
        for (let n = 100; n < 200; n++) {
          const text = createHash('sha512').update(`${n}`).digest('hex')
          const row = { id: String(n), json: JSON.stringify({ id: n, text }) }
          await store.commit([edit(`ticket:${n}`, 0, { row })])
        }
      })
      await withStore(async () => {})
      path = largestTable()
      whole = readFileSync(path)
      // Without the table's own index, which names keys as well: where it begins is the third number of the footer.
      const footer = decoding.createDecoder(whole.subarray(-48))
      const [, , indexAt] = [0, 1, 2].map(() => decoding.readVarUint(footer))
      const blocks = whole.subarray(0, indexAt)
      // An opening may compact, or mend what it meets, and then there are other tables, by the same names.
      const [database, kept] = [join(folder, 'db'), join(folder, 'kept')]
      cpSync(database, kept, { recursive: true })
      const [all, heads] = await withStore(async store => [
        (await store.readRows('ticket', { limit: 999 })).rows,
        (await store.readHeads({ limit: 999 })).heads,
      ])
      /** Makes each block unreadable that begins with such a key, one after the other. */
      const eachBlockOf = async (mark: string, look: (store: LevelStore) => Promise<void>): Promise<void> => {
        for (let at = blocks.indexOf(mark); at >= 0; at = blocks.indexOf(mark, at + 1)) {
          rmSync(database, { recursive: true })
          cpSync(kept, database, { recursive: true })
          writeFileSync(path, Buffer.from(whole).fill(0xff, at - 8, at))
          await withStore(look)
        }
      }
      let met = 0
      await eachBlockOf('rticket', async store => {
        const refused = await store.readRows('ticket', { limit: 999 }).then(
          () => null,
          error => error,
        )
        if (refused?.code !== 'STORE_DAMAGED') return
        met++
        let isTold = false
        const onDamaged = (): void => {
          isTold = true
        }
        const { rows } = await store.readRows('ticket', { limit: 999 }, onDamaged)
        expect(isTold).toBe(true)
        expect(rows.length).toBeGreaterThan(all.length / 2)
        expect(rows.length).toBeLessThan(all.length)
        for (const row of rows) expect(all).toContainEqual(row)
      })
      expect(met).toBeGreaterThan(0)
      met = 0
      await eachBlockOf('dticket', async store => {
        const found = (await store.readHeads({ limit: 999 })).heads
        // A block holds more names than rows.
        expect(found.length).toBeGreaterThan(heads.length / 3)
        if (found.length < heads.length) met++
      })
      expect(met).toBeGreaterThan(0)
    })

    it('is found wherever it is, block by block, and by each call where the one before ended', async () => {
      const [location, notePath] = [join(folder, 'db'), join(folder, 'note')]
      expect(await refuseDamagedBlocks(location, notePath)).toBe(0)
      for (let at = 11; at < whole.length - 48; at += 307) {
        const copy = Buffer.from(whole)
        copy[at] = (copy[at] ?? 0) ^ 0x04
        writeFileSync(path, copy)
        expect(await refuseDamagedBlocks(location, notePath)).toBe(1)
        expect(await refuseDamagedBlocks(location, notePath)).toBe(0)
      }
      // A footer has no checksum; whatever it says, LevelDB is asked next.
      for (let at = whole.length - 48; at < whole.length; at++) {
        writeFileSync(path, Buffer.from(whole).fill(0xff, at, Math.min(at + 8, whole.length)))
        await refuseDamagedBlocks(location, notePath)
      }
      const damaged = Buffer.from(whole)
      damaged[20] = (damaged[20] ?? 0) ^ 0x04
      writeFileSync(path, damaged)
      const tables = readdirSync(location).filter(name => name.endsWith('.ldb'))
      let found = 0
      for (let call = 0; call < tables.length; call++)
        found += await refuseDamagedBlocks(location, notePath, 1)
      expect(found).toBe(1)
    })

    it('that has lost its end leaves out what was in that, and no more, of each length', async () => {
      const kept = join(folder, 'kept')
      cpSync(join(folder, 'db'), kept, { recursive: true })
      const read: number[] = []
      const some = [0.3, 0.6, 0.9].map(part => Math.floor(whole.length * part))
      for (const length of [0, 60, ...some, whole.length - 60, whole.length - 1]) {
        for (const zeros of [0, whole.length - length]) {
          for (const name of readdirSync(folder).filter(one => one.startsWith('db')))
            rmSync(join(folder, name), { recursive: true })
          cpSync(kept, join(folder, 'db'), { recursive: true })
          const left = whole.subarray(0, length)
          writeFileSync(path, Buffer.concat([left, Buffer.alloc(zeros)]))
          let damagedPath = ''
          const store = new LevelStore({ folder, onSalvaged: at => (damagedPath = at) })
          await store.open()
          const cut = readFileSync(join(damagedPath, basename(path)))
          expect(cut.subarray(0, Math.min(length, whole.length - 48))).toEqual(
            left.subarray(0, whole.length - 48),
          )
          const served = (await allRooms(store)).filter(isRoom)
          for (const room of served) expect(before).toContain(room)
          read.push(served.length)
          // Whether or not the name of a record was in what is gone, it is on the list of all.
          const { heads } = await store.readHeads({ limit: 999 })
          expect(heads.length).toBeGreaterThanOrEqual(served.length)
          const isTold = (await findingsOf(store)).some(({ sentence }) => /^Of the table/.test(sentence))
          expect(isTold).toBe(length < whole.length - 60)
          const [outcome] = await commitNew(store)
          expect(outcome?.saved).toBe(true)
          await store.close()
        }
      }
      const all = before.filter(isRoom).length
      expect(read).toEqual(read.toSorted((x, y) => x - y))
      expect(read[0]).toBeLessThan(all / 3)
      expect(new Set(read).size).toBeGreaterThan(2)
      expect(read.slice(-4)).toEqual([all, all, all, all])
    })

    const isRoom = (room: string | null): boolean => room !== null && !room.endsWith('undefined')

    const compact = (): NodeJS.Signals | null =>
      spawnSync(process.execPath, ['--input-type=module', '-e', COMPACT, join(folder, 'db')]).signal

    it('without its file CURRENT is left as it is, and named', async () => {
      const db = join(folder, 'db')
      rmSync(join(db, 'CURRENT'))
      const before = readdirSync(db)
      const refusal = {
        code: 'STORE_DAMAGED',
        message: expect.stringMatching(/write the line MANIFEST-\d+ into/),
      }
      await expect(new LevelStore({ folder }).open()).rejects.toMatchObject(refusal)
      expect(readdirSync(db)).toEqual(before)
      writeFileSync(join(db, 'CURRENT'), `${before.find(name => name.startsWith('MANIFEST-'))}\n`)
      await withStore(async store => expect(await store.readHead('ticket:1')).not.toBeNull())
    })

    it('that would end the process with each start is found after the first, and the rest goes on', async () => {
      // Nothing in it can be compressed, so that it lies in the table as it is.
      const hash = (n: number): string => createHash('sha256').update(String(n)).digest('hex')
      const values = Array.from({ length: 200 }, (_, n) => ({ space: 'x', key: hash(n), value: hash(-n) }))
      await withStore(store => store.commit([{ rooms: [], values }]))
      await withStore(async () => {})
      path = largestTable()
      whole = readFileSync(path)
      const keys = values.map(({ key }) => key).sort()
      const shared = (one = '', other = ''): number => [...one].findIndex((c, i) => c !== other[i])
      const [i = 0] = [...keys.keys()].filter(
        n => n > 50 && shared(keys[n], keys[n + 1]) >= shared(keys[n], keys[n - 1]),
      )
      const from = shared(keys[i], keys[i + 1])
      const at = whole.indexOf(keys[i]?.slice(from) ?? '')
      expect(at).toBeGreaterThan(0)
      // It stands behind the one that follows it now.
      writeFileSync(path, Buffer.from(whole).fill('z', at, at + 1))
      expect(compact()).toBe('SIGABRT')
      // As a server leaves it that ended so.
      writeFileSync(join(folder, 'witness-a'), '')
      let damagedPath = ''
      const store = new LevelStore({ folder, onSalvaged: kept => (damagedPath = kept) })
      await store.open()
      expect(readdirSync(damagedPath).length).toBeGreaterThan(0)
      const [outcome] = await commitNew(store)
      expect(outcome?.saved).toBe(true)
      await expectNothingElse(store)
      await store.close()
      expect(compact()).toBeNull()
    })

    const COMPACT = `
      import { Level } from 'level'
      const db = new Level(process.argv[1], { keyEncoding: 'utf8', valueEncoding: 'view' })
      await db.open()
      await db.compactRange('\\0', '\\u{10ffff}')
      await db.close()
    `

    it('and a crash while it is mended, go on with what was mended', async () => {
      await withStore(store => store.commit([edit('ticket:new', 0)]))
      renameSync(join(folder, 'db'), join(folder, 'db-mended'))
      await withStore(async store => expect((await store.readHead('ticket:new'))?.commit).toBe(1))
    })

    it('is mended at the first start after a crash, also by who has nobody to tell', async () => {
      writeFileSync(path, Buffer.from(whole).fill(0xff, 8, 16))
      writeFileSync(join(folder, 'witness-a'), '')
      await withStore(expectNothingElse)
      expect(readdirSync(folder).filter(name => name.startsWith('db-damaged-'))).toHaveLength(1)
    })

    it('and a crash before the damaged one was put aside, are mended at the next start', async () => {
      // What was copied, of which the server began to take leave of the damaged one.
      cpSync(join(folder, 'db'), join(folder, 'db-mended'), { recursive: true })
      writeFileSync(path, Buffer.from(whole).fill(0xff, 8, 16))
      writeFileSync(join(folder, 'witness-a'), '')
      for (let start = 0; start < 2; start++)
        await withStore(async store => {
          const [outcome] = await commitNew(store)
          expect(outcome?.saved).toBe(true)
          await expectNothingElse(store)
        })
      expect(readdirSync(folder).filter(name => /^db-(mended|copying)$/.test(name))).toEqual([])
    })

    async function commitNew(store: Store): Promise<readonly ChangeOutcome[]> {
      const head = await store.readHead('ticket:new')
      return store.commit([edit('ticket:new', head?.commit ?? 0)])
    }

    async function expectNothingElse(store: Store): Promise<void> {
      const now = await allRooms(store)
      for (const [n, room] of now.entries()) if (room !== null) expect(room).toBe(before[n])
    }
  })

  /** What is served of each room; a refusal is no wrong answer. */
  async function allRooms(store: Store): Promise<(string | null)[]> {
    const rooms: (string | null)[] = []
    for (let n = 1; n < 60; n++) {
      const refused = Symbol()
      const room = await store.loadRoom(`ticket:${n}`).catch(() => refused)
      if (typeof room === 'symbol') {
        rooms.push(null)
        continue
      }
      const log = room?.log.map(bytes => Buffer.from(bytes).toString('hex'))
      rooms.push(`${n} ${room?.head.commit} ${log?.join()}`)
    }
    return rooms
  }
})
