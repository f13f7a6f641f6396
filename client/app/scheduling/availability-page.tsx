import { Button, NativeSelect, TextInput } from '@mantine/core'
import { IconCalendarPlus, IconPlus, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import {
  Availability,
  availabilityId,
  localId,
  type RowOf,
  type Slot,
  timeOfDay,
} from '../../../shared/index.ts'
import { useDesk, useKeepOffline } from '../../react/index.ts'
import { DayTurn } from '../fields/day-turn.tsx'
import { addDays, isDay, useDayFormat } from '../format/day.ts'
import { useNow } from '../format/use-now.ts'
import { wallTime } from '../format/wall-time.ts'
import { tryTo } from '../record-page/say-trouble.ts'
import { navigate, pathTo } from '../route/route.ts'
import { useNameOf, usePeopleWithRole } from '../session/directory.tsx'
import { useHasRole, useMyId } from '../session/use-my-id.ts'
import { useWritten } from '../session/use-written.ts'
import { Page } from '../shell/page.tsx'
import { StateDot } from '../state/state-dot.tsx'
import { useAppWords } from '../words/app-words.ts'
import { localeOf, useLanguage } from '../words/language.ts'
import { BookingForm } from './booking-form.tsx'
import { minuteOf, useClockTime } from './clock-time.ts'
import { useWeekList, weekOf } from './day-lists.ts'
import { LostBookings } from './lost-bookings.tsx'
import { usePlaceZone, zoneHere, zoneName, ZoneNote } from './place-zone.tsx'
import { useSchedulingWords } from './scheduling-words.ts'
import { SlotButton } from './slot-button.tsx'
import { SlotForm, type SlotsWanted } from './slot-form.tsx'
import { SlotTimes } from './slot-times.tsx'
import type { SlotPlace } from './slot-place.ts'
import { useBookings } from './use-booking.ts'
import { type IsTentative, useOpenDays } from './use-open-days.ts'
import { ListWait } from '../state/list-wait.tsx'
import { Modal } from '../state/dialog.tsx'

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
  useKeepOffline(Availability, { where: { staff, date: { in: days } } })
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

interface AddSlotsProps {
  readonly staff: string
  readonly staffName: string
  readonly day: string
  /** Of the other days. */
  readonly zone: string | null
  readonly row: Row | undefined
  readonly onClose: () => void
}

const AddSlots = ({ staff, staffName, day, zone, row, onClose }: AddSlotsProps) => {
  const desk = useDesk()
  const words = useSchedulingWords()
  const format = useDayFormat()
  const draft = useWritten<SlotsWanted>(`slots ${availabilityId(staff, day)}`)
  const locale = localeOf(useLanguage())
  const here = zoneHere()
  const [chosenZone, setChosenZone] = useState(zone ?? here)
  const close = (): void => {
    draft.forget()
    onClose()
  }
  const add = async (slots: readonly { readonly from: number; readonly to: number }[]): Promise<void> => {
    const id = availabilityId(staff, day)
    if (row === undefined) {
      const made = tryTo(() =>
        desk
          .create(Availability, { staff, staffName, date: day, zone: chosenZone }, { id, entries: { slots } })
          .close(),
      )
      if (made) close()
      return
    }
    const record = desk.open(Availability, id)
    await record.whenReady()
    const isDone = tryTo(() => {
      for (const slot of slots) record.list('slots').add(slot)
    })
    record.close()
    if (isDone) close()
  }
  return (
    <Modal
      opened
      onClose={close}
      onBack={onClose}
      title={format.long(day)}
      // A hand that slips beside the sheet loses nothing that was written.
      closeOnClickOutside={false}
    >
      {row === undefined && zone !== null && zone !== here && (
        <NativeSelect
          mb={14}
          label={words.zone}
          value={chosenZone}
          onChange={event => setChosenZone(event.currentTarget.value)}
          data={[zone, here].map(value => ({ value, label: zoneName(value, locale) }))}
        />
      )}
      <SlotForm taken={row?.slots ?? []} draft={draft} onAdd={slots => void add(slots)} />
    </Modal>
  )
}

interface SlotViewProps {
  readonly chosen: { readonly place: SlotPlace; readonly slot: Slot }
  /** As they are now, that day. */
  readonly slots: readonly Slot[]
  readonly bookings: ReturnType<typeof useBookings>
  readonly onClose: () => void
}

const SlotView = ({ chosen, slots, bookings, onClose }: SlotViewProps) => {
  const words = useSchedulingWords()
  const appWords = useAppWords()
  const format = useDayFormat()
  const time = useClockTime()
  const desk = useDesk()
  const { place } = chosen
  const slot = slots.find(({ id }) => id === place.slot) ?? chosen.slot
  const [isBooking, setIsBooking] = useState(false)
  // What nobody typed here stays what others make of it.
  const { typed, type, forget } = useWritten<{
    readonly from: string
    readonly to: string
    readonly note: string
  }>(`slot ${place.availability}/${place.slot}`)
  const close = (): void => {
    forget()
    onClose()
  }
  const { from = timeOfDay(slot.from), to = timeOfDay(slot.to), note = slot.note ?? '' } = typed
  const first = minuteOf(from)
  const last = minuteOf(to)
  const problem =
    first === null || last === null
      ? null
      : last <= first
        ? words.wrongOrder
        : slots.some(other => other.id !== slot.id && last > other.from && first < other.to)
          ? words.overlaps
          : null
  const changes = {
    ...(first === slot.from ? {} : { from: first }),
    ...(last === slot.to ? {} : { to: last }),
    ...(note.trim() === (slot.note ?? '') ? {} : { note: note.trim() === '' ? null : note.trim() }),
  }
  const title = words.slotOf(place.staffName, format.long(place.date), `${time(slot.from)}–${time(slot.to)}`)
  const change = async (
    work: (record: ReturnType<typeof desk.open<typeof Availability>>) => void,
  ): Promise<void> => {
    const record = desk.open(Availability, place.availability)
    await record.whenReady()
    const isDone = tryTo(() => work(record))
    record.close()
    if (isDone) close()
  }
  if (chosen.slot.booking !== null || isBooking) {
    return (
      <BookingForm
        place={place}
        title={title}
        booking={chosen.slot.booking}
        bookings={bookings}
        behind="of the week"
        onClose={close}
      />
    )
  }
  return (
    <Modal
      opened
      onClose={close}
      onBack={onClose}
      title={title}
      closeOnClickOutside={Object.keys(typed).length === 0}
    >
      <div className="booking-form">
        <Button size="md" onClick={() => setIsBooking(true)}>
          {words.book}
        </Button>
        <form
          className="booking-form"
          onSubmit={event => {
            event.preventDefault()
            if (problem !== null || first === null || last === null) return
            void change(record => record.list('slots').set(slot.id, changes))
          }}
        >
          <SlotTimes
            from={from}
            to={to}
            onFrom={value => type({ from: value })}
            onTo={value => type({ to: value })}
          />
          {problem !== null && (
            <p className="slot-problem" role="alert">
              {problem}
            </p>
          )}
          <TextInput
            label={words.note}
            value={note}
            onChange={event => type({ note: event.currentTarget.value })}
          />
          {Object.keys(changes).length > 0 && (
            <Button
              type="submit"
              variant="light"
              disabled={problem !== null || first === null || last === null}
            >
              {appWords.save}
            </Button>
          )}
        </form>
        <Button
          variant="default"
          className="danger"
          leftSection={<IconTrash size={16} />}
          onClick={() => void change(record => record.list('slots').remove(slot.id))}
        >
          {words.removeSlot}
        </Button>
      </div>
    </Modal>
  )
}

const partsOf = (asked: string | null): readonly [staff: string | null, day: string | null] => {
  const bare = asked === null ? null : localId('availability', asked)
  const [, staff, day] = /^(.+)_(\d{4}-\d{2}-\d{2})$/.exec(bare ?? '') ?? []
  return day !== undefined && isDay(day) ? [staff ?? null, day] : [staff ?? null, null]
}
