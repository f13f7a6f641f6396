import type { RecordType } from '../../shared/record/record-type.ts'
import { parseRoomName } from '../../shared/record/room-name.ts'
import type { Principal } from '../access/principal.ts'
import { senderOf } from '../room/judging.ts'
import { RoomRefusal } from '../room/peer.ts'
import type { Room } from '../room/room.ts'
import { mayRead } from '../room/room-access.ts'
import { readCommitted } from '../room/open-committed.ts'
import type { Rooms } from '../room/rooms.ts'
import { type ShownRecord, showRecord } from './shown-record.ts'

export interface ReadParts {
  readonly rooms: () => Pick<Rooms, 'open'>
  readonly types: ReadonlyMap<string, RecordType>
  readonly now: () => number
}

/** The record as it is committed, for who may read it. Throws RoomRefusal. */
export async function readRecord(parts: ReadParts, principal: Principal, name: string): Promise<ShownRecord> {
  const type = typeOf(parts.types, name)
  return readCommitted(parts.rooms(), name, room => {
    const { head } = room
    if (head === null) throw new RoomRefusal('NO_SUCH_RECORD')
    if (head.state === 'purged') throw new RoomRefusal('PURGED')
    if (!mayRead(type, room.id, () => room.row, senderOf(principal))) throw new RoomRefusal('FORBIDDEN')
    return shownRoom(room, type, parts.now())
  })
}

export function typeOf(types: ReadonlyMap<string, RecordType>, room: string): RecordType {
  const name = parseRoomName(room)
  if (name === null) throw new RoomRefusal('BAD_ROOM_NAME')
  const type = types.get(name.type)
  if (type === undefined) throw new RoomRefusal('NO_SUCH_TYPE')
  return type
}

function shownRoom(room: Room, type: RecordType, now: number): ShownRecord {
  const record = room.guarded?.record
  const { head } = room
  if (record === undefined || head === null || record.view.created === null)
    throw new RoomRefusal('NO_SUCH_RECORD')
  return showRecord({
    type,
    id: room.id,
    epoch: room.epoch,
    commit: head.commit,
    view: record.view,
    index: record.index,
    updatedAt: head.updatedAt,
    updatedBy: head.updatedBy,
    now,
  })
}
