// All rooms of the server: loaded once however many ask at the same time, kept while somebody is in them or they
// are warm, and bounded in memory.

import type { RecordType } from '../../shared/record/record-type.ts'
import { parseRoomName } from '../../shared/record/room-name.ts'
import type { Row } from '../../shared/record/filter.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import { isFitName } from '../store/head.ts'
import type { Store } from '../store/store.ts'
import { isStoreError } from '../store/store-error.ts'
import { isLarge } from './headroom.ts'
import { type Door, type JoinAsk, type Membership, type Peer, RoomRefusal } from './peer.ts'
import { Room } from './room.ts'
import type { RoomServices } from './room-services.ts'

export interface RoomsParts
  extends Omit<
    RoomServices<Room>,
    'commit' | 'compact' | 'unwritable' | 'forget' | 'warm' | 'doubted' | 'left'
  > {
  readonly store: Store
  readonly committer: GroupCommit
  readonly types: ReadonlyMap<string, RecordType>
  /** Names that are no type:id are free documents without a schema. */
  readonly untyped: boolean
  /** One of which what its type makes does not come to an end: it would stop the server for everybody. */
  readonly heldOff?: (name: string) => boolean | Promise<boolean>
  /** Memory for rooms that nobody is in. */
  readonly idleBytesMax: number
  /** A room that nobody is in is let go after this time. */
  readonly idleMs: number
}

const HELD_OFF =
  'This record is held off: what its type makes of it does not come to an end. Mend the type’s functions, and make the rows anew: corecord reindex.'

const COOL_INTERVAL_MS = 1_000
const SWEEP_BEATS = 5
const DOUBTED_MAX = 10_000

export class Rooms implements Door {
  readonly #parts: RoomsParts
  readonly #services: RoomServices<Room>
  readonly #rooms = new Map<string, Room>()
  readonly #loading = new Map<string, Promise<Room>>()
  /** How many rooms each person is in, all their devices together. */
  readonly #openByUser = new Map<string, number>()
  /** Rooms that hold a doc, and when each was last used. */
  readonly #warm = new Map<Room, number>()
  /** Rooms that nobody is in, and since when; the longest left stands first. */
  readonly #left = new Map<Room, number>()
  #sweeping: NodeJS.Timeout | null = null
  #isClosed = false
  #isSqueezing = false

