import type * as Y from 'yjs'
import { ServerDoc } from './server-doc.ts'
import type { StoredRoom } from '../store/store.ts'
import { applyUpdate } from './update-decoder.ts'

/** Replayed one by one: merging a long log as bytes takes seconds where this takes milliseconds. */
export const replayed = (updates: Iterable<Uint8Array>): Y.Doc => {
  const doc = new ServerDoc()
  for (const update of updates) applyUpdate(doc, update)
  return doc
}

export const storedUpdates = ({ snapshot, log }: Pick<StoredRoom, 'snapshot' | 'log'>): Uint8Array[] => [
  ...(snapshot === null ? [] : [snapshot]),
  ...log,
]

/** The document of a stored room. */
export const storedDoc = (stored: Pick<StoredRoom, 'snapshot' | 'log'>): Y.Doc =>
  replayed(storedUpdates(stored))
