import { wholeNumberIn } from '../http/request-address.ts'
import type { EventWish } from './event-feed.ts'

const LIMIT_MAX = 1_000
const WAIT_SECONDS_MAX = 60

export interface EventQuery extends EventWish {
  /** Null: from the oldest that is kept. */
  readonly since: string | null
  readonly limit: number
  readonly waitSeconds: number
}

/** `?since=&limit=&wait=&type=a,b&record=a:1&gone` */
export const parseEventQuery = (query: URLSearchParams): EventQuery => ({
  since: query.get('since') || null,
  limit: Math.min(wholeNumberIn(query, 'limit') ?? 100, LIMIT_MAX),
  waitSeconds: Math.min(wholeNumberIn(query, 'wait') ?? 0, WAIT_SECONDS_MAX),
  ...parseEventWish(query),
})

export const parseEventWish = (query: URLSearchParams): EventWish => {
  const types = (query.get('type') ?? '').split(',').filter(type => type !== '')
  return {
    types: types.length === 0 ? null : new Set(types),
    record: query.get('record') || null,
    gone: ['', '1', 'true'].includes(query.get('gone') ?? 'no'),
  }
}
