import * as Y from 'yjs'
import type { RecordType } from '../../shared/record/record-type.ts'
import { parseRoomName } from '../../shared/record/room-name.ts'
import { openRecord } from '../../shared/record/open-record.ts'
import { INBOX } from '../../shared/types/inbox.ts'
import { headsOf } from '../store/heads-of.ts'
import type { Head, Store, StoredRoom } from '../store/store.ts'
import { OperationFailure } from './operation-failure.ts'
import { isStoreError, StoreError } from '../store/store-error.ts'
import { beginRoomFile, endRoomFile, type ExportedRoom, writeRoomFrame } from './room-file.ts'
import { storedDoc } from '../room/stored-doc.ts'

export interface ExportAsk {
  /** `lines`: JSON that people and programs read. `exact`: every byte, for another corecord. */
  readonly format: 'lines' | 'exact'
  /** Only records of this type. */
  readonly type?: string
  readonly includeRemoved: boolean
  /** Told of each record whose type nobody has declared here: among the lines it is bytes that nobody reads. */
  readonly undeclared?: (type: string) => void
  /** Told of each record that cannot be read and is left out. Without it the export fails at its end, and names them. */
  readonly damaged?: (room: string) => void
}

/** So that nobody takes what was written for the whole. */
export const leftOut = (rooms: readonly string[]): StoreError => {
  const more = rooms.length > NAMED_MAX ? ` and ${rooms.length - NAMED_MAX} more` : ''
  const named = rooms.slice(0, NAMED_MAX).join(', ')
  return new StoreError('STORE_DAMAGED', `Damaged, and left out of what was exported: ${named}${more}.`)
}

const NAMED_MAX = 20

export type ExportStore = Pick<Store, 'readHeads' | 'loadRoom' | 'readRecordEvents'>

export async function* exportRooms(
  store: ExportStore,
  typesByName: ReadonlyMap<string, RecordType>,
  ask: ExportAsk,
): AsyncGenerator<Uint8Array> {
  const { type } = ask
  if (type !== undefined && !typesByName.has(type) && !(await holds(store, type)))
    throw new OperationFailure(`There is no record type «${type}», and no record of it.`)
  if (ask.format === 'exact') yield beginRoomFile()
  let rooms = 0
  const damaged: string[] = []
  const noteDamaged = (room: string): void => {
    if (type !== undefined && parseRoomName(room)?.type !== type) return
    if (ask.damaged === undefined) damaged.push(room)
    else ask.damaged(room)
  }
  for await (const head of headsOf(store, { onDamaged: noteDamaged })) {
    if (head.state === 'purged' || (ask.type !== undefined && head.type !== ask.type)) continue
    if (head.state === 'removed' && !ask.includeRemoved) continue
    // What people were told is the server's own: among the lines nobody reads it, and no import could write it.
    if (ask.format === 'lines' && head.type === INBOX && type !== INBOX) continue
    const room = await readWhole(store, head.room, ask.format)
    if (room === null) continue
    if (room === 'damaged') {
      noteDamaged(head.room)
      continue
    }
    rooms++
    if (ask.format === 'exact') yield writeRoomFrame(room)
    else {
      const declared = typesByName.get(head.type)
      if (declared === undefined && head.type !== '') ask.undeclared?.(head.type)
      yield Buffer.from(`${JSON.stringify(roomAsJson(room, declared))}\n`)
    }
  }
  if (ask.format === 'exact') yield endRoomFile(rooms)
  if (damaged.length > 0) throw leftOut(damaged)
}

async function readWhole(
  store: ExportStore,
  room: string,
  format: ExportAsk['format'],
): Promise<ExportedRoom | 'damaged' | null> {
  try {
    const stored = await store.loadRoom(room)
    if (stored === null) return null
    return { ...stored, events: format === 'exact' ? await eventsOf(store, stored.head) : [] }
  } catch (error) {
    if (isStoreError(error, 'STORE_DAMAGED')) return 'damaged'
    throw error
  }
}

/** Of a type that is declared no more, there may be records. */
async function holds(store: ExportStore, type: string): Promise<boolean> {
  for await (const head of headsOf(store)) if (head.type === type) return true
  return false
}

const pageLength = 500

/** Up to the record as it was read: what was written to it since is in neither. */
async function eventsOf(
  store: Pick<Store, 'readRecordEvents'>,
  { room, eventCount: to }: Head,
): Promise<string[]> {
  const events: string[] = []
  for (let from = 1; ; ) {
    const page = await store.readRecordEvents(room, { from, to, limit: pageLength })
    events.push(...page.events.map(event => event.json))
    const last = page.events.at(-1)
    if (last === undefined || page.events.length < pageLength) return events
    from = last.seq + 1
  }
}

/** A line of the export; `corecord import` and POST /api/import read the same. */
export interface RoomLine {
  readonly room: string
  readonly type: string
  readonly created: string
  readonly createdBy: string
  readonly updated: string
  readonly updatedBy: string
  readonly removed: boolean
  /** The record as the API shows it; of a free room or an unknown type instead `update`, in base64. */
  readonly record?: unknown
  readonly conflicts?: readonly unknown[]
  readonly update?: string
}

function roomAsJson(stored: StoredRoom, type: RecordType | undefined): RoomLine {
  const { head } = stored
  const doc = storedDoc(stored)
  const line = {
    room: head.room,
    type: head.type,
    created: new Date(head.createdAt).toISOString(),
    createdBy: head.createdBy,
    updated: new Date(head.updatedAt).toISOString(),
    updatedBy: head.updatedBy,
    removed: head.state === 'removed',
  }
  if (type === undefined) {
    return { ...line, update: Buffer.from(Y.encodeStateAsUpdate(doc)).toString('base64') }
  }
  const record = openRecord(type, doc, { author: '$export', id: parseRoomName(head.room)?.id ?? head.room })
  const conflicts = record.conflicts.map(({ kind, path, values }) => ({
    kind,
    path,
    values: values.map(({ value, by, at }) => ({ value, by, at: new Date(at).toISOString() })),
  }))
  const shown = { ...line, record: record.view, ...(conflicts.length === 0 ? {} : { conflicts }) }
  record.close()
  return shown
}
