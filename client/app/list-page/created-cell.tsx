import { useFormat } from '../format/use-format.ts'
import { useNameOf } from '../session/directory.tsx'

interface CreatedCellProps {
  readonly row: { readonly created: number | null; readonly createdBy: string }
}

export const CreatedCell = ({ row }: CreatedCellProps) => {
  const format = useFormat()
  const nameOf = useNameOf()
  if (row.created === null) return null
  return (
    <span className="two-lines quiet">
      <span>{format.dateTime(row.created)}</span>
      <span>{nameOf(row.createdBy)}</span>
    </span>
  )
}
