// From what is to be told of a turn to what waits for each person. The notices were stored by the turn's own commit;
// one more commit puts an entry under each person and takes the notices away. So a crash at any moment leaves either
// the notices or the entries, and nobody is told twice or not at all.

import type { Turn } from '../room/turn.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import type { Store, ValuePut } from '../store/store.ts'
import { hasTyped } from './notice-to-watchers.ts'
import { noticesOfTurn } from './notices-of-turn.ts'
import { type RecipientsParts, recipientsOf } from './recipients.ts'
import { TextSittings } from './text-sittings.ts'
import type { TurnNotices } from './turn-notices.ts'
import { valuesOf } from '../store/values-of.ts'
import { type WaitingEntry, waitingPut } from './waiting-entry.ts'
import { reasonOf } from '../../shared/reason-of.ts'

export const NOTICES_SPACE = 'inbox-notices'

export interface FanOutParts extends RecipientsParts {
  readonly store: Pick<Store, 'readValues'>
  readonly committer: Pick<GroupCommit, 'submit'>
  readonly nameOf: (id: string) => string
  readonly waiting: (entries: readonly WaitingEntry[]) => void
  readonly failed: (error: unknown) => void
  /** That of a type, which says what is told. */
  readonly functionFailed: (room: string, error: unknown) => void
}

/** So many turns go into one commit at most: to tell ten thousand people of one is work enough. */
const BATCH_MAX = 50
const RETRY_MS = 500

export class FanOut {
  readonly #parts: FanOutParts
  readonly #sittings = new TextSittings()
  readonly #composed = new WeakMap<Turn, TurnNotices>()
  #queue: TurnNotices[] = []
  #running: Promise<void> | null = null
  #retry: NodeJS.Timeout | null = null
  #problem: string | null = null
  #isClosed = false

  constructor(parts: FanOutParts) {
    this.#parts = parts
  }

  /** What is told of turns and has not reached those it is for. */
  get size(): number {
    return this.#queue.length
  }

  /** Why nobody is told anything now. */
  problem(): string | null {
    return this.#problem
  }

  async start(): Promise<void> {
    const found: TurnNotices[] = []
    // Written by `compose`, under the store's checksum.
    for await (const { value } of valuesOf(this.#parts.store, NOTICES_SPACE))
      found.push(JSON.parse(value) as TurnNotices)
    const known = new Set(this.#queue.map(({ id }) => id))
    this.#queue = [...found.filter(({ id }) => !known.has(id)), ...this.#queue]
    this.#run()
  }

  compose(turn: Turn): readonly ValuePut[] {
    const { room, at } = turn
    const { nameOf, functionFailed } = this.#parts
    const isNew = (by: string): boolean => this.#sittings.isNew(room, by, at)
    const notices = noticesOfTurn(turn, nameOf, isNew, error => functionFailed(room, error))
    if (notices === null) return []
    this.#composed.set(turn, notices)
    return [{ space: NOTICES_SPACE, key: notices.id, value: JSON.stringify(notices) }]
  }

  committed(turn: Turn): void {
    for (const { by, paths } of turn.authors)
      if (hasTyped(turn.type, paths)) this.#sittings.typed(turn.room, by, turn.at)
    const notices = this.#composed.get(turn)
    if (notices === undefined) return
    this.#queue.push(notices)
    this.#run()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#retry !== null) clearTimeout(this.#retry)
    await this.#running
  }

  /** Resolves when everything that was told so far waits under those it is for. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running
  }

  #run(): void {
    if (this.#running !== null || this.#isClosed || this.#retry !== null || this.#queue.length === 0) return
    this.#running = this.#runAll().finally(() => {
      this.#running = null
      this.#run()
    })
  }

  async #runAll(): Promise<void> {
    while (this.#queue.length > 0 && !this.#isClosed) {
      const batch = this.#queue.slice(0, BATCH_MAX)
      try {
        const entries = (await Promise.all(batch.map(notices => this.#entriesOf(notices)))).flat()
        const values = [
          ...batch.map(({ id }) => ({ space: NOTICES_SPACE, key: id, value: null })),
          ...entries.map(waitingPut),
        ]
        await this.#parts.committer.submit({ rooms: [], values })
        this.#queue.splice(0, batch.length)
        this.#problem = null
        this.#parts.waiting(entries)
      } catch (error) {
        if (!this.#isClosed) this.#later(error)
        return
      }
    }
  }

  #later(error: unknown): void {
    this.#parts.failed(error)
    this.#problem = `What happened cannot be told: ${reasonOf(error)}`
    this.#retry = setTimeout(() => {
      this.#retry = null
      this.#run()
    }, RETRY_MS)
    this.#retry.unref()
  }

  async #entriesOf(told: TurnNotices): Promise<WaitingEntry[]> {
    const recipients = await recipientsOf(this.#parts, told)
    return told.notices.flatMap((notice, i) =>
      [...(recipients[i] ?? [])].map(user => ({
        user,
        id: `${told.id}.${i.toString(36)}`,
        level: notice.level,
        kind: notice.kind,
        sentence: notice.sentence,
        params: notice.params ?? null,
        several: notice.several ?? null,
        title: told.title,
        type: told.type,
        room: told.room,
        who: notice.by,
        name: notice.name,
        when: told.at,
        critical: notice.critical ?? false,
        personal: notice.to !== undefined || notice.toNamedBy !== undefined,
      })),
    )
  }
}
