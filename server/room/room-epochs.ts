// How a record's document begins anew, under client ids of its own: folded, because too many have written it, or
// purged. Whoever holds the one before is told, and begins again.

import * as Y from 'yjs'
import { SERVER_AUTHOR } from '../../shared/record/cell.ts'
import type { RecordType } from '../../shared/record/record-type.ts'
import { fold } from '../../shared/record/fold.ts'
import type { ErrorCode } from '../../shared/wire/error-codes.ts'
import type { Head, RoomChange, ValuePut } from '../store/store.ts'
import { RoomClosed } from './room-closed.ts'
import { EMPTY_UPDATE } from './room-content.ts'
import type { RoomServices } from './room-services.ts'

export interface EpochsRoom {
  readonly name: string
  readonly type: RecordType | null
  readonly head: Head | null
  readonly doc: Y.Doc
  /** Everybody out, and back to what is stored by now. */
  reset(code: ErrorCode): void
}

type EpochServices = Pick<RoomServices<never>, 'commit' | 'newClientId' | 'newEpoch' | 'now'>

/** Inside `exclusively`. */
export const foldRecord = async (room: EpochsRoom, services: EpochServices): Promise<void> => {
  const { type, head } = room
  if (type === null || head === null) return
  const old = room.doc
  const folded = fold(type, old, services.newClientId)
  const content = Y.encodeStateAsUpdate(folded)
  const owners = [...folded.store.clients.keys()].map(clientId => ({ clientId, userId: SERVER_AUTHOR }))
  folded.destroy()
  const newEpoch = { epoch: services.newEpoch(), ended: 'folded', clocks: clocksOf(old), content } as const
  const change = { ...sameAs(head), owners, newEpoch }
  const { saved } = await services.commit({ rooms: [change] })
  room.reset('EPOCH_CHANGED')
  if (!saved) throw new RoomClosed(room.name)
}

/** Inside `exclusively`. Null: there is nothing to purge. */
export const purge = async (
  room: EpochsRoom,
  services: EpochServices,
  { by, event, values }: { by: string; event: string; values: readonly ValuePut[] },
): Promise<Head | null> => {
  const { head } = room
  if (head === null || head.state === 'purged') return null
  const newEpoch = {
    epoch: services.newEpoch(),
    ended: 'purged',
    clocks: clocksOf(room.doc),
    content: EMPTY_UPDATE,
  } as const
  const change = { ...sameAs(head), at: services.now(), by, events: [event], newEpoch }
  const outcome = await services.commit({ rooms: [change], values })
  room.reset(outcome.saved ? 'PURGED' : 'EPOCH_CHANGED')
  if (!outcome.saved) throw new RoomClosed(room.name)
  return outcome.heads[0] ?? null
}

/** A change of the record that this is the head of, with nothing new in it yet. */
export const sameAs = ({ room, type, epoch, commit, updatedAt, updatedBy }: Head): RoomChange => ({
  room,
  type,
  epoch,
  expect: commit,
  at: updatedAt,
  by: updatedBy,
  updates: [],
})

const clocksOf = ({ store }: Y.Doc): Map<number, number> =>
  new Map([...store.clients.keys()].map(client => [client, Y.getState(store, client)]))
