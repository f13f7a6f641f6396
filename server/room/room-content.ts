// What a room holds of its document: the encoded state as it came from the store, or a doc. The encoded state
// answers who joins; a doc is built when somebody edits, and let go of when nobody does.

import { constants, inflateRawSync } from 'node:zlib'
import * as decoding from 'lib0/decoding'
import * as Y from 'yjs'
import { writeSyncStep2 } from '../../shared/wire/sync-message.ts'
import { deflated, SharedMessage } from '../link/shared-message.ts'
import { isEmptyUpdate, type RoomDoc } from './room-doc.ts'
import { RoomWeight } from './room-weight.ts'

/** As bytes, or as parts that are to be merged, or packed, or squeezed, or as a doc. */
type State = Uint8Array | readonly Uint8Array[] | string | Squeezed | Live

/** A doc, and what was computed of it since it was last edited. */
class Live {
  readonly doc: RoomDoc
  readonly weight = new RoomWeight()
  encoded: Uint8Array | null = null
  stateVector: Uint8Array | null = null

  constructor(doc: RoomDoc) {
    this.doc = doc
  }
}

/** A large state where memory is short. */
class Squeezed {
  readonly deflated: Uint8Array

  constructor(deflated: Uint8Array) {
    this.deflated = deflated
  }
}

export const EMPTY_UPDATE = new Uint8Array([0, 0])
export const EMPTY_STATE_VECTOR = new Uint8Array([0])

/** A small state that nobody edits lies in a string: a typed array takes 200 bytes beside what it holds. */
const PACKED_BYTES_MAX = 4_096

const pack = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString('latin1')

/** Smaller ones cost more time than they give memory. */
const SQUEEZED_BYTES_MIN = 16 * 1024

const bytesOf = (state: Uint8Array | string | Squeezed): Uint8Array => {
  if (typeof state === 'string') return Buffer.from(state, 'latin1')
  return state instanceof Squeezed ? inflateRawSync(state.deflated) : state
}

/** How many client ids a state vector names; it says so first. */
export const entriesOf = (stateVector: Uint8Array): number =>
  decoding.readVarUint(decoding.createDecoder(stateVector))

export const isEmptyStateVector = (stateVector: Uint8Array): boolean =>
  stateVector.length === 1 && stateVector[0] === 0

/** A stored log this short is merged as bytes; a longer one is replayed into a doc, which is faster. */
export const MERGED_PARTS_MAX = 8

/** Makes a doc of what the store has. */
export interface DocBuilder {
  buildDoc(parts: readonly Uint8Array[]): RoomDoc
}

export class RoomContent {
  readonly #builder: DocBuilder
  #state: State = EMPTY_UPDATE
  #welcome: { readonly commit: number; readonly message: SharedMessage } | null = null

  constructor(builder: DocBuilder) {
    this.#builder = builder
  }

  load(parts: readonly Uint8Array[]): void {
    const [encoded = EMPTY_UPDATE] = parts
    this.#state = parts.length > 1 ? parts : encoded
  }

  get #live(): Live | null {
    return this.#state instanceof Live ? this.#state : null
  }

  get isLive(): boolean {
    return this.#live !== null
  }

  /** Updates have been accepted and wait for the end of the turn. */
  get hasTaken(): boolean {
    return this.#live?.doc.hasTaken === true
  }

  /** The doc, built if need be. */
  get doc(): RoomDoc {
    return this.#built.doc
  }

  /** Of the doc, which is built if need be. */
  get weight(): RoomWeight {
    return this.#built.weight
  }

  get #built(): Live {
    const state = this.#state
    if (state instanceof Live) return state
    const live = new Live(this.#builder.buildDoc(partsOf(state)))
    this.#state = live
    return live
  }

  /** The doc has changed. */
  edited(): void {
    this.#welcome = null
    const live = this.#live
    if (live === null) return
    live.encoded = null
    live.stateVector = null
  }

  encode(stateVector: Uint8Array = EMPTY_STATE_VECTOR): Uint8Array {
    const state = this.#state
    const asksAll = isEmptyStateVector(stateVector)
    if (state instanceof Live) {
      if (!asksAll) return Y.encodeStateAsUpdate(state.doc.doc, stateVector)
      state.encoded ??= Y.encodeStateAsUpdate(state.doc.doc)
      return state.encoded
    }
    if (isLog(state)) {
      if (state.length > MERGED_PARTS_MAX) return this.doc && this.encode(stateVector)
      this.#state = Y.mergeUpdates([...state])
      return this.encode(stateVector)
    }
    const encoded = bytesOf(state)
    return asksAll || isEmptyUpdate(encoded) ? encoded : Y.diffUpdate(encoded, stateVector)
  }

  /** All of it as the answer to an empty state vector, framed and compressed once for whoever comes with nothing. */
  wholeState(commit: number, { isKept }: { readonly isKept: boolean }): SharedMessage {
    if (this.#welcome?.commit === commit) return this.#welcome.message
    const message = new SharedMessage(writeSyncStep2(this.encode(), commit))
    this.#welcome = isKept ? { commit, message } : null
    return message
  }

  get stateVector(): Uint8Array {
    const live = this.#live
    if (live !== null) {
      live.stateVector ??= Y.encodeStateVector(live.doc.doc)
      return live.stateVector
    }
    const encoded = this.encode()
    return isEmptyUpdate(encoded) ? EMPTY_STATE_VECTOR : Y.encodeStateVectorFromUpdate(encoded)
  }

  /** Lets go of the doc; its encoded state stays. */
  cool(): Uint8Array {
    const encoded = this.encode()
    this.close()
    if (!isEmptyUpdate(encoded)) this.#state = encoded.length <= PACKED_BYTES_MAX ? pack(encoded) : encoded
    return encoded
  }

  /** Takes as little memory as it can, until it is edited. */
  async squeeze(): Promise<void> {
    this.#welcome = null
    const state = this.#state
    if (!(state instanceof Uint8Array) || state.length < SQUEEZED_BYTES_MIN) return
    // Without memory even for that it stays as it is.
    const squeezed = await deflated(state, FAST).catch(() => null)
    // Meanwhile somebody may have edited it.
    if (squeezed !== null && this.#state === state) this.#state = new Squeezed(squeezed)
  }

  close(): void {
    this.#welcome = null
    this.#live?.doc.close()
    this.#state = EMPTY_UPDATE
  }
}

const FAST = { level: constants.Z_BEST_SPEED }

const isLog = (state: State): state is readonly Uint8Array[] => Array.isArray(state)

const partsOf = (state: Exclude<State, Live>): readonly Uint8Array[] => {
  if (isLog(state)) return state
  const encoded = bytesOf(state)
  return isEmptyUpdate(encoded) ? [] : [encoded]
}
