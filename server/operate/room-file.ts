import { createHash } from 'node:crypto'
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import type { EarlierEpoch, Head, StoredRoom } from '../store/store.ts'
import { OperationFailure } from './operation-failure.ts'

/**
 * The exact export: every byte a room is made of, its history and the owners of its client ids. A file is a line
 * that names its format, then one frame a room, then an empty frame that says how many there were, so that a file
 * cut short is noticed. A frame is a length (4 bytes, big endian), the first 8 bytes of the payload's SHA-256, and
 * the payload.
 */
export interface ExportedRoom extends StoredRoom {
  /** JSON of each event, in order; those folded away before the first are not there. */
  readonly events: readonly string[]
}

const magic = Buffer.from('corecord rooms 1\n')
const digestBytes = 8
const headerBytes = 4 + digestBytes
const frameBytesMax = 1 << 30

export function beginRoomFile(): Uint8Array {
  return magic
}

export function endRoomFile(rooms: number): Uint8Array {
  const end = Buffer.alloc(8)
  end.writeUInt32BE(rooms, 4)
  return end
}

export function writeRoomFrame(room: ExportedRoom): Uint8Array {
  const payload = encoding.encode(encoder => {
    encoding.writeVarString(encoder, JSON.stringify(room.head))
    encoding.writeVarUint(encoder, room.snapshot === null ? 0 : 1)
    if (room.snapshot !== null) encoding.writeVarUint8Array(encoder, room.snapshot)
    encoding.writeVarUint(encoder, room.log.length)
    for (const update of room.log) encoding.writeVarUint8Array(encoder, update)
    encoding.writeVarString(encoder, JSON.stringify([...room.owners]))
    encoding.writeVarString(encoder, JSON.stringify(room.earlierEpochs.map(writeEpoch)))
    encoding.writeVarUint(encoder, room.events.length)
    for (const event of room.events) encoding.writeVarString(encoder, event)
  })
  const header = Buffer.alloc(headerBytes)
  header.writeUInt32BE(payload.byteLength, 0)
  digestOf(payload).copy(header, 4)
  return Buffer.concat([header, payload])
}

const writeEpoch = (epoch: EarlierEpoch) => ({ ...epoch, clients: [...epoch.clients] })

function digestOf(payload: Uint8Array): Buffer {
  return createHash('sha256').update(payload).digest().subarray(0, digestBytes)
}

/** Reads a room file as it arrives. Throws a sentence where the file is not whole. */
export async function* readRoomFile(source: AsyncIterable<Uint8Array>): AsyncGenerator<ExportedRoom> {
  const bytes = createByteReader(source)
  const begin = await bytes.read(magic.length)
  if (begin === null || !magic.equals(begin))
    throw new OperationFailure('This is no file of an exact corecord export.')
  for (let rooms = 0; ; rooms++) {
    const length = (await bytes.read(4))?.readUInt32BE(0)
    if (length === undefined) throw cutShort(rooms)
    if (length === 0) {
      const counted = (await bytes.read(4))?.readUInt32BE(0)
      if (counted !== rooms) throw cutShort(rooms)
      return
    }
    if (length > frameBytesMax) throw new OperationFailure(`The file is damaged after ${rooms} records.`)
    const digest = await bytes.read(digestBytes)
    const payload = await bytes.read(length)
    if (digest === null || payload === null) throw cutShort(rooms)
    if (!digestOf(payload).equals(digest))
      throw new OperationFailure(`The file is damaged after ${rooms} records.`)
    yield readRoom(payload)
  }
}

function cutShort(rooms: number): OperationFailure {
  return new OperationFailure(
    `The file was cut short: it ends after ${rooms} records, without its last line.`,
  )
}

function readRoom(payload: Uint8Array): ExportedRoom {
  const decoder = decoding.createDecoder(payload)
  // The digest says that these are the bytes `writeRoomFrame` wrote.
  const head = JSON.parse(decoding.readVarString(decoder)) as Head
  const snapshot = decoding.readVarUint(decoder) === 0 ? null : decoding.readVarUint8Array(decoder)
  const log = readMany(decoder, decoding.readVarUint8Array)
  const owners = new Map(JSON.parse(decoding.readVarString(decoder)) as [number, string][])
  const earlierEpochs = (JSON.parse(decoding.readVarString(decoder)) as WrittenEpoch[]).map(readEpoch)
  const events = readMany(decoder, decoding.readVarString)
  return { head, snapshot, log, owners, earlierEpochs, events }
}

type WrittenEpoch = ReturnType<typeof writeEpoch>

const readEpoch = (written: WrittenEpoch): EarlierEpoch => ({ ...written, clients: new Map(written.clients) })

function readMany<Value>(decoder: decoding.Decoder, read: (decoder: decoding.Decoder) => Value): Value[] {
  const count = decoding.readVarUint(decoder)
  const values: Value[] = []
  for (let index = 0; index < count; index++) values.push(read(decoder))
  return values
}

/** Whether a file is of the exact form, told by its first bytes, and the whole of it. */
export async function peeked(
  source: AsyncIterable<Uint8Array>,
): Promise<{ isExact: boolean; all: AsyncIterable<Uint8Array> }> {
  const iterator = source[Symbol.asyncIterator]()
  const begin: Uint8Array[] = []
  let length = 0
  while (length < magic.length) {
    const next = await iterator.next()
    if (next.done === true) break
    begin.push(next.value)
    length += next.value.byteLength
  }
  const start = Buffer.concat(begin)
  async function* all(): AsyncGenerator<Uint8Array> {
    yield start
    yield* { [Symbol.asyncIterator]: () => iterator }
  }
  return { isExact: start.subarray(0, magic.length).equals(magic), all: all() }
}

export interface ByteReader {
  /** Exactly so many bytes, or null where the source ends before them. */
  read(length: number): Promise<Buffer | null>
}

/** Pieces of any size in, pieces of the asked size out. */
export function createByteReader(source: AsyncIterable<Uint8Array>): ByteReader {
  const iterator = source[Symbol.asyncIterator]()
  let waiting: Uint8Array[] = []
  let held = 0
  return {
    async read(length) {
      while (held < length) {
        const next = await iterator.next()
        if (next.done === true) return null
        waiting.push(next.value)
        held += next.value.byteLength
      }
      const all =
        waiting.length === 1 && waiting[0] !== undefined ? Buffer.from(waiting[0]) : Buffer.concat(waiting)
      waiting = [all.subarray(length)]
      held = all.byteLength - length
      return all.subarray(0, length)
    },
  }
}
