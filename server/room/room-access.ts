// Who may be in a room, and whether they are there to read only.

import { ruleRefusal } from '../../shared/record/access.ts'
import type { RecordType } from '../../shared/record/record-type.ts'
import { type FilterSubject, matches, type Row } from '../../shared/record/filter.ts'
import type { Sender } from './judging.ts'

/**
 * A record that does not exist yet can be read by who is about to create it, unless its id alone says that they could
 * not read it then: nobody waits in another's inbox for the first thing to be put there.
 */
export const mayRead = (
  type: RecordType | null,
  id: string,
  row: () => Row | null,
  { me }: { readonly me: FilterSubject },
): boolean => {
  const read = type?.access.read
  if (type === null || read === undefined || me.roles.includes('admin')) return true
  const known = row()
  if (known !== null) return matches(read, known, me, type.list.search)
  return read['id'] === undefined || matches({ id: read['id'] }, { id }, me)
}

/** As far as can be told without a write: rules that look at the record are asked at each write. */
export const isReadOnly = (type: RecordType | null, id: string, { me }: Sender): boolean => {
  const rule = type?.access.write?.['*']
  if (rule === undefined || typeof rule === 'function' || me.roles.includes('admin')) return false
  const view = { id, created: null, createdBy: '', removed: false }
  return ruleRefusal(rule, { path: '', value: null, me, view: () => view }) !== null
}
