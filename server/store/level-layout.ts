import { decoding, encoding } from 'lib0'
import { decodeHead, encodeHead, type ListedIds } from './head.ts'
import { sealBytes, sealText, unseal, unsealText } from './sealed.ts'
import type { EarlierEpoch, Head, StoredEvent } from './store.ts'

/**
 * Where things lie in LevelDB. Keys are text, ordered as their UTF-8 bytes; names contain no control characters, so
 * U+0000 separates them. (Written by hand: the same keys through sublevels cost three times the CPU a write.)
 *
 *     !…                               the store itself: format, node, clean, tip, logs, folded
 *     n room                           the names of all rooms
 *     d room ␀ a                       head, and which client ids have owners, where they are few and of the first epoch
 *     d room ␀ b epoch                 an earlier epoch: its client ids, owners and last clocks
 *     d room ␀ c client id             owner of a client id in this epoch
 *     d room ␀ d                       snapshot, preceded by the commit it covers
 *     d room ␀ e commit                the updates of one commit
 *     r type ␀ id                      row
 *     e number                         event, in the order of all
 *     c room ␀ seq                     → number of a record's event
 *     f room                           number and hash up to which a record's events are folded away
 *     v space ␀ key                    value
 *
 * All of a room lies together, so that one range read loads it.
 */
export const keyOf = {
  format: '!format',
  node: '!node',
  clean: '!clean',
  tip: '!tip',
  logs: '!logs',
  folded: '!folded',
  name: (room: string) => `n${room}`,
  head: (room: string) => `d${room}\0a`,
  earlierEpoch: (room: string, epoch: string) => `d${room}\0b${epoch}`,
  owner: (room: string, clientId: number) => `d${room}\0c${ordered(clientId)}`,
  snapshot: (room: string) => `d${room}\0d`,
  log: (room: string, commit: number) => `d${room}\0e${ordered(commit)}`,
  row: (type: string, id: string) => `r${type}\0${id}`,
  event: (seq: number) => `e${ordered(seq)}`,
  chain: (room: string, seq: number) => `c${room}\0${ordered(seq)}`,
  foldedChain: (room: string) => `f${room}`,
  value: (space: string, key: string) => `v${space}\0${key}`,
} as const

/** What a salvage did not find, for `verify`: as a value of this space, since its records themselves tell nothing. */
export const LOST_SPACE = '$lost'

/** All keys that begin so. */
export const under = (prefix: string): { gte: string; lt: string } => ({
  gte: prefix,
  lt: `${prefix}\u{10ffff}`,
})

/** Decimal order as text order: the length first. */
export function ordered(n: number): string {
  const digits = n.toString(36)
  return String.fromCharCode(96 + digits.length) + digits
}

export const parseOrdered = (text: string): number => Number.parseInt(text.slice(1), 36)

/** The parts of a key after its one-letter space. */
export const partsOf = (key: string): string[] => key.slice(1).split('\0')

export const sealHead = (head: Head, ids: ListedIds): Uint8Array =>
  sealText(keyOf.head(head.room), encodeHead(head, ids))
export const unsealHeadAndIds = (room: string, value: Uint8Array): { head: Head; ids: ListedIds } =>
  decodeHead(room, unsealText(keyOf.head(room), value))
export const unsealHead = (room: string, value: Uint8Array): Head => unsealHeadAndIds(room, value).head

const ONE = 1
const MANY = 2

/** Nearly always one update a commit: it stands as it is. */
export function sealUpdates(key: string, updates: readonly Uint8Array[]): Uint8Array {
  const only = updates[0]
  if (updates.length === 1 && only !== undefined) return sealBytes(key, ONE, [only])
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, updates.length)
  for (const update of updates) encoding.writeVarUint8Array(encoder, update)
  return sealBytes(key, MANY, [encoding.toUint8Array(encoder)])
}

