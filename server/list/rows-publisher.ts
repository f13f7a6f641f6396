import type { Row } from '../../shared/record/filter.ts'
import type { PublisherPart } from '../room/combine-publishers.ts'
import { toStoredRow } from './stored-row.ts'

/** The row of each record that a commit changes: in the commit, and after it in the lists. */
export const createRowsPublisher = (
  committed: (type: string, id: string, row: Row | null, commit: number) => void,
): PublisherPart => ({
  compose: ({ row, after }) => ({ row: after.removed ? null : toStoredRow(row) }),
  committed: ({ type, id, row, after, commit }) =>
    committed(type.name, id, after.removed ? null : row, commit),
})
