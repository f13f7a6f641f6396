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
    open: (user: string | null) => countFor(open, user),
    inWork: (user: string | null) => countFor(inWork, user),
  }
}

/** Nobody is said to have nothing where it is only not known. */
export const countFor = (
  counts: { readonly [user: string]: number } | undefined,
  user: string | null,
): number | undefined => (counts === undefined ? undefined : (counts[user ?? ''] ?? 0))
