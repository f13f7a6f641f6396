import { open, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { isMissing } from '../is-missing.ts'
import { orNull } from './sealed.ts'

/**
 * LevelDB reads its tables unchecked. Of most damage it says that it cannot decode a block, and goes on; but a key that
 * a flipped bit has put out of order ends the process when the table comes to be compacted, and does so again at each
 * start. Every block carries a checksum: where it does not match, the block gets a kind that LevelDB refuses to decode.
 *
 * A table: blocks, each followed by its kind (one byte) and its checksum (four); at its end a footer that leads to the
 * index of the blocks, and to the index of what belongs to none of them, as the filter.
 */
export const FOOTER_BYTES = 48
const MAGIC = 0xdb4775248b80fb57n
const PLAIN = 0
const SNAPPY = 1
const REFUSED = 0xff

export interface Block {
  readonly offset: number
  readonly bytes: number
}

/** Looked through in a second or two: a larger database is looked through by several calls, one after the other. */
const BYTES_AT_ONCE = 256 << 20

/**
 * Gives how many there were. The next call goes on behind the last table of this one, which is noted in a file. A
 * table that is being written has no footer yet, and is left alone.
 */
export async function refuseDamagedBlocks(
  location: string,
  notePath: string,
  bytesAtOnce = BYTES_AT_ONCE,
): Promise<number> {
  const names = (await readdir(location).catch(() => [])).filter(name => /\.(ldb|sst)$/.test(name)).sort()
  const before = await readFile(notePath, 'utf8').catch(() => '')
  let last: string | undefined
  let [count, bytes] = [0, 0]
  for (const name of [...names.filter(one => one > before), ...names.filter(one => one <= before)]) {
    if (bytes >= bytesAtOnce) break
    const path = join(location, name)
    const table = await readFile(path).catch(unlessGone)
    if (table === null) continue
    // A footer has no checksum: that one leads nowhere, LevelDB itself says.
    const damaged = orNull(() => [...blocksOf(table)].filter(block => !isIntact(table, block))) ?? []
    if (damaged.length > 0) await refuse(path, damaged)
    count += damaged.length
    bytes += table.length
    last = name
  }
  if (last !== undefined) await writeFile(notePath, last)
  return count
}

/** Another process may have the database, and be amid a compaction; that it has, LevelDB says. */
export function unlessGone(error: unknown): null {
  if (isMissing(error)) return null
  throw error
}

async function refuse(path: string, blocks: readonly Block[]): Promise<void> {
  const file = await open(path, 'r+')
  try {
    for (const { offset, bytes } of blocks) await file.write(Uint8Array.of(REFUSED), 0, 1, offset + bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

function* blocksOf(table: Buffer): Generator<Block> {
  if (!hasFooter(table)) return
  for (const index of indexesOf(table)) {
    if (!isWithin(table, index)) continue
    yield index
    // Of what lies beneath a damaged index nothing is known, and LevelDB asks for none of it.
    if (isIntact(table, index)) yield* entriesOf(table, index)
  }
}

/** Whether a table, or the end of one, ends as tables do. */
export const hasFooter = (table: Buffer): boolean =>
  table.length >= FOOTER_BYTES && table.readBigUInt64LE(table.length - 8) === MAGIC

/** Of what belongs to no block, and of the blocks. */
function indexesOf(table: Buffer): [Block, Block] {
  const footer = decoding.createDecoder(table.subarray(-FOOTER_BYTES))
  return [readBlock(footer), readBlock(footer)]
}

/** Whether LevelDB finds the blocks of a table. */
export function hasWholeIndex(table: Buffer): boolean {
  if (!hasFooter(table)) return false
  const index = orNull(() => indexesOf(table)[1])
  if (index === null || !isWithin(table, index)) return false
  return table[index.offset + index.bytes] !== REFUSED && isIntact(table, index)
}

export function contentOf(table: Buffer, { offset, bytes }: Block): Buffer {
  const stored = table.subarray(offset, offset + bytes)
  return table[offset + bytes] === SNAPPY ? unsnappy(stored) : stored
}

/** Values of an index are blocks. */
function* entriesOf(table: Buffer, block: Block): Generator<Block> {
  const index = contentOf(table, block)
  const restarts = index.readUInt32LE(index.length - 4)
  const decoder = decoding.createDecoder(index.subarray(0, index.length - 4 * (restarts + 1)))
  while (decoding.hasContent(decoder)) {
    decoding.readVarUint(decoder)
    const keyBytes = decoding.readVarUint(decoder)
    const valueBytes = decoding.readVarUint(decoder)
    decoder.pos += keyBytes
    const end = decoder.pos + valueBytes
    const block = readBlock(decoder)
    decoder.pos = end
    if (isWithin(table, block)) yield block
  }
}

const readBlock = (decoder: decoding.Decoder): Block => ({
  offset: decoding.readVarUint(decoder),
  bytes: decoding.readVarUint(decoder),
})

export const TRAILER_BYTES = 5

const isWithin = (table: Buffer, { offset, bytes }: Block): boolean =>
  offset + bytes + TRAILER_BYTES <= table.length - FOOTER_BYTES

function isIntact(table: Buffer, { offset, bytes }: Block): boolean {
  const end = offset + bytes + 1
  const kind = table[end - 1]
  if (kind !== PLAIN && kind !== SNAPPY) return kind === REFUSED
  return masked(crc32c(table.subarray(offset, end))) === table.readUInt32LE(end)
}

/** The end of a table that leads to its indexes. */
export function footerOf(indexes: readonly Block[]): Buffer {
  const encoder = encoding.createEncoder()
  for (const { offset, bytes } of indexes) {
    encoding.writeVarUint(encoder, offset)
    encoding.writeVarUint(encoder, bytes)
  }
  const footer = Buffer.alloc(FOOTER_BYTES)
  footer.set(encoding.toUint8Array(encoder))
  footer.writeBigUInt64LE(MAGIC, FOOTER_BYTES - 8)
  return footer
}

/** A block as it lies in a table. */
export function sealBlock(content: Uint8Array): Buffer {
  const kinded = Buffer.concat([content, Uint8Array.of(PLAIN)])
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32LE(masked(crc32c(kinded)))
  return Buffer.concat([kinded, checksum])
}

/** Blocks that lie one behind the other, each found by its checksum, up to the first of which not all is there. */
export function* wholeBlocks(table: Buffer): Generator<Block> {
  let offset = 0
  let crc = CRC_BEGIN
  for (let at = 0; at + TRAILER_BYTES <= table.length; at++) {
    const byte = table[at] ?? 0
    crc = crcBehind(crc, byte)
    if ((byte !== PLAIN && byte !== SNAPPY) || masked(crcEnd(crc)) !== table.readUInt32LE(at + 1)) continue
    yield { offset, bytes: at - offset }
    offset = at + TRAILER_BYTES
    at = offset - 1
    crc = CRC_BEGIN
  }
}

/** As LevelDB stores a checksum. */
const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0

/** Castagnoli's polynomial; `zlib` knows the other. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, i) => {
  let crc = i
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  return crc
})

const CRC_BEGIN = 0xffffffff

const crcBehind = (crc: number, byte: number): number => (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)

const crcEnd = (crc: number): number => (crc ^ 0xffffffff) >>> 0

function crc32c(data: Uint8Array): number {
  let crc = CRC_BEGIN
  for (const byte of data) crc = crcBehind(crc, byte)
  return crcEnd(crc)
}

/** What the index was before Snappy: a length, then literals and copies of what came before. */
function unsnappy(stored: Uint8Array): Buffer {
  const decoder = decoding.createDecoder(stored)
  const out = Buffer.alloc(decoding.readVarUint(decoder))
  let at = 0
  while (decoding.hasContent(decoder)) {
    const tag = decoding.readUint8(decoder)
    if ((tag & 3) === 0) {
      const short = tag >> 2
      const length = 1 + (short < 60 ? short : readLittleEndian(decoder, short - 59))
      out.set(decoding.readUint8Array(decoder, length), at)
      at += length
      continue
    }
    const isNear = (tag & 3) === 1
    const length = isNear ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2)
    const back = isNear
      ? ((tag >> 5) << 8) | decoding.readUint8(decoder)
      : readLittleEndian(decoder, (tag & 3) === 2 ? 2 : 4)
    // What is copied may reach into what the copy itself writes.
    for (let i = 0; i < length; i++, at++) out[at] = out[at - back] ?? 0
  }
  return out
}

const readLittleEndian = (decoder: decoding.Decoder, bytes: number): number => {
  let value = 0
  for (let i = 0; i < bytes; i++) value += decoding.readUint8(decoder) * 2 ** (8 * i)
  return value
}
