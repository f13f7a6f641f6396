// The builders of which a record type is made. Each returns a frozen description that carries the TypeScript
// type of what it holds (`__view`, `__write`: never present at run time), the check, the merge policy and the
// JSON schema, so that nothing about a field is declared twice.

import { isObject } from '../is-object.ts'
import { isTypeName } from './path.ts'
import { type CellPolicy, type Order, policies } from './policy.ts'
import { sameValue, type Value, tooLong } from './value.ts'

export type JsonSchema = { readonly [key: string]: unknown }

/** What one register may hold. `check` answers with the rest of a sentence: «must be …», or null. */
export interface CellSpec {
  readonly type: string
  readonly check: (value: Value) => string | null
  readonly order: Order
  readonly json: JsonSchema
  readonly refType?: string
  readonly blob?: BlobRule
}

export interface CellField<T, N = null> {
  readonly kind: 'cell'
  readonly spec: CellSpec
  readonly policy: CellPolicy
  readonly required: boolean
  readonly initial: Value
  readonly deprecatedFor: string | null
  merge(policy: CellPolicy): CellField<T, N>
  /** What a view shows while nobody has written; it is not stored. */
  default(value: T & Value): CellField<T, never>
  deprecated(instead: string): CellField<T, N>
  readonly __view?: T | N
  readonly __write?: T | null
}

/** What a new record has to begin with. */
export interface RequiredField<T> extends CellField<T, never> {
  readonly required: true
  merge(policy: CellPolicy): RequiredField<T>
}

export interface SetField<T extends string> {
  readonly kind: 'set'
  readonly element: CellField<T, unknown>
  readonly __view?: readonly T[]
  readonly __write?: readonly T[]
}

export interface CounterField {
  readonly kind: 'counter'
  readonly __view?: number
  readonly __write?: number
}

export interface TextField {
  readonly kind: 'text'
  readonly formats: boolean
  readonly embeds: readonly string[]
  readonly charsMax: number
  readonly __view?: string
}

export type EntryFields = {
  readonly [name: string]: CellField<unknown, unknown> | SetField<string> | CounterField
}
export type LogFields = { readonly [name: string]: CellField<unknown, unknown> }

export interface EntryMeta {
  readonly id: string
  /** Who added it, and when (ms). */
  readonly by: string
  readonly at: number
}

export type EntryOf<F> = Readable<EntryMeta & { readonly [K in keyof F]: FieldView<F[K]> }>
export type EntryWrite<F> = Readable<{ readonly [K in keyof F]?: FieldWrite<F[K]> }>

/** What a new entry begins with: what is required stands in it. */
export type NewEntry<F> = Readable<EntryWrite<F> & RequiredOf<F>>
export type RequiredOf<F> = {
  readonly [K in keyof F as F[K] extends RequiredField<unknown> ? K : never]: Exclude<FieldWrite<F[K]>, null>
}

export interface ListField<F extends EntryFields> {
  readonly kind: 'list'
  readonly entry: F
  /** Only who added an entry may change or remove it. */
  readonly own: boolean
  readonly order: 'time' | 'manual'
  readonly __view?: readonly EntryOf<F>[]
}

export interface LogField<F extends LogFields> {
  readonly kind: 'log'
  readonly entry: F
  readonly __view?: readonly EntryOf<F>[]
}

export type Field =
  | CellField<unknown, unknown>
  | SetField<string>
  | CounterField
  | TextField
  | ListField<EntryFields>
  | LogField<LogFields>
export type Fields = { readonly [name: string]: Field }

export type FieldView<F> = F extends { readonly __view?: infer V } ? Exclude<V, undefined> : never
export type FieldWrite<F> = F extends { readonly __write?: infer W } ? Exclude<W, undefined> : never
export type Readable<T> = { [K in keyof T]: T[K] } & {}

export const text = {
  /** One line, merged as a whole. */
  line: ((options: LineOptions = {}) => {
    assertOptions('text.line', options, { max: 'size', required: 'flag' })
    return cell(lineSpec(options), {
      required: options.required === true,
      initial: options.required === true ? '' : null,
    })
  }) as {
    (options: LineOptions & { readonly required: true }): RequiredField<string>
    (options?: LineOptions): CellField<string>
  },
  /** A text that merges by character, without formats. */
  plain: (options: { readonly max?: number } = {}): TextField => {
    assertOptions('text.plain', options, { max: 'size' })
    return textField(false, options.max, [])
  },
  /** A text that merges by character, with formats such as bold, links and lists. */
  rich: (options: { readonly max?: number; readonly embeds?: readonly string[] } = {}): TextField => {
    assertOptions('text.rich', options, { max: 'size', embeds: 'names' })
    return textField(true, options.max, options.embeds ?? [])
  },
}

