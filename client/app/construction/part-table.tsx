import type { ReactNode } from 'react'
import type { RecordType, RowOf } from '../../../shared/index.ts'
import type { UsedBelonging, UsedList } from '../../react/index.ts'
import { type Column, RecordTable } from '../list-page/record-table.tsx'
import { stampColumns } from '../list-page/stamp-columns.tsx'
import { pathTo } from '../route/route.ts'
import { useAppWords } from '../words/app-words.ts'

interface PartTableProps<T extends RecordType> {
  readonly type: T
  readonly rows: readonly RowOf<T>[] | undefined
  readonly belonging: Pick<UsedBelonging, 'state' | 'pending'>
  readonly label: string
  readonly main: Column<RowOf<T>>
  readonly columns: readonly Column<RowOf<T>>[]
  readonly emptyText: string
  readonly action?: ReactNode
}

/** Of what belongs to a project, one kind, as the lists elsewhere are. */
export const PartTable = <T extends RecordType>({
  type,
  rows,
  belonging: { state, pending },
  action,
  columns,
  ...rest
}: PartTableProps<T>) => {
  const words = useAppWords()
  const list: UsedList<T> = {
    rows,
    state,
    total: undefined,
    groups: undefined,
    sums: undefined,
    groupSums: undefined,
    error: null,
    hasMore: false,
    isCut: false,
    isRebuilding: false,
    pending,
    more: () => {},
    people: () => [],
  }
  return (
    <>
      {action !== undefined && rows !== undefined && rows.length > 0 && (
        <div className="part-actions">{action}</div>
      )}
      <RecordTable<T>
        list={list}
        // What a part has of its own comes first where a tablet has no room for all.
        columns={[
          ...columns,
          ...stampColumns<T>(words).map(stamp => ({ from: 'desktop' as const, ...stamp })),
        ]}
        to={row => pathTo(type, row.id)}
        emptyAction={action}
        {...rest}
      />
    </>
  )
}
