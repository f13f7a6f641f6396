import { assertChange, compactedHead } from './head.ts'
import { CommitWriter, type Ended, writeRow } from './level-commit.ts'
import type { LevelDatabase } from './level-database.ts'
import { keyOf, sealHead, sealSnapshot, sealTip, parseTip, type Tip } from './level-layout.ts'
import { readEventRange, readLastEvent } from './level-event-reads.ts'
import { dropOldIndexes } from './level-old-indexes.ts'
import * as reads from './level-reads.ts'
import { Standings } from './level-standings.ts'
import { sealText } from './sealed.ts'
import type { Change, ChangeOutcome, Head, RoomChange, RowRewrite } from './store.ts'

const NOTHING_ENDED: Ended = { owners: new Map(), contentKeys: [], eventKeys: [] }
/** Keys of a compacted log dropped in one go; commits go on between. */
const DROP_AT_ONCE = 1000

export interface LevelWriterOptions {
  standingsMax: number
  cursorAt: (event: number) => string
  /** A room's commit is durable. */
  onDurable: (room: string, commit: number) => void
}

/**
 * The one writer. Its writes follow one another, so what it read before one stays true until it has written, and
 * after a failed one it opens the database anew and looks which side of the failure the batch fell on.
 */
export class LevelWriter {
  readonly #db: LevelDatabase
  readonly #options: LevelWriterOptions
  readonly #standings: Standings
  /** Outcomes of changes that did reach the disk in a batch that was rejected. */
  readonly #landed = new WeakMap<Change, ChangeOutcome>()
  /** A batch of unknown fate: it has landed if the tip says so. */
  #unsure: { tip: Tip; outcomes: ReadonlyMap<Change, ChangeOutcome> } | null = null
  #tip: Tip = { write: 0, event: 0 }
  #foldedTo = 0
  #last: Promise<unknown> = Promise.resolve()

  constructor(db: LevelDatabase, options: LevelWriterOptions) {
    this.#db = db
    this.#options = options
    this.#standings = new Standings(db, options.standingsMax)
  }

  /** The number of the last event. */
  get eventTip(): number {
    return this.#tip.event
  }

  /** The number of the last event that was folded away. */
  get foldedTo(): number {
    return this.#foldedTo
  }

  async start(): Promise<void> {
    this.#tip = await this.#readTip()
    this.#foldedTo = await this.#readFoldedTo()
  }

  /** Resolves when everything handed in so far has been written or has failed. */
  async idle(): Promise<void> {
    await this.#last
  }

  commit(batch: readonly Change[]): Promise<readonly ChangeOutcome[]> {
    return this.#inTurn(() => this.#commit(batch))
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(async () => {
      if (this.#db.isSuspect) await this.#reopen()
      return work()
    })
    this.#last = turn.catch(() => {})
    return turn
  }

  async #reopen(): Promise<void> {
    await this.#db.reopen()
    this.#standings.clear()
    const tip = await this.#readTip()
    this.#foldedTo = await this.#readFoldedTo()
    if (this.#unsure !== null && tip.write === this.#unsure.tip.write) {
      for (const [change, outcome] of this.#unsure.outcomes) this.#landed.set(change, outcome)
    }
    this.#unsure = null
    this.#tip = tip
  }

  async #readTip(): Promise<Tip> {
    const note = await this.#db.read(db => reads.readNote(db, keyOf.tip))
    if (note !== null) return parseTip(note)
    return { write: 0, event: await this.#db.read(readLastEvent) }
  }

  async #readFoldedTo(): Promise<number> {
    return Number(await this.#db.read(db => reads.readNote(db, keyOf.folded)))
  }

  async #commit(batch: readonly Change[]): Promise<readonly ChangeOutcome[]> {
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
    const learning = this.#standings.learn(part)
    if (learning !== null) await learning
    const ended = part.some(endsAnEpoch) ? await this.#readEnded(part) : null
    const batch = this.#db.batch()
    const source = {
      standing: (room: string) => this.#standings.of(room),
      ended: (change: RoomChange) => ended?.get(change) ?? NOTHING_ENDED,
      cursorAt: this.#options.cursorAt,
    }
    const writer = new CommitWriter(batch, source, this.#tip.event)
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
      this.#standings.remember(room, standing)
      if (standing.head !== null) this.#options.onDurable(room, standing.head.commit)
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
    const compacted = await this.#inTurn(() => this.#compact(room, snapshot, upToCommit))
    if (compacted !== null) await this.#dropCompacted(room, upToCommit)
    return compacted
  }

  async #compact(room: string, snapshot: Uint8Array, upToCommit: number): Promise<Head | null> {
    const before = await this.#db.read(db => reads.readHeadAndIds(db, room))
    if (before === null) return null
    const left = await this.#db.read(db => reads.readLogSize(db, room, upToCommit))
    const head = compactedHead(before.head, snapshot.byteLength, upToCommit, left)
    if (head === null) return null
    const batch = this.#db.batch()
    const key = keyOf.snapshot(room)
    batch.put(key, sealSnapshot(key, upToCommit, snapshot))
    batch.put(keyOf.head(room), sealHead(head, before.ids))
    this.#standings.forget(room)
    // Lost with a crash it is as if it had not been: the log still stands.
    await this.#db.write(batch, { sync: false })
    return head
  }

