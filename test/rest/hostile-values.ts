import type { Document } from './generated-client.ts'

export interface Random {
  next(): number
  chance(p: number): boolean
  pick<T>(from: readonly T[]): T
  /** Anything JSON can say, and what breaks programs that believe it. */
  junk(): unknown
  bytes(): Uint8Array
}

const texts: readonly string[] = [
  '',
  ' ',
  '0',
  'null',
  'undefined',
  '__proto__',
  'constructor',
  'toString',
  '$created',
  '$server',
  '$actions/x',
  '../../etc/passwd',
  '%00',
  '\u0000',
  '\u001f',
  'a\u0000b',
  '\ud800',
  '\udfff x',
  '\u202e',
  '🧯'.repeat(50),
  'x'.repeat(70_000),
  "'; DROP TABLE tickets; --",
  '{"$any":[]}',
  '{"$any":[{"$any":[{"$any":[]}]}]}',
  '<script>alert(1)</script>',
  '{{7*7}}',
  'items/7/quantity',
  'items//',
  '/',
  '*',
  '"x"',
  'W/"a.1"',
  '"a.99999999999999999"',
  'ticket:1',
  'site:1',
  '2026-02-30',
  '2026-02-28',
  'open',
  'NaN',
  '1e999',
]
const numbers: readonly number[] = [0, -0, 1, -1, 0.1, 1e21, 2 ** 53, -(2 ** 53), 1e308, 5e-324, 4294967296]

export const seeded = (seed: number): Random => {
  let state = seed | 0
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return (state >>> 8) / 16777216
  }
  const pick = <T>(from: readonly T[]): T => {
    const one = from[Math.floor(next() * from.length)]
    if (one === undefined && from.length === 0) throw new Error('nothing to pick from')
    // An index below the length.
    return one as T
  }
  const junk = (depth = 0): unknown => {
    const kind = next()
    if (kind < 0.4) return pick(texts)
    if (kind < 0.6) return pick(numbers)
    if (kind < 0.7) return pick([true, false, null])
    if (depth > 3) return null
    if (kind < 0.85) return Array.from({ length: Math.floor(next() * 4) }, () => junk(depth + 1))
    return Object.fromEntries(
      Array.from({ length: Math.floor(next() * 4) }, () => [pick(texts).slice(0, 200), junk(depth + 1)]),
    )
  }
  return {
    next,
    pick,
    chance: p => next() < p,
    junk: () => junk(),
    bytes: () => Uint8Array.from({ length: Math.floor(next() * 200) }, () => Math.floor(next() * 256)),
  }
}

type Json = Readonly<Record<string, unknown>>

/** Mostly what the schema asks for, so that it comes through the door, and somewhere in it what it does not. */
export const hostile = (
  random: Random,
  schema: object,
  document: Document,
  malice: number,
  depth = 0,
): unknown => {
  const given = resolved(schema as Json, document)
  if (random.chance(malice) || depth > 8) return random.junk()
  const { type, enum: choices, anyOf, allOf, pattern } = given
  if (Array.isArray(anyOf)) return hostile(random, random.pick(anyOf) as object, document, malice, depth)
  if (Array.isArray(allOf))
    return Object.assign({}, ...allOf.map(one => hostile(random, one as object, document, malice, depth + 1)))
  if (Array.isArray(choices)) return random.pick(choices)
  switch (Array.isArray(type) ? random.pick(type) : type) {
    case 'string':
      if (typeof pattern === 'string' && pattern.startsWith('^[0-9a-f]{64}')) return 'ab'.repeat(32)
      if (typeof given['x-ref'] === 'string') return given['x-ref'] === 'user' ? 'ana' : `${given['x-ref']}:1`
      return given['format'] === 'date' ? '2026-03-04' : textFor(random, given, malice)
    case 'integer':
      return random.chance(malice * 3) ? random.pick(numbers) : Math.floor(random.next() * 100)
    case 'number':
      return random.chance(malice * 3) ? random.pick(numbers) : Math.floor(random.next() * 1000) / 10
    case 'boolean':
      return random.chance(0.5)
    case 'null':
      return null
    case 'array':
      return Array.from({ length: Math.floor(random.next() * 3) }, () =>
        hostile(random, (given['items'] ?? {}) as object, document, malice, depth + 1),
      )
    case 'object':
      return hostileObject(random, given, document, malice, depth)
    default:
      return random.junk()
  }
}

const textFor = (random: Random, { maxLength }: Json, malice: number): string =>
  random.chance(malice * 4) ? random.pick(texts) : 'plain text'.slice(0, Number(maxLength ?? 10))

const hostileObject = (
  random: Random,
  schema: Json,
  document: Document,
  malice: number,
  depth: number,
): Json => {
  const { properties = {}, required = [], additionalProperties, patternProperties } = schema
  const made: Record<string, unknown> = {}
  for (const [name, one] of Object.entries(properties as Json)) {
    const isNeeded = (required as readonly string[]).includes(name) && !random.chance(malice)
    if (isNeeded || random.chance(0.25))
      made[name] = hostile(random, one as object, document, malice, depth + 1)
  }
  if (typeof additionalProperties === 'object' && additionalProperties !== null) {
    const key = random.chance(malice * 3) ? random.pick(texts).slice(0, 100) : random.pick(['e1', 'e2'])
    made[key] = hostile(random, additionalProperties, document, malice, depth + 1)
  }
  if (patternProperties !== undefined && random.chance(0.1))
    made[`items/${random.pick(texts)}`] = random.junk()
  if (random.chance(malice)) made[random.pick(texts).slice(0, 100)] = random.junk()
  return made
}

const resolved = (schema: Json, document: Document): Json => {
  const { $ref } = schema
  if (typeof $ref !== 'string') return schema
  return (document.components.schemas[$ref.split('/').at(-1) ?? ''] ?? {}) as Json
}
