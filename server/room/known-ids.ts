// What whoever wrote something must have had before them. Yjs puts an item only where its neighbours are, and takes
// a client's ids one after the other: so who has an id has those that it rests on, and theirs.

import * as Y from 'yjs'
import type { NewIds } from './new-ids.ts'

export class KnownIds {
  readonly #doc: Y.Doc
  /** What came in this turn, which the doc does not have yet. */
  readonly #newIds: readonly NewIds[]
  /** Of each client up to which clock. */
  readonly #ends: Map<number, number>

  constructor(doc: Y.Doc, newIds: readonly NewIds[] = [], ends: ReadonlyMap<number, number> = new Map()) {
    this.#doc = doc
    this.#newIds = newIds
    this.#ends = new Map(ends)
  }

  has({ client, clock }: Y.ID): boolean {
    return clock < (this.#ends.get(client) ?? 0)
  }

  /** These, and what came in this turn besides. */
  with(newIds: readonly NewIds[]): KnownIds {
    return new KnownIds(this.#doc, newIds, this.#ends)
  }

  /** The id, and all that it rests on; answers through how much it went. */
  add(first: Y.ID | null): number {
    const waiting = [first]
    let visited = 0
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      if (id === null || this.has(id)) continue
      const from = this.#ends.get(id.client) ?? 0
      this.#ends.set(id.client, id.clock + 1)
      for (const { origin, rightOrigin } of this.#among(id.client, from, id.clock + 1)) {
        visited++
        if (origin !== null && !this.has(origin)) waiting.push(origin)
        if (rightOrigin !== null && !this.has(rightOrigin)) waiting.push(rightOrigin)
      }
    }
    return visited
  }

  *#among(client: number, from: number, end: number): Iterable<Pick<Y.Item, 'origin' | 'rightOrigin'>> {
    const structs = this.#doc.store.clients.get(client) ?? []
    if (from < Y.getState(this.#doc.store, client)) {
      for (let i = Y.findIndexSS(structs, from); i < structs.length; i++) {
        const struct = structs[i]
        if (struct === undefined || struct.id.clock >= end) break
        // What was collected has forgotten what it rested on.
        if (struct instanceof Y.Item) yield struct
      }
    }
    for (const ids of this.#newIds) yield* ids.among(client, from, end)
  }
}

/** Of those who wrote lately into a text where others write. */
export class KnownByClient {
  readonly #doc: Y.Doc
  readonly #byClient = new Map<number, KnownIds>()

  constructor(doc: Y.Doc) {
    this.#doc = doc
  }

  /** What a client must have had, as far as that was looked for. */
  of(client: number): KnownIds {
    const known = this.#byClient.get(client) ?? new KnownIds(this.#doc)
    this.#byClient.delete(client)
    this.#byClient.set(client, known)
    const [oldest] = this.#byClient.keys()
    if (this.#byClient.size > CLIENTS_MAX && oldest !== undefined) this.#byClient.delete(oldest)
    return known
  }
}

/** Each takes a number for each client that wrote the record. */
const CLIENTS_MAX = 32
