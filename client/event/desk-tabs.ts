// What the tabs of one person tell each other besides the records they have in common: that something happened to
// one that the other does not have open, that there is something else in the tray, that the person has signed out.
// Works off line.

import { isObject } from '../../shared/is-object.ts'
import type { TabPort } from '../surroundings.ts'
import type { Written } from '../record/written.ts'
import type { HappenedTo } from './event-bus.ts'

export interface InTab {
  readonly event: HappenedTo
  readonly written: Written
}

export interface DeskTabsEars {
  /** There is another tab, where none was known. */
  joined(): void
  happened(events: readonly InTab[]): void
  trayChanged(): void
  signedOut(): void
}

export class DeskTabs {
  readonly #port: TabPort
  #happened: InTab[] = []
  readonly #tab: string
  readonly #others = new Set<string>()

  constructor(port: TabPort, tab: string, ears: DeskTabsEars) {
    this.#port = port
    this.#tab = tab
    port.onmessage = ({ data }) => {
      if (!isObject(data)) return
      const { tab: other } = data
      if (data.kind === 'gone' && typeof other === 'string') this.#others.delete(other)
      if (data.kind === 'here' && typeof other === 'string') {
        if (data.isAnswer !== true) this.#sayHere(true)
        const isFirst = this.#others.size === 0
        this.#others.add(other)
        if (isFirst) ears.joined()
      }
      if (data.kind === 'tray') ears.trayChanged()
      if (data.kind === 'signed out') ears.signedOut()
      if (data.kind === 'happened') ears.happened([...happenedIn(data)])
    }
    this.ask()
  }

  /** Who was asleep when another came has not heard of it. */
  ask(): void {
    this.#sayHere(false)
  }

  /** Whether anybody would be told: a copy of a large record for each letter is not made for nobody. */
  get hasOthers(): boolean {
    return this.#others.size > 0
  }

  /** What one turn of the program brings about is told together: a loop may write thousands of lines into a record. */
  happened(events: readonly HappenedTo[], written: Written): void {
    if (!this.hasOthers) return
    if (this.#happened.length === 0) queueMicrotask(() => this.#tell())
    this.#happened.push(...events.map(event => ({ event, written })))
  }

  trayChanged(): void {
    this.#port.postMessage({ kind: 'tray' })
  }

  signedOut(): void {
    this.#port.postMessage({ kind: 'signed out' })
  }

  close(): void {
    this.#tell()
    this.#port.postMessage({ kind: 'gone', tab: this.#tab })
    this.#port.onmessage = null
    this.#port.close()
  }

  #sayHere(isAnswer: boolean): void {
    this.#port.postMessage({ kind: 'here', tab: this.#tab, isAnswer })
  }

  #tell(): void {
    if (this.#happened.length === 0) return
    const happened = this.#happened
    this.#happened = []
    const records = new Map(happened.map(({ event }) => [recordOf(event), event.data]))
    this.#port.postMessage({
      kind: 'happened',
      events: plain(
        happened.map(({ event: { data: _, ...event }, written }) => ({ ...event, written: [...written] })),
      ),
      records: plain(Object.fromEntries(records)),
    })
  }
}

const recordOf = ({ entity, entityId }: Pick<HappenedTo, 'entity' | 'entityId'>): string =>
  `${entity}:${entityId}`

/** A derived value may be anything; what crosses tabs is JSON. */
const plain = (told: unknown): unknown => JSON.parse(JSON.stringify(told))

/** Of each record, how it read when the turn of the other tab was over. */
function* happenedIn(message: Readonly<Record<string, unknown>>): Generator<InTab> {
  const { events, records } = message
  if (!Array.isArray(events) || !isObject(records)) return
  for (const event of events) {
    if (!isObject(event)) continue
    const { type, action, entity, entityId, room, by } = event
    if (typeof action !== 'string' || typeof entity !== 'string' || typeof entityId !== 'string') continue
    const told: HappenedTo = {
      type: type === 'create' || type === 'delete' ? type : 'update',
      action,
      entity,
      entityId,
      room: typeof room === 'string' ? room : `${entity}:${entityId}`,
      by: typeof by === 'string' ? by : '',
      from: 'tab',
      data: records[recordOf({ entity, entityId })],
    }
    yield { event: told, written: readWritten(event.written) }
  }
}

const readWritten = (written: unknown): Written =>
  new Map(Array.isArray(written) ? written.filter(isClientAndClock) : [])

const isClientAndClock = (pair: unknown): pair is [number, number] =>
  Array.isArray(pair) && pair.length === 2 && pair.every(one => typeof one === 'number')
