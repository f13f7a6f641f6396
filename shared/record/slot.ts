// What a path means in a record type: which field, which part of it, and what may be written there. The one
// place where the grammar of paths meets the schema.

import type { RecordType } from './record-type.ts'
import type { CellField, Field } from './field.ts'
import { ACTIONS, CREATED, RECORD_PATH, RESULTS, splitPath, unescapeSegment } from './path.ts'
import type { CellPolicy } from './policy.ts'
import { isPosition } from './position.ts'
import type { Problem } from './record-error.ts'
import { type Value, valueProblem } from './value.ts'
import { isObject } from '../is-object.ts'

export type SlotKind =
  /** A register of its own: a field, or a field of a list entry. */
  | 'cell'
  /** One element of a set: true or false. */
  | 'element'
  /** What one client id has added to a counter. */
  | 'share'
  /** A whole immutable entry of a log. */
  | 'log'
  /** That an entry, or the record, was created: by whom and when. */
  | 'entryCreated'
  | 'created'
  /** The tombstone of an entry, or of the record. */
  | 'entryRemoved'
  | 'removed'
  /** Where an entry stands in a list that people order by hand. */
  | 'position'
  | 'action'
  /** Witnesses and results: only the server writes here. */
  | 'server'

export interface Slot {
  readonly kind: SlotKind
  readonly field: CellField<unknown, unknown> | null
  readonly policy: CellPolicy
  /** The field of an entry that the path lies in. */
  readonly part: string | null
  readonly own: boolean
}

export const slotAt = (type: RecordType, path: string): Slot | Problem => {
  const segments = splitPath(path)
  const [head = ''] = segments
  if (path === RECORD_PATH) return REMOVED
  if (head.startsWith('$')) return systemSlot(segments) ?? unknown(type, path)
  const field = Object.hasOwn(type.fields, head) ? type.fields[head] : undefined
  if (field === undefined) return unknown(type, path)
  const [, key, part, element] = segments
  switch (field.kind) {
    case 'cell':
      return segments.length === 1 ? cellSlot(field, null, false) : unknown(type, path)
    case 'set':
      return segments.length === 2 ? slotFor('element', field.element) : unknown(type, path)
    case 'counter':
      return segments.length === 2 ? SHARE : unknown(type, path)
    case 'log':
      return segments.length === 2 ? LOG : unknown(type, path)
    case 'text':
      return unknown(type, path)
    case 'list': {
      if (key === undefined) return unknown(type, path)
      if (part === undefined) return field.own ? OWN_ENTRY_REMOVED : ENTRY_REMOVED
      if (part === CREATED && segments.length === 3) return field.own ? OWN_ENTRY_CREATED : ENTRY_CREATED
      if (part === 'pos' && field.order === 'manual' && segments.length === 3)
        return field.own ? OWN_POSITION : POSITION
      const inner = Object.hasOwn(field.entry, part) ? field.entry[part] : undefined
      if (inner === undefined) return unknown(type, path)
      if (inner.kind === 'cell' && segments.length === 3) return cellSlot(inner, part, field.own)
      if (inner.kind === 'set' && segments.length === 4 && element !== undefined) {
        return slotFor('element', inner.element, part, field.own)
      }
      if (inner.kind === 'counter' && segments.length === 4) return slotFor('share', null, part, field.own)
      return unknown(type, path)
    }
  }
}

export const isSlot = (slot: Slot | Problem): slot is Slot => !('code' in slot)

/** Why this value cannot stand at this path, or null. Permission is judged elsewhere. */
export const writeProblem = (type: RecordType, slot: Slot, path: string, value: Value): Problem | null => {
  const unfit = valueProblem(value)
  if (unfit !== null) return { code: 'BAD_VALUE', path, sentence: unfit }
  const wrong = slotProblem(type, slot, path, value)
  return wrong === null ? null : { code: 'BAD_VALUE', path, sentence: wrong }
}

export const noLongerWritten = (instead: string): string => `is no longer written: use ${instead}`

const slotProblem = (type: RecordType, slot: Slot, path: string, value: Value): string | null => {
  switch (slot.kind) {
    case 'cell': {
      const field = slot.field
      if (field === null) return null
      if (field.deprecatedFor !== null) return noLongerWritten(field.deprecatedFor)
      if (value === null) return field.required ? 'must not be empty' : null
      return field.spec.check(value)
    }
    case 'element':
      return typeof value !== 'boolean' ? 'must be true (in the set) or false' : elementProblem(slot, path)
    case 'share':
      return typeof value === 'number' && Number.isSafeInteger(value) ? null : 'must be a whole number'
    case 'created':
    case 'entryCreated':
      return value === true ? null : 'must be true'
    case 'removed':
      return value === null || isRemoval(value, isStateVector) ? null : 'must be a tombstone or null'
    case 'entryRemoved':
      return value === null || isRemoval(value, isSeenList) ? null : 'must be a tombstone or null'
    case 'position':
      return typeof value === 'string' && isPosition(value) ? null : 'must be a position'
    case 'log':
      return logProblem(type, path, value)
    case 'action':
      return actionProblem(type, value)
    case 'server':
      return null
  }
}

