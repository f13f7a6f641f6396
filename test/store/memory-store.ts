import { randomInt } from 'node:crypto'
import { firstHash, nextHash, tipOf } from '../../server/store/event-chain.ts'
import { assertChange, compactedHead, nextHead } from '../../server/store/head.ts'
import type {
  BackupProgress,
  Change,
  ChangeOutcome,
  EarlierEpoch,
  EventPage,
  Finding,
  Head,
  Page,
  RecordEvents,
  RoomChange,
  RowPage,
  RowRewrite,
  SeqRange,
  Store,
  StoredEvent,
  StoredRoom,
  StoredRow,
  StoreStart,
  ValueRange,
  ValuesPage,
} from '../../server/store/store.ts'
import { StoreError } from '../../server/store/store-error.ts'

interface Room {
  head: Head
  snapshot: Uint8Array | null
  log: { commit: number; updates: readonly Uint8Array[]; bytes: number }[]
  owners: Map<number, string>
  earlierEpochs: EarlierEpoch[]
  row: StoredRow | null
  events: StoredEvent[]
  folded: { count: number; hash: string }
}

/** The port in plain maps: for tests, and the model that LevelDB is held against. Nothing survives the process. */
export class MemoryStore implements Store {
  readonly #rooms = new Map<string, Room>()
  readonly #values = new Map<string, Map<string, string>>()
  #events: StoredEvent[] = []
  #eventTip = 0
  #eventsFoldedTo = 0
  #isOpen = false
  readonly #nodeId: number

  constructor(options: { nodeId?: number } = {}) {
    this.#nodeId = options.nodeId ?? randomInt(1, 2 ** 31)
  }

