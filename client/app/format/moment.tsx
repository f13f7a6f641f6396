import type { ReactNode } from 'react'
import { useFormat } from './use-format.ts'

interface MomentProps {
  readonly at: number
  /** «3 min ago»: who wants to know exactly points at it. Without, it is written out. */
  readonly children?: ReactNode
}

export const Moment = ({ at, children }: MomentProps) => {
  const format = useFormat()
  const exact = format.dateTime(at)
  return (
    <time dateTime={new Date(at).toISOString()} title={children === undefined ? undefined : exact}>
      {children ?? exact}
    </time>
  )
}

interface DayProps {
  /** `YYYY-MM-DD` */
  readonly on: string
}

export const Day = ({ on }: DayProps) => (
  <time className="nowrap" dateTime={on}>
    {useFormat().date(on)}
  </time>
)
