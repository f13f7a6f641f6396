// From a change of an open record to what it is called: by the same function of its type that the server uses.

import { describeChange, verbOf } from '../../shared/record/change.ts'
import type { AnyView, RecordType } from '../../shared/record/record-type.ts'
import { signalsOf } from '../../shared/record/said-of-change.ts'
import type { CellIndex } from '../../shared/record/cell-index.ts'
import { compareCells, type LiveCell } from '../../shared/record/cell.ts'
import { ACTIONS, RESULTS, witnessedPath } from '../../shared/record/path.ts'
import { report } from '../told.ts'
import type { HappenedTo } from './event-bus.ts'

export interface RecordChanged {
  readonly type: RecordType
  readonly id: string
  readonly before: AnyView
  readonly after: AnyView
  readonly paths: ReadonlySet<string>
  readonly by: string
  readonly at: number
  readonly from: HappenedTo['from']
}

export const eventsOf = ({ type, id, before, after, paths, by, at, from }: RecordChanged): HappenedTo[] => {
  if ([...paths].every(isOfMachinery)) return []
  const change = describeChange(type, before, after, paths, by, at)
  const verb = verbOf(change)
  return signalsOf(type, change, report).map(({ type: entity, action, data }) => ({
    // A comment's own `create` is an update of nothing but the comment; the record's verb is not its.
    type: entity === type.name ? verb : verbNamed(action),
    action,
    entity,
    entityId: id,
    room: `${type.name}:${id}`,
    by,
    from,
    data: data ?? after,
  }))
}

/** What a person wrote last of what changed. */
export const lastWritten = (index: CellIndex, paths: ReadonlySet<string>): LiveCell | null => {
  let last: LiveCell | null = null
  for (const path of paths) {
    for (const cell of index.at(path)) {
      if (!cell.author.startsWith('$') && (last === null || compareCells(cell, last) > 0)) last = cell
    }
  }
  return last
}

/** Requests, their results and witnesses are how things come about, not what came about. */
const isOfMachinery = (path: string): boolean =>
  path.startsWith(`${ACTIONS}/`) || path.startsWith(`${RESULTS}/`) || witnessedPath(path) !== null

export const verbNamed = (action: string): HappenedTo['type'] =>
  action === 'create' || action === 'delete' ? action : 'update'