export function unsealUpdates(key: string, value: Uint8Array, into: Uint8Array[]): void {
  const payload = unseal(key, value)
  if (payload[0] === ONE) {
    into.push(payload.subarray(1))
    return
  }
  if (payload[0] !== MANY) throw new Error('a log entry is of an unknown kind')
  const decoder = decoding.createDecoder(payload.subarray(1))
  const count = decoding.readVarUint(decoder)
  for (let i = 0; i < count; i++) into.push(decoding.readVarUint8Array(decoder))
}

export function sealSnapshot(key: string, commit: number, snapshot: Uint8Array): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, commit)
  return sealBytes(key, ONE, [encoding.toUint8Array(encoder), snapshot])
}

export function unsealSnapshot(key: string, value: Uint8Array): { commit: number; bytes: Uint8Array } {
  const decoder = decoding.createDecoder(unseal(key, value).subarray(1))
  const commit = decoding.readVarUint(decoder)
  return { commit, bytes: decoding.readTailAsUint8Array(decoder) }
}

/** The line before it held the row's index keys when there were indexes: versions that have them read it as one of none. */
export const sealRow = (key: string, json: string): Uint8Array => sealText(key, `[]\n${json}`)

export function unsealRow(key: string, value: Uint8Array): string {
  const text = unsealText(key, value)
  return text.slice(text.indexOf('\n') + 1)
}

/** Where earlier versions kept rows in order: i type ␀ index ␀ key ␀ id. */
export const oldIndex = {
  all: under('i'),
  rowKey(entry: string): string {
    const [type = '', , , id = ''] = partsOf(entry)
    return keyOf.row(type, id)
  },
  entriesOf(rowKey: string, value: Uint8Array): string[] {
    const [type, id] = partsOf(rowKey)
    const text = unsealText(rowKey, value)
    // The checksum says that it is what was written there.
    const keys = JSON.parse(text.slice(0, text.indexOf('\n'))) as [string, string][]
    return keys.map(([index, key]) => `i${type}\0${index}\0${key}\0${id}`)
  },
}

export const sealEvent = (key: string, event: Omit<StoredEvent, 'cursor'>): Uint8Array =>
  sealText(key, `${event.room}\n${event.seq}\n${event.hash}\n${event.json}`)

export function unsealEvent(key: string, value: Uint8Array, cursor: string): StoredEvent {
  const text = unsealText(key, value)
  const roomEnd = text.indexOf('\n')
  const seqEnd = text.indexOf('\n', roomEnd + 1)
  const hashEnd = text.indexOf('\n', seqEnd + 1)
  return {
    cursor,
    room: text.slice(0, roomEnd),
    seq: Number(text.slice(roomEnd + 1, seqEnd)),
    hash: text.slice(seqEnd + 1, hashEnd),
    json: text.slice(hashEnd + 1),
  }
}

export function sealEarlierEpoch(key: string, { epoch, commit, ended, clients }: EarlierEpoch): Uint8Array {
  const ids = [...clients].map(([id, { userId, clock }]) => [id, clock, userId])
  return sealText(key, JSON.stringify([epoch, commit, ended, ids]))
}

export function unsealEarlierEpoch(key: string, value: Uint8Array): EarlierEpoch {
  // The checksum says that it is what `sealEarlierEpoch` wrote.
  const [epoch, commit, ended, ids] = JSON.parse(unsealText(key, value)) as [
    string,
    number,
    EarlierEpoch['ended'],
    [number, number, string][],
  ]
  return { epoch, commit, ended, clients: new Map(ids.map(([id, clock, userId]) => [id, { userId, clock }])) }
}

export interface Tip {
  /** Counts the writes of the store, so that one of unknown fate can be found again. */
  readonly write: number
  /** The number of the last event. */
  readonly event: number
}

export const sealTip = (tip: Tip): Uint8Array => sealText(keyOf.tip, `${tip.write} ${tip.event}`)

export function parseTip(text: string): Tip {
  const [write = 0, event = 0] = text.split(' ').map(Number)
  return { write, event }
}
