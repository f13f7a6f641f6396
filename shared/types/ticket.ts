// Field service, the ticket: who has it, what was written and done on it.

import { entryAt, verbOf } from '../record/change.ts'
import { defineRecord } from '../record/define-record.ts'
import type { Change, DerivedBy, Notice, Signal, View } from '../record/record-type.ts'
import { localId } from '../record/room-name.ts'
import { blob, counter, list, log, money, oneOf, ref, setOf, text, time } from '../record/field.ts'
import { claim } from '../record/filter.ts'
import { joinPath } from '../record/path.ts'
import { PRICE } from './amount.ts'
import { numberFrom } from './number-action.ts'
import { ticketWords } from './ticket-words.ts'

export const DESK = ['dispatcher', 'manager'] as const
export const STAFF = ['dispatcher', 'manager', 'technician'] as const
export const READERS = [...STAFF, 'office', 'wall'] as const

const PRIORITIES = ['low', 'normal', 'high', 'urgent'] as const

const fields = {
  /** Given by the action `number`, without gaps; null until then. */
  number: text.line({ max: 40 }),
  type: oneOf('repair', 'maintenance', 'installation', 'inspection', 'emergency').default('repair'),
  title: text.line({ max: 200, required: true }),
  description: text.rich(),
  site: ref('site'),
  equipment: text.line({ max: 64 }),
  priority: oneOf(...PRIORITIES)
    .merge('max')
    .default('normal'),
  status: oneOf('open', 'in_progress', 'waiting', 'done', 'closed').default('open'),
  due: time(),
  /** When it was done: written with the status, by `statusPatch`. */
  doneAt: time(),
  assignedTo: ref('user').merge('first'),
  claimedBy: ref('user').merge('first'),
  quote: money(PRICE).merge('review'),
  tags: setOf(text.line({ max: 40 })),
  watchers: setOf(ref('user')),
  partsUsed: counter(),
  checks: log({ kind: oneOf('in', 'out'), note: text.line({ max: 400 }) }),
  comments: list({ body: text.line({ max: 4000 }), mentions: setOf(ref('user')) }, { own: true }),
  times: list({ start: time(), end: time(), note: text.line({ max: 400 }) }, { own: true }),
  attachments: list({ file: blob(), caption: text.line({ max: 400 }) }),
}

type Facts = View<typeof fields>

const derive = {
  minutes: (t: Facts) => t.times.reduce((sum, entry) => sum + minutesOf(entry), 0),
  onSite: (t: Facts) => checkedIn(t.checks),
  isLate: (t: Facts, now: number) => isOpen(t) && t.due !== null && t.due < now,
}

type TicketView = View<typeof fields, DerivedBy<typeof derive>>

