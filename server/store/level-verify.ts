import * as Y from 'yjs'
import { nextHash } from './event-chain.ts'
import type { Database, LevelDatabase, Snapshot } from './level-database.ts'
import {
  keyOf,
  parseOrdered,
  partsOf,
  under,
  unsealEarlierEpoch,
  unsealEvent,
  unsealHead,
  unsealRow,
  unsealSnapshot,
  unsealUpdates,
} from './level-layout.ts'
import { CUT_SPACE, readFolded } from './level-reads.ts'
import { readThrough } from './level-salvage.ts'
import { unsealText } from './sealed.ts'
import type { Finding, FindingCode, Head } from './store.ts'

type Entry = [key: string, value: Uint8Array]

interface View {
  readonly db: Database
  readonly snapshot: Snapshot
}

/** Reads everything once, as of now, and holds it against what it must agree with. */
export function verifyLevel(db: LevelDatabase, options: { events: boolean }): AsyncIterable<Finding> {
  return db.stream(async function* (level, snapshot) {
    const view = { db: level, snapshot }
    yield* verifyRooms(view)
    yield* verifyRows(view)
    yield* verifyIndexes(view)
    if (options.events) {
      yield* verifyChains(view)
      yield* verifyEvents(view)
    }
    yield* verifyValues(view)
  })
}

const finding = (code: FindingCode, name: string, sentence: string): Finding => ({ code, name, sentence })

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Entries of a range, some at a time; what LevelDB cannot read of it is a finding at the end. */
async function* chunks({ db, snapshot }: View, prefix: string): AsyncGenerator<Entry[] | Finding> {
  for await (const read of readThrough(db, { ...under(prefix), snapshot })) {
    if (Array.isArray(read)) yield read
    else yield finding('UNREADABLE', prefix.slice(1), `LevelDB cannot read a part of it: ${reasonOf(read)}.`)
  }
}

async function* verifyRooms(view: View): AsyncGenerator<Finding> {
  let room: RoomCheck | null = null
  for await (const chunk of chunks(view, 'd')) {
    if (!Array.isArray(chunk)) {
      yield chunk
      continue
    }
    for (const [key, value] of chunk) {
      const [name = '', kind = ''] = partsOf(key)
      if (room?.name !== name) {
        if (room) yield* room.end()
        room = new RoomCheck(name)
        if (!(await has(view, keyOf.name(name)))) {
          yield finding('HEAD_DAMAGED', name, `${name} is missing from the list of rooms.`)
        }
      }
      yield* room.see(key, kind, value)
    }
  }
  if (room) yield* room.end()
}

async function has({ db, snapshot }: View, key: string): Promise<boolean> {
  return db.has(key, { snapshot })
}

/** One room's entries in the order of their keys: the head comes first. */
class RoomCheck {
  readonly name: string
  #head: Head | null = null
  #isHeadNamed = false
  #isSnapshotNamed = false
  #snapshotCommit = 0
  #commits: number[] = []

  constructor(name: string) {
    this.name = name
  }

  *see(key: string, kind: string, value: Uint8Array): Generator<Finding> {
    const { name } = this
    const rest = kind.slice(1)
    if (kind[0] === 'a') {
      yield* this.#try('HEAD_DAMAGED', 'head', () => {
        this.#head = unsealHead(name, value)
      })
    } else if (kind[0] === 'b') {
      yield* this.#try('OWNER_DAMAGED', `earlier epoch ${rest}`, () => unsealEarlierEpoch(key, value))
    } else if (kind[0] === 'c') {
      yield* this.#try('OWNER_DAMAGED', `owner of client id ${parseOrdered(rest)}`, () =>
        unsealText(key, value),
      )
    } else if (kind[0] === 'd') {
      yield* this.#try('SNAPSHOT_DAMAGED', 'snapshot', () => {
        const { commit, bytes } = unsealSnapshot(key, value)
        this.#snapshotCommit = commit
        Y.decodeUpdate(bytes)
      })
    } else {
      yield* this.#seeLog(key, parseOrdered(rest), value)
    }
  }

  *#seeLog(key: string, commit: number, value: Uint8Array): Generator<Finding> {
    // Left over from a fold that a crash cut short: nobody reads it.
    if (this.#head !== null && commit <= this.#head.snapshotCommit) return
    this.#commits.push(commit)
    yield* this.#try('UPDATE_DAMAGED', `update of commit ${commit}`, () => {
      const updates: Uint8Array[] = []
      unsealUpdates(key, value, updates)
      for (const update of updates) Y.decodeUpdate(update)
    })
  }

  *#try(code: FindingCode, what: string, read: () => unknown): Generator<Finding> {
    try {
      read()
    } catch (error) {
      if (code === 'HEAD_DAMAGED') this.#isHeadNamed = true
      if (code === 'SNAPSHOT_DAMAGED') this.#isSnapshotNamed = true
      yield finding(code, this.name, `${this.name}: the ${what} is damaged (${reasonOf(error)}).`)
    }
  }

  *end(): Generator<Finding> {
    const { name } = this
    const head = this.#head
    if (head === null) {
      if (!this.#isHeadNamed) yield finding('HEAD_DAMAGED', name, `${name} has content but no head.`)
      return
    }
    if (this.#isSnapshotNamed) {
      // Which commit it covers is not known either.
    } else if (this.#snapshotCommit > head.commit) {
      const sentence = `${name}: the snapshot is of commit ${this.#snapshotCommit}, beyond the head's ${head.commit}.`
      yield finding('SNAPSHOT_AHEAD', name, sentence)
    } else if (this.#snapshotCommit !== head.snapshotCommit) {
      const sentence = `${name}: the snapshot is of commit ${this.#snapshotCommit}, the head says ${head.snapshotCommit}.`
      yield finding('SNAPSHOT_DAMAGED', name, sentence)
    }
    const last = this.#commits.at(-1) ?? 0
    if (this.#commits.length !== head.logEntries || last > head.commit) {
      const sentence = `${name}: the log after commit ${head.snapshotCommit} has ${this.#commits.length} entries up to ${last}, the head says ${head.logEntries} up to ${head.commit}.`
      yield finding('LOG_GAP', name, sentence)
    }
  }
}

