import { counter, defineRecord, list, money, oneOf, ref, setOf, text } from '../../shared/index.ts'

export const Ticket = defineRecord('ticket', {
  fields: {
    title: text.line({ required: true, max: 200 }),
    status: oneOf('open', 'in_progress', 'done', 'closed').default('open'),
    price: money().merge('review'),
    tech: ref('user').merge('first'),
    description: text.rich(),
    notes: text.plain(),
    tags: setOf(text.line()),
    stock: counter(),
    items: list({ name: text.line(), quantity: money() }),
  },
  row: t => ({ title: t.title, status: t.status, tech: t.tech }),
  list: { orders: ['title', 'status'], equal: ['status', 'tech'], search: ['title'] },
})
