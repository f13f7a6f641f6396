// What an inbox holds after new entries have come in: which line each joins, and which are taken out into the
// history. A function of the record and the entries alone.

import {
  ENTRIES_ON_HAND,
  type InboxEntry,
  type InboxView,
  LINES_ON_HAND,
  PARTS_OF_LINE,
} from '../../shared/types/inbox.ts'
import { isToldIn } from '../../shared/types/inbox-preferences.ts'
import type { WaitingEntry } from './waiting-entry.ts'

/** What comes so soon after the last of its kind is of one burst: somebody who looked away finds one line. */
export const BURST_MS = 60_000

export interface NewEntry extends Omit<WaitingEntry, 'user'> {
  readonly line: string
}

export interface InboxPlan {
  readonly added: readonly NewEntry[]
  /** Of the entries that were on hand. */
  readonly takenOut: readonly InboxEntry[]
  /** New ones that the person wants elsewhere or nowhere, but not here. */
  readonly muted: readonly NewEntry[]
  /** New ones for which there is no room: a flood goes straight into the history. */
  readonly passed: readonly NewEntry[]
  /** Marks of entries that are not on hand any more. */
  readonly spentMarks: { readonly read: readonly string[]; readonly cleared: readonly string[] }
}

interface Line {
  readonly id: string
  readonly key: string
  readonly entries: { readonly id: string; readonly when: number }[]
  last: number
  isUnread: boolean
}

export const planInbox = (view: InboxView, waiting: readonly WaitingEntry[]): InboxPlan => {
  const read = new Set(view.read)
  const cleared = new Set(view.cleared)
  const known = new Set(view.entries.map(({ id }) => id))
  const lines = new Map<string, Line>()
  const latestByKey = new Map<string, Line>()
  const put = (line: Line, id: string, when: number): void => {
    line.entries.push({ id, when })
    line.last = Math.max(line.last, when)
    line.isUnread ||= !read.has(id)
    lines.set(line.id, line)
    const latest = latestByKey.get(line.key)
    if (latest === undefined || latest.last <= line.last) latestByKey.set(line.key, line)
  }
  for (const entry of view.entries) {
    if (cleared.has(entry.id)) continue
    const id = entry.line ?? entry.id
    const line = lines.get(id) ?? emptyLine(id, keyOf(entry))
    put(line, entry.id, entry.when ?? entry.at)
  }

  const incoming: NewEntry[] = []
  const muted: NewEntry[] = []
  for (const { user: _, ...entry } of waiting) {
    if (known.has(entry.id)) continue
    known.add(entry.id)
    if (!isToldIn('inApp', view, entry)) {
      muted.push({ ...entry, line: entry.id })
      continue
    }
    const key = keyOf(entry)
    const latest = latestByKey.get(key)
    const line = latest !== undefined && joins(latest, entry.when) ? latest : emptyLine(entry.id, key)
    put(line, entry.id, entry.when)
    incoming.push({ ...entry, line: line.id })
  }

  const kept = onHand([...lines.values()])
  const takenOut = view.entries.filter(({ id }) => !kept.has(id))
  return {
    added: incoming.filter(({ id }) => kept.has(id)),
    passed: incoming.filter(({ id }) => !kept.has(id)),
    muted,
    takenOut,
    spentMarks: {
      read: view.read.filter(id => !kept.has(id)),
      cleared: view.cleared.filter(id => !kept.has(id)),
    },
  }
}

const keyOf = ({ type, kind }: { readonly type: string | null; readonly kind: string | null }): string =>
  `${type ?? ''}/${kind ?? ''}`

const emptyLine = (id: string, key: string): Line => ({
  id,
  key,
  entries: [],
  last: Number.NEGATIVE_INFINITY,
  isUnread: false,
})

/** A line that was read must not come back as unread: what follows begins another. */
const joins = (line: Line, when: number): boolean =>
  line.isUnread && when - line.last <= BURST_MS && line.entries.length < PARTS_OF_LINE

const onHand = (lines: readonly Line[]): ReadonlySet<string> => {
  const kept = new Set<string>()
  const latestFirst = lines.toSorted((a, b) => b.last - a.last || (a.id < b.id ? 1 : -1))
  for (const { entries } of latestFirst.slice(0, LINES_ON_HAND)) {
    if (kept.size + entries.length > ENTRIES_ON_HAND) break
    for (const { id } of entries) kept.add(id)
  }
  return kept
}

/** As they will stand in the record. */
export const asEntries = (entries: readonly NewEntry[]): InboxEntry[] =>
  entries.map(entry => ({ ...entry, by: '', at: entry.when }))

/** What is on hand, as it came in. */
export const newEntryOf = (entry: InboxEntry): NewEntry => ({
  id: entry.id,
  level: entry.level ?? 'info',
  kind: entry.kind ?? '',
  sentence: entry.sentence ?? '',
  params: entry.params,
  several: entry.several,
  title: entry.title ?? '',
  type: entry.type ?? '',
  room: entry.room,
  who: entry.who ?? '',
  name: entry.name ?? '',
  when: entry.when ?? entry.at,
  critical: entry.critical ?? false,
  personal: entry.personal ?? false,
  line: entry.line ?? entry.id,
})
