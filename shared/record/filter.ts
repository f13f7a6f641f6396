// One filter language over rows, used by live lists, by REST and by `access.read`. A filter is an object whose
// keys are row fields; all of them must hold.

import { sameValue, type Value } from './value.ts'

export type Row = { readonly id: string; readonly [field: string]: Value }

/** A value taken from the token of whoever asks, when the filter is used. */
export interface Claim {
  readonly $claim: string
}
export const claim = (name: string): Claim => {
  if (typeof name !== 'string' || name === '')
    throw new TypeError(`claim names what a token says, as claim('sub')`)
  return { $claim: name }
}

type Scalar = null | boolean | number | string

export type Condition =
  | Scalar
  | Claim
  | {
      readonly eq?: Scalar | Claim | undefined
      readonly ne?: Scalar | Claim | undefined
      readonly in?: readonly Scalar[] | Claim | undefined
      readonly gt?: number | string | undefined
      readonly gte?: number | string | undefined
      readonly lt?: number | string | undefined
      readonly lte?: number | string | undefined
      /** Part of a text (case-insensitive), or an element of an array. */
      readonly contains?: Scalar | Claim | undefined
    }

export interface Filter {
  readonly $any?: readonly Filter[] | undefined
  readonly $role?: string | readonly string[] | undefined
  /** Words that must all occur in the fields that the type declares as searchable. */
  readonly $text?: string | undefined
  readonly [field: string]: Condition | readonly Filter[] | readonly string[] | undefined
}

/** What a filter may read of the person it is used for. */
export interface FilterSubject {
  readonly id: string
  readonly roles: readonly string[]
  readonly claims: Readonly<Record<string, unknown>>
}

const OPERATORS = ['eq', 'ne', 'in', 'gt', 'gte', 'lt', 'lte', 'contains'] as const

export const matches = (
  filter: Filter,
  row: Row,
  me: FilterSubject,
  searchable: readonly string[] = [],
): boolean => {
  for (const [key, condition] of Object.entries(filter)) {
    if (condition === undefined) continue
    if (key === '$any') {
      if (!(condition as readonly Filter[]).some(part => matches(part, row, me, searchable))) return false
    } else if (key === '$role') {
      const roles = typeof condition === 'string' ? [condition] : (condition as readonly string[])
      if (!roles.some(role => me.roles.includes(role))) return false
    } else if (key === '$text') {
      if (!containsWords(row, searchable, condition as string)) return false
    } else if (!meets(row[key] ?? null, condition as Condition, me)) return false
  }
  return true
}

const meets = (value: Value, condition: Condition, me: FilterSubject): boolean => {
  if (typeof condition !== 'object' || condition === null) return value === condition
  if (isClaim(condition)) return hasClaim(condition, me) && sameValue(value, claimed(condition, me))
  for (const [operator, operand] of Object.entries(condition)) {
    if (operand === undefined) continue
    if (!hasClaim(operand, me) || !holds(operator, value, claimed(operand, me))) return false
  }
  return true
}

const holds = (operator: string, value: Value, operand: unknown): boolean => {
  switch (operator) {
    case 'eq':
      return value === operand
    case 'ne':
      return value !== operand
    case 'in':
      return Array.isArray(operand) && operand.includes(value)
    case 'contains':
      if (Array.isArray(value)) return value.includes(operand as Value)
      return (
        typeof value === 'string' &&
        typeof operand === 'string' &&
        findable(value).includes(foldText(operand))
      )
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return (
        value !== null &&
        typeof value === typeof operand &&
        inRange(operator, value, operand as number | string)
      )
    default:
      return false
  }
}

const inRange = (operator: 'gt' | 'gte' | 'lt' | 'lte', value: Value, operand: number | string): boolean => {
  const v = value as number | string
  switch (operator) {
    case 'gt':
      return v > operand
    case 'gte':
      return v >= operand
    case 'lt':
      return v < operand
    case 'lte':
      return v <= operand
  }
}

const isClaim = (value: unknown): value is Claim =>
  typeof value === 'object' && value !== null && '$claim' in value && typeof value.$claim === 'string'

