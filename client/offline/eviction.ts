// What a device keeps does not grow for ever. The rule: a record goes that nobody has used for so long, that no
// working set wants, that is not open, and of which everything is saved; and a list that long out of date.

import { allKept, removeKept } from '../list/kept-list.ts'
import { LocalConflict, type LocalStore, type LocalWrite } from '../local/local-store.ts'
import { checkUntouched, type RecordHead, removeRecord, unsavedByRoom } from '../local/record-store.ts'

/** Where nobody says otherwise: whoever has not looked at something for a season fetches it again. */
export const EVICT_AFTER_MS = 90 * 86_400_000

export interface EvictionAsk {
  readonly now: number
  readonly evictAfterMs: number
  /** Rooms of this type alone; null: of all, and lists as well. */
  readonly type: string | null
  /** Whether it is open, or a working set holds it. */
  isWanted(room: string): boolean
}

/** The rooms that have gone. */
export const evictUnused = async (store: LocalStore, ask: EvictionAsk): Promise<readonly string[]> => {
  const { now, evictAfterMs, type, isWanted } = ask
  const before = now - evictAfterMs
  const unsaved = await unsavedByRoom(store)
  const gone: string[] = []
  for (const { value } of await store.list('records', [])) {
    // Only `putHead` writes this table.
    const head = value as RecordHead
    const { room, usedAt } = head
    const isMeant = type === null || room.startsWith(`${type}:`)
    if (!isMeant || usedAt > before || unsaved.has(room) || isWanted(room)) continue
    if (await removed(store, head)) gone.push(room)
  }
  if (type === null) await evictLists(store, before)
  return gone
}

/** Not one that another tab has just opened, and so noted as used. */
const removed = async (store: LocalStore, head: RecordHead): Promise<boolean> => {
  try {
    await store.commit([checkUntouched(head), ...removeRecord(head.room)], 'relaxed')
    return true
  } catch (error) {
    if (error instanceof LocalConflict) return false
    throw error
  }
}

const evictLists = async (store: LocalStore, before: number): Promise<void> => {
  const writes: LocalWrite[] = []
  for (const [key, { asOf }] of await allKept(store)) if (asOf <= before) writes.push(removeKept(key))
  if (writes.length > 0) await store.commit(writes, 'relaxed')
}
