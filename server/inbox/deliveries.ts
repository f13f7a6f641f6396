// Pushes and mails: each waits a moment for more to go with it, is left out when it was read meanwhile, is put off
// over quiet hours, tried again when it fails, later and later, and given up in the end. At least once: whoever dies
// between a service's yes and the commit that notes it, sends again, under the same name.

import { quietUntil } from '../../shared/types/inbox-preferences.ts'
import { inboxRoom, type InboxView } from '../../shared/types/inbox.ts'
import type { Metrics } from '../http/metrics.ts'
import type { Rooms } from '../room/rooms.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import type { Store } from '../store/store.ts'
import { type ChannelHealth, createChannelHealth } from './channel-health.ts'
import {
  type Channel,
  type ChannelName,
  DELIVERIES_SPACE,
  deliveredPut,
  type Delivery,
  deliveryKey,
  type DeliveryOutcome,
  deliveryPut,
} from './delivery.ts'
import type { People } from './people.ts'
import type { NewEntry } from './plan-inbox.ts'
import { valuesOf } from '../store/values-of.ts'

export interface DeliveriesParts {
  readonly channels: readonly Channel[]
  readonly store: Pick<Store, 'readValues'>
  readonly committer: Pick<GroupCommit, 'submit'>
  readonly rooms: () => Pick<Rooms, 'open'>
  readonly people: Pick<People, 'get'>
  readonly now: () => number
  /** Between attempts; as many as there are, and then it is given up. */
  readonly retryMs: readonly number[]
  readonly metrics: Pick<Metrics, 'delivered' | 'deliveryFailed' | 'total' | 'gauge'>
  readonly logger: {
    warn(fields: object, message: string): void
    error(fields: object, message: string): void
  }
  readonly forgetDevice: (user: string, device: string) => void
  readonly mayRead: (user: string, room: string) => Promise<boolean>
}

const MINUTE_MS = 60_000
/** Eight hours in all: a mail server that was down over lunch loses nothing. */
export const RETRY_MS: readonly number[] = [
  5_000,
  30_000,
  ...[2, 10, 30, 60, 120, 240].map(m => m * MINUTE_MS),
]

const AT_ONCE = 8
/** Timers beyond this overflow; it looks again then. */
const SLEEP_MS_MAX = 3_600_000

export class Deliveries {
  readonly #parts: DeliveriesParts
  readonly #channels: ReadonlyMap<ChannelName, Channel>
  readonly #health: ReadonlyMap<ChannelName, ChannelHealth>
  readonly #waiting = new Map<string, Delivery>()
  readonly #givenUp: Record<string, number> = {}
  #running: Promise<void> | null = null
  #timer: NodeJS.Timeout | null = null
  #checking: NodeJS.Timeout | null = null
  #hasChecked = false
  #isClosed = false

  constructor(parts: DeliveriesParts) {
    this.#parts = parts
    this.#channels = new Map(parts.channels.map(channel => [channel.name, channel]))
    this.#health = new Map(
      parts.channels.map(({ name }) => [name, createChannelHealth(words[name], usersMin[name])]),
    )
    for (const { name } of parts.channels) this.#givenUp[name] = 0
    parts.metrics.total(
      'deliveries_given_up_total',
      'Deliveries that failed until they were given up',
      () => this.#givenUp,
      'channel',
    )
    parts.metrics.gauge('deliveries_waiting', 'Pushes and mails on their way', () => this.#waiting.size)
  }

  get size(): number {
    return this.#waiting.size
  }

  problem(name: ChannelName): string | null {
    return this.#health.get(name)?.problem() ?? null
  }

