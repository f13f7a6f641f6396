import { randomInt, randomUUID } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { writeBackup } from './backup-file.ts'
import { CommitWitness } from './commit-witness.ts'
import { beginRun, cursorAt, type LogRun, parseCursor } from './event-cursor.ts'
import { GatheredReads } from './gathered-reads.ts'
import { newLevel } from './level.ts'
import { LevelDatabase, openError } from './level-database.ts'
import { keyOf } from './level-layout.ts'
import { readEventRange, readRecordEvents } from './level-event-reads.ts'
import * as reads from './level-reads.ts'
import { loadRoom } from './level-room-reads.ts'
import { verifyLevel } from './level-verify.ts'
import { LevelWriter } from './level-writer.ts'
import { assertNotHalfRestored } from './restore.ts'
import { sealText } from './sealed.ts'
import type {
  BackupProgress,
  Change,
  ChangeOutcome,
  CutRoom,
  EventPage,
  Finding,
  Head,
  Page,
  ReadLarge,
  RecordEvents,
  RoomChange,
  RowPage,
  RowRewrite,
  SeqRange,
  Store,
  StoredRoom,
  StoreStart,
  ValueRange,
  ValuesPage,
} from './store.ts'
import { assertFormat } from './store-format.ts'
import { storedClocks } from './stored-clocks.ts'

export interface LevelStoreOptions {
  folder: string
  cacheBytes?: number
  writeBufferBytes?: number
  /** Rooms whose head the writer remembers, so that it need not read before it writes. */
  standingsMax?: number
  /** LevelDB could not go on with a damaged table; all that can be read was copied, the old files lie there. */
  onSalvaged?: (damagedPath: string) => void
  /** A small value cannot be read; told once of each. The key is '' where it is unknown. */
  onDamagedValue?: (space: string, key: string) => void
}

const READ_AT_ONCE = 1_000

/** The store on LevelDB: one process, one writer, one folder. */
export class LevelStore implements Store {
  readonly #db: LevelDatabase
  readonly #gathered: GatheredReads
  readonly #writer: LevelWriter
  readonly #witness: CommitWitness
  readonly #onDamagedValue: LevelStoreOptions['onDamagedValue']
  readonly #damagedValues = new Set<string>()
  readonly #folder: string
  #runs: readonly LogRun[] = []
  /** While it is open. */
  #ending: AbortController | null = null
  #dropping: Promise<void> = Promise.resolve()

