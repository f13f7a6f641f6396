import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { GatheredReads } from '../../server/store/gathered-reads.ts'
import type { Database } from '../../server/store/level.ts'
import { LevelDatabase } from '../../server/store/level-database.ts'
import { keyOf } from '../../server/store/level-layout.ts'
import { readHead } from '../../server/store/level-reads.ts'
import { loadRoom } from '../../server/store/level-room-reads.ts'
import { LevelWriter } from '../../server/store/level-writer.ts'
import { bytes, change, roomChange } from './contract.ts'

/** Tells each trip to LevelDB before it is made. */
class WatchedDatabase extends LevelDatabase {
  onTrip: () => Promise<void> = async () => {}

  override async read<T>(work: (db: Database) => Promise<T>): Promise<T> {
    await this.onTrip()
    return super.read(work)
  }
}

let folder: string
let db: WatchedDatabase
let gathered: GatheredReads
let writer: LevelWriter

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'corecord-reading-'))
  db = new WatchedDatabase(folder, { cacheBytes: 1 << 20, writeBufferBytes: 1 << 20 })
  await db.open()
  gathered = new GatheredReads(db)
  writer = new LevelWriter(db, { standingsMax: 10, cursorAt: String, onDurable: () => {} })
  await writer.start()
})

afterEach(async () => {
  db.onTrip = async () => {}
  await db.close()
  rmSync(folder, { recursive: true, force: true })
})

const names = Array.from({ length: 100 }, (_, n) => (n % 2 === 0 ? `ticket:${n}` : `note ${n}`))

/** Each written by two people and by one of them again; every third folded after its first commit. */
const writeAll = async (): Promise<void> => {
  const owned = (userId: string, clientId: number) => [{ clientId, userId }]
  await writer.commit(
    names.map((room, n) =>
      change(roomChange(room, 0, { updates: [bytes(n, 1)], owners: owned('ana', n + 1) })),
    ),
  )
  for (const [n, room] of names.entries()) if (n % 3 === 0) await writer.compactRoom(room, bytes(n, 9), 1)
  await writer.commit(
    names.map((room, n) =>
      change(roomChange(room, 1, { updates: [bytes(n, 2), bytes(n, 3)], owners: owned('bo', n + 1000) })),
    ),
  )
  await writer.commit(names.map((room, n) => change(roomChange(room, 2, { updates: [bytes(n, 4)] }))))
}

const load = (room: string) => loadRoom(db, gathered, room)

const countTrips = (): { readonly count: number } => {
  const trips = { count: 0 }
  db.onTrip = async () => {
    trips.count++
  }
  return trips
}

it('a hundred records that are asked for at once are read in two trips to LevelDB, each whole', async () => {
  await writeAll()
  const trips = countTrips()
  const rooms = await Promise.all(names.map(load))
  expect(trips.count).toBe(2)
  for (const [n, room] of rooms.entries()) {
    const first = n % 3 === 0 ? [] : [[n, 1]]
    expect(room?.snapshot).toEqual(n % 3 === 0 ? bytes(n, 9) : null)
    expect(room?.log.map(update => [...update])).toEqual([...first, [n, 2], [n, 3], [n, 4]])
    expect([...(room?.owners ?? [])]).toEqual([
      [n + 1, 'ana'],
      [n + 1000, 'bo'],
    ])
    expect(room?.head).toMatchObject({ room: names[n], commit: 3 })
  }
})

it('one that many have written, or that began a new epoch, is read whole as well', async () => {
  await writeAll()
  const owners = Array.from({ length: 20 }, (_, n) => ({ clientId: 5000 + n, userId: `user ${n}` }))
  const newEpoch = { epoch: 'e2', ended: 'folded', clocks: new Map([[1, 3]]), content: bytes(0, 0) } as const
  await writer.commit([
    change(roomChange('ticket:0', 3, { owners, updates: [bytes(5)] })),
    change(roomChange('ticket:2', 3, { newEpoch })),
  ])
  const [many, later] = await Promise.all([load('ticket:0'), load('ticket:2')])
  expect(many?.owners.size).toBe(22)
  expect(many?.log.map(update => [...update])).toEqual([[0, 2], [0, 3], [0, 4], [5]])
  expect(later?.head.epoch).toBe('e2')
  expect(later?.owners.size).toBe(0)
  expect(later?.earlierEpochs.map(({ epoch, clients }) => [epoch, [...clients.keys()].sort()])).toEqual([
    ['e1', [1, 1002, 3]],
  ])
})

