import {
  IconAlertOctagon,
  IconArrowDown,
  IconArrowUp,
  IconCircle,
  IconCircleCheckFilled,
  IconCircleHalf2,
  IconCircleX,
  IconClockPause,
  IconMinus,
} from '@tabler/icons-react'
import { JustChanged } from '../state/just-changed.tsx'
import type { Priority, Status } from './ticket-choices.ts'
import { useTicketWords } from './ticket-words.ts'
import './tickets.css'

/** Shape, word and colour say the same. */
export const StatusChip = ({ status }: { readonly status: Status }) => {
  const words = useTicketWords()
  const Icon = statusIcons[status]
  return (
    <JustChanged of={status} className="chip-holder">
      <span className="chip" data-status={status}>
        <Icon size={14} aria-hidden />
        {words[`status_${status}`]}
      </span>
    </JustChanged>
  )
}

export const PriorityMark = ({ priority }: { readonly priority: Priority }) => {
  const words = useTicketWords()
  const Icon = priorityIcons[priority]
  return (
    <span className="priority" data-priority={priority}>
      <Icon size={15} aria-hidden />
      {words[`priority_${priority}`]}
    </span>
  )
}

const statusIcons = {
  open: IconCircle,
  in_progress: IconCircleHalf2,
  waiting: IconClockPause,
  done: IconCircleCheckFilled,
  closed: IconCircleX,
} as const

const priorityIcons = {
  low: IconArrowDown,
  normal: IconMinus,
  high: IconArrowUp,
  urgent: IconAlertOctagon,
} as const
