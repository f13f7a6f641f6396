import { Button } from '@mantine/core'
import { IconPhone, IconUserExclamation } from '@tabler/icons-react'
import { Availability, nextFreeSlot } from '../../../shared/index.ts'
import { useNow } from '../format/use-now.ts'
import { notBefore } from '../format/wall-time.ts'
import { useList } from '../../react/index.ts'
import { PIECE } from '../list-page/use-whole-list.ts'
import { useNameOf } from '../session/directory.tsx'
import { useSettled } from '../shell/use-settled.ts'
import { StateDot } from '../state/state-dot.tsx'
import { useAppWords } from '../words/app-words.ts'
import { usePlaceZone } from './place-zone.tsx'
import { useSchedulingWords } from './scheduling-words.ts'
import { daysOf, placeOf } from './slot-place.ts'
import type { Bookings, LostBooking, MovingBooking } from './use-booking.ts'
import { useWhereWords } from './where-words.ts'

/** Each stays until it is booked elsewhere or put away: the client may still be on the telephone. */
export const LostBookings = ({ bookings }: { readonly bookings: Bookings }) => (
  <div className="lost-bookings">
    {bookings.moving.map(moving => (
      <Moving key={`${moving.from.slot} ${moving.to.slot} ${moving.booking.client}`} moving={moving} />
    ))}
    {bookings.lost.map(lost => (
      <Lost
        key={`${lost.place.availability} ${lost.place.slot} ${lost.booking.client}`}
        lost={lost}
        bookings={bookings}
      />
    ))}
  </div>
)

/** A moment of it is nothing to tell. */
const MOVING_MS = 800

const Moving = ({ moving }: { readonly moving: MovingBooking }) => {
  const words = useSchedulingWords()
  const { where } = useWhereWords()
  if (!useSettled(true, MOVING_MS)) return null
  return (
    <p className="moving-booking" role="status">
      <StateDot save="on device" /> {words.moving(moving.booking.client, where(moving.to))}
    </p>
  )
}

const Lost = ({ lost, bookings }: { readonly lost: LostBooking; readonly bookings: Bookings }) => {
  const words = useSchedulingWords()
  const appWords = useAppWords()
  const { where } = useWhereWords()
  const nameOf = useNameOf()
  const { place, booking, from: stands } = lost
  const from = notBefore({ date: place.date, minute: place.from }, useNow(30_000), usePlaceZone())
  const { rows } = useList(Availability, {
    where: { date: { gte: from.date }, free: { gt: 0 } },
    orderBy: ['date', 'asc'],
    limit: PIECE,
  })
  const offered = placeOf(nextFreeSlot(daysOf(rows ?? []), from))
  const by = nameOf(lost.by)
  return (
    <div className="lost-booking" role="alert" data-testid="lost-booking">
      <IconUserExclamation size={26} aria-hidden />
      <div>
        <strong>
          {appWords.beforeValue(where(place))} {lost.why ?? words.lost(lost.to)}
        </strong>{' '}
        {lost.why === null && by !== '' && words.lostBy(by)}
        <br />
        {stands === null ? words.yours(booking.client) : words.stays(booking.client, where(stands))}
      </div>
      <div className="lost-booking-actions">
        {offered === null ? (
          <span>{words.noOffer}</span>
        ) : (
          <Button
            onClick={() => {
              bookings.dismiss(lost)
              if (stands === null) void bookings.book(offered, booking)
              else void bookings.move({ from: stands, to: offered, booking })
            }}
          >
            {stands === null ? words.offer(where(offered)) : words.offerMove(where(offered))}
          </Button>
        )}
        {booking.phone !== '' && (
          <Button
            component="a"
            href={`tel:${booking.phone.replace(/\s/g, '')}`}
            variant="default"
            leftSection={<IconPhone size={16} />}
          >
            {words.callBack(booking.phone)}
          </Button>
        )}
        <Button variant="default" onClick={() => bookings.dismiss(lost)}>
          {words.dismiss}
        </Button>
      </div>
    </div>
  )
}
