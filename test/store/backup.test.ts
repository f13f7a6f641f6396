import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { isOutgrown } from '../../server/store/head.ts'
import { foldRoom, replay } from './fold-room.ts'
import { LevelStore } from '../../server/store/level-store.ts'
import { restoreBackup } from '../../server/store/restore.ts'
import type { BackupProgress, Store } from '../../server/store/store.ts'
import { change, roomChange, ticket } from './contract.ts'

let base: string
let store: LevelStore

beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'corecord-backup-'))
  store = new LevelStore({ folder: join(base, 'data') })
  await store.open()
})

afterEach(async () => {
  await store.close()
  rmSync(base, { recursive: true, force: true })
})

const file = (): string => join(base, 'store.backup')

/** Writes what a doc with this client id pushes, one update a commit. */
async function write(room: string, clientId: number, pushes: number): Promise<Y.Doc> {
  const doc = new Y.Doc()
  doc.clientID = clientId
  let expected = (await store.readHead(room))?.commit ?? 0
  for (let i = 0; i < pushes; i++) {
    let update: Uint8Array = new Uint8Array()
    doc.once('update', bytes => {
      update = bytes
    })
    doc.getArray('cells').push([i])
    const owners = i === 0 ? [{ clientId, userId: `user ${clientId}` }] : []
    const row = ticket(Number(room.split(':')[1]), 'open').row ?? null
    const more = { updates: [update], owners, row, events: [`{"n":${i}}`] }
    await store.commit([change(roomChange(room, expected++, more))])
  }
  return doc
}

async function restored<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const folder = join(base, 'restored')
  await restoreBackup(file(), folder)
  const other = new LevelStore({ folder })
  const start = await other.open()
  expect(start.cut).toEqual([])
  try {
    return await work(other)
  } finally {
    await other.close()
  }
}

async function findings(of: Store): Promise<string[]> {
  const codes: string[] = []
  for await (const { code, name } of of.verify()) codes.push(`${code} ${name}`)
  return codes
}

