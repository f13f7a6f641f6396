import { randomBytes, randomInt } from 'node:crypto'
import { rowOf } from '../shared/record/row.ts'
import type { Basis } from './basis.ts'
import { Pacer } from './room/pacer.ts'
import { Rooms } from './room/rooms.ts'
import type { Publisher } from './room/turn.ts'

/** The rooms, once the store is open and has said under which client id this server writes. */
export function openRooms(basis: Basis, nodeId: number): Rooms {
  const { store, committer, recordTypes, untyped, limits, counters, metrics, logger, now } = basis
  const rooms = new Rooms({
    store,
    committer,
    types: new Map(recordTypes.map(type => [type.name, type])),
    untyped,
    idleBytesMax: limits.idleRoomBytes,
    idleMs: limits.idleRoomMs,
    limits,
    publisher: rowsOnly,
    metrics: metrics.rooms,
    logger,
    presence: { pacer: new Pacer(now), counters, limits, now, startedAt: now() },
    nodeId,
    now,
    newClientId: () => randomInt(1, 2 ** 32),
    newEpoch: () => randomBytes(12).toString('base64url'),
    soon: run => void setImmediate(run),
    presenceChanged() {},
  })
  metrics.gauge('rooms', 'Records in memory', () => rooms.size)
  rooms.start()
  return rooms
}

const rowsOnly: Publisher = {
  compose({ type, id, after, at, authors }) {
    if (after.removed) return { row: null, events: [] }
    const row = rowOf(type, after, { updated: at, updatedBy: authors.at(-1)?.by ?? '' })
    return { row: { id, json: JSON.stringify(row), keys: [] }, events: [] }
  },
  committed() {},
}