  async start(): Promise<void> {
    // Written by `deliveryPut`, under the store's checksum.
    for await (const { key, value } of valuesOf(this.#parts.store, DELIVERIES_SPACE))
      if (!this.#waiting.has(key)) this.#waiting.set(key, JSON.parse(value) as Delivery)
    // A mail server that does not answer must not hold up the start.
    void this.check()
    this.#checking = setInterval(() => void this.check(), CHECK_MS)
    this.#checking.unref()
    this.#sleep()
  }

  /** Asks the channels that do not work, and at first all, whether they do. */
  async check(): Promise<void> {
    const isFirst = !this.#hasChecked
    this.#hasChecked = true
    for (const channel of this.#parts.channels) {
      const health = this.#health.get(channel.name)
      if (channel.check === undefined || health === undefined || !(isFirst || health.problem() !== null))
        continue
      const reason = await channel.check()
      if (this.#isClosed) return
      if (reason === null) health.succeeded()
      else {
        health.down(reason)
        this.#parts.logger.error(
          { channel: channel.name, reason },
          'a channel for notifications does not work',
        )
      }
    }
  }

  /** What new entries are to be pushed and mailed; it goes into the commit that puts them into the inbox. */
  plan(user: string, view: InboxView, entries: readonly NewEntry[]): readonly Delivery[] {
    const person = this.#parts.people.get(user)
    const now = this.#parts.now()
    return this.#parts.channels.flatMap(channel => {
      const byTarget = new Map<string, NewEntry[]>()
      for (const entry of entries) {
        for (const target of channel.targets(view, person, entry)) {
          const known = byTarget.get(target)
          if (known === undefined) byTarget.set(target, [entry])
          else known.push(entry)
        }
      }
      return [...byTarget].map(([target, own]) => ({
        user,
        channel: channel.name,
        target,
        entries: own,
        isDigest: false,
        dueAt: now + channel.gatherMs,
        attempts: 0,
      }))
    })
  }

  /** After the commit. */
  add(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) this.#waiting.set(deliveryKey(delivery), delivery)
    if (deliveries.length > 0) this.#sleep()
  }

