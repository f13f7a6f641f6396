import { RoomRefusal } from './peer.ts'
import type { Room } from './room.ts'
import { RoomClosed } from './room-closed.ts'
import type { Rooms } from './rooms.ts'

const ATTEMPTS = 4

/** The room when nothing of it is under way; begun anew meanwhile, it is opened again. */
export async function openCommitted(rooms: Pick<Rooms, 'open'>, name: string): Promise<Room> {
  for (let attempt = 1; ; attempt++) {
    const room = await rooms.open(name)
    try {
      await room.committed()
      return room
    } catch (error) {
      if (!(error instanceof RoomClosed)) throw error
      if (attempt === ATTEMPTS) throw new RoomRefusal('EPOCH_CHANGED')
    }
  }
}
