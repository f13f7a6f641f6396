// Home-service scheduling: what one member of staff has free on one day, and who has booked it.

import { entryAt, isEntryRemoval, verbOf } from '../record/change.ts'
import { defineRecord } from '../record/define-record.ts'
import type { Notice, View } from '../record/record-type.ts'
import { localId } from '../record/room-name.ts'
import { date, integer, json, list, ref, text } from '../record/field.ts'
import { joinPath } from '../record/path.ts'
import { daysIn } from '../record/words.ts'
import { availabilityWords } from './scheduling-words.ts'

/** One register, so that of two people who book a slot one wins whole, never one's name with the other's number. */
export type Booking = { readonly client: string; readonly phone: string; readonly note: string }

const MINUTES = { min: 0, max: 24 * 60 }

const fields = {
  staff: ref('user'),
  staffName: text.line({ max: 100 }),
  date: date(),
  /** By whose clocks the date and the slots are; a day without one goes by the clock of whoever looks. */
  zone: text.line({ max: 64 }),
  slots: list({
    /** Minutes since midnight, in that zone. */
    from: integer(MINUTES),
    to: integer(MINUTES),
    note: text.line({ max: 400 }),
    booking: json<Booking>().merge('first'),
  }),
}

type AvailabilityView = View<typeof fields>

export interface Slot {
  readonly id: string
  readonly from: number
  readonly to: number
  readonly note: string | null
  readonly booking: Booking | null
}

const BOOKED = 'the slot is booked: cancel the booking first'

export const Availability = defineRecord('availability', {
  words: availabilityWords,
  fields,
  derive: {
    /** In the order of the day. */
    day: t => slotsOfDay(t.slots),
    free: t => t.slots.filter(slot => slot.booking === null).length,
  },
  title: (t, say) => say('{} on {}', t.staffName ?? '', t.date ?? ''),
  row: t => ({
    staff: t.staff,
    staffName: t.staffName,
    date: t.date,
    zone: t.zone,
    slots: t.day,
    free: t.free,
    booked: t.slots.length - t.free,
  }),
  list: {
    orders: ['date', 'staffName', 'created', 'updated'],
    equal: ['staff', 'date'],
    search: ['staffName'],
  },
  access: {
    read: { $role: ['therapist', 'operator'] },
    create: ['therapist', 'operator'],
    remove: ({ me, t }) =>
      t.free < t.slots.length
        ? 'there are bookings on it: cancel them first'
        : me.is('operator') || t.staff === me.id,
    write: {
      '*': ({ me, t }) =>
        me.is('operator') ||
        (me.is('therapist') && (t.staff === null || t.staff === me.id)) ||
        'it is the time of somebody else',
      staff: ({ me, t, value }) => t.staff === null && (me.is('operator') || value === me.id),
      date: ({ t }) => t.date === null || 'it is another day: add that one instead',
      slots: ({ t, path, value }) =>
        !isEntryRemoval(path, value) || (entryAt(t.slots, path)?.booking ?? null) === null || BOOKED,
      'slots.from': ({ t, path, value }) => mayRetime(entryAt(t.slots, path), 'from', value),
      'slots.to': ({ t, path, value }) => mayRetime(entryAt(t.slots, path), 'to', value),
      'slots.booking': ({ value }) =>
        value === null || isBooking(value) || 'a booking needs the name of the client',
    },
    // Nobody books over what somebody has: a booking is cancelled, then another may follow. A wrong number or note of
    // it is put right.
    takeOver: {
      'slots.booking': ({ me, t, path, value }) =>
        me.is('operator', 'therapist') &&
        (value === null || (isBooking(value) && value.client === entryAt(t.slots, path)?.booking?.client)),
    },
  },
  actions: {
    /** Both slots or neither, wherever the other one is: no client is left with two times, or with none. */
    move: {
      args: {
        slot: text.line({ max: 60 }),
        /** Who stood there when it was asked, which off line may be long ago. */
        client: text.line(),
        to: ref('availability'),
        toSlot: text.line({ max: 60 }),
      },
      allow: ['operator', 'therapist'],
      needs: (_, { to }) => (to == null ? [] : [to]),
      run: ({ t, me, args: { slot, client, to, toSlot }, set, view, refuse }) => {
        const isHere = to == null || localId('availability', to) === localId('availability', t.id)
        const there = isHere ? t : (view(to) as AvailabilityView | null)
        // It may be answered hours later, in the bell of another page: who it was about is said with it.
        const who = client ?? ''
        if (there === null || there.removed) return refuse(`${who} was not moved: there is no such slot`)
        if (!me.is('operator') && (t.staff !== me.id || there.staff !== me.id))
          refuse(`${who} was not moved: it is the time of somebody else`)
        const booking = t.slots.find(({ id }) => id === slot)?.booking ?? null
        if (t.removed || booking === null || booking.client !== client)
          refuse(`${who} was not moved: the booking is no longer there`)
        const target = there.slots.find(({ id }) => id === toSlot)
        if (target === undefined) return refuse(`${who} was not moved: there is no such slot`)
        if (target.booking !== null)
          refuse(
            `${who} was not moved to ${there.date ?? ''}, ${timeOfDay(target.from ?? 0)}: the slot is taken`,
          )
        const moved = { [joinPath('slots', target.id, 'booking')]: booking }
        const freed = { [joinPath('slots', slot ?? '', 'booking')]: null }
        if (isHere) set({ ...moved, ...freed })
        else {
          set(moved, to)
          set(freed)
        }
        return { date: there.date, from: target.from, staff: there.staff }
      },
    },
  },
  events: change => {
    const { after } = change
    const action = { create: 'created', update: 'updated', delete: 'deleted' }[verbOf(change)]
    return [
      {
        type: 'availability',
        action: `availability_${action}`,
        data: { staff_id: after.staff, staff_name: after.staffName, date: after.date },
      },
      { type: 'availability', action: 'global_refresh', data: { staff: after.staff, date: after.date } },
    ]
  },
  messages: ({ action, data }) => [{ type: action, ...data }],
  // The slot went to somebody else: who has none now, and how they are reached, is told to whoever has to call them.
  advise: ({ path, value }, t) => {
    const wanted = entryAt(t.slots, path)
    if (wanted === null || t.date === null || !isBooking(value)) return null
    const who = value.phone === '' ? value.client : `${value.client} (${value.phone})`
    const next =
      nextFreeSlot(t, { date: t.date, minute: wanted.from ?? 0 }) ??
      nextFreeSlot(t, { date: t.date, minute: 0 })
    return next === null
      ? `${who} has no slot now, and nothing else is free that day`
      : `${who} has no slot now: the next free one is ${next.date}, ${timeOfDay(next.slot.from)}`
  },
  notify: ({ before, after }) => {
    const staff = after.staff
    if (staff === null) return []
    return after.slots.flatMap((slot): Notice[] => {
      const was = entryAt(before.slots, `slots/${slot.id}`)?.booking ?? null
      const when = `${after.date ?? ''}, ${timeOfDay(slot.from ?? 0)}`
      if (was === null && slot.booking !== null) {
        return [
          {
            level: 'info',
            kind: 'booked',
            several: 'new bookings',
            params: { client: slot.booking.client, when },
            sentence: `${slot.booking.client}: ${daysIn('en', when)}`,
            to: [staff],
          },
        ]
      }
      if (was !== null && slot.booking === null) {
        return [
          {
            level: 'warning',
            kind: 'booking_cancelled',
            several: 'bookings cancelled',
            params: { client: was.client, when },
            sentence: `${was.client} no longer comes: ${daysIn('en', when)}`,
            to: [staff],
          },
        ]
      }
      return []
    })
  },
})

