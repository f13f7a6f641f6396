import { Trebovanje } from '../../../shared/index.ts'
import type { ListQuery } from '../../index.ts'
import { type UsedList, useList } from '../../react/index.ts'
import { useWholeList } from '../list-page/use-whole-list.ts'

export const openStatuses = ['new', 'assigned', 'in_progress'] as const

export const openTrebovanja: ListQuery = {
  where: { status: { in: openStatuses } },
  orderBy: ['due', 'asc'],
  limit: 200,
}

/**
 * What is still to be done, and what has been done since then. With each day that is another list: a day that comes
 * while there is no server has none yet, and what was open when it was last heard is to be done on that day, too.
 */
export const useOpenOrClosedSince = (since: number): UsedList<typeof Trebovanje> => {
  const ofDay = useWholeList(Trebovanje, {
    where: { $any: [{ status: { in: openStatuses } }, { closedAt: { gte: since } }] },
    orderBy: ['due', 'asc'],
  })
  const open = useList(Trebovanje, openTrebovanja)
  if (ofDay.state !== 'unavailable' || open.rows === undefined) return ofDay
  // It is summed up, so where it is not whole the page says so.
  return { ...open, isCut: open.isCut || open.hasMore }
}
