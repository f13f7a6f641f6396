import { HttpProblem } from '../http/problem.ts'
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
  limit: numberOf(query, 'limit', 100, LIMIT_MAX),
  waitSeconds: numberOf(query, 'wait', 0, WAIT_SECONDS_MAX),
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

const numberOf = (query: URLSearchParams, name: string, fallback: number, max: number): number => {
  const text = query.get(name)
  if (text === null) return fallback
  if (!/^\d{1,6}$/.test(text))
    throw new HttpProblem('BAD_REQUEST', `«${name}» takes a whole number up to ${max}.`, [name])
  return Math.min(Number(text), max)
}

export const queryOf = (url: string): URLSearchParams => {
  const mark = url.indexOf('?')
  return new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1))
}
