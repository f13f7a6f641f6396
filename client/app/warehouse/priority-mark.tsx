import { IconChevronUp, IconChevronsUp } from '@tabler/icons-react'
import { useWarehouseWords } from './warehouse-words.ts'

interface PriorityMarkProps {
  readonly priority: 'low' | 'normal' | 'high' | 'urgent'
  /** Where a word has no room, the sign stands alone: one stroke is high, two are urgent. */
  readonly isSmall?: boolean
}

export const PriorityMark = ({ priority, isSmall }: PriorityMarkProps) => {
  const words = useWarehouseWords()
  if (priority === 'normal') return null
  const Icon = priority === 'urgent' ? IconChevronsUp : priority === 'high' ? IconChevronUp : null
  if (isSmall !== true) {
    return (
      <span className="priority-mark" data-priority={priority}>
        {Icon !== null && <Icon size={13} stroke={2.6} aria-hidden />}
        {words[priority]}
      </span>
    )
  }
  return (
    Icon !== null && (
      <span className="priority-sign" data-priority={priority} title={words[priority]}>
        <Icon size={16} stroke={2.6} aria-hidden />
        <span className="visually-hidden">{words[priority]}</span>
      </span>
    )
  )
}
