import type { ReactElement } from 'react'
import type { RecordType } from '../../../shared/index.ts'
import type { UsedList } from '../../react/index.ts'
import { Empty } from '../state/empty.tsx'
import { ListWait } from '../state/list-wait.tsx'
import { useAppWords } from '../words/app-words.ts'

interface CardRowsProps<R> {
  readonly list: Pick<UsedList<RecordType>, 'state' | 'error'> & { readonly rows: readonly R[] | undefined }
  readonly emptyText?: string
  readonly className?: string
  readonly line: (row: R) => ReactElement
}

/** The lines of a list in a card. That there are none is said once it is known. */
export const CardRows = <R,>({ list, emptyText, className = 'entry-list', line }: CardRowsProps<R>) => {
  const words = useAppWords()
  const { rows } = list
  if (rows === undefined) return <ListWait list={list} />
  if (rows.length === 0) return <Empty isQuiet title={emptyText ?? words.listEmpty} />
  return <ul className={className}>{rows.map(line)}</ul>
}
