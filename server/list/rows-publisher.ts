import type { Row } from '../../shared/record/filter.ts'
import { rowOf } from '../../shared/record/row.ts'
import type { PublisherPart } from '../room/combine-publishers.ts'
import type { Turn } from '../room/turn.ts'
import { rowPut } from './row-keys.ts'

/** The row of each record that a commit changes: in the commit, with its index keys, and after it in the lists. */
export const createRowsPublisher = (
  committed: (type: string, id: string, row: Row | null, commit: number) => void,
): PublisherPart => {
  const composed = new WeakMap<Turn, Row | null>()
  const compose = (turn: Turn): Row | null => {
    const { type, after, at, authors } = turn
    return after.removed ? null : rowOf(type, after, { updated: at, updatedBy: authors.at(-1)?.by ?? '' })
  }
  return {
    compose(turn) {
      const row = compose(turn)
      composed.set(turn, row)
      return { row: row === null ? null : rowPut(turn.type, row) }
    },
    committed(turn) {
      const row = composed.get(turn)
      composed.delete(turn)
      committed(turn.type.name, turn.id, row === undefined ? compose(turn) : row, turn.commit)
    },
  }
}
