// What the server says of a list, parsed: a whole of it, or what changed since the version before.

import type { Row } from '../../shared/record/filter.ts'
import { type Person, readPerson } from '../record/presence.ts'
import { isObject } from '../../shared/is-object.ts'

export type Counts = { readonly [field: string]: { readonly [value: string]: number } }
export type Sums = { readonly [field: string]: number }

/** By field, by its value: sums by field. */
export type GroupSums = { readonly [field: string]: { readonly [value: string]: Sums } }

export interface ListFigures {
  readonly total?: number
  readonly groups?: Counts
  readonly sums?: Sums
  readonly groupSums?: GroupSums
}

/** Who is on which row; in a delta, of the rows where that changed. */
export type PeopleByRow = ReadonlyMap<string, readonly Person[]>

export interface Beside {
  readonly heaps: number
  readonly others: readonly number[]
  /** Of all rows, in their order. */
  readonly sum: number
}

export interface RowsMessage extends ListFigures {
  readonly id: number
  readonly version: number
  /** The rows are those that follow what is held as of this version; null: they are all. */
  readonly behind: number | null
  /** The rows are those of some heaps of what is held, and the rest stays; null: they are all. */
  readonly beside: Beside | null
  readonly rows: readonly Row[]
  readonly hasMore: boolean
  /** After an upgrade the server reads its records anew: some may not be in the list yet. */
  readonly isRebuilding: boolean
  readonly people: PeopleByRow
}

export interface Said {
  readonly id: string
  readonly by: string
  readonly signals: readonly { readonly type: string; readonly action: string; readonly data?: unknown }[]
}

export interface DeltaMessage extends ListFigures {
  readonly id: number
  readonly version: number
  /** Carried out in this order: leave, change, enter; `at` is the place among what stands then. */
  readonly leave: readonly string[]
  readonly change: readonly Row[]
  readonly enter: readonly { readonly row: Row; readonly at: number }[]
  /** Records that were deleted, whether the list held so many rows or not. */
  readonly removed: readonly string[]
  /** What happened to records, in the words of their type, where that was asked for. */
  readonly said: readonly Said[]
  readonly hasMore?: boolean
  readonly isRebuilding?: boolean
  readonly people: PeopleByRow
}

export const parseRows = (body: Readonly<Record<string, unknown>>): RowsMessage | null => {
  const { id, version, behind = null, rows, cursor } = body
  if (!isNatural(id) || !isNatural(version) || !isListOf(rows, isRow)) return null
  if (behind !== null && !isNatural(behind)) return null
  const beside = parseBeside(body)
  if (beside === undefined) return null
  return {
    id,
    version,
    behind,
    beside,
    rows,
    hasMore: cursor !== undefined && cursor !== null,
    isRebuilding: body.rebuilding === true,
    people: parsePeople(body.people),
    ...figures(body),
  }
}

export const parseDelta = (body: Readonly<Record<string, unknown>>): DeltaMessage | null => {
  const { id, version, leave = [], change = [], enter = [], removed = [], said = [], cursor } = body
  if (!isNatural(id) || !isNatural(version)) return null
  if (!isListOf(leave, isText) || !isListOf(change, isRow) || !isListOf(enter, isEntering)) return null
  if (!isListOf(removed, isText) || !isListOf(said, isSaid)) return null
  return {
    id,
    version,
    leave,
    change,
    enter,
    removed,
    said,
    ...(cursor === undefined ? {} : { hasMore: cursor !== null }),
    ...(typeof body.rebuilding === 'boolean' ? { isRebuilding: body.rebuilding } : {}),
    people: parsePeople(body.people),
    ...figures(body),
  }
}

/** Undefined: it is neither there nor whole. */
const parseBeside = ({
  heaps,
  others,
  sum,
}: Readonly<Record<string, unknown>>): Beside | null | undefined => {
  if (heaps === undefined) return null
  return isNatural(heaps) && isListOf(others, isNatural) && isNatural(sum)
    ? { heaps, others, sum }
    : undefined
}

const parsePeople = (people: unknown): PeopleByRow => {
  const byRow = new Map<string, readonly Person[]>()
  if (!isObject(people)) return byRow
  for (const [id, those] of Object.entries(people)) {
    if (Array.isArray(those))
      byRow.set(
        id,
        those.map(toPerson).filter(one => one !== null),
      )
  }
  return byRow
}

const toPerson = (value: unknown): Person | null => {
  if (!isObject(value) || !isNatural(value.clientId)) return null
  const { clientId, id, name, field, state } = value
  return readPerson(clientId, { user: { id, name }, field, state }, '')
}

const figures = ({ total, groups, sums, groupSums }: Readonly<Record<string, unknown>>): ListFigures => ({
  ...(typeof total === 'number' ? { total } : {}),
  ...(isCounts(groups) ? { groups } : {}),
  ...(isNumbers(sums) ? { sums } : {}),
  ...(isGroupSums(groupSums) ? { groupSums } : {}),
})

const isNatural = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const isText = (value: unknown): value is string => typeof value === 'string'
/** Values of a row came through JSON, and are values. */
const isRow = (value: unknown): value is Row => isObject(value) && typeof value.id === 'string'
const isEntering = (value: unknown): value is { row: Row; at: number } =>
  isObject(value) && isRow(value.row) && isNatural(value.at)
const isSaid = (value: unknown): value is Said =>
  isObject(value) && isText(value.id) && isText(value.by) && isListOf(value.signals, isSignal)
const isSignal = (value: unknown): value is Said['signals'][number] =>
  isObject(value) && isText(value.type) && isText(value.action)
const isNumbers = (value: unknown): value is Sums =>
  isObject(value) && Object.values(value).every(number => typeof number === 'number')
const isCounts = (value: unknown): value is Counts => isObject(value) && Object.values(value).every(isNumbers)

const isGroupSums = (value: unknown): value is GroupSums =>
  isObject(value) && Object.values(value).every(isCounts)

const isListOf = <T>(value: unknown, isOne: (one: unknown) => one is T): value is readonly T[] =>
  Array.isArray(value) && value.every(isOne)
