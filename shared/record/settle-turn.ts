// What the server adds to the writes of one commit, in the same commit: witnesses for `first` fields, the
// retirement of claims that a release leaves behind, a cap on losers, and the removal of log entries that came
// twice. The server is a witness here, not a sequencer: it never changes whose write merges how.

import type { CellSource } from './cell-index.ts'
import { compareCells, isSameCell, type LiveCell } from './cell.ts'
import type { CellField } from './field.ts'
import type { RecordType } from './record-type.ts'
import { witnessPath } from './path.ts'
import { isCompeting, latestPerClient, type Witness } from './policy.ts'
import { isSlot, type Slot, slotAt } from './slot.ts'
import { sameValue, type Value } from './value.ts'
import { firstOf, resolveAt, witnessAt } from './view.ts'

/** One accepted update, as the cells it added and deleted. */
export interface AcceptedWrite {
  readonly added: readonly LiveCell[]
  readonly deleted: readonly LiveCell[]
}

/** Something a person should hear of: their value stands no more. */
export interface Lost {
  readonly path: string
  readonly cell: LiveCell
  readonly winner: LiveCell | null
  readonly why: 'outranked' | 'retired' | 'too many'
}

export interface TurnSettlement {
  readonly pushes: readonly { readonly path: string; readonly value: Value }[]
  readonly victims: readonly LiveCell[]
  readonly lost: readonly Lost[]
}

/** More losers than this at one path are history, not something a person can pick from. */
export const LOSERS_MAX = 8

/** `source` shows the record after the writes; `commit` is the number the commit will have. */
export const settleTurn = (
  type: RecordType,
  source: CellSource,
  writes: readonly AcceptedWrite[],
  commit: number,
): TurnSettlement => {
  const pushes: { path: string; value: Value }[] = []
  const victims: LiveCell[] = []
  const lost: Lost[] = []
  let byPath: ReadonlyMap<string, readonly AcceptedWrite[]> | null = null
  const writesAt = (path: string): readonly AcceptedWrite[] => {
    byPath ??= writesByPath(writes)
    return byPath.get(path) ?? NOTHING
  }
  for (const [path, slot] of touchedSlots(type, writes)) {
    if (slot.kind === 'log' || slot.kind === 'action') victims.push(...twins(source.at(path)))
    if (slot.kind !== 'cell' || slot.field === null) continue
    const counting = latestPerClient(source.at(path))
    // What a client kept only for the guard to judge in order has been judged.
    victims.push(...source.at(path).filter(cell => !counting.includes(cell)))
    let retired: readonly LiveCell[] = []
    let witness: Value | undefined
    if (slot.policy === 'first') {
      const before = witnessAt(source, path)
      const ranked = rank(before, writesAt(path), counting, commit)
      retired = ranked.retired
      if (!sameValue(before, ranked.witness)) {
        witness = ranked.witness as unknown as Value
        pushes.push({ path: witnessPath(path), value: witness })
      }
      victims.push(...retired)
      for (const cell of retired) lost.push({ path, cell, winner: null, why: 'retired' })
    }
    const live = counting.filter(cell => !retired.includes(cell))
    if (live.length > 1)
      outranked({ source, path, slot, live, writes: writesAt(path), witness, victims, lost })
  }
  return { pushes, victims, lost }
}

const touchedSlots = (type: RecordType, writes: readonly AcceptedWrite[]): Map<string, Slot> => {
  const slots = new Map<string, Slot>()
  const touch = ({ path }: LiveCell): void => {
    if (slots.has(path)) return
    const slot = slotAt(type, path)
    if (isSlot(slot)) slots.set(path, slot)
  }
  for (const { added, deleted } of writes) {
    added.forEach(touch)
    deleted.forEach(touch)
  }
  return slots
}

/** The writes at each path: where two fill in the same thousand fields, each is not looked for among all. */
const writesByPath = (writes: readonly AcceptedWrite[]): ReadonlyMap<string, readonly AcceptedWrite[]> => {
  const byPath = new Map<string, Touch[]>()
  for (const { added, deleted } of writes) {
    const own = new Map<string, Touch>()
    const at = ({ path }: LiveCell): Touch => {
      const known = own.get(path)
      if (known !== undefined) return known
      const touch: Touch = { added: [], deleted: [] }
      own.set(path, touch)
      const others = byPath.get(path)
      if (others === undefined) byPath.set(path, [touch])
      else others.push(touch)
      return touch
    }
    for (const cell of added) at(cell).added.push(cell)
    for (const cell of deleted) at(cell).deleted.push(cell)
  }
  return byPath
}

const NOTHING: readonly AcceptedWrite[] = []

interface Touch {
  readonly added: LiveCell[]
  readonly deleted: LiveCell[]
}

/** Of equal entries under one id the first counts; the guard lets in no others. */
const twins = (cells: readonly LiveCell[]): readonly LiveCell[] => {
  const kept = firstOf(cells)
  return cells.filter(cell => cell !== kept)
}

interface Rank {
  readonly client: number
  readonly clock: number
  readonly ordinal: number
}

