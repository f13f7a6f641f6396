import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { setVarUint, varUintLength } from './var-uint.ts'

const { readUint8, readVarUint, readVarString: readString, readVarUint8Array: readBytes } = decoding

/**
 * What crosses one channel: the messages of y-websocket, and from 100 up our own, which are sent only to who
 * asked for them (every link channel; a stock socket by `?corecord=1`). A stock client prints an error for a
 * kind it does not know.
 *
 *     client                            server
 *     syncStep1 (its state vector)  →
 *                                   ←   syncStep2 (what it lacks), syncStep1 (the server's state vector)
 *     syncStep2 (what the server lacks) →
 *     update …                      →   ←   update …
 *                                   ←   saved (count): the first `count` sync messages of this channel that carry
 *                                       an update (step 2 and update, in the order sent, from 1) are durable,
 *                                       except those named by refused and pending
 *
 * After its update, a step 2 or update from the server carries the commit number that it brings the reader to.
 * Stock decoders stop before it.
 */
export const MESSAGE_SYNC = 0
export const MESSAGE_AWARENESS = 1
export const MESSAGE_AUTH = 2
export const MESSAGE_QUERY_AWARENESS = 3
export const MESSAGE_SAVED = 100
export const MESSAGE_REFUSED = 101
export const MESSAGE_PENDING = 102
export const MESSAGE_STANDING = 103

const SYNC_STEP_1 = 0
const SYNC_STEP_2 = 1
const SYNC_UPDATE = 2
const AUTH_PERMISSION_DENIED = 0

/** The layouts, as the fingerprint test pins them to LINK_VERSION. */
export const SYNC_MESSAGE_LAYOUTS: Readonly<Record<number, string>> = {
  [MESSAGE_SYNC]:
    'sync: 0 bytes stateVector | 1 bytes update [varuint commit] | 2 bytes update [varuint commit]',
  [MESSAGE_AWARENESS]: 'awareness: bytes body',
  [MESSAGE_AUTH]: 'auth: 0 string reason',
  [MESSAGE_QUERY_AWARENESS]: 'queryAwareness:',
  [MESSAGE_SAVED]: 'saved: varuint count, varuint commit',
  [MESSAGE_REFUSED]:
    'refused: varuint number, string code, varuint n × string path, string sentence, varuint n × varuint spent',
  [MESSAGE_PENDING]: 'pending: varuint number',
  [MESSAGE_STANDING]:
    'standing: string epoch, varuint commit, varuint readOnly, varuint n × varuint clientId',
}

export interface Saved {
  /** How many of this channel's messages that carry an update are durable, counted from its opening. */
  readonly count: number
  /** The record's commit number that holds them. */
  readonly commit: number
}

export interface Refused {
  /** Which message it was, counted from 1 as in Saved. 0: none in particular. */
  readonly number: number
  readonly code: string
  readonly paths: readonly string[]
  readonly sentence: string
  /** The client ids that can write no more: start afresh under another. */
  readonly spent: readonly number[]
}

/** How this channel stands: at its opening, and whenever it changes (a right withdrawn, say). */
export interface Standing {
  readonly epoch: string
  readonly commit: number
  readonly readOnly: boolean
  /** The client id that the server reserved for this channel, or null where it has none. */
  readonly clientId: number | null
}

export type ChannelMessage =
  | { readonly kind: 'syncStep1'; readonly stateVector: Uint8Array }
  | { readonly kind: 'syncStep2'; readonly update: Uint8Array; readonly commit: number | null }
  | { readonly kind: 'update'; readonly update: Uint8Array; readonly commit: number | null }
  | { readonly kind: 'awareness'; readonly body: Uint8Array }
  | { readonly kind: 'permissionDenied'; readonly reason: string }
  | { readonly kind: 'queryAwareness' }
  | ({ readonly kind: 'saved' } & Saved)
  | ({ readonly kind: 'refused' } & Refused)
  | { readonly kind: 'pending'; readonly number: number }
  | ({ readonly kind: 'standing' } & Standing)
  /** A kind of a later version: to be ignored. */
  | { readonly kind: 'unknown'; readonly number: number }
  | { readonly kind: 'malformed' }

const MALFORMED: ChannelMessage = { kind: 'malformed' }

/**
 * Reads one message. A kind is one byte, as whoever counts messages by it reads it: a number can be written in more
 * bytes than it needs, and would pass for another. Byte arrays in it are views into `bytes`. Never throws: what cannot be
 * read is `malformed`.
 */
export const readChannelMessage = (bytes: Uint8Array): ChannelMessage => {
  const decoder = decoding.createDecoder(bytes)
  try {
    return readBody(decoder, readKind(decoder))
  } catch {
    return MALFORMED
  }
}

