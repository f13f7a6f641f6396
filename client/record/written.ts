// What was put into a document: of each client id, up to which clock. What was only deleted from it is not told by it.

import type * as Y from 'yjs'

export type Written = ReadonlyMap<number, number>

export const NOTHING_WRITTEN: Written = new Map()

export const writtenIn = ({ beforeState, afterState }: Y.Transaction): Written =>
  new Map([...afterState].filter(([client, clock]) => clock > (beforeState.get(client) ?? 0)))

/** Nothing is part of nothing: of a deletion no state says whether it holds it. */
export const holds = (state: Written, written: Written): boolean =>
  written.size > 0 && [...written].every(([client, clock]) => (state.get(client) ?? 0) >= clock)

export const joined = (one: Written, other: Written): Written => {
  const both = new Map(one)
  for (const [client, clock] of other) both.set(client, Math.max(clock, both.get(client) ?? 0))
  return both
}
