// The last numbers of series without gaps. No number may be given twice, and from nothing else could it be found out
// again which was the last: so each is kept in two places, far from one another.

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
