import { Moment } from '../format/moment.tsx'
import { useFormat } from '../format/use-format.ts'
import { useNow } from '../format/use-now.ts'
import { useNameOf } from '../session/directory.tsx'
import { JustChanged } from '../state/just-changed.tsx'

interface UpdatedCellProps {
  readonly row: { readonly updated: number | null; readonly updatedBy: string }
}

/** When a record was last changed, and by whom: every list shows it. */
export const UpdatedCell = ({ row }: UpdatedCellProps) => {
  const format = useFormat()
  const nameOf = useNameOf()
  const now = useNow(15_000)
  if (row.updated === null) return null
  return (
    <JustChanged of={row.updated} className="two-lines quiet">
      <Moment at={row.updated}>{format.ago(row.updated, now)}</Moment>
      <span>{nameOf(row.updatedBy)}</span>
    </JustChanged>
  )
}
