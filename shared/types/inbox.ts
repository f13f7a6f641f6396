// What a person is told: one record a user, `inbox:<user id>`. Only the server writes entries, and takes the oldest
// out into the history; what was read and what was cleared are sets, so that marks made on two devices, also off line,
// come together as all of them. An entry that was taken out never returns: nothing but the server could bring it back.

import { defineRecord } from '../record/define-record.ts'
import type { DerivedBy, Level, NoticeParams, View } from '../record/record-type.ts'
import { bool, integer, json, list, log, oneOf, setOf, text, time } from '../record/field.ts'
import { claim } from '../record/filter.ts'

export const INBOX = 'inbox'

/** So many lines are on hand; what is older is in the history. */
export const LINES_ON_HAND = 50
/** A line that has grown so long is followed by another of its kind. */
export const PARTS_OF_LINE = 50
/** All parts of all lines: what a phone has to hold. */
export const ENTRIES_ON_HAND = 500

const levels = ['info', 'warning', 'success', 'error'] as const satisfies readonly Level[]

/** Minutes since midnight. */
const minute = () => integer({ min: 0, max: 1439 })

const fields = {
  entries: log({
    level: oneOf(...levels),
    kind: text.line(),
    /** In English; others say it by `params`: `noticeIn`. */
    sentence: text.line({ max: 4000 }),
    params: json<NoticeParams>({ maxBytes: 5000 }),
    /** What several are called: «4 new tickets». */
    several: text.line(),
    /** What the record is called. */
    title: text.line(),
    type: text.line(),
    /** The record that it opens; null: there is none any more. */
    room: text.line(),
    /** Whose doing it was; '' where nobody's. */
    who: text.line(),
    name: text.line(),
    when: time(),
    critical: bool(),
    /** Meant for this person, not for everybody who may read the record. */
    personal: bool(),
    /** Of a burst: the id of the first, which the line is called by. */
    line: text.line(),
  }),
  read: setOf(text.line()),
  cleared: setOf(text.line()),

  /** By `ticket.comment_added`, `ticket`, or `*` for all: where it is told. Null: as `toldByDefault` has it. */
  channels: list({ inApp: bool(), push: bool(), mail: bool() }),
  /** Nothing is pushed or mailed from … to …, in the person's own time, but what is critical. */
  quietFrom: minute(),
  quietTo: minute(),
  /** Such as Europe/Zagreb. */
  timeZone: text.line({ max: 64 }),
  /** One e-mail with what is unread, when some of it is new, instead of single ones for what is not critical. */
  digest: oneOf('off', 'daily', 'weekly').default('off'),
  digestAt: minute().default(7 * 60),
  /** What is pushed and mailed is said in it, such as sr; null: English. */
  language: text.line({ max: 16 }),
  /** Browsers to push to, as `PushSubscription.toJSON()` has them. */
  devices: list({
    endpoint: text.line({ max: 2000 }),
    keys: json<{ readonly p256dh: string; readonly auth: string }>({ maxBytes: 400 }),
    name: text.line({ max: 200 }),
  }),
}

type Facts = View<typeof fields>
export type InboxEntry = Facts['entries'][number]

export interface InboxItem {
  readonly id: string
  readonly level: Level
  readonly type: string
  readonly kind: string
  /** In English; `noticeIn` says it in another language. */
  readonly sentence: string
  readonly params: NoticeParams | null
  /** What the record is called; '' of a line with parts about several. */
  readonly title: string
  readonly room: string | null
  readonly at: number
  readonly by: string
  readonly name: string
  readonly critical: boolean
  readonly read: boolean
  readonly count: number
  /** count > 1: one line that opens into these, the latest first. */
  readonly parts: readonly InboxItem[]
}

const derive = {
  /** The lines as they are shown, the latest first. */
  items: (t: Facts): readonly InboxItem[] => linesOf(t),
  unread: (t: Facts): number => {
    const done = new Set([...t.read, ...t.cleared])
    return t.entries.filter(({ id }) => !done.has(id)).length
  },
}

export type InboxView = View<typeof fields, DerivedBy<typeof derive>>

const isOwn = (inbox: string, person: string): true | string =>
  inbox === person || 'it is the inbox of somebody else'

export const Inbox = defineRecord(INBOX, {
  fields,
  derive,
  title: () => 'Inbox',
  row: t => ({ unread: t.unread }),
  access: {
    read: { id: claim('sub') },
    create: ({ me, t }) => isOwn(t.id, me.id),
    remove: false,
    write: { '*': ({ me, t }) => isOwn(t.id, me.id), entries: false },
  },
  events: () => [],
})

export const inboxRoom = (userId: string): string => `${INBOX}:${userId}`

/** The entries behind a line, or behind one of its parts: what is marked when it is read or cleared. */
export const entryIdsOf = (items: readonly InboxItem[], id: string): readonly string[] => {
  for (const item of items) {
    if (item.id === id) return item.parts.length === 0 ? [id] : item.parts.map(part => part.id)
    if (item.parts.some(part => part.id === id)) return [id]
  }
  return []
}

export interface Marked {
  readonly entries: readonly InboxEntry[]
  readonly read: readonly string[]
  readonly cleared: readonly string[]
}

export const linesOf = (t: Marked): readonly InboxItem[] => {
  const read = new Set(t.read)
  const cleared = new Set(t.cleared)
  const lines = new Map<string, InboxItem[]>()
  const entries = new Map<string, InboxEntry>()
  for (const entry of t.entries) {
    if (cleared.has(entry.id)) continue
    const id = entry.line ?? entry.id
    const parts = lines.get(id)
    if (parts === undefined) lines.set(id, [itemOf(entry, read)])
    else parts.unshift(itemOf(entry, read))
    entries.set(id, entry)
  }
  return [...lines].map(([id, parts]) => lineOf(id, parts, entries.get(id))).sort(byTime)
}

const byTime = (a: InboxItem, b: InboxItem): number => b.at - a.at || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0)

const itemOf = (entry: InboxEntry, read: ReadonlySet<string>): InboxItem => ({
  id: entry.id,
  level: entry.level ?? 'info',
  type: entry.type ?? '',
  kind: entry.kind ?? '',
  sentence: entry.sentence ?? '',
  params: entry.params,
  title: entry.title ?? '',
  room: entry.room,
  at: entry.when ?? entry.at,
  by: entry.who ?? '',
  name: entry.name ?? '',
  critical: entry.critical ?? false,
  read: read.has(entry.id),
  count: 1,
  parts: [],
})

const lineOf = (id: string, parts: readonly InboxItem[], last: InboxEntry | undefined): InboxItem => {
  const [latest] = parts
  if (latest === undefined || last === undefined) throw new Error('a line has parts')
  if (parts.length === 1) return latest
  const isOneRecord = parts.every(({ room }) => room === latest.room)
  const isOnePerson = parts.every(({ by }) => by === latest.by)
  return {
    ...latest,
    id,
    sentence: severalOf(parts.length, last, isOneRecord),
    title: isOneRecord ? (last.title ?? '') : '',
    room: isOneRecord ? latest.room : null,
    by: isOnePerson ? latest.by : '',
    name: isOnePerson ? latest.name : '',
    critical: parts.some(({ critical }) => critical),
    read: parts.every(({ read }) => read),
    count: parts.length,
    parts,
  }
}

const severalOf = (count: number, { several, kind, title }: InboxEntry, isOneRecord: boolean): string => {
  const what = `${count} ${several ?? `× ${(kind ?? '').replaceAll('_', ' ')}`}`
  return isOneRecord && title !== null && title !== '' ? `${what}: ${title}` : what
}
