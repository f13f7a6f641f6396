import { counter, defineRecord, list, log, money, oneOf, ref, setOf, text } from '../../shared/index.ts'

/** One field of every kind, and rules of every kind. */
export const Ticket = defineRecord('ticket', {
  fields: {
    title: text.line({ max: 200, required: true }),
    description: text.rich(),
    notes: text.plain({ max: 1000 }),
    status: oneOf('open', 'in_progress', 'waiting', 'done', 'closed').default('open'),
    priority: oneOf('low', 'normal', 'high', 'urgent').merge('max'),
    site: ref('site'),
    claimedBy: ref('user').merge('first'),
    quote: money().merge('review'),
    tags: setOf(text.line({ max: 40 })),
    partsUsed: counter(),
    checks: log({ kind: oneOf('in', 'out') }),
    comments: list({ body: text.line({ max: 4000 }), mentions: setOf(ref('user')) }, { own: true }),
    damages: list({ where: text.line({ required: true }), note: text.line() }),
    steps: list({ label: text.line(), done: oneOf('yes') }, { order: 'manual' }),
  },
  derive: { openSteps: t => t.steps.filter(step => step.done === null).length },
  row: t => ({ title: t.title, status: t.status, site: t.site, comments: t.comments.length }),
  access: {
    read: { $any: [{ site: null }, { site: { ne: 'site:secret' } }, { $role: ['office'] }] },
    write: {
      '*': ({ me }) => !me.is('reader') || me.roles.includes('admin') || 'readers may not write',
      quote: ['office'],
      title: ({ t }) => t.status !== 'closed' || 'the ticket is closed: reopen it first',
    },
    takeOver: { claimedBy: ['dispatcher'] },
    remove: ['office', 'dispatcher'],
  },
  actions: {
    close: {
      args: { note: text.line() },
      run: ({ set }) => {
        set({ status: 'closed' })
        return 'closed'
      },
    },
  },
})
