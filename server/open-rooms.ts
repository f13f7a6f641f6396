import { randomBytes, randomInt } from 'node:crypto'
import type { Basis } from './basis.ts'
import type { Lists } from './list/open-lists.ts'
import { combinePublishers, type PublisherPart } from './room/combine-publishers.ts'
import { Pacer } from './room/pacer.ts'
import type { RoomServices } from './room/room-services.ts'
import { Rooms } from './room/rooms.ts'

/** The rooms, once the store is open and has said under which client id this server writes. */
export function openRooms(
  basis: Basis,
  nodeId: number,
  lists: Lists,
  publishers: readonly PublisherPart[] = [],
  editRefused?: RoomServices['editRefused'],
): Rooms {
  const { store, committer, turnEnd, recordTypes, untyped, limits, counters, metrics, logger, now } = basis
  const rooms = new Rooms({
    store,
    committer,
    types: new Map(recordTypes.map(type => [type.name, type])),
    untyped,
    idleBytesMax: limits.idleRoomBytes,
    idleMs: limits.idleRoomMs,
    limits,
    // Rows first: what is told after a commit finds them there.
    publisher: combinePublishers(lists.publisher, ...publishers),
    metrics: metrics.rooms,
    logger,
    presence: { pacer: new Pacer(now), counters, limits, now, startedAt: now() },
    nodeId,
    now,
    newClientId: () => randomInt(1, 2 ** 32),
    newEpoch: () => randomBytes(12).toString('base64url'),
    soon: run => turnEnd.soon(run),
    presenceChanged: lists.presenceChanged,
    ...(editRefused === undefined ? {} : { editRefused }),
  })
  metrics.gauge('rooms', 'Records in memory', () => rooms.size)
  rooms.start()
  return rooms
}
