import type { Row } from '../../shared/record/filter.ts'
import type { PublisherPart } from '../room/combine-publishers.ts'
import { toRecordEvent } from '../event/event.ts'
import type { Said, TellSaid } from './live-query.ts'
import { toStoredRow } from './stored-row.ts'

/** The row of each record that a commit changes: in the commit, and after it in the lists. */
export const createRowsPublisher = (
  committed: (type: string, id: string, row: Row | null, commit: number, said: TellSaid) => void,
): PublisherPart => ({
  compose: ({ row, after }) => ({ row: after.removed ? null : toStoredRow(row) }),
  committed: ({ type, id, row, after, commit }, _, events) => {
    // Read once for however many see another part of the list: an import's event is some megabytes.
    let said: readonly Said[] | null = null
    committed(type.name, id, after.removed ? null : row, commit, () => {
      said ??= events.map(toRecordEvent).map(({ by, signals }) => ({ id, by, signals }))
      return said
    })
  },
})
