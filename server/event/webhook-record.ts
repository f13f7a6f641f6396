// What is kept of webhooks, each thing under its own key, so that a delivery rewrites little:
//
//     webhooks        <id>               the webhook as it was set up
//     webhook-cursor  <id>               how far the log has been taken over
//     webhook-lane    <id>/<room>        a record of which an event failed: when to try again
//     webhook-queue   <id>/<room>/<seq>  its events that wait, the failed one first
//     webhook-dead    <id>/<room>/<seq>  events that were given up, until somebody replays or drops them

import type { Store, ValuePut } from '../store/store.ts'
import { valuesOf } from '../store/values-of.ts'
import type { RecordEvent } from './event.ts'

export interface Webhook {
  readonly id: string
  readonly url: string
  /** `whsec_` and base64. */
  readonly secret: string
  /** Null: all. */
  readonly types: readonly string[] | null
  /** Whose rights it reads with; null: an operator's. */
  readonly as: {
    readonly roles: readonly string[]
    readonly claims: Readonly<Record<string, unknown>>
  } | null
  readonly note: string
  readonly createdAt: number
  readonly isPaused: boolean
  /** By an operator or its receiver: that settings name it puts it on no more. */
  readonly staysPaused?: boolean
}

export interface Lane {
  readonly attempts: number
  readonly nextAt: number
  readonly error: string
}

export interface DeadEvent {
  readonly event: RecordEvent
  readonly attempts: number
  readonly error: string
  readonly at: number
}

export type WebhookSpace = 'webhooks' | 'webhook-cursor' | 'webhook-lane' | 'webhook-queue' | 'webhook-dead'

const SEQ_DIGITS = 12

export const laneKey = (id: string, room: string): string => `${id}/${room}`
export const eventKey = (id: string, { record, seq }: { record: string; seq: number }): string =>
  `${id}/${record}/${String(seq).padStart(SEQ_DIGITS, '0')}`

/** The room of a lane's key. */
export const roomOfLane = (key: string): string => key.slice(key.indexOf('/') + 1)

export const put = (space: WebhookSpace, key: string, value: object | string | null): ValuePut => ({
  space,
  key,
  value: value === null ? null : typeof value === 'string' ? value : JSON.stringify(value),
})

/** Values are what `put` wrote, under the store's checksum; so they are taken for what was put there. */
export async function* readSpace<T>(
  store: Pick<Store, 'readValues'>,
  space: WebhookSpace,
  prefix = '',
): AsyncGenerator<{ readonly key: string; readonly value: T }> {
  for await (const { key, value } of valuesOf(store, space, prefix))
    yield { key, value: JSON.parse(value) as T }
}

/**
 * What waits of one record, or was given up, in order. An id may hold slashes, so that what begins like one record's
 * keys may be another's.
 */
export async function* heldOf(
  store: Pick<Store, 'readValues'>,
  space: 'webhook-queue' | 'webhook-dead',
  id: string,
  room: string,
): AsyncGenerator<{ readonly key: string; readonly event: RecordEvent }> {
  const held = readSpace<RecordEvent | DeadEvent>(store, space, `${laneKey(id, room)}/`)
  for await (const { key, value } of held) {
    const event = 'event' in value ? value.event : value
    if (event.record === room) yield { key, event }
  }
}