export const oneOf = <const T extends readonly [string, ...string[]]>(
  ...choices: T
): CellField<T[number]> => {
  // Read from left to right they are an order, which «max» and «min» go by.
  if (choices.length === 0 || new Set(choices).size < choices.length || !isTexts(choices))
    throw new TypeError(
      `oneOf needs choices, each once and a text, as oneOf('a', 'b'): ${choices.map(String).join(', ')}`,
    )
  return cell({
    type: 'oneOf',
    check: value => (choices.includes(value as string) ? null : `must be one of ${choices.join(', ')}`),
    order: (a, b) => choices.indexOf(a as string) - choices.indexOf(b as string),
    json: { type: 'string', enum: choices },
  })
}

/** A reference to another record, as `type:id`, or to a person, as their user id. */
export const ref = (type: string): CellField<string> => {
  if (!isTypeName(type)) throw new TypeError(`ref names a record type, as ref('car'), or is ref('user')`)
  return cell({
    type: 'ref',
    refType: type,
    check: value =>
      isRefTo(type, value) ? null : type === 'user' ? 'must be a user id' : `must be ${type}:<id>`,
    order: byText,
    json: { type: 'string', 'x-ref': type, ...(type === 'user' ? {} : { pattern: `^${type}:.+` }) },
  })
}

/** An amount in integer minor units (cents, para), so that sums are exact. */
export const money = (options: { readonly min?: number; readonly max?: number } = {}): CellField<number> =>
  cell({ ...integerSpec(options), type: 'money' })

export const integer = (options: { readonly min?: number; readonly max?: number } = {}): CellField<number> =>
  cell(integerSpec(options))

export const number = (options: { readonly min?: number; readonly max?: number } = {}): CellField<number> => {
  assertRange(options)
  return cell({
    type: 'number',
    check: value => (typeof value === 'number' ? rangeProblem(value, options) : 'must be a number'),
    order: byNumber,
    json: { type: 'number', ...rangeJson(options) },
  })
}

export const bool: () => CellField<boolean> = withoutOptions('bool', () =>
  cell({
    type: 'bool',
    check: value => (typeof value === 'boolean' ? null : 'must be true or false'),
    order: (a, b) => Number(a) - Number(b),
    json: { type: 'boolean' },
  }),
)

/** A day, as YYYY-MM-DD. */
export const date: () => CellField<string> = withoutOptions('date', () =>
  cell({
    type: 'date',
    check: value => (isDay(value) ? null : 'must be a day, as YYYY-MM-DD'),
    order: byText,
    json: { type: 'string', format: 'date' },
  }),
)

/** A moment, in milliseconds since 1970. */
export const time: () => CellField<number> = withoutOptions('time', () =>
  cell({ ...integerSpec({ min: 0 }), type: 'time' }),
)

/** What JSON holds, an interface too, of which TypeScript does not see that it has nothing but its own names. */
type Json<T> = T extends Value | undefined
  ? T
  : T extends (...args: never) => unknown
    ? never
    : { readonly [K in keyof T]: Json<T[K]> }

export const json = <T extends Value | { readonly [K in keyof T]: Json<T[K]> } = Value>(
  options: { readonly maxBytes?: number } = {},
): CellField<T> => {
  assertOptions('json', options, { maxBytes: 'size' })
  const maxBytes = options.maxBytes ?? 4096
  return cell({
    type: 'json',
    check: value =>
      JSON.stringify(value).length <= maxBytes ? null : `must be at most ${maxBytes} bytes of JSON`,
    order: (a, b) => byText(JSON.stringify(a), JSON.stringify(b)),
    json: {},
  })
}

export interface BlobRule {
  readonly types: readonly string[]
  readonly maxBytes: number
}

/** A file kept beside the records, named by the SHA-256 of its bytes. */
export type BlobRef = {
  readonly hash: string
  readonly type: string
  readonly bytes: number
  readonly name: string
}

export const blob = (options: Partial<BlobRule> = {}): CellField<BlobRef> => {
  assertOptions('blob', options, { types: 'names', maxBytes: 'size' })
  const wrong = options.types?.find(type => !type.includes('/'))
  if (wrong !== undefined)
    throw new TypeError(`«${wrong}» is no type of files: write it as image/png, or image/*`)
  const rule: BlobRule = { types: options.types ?? ['*/*'], maxBytes: options.maxBytes ?? 25e6 }
  return cell({
    type: 'blob',
    blob: rule,
    check: value => blobProblem(rule, value),
    order: (a, b) => byText(JSON.stringify(a), JSON.stringify(b)),
    json: {
      type: 'object',
      required: ['hash', 'type', 'bytes', 'name'],
      additionalProperties: false,
      properties: {
        hash: { type: 'string', pattern: '^[0-9a-f]{64}$' },
        type: { type: 'string', maxLength: 255 },
        bytes: { type: 'integer', minimum: 0, maximum: rule.maxBytes },
        name: { type: 'string', maxLength: 255 },
      },
    },
  })
}

