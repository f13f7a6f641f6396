// What this app is about. Types, merge rules, lists, permissions, events and the REST interface follow from here.
import { defineRecord, oneOf, ref, text } from 'corecord/shared'

export const Task = defineRecord('task', {
  fields: {
    title: text.line({ max: 200, required: true }),
    state: oneOf('open', 'doing', 'done').default('open'),
    // Two people may take it at once, even off line: the first that the server confirms has it.
    takenBy: ref('user').merge('first'),
    // Merges letter by letter.
    notes: text.plain(),
  },
  row: t => ({ title: t.title, state: t.state, takenBy: t.takenBy }),
  list: { equal: ['state'] },
  title: t => t.title ?? 'a task',
})

export const records = [Task]
