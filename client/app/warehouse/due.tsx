import { IconAlertTriangle } from '@tabler/icons-react'
import { useFormat } from '../format/use-format.ts'
import { useAppWords } from '../words/app-words.ts'
import { useWarehouseWords } from './warehouse-words.ts'

interface DueProps {
  readonly at: number
  readonly isLate: boolean
}

export const Due = ({ at, isLate }: DueProps) => {
  const words = useWarehouseWords()
  const appWords = useAppWords()
  const format = useFormat()
  return (
    <span className="due" data-late={isLate ? '' : undefined}>
      {isLate && <IconAlertTriangle size={15} aria-hidden />}
      {isLate && <span className="visually-hidden">{appWords.beforeValue(words.late)} </span>}
      {format.dateTime(at)}
    </span>
  )
}
