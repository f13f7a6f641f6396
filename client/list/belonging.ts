// All that belongs to one record, of every type that says it belongs to such records.

import type { RecordType, RowOf } from '../../shared/record/record-type.ts'
import type { Row } from '../../shared/record/filter.ts'
import { roomOf } from '../open-things.ts'
import type { ListState, LiveList } from './live-list.ts'
import type { ListQuery } from './list-query.ts'

export interface BelongingPart {
  readonly type: RecordType
  readonly query: ListQuery
}

/** The queries that find what belongs to `type:id`. */
export const belongingQueries = (
  types: readonly RecordType[],
  type: RecordType,
  id: string,
): BelongingPart[] => {
  const room = roomOf(type, id)
  return types.flatMap(child => {
    const field = child.belongsTo === null ? undefined : child.fields[child.belongsTo]
    if (child.belongsTo === null || field?.kind !== 'cell' || field.spec.refType !== type.name) return []
    return [{ type: child, query: { where: { [child.belongsTo]: room }, limit: PIECE } }]
  })
}

/** So many parts of a type at a time; the others follow by themselves, since sums are wrong without them. */
const PIECE = 1_000

/** By the name of their type, which TypeScript does not know; `rows` of a type is what its own row function makes. */
export type BelongingLists = { readonly [type: string]: readonly Row[] | undefined }

export const rowsOfType = <T extends RecordType>(
  lists: BelongingLists,
  type: T,
): readonly RowOf<T>[] | undefined => lists[type.name] as readonly RowOf<T>[] | undefined

export class Belonging {
  readonly #lists: readonly (readonly [RecordType, LiveList])[]
  readonly #release: () => void
  readonly #stops: readonly (() => void)[]
  #last: BelongingLists = {}
  #pending: ReadonlySet<string> = new Set()
  #cut: ReadonlySet<string> = new Set()

  constructor(lists: readonly (readonly [RecordType, LiveList])[], release: () => void) {
    this.#lists = lists
    this.#release = release
    this.#stops = lists.map(([, list]) => followed(list))
  }

  get lists(): BelongingLists {
    const next: Record<string, readonly Row[] | undefined> = {}
    // A list of a type holds rows, whatever that type puts in them.
    for (const [type, list] of this.#lists) next[type.name] = list.rows as readonly Row[] | undefined
    const isSame = Object.entries(next).every(([name, rows]) => this.#last[name] === rows)
    if (!isSame || Object.keys(this.#last).length === 0) this.#last = next
    return this.#last
  }

  rows<T extends RecordType>(type: T): readonly RowOf<T>[] | undefined {
    return rowsOfType(this.lists, type)
  }

  /** The parts, of whatever type, that have something unsent. */
  get pending(): ReadonlySet<string> {
    this.#pending = sameOr(
      this.#pending,
      this.#lists.flatMap(([, { pending }]) => [...pending]),
    )
    return this.#pending
  }

  /** The types of which there are more than the server tells of: a sum over their rows is none of the whole. */
  get cut(): ReadonlySet<string> {
    this.#cut = sameOr(
      this.#cut,
      this.#lists.flatMap(([type, { isCut }]) => (isCut ? [type.name] : [])),
    )
    return this.#cut
  }

  /** That of the part which is furthest from live. */
  get state(): ListState {
    const states = this.#lists.map(([, { state }]) => state)
    return ORDER.find(state => states.includes(state)) ?? 'live'
  }

  readonly subscribe = (tell: () => void): (() => void) => {
    const stops = this.#lists.map(([, list]) => list.subscribe(tell))
    return () => {
      for (const stop of stops) stop()
    }
  }

  close(): void {
    for (const stop of this.#stops) stop()
    for (const [, list] of this.#lists) list.close()
    this.#release()
  }
}

/** The set that there was, where nothing in it is another. */
const sameOr = (before: ReadonlySet<string>, names: readonly string[]): ReadonlySet<string> => {
  const next = new Set(names)
  return next.size === before.size && names.every(name => before.has(name)) ? before : next
}

const followed = (list: LiveList): (() => void) => {
  let asked = 0
  const ask = (): void => {
    const count = list.rows?.length ?? 0
    // Whatever else is told before they have come is no reason to ask again.
    if (!list.hasMore || count <= asked) return
    asked = count
    list.more()
  }
  ask()
  return list.subscribe(ask)
}

const ORDER: readonly ListState[] = ['error', 'loading', 'unavailable', 'device', 'live']
