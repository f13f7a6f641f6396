// A list that nobody has asked for before, and no connection: other lists have left rows of that type on the device,
// and these are looked through by the filter and the order that the server uses.

import type { RecordType } from '../../shared/record/record-type.ts'
import { type FilterSubject, isWithin, type Row } from '../../shared/record/filter.ts'
import type { LocalStore } from '../local/local-store.ts'
import { allKept, type KeptList } from './kept-list.ts'
import { isIn, type ListQuery, limitOf, orderOf, queryOfKey } from './list-query.ts'
import { layOver } from './overlay.ts'

/**
 * A search is answered by whatever happens to be here; any other list, as that of what is new today, only by one that
 * has all of it, as that of what was new yesterday and since: by anything less it would be a lie.
 */
export const fromKept = async (
  store: LocalStore,
  type: RecordType,
  query: ListQuery,
  me: FilterSubject,
): Promise<KeptList | null> => {
  const kept = [...(await readTogether(store))].filter(([key]) => key.startsWith(`${type.name} `))
  if (query.where !== undefined && '$text' in query.where)
    return searched(
      kept.map(([, list]) => list),
      type,
      query,
      me,
    )
  const whole = kept.filter(
    ([key, { hasMore }]) => !hasMore && isWithin(query.where ?? {}, queryOfKey(key).where ?? {}),
  )
  const [latest] = whole.map(([, list]) => list).sort((a, b) => b.asOf - a.asOf)
  return latest === undefined ? null : partOf(latest, type, query, me)
}

const searched = (
  lists: readonly KeptList[],
  type: RecordType,
  query: ListQuery,
  me: FilterSubject,
): KeptList => {
  const latest = new Map<string, Row>()
  let asOf = Number.POSITIVE_INFINITY
  for (const kept of lists) {
    for (const row of kept.rows) {
      const known = latest.get(row.id)
      if (known === undefined || Number(row['updated'] ?? 0) > Number(known['updated'] ?? 0))
        latest.set(row.id, row)
    }
    if (kept.rows.length > 0) asOf = Math.min(asOf, kept.asOf)
  }
  const rows = [...latest.values()].filter(row => isIn(type, query, row, me)).sort(orderOf(query))
  return {
    rows: rows.slice(0, limitOf(query)),
    figures: {},
    hasMore: false,
    asOf: Number.isFinite(asOf) ? asOf : 0,
  }
}

/** Its rows, and what is counted of them. */
const partOf = (
  { rows: all, asOf }: KeptList,
  type: RecordType,
  query: ListQuery,
  me: FilterSubject,
): KeptList => {
  const limit = limitOf(query)
  const { rows, ...figures } = layOver({
    type,
    query,
    me,
    base: [],
    figures: {
      ...(query.count === true ? { total: 0 } : {}),
      ...(query.groups === undefined ? {} : { groups: eachOf(query.groups, {}) }),
      ...(query.sums === undefined ? {} : { sums: eachOf(query.sums, 0) }),
      ...(query.groups === undefined || query.sums === undefined
        ? {}
        : { groupSums: eachOf(query.groups, {}) }),
    },
    own: all.map(row => ({ id: row.id, row })),
    limit,
    hasMore: false,
  })
  return { rows: rows.slice(0, limit), figures, hasMore: rows.length > limit, asOf }
}

const eachOf = <V>(fields: readonly string[], value: V): { readonly [field: string]: V } =>
  Object.fromEntries(fields.map(field => [field, value]))

/** A page of ten lists that are not here asks for all that is once. */
const readings = new WeakMap<LocalStore, Promise<ReadonlyMap<string, KeptList>>>()

const readTogether = (store: LocalStore): Promise<ReadonlyMap<string, KeptList>> => {
  const known = readings.get(store)
  if (known !== undefined) return known
  const reading = allKept(store).finally(() => readings.delete(store))
  readings.set(store, reading)
  return reading
}
