import { Button, NativeSelect } from '@mantine/core'
import { IconCalendarPlus, IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { Availability, availabilityId, localId, type RowOf, type Slot } from '../../../shared/index.ts'
import { useKeepOffline } from '../../react/index.ts'
import { DayTurn } from '../fields/day-turn.tsx'
import { addDays, isDay, useDayFormat } from '../format/day.ts'
import { useNow } from '../format/use-now.ts'
import { wallTime } from '../format/wall-time.ts'
import { navigate, pathTo } from '../route/route.ts'
import { useNameOf, usePeopleWithRole } from '../session/directory.tsx'
import { useHasRole, useMyId } from '../session/use-my-id.ts'
import { Page } from '../shell/page.tsx'
import { StateDot } from '../state/state-dot.tsx'
import { useWeekList, weekOf } from './day-lists.ts'
import { LostBookings } from './lost-bookings.tsx'
import { usePlaceZone, ZoneNote } from './place-zone.tsx'
import { useSchedulingWords } from './scheduling-words.ts'
import { SlotButton } from './slot-button.tsx'
import type { SlotPlace } from './slot-place.ts'
import { useBookings } from './use-booking.ts'
import { type IsTentative, useOpenDays } from './use-open-days.ts'
import { ListWait } from '../state/list-wait.tsx'
import { AddSlots } from './add-slots.tsx'
import { SlotView } from './slot-view.tsx'

type Row = RowOf<typeof Availability>

interface AvailabilityPageProps {
  /** `ana_2026-11-21`: a person and a day. */
  readonly asked: string | null
}

/** A therapist's own days, a week at a time; an operator's for anybody. */
export const AvailabilityPage = ({ asked }: AvailabilityPageProps) => {
  const words = useSchedulingWords()
  const nameOf = useNameOf()
  const me = useMyId()
  const isOperator = useHasRole('operator')
  const people = usePeopleWithRole('therapist')
  const now = useNow(30_000)
  const [askedStaff, askedDay] = partsOf(asked)
  const staff = isOperator ? (askedStaff ?? people[0]?.id ?? '') : me
  const zone = usePlaceZone(staff)
  const today = wallTime(now, zone).date
  const days = weekOf(askedDay ?? today)
  const [first = today] = days
  const list = useWeekList(staff, first)
  // Next week begins on a Monday on which there may be no network.
  const nextWeek = weekOf(addDays(first, 7))
  useWeekList(staff, addDays(first, 7))
  useKeepOffline(Availability, { where: { staff, date: { in: [...days, ...nextWeek] } } })
  const isTentative = useOpenDays(list.rows)
  const bookings = useBookings()
  const [adding, setAdding] = useState<string | null>(null)
  const [chosen, setChosen] = useState<{ readonly place: SlotPlace; readonly slot: Slot } | null>(null)
  const go = (who: string, day: string): void =>
    navigate(pathTo(Availability, availabilityId(who, day)), { replace: true })
  const name = nameOf(staff)
  const rowOn = (day: string): Row | undefined => list.rows?.find(({ date }) => date === day)
  return (
    <Page
      title={isOperator ? words.daysOf(name) : words.yourDays}
      isWide
      aside={
        <div className="day-tools">
          {isOperator && (
            <NativeSelect
              aria-label={words.staff}
              value={staff}
              onChange={event => go(event.currentTarget.value, askedDay ?? today)}
              data={people.map(one => ({ value: one.id, label: one.name }))}
            />
          )}
          <DayTurn
            back={{ label: words.previousWeek, onClick: () => go(staff, addDays(first, -7)) }}
            on={{ label: words.nextWeek, onClick: () => go(staff, addDays(first, 7)) }}
          >
            <Button variant="default" disabled={days.includes(today)} onClick={() => go(staff, today)}>
              {words.today}
            </Button>
          </DayTurn>
        </div>
      }
    >
      <LostBookings bookings={bookings} />
      <ZoneNote zone={zone} now={now} />
      {list.rows === undefined ? (
        <ListWait list={list} />
      ) : (
        <div className="week">
          {days.map(day => (
            <DayCard
              key={day}
              day={day}
              row={rowOn(day)}
              isToday={day === today}
              isPast={day < today && days.includes(today)}
              isPending={list.pending.has(`availability:${availabilityId(staff, day)}`)}
              isTentative={isTentative}
              onAdd={() => setAdding(day)}
              onChoose={slot =>
                setChosen({
                  slot,
                  place: {
                    availability: availabilityId(staff, day),
                    slot: slot.id,
                    from: slot.from,
                    date: day,
                    staffName: name,
                  },
                })
              }
            />
          ))}
        </div>
      )}
      {adding !== null && (
        <AddSlots
          staff={staff}
          staffName={name}
          day={adding}
          zone={zone}
          row={rowOn(adding)}
          onClose={() => setAdding(null)}
        />
      )}
      {chosen !== null && (
        <SlotView
          chosen={chosen}
          slots={rowOn(chosen.place.date)?.slots ?? []}
          bookings={bookings}
          onClose={() => setChosen(null)}
        />
      )}
    </Page>
  )
}

interface DayCardProps {
  readonly day: string
  readonly row: Row | undefined
  readonly isToday: boolean
  readonly isPast: boolean
  readonly isPending: boolean
  readonly isTentative: IsTentative
  readonly onAdd: () => void
  readonly onChoose: (slot: Slot) => void
}

const DayCard = ({ day, row, isToday, isPast, isPending, isTentative, onAdd, onChoose }: DayCardProps) => {
  const words = useSchedulingWords()
  const format = useDayFormat()
  return (
    <section
      className="card week-day"
      data-today={isToday ? '' : undefined}
      data-past={isPast ? '' : undefined}
      aria-label={format.long(day)}
      data-testid={`week-${day}`}
    >
      <div className="week-day-head">
        <strong>{isToday ? words.today : format.weekday(day)}</strong>{' '}
        <span className="quiet">{format.short(day)}</span>
        {isPending && <StateDot save="on device" />}
      </div>
      {row !== undefined && row.slots.length > 0 && (
        <p className="quiet day-count">
          <span>{words.free(row.free)}</span> <span>{words.bookedCount(row.booked)}</span>
        </p>
      )}
      {(row === undefined || row.slots.length === 0) && <p className="quiet day-count">{words.noSlots}</p>}
      <ul className="slots">
        {row?.slots.map(slot => (
          <li key={slot.id}>
            <SlotButton
              slot={slot}
              isTentative={isTentative(row.id, slot.id)}
              onClick={() => onChoose(slot)}
            />
          </li>
        ))}
      </ul>
      <Button
        variant="subtle"
        size="sm"
        fullWidth
        leftSection={row === undefined ? <IconCalendarPlus size={16} /> : <IconPlus size={16} />}
        onClick={onAdd}
      >
        {row === undefined ? words.openDay : words.addSlot}
      </Button>
    </section>
  )
}

const partsOf = (asked: string | null): readonly [staff: string | null, day: string | null] => {
  const bare = asked === null ? null : localId('availability', asked)
  const [, staff, day] = /^(.+)_(\d{4}-\d{2}-\d{2})$/.exec(bare ?? '') ?? []
  return day !== undefined && isDay(day) ? [staff ?? null, day] : [staff ?? null, null]
}
