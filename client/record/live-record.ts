// A record as an application holds it: one object for as long as anybody has it open, whatever doc is beneath.

import type {
  ActionsOf,
  ArgsOfAction,
  FieldsOf,
  Patch,
  RecordType,
  ViewOf,
} from '../../shared/record/record-type.ts'
import type { OpenRecord } from '../../shared/record/open-record.ts'
import type { ActionState, FieldValue, RecordConflict } from '../../shared/record/record.ts'
import type { UndoResult } from '../../shared/record/undo.ts'
import type { Value } from '../../shared/record/value.ts'
import type { SaveState } from './edit-ledger.ts'
import type { Person, RecordPresence } from './presence.ts'

export interface Trouble {
  readonly code: string
  readonly sentence: string
}

export type RecordState = 'loading' | 'ready' | 'absent' | 'unavailable' | 'forbidden' | 'purged' | 'error'

export interface RecordStatus {
  readonly save: SaveState
  readonly pending: number
  readonly readOnly: boolean
  /** Changes arrive at once. */
  readonly live: boolean
  readonly asOf: number | null
}

export interface LiveField {
  readonly path: string
  readonly value: unknown
  readonly save: SaveState
  readonly refusal: Trouble | null
  readonly by: string | null
  readonly at: number | null
  readonly tentative: boolean
  /** A `review` value that waits for a person to pick. */
  readonly open: boolean
  readonly conflict: readonly FieldValue[]
  readonly people: readonly Person[]
}

type Handles<T extends RecordType> = Pick<OpenRecord<T>, 'list' | 'log' | 'counter' | 'union' | 'text'>

export interface LiveRecord<T extends RecordType = RecordType> extends Handles<T> {
  readonly type: T
  readonly id: string
  readonly room: string
  readonly state: RecordState
  readonly error: Trouble | null
  /** Undefined unless ready. */
  readonly view: ViewOf<T> | undefined
  readonly status: RecordStatus
  readonly conflicts: readonly RecordConflict[]
  readonly updated: { readonly by: string; readonly at: number } | null
  readonly presence: RecordPresence
  /** Changes when the doc beneath does; what is bound to a `Y.Text` binds anew. */
  readonly generation: number
  readonly actions: readonly ActionState[]
  readonly canUndo: boolean
  readonly canRedo: boolean
  field(path: string): LiveField
  /**
   * Why this person can write nothing there as the record stands, by its type's access rules; null where something
   * would be taken. Of a list or set: whether something can be added. Of `''`: whether the record can be removed.
   * Of `'*'`: what the rule for all its fields says.
   */
  locked(path: string): Trouble | null
  set(patch: Patch<FieldsOf<T>>): void
  write(path: string, value: Value): void
  settle(path: string, value: Value): void
  act<K extends keyof ActionsOf<T> & string>(name: K, args?: ArgsOfAction<T, K>): string
  action(id: string): ActionState | null
  remove(): void
  restore(path?: string): void
  /** Many writes as one: told once, sent, accepted or refused as one, taken back as one. */
  together(run: () => void): void
  undo(): UndoResult | null
  redo(): UndoResult | null
  subscribe(path: string, tell: () => void): () => void
  whenReady(): Promise<void>
  /** It is what the server has, and on the device; false when that cannot be. */
  whenCurrent(): Promise<boolean>
  whenSaved(): Promise<void>
  close(): void
}
