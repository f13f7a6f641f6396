import { createHmac, randomBytes } from 'node:crypto'
import { reasonWithCause } from '../../shared/reason-of.ts'
import { retryAfterMs } from '../retry-after.ts'
import { within } from '../within.ts'
import type { RecordEvent } from './event.ts'
import type { Webhook } from './webhook-record.ts'
import { messagesOfEvent } from './words.ts'

/**
 * One delivery, by the rules of standardwebhooks.com, for which there are receivers in every language: the signature
 * is over the id, the second it was sent and the body, so that neither can be changed nor an old delivery sent
 * again. The id is the event's hash, the same with every attempt: a receiver that keeps ids takes each event once.
 */
export interface DeliveryOutcome {
  readonly ok: boolean
  /** What went wrong, for the operator. */
  readonly error: string
  /** The receiver wants no more of it, ever (410). */
  readonly isGone: boolean
  /** It takes no more for the moment, and this long it is to be left alone; null: that is not what it said. */
  readonly restMs: number | null
}

const TIMEOUT_MS = 10_000

export const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`

export const signature = (secret: string, id: string, seconds: number, body: string): string => {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`
}

export const bodyOf = (event: RecordEvent): string =>
  JSON.stringify({
    type: `${event.type}.${event.action}`,
    timestamp: new Date(event.at).toISOString(),
    data: { ...event, messages: messagesOfEvent(event) },
  })

export const deliver = async (
  { url, secret }: Pick<Webhook, 'url' | 'secret'>,
  id: string,
  body: string,
  now: number,
  ended: AbortSignal,
): Promise<DeliveryOutcome> => {
  const seconds = Math.floor(now / 1000)
  try {
    const { status, headers } = await within(TIMEOUT_MS, [ended], async signal => {
      const response = await fetch(url, {
        method: 'POST',
        // A redirect could lead the signed body to somebody else.
        redirect: 'manual',
        signal,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'corecord',
          'webhook-id': id,
          'webhook-timestamp': String(seconds),
          'webhook-signature': signature(secret, id, seconds, body),
          'idempotency-key': id,
        },
        body,
      })
      await response.body?.cancel()
      return response
    })
    const ok = status >= 200 && status < 300
    const asked = retryAfterMs(Object.fromEntries(headers))
    return {
      ok,
      error: ok ? '' : answerOf(url, status, headers.get('location')),
      isGone: status === 410,
      restMs: status === 429 || (status === 503 && asked !== null) ? restMsOf(asked) : null,
    }
  } catch (error) {
    return { ok: false, error: whyOf(error), isGone: false, restMs: null }
  }
}

const answerOf = (url: string, status: number, location: string | null): string =>
  location === null
    ? `it answered ${status}`
    : `it answered ${status} and sent on to ${placeOf(url, location)}, which is not followed: name the address itself`

const PLACE_CHARS_MAX = 200

/** Of what a receiver sends on to, which may be as long as it likes, and hold what signs somebody in. */
const placeOf = (url: string, location: string): string => {
  if (!URL.canParse(location, url)) return 'no address'
  const { origin, pathname, protocol } = new URL(location, url)
  const place = origin === 'null' ? `an address of ${protocol}` : `${origin}${pathname}`
  return place.length <= PLACE_CHARS_MAX ? place : `${place.slice(0, PLACE_CHARS_MAX - 1)}…`
}

const REST_MS = { min: 100, fallback: 1_000, max: 60_000 }

const restMsOf = (askedMs: number | null): number =>
  Math.min(Math.max(askedMs ?? REST_MS.fallback, REST_MS.min), REST_MS.max)

const whyOf = (error: unknown): string =>
  error instanceof Error && error.name === 'TimeoutError'
    ? `no answer within ${TIMEOUT_MS / 1000} s`
    : reasonWithCause(error)
