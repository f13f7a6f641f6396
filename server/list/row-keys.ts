// What is kept in order, on disk and in memory: a type's rows by each declared order and by creation and change;
// by each declared equality, within it by creation.

import type { RecordType } from '../../shared/record/record-type.ts'
import type { Row } from '../../shared/record/filter.ts'
import { ordersOf, orderValue } from '../../shared/record/row-order.ts'
import type { Value } from '../../shared/record/value.ts'
import { type SortValue, sortKey } from '../store/sort-key.ts'
import type { IndexKey, RowPut } from '../store/store.ts'

/** Fields by whose values rows are found. */
export const postedFieldsOf = (type: RecordType): readonly string[] => {
  const known = posted.get(type)
  if (known !== undefined) return known
  const { belongsTo, list } = type
  const all = [...new Set([...list.equal, ...(belongsTo === null ? [] : [belongsTo])])]
  posted.set(type, all)
  return all
}
const posted = new WeakMap<RecordType, readonly string[]>()

export const orderIndex = (field: string): string => field
export const equalIndex = (field: string): string => `=${field}`

/** Text so long that it is cut is in order up to there. */
export const orderIndexValue = (value: Value | undefined): SortValue => {
  const ordered = orderValue(value)
  return typeof ordered === 'string' ? ordered.slice(0, KEY_TEXT_MAX) : ordered
}

const KEY_TEXT_MAX = 256

export const rowPut = (type: RecordType, row: Row): RowPut => {
  const keys: IndexKey[] = []
  // The store has rows by id already.
  for (const field of ordersOf(type))
    if (field !== 'id') keys.push({ index: orderIndex(field), key: sortKey([orderIndexValue(row[field])]) })
  const created = orderValue(row.created)
  for (const field of postedFieldsOf(type)) {
    const value = row[field] ?? null
    // Not folded: equality means equal. Text beyond what an index is for is told apart by the row itself.
    const equal =
      typeof value === 'object' ? null : typeof value === 'string' ? value.slice(0, KEY_TEXT_MAX) : value
    keys.push({ index: equalIndex(field), key: sortKey([equal, created]) })
  }
  return { id: row.id, json: JSON.stringify(row), keys }
}
