// Webhooks as part of the server: setting them up, running one worker for each, and what an operator does with
// deliveries that were given up.

import { hash, randomBytes } from 'node:crypto'
import type { GroupCommit } from '../store/group-commit.ts'
import type { Store, ValuePut } from '../store/store.ts'
import type { FeedParts } from './event-feed.ts'
import { type DeliveryOutcome, deliver, newSecret } from './webhook-delivery.ts'
import {
  type DeadEvent,
  eventKey,
  heldOf,
  type Lane,
  laneKey,
  put,
  readSpace,
  type Webhook,
} from './webhook-record.ts'
import { WebhookWorker } from './webhook-worker.ts'

export interface WebhooksParts extends FeedParts {
  readonly store: Pick<Store, 'readValues' | 'readValue'>
  readonly committer: Pick<GroupCommit, 'submit'>
  readonly now: () => number
  readonly types: { has(name: string): boolean }
  readonly logger: Record<'error' | 'warn' | 'info', (fields: object, message: string) => void>
  readonly metrics: { delivered(channel: string): void; deliveryFailed(channel: string): void }
  readonly backoffMs?: (attempts: number) => number | null
  readonly probeMs?: number
}

export type WebhookWish = Partial<Pick<Webhook, 'types' | 'as' | 'note' | 'secret'>> & {
  readonly url: string
}

/** One of a settings file: its receiver knows the secret from there. */
export type FileWebhook = WebhookWish & { readonly secret: string }

export interface WebhookReport extends Omit<Webhook, 'secret' | 'staysPaused'> {
  /** Records of which an event waits for another attempt. */
  readonly waiting: number
  readonly isDown: boolean
  readonly lastError: string
  readonly dead: number
  /** Of its types those that this server has not: of these nothing comes. */
  readonly noSuchTypes: readonly string[]
}

/** Two seconds, then twice as long each time, up to six hours; some three days in all. */
export const backoffOverDays = (attempts: number): number | null =>
  attempts > ATTEMPTS_MAX ? null : Math.min(SIX_HOURS_MS, 2 ** attempts * 1_000) * (0.9 + 0.2 * Math.random())

/** Whose address is named in a settings file has an id that begins so. */
const FROM_FILE = 'file-'
const ATTEMPTS_MAX = 25
const PROBE_MS = 30_000
const SIX_HOURS_MS = 6 * 3_600_000

export class Webhooks {
  readonly #parts: WebhooksParts
  readonly #workers = new Map<string, WebhookWorker>()
  #isRunning = false

  constructor(parts: WebhooksParts) {
    this.#parts = parts
  }

