import type { Row } from '../../shared/record/filter.ts'

/**
 * What turns one page into the next. Carried out in this order: those that leave are taken out, those that change
 * are replaced where they stand, those that enter are put in one after the other, each at its place among what
 * stands then. A row that moves leaves and enters.
 */
export interface ListDiff {
  readonly leave: readonly string[]
  readonly change: readonly Row[]
  readonly enter: readonly { readonly row: Row; readonly at: number }[]
}

export const diffRows = (before: readonly Row[], after: readonly Row[]): ListDiff | null => {
  let start = 0
  while (start < before.length && before[start] === after[start] && start < after.length) start++
  let beforeEnd = before.length
  let afterEnd = after.length
  while (beforeEnd > start && afterEnd > start && before[beforeEnd - 1] === after[afterEnd - 1]) {
    beforeEnd--
    afterEnd--
  }
  if (start === beforeEnd && start === afterEnd) return null
  const old = before.slice(start, beforeEnd)
  const places = new Map(old.map((row, place) => [row.id, place]))
  const now = after.slice(start, afterEnd)
  const stays = stayingOf(now.map(row => places.get(row.id) ?? -1))
  const staying = new Set<string>()
  const change: Row[] = []
  const enter: { row: Row; at: number }[] = []
  for (const [index, row] of now.entries()) {
    if (!stays.has(index)) {
      enter.push({ row, at: start + index })
      continue
    }
    staying.add(row.id)
    if (old[places.get(row.id) ?? -1] !== row) change.push(row)
  }
  const leave = old.filter(({ id }) => !staying.has(id)).map(({ id }) => id)
  return { leave, change, enter }
}

/** The most rows that can stay where they are relative to each other: the longest rising run of their old places. */
const stayingOf = (places: readonly number[]): ReadonlySet<number> => {
  const tails: number[] = []
  const previous: number[] = []
  for (const [index, place] of places.entries()) {
    if (place < 0) continue
    let low = 0
    let high = tails.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((places[tails[middle] ?? 0] ?? 0) < place) low = middle + 1
      else high = middle
    }
    previous[index] = low === 0 ? -1 : (tails[low - 1] ?? -1)
    tails[low] = index
  }
  const stays = new Set<number>()
  for (let index = tails.at(-1) ?? -1; index >= 0; index = previous[index] ?? -1) stays.add(index)
  return stays
}
