// A request for an action is an entry of the record itself; beside it, in the same commit, the server notes that it
// is to be run, and with whose rights: so it is found again after a crash, and runs with the rights of the moment it
// was asked for.

import type { Me } from '../../shared/record/record-type.ts'
import type { Value } from '../../shared/record/value.ts'
import type { Turn } from '../room/turn.ts'
import type { ValuePut } from '../store/store.ts'

export const ACTIONS_SPACE = 'actions'

export interface PendingAction {
  /** Of the space: `<room>/<id>`. An id is one segment of a path, so the last slash parts them. */
  readonly key: string
  readonly room: string
  readonly id: string
  readonly me: Omit<Me, 'is'>
}

export const requestKey = (room: string, id: string): string => `${room}/${id}`

export const requestsOf = (turn: Turn): PendingAction[] =>
  turn.authors.flatMap(({ requests }) =>
    requests.map(({ id, me: { id: by, name, roles, claims } }) => ({
      key: requestKey(turn.room, id),
      room: turn.room,
      id,
      me: { id: by, name, roles, claims },
    })),
  )

export const pendingValue = ({ key, me }: PendingAction): ValuePut => ({
  space: ACTIONS_SPACE,
  key,
  value: JSON.stringify(me),
})

export const doneValue = ({ key }: PendingAction): ValuePut => ({ space: ACTIONS_SPACE, key, value: null })

export const parsePending = (key: string, value: string): PendingAction => {
  const slash = key.lastIndexOf('/')
  // Written by `pendingValue`, under the store's checksum.
  return { key, room: key.slice(0, slash), id: key.slice(slash + 1), me: JSON.parse(value) as Omit<Me, 'is'> }
}

export interface AskedFor {
  readonly name: string
  readonly args: { readonly [name: string]: Value }
}

/** The guard has let in nothing else. */
export const askedFor = (value: Value): AskedFor => {
  const { name, args } = value as { readonly name: string; readonly args?: AskedFor['args'] }
  return { name, args: args ?? {} }
}

/** What stands beside the request when it has been decided. */
export type ActionResult =
  | { readonly ok: true; readonly result: Value }
  | {
      readonly ok: false
      readonly reason: string
      /** Who asked has no right to it; else the action itself refused. */
      readonly code?: 'NOT_PERMITTED'
    }
