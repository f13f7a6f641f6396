import { Button, TextInput } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { type Slot, timeOfDay } from '../../../shared/index.ts'
import { useDesk } from '../../react/index.ts'
import { useDayFormat } from '../format/day.ts'
import { useWritten } from '../session/use-written.ts'
import { useAppWords } from '../words/app-words.ts'
import { BookingForm } from './booking-form.tsx'
import { minuteOf, useClockTime } from './clock-time.ts'
import { useSchedulingWords } from './scheduling-words.ts'
import { SlotTimes } from './slot-times.tsx'
import type { SlotPlace } from './slot-place.ts'
import type { useBookings } from './use-booking.ts'
import { Modal } from '../state/dialog.tsx'
import { showUndo } from '../state/show-undo.tsx'
import { changeDay } from './change-day.ts'
import { useWhereWords } from './where-words.ts'

interface SlotViewProps {
  readonly chosen: { readonly place: SlotPlace; readonly slot: Slot }
  /** As they are now, that day. */
  readonly slots: readonly Slot[]
  readonly bookings: ReturnType<typeof useBookings>
  readonly onClose: () => void
}

export const SlotView = ({ chosen, slots, bookings, onClose }: SlotViewProps) => {
  const words = useSchedulingWords()
  const appWords = useAppWords()
  const format = useDayFormat()
  const time = useClockTime()
  const desk = useDesk()
  const say = useWhereWords()
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
  const change = async (work: Parameters<typeof changeDay>[2]): Promise<boolean> => {
    const isDone = await changeDay(desk, place.availability, work)
    if (isDone) close()
    return isDone
  }
  const remove = async (): Promise<void> => {
    const { id, from, to, note } = slot
    if (!(await change(day => day.list('slots').remove(id)))) return
    showUndo(
      say.removed({ ...place, from }),
      () => void changeDay(desk, place.availability, day => day.list('slots').add({ from, to, note })),
    )
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
          onClick={() => void remove()}
        >
          {words.removeSlot}
        </Button>
      </div>
    </Modal>
  )
}