  /** What tells of these records is not sent any more. */
  async forgetRecord(rooms: ReadonlySet<string>): Promise<void> {
    const isGone = ({ room }: NewEntry): boolean => room !== null && rooms.has(room)
    for (const delivery of [...this.#waiting.values()]) {
      if (!delivery.entries.some(isGone)) continue
      await this.#drop([delivery])
      const left = { ...delivery, entries: delivery.entries.filter(entry => !isGone(entry)) }
      if (left.entries.length === 0) continue
      await this.#parts.committer.submit({ rooms: [], values: [deliveryPut(left)] })
      this.add([left])
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    if (this.#checking !== null) clearInterval(this.#checking)
    // A service that does not answer must not hold up the stop; what is not known to be there is sent again.
    const late = new Promise<void>(resolve => setTimeout(resolve, CLOSE_MS_MAX).unref())
    await Promise.race([this.#running, late])
    await Promise.all(this.#parts.channels.map(channel => channel.close()))
  }

  /** Sends what is due now. */
  run(): Promise<void> {
    this.#running ??= this.#runDue()
      .catch(error => this.#parts.logger.error({ err: error }, 'deliveries cannot be made yet'))
      .finally(() => {
        this.#running = null
        this.#sleep()
      })
    return this.#running
  }

  #sleep(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#isClosed || this.#running !== null || this.#waiting.size === 0) return
    let next = Number.POSITIVE_INFINITY
    for (const { dueAt } of this.#waiting.values()) next = Math.min(next, dueAt)
    const ms = Math.min(Math.max(next - this.#parts.now(), MIN_SLEEP_MS), SLEEP_MS_MAX)
    this.#timer = setTimeout(() => void this.run(), ms)
    this.#timer.unref()
  }

  async #runDue(): Promise<void> {
    const batches = this.#due()
    const next = async (): Promise<void> => {
      for (let batch = batches.pop(); batch !== undefined && !this.#isClosed; batch = batches.pop())
        await this.#send(batch)
    }
    await Promise.all(Array.from({ length: AT_ONCE }, next))
  }

  /** What goes to one place goes together, as soon as some of it is due. */
  #due(): Delivery[][] {
    const now = this.#parts.now()
    const byPlace = new Map<string, Delivery[]>()
    for (const delivery of this.#waiting.values()) {
      const { user, channel, target, isDigest, attempts } = delivery
      // What has failed before is not tried more often because there is more of it.
      const place = JSON.stringify([user, channel, target, isDigest, attempts === 0])
      byPlace.set(place, [...(byPlace.get(place) ?? []), delivery])
    }
    return [...byPlace.values()].filter(batch => batch.some(({ dueAt }) => dueAt <= now))
  }

  async #send(batch: readonly Delivery[]): Promise<void> {
    const [first] = batch
    const channel = first === undefined ? undefined : this.#channels.get(first.channel)
    if (first === undefined) return
    // Its settings were taken away: what waited for it waits some days for them to come back.
    if (channel === undefined) return this.#isStale(batch) ? this.#drop(batch) : this.#put(batch, DAY_MS)
    const { user, target, isDigest } = first
    const { people, rooms, now } = this.#parts
    const room = await rooms().open(inboxRoom(user))
    // The type of this room is the inbox.
    const view = room.guarded?.record.view as unknown as InboxView | undefined
    if (view === undefined) return this.#drop(batch)
    const done = new Set([...view.read, ...view.cleared])
    const entries = batch.flatMap(delivery => delivery.entries).filter(({ id }) => !done.has(id))
    if (entries.length === 0) return this.#drop(batch)
    const quiet = isDigest || entries.some(({ critical }) => critical) ? null : quietUntil(view, now())
    if (quiet !== null) return this.#put(batch, quiet - now())
    const readable = await this.#readable(user, entries)
    if (readable.length === 0) return this.#drop(batch)
    const message = { target, person: people.get(user), view, entries: readable, isDigest }
    const outcome = await channel.deliver(message).catch(failureOf)
    await this.#ended(batch, first, outcome)
  }

  /** A night may lie between what was told and what is sent. What cannot be asked about stays in the app. */
  async #readable(user: string, entries: readonly NewEntry[]): Promise<readonly NewEntry[]> {
    const rooms = [...new Set(entries.flatMap(({ room }) => room ?? []))]
    const mayRead = await Promise.all(rooms.map(room => this.#parts.mayRead(user, room).catch(() => false)))
    const readable = new Set(rooms.filter((_, i) => mayRead[i]))
    return entries.filter(({ room }) => room === null || readable.has(room))
  }

  #isStale(batch: readonly Delivery[]): boolean {
    const since = this.#parts.now() - STALE_MS
    return batch.every(({ entries }) => entries.every(({ when }) => when < since))
  }

  async #ended(batch: readonly Delivery[], first: Delivery, outcome: DeliveryOutcome): Promise<void> {
    const { metrics, logger, retryMs } = this.#parts
    const { channel, user, target } = first
    if (outcome.kind === 'gone') {
      if (outcome.forget) this.#parts.forgetDevice(user, target)
      return this.#drop(batch)
    }
    if (outcome.kind === 'delivered') {
      metrics.delivered(channel)
      this.#health.get(channel)?.succeeded()
      return this.#drop(batch)
    }
    const { reason, isService, afterMs, isFinal } = outcome
    metrics.deliveryFailed(channel)
    if (isService) this.#health.get(channel)?.failed(user, reason)
    const attempts = Math.max(...batch.map(delivery => delivery.attempts)) + 1
    const wait = retryMs[attempts - 1]
    if (wait === undefined || isFinal === true) {
      this.#givenUp[channel] = (this.#givenUp[channel] ?? 0) + 1
      logger.error({ user, channel, attempts, reason }, 'a delivery is given up')
      return this.#drop(batch)
    }
    logger.warn({ user, channel, attempts, reason }, 'a delivery failed and is tried again')
    return this.#put(batch, Math.max(wait, afterMs ?? 0), attempts)
  }

  async #put(batch: readonly Delivery[], afterMs: number, attempts?: number): Promise<void> {
    const dueAt = this.#parts.now() + afterMs
    const later = batch.map(delivery => ({ ...delivery, dueAt, attempts: attempts ?? delivery.attempts }))
    for (const delivery of later) this.#waiting.set(deliveryKey(delivery), delivery)
    await this.#parts.committer.submit({ rooms: [], values: later.map(deliveryPut) })
  }

  async #drop(batch: readonly Delivery[]): Promise<void> {
    await this.#parts.committer.submit({ rooms: [], values: batch.map(deliveredPut) })
    for (const delivery of batch) this.#waiting.delete(deliveryKey(delivery))
  }
}

const CLOSE_MS_MAX = 1_500
const CHECK_MS = 60_000
const DAY_MS = 86_400_000
const STALE_MS = 7 * DAY_MS
const MIN_SLEEP_MS = 20

/** Where push goes is what browsers say; the mail server is the operator's own. */
const usersMin: Readonly<Record<ChannelName, number>> = { push: 3, mail: 1 }

const words: Readonly<Record<ChannelName, string>> = { push: 'Browser push', mail: 'The mail server' }

const failureOf = (error: unknown): DeliveryOutcome => ({
  kind: 'failed',
  reason: error instanceof Error ? error.message : String(error),
  isService: true,
})
