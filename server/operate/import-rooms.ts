import { randomUUID } from 'node:crypto'
import * as Y from 'yjs'
import type { Row } from '../../shared/record/filter.ts'
import { toStoredRow } from '../list/stored-row.ts'
import type { Head, RoomChange, Store } from '../store/store.ts'
import { type ExportedRoom, readRoomFile } from './room-file.ts'
import { EMPTY_UPDATE } from '../room/room-content.ts'
import { isStoreError } from '../store/store-error.ts'
import { storedDoc } from '../room/stored-doc.ts'
import { OperationFailure } from './operation-failure.ts'

/**
 * Takes in an exact export. A room comes with its content, history and owners, and begins a new epoch: whoever has
 * it open from its former life starts afresh, and puts back what had not reached the export. A room that is there
 * already is left alone and named; one that is there and cannot be read gets the export's content.
 */
export interface ImportReport {
  readonly imported: number
  readonly present: readonly string[]
  readonly mended?: readonly string[]
  /** Lines that were not taken, and why; an exact import takes all or fails. */
  readonly refused: readonly { readonly room: string; readonly sentence: string }[]
  /** What lines name and their types have not, as `ticket.colour`: it was left out. */
  readonly noField?: readonly string[]
}

export type ImportStore = Pick<Store, 'commit' | 'readHead' | 'loadRoom'>

export interface ImportRoomsParts {
  readonly onProgress?: (rooms: number) => void
  /** What lists show of a record. It is written with the content: a kill leaves none that is there and on no list. */
  readonly rowOf?: (room: ExportedRoom) => Row | null
  /** Of a record with a row, once it is there. */
  readonly came?: (type: string, row: Row, commit: number) => void
}

export async function importRooms(
  store: ImportStore,
  source: AsyncIterable<Uint8Array>,
  { onProgress = () => {}, rowOf = () => null, came = () => {} }: ImportRoomsParts = {},
): Promise<ImportReport> {
  const present: string[] = []
  const mended: string[] = []
  const refused: { room: string; sentence: string }[] = []
  let imported = 0
  let waiting = new Map<string, Waiting>()
  let waitingBytes = 0
  const commit = async (rooms: readonly Waiting[]): Promise<void> => {
    await commitAll(
      store,
      rooms.map(({ changes }) => changes),
    )
    for (const { changes, row } of rooms) {
      const last = changes.at(-1)
      if (last !== undefined && row !== null) came(last.type, row, last.expect + 1)
    }
  }
  const write = async (): Promise<void> => {
    const rooms = [...waiting.values()]
    waiting = new Map()
    waitingBytes = 0
    if (rooms.length === 0) return
    await commit(rooms)
    imported += rooms.length
    onProgress(imported)
  }
  try {
    for await (const room of readRoomFile(source)) {
      const { room: name } = room.head
      if (waiting.has(name)) await write()
      try {
        const head = await store.readHead(name)
        const row = rowOf(room)
        const changes = changesOf(room, row)
        if (head === null || isBegun(head, changes)) {
          waiting.set(name, { changes: changes.slice(head?.commit ?? 0), row })
          waitingBytes += bytesOf(changes)
        } else if (await isReadable(store, name)) present.push(name)
        else {
          await commit([{ changes: [mendingChange(head, room, row)], row }])
          mended.push(name)
        }
      } catch (error) {
        // More than its content: what a new epoch is made from.
        if (!isStoreError(error, 'STORE_DAMAGED')) throw error
        refused.push({ room: name, sentence: error.message })
      }
      if (waiting.size >= ROOMS_AT_ONCE || waitingBytes >= BYTES_AT_ONCE) await write()
    }
  } finally {
    // Of a file that is cut short, too, what came before.
    await write()
  }
  return { imported, present, ...(mended.length > 0 ? { mended } : {}), refused }
}

interface Waiting {
  readonly changes: readonly RoomChange[]
  readonly row: Row | null
}

/** Many share their two fsyncs. */
const ROOMS_AT_ONCE = 100
const BYTES_AT_ONCE = 4 * 1024 * 1024

const bytesOf = (changes: readonly RoomChange[]): number => {
  let bytes = 0
  for (const { newEpoch, events = [] } of changes) {
    bytes += newEpoch?.content?.byteLength ?? 0
    for (const event of events) bytes += event.length
  }
  return bytes
}