  async open(): Promise<StoreStart> {
    this.#isOpen = true
    return { clean: true, nodeId: this.#nodeId, earlierNodeIds: [], cut: [] }
  }

  async close(): Promise<void> {
    this.#isOpen = false
  }

  async commit(batch: readonly Change[]): Promise<readonly ChangeOutcome[]> {
    this.#assertOpen()
    for (const change of batch) assertChange(change)
    return batch.map(change => this.#commitChange(change))
  }

  #commitChange(change: Change): ChangeOutcome {
    const moved = change.rooms.filter(
      ({ room, expect }) => (this.#rooms.get(room)?.head.commit ?? 0) !== expect,
    )
    if (moved.length > 0) return { saved: false, moved: moved.map(({ room }) => room) }
    const events: StoredEvent[] = []
    const heads = change.rooms.map(room => this.#commitRoom(room, events))
    for (const { space, key, value } of change.values ?? []) this.#putValue(space, key, value)
    return { saved: true, heads, events }
  }

  #commitRoom(change: RoomChange, events: StoredEvent[]): Head {
    const room: Room = this.#rooms.get(change.room) ?? emptyRoom(change)
    const before = room.head
    room.head = nextHead(change.expect === 0 ? null : before, change)
    this.#rooms.set(change.room, room)
    if (change.newEpoch) {
      const { ended, clocks, content } = change.newEpoch
      const clients = spentClients(clocks, room.owners)
      room.earlierEpochs.push({ epoch: before.epoch, commit: before.commit, ended, clients })
      room.owners.clear()
      if (content !== null) {
        room.snapshot = content
        room.log = []
      }
      if (ended === 'purged') this.#forget(room)
    }
    const bytes = change.updates.reduce((sum, update) => sum + update.byteLength, 0)
    if (change.updates.length > 0) room.log.push({ commit: room.head.commit, updates: change.updates, bytes })
    for (const { clientId, userId } of change.owners ?? []) room.owners.set(clientId, userId)
    if (change.row !== undefined) room.row = change.row
    for (const json of change.events ?? []) events.push(this.#chain(room, json))
    return room.head
  }

  #forget(room: Room): void {
    room.row = null
    const gone = new Set(room.events)
    this.#events = this.#events.filter(event => !gone.has(event))
    room.events = []
    room.folded = { count: room.head.eventCount, hash: tipOf(room.head) }
  }

  #chain(room: Room, json: string): StoredEvent {
    const seq = room.head.eventCount + 1
    const hash = nextHash(tipOf(room.head), json)
    const event = { cursor: String(++this.#eventTip), room: room.head.room, seq, hash, json }
    room.head = { ...room.head, eventCount: seq, eventHash: hash }
    room.events.push(event)
    this.#events.push(event)
    return event
  }

  #putValue(space: string, key: string, value: string | null): void {
    const values = this.#values.get(space) ?? new Map<string, string>()
    this.#values.set(space, values)
    if (value === null) values.delete(key)
    else values.set(key, value)
  }

  async compactRoom(name: string, snapshot: Uint8Array, upToCommit: number): Promise<Head | null> {
    this.#assertOpen()
    const room = this.#rooms.get(name)
    if (room === undefined) return null
    const log = room.log.filter(entry => entry.commit > upToCommit)
    const bytes = log.reduce((sum, entry) => sum + entry.bytes, 0)
    const head = compactedHead(room.head, snapshot.byteLength, upToCommit, { entries: log.length, bytes })
    if (head === null) return null
    Object.assign(room, { head, snapshot, log })
    return head
  }

  async loadRoom(name: string): Promise<StoredRoom | null> {
    this.#assertOpen()
    const room = this.#rooms.get(name)
    if (room === undefined) return null
    return {
      head: room.head,
      snapshot: room.snapshot,
      log: room.log.flatMap(entry => entry.updates),
      owners: new Map(room.owners),
      earlierEpochs: [...room.earlierEpochs],
    }
  }

  async readHead(room: string): Promise<Head | null> {
    this.#assertOpen()
    return this.#rooms.get(room)?.head ?? null
  }

  async readHeads(page: Page): Promise<{ heads: readonly Head[]; next: string | null }> {
    this.#assertOpen()
    const heads = [...this.#rooms.values()].map(room => room.head)
    const { items, next } = pageOf(heads, head => head.room, page)
    return { heads: items, next }
  }

  async readRow(type: string, id: string): Promise<string | null> {
    this.#assertOpen()
    return this.#rowsOf(type).find(row => row.id === id)?.json ?? null
  }

  async readRows(type: string, page: Page): Promise<RowPage> {
    this.#assertOpen()
    const { items, next } = pageOf(this.#rowsOf(type), row => row.id, page)
    return { rows: items, next }
  }

  #rowsOf(type: string): StoredRow[] {
    return [...this.#rooms.values()].flatMap(({ head, row }) => (head.type === type && row ? [row] : []))
  }

  async rewriteRows(rows: readonly RowRewrite[]): Promise<readonly string[]> {
    this.#assertOpen()
    const moved: string[] = []
    for (const { room: name, commit, row } of rows) {
      const room = this.#rooms.get(name)
      if (room === undefined || room.head.commit !== commit) moved.push(name)
      else room.row = row
    }
    return moved
  }

  async readEvents(since: string | null, limit: number): Promise<EventPage> {
    this.#assertOpen()
    const after = since === null ? 0 : Number(since)
    const isKnown = since === null || (/^\d{1,15}$/.test(since) && after <= this.#eventTip)
    const isFolded = since !== null && after < this.#eventsFoldedTo
    if (!isKnown || isFolded) return { events: [], cursor: String(this.#eventTip), reset: true }
    const events = this.#events.filter(event => Number(event.cursor) > after).slice(0, limit)
    return { events, cursor: events.at(-1)?.cursor ?? String(this.#eventTip), reset: false }
  }

  async eventCursor(): Promise<string> {
    this.#assertOpen()
    return String(this.#eventTip)
  }

  async readRecordEvents(name: string, range: SeqRange): Promise<RecordEvents> {
    this.#assertOpen()
    const room = this.#rooms.get(name)
    if (room === undefined) return { events: [], folded: { count: 0, hash: firstHash(name) } }
    const { from = 1, to = Number.MAX_SAFE_INTEGER } = range
    const events = room.events.filter(({ seq }) => seq >= from && seq <= to)
    if (range.reverse) events.reverse()
    return { events: events.slice(0, range.limit), folded: room.folded }
  }

  async foldEvents(upTo: string, limit: number): Promise<number> {
    this.#assertOpen()
    const folded = this.#events.filter(({ cursor }) => Number(cursor) <= Number(upTo)).slice(0, limit)
    if (folded.length < limit) this.#eventsFoldedTo = Math.max(this.#eventsFoldedTo, Number(upTo))
    this.#events.splice(0, folded.length)
    for (const event of folded) {
      const room = this.#rooms.get(event.room)
      room?.events.shift()
      if (room) room.folded = { count: event.seq, hash: event.hash }
      this.#eventsFoldedTo = Math.max(this.#eventsFoldedTo, Number(event.cursor))
    }
    return folded.length
  }

  async readValue(space: string, key: string): Promise<string | null> {
    this.#assertOpen()
    return this.#values.get(space)?.get(key) ?? null
  }

  async readValues(space: string, range: ValueRange): Promise<ValuesPage> {
    this.#assertOpen()
    const { prefix = '', ...page } = range
    const values = [...(this.#values.get(space) ?? [])]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => ({ key, value }))
    const { items, next } = pageOf(values, value => value.key, page)
    return { values: items, next, damaged: [] }
  }

  // Nothing is decoded on the way in or out, so nothing can be damaged.
  async *verify(): AsyncIterable<Finding> {}

  async backup(): Promise<BackupProgress> {
    throw new StoreError(
      'STORE_UNWRITABLE',
      'A store in memory has no backup: start the server with --data <folder>.',
    )
  }

  #assertOpen(): void {
    if (!this.#isOpen) throw new StoreError('STORE_CLOSED', 'The store is closed.')
  }
}

function emptyRoom(change: RoomChange): Room {
  return {
    head: nextHead(null, change),
    snapshot: null,
    log: [],
    owners: new Map(),
    earlierEpochs: [],
    row: null,
    events: [],
    folded: { count: 0, hash: firstHash(change.room) },
  }
}

function spentClients(
  clocks: ReadonlyMap<number, number>,
  owners: ReadonlyMap<number, string>,
): EarlierEpoch['clients'] {
  const ids = new Set([...clocks.keys(), ...owners.keys()])
  return new Map([...ids].map(id => [id, { userId: owners.get(id) ?? '', clock: clocks.get(id) ?? 0 }]))
}

function pageOf<T>(
  all: readonly T[],
  nameOf: (item: T) => string,
  page: Page & { reverse?: boolean },
): { items: T[]; next: string | null } {
  const sign = page.reverse ? -1 : 1
  const { after } = page
  const rest = all
    .filter(item => after === undefined || sign * compareKeys(nameOf(item), after) > 0)
    .sort((a, b) => sign * compareKeys(nameOf(a), nameOf(b)))
  const items = rest.slice(0, page.limit)
  const last = items.at(-1)
  return { items, next: last !== undefined && rest.length > items.length ? nameOf(last) : null }
}

/** Order by code point, which is the order of UTF-8 bytes; `<` compares UTF-16 units and differs beyond U+D800. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return rank(x) - rank(y)
  }
  return a.length - b.length
}

// Surrogates stand for code points above U+FFFF, so they rank after U+E000–U+FFFF.
function rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}
