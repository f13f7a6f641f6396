// The other tabs of this browser that have the same generation of a record open, with a server and without one.
// Every tab sends its own edits to the server. What a sibling wrote and has not reported saved within two seconds
// a tab sends itself: the sibling's socket may be dead, and the sibling gone.

import * as Y from 'yjs'
import { isObject } from '../../shared/is-object.ts'
import type { StoredRecord } from '../local/record-store.ts'
import type { Surroundings, TabPort } from '../surroundings.ts'
import type { Edit } from './edit-ledger.ts'

const SAVED_WITHIN_MS = 2_000

export interface SiblingTabsParts {
  readonly port: TabPort
  readonly tab: string
  readonly surroundings: Pick<Surroundings, 'after'>
  client(): number
  stateVector(): Uint8Array
  stateAfter(vector: Uint8Array): Uint8Array
  unsaved(): readonly Edit[]
  takeIn(update: Uint8Array): void
  /** What was taken in builds on something that is not there. */
  lacks(): boolean
  /** A sibling's edit is unsaved; the answer names it for `settle`. */
  note(edit: TabEdit): number
  settle(seq: number): void
  /** What it has not reported saved is put back by whoever begins afresh, also where no device has taken it. */
  wroteUnder(client: number): void
  /** The tab that writes under this client id is alive. */
  lives(client: number): void
  send(seq: number, update: Uint8Array): void
  /** Another tab has started afresh: this generation is of the past. The later one comes with it where the device has it not. */
  overtaken(later: StoredRecord | null): void
}

export interface TabEdit {
  readonly seq: number
  readonly paths: readonly string[]
  readonly at: number
  readonly count: number
}

type TabMessage =
  | { readonly kind: 'hello'; readonly tab: string; readonly client: number; readonly vector: Uint8Array }
  | {
      readonly kind: 'state'
      readonly tab: string
      readonly to: string
      readonly client: number
      readonly update: Uint8Array
      readonly vector: Uint8Array
      readonly edits: readonly TabEdit[]
      /** It answers a state, and wants none back. */
      readonly isLast: boolean
    }
  | { readonly kind: 'edit'; readonly tab: string; readonly edit: TabEdit; readonly update: Uint8Array }
  | { readonly kind: 'saved'; readonly tab: string; readonly seqs: readonly number[] }
  | { readonly kind: 'overtaken'; readonly tab: string; readonly later?: unknown }

export class SiblingTabs {
  readonly #parts: SiblingTabsParts
  /** Unsaved edits of siblings, by tab and their number there → how the ledger here knows them. */
  readonly #awaited = new Map<string, { readonly seq: number; readonly cancel: () => void }>()
  #isClosed = false

  constructor(parts: SiblingTabsParts) {
    this.#parts = parts
  }

  start(): void {
    const { port, tab } = this.#parts
    port.onmessage = event => {
      const message = readTabMessage(event.data)
      if (message !== null && message.tab !== tab && !this.#isClosed) this.#take(message)
    }
    this.hello()
  }

  wrote(edit: Edit, update: Uint8Array): void {
    this.#post({ kind: 'edit', tab: this.#parts.tab, edit: tabEdit(edit), update })
  }

  saved(edits: readonly Edit[]): void {
    this.#post({ kind: 'saved', tab: this.#parts.tab, seqs: edits.map(({ seq }) => seq) })
  }

  overtake(later: StoredRecord | null): void {
    this.#post({ kind: 'overtaken', tab: this.#parts.tab, later })
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const { cancel } of this.#awaited.values()) cancel()
    this.#awaited.clear()
    this.#parts.port.onmessage = null
    this.#parts.port.close()
  }

  #take(message: TabMessage): void {
    const parts = this.#parts
    switch (message.kind) {
      case 'hello':
        parts.lives(message.client)
        this.#tellState(message.tab, message.vector, false)
        return
      case 'state':
        if (message.to !== parts.tab) return
        parts.lives(message.client)
        parts.takeIn(message.update)
        if (message.edits.length > 0) parts.wroteUnder(message.client)
        for (const edit of message.edits) this.#await(message.tab, edit, message.update)
        if (!message.isLast) this.#tellState(message.tab, message.vector, true)
        return
      case 'edit':
        parts.takeIn(message.update)
        for (const client of Y.parseUpdateMeta(message.update).from.keys()) parts.wroteUnder(client)
        this.#await(message.tab, message.edit, message.update)
        // Asleep, a tab hears nothing of some edits; until it has them, no server takes what it holds as a whole.
        if (parts.lacks()) this.hello()
        return
      case 'saved':
        for (const seq of message.seqs) {
          const awaited = this.#awaited.get(`${message.tab} ${seq}`)
          if (awaited === undefined) continue
          awaited.cancel()
          this.#awaited.delete(`${message.tab} ${seq}`)
          parts.settle(awaited.seq)
        }
        return
      case 'overtaken':
        parts.overtaken(isStored(message.later) ? message.later : null)
        return
    }
  }

