import { Ticket } from '../../../shared/index.ts'
import { useList } from '../../react/index.ts'

/** How many tickets wait for a technician, and how many they are at. */
export const useWorkload = () => {
  const open = useList(Ticket, {
    where: { status: { in: ['open', 'waiting'] } },
    limit: 1,
    groups: ['assignedTo'],
  }).groups?.['assignedTo']
  const inWork = useList(Ticket, { where: { status: 'in_progress' }, limit: 1, groups: ['claimedBy'] })
    .groups?.['claimedBy']
  return {
    open: (user: string | null): number => open?.[user ?? ''] ?? 0,
    inWork: (user: string | null): number => inWork?.[user ?? ''] ?? 0,
  }
}
