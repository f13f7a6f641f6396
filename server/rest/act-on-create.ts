import type { RecordType } from '../../shared/record/define-record.ts'
import { problemOfError } from '../http/problem.ts'
import type { Actions } from '../action/actions.ts'
import { typeOf } from './read-record.ts'
import { idsFor, type WriteAsk } from './write-records.ts'

export interface ActParts {
  readonly types: ReadonlyMap<string, RecordType>
  readonly actions: () => Pick<Actions, 'act'>
}

type CreateAsk = Pick<WriteAsk, 'principal' | 'room' | 'idempotencyKey'>

export const ACTION_WAIT_MS = 10_000

/**
 * What a desk asks for when it creates a record, as its number. The record is there whatever comes of it: a screen that
 * opens it asks again. Asked a second time with the same key, as after a crash in between, it is the same request.
 */
export async function actOnCreate({ types, actions }: ActParts, ask: CreateAsk): Promise<void> {
  const { principal, room } = ask
  const newId = idsFor(ask)
  for (const [name, { onCreate }] of Object.entries(typeOf(types, room).actions)) {
    if (onCreate !== true) continue
    try {
      await actions().act(
        room,
        principal,
        { name, args: {}, id: newId() },
        AbortSignal.timeout(ACTION_WAIT_MS),
      )
    } catch (error) {
      if (problemOfError(error) === null) throw error
    }
  }
}
