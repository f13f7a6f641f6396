// Who could read a record before a change, and may not any more, is told that it is gone, where they ask for that.
// Whatever else they hold of it would else stay as they last read it.

import { fieldsInFilter, matches, type Row } from '../../shared/record/filter.ts'
import type { RecordType } from '../../shared/record/record-type.ts'
import { sameValue } from '../../shared/record/value.ts'
import type { Principal } from '../access/principal.ts'
import type { RecordEvent } from './event.ts'

/** What `access.read` asks of the row, as it was; null where all of that is as before. */
export const sightBefore = ({ access }: RecordType, rowBefore: () => Row | null, after: Row): Row | null => {
  const before = access.read === undefined ? null : rowBefore()
  if (access.read === undefined || before === null) return null
  const fields = fieldsInFilter(access.read)
  if (fields.every(field => sameValue(before[field] ?? null, after[field] ?? null))) return null
  return Object.fromEntries(['id', ...fields].map(field => [field, before[field] ?? null])) as Row
}

export const couldRead = (type: RecordType, { was }: RecordEvent, principal: Principal): boolean =>
  was !== undefined && matches(type.access.read ?? {}, was, principal, type.list.search)

/** Nothing of what happened, which is not theirs to know. */
export const goneEvent = ({ record, type, at, commit, cursor, seq, was }: RecordEvent): RecordEvent => {
  const gone: RecordEvent = {
    record,
    type,
    action: 'gone',
    signals: [{ type, action: 'gone' }],
    by: '',
    name: '',
    at,
    commit,
    changes: [],
    cursor,
    seq,
    hash: '',
  }
  // It is looked at again before it goes out, as any event.
  return Object.defineProperty(gone, 'was', { value: was })
}
