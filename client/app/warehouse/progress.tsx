import type { ReactNode } from 'react'
import type { TrebovanjeStatus } from '../../../shared/index.ts'
import { useFormat } from '../format/use-format.ts'
import { useWarehouseWords } from './warehouse-words.ts'

interface ProgressProps {
  /** Whole percent. */
  readonly value: number
  readonly label: string
  readonly state?: string
  readonly size?: 'sm' | 'md' | 'lg'
  readonly isNumberHidden?: boolean
}

/** How far something is, as a bar and as a number. */
export const Progress = ({ value, label, state, size = 'md', isNumberHidden }: ProgressProps) => {
  const format = useFormat()
  return (
    <div className="progress" data-size={size} data-state={state ?? (value === 100 ? 'done' : 'in_progress')}>
      <div
        className="progress-track"
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={value}
      >
        <div className="progress-bar" style={{ inlineSize: `${value}%` }} />
      </div>
      {isNumberHidden !== true && <span className="progress-number">{format.percent(value / 100)}</span>}
    </div>
  )
}

export const StatusChip = ({ status }: { readonly status: TrebovanjeStatus | string }) => {
  const words = useWarehouseWords()
  const known = {
    new: words.new,
    assigned: words.assigned,
    in_progress: words.in_progress,
    done: words.done,
    cancelled: words.cancelled,
  }
  return (
    <Chip look={status}>{Object.hasOwn(known, status) ? known[status as keyof typeof known] : status}</Chip>
  )
}

export const Chip = ({ look, children }: { readonly look: string; readonly children: ReactNode }) => (
  <span className="status-chip" data-look={look}>
    {children}
  </span>
)
