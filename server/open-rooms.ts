import { randomBytes, randomInt } from 'node:crypto'
import type { Basis } from './basis.ts'
import type { Lists } from './list/open-lists.ts'
import { combinePublishers, type PublisherPart } from './room/combine-publishers.ts'
import { Headroom, ofThisProcess } from './room/headroom.ts'
import { Pacer } from './room/pacer.ts'
import type { Room } from './room/room.ts'
import type { RoomServices } from './room/room-services.ts'
import { Rooms } from './room/rooms.ts'

/** The rooms, once the store is open and has said under which client id this server writes. */
export function openRooms(
  basis: Basis,
  nodeId: number,
  lists: Lists,
  publishers: readonly PublisherPart[],
  editRefused: RoomServices<Room>['editRefused'],
): Rooms {
  const { store, committer, turnEnd, recordTypes, untyped, limits, counters, metrics, logger, now } = basis
  const headroom = new Headroom({
    ...ofThisProcess(),
    now: () => performance.now(),
    onWaiting: fields => logger.warn(fields, 'memory is short: records wait to be opened'),
    onOvergrown: fields =>
      logger.warn(fields, 'memory is short, and not for open records: they are opened one at a time'),
  })
  const rooms = new Rooms({
    headroom,
    store,
    heldOff: lists.heldOff,
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
    isClockSteady: basis.isClockSteady,
    newClientId: () => randomInt(1, 2 ** 32),
    newEpoch: () => randomBytes(12).toString('base64url'),
    soon: run => turnEnd.soon(run),
    presenceChanged: lists.presenceChanged,
    ...(editRefused === undefined ? {} : { editRefused }),
  })
  metrics.gauge('rooms', 'Records in memory', () => rooms.size)
  metrics.gauge(
    'memory_limit_bytes',
    'What the process may have, of its container or machine',
    () => headroom.limitBytes,
  )
  metrics.gauge('rooms_waiting', 'Records that wait for memory to be opened', () => headroom.waiting)
  metrics.total(
    'rooms_refused_total',
    'Records that were not opened for want of memory',
    () => headroom.refused,
  )
  rooms.start()
  return rooms
}
