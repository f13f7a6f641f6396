// What an inbox no longer has on hand: kept under the person and the entry's id, and found by words.

import { findable, foldText } from '../../shared/record/filter.ts'
import type { InboxEntry, InboxView } from '../../shared/types/inbox.ts'
import { noticeIn } from '../../shared/types/notice-sentences.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import type { Store, ValuePut } from '../store/store.ts'
import { type InboxPlan, type NewEntry, newEntryOf } from './plan-inbox.ts'
import { valuesOf } from '../store/values-of.ts'
import { personKey } from './waiting-entry.ts'

export const HISTORY_SPACE = 'inbox-history'

export interface PastEntry extends Omit<NewEntry, 'line'> {
  readonly read: boolean
  readonly cleared: boolean
}

const historyKey = (user: string, id: string): string => `${personKey(user)}${id}`

const historyPut = (user: string, entry: PastEntry): ValuePut => ({
  space: HISTORY_SPACE,
  key: historyKey(user, entry.id),
  value: JSON.stringify(entry),
})

export const historyPutsOf = (user: string, view: InboxView, plan: InboxPlan): ValuePut[] => {
  const read = new Set(view.read)
  const cleared = new Set(view.cleared)
  const marks = (id: string) => ({ read: read.has(id) || cleared.has(id), cleared: cleared.has(id) })
  return [
    ...plan.takenOut.map(entry => historyPut(user, { ...pastOf(entry), ...marks(entry.id) })),
    ...plan.muted.map(({ line: _, ...entry }) => historyPut(user, { ...entry, read: true, cleared: false })),
    ...plan.passed.map(({ line: _, ...entry }) =>
      historyPut(user, { ...entry, read: false, cleared: false }),
    ),
  ]
}

const pastOf = (entry: InboxEntry): Omit<PastEntry, 'read' | 'cleared'> => {
  const { line: _, ...past } = newEntryOf(entry)
  return past
}

/** A device that was away read what has gone into the history meanwhile. */
export const lateReadPuts = async (
  store: Pick<Store, 'readValue'>,
  user: string,
  view: InboxView,
  { takenOut, spentMarks }: InboxPlan,
): Promise<ValuePut[]> => {
  const now = new Set(takenOut.map(({ id }) => id))
  const cleared = new Set(view.cleared)
  const late = [...new Set([...spentMarks.read, ...spentMarks.cleared])].filter(id => !now.has(id))
  const puts = await Promise.all(
    late.map(async id => {
      const known = await store.readValue(HISTORY_SPACE, historyKey(user, id))
      if (known === null) return []
      const past = JSON.parse(known) as PastEntry
      return [historyPut(user, { ...past, read: true, cleared: past.cleared || cleared.has(id) })]
    }),
  )
  return puts.flat()
}

const KEPT_MS = 365 * 86_400_000
const BATCH = 500

/** What is older than a year is let go. */
export const pruneHistory = async (
  store: Pick<Store, 'readValues'>,
  committer: Pick<GroupCommit, 'submit'>,
  now: number,
  ending?: AbortSignal,
): Promise<void> => {
  let old: ValuePut[] = []
  const drop = async (): Promise<void> => {
    if (old.length > 0) await committer.submit({ rooms: [], values: old })
    old = []
  }
  for await (const { key, value } of valuesOf(store, HISTORY_SPACE)) {
    if ((JSON.parse(value) as PastEntry).when < now - KEPT_MS)
      old.push({ space: HISTORY_SPACE, key, value: null })
    if (old.length >= BATCH) await drop()
    if (ending?.aborted) return
  }
  await drop()
}

export interface HistoryAsk {
  /** Words that must all occur, in any case, with or without accents. */
  readonly words: string
  /** Older than this entry. */
  readonly before: string | null
  readonly limit: number
}

export interface HistoryPage {
  readonly items: readonly PastEntry[]
  /** Whether and where it goes on. */
  readonly next: string | null
}

/** So many are looked at for one page; a search that finds little goes on with the next. */
const LOOKED_AT_MAX = 5_000
const PAGE = 200

/** The latest first, what is on hand included. */
export const searchHistory = async (
  store: Pick<Store, 'readValues'>,
  user: string,
  view: InboxView,
  { words, before, limit }: HistoryAsk,
): Promise<HistoryPage> => {
  const hasWords = wordsFilter(words, view.language ?? '')
  const isOlder = ({ id }: { readonly id: string }): boolean => before === null || id < before
  const read = new Set(view.read)
  const onHand = view.entries
    .map(entry => ({ ...pastOf(entry), read: read.has(entry.id), cleared: view.cleared.includes(entry.id) }))
    .filter(isOlder)
  const found: PastEntry[] = []
  let after = before === null ? undefined : historyKey(user, before)
  let lookedAt = 0
  for (;;) {
    const page = await store.readValues(HISTORY_SPACE, {
      prefix: personKey(user),
      reverse: true,
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    })
    const past = page.values.map(({ value }) => JSON.parse(value) as PastEntry)
    const oldest = page.next === null ? '' : (past.at(-1)?.id ?? '')
    const held = takeFrom(onHand, ({ id }) => id >= oldest)
    const merged = [...past, ...held].sort((a, b) => (a.id < b.id ? 1 : -1))
    for (const entry of merged) {
      if (!hasWords(entry)) continue
      found.push(entry)
      if (found.length === limit) return { items: found, next: entry.id }
    }
    lookedAt += past.length
    if (page.next === null) return { items: found, next: null }
    if (lookedAt >= LOOKED_AT_MAX) return { items: found, next: oldest }
    after = page.next
  }
}

const takeFrom = <T>(list: T[], isTaken: (item: T) => boolean): T[] => {
  const taken = list.filter(isTaken)
  const rest = list.filter(item => !isTaken(item))
  list.splice(0, list.length, ...rest)
  return taken
}

/** In English, and as the person is told. */
const wordsFilter = (words: string, language: string): ((entry: PastEntry) => boolean) => {
  const wanted = foldText(words)
    .split(/\s+/)
    .filter(word => word !== '')
  return entry => {
    if (wanted.length === 0) return true
    const { sentence, title, name, kind } = entry
    const text = findable(
      `${sentence}\n${noticeIn(language, entry)}\n${title}\n${name}\n${kind.replaceAll('_', ' ')}`,
    )
    return wanted.every(word => text.includes(word))
  }
}