/** The value itself, or the person's of that claim; null where their token has none. */
export const claimed = (operand: unknown, me: FilterSubject): unknown => {
  if (!isClaim(operand)) return operand
  const { $claim } = operand
  if ($claim === 'sub') return me.id
  if ($claim === 'roles') return me.roles
  return Object.hasOwn(me.claims, $claim) ? (me.claims[$claim] ?? null) : null
}

/** By a claim that their token does not have nobody is let in, least of all to what is nobody's yet. */
export const hasClaim = (operand: unknown, me: FilterSubject): boolean =>
  !isClaim(operand) || claimed(operand, me) !== null

/**
 * Case and accents do not matter to somebody who searches, nor which letters a keyboard lacks: «straße» is «strasse»,
 * «Łódź» «lodz», «Đorđe» «djordje».
 */
export const foldText = (value: string): string =>
  ASCII.test(value) ? value.toLowerCase() : foldApart(value.normalize('NFD'))

const foldApart = (apart: string): string =>
  apart
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(LETTERS, letter => AS_WRITTEN[letter] ?? letter)

/** What is looked in: some write a đ without its stroke as dj, and some as d; «Müller» is «muller», and «mueller». */
export const findable = (value: string): string => {
  if (ASCII.test(value)) return value.toLowerCase()
  const apart = value.normalize('NFD')
  const usual = foldApart(apart)
  const otherwise = apart.replace(OTHERWISE, letter => WRITTEN_OTHERWISE[letter.toLowerCase()] ?? letter)
  // Most texts have no such letter, and are not folded twice for every row.
  return otherwise === apart ? usual : `${usual}\n${foldApart(otherwise)}`
}

const WRITTEN_OTHERWISE: { readonly [letter: string]: string } = {
  đ: 'd',
  ø: 'oe',
  'a\u0308': 'ae',
  'o\u0308': 'oe',
  'u\u0308': 'ue',
  'a\u030a': 'aa',
}
const OTHERWISE = /[đø]|[aou]\u0308|a\u030a/gi

/** Of these letters the accent is no mark of its own that can be taken off. */
const AS_WRITTEN: { readonly [letter: string]: string } = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'dj',
  ð: 'd',
  þ: 'th',
  ħ: 'h',
  ı: 'i',
}
const LETTERS = /[ßæœøłđðþħı]/g

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is all of them that are meant
const ASCII = /^[\x00-\x7f]*$/

const containsWords = (row: Row, searchable: readonly string[], words: string): boolean => {
  const haystack = searchable.map(field => findable(String(row[field] ?? ''))).join('\n')
  return foldText(words)
    .split(/\s+/)
    .every(word => haystack.includes(word))
}

/**
 * Whether whatever meets `inner` meets `outer` as well, as their conditions say without a look at any row. False may
 * only mean that it cannot be told.
 */
export const isWithin = (inner: Filter, outer: Filter): boolean =>
  Object.entries(outer).every(([key, condition]) => {
    if (condition === undefined) return true
    if (key === '$any') return isWithinAny(inner, condition as readonly Filter[])
    const own = inner[key]
    if (own === undefined || key.startsWith('$')) return sameValue(own, condition)
    return sameValue(own, condition) || isImplied(asOperators(own), asOperators(condition))
  })

const isWithinAny = ({ $any, ...rest }: Filter, parts: readonly Filter[]): boolean =>
  parts.some(part => isWithin(rest, part)) ||
  // Whatever a part says anew of a field that the rest names too is only one of its conditions.
  $any?.every(own => parts.some(part => isWithin({ ...rest, ...own }, part))) === true

type Operators = { readonly [operator: string]: unknown }

const asOperators = (condition: Filter[string]): Operators =>
  typeof condition !== 'object' || condition === null || isClaim(condition)
    ? { eq: condition }
    : { ...condition }

const isImplied = (own: Operators, wanted: Operators): boolean =>
  Object.entries(wanted).every(
    ([operator, operand]) => operand === undefined || isOperatorImplied(own, operator, operand),
  )

const isOperatorImplied = (own: Operators, operator: string, operand: unknown): boolean => {
  if (own[operator] !== undefined && sameValue(own[operator], operand)) return true
  if (isClaim(operand)) return false
  const values = own['eq'] === undefined ? own['in'] : [own['eq']]
  if (Array.isArray(values) && !values.some(isClaim))
    return values.every(value => holds(operator, value as Value, operand))
  const bounds = BOUNDS.find(those => those.includes(operator)) ?? []
  return bounds.some(bound => {
    const edge = own[bound]
    return isScalar(edge) && holds(operator, edge, operand)
  })
}