export const Ticket = defineRecord('ticket', {
  words: ticketWords,
  fields,
  derive,
  title: t => (t.number === null ? t.title : `${t.number} ${t.title}`),
  row: t => ({
    number: t.number,
    type: t.type,
    title: t.title,
    site: t.site,
    priority: t.priority,
    urgency: PRIORITIES.indexOf(t.priority),
    status: t.status,
    due: t.due,
    changesAt: isOpen(t) ? t.due : null,
    doneAt: t.doneAt,
    assignedTo: t.assignedTo,
    claimedBy: t.claimedBy,
    onSite: t.onSite,
    quote: t.quote,
    tags: t.tags,
    watchers: t.watchers,
    comments: t.comments.length,
    lastCommentAt: t.comments.at(-1)?.at ?? null,
    attachments: t.attachments.length,
    partsUsed: t.partsUsed,
    minutes: t.minutes,
    work: t.times.map(entry => ({ worker: entry.by, start: entry.start, minutes: minutesOf(entry) })),
  }),
  list: {
    orders: [
      'number',
      'title',
      'urgency',
      'status',
      'due',
      'doneAt',
      'comments',
      'minutes',
      'created',
      'updated',
    ],
    equal: ['status', 'type', 'priority', 'site', 'assignedTo', 'claimedBy', 'createdBy'],
    search: ['number', 'title'],
  },
  access: {
    read: {
      $any: [
        { $role: [...READERS] },
        { assignedTo: claim('sub') },
        { claimedBy: claim('sub') },
        { site: { in: claim('sites') } },
      ],
    },
    create: STAFF,
    remove: DESK,
    write: {
      '*': ({ me, t, path }) =>
        t.status !== 'closed' ||
        // With the status goes when it was done.
        ((path === 'status' || path === 'doneAt') && me.is(...DESK)) ||
        'it is closed: open it again first',
      number: false,
      type: STAFF,
      title: STAFF,
      description: STAFF,
      site: DESK,
      priority: STAFF,
      status: STAFF,
      due: DESK,
      assignedTo: DESK,
      claimedBy: ({ me, value }) =>
        me.is(...DESK) ||
        (me.is('technician') && (value === null || value === me.id)) ||
        'a technician claims for themselves only',
      quote: ['office', 'manager'],
      doneAt: STAFF,
      equipment: STAFF,
      tags: STAFF,
      watchers: ({ me, path }) => me.is(...DESK) || path === joinPath('watchers', me.id),
      checks: ['technician', 'dispatcher'],
      comments: [...STAFF, 'office', 'customer'],
      attachments: [...STAFF, 'office', 'customer'],
      times: STAFF,
      partsUsed: STAFF,
    },
    takeOver: { assignedTo: DESK, claimedBy: DESK },
  },
  events: change => ticketSignals(change),
  notify: change => ticketNotices(change),
  actions: { number: numberFrom('ticket', n => `T-${String(n).padStart(4, '0')}`) },
})

/** What to set so that the status, and when it was done, go together. `now` is the record's clock. */
export const statusPatch = <S extends TicketView['status']>(
  status: S,
  now: number,
): { readonly status: S; readonly doneAt?: number | null } =>
  status === 'closed' ? { status } : { status, doneAt: status === 'done' ? Math.floor(now) : null }

/** What has a name of its own among the events; all else is an update of the ticket. */
const TOLD_APART = ['claimedBy', 'checks', 'comments', 'times', 'attachments']

const ticketSignals = (change: Change<TicketView>): Signal[] => {
  const { before, after } = change
  const ticket_id = localId('ticket', after.id)
  const signals: Signal[] = []
  const verb = verbOf(change)
  const isClaimed = after.claimedBy !== null && after.claimedBy !== before.claimedBy
  const isOtherwise =
    (after.claimedBy === null && before.claimedBy !== null) ||
    Object.keys(fields).some(field => !TOLD_APART.includes(field) && change.touched(field))
  if (verb !== 'update') signals.push({ type: 'ticket', action: verb })
  else if (isOtherwise) signals.push({ type: 'ticket', action: 'update' })
  if (isClaimed) signals.push({ type: 'ticket', action: 'claimed', data: { claimed_by: after.claimedBy } })
  for (const id of change.added('checks')) {
    const check = after.checks.find(entry => entry.id === id)
    signals.push({
      type: 'ticket',
      action: check?.kind === 'out' ? 'checked_out' : 'checked_in',
      data: { tech: check?.by ?? change.by, at: check?.at ?? change.at },
    })
  }
  for (const [list, type] of [
    ['comments', 'comment'],
    ['times', 'time_entry'],
    ['attachments', 'attachment'],
  ] as const) {
    const data = (id: string): Signal['data'] => ({ ticket_id, [`${type}_id`]: id })
    signals.push(
      ...change.added(list).map(id => ({ type, action: 'create', data: data(id) ?? {} })),
      ...change.changedIn(list).map(id => ({ type, action: 'update', data: data(id) ?? {} })),
      ...change.removedFrom(list).map(id => ({ type, action: 'delete', data: data(id) ?? {} })),
    )
  }
  return signals.length === 0 ? [{ type: 'ticket', action: 'update' }] : signals
}

