// The last numbers of series without gaps. No number may be given twice, and from nothing else could it be found out
// again which was the last: so each is kept in two places, far from one another.

import { parseRoomName, type RecordType } from '../../shared/record/define-record.ts'
import type { Row } from '../../shared/record/filter.ts'
import { storedRow } from '../list/stored-row.ts'
import { headsOf } from '../store/heads-of.ts'
import { isStoreError } from '../store/store-error.ts'
import { rowsOf } from '../store/rows-of.ts'
import type { Store, ValuePut } from '../store/store.ts'
import { valuesOf } from '../store/values-of.ts'

const SPACES = ['series', 'number-series']

/** Of a series that can be read in neither place: nobody knows what comes next. */
const UNKNOWN_NUMBER = Number.NaN

export const readSeries = async (store: Pick<Store, 'readValues'>): Promise<Map<string, number>> => {
  const series = new Map<string, number>()
  const damaged = new Set<string>()
  for (const space of SPACES) {
    for await (const { key, value } of valuesOf(store, space, '', key => damaged.add(key)))
      series.set(key, Math.max(Number(value), series.get(key) ?? 0))
  }
  for (const key of damaged) if (!series.has(key)) series.set(key, UNKNOWN_NUMBER)
  return series
}

export const seriesPuts = (series: string, last: number): readonly ValuePut[] =>
  SPACES.map(space => ({ space, key: series, value: String(last) }))

/**
 * The highest number of each series that a record has, by what the types say of theirs. One that was removed has its
 * number still: it may come back.
 */
export const highestNumbers = async (
  store: Pick<Store, 'readRows' | 'readHeads' | 'loadRoom'>,
  types: readonly RecordType[],
  now: () => number,
): Promise<ReadonlyMap<string, number>> => {
  const highest = new Map<string, number>()
  const note = (type: RecordType, row: Row): void => {
    for (const { series, field } of seriesOf(type))
      highest.set(series, Math.max(numberIn(row[field]), highest.get(series) ?? 0))
  }
  const numbered = new Map(types.filter(type => seriesOf(type).length > 0).map(type => [type.name, type]))
  // One that is damaged must not end an import that has taken all.
  const passOver = (): void => {}
  for (const type of numbered.values())
    for await (const { json } of rowsOf(store, type.name, passOver)) note(type, JSON.parse(json) as Row)
  if (numbered.size === 0) return highest
  for await (const { room, type: name, state } of headsOf(store)) {
    const type = state === 'removed' ? numbered.get(name) : undefined
    const row = type === undefined ? null : await removedRow(store, type, room, now())
    if (type !== undefined && row !== null) note(type, row)
  }
  return highest
}

const seriesOf = ({ actions }: RecordType): readonly { readonly series: string; readonly field: string }[] =>
  Object.values(actions).flatMap(({ numbers }) => numbers ?? [])

/** Null where it cannot be read, or made: nobody is shown its number either. */
const removedRow = async (
  store: Pick<Store, 'loadRoom'>,
  type: RecordType,
  room: string,
  now: number,
): Promise<Row | null> => {
  try {
    const stored = await store.loadRoom(room)
    const id = parseRoomName(room)?.id ?? ''
    return stored === null ? null : storedRow(type, id, stored, now, { ofRemoved: true })
  } catch (error) {
    if (isStoreError(error) && !isStoreError(error, 'STORE_DAMAGED')) throw error
    return null
  }
}

/** Of these numbers those that come behind what is known of their series. */
export const higherThanKnown = async (
  store: Pick<Store, 'readValues'>,
  numbers: ReadonlyMap<string, number>,
): Promise<readonly [series: string, last: number][]> => {
  const known = await readSeries(store)
  return [...numbers].filter(([series, last]) => last > (known.get(series) ?? 0))
}

/** The last digits of it: 42 of «T-0042». */
const numberIn = (written: unknown): number => Number(/(\d{1,15})\D*$/.exec(String(written ?? ''))?.[1] ?? 0)