  constructor(options: LevelStoreOptions) {
    this.#folder = options.folder
    this.#db = new LevelDatabase(options.folder, {
      cacheBytes: options.cacheBytes ?? 64 << 20,
      writeBufferBytes: options.writeBufferBytes ?? 16 << 20,
      ...(options.onSalvaged && { onSalvaged: options.onSalvaged }),
    })
    this.#onDamagedValue = options.onDamagedValue
    this.#gathered = new GatheredReads(this.#db)
    this.#witness = new CommitWitness(options.folder)
    this.#writer = new LevelWriter(this.#db, {
      standingsMax: options.standingsMax ?? 4096,
      cursorAt: event => cursorAt(this.#runs, event),
      onDurable: (room, commit) => this.#witness.note(room, commit),
    })
  }

  async open(): Promise<StoreStart> {
    await assertNotHalfRestored(this.#folder)
    const lastEnd = await this.#witness.lastEnd()
    await this.#db.open({ isAfterCrash: lastEnd === null })
    try {
      const start = await this.#start(lastEnd).catch(async error => {
        if (!this.#db.isSuspect) throw error
        await this.#db.reopen()
        return this.#start(lastEnd)
      })
      this.#ending = new AbortController()
      this.#dropping = this.#writer.dropOldIndexes(this.#ending.signal).catch(() => {})
      return start
    } catch (error) {
      await this.#db.close()
      throw error
    }
  }

  async #start(lastEnd: string | null): Promise<StoreStart> {
    await assertFormat(this.#db)
    await this.#writer.start()
    const [clean, node, runs] = await this.#db.read(db =>
      Promise.all([
        reads.readNote(db, keyOf.clean),
        reads.readNote(db, keyOf.node),
        reads.readNote(db, keyOf.logs),
      ]),
    )
    // The checksum says that it is what was written below.
    this.#runs = runs !== null ? (JSON.parse(runs) as LogRun[]) : []
    // Of a log that is damaged in its midst LevelDB leaves out a part without a word, and reads the end behind it.
    const cut = await this.#mendCut()
    // The database alone could have lost what followed an earlier clean end.
    const isClean = clean !== null && clean === lastEnd && cut.length === 0
    const lastNodeId = node === null ? undefined : Number(node)
    const nodeId = isClean ? (lastNodeId ?? newNodeId()) : newNodeId()
    if (!isClean || this.#runs.length === 0)
      this.#runs = beginRun(this.#runs, this.#writer.eventTip, lastNodeId)
    const batch = this.#db.batch()
    batch.del(keyOf.clean)
    batch.put(keyOf.node, sealText(keyOf.node, String(nodeId)))
    batch.put(keyOf.logs, sealText(keyOf.logs, JSON.stringify(this.#runs)))
    await this.#db.write(batch, { sync: true })
    await this.#witness.start()
    const earlierNodeIds = this.#runs.flatMap(({ nodeId: id }) => id ?? [])
    return { clean: isClean, nodeId, earlierNodeIds, cut }
  }

  /** Compares what was durable with what is there; a room that lost commits begins a new epoch. */
  async #mendCut(): Promise<readonly CutRoom[]> {
    const cut: CutRoom[] = []
    for await (const [room, witnessed] of this.#behindWitness()) {
      const head = await this.readHead(room).catch(() => undefined)
      // A damaged head is another finding, and serves nobody.
      if (head === undefined || (head !== null && head.commit >= witnessed)) continue
      const found = head?.commit ?? 0
      // A start that is killed amid this leaves rooms that lack nothing any more, and an end that was clean for all that.
      if (cut.length === 0) await this.#db.write(this.#db.batch().del(keyOf.clean), { sync: true })
      cut.push({ room, witnessed, found })
      const stored = await this.loadRoom(room).catch(() => null)
      const rooms = stored ? [endCutEpoch(stored)] : []
      const note = { space: reads.CUT_SPACE, key: room, value: JSON.stringify({ witnessed, found }) }
      await this.#writer.commit([{ rooms, values: [note] }])
    }
    return cut
  }

  /** Rooms that do not stand, at first sight, where they were: read many at once, since nearly all of them do. */
  async *#behindWitness(): AsyncGenerator<readonly [room: string, witnessed: number]> {
    const witnessed = [...(await this.#witness.read())]
    for (let i = 0; i < witnessed.length; i += READ_AT_ONCE) {
      const some = witnessed.slice(i, i + READ_AT_ONCE)
      const commits = await this.#db
        .read(db =>
          reads.readCommits(
            db,
            some.map(([room]) => room),
          ),
        )
        .catch(() => [])
      yield* some.filter(([, commit], j) => (commits[j] ?? 0) < commit)
    }
  }

  async close(): Promise<void> {
    if (this.#ending === null) return
    this.#ending.abort()
    this.#ending = null
    await this.#dropping
    await this.#writer.idle()
    await this.#witness.close(await this.#markClean())
    await this.#db.close()
  }

  /**
   * What this end is called. After a failed write it is not known what is on disk: the next start shall look. A mark
   * that cannot be written says the same, and keeps nobody from closing: all that was acknowledged was durable before.
   */
  async #markClean(): Promise<string | null> {
    if (this.#db.isSuspect) return null
    const end = randomUUID()
    const batch = this.#db.batch()
    batch.put(keyOf.clean, sealText(keyOf.clean, end))
    return this.#db.write(batch, { sync: true }).then(
      () => end,
      () => null,
    )
  }

  commit(batch: readonly Change[]): Promise<readonly ChangeOutcome[]> {
    return this.#writer.commit(batch)
  }

  compactRoom(room: string, snapshot: Uint8Array, upToCommit: number): Promise<Head | null> {
    return this.#writer.compactRoom(room, snapshot, upToCommit)
  }

  rewriteRows(rows: readonly RowRewrite[]): Promise<readonly string[]> {
    return this.#writer.rewriteRows(rows)
  }

  async foldEvents(upTo: string, limit: number): Promise<number> {
    const to = parseCursor(this.#runs, this.#writer.eventTip, upTo)
    return to === null ? 0 : this.#writer.foldEvents(to, limit)
  }

  loadRoom(room: string, readLarge?: ReadLarge): Promise<StoredRoom | null> {
    return loadRoom(this.#db, this.#gathered, room, readLarge)
  }

  readHead(room: string): Promise<Head | null> {
    return this.#db.read(db => reads.readHead(db, room))
  }

  readHeads(
    page: Page,
    onDamaged?: (room: string) => void,
  ): Promise<{ heads: readonly Head[]; next: string | null }> {
    return this.#db.read(db => reads.readHeads(db, page, onDamaged))
  }

  readRow(type: string, id: string): Promise<string | null> {
    return reads.readRow(this.#gathered, type, id)
  }

  readRows(type: string, page: Page, onDamaged?: () => void): Promise<RowPage> {
    return this.#db.read(db => reads.readRows(db, type, page, onDamaged))
  }

  readValue(space: string, key: string): Promise<string | null> {
    return this.#db.read(db => reads.readValue(db, space, key))
  }

  async readValues(space: string, range: ValueRange): Promise<ValuesPage> {
    const page = await this.#db.read(db => reads.readValues(db, space, range))
    for (const key of page.damaged) {
      const name = `${space}/${key}`
      if (!this.#damagedValues.has(name)) this.#onDamagedValue?.(space, key)
      this.#damagedValues.add(name)
    }
    return page
  }

  async readEvents(since: string | null, limit: number): Promise<EventPage> {
    const tip = this.#writer.eventTip
    const toCursor = (event: number): string => cursorAt(this.#runs, event)
    const after = since === null ? 0 : parseCursor(this.#runs, tip, since)
    if (after === null || (since !== null && after < this.#writer.foldedTo)) {
      return { events: [], cursor: toCursor(tip), reset: true }
    }
    const found = await this.#db.read(db => readEventRange(db, after, tip, limit, toCursor))
    return { events: found.events, cursor: toCursor(found.last), reset: false }
  }

  async eventCursor(): Promise<string> {
    return cursorAt(this.#runs, this.#writer.eventTip)
  }

  readRecordEvents(room: string, range: SeqRange): Promise<RecordEvents> {
    return this.#db.read(db => readRecordEvents(db, room, range, event => cursorAt(this.#runs, event)))
  }

  verify(options: { events?: boolean } = {}): AsyncIterable<Finding> {
    return verifyLevel(this.#db, { events: options.events ?? true })
  }

  async backup(toPath: string, progress?: (done: BackupProgress) => void): Promise<BackupProgress> {
    await this.#writer.idle()
    return writeBackup(this.#db, toPath, progress)
  }
}

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

const newNodeId = (): number => randomInt(1, 2 ** 31)

/** Whether another process has the store in the folder open. */
export async function isLocked(folder: string): Promise<boolean> {
  const location = join(folder, 'db')
  // Whoever has it may be putting another in its place.
  if (!existsSync(join(location, 'CURRENT'))) return false
  const db = newLevel(location, { createIfMissing: false })
  try {
    await db.open()
    await db.close()
    return false
  } catch (error) {
    return openError(folder, error).code === 'STORE_LOCKED'
  }
}

/** Whether there is a store in the folder, whole or not; a folder that cannot be read is for who opens it. */
export function holdsStore(folder: string): boolean {
  try {
    return readdirSync(folder).some(name => name.startsWith('db') || name.startsWith('witness-'))
  } catch {
    return true
  }
}
