/**
 * The port to what is kept. A room is one record's document (or a free document): a head, a snapshot, a log of
 * updates after the snapshot, and the owners of the Yjs client ids in it. Beside the rooms stand the rows
 * that lists read, the event log, and small named spaces of values.
 *
 * There is one verb that writes what people did: `commit`. Each change of a batch is written whole or not at all,
 * and when it resolves all of them are durable. Each room names the commit number it was judged against. A change of
 * which one room has moved since (another node wrote it; never on one node) is left out, the rooms it is joined with
 * too, and named in its outcome; the rest of the batch is written. After a rejection the same change objects may be
 * handed in again: what did reach the disk is not written twice.
 *
 * Everything read is committed: a store never shows what it has not made durable.
 */
export interface Store {
  open(): Promise<StoreStart>
  /** May be called twice. */
  close(): Promise<void>

  /** One outcome per change, in order. Rejects with STORE_UNWRITABLE when nothing could be made durable. */
  commit(batch: readonly Change[]): Promise<readonly ChangeOutcome[]>
  /**
   * Compacts the log up to a commit into the snapshot that holds it; what was committed since stays in the log. The
   * new head; null if there is no such room or something newer replaced its content meanwhile.
   */
  compactRoom(room: string, snapshot: Uint8Array, upToCommit: number): Promise<Head | null>

  loadRoom(room: string, readLarge?: ReadLarge): Promise<StoredRoom | null>
  readHead(room: string): Promise<Head | null>
  /** Heads of all rooms by name, purged ones too. A damaged head is left out, and its room named to whoever wants to know. */
  readHeads(
    page: Page,
    onDamaged?: (room: string) => void,
  ): Promise<{ heads: readonly Head[]; next: string | null }>

  readRow(type: string, id: string): Promise<string | null>
  /** Rows of one type by id. One that cannot be read is refused, or left out for whoever wants to know of it. */
  readRows(type: string, page: Page, onDamaged?: () => void): Promise<RowPage>
  /**
   * Replaces rows of records outside of a commit, where a schema's row changed: each only if its
   * record still stands at the commit it was computed from. Answers the rooms that had moved.
   */
  rewriteRows(rows: readonly RowRewrite[]): Promise<readonly string[]>

  /** Events in the order they were committed in, of all records; fewer than `limit` also where they are large. */
  readEvents(since: string | null, limit: number): Promise<EventPage>
  /** The cursor after the last event. */
  eventCursor(): Promise<string>
  readRecordEvents(room: string, range: SeqRange): Promise<RecordEvents>
  /** Forgets at most `limit` events up to a cursor, oldest first; each record's chain keeps its number and hash. */
  foldEvents(upTo: string, limit: number): Promise<number>

  readValue(space: string, key: string): Promise<string | null>
  readValues(space: string, range: ValueRange): Promise<ValuesPage>

  /** Reads all of it and names what is damaged or does not fit together. */
  verify(options?: { events?: boolean }): AsyncIterable<Finding>
  /** Writes the state of this moment to one file, while serving. */
  backup(toPath: string, progress?: (done: BackupProgress) => void): Promise<BackupProgress>
}

export interface StoreStart {
  /** False after a crash: the server writes under a new client id then, since it may have told more than it holds. */
  readonly clean: boolean
  /** The Yjs client id under which this server writes. */
  readonly nodeId: number
  /** Those of runs that ended in a crash. */
  readonly earlierNodeIds: readonly number[]
  /** Rooms that were once durable further than they now stand; each has begun a new epoch, or is gone. */
  readonly cut: readonly CutRoom[]
}

export interface CutRoom {
  readonly room: string
  /** The last commit that had been made durable. */
  readonly witnessed: number
  /** The commit that was found; 0 when the room is gone altogether. */
  readonly found: number
}

export interface Head {
  readonly room: string
  /** '' for a free room. */
  readonly type: string
  readonly epoch: string
  /** Counts the commits of the room, over all its epochs. */
  readonly commit: number
  readonly state: 'live' | 'removed' | 'purged'
  readonly createdAt: number
  readonly createdBy: string
  readonly updatedAt: number
  readonly updatedBy: string
  readonly logEntries: number
  readonly logBytes: number
  /** The commit that the snapshot covers; 0 without one. */
  readonly snapshotCommit: number
  readonly snapshotBytes: number
  readonly eventCount: number
  /** Of the last event; null before the first. */
  readonly eventHash: string | null
}

export interface StoredRoom {
  readonly head: Head
  readonly snapshot: Uint8Array | null
  /** Updates after the snapshot, in order. Replay them one by one: `Y.mergeUpdates` over a long log takes seconds. */
  readonly log: readonly Uint8Array[]
  /** Client ids of this epoch → user id. */
  readonly owners: ReadonlyMap<number, string>
  readonly earlierEpochs: readonly EarlierEpoch[]
}

export type EpochEnd = 'restored' | 'cut' | 'purged' | 'folded'

