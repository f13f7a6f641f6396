import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { unreachable } from '../unreachable.ts'

/**
 * What a client without a socket sends and gets, many records at once: for each record the same messages that its
 * channel on a link would carry (sync-message.ts), as far as they make sense in one round trip.
 *
 *     POST /api/sync/push   updates (step 2 or update), presence, and step 1 or queryAwareness where wanted too
 *     POST /api/sync/pull   step 1, presence, queryAwareness; a pull changes nothing and may be sent again
 *
 * Of a record that is open the answer holds, in this order:
 *
 *     refused, pending   about the messages of this request that carry an update, counted from 1
 *     syncStep1          after a pending: what the server has, for a step 2 that covers what is missing
 *     saved              when all the others of them are durable. Its commit says where they are stored, not
 *                        what the reader holds: only a step 2 says that
 *     syncStep2          what the reader lacks, and the commit it is brought to; none where the ask named the epoch
 *                        and commit that the record stands at
 *     syncStep1          the server's state vector, with each step 2
 *     awareness          after queryAwareness: everybody who is there. Who is not in it has gone
 *
 * A state of its own that a client sends stays for a while after each request, and ends when none comes.
 */
export const PUSH_PULL_TYPE = 'application/x-corecord-sync'
export const PUSH_PULL_VERSION = 1

export interface RecordAsk {
  readonly room: string
  /** The client id that the doc writes under. */
  readonly clientId: number | null
  /** What the doc holds: the epoch, and the commit number it has been brought to. */
  readonly epoch: string | null
  readonly commit: number | null
  /** To begin another record under the name of one that was purged. */
  readonly again?: true
  readonly messages: readonly Uint8Array[]
}

export type RecordAnswer =
  | {
      readonly kind: 'open'
      readonly epoch: string
      readonly commit: number
      readonly readOnly: boolean
      /** Reserved for this doc. Where it is not the one that was asked with, that one is not to be written under. */
      readonly clientId: number | null
      /** Where an earlier epoch was asked with: how far the server held each of this person's client ids in it. */
      readonly held: readonly (readonly [client: number, clock: number])[] | null
      readonly messages: readonly Uint8Array[]
    }
  | { readonly kind: 'closed'; readonly code: string; readonly sentence: string }
  /** The answer was full: ask for it again. Nothing of what was sent for this record has been looked at. */
  | { readonly kind: 'later' }

export interface SyncAnswer {
  /** Server time, ms. */
  readonly time: number
  /** In the order they were asked for. */
  readonly records: readonly RecordAnswer[]
}

/** The layouts, as the fingerprint test pins them to PUSH_PULL_VERSION. */
export const PUSH_PULL_LAYOUTS = {
  ask: 'varuint version, varuint n × (string room, varuint flags 1 clientId 2 epoch 4 commit 8 again, [varuint clientId], [string epoch], [varuint commit], varuint m × bytes message)',
  answer:
    'varuint version, varuint time, varuint n × (0 string epoch, varuint commit, varuint flags 1 readOnly 2 clientId 4 held, [varuint clientId], [varuint h × (varuint client, varuint clock)], varuint m × bytes message | 1 string code, string sentence | 2)',
} as const

const OPEN = 0
const CLOSED = 1
const LATER = 2

/** What a list may hold: more is not ours, and would let a few bytes ask for gigabytes. */
const RECORDS_MAX = 10_000
const MESSAGES_MAX = 100_000
const HELD_MAX = 100_000

export const writeSyncAsk = (records: readonly RecordAsk[]): Uint8Array => {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, PUSH_PULL_VERSION)
  encoding.writeVarUint(encoder, records.length)
  for (const { room, clientId, epoch, commit, again, messages } of records) {
    encoding.writeVarString(encoder, room)
    encoding.writeVarUint(
      encoder,
      (clientId === null ? 0 : 1) |
        (epoch === null ? 0 : 2) |
        (commit === null ? 0 : 4) |
        (again === true ? 8 : 0),
    )
    if (clientId !== null) encoding.writeVarUint(encoder, clientId)
    if (epoch !== null) encoding.writeVarString(encoder, epoch)
    if (commit !== null) encoding.writeVarUint(encoder, commit)
    writeMessages(encoder, messages)
  }
  return encoding.toUint8Array(encoder)
}

