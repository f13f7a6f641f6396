// An update as it came from a socket, decoded and held against the shape that both of Yjs's readers agree on.
// Nothing here looks at the room: what a crafted update could mean to one reader and not to another ends here.

import * as decoding from 'lib0/decoding'
import type * as Y from 'yjs'
import { type Decoded, decodeUpdate, TooMany } from './update-decoder.ts'

export interface IncomingUpdate {
  readonly structs: readonly (Y.Item | Y.GC | Y.Skip)[]
  /** The ranges of each client one after the other. */
  readonly deletes: Decoded['ds']
}

export type ParsedUpdate = IncomingUpdate | Malformed

/** It cannot be read; or it is too large to be, which whoever sent it can do something about. */
interface Malformed {
  readonly malformed: string
  readonly code: 'MALFORMED' | 'TOO_LARGE'
}

const malformed = (sentence: string): Malformed => ({ malformed: sentence, code: 'MALFORMED' })

/** Deleted ranges, and values: of a cell's value each part is one. So many structs have no more of either. */
const PARTS_A_STRUCT = 8
const STRUCTS_MIN = 100_000

const decode = (bytes: Uint8Array, structsMax: number): Decoded =>
  decodeUpdate(bytes, structsMax, Math.max(structsMax, STRUCTS_MIN) * PARTS_A_STRUCT)

/** Under which client ids it writes; none where that cannot be told. */
export const clientsIn = (bytes: Uint8Array, structsMax: number): number[] => {
  try {
    return [...new Set(decode(bytes, structsMax).structs.map(({ id }) => id.client))]
  } catch {
    return []
  }
}

/** Clocks stay far below what a varint or a bitwise operation could bend. */
const CLOCK_MAX = 2 ** 31
const CLIENT_MAX = 2 ** 53 - 1

export const parseUpdate = (bytes: Uint8Array, structsMax: number): ParsedUpdate => {
  let decoded: Decoded
  let blocks: number
  try {
    // A count that the bytes cannot hold would only be noticed after as many rounds.
    blocks = decoding.readVarUint(decoding.createDecoder(bytes))
    if (blocks > bytes.length) return malformed('it announces more blocks than it has bytes')
    decoded = decode(bytes, structsMax)
  } catch (error) {
    if (!(error instanceof TooMany)) return malformed('it cannot be decoded')
    const sentence = `one change has more than ${structsMax} structs, or parts of them: make it in several`
    return { malformed: sentence, code: 'TOO_LARGE' }
  }
  const structs = decoded.structs as (Y.Item | Y.GC | Y.Skip)[]
  const problem = blocksProblem(structs, blocks) ?? deletesProblem(decoded.ds)
  return problem === null ? { structs, deletes: decoded.ds } : malformed(problem)
}

/** One block a client id, its structs one after the other: Yjs reads [A,B] but integrates only [B]. */
const blocksProblem = (structs: IncomingUpdate['structs'], blocks: number): string | null => {
  let runs = 0
  let client = -1
  let next = 0
  let seen: Set<number> | null = null
  for (const { id, length } of structs) {
    if (id.client !== client) {
      if (runs > 0) seen = (seen ?? new Set()).add(client)
      client = id.client
      if (!(client >= 0 && client <= CLIENT_MAX) || seen?.has(client) === true)
        return 'a client id has more than one block'
      runs++
    } else if (id.clock !== next) {
      return 'the clocks of a block do not follow each other'
    }
    if (!(length > 0) || !(id.clock >= 0) || id.clock + length >= CLOCK_MAX) return 'a clock is out of range'
    next = id.clock + length
  }
  return runs === blocks ? null : 'its blocks and its client ids differ in number'
}

/** Yjs sorts and joins what it writes, and looks through it as sorted; what it deletes twice it counts once. */
const deletesProblem = ({ clients }: IncomingUpdate['deletes']): string | null => {
  for (const ranges of clients.values()) {
    let next = 0
    for (const { clock, len } of ranges) {
      if (!(clock >= 0) || !(len > 0) || clock + len >= CLOCK_MAX) return 'a deleted range is out of bounds'
      if (clock < next) return 'its deleted ranges do not follow each other'
      next = clock + len
    }
  }
  return null
}
