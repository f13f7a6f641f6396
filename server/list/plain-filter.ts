// A filter as it stands for one person: roles are decided, claims are values. People for whom it comes out the same
// see the same lists, so its key is what they are shared by.

import {
  claimed,
  type Condition,
  type Filter,
  type FilterSubject,
  hasClaim,
} from '../../shared/record/filter.ts'
import type { Value } from '../../shared/record/value.ts'

export type PlainFilter =
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  | { readonly kind: 'and'; readonly parts: readonly PlainFilter[] }
  | { readonly kind: 'or'; readonly parts: readonly PlainFilter[] }
  | { readonly kind: 'test'; readonly field: string; readonly test: Test }
  | { readonly kind: 'words'; readonly words: readonly string[] }

export type Test =
  | { readonly op: 'is' | 'not'; readonly value: Value }
  | { readonly op: 'same'; readonly value: Value }
  | { readonly op: 'in'; readonly values: readonly Value[] }
  | { readonly op: 'gt' | 'gte' | 'lt' | 'lte'; readonly value: boolean | number | string }
  | { readonly op: 'contains'; readonly value: Value }

export const ALL: PlainFilter = { kind: 'all' }
export const NONE: PlainFilter = { kind: 'none' }

/** `foldText` is what words are compared by. */
export const plainFilter = (
  filter: Filter,
  me: FilterSubject,
  foldText: (text: string) => string,
): PlainFilter => {
  const parts: PlainFilter[] = []
  for (const [key, condition] of Object.entries(filter)) {
    if (condition === undefined) continue
    if (key === '$any') {
      // `filterProblem` holds the shapes of the keys that begin with $, and the types of a declaration theirs.
      parts.push(either((condition as readonly Filter[]).map(part => plainFilter(part, me, foldText))))
    } else if (key === '$role') {
      const roles = typeof condition === 'string' ? [condition] : (condition as readonly string[])
      parts.push(roles.some(role => me.roles.includes(role)) ? ALL : NONE)
    } else if (key === '$text') {
      const all = foldText(String(condition)).split(/\s+/)
      // To look for a word again costs as much as the first time.
      const words = [...new Set(all)].filter(word => word !== '')
      parts.push(words.length === 0 ? ALL : { kind: 'words', words })
    } else parts.push(...testsOf(key, condition as Condition, me))
  }
  return both(parts)
}

export const both = (parts: readonly PlainFilter[]): PlainFilter => {
  const flat = parts.flatMap(part => (part.kind === 'and' ? part.parts : [part]))
  if (flat.some(({ kind }) => kind === 'none')) return NONE
  const left = distinct(flat.filter(({ kind }) => kind !== 'all'))
  const [only] = left
  return only === undefined ? ALL : left.length === 1 ? only : { kind: 'and', parts: left }
}

const either = (parts: readonly PlainFilter[]): PlainFilter => {
  const flat = parts.flatMap(part => (part.kind === 'or' ? part.parts : [part]))
  if (flat.some(({ kind }) => kind === 'all')) return ALL
  const left = distinct(flat.filter(({ kind }) => kind !== 'none'))
  const [only] = left
  return only === undefined ? NONE : left.length === 1 ? only : { kind: 'or', parts: left }
}

/** In one order, each once, so that what means the same reads the same. */
const distinct = (parts: readonly PlainFilter[]): readonly PlainFilter[] => {
  if (parts.length < 2) return parts
  const byKey = new Map(parts.map(part => [JSON.stringify(part), part]))
  return [...byKey.keys()].sort().flatMap(key => byKey.get(key) ?? [])
}

const testsOf = (field: string, condition: Condition, me: FilterSubject): PlainFilter[] => {
  if (typeof condition !== 'object' || condition === null)
    return [{ kind: 'test', field, test: { op: 'is', value: condition } }]
  if (!hasClaim(condition, me)) return [NONE]
  if ('$claim' in condition)
    return [{ kind: 'test', field, test: { op: 'same', value: jsonOf(condition, me) } }]
  return Object.entries(condition)
    .filter(([, operand]) => operand !== undefined)
    .map(([op, operand]) => (hasClaim(operand, me) ? testOf(field, op, jsonOf(operand, me)) : NONE))
}

const testOf = (field: string, op: string, operand: Value): PlainFilter => {
  switch (op) {
    case 'eq':
      return isScalar(operand) ? { kind: 'test', field, test: { op: 'is', value: operand } } : NONE
    case 'ne':
      return isScalar(operand) ? { kind: 'test', field, test: { op: 'not', value: operand } } : ALL
    case 'in':
      return Array.isArray(operand)
        ? { kind: 'test', field, test: { op: 'in', values: operand.filter(isScalar) } }
        : NONE
    case 'contains':
      return isScalar(operand) ? { kind: 'test', field, test: { op: 'contains', value: operand } } : NONE
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return typeof operand !== 'object' ? { kind: 'test', field, test: { op, value: operand } } : NONE
    default:
      // What `filterProblem` does not let in holds for nothing.
      return NONE
  }
}

/** Claims are JSON, since a token is. */
const jsonOf = (operand: unknown, me: FilterSubject): Value => claimed(operand, me) as Value

const isScalar = (value: Value): boolean => value === null || typeof value !== 'object'
