import { Button } from '@mantine/core'
import { IconTableExport } from '@tabler/icons-react'
import { dayOf } from '../format/day.ts'
import { type NumberSigns, useNumberSigns } from '../format/read-number.ts'
import { useAppWords } from '../words/app-words.ts'

interface SaveCsvProps {
  /** With the signs of the person's own numbers. */
  readonly csv: (signs: NumberSigns) => string
  /** What is in it, for the name of the file. */
  readonly label: string
}

/** What is shown now, to go on with in a spreadsheet. */
export const SaveCsv = ({ csv, label }: SaveCsvProps) => {
  const words = useAppWords()
  const signs = useNumberSigns()
  const save = (): void => {
    const url = URL.createObjectURL(new Blob([csv(signs)], { type: 'text/csv' }))
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
      className="save-csv"
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
