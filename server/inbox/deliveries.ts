// Pushes and mails: each waits a moment for more to go with it, is left out when it was read meanwhile, is put off
// over quiet hours, tried again when it fails, later and later, and given up in the end. At least once: whoever dies
// between a service's yes and the commit that notes it, sends again, under the same name. A mail server or a browser's
// service that does not answer keeps nobody waiting but those it is for.

import { quietUntil } from '../../shared/types/inbox-preferences.ts'
import { inboxRoom, type InboxView } from '../../shared/types/inbox.ts'
import type { Metrics } from '../http/metrics.ts'
import type { Rooms } from '../room/rooms.ts'
import { isUnreadable } from '../room/unreadable.ts'
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
import { reasonOf } from '../../shared/reason-of.ts'

export interface DeliveriesParts {
  readonly channels: readonly Channel[]
  readonly store: Pick<Store, 'readValues'>
  readonly committer: Pick<GroupCommit, 'submit'>
  readonly rooms: () => Pick<Rooms, 'open'>
  readonly people: Pick<People, 'get'>
  readonly now: () => number
  /** Between attempts; as many as there are, and then it is given up. */
  readonly retryMs: readonly number[]
  readonly metrics: Pick<Metrics, 'delivered' | 'deliveryFailed' | 'gauge'>
  readonly logger: {
    warn(fields: object, message: string): void
    error(fields: object, message: string): void
  }
  readonly forgetDevice: (user: string, device: string) => void
  readonly mayRead: (user: string, room: string) => Promise<boolean>
}

const MINUTE_MS = 60_000
/** A day in all: what a mail server was down for overnight is not lost, and comes soon after it is back. */
export const RETRY_MS: readonly number[] = [
  5_000,
  30_000,
  ...[2, 10, ...Array<number>(48).fill(30)].map(m => m * MINUTE_MS),
]

/** Services of browsers are many, and each may be slow; a mail server is one, and takes few connections. */
const AT_ONCE: Readonly<Record<ChannelName, number>> = { push: 32, mail: 8 }
/** A timer goes on by itself when the clock is put right, and stands still while the machine sleeps: it looks again. */
const SLEEP_MS_MAX = 30_000

interface Lane {
  readonly atOnce: number
  readonly queue: (readonly Delivery[])[]
  /** With when each began. */
  readonly sending: Map<Promise<void>, number>
}

