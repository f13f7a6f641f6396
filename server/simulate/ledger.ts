// What was written in a simulated history, and what became of it: kept beside the documents, never read from
// them, so that it can bear witness against them.

import * as Y from 'yjs'
import type { Value } from '../../shared/record/value.ts'

export interface Write {
  /** `<client id>.<clock>`: unique, and what deletes name. */
  readonly id: string
  readonly client: number
  readonly clock: number
  readonly path: string
  readonly value: Value
  readonly stamp: number
  readonly author: string
}

/** Why a value is no longer on the record. There is no other reason. */
export type Fate = 'shown' | 'own older' | 'settled' | 'retired' | 'twin' | 'witness renewed'

export class Ledger {
  readonly writes = new Map<string, Write>()
  readonly fates = new Map<string, Fate>()
  /** For each tombstone the writes that its writer had seen. */
  readonly seen = new Map<string, ReadonlySet<string>>()
  readonly charsWritten = new Set<string>()
  readonly charsDeleted = new Set<string>()

  add(write: Write): void {
    this.writes.set(write.id, write)
  }

  known(state: (client: number) => number): ReadonlySet<string> {
    return new Set(
      [...this.writes.values()].filter(({ client, clock }) => clock < state(client)).map(({ id }) => id),
    )
  }

  /** The writes of which a replica holds the ids below `state`, less those it knows to be deleted. */
  live(state: (client: number) => number, struck: ReadonlySet<string>): LiveWrites {
    const live = new Map<string, Write[]>()
    for (const write of this.writes.values()) {
      if (write.clock >= state(write.client) || struck.has(write.id)) continue
      const known = live.get(write.path)
      if (known === undefined) live.set(write.path, [write])
      else known.push(write)
    }
    return live
  }
}

export type LiveWrites = ReadonlyMap<string, readonly Write[]>

export interface DecodedUpdate {
  readonly writes: readonly Write[]
  readonly struck: readonly string[]
}

/** Reads an update's bytes as Yjs defines them, without a document. */
export const decodeUpdate = (update: Uint8Array): DecodedUpdate => {
  const { structs, ds } = Y.decodeUpdate(update)
  const writes: Write[] = []
  for (const struct of structs) {
    if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentAny)) continue
    const { client, clock } = struct.id
    struct.content.arr.forEach((content: unknown, i) => {
      // Only what `openRecord` and the simulated server wrote is read here.
      const [path, value, stamp, author] = content as [string, Value, number, string]
      writes.push({ id: `${client}.${clock + i}`, client, clock: clock + i, path, value, stamp, author })
    })
  }
  const struck: string[] = []
  for (const [client, ranges] of ds.clients) {
    for (const { clock, len } of ranges) {
      for (let i = 0; i < len; i++) struck.push(`${client}.${clock + i}`)
    }
  }
  return { writes, struck }
}
