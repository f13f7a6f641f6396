// Browser push: encrypted for one browser, signed with the VAPID key that it subscribed to.

import type { RequestDetails } from 'web-push'
import { isToldIn } from '../../shared/types/inbox-preferences.ts'
import { type InboxItem, type InboxView, linesOf } from '../../shared/types/inbox.ts'
import { noticeIn } from '../../shared/types/notice-sentences.ts'
import type { Channel, DeliveryOutcome, Message } from './delivery.ts'
import { asEntries, type NewEntry } from './plan-inbox.ts'
import { NotOutside, type OutsideAnswer, postOutside } from './post-outside.ts'
import type { VapidKeys } from './vapid.ts'
import { reasonOf } from '../../shared/reason-of.ts'

export interface PushOptions {
  readonly keys: () => VapidKeys
  /** `mailto:` or `https:`, for the push services to write to. */
  readonly subject: string
  readonly gatherMs: number
  readonly allowsInside: boolean
}

/** What the service worker is given: sentences in the person's language. A click opens `/open/<room>`. */
export interface PushPayload {
  readonly unread: number
  readonly lines: readonly Pick<
    InboxItem,
    'id' | 'level' | 'sentence' | 'room' | 'at' | 'count' | 'critical'
  >[]
  /** Lines that are not named, for want of room. */
  readonly more: number
}

const TIMEOUT_MS = 15_000
/** A browser that was off for longer finds it in the inbox. */
const TTL_SECONDS = 86_400
/** Services take 4096 bytes, encryption included. */
const PAYLOAD_BYTES_MAX = 3_900
const LINES_MAX = 4
const SENTENCE_CHARS_MAX = 300

export class PushChannel implements Channel {
  readonly name = 'push'
  readonly #options: PushOptions

  constructor(options: PushOptions) {
    this.#options = options
  }

  get gatherMs(): number {
    return this.#options.gatherMs
  }

  targets(view: InboxView, _: unknown, entry: NewEntry): readonly string[] {
    return view.devices.length > 0 && isToldIn('push', view, entry) ? view.devices.map(({ id }) => id) : []
  }

  async deliver(message: Message): Promise<DeliveryOutcome> {
    const device = message.view.devices.find(({ id }) => id === message.target)
    if (device === undefined || device.endpoint === null || device.keys === null)
      return { kind: 'gone', forget: false }
    // Only here: most servers start without anybody to push to.
    const { default: webPush } = await import('web-push')
    let details: RequestDetails
    try {
      details = webPush.generateRequestDetails(
        { endpoint: device.endpoint, keys: device.keys },
        payloadOf(message),
        {
          vapidDetails: { subject: this.#options.subject, ...this.#options.keys() },
          TTL: TTL_SECONDS,
          urgency: message.entries.some(({ critical }) => critical) ? 'high' : 'normal',
        },
      )
    } catch {
      // Keys or an address that no browser has made: nothing can ever be sent there.
      return { kind: 'gone', forget: true }
    }
    try {
      const answer = await postOutside({
        url: details.endpoint,
        headers: details.headers as Record<string, string | number>,
        body: details.body ?? Buffer.alloc(0),
        timeoutMs: TIMEOUT_MS,
        allowsInside: this.#options.allowsInside,
      })
      return outcomeOf(answer)
    } catch (error) {
      if (error instanceof NotOutside) return { kind: 'gone', forget: true }
      return { kind: 'failed', reason: reasonOf(error), isService: true }
    }
  }

  async close(): Promise<void> {}
}

const payloadOf = ({ view, entries }: Message): string => {
  const lines = linesOf({ entries: asEntries(entries), read: [], cleared: [] })
  const named = lines.slice(0, LINES_MAX).map(line => {
    const { id, level, room, at, count, critical } = line
    const sentence = shortened(noticeIn(view.language ?? '', line))
    return { id, level, sentence, room, at, count, critical }
  })
  for (;;) {
    const payload: PushPayload = { unread: view.unread, lines: named, more: lines.length - named.length }
    const json = JSON.stringify(payload)
    if (named.length <= 1 || Buffer.byteLength(json) <= PAYLOAD_BYTES_MAX) return json
    named.pop()
  }
}

/** By characters: half of one is none. */
const shortened = (sentence: string): string => {
  const characters = [...sentence]
  return characters.length <= SENTENCE_CHARS_MAX
    ? sentence
    : `${characters.slice(0, SENTENCE_CHARS_MAX - 1).join('')}…`
}

const outcomeOf = ({ status, retryAfterMs, body }: OutsideAnswer): DeliveryOutcome => {
  if (status >= 200 && status < 300) return { kind: 'delivered' }
  if (status === 404 || status === 410) return { kind: 'gone', forget: true }
  const reason = `it answered ${status}${body === '' ? '' : `: ${body}`}`
  return {
    kind: 'failed',
    reason,
    // A browser that subscribed to another key is not the service's doing.
    isService: status === 429 || status >= 500,
    ...(retryAfterMs === null ? {} : { afterMs: retryAfterMs }),
    // The same bytes would be refused again.
    ...(status === 400 || status === 413 ? { isFinal: true } : {}),
  }
}
