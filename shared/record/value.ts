// What a cell may hold. Everything else is refused, because it does not come out of a relay as it went in:
// `__proto__` changes what an object reads as, BigInt and NaN break JSON, lone surrogates diverge between
// replicas, deep nesting overflows the stack of whoever walks it.

export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value }

const DEPTH_MAX = 8

/** Why a value cannot be stored, or null when it can. */
export const valueProblem = (value: unknown, depth = 0): string | null => {
  switch (typeof value) {
    case 'boolean':
      return null
    case 'number':
      return Number.isFinite(value) ? null : 'a number must be finite'
    case 'string':
      return isWellFormed(value) ? null : 'a text must not hold half a surrogate pair'
    case 'object':
      return value === null
        ? null
        : depth >= DEPTH_MAX
          ? 'a value must be shallow'
          : partsProblem(value, depth)
    default:
      return `a value must be JSON, not ${typeof value}`
  }
}

const partsProblem = (value: object, depth: number): string | null => {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const problem = valueProblem(value[i], depth + 1)
      if (problem !== null) return problem
    }
    return null
  }
  if (!isPlain(value)) return 'a value must be a plain object or array'
  for (const [key, part] of Object.entries(value)) {
    if (key === '__proto__') return 'a value must not have the key __proto__'
    const problem = isWellFormed(key) ? valueProblem(part, depth + 1) : 'a key must be well-formed text'
    if (problem !== null) return problem
  }
  return null
}

/** Made of no class; what came from another window, or out of a test runner's own world, has another `Object`. */
export const isPlain = (value: object): boolean => {
  const proto: unknown = Object.getPrototypeOf(value)
  return proto === null || Object.getPrototypeOf(proto) === null
}

/** A frozen copy that nobody else holds. The value must have passed `valueProblem`. */
export const frozenCopy = (value: Value): Value => {
  // Nothing that a person can see tells −0 from 0, and JSON does not carry it.
  if (value === 0) return 0
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return Object.freeze(value.map(frozenCopy))
  const copy: Record<string, Value> = {}
  for (const [key, part] of Object.entries(value)) copy[key] = frozenCopy(part)
  return Object.freeze(copy)
}

/** For what somebody else made: it is to be read by many, and changed by none of them. */
export const deepFreeze = <T>(value: T, depth = 0): T => {
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const part of Object.values(value)) deepFreeze(part, depth + 1)
  return value
}

export const sameValue = (a: unknown, b: unknown): boolean => {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((part, i) => sameValue(part, b[i]))
  }
  if (Array.isArray(b)) return false
  const left = Object.entries(a)
  return (
    left.length === Object.keys(b).length &&
    left.every(([key, part]) => Object.hasOwn(b, key) && sameValue(part, (b as Record<string, unknown>)[key]))
  )
}

const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/
const isWellFormed = (text: string): boolean => !LONE_SURROGATE.test(text)

export const tooLong = (charsMax: number): string => `must be at most ${charsMax} characters`