it('what is committed between the two trips is read with all that belongs to it', async () => {
  await writer.commit([change(roomChange('ticket:1', 0, { updates: [bytes(1)] }))])
  await writer.compactRoom('ticket:1', bytes(7), 1)
  const newEpoch = { epoch: 'e2', ended: 'folded', clocks: new Map(), content: bytes(8) } as const
  let trip = 0
  db.onTrip = async () => {
    // The snapshot that stands afterwards covers the same commit.
    if (++trip === 2) await writer.commit([change(roomChange('ticket:1', 1, { newEpoch }))])
  }
  const room = await load('ticket:1')
  expect(room?.head).toMatchObject({ epoch: 'e2', commit: 2 })
  expect(room?.snapshot).toEqual(bytes(8))
  expect(room?.earlierEpochs).toHaveLength(1)
})

it('a record that is begun while somebody looks whether it is there is not called damaged', async () => {
  let looks = 0
  const head = await db.read(level =>
    readHead(
      {
        has: (key: string) => level.has(key),
        async get(key: string) {
          const found = await level.get(key)
          if (looks++ === 0) await writer.commit([change(roomChange('ticket:1', 0))])
          return found
        },
        // Nothing else is asked for.
      } as unknown as Database,
      'ticket:1',
    ),
  )
  expect(head).toMatchObject({ room: 'ticket:1', commit: 1 })
})

it('a damaged record that is asked for with others is named, and hinders none of them', async () => {
  await writeAll()
  const batch = db.batch()
  batch.put(keyOf.log('ticket:4', 3), bytes(1, 2, 3, 4, 5, 6))
  batch.del(keyOf.log('ticket:8', 2))
  // An older head than what lies beneath it, as a lost table may leave it.
  batch.put(keyOf.log('ticket:10', 4), bytes(1, 2, 3, 4, 5, 6))
  batch.put(keyOf.head('ticket:14'), bytes(1, 2, 3, 4, 5, 6))
  batch.del(keyOf.head('ticket:16'))
  await db.write(batch, { sync: true })
  const outcomes = await Promise.all(
    names.map(name =>
      load(name).then(
        () => null,
        error => [name, error.code],
      ),
    ),
  )
  expect(outcomes.filter(outcome => outcome !== null)).toEqual(
    [4, 8, 10, 14, 16].map(n => [`ticket:${n}`, 'STORE_DAMAGED']),
  )
})

/** The database as `before` lets it be read, key by key. */
const readBy = (
  before: (keys: readonly string[], way: 'here' | 'thread') => void,
  now?: () => number,
): GatheredReads => {
  const watched = {
    read: (work: (level: Database) => Promise<unknown>) =>
      db.read(level =>
        work({
          snapshot: () => level.snapshot(),
          getSync(key: string) {
            before([key], 'here')
            return level.getSync(key)
          },
          async getMany(keys: string[]) {
            before(keys, 'thread')
            return level.getMany(keys)
          },
        } as unknown as Database),
      ),
  } as unknown as LevelDatabase
  return new GatheredReads(watched, now)
}

it.each([
  ['by a thread', 100],
  ['here', 10],
])(
  'what cannot be read for one of those that are read together %s fails for that one alone',
  async (_, n) => {
    await writeAll()
    const bad = keyOf.head('ticket:6')
    const shared = readBy(keys => {
      if (keys.includes(bad)) throw Object.assign(new Error('block checksum'), { code: 'LEVEL_CORRUPTION' })
    })
    const outcomes = await Promise.allSettled(
      names.slice(0, n).map(name => shared.getMany([keyOf.head(name)])),
    )
    expect(outcomes.filter(({ status }) => status === 'rejected')).toMatchObject([
      { reason: { code: 'STORE_DAMAGED' } },
    ])
  },
)

it('little is read here while that is quick, and by a thread once the disk has kept the server waiting', async () => {
  await writeAll()
  const ways: string[] = []
  let now = 0
  let keyMs = 0
  const reads = readBy(
    (_, way) => {
      ways.push(way)
      now += keyMs
    },
    () => now,
  )
  const keys = names.slice(0, 3).map(keyOf.head)
  const expected = await db.read(level => level.getMany(keys))
  expect(await reads.getMany(keys)).toEqual(expected)
  keyMs = 5
  expect(await reads.getMany(keys)).toEqual(expected)
  expect(await reads.getMany(keys)).toEqual(expected)
  expect(ways.splice(0)).toEqual(['here', 'here', 'here', 'here', 'thread', 'thread'])
  now += 1_000
  keyMs = 0
  expect(await reads.getMany(keys)).toEqual(expected)
  expect(ways).toEqual(['here', 'here', 'here'])
})

it('of a large record the size is told before it is read, and of a small one nothing', async () => {
  await writeAll()
  const large = new Uint8Array(70_000)
  await writer.commit([change(roomChange('ticket:large', 0, { updates: [large] }))])
  const asked: number[] = []
  const read = (room: string) =>
    loadRoom(db, gathered, room, (size, go) => {
      asked.push(size)
      return go()
    })
  await read('ticket:0')
  expect((await read('ticket:large'))?.log[0]?.length).toBe(large.length)
  expect(asked).toEqual([large.length])
})
