// People, as all five systems name them. What a person may do is in their token, not here.

import { defineRecord } from '../record/define-record.ts'
import { localId } from '../record/room-name.ts'
import { bool, setOf, text } from '../record/field.ts'
import { userWords } from './people-words.ts'

export const User = defineRecord('user', {
  words: userWords,
  fields: {
    name: text.line({ max: 100, required: true }),
    email: text.line({ max: 200 }),
    phone: text.line({ max: 40 }),
    roles: setOf(text.line({ max: 40 })),
    active: bool().default(true),
  },
  row: t => ({ name: t.name, email: t.email, phone: t.phone, roles: t.roles, active: t.active }),
  list: { orders: ['name', 'created', 'updated'], equal: ['active'], search: ['name', 'email'] },
  access: {
    create: ['admin'],
    remove: ['admin'],
    write: {
      '*': ({ me, t }) => localId('user', t.id) === me.id || 'only you, or an administrator, may change this',
      roles: ['admin'],
      active: ['admin'],
    },
  },
})