async function* verifyRows(view: View): AsyncGenerator<Finding> {
  for await (const chunk of chunks(view, 'r')) {
    if (!Array.isArray(chunk)) {
      yield chunk
      continue
    }
    const names = chunk.map(([key]) => partsOf(key).join(':'))
    const heads = await view.db.getMany(names.map(keyOf.head), { snapshot: view.snapshot })
    for (const [i, [key, value]] of chunk.entries()) {
      yield* verifyRow(view, key, value, heads[i])
    }
  }
}

async function* verifyRow(
  view: View,
  rowKey: string,
  value: Uint8Array,
  head: Uint8Array | undefined,
): AsyncGenerator<Finding> {
  const [type = '', id = ''] = partsOf(rowKey)
  const name = `${type}:${id}`
  if (head === undefined || isPurged(name, head)) {
    yield finding('ROW_WITHOUT_RECORD', name, `${name} is on the lists, but there is no such record.`)
  }
  try {
    for (const key of unsealRow(rowKey, value).keys) {
      if (await has(view, keyOf.index(type, id, key))) continue
      yield finding('ROW_WITHOUT_INDEX', name, `${name} is missing from the index ${key.index}.`)
    }
  } catch (error) {
    if (view.db.status !== 'open') throw error
    yield finding('ROW_DAMAGED', name, `${name}: the row is damaged (${reasonOf(error)}).`)
  }
}

function isPurged(name: string, head: Uint8Array): boolean {
  try {
    return unsealHead(name, head).state === 'purged'
  } catch {
    // Named already, among the rooms.
    return false
  }
}

async function* verifyIndexes(view: View): AsyncGenerator<Finding> {
  for await (const chunk of chunks(view, 'i')) {
    if (!Array.isArray(chunk)) {
      yield chunk
      continue
    }
    const entries = chunk.map(([key]) => partsOf(key))
    const rowKeys = entries.map(([type = '', , , id = '']) => keyOf.row(type, id))
    const rows = await view.db.getMany(rowKeys, { snapshot: view.snapshot })
    for (const [i, [type, index = '', key = '', id]] of entries.entries()) {
      if (isInRow(rowKeys[i] ?? '', rows[i], index, key)) continue
      const name = `${type}:${id}`
      yield finding(
        'INDEX_WITHOUT_ROW',
        name,
        `${name} is in the index ${index} with a key that its row has not.`,
      )
    }
  }
}

function isInRow(rowKey: string, row: Uint8Array | undefined, index: string, key: string): boolean {
  if (row === undefined) return false
  try {
    return unsealRow(rowKey, row).keys.some(entry => entry.index === index && entry.key === key)
  } catch {
    // Named already, among the rows.
    return true
  }
}

/** Each record's chain from where it was folded to what its head says. */
async function* verifyChains(view: View): AsyncGenerator<Finding> {
  for await (const chunk of chunks(view, 'n')) {
    if (!Array.isArray(chunk)) {
      yield chunk
      continue
    }
    for (const [key] of chunk) {
      const [room = ''] = partsOf(key)
      const sealed = await view.db.get(keyOf.head(room), { snapshot: view.snapshot })
      if (sealed === undefined) {
        yield finding('HEAD_DAMAGED', room, `${room} is in the list of rooms, but has no head.`)
        continue
      }
      try {
        yield* verifyChain(view, unsealHead(room, sealed))
      } catch (error) {
        if (view.db.status !== 'open') throw error
        // A damaged head was named among the rooms.
      }
    }
  }
}

