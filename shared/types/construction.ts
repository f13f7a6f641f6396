// Construction: what belongs to a project refers to it, so that one subscription brings all of it.

import { defineRecord } from '../record/define-record.ts'
import type { AnyView, Message, Rule, Signal } from '../record/record-type.ts'
import { localId } from '../record/room-name.ts'
import { entryAt } from '../record/change.ts'
import { blob, bool, date, integer, list, number, oneOf, ref, setOf, text, time } from '../record/field.ts'
import { claim, type Filter } from '../record/filter.ts'
import type { Value } from '../record/value.ts'
import { QUANTITY } from './amount.ts'
import { projectWords, periodeWords, photoWords, pvWords, attachmentWords } from './construction-words.ts'

export const STAFF = ['engineer', 'office', 'project_manager'] as const
export const OFFICE = ['office', 'project_manager'] as const
export const STAFF_ONLY = 'only those who work on the project may change this'

/** Whoever works here, and an outsider whose token names the project (`projects: ['project:1']`). */
export const readProject: Filter = {
  $any: [{ $role: [...STAFF] }, { project: { in: claim('projects') } }],
}

export const Project = defineRecord('project', {
  words: projectWords,
  fields: {
    objet: text.line({ max: 300, required: true }),
    number: text.line({ max: 40 }),
    client: text.line({ max: 200 }),
    place: text.line({ max: 200 }),
    start: date(),
    deadline: date(),
    state: oneOf('planned', 'active', 'suspended', 'closed').default('planned'),
    manager: ref('user'),
    engineers: setOf(ref('user')),
    /** ISO 4217, of all money in the project. */
    currency: text.line({ max: 3 }).default('EUR'),
    notes: text.rich(),
  },
  derive: {
    isLate: (t, now) => t.state !== 'closed' && t.deadline !== null && endOfDay(t.deadline) <= now,
  },
  title: t => t.objet,
  row: t => ({
    /** Itself, so that one condition finds a project and all that belongs to it. */
    project: `project:${localId('project', t.id)}`,
    objet: t.objet,
    number: t.number,
    client: t.client,
    place: t.place,
    start: t.start,
    deadline: t.deadline,
    changesAt: t.state === 'closed' || t.deadline === null ? null : endOfDay(t.deadline),
    state: t.state,
    manager: t.manager,
    engineers: t.engineers,
    currency: t.currency,
  }),
  list: {
    orders: ['objet', 'number', 'start', 'deadline', 'created', 'updated'],
    equal: ['project', 'state', 'manager', 'client', 'createdBy'],
    search: ['objet', 'number', 'client', 'place'],
  },
  access: {
    read: readProject,
    create: STAFF,
    remove: ['project_manager'],
    write: {
      '*': ({ me, t, path }) =>
        me.is(...STAFF)
          ? t.state !== 'closed' ||
            (path === 'state' && me.is('project_manager')) ||
            'the project is closed: ask its manager to open it again'
          : STAFF_ONLY,
      number: OFFICE,
      state: OFFICE,
      manager: ['project_manager'],
      currency: OFFICE,
    },
  },
  notify: ({ before, after }) => {
    const to = [after.manager, ...after.engineers].filter(
      (user): user is string => user !== null && user !== before.manager && !before.engineers.includes(user),
    )
    return to.length === 0
      ? []
      : [
          {
            level: 'info',
            kind: 'assigned',
            several: 'projects you work on',
            params: { title: after.objet ?? '' },
            sentence: `You work on «${after.objet}» now`,
            to: [...new Set(to)],
          },
        ]
  },
})

export const Periode = defineRecord('periode', {
  words: periodeWords,
  fields: {
    project: ref('project'),
    number: integer({ min: 1 }),
    from: date(),
    to: date(),
    state: oneOf('open', 'closed').default('open'),
  },
  belongsTo: 'project',
  title: (t, say) => say('Période {} ({} – {})', t.number ?? '', t.from ?? '…', t.to ?? '…'),
  list: { orders: ['number', 'from', 'created', 'updated'], equal: ['project', 'state'] },
  access: {
    read: readProject,
    create: OFFICE,
    remove: OFFICE,
    write: {
      '*': ({ t, path }) => t.state === 'open' || path === 'state' || 'the période is closed: open it first',
      from: STAFF,
      to: STAFF,
      state: OFFICE,
    },
  },
})

export const Photo = defineRecord('photo', {
  words: photoWords,
  fields: {
    project: ref('project'),
    file: blob({ types: ['image/*'], maxBytes: 25e6 }),
    caption: text.line({ max: 400 }),
    takenAt: time(),
    takenBy: ref('user'),
    place: text.line({ max: 200 }),
  },
  belongsTo: 'project',
  title: (t, say) => t.caption ?? say('Photo'),
  list: {
    orders: ['takenAt', 'created', 'updated'],
    equal: ['project', 'takenBy'],
    search: ['caption', 'place'],
  },
  access: { read: readProject, create: STAFF, remove: ownOr(OFFICE), write: { '*': STAFF } },
})

