import type { IncomingHttpHeaders } from 'node:http'

const DAY_MS = 86_400_000

/** In seconds, or as the time of day: then the service's own clock says what time it is now. */
export const retryAfterMs = ({
  'retry-after': after,
  date,
}: Pick<IncomingHttpHeaders, 'retry-after' | 'date'>): number | null => {
  if (after === undefined) return null
  const ms = /^\d+$/.test(after) ? Number(after) * 1_000 : Date.parse(after) - Date.parse(date ?? '')
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), DAY_MS)
}
