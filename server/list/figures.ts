import type { Row } from '../../shared/record/filter.ts'
import type { JsonObject } from '../../shared/wire/shape.ts'

export interface FiguresAsked {
  readonly count: boolean
  readonly groups: readonly string[]
  readonly sums: readonly string[]
}

/**
 * Counts and sums over all rows of a list, kept as rows come and go. A row counts in each group that its value
 * names; of a value that is an array, each element does.
 */
export class Figures {
  readonly #asked: FiguresAsked
  #total = 0
  #size = 0
  readonly #sums: ReadonlyMap<string, ExactSum>
  readonly #groups: ReadonlyMap<string, Map<string, Group>>

  constructor(asked: FiguresAsked) {
    this.#asked = asked
    this.#sums = new Map(asked.sums.map(field => [field, new ExactSum()]))
    this.#groups = new Map(asked.groups.map(field => [field, new Map()]))
  }

  static isAsked({ count, groups, sums }: FiguresAsked): boolean {
    return count || groups.length > 0 || sums.length > 0
  }

  /** How many numbers it tells of groups. */
  get size(): number {
    return this.#size
  }

  /** Where only the number is asked, and is known without looking. */
  setTotal(total: number): void {
    this.#total = total
  }

  add(row: Row, sign: 1 | -1): void {
    this.#total += sign
    for (const [field, sum] of this.#sums) sum.add(row[field], sign)
    for (const [field, groups] of this.#groups) {
      const value = row[field] ?? null
      if (Array.isArray(value))
        for (const each of new Set(value.map(String))) this.#count(groups, each, row, sign)
      else this.#count(groups, String(value), row, sign)
    }
  }

  #count(groups: Map<string, Group>, value: string, row: Row, sign: 1 | -1): void {
    let group = groups.get(value)
    if (group === undefined) {
      group = { count: 0, sums: this.#asked.sums.map(field => [field, new ExactSum()]) }
      groups.set(value, group)
      this.#size += 1 + group.sums.length
    }
    group.count += sign
    for (const [field, sum] of group.sums) sum.add(row[field], sign)
    if (group.count !== 0) return
    groups.delete(value)
    this.#size -= 1 + group.sums.length
  }

  toJson(): JsonObject {
    const { count, groups, sums } = this.#asked
    return {
      ...(count ? { total: this.#total } : {}),
      ...(groups.length > 0 ? { groups: this.#grouped(group => group.count) } : {}),
      ...(sums.length > 0 ? { sums: sumsToJson([...this.#sums]) } : {}),
      ...(groups.length > 0 && sums.length > 0
        ? { groupSums: this.#grouped(group => sumsToJson(group.sums)) }
        : {}),
    }
  }

  #grouped<T extends number | JsonObject>(
    figure: (group: Group) => T,
  ): { [field: string]: { [value: string]: T } } {
    return Object.fromEntries(
      [...this.#groups].map(([field, groups]) => [
        field,
        Object.fromEntries(
          [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([value, group]) => [value, figure(group)]),
        ),
      ]),
    )
  }
}

interface Group {
  count: number
  readonly sums: readonly (readonly [field: string, sum: ExactSum])[]
}

const sumsToJson = (sums: readonly (readonly [string, ExactSum])[]): { [field: string]: number } =>
  Object.fromEntries(sums.map(([field, sum]) => [field, sum.value]))

const PARTS = 1_000_000

/**
 * Floating sums depend on the order in which they are taken, and what was added does not come out as it went in.
 * Whole numbers and millionths are counted apart: exact for amounts, and for quantities of up to six places.
 */
class ExactSum {
  #whole = 0
  #parts = 0

  add(value: unknown, sign: 1 | -1): void {
    if (typeof value !== 'number') return
    const whole = Math.trunc(value)
    this.#whole += sign * whole
    this.#parts += sign * Math.round((value - whole) * PARTS)
  }

  get value(): number {
    return this.#parts === 0 ? this.#whole : (this.#whole * PARTS + this.#parts) / PARTS
  }
}