/**
 * Walks the writes of a path in the order they were accepted. A cell that replaces a ranked one takes its place, and its
 * ordinal; any other comes last. When the holder lets go, the claims that are behind at that moment are retired:
 * their authors have been told who has it, and would not expect to get it without asking again.
 */
const rank = (
  before: Witness,
  writes: readonly AcceptedWrite[],
  live: readonly LiveCell[],
  commit: number,
): { witness: Witness; retired: readonly LiveCell[] } => {
  let ranks: Rank[] = before.map(([client, clock, ordinal]) => ({ client, clock, ordinal }))
  const retired: LiveCell[] = []
  for (const { added, deleted } of writes) {
    const places = deleted
      .map(one => ranks.findIndex(rank => isSameCell(rank, one)))
      .filter(place => place >= 0)
    const replaced = places.map(place => ranks[place])
    let first = ranks[Math.min(...places)]
    // An update may bring claims from several client ids of one user; the first of them is the one that replaces,
    // and after it each takes the place of what its own client id had there before.
    for (const { client, clock, value } of added) {
      const heir = first ?? ranks.find(rank => rank.client === client)
      first = undefined
      if (value === null && heir !== undefined && heir === ranks[0]) {
        retired.push(...live.filter(cell => ranks.some(rank => rank !== heir && isSameCell(rank, cell))))
        ranks = []
      } else if (value !== null) {
        const entry = { client, clock, ordinal: heir?.ordinal ?? commit }
        if (heir === undefined) ranks.push(entry)
        else ranks = ranks.map(rank => (rank === heir ? entry : rank))
      } else {
        // A null that holds nothing ranks nowhere; it would only be dead weight.
        ranks = ranks.filter(rank => rank !== heir)
      }
    }
    ranks = ranks.filter(rank => !replaced.includes(rank))
  }
  const alive = ranks.filter(rank => live.some(cell => isSameCell(cell, rank)))
  return { witness: alive.map(({ client, clock, ordinal }) => [client, clock, ordinal]), retired }
}

interface Contest {
  readonly source: CellSource
  readonly path: string
  readonly slot: Slot
  readonly live: readonly LiveCell[]
  readonly writes: readonly AcceptedWrite[]
  /** Where the turn changes it. */
  readonly witness: Value | undefined
  readonly victims: LiveCell[]
  readonly lost: Lost[]
}

const outranked = ({ source, path, slot, live, writes, witness, victims, lost }: Contest): void => {
  if (slot.field === null) return
  const settled: CellSource =
    witness === undefined
      ? source
      : withCellsAt(withCellsAt(source, path, live), witnessPath(path), [
          witnessCell(witnessPath(path), witness),
        ])
  const { winner } = resolveAt(settled, slot.field, path)
  const isNew = isAmong(writes.flatMap(({ added }) => added))
  const others = live.filter(cell => cell !== winner).toSorted(compareCells)
  const losers = others.filter(
    cell => isCompeting(slot.policy, cell) && !sameValue(cell.value, winner?.value),
  )
  // Who was behind already has been told so; another edit of whoever is ahead is nothing new to them. Several may have
  // written what stood there.
  const before = winnerBefore(source, path, slot.field, writes, isNew)
  const hasLostNow = (cell: LiveCell): boolean =>
    isNew(cell) || (before !== null && sameValue(cell.value, before.value))
  // Of what leaves the record nobody is told that it stays there.
  const leaving = beyond(losers)
  for (const cell of losers.slice(leaving.length)) {
    if (cell.author !== winner?.author && hasLostNow(cell))
      lost.push({ path, cell, winner, why: 'outranked' })
  }
  for (const cell of leaving) {
    victims.push(cell)
    lost.push({ path, cell, winner, why: 'too many' })
  }
  // Equal values, and releases of what was not held, have lost nothing; but they too have to end somewhere.
  victims.push(...beyond(others.filter(cell => !losers.includes(cell))))
}

/** What stood at the path before the turn. */
const winnerBefore = (
  source: CellSource,
  path: string,
  field: CellField<unknown, unknown>,
  writes: readonly AcceptedWrite[],
  isNew: (cell: LiveCell) => boolean,
): LiveCell | null => {
  const deleted = writes.flatMap(write => write.deleted)
  const stood = [...source.at(path), ...deleted].filter(cell => !isNew(cell))
  return resolveAt(withCellsAt(source, path, stood), field, path).winner
}

const isAmong =
  (cells: readonly LiveCell[]) =>
  (cell: LiveCell): boolean =>
    cells.some(other => isSameCell(other, cell))

const withCellsAt = (source: CellSource, path: string, cells: readonly LiveCell[]): CellSource => ({
  at: p => (p === path ? cells : source.at(p)),
  keys: prefix => source.keys(prefix),
  text: field => source.text(field),
})

const beyond = (cells: readonly LiveCell[]): readonly LiveCell[] =>
  cells.slice(0, Math.max(0, cells.length - LOSERS_MAX))

const witnessCell = (path: string, value: Value): LiveCell => ({
  path,
  value,
  stamp: 0,
  author: '',
  client: 0,
  clock: 0,
})
