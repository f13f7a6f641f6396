import { useCallback, useState } from 'react'
import type { ActionsOf, ArgsOfAction, RecordType } from '../../shared/record/record-type.ts'
import type { Value } from '../../shared/record/value.ts'
import type { LiveRecord, Trouble } from '../record/live-record.ts'
import { useTracked } from './tracked.ts'
import { attempt, useOpen, useProblem, useStable } from './use-record.ts'

export interface UsedAction<A = { readonly [name: string]: Value }> {
  /** The id of the request, or null, with `problem`, where it may not be made. */
  readonly run: (args?: A) => string | null
  readonly state: 'idle' | 'requested' | 'accepted' | 'refused'
  readonly result: Value
  readonly reason: string | null
  readonly problem: Trouble | null
}

/** The action that this component asked for; before it has, the latest of this name on the record. */
export const useAction = <T extends RecordType, N extends keyof ActionsOf<T> & string>(
  type: T,
  id: string | null,
  name: N,
): UsedAction<ArgsOfAction<T, N>> => {
  const { record, subscribe } = useOpen(type, id)
  const [problem, setProblem] = useProblem(record, name)
  const [held, setHeld] = useState<{ record: unknown; name: string; request: string | null } | null>(null)
  const asked = held?.record === record && held?.name === name ? held.request : null
  const run = useCallback(
    (args?: ArgsOfAction<T, N>): string | null => {
      let request: string | null = null
      const isAsked = attempt(setProblem, () => {
        request = (record as LiveRecord | null)?.act(name as never, args as never) ?? null
      })
      if (isAsked) setHeld({ record, name, request })
      return request
    },
    [record, name, setProblem],
  )
  const read = (key: string): unknown => {
    if (key === 'problem') return problem
    const state = asked === null ? record?.actions.findLast(one => one.name === name) : record?.action(asked)
    if (key === 'state') return state?.state ?? 'idle'
    return key === 'result' ? (state?.result ?? null) : (state?.reason ?? null)
  }
  return useTracked<UsedAction<ArgsOfAction<T, N>>>(
    useStable(subscribe, ''),
    read,
    ['state', 'result', 'reason', 'problem'],
    { run },
    key => (key === 'state' ? 'idle' : null),
  )
}
