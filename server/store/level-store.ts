import { randomInt, randomUUID } from 'node:crypto'
import { CommitWitness } from './commit-witness.ts'
import { beginRun, cursorAt, type LogRun, parseCursor } from './event-cursor.ts'
import { assertChange, compactedHead } from './head.ts'
import { CommitWriter, type Ended, type Standing } from './level-commit.ts'
import { LevelDatabase } from './level-database.ts'
import {
  keyOf,
  sealHead,
  sealRow,
  sealSnapshot,
  sealTip,
  type Tip,
  unsealHead,
  unsealRow,
  unsealTip,
} from './level-layout.ts'
import * as reads from './level-reads.ts'
import { sealText, unsealText } from './sealed.ts'
import type {
  BackupProgress,
  Change,
  ChangeOutcome,
  CutRoom,
  EventPage,
  Finding,
  Head,
  IndexRange,
  Page,
  RecordEvents,
  RoomChange,
  RowPage,
  RowRewrite,
  SeqRange,
  Store,
  StoredRoom,
  StoreStart,
  Value,
  ValueRange,
} from './store.ts'
import { damaged } from './store-error.ts'
import { assertFormat } from './store-format.ts'
import { storedClocks } from './stored-clocks.ts'

export interface LevelStoreOptions {
  folder: string
  cacheBytes?: number
  writeBufferBytes?: number
  /** Rooms whose head the writer remembers, so that it need not read before it writes. */
  standingsMax?: number
}

/** The store on LevelDB: one process, one writer, one folder. */
export class LevelStore implements Store {
  readonly #db: LevelDatabase
  readonly #witness: CommitWitness
  readonly #standingsMax: number
  readonly #standings = new Map<string, Standing>()
  /** Outcomes of changes that did reach the disk in a batch that was rejected. */
  #landed = new WeakMap<Change, ChangeOutcome>()
  /** A batch of unknown fate: it has landed if the tip says so. */
  #unsure: { tip: Tip; outcomes: ReadonlyMap<Change, ChangeOutcome> } | null = null
  #tip: Tip = { write: 0, event: 0 }
  #runs: readonly LogRun[] = []
  #foldedTo = 0
  #cut: readonly CutRoom[] = []
  #lastWrite: Promise<unknown> = Promise.resolve()
  #isOpen = false

