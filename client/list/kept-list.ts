// The rows of a list as they lie on the device, and when they are written there: in pages, each a task of its own,
// since ten thousand rows copied at once would stop the page for the time of several frames.

import type { Row } from '../../shared/record/filter.ts'
import type { LocalEntry, LocalKey, LocalStore, LocalWrite } from '../local/local-store.ts'
import type { Surroundings } from '../surroundings.ts'
import type { ListFigures } from './list-messages.ts'

export interface KeptList {
  readonly rows: readonly Row[]
  readonly figures: ListFigures
  readonly hasMore: boolean
  /** Server time of which the rows are known to be the server's. */
  readonly asOf: number
}

/** The first page is the list itself, and most lists have no other. */
type KeptPage = Pick<KeptList, 'rows'> & Partial<KeptList>

const ROWS_A_PAGE = 250
/** Rows are written when a list has been quiet for so long, */
const QUIET_MS = 1_000
/** and one that never is, so often. */
const AT_LATEST_MS = 10_000

export interface ListKeepingParts {
  readonly key: string
  readonly surroundings: Pick<Surroundings, 'after' | 'monotonic'>
  store(): LocalStore | null
  /** Null while there is nothing to keep. */
  list(): KeptList | null
}

export class ListKeeping {
  readonly #parts: ListKeepingParts
  #cancel: (() => void) | null = null
  #firstChangeAt = 0
  #lastChangeAt = 0

  constructor(parts: ListKeepingParts) {
    this.#parts = parts
  }

  soon(): void {
    const now = this.#parts.surroundings.monotonic()
    this.#lastChangeAt = now
    if (this.#cancel !== null) return
    this.#firstChangeAt = now
    this.#wait()
  }

  now(): void {
    this.#cancel?.()
    this.#cancel = null
    const { key, store, list } = this.#parts
    const kept = list()
    // Without room for it the list is simply not there off line.
    if (kept !== null)
      void store()
        ?.replace('lists', [key], pagesOf(key, kept))
        .catch(() => {})
  }

  close(): void {
    if (this.#cancel !== null) this.now()
  }

  #wait(): void {
    const { surroundings } = this.#parts
    this.#cancel = surroundings.after(QUIET_MS, () => {
      const now = surroundings.monotonic()
      if (now - this.#lastChangeAt >= QUIET_MS || now - this.#firstChangeAt >= AT_LATEST_MS) this.now()
      else this.#wait()
    })
  }
}

function* pagesOf(key: string, { rows, ...rest }: KeptList): Generator<LocalEntry> {
  const all = [...rows]
  yield { key: [key], value: { ...rest, rows: all.slice(0, ROWS_A_PAGE) } satisfies KeptPage }
  for (let from = ROWS_A_PAGE; from < all.length; from += ROWS_A_PAGE)
    yield { key: [key, from], value: { rows: all.slice(from, from + ROWS_A_PAGE) } satisfies KeptPage }
}

export const readKept = async (store: LocalStore, key: string): Promise<KeptList | null> =>
  joined(await store.list('lists', [key]))

/** All lists on the device, by their keys. */
export const allKept = async (store: LocalStore): Promise<ReadonlyMap<string, KeptList>> => {
  const pages = new Map<string, LocalEntry[]>()
  for (const entry of await store.list('lists', [])) {
    const key = String(entry.key[0])
    const those = pages.get(key)
    if (those === undefined) pages.set(key, [entry])
    else those.push(entry)
  }
  const lists = new Map<string, KeptList>()
  for (const [key, those] of pages) {
    const list = joined(those)
    if (list !== null) lists.set(key, list)
  }
  return lists
}

export const removeKept = (key: string): LocalWrite => ({ removeAll: 'lists', beneath: [key] as LocalKey })

const joined = (entries: readonly LocalEntry[]): KeptList | null => {
  // Only this file writes this table.
  const pages = entries.map(({ value }) => value as KeptPage)
  const { figures, hasMore, asOf } = pages[0] ?? {}
  if (figures === undefined || hasMore === undefined || asOf === undefined) return null
  return { rows: pages.flatMap(({ rows }) => rows), figures, hasMore, asOf }
}
