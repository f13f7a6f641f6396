// Who is mailed a digest, and when the next is due. What a person chose stands in their inbox; when it is due stands
// beside the rooms, so that not every inbox has to be opened to find out.

import type { InboxView } from '../../shared/types/inbox.ts'
import { nextDigest } from '../../shared/types/inbox-preferences.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import type { Store, ValuePut } from '../store/store.ts'
import { type Delivery, deliveryPut } from './delivery.ts'
import { type NewEntry, newEntryOf } from './plan-inbox.ts'
import { valuesOf } from '../store/values-of.ts'

export interface DigestsParts {
  readonly store: Pick<Store, 'readValues'>
  readonly committer: Pick<GroupCommit, 'submit'>
  readonly viewOf: (user: string) => Promise<InboxView>
  /** Whether there is a mail server to send them by. */
  readonly isMailed: boolean
  readonly add: (deliveries: readonly Delivery[]) => void
  readonly now: () => number
  readonly failed: (error: unknown) => void
}

const DIGESTS_SPACE = 'inbox-digests'
const LOOK_MS = 30_000
/** A week, and a day of which no clock says how long it is. */
const AWAY_MS_MAX = 8 * 86_400_000

export class Digests {
  readonly #parts: DigestsParts
  readonly #dueAt = new Map<string, number>()
  #timer: NodeJS.Timeout | null = null
  #running: Promise<void> | null = null

  constructor(parts: DigestsParts) {
    this.#parts = parts
  }

  async start(): Promise<void> {
    for await (const { key, value } of valuesOf(this.#parts.store, DIGESTS_SPACE))
      this.#dueAt.set(key, Number(value))
    this.#timer = setInterval(() => void this.run(), LOOK_MS)
    this.#timer.unref()
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    await this.#running
  }

  /** What a person's own edit of their inbox adds to its commit. */
  compose(user: string, before: InboxView, after: InboxView): readonly ValuePut[] {
    if (isSameWish(before, after)) return []
    return [duePut(user, nextDigest(after, this.#parts.now()))]
  }

  committed(user: string, before: InboxView, after: InboxView): void {
    if (isSameWish(before, after)) return
    this.#note(user, nextDigest(after, this.#parts.now()))
  }

  /** Hands on those that are due. */
  run(): Promise<void> {
    this.#running ??= this.#runDue()
      .catch(this.#parts.failed)
      .finally(() => {
        this.#running = null
      })
    return this.#running
  }

  async #runDue(): Promise<void> {
    const now = this.#parts.now()
    for (const [user, dueAt] of [...this.#dueAt]) {
      if (dueAt <= now) await this.#digest(user, now)
      else if (dueAt > now + AWAY_MS_MAX) await this.#planAnew(user, now)
    }
  }

  /** It was put off before the clock was set back. */
  async #planAnew(user: string, now: number): Promise<void> {
    const next = nextDigest(await this.#parts.viewOf(user), now)
    await this.#parts.committer.submit({ rooms: [], values: [duePut(user, next)] })
    this.#note(user, next)
  }

  async #digest(user: string, now: number): Promise<void> {
    const view = await this.#parts.viewOf(user)
    const next = nextDigest(view, now)
    const entries = unreadOf(view)
    const delivery: Delivery = {
      user,
      channel: 'mail',
      target: 'digest',
      entries,
      isDigest: true,
      dueAt: now,
      attempts: 0,
    }
    const isSent = this.#parts.isMailed && entries.length > 0 && next !== null
    const deliveries = isSent ? [delivery] : []
    await this.#parts.committer.submit({
      rooms: [],
      values: [duePut(user, next), ...deliveries.map(deliveryPut)],
    })
    this.#note(user, next)
    this.#parts.add(deliveries)
  }

  #note(user: string, dueAt: number | null): void {
    if (dueAt === null) this.#dueAt.delete(user)
    else this.#dueAt.set(user, dueAt)
  }
}

const isSameWish = (a: InboxView, b: InboxView): boolean =>
  a.digest === b.digest && a.digestAt === b.digestAt && a.timeZone === b.timeZone

const duePut = (user: string, dueAt: number | null): ValuePut => ({
  space: DIGESTS_SPACE,
  key: user,
  value: dueAt === null ? null : String(dueAt),
})

const unreadOf = (view: InboxView): NewEntry[] => {
  const done = new Set([...view.read, ...view.cleared])
  return view.entries.flatMap(entry => (done.has(entry.id) ? [] : [newEntryOf(entry)]))
}
