// What a room holds of its document: the encoded state as it came from the store, or a doc. The encoded state
// answers who joins; a doc is built when somebody edits, and let go of when nobody does.

import * as decoding from 'lib0/decoding'
import * as Y from 'yjs'
import { writeSyncStep2 } from '../../shared/wire/sync-message.ts'
import { SharedMessage } from '../link/shared-message.ts'
import { isEmptyUpdate, type RoomDoc } from './room-doc.ts'

type State =
  | { readonly kind: 'stored'; readonly encoded: Uint8Array }
  | { readonly kind: 'packed'; readonly text: string }
  | { readonly kind: 'log'; readonly parts: readonly Uint8Array[] }
  | {
      readonly kind: 'live'
      readonly doc: RoomDoc
      encoded: Uint8Array | null
      stateVector: Uint8Array | null
    }

export const EMPTY_UPDATE = new Uint8Array([0, 0])
export const EMPTY_STATE_VECTOR = new Uint8Array([0])

/** A small state that nobody edits lies in a string: a typed array takes 200 bytes beside what it holds. */
const PACKED_BYTES_MAX = 4_096

const pack = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString('latin1')

const unpack = (text: string): Uint8Array => Buffer.from(text, 'latin1')

const EMPTY: State = { kind: 'stored', encoded: EMPTY_UPDATE }

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
  #state: State = EMPTY
  #welcome: { readonly commit: number; readonly message: SharedMessage } | null = null

  constructor(builder: DocBuilder) {
    this.#builder = builder
  }

  load(parts: readonly Uint8Array[]): void {
    const [encoded = EMPTY_UPDATE] = parts
    this.#state = parts.length > 1 ? { kind: 'log', parts } : { kind: 'stored', encoded }
  }

  get isLive(): boolean {
    return this.#state.kind === 'live'
  }

  /** Updates have been accepted and wait for the end of the turn. */
  get hasTaken(): boolean {
    return this.#state.kind === 'live' && this.#state.doc.hasTaken
  }

  /** The doc, built if need be. */
  get doc(): RoomDoc {
    if (this.#state.kind === 'live') return this.#state.doc
    const doc = this.#builder.buildDoc(partsOf(this.#state))
    this.#state = { kind: 'live', doc, encoded: null, stateVector: null }
    return doc
  }

  /** The doc has changed. */
  edited(): void {
    this.#welcome = null
    if (this.#state.kind !== 'live') return
    this.#state.encoded = null
    this.#state.stateVector = null
  }

  encode(stateVector: Uint8Array = EMPTY_STATE_VECTOR): Uint8Array {
    const state = this.#state
    if (state.kind === 'live') {
      if (!isEmptyStateVector(stateVector)) return Y.encodeStateAsUpdate(state.doc.doc, stateVector)
      state.encoded ??= Y.encodeStateAsUpdate(state.doc.doc)
      return state.encoded
    }
    if (state.kind === 'log') {
      if (state.parts.length > MERGED_PARTS_MAX) return this.doc && this.encode(stateVector)
      this.#state = { kind: 'stored', encoded: Y.mergeUpdates([...state.parts]) }
      return this.encode(stateVector)
    }
    const encoded = state.kind === 'packed' ? unpack(state.text) : state.encoded
    return isEmptyStateVector(stateVector) || isEmptyUpdate(encoded)
      ? encoded
      : Y.diffUpdate(encoded, stateVector)
  }

  /** All of it as the answer to an empty state vector, framed and compressed once for whoever comes with nothing. */
  wholeState(commit: number, { isKept }: { readonly isKept: boolean }): SharedMessage {
    if (this.#welcome?.commit === commit) return this.#welcome.message
    const message = new SharedMessage(writeSyncStep2(this.encode(), commit))
    this.#welcome = isKept ? { commit, message } : null
    return message
  }

  get stateVector(): Uint8Array {
    const state = this.#state
    if (state.kind === 'live') {
      state.stateVector ??= Y.encodeStateVector(state.doc.doc)
      return state.stateVector
    }
    const encoded = this.encode()
    return isEmptyUpdate(encoded) ? EMPTY_STATE_VECTOR : Y.encodeStateVectorFromUpdate(encoded)
  }

  /** Lets go of the doc; its encoded state stays. */
  cool(): Uint8Array {
    const encoded = this.encode()
    this.close()
    if (isEmptyUpdate(encoded)) return encoded
    const isSmall = encoded.length <= PACKED_BYTES_MAX
    this.#state = isSmall ? { kind: 'packed', text: pack(encoded) } : { kind: 'stored', encoded }
    return encoded
  }

  close(): void {
    this.#welcome = null
    if (this.#state.kind === 'live') this.#state.doc.close()
    this.#state = EMPTY
  }
}

const partsOf = (state: Exclude<State, { kind: 'live' }>): readonly Uint8Array[] => {
  if (state.kind === 'log') return state.parts
  if (state.kind === 'packed') return [unpack(state.text)]
  return isEmptyUpdate(state.encoded) ? [] : [state.encoded]
}
