// A declaration is looked at when it is made. What is misspelt in it would else be a rule that nobody is asked, a list
// that finds nothing, a right that everybody has, and TypeScript does not see all of it, or is not there.

import { assertKnownNames } from '../known-names.ts'
import { assertAtOnce } from './at-once.ts'
import type { NumbersSpec, RecordSpec, RecordType } from './record-type.ts'
import { assertFieldName, assertPartsOfEntry, type Field, type Fields, type LogFields } from './field.ts'
import { fieldsInFilter, filterProblem, type Row } from './filter.ts'
import { noRecordType } from './no-record-type.ts'
import { isTypeName } from './path.ts'
import { emptyRow, RowError } from './row.ts'
import { SHOWN_OF_EVERY_RECORD } from './view.ts'
import type { LanguageWords } from './words.ts'
import { isObject } from '../is-object.ts'

type AnySpec = RecordSpec<Fields, unknown, Row, Record<string, LogFields>>

const RESERVED: readonly string[] = [...SHOWN_OF_EVERY_RECORD, 'cells']

const SPEC_KEYS = [
  'fields',
  'derive',
  'row',
  'list',
  'belongsTo',
  'access',
  'events',
  'messages',
  'notify',
  'advise',
  'actions',
  'title',
  'words',
]
const LIST_KEYS = ['orders', 'equal', 'search'] as const
const ACCESS_KEYS = ['read', 'create', 'remove', 'write', 'takeOver']
const ACTION_KEYS = ['args', 'allow', 'onCreate', 'numbers', 'needs', 'run']
const NUMBERS_KEYS = ['series', 'field', 'read']
const WORDS_KEYS = ['fields', 'sentences', 'titles']
const FUNCTIONS = ['row', 'events', 'messages', 'notify', 'advise', 'title'] as const

/** Before anything is made of it. */
export const assertDeclaration = (name: string, spec: AnySpec): void => {
  if (!isTypeName(name)) throw new TypeError(`«${String(name)}» cannot be a record type: use a–z, 0–9 and _`)
  assertKeys(name, spec ?? null, SPEC_KEYS)
  if (!isObject(spec.fields))
    throw new TypeError(`${name}.fields are the fields by name, as { title: text.line() }`)
  assertKeys(`${name}.list`, spec.list, LIST_KEYS)
  for (const key of LIST_KEYS) assertNames(`${name}.list.${key}`, spec.list?.[key])
  assertKeys(`${name}.access`, spec.access, ACCESS_KEYS)
  for (const key of ['derive', 'actions', 'words'] as const) assertKeys(`${name}.${key}`, spec[key], null)
  const { fields, ...declared } = spec
  assertAtOnce(declared, name)
  for (const key of FUNCTIONS) assertFunction(`${name}.${key}`, spec[key])
  for (const [field, derived] of Object.entries<unknown>(spec.derive ?? {}))
    assertFunction(`${name}.derive.${field}`, derived ?? null)
  for (const [action, declared] of Object.entries(spec.actions ?? {}))
    assertAction(`${name}.actions.${action}`, declared)
  assertRights(name, spec.access ?? {})
  assertFields(name, fields)
  for (const field of Object.keys(spec.derive ?? {}))
    assertFieldName(field, [...RESERVED, ...Object.keys(fields)])
  assertRulesNameFields(name, fields, spec.access?.write)
  assertRulesNameFields(name, fields, spec.access?.takeOver)
  assertTakenAreFirst(name, fields, spec.access?.takeOver)
  for (const [language, words] of Object.entries<LanguageWords>(spec.words ?? {})) {
    assertKeys(`${name}.words.${language}`, words, WORDS_KEYS)
    assertRulesNameFields(name, fields, words.fields, `words.${language}`)
  }
  const { belongsTo } = spec
  if (belongsTo !== undefined && !isRef(fields[belongsTo]))
    throw new TypeError(`${name}: belongsTo names «${belongsTo}», which is no ref to another record`)
}

