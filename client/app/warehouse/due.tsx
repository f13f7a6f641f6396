import { IconAlertTriangle } from '@tabler/icons-react'
import { Moment } from '../format/moment.tsx'
import { useAppWords } from '../words/app-words.ts'
import { useWarehouseWords } from './warehouse-words.ts'

interface DueProps {
  readonly at: number
  readonly isLate: boolean
}

export const Due = ({ at, isLate }: DueProps) => {
  const words = useWarehouseWords()
  const appWords = useAppWords()
  return (
    <span className="due" data-late={isLate ? '' : undefined}>
      {isLate && <IconAlertTriangle size={15} aria-hidden />}
      {isLate && <span className="visually-hidden">{appWords.beforeValue(words.late)} </span>}
      <Moment at={at} />
    </span>
  )
}
