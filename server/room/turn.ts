// What one turn changed in one record, as rows, events and notifications need to know it. The publisher adds its
// part to the same commit, so that nothing can be published and not stored, or stored and not published.

import type { CellId } from '../../shared/record/cell.ts'
import type { AnyView, Me, RecordType } from '../../shared/record/record-type.ts'
import type { Row } from '../../shared/record/filter.ts'
import type { Lost } from '../../shared/record/settle-turn.ts'
import type { Value } from '../../shared/record/value.ts'
import type { Principal } from '../access/principal.ts'
import type { Head, StoredEvent, StoredRow, ValuePut } from '../store/store.ts'

export interface Write {
  readonly path: string
  readonly from: Value
  readonly to: Value
  /** Live values by others that its writer had not seen. */
  readonly concurrentWith: readonly { readonly by: string; readonly value: Value }[]
  /** Null for what nothing can stand beside. */
  readonly cell: CellId | null
}

export interface FieldChange extends Omit<Write, 'cell'> {
  /** It was written, and lost the merge: the record shows another value. */
  readonly lost: boolean
}

/** Part of a text's delta, with whose it is. */
export type TextOp =
  | { readonly retain: number; readonly attributes?: TextAttributes; readonly by?: string }
  | { readonly insert: string | object; readonly attributes?: TextAttributes; readonly by: string }
  | { readonly delete: number; readonly by: string }

export type TextAttributes = { readonly [name: string]: unknown }

/** What the turn did to one text, all its writers together: positions are of one text. */
export interface TextTurn {
  readonly field: string
  readonly ops: readonly TextOp[]
}

/** A request for an action, with the rights that whoever asked had then. */
export interface ActionRequest {
  readonly id: string
  readonly value: Value
  readonly me: Omit<Me, 'is'>
}

/** What one person wrote in the turn. */
export interface AuthorTurn {
  readonly by: string
  /** What the person is called. */
  readonly name: string
  /** By whose rights it was judged; null for what the server wrote for them, by the operator's own code. */
  readonly principal: Principal | null
  /** The record before and after what this person wrote; the others of the turn before or behind them. */
  readonly before: AnyView
  readonly after: AnyView
  readonly paths: ReadonlySet<string>
  readonly changes: readonly FieldChange[]
  readonly requests: readonly ActionRequest[]
}

export interface Turn {
  readonly room: string
  readonly type: RecordType
  readonly id: string
  readonly before: AnyView
  readonly after: AnyView
  /** The row that it gives; of a removed record, which stands on no list, too. */
  readonly row: Row
  readonly at: number
  /** The number that the commit will have. */
  readonly commit: number
  readonly authors: readonly AuthorTurn[]
  readonly texts: readonly TextTurn[]
  /** Values that stand no more, for those who wrote them. */
  readonly lost: readonly Lost[]
  readonly wentOn: WentOn | null
}

/** Of a record that is removed: who went on with it, which whoever removed it had not seen. */
export interface WentOn {
  readonly removedBy: string
  readonly editors: readonly string[]
}

export interface Publication {
  readonly row: StoredRow | null
  readonly events: readonly string[]
  readonly values?: readonly ValuePut[]
}

export interface Publisher {
  /** Synchronous, and without effect: what it gives goes into the commit. */
  compose(turn: Turn): Publication
  /** After the commit, in the order of commits. */
  committed(turn: Turn, head: Head, events: readonly StoredEvent[]): void
}