/** From below, and from above. */
const BOUNDS = [
  ['gt', 'gte'],
  ['lt', 'lte'],
]

/** Each is asked of each row, and of rows there may be a hundred thousand. */
const CONDITIONS_MAX = 100
const TEXT_CHARS_MAX = 1_000

/**
 * Why something received is no filter, or null when it is one. `lacking`: what is undefined in it is not asked, as
 * where a page puts it together.
 */
export const filterProblem = (filter: unknown, { lacking = false } = {}): string | null =>
  partProblem(filter, lacking, 0) ??
  // `partProblem` found none.
  (conditionsIn(filter as Filter) > CONDITIONS_MAX
    ? `a filter has up to ${CONDITIONS_MAX} conditions, with those in $any: ask for many values by in`
    : null)

const partProblem = (filter: unknown, lacking: boolean, depth: number): string | null => {
  if (!isPlain(filter)) return 'a filter is an object'
  if (depth > 4) return 'a filter must be shallow'
  for (const [key, condition] of Object.entries(filter)) {
    if (lacking && condition === undefined) continue
    if (key === '__proto__') return 'there is no field __proto__'
    const problem =
      key === '$any'
        ? Array.isArray(condition) && condition.length <= 16
          ? (condition.map(part => partProblem(part, lacking, depth + 1)).find(p => p !== null) ?? null)
          : '$any takes up to 16 filters'
        : key === '$role' || key === '$text'
          ? typeof condition === 'string' ||
            (key === '$role' && Array.isArray(condition) && condition.every(isText))
            ? textProblem(key, condition)
            : `${key} takes text`
          : key.startsWith('$')
            ? `there is no ${key}: there are $any, $role and $text`
            : conditionProblem(key, condition, lacking)
    if (problem !== null) return problem
  }
  return null
}

const textProblem = (key: string, text: string | readonly string[]): string | null =>
  key === '$text' && text.length > TEXT_CHARS_MAX ? `$text takes up to ${TEXT_CHARS_MAX} characters` : null

const conditionsIn = (filter: Filter): number =>
  Object.entries(filter).reduce((sum, [key, condition]) => {
    if (key === '$any')
      return ((condition ?? []) as readonly Filter[]).reduce((n, part) => n + 1 + conditionsIn(part), sum)
    return sum + (isPlain(condition) && !isClaim(condition) ? Object.keys(condition).length : 1)
  }, 0)

/** The row fields that a filter names. */
export const fieldsInFilter = (filter: Filter): string[] =>
  Object.entries(filter).flatMap(([key, condition]) =>
    key === '$any'
      ? ((condition ?? []) as readonly Filter[]).flatMap(fieldsInFilter)
      : key.startsWith('$') || condition === undefined
        ? []
        : [key],
  )

const conditionProblem = (key: string, condition: unknown, lacking: boolean): string | null => {
  if (isScalar(condition) || isClaim(condition)) return null
  if (!isPlain(condition)) {
    return `${key}: a condition is a value or {in, gt, gte, lt, lte, contains, eq, ne}`
  }
  for (const [operator, operand] of Object.entries(condition)) {
    if (lacking && operand === undefined) continue
    if (!(OPERATORS as readonly string[]).includes(operator))
      return `${key}: there is no operator ${operator}`
    const isList = Array.isArray(operand) && operand.length <= 1000 && operand.every(isScalar)
    if (operator === 'in' ? !(isList || isClaim(operand)) : !(isScalar(operand) || isClaim(operand))) {
      return `${key}.${operator}: not a value it can be compared with`
    }
  }
  return null
}

/** A `Date`, say, has no operators in it, and would hold for everything. */
const isPlain = (value: unknown): value is object => {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

const isText = (value: unknown): value is string => typeof value === 'string'

/** As JSON, `NaN` would be null, and ask for something else. */
const isScalar = (value: unknown): value is Scalar =>
  value === null || typeof value === 'boolean' || Number.isFinite(value) || typeof value === 'string'
