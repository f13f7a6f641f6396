import { Button, NativeSelect, TextInput } from '@mantine/core'
import { IconCalendarPlus, IconClockSearch } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import {
  Availability,
  availabilityId,
  localId,
  nextFreeSlot,
  type RowOf,
  type Slot,
} from '../../../shared/index.ts'
import { useKeepOffline, useList } from '../../react/index.ts'
import { DayTurn } from '../fields/day-turn.tsx'
import { addDays, isDay, useDayFormat } from '../format/day.ts'
import { useNow } from '../format/use-now.ts'
import { notBefore, wallTime } from '../format/wall-time.ts'
import { Link } from '../route/link.tsx'
import { PIECE } from '../list-page/use-whole-list.ts'
import { navigate, pathTo, useRoute } from '../route/route.ts'
import { usePeopleWithRole } from '../session/directory.tsx'
import { useHasRole } from '../session/use-my-id.ts'
import { Page } from '../shell/page.tsx'
import { Empty } from '../state/empty.tsx'
import { Face } from '../state/face.tsx'
import { People } from '../state/people.tsx'
import { StateDot } from '../state/state-dot.tsx'
import { useAppWords } from '../words/app-words.ts'
import { BookingForm } from './booking-form.tsx'
import { useClockTime } from './clock-time.ts'
import { useDayList } from './day-lists.ts'
import { LostBookings } from './lost-bookings.tsx'
import { usePlaceZone, ZoneNote } from './place-zone.tsx'
import { useSchedulingWords } from './scheduling-words.ts'
import { SlotButton } from './slot-button.tsx'
import { daysOf, placeOf, type SlotPlace } from './slot-place.ts'
import { useBookings } from './use-booking.ts'
import { type IsTentative, useOpenDays } from './use-open-days.ts'
import { ListWait } from '../state/list-wait.tsx'

type Day = RowOf<typeof Availability>

/** All staff of one day: what is free, who comes, and where the next one fits. */
export const OperatorPage = () => {
  const appWords = useAppWords()
  const words = useSchedulingWords()
  const format = useDayFormat()
  const time = useClockTime()
  const { query } = useRoute()
  const now = useNow(30_000)
  const staff = query.get('staff') ?? ''
  const zone = usePlaceZone(staff)
  const today = wallTime(now, zone).date
  const asked = query.get('date') ?? ''
  const date = isDay(asked) ? asked : today
  const mayBook = useHasRole('operator')
  const people = usePeopleWithRole('therapist')
  const list = useDayList(date, staff)
  // The day one looks at, and the next, can be booked on when the connection goes.
  useDayList(addDays(date, 1), staff)
  useKeepOffline(Availability, { where: { date: { in: [date, addDays(date, 1)] } } })
  const isTentative = useOpenDays(list.rows)
  const bookings = useBookings()
  const [chosen, setChosen] = useState<{ readonly place: SlotPlace; readonly slot: Slot } | null>(null)
  const show = (next: { readonly date?: string; readonly staff?: string }): void => {
    const search = new URLSearchParams()
    const nextDate = next.date ?? date
    const nextStaff = next.staff ?? staff
    if (nextDate !== today) search.set('date', nextDate)
    if (nextStaff !== '') search.set('staff', nextStaff)
    const text = search.toString()
    navigate(`/scheduling/operator${text === '' ? '' : `?${text}`}`, { replace: true })
  }
  const missing = people.filter(
    ({ id }) => (staff === '' || id === staff) && list.rows?.every(row => row.staff !== id),
  )
  return (
    <Page
      title={appWords.operator}
      isWide
      aside={
        <div className="day-tools">
          <NativeSelect
            aria-label={words.staff}
            value={staff}
            onChange={event => show({ staff: event.currentTarget.value })}
            data={[
              { value: '', label: words.everybody },
              ...people.map(({ id, name }) => ({ value: id, label: name })),
            ]}
          />
          <Button variant="default" disabled={date === today} onClick={() => show({ date: today })}>
            {words.today}
          </Button>
          <DayTurn
            back={{ label: words.previousDay, onClick: () => show({ date: addDays(date, -1) }) }}
            on={{ label: words.nextDay, onClick: () => show({ date: addDays(date, 1) }) }}
          >
            <TextInput
              type="date"
              aria-label={words.day}
              value={date}
              onChange={event =>
                event.currentTarget.value !== '' && show({ date: event.currentTarget.value })
              }
            />
          </DayTurn>
        </div>
      }
    >
      <LostBookings bookings={bookings} />
      <ZoneNote zone={zone} now={now} />
      <div className="day-head">
        <h2 className="day-title">{format.long(date)}</h2>
        <NextFree
          date={date}
          staff={staff}
          now={now}
          zone={zone}
          onChoose={(place, slot) => {
            if (place.date !== date) show({ date: place.date })
            if (mayBook) setChosen({ place, slot })
          }}
        />
      </div>
      {list.rows === undefined ? (
        <ListWait list={list} />
      ) : (
        <div className="day-columns">
          {list.rows.map(row => (
            <DayColumn
              key={row.id}
              row={row}
              zone={zone}
              now={now}
              isPending={list.pending.has(row.id)}
              isTentative={isTentative}
              people={list.people(row.id)}
              mayBook={mayBook}
              onChoose={(place, slot) => setChosen({ place, slot })}
            />
          ))}
          {missing.map(({ id, name }) => (
            <section key={id} className="card day-column" aria-label={name}>
              <ColumnHead staff={id} name={name} />
              <Empty
                isQuiet
                title={words.notOpened}
                action={
                  mayBook && (
                    <Link className="open-day" to={pathTo(Availability, availabilityId(id, date))}>
                      <IconCalendarPlus size={16} aria-hidden /> {words.openDay}
                    </Link>
                  )
                }
              />
            </section>
          ))}
          {list.rows.length === 0 && missing.length === 0 && (
            <div className="card">
              <Empty title={words.nobodyThatDay}>{words.nobodyThatDayHint}</Empty>
            </div>
          )}
        </div>
      )}
      {chosen !== null && (
        <BookingForm
          key={`${chosen.place.availability} ${chosen.place.slot}`}
          place={chosen.place}
          title={words.slotOf(
            chosen.place.staffName,
            format.long(chosen.place.date),
            `${time(chosen.slot.from)}–${time(chosen.slot.to)}`,
          )}
          booking={chosen.slot.booking}
          bookings={bookings}
          behind={staff === '' ? 'of all' : 'of one'}
          onClose={() => setChosen(null)}
        />
      )}
    </Page>
  )
}

