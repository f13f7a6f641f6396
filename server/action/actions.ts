// Actions as part of the server: what only it can decide, asked for in the records themselves or over REST.

import { ACTIONS, RESULTS } from '../../shared/record/path.ts'
import { sameValue, type Value } from '../../shared/record/value.ts'
import type { Principal } from '../access/principal.ts'
import { openCommitted } from '../room/open-committed.ts'
import { RoomRefusal } from '../room/peer.ts'
import type { Turn } from '../room/turn.ts'
import type { UserWriter } from '../room/user-write.ts'
import type { ValuePut } from '../store/store.ts'
import { type ActionResult, pendingValue, requestKey, requestsOf } from './action-request.ts'
import { ActionRunner, type ActionRunnerParts } from './action-runner.ts'
import { numbersOf } from './number-series.ts'

export interface ActionsParts extends ActionRunnerParts {
  readonly writer: UserWriter
}

export interface ActionAsk {
  readonly name: string
  readonly args: { readonly [name: string]: Value }
  /** The same id asks for the same thing, however often it is sent. */
  readonly id: string
}

export type ActionAnswer =
  | { readonly state: 'decided'; readonly result: ActionResult }
  | { readonly state: 'requested' }

export interface Actions {
  readonly runner: ActionRunner
  compose(turn: Turn): { values: readonly ValuePut[] }
  committed(turn: Turn): void
  /** For a person, through the guard like a device's request; waits for the answer until the signal is given. */
  act(room: string, principal: Principal, ask: ActionAsk, signal: AbortSignal): Promise<ActionAnswer>
  /** Of what was asked for with the creation of a record; waits until the signal is given. */
  answered(keys: readonly string[], signal: AbortSignal): Promise<void>
  start(): Promise<void>
  close(): Promise<void>
}

export const createActions = (parts: ActionsParts): Actions => {
  const runner = new ActionRunner(parts)
  return {
    runner,
    compose: turn => ({
      values: [...requestsOf(turn).map(pendingValue), ...runner.series.putsOf(turn.type, turn.row)],
    }),
    committed(turn) {
      runner.series.saved(numbersOf(turn.type, turn.row))
      runner.enqueue(requestsOf(turn))
    },
    async act(room, principal, { name, args, id }, signal) {
      const path = `${ACTIONS}/${id}`
      await parts.writer.write(room, principal, record => {
        const { type, view } = record
        if (view.created === null) throw new RoomRefusal('NO_SUCH_RECORD')
        if (!Object.hasOwn(type.actions, name)) throw new RoomRefusal('NO_SUCH_ACTION')
        if (sameValue(record.index.at(path)[0]?.value, { name, args })) return
        record.writeIntents([{ path, value: { name, args }, shown: 'value' }])
      })
      await Promise.race([runner.decided(requestKey(room, id)), aborted(signal)])
      const { guarded } = await openCommitted(parts.rooms(), room)
      const result = guarded?.record.index.at(`${RESULTS}/${id}`)[0]?.value
      // Only the server writes there.
      return result === undefined
        ? { state: 'requested' }
        : { state: 'decided', result: result as unknown as ActionResult }
    },
    async answered(keys, signal) {
      if (keys.length === 0) return
      const end = aborted(signal)
      // They are decided in about this order, and may be a million.
      for (const key of keys) {
        if (signal.aborted) return
        await Promise.race([runner.decided(key), end])
      }
    },
    start: () => runner.start(),
    close: () => runner.close(),
  }
}

/** So long somebody waits for what an action gives. */
export const ANSWER_WAIT_MS = 10_000

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
