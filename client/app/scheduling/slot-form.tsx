import { Button, NumberInput, SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import { timeOfDay } from '../../../shared/index.ts'
import { minuteOf, useClockTime } from './clock-time.ts'
import { useSchedulingWords } from './scheduling-words.ts'
import { SlotTimes } from './slot-times.tsx'

interface Span {
  readonly from: number
  readonly to: number
}

interface SlotFormProps {
  readonly taken: readonly Span[]
  readonly onAdd: (slots: readonly Span[]) => void
}

/** One slot, or a whole day of them. */
export const SlotForm = ({ taken, onAdd }: SlotFormProps) => {
  const words = useSchedulingWords()
  const time = useClockTime()
  const [kind, setKind] = useState<'one' | 'many'>(taken.length === 0 ? 'many' : 'one')
  const latest = Math.max(0, ...taken.map(({ to }) => to))
  const [from, setFrom] = useState(timeOfDay(latest === 0 || latest > 23 * 60 ? 9 * 60 : latest))
  const [to, setTo] = useState(timeOfDay(latest === 0 || latest > 22 * 60 ? 16 * 60 : latest + 60))
  const [minutes, setMinutes] = useState(60)
  const [pause, setPause] = useState(0)
  const first = minuteOf(from)
  const last = minuteOf(to)
  const wanted =
    first === null || last === null
      ? []
      : kind === 'one'
        ? [{ from: first, to: last }]
        : spans(first, last, minutes, pause)
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
        onChange={value => setKind(value === 'one' ? 'one' : 'many')}
        data={[
          { value: 'many', label: words.fillDay },
          { value: 'one', label: words.addSlot },
        ]}
      />
      <SlotTimes from={from} to={to} onFrom={setFrom} onTo={setTo}>
        {kind === 'many' && (
          <>
            <NumberInput
              label={words.slotMinutes}
              min={5}
              max={480}
              step={15}
              value={minutes}
              onChange={value => setMinutes(Math.max(5, Number(value) || 60))}
            />
            <NumberInput
              label={words.breakMinutes}
              min={0}
              max={120}
              step={5}
              value={pause}
              onChange={value => setPause(Math.max(0, Number(value) || 0))}
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

const spans = (first: number, last: number, minutes: number, pause: number): Span[] => {
  const found: Span[] = []
  for (let from = first; from + minutes <= last; from += minutes + pause)
    found.push({ from, to: from + minutes })
  return found
}
