// The inbox as part of the server: what each turn adds to its commit, and how it comes to those it is for.
//
//     turn ─ notices, in its commit ─► fan-out: an entry waits for each person ─► inbox:<user>, pushed, mailed
//
// Each arrow is one commit that writes what comes and takes away what was, so that each step happens once.

import type { FastifyInstance } from 'fastify'
import type { RecordType } from '../../shared/record/define-record.ts'
import type { Row } from '../../shared/record/filter.ts'
import { Inbox, INBOX, type InboxView } from '../../shared/types/inbox.ts'
import { isAnonymousId } from '../access/principal.ts'
import type { PublisherPart } from '../room/combine-publishers.ts'
import type { RoomServices } from '../room/room-services.ts'
import type { Rooms } from '../room/rooms.ts'
import type { Turn } from '../room/turn.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import type { Store } from '../store/store.ts'
import { FanOut } from './fan-out.ts'
import { addInboxRoutes } from './inbox-routes.ts'
import { InboxWriter } from './inbox-writer.ts'
import type { People } from './people.ts'
import { readRow } from './read-row.ts'
import { RefusedEdits } from './refused-edits.ts'
import { titleOf } from './turn-notices.ts'
import { waitingPut } from './waiting-entry.ts'

export interface InboxPartParts {
  readonly store: Store
  readonly committer: Pick<GroupCommit, 'submit'>
  readonly recordTypes: readonly RecordType[]
  readonly people: People
  /** Asked only after `start`. */
  readonly rooms: () => Rooms
  readonly now: () => number
  readonly logger: { error(fields: object, message: string): void }
}

export interface InboxPart extends PublisherPart {
  readonly editRefused: NonNullable<RoomServices['editRefused']>
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
  const { store, committer, people, rooms, now, logger } = parts
  const types = new Map(parts.recordTypes.map(type => [type.name, type]))
  const writer = new InboxWriter({
    store,
    committer,
    rooms,
    alongside: () => [],
    arrived() {},
    failed: (user, error) => logger.error({ user, err: error }, 'an inbox cannot be written yet'),
  })
  const fanOut = new FanOut({
    store,
    committer,
    types,
    people,
    rowOf: (room): Promise<Row | null> => readRow(store, rooms(), room),
    nameOf: id => people.get(id)?.name ?? id,
    waiting: entries => writer.add(entries),
    failed: error => logger.error({ err: error }, 'what happened cannot be told yet'),
  })
  const refusedEdits = new RefusedEdits(now, async entries => {
    try {
      await committer.submit({ rooms: [], values: entries.map(waitingPut) })
      writer.add(entries)
    } catch (error) {
      logger.error({ err: error }, 'a refused edit cannot be told')
    }
  })
  return {
    editRefused(room, { id: user }, problems) {
      const { type, name, guarded } = room
      if (type === null || guarded === null || isAnonymousId(user)) return
      const title = titleOf(type, guarded.record.view) || name
      refusedEdits.add({ room: name, type, title, user, problems })
    },
    compose: turn => ({ values: fanOut.compose(turn) }),
    committed(turn) {
      fanOut.committed(turn)
      if (wasCleared(turn)) writer.tidy(turn.id)
    },
    addRoutes: app => addInboxRoutes(app, { store, rooms }),
    async start() {
      await people.start()
      await writer.start()
      await fanOut.start()
    },
    get depth() {
      return { turns: fanOut.size, entries: writer.size }
    },
    async idle() {
      await refusedEdits.flush()
      await fanOut.idle()
      await writer.idle()
    },
    async close() {
      await refusedEdits.flush()
      await fanOut.close()
      await writer.close()
    },
  }
}

/** What was cleared on some device leaves the record, and what makes room for it does too. */
const wasCleared = ({ type, authors, after }: Turn): boolean =>
  type.name === INBOX && authors.length > 0 && (after as unknown as InboxView).cleared.length > 0
