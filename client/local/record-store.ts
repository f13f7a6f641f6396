// What of a record is on the device: its head, a log of updates, and for each client id that wrote here a note of
// what the server has not saved. All of it belongs to one generation; a fresh start begins the next.

import * as Y from 'yjs'
import type { JournalState } from '../../shared/record/journal.ts'
import type { KeptEdit } from '../record/edit-ledger.ts'
import type { LocalKey, LocalStore, LocalWrite } from './local-store.ts'

export interface RecordHead {
  readonly room: string
  /** Of what is held; '' while the server has not been met. */
  readonly epoch: string
  readonly generation: number
  readonly commit: number
  /** Server time (ms) of which the content is known to be true. */
  readonly asOf: number | null
  /** When somebody last had it open here; what nobody uses is taken off the device in the end. */
  readonly usedAt: number
  /**
   * Of client ids of earlier generations: up to which clock their edits have been put back, refused or found
   * saved. What a tab of an earlier generation holds beyond is still to be put back; nothing else is. A tab knows of
   * those that it has read; on the device each stands by itself, since every tab of a generation writes its head.
   */
  readonly handled: Handled
  /** It is begun under the name of one that was purged, and nothing of it is saved yet. */
  readonly again?: boolean
}

export type Handled = readonly (readonly [client: number, clock: number])[]

/** Every client id that this person wrote under here has one, also when all of it is saved. */
export interface KeptLedger {
  readonly client: number
  readonly edits: KeptEdit | null
  readonly journal: JournalState
  /** It is of an earlier generation: up to which clock it is handled. */
  readonly handled?: number
}

export interface StoredRecord {
  readonly head: RecordHead
  readonly updates: readonly { readonly key: LocalKey; readonly bytes: Uint8Array }[]
  readonly ledgers: readonly KeptLedger[]
}

export const freshHead = (room: string, now: number): RecordHead => ({
  room,
  epoch: '',
  generation: 0,
  commit: 0,
  asOf: null,
  usedAt: now,
  handled: [],
})

export const readHead = async (store: LocalStore, room: string): Promise<RecordHead | null> =>
  // Only `putHead` writes this table.
  ((await store.get('records', [room])) as RecordHead | undefined) ?? null

export const readRecord = async (store: LocalStore, room: string): Promise<StoredRecord | null> => {
  const head = await readHead(store, room)
  return head === null ? null : await readGeneration(store, head)
}

export const readGeneration = async (store: LocalStore, head: RecordHead): Promise<StoredRecord> => {
  const [updates, ledgers] = await Promise.all([
    readUpdates(store, head.room, head.generation),
    store.list('ledgers', [head.room, head.generation]),
  ])
  const all = ledgers.map(({ value }) => value as KeptLedger)
  return {
    head: { ...head, handled: joinHandled(head.handled, all.flatMap(handledIn)) },
    updates,
    ledgers: all.filter(({ handled }) => handled === undefined),
  }
}

const handledIn = ({ client, handled }: KeptLedger): Handled =>
  handled === undefined ? [] : [[client, handled]]

/** Of each the most that somebody knows. */
export const joinHandled = (some: Handled, others: Handled): Handled => {
  const joined = new Map(some)
  for (const [client, clock] of others) joined.set(client, Math.max(clock, joined.get(client) ?? 0))
  return [...joined]
}

export const readUpdates = async (
  store: LocalStore,
  room: string,
  generation: number,
): Promise<StoredRecord['updates']> => {
  const entries = await store.list('updates', [room, generation])
  return entries.map(({ key, value }) => ({ key, bytes: value as Uint8Array }))
}

export const NOTHING_UNSAVED: JournalState = { entries: [], texts: [] }

export const putHead = (head: RecordHead): LocalWrite => ({ put: 'records', key: [head.room], value: head })

export const putUpdate = (head: RecordHead, tab: string, number: number, bytes: Uint8Array): LocalWrite => ({
  put: 'updates',
  key: [head.room, head.generation, tab, number],
  value: bytes,
})

export const putLedger = (head: RecordHead, kept: KeptLedger): LocalWrite => ({
  put: 'ledgers',
  key: [head.room, head.generation, kept.client],
  value: kept,
})

export const putHandled = (head: RecordHead): LocalWrite[] =>
  head.handled.map(([client, handled]) =>
    putLedger(head, { client, edits: null, journal: NOTHING_UNSAVED, handled }),
  )

/**
 * A tab that slept through a fresh start must not write over what came after, nor into one of another epoch that somebody
 * began who knew nothing of its own: what is in both would stand there twice.
 */
export const checkGeneration = ({ room, generation, epoch }: RecordHead): LocalWrite => ({
  check: 'records',
  key: [room],
  holds: value => {
    const there = value as RecordHead | undefined
    if (there === undefined || there.generation < generation) return true
    return there.generation === generation && isOfOneEpoch(there.epoch, epoch)
  },
})

/** What is on the device has taken the place of this one. Of the same number, it was begun by who knew nothing of this one. */
export const isLater = (there: RecordHead, { generation, epoch }: RecordHead): boolean =>
  there.generation > generation || (there.generation === generation && !isOfOneEpoch(there.epoch, epoch))

const isOfOneEpoch = (one: string, other: string): boolean => one === other || one === '' || other === ''

/** For who has read the head and means exactly that one: nobody has had it open since, in whatever tab. */
export const checkUntouched = ({ room, generation, commit, usedAt }: RecordHead): LocalWrite => ({
  check: 'records',
  key: [room],
  holds: value => {
    const head = value as RecordHead | undefined
    return head?.generation === generation && head.commit === commit && head.usedAt === usedAt
  },
})

export const removeGeneration = ({ room, generation }: RecordHead): LocalWrite[] => [
  { removeAll: 'updates', beneath: [room, generation] },
  { removeAll: 'ledgers', beneath: [room, generation] },
]

/** Of a generation that has been read, unless something has come to it since: an edit of another tab, say. */
export const removeAsRead = ({ head, updates }: StoredRecord): LocalWrite[] => [
  { checkAll: 'updates', beneath: [head.room, head.generation], keys: updates.map(({ key }) => key) },
  ...removeGeneration(head),
]

export const removeRecord = (room: string): LocalWrite[] => [
  { remove: 'records', key: [room] },
  { removeAll: 'updates', beneath: [room] },
  { removeAll: 'ledgers', beneath: [room] },
]

/** Rooms that somebody of this person's tabs has left something unsaved in, and how many edits. */
export const unsavedByRoom = async (store: LocalStore): Promise<ReadonlyMap<string, number>> => {
  const rooms = new Map<string, number>()
  for (const { key, value } of await store.list('ledgers', [])) {
    const [room] = key
    const { edits } = value as KeptLedger
    if (typeof room === 'string' && edits !== null) rooms.set(room, (rooms.get(room) ?? 0) + edits.count)
  }
  return rooms
}

export const joinUpdates = (updates: readonly Uint8Array[]): Uint8Array =>
  updates.length === 1 && updates[0] !== undefined ? updates[0] : Y.mergeUpdates([...updates])
