// One event says what one person did to one record in one commit. It is derived from the merged cells and stored in
// the commit that made it; its number, hash and cursor are given by the store.

import type { Message, Signal } from '../../shared/record/record-type.ts'
import type { Row } from '../../shared/record/filter.ts'
import type { Value } from '../../shared/record/value.ts'
import type { TextAttributes } from '../room/turn.ts'
import type { StoredEvent } from '../store/store.ts'

export interface EventChange {
  readonly path: string
  readonly from: Value
  readonly to: Value
  /** It was written, and lost the merge: the record shows another value. */
  readonly lost?: true
  /** Live values of others that the writer had not seen. */
  readonly concurrentWith?: readonly { readonly by: string; readonly value: Value }[]
}

/** A value that stands no more, with who has the field now. */
export interface LostValue {
  readonly path: string
  readonly by: string
  readonly value: Value
  readonly to: { readonly by: string; readonly value: Value } | null
  readonly why: 'outranked' | 'retired' | 'too many'
}

export type DeltaOp =
  | { readonly retain: number; readonly attributes?: TextAttributes }
  | { readonly insert: string | object; readonly attributes?: TextAttributes }
  | { readonly delete: number }

export interface TextEdit {
  readonly field: string
  readonly delta: readonly DeltaOp[]
}

/** What is stored; the hash is over exactly this JSON. */
export interface EventBody {
  readonly record: string
  readonly type: string
  /** What happened, in one word: the first signal's; `request`, `result` and `purge` are the server's own. */
  readonly action: string
  /** In the words of the system that the record belongs to; none where nothing happened that has a name there. */
  readonly signals: readonly Signal[]
  /** What clients that know no CRDT are sent, signal by signal; left out where it is the default. */
  readonly messages?: readonly (readonly Message[])[]
  readonly by: string
  /** What the person was called then. */
  readonly name: string
  readonly at: number
  readonly commit: number
  readonly changes: readonly EventChange[]
  readonly texts?: readonly TextEdit[]
  readonly lost?: readonly LostValue[]
  /** The fields of the row that say who may read the record, as they were, where one is another now. It stays here. */
  readonly was?: Row
}

/** As it leaves the server. */
export interface RecordEvent extends EventBody {
  readonly cursor: string
  /** Counts within the record, from 1. */
  readonly seq: number
  readonly hash: string
}

export const toRecordEvent = ({ cursor, seq, hash, json }: StoredEvent): RecordEvent => {
  // The checksum says that it is what `composeEvents` made.
  const { was, ...body } = JSON.parse(json) as EventBody
  const event: RecordEvent = { ...body, cursor, seq, hash }
  lengths.set(event, json.length)
  // No JSON that is made of it has it.
  return was === undefined ? event : Object.defineProperty(event, 'was', { value: was })
}

const lengths = new WeakMap<RecordEvent, number>()

/** How long it is as it is stored: an import in one update is some megabytes, and a claim a few hundred characters. */
export const lengthOf = (event: RecordEvent): number => lengths.get(event) ?? 0

/** No more is held for one answer, whatever was asked for; one event at least is. */
export const ANSWER_CHARS = 4 * 1024 * 1024

const texts = new WeakMap<RecordEvent, string>()

/** Made once, for however many it goes to. */
export const eventText = (event: RecordEvent): string => {
  let text = texts.get(event)
  if (text === undefined) {
    text = JSON.stringify(event)
    texts.set(event, text)
  }
  return text
}
