import type { InboxEntry } from '../../shared/types/inbox.ts'
import type { NewEntry } from './plan-inbox.ts'

/** As they will stand in the record. */
export const asEntries = (entries: readonly NewEntry[]): InboxEntry[] =>
  entries.map(entry => ({ ...entry, by: '', at: entry.when }))
