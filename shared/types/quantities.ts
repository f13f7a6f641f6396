// Construction, from what is to be built to what is due for it: bordereau → métrés → décompte.

import { defineRecord } from '../record/define-record.ts'
import { bool, date, integer, list, money, number, oneOf, ref, text } from '../record/field.ts'
import type { OpenRecord } from '../record/open-record.ts'
import { linesTotal, PRICE, QUANTITY } from './amount.ts'
import { OFFICE, readProject, STAFF, STAFF_ONLY } from './construction.ts'
import {
  amountsByLine,
  type DecompteLine,
  decompteTotals,
  measuredQuantity,
  quantitiesByLine,
} from './decompte.ts'
import { bordereauWords, metreWords, decomptWords } from './quantities-words.ts'

export const Bordereau = defineRecord('bordereau', {
  words: bordereauWords,
  fields: {
    project: ref('project'),
    title: text.line({ max: 200 }),
    lines: list(
      {
        number: text.line({ max: 40 }),
        designation: text.line({ max: 1000 }),
        unit: text.line({ max: 16 }),
        quantity: number(QUANTITY),
        unitPrice: money(PRICE).merge('review'),
      },
      { order: 'manual' },
    ),
  },
  derive: {
    amounts: t => amountsByLine(t.lines),
    total: t => linesTotal(t.lines.map(({ quantity, unitPrice }) => ({ quantity, price: unitPrice }))),
  },
  belongsTo: 'project',
  row: t => ({ project: t.project, title: t.title, lines: t.lines.length, total: t.total }),
  list: { orders: ['title', 'created', 'updated'], equal: ['project'], search: ['title'] },
  access: {
    read: readProject,
    create: OFFICE,
    remove: OFFICE,
    write: { '*': STAFF, 'lines.unitPrice': ['office'] },
  },
})

export const Metre = defineRecord('metre', {
  words: metreWords,
  fields: {
    project: ref('project'),
    periode: ref('periode'),
    bordereau: ref('bordereau'),
    title: text.line({ max: 200 }),
    measuredOn: date(),
    lines: list(
      {
        /** The id of a line of the bordereau. */
        line: text.line({ max: 64 }),
        location: text.line({ max: 200 }),
        count: number({ min: -1e6, max: 1e6 }),
        length: number(QUANTITY),
        width: number(QUANTITY),
        height: number(QUANTITY),
        /** Read off instead of multiplied. */
        quantity: number({ min: -QUANTITY.max, max: QUANTITY.max }),
        note: text.line({ max: 400 }),
      },
      { order: 'manual' },
    ),
    /** Signed for: the quantities stand in an attachement from then on. */
    agreed: bool().default(false),
  },
  derive: {
    quantities: t => Object.fromEntries(t.lines.map(line => [line.id, measuredQuantity(line)])),
    byLine: t => Object.fromEntries(quantitiesByLine([t])),
  },
  belongsTo: 'project',
  row: t => ({
    project: t.project,
    periode: t.periode,
    bordereau: t.bordereau,
    title: t.title,
    measuredOn: t.measuredOn,
    lines: t.lines.length,
    byLine: t.byLine,
    agreed: t.agreed,
  }),
  list: {
    orders: ['measuredOn', 'title', 'created', 'updated'],
    equal: ['project', 'periode', 'bordereau', 'createdBy'],
    search: ['title'],
  },
  access: {
    read: readProject,
    create: STAFF,
    remove: ({ me, t }) => !t.agreed && (me.is(...OFFICE) || t.createdBy === me.id),
    write: {
      '*': ({ me, t, path }) =>
        me.is(...STAFF) ? !t.agreed || path === 'agreed' || 'it was agreed: withdraw that first' : STAFF_ONLY,
      agreed: OFFICE,
    },
  },
})

export const Decompt = defineRecord('decompt', {
  words: decomptWords,
  fields: {
    project: ref('project'),
    periode: ref('periode'),
    bordereau: ref('bordereau'),
    number: integer({ min: 1 }),
    date: date(),
    /** Under the ids of the bordereau's lines, so that drawing it up twice changes quantities and adds nothing. */
    lines: list(
      {
        number: text.line({ max: 40 }),
        designation: text.line({ max: 1000 }),
        unit: text.line({ max: 16 }),
        unitPrice: money(PRICE).merge('review'),
        quantity: number({ min: -QUANTITY.max, max: QUANTITY.max }),
      },
      { order: 'manual' },
    ),
    retentionPercent: number({ min: 0, max: 100 }).default(10),
    vatPercent: number({ min: 0, max: 100 }).default(20),
    alreadyPaid: money({ min: 0 }).default(0),
    state: oneOf('draft', 'issued', 'paid').default('draft'),
  },
  derive: { amounts: t => amountsByLine(t.lines), totals: t => decompteTotals(t) },
  belongsTo: 'project',
  title: (t, say) => say('Décompte {}', t.number ?? ''),
  row: t => ({
    project: t.project,
    periode: t.periode,
    bordereau: t.bordereau,
    number: t.number,
    date: t.date,
    state: t.state,
    ...t.totals,
  }),
  list: {
    orders: ['number', 'date', 'netDue', 'created', 'updated'],
    equal: ['project', 'periode', 'state'],
  },
  access: {
    read: readProject,
    create: OFFICE,
    remove: ({ me, t }) => t.state === 'draft' && me.is(...OFFICE),
    write: {
      '*': ({ me, t, path }) =>
        me.is(...OFFICE)
          ? t.state === 'draft' || path === 'state' || 'it was issued: make it a draft again first'
          : 'only the office writes a décompte',
      'lines.unitPrice': ['office'],
    },
  },
  notify: ({ before, after }) =>
    before.state === 'draft' && after.state === 'issued'
      ? [
          {
            level: 'info',
            kind: 'decompte_issued',
            several: 'décomptes issued',
            params: { number: after.number ?? '' },
            sentence: `Décompte ${after.number ?? ''} was issued`,
            roles: [...OFFICE],
          },
        ]
      : [],
})

/** Writes the lines that `decompteLines` drew up; a line nothing is measured for any more goes to zero. */
export const drawUp = (
  decompt: OpenRecord<typeof Decompt>,
  lines: ReadonlyMap<string, DecompteLine>,
): void => {
  const entries = decompt.list('lines')
  for (const { id } of entries.entries) if (!lines.has(id)) entries.set(id, { quantity: 0 })
  for (const [id, line] of lines) {
    if (entries.get(id) === null) entries.add(line, { id })
    else entries.set(id, line)
  }
}
