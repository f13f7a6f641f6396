import type { FastifyInstance } from 'fastify'
import type { RecordType } from '../../shared/record/define-record.ts'
import type { Limits } from '../access/limits.ts'
import type { LiveLists } from '../list/live-lists.ts'
import type { Rooms } from '../room/rooms.ts'
import type { UserWriter } from '../room/user-write.ts'
import type { Store } from '../store/store.ts'
import { addRecordRoutes } from './record-routes.ts'

/** REST as a server has it. */
export interface Rest {
  addRoutes(app: FastifyInstance): void
}

export interface RestParts {
  readonly store: Store
  readonly types: ReadonlyMap<string, RecordType>
  /** Asked only once the server is open. */
  readonly rooms: () => Rooms
  readonly writer: UserWriter
  readonly lists: LiveLists
  readonly limits: Limits
  readonly now: () => number
}

export function createRest(parts: RestParts): Rest {
  return {
    addRoutes(app) {
      addRecordRoutes(app, { ...parts, rowsMax: parts.limits.rowsPerList })
    },
  }
}
