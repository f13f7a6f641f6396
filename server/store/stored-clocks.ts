import * as Y from 'yjs'

/** What the stored state holds of each client id: the next clock after it. Reads the updates, builds no doc. */
export function storedClocks(snapshot: Uint8Array | null, log: readonly Uint8Array[]): Map<number, number> {
  const clocks = new Map<number, number>()
  const see = (update: Uint8Array): void => {
    for (const [id, clock] of Y.parseUpdateMeta(update).to) {
      if (clock > (clocks.get(id) ?? 0)) clocks.set(id, clock)
    }
  }
  if (snapshot !== null && snapshot.byteLength > 0) see(snapshot)
  for (const update of log) see(update)
  return clocks
}
