import { counter, defineRecord, list, money, oneOf, ref, setOf, text } from '../../shared/index.ts'

const fields = {
  title: text.line({ required: true, max: 200 }),
  status: oneOf('open', 'in_progress', 'done', 'closed').default('open'),
  price: money().merge('review'),
  tech: ref('user').merge('first'),
  description: text.rich(),
  notes: text.plain(),
  tags: setOf(text.line()),
  stock: counter(),
  items: list({ name: text.line(), quantity: money() }),
}

const lists = {
  orders: ['title', 'status', 'created', 'updated'],
  equal: ['status', 'tech'],
  search: ['title'],
}

export const Ticket = defineRecord('ticket', {
  fields,
  row: t => ({ title: t.title, status: t.status, tech: t.tech }),
  list: lists,
})

/** What belongs to a ticket; everybody else is told of a new one. */
export const Part = defineRecord('part', {
  fields: { ticket: ref('ticket'), name: text.line() },
  belongsTo: 'ticket',
  row: t => ({ ticket: t.ticket, name: t.name }),
  list: { orders: ['name'], equal: ['ticket'] },
  notify: ({ created, after }) =>
    created
      ? [{ level: 'info', kind: 'part_added', several: 'new parts', sentence: `New part: ${after.name}` }]
      : [],
})

/** The same, for a server that has made up its mind who may close one. */
export const ticketClosedBy = (role: string) =>
  defineRecord('ticket', {
    fields,
    row: t => ({ title: t.title, status: t.status, tech: t.tech }),
    list: lists,
    access: {
      write: {
        status: ({ me, value }) => value !== 'closed' || me.is(role) || `only the ${role} may close it`,
      },
    },
  })
