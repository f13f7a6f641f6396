import { ActionIcon } from '@mantine/core'
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import './day-turn.css'

interface Step {
  readonly label: string
  readonly onClick: () => void
}

interface DayTurnProps {
  readonly back: Step
  readonly on: Step
  readonly size?: number
  /** Where one is. */
  readonly children: ReactNode
}

/** Earlier and later days, on either side of those that are shown. */
export const DayTurn = ({ back, on, size = 36, children }: DayTurnProps) => (
  <div className="day-turn">
    <ActionIcon variant="default" size={size} aria-label={back.label} onClick={back.onClick}>
      <IconChevronLeft size={18} />
    </ActionIcon>
    {children}
    <ActionIcon variant="default" size={size} aria-label={on.label} onClick={on.onClick}>
      <IconChevronRight size={18} />
    </ActionIcon>
  </div>
)
