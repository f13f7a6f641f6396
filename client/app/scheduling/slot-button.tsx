import type { ComponentProps, ReactNode } from 'react'
import type { Slot } from '../../../shared/index.ts'
import { JustChanged } from '../state/just-changed.tsx'
import { StateDot } from '../state/state-dot.tsx'
import { useClockTime } from './clock-time.ts'
import { useSchedulingWords } from './scheduling-words.ts'

interface SlotButtonProps extends Omit<ComponentProps<'button'>, 'slot'> {
  readonly slot: Slot
  readonly isTentative: boolean
  /** What else stands there of who comes. */
  readonly children?: ReactNode
}

/** A slot of a day: when, who comes, and what is noted of it. */
export const SlotButton = ({ slot, isTentative, children, ...button }: SlotButtonProps) => {
  const words = useSchedulingWords()
  const time = useClockTime()
  return (
    <button
      type="button"
      className="slot"
      data-booked={slot.booking === null ? undefined : ''}
      data-tentative={isTentative ? '' : undefined}
      {...button}
    >
      <span className="slot-time">
        {time(slot.from)}–{time(slot.to)} {isTentative && <StateDot save="on device" />}
      </span>
      <JustChanged of={slot.booking?.client ?? null} className="slot-who">
        {slot.booking === null ? words.freeSlot : slot.booking.client}
      </JustChanged>
      {children}
      {slot.note !== null && slot.note !== '' && <span className="quiet slot-phone">{slot.note}</span>}
    </button>
  )
}
