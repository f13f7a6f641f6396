// A search over every record that one may read, whatever its type, the latest changed first: what a person types to
// get somewhere.

import type { AnyView, RecordType } from '../../shared/record/record-type.ts'
import { foldText, type Row } from '../../shared/record/filter.ts'
import type { Principal } from '../access/principal.ts'
import { senderOf } from '../room/judging.ts'
import { mayRead } from '../room/room-access.ts'
import { readableBy } from './list-ask.ts'
import { ListProblem } from './list-problem.ts'
import type { LiveLists } from './live-lists.ts'
import { both, plainFilter } from './plain-filter.ts'

export interface Found {
  readonly type: string
  readonly id: string
  /** What the type calls such a record, as far as its row tells. */
  readonly title: string
  readonly row: Row
}

export interface SearchAsk {
  readonly words: string
  /** All, when left out. */
  readonly types?: readonly string[]
  readonly limit: number
}

/** Whose turns it takes. Who they are may change while it waits for those: their token is renewed. */
interface Searcher {
  readonly principal: Principal
}

export type SearchRecords = (searcher: Searcher, ask: SearchAsk) => Promise<readonly Found[]>

const WORDS_LENGTH_MAX = 200
export const SEARCH_LIMIT_MAX = 100

export const createSearchRecords =
  (lists: LiveLists): SearchRecords =>
  async (searcher, { words, types, limit }) => {
    if (words.length > WORDS_LENGTH_MAX)
      throw new ListProblem('BAD_QUERY', `Search for at most ${WORDS_LENGTH_MAX} characters.`)
    if (foldText(words).trim() === '') return []
    const { principal } = searcher
    const { me } = senderOf(principal)
    const places: { readonly type: RecordType; readonly id: string }[] = []
    for (const type of lists.types.values()) {
      if (type.list.search.length === 0 || types?.includes(type.name) === false) continue
      const filter = both([readableBy(type, principal), plainFilter({ $text: words }, me, foldText)])
      if (filter.kind === 'none') continue
      await lists.whenReady({ type: type.name, field: 'updated', filter })
      // A search looks at every text there is; others come in between.
      const { rows } = await lists.turns.done(searcher, () =>
        lists
          .tableNow(type.name)
          .select({ filter, field: 'updated', direction: 'desc', after: null, want: limit }),
      )
      for (const { id } of rows) places.push({ type, id })
    }
    // What was found in an earlier turn may have gone out of sight since.
    const sender = senderOf(searcher.principal)
    const found: Found[] = []
    for (const { type, id } of places) {
      const row = lists.tableNow(type.name).get(id)
      if (row !== null && mayRead(type, id, () => row, sender))
        found.push({ type: type.name, id, title: titleOf(type, row), row })
    }
    return found.sort((a, b) => updatedOf(b.row) - updatedOf(a.row)).slice(0, limit)
  }

const updatedOf = ({ updated }: Row): number => (typeof updated === 'number' ? updated : 0)

/** A title is made from the whole record; most need no more of it than the row has. */
const titleOf = (type: RecordType, row: Row): string => {
  try {
    // What it does not find in the row it takes for missing, as in a record that is half written.
    const title = type.title({ ...row, removed: false } as unknown as AnyView)
    return typeof title === 'string' && title !== '' ? title : row.id
  } catch {
    return row.id
  }
}
