// The row of a record in lists: what its type puts there, and what every row has. Made by the same function on
// the server and, over local unsent edits, on the client.

import { isObject } from '../is-object.ts'
import type { CellSource } from './cell-index.ts'
import type { AnyView, RecordType } from './record-type.ts'
import type { Row } from './filter.ts'
import { frozenCopy, type Value, valueProblem } from './value.ts'
import { buildView } from './view.ts'

export interface RowMetaSource {
  readonly updated: number | null
  readonly updatedBy: string
}

export const rowOf = (type: RecordType, view: AnyView, meta: RowMetaSource): Row => {
  const own: unknown = type.row(withoutTimed(type, view))
  if (!isObject(own))
    throw new RowError(`${type.name}.row gives no row, which is an object: { title: t.title }`)
  const row: Record<string, Value> = {}
  for (const [key, value] of Object.entries(own)) row[key] = rowValue(type, key, value)
  if (type.belongsTo !== null) row[type.belongsTo] = (view[type.belongsTo] ?? null) as Value
  return Object.freeze({
    ...row,
    id: view.id,
    created: view.created,
    createdBy: view.createdBy,
    updated: meta.updated,
    updatedBy: meta.updatedBy,
  })
}

/** What the function of a row may not do, whatever the record holds. */
export class RowError extends TypeError {
  override readonly name = 'RowError'
}

/** A row goes to disk and over the wire as JSON: what comes back from there is what lists show. */
const rowValue = (type: RecordType, key: string, value: unknown): Value => {
  // A ratio of nothing has no figure yet, and half of a sign is what a shortened text may end with.
  if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) return null
  if (typeof value === 'string') return value
  const problem = valueProblem(value)
  if (problem !== null)
    throw new RowError(`${type.name}.row gives «${key}» what a row cannot hold: ${problem}`)
  // `valueProblem` has found nothing that is no value.
  return frozenCopy(value as Value)
}

/** The row of a record in which nothing has been written. */
export const emptyRow = (type: RecordType): Row =>
  rowOf(type, buildView(type, '', NO_CELLS, 0), { updated: null, updatedBy: '' })

const NO_CELLS: CellSource = { at: () => [], keys: () => [], text: () => '' }

/** A row may not use the time of day: it would be wrong a minute later, and nothing would recompute it. */
const withoutTimed = (type: RecordType, view: AnyView): AnyView => {
  const timed = Object.keys(type.derive).filter(name => (type.derive[name]?.length ?? 0) > 1)
  if (timed.length === 0) return view
  return new Proxy(view, {
    get(target, key) {
      if (typeof key === 'string' && timed.includes(key)) {
        throw new RowError(
          `${type.name}.row reads ${key}, which depends on the time of day: a row stands as of the last write. Leave it out, and give the moment at which it becomes another as changesAt: lists tell the row again then`,
        )
      }
      return Reflect.get(target, key)
    },
  })
}
