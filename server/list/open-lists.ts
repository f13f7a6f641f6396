import type { Logger } from 'pino'
import type { RecordType } from '../../shared/record/define-record.ts'
import type { Limits } from '../access/limits.ts'
import type { ControlHandler } from '../link/control-handler.ts'
import type { PublisherPart } from '../room/combine-publishers.ts'
import type { Room } from '../room/room.ts'
import type { Rooms } from '../room/rooms.ts'
import type { Store } from '../store/store.ts'
import { createListHandler } from './list-handler.ts'
import { type ListTime, LiveLists } from './live-lists.ts'
import { presentPerson } from './present-person.ts'
import { createRowsPublisher } from './rows-publisher.ts'

/** Rows and live lists, as a server has them. */
export interface Lists {
  readonly lists: LiveLists
  readonly publisher: PublisherPart
  readonly handler: ControlHandler
  presenceChanged(room: Room): void
  /** Once the store and the rooms are open. */
  start(rooms: Rooms): void
  close(): void
}

export interface ListsParts {
  readonly store: Store
  readonly recordTypes: readonly RecordType[]
  readonly limits: Limits
  readonly logger: Pick<Logger, 'error' | 'info'>
  readonly listTime?: ListTime
}

export function createLists({ store, recordTypes, limits, logger, listTime }: ListsParts): Lists {
  let rooms: Rooms | null = null
  const lists = new LiveLists({
    store,
    types: new Map(recordTypes.map(type => [type.name, type])),
    logger,
    peopleIn: room => rooms?.get(room)?.presence?.present().map(presentPerson) ?? [],
    ...(listTime === undefined ? {} : { time: listTime }),
  })
  return {
    lists,
    publisher: createRowsPublisher((type, id, row) => lists.committed(type, id, row)),
    handler: createListHandler({ lists, limits, logger }),
    presenceChanged: room => {
      if (room.type !== null) lists.presenceMoved(room.type.name, room.id)
    },
    start(opened) {
      rooms = opened
      void lists.start()
    },
    close: () => lists.close(),
  }
}
