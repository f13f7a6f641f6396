// The inbox as part of the server: what each turn adds to its commit, and how it comes to those it is for.
//
//     turn ─ notices, in its commit ─► fan-out: an entry waits for each person ─► inbox:<user>, pushed, mailed
//
// Each arrow is one commit that writes what comes and takes away what was, so that each step happens once.

import type { FastifyInstance } from 'fastify'
import type { RecordType } from '../../shared/record/record-type.ts'
import { Inbox, INBOX, inboxRoom, type InboxView } from '../../shared/types/inbox.ts'
import { isSameQuiet } from '../../shared/types/inbox-preferences.ts'
import { isAnonymousId } from '../access/principal.ts'
import { functionFailed } from '../function-failed.ts'
import { Housekeeping } from '../housekeeping.ts'
import type { Metrics } from '../http/metrics.ts'
import type { Readiness } from '../http/readiness.ts'
import type { PublisherPart } from '../room/combine-publishers.ts'
import type { Room } from '../room/room.ts'
import { readRow } from '../room/read-row.ts'
import type { RoomServices } from '../room/room-services.ts'
import type { Rooms } from '../room/rooms.ts'
import type { Turn } from '../room/turn.ts'
import { isUnreadable } from '../room/unreadable.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import type { Store, ValuePut } from '../store/store.ts'
import { createChannels, type NotificationOptions } from './channels.ts'
import { Deliveries, RETRY_MS } from './deliveries.ts'
import { Digests } from './digests.ts'
import { FanOut } from './fan-out.ts'
import { pruneHistory } from './inbox-history.ts'
import { addInboxRoutes } from './inbox-routes.ts'
import { InboxWriter } from './inbox-writer.ts'
import type { People } from './people.ts'
import { PurgedRecords } from './purged-records.ts'
import { mayReadNow, type RecipientsParts } from './recipients.ts'
import { RefusedEdits } from './refused-edits.ts'
import { RECORD } from '../../shared/types/notice-sentences.ts'
import { titleOf, titlesOf } from './turn-notices.ts'
import { keptVapidKeys, type VapidKeys } from './vapid.ts'
import { waitingPut } from './waiting-entry.ts'

export interface InboxPartParts {
  readonly store: Store
  readonly committer: Pick<GroupCommit, 'submit'>
  readonly recordTypes: readonly RecordType[]
  readonly people: People
  /** Asked only after `start`. */
  readonly rooms: () => Rooms
  readonly now: () => number
  readonly isClockSteady: () => boolean
  readonly metrics: Pick<Metrics, 'delivered' | 'deliveryFailed' | 'gauge'>
  readonly readiness: Pick<Readiness, 'register'>
  readonly notifications: NotificationOptions
  readonly logger: {
    warn(fields: object, message: string): void
    error(fields: object, message: string): void
  }
}

export interface InboxPart extends PublisherPart {
  readonly deliveries: Pick<Deliveries, 'run' | 'check' | 'size'>
  readonly digests: Pick<Digests, 'run'>
  readonly editRefused: NonNullable<RoomServices<Room>['editRefused']>
  /** What a purge adds to its commit, and what follows it: nobody's inbox tells of the record any more. */
  purge(room: string): readonly ValuePut[]
  purged(room: string): void
  addRoutes(app: FastifyInstance): void
  /** When store and rooms are open: what was under way when the server ended goes on. */
  start(): Promise<void>
  /** What is on its way: turns to be told, entries to be put into inboxes. */
  readonly depth: { readonly turns: number; readonly entries: number }
  /** Resolves when everything that was committed so far stands in the inboxes. */
  idle(): Promise<void>
  close(): Promise<void>
}

/** The record types of a server that has inboxes. */
export const withInbox = (types: readonly RecordType[]): readonly RecordType[] =>
  types.some(({ name }) => name === INBOX) ? types : [...types, Inbox]

