// The server's rows with one's own unsaved edits laid over them, by the same row function: what one has just
// written, or created in the cellar, stands in every list at once.

import type { AnyView, RecordType } from '../../shared/record/record-type.ts'
import type { FilterSubject, Row } from '../../shared/record/filter.ts'
import { rowOf } from '../../shared/record/row.ts'
import type { RecordOnDesk } from '../record/record-on-desk.ts'
import type { Counts, GroupSums, ListFigures, Sums } from './list-messages.ts'
import { isIn, type ListQuery, orderOf } from './list-query.ts'

/** A row of one's own making; null where the record was removed. */
export interface OwnRow {
  readonly id: string
  readonly row: Row | null
}

export const ownRow = (type: RecordType, record: RecordOnDesk): OwnRow | null => {
  const replica = record.replica
  if (replica === null || !replica.hasContent) return null
  // The record's view is of the type that this list is of.
  const view = replica.record.view as AnyView
  if (view.removed) return { id: record.id, row: null }
  const { updated } = replica.record
  try {
    const row = rowOf(
      type,
      { ...view, id: record.id },
      { updated: updated?.at ?? null, updatedBy: updated?.by ?? '' },
    )
    return { id: record.id, row }
  } catch {
    // A row function may not be made for a record that is half written.
    return null
  }
}

export interface Laid extends ListFigures {
  readonly rows: readonly Row[]
}

export interface LayOverParts {
  readonly type: RecordType
  readonly query: ListQuery
  readonly me: FilterSubject
  readonly base: readonly Row[]
  readonly figures: ListFigures
  readonly own: readonly OwnRow[]
  readonly limit: number
  /** The server has more rows than these. */
  readonly hasMore: boolean
}

export const layOver = ({ type, query, me, base, figures, own, limit, hasMore }: LayOverParts): Laid => {
  if (own.length === 0) return { rows: base, ...figures }
  const order = orderOf(query)
  const ownIds = new Set(own.map(({ id }) => id))
  const rows = base.filter(({ id }) => !ownIds.has(id))
  const beforeById = new Map(base.filter(({ id }) => ownIds.has(id)).map(row => [row.id, row]))
  let next = figures
  for (const { id, row } of own) {
    const before = beforeById.get(id) ?? null
    const after = row !== null && isIn(type, query, row, me) ? row : null
    next = shift(next, before, after)
    if (after === null) continue
    const at = placeOf(rows, after, order)
    // Beyond the last row that is known, it is among those that the server has not sent.
    if (at === rows.length && hasMore && before === null) continue
    rows.splice(at, 0, after)
  }
  return { rows: rows.length > limit && hasMore ? rows.slice(0, limit) : rows, ...next }
}

const placeOf = (rows: readonly Row[], row: Row, order: (a: Row, b: Row) => number): number => {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >> 1
    const other = rows[middle]
    if (other !== undefined && order(other, row) <= 0) low = middle + 1
    else high = middle
  }
  return low
}

const shift = (figures: ListFigures, before: Row | null, after: Row | null): ListFigures => {
  const next: { total?: number; groups?: Counts; sums?: Sums; groupSums?: GroupSums } = { ...figures }
  if (figures.total !== undefined)
    next.total = figures.total + (after === null ? 0 : 1) - (before === null ? 0 : 1)
  if (figures.groups !== undefined) {
    const groups: Record<string, Record<string, number>> = {}
    for (const [field, counts] of Object.entries(figures.groups)) {
      const changed: Record<string, number> = { ...counts }
      for (const value of groupsOf(before, field)) count(changed, value, -1)
      for (const value of groupsOf(after, field)) count(changed, value, 1)
      groups[field] = changed
    }
    next.groups = groups
  }
  if (figures.sums !== undefined) {
    next.sums = Object.fromEntries(
      Object.entries(figures.sums).map(([field, sum]) => [
        field,
        sum + numberAt(after, field) - numberAt(before, field),
      ]),
    )
  }
  if (figures.groupSums !== undefined) {
    const names = Object.keys(figures.sums ?? {})
    const groupSums: Record<string, Record<string, Sums>> = {}
    for (const [field, sums] of Object.entries(figures.groupSums)) {
      const changed: Record<string, Sums> = { ...sums }
      for (const value of groupsOf(before, field)) changed[value] = added(names, changed[value], before, -1)
      for (const value of groupsOf(after, field)) changed[value] = added(names, changed[value], after, 1)
      // A group that nobody is in any more goes, as its count does.
      const isThere = ([value]: [string, Sums]): boolean => next.groups?.[field]?.[value] !== undefined
      groupSums[field] = Object.fromEntries(Object.entries(changed).filter(isThere))
    }
    next.groupSums = groupSums
  }
  return next
}

const added = (names: readonly string[], sums: Sums | undefined, row: Row | null, sign: 1 | -1): Sums =>
  Object.fromEntries(names.map(name => [name, (sums?.[name] ?? 0) + sign * numberAt(row, name)]))

/** Of a value that is a list, each element is a group. */
const groupsOf = (row: Row | null, field: string): readonly string[] => {
  if (row === null) return []
  const value = row[field] ?? null
  return Array.isArray(value) ? [...new Set(value.map(String))] : [String(value)]
}

const count = (counts: Record<string, number>, value: string, by: 1 | -1): void => {
  const next = (counts[value] ?? 0) + by
  if (next > 0) counts[value] = next
  else delete counts[value]
}

const numberAt = (row: Row | null, field: string): number => {
  const value = row?.[field]
  return typeof value === 'number' ? value : 0
}
