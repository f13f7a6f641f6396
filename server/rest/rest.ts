import type { FastifyInstance } from 'fastify'
import type { RecordType } from '../../shared/record/record-type.ts'
import type { Actions } from '../action/actions.ts'
import type { Limits } from '../access/limits.ts'
import type { Sessions } from '../access/sessions.ts'
import { Housekeeping } from '../housekeeping.ts'
import type { LiveLists } from '../list/live-lists.ts'
import type { PublisherPart } from '../room/combine-publishers.ts'
import type { Rooms } from '../room/rooms.ts'
import type { UserWriter } from '../room/user-write.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import type { Store, ValuePut } from '../store/store.ts'
import { Idempotency } from './idempotency.ts'
import { addDocsRoutes } from './openapi/docs-routes.ts'
import { openApiDocument } from './openapi/document.ts'
import { addRecordRoutes } from './record-routes.ts'
import { addTransferRoutes } from './transfer-routes.ts'

/** REST as a server has it. */
export interface Rest {
  readonly publisher: PublisherPart
  /** For the commit that purges a record: what was answered of it is forgotten. */
  purge(room: string): Promise<readonly ValuePut[]>
  start(): void
  close(): Promise<void>
  addRoutes(app: FastifyInstance): void
}

export interface RestParts {
  readonly store: Store
  readonly types: ReadonlyMap<string, RecordType>
  /** Asked only once the server is open. */
  readonly rooms: () => Rooms
  readonly writer: UserWriter
  readonly committer: Pick<GroupCommit, 'submit'>
  readonly actions: () => Pick<Actions, 'act' | 'answered' | 'runner'>
  readonly lists: LiveLists
  readonly limits: Limits
  readonly sessions: Pick<Sessions, 'add'>
  readonly logger: { error(fields: object, message: string): void }
  readonly version: string
  readonly now: () => number
  readonly isClockSteady: () => boolean
}

const FORGET_EVERY_MS = 3_600_000

export function createRest(parts: RestParts): Rest {
  const idempotency = new Idempotency(parts)
  const forgetting = new Housekeeping({
    everyMs: FORGET_EVERY_MS,
    isClockSteady: parts.isClockSteady,
    work: ending => idempotency.forgetOld(ending),
    failed: error => parts.logger.error({ err: error }, 'old requests could not be forgotten'),
  })
  return {
    publisher: idempotency.publisher,
    purge: room => idempotency.purge(room),
    start: () => forgetting.start(),
    close: () => forgetting.close(),
    addRoutes(app) {
      const rowsMax = parts.limits.rowsPerList
      addDocsRoutes(app, () => openApiDocument(parts.types.values(), { version: parts.version, rowsMax }))
      addTransferRoutes(app, parts)
      addRecordRoutes(app, { ...parts, idempotency, rowsMax })
    },
  }
}
