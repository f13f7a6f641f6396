// What a turn commits: the updates as the doc encoded them, and all that follows from them and must stand in the same
// commit (row, events, and what others keep with it).

import type { RecordType } from '../../shared/record/record-type.ts'
import { rowFailed, rowOrFields } from './row-or-fields.ts'
import type { RoomChange, ValuePut } from '../store/store.ts'
import type { AppliedUpdates } from './room-doc.ts'
import type { RoomServices } from './room-services.ts'
import type { Turn } from './turn.ts'

export interface Composed {
  readonly change: RoomChange
  readonly turn: Turn | null
  readonly values: readonly ValuePut[]
}

export interface ComposedRoom {
  readonly name: string
  readonly id: string
  readonly type: RecordType | null
  readonly epoch: string
  readonly commit: number
  /** The id under which the server writes, and whose it is; nothing where that was said before. */
  claimNodeId(): readonly [number, string][]
}

export const composeChange = (
  room: ComposedRoom,
  { now, logger, publisher }: Pick<RoomServices<never>, 'now' | 'logger' | 'publisher'>,
  applied: AppliedUpdates,
  by: string,
): Composed => {
  const { name, id, type, epoch, commit: expect } = room
  const at = now()
  const ownIds = applied.hasServerWrites && type !== null ? room.claimNodeId() : []
  const change = {
    room: name,
    type: type?.name ?? '',
    epoch,
    expect,
    at,
    by,
    updates: applied.updates,
    owners: [...applied.owners, ...ownIds].map(([clientId, userId]) => ({ clientId, userId })),
  }
  if (applied.record === null || type === null) return { change, turn: null, values: [] }
  const { record } = applied
  const row = rowOrFields(type, record.after, { updated: at, updatedBy: by }, error =>
    rowFailed(logger, name, error),
  )
  const turn: Turn = { ...record, row, room: name, type, id, at, commit: expect + 1 }
  const { row: put, events, values = [] } = publisher.compose(turn)
  return {
    change: { ...change, row: put, events, state: turn.after.removed ? 'removed' : 'live' },
    turn,
    values,
  }
}
