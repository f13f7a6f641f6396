import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CommitWitness } from '../../server/store/commit-witness.ts'
import type { WriteBatch } from '../../server/store/level.ts'
import { LevelDatabase } from '../../server/store/level-database.ts'
import { GatheredReads } from '../../server/store/gathered-reads.ts'
import { readHead, readRow, readRows } from '../../server/store/level-reads.ts'
import { loadRoom } from '../../server/store/level-room-reads.ts'
import { LevelWriter } from '../../server/store/level-writer.ts'
import { StoreError } from '../../server/store/store-error.ts'
import { bytes, change, roomChange, ticket } from './contract.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corecord-writer-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A disk whose answer is an error, whether or not the batch reached it. */
class FaultyDatabase extends LevelDatabase {
  fault: 'lost' | 'written' | null = null
  #isSuspect = false

  override get isSuspect(): boolean {
    return this.#isSuspect
  }

  override async write(batch: WriteBatch, options: { sync: boolean }): Promise<void> {
    if (this.fault === null) return super.write(batch, options)
    if (this.fault === 'written') await super.write(batch, options)
    else await batch.close()
    this.fault = null
    this.#isSuspect = true
    throw new StoreError('STORE_UNWRITABLE', 'input/output error')
  }

  override async reopen(): Promise<void> {
    await super.reopen()
    this.#isSuspect = false
  }
}

describe('a write that failed', () => {
  let db: FaultyDatabase
  let writer: LevelWriter

  beforeEach(async () => {
    db = new FaultyDatabase(folder, { cacheBytes: 1 << 20, writeBufferBytes: 1 << 20 })
    await db.open()
    writer = new LevelWriter(db, { standingsMax: 10, cursorAt: String, onDurable: () => {} })
    await writer.start()
    await writer.commit([change(roomChange('a', 0, { updates: [bytes(1)], events: ['"first"'] }))])
  })

  afterEach(() => db.close())

  for (const fault of ['lost', 'written'] as const) {
    it(`and was ${fault} is in the store once when the same changes come again, with others`, async () => {
      const again = change(roomChange('a', 1, { updates: [bytes(2)], events: ['"second"'] }))
      const other = change(roomChange('b', 0, { updates: [bytes(3)] }))
      const next = change(roomChange('a', 2, { updates: [bytes(4)] }))
      db.fault = fault
      await expect(writer.commit([again, other])).rejects.toMatchObject({ code: 'STORE_UNWRITABLE' })
      const outcomes = await writer.commit([again, other, next])
      expect(outcomes).toMatchObject([
        { saved: true, heads: [{ room: 'a', commit: 2, eventCount: 2 }], events: [{ seq: 2, cursor: '2' }] },
        { saved: true, heads: [{ room: 'b', commit: 1 }] },
        { saved: true, heads: [{ room: 'a', commit: 3 }] },
      ])
      const room = await loadRoom(db, new GatheredReads(db), 'a')
      expect(room?.log.map(update => [...update])).toEqual([[1], [2], [4]])
      expect(writer.eventTip).toBe(2)
    })
  }

  it('in the second half of a divided batch keeps the first half written once', async () => {
    const first = change(roomChange('a', 1, { updates: [bytes(2)] }))
    const newEpoch = { epoch: 'e2', ended: 'folded', clocks: new Map(), content: bytes(0, 0) } as const
    const second = change(roomChange('a', 2, { newEpoch }))
    let writes = 0
    const write = db.write.bind(db)
    db.write = (batch, options) => {
      if (++writes === 2) db.fault = 'lost'
      return write(batch, options)
    }
    await expect(writer.commit([first, second])).rejects.toMatchObject({ code: 'STORE_UNWRITABLE' })
    const outcomes = await writer.commit([first, second])
    expect(outcomes.map(({ saved }) => saved)).toEqual([true, true])
    expect((await db.read(level => readHead(level, 'a')))?.commit).toBe(3)
  })

  it('and was of rows alone is made once more: nobody else would', async () => {
    const { row = null } = ticket(1, 'open')
    await writer.commit([change(ticket(1, 'done'))])
    db.fault = 'lost'
    expect(await writer.rewriteRows([{ room: 'ticket:1', commit: 1, row }])).toEqual([])
    expect(await readRow(new GatheredReads(db), 'ticket', '1')).toBe(row?.json)
  })

  it('and was of folded events is known to be there: who reads behind them reads again', async () => {
    db.fault = 'written'
    await expect(writer.foldEvents(1, 10)).rejects.toMatchObject({ code: 'STORE_UNWRITABLE' })
    await writer.commit([change(roomChange('b', 0))])
    expect(writer.foldedTo).toBe(1)
  })

  it('lets reads go on, also while the database is opened anew', async () => {
    db.fault = 'lost'
    await expect(writer.commit([change(roomChange('a', 1))])).rejects.toThrow()
    const reads = Array.from({ length: 20 }, () => db.read(level => readHead(level, 'a')))
    const commit = writer.commit([change(roomChange('a', 1))])
    const more = Array.from({ length: 20 }, () => db.read(level => readHead(level, 'a')))
    for (const head of await Promise.all([...reads, ...more])) expect(head?.commit).toBeGreaterThan(0)
    expect((await commit)[0]?.saved).toBe(true)
  })

  it('lets what is stored be read for as long as the disk takes nothing', async () => {
    // No file of this name can be written there now.
    const refusing = join(db.location, 'probe')
    mkdirSync(refusing)
    const next = change(roomChange('a', 1))
    db.fault = 'lost'
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(writer.commit([next])).rejects.toMatchObject({ code: 'STORE_UNWRITABLE' })
      expect((await db.read(level => readHead(level, 'a')))?.commit).toBe(1)
    }
    rmSync(refusing, { recursive: true })
    expect((await writer.commit([next]))[0]?.saved).toBe(true)
    expect(readdirSync(db.location)).not.toContain('probe')
  })

  for (const [left, leave] of [
    ['nothing', () => {}],
    ['an empty folder', () => mkdirSync(db.location)],
  ] as const) {
    it(`begins no empty database where the disk is gone and left ${left}`, async () => {
      const next = change(roomChange('a', 1))
      db.fault = 'lost'
      await expect(writer.commit([next])).rejects.toMatchObject({ code: 'STORE_UNWRITABLE' })
      const away = join(folder, 'away')
      renameSync(db.location, away)
      leave()
      for (let attempt = 0; attempt < 2; attempt++)
        await expect(writer.commit([next])).rejects.toThrow('mount it again')
      rmSync(db.location, { recursive: true, force: true })
      renameSync(away, db.location)
      expect(await writer.commit([next])).toMatchObject([{ saved: true, heads: [{ room: 'a', commit: 2 }] }])
    })
  }
})

