// Delivers the log to one webhook. What goes through is delivered in the order of the log; when an event fails, the
// record it belongs to waits, in order, and is tried again later and later, while other records go on. When one
// record after the other fails, the receiver is down: one event at a time is tried as it is due, and twice a minute one
// that is not, by turns of those that wait and of the log, until one goes through: neither what has failed for hours nor
// what the receiver will never take keeps the rest waiting. A receiver that says that it is asked too fast is left alone for as long as it
// wants, a minute at a time; no event is the worse for it.

import { setMaxListeners } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { Principal } from '../access/principal.ts'
import type { Store, ValuePut } from '../store/store.ts'
import type { RecordEvent } from './event.ts'
import { EventFeed, type FeedParts } from './event-feed.ts'
import { bodyOf, deliver, type DeliveryOutcome } from './webhook-delivery.ts'
import {
  eventKey,
  heldOf,
  type Lane,
  laneKey,
  put,
  readSpace,
  roomOfLane,
  type Webhook,
} from './webhook-record.ts'
import { reasonOf } from '../../shared/reason-of.ts'

export interface WebhookWorkerParts extends FeedParts {
  readonly store: Pick<Store, 'readValues' | 'readValue'>
  readonly commit: (values: readonly ValuePut[]) => Promise<void>
  readonly now: () => number
  /** How long to wait after so many attempts; null: give the event up. */
  readonly backoffMs: (attempts: number) => number | null
  /** While the receiver is down, one event is tried so often that is not due. */
  readonly probeMs: number
  readonly delivered: () => void
  /** The receiver has failed with everything it was asked of late. */
  readonly down: (webhook: Webhook, error: string) => void
  /** It has taken something since then. */
  readonly back: (webhook: Webhook) => void
  /** Given up for good. */
  readonly gaveUp: (webhook: Webhook, event: RecordEvent, error: string) => void
  readonly gone: (webhook: Webhook) => void
  /** Events were folded away before they could be delivered. */
  readonly missed: (webhook: Webhook) => void
  readonly failed: (webhook: Webhook, error: unknown) => void
}

const PAGE = 50
/** So many records at a time. */
const PARALLEL = 4
/** So many different failures in a row: it is the receiver, not the events. */
const DOWN_AFTER = 3
/** So many times in a row it may say that it is asked too fast; one that says it for ever takes nothing. */
const RESTS_MAX = 10

export class WebhookWorker {
  readonly webhook: Webhook
  readonly #parts: WebhookWorkerParts
  readonly #lanes = new Map<string, Lane>()
  /** Records that are tried before they are due. If that fails, no event is the worse for it. */
  readonly #early = new Set<string>()
  /** Records of which events are on their way into the queue. */
  readonly #arriving = new Set<string>()
  /** By record that was purged, the commit: nothing of what was before it is told or kept any more. */
  readonly #purges = new Map<string, number>()
  readonly #ended = new AbortController()
  #failuresInARow = 0
  #restsInARow = 0
  #rest: Promise<void> | null = null
  #lastError = ''
  #isKnownDown = false
  #askedAt = 0
  #probes = 0
  /** The next event of the log is tried though the receiver is down. */
  #isProbing = false
  #wakeRetry: (() => void) | null = null
  #wakeUp: (() => void) | null = null
  #running: Promise<unknown> | null = null
  /** By the work that stands still for it. */
  readonly #problems = new Map<() => Promise<void>, string>()