  /** What a crash leaves over, loading skips and the next compaction drops. */
  async #dropCompacted(room: string, upToCommit: number): Promise<void> {
    const keys = await this.#db.read(db => reads.readLogKeys(db, room, upToCommit))
    for (let i = 0; i < keys.length; i += DROP_AT_ONCE) {
      await this.#inTurn(async () => {
        const batch = this.#db.batch()
        for (const key of keys.slice(i, i + DROP_AT_ONCE)) batch.del(key)
        await this.#db.write(batch, { sync: false })
      })
    }
  }

  rewriteRows(rows: readonly RowRewrite[]): Promise<readonly string[]> {
    return this.#inTurn(async () => {
      try {
        return await this.#rewriteRows(rows)
      } catch (error) {
        // A damaged block that LevelDB came upon: these may be written twice, and it is they that mend a part of it.
        if (!this.#db.isSuspect) throw error
        await this.#reopen()
        return this.#rewriteRows(rows)
      }
    })
  }

  async #rewriteRows(rows: readonly RowRewrite[]): Promise<readonly string[]> {
    const batch = this.#db.batch()
    const moved: string[] = []
    for (const { room, commit, row } of rows) {
      const head = await this.#db.read(db => reads.readHead(db, room))
      if (head?.commit === commit) writeRow(batch, head, row)
      else moved.push(room)
    }
    await this.#db.write(batch, { sync: true })
    return moved
  }

  dropOldIndexes(ending: AbortSignal): Promise<void> {
    return dropOldIndexes(this.#db, { inTurn: work => this.#inTurn(work), ending })
  }

  foldEvents(to: number, limit: number): Promise<number> {
    return this.#inTurn(async () => {
      const from = this.#foldedTo
      const found = await this.#db.read(db => readEventRange(db, from, to, limit, String))
      const batch = this.#db.batch()
      const folded = new Map<string, string>()
      for (const event of found.events) {
        batch.del(keyOf.event(Number(event.cursor)))
        batch.del(keyOf.chain(event.room, event.seq))
        folded.set(event.room, `${event.seq} ${event.hash}`)
      }
      for (const [room, text] of folded) {
        const key = keyOf.foldedChain(room)
        batch.put(key, sealText(key, text))
      }
      const foldedTo = Math.max(found.last, from)
      batch.put(keyOf.folded, sealText(keyOf.folded, String(foldedTo)))
      await this.#db.write(batch, { sync: true })
      this.#foldedTo = foldedTo
      return found.events.length
    })
  }
}

const endsAnEpoch = ({ rooms }: Change): boolean => rooms.some(({ newEpoch }) => newEpoch !== undefined)

/**
 * What a new epoch takes away is read before the batch is made, so it may not share one with an earlier change of
 * the same room: the batch is cut there.
 */
function partsOf(batch: readonly Change[]): Change[][] {
  const parts: Change[][] = []
  let part: Change[] = []
  let touched: Set<string> | null = null
  for (const change of batch) {
    if (endsAnEpoch(change)) {
      touched ??= new Set(part.flatMap(earlier => earlier.rooms.map(({ room }) => room)))
      const seen = touched
      if (change.rooms.some(({ room, newEpoch }) => newEpoch !== undefined && seen.has(room))) {
        parts.push(part)
        part = []
        touched = new Set()
      }
    }
    part.push(change)
    if (touched !== null) for (const { room } of change.rooms) touched.add(room)
  }
  if (part.length > 0) parts.push(part)
  return parts
}
