// Events as part of the server: what each turn adds to its commit, and what happens after it.

import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Row } from '../../shared/record/filter.ts'
import type { RecordType } from '../../shared/record/record-type.ts'
import type { Sessions } from '../access/sessions.ts'
import type { Endpoint } from '../link/sockets.ts'
import type { Rooms } from '../room/rooms.ts'
import type { Turn } from '../room/turn.ts'
import type { UserWriter } from '../room/user-write.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import type { Store, ValuePut } from '../store/store.ts'
import { functionFailed } from '../function-failed.ts'
import { composeEvents } from './compose-events.ts'
import { EventLog } from './event-log.ts'
import { EventReaders } from './event-readers.ts'
import { EventRetention } from './event-retention.ts'
import { addHistoryRoutes } from './history-routes.ts'
import { RecordHistory } from './record-history.ts'
import { addEventRoutes } from './event-routes.ts'
import { TextPauses } from './text-pauses.ts'
import { sightBefore } from './sight.ts'
import { createUpdatesEndpoint } from './updates-endpoint.ts'
import { addWebhookRoutes } from './webhook-routes.ts'
import { Webhooks, type WebhooksParts } from './webhooks.ts'

export interface EventPublisherParts {
  readonly store: Store
  readonly committer: Pick<GroupCommit, 'submit' | 'readOnly'>
  readonly writer: () => UserWriter
  readonly types: ReadonlyMap<string, RecordType>
  /** Asked only after `start`. */
  readonly rooms: () => Rooms
  readonly now: () => number
  readonly logger: WebhooksParts['logger']
  readonly sessions: Pick<Sessions, 'add'>
  readonly textPauseMs?: number
  /** Types of which no events are made: what the server keeps for itself. */
  readonly untold: ReadonlySet<string>
  /** How long events are kept; null: for ever. */
  readonly eventsKeptMs: number | null
  readonly isClockSteady: () => boolean
  /** A record was purged: whatever else is known of it has to go. */
  readonly purged: (room: string) => void
  /** What else goes into the commit of a purge. */
  readonly purging: (room: string) => Promise<readonly ValuePut[]>
  readonly heartbeatMs: number
  readonly metrics: WebhooksParts['metrics']
  /** After so many attempts of a webhook's delivery; null: it is given up. */
  readonly webhookBackoffMs?: (attempts: number) => number | null
  readonly webhookProbeMs?: number
}

export interface EventPublisher {
  readonly log: EventLog
  readonly texts: TextPauses
  readonly webhooks: Webhooks
  /** `/ws/updates`. */
  readonly endpoint: Endpoint
  compose(turn: Turn): { events: readonly string[]; values: readonly ValuePut[] }
  committed(turn: Turn): void
  /** `authorize` rejects who may not use the admin routes. */
  addRoutes(app: FastifyInstance, authorize: (request: FastifyRequest) => Promise<unknown>): void
  /** Once the store is open, before any record is. */
  open(): Promise<void>
  /** Once the rooms are open: what waited for a pause when the server ended is told. */
  start(): Promise<void>
  close(): Promise<void>
}

export const createEventPublisher = (parts: EventPublisherParts): EventPublisher => {
  const { store, types, rooms, now, logger } = parts
  const failed = (error: unknown): void => logger.error({ err: error }, 'events cannot be read')
  const log = new EventLog(store, failed)
  const readers = new EventReaders({
    types,
    store,
    rooms,
    unreadable: (room, { message }) =>
      logger.error({ room, reason: message }, 'a record cannot be read: nobody is told of it'),
  })
  const texts = new TextPauses({
    store,
    openRoom: name => rooms().open(name),
    now,
    told: () => log.wake(),
    failed: (room, error) => logger.error({ room, err: error }, 'what was typed cannot be told yet'),
    ...(parts.textPauseMs === undefined ? {} : { pauseMs: parts.textPauseMs }),
  })
  const webhooks = new Webhooks({
    log,
    readers,
    store,
    committer: parts.committer,
    now,
    types,
    logger,
    metrics: parts.metrics,
    ...(parts.webhookBackoffMs === undefined ? {} : { backoffMs: parts.webhookBackoffMs }),
    ...(parts.webhookProbeMs === undefined ? {} : { probeMs: parts.webhookProbeMs }),
  })
  const history = new RecordHistory({
    store,
    readers,
    log,
    texts,
    rooms,
    writer: parts.writer,
    now,
    async purged(room, commit) {
      parts.purged(room)
      await webhooks.purged(room, commit)
    },
    purging: async room => [...(await parts.purging(room)), ...(await webhooks.purge(room))],
  })
  const retention = new EventRetention({
    store,
    keptMs: parts.eventsKeptMs,
    now,
    isClockSteady: parts.isClockSteady,
    failed: error => logger.error({ err: error }, 'old events cannot be folded away'),
  })
  return {
    webhooks,
    log,
    texts,
    endpoint: createUpdatesEndpoint({ log, readers, failed, typeNames: [...types.keys()] }),
    compose(turn) {
      if (parts.untold.has(turn.type.name)) return { events: [], values: [] }
      const typed = texts.compose(turn)
      const told = composeEvents(turn, functionFailed(logger, turn.room))
      const rowBefore = (): Row | null => (turn.before.removed ? null : (rooms().get(turn.room)?.row ?? null))
      const was = sightBefore(turn.type, rowBefore, turn.row)
      const last = told.pop()
      if (last !== undefined) told.push(was === null ? last : { ...last, was })
      const events = [...typed.events, ...told]
      return { events: events.map(event => JSON.stringify(event)), values: typed.values }
    },
    committed(turn) {
      texts.committed(turn)
      readers.forget(turn.room)
      log.wake()
    },
    addRoutes(app, authorize) {
      addWebhookRoutes(app, webhooks, types, parts.committer, authorize)
      addHistoryRoutes(app, history, authorize)
      addEventRoutes(app, { log, readers, sessions: parts.sessions, heartbeatMs: parts.heartbeatMs })
    },
    open: () => texts.open(),
    async start() {
      texts.start()
      await webhooks.start()
      retention.start()
    },
    async close() {
      await texts.close()
      await webhooks.close()
      await retention.close()
      log.close()
    },
  }
}
