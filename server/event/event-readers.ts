// Who may read an event: whoever may read its record now, by the type's own filter over the record's row. That it
// was written while somebody else might read it changes nothing.

import type { RecordType } from '../../shared/record/record-type.ts'
import { matches, type Row } from '../../shared/record/filter.ts'
import { isAdmin, type Principal } from '../access/principal.ts'
import { readStoredRow, type RowSources } from '../room/read-row.ts'
import type { Room } from '../room/room.ts'
import { isUnreadable } from '../room/unreadable.ts'
import type { RecordEvent } from './event.ts'
import { couldRead } from './sight.ts'

const ROWS_MAX = 5_000

export interface EventReadersParts extends RowSources {
  readonly types: ReadonlyMap<string, RecordType>
  /** Of a record that cannot be read only operators are told; said once of each, until it is written again. */
  readonly unreadable: (room: string, error: Error) => void
}

export class EventReaders {
  readonly #parts: EventReadersParts
  /** Of records that are not in memory: read, or being read. */
  readonly #rows = new Map<string, Row | null | Promise<Row | null>>()
  readonly #unreadable = new Set<string>()

  constructor(parts: EventReadersParts) {
    this.#parts = parts
  }

  /** The row is another now, and what is being read is perhaps the one before. */
  forget(room: string): void {
    this.#rows.delete(room)
    this.#unreadable.delete(room)
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
    const row = this.#rowOf(room)
    return row instanceof Promise ? row.then(judge) : judge(row)
  }

  /** The same for who goes through the events of many: one record must not stop those of the others. */
  mayFollow(principal: Principal, typeName: string, room: string): boolean | Promise<boolean> {
    const may = this.mayRead(principal, typeName, room)
    return typeof may === 'boolean' ? may : may.catch(error => this.#notRead(room, error))
  }

  /** Before the event, by what it keeps of the row. */
  couldFollow(principal: Principal, event: RecordEvent): boolean {
    const type = this.#parts.types.get(event.type)
    return type !== undefined && couldRead(type, event, principal)
  }

  #notRead(room: string, error: unknown): false {
    if (!isUnreadable(error)) throw error
    if (!this.#unreadable.has(room)) this.#parts.unreadable(room, error)
    this.#unreadable.add(room)
    return false
  }

  #rowOf(name: string): Row | null | Promise<Row | null> {
    const room = this.#parts.rooms().get(name)
    if (room !== undefined && isLoaded(room)) return room.row
    const known = this.#rows.get(name)
    return known === undefined ? this.#findRow(name) : known
  }

  #findRow(name: string): Promise<Row | null> {
    if (this.#rows.size >= ROWS_MAX) {
      const [oldest] = this.#rows.keys()
      if (oldest !== undefined) this.#rows.delete(oldest)
    }
    const reading = readStoredRow(this.#parts, name)
    this.#rows.set(name, reading)
    const isMeant = (): boolean => this.#rows.get(name) === reading
    reading.then(
      row => isMeant() && this.#rows.set(name, row),
      () => isMeant() && this.#rows.delete(name),
    )
    return reading
  }
}

const isLoaded = ({ head }: Room): boolean => head !== null && head.state !== 'purged'

const idOf = (room: string): string => room.slice(room.indexOf(':') + 1)