export const Pv = defineRecord('pv', {
  words: pvWords,
  fields: {
    project: ref('project'),
    title: text.line({ max: 200 }),
    date: date(),
    place: text.line({ max: 200 }),
    present: setOf(text.line({ max: 100 })),
    points: list(
      {
        body: text.line({ max: 4000 }),
        responsible: text.line({ max: 100 }),
        due: date(),
        done: bool().default(false),
      },
      { order: 'manual' },
    ),
    decisions: list({ body: text.line({ max: 4000 }) }, { order: 'manual' }),
    notes: text.rich(),
    signed: bool().default(false),
  },
  belongsTo: 'project',
  title: (t, say) => t.title ?? say('PV {}', t.date ?? ''),
  row: t => ({
    project: t.project,
    title: t.title,
    date: t.date,
    place: t.place,
    present: t.present,
    points: t.points.length,
    openPoints: t.points.filter(point => !point.done).length,
    decisions: t.decisions.length,
    signed: t.signed,
  }),
  list: {
    orders: ['date', 'created', 'updated'],
    equal: ['project', 'createdBy'],
    search: ['title', 'place'],
  },
  access: {
    read: readProject,
    create: STAFF,
    remove: ownOr(OFFICE),
    write: {
      '*': ({ me, t, path }) =>
        me.is(...STAFF)
          ? !t.signed || path === 'signed' || 'the PV is signed: withdraw that first'
          : STAFF_ONLY,
    },
  },
})

const SIGNED_STAYS = 'a signature is withdrawn, not changed'

export const Attachment = defineRecord('attachment', {
  words: attachmentWords,
  fields: {
    project: ref('project'),
    title: text.line({ max: 200 }),
    kind: oneOf('attachement', 'plan', 'contract', 'invoice', 'letter', 'other').default('other'),
    file: blob({ maxBytes: 100e6 }),
    periode: ref('periode'),
    /** Of an attachement: the quantities both sides signed for. */
    lines: list({
      line: text.line({ max: 64 }),
      designation: text.line({ max: 1000 }),
      unit: text.line({ max: 16 }),
      quantity: number({ min: -QUANTITY.max, max: QUANTITY.max }),
    }),
    signedBy: setOf(text.line({ max: 100 })),
    signedOn: date(),
    /** By hand on the glass. `mark`: the strokes, as the path of an SVG in a box of 600 × 200. */
    signatures: list({
      name: text.line({ max: 100, required: true }),
      mark: text.line({ max: 12_000, required: true }),
    }),
  },
  belongsTo: 'project',
  title: (t, say) => t.title ?? t.file?.name ?? say('Attachment'),
  row: t => ({
    project: t.project,
    title: t.title,
    kind: t.kind,
    file: t.file,
    periode: t.periode,
    lines: t.lines.length,
    signedBy: [...new Set([...t.signedBy, ...t.signatures.map(({ name }) => name ?? '')])],
    signedOn: t.signedOn,
  }),
  list: { orders: ['title', 'created', 'updated'], equal: ['project', 'kind', 'periode'], search: ['title'] },
  access: {
    read: readProject,
    create: STAFF,
    remove: ownOr(OFFICE),
    write: {
      '*': ({ me, t, path }) =>
        me.is(...STAFF)
          ? (t.signedOn === null && t.signatures.length === 0) ||
            path === 'signedOn' ||
            path.startsWith('signatures/') ||
            'it is signed: withdraw that first'
          : STAFF_ONLY,
      // Both sides sign one after the other. What stands under a name is taken away, but never altered.
      'signatures.name': ({ t, path }) => (entryAt(t.signatures, path)?.name ?? '') === '' || SIGNED_STAYS,
      'signatures.mark': ({ t, path }) => (entryAt(t.signatures, path)?.mark ?? '') === '' || SIGNED_STAYS,
    },
  },
})

export interface BusEvent {
  readonly name: string
  readonly detail: Message
}

/** What the client's event bus says of a change: `project:updated`, then `data:changed`. */
export const busEvents = (signal: Signal, id: string, data: Value): readonly BusEvent[] => {
  const detail = { type: signal.action, entity: signal.type, entityId: localId(signal.type, id), data }
  return [
    { name: `${signal.type}:updated`, detail },
    { name: 'data:changed', detail },
  ]
}

/** The midnight that ends the day by the clocks of whoever asks, and over REST by those of the server. */
const endOfDay = (day: string): number => {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  return new Date(year, month - 1, date + 1).getTime()
}

function ownOr(roles: readonly string[]): Rule<AnyView> {
  return ({ me, t }) =>
    t.createdBy === me.id || me.is(...roles) || 'only who made it, or the office, may do this'
}