describe('a backup', () => {
  it('restores every record under a new epoch that knows how far the old one had come', async () => {
    await write('ticket:1', 11, 3)
    await store.compactRoom('ticket:1', Y.encodeStateAsUpdate(await replay(await loaded('ticket:1'))), 2)
    await write('ticket:1', 12, 2)
    const cursor = await store.eventCursor()
    await store.commit([{ rooms: [], values: [{ space: 'webhooks', key: 'w', value: '1' }] }])
    const before = await loaded('ticket:1')
    await store.backup(file())
    await write('ticket:1', 13, 1)
    const lostCursor = await store.eventCursor()

    await restored(async other => {
      const room = await other.loadRoom('ticket:1')
      expect(room?.head).toMatchObject({ commit: before.head.commit + 1, state: 'live', eventCount: 5 })
      expect(room?.head.epoch).not.toBe(before.head.epoch)
      expect(room?.owners.size).toBe(0)
      expect(room?.earlierEpochs).toEqual([
        {
          epoch: before.head.epoch,
          commit: before.head.commit,
          ended: 'restored',
          clients: new Map([
            [11, { userId: 'user 11', clock: 3 }],
            [12, { userId: 'user 12', clock: 2 }],
          ]),
        },
      ])
      expect(room?.snapshot).toEqual(before.snapshot)
      expect(room?.log).toEqual(before.log)
      expect(await other.readRow('ticket', '1')).toBe(await store.readRow('ticket', '1'))
      expect(await other.readValue('webhooks', 'w')).toBe('1')
      expect(await other.readEvents(cursor, 10)).toMatchObject({ events: [], reset: false })
      expect((await other.readEvents(lostCursor, 10)).reset).toBe(true)
      expect(await findings(other)).toEqual([])
    })
  })

  it('is of one moment, while the server goes on writing', async () => {
    await Promise.all([1, 2, 3].map(n => write(`ticket:${n}`, n, 20)))
    let isDone = false
    const backup = store.backup(file()).then(() => {
      isDone = true
    })
    const pair = (n: number) =>
      ['a', 'b'].map(room => change(roomChange(room, n, { updates: [new Uint8Array([0, 0])] })))
    let written = 0
    while (!isDone) await store.commit(pair(written++))
    await backup
    expect(written).toBeGreaterThan(0)
    await restored(async other => {
      const [a, b] = await Promise.all(['a', 'b'].map(room => other.readHead(room)))
      expect(a?.commit).toBe(b?.commit)
      expect(await findings(other)).toEqual([])
    })
  })

  it('says how far it is, and what it held', async () => {
    await write('ticket:1', 1, 50)
    const steps: BackupProgress[] = []
    const whole = await store.backup(file(), step => steps.push(step))
    expect(steps.at(-1)).toEqual(whole)
    expect(whole).toMatchObject({ done: true })
    expect(whole.entries).toBeGreaterThan(150)
    const restoring: BackupProgress[] = []
    await restoreBackup(file(), join(base, 'restored'), step => restoring.push(step))
    expect(restoring.at(-1)).toMatchObject({ done: true, entries: whole.entries })
  })

  it('that is cut short, changed, or no backup is refused, and leaves nothing behind', async () => {
    await write('ticket:1', 1, 50)
    await store.backup(file())
    const whole = readFileSync(file())
    const folder = join(base, 'restored')
    const refused = async (): Promise<void> => {
      await expect(restoreBackup(file(), folder)).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
      expect(readdirSync(folder, { recursive: true })).toEqual([])
    }
    truncateSync(file(), whole.length - 10)
    await refused()
    const plain = gunzipSync(whole)
    writeFileSync(file(), gzipSync(plain.subarray(0, plain.length - 1)))
    await refused()
    const changed = Buffer.from(whole)
    changed.writeUInt8(changed.readUInt8(whole.length >> 1) ^ 1, whole.length >> 1)
    writeFileSync(file(), changed)
    await refused()
    writeFileSync(file(), gzipSync('hello\n'))
    await expect(restoreBackup(file(), folder)).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
    await expect(restoreBackup(join(base, 'nowhere'), folder)).rejects.toMatchObject({
      code: 'STORE_DAMAGED',
    })
  })

  it('of a newer version is refused', async () => {
    const header = { corecord: 'backup', version: 1, storeFormat: 99, at: '' }
    writeFileSync(file(), gzipSync(`${JSON.stringify(header)}\n`))
    await expect(restoreBackup(file(), join(base, 'restored'))).rejects.toMatchObject({ code: 'STORE_NEWER' })
  })

  it('never overwrites data, and never leaves half a file', async () => {
    await write('ticket:1', 1, 1)
    await store.backup(file())
    await expect(restoreBackup(file(), join(base, 'data'))).rejects.toMatchObject({ code: 'STORE_FOREIGN' })
    await expect(store.backup(join(base, 'no', 'such', 'folder'))).rejects.toThrow()
    expect(readdirSync(base).filter(name => name.endsWith('.part'))).toEqual([])
  })
})

describe('folding', () => {
  it('keeps the document and takes a long log without joining it', async () => {
    const doc = new Y.Doc()
    doc.clientID = 5
    const updates: Uint8Array[] = []
    doc.on('update', bytes => updates.push(bytes))
    for (let i = 0; i < 20_000; i++) doc.getArray('cells').push([i])
    await store.commit([change(roomChange('a', 0, { updates }))])
    const before = await store.readHead('a')
    expect(before && isOutgrown(before)).toBe(true)
    const head = await foldRoom(store, 'a')
    expect(head).toMatchObject({ commit: 1, logEntries: 0, snapshotCommit: 1 })
    expect(head && isOutgrown(head)).toBe(false)
    const after = await replay(await loaded('a'))
    expect(after.getArray('cells').toJSON()).toEqual(doc.getArray('cells').toJSON())
  })

  it('keeps what is committed while it folds', async () => {
    const doc = await write('ticket:1', 1, 300)
    const folding = foldRoom(store, 'ticket:1')
    const more = await write('ticket:1', 2, 3)
    await folding
    const room = await loaded('ticket:1')
    expect(room.log.length).toBeLessThanOrEqual(3)
    const cells = (await replay(room)).getArray('cells')
    expect(cells.length).toBe(doc.getArray('cells').length + more.getArray('cells').length)
    expect(await findings(store)).toEqual([])
  })

  it('has nothing to do where there is no log', async () => {
    expect(await foldRoom(store, 'a')).toBeNull()
    await write('ticket:1', 1, 1)
    const head = await foldRoom(store, 'ticket:1')
    expect(await foldRoom(store, 'ticket:1')).toEqual(head)
  })
})

async function loaded(room: string) {
  const stored = await store.loadRoom(room)
  if (stored === null) throw new Error(`${room} is not stored`)
  return stored
}