const ticketNotices = (change: Change<TicketView>): Notice[] => {
  const { before, after } = change
  const title = after.title
  const name = `«${title}»`
  const notices: Notice[] = []
  const assignee = after.assignedTo !== before.assignedTo ? after.assignedTo : null
  if (assignee !== null) {
    notices.push({
      level: 'info',
      kind: 'assigned',
      several: 'tickets assigned to you',
      params: { title },
      sentence: `${name} is assigned to you`,
      to: [assignee],
    })
  }
  const told = assignee === null ? {} : { except: [assignee] }
  if (after.priority === 'urgent' && before.priority !== 'urgent' && !after.removed) {
    notices.push({
      level: 'error',
      kind: 'urgent',
      several: 'urgent tickets',
      critical: true,
      params: { title },
      sentence: `${name} is urgent`,
    })
  }
  if (change.created) {
    notices.push({
      level: 'info',
      kind: 'ticket_created',
      several: 'new tickets',
      params: { title },
      sentence: `New ticket: ${name}`,
      ...told,
    })
    return notices
  }
  if (change.removed) {
    notices.push({
      level: 'warning',
      kind: 'ticket_deleted',
      several: 'tickets deleted',
      params: { title },
      sentence: `${name} was deleted`,
    })
    return notices
  }
  if (change.restored) {
    notices.push({
      level: 'info',
      kind: 'ticket_restored',
      several: 'tickets restored',
      params: { title },
      sentence: `${name} is back: it was restored`,
    })
  }
  if (after.status !== before.status) {
    notices.push({
      level: 'warning',
      kind: 'status_changed',
      several: 'status changes',
      params: { title, from: before.status, to: after.status },
      sentence: `${name}: ${STATUS_WORDS[before.status]} → ${STATUS_WORDS[after.status]}`,
    })
  }
  if (after.claimedBy !== null && after.claimedBy !== before.claimedBy) {
    notices.push({
      level: 'success',
      kind: 'ticket_claimed',
      several: 'tickets claimed',
      params: { title },
      sentence: `${name} was claimed`,
    })
  }
  const isNew = new Set(change.added('comments'))
  // Whom somebody calls when they mend a comment waits to be told as much as whom they called at first.
  for (const id of [...isNew, ...change.changedIn('comments')]) {
    const comment = entryAt(after.comments, `comments/${id}`)
    const known = entryAt(before.comments, `comments/${id}`)?.mentions ?? []
    const mentions = (comment?.mentions ?? []).filter(user => !known.includes(user))
    const text = excerpt(comment?.body ?? '')
    if (mentions.length > 0) {
      notices.push({
        level: 'info',
        kind: 'mention',
        several: 'mentions of you',
        params: { title, text },
        sentence: `You are mentioned on ${name}: ${text}`,
        to: mentions,
      })
    }
    if (!isNew.has(id)) continue
    notices.push({
      level: 'info',
      kind: 'comment_added',
      several: 'new comments',
      params: { title, text },
      sentence: `New comment on ${name}: ${text}`,
      except: mentions,
    })
  }
  if (change.added('times').length > 0) {
    notices.push({
      level: 'info',
      kind: 'time_logged',
      several: 'time entries',
      params: { title },
      sentence: `Time was logged on ${name}`,
    })
  }
  return notices
}

const STATUS_WORDS: { readonly [S in TicketView['status']]: string } = {
  open: 'open',
  in_progress: 'in progress',
  waiting: 'waiting',
  done: 'done',
  closed: 'closed',
}

const excerpt = (body: string): string => (body.length <= 80 ? body : `${body.slice(0, 79)}…`)

const isOpen = (t: Facts): boolean => t.status !== 'done' && t.status !== 'closed'

const minutesOf = (entry: { readonly start: number | null; readonly end: number | null }): number =>
  entry.start === null || entry.end === null ? 0 : Math.max(0, Math.round((entry.end - entry.start) / 60_000))

/** Whose last check is an `in`. */
const checkedIn = (checks: Facts['checks']): string[] => {
  const last = new Map(checks.map(({ by, kind }) => [by, kind]))
  return [...last].filter(([, kind]) => kind === 'in').map(([user]) => user)
}
