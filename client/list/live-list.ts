// A list as the application has it.

import type { RecordType, RowOf } from '../../shared/record/record-type.ts'
import type { Person } from '../record/presence.ts'
import type { Trouble } from '../record/live-record.ts'
import type { Counts, GroupSums, Sums } from './list-messages.ts'

export type ListState = 'loading' | 'live' | 'device' | 'unavailable' | 'error'

export interface LiveList<T extends RecordType = RecordType> {
  readonly type: T
  /** Undefined while they are being fetched; empty when there are none. */
  readonly rows: readonly RowOf<T>[] | undefined
  readonly total: number | undefined
  readonly groups: Counts | undefined
  readonly sums: Sums | undefined
  readonly groupSums: GroupSums | undefined
  /** device: what was kept, since there is no server now. */
  readonly state: ListState
  readonly error: Trouble | null
  readonly hasMore: boolean
  /** There are more than the server tells of one list: a sum over the rows is none of the whole. */
  readonly isCut: boolean
  /** The server is reading its records anew after an upgrade, and some may be missing until it has. */
  readonly isRebuilding: boolean
  /** Rows with edits of one's own that are not saved. */
  readonly pending: ReadonlySet<string>
  people(id: string): readonly Person[]
  /** Those whom the server tells of, row by row; another map once somebody has come or gone. */
  readonly present: ReadonlyMap<string, readonly Person[]>
  more(): void
  subscribe(tell: () => void): () => void
  close(): void
}
