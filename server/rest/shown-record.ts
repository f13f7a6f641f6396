import type { AnyView, RecordType } from '../../shared/record/record-type.ts'
import { fieldConflicts, removalConflicts } from '../../shared/record/conflicts.ts'
import type { CellIndex } from '../../shared/record/cell-index.ts'
import type { LiveCell } from '../../shared/record/cell.ts'
import { stampToMs } from '../../shared/record/clock.ts'
import type { Value } from '../../shared/record/value.ts'
import { viewAt } from '../../shared/record/derived.ts'
import type { Version } from './etag.ts'

/** A record as REST shows it; lines of an export look the same. */
export interface ShownRecord extends Version {
  readonly room: string
  readonly type: string
  readonly id: string
  readonly created: string | null
  readonly createdBy: string
  readonly updated: string | null
  readonly updatedBy: string
  readonly removed: boolean
  readonly record: AnyView
  readonly conflicts: readonly ShownConflict[]
}

export interface ShownConflict {
  readonly kind: 'values' | 'edited while removed'
  readonly path: string
  /** The one that is shown first. */
  readonly values: readonly { readonly value: Value; readonly by: string; readonly at: string }[]
}

/** What a record is shown from: its view and cells, and what the last commit says of it. */
export interface RecordSource extends Version {
  readonly type: RecordType
  readonly id: string
  readonly view: AnyView
  readonly index: CellIndex
  readonly updatedAt: number | null
  readonly updatedBy: string
  readonly now: number
}

export function showRecord(source: RecordSource): ShownRecord {
  const { type, id, epoch, commit, index, updatedAt, updatedBy, now } = source
  const view = viewAt(type, source.view, now)
  return {
    room: `${type.name}:${id}`,
    type: type.name,
    id,
    epoch,
    commit,
    created: timeText(view.created),
    createdBy: view.createdBy,
    updated: timeText(updatedAt),
    updatedBy,
    removed: view.removed,
    record: view,
    conflicts: conflictsOf(type, index),
  }
}

function conflictsOf(type: RecordType, index: CellIndex): ShownConflict[] {
  const removals = removalConflicts(type, index).map(({ kind, path, edits }) => ({
    kind,
    path,
    values: edits.map(shownValue),
  }))
  const values = fieldConflicts(type, index).map(({ kind, path, losers, resolution }) => ({
    kind,
    path,
    values: [...(resolution.winner === null ? [] : [resolution.winner]), ...losers].map(shownValue),
  }))
  return [...removals, ...values]
}

function shownValue({ value, author, stamp }: LiveCell): ShownConflict['values'][number] {
  return { value, by: author, at: new Date(stampToMs(stamp)).toISOString() }
}

function timeText(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
