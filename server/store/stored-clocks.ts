import * as Y from 'yjs'

/** What the stored state holds of each client id: the next clock after it. Reads the updates, builds no doc. */
export function storedClocks(snapshot: Uint8Array | null, log: readonly Uint8Array[]): Map<number, number> {
  const clocks = new Map<number, number>()
  if (snapshot !== null && snapshot.byteLength > 0) addClocks(clocks, snapshot)
  for (const update of log) addClocks(clocks, update)
  return clocks
}

export function addClocks(clocks: Map<number, number>, update: Uint8Array): void {
  for (const [id, clock] of Y.parseUpdateMeta(update).to) {
    if (clock > (clocks.get(id) ?? 0)) clocks.set(id, clock)
  }
}
