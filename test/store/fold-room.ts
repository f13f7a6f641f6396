// What a server does with a log that has grown long, for a room that nobody has open.

import * as Y from 'yjs'
import type { Head, Store, StoredRoom } from '../../server/store/store.ts'

/** Updates replayed before others get a turn: some 5 ms. */
const REPLAY_AT_ONCE = 400

/**
 * A doc with the stored state. Updates are applied one by one, each in a transaction of its own: joined into one
 * (or by `Y.mergeUpdates`), Yjs copies neighbouring pushes over and over, and 20,000 of them take seconds and
 * gigabytes. Others get their turn in between.
 */
export async function replay(
  stored: Pick<StoredRoom, 'snapshot' | 'log'>,
  doc: Y.Doc = new Y.Doc(),
): Promise<Y.Doc> {
  if (stored.snapshot !== null && stored.snapshot.byteLength > 0) Y.applyUpdate(doc, stored.snapshot)
  for (const [i, update] of stored.log.entries()) {
    if (i % REPLAY_AT_ONCE === REPLAY_AT_ONCE - 1) await new Promise(setImmediate)
    Y.applyUpdate(doc, update)
  }
  return doc
}

/** Folds a room that nobody has open; what is committed meanwhile stays in its log. */
export async function foldRoom(
  store: Pick<Store, 'loadRoom' | 'compactRoom'>,
  room: string,
): Promise<Head | null> {
  const stored = await store.loadRoom(room)
  if (stored === null || stored.head.logEntries === 0) return stored?.head ?? null
  const doc = await replay(stored)
  const snapshot = Y.encodeStateAsUpdate(doc)
  doc.destroy()
  return store.compactRoom(room, snapshot, stored.head.commit)
}
