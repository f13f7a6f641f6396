// Whether a person could write anything at all at a path, known before they try: what takes nothing is shown as text,
// with the reason. The rules are those of the schema, asked with the values that pass where a rule looks at the value.

import { permissionProblem, ruleRefusal } from './access.ts'
import type { CellIndex } from './cell-index.ts'
import { CREATED, escapeSegment, firstSegment, RECORD_PATH } from './path.ts'
import type { AnyView, Me, RecordType } from './record-type.ts'
import type { Problem } from './record-error.ts'
import { isSlot, type Slot, slotAt } from './slot.ts'
import type { Value } from './value.ts'
import { entryAuthor } from './writer.ts'

export interface Locking {
  readonly type: RecordType
  readonly index: CellIndex
  readonly me: Me
  readonly view: () => AnyView
}

/** As in the schema: all fields of a record. */
const ALL = '*'

/** Of a set, a list, a log, a counter: whether something can be added. Of the record's own path: whether it can go. */
export const lockedAt = ({ type, index, me, view }: Locking, path: string): Problem | null => {
  if (path !== RECORD_PATH && view()['removed'] === true)
    return { code: 'REMOVED', path, sentence: 'was removed: restore it before changing it' }
  if (path === ALL) {
    if (me.roles.includes('admin')) return null
    const sentence = ruleRefusal(type.access.write?.[ALL], { path, value: null, me, view })
    return sentence === null ? null : { code: 'NOT_PERMITTED', path, sentence }
  }
  let first: Problem | null = null
  for (const [at, slot] of probesAt(type, path, me)) {
    const question = {
      type,
      slot,
      path: at,
      me,
      view,
      entryAuthor: slot.own ? entryAuthor(index, at) : null,
    }
    const values: Value[] = [index.at(at)[0]?.value ?? true, null, me.id]
    for (const value of values) {
      const problem = permissionProblem({ ...question, value })
      if (problem === null) return null
      first ??= problem
    }
  }
  return first === null ? null : { ...first, path }
}

const probesAt = (type: RecordType, path: string, me: Me): readonly (readonly [string, Slot])[] => {
  const slot = slotAt(type, path)
  if (isSlot(slot)) return [[path, slot]]
  const field = type.fields[firstSegment(path)]
  if (field?.kind === 'text' && !path.includes('/')) return [[path, TEXT]]
  // What one adds for oneself is the least that a rule lets through.
  const ends = [CREATED, `new/${CREATED}`, escapeSegment(me.id), 'new', '1']
  return ends.flatMap(end => {
    const at = `${path}/${end}`
    const inner = slotAt(type, at)
    return isSlot(inner) && inner.kind !== 'entryRemoved' ? [[at, inner] as const] : []
  })
}

/** Letters of a text are no register, and its rule sees no value. */
const TEXT: Slot = { kind: 'cell', field: null, policy: 'last', part: null, own: false }
