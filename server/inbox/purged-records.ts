// A purged record is forgotten here too: what people were told of it quotes it. That it is to be forgotten is noted
// by the commit of the purge; then every inbox and all of the history is looked through, once.

import { INBOX } from '../../shared/types/inbox.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import type { Store, ValuePut } from '../store/store.ts'
import type { Deliveries } from './deliveries.ts'
import { HISTORY_SPACE, type PastEntry } from './inbox-history.ts'
import type { InboxWriter } from './inbox-writer.ts'
import { rowsOf } from '../store/rows-of.ts'
import { valuesOf } from '../store/values-of.ts'

export interface PurgedRecordsParts {
  readonly store: Pick<Store, 'readValues' | 'readRows'>
  readonly committer: Pick<GroupCommit, 'submit'>
  readonly writer: Pick<InboxWriter, 'forgetRecord' | 'idle'>
  readonly deliveries: Pick<Deliveries, 'forgetRecord'>
  readonly failed: (error: unknown) => void
}

const PURGES_SPACE = 'inbox-purges'
const DROPPED_AT_ONCE = 200

export class PurgedRecords {
  readonly #parts: PurgedRecordsParts
  readonly #queue = new Set<string>()
  #running: Promise<void> | null = null
  #isClosed = false

  constructor(parts: PurgedRecordsParts) {
    this.#parts = parts
  }

  async start(): Promise<void> {
    // The key says all.
    const add = (key: string): void => {
      if (key !== '') this.#queue.add(key)
    }
    for await (const { key } of valuesOf(this.#parts.store, PURGES_SPACE, '', add)) add(key)
    this.#run()
  }

  /** For the commit that purges the record. */
  compose(room: string): readonly ValuePut[] {
    return room.startsWith(`${INBOX}:`) ? [] : [{ space: PURGES_SPACE, key: room, value: '' }]
  }

  /** After it. */
  committed(room: string): void {
    if (room.startsWith(`${INBOX}:`)) return
    this.#queue.add(room)
    this.#run()
  }

  async idle(): Promise<void> {
    await this.#running
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#running
  }

  #run(): void {
    if (this.#queue.size === 0 || this.#isClosed) return
    this.#running ??= this.#runAll()
      .catch(this.#parts.failed)
      .finally(() => {
        this.#running = null
      })
  }

  async #runAll(): Promise<void> {
    while (this.#queue.size > 0 && !this.#isClosed) {
      const rooms = new Set(this.#queue)
      await this.#forget(rooms)
      if (this.#isClosed) return
      const values = [...rooms].map(key => ({ space: PURGES_SPACE, key, value: null }))
      await this.#parts.committer.submit({ rooms: [], values })
      for (const room of rooms) this.#queue.delete(room)
    }
  }

  async #forget(rooms: ReadonlySet<string>): Promise<void> {
    const { store, writer, deliveries } = this.#parts
    // What was on its way comes to stand in the inboxes first.
    await writer.idle()
    await deliveries.forgetRecord(rooms)
    // An inbox that cannot be read keeps the record in no other; it is looked through again at the next start.
    let failure: unknown = null
    for await (const { id } of rowsOf(store, INBOX)) {
      if (this.#isClosed) return
      await writer.forgetRecord(id, rooms).catch(error => {
        failure ??= error
      })
    }
    await this.#forgetHistory(rooms)
    if (failure !== null) throw failure
  }

  async #forgetHistory(rooms: ReadonlySet<string>): Promise<void> {
    let gone: ValuePut[] = []
    const drop = async (): Promise<void> => {
      if (gone.length > 0) await this.#parts.committer.submit({ rooms: [], values: gone })
      gone = []
    }
    for await (const { key, value } of valuesOf(this.#parts.store, HISTORY_SPACE)) {
      const { room } = JSON.parse(value) as PastEntry
      if (room !== null && rooms.has(room)) gone.push({ space: HISTORY_SPACE, key, value: null })
      if (gone.length >= DROPPED_AT_ONCE) await drop()
    }
    await drop()
  }
}
