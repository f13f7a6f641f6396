import * as Y from 'yjs'
import { ServerDoc } from './server-doc.ts'
import type { StoredRoom } from '../store/store.ts'

/** The document of a stored room, replayed update by update: merging a long log as bytes takes seconds. */
export function storedDoc({ snapshot, log }: Pick<StoredRoom, 'snapshot' | 'log'>): Y.Doc {
  const doc = new ServerDoc()
  if (snapshot !== null) Y.applyUpdate(doc, snapshot)
  for (const update of log) Y.applyUpdate(doc, update)
  return doc
}