/** By a name that no row has, an order is none, nothing is found, and a record is read by nobody, or by everybody. */
export const assertListsNameRow = (type: RecordType): void => {
  const row = rowOfNothing(type)
  if (row === null) return
  const asked: readonly (readonly [string, readonly string[]])[] = [
    ...LIST_KEYS.map(key => [`list.${key}`, type.list[key]] as const),
    ['access.read', fieldsInFilter(type.access.read ?? {})],
    ...Object.entries(type.actions).map(
      ([action, { numbers }]) => [`actions.${action}.numbers`, numbers ? [numbers.field] : []] as const,
    ),
  ]
  for (const [where, names] of asked) {
    const wrong = names.find(field => !Object.hasOwn(row, field))
    if (wrong !== undefined)
      throw new TypeError(
        `${type.name}: ${where} names «${wrong}», which its row does not have: add it to the row, null where it is empty`,
      )
  }
}

/** What a server, or a desk, is given to work with. Of two with one name, one would be used for the other's records. */
export const assertRecordTypes = (types: readonly RecordType[]): void => {
  if (!Array.isArray(types))
    throw new TypeError('records is the list of the record types, each from defineRecord')
  const byName = new Map<string, RecordType>()
  for (const type of types) {
    if (!isRecordType(type))
      throw new TypeError('records has what is no record type: each is made by defineRecord')
    const { name } = type
    if ((byName.get(name) ?? type) !== type)
      throw new TypeError(`records has two types that are called «${name}»`)
    byName.set(name, type)
  }
}

export const assertRecordType = (type: RecordType): void => {
  if (!isRecordType(type)) throw noRecordType(type)
}

const isRecordType = (type: unknown): boolean => {
  if (typeof type !== 'object' || type === null) return false
  const { name, fields }: { [K in 'name' | 'fields']?: unknown } = type
  return typeof name === 'string' && typeof fields === 'object'
}

/** What is left out is left out; whatever else is no object says nothing, and would be none as well. */
const assertKeys = (
  place: string,
  declared: object | null | undefined,
  known: readonly string[] | null,
): void => {
  if (declared === undefined) return
  if (!isObject(declared))
    throw new TypeError(`${place} is an object${known === null ? '' : `: { ${known.join(', ')} }`}`)
  if (known !== null) assertKnownNames(`${place} has no`, declared, known)
}

const assertNames = (place: string, names: unknown): void => {
  const isNames = Array.isArray(names) && names.every(name => typeof name === 'string')
  if (names !== undefined && !isNames) throw new TypeError(`${place} is a list of names of its row`)
}

const assertFunction = (place: string, declared: unknown): void => {
  if (declared !== undefined && typeof declared !== 'function') throw new TypeError(`${place} is no function`)
}

const assertAction = (place: string, declared: NonNullable<AnySpec['actions']>[string]): void => {
  assertKeys(place, declared, ACTION_KEYS)
  const { args, run, needs, onCreate, numbers }: { [K in keyof typeof declared]?: unknown } = declared
  if (typeof args !== 'object' || args === null)
    throw new TypeError(`${place} has no args: they are fields by name, {} for none`)
  assertPartsOfEntry(`${place}.args`, args, ['cell'])
  assertFunction(`${place}.run`, run ?? null)
  assertFunction(`${place}.needs`, needs)
  if (onCreate !== undefined && onCreate !== true)
    throw new TypeError(`${place}.onCreate is true, or left out`)
  if (numbers !== undefined) assertNumbers(`${place}.numbers`, numbers)
  assertRule(place, declared, 'allow')
}

