import { RoomRefusal } from '../room/peer.ts'
import type { Room } from '../room/room.ts'
import type { Rooms } from '../room/rooms.ts'

/** Rooms that one run has alone, until it lets go of them. */
export class HeldRooms {
  readonly #rooms: Pick<Rooms, 'open'>
  readonly #held = new Map<string, { readonly room: Room; readonly release: () => void }>()
  /** Named, and not to be had: of a type that is not served, damaged. */
  readonly missing = new Set<string>()

  constructor(rooms: Pick<Rooms, 'open'>) {
    this.#rooms = rooms
  }

  get rooms(): Map<string, Room> {
    return new Map([...this.#held].map(([name, { room }]) => [name, room]))
  }

  /** In the order of their names, as everybody takes them: so that two never wait for each other. */
  async take(names: Iterable<string>): Promise<void> {
    for (const name of [...new Set(names)].sort()) {
      if (this.#held.has(name)) continue
      const room = await this.#open(name)
      if (room === null) this.missing.add(name)
      else this.#held.set(name, { room, release: await hold(room) })
    }
  }

  has(name: string): boolean {
    return this.#held.has(name) || this.missing.has(name)
  }

  async #open(name: string): Promise<Room | null> {
    try {
      return await this.#rooms.open(name)
    } catch (error) {
      if (error instanceof RoomRefusal && !error.isPassing) return null
      throw error
    }
  }

  release(): void {
    for (const { release } of this.#held.values()) release()
    this.#held.clear()
  }
}

const hold = (room: Room): Promise<() => void> =>
  new Promise((resolve, reject) => {
    room.exclusively(() => new Promise<void>(release => resolve(release))).catch(reject)
  })