const elementProblem = (slot: Slot, path: string): string | null => {
  const key = splitPath(path).at(-1) ?? ''
  return slot.field?.spec.check(unescapeSegment(key)) ?? null
}

const logProblem = (type: RecordType, path: string, value: Value): string | null => {
  const field = type.fields[splitPath(path)[0] ?? '']
  return field?.kind === 'log' ? partsProblem(field.entry, value) : null
}

const actionProblem = (type: RecordType, value: Value): string | null => {
  if (!isObject(value) || typeof value['name'] !== 'string') return 'must be {name, args}'
  const action = Object.hasOwn(type.actions, value['name']) ? type.actions[value['name']] : undefined
  if (action === undefined) return `${type.name} has no action ${value['name']}`
  return partsProblem(action.args, value['args'] ?? {})
}

const partsProblem = (
  fields: { readonly [name: string]: CellField<unknown, unknown> },
  value: Value,
): string | null => {
  if (!isObject(value)) return 'must be an object'
  for (const key of Object.keys(value)) if (!Object.hasOwn(fields, key)) return `has no field ${key}`
  for (const [key, field] of Object.entries(fields)) {
    const part = value[key] ?? null
    const problem = part === null ? (field.required ? 'must not be empty' : null) : field.spec.check(part)
    if (problem !== null) return `${key} ${problem}`
  }
  return null
}

const isRemoval = (value: Value, isSeen: (seen: Value) => boolean): boolean =>
  isObject(value) && Object.keys(value).length === 1 && isSeen(value['seen'] ?? null)
const isSeenList = (seen: Value): boolean => Array.isArray(seen) && seen.every(isCellName)
const isCellName = (name: Value): boolean =>
  Array.isArray(name) &&
  name.length === 3 &&
  Number.isSafeInteger(name[0]) &&
  Number.isSafeInteger(name[1]) &&
  typeof name[2] === 'string'
const isStateVector = (seen: Value): boolean =>
  isObject(seen) && Object.values(seen).every(Number.isSafeInteger)

const slotFor = (
  kind: SlotKind,
  field: CellField<unknown, unknown> | null,
  part: string | null = null,
  own = false,
): Slot => ({
  kind,
  field,
  policy: 'last',
  part,
  own,
})

const cellSlots = new WeakMap<CellField<unknown, unknown>, Slot>()
const cellSlot = (field: CellField<unknown, unknown>, part: string | null, own: boolean): Slot => {
  const known = cellSlots.get(field)
  if (known !== undefined && known.part === part && known.own === own) return known
  const slot: Slot = { kind: 'cell', field, policy: field.policy, part, own }
  cellSlots.set(field, slot)
  return slot
}

const REMOVED = slotFor('removed', null)
const SHARE = slotFor('share', null)
const LOG = slotFor('log', null)
const ENTRY_REMOVED = slotFor('entryRemoved', null)
const OWN_ENTRY_REMOVED = slotFor('entryRemoved', null, null, true)
const ENTRY_CREATED = slotFor('entryCreated', null)
const OWN_ENTRY_CREATED = slotFor('entryCreated', null, null, true)
const POSITION = slotFor('position', null)
const OWN_POSITION = slotFor('position', null, null, true)
const SERVER = slotFor('server', null)
const ACTION = slotFor('action', null)
const RECORD_CREATED = slotFor('created', null)

const systemSlot = (segments: readonly string[]): Slot | null => {
  if (segments.length === 1 && segments[0] === CREATED) return RECORD_CREATED
  if (segments.length !== 2) return null
  return segments[0] === ACTIONS ? ACTION : segments[0] === RESULTS || segments[0] === '$w' ? SERVER : null
}

const unknown = (type: RecordType, path: string): Problem => {
  const head = splitPath(path)[0] ?? ''
  if (Object.hasOwn(type.derive, head)) {
    return { code: 'READ_ONLY_FIELD', path, sentence: 'is derived from other fields and cannot be written' }
  }
  const field = Object.hasOwn(type.fields, head) ? type.fields[head] : undefined
  const sentence =
    field === undefined
      ? `is no field of ${type.name}`
      : path === head
        ? asAWhole(field)
        : `is no part of ${type.name}.${head}`
  return { code: 'BAD_PATH', path, sentence }
}

const asAWhole = ({ kind }: Field): string => {
  switch (kind) {
    case 'set':
      return 'is a set: its elements are added and removed one by one'
    case 'counter':
      return 'is a counter: it is added to'
    case 'list':
      return 'is a list: its entries are added, changed and removed one by one'
    case 'log':
      return 'is a log: entries are added to it'
    case 'text':
      return 'is a text: edit it as a text, not as a value'
    case 'cell':
      return 'is written as a whole'
  }
}

/** As words and rules name it: `status`, or `comments.body` for the part of an entry. */
export const fieldNameAt = (type: RecordType, path: string): string => {
  const [field = path] = splitPath(path)
  const slot = slotAt(type, path)
  return isSlot(slot) && slot.part !== null ? `${field}.${slot.part}` : field
}
