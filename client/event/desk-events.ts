// Where events come from, each once: an open record sees for itself; of any other a tab of this person tells, or the
// server, by a list of what was changed last, which there is for each type that somebody listens to.

import type { RecordType } from '../../shared/record/record-type.ts'
import type { DeltaMessage, RowsMessage } from '../list/list-messages.ts'
import { holds, joined, NOTHING_WRITTEN, type Written } from '../record/written.ts'
import type { TabPort } from '../surroundings.ts'
import { DeskTabs, type InTab } from './desk-tabs.ts'
import { EventBus, type HappenedTo, isVerb } from './event-bus.ts'
import { RowEvents } from './row-events.ts'

export interface DeskEventsParts {
  now(): number
  me(): string
  /** Null where it is not open; else whether what a tab wrote there is told by it when it comes in. */
  awaits(room: string, written: Written): boolean | null
  /** Whether it is open, and tells by itself what the server says of it. */
  tells(room: string): boolean
  /** Somebody begins to listen: open records note how they read, so that a change has a before. */
  watchRecords(): void
  readonly types: readonly RecordType[]
  /** For as long as somebody listens to what happens to records of the type, open or not. */
  follow(type: RecordType): () => void
  trayChangedElsewhere(): void
  signedOutElsewhere(): void
  onWake(tell: () => void): () => void
}

/** What another tab wrote is saved within this time, or its row tells of it as of something new. */
const TAB_TELLS_MS = 10_000
const TOLD_MAX = 1_000

/** Of a record, what was told that other tabs of this person did. */
interface ToldOfTabs {
  readonly written: Written
  /** In the words of the tab, and what the last of them said. */
  readonly at: number
  readonly isDeleted: boolean
}

const NOTHING_TOLD: ToldOfTabs = { written: NOTHING_WRITTEN, at: Number.NEGATIVE_INFINITY, isDeleted: false }

export class DeskEvents {
  readonly bus: EventBus
  readonly #parts: DeskEventsParts
  readonly #rows = new Map<RecordType, RowEvents>()
  readonly #strangeNames = new Set<string>()
  readonly #told = new Map<string, ToldOfTabs>()
  #tabs: DeskTabs | null = null
  #stopWaking: (() => void) | null = null

  constructor(parts: DeskEventsParts) {
    this.#parts = parts
    this.bus = new EventBus(name => {
      this.#look(name)
      parts.watchRecords()
      const stops = typesNamedBy(name, parts.types).map(type => parts.follow(type))
      return () => {
        for (const stop of stops) stop()
      }
    })
  }

  /** `tab`: this one, among those of the browser. */
  start(port: TabPort | null, tab: string): void {
    if (port === null) return
    this.#tabs = new DeskTabs(port, tab, {
      joined: () => this.#parts.watchRecords(),
      happened: events => this.#happenedInTab(events),
      trayChanged: () => this.#parts.trayChangedElsewhere(),
      signedOut: () => this.#parts.signedOutElsewhere(),
    })
    this.#stopWaking = this.#parts.onWake(() => this.#tabs?.ask())
  }

  /** Whether it is worth telling. */
  get isHeard(): boolean {
    return this.bus.isHeard || this.#tabs?.hasOthers === true
  }

  /** All that one change of an open record was. */
  happened(events: readonly HappenedTo[], written: Written): void {
    const [first] = events
    if (first?.from === 'here') this.#tabs?.happened(events, written)
    if (first?.from === 'tab') {
      // The tab that wrote it has told of it by itself.
      if (holds(this.#toldOf(first.room).written, written)) return
      this.#noteTold(first.room, { written })
    }
    for (const event of events) this.bus.emit(event)
  }

  heardWhole(type: RecordType, message: RowsMessage, wasLive: boolean): void {
    this.#emitUntold(this.#rowsOf(type).whole(message, wasLive, this.#parts.me()))
  }

  heardDelta(type: RecordType, message: DeltaMessage): void {
    this.#emitUntold(this.#rowsOf(type).delta(message, this.#parts.me()))
  }

  /** What is never told would be waited for in vain, and a name that is no type's is listened for in all of them. */
  #look(name: string): void {
    if (typeof name !== 'string')
      throw new TypeError(`what is listened to has a name, and «${String(name)}» is none`)
    const [entity = '', action = ''] = name.split(':')
    if (isVerb(action))
      throw new TypeError(
        `«${name}» is never told: listen to ${entity}:updated, whose events say by their type whether it was create, update or delete`,
      )
    const types = this.#parts.types.map(type => type.name)
    if ([...types, '*', 'data'].includes(entity) || this.#strangeNames.has(name)) return
    this.#strangeNames.add(name)
    console.warn(
      `corecord: «${name}» is listened to, and ${entity} is no record type of this desk (${types.join(', ')}): it is heard only where the events of one of them say so`,
    )
  }

  #rowsOf(type: RecordType): RowEvents {
    const known = this.#rows.get(type) ?? new RowEvents(type)
    this.#rows.set(type, known)
    return known
  }

  #emitUntold(events: readonly HappenedTo[]): void {
    for (const event of events)
      if (!this.#parts.tells(event.room) && !this.#wasToldByTab(event)) this.bus.emit(event)
  }

  trayChanged(): void {
    this.#tabs?.trayChanged()
  }

  signedOut(): void {
    this.#tabs?.signedOut()
  }

  close(): void {
    this.#stopWaking?.()
    this.#tabs?.close()
    this.#tabs = null
    this.bus.clear()
  }

  /** In one turn of the other tab. Of one change there may be several events, so none is noted before all are looked at. */
  #happenedInTab(happened: readonly InTab[]): void {
    for (const { event, written } of happened.filter(one => this.#isUntold(one))) {
      this.#noteTold(event.room, { written, at: this.#parts.now(), isDeleted: event.type === 'delete' })
      this.bus.emit(event)
    }
  }

  #isUntold({ event: { room }, written }: InTab): boolean {
    const awaits = this.#parts.awaits(room, written)
    if (awaits === null) return true
    // What was deleted alone an open record sees coming, and nobody else can say whether it has.
    return !awaits && written.size > 0 && !holds(this.#toldOf(room).written, written)
  }

  #toldOf(room: string): ToldOfTabs {
    return this.#told.get(room) ?? NOTHING_TOLD
  }

  #noteTold(room: string, { written, ...besides }: Partial<ToldOfTabs> & Pick<ToldOfTabs, 'written'>): void {
    const told = this.#toldOf(room)
    this.#told.delete(room)
    this.#told.set(room, { ...told, ...besides, written: joined(told.written, written) })
    if (this.#told.size <= TOLD_MAX) return
    const [oldest] = this.#told.keys()
    if (oldest !== undefined) this.#told.delete(oldest)
  }

  /** A tab told of it when it was written; this is when it was saved. */
  #wasToldByTab({ room, type, from }: HappenedTo): boolean {
    const { at, isDeleted } = this.#toldOf(room)
    if (this.#parts.now() - at >= TAB_TELLS_MS) return false
    // A poll does not say who has deleted it.
    return from === 'tab' || (type === 'delete' && isDeleted)
  }
}

/** `ticket` and `ticket:updated` are of one type; `data:changed`, `*` and `comment`, which is none, may be of any. */
const typesNamedBy = (name: string, types: readonly RecordType[]): readonly RecordType[] => {
  const named = types.filter(type => type.name === name.split(':')[0])
  return named.length === 0 ? types : named
}
