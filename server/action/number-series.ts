// The last numbers of series without gaps. No number may be given twice, and from nothing else could it be found out
// again which was the last: so each is kept in two places, far from one another.

import type { RecordType } from '../../shared/record/define-record.ts'
import type { RowPage, Store, ValuePut } from '../store/store.ts'
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

/** The highest number of each series that stands in a row, by what the types say of theirs. */
export const highestInRows = async (
  store: Pick<Store, 'readRows'>,
  types: readonly RecordType[],
): Promise<ReadonlyMap<string, number>> => {
  const highest = new Map<string, number>()
  for (const type of types) {
    for (const { numbers } of Object.values(type.actions)) {
      if (numbers === undefined) continue
      for await (const row of rowsOf(store, type.name))
        highest.set(numbers.series, Math.max(numberIn(row[numbers.field]), highest.get(numbers.series) ?? 0))
    }
  }
  return highest
}

/** The last digits of it: 42 of «T-0042». */
const numberIn = (written: unknown): number => Number(/(\d{1,15})\D*$/.exec(String(written ?? ''))?.[1] ?? 0)

const ROWS_AT_ONCE = 500

async function* rowsOf(
  store: Pick<Store, 'readRows'>,
  type: string,
): AsyncGenerator<{ readonly [field: string]: unknown }> {
  let after: string | null = ''
  while (after !== null) {
    const page: RowPage = await store.readRows(type, {
      limit: ROWS_AT_ONCE,
      ...(after === '' ? {} : { after }),
    })
    // Written by the server, under the store's checksum.
    for (const { json } of page.rows) yield JSON.parse(json)
    after = page.next
  }
}
