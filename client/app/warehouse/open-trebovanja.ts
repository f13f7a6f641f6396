import type { Filter } from '../../../shared/index.ts'

export const openStatuses = ['new', 'assigned', 'in_progress'] as const

/** What is still to be done, and what has been done since then. */
export const openOrClosedSince = (since: number): Filter => ({
  $any: [{ status: { in: openStatuses } }, { closedAt: { gte: since } }],
})
