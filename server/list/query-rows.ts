// A page of a list, once: for REST, and for the first screen while a table is still being read. The same query, the
// same rights and the same order as live lists have.

import type { Row } from '../../shared/record/filter.ts'
import type { JsonObject } from '../../shared/wire/shape.ts'
import type { Principal } from '../access/principal.ts'
import type { IndexRange, Store } from '../store/store.ts'
import { afterSortKey, sortKey } from '../store/sort-key.ts'
import { Figures } from './figures.ts'
import { parseListAsk, type ListAsk, ListProblem, plainQuery } from './list-ask.ts'
import { isBehind, writeCursor } from './list-cursor.ts'
import type { LiveLists } from './live-lists.ts'
import type { PlainQuery } from './live-query.ts'
import { predicateOf, searchText } from './predicate.ts'
import { orderIndex, orderIndexValue } from './row-keys.ts'

export interface RowsPage {
  readonly rows: readonly Row[]
  /** Where the next page begins; null: there are no more. It stays right whatever is edited meanwhile. */
  readonly cursor: string | null
  /** total, groups, sums, groupSums: what was asked for. */
  readonly figures: JsonObject
}

export interface QueryRowsParts {
  readonly lists: LiveLists
  readonly store: Pick<Store, 'readIndex'>
  readonly rowsPerList: number
}

export type QueryRows = (principal: Principal, query: Readonly<Record<string, unknown>>) => Promise<RowsPage>

/** Throws ListProblem where the query is none. */
export const createQueryRows =
  ({ lists, store, rowsPerList }: QueryRowsParts): QueryRows =>
  async (principal, query) => {
    const ask = parseListAsk(query, rowsPerList)
    const type = typeOf(lists, ask)
    const plain = plainQuery(type, ask, principal)
    if (lists.isLoaded(type.name) || Figures.isAsked(plain) || plain.field === 'id')
      return fromTable(lists, plain)
    return fromStore(lists, store, plain)
  }

const typeOf = (lists: LiveLists, { type: name }: ListAsk) => {
  const type = lists.types.get(name)
  if (type === undefined) throw new ListProblem('NO_SUCH_TYPE', `There is no record type «${name}».`)
  return type
}

const fromTable = async (lists: LiveLists, query: PlainQuery): Promise<RowsPage> => {
  await lists.whenReady(query)
  const table = lists.tableNow(query.type)
  const { filter, field, direction, limit, after } = query
  const { rows, isComplete } = table.select({ filter, field, direction, after, want: limit })
  return {
    rows,
    cursor: isComplete ? null : cursorBehind(query, rows),
    figures: Figures.isAsked(query) ? table.figures(filter, query).toJson() : {},
  }
}

const cursorBehind = ({ field, direction }: PlainQuery, rows: readonly Row[]): string | null => {
  const last = rows.at(-1)
  return last === undefined ? null : writeCursor(field, direction, last)
}

const READ_AT_ONCE = 200

/** By the index on disk, row by row, until the page is full. */
const fromStore = async (
  lists: LiveLists,
  store: Pick<Store, 'readIndex'>,
  query: PlainQuery,
): Promise<RowsPage> => {
  const { type, filter, field, direction, limit, after } = query
  const searchable = lists.types.get(type)?.list.search ?? []
  const lets = predicateOf(filter, row => searchText(row, searchable))
  const rows: Row[] = []
  let range = rangeOf(query)
  for (;;) {
    const page = await store.readIndex(type, orderIndex(field), range)
    for (const { json } of page.rows) {
      // What the store holds as a row was made by `rowOf`.
      const row = JSON.parse(json) as Row
      if (!lets(row) || (after !== null && !isBehind(row, field, direction, after))) continue
      if (rows.length === limit) return { rows, cursor: cursorBehind(query, rows), figures: {} }
      rows.push(row)
    }
    if (page.next === null) return { rows, cursor: null, figures: {} }
    // Where few rows are let in, the table is there before the end of the index.
    if (lists.isLoaded(type)) return fromTable(lists, query)
    range = { ...range, after: page.next }
  }
}

/** From the value at which the cursor stands; which of those that have it come behind is for the rows to say. */
const rangeOf = ({ direction, after }: PlainQuery): IndexRange => {
  const range = { reverse: direction === 'desc', limit: READ_AT_ONCE }
  if (after === null) return range
  const value = [orderIndexValue(after.value)]
  return direction === 'desc' ? { ...range, to: afterSortKey(value) } : { ...range, from: sortKey(value) }
}
