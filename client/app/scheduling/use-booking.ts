// Booking a slot. Two operators may book one at once: the first stands, and the other is told who has it and offered
// the next free slot, so that the client on the telephone hears one sentence and not two calls.

import { useCallback, useState } from 'react'
import type { LiveRecord } from '../../index.ts'
import { notifications } from '@mantine/notifications'
import { Availability, type Booking, joinPath, RecordError } from '../../../shared/index.ts'
import { useDesk } from '../../react/index.ts'
import { tryTo } from '../record-page/say-trouble.ts'
import { watchClaim } from '../state/claim-outcome.ts'
import { showUndo } from '../state/show-undo.tsx'
import { reasonNow } from '../words/type-words.ts'
import type { SlotPlace } from './slot-place.ts'
import { useWhereWords } from './where-words.ts'

export interface LostBooking {
  readonly place: SlotPlace
  readonly booking: Booking
  /** Whom the slot was given to. */
  readonly to: string
  readonly by: string | null
  /** Where it was no race but a rule. */
  readonly why: string | null
  /** Where it stands still, when it was to be moved. */
  readonly from: SlotPlace | null
}

/** A booking that is to be moved: off line that waits. */
export interface MovingBooking {
  readonly from: SlotPlace
  readonly to: SlotPlace
  readonly booking: Booking
}

export interface Bookings {
  readonly lost: readonly LostBooking[]
  readonly moving: readonly MovingBooking[]
  readonly book: (place: SlotPlace, booking: Booking) => Promise<boolean>
  readonly move: (moving: MovingBooking) => Promise<void>
  /** The number or the note, of the same client. */
  readonly correct: (place: SlotPlace, booking: Booking) => Promise<void>
  /** At once, and it can be taken back: the client on the telephone may have meant another day. */
  readonly cancel: (place: SlotPlace, booking: Booking) => Promise<void>
  readonly dismiss: (lost: LostBooking) => void
}

export const useBookings = (): Bookings => {
  const desk = useDesk()
  const say = useWhereWords()
  const [lost, setLost] = useState<readonly LostBooking[]>([])
  const [moving, setMoving] = useState<readonly MovingBooking[]>([])
  const book = useCallback(
    async (place: SlotPlace, booking: Booking): Promise<boolean> => {
      const lose = (rest: Pick<LostBooking, 'to' | 'by' | 'why'>): void =>
        setLost(now => [...now, { place, booking, from: null, ...rest }])
      const record = desk.open(Availability, place.availability)
      await record.whenReady()
      if (record.state !== 'ready') {
        lose({
          to: '',
          by: null,
          why: reasonNow(record.error ?? { code: 'UNAVAILABLE', sentence: record.state }, Availability),
        })
        record.close()
        return false
      }
      // Whoever books under one's own name at another desk has it by the same right, and keeps it.
      const taken = record.field(joinPath('slots', place.slot, 'booking'))
      if (taken.value !== null && taken.value !== undefined) {
        lose({ to: clientOf(taken.value), by: taken.by, why: null })
        record.close()
        return false
      }
      try {
        record.list('slots').set(place.slot, { booking })
      } catch (error) {
        record.close()
        if (!(error instanceof RecordError)) throw error
        lose({
          to: '',
          by: null,
          why: reasonNow(error.problems[0] ?? { sentence: error.message }, Availability),
        })
        return false
      }
      watchClaim(
        record as unknown as LiveRecord,
        joinPath('slots', place.slot, 'booking'),
        value => isSame(value, booking),
        outcome => {
          if (outcome.kind === 'lost') lose({ to: clientOf(outcome.to), by: outcome.by, why: null })
          else if (outcome.kind === 'refused') lose({ to: '', by: null, why: outcome.why })
        },
      )
      return true
    },
    [desk],
  )
  const cancel = useCallback(
    async (place: SlotPlace, booking: Booking): Promise<void> => {
      const record = desk.open(Availability, place.availability)
      await record.whenReady()
      const isDone = tryTo(() => record.list('slots').set(place.slot, { booking: null }))
      record.close()
      if (isDone) showUndo(say.cancelled(booking.client, place), () => void book(place, booking))
    },
    [desk, say, book],
  )
  const move = useCallback(
    async (one: MovingBooking): Promise<void> => {
      const { from, to, booking } = one
      const record = desk.open(Availability, from.availability)
      const end = (why: string | null): void => {
        record.close()
        setMoving(now => now.filter(other => other !== one))
        if (why === null) notifications.show({ message: say.moved(booking.client, to), color: 'green' })
        else setLost(now => [...now, { place: to, booking, from, to: '', by: null, why }])
      }
      await record.whenReady()
      try {
        const request = record.act('move', {
          slot: from.slot,
          client: booking.client,
          to: `availability:${to.availability}`,
          toSlot: to.slot,
        })
        setMoving(now => [...now, one])
        const look = (): void => {
          const answer = record.action(request)
          if (answer === null || answer.state === 'requested') return
          stop()
          end(answer.state === 'accepted' ? null : reasonNow({ sentence: answer.reason ?? '' }, Availability))
        }
        const stop = record.subscribe('', look)
        look()
      } catch (error) {
        if (!(error instanceof RecordError)) throw error
        end(reasonNow(error.problems[0] ?? { sentence: error.message }, Availability))
      }
    },
    [desk, say],
  )
  const correct = useCallback(
    async (place: SlotPlace, booking: Booking): Promise<void> => {
      const record = desk.open(Availability, place.availability)
      await record.whenReady()
      tryTo(() => record.list('slots').set(place.slot, { booking }))
      record.close()
    },
    [desk],
  )
  const dismiss = useCallback((one: LostBooking) => setLost(now => now.filter(other => other !== one)), [])
  return { lost, moving, book, move, correct, cancel, dismiss }
}

const isSame = (value: unknown, booking: Booking): boolean =>
  typeof value === 'object' &&
  value !== null &&
  'client' in value &&
  value.client === booking.client &&
  'phone' in value &&
  value.phone === booking.phone &&
  'note' in value &&
  value.note === booking.note

const clientOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'client' in value ? String(value.client) : ''
