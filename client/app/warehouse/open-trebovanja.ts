import { Trebovanje } from '../../../shared/index.ts'
import type { ListQuery } from '../../index.ts'
import type { UsedList } from '../../react/index.ts'
import { useWholeList } from '../list-page/use-whole-list.ts'

export const openStatuses = ['new', 'assigned', 'in_progress'] as const

export const openTrebovanja: ListQuery = {
  where: { status: { in: openStatuses } },
  orderBy: ['due', 'asc'],
  limit: 200,
}

/** What is still to be done, and what has been done since then. */
export const useOpenOrClosedSince = (since: number): UsedList<typeof Trebovanje> =>
  useWholeList(Trebovanje, {
    where: { $any: [{ status: { in: openStatuses } }, { closedAt: { gte: since } }] },
    orderBy: ['due', 'asc'],
  })