/** Null: malformed, or of another version. Byte arrays in it are views into `bytes`. */
export const readSyncAsk = (bytes: Uint8Array): RecordAsk[] | null =>
  reading(bytes, decoder =>
    readMany(decoder, RECORDS_MAX, () => {
      const room = decoding.readVarString(decoder)
      const flags = decoding.readVarUint(decoder)
      return {
        room,
        clientId: (flags & 1) === 0 ? null : decoding.readVarUint(decoder),
        epoch: (flags & 2) === 0 ? null : decoding.readVarString(decoder),
        commit: (flags & 4) === 0 ? null : decoding.readVarUint(decoder),
        ...((flags & 8) === 0 ? {} : { again: true as const }),
        messages: readMessages(decoder),
      }
    }),
  )

export const writeSyncAnswer = ({ time, records }: SyncAnswer): Uint8Array => {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, PUSH_PULL_VERSION)
  encoding.writeVarUint(encoder, time)
  encoding.writeVarUint(encoder, records.length)
  for (const record of records) writeRecordAnswer(encoder, record)
  return encoding.toUint8Array(encoder)
}

export const readSyncAnswer = (bytes: Uint8Array): SyncAnswer | null =>
  reading(bytes, decoder => {
    const time = decoding.readVarUint(decoder)
    return { time, records: readMany(decoder, RECORDS_MAX, () => readRecordAnswer(decoder)) }
  })

const writeRecordAnswer = (encoder: encoding.Encoder, answer: RecordAnswer): void => {
  switch (answer.kind) {
    case 'open': {
      const { epoch, commit, readOnly, clientId, held, messages } = answer
      encoding.writeVarUint(encoder, OPEN)
      encoding.writeVarString(encoder, epoch)
      encoding.writeVarUint(encoder, commit)
      encoding.writeVarUint(
        encoder,
        (readOnly ? 1 : 0) | (clientId === null ? 0 : 2) | (held === null ? 0 : 4),
      )
      if (clientId !== null) encoding.writeVarUint(encoder, clientId)
      if (held !== null) {
        encoding.writeVarUint(encoder, held.length)
        for (const [client, clock] of held) {
          encoding.writeVarUint(encoder, client)
          encoding.writeVarUint(encoder, clock)
        }
      }
      writeMessages(encoder, messages)
      return
    }
    case 'closed':
      encoding.writeVarUint(encoder, CLOSED)
      encoding.writeVarString(encoder, answer.code)
      encoding.writeVarString(encoder, answer.sentence)
      return
    case 'later':
      encoding.writeVarUint(encoder, LATER)
      return
    default:
      unreachable(answer)
  }
}

const readRecordAnswer = (decoder: decoding.Decoder): RecordAnswer => {
  const kind = decoding.readVarUint(decoder)
  if (kind === LATER) return { kind: 'later' }
  if (kind === CLOSED) {
    const code = decoding.readVarString(decoder)
    return { kind: 'closed', code, sentence: decoding.readVarString(decoder) }
  }
  if (kind !== OPEN) throw new RangeError('an answer of a kind that this version does not know')
  const epoch = decoding.readVarString(decoder)
  const commit = decoding.readVarUint(decoder)
  const flags = decoding.readVarUint(decoder)
  return {
    kind: 'open',
    epoch,
    commit,
    readOnly: (flags & 1) !== 0,
    clientId: (flags & 2) === 0 ? null : decoding.readVarUint(decoder),
    held:
      (flags & 4) === 0
        ? null
        : readMany(
            decoder,
            HELD_MAX,
            () => [decoding.readVarUint(decoder), decoding.readVarUint(decoder)] as const,
          ),
    messages: readMessages(decoder),
  }
}

const writeMessages = (encoder: encoding.Encoder, messages: readonly Uint8Array[]): void => {
  encoding.writeVarUint(encoder, messages.length)
  for (const message of messages) encoding.writeVarUint8Array(encoder, message)
}

const readMessages = (decoder: decoding.Decoder): Uint8Array[] =>
  readMany(decoder, MESSAGES_MAX, () => decoding.readVarUint8Array(decoder))

const readMany = <T>(decoder: decoding.Decoder, lengthMax: number, read: () => T): T[] => {
  const length = decoding.readVarUint(decoder)
  // Each takes a byte at least, so a length beyond what is left is a lie.
  if (length > lengthMax || length > decoder.arr.length - decoder.pos) throw new RangeError('list too long')
  return Array.from({ length }, read)
}

const reading = <T>(bytes: Uint8Array, read: (decoder: decoding.Decoder) => T): T | null => {
  const decoder = decoding.createDecoder(bytes)
  try {
    return decoding.readVarUint(decoder) === PUSH_PULL_VERSION ? read(decoder) : null
  } catch {
    return null
  }
}