  constructor(options: LevelStoreOptions) {
    this.#db = new LevelDatabase(options.folder, {
      cacheBytes: options.cacheBytes ?? 64 << 20,
      writeBufferBytes: options.writeBufferBytes ?? 16 << 20,
    })
    this.#witness = new CommitWitness(options.folder)
    this.#standingsMax = options.standingsMax ?? 4096
  }

  async open(): Promise<StoreStart> {
    await this.#db.open()
    try {
      await assertFormat(this.#db)
      const start = await this.#begin()
      this.#isOpen = true
      return start
    } catch (error) {
      await this.#db.close()
      throw error
    }
  }

  async #begin(): Promise<StoreStart> {
    const [clean, node, runs, tip, folded] = await this.#db.read(db =>
      db.getMany([keyOf.clean, keyOf.node, keyOf.logs, keyOf.tip, keyOf.folded]),
    )
    this.#tip = tip === undefined ? { write: 0, event: 0 } : unsealTip(tip)
    this.#foldedTo = folded === undefined ? 0 : Number(unsealText(folded))
    // The checksum says that it is what was written below.
    this.#runs = runs === undefined ? [] : (JSON.parse(unsealText(runs)) as LogRun[])
    const isClean = clean !== undefined || node === undefined
    const nodeId = isClean && node !== undefined ? Number(unsealText(node)) : randomInt(1, 2 ** 31)
    if (!isClean || this.#runs.length === 0) this.#runs = beginRun(this.#runs, this.#tip.event)
    const batch = this.#db.batch()
    batch.del(keyOf.clean)
    batch.put(keyOf.node, sealText(String(nodeId)))
    batch.put(keyOf.logs, sealText(JSON.stringify(this.#runs)))
    await this.#db.write(batch, { sync: true })
    this.#cut = isClean ? [] : await this.#findCut()
    await this.#witness.start()
    return { clean: isClean, nodeId, cut: this.#cut }
  }

  /** Compares what was durable with what is there; a room that lost commits begins a new epoch. */
  async #findCut(): Promise<readonly CutRoom[]> {
    const cut: CutRoom[] = []
    for (const [room, witnessed] of await this.#witness.read()) {
      const stored = await this.#db.read(db => reads.loadRoom(db, room)).catch(() => undefined)
      const found = stored === undefined ? witnessed : (stored?.head.commit ?? 0)
      if (found >= witnessed) continue
      cut.push({ room, witnessed, found })
      const rooms = stored ? [endCutEpoch(stored)] : []
      const note = { space: '$cut', key: room, value: JSON.stringify({ witnessed, found }) }
      await this.#commitNow([{ rooms, values: [note] }])
    }
    return cut
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    await this.#lastWrite.catch(() => {})
    if (!this.#db.isSuspect) {
      const batch = this.#db.batch()
      batch.put(keyOf.clean, sealText(''))
      await this.#db.write(batch, { sync: true })
      await this.#witness.close()
    }
    await this.#db.close()
  }

  commit(batch: readonly Change[]): Promise<readonly ChangeOutcome[]> {
    return this.#write(() => this.#commitNow(batch))
  }

  /** One writer at a time: what it reads before it writes stays true until it has written. */
  #write<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#lastWrite.then(async () => {
      if (this.#db.isSuspect) await this.#reopen()
      return work()
    })
    this.#lastWrite = turn.catch(() => {})
    return turn
  }

  async #reopen(): Promise<void> {
    await this.#db.reopen()
    this.#standings.clear()
    const tip = await this.#db.read(db => db.get(keyOf.tip))
    const found = tip === undefined ? { write: 0, event: 0 } : unsealTip(tip)
    if (this.#unsure !== null && found.write === this.#unsure.tip.write) {
      for (const [change, outcome] of this.#unsure.outcomes) this.#landed.set(change, outcome)
    }
    this.#unsure = null
    this.#tip = found
  }

  async #commitNow(batch: readonly Change[]): Promise<readonly ChangeOutcome[]> {
    for (const change of batch) assertChange(change)
    const outcomes = new Map<Change, ChangeOutcome>()
    for (const part of partsOf(batch.filter(change => !this.#landed.has(change)))) {
      try {
        await this.#commitPart(part, outcomes)
      } catch (error) {
        for (const [change, outcome] of outcomes) this.#landed.set(change, outcome)
        throw error
      }
    }
    return batch.map(change => {
      const outcome = outcomes.get(change) ?? this.#landed.get(change)
      if (outcome === undefined) throw new Error('a change has no outcome')
      return outcome
    })
  }

  async #commitPart(part: readonly Change[], saved: Map<Change, ChangeOutcome>): Promise<void> {
    await this.#learnStandings(part)
    const ended = await this.#readEnded(part)
    const batch = this.#db.batch()
    const writer = new CommitWriter(
      batch,
      {
        standing: room => this.#standings.get(room) ?? UNKNOWN,
        ended: change => ended.get(change) ?? NOTHING_ENDED,
        cursorAt: event => cursorAt(this.#runs, event),
      },
      this.#tip.event,
    )
    const outcomes = new Map<Change, ChangeOutcome>()
    try {
      for (const change of part) outcomes.set(change, writer.add(change))
    } catch (error) {
      await batch.close()
      throw error
    }
    const tip = { write: this.#tip.write + 1, event: writer.eventTip }
    batch.put(keyOf.tip, sealTip(tip))
    try {
      await this.#db.write(batch, { sync: true })
    } catch (error) {
      this.#unsure = { tip, outcomes }
      throw error
    }
    this.#tip = tip
    for (const [change, outcome] of outcomes) saved.set(change, outcome)
    for (const [room, standing] of writer.after) {
      this.#remember(room, standing)
      this.#witness.note(room, standing.head?.commit ?? 0)
    }
  }

  #remember(room: string, standing: Standing): void {
    this.#standings.delete(room)
    this.#standings.set(room, standing)
    for (const oldest of this.#standings.keys()) {
      if (this.#standings.size <= this.#standingsMax) return
      this.#standings.delete(oldest)
    }
  }

  /** Reads what the writer does not remember, in one go. */
  async #learnStandings(part: readonly Change[]): Promise<void> {
    let wanted: Map<string, { type: string; row: boolean }> | null = null
    for (const change of part) {
      for (const { room, type, row, newEpoch } of change.rooms) {
        const standing = this.#standings.get(room)
        const needsRow = row !== undefined || newEpoch?.ended === 'purged'
        if (standing !== undefined && (standing.rowKeys !== undefined || !needsRow)) continue
        wanted ??= new Map()
        wanted.set(room, { type, row: needsRow || wanted.get(room)?.row === true })
      }
    }
    if (wanted === null) return
    const keys: string[] = []
    for (const [room, { type }] of wanted) keys.push(keyOf.head(room), rowKeyOf(type, room))
    const values = await this.#db.read(db => db.getMany(keys))
    // More rooms than are remembered: these are needed until the batch is made.
    let i = 0
    for (const room of wanted.keys()) {
      const [head, row] = [values[i++], values[i++]]
      this.#standings.set(room, this.#standingOf(room, head, row))
    }
  }

  #standingOf(room: string, head: Uint8Array | undefined, row: Uint8Array | undefined): Standing {
    try {
      return {
        head: head === undefined ? null : unsealHead(room, head),
        rowKeys: row === undefined ? [] : unsealRow(row).keys,
      }
    } catch (error) {
      throw damaged(room, 'its head or row is damaged', error)
    }
  }

  async #readEnded(part: readonly Change[]): Promise<ReadonlyMap<RoomChange, Ended>> {
    const ended = new Map<RoomChange, Ended>()
    for (const change of part) {
      for (const room of change.rooms) {
        if (room.newEpoch) ended.set(room, await this.#db.read(db => reads.readEnded(db, room)))
      }
    }
    return ended
  }

  async compactRoom(room: string, snapshot: Uint8Array, upToCommit: number): Promise<Head | null> {
    const compacted = await this.#write(async () => {
      await this.#learnHead(room)
      const standing = this.#standings.get(room) ?? UNKNOWN
      if (standing.head === null) return null
      const left = await this.#db.read(db => reads.readLogSize(db, room, upToCommit))
      const head = compactedHead(standing.head, snapshot.byteLength, upToCommit, left)
      if (head === null) return null
      const batch = this.#db.batch()
      batch.put(keyOf.snapshot(room), sealSnapshot(upToCommit, snapshot))
      batch.put(keyOf.head(room), sealHead(head))
      // Lost with a crash it is as if it had not been: the log still stands.
      await this.#db.write(batch, { sync: false })
      this.#remember(room, { ...standing, head })
      return head
    })
    if (compacted !== null) await this.#dropFolded(room, upToCommit)
    return compacted
  }

  /** Bit by bit, so that commits go on in between. What a crash leaves over, loading skips and the next fold drops. */
  async #dropFolded(room: string, upToCommit: number): Promise<void> {
    const keys = await this.#db.read(db => reads.readLogKeys(db, room, upToCommit))
    for (let i = 0; i < keys.length; i += DROP_AT_ONCE) {
      await this.#write(async () => {
        const batch = this.#db.batch()
        for (const key of keys.slice(i, i + DROP_AT_ONCE)) batch.del(key)
        await this.#db.write(batch, { sync: false })
      })
    }
  }

  async #learnHead(room: string): Promise<void> {
    if (this.#standings.has(room)) return
    const head = await this.#db.read(db => reads.readHead(db, room))
    this.#remember(room, { head, rowKeys: undefined })
  }

  rewriteRows(rows: readonly RowRewrite[]): Promise<readonly string[]> {
    return this.#write(async () => {
      const batch = this.#db.batch()
      const moved: string[] = []
      for (const { room, commit, row } of rows) {
        const head = await this.#db.read(db => reads.readHead(db, room))
        if (head === null || head.commit !== commit) {
          moved.push(room)
          continue
        }
        const id = room.slice(head.type.length + 1)
        const keys = row?.keys ?? []
        const before = await this.#db.read(db => reads.readRowKeys(db, head.type, id))
        for (const key of before) batch.del(keyOf.index(head.type, id, key))
        for (const key of keys) batch.put(keyOf.index(head.type, id, key), new Uint8Array(0))
        if (row === null) batch.del(keyOf.row(head.type, id))
        else batch.put(keyOf.row(head.type, id), sealRow(row))
        this.#standings.delete(room)
      }
      await this.#db.write(batch, { sync: true })
      return moved
    })
  }

  foldEvents(upTo: string, limit: number): Promise<number> {
    return this.#write(async () => {
      const to = parseCursor(this.#runs, this.#tip.event, upTo)
      if (to === null) return 0
      const from = this.#foldedTo
      const found = await this.#db.read(db => reads.readEventRange(db, from, to, limit, e => String(e)))
      const batch = this.#db.batch()
      const folded = new Map<string, string>()
      for (const event of found.events) {
        batch.del(keyOf.event(Number(event.cursor)))
        batch.del(keyOf.chain(event.room, event.seq))
        folded.set(event.room, `${event.seq} ${event.hash}`)
      }
      for (const [room, text] of folded) batch.put(keyOf.foldedChain(room), sealText(text))
      const foldedTo = Math.max(found.last, from)
      batch.put(keyOf.folded, sealText(String(foldedTo)))
      await this.#db.write(batch, { sync: true })
      this.#foldedTo = foldedTo
      return found.events.length
    })
  }

  loadRoom(room: string): Promise<StoredRoom | null> {
    return this.#db.read(db => reads.loadRoom(db, room))
  }

  readHead(room: string): Promise<Head | null> {
    return this.#db.read(db => reads.readHead(db, room))
  }

  readHeads(page: Page): Promise<{ heads: readonly Head[]; next: string | null }> {
    return this.#db.read(db => reads.readHeads(db, page))
  }

  readRow(type: string, id: string): Promise<string | null> {
    return this.#db.read(db => reads.readRow(db, type, id))
  }

  readRows(type: string, page: Page): Promise<RowPage> {
    return this.#db.read(db => reads.readRows(db, type, page))
  }

  readIndex(type: string, index: string, range: IndexRange): Promise<RowPage> {
    return this.#db.read(db => reads.readIndex(db, type, index, range))
  }

  readValue(space: string, key: string): Promise<string | null> {
    return this.#db.read(db => reads.readValue(db, space, key))
  }

  readValues(space: string, range: ValueRange): Promise<{ values: readonly Value[]; next: string | null }> {
    return this.#db.read(db => reads.readValues(db, space, range))
  }

  async readEvents(since: string | null, limit: number): Promise<EventPage> {
    const tip = this.#tip.event
    const after = since === null ? 0 : parseCursor(this.#runs, tip, since)
    if (after === null || (since !== null && after < this.#foldedTo)) {
      return { events: [], cursor: cursorAt(this.#runs, tip), reset: true }
    }
    const toCursor = (event: number): string => cursorAt(this.#runs, event)
    const found = await this.#db.read(db => reads.readEventRange(db, after, tip, limit, toCursor))
    return { events: found.events, cursor: toCursor(found.last), reset: false }
  }

  async eventCursor(): Promise<string> {
    return cursorAt(this.#runs, this.#tip.event)
  }

  readRecordEvents(room: string, range: SeqRange): Promise<RecordEvents> {
    return this.#db.read(db => reads.readRecordEvents(db, room, range, event => cursorAt(this.#runs, event)))
  }

  async *verify(): AsyncIterable<Finding> {}

  async backup(): Promise<BackupProgress> {
    throw new Error('not yet')
  }
}

const UNKNOWN: Standing = { head: null, rowKeys: undefined }
const DROP_AT_ONCE = 1000
const NOTHING_ENDED: Ended = { owners: new Map(), contentKeys: [], eventKeys: [] }

/**
 * What a new epoch takes away is read before the batch is made, so it may not share one with an earlier change of
 * the same room: the batch is cut there.
 */
function partsOf(batch: readonly Change[]): Change[][] {
  const parts: Change[][] = []
  let part: Change[] = []
  let touched: Set<string> | null = null
  for (const change of batch) {
    if (change.rooms.some(room => room.newEpoch !== undefined)) {
      touched ??= new Set(part.flatMap(earlier => earlier.rooms.map(({ room }) => room)))
      const seen = touched
      if (change.rooms.some(({ room, newEpoch }) => newEpoch !== undefined && seen.has(room))) {
        parts.push(part)
        part = []
        touched = null
      }
    }
    part.push(change)
    if (touched !== null) for (const { room } of change.rooms) touched.add(room)
  }
  if (part.length > 0) parts.push(part)
  return parts
}

const rowKeyOf = (type: string, room: string): string => keyOf.row(type, room.slice(type.length + 1))

function endCutEpoch({ head, snapshot, log }: StoredRoom): RoomChange {
  return {
    room: head.room,
    type: head.type,
    epoch: head.epoch,
    expect: head.commit,
    at: head.updatedAt,
    by: head.updatedBy,
    updates: [],
    newEpoch: { epoch: randomUUID(), ended: 'cut', clocks: storedClocks(snapshot, log), content: null },
  }
}
