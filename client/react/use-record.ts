import { useCallback, useState } from 'react'
import { assertRecordType } from '../../shared/record/assert-declaration.ts'
import type { FieldsOf, Patch, RecordType, ViewOf } from '../../shared/record/record-type.ts'
import type { RecordConflict } from '../../shared/record/record.ts'
import { RecordError } from '../../shared/record/record-error.ts'
import type { LiveRecord, RecordState, RecordStatus, Trouble } from '../record/live-record.ts'
import { useDesk } from './desk-context.tsx'
import { useTracked } from './tracked.ts'
import { useDrawn } from './use-drawn.ts'

export interface UsedRecord<T extends RecordType> {
  readonly view: ViewOf<T> | undefined
  readonly state: RecordState
  readonly error: Trouble | null
  readonly status: RecordStatus
  readonly record: LiveRecord<T> | null
  readonly conflicts: readonly RecordConflict[]
  readonly updated: { readonly by: string; readonly at: number } | null
  readonly generation: number
  /** False, with `problem` saying why, where it is not allowed. */
  readonly set: (patch: Patch<FieldsOf<T>>) => boolean
  readonly problem: Trouble | null
}

export interface OpenOptions {
  /** Only a word of it is shown, on a page of something else: the others do not see one there. */
  readonly unseen?: boolean
}

export function useRecord<T extends RecordType>(type: T, id: string | null): UsedRecord<T>
export function useRecord<T extends RecordType, S>(
  type: T,
  id: string | null,
  select: (view: ViewOf<T>) => S,
  options?: OpenOptions,
): S | undefined
export function useRecord<T extends RecordType, S>(
  type: T,
  id: string | null,
  select?: (view: ViewOf<T>) => S,
  options: OpenOptions = {},
): UsedRecord<T> | S | undefined {
  const { record, subscribe } = useOpen(type, id, options)
  const [problem, setProblem] = useProblem(record, '')
  const set = useCallback(
    (patch: Patch<FieldsOf<T>>) => attempt(setProblem, () => record?.set(patch)),
    [record, setProblem],
  )
  const read = (key: string): unknown => {
    if (key !== 'selected') return readRecord(record, problem, key)
    const view = record?.view
    return view === undefined ? undefined : select?.(view)
  }
  const used = useTracked<UsedRecord<T> & { readonly selected: S | undefined }>(
    useStable(subscribe, ''),
    read,
    RECORD_NAMES,
    { set, record } as Partial<UsedRecord<T>>,
    key => (key === 'state' && id !== null ? 'loading' : readRecord(null, null, key)),
  )
  return select === undefined ? used : used.selected
}

/** The record, for as long as the component shows it. */
export const useOpen = <T extends RecordType>(
  type: T,
  id: string | null,
  { unseen = false }: OpenOptions = {},
): {
  readonly record: LiveRecord<T> | null
  readonly subscribe: (path: string) => (tell: () => void) => () => void
} => {
  const desk = useDesk()
  assertRecordType(type)
  const record = id === null ? null : desk.glance(type, id)
  const hold = useDrawn(record)
  const subscribe = useCallback(
    (path: string) => (tell: () => void) => {
      if (id === null) return () => {}
      const opened = desk.open(type, id, { unseen })
      hold(desk.glance(type, id))
      const stop = opened.subscribe(path, tell)
      return () => {
        stop()
        opened.close()
      }
    },
    [desk, type, id, unseen, hold],
  )
  return { record, subscribe }
}

const RECORD_NAMES = [
  'selected',
  'view',
  'state',
  'error',
  'status',
  'conflicts',
  'updated',
  'generation',
  'problem',
] as const

const readRecord = (record: LiveRecord | null, problem: Trouble | null, key: string): unknown => {
  if (key === 'problem') return problem
  const whole = (name: string): unknown => (record ?? NOT_OPEN)[name as keyof typeof NOT_OPEN]
  const dot = key.indexOf('.')
  if (dot >= 0) return (whole(key.slice(0, dot)) as Record<string, unknown> | undefined)?.[key.slice(dot + 1)]
  return key.endsWith('?') ? whole(key.slice(0, -1)) !== undefined : whole(key)
}

const NONE: readonly never[] = Object.freeze([])
const IDLE: RecordStatus = Object.freeze({
  save: 'saved',
  pending: 0,
  readOnly: true,
  live: false,
  asOf: null,
})
const NOT_OPEN = {
  view: undefined,
  state: 'absent',
  error: null,
  status: IDLE,
  conflicts: NONE,
  updated: null,
  generation: 0,
} as const satisfies Partial<LiveRecord>

/** The same function for the same record and path, so that React does not subscribe anew for every picture. */
export const useStable = (
  subscribe: (path: string) => (tell: () => void) => () => void,
  path: string,
): ((tell: () => void) => () => void) =>
  useCallback((tell: () => void) => subscribe(path)(tell), [subscribe, path])

/** Why something was not done. Of another record, or another place of it, that says nothing. */
export const useProblem = (
  record: unknown,
  place: string,
): readonly [Trouble | null, (problem: Trouble | null) => void] => {
  const [held, hold] = useState<{ record: unknown; place: string; problem: Trouble } | null>(null)
  const tell = useCallback(
    (problem: Trouble | null) => hold(problem === null ? null : { record, place, problem }),
    [record, place],
  )
  return [held?.record === record && held?.place === place ? (held?.problem ?? null) : null, tell]
}

/** Whether it was done; why not is for the person to see. */
export const attempt = (tell: (problem: Trouble | null) => void, work: () => unknown): boolean => {
  try {
    work()
    tell(null)
    return true
  } catch (error) {
    if (!(error instanceof RecordError)) throw error
    const [first] = error.problems
    tell({ code: error.code, sentence: first?.sentence ?? error.message })
    return false
  }
}
