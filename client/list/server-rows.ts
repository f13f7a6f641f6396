// A list as the server last told it: all of it, then what changed, version by version.

import type { Row } from '../../shared/record/filter.ts'
import { sameValue } from '../../shared/record/value.ts'
import type { Person } from '../record/presence.ts'
import type { DeltaMessage, ListFigures, RowsMessage } from './list-messages.ts'

export class ServerRows {
  readonly #rows: Row[]
  #figures: ListFigures
  #hasMore: boolean
  #isRebuilding: boolean
  #people: ReadonlyMap<string, readonly Person[]>
  #version: number

  constructor(
    {
      rows,
      hasMore,
      isRebuilding,
      people,
      version,
      ...figures
    }: Omit<RowsMessage, 'id' | 'behind' | 'beside'>,
    before: ServerRows | null = null,
  ) {
    this.#rows = before === null ? [...rows] : asBefore(rows, before.rows)
    this.#figures = figuresOf(figures)
    this.#hasMore = hasMore
    this.#isRebuilding = isRebuilding
    this.#people = people
    this.#version = version
  }

  /** Changed in place: whoever keeps them takes a copy. */
  get rows(): readonly Row[] {
    return this.#rows
  }

  get figures(): ListFigures {
    return this.#figures
  }

  get hasMore(): boolean {
    return this.#hasMore
  }

  get isRebuilding(): boolean {
    return this.#isRebuilding
  }

  /** Another map once somebody has come or gone. */
  get people(): ReadonlyMap<string, readonly Person[]> {
    return this.#people
  }

  get version(): number {
    return this.#version
  }

  nobodyIsThere(): void {
    if (this.#people.size > 0) this.#people = new Map()
  }

  /** False where something has been missed since the version that is held. */
  apply({ version, leave, change, enter, hasMore, isRebuilding, people, ...figures }: DeltaMessage): boolean {
    if (version !== this.#version + 1) return false
    this.#version = version
    this.#leave(leave)
    this.#change(change)
    for (const { row, at } of enter) this.#rows.splice(Math.min(at, this.#rows.length), 0, row)
    this.#figures = { ...this.#figures, ...figuresOf(figures) }
    if (hasMore !== undefined) this.#hasMore = hasMore
    if (isRebuilding !== undefined) this.#isRebuilding = isRebuilding
    if (people.size > 0) this.#people = new Map([...this.#people, ...people])
    return true
  }

  // A list may be long and change many times a second: each looks no further than to the last row concerned.

  #leave(leave: readonly string[]): void {
    const left = new Set(leave)
    const rows = this.#rows
    for (let i = 0; left.size > 0 && i < rows.length; ) {
      if (left.delete(rows[i]?.id ?? '')) rows.splice(i, 1)
      else i++
    }
  }

  #change(change: readonly Row[]): void {
    const left = new Map(change.map(row => [row.id, row]))
    const rows = this.#rows
    for (let i = 0; left.size > 0 && i < rows.length; i++) {
      const id = rows[i]?.id ?? ''
      const row = left.get(id)
      if (row === undefined) continue
      rows[i] = row
      left.delete(id)
    }
  }
}

/** Who shows a row draws it again for another object: with a further piece, or a new line, all would be drawn. */
const asBefore = (rows: readonly Row[], before: readonly Row[]): Row[] => {
  const known = new Map(before.map(row => [row.id, row]))
  return rows.map(row => {
    const same = known.get(row.id)
    return same !== undefined && sameValue(same, row) ? same : row
  })
}

const figuresOf = ({ total, groups, sums, groupSums }: ListFigures): ListFigures => ({
  ...(total === undefined ? {} : { total }),
  ...(groups === undefined ? {} : { groups }),
  ...(sums === undefined ? {} : { sums }),
  ...(groupSums === undefined ? {} : { groupSums }),
})
