import { defineRecord, type Filter, integer, number, oneOf, ref, setOf, text } from '../../shared/index.ts'
import { claim, matches, type Row } from '../../shared/record/filter.ts'
import type { Principal } from '../../server/access/principal.ts'
import type { Random } from '../../server/simulate/random.ts'

/** A type whose rows have every kind of value, and whose readers are decided by role, claim and name. */
export const Job = defineRecord('job', {
  fields: {
    title: text.line(),
    status: oneOf('open', 'working', 'done'),
    site: ref('site'),
    worker: ref('user'),
    hours: number(),
    floor: integer(),
    tags: setOf(text.line()),
  },
  row: ({ title, status, site, worker, hours, floor, tags }) => ({
    title,
    status,
    site,
    worker,
    hours,
    floor,
    tags,
  }),
  list: {
    orders: ['title', 'status', 'hours', 'floor', 'updated'],
    equal: ['status', 'site', 'worker'],
    search: ['title', 'status'],
  },
  access: {
    read: { $any: [{ $role: 'desk' }, { worker: claim('sub') }, { site: { in: claim('sites') } }] },
  },
})

const WORDS = ['Éclair', 'valve', 'Žica', 'door 2', 'door 10', 'leak', 'VALVE', '😀', '\ufffd', '']
const STATUS = ['open', 'working', 'done', null]
const SITES = ['site:1', 'site:2', 'site:3', 'site:4', null]
const WORKERS = ['ana', 'bo', 'cy', null]
const TAGS = ['red', 'hot', 'late']
const PEOPLE = [
  { id: 'dora', roles: ['desk'], claims: {} },
  { id: 'root', roles: ['admin'], claims: {} },
  { id: 'ana', roles: [], claims: {} },
  { id: 'bo', roles: ['tech'], claims: { sites: ['site:2', 'site:3'] } },
  { id: 'guest', roles: [], claims: { sites: ['site:1'] } },
  { id: 'nobody', roles: [], claims: {} },
]

export const randomRow = (random: Random, id: string, at: number): Row => ({
  title: `${random.pick(WORDS)} ${random.pick(WORDS)}`.trim(),
  status: random.pick(STATUS),
  site: random.pick(SITES),
  worker: random.pick(WORKERS),
  hours: random.chance(0.1) ? null : random.below(40) / 8,
  floor: random.below(9) - 2,
  tags: TAGS.filter(() => random.chance(0.4)),
  id,
  created: Number(id),
  createdBy: 'ana',
  updated: at,
  updatedBy: random.pick(WORKERS) ?? '',
})

export const randomPerson = (random: Random): Principal => ({
  ...random.pick(PEOPLE),
  name: '',
  expiresAt: null,
})

const randomCondition = (random: Random): Filter =>
  random.pick<() => Filter>([
    () => ({ status: random.pick(STATUS) }),
    () => ({ status: { in: [random.pick(STATUS), random.pick(STATUS)] } }),
    () => ({ status: { ne: random.pick(STATUS) } }),
    () => ({ site: random.pick(SITES) }),
    () => ({ site: { eq: random.pick(SITES) } }),
    () => ({ worker: claim('sub') }),
    () => ({ hours: { gte: random.below(3), lt: 3 + random.below(3) } }),
    () => ({ floor: { gt: random.below(4) } }),
    () => ({ tags: { contains: random.pick(TAGS) } }),
    () => ({ title: { contains: random.pick(['door', 'ECLAIR', 'zica', '10']) } }),
    () => ({ title: { lte: 'm' } }),
    () => ({ $text: random.pick(['valve', 'eclair leak', 'open', 'DOOR', '']) }),
    () => ({ $role: random.pick(['desk', 'tech']) }),
    () => ({ id: { in: ['1', '2', '30', '31'] } }),
    () => ({ id: String(random.below(50)) }),
    () => ({}),
  ])()

export const randomFilter = (random: Random): Filter => {
  const parts: Filter[] = []
  for (let i = random.below(3); i >= 0; i--) parts.push(randomCondition(random))
  const all: Filter = Object.assign({}, ...parts)
  return random.chance(0.3)
    ? { ...all, $any: [randomCondition(random), randomCondition(random), { status: 'open' }] }
    : all
}

export interface RandomAsk {
  readonly type: string
  readonly where: Filter
  readonly orderBy: readonly [string, 'asc' | 'desc']
  readonly limit: number
  readonly cursor: string | null
  readonly count: boolean
  readonly groups: readonly string[]
  readonly sums: readonly string[]
}

