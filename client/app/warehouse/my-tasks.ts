import { claim } from '../../../shared/index.ts'
import type { ListQuery } from '../../index.ts'

/** What whoever works here has to pick. */
export const myTasks: ListQuery = {
  where: { workers: { contains: claim('sub') }, status: { in: ['assigned', 'in_progress'] } },
  orderBy: ['due', 'asc'],
}