  constructor(webhook: Webhook, parts: WebhookWorkerParts) {
    this.webhook = webhook
    this.#parts = parts
    // Every delivery listens.
    setMaxListeners(0, this.#ended.signal)
  }

  /** Records of which an event waits for another attempt. */
  get waiting(): number {
    return this.#lanes.size
  }

  get isDown(): boolean {
    return this.#failuresInARow >= DOWN_AFTER
  }

  get lastError(): string {
    return this.#lastError
  }

  /** Why nothing is delivered though it should be; null: all is well, or will be tried again. */
  get problem(): string | null {
    return [...this.#problems.values()][0] ?? null
  }

  async start(): Promise<void> {
    const { store, log } = this.#parts
    for await (const { key, value } of readSpace<Lane>(store, 'webhook-lane', `${this.webhook.id}/`))
      this.#lanes.set(roomOfLane(key), value)
    const cursor = await store.readValue('webhook-cursor', this.webhook.id)
    const feed = new EventFeed(
      this.#parts,
      principalOf(this.webhook),
      { types: this.webhook.types === null ? null : new Set(this.webhook.types), record: null, gone: false },
      cursor ?? (await log.now()),
    )
    this.#running = Promise.all([this.#goOn(() => this.#follow(feed)), this.#goOn(() => this.#retry())])
  }

  /** What cannot be read now can be later, and nobody starts the server anew for that. */
  async #goOn(work: () => Promise<void>): Promise<void> {
    const { probeMs } = this.#parts
    while (!this.#isEnded) {
      try {
        await work()
      } catch (error) {
        if (this.#isEnded) return
        this.#parts.failed(this.webhook, error)
        this.#problems.set(work, reasonOf(error))
        await delay(probeMs, undefined, { signal: this.#ended.signal, ref: false }).catch(() => {})
        this.#problems.delete(work)
      }
    }
  }

  /** What is on its way is still waited for; what was delivered and not noted comes again, under the same id. */
  async close(): Promise<void> {
    this.#ended.abort()
    this.#wakeRetry?.()
    this.#wakeUp?.()
    await this.#running
  }

  /** Lanes were changed in the store: a replay. */
  takeUp(rooms: readonly string[]): void {
    for (const room of rooms) this.#lanes.set(room, { attempts: 0, nextAt: this.#parts.now(), error: '' })
    this.#wakeRetry?.()
  }

  /** The receiver takes deliveries again: what waits for a later attempt is tried now, in order. */
  receiverIsBack(): void {
    for (const room of this.#lanes.keys()) this.#early.add(room)
    this.#failuresInARow = 0
    this.#wakeUp?.()
    this.#wakeRetry?.()
  }

  /** A record was purged, by that commit. */
  forget(room: string, commit: number): void {
    this.#purges.set(room, commit)
  }

  #isForgotten({ record, commit }: RecordEvent): boolean {
    return commit < (this.#purges.get(record) ?? 0)
  }

  get #isEnded(): boolean {
    return this.#ended.signal.aborted
  }

  async #follow(feed: EventFeed): Promise<void> {
    const { missed } = this.#parts
    let noted = feed.cursor
    try {
      while (!this.#isEnded) {
        await this.#whileDown()
        const { events, reset } = await feed.next(this.#isProbing ? 1 : PAGE, this.#ended.signal)
        if (reset) missed(this.webhook)
        const parked = await this.#take(events)
        this.#isProbing = false
        // Ended in between: the page is taken again at the next start.
        if (this.#isEnded) return
        if (feed.cursor === noted && parked.lanes.size === 0 && parked.events.length === 0) continue
        await this.#parts.commit([
          ...this.#notesOf(parked),
          put('webhook-cursor', this.webhook.id, feed.cursor),
        ])
        noted = feed.cursor
        for (const [room, lane] of parked.lanes) this.#lanes.set(room, lane)
        this.#arriving.clear()
        if (parked.lanes.size > 0) this.#wakeRetry?.()
      }
    } finally {
      // What was delivered and not noted comes again.
      feed.cursor = noted
      this.#arriving.clear()
    }
  }

  #notesOf({ events, lanes }: Parked): ValuePut[] {
    const { id } = this.webhook
    return [
      ...[...lanes].map(([room, lane]) => put('webhook-lane', laneKey(id, room), lane)),
      ...events
        .filter(event => !this.#isForgotten(event))
        .map(event => put('webhook-queue', eventKey(id, event), event)),
    ]
  }

  async #whileDown(): Promise<void> {
    while (this.isDown && !this.#isProbing && !this.#isEnded) {
      await new Promise<void>(resolve => {
        this.#wakeUp = resolve
      })
    }
  }

  /** Delivers a page, several records at a time, and gives what has to be noted of what did not go through. */
  async #take(events: readonly RecordEvent[]): Promise<Parked> {
    const byRoom = new Map<string, RecordEvent[]>()
    for (const event of events) {
      const known = byRoom.get(event.record)
      if (known === undefined) byRoom.set(event.record, [event])
      else known.push(event)
    }
    const parked: Parked = { events: [], lanes: new Map() }
    const rooms = [...byRoom]
    const next = async (): Promise<void> => {
      for (let entry = rooms.shift(); entry !== undefined; entry = rooms.shift())
        await this.#takeRoom(parked, ...entry)
    }
    await Promise.all(Array.from({ length: PARALLEL }, next))
    return parked
  }

  async #takeRoom(parked: Parked, room: string, events: readonly RecordEvent[]): Promise<void> {
    const { lanes } = parked
    const { now, backoffMs } = this.#parts
    for (const event of events) {
      if (this.#isEnded) return
      if (this.#isForgotten(event)) continue
      if (!this.#lanes.has(room) && !lanes.has(room)) {
        const isAsked = !this.isDown || this.#isProbing
        this.#isProbing = false
        const outcome = isAsked ? await this.#deliver(event) : null
        if (outcome?.ok || this.#isForgotten(event)) continue
        const error = outcome?.error ?? this.#lastError
        const lane = { attempts: outcome === null ? 0 : 1, nextAt: now() + (backoffMs(1) ?? 0), error }
        lanes.set(room, lane)
      }
      this.#arriving.add(room)
      parked.events.push(event)
    }
  }

  async #deliver(event: RecordEvent): Promise<DeliveryOutcome> {
    const { delivered, down, back, gone } = this.#parts
    const outcome = await this.#deliverWhenTaken(event)
    if (this.#isEnded || outcome === PASSED_OVER) return outcome
    if (outcome.ok) {
      delivered()
      // What failed while it was down waits for nothing else; what failed by itself keeps its time.
      if (this.isDown) this.receiverIsBack()
      this.#failuresInARow = 0
      if (this.#isKnownDown) back(this.webhook)
      this.#isKnownDown = false
    } else if (outcome !== NOT_ASKED) {
      this.#failuresInARow++
      this.#lastError = outcome.error
      if (outcome.isGone) gone(this.webhook)
      else if (this.isDown && !this.#isKnownDown) {
        this.#isKnownDown = true
        down(this.webhook, outcome.error)
      }
    }
    return outcome
  }

  /** Asks no faster than the receiver takes it. */
  async #deliverWhenTaken(event: RecordEvent): Promise<DeliveryOutcome> {
    const { now, readers } = this.#parts
    const { signal } = this.#ended
    const principal = principalOf(this.webhook)
    let outcome = NOT_ASKED
    for (;;) {
      await this.#rest
      // The record was purged, or moved out of reach, while the receiver was left alone, or the event waited.
      const isSeen = await readers.mayFollow(principal, event.type, event.record)
      if (this.#isForgotten(event) || this.#isEnded) return outcome
      if (!isSeen) return PASSED_OVER
      this.#askedAt = now()
      outcome = await deliver(this.webhook, event.hash, bodyOf(event), now(), signal)
      if (outcome.ok) this.#restsInARow = 0
      const { restMs } = outcome
      if (restMs === null) return outcome
      this.#lastError = outcome.error
      // Those that were under way together are told the same.
      if (this.#rest !== null) continue
      if (++this.#restsInARow > RESTS_MAX) {
        this.#restsInARow = 0
        return outcome
      }
      this.#rest = delay(restMs, undefined, { signal, ref: false }).catch(() => {})
      await this.#rest
      this.#rest = null
    }
  }

  async #retry(): Promise<void> {
    while (!this.#isEnded) {
      const [first] = this.#early
      const next = first === undefined ? this.#nextDue() : { room: first, waitMs: 0 }
      const probeInMs = this.isDown && next !== null ? this.#probeInMs() : Number.POSITIVE_INFINITY
      if (next !== null && next.waitMs <= 0) await this.#retryLane(next.room)
      else if (probeInMs <= 0) this.#probe()
      else await this.#waitForRetry(next === null ? null : Math.min(next.waitMs, probeInMs))
    }
  }

  #nextDue(): { readonly room: string; readonly waitMs: number } | null {
    let next: { readonly room: string; readonly waitMs: number } | null = null
    for (const [room, lane] of this.#lanes) {
      const waitMs = this.#waitMsOf(lane)
      if (next === null || waitMs < next.waitMs) next = { room, waitMs }
    }
    return next
  }

  #probeInMs(): number {
    const { now, probeMs } = this.#parts
    const sinceMs = now() - this.#askedAt
    // The clock may have been set back.
    return sinceMs < 0 ? 0 : probeMs - sinceMs
  }

  #probe(): void {
    this.#askedAt = this.#parts.now()
    const waiting = [...this.#lanes.keys()]
    const room = waiting[(this.#probes >> 1) % waiting.length]
    if (this.#probes++ % 2 === 0 && room !== undefined) this.#early.add(room)
    else {
      this.#isProbing = true
      this.#wakeUp?.()
    }
  }

  /** What would wait for longer than any wait is was put off before the clock was set back. */
  #waitMsOf({ nextAt, attempts }: Lane): number {
    const { now, backoffMs } = this.#parts
    const waitMs = nextAt - now()
    return waitMs > 2 * (backoffMs(Math.max(1, attempts)) ?? 0) ? 0 : waitMs
  }

  #waitForRetry(waitMs: number | null): Promise<void> {
    return new Promise(resolve => {
      const timer = waitMs === null ? null : setTimeout(resolve, Math.min(waitMs, TIMER_MS_MAX))
      timer?.unref()
      this.#wakeRetry = () => {
        if (timer !== null) clearTimeout(timer)
        resolve()
      }
    })
  }

  /** Delivers what waits of a record, in order, until it is all through or one fails again. */
  async #retryLane(room: string): Promise<void> {
    const { store, commit, now, backoffMs, gaveUp } = this.#parts
    const { id } = this.webhook
    const lane = this.#lanes.get(room)
    const isEarly = this.#early.delete(room) && lane !== undefined && this.#waitMsOf(lane) > 0
    const first = await heldOf(store, 'webhook-queue', id, room).next()
    const event: RecordEvent | undefined = first.done === true ? undefined : first.value.event
    if (lane === undefined || event === undefined) {
      if (this.#arriving.has(room)) await new Promise(resolve => setTimeout(resolve, ARRIVING_MS))
      else await this.#endLane(room)
      return
    }
    const outcome = await this.#deliver(event)
    if (this.#isEnded && !outcome.ok) return
    if (outcome.ok || this.#isForgotten(event)) {
      this.#lanes.set(room, { attempts: 0, nextAt: now(), error: '' })
      await commit([put('webhook-queue', eventKey(id, event), null)])
      return
    }
    if (isEarly) {
      if (this.isDown) this.#early.clear()
      return
    }
    const attempts = lane.attempts + 1
    const waitMs = backoffMs(attempts)
    if (waitMs !== null) {
      const next: Lane = { attempts, nextAt: now() + waitMs, error: outcome.error }
      this.#lanes.set(room, next)
      await commit([put('webhook-lane', laneKey(id, room), next)])
      return
    }
    gaveUp(this.webhook, event, outcome.error)
    // That one is out of the way; whether the receiver is there at all shows with the next.
    this.#failuresInARow = 0
    this.#wakeUp?.()
    this.#lanes.set(room, { attempts: 0, nextAt: now(), error: outcome.error })
    await commit([
      put('webhook-queue', eventKey(id, event), null),
      put('webhook-dead', eventKey(id, event), { event, attempts, error: outcome.error, at: now() }),
    ])
  }

  /** The record goes the straight way again. */
  async #endLane(room: string): Promise<void> {
    this.#lanes.delete(room)
    this.#early.delete(room)
    await this.#parts.commit([put('webhook-lane', laneKey(this.webhook.id, room), null)])
  }
}

interface Parked {
  readonly events: RecordEvent[]
  readonly lanes: Map<string, Lane>
}

/** What the webhook is not to see any more is done with. */
const PASSED_OVER: DeliveryOutcome = { ok: true, error: '', isGone: false, restMs: null }

const NOT_ASKED: DeliveryOutcome = { ok: false, error: '', isGone: false, restMs: null }

/** As long as a commit takes, about. */
const ARRIVING_MS = 10

/** Timers take no more; a longer wait is waited for in parts. */
const TIMER_MS_MAX = 2 ** 31 - 1

const principalOf = ({ id, as }: Webhook): Principal => ({
  id: `webhook:${id}`,
  name: 'Webhook',
  roles: as?.roles ?? ['admin'],
  claims: as?.claims ?? {},
  expiresAt: null,
})