export class Deliveries {
  readonly #parts: DeliveriesParts
  readonly #channels: ReadonlyMap<ChannelName, Channel>
  readonly #health: ReadonlyMap<ChannelName, ChannelHealth>
  readonly #waiting = new Map<string, Delivery>()
  readonly #lanes: ReadonlyMap<ChannelName, Lane>
  /** Places that something is under way to: what else goes there waits for it. */
  readonly #taken = new Set<string>()
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
    this.#lanes = new Map(
      parts.channels.map(({ name }) => [name, { atOnce: AT_ONCE[name], queue: [], sending: new Map() }]),
    )
    parts.metrics.gauge('deliveries_waiting', 'Pushes and mails on their way', () => this.#waiting.size)
  }

  get size(): number {
    return this.#waiting.size
  }

  problem(name: ChannelName): string | null {
    const since = Math.min(...(this.#lanes.get(name)?.sending.values() ?? []))
    const seconds = Math.floor((this.#parts.now() - since) / 1_000)
    return (
      this.#health.get(name)?.problem() ??
      (seconds >= SILENT_SECONDS ? `${words[name]}: it has not answered for ${seconds} s` : null)
    )
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
      // One that answers, and did not take what waits for it, works when it has taken some.
      if (reason === null && this.#isFailing(channel.name)) {
        if (health.up()) this.#tryNow(channel.name)
      } else if (reason === null) health.succeeded()
      else {
        health.down(reason)
        this.#parts.logger.error(
          { channel: channel.name, reason },
          'a channel for notifications does not work',
        )
      }
    }
  }

  /** What waits for a later attempt, now that who is to take it was away and is there again. */
  #tryNow(name: ChannelName): void {
    const dueAt = this.#parts.now()
    for (const [key, delivery] of this.#waiting)
      if (delivery.channel === name && delivery.attempts > 0 && !this.#taken.has(placeOf(delivery)))
        this.#waiting.set(key, { ...delivery, dueAt })
    this.#sleep()
  }

  #isFailing(name: ChannelName): boolean {
    return [...this.#waiting.values()].some(({ channel, attempts }) => channel === name && attempts > 0)
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
    await Promise.race([this.#allSent(), late])
    await Promise.all(this.#parts.channels.map(channel => channel.close()))
  }

  /** Sends what is due now; resolves when nothing is under way any more. */
  async run(): Promise<void> {
    this.#startDue()
    await this.#allSent()
  }

  /** Their quiet hours are others now: what waits for the end of the old ones is looked at anew. */
  async wishChanged(user: string): Promise<void> {
    const now = this.#parts.now()
    const putOff = [...this.#waiting.values()].filter(delivery => {
      const channel = this.#channels.get(delivery.channel)
      return (
        delivery.user === user &&
        delivery.attempts === 0 &&
        channel !== undefined &&
        delivery.dueAt > now + channel.gatherMs &&
        !this.#taken.has(placeOf(delivery))
      )
    })
    if (putOff.length === 0) return
    await this.#put(putOff, 0)
    this.#sleep()
  }

  async #allSent(): Promise<void> {
    for (;;) {
      const sending = [...this.#lanes.values()].flatMap(lane => [...lane.sending.keys()])
      if (sending.length === 0) return
      await Promise.all(sending)
    }
  }

  #sleep(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#isClosed) return
    const now = this.#parts.now()
    let next = Number.POSITIVE_INFINITY
    for (const delivery of this.#waiting.values())
      if (!this.#taken.has(placeOf(delivery))) next = Math.min(next, dueAtOf(delivery, now))
    if (next === Number.POSITIVE_INFINITY) return
    const ms = Math.min(Math.max(next - now, MIN_SLEEP_MS), SLEEP_MS_MAX)
    this.#timer = setTimeout(() => this.#startDue(), ms)
    this.#timer.unref()
  }

  #startDue(): void {
    if (this.#isClosed) return
    for (const batch of this.#due()) {
      const [first] = batch
      // One whose settings were taken away is waited with in the lane of the others.
      const lane = first && (this.#lanes.get(first.channel) ?? this.#lanes.values().next().value)
      if (first === undefined || lane === undefined) continue
      this.#taken.add(placeOf(first))
      lane.queue.push(batch)
      this.#fill(lane)
    }
    this.#sleep()
  }

  #fill(lane: Lane): void {
    while (lane.sending.size < lane.atOnce && !this.#isClosed) {
      const batch = lane.queue.shift()
      const [first] = batch ?? []
      if (batch === undefined || first === undefined) return
      const sending = this.#send(batch)
        .catch(error => this.#failed(batch, error))
        .finally(() => {
          lane.sending.delete(sending)
          this.#taken.delete(placeOf(first))
          this.#fill(lane)
          if (lane.queue.length === 0) this.#sleep()
        })
      lane.sending.set(sending, this.#parts.now())
    }
  }

  /** An inbox that cannot be read is not asked again and again; one that is damaged stays so for days. */
  #failed(batch: readonly Delivery[], error: unknown): void {
    this.#parts.logger.error({ err: error }, 'deliveries cannot be made yet')
    const dueAt = this.#parts.now() + (isUnreadable(error) ? 60 : 1) * MINUTE_MS
    for (const delivery of batch) this.#waiting.set(deliveryKey(delivery), { ...delivery, dueAt })
  }

  /** What goes to one place goes together, as soon as some of it is due. */
  #due(): Delivery[][] {
    const now = this.#parts.now()
    const byPlace = new Map<string, Delivery[]>()
    for (const delivery of this.#waiting.values()) {
      const place = placeOf(delivery)
      if (this.#taken.has(place)) continue
      const known = byPlace.get(place)
      if (known === undefined) byPlace.set(place, [delivery])
      else known.push(delivery)
    }
    return [...byPlace.values()].filter(batch => batch.some(delivery => dueAtOf(delivery, now) <= now))
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
    const person = people.get(user)
    // Their tokens were taken back: what they had subscribed at is theirs still, and what happens here is not.
    if (person === undefined) return this.#drop(batch)
    const done = new Set([...view.read, ...view.cleared])
    // What they have chosen since holds.
    const isWanted = (entry: NewEntry): boolean =>
      !done.has(entry.id) && (isDigest || channel.targets(view, person, entry).includes(target))
    const entries = batch.flatMap(delivery => delivery.entries).filter(isWanted)
    if (entries.length === 0) return this.#drop(batch)
    const quiet = isDigest || entries.some(({ critical }) => critical) ? null : quietUntil(view, now())
    if (quiet !== null) return this.#put(batch, quiet - now())
    const readable = await this.#readable(user, entries)
    if (readable.length === 0) return this.#drop(batch)
    const message = { target, person, view, entries: readable, isDigest }
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
    if (isService) this.#health.get(channel)?.failed(user, reason)
    const attempts = Math.max(...batch.map(delivery => delivery.attempts)) + 1
    const wait = retryMs[attempts - 1]
    if (wait === undefined || isFinal === true) {
      metrics.deliveryFailed(channel)
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

/** What has failed before is not tried more often because there is more of it. */
const placeOf = ({ user, channel, target, attempts }: Delivery): string =>
  `${attempts === 0} ${channel} ${target} ${user}`

/** What is to wait for longer than anything does was put off before the clock was set back. */
const dueAtOf = ({ dueAt }: Delivery, now: number): number => (dueAt > now + WAIT_MS_MAX ? now : dueAt)

const CLOSE_MS_MAX = 1_500
/** Longer than a mail server looks at most mails before it takes them. */
const SILENT_SECONDS = 120
const CHECK_MS = 60_000
const DAY_MS = 86_400_000
const STALE_MS = 7 * DAY_MS
const MIN_SLEEP_MS = 20
/** Quiet hours and what a service may ask for end within a day; on one day of the year it has an hour more. */
const WAIT_MS_MAX = DAY_MS + 2 * 3_600_000

/** Where push goes is what browsers say; the mail server is the operator's own. */
const usersMin: Readonly<Record<ChannelName, number>> = { push: 3, mail: 1 }

const words: Readonly<Record<ChannelName, string>> = { push: 'Browser push', mail: 'The mail server' }

const failureOf = (error: unknown): DeliveryOutcome => ({
  kind: 'failed',
  reason: reasonOf(error),
  isService: true,
})
