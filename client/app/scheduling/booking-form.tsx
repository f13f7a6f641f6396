import { Button, Modal, TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import { Availability, type Booking, joinPath } from '../../../shared/index.ts'
import type { Person } from '../../index.ts'
import { useField } from '../../react/index.ts'
import { People } from '../state/people.tsx'
import { useAppWords } from '../words/app-words.ts'
import { useSchedulingWords } from './scheduling-words.ts'
import type { SlotPlace } from './use-booking.ts'

interface BookingFormProps {
  readonly place: SlotPlace
  readonly title: string
  /** What stood there when it was chosen; null: it was free. */
  readonly booking: Booking | null
  readonly onBook: (booking: Booking) => void
  readonly onCancel: () => void
  readonly onClose: () => void
}

export const BookingForm = ({ place, title, booking, onBook, onCancel, onClose }: BookingFormProps) => {
  const words = useSchedulingWords()
  const appWords = useAppWords()
  const { others, now } = useSlot(place, booking)
  // What is written stays while somebody else takes the slot; what is cancelled is what one sees.
  const shown = booking === null ? null : now
  const [client, setClient] = useState('')
  const [phone, setPhone] = useState('')
  const [note, setNote] = useState('')
  const [isAsked, setIsAsked] = useState(false)
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': appWords.close }}>
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
        <form
          className="booking-form"
          onSubmit={event => {
            event.preventDefault()
            setIsAsked(true)
            if (client.trim() !== '')
              onBook({ client: client.trim(), phone: phone.trim(), note: note.trim() })
          }}
        >
          <TextInput
            data-autofocus
            label={words.client}
            value={client}
            error={isAsked && client.trim() === '' ? words.clientNeeded : undefined}
            autoComplete="off"
            onChange={event => setClient(event.currentTarget.value)}
          />
          <TextInput
            label={words.phone}
            type="tel"
            value={phone}
            autoComplete="off"
            onChange={event => setPhone(event.currentTarget.value)}
          />
          <TextInput
            label={words.note}
            value={note}
            autoComplete="off"
            onChange={event => setNote(event.currentTarget.value)}
          />
          <Button type="submit" size="md">
            {words.book}
          </Button>
        </form>
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
          <Button size="md" variant="default" className="danger" onClick={onCancel}>
            {words.cancelBooking}
          </Button>
        </div>
      )}
    </Modal>
  )
}

/** Who else has this slot before them, and what stands in it now; and they see that one is here. */
const useSlot = (
  { availability, slot }: SlotPlace,
  chosen: Booking | null,
): { readonly others: readonly Person[]; readonly now: Booking | null } => {
  const path = joinPath('slots', slot, 'booking')
  const { people, focus, blur, value } = useField(Availability, availability, path)
  useEffect(() => {
    focus()
    return blur
  }, [focus, blur])
  const others = people.filter(({ me, state }) => !me && state !== 'gone')
  // The record's type says what stands at this path.
  return { others, now: value === undefined ? chosen : (value as Booking | null) }
}
