// What a record must read as, told from the writes that are live on it: written from the design's words, with
// structures of its own, and deliberately without a line of the implementation it is held against. It goes for
// plain over fast: everything is sorted and filtered anew each time.

import type { RecordType } from '../../shared/record/record-type.ts'
import type { Field } from '../../shared/record/field.ts'
import type { Value } from '../../shared/record/value.ts'
import type { Ledger, LiveWrites, Write } from './ledger.ts'

type CellLike = Extract<Field, { kind: 'cell' }>
type ListLike = Extract<Field, { kind: 'list' }>

export interface Shown {
  /** The write whose value is *the* value. */
  readonly write: Write | null
  /** Those that lost, latest first, one for each value. */
  readonly losers: readonly Write[]
  readonly tentative: boolean
}

export interface OpenQuestion {
  readonly kind: 'values' | 'edited while removed'
  readonly path: string
  readonly ids: ReadonlySet<string>
}

const text = (value: unknown): string => JSON.stringify(value ?? null)
export const isEqual = (a: unknown, b: unknown): boolean => text(sorted(a)) === text(sorted(b))
const sorted = (value: unknown): unknown =>
  typeof value !== 'object' || value === null
    ? value
    : Array.isArray(value)
      ? value.map(sorted)
      : Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, part]) => [key, sorted(part)]),
        )

/** «Highest stamp; tie: author, then client id.» */
const byAge = (a: Write, b: Write): number =>
  a.stamp - b.stamp ||
  (a.author === b.author ? 0 : a.author < b.author ? -1 : 1) ||
  a.client - b.client ||
  a.clock - b.clock
const oldest = (writes: readonly Write[]): Write | null => [...writes].sort(byAge)[0] ?? null
export const latest = (writes: readonly Write[]): Write | null => [...writes].sort(byAge).at(-1) ?? null

/** «The latest of one client id counts, and that is no conflict.» */
const counting = (writes: readonly Write[]): readonly Write[] =>
  writes.length === 1
    ? writes
    : writes.filter(
        write => !writes.some(other => other.client === write.client && other.clock > write.clock),
      )

const rankOf = (field: CellLike, value: Value): number | string =>
  field.spec.type === 'oneOf'
    ? (field.spec.json.enum as string[]).indexOf(String(value))
    : typeof value === 'number'
      ? value
      : typeof value === 'boolean'
        ? Number(value)
        : String(value)

const extreme = (field: CellLike, writes: readonly Write[]): Write | null => {
  const set = writes.filter(({ value }) => value !== null)
  if (set.length === 0) return latest(writes)
  const ranks = set.map(({ value }) => rankOf(field, value))
  const best = ranks.reduce((a, b) => ((field.policy === 'max' ? b > a : b < a) ? b : a))
  return latest(set.filter((_, i) => ranks[i] === best))
}

/** «First witnessed»: what the server has named, in its order; then the others, by stamp, tentatively. */
const firstWitnessed = (writes: readonly Write[], witnesses: readonly string[]): Shown => {
  const named = witnesses.flatMap(id => writes.filter(write => write.id === id))
  const others = writes.filter(write => !witnesses.includes(write.id)).sort(byAge)
  const holderLetGo = witnesses.length > 0 && !writes.some(({ id }) => id === witnesses[0])
  const inHoldersPlace = holderLetGo ? others.at(-1) : undefined
  const write = inHoldersPlace ?? [...named, ...others].find(({ value }) => value !== null) ?? latest(writes)
  return { write, losers: [], tentative: write !== null && !witnesses.includes(write.id) }
}

export const witnessesOf = (live: LiveWrites, path: string): string[] => {
  const cell = latest(live.get(`$w/${path.replaceAll('%', '%25').replaceAll('/', '%2F')}`) ?? [])
  return ((cell?.value ?? []) as [number, number, number][]).map(([client, clock]) => `${client}.${clock}`)
}

export const shownAt = (field: CellLike, live: LiveWrites, path: string): Shown => {
  const writes = counting(live.get(path) ?? [])
  const found =
    field.policy === 'first'
      ? firstWitnessed(writes, witnessesOf(live, path))
      : {
          write: field.policy === 'max' || field.policy === 'min' ? extreme(field, writes) : latest(writes),
          tentative: false,
        }
  const losers = writes
    .filter(write => !isEqual(write.value, found.write?.value))
    .filter(write => field.policy !== 'first' || write.value !== null)
    .sort(byAge)
    .reverse()
  return {
    ...found,
    losers: losers.filter((write, i) => losers.findIndex(other => isEqual(other.value, write.value)) === i),
  }
}

const valueAt = (field: CellLike, live: LiveWrites, path: string): Value =>
  shownAt(field, live, path).write?.value ?? field.initial

const segments = (path: string): string[] => path.split('/')
const plain = (segment: string): string => decodeURIComponent(segment)

/** The keys that follow a prefix in the paths of live writes. */
const keysBelow = (live: LiveWrites, prefix: string): string[] => {
  const depth = segments(prefix).length
  const keys = [...live.keys()]
    .filter(path => path.startsWith(`${prefix}/`))
    .map(path => segments(path)[depth] ?? '')
  return [...new Set(keys)]
}

export const isInSet = (live: LiveWrites, path: string): boolean =>
  counting(live.get(path) ?? []).some(({ value }) => value === true)

