import { Button, TextInput } from '@mantine/core'
import { IconCalendarTime, IconPencil, IconTrash } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { Availability, type Booking, joinPath } from '../../../shared/index.ts'
import type { Person } from '../../index.ts'
import { useField } from '../../react/index.ts'
import { useMyId } from '../session/use-my-id.ts'
import { useWritten, type Written } from '../session/use-written.ts'
import { People } from '../state/people.tsx'
import { useAppWords } from '../words/app-words.ts'
import { type DaysBehind, MoveForm } from './move-form.tsx'
import { useSchedulingWords } from './scheduling-words.ts'
import type { SlotPlace } from './slot-place.ts'
import type { Bookings } from './use-booking.ts'
import { Modal } from '../state/dialog.tsx'

interface BookingFormProps {
  readonly place: SlotPlace
  readonly title: string
  /** What stood there when it was chosen; null: it was free. */
  readonly booking: Booking | null
  readonly bookings: Bookings
  readonly behind: DaysBehind
  readonly onClose: () => void
}

export const BookingForm = ({ place, title, booking, bookings, behind, onClose }: BookingFormProps) => {
  const words = useSchedulingWords()
  const appWords = useAppWords()
  const me = useMyId()
  const { others, now, by } = useSlot(place, booking)
  const [doing, setDoing] = useState<'nothing' | 'moving' | 'correcting'>('nothing')
  // What is written stays while somebody else takes the slot; what is cancelled is what one sees.
  const shown = booking === null ? null : now
  // A correction is of one client: who comes in another's place after a reload is not to have their telephone number.
  const [corrected] = useState(booking?.client ?? '')
  const slotPath = `${place.availability}/${place.slot}`
  const draft = useWritten<Booking>(
    shown === null ? `booking ${slotPath}` : `correction ${slotPath} ${corrected}`,
  )
  const close = (): void => {
    draft.forget()
    onClose()
  }
  const then = (work: () => Promise<unknown>): void => {
    void work()
    close()
  }
  return (
    <Modal
      opened
      onClose={close}
      onBack={onClose}
      title={title}
      // Who comes and how to reach them may be written here already.
      closeOnClickOutside={shown !== null && doing !== 'correcting'}
    >
      {others.length > 0 && (
        <p className="booking-others" role="status">
          <People people={others} size="sm" />{' '}
          {words.otherHere([...new Set(others.map(({ name }) => name))].join(', '))}
        </p>
      )}
      {shown === null && now !== null && (
        <p className="booking-others" role="alert">
          {words.lost(now.client)}
        </p>
      )}
      {shown === null ? (
        <ClientForm
          submit={words.book}
          draft={draft}
          onSubmit={written => then(() => bookings.book(place, written))}
        />
      ) : doing === 'moving' ? (
        <>
          <p className="booking-others">{words.moveWhere(shown.client)}</p>
          <MoveForm
            place={place}
            behind={behind}
            onChoose={to => then(() => bookings.move({ from: place, to, booking: shown }))}
            onBack={() => setDoing('nothing')}
          />
        </>
      ) : doing === 'correcting' ? (
        <ClientForm
          submit={appWords.save}
          draft={draft}
          booking={shown}
          isClientFixed={by !== me}
          onSubmit={written => then(() => bookings.correct(place, written))}
        />
      ) : (
        <div className="booking-form">
          <dl className="booking-facts">
            <dt>{words.client}</dt>
            <dd>{shown.client}</dd>
            {shown.phone !== '' && (
              <>
                <dt>{words.phone}</dt>
                <dd>
                  <a href={`tel:${shown.phone.replace(/\s/g, '')}`}>{shown.phone}</a>
                </dd>
              </>
            )}
            {shown.note !== '' && (
              <>
                <dt>{words.note}</dt>
                <dd>{shown.note}</dd>
              </>
            )}
          </dl>
          <Button
            size="md"
            variant="light"
            leftSection={<IconCalendarTime size={18} />}
            onClick={() => setDoing('moving')}
          >
            {words.moveBooking}
          </Button>
          <Button
            size="md"
            variant="default"
            leftSection={<IconPencil size={18} />}
            onClick={() => setDoing('correcting')}
          >
            {words.correctBooking}
          </Button>
          <Button
            size="md"
            variant="default"
            className="danger"
            leftSection={<IconTrash size={18} />}
            onClick={() => then(() => bookings.cancel(place, shown))}
          >
            {words.cancelBooking}
          </Button>
        </div>
      )}
    </Modal>
  )
}

interface ClientFormProps {
  readonly submit: string
  readonly draft: Written<Booking>
  readonly booking?: Booking
  /** Somebody else is another booking. */
  readonly isClientFixed?: boolean
  readonly onSubmit: (booking: Booking) => void
}

const NOBODY_YET: Booking = { client: '', phone: '', note: '' }

const ClientForm = ({ submit, draft, booking, isClientFixed = false, onSubmit }: ClientFormProps) => {
  const words = useSchedulingWords()
  // What nobody typed here stays what others make of it.
  const { client, phone, note } = { ...(booking ?? NOBODY_YET), ...draft.typed }
  const [isAsked, setIsAsked] = useState(false)
  return (
    <form
      className="booking-form"
      onSubmit={event => {
        event.preventDefault()
        setIsAsked(true)
        if (client.trim() !== '') onSubmit({ client: client.trim(), phone: phone.trim(), note: note.trim() })
      }}
    >
      <TextInput
        data-autofocus={isClientFixed ? undefined : true}
        label={words.client}
        value={client}
        readOnly={isClientFixed}
        variant={isClientFixed ? 'filled' : 'default'}
        error={isAsked && client.trim() === '' ? words.clientNeeded : undefined}
        autoComplete="off"
        onChange={event => draft.type({ client: event.currentTarget.value })}
      />
      <TextInput
        data-autofocus={isClientFixed ? true : undefined}
        label={words.phone}
        type="tel"
        value={phone}
        autoComplete="off"
        onChange={event => draft.type({ phone: event.currentTarget.value })}
      />
      <TextInput
        label={words.note}
        value={note}
        autoComplete="off"
        onChange={event => draft.type({ note: event.currentTarget.value })}
      />
      <Button type="submit" size="md">
        {submit}
      </Button>
    </form>
  )
}

/** Who else has this slot before them, and what stands in it now; and they see that one is here. */
const useSlot = (
  { availability, slot }: SlotPlace,
  chosen: Booking | null,
): { readonly others: readonly Person[]; readonly now: Booking | null; readonly by: string | null } => {
  const path = joinPath('slots', slot, 'booking')
  const { people, focus, blur, value, by } = useField(Availability, availability, path)
  useEffect(() => {
    focus()
    return blur
  }, [focus, blur])
  const others = people.filter(({ me, state }) => !me && state !== 'gone')
  // The record's type says what stands at this path.
  return { others, now: value === undefined ? chosen : (value as Booking | null), by }
}