const readBody = (decoder: decoding.Decoder, kind: number): ChannelMessage => {
  switch (kind) {
    case MESSAGE_SYNC:
      return readSync(decoder)
    case MESSAGE_AWARENESS:
      return { kind: 'awareness', body: readBytes(decoder) }
    case MESSAGE_AUTH:
      return readVarUint(decoder) === AUTH_PERMISSION_DENIED
        ? { kind: 'permissionDenied', reason: readString(decoder) }
        : MALFORMED
    case MESSAGE_QUERY_AWARENESS:
      return { kind: 'queryAwareness' }
    case MESSAGE_SAVED:
      return { kind: 'saved', count: readVarUint(decoder), commit: readVarUint(decoder) }
    case MESSAGE_REFUSED:
      return {
        kind: 'refused',
        number: readVarUint(decoder),
        code: readString(decoder),
        paths: readMany(decoder, readString),
        sentence: readString(decoder),
        spent: readMany(decoder, readVarUint),
      }
    case MESSAGE_PENDING:
      return { kind: 'pending', number: readVarUint(decoder) }
    case MESSAGE_STANDING:
      return {
        kind: 'standing',
        epoch: readString(decoder),
        commit: readVarUint(decoder),
        readOnly: readVarUint(decoder) === 1,
        clientId: readMany(decoder, readVarUint)[0] ?? null,
      }
    default:
      return { kind: 'unknown', number: kind }
  }
}

const readKind = (decoder: decoding.Decoder): number => {
  if (!decoding.hasContent(decoder)) throw new RangeError('cut short')
  return readUint8(decoder)
}

const readSync = (decoder: decoding.Decoder): ChannelMessage => {
  const step = readKind(decoder)
  if (step === SYNC_STEP_1) return { kind: 'syncStep1', stateVector: readBytes(decoder) }
  if (step !== SYNC_STEP_2 && step !== SYNC_UPDATE) return MALFORMED
  const update = readBytes(decoder)
  const commit = decoding.hasContent(decoder) ? readVarUint(decoder) : null
  return { kind: step === SYNC_STEP_2 ? 'syncStep2' : 'update', update, commit }
}

export const writeSyncStep1 = (stateVector: Uint8Array): Uint8Array =>
  writeMessage(MESSAGE_SYNC, encoder => {
    encoding.writeVarUint(encoder, SYNC_STEP_1)
    encoding.writeVarUint8Array(encoder, stateVector)
  })

export const writeSyncStep2 = (update: Uint8Array, commit: number | null = null): Uint8Array =>
  writeSync(SYNC_STEP_2, update, commit)

export const writeUpdate = (update: Uint8Array, commit: number | null = null): Uint8Array =>
  writeSync(SYNC_UPDATE, update, commit)

/** By hand, in one allocation: this is the message that a full state or every relayed turn is copied into. */
const writeSync = (step: number, update: Uint8Array, commit: number | null): Uint8Array => {
  const message = new Uint8Array(
    2 + varUintLength(update.length) + update.length + (commit === null ? 0 : varUintLength(commit)),
  )
  message[0] = MESSAGE_SYNC
  message[1] = step
  const start = setVarUint(message, 2, update.length)
  message.set(update, start)
  if (commit !== null) setVarUint(message, start + update.length, commit)
  return message
}

export const writeAwareness = (body: Uint8Array): Uint8Array =>
  writeMessage(MESSAGE_AWARENESS, encoder => encoding.writeVarUint8Array(encoder, body))

export const writePermissionDenied = (reason: string): Uint8Array =>
  writeMessage(MESSAGE_AUTH, encoder => {
    encoding.writeVarUint(encoder, AUTH_PERMISSION_DENIED)
    encoding.writeVarString(encoder, reason)
  })

export const writeQueryAwareness = (): Uint8Array => writeMessage(MESSAGE_QUERY_AWARENESS, () => {})

export const writeSaved = ({ count, commit }: Saved): Uint8Array =>
  writeMessage(MESSAGE_SAVED, encoder => {
    encoding.writeVarUint(encoder, count)
    encoding.writeVarUint(encoder, commit)
  })

export const writeRefused = ({ number, code, paths, sentence, spent }: Refused): Uint8Array =>
  writeMessage(MESSAGE_REFUSED, encoder => {
    encoding.writeVarUint(encoder, number)
    encoding.writeVarString(encoder, code)
    encoding.writeVarUint(encoder, paths.length)
    for (const path of paths) encoding.writeVarString(encoder, path)
    encoding.writeVarString(encoder, sentence)
    encoding.writeVarUint(encoder, spent.length)
    for (const clientId of spent) encoding.writeVarUint(encoder, clientId)
  })

/** The message rests on something the server lacks: it stays unsaved until a later step 2 covers it. */
export const writePending = (number: number): Uint8Array =>
  writeMessage(MESSAGE_PENDING, encoder => encoding.writeVarUint(encoder, number))

export const writeStanding = ({ epoch, commit, readOnly, clientId }: Standing): Uint8Array =>
  writeMessage(MESSAGE_STANDING, encoder => {
    encoding.writeVarString(encoder, epoch)
    encoding.writeVarUint(encoder, commit)
    encoding.writeVarUint(encoder, readOnly ? 1 : 0)
    encoding.writeVarUint(encoder, clientId === null ? 0 : 1)
    if (clientId !== null) encoding.writeVarUint(encoder, clientId)
  })

const writeMessage = (kind: number, write: (encoder: encoding.Encoder) => void): Uint8Array => {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, kind)
  write(encoder)
  return encoding.toUint8Array(encoder)
}

const readMany = <T>(decoder: decoding.Decoder, read: (decoder: decoding.Decoder) => T): T[] => {
  const length = readVarUint(decoder)
  // Each part takes a byte at least: a message of 20 bytes cannot ask for gigabytes.
  if (length > decoder.arr.length - decoder.pos) throw new RangeError('list too long')
  return Array.from({ length }, () => read(decoder))
}
