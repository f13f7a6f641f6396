import { parseRoomName } from '../../shared/record/room-name.ts'
import type { Row } from '../../shared/record/filter.ts'
import type { Rooms } from '../room/rooms.ts'
import type { Store } from '../store/store.ts'

/** The row of a record as it stands, of a removed one too; null: there is no such record. */
export const readRow = async (
  store: Pick<Store, 'readRow' | 'readHead'>,
  rooms: Pick<Rooms, 'get' | 'open'>,
  name: string,
): Promise<Row | null> => {
  const parsed = parseRoomName(name)
  if (parsed === null) return null
  const room = rooms.get(name)
  if (room?.head != null) return room.head.state === 'purged' ? null : room.row
  const json = await store.readRow(parsed.type, parsed.id)
  // Written by the publisher, under the store's checksum.
  if (json !== null) return JSON.parse(json) as Row
  const head = await store.readHead(name)
  return head === null || head.state === 'purged' ? null : (await rooms.open(name)).row
}
