import { TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { useSchedulingWords } from './scheduling-words.ts'

interface SlotTimesProps {
  readonly from: string
  readonly to: string
  readonly onFrom: (time: string) => void
  readonly onTo: (time: string) => void
  readonly children?: ReactNode
}

export const SlotTimes = ({ from, to, onFrom, onTo, children }: SlotTimesProps) => {
  const words = useSchedulingWords()
  return (
    <div className="slot-times">
      <TextInput
        type="time"
        label={words.from}
        value={from}
        onChange={event => onFrom(event.currentTarget.value)}
      />
      <TextInput
        type="time"
        label={words.to}
        value={to}
        onChange={event => onTo(event.currentTarget.value)}
      />
      {children}
    </div>
  )
}
