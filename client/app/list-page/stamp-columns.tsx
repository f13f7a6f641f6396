import type { RecordType, RowOf } from '../../../shared/index.ts'
import type { useAppWords } from '../words/app-words.ts'
import { CreatedCell } from './created-cell.tsx'
import type { Column } from './record-table.tsx'
import { UpdatedCell } from './updated-cell.tsx'

/** When a record was made and last changed, and by whom: every list shows it. */
export const stampColumns = <T extends RecordType>(
  words: ReturnType<typeof useAppWords>,
): readonly Column<RowOf<T>>[] => [
  {
    key: 'updated',
    label: words.updated,
    sort: 'updated',
    parts: [words.updated, words.updatedWho],
    cell: row => <UpdatedCell row={row} />,
  },
  {
    key: 'created',
    label: words.created,
    sort: 'created',
    from: 'wide',
    parts: [words.created, words.createdWho],
    cell: row => <CreatedCell row={row} />,
  },
]
