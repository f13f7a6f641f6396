import { randomBytes, randomInt } from 'node:crypto'
import type { Logger } from 'pino'
import type { RecordType } from '../shared/record/define-record.ts'
import { rowOf } from '../shared/record/row.ts'
import type { Limits } from './access/limits.ts'
import type { WireCounters } from './link/wire-counters.ts'
import { Pacer } from './room/pacer.ts'
import { Rooms } from './room/rooms.ts'
import type { RoomMetrics } from './room/room-services.ts'
import type { Publisher } from './room/turn.ts'
import type { GroupCommit } from './store/group-commit.ts'
import type { Store } from './store/store.ts'

/** The rooms over an open store. */
export interface RoomsOfServer {
  store: Store
  committer: GroupCommit
  recordTypes: readonly RecordType[]
  untyped: boolean
  limits: Limits
  counters: WireCounters
  metrics: RoomMetrics
  logger: Logger
  nodeId: number
  now: () => number
}

export function openRooms(parts: RoomsOfServer): Rooms {
  const { store, committer, recordTypes, untyped, limits, counters, metrics, logger, nodeId, now } = parts
  return new Rooms({
    store,
    committer,
    types: new Map(recordTypes.map(type => [type.name, type])),
    untyped,
    idleBytesMax: limits.idleRoomBytes,
    idleMs: limits.idleRoomMs,
    limits,
    publisher: rowsOnly,
    metrics,
    logger,
    presence: { pacer: new Pacer(now), counters, limits, now, startedAt: now() },
    nodeId,
    now,
    newClientId: () => randomInt(1, 2 ** 32),
    newEpoch: () => randomBytes(12).toString('base64url'),
    soon: run => void setImmediate(run),
    presenceChanged() {},
  })
}

const rowsOnly: Publisher = {
  compose({ type, id, after, at, authors }) {
    if (after.removed) return { row: null, events: [] }
    const row = rowOf(type, after, { updated: at, updatedBy: authors.at(-1)?.by ?? '' })
    return { row: { id, json: JSON.stringify(row), keys: [] }, events: [] }
  },
  committed() {},
}