interface ColumnHeadProps {
  readonly staff: string
  readonly name: string
}

const ColumnHead = ({ staff, name }: ColumnHeadProps) => (
  <div className="day-column-head">
    <Face id={staff} name={name} />
    <strong>{name}</strong>
  </div>
)

interface DayColumnProps {
  readonly row: Day
  /** Of the whole page. */
  readonly zone: string | null
  readonly now: number
  readonly isPending: boolean
  readonly isTentative: IsTentative
  readonly people: Parameters<typeof People>[0]['people']
  readonly mayBook: boolean
  readonly onChoose: (place: SlotPlace, slot: Slot) => void
}

const DayColumn = ({ row, zone, now, isPending, isTentative, people, mayBook, onChoose }: DayColumnProps) => {
  const words = useSchedulingWords()
  const name = row.staffName ?? row.staff ?? ''
  const id = localId('availability', row.id)
  return (
    <section className="card day-column" aria-label={name} data-testid={`day-${row.staff}`}>
      <ColumnHead staff={row.staff ?? ''} name={name} />
      <ZoneNote zone={row.zone} now={now} beside={zone} />
      <p className="quiet day-count">
        {words.free(row.free)} · {words.bookedCount(row.booked)} {isPending && <StateDot save="on device" />}
        <People people={people} size="sm" />
      </p>
      {row.slots.length === 0 && <Empty isQuiet title={words.noSlots} />}
      <ul className="slots">
        {row.slots.map(slot => (
          <li key={slot.id}>
            <SlotButton
              slot={slot}
              isTentative={isTentative(row.id, slot.id)}
              data-testid={`slot-${row.staff}-${slot.from}`}
              disabled={!mayBook}
              onClick={() =>
                onChoose(
                  { availability: id, slot: slot.id, from: slot.from, date: row.date ?? '', staffName: name },
                  slot,
                )
              }
            >
              {slot.booking !== null && slot.booking.phone !== '' && (
                <span className="quiet slot-phone">{slot.booking.phone}</span>
              )}
            </SlotButton>
          </li>
        ))}
      </ul>
    </section>
  )
}

interface NextFreeProps {
  readonly date: string
  readonly staff: string
  readonly now: number
  readonly zone: string | null
  readonly onChoose: (place: SlotPlace, slot: Slot) => void
}

/** For whoever is on the telephone and takes what comes first. */
const NextFree = ({ date, staff, now, zone, onChoose }: NextFreeProps) => {
  const words = useSchedulingWords()
  const appWords = useAppWords()
  const format = useDayFormat()
  const time = useClockTime()
  const from = notBefore({ date, minute: 0 }, now, zone)
  const { rows } = useList(Availability, {
    where: { date: { gte: from.date }, free: { gt: 0 }, ...(staff === '' ? {} : { staff }) },
    orderBy: ['date', 'asc'],
    // Of one day, those of everybody, or the earliest would be somebody's by chance.
    limit: PIECE,
  })
  const next = useMemo(
    () => (rows === undefined ? null : nextFreeSlot(daysOf(rows), { date: from.date, minute: from.minute })),
    [rows, from.date, from.minute],
  )
  if (rows === undefined) return null
  const place = placeOf(next)
  if (next === null || place === null) return <span className="quiet">{words.noneFree}</span>
  return (
    <Button
      variant="light"
      leftSection={<IconClockSearch size={18} />}
      onClick={() => onChoose(place, next.slot)}
    >
      {appWords.beforeValue(words.nextFree)}{' '}
      {words
        .slotOf(place.staffName, next.date === date ? '' : format.short(next.date), time(next.slot.from))
        .replace(', ,', ',')}
    </Button>
  )
}
