import { RoomRefusal } from './peer.ts'
import type { Room } from './room.ts'
import { RoomClosed } from './room-closed.ts'
import type { Rooms } from './rooms.ts'

const ATTEMPTS = 4

/** The room when nothing of it is under way; begun anew meanwhile, it is opened again. */
export const openCommitted = (rooms: Pick<Rooms, 'open'>, name: string): Promise<Room> =>
  whenCommitted(rooms, name, async room => {
    await room.committed()
    return room
  })

/** The same for what reads the doc, at once. */
export const readCommitted = <T>(
  rooms: Pick<Rooms, 'open'>,
  name: string,
  read: (room: Room) => T,
): Promise<T> =>
  whenCommitted(rooms, name, room =>
    room.withDoc(async () => {
      await room.committed()
      return read(room)
    }),
  )

const whenCommitted = <T>(
  rooms: Pick<Rooms, 'open'>,
  name: string,
  run: (room: Room) => Promise<T>,
): Promise<T> => overRestarts(async () => run(await rooms.open(name)))

/** A room that is begun anew meanwhile is opened again by what it is done for. */
export const overRestarts = async <T>(run: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run()
    } catch (error) {
      if (!(error instanceof RoomClosed)) throw error
      if (attempt === ATTEMPTS) throw new RoomRefusal('EPOCH_CHANGED')
    }
  }
}
