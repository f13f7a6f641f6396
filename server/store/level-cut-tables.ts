import { open, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import type { Database } from './level.ts'
import { partsOf } from './level-layout.ts'
import {
  type Block,
  contentOf,
  FOOTER_BYTES,
  footerOf,
  hasFooter,
  hasWholeIndex,
  sealBlock,
  TRAILER_BYTES,
  unlessGone,
  wholeBlocks,
} from './level-tables.ts'
import { orNull } from './sealed.ts'

/** As LevelDB has it noted. */
interface Table {
  readonly path: string
  readonly bytes: number
}

/** Whether a table is shorter than it was written, or has not its end: LevelDB reads no entry of it then. */
export async function hasCutTables(db: Database): Promise<boolean> {
  for (const table of tablesOf(db)) if (await isCut(table)) return true
  return false
}

/** What of a table is gone, and behind which record; null where nothing of it is left. */
export interface Loss {
  readonly table: string
  readonly bytes: number
  readonly left: number
  readonly behind: string | null
}

/**
 * What leads to the blocks of a table lies at its end. The blocks that are left get an index anew, behind where the
 * table ended, and a footer where LevelDB looks for it: what is left of the table is not overwritten, and after a
 * crash it is done once more. Null where there was nothing to mend.
 */
export async function mendCutTables(db: Database): Promise<readonly Loss[] | null> {
  let losses: Loss[] | null = null
  for (const table of tablesOf(db)) {
    const left = await readFile(table.path).catch(unlessGone)
    if (left === null || hasWholeIndex(left)) continue
    losses ??= []
    losses.push(...(await writeIndex(table, left)))
  }
  return losses
}

function tablesOf(db: Database): Table[] {
  // The type has what a browser's database has, too.
  const described = (db as Database & { getProperty(name: string): string }).getProperty('leveldb.sstables')
  return [...described.matchAll(/^ (\d+):(\d+)\[/gm)].map(([, number = '', bytes]) => ({
    path: join(db.location, `${number.padStart(6, '0')}.ldb`),
    bytes: Number(bytes),
  }))
}

async function isCut({ path, bytes }: Table): Promise<boolean> {
  const file = await open(path).catch(unlessGone)
  // Compacted into others meanwhile.
  if (file === null) return false
  try {
    if ((await file.stat()).size !== bytes) return true
    const footer = Buffer.alloc(FOOTER_BYTES)
    await file.read(footer, 0, FOOTER_BYTES, bytes - FOOTER_BYTES)
    return !hasFooter(footer)
  } finally {
    await file.close()
  }
}

async function writeIndex({ path, bytes }: Table, left: Buffer): Promise<Loss[]> {
  const entries: [lastKey: Buffer, block: Block][] = []
  let isWhole = false
  for (const block of wholeBlocks(left.subarray(0, bytes - FOOTER_BYTES))) {
    const lastKey = orNull(() => lastKeyOf(contentOf(left, block)))
    // Behind the blocks of entries lie those of the table itself.
    isWhole = lastKey === null
    if (lastKey === null) break
    entries.push([lastKey, block])
  }
  const [index, none] = [sealBlock(indexOf(entries)), sealBlock(indexOf([]))]
  const footer = footerOf([
    { offset: bytes + index.length, bytes: none.length - TRAILER_BYTES },
    { offset: bytes, bytes: index.length - TRAILER_BYTES },
  ])
  const file = await open(path, 'r+')
  try {
    await file.write(Buffer.concat([footer, index, none]), 0, null, bytes - FOOTER_BYTES)
    await file.sync()
  } finally {
    await file.close()
  }
  if (isWhole) return []
  const [lastKey = null, block] = entries.at(-1) ?? []
  const [behind = null] = lastKey === null ? [] : partsOf(lastKey.subarray(0, -KEY_END_BYTES).toString())
  return [
    { table: basename(path), bytes, left: block === undefined ? 0 : block.offset + block.bytes, behind },
  ]
}

/** Behind each key stand the number of the write and, in one byte, whether it put or removed. */
const KEY_END_BYTES = 8

/** Throws where the block is none of entries. */
function lastKeyOf(block: Buffer): Buffer {
  const restarts = block.readUInt32LE(block.length - 4)
  const decoder = decoding.createDecoder(block.subarray(0, block.length - 4 * (restarts + 1)))
  let key = Buffer.alloc(0)
  while (decoding.hasContent(decoder)) {
    const shared = decoding.readVarUint(decoder)
    const bytes = decoding.readVarUint(decoder)
    const valueBytes = decoding.readVarUint(decoder)
    key = Buffer.concat([key.subarray(0, shared), decoding.readUint8Array(decoder, bytes)])
    if (key.readUInt8(key.length - KEY_END_BYTES) > 1) throw new Error('no key of an entry')
    decoding.readUint8Array(decoder, valueBytes)
  }
  if (key.length === 0) throw new Error('no entries')
  return key
}

/** Of each block its last key and where it lies; then where each of these begins, as LevelDB looks among them. */
function indexOf(entries: readonly (readonly [lastKey: Uint8Array, block: Block])[]): Uint8Array {
  const encoder = encoding.createEncoder()
  const starts: number[] = []
  for (const [key, { offset, bytes }] of entries) {
    starts.push(encoding.length(encoder))
    const block = encoding.encode(one => {
      encoding.writeVarUint(one, offset)
      encoding.writeVarUint(one, bytes)
    })
    encoding.writeVarUint(encoder, 0)
    encoding.writeVarUint(encoder, key.length)
    encoding.writeVarUint(encoder, block.length)
    encoding.writeUint8Array(encoder, key)
    encoding.writeUint8Array(encoder, block)
  }
  if (starts.length === 0) starts.push(0)
  for (const start of [...starts, starts.length]) encoding.writeUint32(encoder, start)
  return encoding.toUint8Array(encoder)
}
