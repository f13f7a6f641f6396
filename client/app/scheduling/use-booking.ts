// Booking a slot. Two operators may book one at once: the first stands, and the other is told who has it and offered
// the next free slot, so that the client on the telephone hears one sentence and not two calls.

import { useCallback } from 'react'
import { notifications } from '@mantine/notifications'
import type { Desk, LiveRecord } from '../../index.ts'
import { Availability, type Booking, joinPath, RecordError } from '../../../shared/index.ts'
import { useDesk } from '../../react/index.ts'
import { watchClaim } from '../state/claim-outcome.ts'
import { showUndo } from '../state/show-undo.tsx'
import { reasonNow } from '../words/type-words.ts'
import {
  type KeptBookings,
  type LostBooking,
  type MovingBooking,
  useKeptBookings,
  type WaitingBooking,
} from './kept-bookings.ts'
import { changeDay } from './change-day.ts'
import { isAt, type SlotPlace } from './slot-place.ts'
import { useWhereWords } from './where-words.ts'

export interface Bookings extends KeptBookings {
  readonly book: (place: SlotPlace, booking: Booking) => Promise<void>
  readonly move: (moving: Omit<MovingBooking, 'request'>) => Promise<void>
  /** The number or the note, of the same client. */
  readonly correct: (place: SlotPlace, booking: Booking) => Promise<void>
  /** At once, and it can be taken back: the client on the telephone may have meant another day. */
  readonly cancel: (place: SlotPlace, booking: Booking) => Promise<void>
  readonly dismiss: (lost: LostBooking) => void
  /** Until it is known what became of it, or until the function it gives back is called. */
  readonly follow: (waiting: WaitingBooking) => () => void
  readonly followMove: (moving: MovingBooking) => () => void
}

