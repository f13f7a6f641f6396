import { Button } from '@mantine/core'
import { IconTableExport } from '@tabler/icons-react'
import type { RefObject } from 'react'
import { dayOf } from '../format/day.ts'
import { useNumberSigns } from '../format/read-number.ts'
import { useAppWords } from '../words/app-words.ts'
import { csvOf } from './table-csv.ts'

interface SaveCsvProps {
  readonly table: RefObject<HTMLTableElement | null>
  /** What is in it, for the name of the file. */
  readonly label: string
}

/** What the table shows now, to go on with in a spreadsheet. */
export const SaveCsv = ({ table, label }: SaveCsvProps) => {
  const words = useAppWords()
  const signs = useNumberSigns()
  const save = (): void => {
    if (table.current === null) return
    const url = URL.createObjectURL(new Blob([csvOf(table.current, signs)], { type: 'text/csv' }))
    const link = document.createElement('a')
    link.href = url
    link.download = `${label} ${dayOf(Date.now())}.csv`
    link.click()
    setTimeout(() => URL.revokeObjectURL(url), RELEASED_AFTER_MS)
  }
  return (
    <Button
      variant="subtle"
      size="compact-sm"
      ms="auto"
      leftSection={<IconTableExport size={15} aria-hidden />}
      title={words.saveCsvHint}
      onClick={save}
    >
      {words.saveCsv}
    </Button>
  )
}

/** A browser may begin to read it only after it has asked where to. */
const RELEASED_AFTER_MS = 60_000
