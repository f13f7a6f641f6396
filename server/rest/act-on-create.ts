import { randomBytes } from 'node:crypto'
import type { RecordType } from '../../shared/record/define-record.ts'
import { problemOfError } from '../http/problem.ts'
import type { Principal } from '../access/principal.ts'
import type { Actions } from '../action/actions.ts'
import { typeOf } from './read-record.ts'

export interface ActParts {
  readonly types: ReadonlyMap<string, RecordType>
  readonly actions: () => Pick<Actions, 'act'>
}

export const ACTION_WAIT_MS = 10_000

/**
 * What a desk asks for when it creates a record, as its number. The record is there whatever comes of it: a screen that
 * opens it asks again.
 */
export async function actOnCreate(
  { types, actions }: ActParts,
  principal: Principal,
  room: string,
): Promise<void> {
  for (const [name, { onCreate }] of Object.entries(typeOf(types, room).actions)) {
    if (onCreate !== true) continue
    const ask = { name, args: {}, id: randomBytes(9).toString('hex') }
    try {
      await actions().act(room, principal, ask, AbortSignal.timeout(ACTION_WAIT_MS))
    } catch (error) {
      if (problemOfError(error) === null) throw error
    }
  }
}