/** Elements added and removed one by one; added here while removed there, it stays. */
export const setOf = <T extends string>(element: CellField<T, unknown>): SetField<T> => {
  assertPartsOfEntry('setOf', { element }, ['cell'])
  return Object.freeze({ kind: 'set', element })
}

/** A number that each device adds to: concurrent additions all count. */
export const counter: () => CounterField = withoutOptions('counter', () => Object.freeze({ kind: 'counter' }))

/** Entries keyed by id, whose fields merge one by one. */
export const list = <F extends EntryFields>(
  entry: F,
  options: { readonly own?: boolean; readonly order?: 'time' | 'manual' } = {},
): ListField<F> => {
  assertOptions('list', options, { own: 'flag', order: 'any' })
  assertEntry('list', entry)
  if (![undefined, 'time', 'manual'].includes(options.order))
    throw new TypeError(`«${options.order}» is no order of a list: there are time, manual`)
  assertPartsOfEntry('list', entry, ['cell', 'set', 'counter'])
  return Object.freeze({ kind: 'list', entry, own: options.own ?? false, order: options.order ?? 'time' })
}

/** Entries that are written once and never changed. */
export const log = <F extends LogFields>(entry: F): LogField<F> => {
  assertEntry('log', entry)
  assertPartsOfEntry('log', entry, ['cell'])
  return Object.freeze({ kind: 'log', entry })
}

/** Of a part that it cannot hold nothing would be kept. */
export const assertPartsOfEntry = (place: string, parts: object, kinds: readonly Field['kind'][]): void => {
  for (const [name, part] of Object.entries<unknown>({ ...parts })) {
    const kind = typeof part === 'object' && part !== null && 'kind' in part ? part.kind : 'no field'
    if (!kinds.some(known => known === kind))
      throw new TypeError(
        `${place} cannot hold «${name}», which is ${String(kind)}: it holds ${kinds.join(', ')}`,
      )
  }
}

const assertEntry = (builder: string, entry: object): void => {
  if (!isObject(entry)) throw new TypeError(`${builder} is given the parts of an entry by name: { … }`)
  for (const name of Object.keys(entry)) assertFieldName(name, ENTRY_RESERVED)
}

const optionKinds = {
  size: {
    is: (value: unknown) => Number.isSafeInteger(value) && Number(value) > 0,
    sentence: 'is a whole number from 1 on',
  },
  number: { is: (value: unknown) => typeof value === 'number', sentence: 'is a number' },
  flag: { is: (value: unknown) => typeof value === 'boolean', sentence: 'is true or false' },
  names: { is: (value: unknown) => Array.isArray(value) && isTexts(value), sentence: 'is a list of texts' },
  any: { is: () => true, sentence: '' },
} as const

/** What is of another kind would be a limit that nothing is held against, or that nothing passes. */
const assertOptions = (
  builder: string,
  options: object,
  known: { readonly [option: string]: keyof typeof optionKinds },
): void => {
  const names = Object.keys(known).join(', ')
  if (!isObject(options)) throw new TypeError(`${builder} is given its options by name: { ${names} }`)
  for (const [option, value] of Object.entries<unknown>({ ...options })) {
    const kind = Object.hasOwn(known, option) ? known[option] : undefined
    if (kind === undefined) throw new TypeError(`${builder} has no option «${option}»: there are ${names}`)
    const { is, sentence } = optionKinds[kind]
    if (value !== undefined && !is(value)) throw new TypeError(`${builder}: ${option} ${sentence}`)
  }
}

/** A limit that is given where none is taken would hold nobody back. */
function withoutOptions<F>(builder: string, make: () => F): () => F {
  return (...given: readonly unknown[]) => {
    if (given.length > 0) throw new TypeError(`${builder}() takes nothing`)
    return make()
  }
}

const isTexts = (values: readonly unknown[]): boolean => values.every(value => typeof value === 'string')

const ENTRY_RESERVED: readonly string[] = ['id', 'by', 'at', 'pos']

export const isFieldName = (name: string): boolean => /^[A-Za-z][A-Za-z0-9_]*$/.test(name)

export const assertFieldName = (name: string, reserved: readonly string[]): void => {
  if (!isFieldName(name) || reserved.includes(name)) {
    throw new TypeError(
      `«${name}» cannot be a field: use letters, digits and _, and none of ${reserved.join(', ')}`,
    )
  }
}

interface LineOptions {
  readonly max?: number
  readonly required?: boolean
}

