// What a room holds of its document: the encoded state as it came from the store, or a doc. The encoded state
// answers who joins; a doc is built when somebody edits, and let go of when nobody does.

import * as decoding from 'lib0/decoding'
import * as Y from 'yjs'
import { writeSyncStep2 } from '../../shared/wire/sync-message.ts'
import { SharedMessage } from '../link/shared-message.ts'
import { isEmptyUpdate, type RoomDoc } from './room-doc.ts'

type State =
  | { readonly kind: 'stored'; readonly encoded: Uint8Array }
  | { readonly kind: 'log'; readonly parts: readonly Uint8Array[] }
  | {
      readonly kind: 'live'
      readonly doc: RoomDoc
      encoded: Uint8Array | null
      stateVector: Uint8Array | null
    }

export const EMPTY_UPDATE = new Uint8Array([0, 0])
export const EMPTY_STATE_VECTOR = new Uint8Array([0])

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
  #welcome: { readonly update: Uint8Array; readonly commit: number; readonly message: SharedMessage } | null =
    null

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
    const { encoded } = state
    return isEmptyStateVector(stateVector) || isEmptyUpdate(encoded)
      ? encoded
      : Y.diffUpdate(encoded, stateVector)
  }

  /** All of it as the answer to an empty state vector, framed and compressed once for whoever comes with nothing. */
  wholeState(commit: number, { isKept }: { readonly isKept: boolean }): SharedMessage {
    const update = this.encode()
    const known = this.#welcome
    if (known !== null && known.update === update && known.commit === commit) return known.message
    const message = new SharedMessage(writeSyncStep2(update, commit))
    this.#welcome = isKept ? { update, commit, message } : null
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
    this.#welcome = null
    this.close()
    if (!isEmptyUpdate(encoded)) this.#state = { kind: 'stored', encoded }
    return encoded
  }

  close(): void {
    if (this.#state.kind === 'live') this.#state.doc.close()
    this.#state = EMPTY
  }
}

const partsOf = (state: Exclude<State, { kind: 'live' }>): readonly Uint8Array[] => {
  if (state.kind === 'log') return state.parts
  return isEmptyUpdate(state.encoded) ? [] : [state.encoded]
}
