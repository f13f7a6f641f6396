// What of one's bookings waits for the server, and what was lost: on this device until it is known and put away. A client
// who has no slot is somebody at a telephone; a reload, another page or an empty battery must not take the number along.

import { useCallback, useMemo, useSyncExternalStore } from 'react'
import type { Booking } from '../../../shared/index.ts'
import { draftsOf } from '../session/kept-drafts.ts'
import { ofDevice } from '../session/kept.ts'
import { useMyId } from '../session/use-my-id.ts'
import type { SlotPlace } from './slot-place.ts'

export interface WaitingBooking {
  readonly place: SlotPlace
  readonly booking: Booking
  /** When it was written. */
  readonly at: number
}

/** A booking that is to be moved: off line that waits. */
export interface MovingBooking {
  readonly from: SlotPlace
  readonly to: SlotPlace
  readonly booking: Booking
  readonly request: string
}

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

export interface KeptBookings {
  readonly waiting: readonly WaitingBooking[]
  readonly moving: readonly MovingBooking[]
  readonly lost: readonly LostBooking[]
}

export type ChangeKept = (change: (kept: KeptBookings) => KeptBookings) => void

export const useKeptBookings = (): readonly [KeptBookings, ChangeKept] => {
  const key = `${draftsOf(useMyId())}bookings`
  const text = useSyncExternalStore(subscribe, () => read(key))
  const change = useCallback<ChangeKept>(
    // As it stands now: another tab may have put one away.
    work => write(key, work(parse(read(key)))),
    [key],
  )
  return [useMemo(() => parse(text), [text]), change]
}

const NOTHING: KeptBookings = { waiting: [], moving: [], lost: [] }

/** As this very file wrote it. */
const parse = (text: string): KeptBookings => (text === '' ? NOTHING : (JSON.parse(text) as KeptBookings))

/** What the browser did not keep holds until the page is closed. */
const refused = new Map<string, string>()
const listeners = new Set<() => void>()

const read = (key: string): string => refused.get(key) ?? ofDevice.read(key) ?? ''

const write = (key: string, { waiting, moving, lost }: KeptBookings): void => {
  const isNothing = waiting.length + moving.length + lost.length === 0
  const text = isNothing ? '' : JSON.stringify({ waiting, moving, lost })
  if (isNothing) ofDevice.clear(key)
  else ofDevice.write(key, text)
  if ((ofDevice.read(key) ?? '') === text) refused.delete(key)
  else refused.set(key, text)
  for (const tell of listeners) tell()
}

const subscribe = (tell: () => void): (() => void) => {
  listeners.add(tell)
  addEventListener('storage', tell)
  return () => {
    listeners.delete(tell)
    removeEventListener('storage', tell)
  }
}
