// A search without a connection: nobody has asked it before, but other lists have left rows of that type on the
// device, and these are searched by the filter and the order that the server uses.

import type { RecordType } from '../../shared/record/record-type.ts'
import type { FilterSubject, Row } from '../../shared/record/filter.ts'
import type { LocalStore } from '../local/local-store.ts'
import { allKept } from './kept-list.ts'
import { isIn, type ListQuery, limitOf, orderOf } from './list-query.ts'

export interface KeptRows {
  readonly rows: readonly Row[]
  readonly asOf: number
}

/** Only a search is answered by what happens to be here; a list of all that is late, say, would be a lie. */
export const isSearch = ({ where }: ListQuery): boolean => where !== undefined && '$text' in where

export const searchKept = async (
  store: LocalStore,
  type: RecordType,
  query: ListQuery,
  me: FilterSubject,
): Promise<KeptRows> => {
  const latest = new Map<string, Row>()
  let asOf = Number.POSITIVE_INFINITY
  for (const [key, kept] of await allKept(store)) {
    if (!key.startsWith(`${type.name} `)) continue
    for (const row of kept.rows) {
      const known = latest.get(row.id)
      if (known === undefined || Number(row['updated'] ?? 0) > Number(known['updated'] ?? 0))
        latest.set(row.id, row)
    }
    if (kept.rows.length > 0) asOf = Math.min(asOf, kept.asOf)
  }
  const rows = [...latest.values()].filter(row => isIn(type, query, row, me)).sort(orderOf(query))
  return { rows: rows.slice(0, limitOf(query)), asOf: Number.isFinite(asOf) ? asOf : 0 }
}
