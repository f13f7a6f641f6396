import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { RecordType } from '../../shared/record/record-type.ts'
import type { Limits } from '../access/limits.ts'
import type { Sessions } from '../access/sessions.ts'
import { addActionRoutes } from '../action/action-routes.ts'
import { type Actions, createActions } from '../action/actions.ts'
import type { ActionLimits } from '../action/spent-answers.ts'
import type { Metrics } from '../http/metrics.ts'
import type { Readiness } from '../http/readiness.ts'
import type { Endpoint } from '../link/sockets.ts'
import type { PublisherPart } from '../room/combine-publishers.ts'
import type { Rooms } from '../room/rooms.ts'
import type { UserWriter } from '../room/user-write.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import type { Store, ValuePut } from '../store/store.ts'
import { createEventPublisher } from './event-publisher.ts'
import type { FileWebhook, WebhooksParts } from './webhooks.ts'

/** Events and actions, as a server has them. */
export interface EventsPart {
  readonly actions: Actions
  readonly publishers: readonly PublisherPart[]
  /** `/ws/updates`. */
  readonly endpoint: Endpoint
  addRoutes(app: FastifyInstance): void
  /** Once the store is open, before any record is: what waits in it must be known to who adds to it. */
  open(): Promise<void>
  /** Once the rooms are open: what was left undone is done, and deliveries begin. */
  start(): Promise<void>
  /** Before the commits end: what is under way is ended, what is not done is found again at the next start. */
  close(): Promise<void>
}

export interface EventsPartParts {
  readonly store: Store
  readonly committer: Pick<GroupCommit, 'submit' | 'readOnly'>
  readonly recordTypes: readonly RecordType[]
  /** Types that the server keeps for itself: nothing is told of them. */
  readonly untold: readonly string[]
  readonly rooms: () => Rooms
  readonly writer: UserWriter
  readonly sessions: Pick<Sessions, 'add'>
  readonly metrics: Pick<Metrics, 'delivered' | 'deliveryFailed' | 'gauge'>
  readonly readiness: Readiness
  readonly logger: WebhooksParts['logger']
  readonly now: () => number
  readonly limits: ActionLimits & Pick<Limits, 'heartbeatMs'>
  readonly authorizeOperator: (request: FastifyRequest) => Promise<unknown>
  /** A record was purged. */
  readonly purged: (room: string) => void
  /** What else goes into the commit of a purge. */
  readonly purging: (room: string) => Promise<readonly ValuePut[]>
  readonly eventsKeptMs: number | null
  readonly isClockSteady: () => boolean
  readonly webhooks: readonly FileWebhook[] | null
}

export const createEventsPart = (parts: EventsPartParts): EventsPart => {
  const { metrics, readiness, writer } = parts
  const types = new Map(parts.recordTypes.map(type => [type.name, type]))
  const events = createEventPublisher({
    ...parts,
    types,
    heartbeatMs: parts.limits.heartbeatMs,
    writer: () => writer,
    untold: new Set(parts.untold),
  })
  const actions = createActions({ ...parts, types })
  metrics.gauge('actions_waiting', 'Actions asked for and not decided', () => actions.runner.size)
  metrics.gauge('event_followers', 'Readers that wait for the next event', () => events.log.followers)
  metrics.gauge('texts_waiting', 'Records with typing that waits for its pause', () => events.texts.size)
  metrics.gauge(
    'webhook_records_waiting',
    'Records of which an event waits for another attempt, by webhook',
    () => events.webhooks.waiting,
    'webhook',
  )
  readiness.register(
    'webhook deliveries',
    () => events.webhooks.problem(),
    () => events.webhooks.remark(),
  )
  return {
    actions,
    publishers: [
      { compose: turn => events.compose(turn), committed: turn => events.committed(turn) },
      { compose: turn => actions.compose(turn), committed: turn => actions.committed(turn) },
    ],
    endpoint: events.endpoint,
    addRoutes(app) {
      events.addRoutes(app, parts.authorizeOperator)
      addActionRoutes(app, actions)
    },
    open: () => events.open(),
    async start() {
      await events.webhooks.keep(parts.webhooks ?? [])
      await events.start()
      await actions.start()
    },
    async close() {
      await actions.close()
      await events.close()
    },
  }
}