/** Of a series that has no name nobody would know the last number, and a second record would get it. */
const assertNumbers = (place: string, numbers: unknown): void => {
  const { series, field, read }: { [K in keyof NumbersSpec]?: unknown } = isObject(numbers) ? numbers : {}
  const isNamed = typeof series === 'function' || (typeof series === 'string' && series !== '')
  if (!isNamed || typeof field !== 'string' || field === '')
    throw new TypeError(
      `${place} names a series and a field of the row, as {series: 'order', field: 'number'}`,
    )
  assertKeys(place, numbers as NumbersSpec, NUMBERS_KEYS)
  assertFunction(`${place}.read`, read)
}

/** What is no rule, as a role that is misspelt where roles are named once, would be a right that everybody has. */
const assertRights = (name: string, access: NonNullable<AnySpec['access']>): void => {
  assertRule(`${name}.access`, access, 'create')
  assertRule(`${name}.access`, access, 'remove')
  for (const rights of ['write', 'takeOver'] as const) {
    assertKeys(`${name}.access.${rights}`, access[rights], null)
    for (const field of Object.keys(access[rights] ?? {}))
      assertRule(`${name}.access.${rights}`, access[rights] ?? {}, field)
  }
  if (!('read' in access)) return
  const problem = filterProblem(access.read)
  if (problem !== null) throw new TypeError(`${name}.access.read is no filter: ${problem}`)
}

const assertRule = (place: string, rules: object, key: string): void => {
  if (!Object.hasOwn(rules, key)) return
  const rule: unknown = Reflect.get(rules, key)
  const isRule =
    typeof rule === 'boolean' ||
    typeof rule === 'function' ||
    (Array.isArray(rule) && rule.every(role => typeof role === 'string'))
  if (!isRule)
    throw new TypeError(`${place}.${key} is no rule: it is true, false, a list of roles or a function`)
}

const assertFields = (name: string, fields: Fields): void => {
  for (const [field, declared] of Object.entries<unknown>(fields)) {
    assertFieldName(field, RESERVED)
    if (!(typeof declared === 'object' && declared !== null && 'kind' in declared && isKind(declared.kind)))
      throw new TypeError(`${name}.${field} is no field: it is what a call gives, such as text.line()`)
  }
}

const KINDS: readonly unknown[] = ['cell', 'set', 'counter', 'text', 'list', 'log'] satisfies Field['kind'][]
const isKind = (kind: unknown): boolean => KINDS.includes(kind)

const assertRulesNameFields = (
  name: string,
  fields: Fields,
  rules: object | undefined,
  where = 'access',
): void => {
  for (const key of Object.keys(rules ?? {})) {
    if (key !== '*' && named(fields, key) === undefined)
      throw new TypeError(`${name}: ${where} names «${key}», which is no field of it`)
  }
}

/** Of any other field there is nothing to take over: it is written by whoever may. */
const assertTakenAreFirst = (name: string, fields: Fields, rules: object | undefined): void => {
  for (const key of Object.keys(rules ?? {})) {
    const field = named(fields, key)
    if (!(field?.kind === 'cell' && field.policy === 'first'))
      throw new TypeError(`${name}: access.takeOver names «${key}», which does not merge by «first»`)
  }
}

/** A field, or by `list.field` one of its entries. */
const named = (fields: Fields, key: string): Field | undefined => {
  const [head = '', part] = key.split('.')
  const field = Object.hasOwn(fields, head) ? fields[head] : undefined
  if (part === undefined || field === undefined) return field
  const entry: { readonly [name: string]: Field } =
    field.kind === 'list' || field.kind === 'log' ? field.entry : {}
  return Object.hasOwn(entry, part) ? entry[part] : undefined
}

const isRef = (field: Field | undefined): boolean =>
  field?.kind === 'cell' && field.spec.refType !== undefined && field.spec.refType !== 'user'

/** Null: its function asks for what a record that holds nothing does not have. */
export const rowOfNothing = (type: RecordType): Row | null => {
  try {
    return emptyRow(type)
  } catch (error) {
    if (error instanceof RowError) throw error
    return null
  }
}
