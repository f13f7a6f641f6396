// Where events come from, each once: an open record sees for itself; of any other a tab of this person tells, or
// the row of a live list.

import type { RecordType } from '../../shared/record/record-type.ts'
import type { Row } from '../../shared/record/filter.ts'
import type { TabPort } from '../surroundings.ts'
import { DeskTabs } from './desk-tabs.ts'
import { EventBus, type HappenedTo } from './event-bus.ts'
import { RowEvents } from './row-events.ts'

export interface DeskEventsParts {
  now(): number
  me(): string
  isOpen(room: string): boolean
  /** Somebody begins to listen: open records note how they read, so that a change has a before. */
  watchRecords(): void
  trayChangedElsewhere(): void
  signedOutElsewhere(): void
  onWake(tell: () => void): () => void
}

/** What another tab wrote is saved within this time, or its row tells of it as of something new. */
const TAB_TELLS_MS = 10_000
const TOLD_MAX = 1_000

export class DeskEvents {
  readonly bus: EventBus
  readonly #parts: DeskEventsParts
  readonly #rows = new RowEvents()
  readonly #toldByTabs = new Map<string, number>()
  #tabs: DeskTabs | null = null
  #stopWaking: (() => void) | null = null

  constructor(parts: DeskEventsParts) {
    this.#parts = parts
    this.bus = new EventBus(() => parts.watchRecords())
  }

  /** `tab`: this one, among those of the browser. */
  start(port: TabPort | null, tab: string): void {
    if (port === null) return
    this.#tabs = new DeskTabs(port, tab, {
      joined: () => this.#parts.watchRecords(),
      happened: event => this.#happenedInTab(event),
      trayChanged: () => this.#parts.trayChangedElsewhere(),
      signedOut: () => this.#parts.signedOutElsewhere(),
    })
    this.#stopWaking = this.#parts.onWake(() => this.#tabs?.ask())
  }

  /** Whether it is worth telling. */
  get isHeard(): boolean {
    return this.bus.isHeard || this.#tabs?.hasOthers === true
  }

  happened(event: HappenedTo): void {
    if (event.from === 'here') this.#tabs?.happened(event)
    this.bus.emit(event)
  }

  /** A list shows these rows; `isNews`: because something happened to them now. */
  heardRows(type: RecordType, rows: readonly Row[], isNews: boolean): void {
    for (const row of rows) {
      if (!isNews || this.#parts.isOpen(`${type.name}:${row.id}`)) {
        this.#rows.known(type, row)
        continue
      }
      const event = this.#rows.changed(type, row, this.#parts.me())
      if (event !== null && !this.#wasToldByTab(event)) this.bus.emit(event)
    }
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

  #happenedInTab(event: HappenedTo): void {
    const room = `${event.entity}:${event.entityId}`
    if (this.#parts.isOpen(room)) return
    this.#toldByTabs.delete(room)
    this.#toldByTabs.set(room, this.#parts.now())
    if (this.#toldByTabs.size > TOLD_MAX) {
      const [oldest] = this.#toldByTabs.keys()
      if (oldest !== undefined) this.#toldByTabs.delete(oldest)
    }
    this.bus.emit(event)
  }

  /** A tab told of it when it was written; this is when it was saved. */
  #wasToldByTab({ entity, entityId, from }: HappenedTo): boolean {
    const told = this.#toldByTabs.get(`${entity}:${entityId}`)
    return from === 'tab' && told !== undefined && this.#parts.now() - told < TAB_TELLS_MS
  }
}