export const randomAsk = (random: Random): RandomAsk => ({
  type: 'job',
  where: randomFilter(random),
  orderBy: [
    random.pick(['title', 'status', 'hours', 'floor', 'created', 'updated', 'id']),
    random.pick<'asc' | 'desc'>(['asc', 'desc']),
  ],
  limit: random.pick([0, 1, 7, 50, 200]),
  cursor: null,
  count: random.chance(0.5),
  groups: random.chance(0.5) ? [random.pick(['status', 'site', 'tags', 'floor'])] : [],
  sums: random.chance(0.5) ? ['hours', 'floor'] : [],
})

/** The list as the words of the documentation have it, from all rows. */
export const naiveList = (
  rows: Iterable<Row>,
  { where, orderBy: [field, direction], limit, count, groups, sums }: RandomAsk,
  me: Principal,
  behind: Row | null = null,
): { rows: Row[]; hasMore: boolean; figures: Record<string, unknown> } => {
  const mayRead = (row: Row): boolean =>
    me.roles.includes('admin') || matches(Job.access.read ?? {}, row, me, Job.list.search)
  const all = [...rows].filter(row => mayRead(row) && matches(where, row, me, Job.list.search))
  all.sort(
    (a, b) => (direction === 'desc' ? -1 : 1) * (compareValues(a[field], b[field]) || compare(a.id, b.id)),
  )
  const from = behind === null ? all : all.filter(row => isBehind(row, behind, field, direction))
  const figures: Record<string, unknown> = {}
  if (count) figures['total'] = all.length
  const add = (a: number, b: unknown): number => (typeof b === 'number' ? Math.round((a + b) * 1e6) / 1e6 : a)
  const sum = (of: readonly Row[]): Record<string, number> =>
    Object.fromEntries(sums.map(name => [name, of.reduce((total, row) => add(total, row[name]), 0)]))
  if (sums.length > 0) figures['sums'] = sum(all)
  const grouped = groups.map(name => {
    const byValue: Record<string, Row[]> = {}
    for (const row of all) {
      const value = row[name] ?? null
      for (const each of Array.isArray(value) ? value : [value]) {
        byValue[String(each)] ??= []
        byValue[String(each)]?.push(row)
      }
    }
    return [name, byValue] as const
  })
  const figure = (of: (rows: readonly Row[]) => unknown): unknown =>
    Object.fromEntries(
      grouped.map(([name, byValue]) => [
        name,
        Object.fromEntries(Object.entries(byValue).map(([value, each]) => [value, of(each)])),
      ]),
    )
  if (groups.length > 0) figures['groups'] = figure(each => each.length)
  if (groups.length > 0 && sums.length > 0) figures['groupSums'] = figure(sum)
  return { rows: from.slice(0, limit), hasMore: from.length > limit, figures }
}

const isBehind = (row: Row, behind: Row, field: string, direction: 'asc' | 'desc'): boolean => {
  const order = compareValues(row[field], behind[field]) || compare(row.id, behind.id)
  return direction === 'desc' ? order < 0 : order > 0
}

const RANKS = ['null', 'false', 'true', 'number', 'string']
const rank = (value: unknown): number =>
  RANKS.indexOf(
    value === null || value === undefined
      ? 'null'
      : typeof value === 'boolean'
        ? String(value)
        : typeof value,
  )

const compareValues = (a: unknown, b: unknown): number => {
  if (rank(a) !== rank(b)) return rank(a) - rank(b)
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return typeof a === 'string' && typeof b === 'string' ? compare(asLookedUp(a), asLookedUp(b)) : 0
}

/** Without case and accents, numbers with their zeros. */
const asLookedUp = (value: string): string => {
  const known = lookedUp.get(value)
  if (known !== undefined) return known
  const plain = value.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
  const text = plain.replace(/\d+/g, digits => digits.padStart(12, '0'))
  lookedUp.set(value, text)
  return text
}
const lookedUp = new Map<string, string>()

const compare = (a: string, b: string): number => {
  if (a === b) return 0
  const [x, y] = [codePoints(a), codePoints(b)]
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const difference = (x[i] ?? 0) - (y[i] ?? 0)
    if (difference !== 0) return difference
  }
  return x.length - y.length
}

const codePoints = (text: string): readonly number[] => {
  const known = points.get(text)
  if (known !== undefined) return known
  const made = Array.from(text, each => each.codePointAt(0) ?? 0)
  points.set(text, made)
  return made
}
const points = new Map<string, readonly number[]>()
