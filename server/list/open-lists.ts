import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { RecordType } from '../../shared/record/record-type.ts'
import type { Limits } from '../access/limits.ts'
import type { Sessions } from '../access/sessions.ts'
import type { UnreadAnswers } from '../http/unread-answers.ts'
import type { ControlHandler } from '../link/control-handler.ts'
import type { PublisherPart } from '../room/combine-publishers.ts'
import type { Room } from '../room/room.ts'
import type { Rooms } from '../room/rooms.ts'
import type { Store } from '../store/store.ts'
import { DueRows } from './due-rows.ts'
import { createListHandler } from './list-handler.ts'
import { addListStream } from './list-stream.ts'
import { type ListTime, LiveLists, realListTime } from './live-lists.ts'
import { presentPerson } from './present-person.ts'
import {
  createRebuildRows,
  endlessRooms,
  isEndless,
  type RebuildParts,
  type RebuildRows,
  staleTypes,
} from './rebuild-rows.ts'
import { rowFailed } from '../room/row-or-fields.ts'
import { RowsAnew } from './rows-anew.ts'
import { createRowsPublisher } from './rows-publisher.ts'
import { createSearchRecords, type SearchRecords } from './search-records.ts'

/** Rows and live lists, as a server has them. */
export interface Lists {
  readonly lists: LiveLists
  readonly publisher: PublisherPart
  readonly handler: ControlHandler
  /** Over all types, for who types to get somewhere. */
  readonly search: SearchRecords
  /** Makes rows anew, while lists go on. */
  readonly rebuild: RebuildRows
  /** The record is gone from the store (it was purged), and from all lists. */
  forget(room: string): void
  /** What its type makes of it does not come to an end. */
  heldOff(room: string): boolean | Promise<boolean>
  presenceChanged(room: Room): void
  /** Live lists as server-sent events. */
  addRoutes(app: FastifyInstance, sessions: Pick<Sessions, 'add'>): void
  /** Once the store is open, and before the rooms are. */
  open(): Promise<void>
  /** Once the store and the rooms are open. */
  start(rooms: Rooms): void
  close(): void
}

export interface ListsParts {
  readonly store: Store
  readonly recordTypes: readonly RecordType[]
  readonly limits: Limits
  readonly logger: Pick<Logger, 'error' | 'info'>
  readonly now: () => number
  readonly listTime?: ListTime
  readonly unread: UnreadAnswers
}

export function createLists(parts: ListsParts): Lists {
  const { store, recordTypes, limits, logger, now, unread } = parts
  const time = parts.listTime ?? realListTime
  const types = new Map(recordTypes.map(type => [type.name, type]))
  let rooms: Rooms | null = null

  const due = new DueRows(time, now, ({ at, type, id }) => {
    const row = lists.isLoaded(type) ? (lists.tableNow(type).get(id) ?? null) : null
    // Told as changed, although nothing is written: what a screen makes of it has changed.
    if (row?.changesAt === at) lists.told(type, id)
  })
  const lists = new LiveLists({
    store,
    types,
    logger,
    time,
    peopleIn: room => rooms?.get(room)?.presence?.present().map(presentPerson) ?? [],
    onRow: (type, id, row) => due.note(type, id, row),
    onDamaged: type => {
      logger.error({ type }, 'rows are damaged: they are made anew from their records')
      void anew.makeAndTell({ types: new Set([type]), missingOnly: true })
    },
  })
  const heldOff = new Set<string>()
  const holdOff = (room: string): void => {
    heldOff.add(room)
    logger.error(
      { room, type: room.slice(0, room.indexOf(':')) },
      'what a record type makes of a record does not come to an end: the record is held off, and the others are served',
    )
  }
  const rowParts: RebuildParts = {
    store,
    types,
    now,
    // As the rows themselves are written: on a full disk it fails at once, and is tried again by who asked for it.
    put: async values => {
      await store.commit([{ rooms: [], values }])
    },
    rewritten: (type, id, row, commit) => lists.rewritten(type, id, row, commit),
    failed: (room, error) => rowFailed(logger, room, error),
    endless(room, isEndless) {
      if (isEndless) holdOff(room)
      else heldOff.delete(room)
    },
  }
  /** Of these nobody knows yet at which records their functions come to an end. */
  const untried = new Set<string>()
  const isHeldOff = (room: string): boolean | Promise<boolean> => {
    if (heldOff.has(room)) return true
    return untried.has(room.slice(0, room.indexOf(':'))) && isEndless(rowParts, room)
  }
  const rebuildRows = createRebuildRows(rowParts)
  const make: RebuildRows = async (ask, onProgress) => {
    const report = await rebuildRows(ask, onProgress)
    if (ask.missingOnly !== true) for (const type of ask.types ?? types.keys()) untried.delete(type)
    return report
  }
  const anew = new RowsAnew({ make, typeNames: [...types.keys()], lists, time, logger })
  const search = createSearchRecords(lists)

  return {
    lists,
    publisher: createRowsPublisher((type, id, row, commit, said) =>
      lists.committed(type, id, row, commit, said),
    ),
    handler: createListHandler({ lists, search, limits, logger }),
    search,
    rebuild: anew.make,
    heldOff: isHeldOff,
    async open() {
      for (const type of await staleTypes(store, types)) untried.add(type)
      for await (const room of endlessRooms(store, types)) holdOff(room)
    },
    forget(room) {
      const colon = room.indexOf(':')
      lists.committed(room.slice(0, colon), room.slice(colon + 1), null, Number.MAX_SAFE_INTEGER)
    },
    presenceChanged: room => {
      if (room.type !== null) lists.presenceMoved(room.type.name, room.id)
    },
    addRoutes: (app, sessions) => addListStream(app, { lists, sessions, limits, unread }),
    start(opened) {
      rooms = opened
      void lists.start()
      // Rows that an earlier version of a type made.
      void staleTypes(store, types).then(stale => {
        const tellFirst = (records: number): void => {
          if (records === 1)
            logger.info({ types: [...stale] }, 'rows are being made anew: lists may lack some until then')
        }
        return anew.makeAndTell({ types: stale, goOn: true }, tellFirst)
      }, anew.notMade)
    },
    close() {
      anew.close()
      due.close()
      lists.close()
    },
  }
}