/** Client ids of an earlier epoch are spent for everyone; the clocks say what had arrived of each. */
export interface EarlierEpoch {
  readonly epoch: string
  /** The last commit in it. */
  readonly commit: number
  readonly ended: EpochEnd
  readonly clients: ReadonlyMap<number, SpentClient>
}

export interface SpentClient {
  /** '' where the owner is not known. */
  readonly userId: string
  /** The number of structs' units held: the next clock that was expected. */
  readonly clock: number
}

/** Written whole or not at all: one room's turn, or all rooms that an action joined. */
export interface Change {
  readonly rooms: readonly RoomChange[]
  readonly values?: readonly ValuePut[]
}

/** Of a large room only the head is read at once; the rest when whoever has the memory in view lets it. */
export type ReadLarge = <T>(bytes: number, read: () => Promise<T>) => Promise<T>

export interface RoomChange {
  readonly room: string
  readonly type: string
  /** The epoch it was judged in; a new room's first epoch. */
  readonly epoch: string
  /** The commit number it was judged against; 0: there was no such room. */
  readonly expect: number
  /** Stamp and author. */
  readonly at: number
  readonly by: string
  /** Of a new room, where it differs (an import). */
  readonly created?: { readonly at: number; readonly by: string }
  readonly updates: readonly Uint8Array[]
  readonly owners?: readonly { readonly clientId: number; readonly userId: string }[]
  readonly state?: 'live' | 'removed'
  /** null takes the row off all lists; left out, it stays as it is. */
  readonly row?: StoredRow | null
  /** JSON of each event; number, hash and cursor are given by the store. */
  readonly events?: readonly string[]
  readonly newEpoch?: NewEpoch
}

export interface NewEpoch {
  readonly epoch: string
  readonly ended: EpochEnd
  /** From the state vector of the old epoch: what it held of each client id. */
  readonly clocks: ReadonlyMap<number, number>
  /**
   * What takes the place of snapshot and log; null keeps them. `purged` also forgets the row and all events before
   * this commit, and leaves a head in state `purged`.
   */
  readonly content: Uint8Array | null
}

export interface RowRewrite {
  readonly room: string
  readonly commit: number
  readonly row: StoredRow | null
}

/** null removes it. */
export interface ValuePut {
  readonly space: string
  readonly key: string
  readonly value: string | null
}

export type ChangeOutcome =
  | { readonly saved: true; readonly heads: readonly Head[]; readonly events: readonly StoredEvent[] }
  | { readonly saved: false; readonly moved: readonly string[] }

export interface StoredEvent {
  /** Opaque; reading since it gives what came after. */
  readonly cursor: string
  readonly room: string
  /** Counts within the room, from 1. */
  readonly seq: number
  /** SHA-256 over the hash before it and the JSON. */
  readonly hash: string
  readonly json: string
}

export interface Page {
  /** Starts after this name, id or key. */
  readonly after?: string
  readonly limit: number
}

export interface RowPage {
  readonly rows: readonly StoredRow[]
  readonly next: string | null
}

export interface StoredRow {
  readonly id: string
  readonly json: string
}

export interface ValuesPage {
  readonly values: readonly Value[]
  readonly next: string | null
  /** Keys of values that are there and cannot be read; '' stands for those of a whole block. */
  readonly damaged: readonly string[]
}

export interface EventPage {
  readonly events: readonly StoredEvent[]
  /** Where to read on. */
  readonly cursor: string
  /**
   * Events since then are folded away, or were lost with a cut log: none are given, the cursor is that of now, and
   * whoever follows must read the records again.
   */
  readonly reset: boolean
}

export interface SeqRange {
  /** Inclusive, both. */
  readonly from?: number
  readonly to?: number
  readonly reverse?: boolean
  readonly limit: number
}

export interface RecordEvents {
  readonly events: readonly StoredEvent[]
  /** How many from the first are folded away, and the hash at that point. */
  readonly folded: { readonly count: number; readonly hash: string }
}

export interface ValueRange {
  readonly prefix?: string
  readonly after?: string
  readonly reverse?: boolean
  readonly limit: number
}

export interface Value {
  readonly key: string
  readonly value: string
}

export type FindingCode =
  | 'HEAD_DAMAGED'
  | 'UPDATE_DAMAGED'
  | 'LOG_GAP'
  | 'SNAPSHOT_DAMAGED'
  | 'SNAPSHOT_AHEAD'
  | 'OWNER_DAMAGED'
  | 'LOG_CUT'
  | 'ROW_DAMAGED'
  | 'ROW_WITHOUT_RECORD'
  | 'ROW_MISSING'
  | 'EVENT_DAMAGED'
  | 'EVENT_CHAIN_BROKEN'
  | 'EVENT_MISSING'
  | 'VALUE_DAMAGED'
  | 'BLOB_DAMAGED'
  | 'BLOB_MISSING'
  | 'UNREADABLE'

export interface Finding {
  readonly code: FindingCode
  /** The room, `space/key` of a value, or the path of a file. */
  readonly name: string
  readonly sentence: string
}

export interface BackupProgress {
  readonly entries: number
  readonly bytes: number
  readonly done: boolean
}
