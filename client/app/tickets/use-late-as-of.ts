import { useEffect, useState } from 'react'
import { Ticket } from '../../../shared/index.ts'
import { useList } from '../../react/index.ts'
import { useNow } from '../format/use-now.ts'
import { ofDevice } from '../session/kept.ts'
import { draftsOf } from '../session/kept-drafts.ts'
import { useMyId } from '../session/use-my-id.ts'
import { openStatuses } from './ticket-filter.ts'

const MINUTE_MS = 60_000

/**
 * The minute as of which «late» is asked. What is late at another is another list, on the server and on this device:
 * it goes on only once something has become late since, and not while nobody can say so. A page that begins off line
 * goes on from the minute of the one before it: that list is the one that is here.
 */
export const useLateAsOf = (isAsked = true): number => {
  const minute = Math.floor(useNow(MINUTE_MS) / MINUTE_MS) * MINUTE_MS
  // Whoever signs out leaves nothing here.
  const key = `${draftsOf(useMyId())}late`
  const [asOf, setAsOf] = useState(() => Math.min(minute, Number(ofDevice.read(key)) || minute))
  const next = useList(
    Ticket,
    isAsked
      ? {
          where: { status: { in: openStatuses }, due: { gte: asOf } },
          orderBy: ['due', 'asc'],
          limit: 1,
        }
      : null,
  )
  const nextDue = next.state === 'live' ? (next.rows?.[0]?.due ?? null) : null
  const isBehind = nextDue !== null && nextDue < minute
  useEffect(() => {
    if (isBehind) setAsOf(minute)
  }, [isBehind, minute])
  useEffect(() => ofDevice.write(key, String(asOf)), [key, asOf])
  return asOf
}
