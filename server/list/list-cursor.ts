import type { Row } from '../../shared/record/filter.ts'
import { compareIds, compareOrderKeys, type Direction, orderKey } from '../../shared/record/row-order.ts'
import type { Value } from '../../shared/record/value.ts'
import type { Place } from './ordered-slots.ts'

/** Names a place in an order, not a number of rows: whatever is edited before it, it goes on behind the same row. */
export const writeCursor = (field: string, direction: Direction, row: Row): string => {
  const value = row[field] ?? null
  const told: Value = typeof value === 'object' ? null : value
  return Buffer.from(JSON.stringify([field, direction, told, row.id])).toString('base64url')
}

/** Where a cursor points, and the value that stands there. */
export interface CursorPlace extends Place {
  readonly value: Value
}

/** Null: it is no cursor of this order. */
export const readCursor = (field: string, direction: Direction, cursor: string): CursorPlace | null => {
  try {
    const told: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (!Array.isArray(told) || told.length !== 4) return null
    const [ofField, ofDirection, value, id]: unknown[] = told
    if (ofField !== field || ofDirection !== direction || typeof id !== 'string') return null
    if (typeof value === 'object' && value !== null) return null
    // JSON gives no other scalars.
    const scalar = value as Value
    return { key: orderKey(scalar), id, value: scalar }
  } catch {
    return null
  }
}

/** Whether a row comes after a place, in this order. */
export const isBehind = (row: Row, field: string, direction: Direction, { key, id }: Place): boolean => {
  const order = compareOrderKeys(orderKey(row[field]), key) || compareIds(row.id, id)
  return direction === 'desc' ? order < 0 : order > 0
}
