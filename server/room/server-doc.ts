// Yjs documents as a server holds them: by the thousand, each edited now and then, all in one heap.

import * as Y from 'yjs'

type EmitArgs = Parameters<Y.Doc['emit']>

export class ServerDoc extends Y.Doc {
  constructor() {
    // Nobody asks for its guid, which Yjs would draw by sixteen calls for random bytes.
    super({ gc: true, guid: '' })
  }

  override emit(name: EmitArgs[0], args: EmitArgs[1]): void {
    // Yjs makes a map to go through even where nobody listens: six of them a transaction.
    if (this._observers.has(name)) super.emit(name, args)
    if (name === 'afterAllTransactions') forget(args[1])
  }
}

/**
 * Yjs gathers transactions in an array that it replaces afterwards. In a document that rests for some seconds this
 * array grows old, and what is put into an old object is kept with it, though nobody can reach either, until all of
 * the heap is collected: each edit would leave some 4 KB to be copied about, and pauses of twice the length.
 */
const forget = (transactions: unknown): void => {
  if (Array.isArray(transactions)) transactions.length = 0
}

/** Gathers what a document makes of its edits; each call answers what came since the last. */
export const gatherUpdates = (doc: Y.Doc): (() => readonly Uint8Array[]) => {
  // Made by the first update after a call, for the same reason.
  let updates: Uint8Array[] | null = null
  doc.on('update', (update: Uint8Array) => {
    updates ??= []
    updates.push(update)
  })
  return () => {
    const gathered = updates ?? []
    updates = null
    return gathered
  }
}