  /** Whoever has the same generation says what it has; and who has overtaken it, that. */
  hello(): void {
    const { tab, client, stateVector } = this.#parts
    this.#post({ kind: 'hello', tab, client: client(), vector: stateVector() })
  }

  #tellState(to: string, vector: Uint8Array, isLast: boolean): void {
    const parts = this.#parts
    this.#post({
      kind: 'state',
      tab: parts.tab,
      to,
      client: parts.client(),
      update: parts.stateAfter(vector),
      vector: parts.stateVector(),
      edits: parts.unsaved().map(tabEdit),
      isLast,
    })
  }

  #await(tab: string, edit: TabEdit, update: Uint8Array): void {
    const key = `${tab} ${edit.seq}`
    if (this.#awaited.has(key)) return
    const seq = this.#parts.note(edit)
    const cancel = this.#parts.surroundings.after(SAVED_WITHIN_MS, () => this.#parts.send(seq, update))
    this.#awaited.set(key, { seq, cancel })
  }

  #post(message: TabMessage): void {
    if (!this.#isClosed) this.#parts.port.postMessage(message)
  }
}

/** In the name of a generation that is past, though the device does not know: whoever speaks there is told of the later one. */
export const tellOvertaken = (port: TabPort, tab: string, laterOnes: () => StoredRecord | null): void => {
  port.onmessage = event => {
    const message = readTabMessage(event.data)
    if (message === null || message.tab === tab) return
    // Also whoever is about to begin afresh knows of none; who knows of one says which, and is not answered.
    if (message.kind === 'overtaken' && message.later !== null && message.later !== undefined) return
    const later = laterOnes()
    if (later === null) port.close()
    else port.postMessage({ kind: 'overtaken', tab, later } satisfies TabMessage)
  }
}

/** What another version has kept otherwise is left to the device and the server. */
const isStored = (later: unknown): later is StoredRecord => {
  if (!isObject(later)) return false
  const { head, updates, ledgers } = later
  return (
    isObject(head) &&
    typeof head.generation === 'number' &&
    Array.isArray(head.handled) &&
    Array.isArray(updates) &&
    Array.isArray(ledgers)
  )
}

const tabEdit = ({ seq, paths, at, count }: Edit): TabEdit => ({ seq, paths: [...paths], at, count })

/** A tab of another version of the application speaks here too, so what arrives is looked at first. */
const readTabMessage = (data: unknown): TabMessage | null => {
  if (typeof data !== 'object' || data === null || !('kind' in data) || !('tab' in data)) return null
  const message = data as Record<string, unknown>
  const isBytes = (name: string): boolean => message[name] instanceof Uint8Array
  const isFit =
    message.kind === 'hello'
      ? isBytes('vector') && typeof message.client === 'number'
      : message.kind === 'state'
        ? isBytes('update') &&
          isBytes('vector') &&
          Array.isArray(message.edits) &&
          typeof message.isLast === 'boolean'
        : message.kind === 'edit'
          ? isBytes('update') && typeof message.edit === 'object'
          : message.kind === 'saved'
            ? Array.isArray(message.seqs)
            : message.kind === 'overtaken'
  return isFit ? (data as TabMessage) : null
}