async function isReadable(store: ImportStore, room: string): Promise<boolean> {
  try {
    await store.loadRoom(room)
    return true
  } catch (error) {
    if (isStoreError(error, 'STORE_DAMAGED')) return false
    throw error
  }
}

/**
 * As after a backup, for one room: its epoch ends as of the export, its history stays, and devices put back what they
 * wrote since.
 */
function mendingChange(head: Head, room: ExportedRoom, row: Row | null): RoomChange {
  const doc = storedDoc(room)
  const clocks = Y.decodeStateVector(Y.encodeStateVector(doc))
  return {
    room: head.room,
    type: head.type,
    epoch: head.epoch,
    expect: head.commit,
    at: room.head.updatedAt,
    by: room.head.updatedBy,
    updates: [],
    state: room.head.state === 'removed' ? 'removed' : 'live',
    row: row === null ? null : toStoredRow(row),
    newEpoch: { epoch: randomUUID(), ended: 'restored', clocks, content: Y.encodeStateAsUpdate(doc) },
  }
}

/**
 * Two changes an epoch of the room's former life, since a store learns of an epoch's end from the change that ends
 * it. Content and history come with the last: an import that was broken off leaves a room with nothing in it, never
 * one with a part of it, and the next import of the file goes on behind the changes that are there.
 */
function changesOf(room: ExportedRoom, row: Row | null): RoomChange[] {
  const { head } = room
  const epochs = [...room.earlierEpochs].sort((a, b) => a.commit - b.commit)
  let expect = 0
  const change = (epoch: string, more: Partial<RoomChange>): RoomChange => ({
    room: head.room,
    type: head.type,
    epoch,
    expect: expect++,
    at: head.updatedAt,
    by: head.updatedBy,
    created: { at: head.createdAt, by: head.createdBy },
    updates: [],
    // Until it has its content nobody is shown it, on a list or by a link, to write into.
    state: 'removed',
    ...more,
  })
  const changes: RoomChange[] = []
  for (const [index, earlier] of epochs.entries()) {
    const owners = [...earlier.clients]
      .filter(([, client]) => client.userId !== '')
      .map(([clientId, client]) => ({ clientId, userId: client.userId }))
    const clocks = new Map([...earlier.clients].map(([clientId, client]) => [clientId, client.clock]))
    const next = epochs[index + 1]?.epoch ?? head.epoch
    // Of a life that was purged nothing is left but that its ids are spent.
    const content = earlier.ended === 'purged' ? EMPTY_UPDATE : null
    changes.push(change(earlier.epoch, { owners }))
    changes.push(change(earlier.epoch, { newEpoch: { epoch: next, ended: earlier.ended, clocks, content } }))
  }
  const owners = [...room.owners].map(([clientId, userId]) => ({ clientId, userId }))
  changes.push(change(head.epoch, { owners }))
  const doc = storedDoc(room)
  const clocks = Y.decodeStateVector(Y.encodeStateVector(doc))
  const content = Y.encodeStateAsUpdate(doc)
  changes.push(
    change(head.epoch, {
      newEpoch: { epoch: randomUUID(), ended: 'restored', clocks, content },
      events: room.events,
      state: head.state === 'removed' ? 'removed' : 'live',
      row: row === null ? null : toStoredRow(row),
    }),
  )
  return changes
}

/** An import of it was broken off before its content came. */
const isBegun = (head: Head, changes: readonly RoomChange[]): boolean =>
  head.epoch === changes[head.commit]?.epoch &&
  head.logEntries === 0 &&
  head.eventCount === 0 &&
  head.snapshotBytes <= EMPTY_UPDATE.byteLength

/** The first change of each room, then the second of each: a store writes together what is of different rooms. */
async function commitAll(store: ImportStore, rooms: readonly (readonly RoomChange[])[]): Promise<void> {
  const longest = Math.max(...rooms.map(changes => changes.length))
  const inTurn = Array.from({ length: longest }, (_, i) =>
    rooms.flatMap(changes => changes.slice(i, i + 1)),
  ).flat()
  const outcomes = await store.commit(inTurn.map(change => ({ rooms: [change] })))
  const moved = inTurn.find((_, i) => outcomes[i]?.saved !== true)
  if (moved !== undefined) {
    throw new OperationFailure(
      `«${moved.room}» was written by somebody else while it was imported. Import it again later.`,
    )
  }
}
