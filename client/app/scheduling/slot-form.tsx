import { Button, NumberInput, SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import { timeOfDay } from '../../../shared/index.ts'
import type { Written } from '../session/use-written.ts'
import { minuteOf, useClockTime } from './clock-time.ts'
import { useSchedulingWords } from './scheduling-words.ts'
import { SlotTimes } from './slot-times.tsx'

interface Span {
  readonly from: number
  readonly to: number
}

export interface SlotsWanted {
  readonly kind: 'one' | 'many'
  readonly from: string
  readonly to: string
  /** As they are typed: half of a number is none that one meant. */
  readonly minutes: number | string
  readonly pause: number | string
}

interface SlotFormProps {
  readonly taken: readonly Span[]
  readonly draft: Written<SlotsWanted>
  readonly onAdd: (slots: readonly Span[]) => void
}

/** One slot, or a whole day of them. */
export const SlotForm = ({ taken, draft, onAdd }: SlotFormProps) => {
  const words = useSchedulingWords()
  const time = useClockTime()
  // What others add meanwhile is left out, and changes nothing of what one is about to add.
  const [proposed] = useState(() => proposedBeside(taken))
  const { kind, from, to, minutes, pause } = { ...proposed, ...draft.typed }
  const first = minuteOf(from)
  const last = minuteOf(to)
  const wanted =
    first === null || last === null
      ? []
      : kind === 'one'
        ? [{ from: first, to: last }]
        : spans(first, last, Number(minutes), Number(pause))
  const slots = wanted.filter(slot => taken.every(other => slot.to <= other.from || slot.from >= other.to))
  const problem =
    first !== null && last !== null && last <= first
      ? words.wrongOrder
      : wanted.length > 0 && slots.length === 0
        ? words.overlaps
        : null
  return (
    <form
      className="booking-form"
      onSubmit={event => {
        event.preventDefault()
        if (problem === null && slots.length > 0) onAdd(slots)
      }}
    >
      <SegmentedControl
        aria-label={words.addSlot}
        value={kind}
        onChange={value => draft.type({ kind: value === 'one' ? 'one' : 'many' })}
        data={[
          { value: 'many', label: words.fillDay },
          { value: 'one', label: words.addSlot },
        ]}
      />
      <SlotTimes
        from={from}
        to={to}
        onFrom={value => draft.type({ from: value })}
        onTo={value => draft.type({ to: value })}
      >
        {kind === 'many' && (
          <>
            <NumberInput
              label={words.slotMinutes}
              min={SHORTEST}
              max={480}
              step={15}
              value={minutes}
              onChange={value => draft.type({ minutes: value })}
            />
            <NumberInput
              label={words.breakMinutes}
              min={0}
              max={120}
              step={5}
              value={pause}
              onChange={value => draft.type({ pause: value })}
            />
          </>
        )}
      </SlotTimes>
      {problem !== null && (
        <p className="slot-problem" role="alert">
          {problem}
        </p>
      )}
      {problem === null && slots.length > 0 && (
        <p className="quiet slot-preview">
          {slots.map(slot => `${time(slot.from)}–${time(slot.to)}`).join(', ')}
        </p>
      )}
      <Button type="submit" size="md" disabled={problem !== null || slots.length === 0}>
        {words.fill(slots.length)}
      </Button>
    </form>
  )
}

const proposedBeside = (taken: readonly Span[]): SlotsWanted => {
  const latest = Math.max(0, ...taken.map(({ to }) => to))
  return {
    kind: taken.length === 0 ? 'many' : 'one',
    from: timeOfDay(latest === 0 || latest > 23 * 60 ? 9 * 60 : latest),
    to: timeOfDay(latest === 0 || latest > 22 * 60 ? 16 * 60 : latest + 60),
    minutes: 60,
    pause: 0,
  }
}

const SHORTEST = 5

const spans = (first: number, last: number, minutes: number, pause: number): Span[] => {
  const found: Span[] = []
  if (!Number.isInteger(minutes) || !Number.isInteger(pause) || minutes < SHORTEST || pause < 0) return found
  for (let from = first; from + minutes <= last; from += minutes + pause)
    found.push({ from, to: from + minutes })
  return found
}