/** One record a person and day, so that two who add the same day meet in it. */
export const availabilityId = (staff: string, day: string): string => `${staff}_${day}`

export interface FreeSlot {
  readonly availability: string
  readonly staff: string | null
  readonly staffName: string | null
  readonly date: string
  readonly slot: Slot
}

type DayOfStaff = Pick<AvailabilityView, 'id' | 'staff' | 'staffName' | 'date' | 'removed'> & {
  readonly slots: AvailabilityView['slots']
}

/** The first free slot that begins at or after this minute of this day, over any number of days and staff. */
export const nextFreeSlot = (
  days: DayOfStaff | readonly DayOfStaff[],
  from: { readonly date: string; readonly minute: number },
): FreeSlot | null => {
  let next: FreeSlot | null = null
  for (const { id, staff, staffName, date: day, removed, slots } of Array.isArray(days) ? days : [days]) {
    if (removed || day === null || day < from.date) continue
    for (const slot of slotsOfDay(slots)) {
      if (slot.booking !== null || (day === from.date && slot.from < from.minute)) continue
      if (next !== null && (day > next.date || (day === next.date && slot.from >= next.slot.from))) continue
      next = { availability: id, staff, staffName, date: day, slot }
    }
  }
  return next
}

/** 570 → 09:30. */
export const timeOfDay = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`

const slotsOfDay = (slots: AvailabilityView['slots']): Slot[] =>
  slots
    .map(({ id, from, to, note, booking }) => ({ id, from: from ?? 0, to: to ?? 0, note, booking }))
    .sort((a, b) => a.from - b.from || a.to - b.to || (a.id < b.id ? -1 : 1))

/** Whoever has booked it was told a time. */
const mayRetime = (
  slot: AvailabilityView['slots'][number] | null,
  part: 'from' | 'to',
  value: unknown,
): true | string =>
  slot === null || slot.booking === null || slot[part] === null || slot[part] === value || BOOKED

const isBooking = (value: unknown): value is Booking => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const { client, phone, note, ...rest } = value as Record<string, unknown>
  return (
    typeof client === 'string' &&
    client.trim() !== '' &&
    typeof phone === 'string' &&
    typeof note === 'string' &&
    Object.keys(rest).length === 0
  )
}