const setAt = (live: LiveWrites, path: string): string[] =>
  keysBelow(live, path)
    .filter(key => isInSet(live, `${path}/${key}`))
    .map(plain)
    .sort()

const counterAt = (live: LiveWrites, path: string): number =>
  keysBelow(live, path).reduce(
    (sum, key) => sum + Number(latest(live.get(`${path}/${key}`) ?? [])?.value ?? 0),
    0,
  )

export const isRemoved = (live: LiveWrites, path: string): boolean =>
  (latest(live.get(path) ?? [])?.value ?? null) !== null

/** The live writes that make up an entry, its tombstone left out. */
export const beneath = (live: LiveWrites, path: string): Write[] =>
  [...live].flatMap(([other, writes]) => (other.startsWith(`${path}/`) ? writes : []))

const entryAt = (field: ListLike, live: LiveWrites, path: string): Record<string, unknown> | null => {
  if (isRemoved(live, path)) return null
  const parts = Object.entries(field.entry)
  const created = oldest(live.get(`${path}/$created`) ?? [])
  const born =
    created ??
    oldest(
      parts.flatMap(([part, inner]) => (inner.kind === 'cell' ? (live.get(`${path}/${part}`) ?? []) : [])),
    )
  if (born === null) return null
  const entry: Record<string, unknown> = {
    id: plain(segments(path).at(-1) ?? ''),
    by: born.author,
    at: Math.floor(born.stamp / 1024),
  }
  for (const [part, inner] of parts) {
    const partPath = `${path}/${part}`
    entry[part] =
      inner.kind === 'cell'
        ? valueAt(inner, live, partPath)
        : inner.kind === 'set'
          ? setAt(live, partPath)
          : counterAt(live, partPath)
  }
  if (field.order === 'manual') entry.pos = latest(live.get(`${path}/pos`) ?? [])?.value ?? ''
  return entry
}

interface Placed {
  readonly id: string
  readonly at: number
  readonly pos?: string
}
const inOrder = (manual: boolean) => (a: Placed, b: Placed) =>
  (manual && a.pos !== b.pos ? ((a.pos ?? '') < (b.pos ?? '') ? -1 : 1) : 0) ||
  a.at - b.at ||
  (a.id < b.id ? -1 : 1)

const fieldOf = (name: string, field: Field, live: LiveWrites, read: (field: string) => string): unknown => {
  switch (field.kind) {
    case 'cell':
      return valueAt(field, live, name)
    case 'set':
      return setAt(live, name)
    case 'counter':
      return counterAt(live, name)
    case 'text':
      return read(name)
    case 'log':
      return keysBelow(live, name)
        .map(key => {
          // «Until then the lowest (stamp, client id) counts.»
          const entry = oldest(live.get(`${name}/${key}`) ?? [])
          return {
            ...(entry?.value as object),
            id: plain(key),
            by: entry?.author,
            at: Math.floor((entry?.stamp ?? 0) / 1024),
          }
        })
        .sort(inOrder(false))
    case 'list':
      return (
        keysBelow(live, name)
          .map(key => entryAt(field, live, `${name}/${key}`))
          .filter(entry => entry !== null)
          // An entry has id and at by the function above.
          .sort((a, b) => inOrder(field.order === 'manual')(a as unknown as Placed, b as unknown as Placed))
      )
  }
}

/** The whole record, derived fields left out: those are held against a view built from nothing. */
export const expectedView = (
  type: RecordType,
  live: LiveWrites,
  read: (field: string) => string,
): Record<string, unknown> => {
  const created = oldest(live.get('$created') ?? [])
  const view: Record<string, unknown> = {
    created: created === null ? null : Math.floor(created.stamp / 1024),
    createdBy: created?.author ?? '',
    removed: isRemoved(live, ''),
  }
  for (const [name, field] of Object.entries(type.fields)) view[name] = fieldOf(name, field, live, read)
  return view
}

/** Everything a person still has to look at: values that lost, and edits to what somebody had removed meanwhile. */
export const openQuestions = (type: RecordType, live: LiveWrites, ledger: Ledger): OpenQuestion[] => {
  const questions: OpenQuestion[] = []
  const unseen = (path: string, candidates: readonly Write[]): void => {
    const tombstones = live.get(path) ?? []
    if (!isRemoved(live, path)) return
    const ids = candidates
      .filter(({ id }) => !tombstones.some(tombstone => ledger.seen.get(tombstone.id)?.has(id)))
      .map(({ id }) => id)
    if (ids.length > 0) questions.push({ kind: 'edited while removed', path, ids: new Set(ids) })
  }
  unseen(
    '',
    [...live]
      .filter(([path]) => path !== '' && path !== '$created')
      .flatMap(([, writes]) => writes.filter(({ author }) => !author.startsWith('$'))),
  )
  for (const [path, writes] of live) {
    const [name = '', key, part] = segments(path)
    const field = type.fields[name]
    if (field?.kind === 'list' && part === undefined) unseen(path, beneath(live, path))
    const register =
      field?.kind === 'cell' ? field : field?.kind === 'list' ? field.entry[part ?? ''] : undefined
    if (register?.kind !== 'cell' || writes.length === 1) continue
    // What lies in a removed entry is a question again when the entry is back.
    if (part !== undefined && isRemoved(live, `${name}/${key}`)) continue
    const { losers } = shownAt(register, live, path)
    if (losers.length > 0) questions.push({ kind: 'values', path, ids: new Set(losers.map(({ id }) => id)) })
  }
  return questions
}
