import { Button, Modal, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Booking } from '../../../shared/index.ts'
import { useAppWords } from '../words/app-words.ts'
import { useSchedulingWords } from './scheduling-words.ts'

interface BookingFormProps {
  readonly title: string
  /** What stands there; null: it is free. */
  readonly booking: Booking | null
  readonly onBook: (booking: Booking) => void
  readonly onCancel: () => void
  readonly onClose: () => void
}

export const BookingForm = ({ title, booking, onBook, onCancel, onClose }: BookingFormProps) => {
  const words = useSchedulingWords()
  const appWords = useAppWords()
  const [client, setClient] = useState('')
  const [phone, setPhone] = useState('')
  const [note, setNote] = useState('')
  const [isAsked, setIsAsked] = useState(false)
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': appWords.close }}>
      {booking === null ? (
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
            <dd>{booking.client}</dd>
            {booking.phone !== '' && (
              <>
                <dt>{words.phone}</dt>
                <dd>
                  <a href={`tel:${booking.phone.replace(/\s/g, '')}`}>{booking.phone}</a>
                </dd>
              </>
            )}
            {booking.note !== '' && (
              <>
                <dt>{words.note}</dt>
                <dd>{booking.note}</dd>
              </>
            )}
          </dl>
          <Button size="md" variant="light" color="red.8" onClick={onCancel}>
            {words.cancelBooking}
          </Button>
        </div>
      )}
    </Modal>
  )
}
