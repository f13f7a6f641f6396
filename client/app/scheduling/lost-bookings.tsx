import { Button } from '@mantine/core'
import { IconPhone, IconUserExclamation } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
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
import { daysOf, isAt, placeOf } from './slot-place.ts'
import type { LostBooking, MovingBooking, WaitingBooking } from './kept-bookings.ts'
import type { Bookings } from './use-booking.ts'
import { useWhereWords } from './where-words.ts'

/** Each stays until it is booked elsewhere or put away: the client may still be on the telephone. */
export const LostBookings = ({ bookings }: { readonly bookings: Bookings }) => (
  <div className="lost-bookings">
    {bookings.waiting.map(waiting => (
      <Waiting
        key={`${waiting.place.availability} ${waiting.place.slot}`}
        waiting={waiting}
        bookings={bookings}
      />
    ))}
    {bookings.moving.map(moving => (
      <Moving key={moving.request} moving={moving} bookings={bookings} />
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

interface WaitingProps {
  readonly waiting: WaitingBooking
  readonly bookings: Bookings
}

/** The slot itself shows that it waits. */
const Waiting = ({ waiting: { place, booking, at }, bookings: { follow } }: WaitingProps) => {
  const { availability, slot, from, date, staffName } = place
  const { client, phone, note } = booking
  useEffect(
    () =>
      follow({ place: { availability, slot, from, date, staffName }, booking: { client, phone, note }, at }),
    [follow, availability, slot, from, date, staffName, client, phone, note, at],
  )
  return null
}

/** A moment of it is nothing to tell. */
const MOVING_MS = 800

interface MovingProps {
  readonly moving: MovingBooking
  readonly bookings: Bookings
}

const Moving = ({ moving, bookings: { followMove } }: MovingProps) => {
  const words = useSchedulingWords()
  const { where } = useWhereWords()
  // The request is the same one, however often it is read.
  const latest = useRef(moving)
  useEffect(() => followMove(latest.current), [followMove])
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
              if (isAt(offered, place)) bookings.dismiss(lost)
              // Not before: a page that ends in between would leave nobody who knows of the client.
              const isBooked =
                stands === null
                  ? bookings.book(offered, booking)
                  : bookings.move({ from: stands, to: offered, booking })
              // Lost once more at the same place, it stands there as the new loss.
              void isBooked.then(() => {
                if (!isAt(offered, place)) bookings.dismiss(lost)
              })
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
