// Where a slot is: on whose day, and when.

import {
  type Availability,
  type FreeSlot,
  localId,
  type nextFreeSlot,
  type RowOf,
} from '../../../shared/index.ts'

export interface SlotPlace {
  /** The id of the day's record. */
  readonly availability: string
  readonly slot: string
  readonly from: number
  readonly date: string
  readonly staffName: string
}

export const isAt = (one: SlotPlace, other: SlotPlace): boolean =>
  one.availability === other.availability && one.slot === other.slot

export const placeOf = (free: FreeSlot | null): SlotPlace | null =>
  free === null
    ? null
    : {
        availability: localId('availability', free.availability),
        slot: free.slot.id,
        from: free.slot.from,
        date: free.date,
        staffName: free.staffName ?? '',
      }

type Day = RowOf<typeof Availability>

/** Rows in the shape in which views are searched. */
export const daysOf = (rows: readonly Day[]): Parameters<typeof nextFreeSlot>[0] =>
  rows.map(({ id, staff, staffName, date, slots }) => ({
    id,
    staff,
    staffName,
    date,
    removed: false,
    slots: slots.map(slot => ({ ...slot, by: '', at: 0 })),
  }))
