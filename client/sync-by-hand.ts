// Push and pull where a person asks for them. Over a socket both happen by themselves, and this only makes sure.

import type { Link } from './link/link.ts'
import type { Trouble } from './record/live-record.ts'
import type { RecordOnDesk } from './record/record-on-desk.ts'
import type { DeskStatus } from './status.ts'
import { CLOSED } from './trouble.ts'

export interface SyncResult {
  readonly done: boolean
  readonly pending: number
  readonly error: Trouble | null
}

export interface SyncByHandParts {
  readonly link: Link
  records(): Iterable<RecordOnDesk>
  refreshLists(): void
  isClosed(): boolean
  status(): DeskStatus
  /** To status and link. */
  subscribe(tell: () => void): () => void
}

export class SyncByHand {
  readonly #parts: SyncByHandParts

  constructor(parts: SyncByHandParts) {
    this.#parts = parts
  }

  /** Sends what is unsaved; settled when it is saved, or when nothing carries it. */
  async push(): Promise<SyncResult> {
    await this.#parts.link.refresh()
    const unsettled = [...this.#parts.records()].filter(record => !record.isSettled)
    await Promise.all(unsettled.map(record => this.#savedOrOffline(record)))
    return this.#result()
  }

  /** Asks for what is new. */
  async pull(): Promise<SyncResult> {
    await this.#parts.link.refresh()
    this.#parts.refreshLists()
    return this.#result()
  }

  async #savedOrOffline(record: RecordOnDesk): Promise<void> {
    const { link, subscribe } = this.#parts
    let stop = (): void => {}
    const isOffline = new Promise<void>(done => {
      const look = (): void => {
        if (link.carrier === null && link.state.kind !== 'connecting') done()
      }
      stop = subscribe(look)
      look()
    })
    await Promise.race([record.whenSaved().catch(() => {}), isOffline])
    stop()
  }

  #result(): SyncResult {
    const { pending, carrier, error: trouble } = this.#parts.status()
    const error = this.#parts.isClosed() ? CLOSED : trouble
    return { done: pending === 0 && carrier !== null && error === null, pending, error }
  }
}
