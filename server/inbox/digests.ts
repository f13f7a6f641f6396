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
  readonly failed: (user: string, error: unknown) => void
}

const DIGESTS_SPACE = 'inbox-digests'
const LOOK_MS = 30_000
/** A week, and a day of which no clock says how long it is. */
const AWAY_MS_MAX = 8 * 86_400_000

interface Plan {
  readonly dueAt: number
  /** When the latest happened that a digest has told. */
  readonly toldUpTo: number
}

export class Digests {
  readonly #parts: DigestsParts
  readonly #plans = new Map<string, Plan>()
  readonly #failed = new Set<string>()
  #timer: NodeJS.Timeout | null = null
  #running: Promise<void> | null = null

  constructor(parts: DigestsParts) {
    this.#parts = parts
  }

  async start(): Promise<void> {
    for await (const { key, value } of valuesOf(this.#parts.store, DIGESTS_SPACE))
      this.#plans.set(key, planOf(value))
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
    return [planPut(user, this.#nextOf(user, after))]
  }

  committed(user: string, before: InboxView, after: InboxView): void {
    if (isSameWish(before, after)) return
    this.#note(user, this.#nextOf(user, after))
  }

  /** Hands on those that are due. */
  run(): Promise<void> {
    this.#running ??= this.#runDue().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  /** An inbox that cannot be read keeps nobody else waiting, and is looked at again. */
  async #runDue(): Promise<void> {
    const now = this.#parts.now()
    for (const [user, { dueAt }] of [...this.#plans]) {
      try {
        if (dueAt <= now) await this.#digest(user, now)
        else if (dueAt > now + AWAY_MS_MAX) await this.#planAnew(user)
        this.#failed.delete(user)
      } catch (error) {
        // Twice a minute, and it may be for days: said once.
        if (!this.#failed.has(user)) this.#parts.failed(user, error)
        this.#failed.add(user)
      }
    }
  }

  /** It was put off before the clock was set back. */
  async #planAnew(user: string): Promise<void> {
    const next = this.#nextOf(user, await this.#parts.viewOf(user))
    await this.#parts.committer.submit({ rooms: [], values: [planPut(user, next)] })
    this.#note(user, next)
  }

  async #digest(user: string, now: number): Promise<void> {
    const view = await this.#parts.viewOf(user)
    const entries = unreadOf(view)
    const toldUpTo = this.#plans.get(user)?.toldUpTo ?? 0
    // Of what a digest has named once it reminds only beside something new.
    const latest = entries.reduce((at, { when }) => Math.max(at, when), toldUpTo)
    const dueAt = nextDigest(view, now)
    const next = dueAt === null ? null : { dueAt, toldUpTo: latest }
    const delivery: Delivery = {
      user,
      channel: 'mail',
      target: 'digest',
      entries,
      isDigest: true,
      dueAt: now,
      attempts: 0,
    }
    const isSent = this.#parts.isMailed && latest > toldUpTo && next !== null
    const deliveries = isSent ? [delivery] : []
    await this.#parts.committer.submit({
      rooms: [],
      values: [planPut(user, next), ...deliveries.map(deliveryPut)],
    })
    this.#note(user, next)
    this.#parts.add(deliveries)
  }

  #nextOf(user: string, view: InboxView): Plan | null {
    const dueAt = nextDigest(view, this.#parts.now())
    return dueAt === null ? null : { dueAt, toldUpTo: this.#plans.get(user)?.toldUpTo ?? 0 }
  }

  #note(user: string, plan: Plan | null): void {
    if (plan === null) this.#plans.delete(user)
    else this.#plans.set(user, plan)
  }
}

const isSameWish = (a: InboxView, b: InboxView): boolean =>
  a.digest === b.digest && a.digestAt === b.digestAt && a.timeZone === b.timeZone

const planPut = (user: string, plan: Plan | null): ValuePut => ({
  space: DIGESTS_SPACE,
  key: user,
  value: plan === null ? null : `${plan.dueAt} ${plan.toldUpTo}`,
})

/** Those of before digests knew what they had told have no second number. */
const planOf = (value: string): Plan => {
  const [dueAt, toldUpTo] = value.split(' ')
  return { dueAt: Number(dueAt), toldUpTo: Number(toldUpTo ?? 0) }
}

const unreadOf = (view: InboxView): NewEntry[] => {
  const done = new Set([...view.read, ...view.cleared])
  return view.entries.flatMap(entry => (done.has(entry.id) ? [] : [newEntryOf(entry)]))
}
