import { Button } from '@mantine/core'
import { IconPhone, IconUserExclamation } from '@tabler/icons-react'
import { Availability, localId, nextFreeSlot, type RowOf } from '../../../shared/index.ts'
import { useDayFormat } from '../format/day.ts'
import { useNow } from '../format/use-now.ts'
import { useList } from '../../react/index.ts'
import { useNameOf } from '../session/directory.tsx'
import { notBefore, useClockTime } from './clock-time.ts'
import { useSchedulingWords } from './scheduling-words.ts'
import type { Bookings, LostBooking } from './use-booking.ts'

/** Each stays until it is booked elsewhere or put away: the client may still be on the telephone. */
export const LostBookings = ({ bookings }: { readonly bookings: Bookings }) => (
  <div className="lost-bookings">
    {bookings.lost.map(lost => (
      <Lost
        key={`${lost.place.availability} ${lost.place.slot} ${lost.booking.client}`}
        lost={lost}
        bookings={bookings}
      />
    ))}
  </div>
)

const Lost = ({ lost, bookings }: { readonly lost: LostBooking; readonly bookings: Bookings }) => {
  const words = useSchedulingWords()
  const day = useDayFormat()
  const time = useClockTime()
  const nameOf = useNameOf()
  const { place, booking } = lost
  const from = notBefore({ date: place.date, minute: place.from }, useNow(30_000))
  const { rows } = useList(Availability, {
    where: { date: { gte: from.date } },
    orderBy: ['date', 'asc'],
    limit: 200,
  })
  const offered = nextFreeSlot(daysOf(rows ?? []), from)
  const by = nameOf(lost.by)
  return (
    <div className="lost-booking" role="alert" data-testid="lost-booking">
      <IconUserExclamation size={26} aria-hidden />
      <div>
        <strong>
          {words.slotOf(place.staffName, day.long(place.date), time(place.from))}:{' '}
          {lost.why ?? words.lost(lost.to)}
        </strong>{' '}
        {lost.why === null && by !== '' && words.lostBy(by)}
        <br />
        {words.yours(booking.client)}
      </div>
      <div className="lost-booking-actions">
        {offered === null ? (
          <span>{words.noOffer}</span>
        ) : (
          <Button
            onClick={() => {
              bookings.dismiss(lost)
              void bookings.book(
                {
                  availability: localId('availability', offered.availability),
                  slot: offered.slot.id,
                  from: offered.slot.from,
                  date: offered.date,
                  staffName: offered.staffName ?? '',
                },
                booking,
              )
            }}
          >
            {words.offer(
              words.slotOf(offered.staffName ?? '', day.long(offered.date), time(offered.slot.from)),
            )}
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

type Day = RowOf<typeof Availability>

/** Rows in the shape in which views are searched. */
export const daysOf = (rows: readonly Day[]): Parameters<typeof nextFreeSlot>[0] =>
  rows.map(({ id, staff, staffName, date, slots }) => ({
    id,
    staff,
    staffName,
    date,
    removed: false,
    slots: slots.map(slot => ({ ...slot, by: '', at: 0 })),
  }))