  constructor(parts: RoomsParts) {
    this.#parts = parts
    this.#services = {
      ...parts,
      now: () => parts.now(),
      newClientId: () => parts.newClientId(),
      newEpoch: () => parts.newEpoch(),
      soon: run => parts.soon(run),
      presenceChanged: room => parts.presenceChanged(room),
      commit: change => parts.committer.submit(change),
      compact: (room, snapshot, upTo) => parts.store.compactRoom(room, snapshot, upTo),
      unwritable: () => this.unwritable,
      warm: room => this.#warm.set(room, parts.now()),
      doubted: new Set(),
      left: (room, user) => {
        if (room.peers.size === 0 && !room.isClosed) this.#left.set(room, parts.now())
        const open = (this.#openByUser.get(user) ?? 0) - 1
        if (open > 0) this.#openByUser.set(user, open)
        else this.#openByUser.delete(user)
      },
      forget: room => {
        this.#warm.delete(room)
        this.#left.delete(room)
        if (this.#rooms.get(room.name) === room) this.#rooms.delete(room.name)
      },
    }
  }

  start(): void {
    let beats = 0
    const { headroom } = this.#parts
    headroom?.watch(this)
    this.#sweeping = setInterval(() => {
      this.cool()
      headroom?.look()
      const isTight = headroom?.isTight === true
      if (++beats % SWEEP_BEATS === 0 || isTight) this.sweep()
      if (isTight) void this.squeeze()
    }, COOL_INTERVAL_MS)
    this.#sweeping.unref()
  }

  get size(): number {
    return this.#rooms.size
  }

  values(): IterableIterator<Room> {
    return this.#rooms.values()
  }

  /** Why nothing can be written; null: it can. */
  get unwritable(): string | null {
    return this.#parts.committer.readOnly?.message ?? null
  }

  /** A room that is in memory now. */
  get(name: string): Room | undefined {
    return this.#rooms.get(name)
  }

  async join(name: string, peer: Peer, ask: JoinAsk): Promise<Membership> {
    const room = this.#rooms.get(name) ?? (await this.open(name))
    const user = peer.principal.id
    const open = this.#openByUser.get(user) ?? 0
    if (open >= this.#parts.limits.roomsPerUser) throw new RoomRefusal('TOO_MANY_ROOMS')
    const membership = room.join(peer, ask)
    this.#left.delete(room)
    this.#openByUser.set(user, open + 1)
    return membership
  }

  /** Loads the room if it is not in memory. */
  async open(name: string): Promise<Room> {
    const known = this.#rooms.get(name)
    if (known !== undefined) return known
    if (this.#isClosed) throw new RoomRefusal('DRAINING')
    let loading = this.#loading.get(name)
    if (loading === undefined) {
      loading = this.#load(name).finally(() => this.#loading.delete(name))
      this.#loading.set(name, loading)
    }
    return loading
  }

  /** Docs that nobody edits are let go of. */
  cool(): void {
    const now = this.#parts.now()
    for (const [room, usedAt] of this.#warm) {
      if (room.isQuiet(now - usedAt)) room.cool()
      if (!room.isWarm) this.#warm.delete(room)
    }
  }

  /** The same at once, where somebody waits for what large ones take. */
  coolLarge(): void {
    for (const room of this.#warm.keys()) if (isLarge(room.storedBytes)) room.cool()
  }

  /** About what all of them take. */
  get bytes(): number {
    let bytes = 0
    for (const room of this.#rooms.values()) bytes += room.bytes
    return bytes
  }

  /** Rooms that nobody is in are let go of, the longest left first. */
  sweep(): void {
    const now = this.#parts.now()
    const isTight = this.#parts.headroom?.isTight === true
    const idleBytesMax = isTight ? 0 : this.#parts.idleBytesMax
    if (this.#services.doubted.size > DOUBTED_MAX) this.#services.doubted.clear()
    const idle = [...this.#left].filter(([room]) => room.isIdle)
    let idleBytes = idle.reduce((sum, [{ bytes }]) => sum + bytes, 0)
    for (const [room, leftAt] of idle) {
      if (idleBytes <= idleBytesMax && now - leftAt <= this.#parts.idleMs) break
      idleBytes -= room.bytes
      room.cool()
      this.#services.forget(room)
      room.close()
    }
  }

  /** Where memory is short. One after the other: they share the processor with whoever works. */
  async squeeze(): Promise<void> {
    if (this.#isSqueezing) return
    this.#isSqueezing = true
    try {
      for (const room of this.#rooms.values()) await room.squeeze()
    } finally {
      this.#isSqueezing = false
    }
  }

  /** For the next start, which then reads records as they lie; the longest logs first, as many as the time allows. */
  async compactLogs(ms: number): Promise<void> {
    const until = this.#parts.now() + ms
    const long = [...this.#warm.keys()].filter(room => room.hasLongLog)
    long.sort((a, b) => (b.head?.logBytes ?? 0) - (a.head?.logBytes ?? 0))
    for (const room of long) {
      if (this.#parts.now() > until || this.#parts.committer.readOnly !== null) return
      await room.compactLog()
    }
  }

  close(): void {
    this.#isClosed = true
    if (this.#sweeping !== null) clearInterval(this.#sweeping)
    this.#sweeping = null
    this.#parts.headroom?.close()
    for (const room of this.#rooms.values()) room.close()
    this.#rooms.clear()
  }

  async #load(name: string): Promise<Room> {
    const { type, id } = this.#typeOf(name)
    const { store, headroom, heldOff } = this.#parts
    const isHeldOff = heldOff?.(name) ?? false
    if (isHeldOff === true || (isHeldOff !== false && (await isHeldOff)))
      throw new RoomRefusal('INTERNAL', HELD_OFF)
    try {
      if (headroom?.isFull === true) await headroom.read(0, async () => {})
      const [stored, row] = await Promise.all([
        store.loadRoom(
          name,
          headroom === undefined ? undefined : (bytes, read) => headroom.read(bytes, read),
        ),
        type?.access.read === undefined ? null : store.readRow(type.name, id),
      ])
      const room = new Room(name, id, type, this.#services)
      room.load(stored, row === null ? null : (JSON.parse(row) as Row))
      headroom?.took(room.storedBytes)
      this.#rooms.set(name, room)
      this.#left.set(room, this.#parts.now())
      return room
    } catch (error) {
      if (!isStoreError(error, 'STORE_DAMAGED')) throw error
      const { logger } = this.#services
      logger.error(
        { room: name, reason: error.message },
        'a record is damaged and not served; the others are',
      )
      throw new RoomRefusal('STORE_DAMAGED', error.message)
    }
  }

  #typeOf(name: string): { type: RecordType | null; id: string } {
    if (!isFitName(name)) throw new RoomRefusal('BAD_ROOM_NAME')
    const parsed = parseRoomName(name)
    const type = parsed === null ? undefined : this.#parts.types.get(parsed.type)
    if (parsed !== null && type !== undefined) return { type, id: parsed.id }
    // `ticket:..` is a wrong name of a ticket, and no free room beside the type.
    const isOfType =
      parsed === null && name.includes(':') && this.#parts.types.has(name.split(':', 1)[0] ?? '')
    if (this.#parts.untyped && !isOfType) return { type: null, id: name }
    throw parsed === null ? new RoomRefusal('BAD_ROOM_NAME') : new RoomRefusal('NO_SUCH_TYPE')
  }
}