interface CellOptions {
  readonly policy?: CellPolicy
  readonly required?: boolean
  readonly initial?: Value
  readonly deprecatedFor?: string | null
}

const cell = <T, N = null>(spec: CellSpec, options: CellOptions = {}): CellField<T, N> =>
  Object.freeze({
    kind: 'cell',
    spec,
    policy: options.policy ?? 'last',
    required: options.required ?? false,
    initial: options.initial ?? null,
    deprecatedFor: options.deprecatedFor ?? null,
    merge: (policy: CellPolicy) => {
      if (!policies.includes(policy))
        throw new TypeError(`«${policy}» is no merge policy: there are ${policies.join(', ')}`)
      return cell<T, N>(spec, { ...options, policy })
    },
    default: (value: T & Value) => {
      const problem = spec.check(value)
      if (problem !== null) throw new TypeError(`a default ${problem}`)
      return cell<T, never>(spec, { ...options, initial: value })
    },
    // What nobody writes any more, nobody has to.
    deprecated: (instead: string) => {
      if (typeof instead !== 'string' || instead === '')
        throw new TypeError(`deprecated names what is written instead, as deprecated('dueAt')`)
      return cell<T, N>(spec, { ...options, required: false, deprecatedFor: instead })
    },
  })

const textField = (formats: boolean, max: number | undefined, embeds: readonly string[]): TextField =>
  Object.freeze({ kind: 'text', formats, embeds, charsMax: max ?? 100_000 })

const lineSpec = (options: LineOptions): CellSpec => {
  const max = options.max ?? 1000
  return {
    type: 'line',
    check: value =>
      typeof value !== 'string'
        ? 'must be text'
        : value.length > max
          ? tooLong(max)
          : options.required === true && value.trim() === ''
            ? 'must not be empty'
            : null,
    order: byText,
    json: { type: 'string', maxLength: max, ...(options.required === true ? { minLength: 1 } : {}) },
  }
}

const integerSpec = (range: Range): CellSpec => {
  assertRange(range)
  return {
    type: 'integer',
    check: value =>
      Number.isSafeInteger(value) ? rangeProblem(value as number, range) : 'must be a whole number',
    order: byNumber,
    json: { type: 'integer', ...rangeJson(range) },
  }
}

const assertRange = (range: Range): void => {
  assertOptions('a number', range, { min: 'number', max: 'number' })
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = range
  if (!(min <= max)) throw new TypeError(`a number cannot be at least ${min} and at most ${max}`)
}

interface Range {
  readonly min?: number
  readonly max?: number
}

const rangeProblem = (value: number, { min, max }: Range): string | null =>
  min !== undefined && value < min
    ? `must be at least ${min}`
    : max !== undefined && value > max
      ? `must be at most ${max}`
      : null

const rangeJson = ({ min, max }: Range): JsonSchema => ({
  ...(min === undefined ? {} : { minimum: min }),
  ...(max === undefined ? {} : { maximum: max }),
})

const byNumber: Order = (a, b) => (a as number) - (b as number)
const byText: Order = (a, b) => (sameValue(a, b) ? 0 : (a as string) < (b as string) ? -1 : 1)

const isRefTo = (type: string, value: Value): boolean =>
  typeof value === 'string' &&
  value !== '' &&
  value.length <= 256 &&
  (type === 'user' || (value.startsWith(`${type}:`) && value.length > type.length + 1))

const isDay = (value: Value): boolean =>
  typeof value === 'string' &&
  /^\d{4}-\d{2}-\d{2}$/.test(value) &&
  new Date(`${value}T00:00:00Z`).toJSON()?.slice(0, 10) === value

const blobProblem = (rule: BlobRule, value: Value): string | null => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'must be a file reference'
  const { hash, type, bytes, name, ...rest } = value as Record<string, Value>
  if (typeof hash !== 'string' || !/^[0-9a-f]{64}$/.test(hash)) return 'must name a file by its SHA-256'
  if (typeof type !== 'string' || !matchesType(rule.types, type))
    return `must be of type ${rule.types.join(', ')}`
  // It is told in a header.
  if (type.length > 255) return 'must have a type of at most 255 characters'
  if (!Number.isSafeInteger(bytes) || (bytes as number) < 0) return 'must say its size in bytes'
  if ((bytes as number) > rule.maxBytes) return `must be at most ${rule.maxBytes} bytes`
  if (typeof name !== 'string' || name.length > 255) return 'must have a name of at most 255 characters'
  return Object.keys(rest).length === 0 ? null : 'must have hash, type, bytes and name only'
}

export const matchesType = (patterns: readonly string[], type: string): boolean =>
  patterns.some(
    pattern =>
      pattern === '*/*' ||
      pattern === type ||
      (pattern.endsWith('/*') && type.startsWith(pattern.slice(0, -1))),
  )