export const createInbox = (parts: InboxPartParts): InboxPart => {
  const { store, committer, people, rooms, now, metrics, readiness, notifications, logger } = parts
  const types = new Map(parts.recordTypes.map(type => [type.name, type]))
  let vapid: VapidKeys | null = notifications.vapid ?? null
  const vapidKeys = (): VapidKeys => {
    if (vapid === null) throw new Error('The push keys are read when the server starts.')
    return vapid
  }
  const told: RecipientsParts = {
    types,
    people,
    // What is told of a record that cannot be read would keep what is told of all others waiting.
    rowOf: async room => {
      try {
        return await readRow({ store, rooms }, room)
      } catch (error) {
        if (!isUnreadable(error)) throw error
        logger.error({ room, reason: error.message }, 'a record cannot be read: nobody is told of it')
        return null
      }
    },
  }
  const deliveries = new Deliveries({
    channels: createChannels(notifications, vapidKeys),
    store,
    committer,
    rooms,
    people,
    now,
    retryMs: notifications.retryMs ?? RETRY_MS,
    metrics,
    logger,
    forgetDevice: (user, device) => writer.forgetDevice(user, device),
    mayRead: (user, room) => mayReadNow(told, user, room),
  })
  const digests = new Digests({
    store,
    committer,
    // The type of these rooms is the inbox.
    viewOf: async user => (await rooms().open(inboxRoom(user))).guarded?.record.view as unknown as InboxView,
    isMailed: notifications.smtp !== undefined,
    add: due => deliveries.add(due),
    now,
    failed: (user, error) => logger.error({ user, err: error }, 'a digest cannot be mailed yet'),
  })
  const writer = new InboxWriter({
    store,
    committer,
    rooms,
    deliveries,
    failed: (user, error) => logger.error({ user, err: error }, 'an inbox cannot be written yet'),
  })
  const fanOut = new FanOut({
    store,
    committer,
    ...told,
    nameOf: id => people.get(id)?.name ?? id,
    waiting: entries => writer.add(entries),
    failed: error => logger.error({ err: error }, 'what happened cannot be told yet'),
    functionFailed: (room, error) => functionFailed(logger, room)(error),
  })
  const refusedEdits = new RefusedEdits(now, async entries => {
    try {
      await committer.submit({ rooms: [], values: entries.map(waitingPut) })
      writer.add(entries)
    } catch (error) {
      logger.error({ err: error }, 'a refused edit cannot be told')
    }
  })
  readiness.register(
    'inbox',
    () => fanOut.problem() ?? writer.problem(),
    () => writer.remark(),
  )
  readiness.register('push', () => deliveries.problem('push'))
  if (notifications.smtp !== undefined) readiness.register('mail', () => deliveries.problem('mail'))
  metrics.gauge('inbox_waiting', 'Entries on their way into inboxes', () => fanOut.size + writer.size)
  const purgedRecords = new PurgedRecords({
    store,
    committer,
    writer,
    deliveries,
    failed: error => logger.error({ err: error }, 'a purged record cannot be taken out of the inboxes yet'),
  })
  const pruning = new Housekeeping({
    everyMs: DAY_MS,
    isClockSteady: parts.isClockSteady,
    work: ending => pruneHistory(store, committer, now(), ending),
    failed: error => logger.error({ err: error }, 'the history of inboxes cannot be pruned yet'),
  })
  return {
    purge: room => purgedRecords.compose(room),
    purged: room => purgedRecords.committed(room),
    deliveries,
    digests,
    editRefused(room, { id: user }, problems) {
      const { type, name, guarded } = room
      if (type === null || guarded === null || isAnonymousId(user)) return
      const { view } = guarded.record
      const title = titleOf(type, view) || name
      const titles = { ...titlesOf(type, view, RECORD), ...titlesOf(type, view), title }
      refusedEdits.add({ room: name, type, title, titles, user, problems })
    },
    compose(turn) {
      const own = ownEditOf(turn)
      return { values: own === null ? fanOut.compose(turn) : digests.compose(turn.id, own.before, own.after) }
    },
    committed(turn) {
      const own = ownEditOf(turn)
      if (own !== null) digests.committed(turn.id, own.before, own.after)
      if (own !== null && !isSameQuiet(own.before, own.after))
        deliveries
          .wishChanged(turn.id)
          .catch(error => logger.error({ err: error }, 'deliveries cannot be made yet'))
      fanOut.committed(turn)
      if (own !== null && own.after.cleared.length > 0) writer.tidy(turn.id)
    },
    addRoutes: app =>
      addInboxRoutes(app, {
        store,
        rooms,
        pushKey: () => vapidKeys().publicKey,
        isMailed: notifications.smtp !== undefined,
        addressOf: user => people.get(user)?.email ?? null,
      }),
    async start() {
      await people.start()
      vapid ??= await keptVapidKeys(store, committer)
      await deliveries.start()
      await digests.start()
      await writer.start()
      await fanOut.start()
      await purgedRecords.start()
      pruning.start()
    },
    get depth() {
      return { turns: fanOut.size, entries: writer.size }
    },
    async idle() {
      await refusedEdits.flush()
      await fanOut.idle()
      await writer.idle()
      await purgedRecords.idle()
    },
    async close() {
      const parts = [fanOut, writer, purgedRecords, digests, deliveries, pruning]
      await Promise.all([refusedEdits.flush(), ...parts.map(part => part.close())])
    },
  }
}

const DAY_MS = 86_400_000

/** What a person did to their own inbox: read, cleared, chose. */
const ownEditOf = ({ type, authors, before, after }: Turn): { before: InboxView; after: InboxView } | null =>
  // Every record of this type has its view.
  type.name === INBOX && authors.length > 0
    ? { before: before as unknown as InboxView, after: after as unknown as InboxView }
    : null
