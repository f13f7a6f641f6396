// The row of a record in lists: what its type puts there, and what every row has. Made by the same function on
// the server and, over local unsent edits, on the client.

import type { AnyView, RecordType } from './define-record.ts'
import type { Row } from './filter.ts'
import { frozenCopy, type Value } from './value.ts'

export interface RowMetaSource {
  readonly updated: number | null
  readonly updatedBy: string
}

export const rowOf = (type: RecordType, view: AnyView, meta: RowMetaSource): Row => {
  const own = type.row(withoutTimed(type, view))
  const row: Record<string, Value> = {}
  for (const [key, value] of Object.entries(own)) row[key] = frozenCopy(value ?? null)
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

/** A row may not use the time of day: it would be wrong a minute later, and nothing would recompute it. */
const withoutTimed = (type: RecordType, view: AnyView): AnyView => {
  const timed = Object.keys(type.derive).filter(name => (type.derive[name]?.length ?? 0) > 1)
  if (timed.length === 0) return view
  return new Proxy(view, {
    get(target, key) {
      if (typeof key === 'string' && timed.includes(key)) {
        throw new TypeError(
          `${type.name}.row reads ${key}, which depends on the time of day: give changesAt instead`,
        )
      }
      return Reflect.get(target, key)
    },
  })
}