async function* verifyChain(view: View, head: Head): AsyncGenerator<Finding> {
  const { room } = head
  if (head.eventCount === 0) return
  const folded = await readFolded(view.db, room, view.snapshot)
  let { count, hash } = folded
  for await (const chunk of chunks(view, `c${room}\0`)) {
    if (!Array.isArray(chunk)) {
      yield chunk
      continue
    }
    const numbers = chunk.map(([key, link]) => Number(unsealText(key, link)))
    const events = await view.db.getMany(numbers.map(keyOf.event), { snapshot: view.snapshot })
    for (const [i, [key]] of chunk.entries()) {
      const seq = parseOrdered(partsOf(key)[1] ?? '')
      if (seq !== ++count) {
        yield finding('EVENT_MISSING', room, `${room}: events ${count} to ${seq - 1} are missing.`)
        count = seq
      }
      const sealed = events[i]
      if (sealed === undefined) {
        yield finding('EVENT_MISSING', room, `${room}: event ${seq} is missing.`)
        continue
      }
      try {
        const event = unsealEvent(keyOf.event(numbers[i] ?? 0), sealed, '')
        const isNext = event.hash === nextHash(hash, event.json) && event.seq === seq && event.room === room
        hash = event.hash
        if (!isNext)
          yield finding(
            'EVENT_CHAIN_BROKEN',
            room,
            `${room}: event ${seq} does not follow from the one before.`,
          )
      } catch (error) {
        yield finding('EVENT_DAMAGED', room, `${room}: event ${seq} is damaged (${reasonOf(error)}).`)
      }
    }
  }
  if (count < head.eventCount) {
    yield finding('EVENT_MISSING', room, `${room}: events ${count + 1} to ${head.eventCount} are missing.`)
  } else if (count > head.eventCount || hash !== head.eventHash) {
    yield finding('EVENT_CHAIN_BROKEN', room, `${room}: the chain does not end where the head says.`)
  }
}

/** Each event of the log is in a record's chain. */
async function* verifyEvents(view: View): AsyncGenerator<Finding> {
  for await (const chunk of chunks(view, 'e')) {
    if (!Array.isArray(chunk)) {
      yield chunk
      continue
    }
    for (const [key, value] of chunk) {
      const number = parseOrdered(key.slice(1))
      try {
        const { room, seq } = unsealEvent(key, value, '')
        const chainKey = keyOf.chain(room, seq)
        const link = await view.db.get(chainKey, { snapshot: view.snapshot })
        if (link !== undefined && Number(unsealText(chainKey, link)) === number) continue
        yield finding(
          'EVENT_CHAIN_BROKEN',
          room,
          `${room}: event ${number} of the log is not in the chain of its record.`,
        )
      } catch (error) {
        if (view.db.status !== 'open') throw error
        yield finding(
          'EVENT_DAMAGED',
          String(number),
          `Event ${number} of the log is damaged (${reasonOf(error)}).`,
        )
      }
    }
  }
}

async function* verifyValues(view: View): AsyncGenerator<Finding> {
  for await (const chunk of chunks(view, '!')) {
    if (!Array.isArray(chunk)) {
      yield chunk
      continue
    }
    for (const [key, value] of chunk) {
      try {
        unsealText(key, value)
      } catch (error) {
        yield finding(
          'VALUE_DAMAGED',
          key,
          `What the store notes of itself as ${key} is damaged (${reasonOf(error)}).`,
        )
      }
    }
  }
  for await (const chunk of chunks(view, 'v')) {
    if (!Array.isArray(chunk)) {
      yield chunk
      continue
    }
    for (const [key, value] of chunk) {
      const [space = '', name = ''] = partsOf(key)
      try {
        const text = unsealText(key, value)
        if (space === CUT_SPACE) yield cutFinding(name, text)
      } catch (error) {
        yield finding(
          'VALUE_DAMAGED',
          `${space}/${name}`,
          `${space}/${name} is damaged (${reasonOf(error)}).`,
        )
      }
    }
  }
}

function cutFinding(room: string, text: string): Finding {
  // Written by the store itself when it found the cut.
  const { witnessed, found } = JSON.parse(text) as { witnessed: number; found: number }
  const what = found === 0 ? 'is gone altogether' : `began a new epoch after commit ${found}`
  const sentence = `${room} lost what was saved up to commit ${witnessed}, and ${what}. Devices that have it bring it back; a backup may hold more.`
  return finding('LOG_CUT', room, sentence)
}
