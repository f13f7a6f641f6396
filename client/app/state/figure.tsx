import { useFormat } from '../format/use-format.ts'
import { JustChanged } from './just-changed.tsx'
import './board.css'

interface FigureProps {
  readonly label: string
  /** Undefined until it is known. */
  readonly value: number | undefined
  readonly show?: (value: number) => string
  readonly isAlert?: boolean
}

/** One number of a workspace at a glance. */
export const Figure = ({ label, value, show, isAlert = false }: FigureProps) => {
  const format = useFormat()
  return (
    <div className="figure card" data-alert={isAlert ? '' : undefined}>
      <JustChanged of={value} className="figure-value">
        {value === undefined ? '–' : (show ?? format.number)(value)}
      </JustChanged>
      <span className="figure-label">{label}</span>
    </div>
  )
}
