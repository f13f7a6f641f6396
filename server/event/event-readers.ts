// Who may read an event: whoever may read its record now, by the type's own filter over the record's row. That it
// was written while somebody else might read it changes nothing.

import type { RecordType } from '../../shared/record/define-record.ts'
import { matches, type Row } from '../../shared/record/filter.ts'
import { isAdmin, type Principal } from '../access/principal.ts'
import type { Room } from '../room/room.ts'
import type { Rooms } from '../room/rooms.ts'
import type { Store } from '../store/store.ts'

const ROWS_MAX = 5_000

export interface EventReadersParts {
  readonly types: ReadonlyMap<string, RecordType>
  readonly store: Pick<Store, 'readRow' | 'readHead'>
  readonly rooms: () => Pick<Rooms, 'get' | 'open'>
}

export class EventReaders {
  readonly #parts: EventReadersParts
  /** Of records that are not in memory. */
  readonly #rows = new Map<string, Row | null>()

  constructor(parts: EventReadersParts) {
    this.#parts = parts
  }

  /** The row is another now. */
  forget(room: string): void {
    this.#rows.delete(room)
  }

  mayRead(principal: Principal, typeName: string, room: string): boolean | Promise<boolean> {
    if (isAdmin(principal)) return true
    const type = this.#parts.types.get(typeName)
    if (type === undefined) return false
    const { read } = type.access
    if (read === undefined) return true
    const judge = (row: Row | null): boolean =>
      // Of a purged record nothing is left but that it was there.
      matches(read, row ?? { id: idOf(room) }, principal, type.list.search)
    const row = this.#rowAtHand(room)
    return row === undefined ? this.#findRow(typeName, room).then(judge) : judge(row)
  }

  #rowAtHand(name: string): Row | null | undefined {
    const room = this.#parts.rooms().get(name)
    if (room !== undefined && isLoaded(room)) return room.row
    return this.#rows.get(name)
  }

  async #findRow(type: string, name: string): Promise<Row | null> {
    const row = await this.#readRow(type, name)
    if (this.#rows.size >= ROWS_MAX) {
      const [oldest] = this.#rows.keys()
      if (oldest !== undefined) this.#rows.delete(oldest)
    }
    this.#rows.set(name, row)
    return row
  }

  async #readRow(type: string, name: string): Promise<Row | null> {
    const { store, rooms } = this.#parts
    const json = await store.readRow(type, idOf(name))
    // Written by the publisher, under the store's checksum.
    if (json !== null) return JSON.parse(json) as Row
    const head = await store.readHead(name)
    // A removed record stands on no list, but its events are still read by who may.
    return head === null || head.state === 'purged' ? null : (await rooms().open(name)).row
  }
}

const isLoaded = ({ head }: Room): boolean => head !== null && head.state !== 'purged'

const idOf = (room: string): string => room.slice(room.indexOf(':') + 1)