  async start(): Promise<void> {
    this.#isRunning = true
    for await (const { value } of readSpace<Webhook>(this.#parts.store, 'webhooks')) {
      if (!value.isPaused) await this.#run(value)
    }
  }

  /** Those of a settings file: set up, changed, or paused, as the file says now. Before `start`. */
  async keep(wishes: readonly FileWebhook[]): Promise<void> {
    const { store, now, log } = this.#parts
    const values: ValuePut[] = []
    const ids = new Set<string>()
    for (const { url, secret, types = null, as = null, note = '' } of wishes) {
      const id = FROM_FILE + hash('sha256', url, 'hex').slice(0, 12)
      ids.add(id)
      const known = await this.#find(id)
      const createdAt = known?.createdAt ?? now()
      const paused = known?.staysPaused === true ? { isPaused: true, staysPaused: true } : { isPaused: false }
      values.push(put('webhooks', id, { id, url, secret, types, as, note, createdAt, ...paused }))
      if (known === null) values.push(put('webhook-cursor', id, await log.now()))
    }
    for await (const { key, value } of readSpace<Webhook>(store, 'webhooks', FROM_FILE))
      if (!ids.has(key)) values.push(put('webhooks', key, { ...value, isPaused: true }))
    if (values.length > 0) await this.#commit(values)
  }

  async close(): Promise<void> {
    this.#isRunning = false
    await Promise.all([...this.#workers.values()].map(worker => worker.close()))
    this.#workers.clear()
  }

  /** Why a webhook that is set up delivers nothing, by its id: everybody may read it, and an address can be a secret. */
  problem(): string | null {
    const stopped = [...this.#workers.values()].filter(({ problem }) => problem !== null)
    return stopped.length === 0
      ? null
      : stopped
          .map(({ webhook, problem }) => `deliveries of ${webhook.id} have stopped: ${problem}`)
          .join('; ')
  }

  /** A receiver that takes nothing is somebody else's server, for which nobody is to be kept from this one. */
  remark(): string | null {
    const workers = [...this.#workers.values()]
    const down = workers.filter(({ isDown }) => isDown).length
    const inVain = workers.filter(({ webhook }) => this.#noSuchTypes(webhook).length > 0)
    const remarks = [
      ...(down === 0 ? [] : [`${down} of ${workers.length} receivers take nothing, and their events wait`]),
      ...inVain.map(
        ({ webhook }) => `${webhook.id} waits for types that there are not: ${this.#noSuchTypes(webhook)}`,
      ),
    ]
    return remarks.length === 0 ? null : remarks.join('; ')
  }

  /** A type may have gone since it was set up. */
  #noSuchTypes({ types }: Webhook): readonly string[] {
    return (types ?? []).filter(name => !this.#parts.types.has(name))
  }

  /** How many records wait for another attempt, by webhook. */
  get waiting(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#workers].map(([id, { waiting }]) => [id, waiting]))
  }

  /** Events from now on go to this address. The answer alone holds the secret. */
  async add(wish: WebhookWish): Promise<Webhook> {
    const { now, log } = this.#parts
    const webhook: Webhook = {
      id: randomBytes(6).toString('hex'),
      url: wish.url,
      secret: wish.secret ?? newSecret(),
      types: wish.types ?? null,
      as: wish.as ?? null,
      note: wish.note ?? '',
      createdAt: now(),
      isPaused: false,
    }
    await this.#commit([
      put('webhooks', webhook.id, webhook),
      put('webhook-cursor', webhook.id, await log.now()),
    ])
    await this.#run(webhook)
    return webhook
  }

  async list(): Promise<WebhookReport[]> {
    const reports: WebhookReport[] = []
    for await (const { value } of readSpace<Webhook>(this.#parts.store, 'webhooks'))
      reports.push(await this.#report(value))
    return reports
  }

  /** Whether there was one. What waits for it goes with it. */
  async remove(id: string): Promise<boolean> {
    const { store } = this.#parts
    if ((await store.readValue('webhooks', id)) === null) return false
    await this.#stop(id)
    const values = [put('webhooks', id, null), put('webhook-cursor', id, null)]
    for (const space of ['webhook-lane', 'webhook-queue', 'webhook-dead'] as const) {
      for await (const { key } of readSpace<unknown>(store, space, `${id}/`))
        values.push(put(space, key, null))
    }
    await this.#commit(values)
    return true
  }

  /** A paused webhook misses nothing: it goes on where it stood. */
  async pause(id: string, isPaused: boolean): Promise<boolean> {
    const webhook = await this.#find(id)
    if (webhook === null) return false
    const next = { ...webhook, isPaused, staysPaused: isPaused }
    await this.#stop(id)
    await this.#commit([put('webhooks', id, next)])
    if (!isPaused) await this.#run(next)
    return true
  }

  /** Null: there is no such webhook. */
  async dead(id: string, limit: number): Promise<DeadEvent[] | null> {
    if ((await this.#find(id)) === null) return null
    const dead: DeadEvent[] = []
    for await (const { value } of readSpace<DeadEvent>(this.#parts.store, 'webhook-dead', `${id}/`)) {
      dead.push(value)
      if (dead.length >= limit) break
    }
    return dead
  }

  /**
   * Tries given up events again, of all records or of one; each record's in their order. How many they are; null:
   * there is no such webhook.
   */
  async replay(id: string, record: string | null): Promise<number | null> {
    if ((await this.#find(id)) === null) return null
    const { store, now } = this.#parts
    const values: ValuePut[] = []
    const rooms = new Set<string>()
    let count = 0
    for await (const { key, value } of readSpace<DeadEvent>(store, 'webhook-dead', `${id}/`)) {
      const { event } = value
      if (record !== null && event.record !== record) continue
      rooms.add(event.record)
      values.push(put('webhook-dead', key, null), put('webhook-queue', eventKey(id, event), event))
      count++
    }
    const lane: Lane = { attempts: 0, nextAt: now(), error: '' }
    for (const room of rooms) values.push(put('webhook-lane', laneKey(id, room), lane))
    if (count > 0) await this.#commit(values)
    this.#workers.get(id)?.takeUp([...rooms])
    return count
  }

  /** For the commit that purges a record: what is held of it goes, whether it waits or was given up. */
  async purge(room: string): Promise<ValuePut[]> {
    const { store } = this.#parts
    const values: ValuePut[] = []
    for await (const { key: id } of readSpace<Webhook>(store, 'webhooks')) {
      for (const space of ['webhook-queue', 'webhook-dead'] as const)
        for await (const { key, event } of heldOf(store, space, id, room))
          if (event.action !== 'purge') values.push(put(space, key, null))
    }
    return values
  }

  /** After it: what was on its way into the queue meanwhile. `commit` is that of the purge. */
  async purged(room: string, commit: number): Promise<void> {
    for (const worker of this.#workers.values()) worker.forget(room, commit)
    const values = await this.purge(room)
    if (values.length > 0) await this.#commit(values)
  }

  /** One delivery of nothing in particular, to see whether it arrives; if it does, what waits is tried at once. */
  async ping(id: string): Promise<DeliveryOutcome | null> {
    const { now } = this.#parts
    const webhook = await this.#find(id)
    if (webhook === null) return null
    const body = JSON.stringify({ type: 'corecord.ping', timestamp: new Date(now()).toISOString(), data: {} })
    const messageId = `ping-${randomBytes(8).toString('hex')}`
    const outcome = await deliver(webhook, messageId, body, now(), new AbortController().signal)
    if (outcome.ok) this.#workers.get(id)?.receiverIsBack()
    return outcome
  }

  async #find(id: string): Promise<Webhook | null> {
    const value = await this.#parts.store.readValue('webhooks', id)
    return value === null ? null : (JSON.parse(value) as Webhook)
  }

  async #report(webhook: Webhook): Promise<WebhookReport> {
    const { secret: _, staysPaused: __, ...shown } = webhook
    const worker = this.#workers.get(webhook.id)
    let waiting = 0
    let dead = 0
    for await (const _ of readSpace<Lane>(this.#parts.store, 'webhook-lane', `${webhook.id}/`)) waiting++
    for await (const _ of readSpace<DeadEvent>(this.#parts.store, 'webhook-dead', `${webhook.id}/`)) dead++
    return {
      ...shown,
      waiting,
      dead,
      isDown: worker?.isDown ?? false,
      lastError: worker?.lastError ?? '',
      noSuchTypes: this.#noSuchTypes(webhook),
    }
  }

  async #run(webhook: Webhook): Promise<void> {
    if (!this.#isRunning) return
    const noSuchTypes = this.#noSuchTypes(webhook)
    if (noSuchTypes.length > 0)
      this.#parts.logger.warn(
        { webhook: webhook.id, url: webhook.url, types: noSuchTypes },
        'a webhook waits for record types that this server has not: nothing of them comes',
      )
    const { log, readers, store, now, logger, metrics, backoffMs, probeMs } = this.#parts
    const worker = new WebhookWorker(webhook, {
      log,
      readers,
      store,
      now,
      commit: values => this.#commit(values),
      backoffMs: backoffMs ?? backoffOverDays,
      probeMs: probeMs ?? PROBE_MS,
      delivered: () => metrics.delivered('webhook'),
      down: ({ id, url }, error) =>
        logger.warn(
          { webhook: id, url, error },
          'a receiver takes nothing: its events wait, and are tried again',
        ),
      back: ({ id, url }) => logger.info({ webhook: id, url }, 'a receiver takes its events again'),
      gaveUp: ({ id, url }, { record, seq }, error) => {
        metrics.deliveryFailed('webhook')
        logger.error({ webhook: id, url, record, seq, error }, 'an event was given up; it can be replayed')
      },
      gone: ({ id, url }) => {
        metrics.deliveryFailed('webhook')
        logger.error({ webhook: id, url }, 'the receiver is gone (410); the webhook is paused')
        // A server that stops takes no note of it; the receiver says it again.
        this.pause(id, true).catch(error =>
          logger.error({ webhook: id, url, err: error }, 'a webhook could not be paused'),
        )
      },
      missed: ({ id, url }) => {
        metrics.deliveryFailed('webhook')
        logger.error({ webhook: id, url }, 'events were folded away before they could be delivered')
      },
      failed: ({ id, url }, error) =>
        logger.error({ webhook: id, url, err: error }, 'deliveries have stopped'),
    })
    this.#workers.set(webhook.id, worker)
    await worker.start()
  }

  async #stop(id: string): Promise<void> {
    const worker = this.#workers.get(id)
    this.#workers.delete(id)
    await worker?.close()
  }

  async #commit(values: readonly ValuePut[]): Promise<void> {
    await this.#parts.committer.submit({ rooms: [], values })
  }
}
