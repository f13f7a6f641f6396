import { useCallback } from 'react'
import { gatingFields } from '../../shared/record/access.ts'
import type { FieldsOf, Patch, RecordType, ViewOf } from '../../shared/record/record-type.ts'
import type { Value } from '../../shared/record/value.ts'
import type { SaveState } from '../record/edit-ledger.ts'
import type { LiveField, LiveRecord, Trouble } from '../record/live-record.ts'
import type { Person } from '../record/presence.ts'
import { useTracked } from './tracked.ts'
import { useFocus } from './use-focus.ts'
import { attempt, useOpen, useProblem } from './use-record.ts'

export interface UsedField<V, W = Value> {
  readonly value: V | undefined
  readonly save: SaveState
  /** Why the last `set` was not made, or why the server refused it. */
  readonly problem: Trouble | null
  readonly by: string | null
  readonly at: number | null
  readonly tentative: boolean
  readonly open: boolean
  readonly conflict: LiveField['conflict']
  readonly people: readonly Person[]
  readonly readOnly: boolean
  /** Why this person can write nothing here as the record stands; null where something would be taken. */
  readonly locked: Trouble | null
  readonly set: (value: W) => boolean
  readonly focus: () => void
  readonly blur: () => void
}

/** A path that is written out begins with a field, or is something derived. */
export type PathFor<T, P> = string extends P
  ? P
  : RecordType extends T
    ? P
    : P extends PathOf<T>
      ? P
      : Misspelt<keyof FieldsOf<T> & string>

/** Any text, of which an editor offers those that are known. */
export type PathText<T> = PathOf<T> | (string & {})

type PathOf<T> = (keyof ViewOf<T> & string) | `${keyof FieldsOf<T> & string}/${string}` | `$${string}`

/** What TypeScript prints where a name is none: nothing is of this type. */
interface Misspelt<N extends string> {
  readonly 'this is no field of the record, which has': N
}

/** What a field that is written as a whole takes; beneath it, whatever stands there is judged when it is written. */
type WriteAt<T extends RecordType, P extends string> = P extends keyof Patch<FieldsOf<T>>
  ? Exclude<Patch<FieldsOf<T>>[P], undefined> & Value
  : Value

type ValueAt<T extends RecordType, P extends string> = P extends keyof ViewOf<T> ? ViewOf<T>[P] : unknown

export const useField = <T extends RecordType, P extends PathText<T>>(
  type: T,
  id: string | null,
  path: P & PathFor<T, P>,
): UsedField<ValueAt<T, P>, WriteAt<T, P>> => {
  const { record, subscribe } = useOpen(type, id)
  const [problem, setProblem] = useProblem(record, path)
  const subscribeBoth = useCallback(
    (tell: () => void) => {
      // What the rules look at decides whether this can be written.
      const stops = [path, ...gatingFields(type)].map(each => subscribe(each)(tell))
      stops.push(record?.presence.subscribe(tell) ?? (() => {}))
      return () => {
        for (const stop of stops) stop()
      }
    },
    [subscribe, record, type, path],
  )
  const set = useCallback(
    (value: Value) => attempt(setProblem, () => record?.write(path, value)),
    [record, path, setProblem],
  )
  const say = useFocus(record?.presence ?? null)
  const focus = useCallback(() => say(path), [say, path])
  const blur = useCallback(() => say(null), [say])
  const read = (key: string): unknown => readField(record, path, problem, key)
  return useTracked<UsedField<ValueAt<T, P>, WriteAt<T, P>>>(
    subscribeBoth,
    read,
    FIELD_NAMES,
    { set, focus, blur },
    key => readField(null, path, null, key),
  )
}

const FIELD_NAMES = [
  'value',
  'save',
  'problem',
  'by',
  'at',
  'tentative',
  'open',
  'conflict',
  'people',
  'readOnly',
  'locked',
] as const

const readField = (
  record: LiveRecord | null,
  path: string,
  problem: Trouble | null,
  key: string,
): unknown => {
  if (key === 'problem' && problem !== null) return problem
  if (key === 'readOnly')
    return (
      record === null || record.status.readOnly || record.state !== 'ready' || record.locked(path) !== null
    )
  if (key === 'locked') return record === null || record.state !== 'ready' ? null : record.locked(path)
  if (record === null || record.state === 'loading')
    return key === 'save'
      ? 'saved'
      : key === 'conflict' || key === 'people'
        ? NONE
        : key === 'value'
          ? undefined
          : null
  const field = record.field(path)
  return key === 'problem' ? field.refusal : field[key as keyof LiveField]
}

const NONE: readonly never[] = Object.freeze([])
