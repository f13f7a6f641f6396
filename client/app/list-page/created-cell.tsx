import { Moment } from '../format/moment.tsx'
import { useNameOf } from '../session/directory.tsx'

interface CreatedCellProps {
  readonly row: { readonly created: number | null; readonly createdBy: string }
}

export const CreatedCell = ({ row }: CreatedCellProps) => {
  const nameOf = useNameOf()
  if (row.created === null) return null
  return (
    <span className="two-lines quiet">
      <Moment at={row.created} />
      <span>{nameOf(row.createdBy)}</span>
    </span>
  )
}