it('a writer that remembers few rooms writes many as well', async () => {
  const db = new LevelDatabase(folder, { cacheBytes: 1 << 20, writeBufferBytes: 1 << 20 })
  await db.open()
  const writer = new LevelWriter(db, { standingsMax: 3, cursorAt: String, onDurable: () => {} })
  await writer.start()
  for (let round = 0; round < 4; round++) {
    const batch = Array.from({ length: 20 }, (_, n) => change({ ...ticket(n, `s${round}`), expect: round }))
    expect((await writer.commit(batch)).every(({ saved }) => saved)).toBe(true)
  }
  const { rows } = await db.read(level => readRows(level, 'ticket', { limit: 99 }))
  expect(rows.map(({ json }) => JSON.parse(json).status)).toEqual(Array(20).fill('s3'))
  await db.close()
})

describe('the notes of what was durable', () => {
  it('are the last commit of each room, over two files that take turns', async () => {
    const witness = new CommitWitness(folder, { fileBytesMax: 200, gatherMs: 1 })
    await witness.start()
    for (let commit = 1; commit <= 60; commit++) {
      witness.note(`ticket:${commit % 2}`, commit)
      await witness.flush()
    }
    expect(await witness.lastEnd()).toBeNull()
    await witness.close(null)
    const sizes = readdirSync(folder).map(name => statSync(join(folder, name)).size)
    expect(sizes).toHaveLength(2)
    expect(Math.max(...sizes)).toBeLessThan(300)
    const witnessed = await new CommitWitness(folder).read()
    expect([...witnessed].sort()).toEqual([
      ['ticket:0', 60],
      ['ticket:1', 59],
    ])
  })

  it('say nothing that nobody noted where a full disk took the half of some', async () => {
    const file = await open(join(folder, 'any'), 'w')
    const fileHandle = Object.getPrototypeOf(file)
    await file.close()
    const witness = new CommitWitness(folder)
    await witness.start()
    witness.note('ticket:a', 3)
    await witness.flush()
    // As the system answers who asks for more than there is room for.
    const { write } = fileHandle
    const full = vi.spyOn(fileHandle, 'write').mockImplementation(function (
      this: unknown,
      ...[bytes, offset, , at]: unknown[]
    ) {
      return write.call(this, bytes, offset, '9 ticket:a\n1'.length, at)
    })
    witness.note('ticket:a', 9)
    witness.note('ticket:b', 12)
    await witness.flush()
    full.mockRestore()
    witness.note('ticket:c', 4)
    await witness.close(null)
    expect([...(await new CommitWitness(folder).read())]).toEqual([
      ['ticket:a', 3],
      ['ticket:c', 4],
    ])
  })

  it('go on in the next file once it can be opened, and do not gather until then', async () => {
    const witness = new CommitWitness(folder, { fileBytesMax: 20 })
    await witness.start()
    // No file of this name can be written there now.
    const refusing = join(folder, 'witness-b')
    mkdirSync(refusing)
    for (let commit = 1; commit <= 3; commit++) {
      witness.note('ticket:of-a-long-name', commit)
      await witness.flush()
    }
    rmSync(refusing, { recursive: true })
    witness.note('ticket:late', 7)
    await witness.flush()
    expect(readFileSync(refusing, 'utf8')).toBe('7 ticket:late\n')
    await witness.close(null)
  })

  it('name the last end, if it was a clean one', async () => {
    const witness = new CommitWitness(folder)
    expect(await witness.lastEnd()).toBe('')
    await witness.start()
    witness.note('a', 1)
    await witness.close('e1')
    expect(await witness.lastEnd()).toBe('e1')
    expect([...(await witness.read())]).toEqual([['a', 1]])
    await witness.start()
    await witness.close(null)
    expect(await witness.lastEnd()).toBeNull()
  })
})
