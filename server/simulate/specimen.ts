// The record that simulated people edit: every kind of field, every policy, at the top and inside entries.

import { defineRecord } from '../../shared/record/define-record.ts'
import {
  bool,
  counter,
  integer,
  list,
  log,
  money,
  oneOf,
  ref,
  setOf,
  text,
} from '../../shared/record/field.ts'

export const DISPATCHER = 'dispatcher'

export const JUDGED_FIELDS: readonly string[] = ['status', 'claimedBy']

export const Specimen = defineRecord('specimen', {
  fields: {
    title: text.line({ max: 200 }),
    status: oneOf('open', 'working', 'done').default('open'),
    priority: oneOf('low', 'normal', 'high', 'urgent').merge('max'),
    floor: integer().merge('min'),
    claimedBy: ref('user').merge('first'),
    quote: money().merge('review'),
    tags: setOf(text.line({ max: 40 })),
    parts: counter(),
    scans: log({ item: text.line(), quantity: integer() }),
    notes: text.rich(),
    comments: list({ body: text.line(), mentions: setOf(ref('user')) }, { own: true }),
    lines: list(
      {
        name: text.line(),
        done: bool(),
        level: integer().merge('max'),
        worker: ref('user').merge('first'),
        flags: setOf(text.line()),
        used: counter(),
      },
      { order: 'manual' },
    ),
  },
  derive: {
    used: t => t.lines.reduce((sum, line) => sum + line.used, t.parts),
    names: t => t.lines.map(line => line.name ?? ''),
    age: (t, now) => (t.created === null ? 0 : Math.floor((now - t.created) / 3_600_000)),
  },
  access: {
    // It refuses nothing; that it looks at two fields makes devices keep what they overwrite there until it is saved.
    write: { '*': ({ t }) => [t.status, t.claimedBy].length > 0 },
    takeOver: { claimedBy: [DISPATCHER], 'lines.worker': [DISPATCHER] },
  },
})