export const useBookings = (): Bookings => {
  const desk = useDesk()
  const say = useWhereWords()
  const [kept, change] = useKeptBookings()
  /** What waited for that slot is answered. False: nothing did, as where another tab has told of it. */
  const end = useCallback(
    (place: SlotPlace): boolean => {
      let hasWaited = false
      change(now => {
        const waiting = now.waiting.filter(other => !isAt(other.place, place))
        hasWaited = waiting.length < now.waiting.length
        return { ...now, waiting }
      })
      return hasWaited
    },
    [change],
  )
  const lose = useCallback(
    (one: LostBooking): void =>
      change(now => ({ ...now, lost: [...now.lost.filter(other => !isSameLoss(other, one)), one] })),
    [change],
  )
  const book = useCallback(
    async (place: SlotPlace, booking: Booking): Promise<void> => {
      const refuse = (rest: Pick<LostBooking, 'to' | 'by' | 'why'>): void =>
        lose({ place, booking, from: null, ...rest })
      const record = desk.open(Availability, place.availability)
      await record.whenReady()
      // Whoever books under one's own name at another desk has it by the same right, and keeps it.
      const taken = record.field(joinPath('slots', place.slot, 'booking'))
      if (record.state !== 'ready') refuse({ to: '', by: null, why: whyNot(record) })
      else if (taken.value !== null && taken.value !== undefined)
        refuse({ to: clientOf(taken.value), by: taken.by, why: null })
      else {
        const why = problemOf(() => record.list('slots').set(place.slot, { booking }))
        if (why !== null) refuse({ to: '', by: null, why })
        else {
          const at = record.field(joinPath('slots', place.slot, 'booking')).at ?? Date.now()
          end(place)
          change(now => ({ ...now, waiting: [...now.waiting, { place, booking, at }] }))
        }
      }
      record.close()
    },
    [desk, change, end, lose],
  )
  const follow = useCallback(
    ({ place, booking, at }: WaitingBooking): (() => void) =>
      whenOpen(desk, place, record =>
        watchClaim(
          record as unknown as LiveRecord,
          joinPath('slots', place.slot, 'booking'),
          // The number or the note may have been put right since.
          value => clientOf(value) === booking.client,
          outcome => {
            if (!end(place)) return
            const rest = { place, booking, from: null }
            if (outcome.kind === 'lost')
              lose({ ...rest, to: clientOf(outcome.to), by: outcome.by, why: null })
            else if (outcome.kind === 'refused') lose({ ...rest, to: '', by: null, why: outcome.why })
            else {
              // The client was told another time than the one that they have.
              const from = record.view?.slots.find(({ id }) => id === place.slot)?.from ?? place.from
              if (from !== place.from)
                lose({ ...rest, from: { ...place, from }, to: '', by: null, why: say.retimed(from) })
            }
          },
          at,
        ),
      ),
    [desk, say, end, lose],
  )
  const cancel = useCallback(
    async (place: SlotPlace, booking: Booking): Promise<void> => {
      const isDone = await changeDay(desk, place.availability, day =>
        day.list('slots').set(place.slot, { booking: null }),
      )
      if (!isDone) return
      end(place)
      showUndo(say.cancelled(booking.client, place), () => void book(place, booking))
    },
    [desk, say, book, end],
  )
  const move = useCallback(
    async ({ from, to, booking }: Omit<MovingBooking, 'request'>): Promise<void> => {
      const record = desk.open(Availability, from.availability)
      await record.whenReady()
      let request = ''
      const why = problemOf(() => {
        request = record.act('move', {
          slot: from.slot,
          client: booking.client,
          to: `availability:${to.availability}`,
          toSlot: to.slot,
        })
      })
      record.close()
      if (why === null) change(now => ({ ...now, moving: [...now.moving, { from, to, booking, request }] }))
      else lose({ place: to, booking, from, to: '', by: null, why })
    },
    [desk, change, lose],
  )
  const followMove = useCallback(
    ({ from, to, booking, request }: MovingBooking): (() => void) =>
      whenOpen(desk, from, record => {
        let isDone = false
        const look = (): void => {
          if (isDone) return
          const answer = record.action(request)
          const { state, status } = record
          // What was refused before the server decided lies in the tray.
          const isLeft = state === 'forbidden' || state === 'purged'
          const isGone =
            answer === null && (isLeft || (state === 'ready' && status.live && status.pending === 0))
          if (answer?.state === 'requested' || (answer === null && !isGone)) return
          close()
          change(now => ({ ...now, moving: now.moving.filter(other => other.request !== request) }))
          if (answer?.state === 'accepted') {
            const from = minuteIn(answer.result) ?? to.from
            if (from === to.from)
              notifications.show({ message: say.moved(booking.client, to), color: 'green' })
            else lose({ place: to, booking, from: { ...to, from }, to: '', by: null, why: say.retimed(from) })
          } else if (answer !== null) {
            const why = reasonNow({ sentence: answer.reason ?? '' }, Availability)
            lose({ place: to, booking, from, to: '', by: null, why })
          }
        }
        // A record that begins afresh has not put back yet what is one's own.
        const stop = record.subscribe('', () => queueMicrotask(look))
        const close = (): void => {
          if (isDone) return
          isDone = true
          stop()
          record.close()
        }
        look()
        return close
      }),
    [desk, say, change, lose],
  )
  const correct = useCallback(
    async (place: SlotPlace, booking: Booking): Promise<void> => {
      const isDone = await changeDay(desk, place.availability, day =>
        day.list('slots').set(place.slot, { booking }),
      )
      // What waits still is waited for as it reads now.
      if (isDone)
        change(now => ({
          ...now,
          waiting: now.waiting.map(one => (isAt(one.place, place) ? { ...one, place, booking } : one)),
        }))
    },
    [desk, change],
  )
  const dismiss = useCallback(
    (one: LostBooking): void =>
      change(now => ({ ...now, lost: now.lost.filter(other => !isSameLoss(other, one)) })),
    [change],
  )
  return { ...kept, book, move, correct, cancel, dismiss, follow, followMove }
}

type Day = LiveRecord<typeof Availability>

/** `watch` closes the record with what it gives back. */
const whenOpen = (desk: Desk, place: SlotPlace, watch: (record: Day) => () => void): (() => void) => {
  const record = desk.open(Availability, place.availability)
  let isStopped = false
  let stop = (): void => record.close()
  void record.whenReady().then(() => {
    if (!isStopped) stop = watch(record)
  })
  return () => {
    isStopped = true
    stop()
  }
}

const whyNot = (record: Day): string =>
  reasonNow(record.error ?? { code: 'UNAVAILABLE', sentence: record.state }, Availability)

const problemOf = (work: () => void): string | null => {
  try {
    work()
    return null
  } catch (error) {
    if (!(error instanceof RecordError)) throw error
    return reasonNow(error.problems[0] ?? { sentence: error.message }, Availability)
  }
}

const isSameLoss = (one: LostBooking, other: LostBooking): boolean =>
  isAt(one.place, other.place) && one.booking.client === other.booking.client

/** At which the slot begins that somebody was moved to. */
const minuteIn = (result: unknown): number | null =>
  typeof result === 'object' && result !== null && 'from' in result && typeof result.from === 'number'
    ? result.from
    : null

const clientOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'client' in value ? String(value.client) : ''
