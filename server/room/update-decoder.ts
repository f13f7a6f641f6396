// Updates are read twice, by the guard and by the document. Both readers go through here: what records say again and
// again (paths, people, states) is one string however often it comes, a stamp costs no view of its bytes, and what is
// still to be judged is counted while it is read.

import * as decoding from 'lib0/decoding'
import * as Y from 'yjs'

export type Decoded = ReturnType<typeof Y.decodeUpdate>

/** As Y.applyUpdate. */
export const applyUpdate = (doc: Y.Doc, update: Uint8Array): void =>
  Y.applyUpdateV2(doc, update, undefined, UpdateDecoder)

/** A part of an update is a byte or two, and fifty times that in memory: what has too many is not decoded to its end. */
export class TooMany extends Error {}

/** Decoding is one step, so what is left of it stands here; without a bound of what has been let in. */
const left = { structs: Number.POSITIVE_INFINITY, parts: Number.POSITIVE_INFINITY }

/** As Y.decodeUpdate; of something that may have been made up. Parts are deleted ranges, and values, those in JSON too. */
export const decodeUpdate = (bytes: Uint8Array, structsMax: number, partsMax: number): Decoded => {
  left.structs = structsMax
  left.parts = partsMax
  try {
    return Y.decodeUpdateV2(bytes, UpdateDecoder)
  } finally {
    left.structs = Number.POSITIVE_INFINITY
    left.parts = Number.POSITIVE_INFINITY
  }
}

class UpdateDecoder extends Y.UpdateDecoderV1 {
  /** Of a struct whose texts Yjs reads as JSON. */
  #isJson = false

  override readInfo(): number {
    if (--left.structs < 0) throw new TooMany()
    const info = super.readInfo()
    this.#isJson = (info & CONTENT) === JSON_CONTENT
    return info
  }

  override readDsLen(): number {
    takePart()
    return super.readDsLen()
  }

  override readString(): string {
    const text = readText(this.restDecoder)
    if (this.#isJson) takeParts(text)
    return text
  }

  override readJSON(): unknown {
    const text = decoding.readVarString(this.restDecoder)
    takeParts(text)
    return JSON.parse(text)
  }

  override readAny(): unknown {
    return readValue(this.restDecoder)
  }
}

const takePart = (): void => {
  if (--left.parts < 0) throw new TooMany()
}

/** Of what says which kind of content a struct has. */
const CONTENT = 31
const JSON_CONTENT = 2

/** Of a text of JSON, before it is read: each part is the first of it, or stands behind one of these. */
const takeParts = (json: string): void => {
  if (left.parts === Number.POSITIVE_INFINITY) return
  takePart()
  for (let i = 0; i < json.length; i++) {
    const char = json[i]
    if (char === ',' || char === '[' || char === '{') takePart()
  }
}

const FLOAT64 = 123
const STRING = 119
const OBJECT = 118
const ARRAY = 117

/** As lib0 reads it, and counted. */
const readValue = (decoder: decoding.Decoder): unknown => {
  takePart()
  switch (decoder.arr[decoder.pos]) {
    case STRING:
      decoder.pos++
      return readText(decoder)
    case FLOAT64:
      decoder.pos++
      return readFloat64(decoder)
    case ARRAY:
      decoder.pos++
      return readList(decoder)
    case OBJECT:
      decoder.pos++
      return readObject(decoder)
    default:
      return decoding.readAny(decoder)
  }
}

const readList = (decoder: decoding.Decoder): unknown[] => {
  const length = decoding.readVarUint(decoder)
  // A cell, of which there are many: a list that grows has room for seventeen.
  if (length === 4) return [readValue(decoder), readValue(decoder), readValue(decoder), readValue(decoder)]
  const list: unknown[] = []
  for (let i = 0; i < length; i++) list.push(readValue(decoder))
  return list
}

const readObject = (decoder: decoding.Decoder): unknown => {
  const length = decoding.readVarUint(decoder)
  const object: Record<string, unknown> = {}
  for (let i = 0; i < length; i++) {
    const key = readText(decoder)
    object[key] = readValue(decoder)
  }
  return object
}

const float = new DataView(new ArrayBuffer(8))

const readFloat64 = (decoder: decoding.Decoder): number => {
  const { arr, pos } = decoder
  if (pos + 8 > arr.length) return decoding.readFloat64(decoder)
  for (let i = 0; i < 8; i++) float.setUint8(i, arr[pos + i] ?? 0)
  decoder.pos += 8
  return float.getFloat64(0, false)
}

/** Longer ones are seldom said twice. */
const HELD_CHARS_MAX = 32
/** A power of two. One that comes to a place takes it from whoever had it. */
const PLACES = 4096
const held: (string | undefined)[] = Array.from({ length: PLACES })

/** What is not held lib0 reads, and says what is wrong with it. */
const readText = (decoder: decoding.Decoder): string => {
  const { arr, pos } = decoder
  const length = arr[pos] ?? 0
  const from = pos + 1
  const end = from + length
  if (length > HELD_CHARS_MAX || end > arr.length) return decoding.readVarString(decoder)
  let hash = length
  for (let i = from; i < end; i++) hash = Math.imul(hash ^ (arr[i] ?? 0), 0x01000193)
  const place = (hash ^ (hash >>> 15)) & (PLACES - 1)
  const known = held[place]
  if (known !== undefined && isAt(arr, from, known, length)) {
    decoder.pos = end
    return known
  }
  const text = decoding.readVarString(decoder)
  // As long in bytes: plain ASCII. Of other letters a byte is none, and bytes that are no text would be found as one.
  if (text.length === length) held[place] = text
  return text
}

const isAt = (bytes: Uint8Array, from: number, text: string, length: number): boolean => {
  if (text.length !== length) return false
  for (let i = 0; i < length; i++) if (bytes[from + i] !== text.charCodeAt(i)) return false
  return true
}
