// Updates as an attacker writes them: byte by byte, by the format of Yjs and none of its rules.

import * as encoding from 'lib0/encoding'

export interface RawId {
  readonly client: number
  readonly clock: number
}

export type RawContent =
  | { readonly any: readonly unknown[] }
  | { readonly deleted: number }
  | { readonly string: string }
  | { readonly format: readonly [key: string, value: unknown] }
  | { readonly embed: unknown }
  | { readonly binary: Uint8Array }
  | { readonly type: number }
  | { readonly json: readonly unknown[] }
  | { readonly subdoc: string }

export type RawStruct =
  | { readonly gc: number }
  | { readonly skip: number }
  | (RawContent & {
      readonly origin?: RawId
      readonly right?: RawId
      /** A root's name, or the id of a nested type. */
      readonly parent?: string | RawId
      readonly parentSub?: string
    })

export interface RawBlock extends RawId {
  readonly structs: readonly RawStruct[]
}

export interface RawRange extends RawId {
  readonly len: number
}

export const rawUpdate = (
  blocks: readonly RawBlock[],
  deletes: readonly RawRange[] = [],
  announcedBlocks = blocks.length,
): Uint8Array => {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, announcedBlocks)
  for (const { client, clock, structs } of blocks) {
    encoding.writeVarUint(encoder, structs.length)
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, clock)
    for (const struct of structs) writeStruct(encoder, struct)
  }
  const byClient = new Map<number, RawRange[]>()
  for (const range of deletes) byClient.set(range.client, [...(byClient.get(range.client) ?? []), range])
  encoding.writeVarUint(encoder, byClient.size)
  for (const [client, ranges] of byClient) {
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, ranges.length)
    for (const { clock, len } of ranges) {
      encoding.writeVarUint(encoder, clock)
      encoding.writeVarUint(encoder, len)
    }
  }
  return encoding.toUint8Array(encoder)
}

const REF = { deleted: 1, json: 2, binary: 3, string: 4, embed: 5, format: 6, type: 7, any: 8, subdoc: 9 }

const writeStruct = (encoder: encoding.Encoder, struct: RawStruct): void => {
  if ('gc' in struct || 'skip' in struct) {
    encoding.writeUint8(encoder, 'gc' in struct ? 0 : 10)
    encoding.writeVarUint(encoder, 'gc' in struct ? struct.gc : struct.skip)
    return
  }
  const ref = Object.entries(REF).find(([key]) => key in struct)?.[1] ?? 0
  const { origin, right, parent, parentSub } = struct
  encoding.writeUint8(
    encoder,
    ref | (origin ? 0x80 : 0) | (right ? 0x40 : 0) | (parentSub === undefined ? 0 : 0x20),
  )
  if (origin) writeId(encoder, origin)
  if (right) writeId(encoder, right)
  if (!origin && !right) {
    if (typeof parent === 'object') {
      encoding.writeVarUint(encoder, 0)
      writeId(encoder, parent)
    } else {
      encoding.writeVarUint(encoder, 1)
      encoding.writeVarString(encoder, parent ?? 'cells')
    }
    if (parentSub !== undefined) encoding.writeVarString(encoder, parentSub)
  }
  writeContent(encoder, struct)
}

const writeContent = (encoder: encoding.Encoder, content: RawContent): void => {
  if ('any' in content) {
    encoding.writeVarUint(encoder, content.any.length)
    // Whatever lib0 can encode, an attacker can send.
    for (const value of content.any) encoding.writeAny(encoder, value as never)
  } else if ('deleted' in content) encoding.writeVarUint(encoder, content.deleted)
  else if ('string' in content) encoding.writeVarString(encoder, content.string)
  else if ('format' in content) {
    encoding.writeVarString(encoder, content.format[0])
    encoding.writeVarString(encoder, JSON.stringify(content.format[1]))
  } else if ('embed' in content) encoding.writeVarString(encoder, JSON.stringify(content.embed))
  else if ('binary' in content) encoding.writeVarUint8Array(encoder, content.binary)
  else if ('type' in content) encoding.writeVarUint(encoder, content.type)
  else if ('json' in content) {
    encoding.writeVarUint(encoder, content.json.length)
    for (const value of content.json) encoding.writeVarString(encoder, JSON.stringify(value))
  } else {
    encoding.writeVarString(encoder, content.subdoc)
    encoding.writeAny(encoder, {})
  }
}

const writeId = (encoder: encoding.Encoder, { client, clock }: RawId): void => {
  encoding.writeVarUint(encoder, client)
  encoding.writeVarUint(encoder, clock)
}
