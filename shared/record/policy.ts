// A policy decides which live cell of a path is *the* value; never what is kept. Every function here is pure
// and symmetric in the order of its cells, so that replicas which hold the same cells agree.

import { compareCells, type LiveCell } from './cell.ts'
import { sameValue, type Value } from './value.ts'

export const policies = ['last', 'first', 'max', 'min', 'review'] as const
export type CellPolicy = (typeof policies)[number]

/** The cells the server has witnessed at one path, in rank order: client id, clock, ordinal (commit number). */
export type Witness = readonly (readonly [client: number, clock: number, ordinal: number])[]

export interface Resolution {
  readonly winner: LiveCell | null
  /** Live cells whose value lost, one per distinct value, latest first. */
  readonly losers: readonly LiveCell[]
  /** A `first` value that no server has confirmed yet. */
  readonly tentative: boolean
}

export type Order = (a: Value, b: Value) => number

const NOTHING: Resolution = { winner: null, losers: [], tentative: false }

export const resolve = (
  policy: CellPolicy,
  order: Order,
  cells: readonly LiveCell[],
  witness: Witness,
): Resolution => {
  const only = cells[0]
  if (only === undefined) return NOTHING
  if (cells.length === 1 && policy !== 'first')
    return { winner: only, losers: NOTHING.losers, tentative: false }
  const live = latestPerClient(cells)
  if (policy === 'first') return resolveFirst(live, witness)
  const winner = live.reduce(policy === 'last' || policy === 'review' ? later : byOrder(policy, order))
  return { winner, losers: losersAgainst(winner, live), tentative: false }
}

/**
 * The cells that count. Of a field that a write rule reads, a client keeps the cells it overwrote itself until
 * they are saved; those are its history, not a conflict.
 */
export const latestPerClient = (cells: readonly LiveCell[]): readonly LiveCell[] => {
  if (cells.length === 1) return cells
  const latest = new Map<number, LiveCell>()
  for (const cell of cells) {
    const other = latest.get(cell.client)
    if (other === undefined || cell.clock > other.clock) latest.set(cell.client, cell)
  }
  return latest.size === cells.length ? cells : [...latest.values()]
}

const later = (a: LiveCell, b: LiveCell): LiveCell => (compareCells(a, b) >= 0 ? a : b)

const byOrder =
  (policy: 'max' | 'min', order: Order) =>
  (a: LiveCell, b: LiveCell): LiveCell => {
    // Null is «not set», and loses against any value in both directions.
    if (a.value === null || b.value === null)
      return a.value === b.value ? later(a, b) : a.value === null ? b : a
    const sign = order(a.value, b.value) * (policy === 'max' ? 1 : -1)
    return sign > 0 ? a : sign < 0 ? b : later(a, b)
  }

/**
 * Rank order is the witness's order; what it does not name comes after, by stamp. When the holder's cell has
 * been replaced and the server has not said by what yet, the latest unwitnessed cell stands in its place:
 * otherwise a release would, until the next commit, hand the field to somebody who lost it long ago.
 */
const resolveFirst = (live: readonly LiveCell[], witness: Witness): Resolution => {
  const ranked: LiveCell[] = []
  for (const [client, clock] of witness) {
    const cell = live.find(c => c.client === client && c.clock === clock)
    if (cell !== undefined) ranked.push(cell)
  }
  const unwitnessed = live.filter(cell => !ranked.includes(cell)).sort(compareCells)
  const holder = witness[0]
  const holderIsGone =
    holder !== undefined && !live.some(c => c.client === holder[0] && c.clock === holder[1])
  const successor = holderIsGone ? unwitnessed.at(-1) : undefined
  if (successor !== undefined) {
    return { winner: successor, losers: losersAgainst(successor, live), tentative: true }
  }
  const winner = [...ranked, ...unwitnessed].find(cell => cell.value !== null) ?? live.reduce(later)
  return { winner, losers: losersAgainst(winner, live), tentative: unwitnessed.includes(winner) }
}

const losersAgainst = (winner: LiveCell, live: readonly LiveCell[]): LiveCell[] => {
  const losers: LiveCell[] = []
  for (const cell of [...live].sort(compareCells).reverse()) {
    if (sameValue(cell.value, winner.value)) continue
    if (!losers.some(other => sameValue(other.value, cell.value))) losers.push(cell)
  }
  return losers
}

/** A `first` field's null cells are releases that nobody competes with, so they are no losers to be shown. */
export const isCompeting = (policy: CellPolicy, cell: LiveCell): boolean =>
  policy !== 'first' || cell.value !== null
