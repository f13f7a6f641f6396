// The last numbers of series without gaps. No number may be given twice, and from nothing else could it be found out
// again which was the last: so each is kept in two places, far from one another.

import type { NumbersSpec, RecordType } from '../../shared/record/record-type.ts'
import { parseRoomName } from '../../shared/record/room-name.ts'
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

/** Of a server that runs. What it has written down of a series never goes back, in whatever order commits are made. */
export class NumberSeries {
  readonly #last = new Map<string, number>()
  /** The highest that was handed to a commit. */
  readonly #put = new Map<string, number>()
  /** The highest that a record has whose commit may be under way. */
  readonly #written = new Map<string, number>()
  #isRead = false

  /** Until then nobody knows what comes next. */
  get isRead(): boolean {
    return this.#isRead
  }

  async read(store: Pick<Store, 'readValues'>): Promise<void> {
    this.saved(await readSeries(store))
    this.#isRead = true
  }

  last(series: string): number {
    return Math.max(this.#saved(series), this.#written.get(series) ?? 0)
  }

  #saved(series: string): number {
    return this.#last.get(series) ?? 0
  }

  puts(series: string, number: number): readonly ValuePut[] {
    const last = Math.max(number, this.#saved(series), this.#put.get(series) ?? 0)
    this.#put.set(series, last)
    return seriesPuts(series, last)
  }

  /** For the commit of a record with this row, where it has a number that is none of the server's giving. */
  putsOf(type: RecordType, row: Row): readonly ValuePut[] {
    if (!this.#isRead) return []
    const numbers = numbersOf(type, row).filter(([series, number]) => number > this.#saved(series))
    for (const [series, number] of numbers)
      this.#written.set(series, Math.max(number, this.#written.get(series) ?? 0))
    return numbers.flatMap(([series, number]) => this.puts(series, number))
  }

  saved(numbers: Iterable<readonly [series: string, number: number]>): void {
    for (const [series, number] of numbers) this.#last.set(series, Math.max(number, this.#saved(series)))
  }

  /** Numbers up to these were taken behind those `before`, and came to nothing. */
  givenBack(taken: ReadonlyMap<string, number>, before: ReadonlyMap<string, number>): void {
    for (const [series, number] of taken)
      if ((this.#written.get(series) ?? 0) <= number) this.#written.set(series, before.get(series) ?? 0)
  }
}

const readSeries = async (store: Pick<Store, 'readValues'>): Promise<Map<string, number>> => {
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
    for (const [series, number] of numbersOf(type, row))
      highest.set(series, Math.max(number, highest.get(series) ?? 0))
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

const seriesOf = ({ actions }: RecordType): readonly NumbersSpec[] =>
  Object.values(actions).flatMap(({ numbers }) => numbers ?? [])

/** What a record has of each series. A function of the type's that fails is no reason to refuse what was written. */
export const numbersOf = (
  type: RecordType,
  row: Row,
): readonly (readonly [series: string, number: number])[] =>
  seriesOf(type).flatMap(spec => {
    const written = row[spec.field] ?? null
    if (written === null) return []
    try {
      const read = readNumber(spec, String(written))
      return read === null ? [] : [read]
    } catch {
      return []
    }
  })

/** Null where it is of no series. */
const readNumber = (
  { series, read }: NumbersSpec,
  written: string,
): readonly [series: string, number: number] | null => {
  const name: unknown = typeof series === 'string' ? series : series(written)
  return typeof name === 'string' && name !== '' ? [name, numberIn(written, read)] : null
}

/**
 * What an action took and wrote is what is read there: else what comes in from elsewhere is counted by nobody, or the
 * series leaps, and both are noticed when two documents have one number.
 */
export const assertReadAsTaken = (
  spec: NumbersSpec,
  written: string,
  taken: ReadonlyMap<string, number>,
): void => {
  const [series, number] = readNumber(spec, written) ?? [null, 0]
  const last = series === null ? undefined : taken.get(series)
  if (last !== undefined && number > 0 && number <= last) return
  const given = [...taken].map(([name, number]) => `${number} of «${name}»`).join(', ')
  const read = series === null ? 'of no series' : `${number} of «${series}»`
  throw new TypeError(
    `numbers reads «${written}» as ${read}, and run took ${given}: name the series of next, and give read where the number does not stand at the end`,
  )
}

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

const numberIn = (written: string, read = lastDigits): number => {
  const number: unknown = read(written)
  return Number.isSafeInteger(number) ? (number as number) : 0
}

const lastDigits = (written: string): number => Number(/(\d{1,15})\D*$/.exec(written)?.[1] ?? 0)
