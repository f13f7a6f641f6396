// The guard: is this update allowed? It is taken whole or refused whole, and judged as the writes it consists of,
// each against the record as the ones before it leave it: so an edit followed by closing the record gets the same
// verdict live and after a day off line. What is unknown to the room (ids that have not arrived yet) is `pending`
// and nobody's fault; what changes nothing is accepted from anybody.

import type { LiveCell } from '../../shared/record/cell.ts'
import { isSlot, slotAt } from '../../shared/record/slot.ts'
import { lastOf, resolveAt } from '../../shared/record/view.ts'
import { parseUpdate } from './incoming-update.ts'
import { judgeTight, type Tight } from './judge-tight.ts'
import { judgeCells, judgeRowOfTexts, judgeTexts } from './judge-writes.ts'
import {
  type ClientIds,
  type GuardLimits,
  Judged,
  type Judging,
  type NewCell,
  type Sender,
} from './judging.ts'
import { judgeLetters } from './letter-order.ts'
import type { LiveRecord } from './live-record.ts'
import type { Overlay } from './overlay.ts'
import { readDeletes, readStructs } from './read-incoming.ts'
import type { Write } from './turn.ts'
import { NOTHING_NEW, offence, type Verdict } from './verdict.ts'

export const judge = (
  record: LiveRecord,
  overlay: Overlay,
  ids: ClientIds,
  limits: GuardLimits,
  sender: Sender,
  bytes: Uint8Array,
  tight: Tight | null,
): Verdict => {
  const update = parseUpdate(bytes, limits.structsPerUpdate)
  if ('malformed' in update) return offence(update.code, update.malformed)
  const judged = new Judged()
  const room: Judging = { record, overlay, ids, limits, sender, judged }
  const early = readStructs(room, update) ?? readDeletes(room, update)
  if (early !== null) return early
  if (judged.newIds.isEmpty && judged.deleted.length === 0) return NOTHING_NEW
  const writes = inOrder(judged.cells)
  const hasTexts = judged.texts.size + judged.textDeletes.length > 0
  const refusal =
    judgeTexts(room) ??
    judgeCells(room, writes) ??
    (record.isDoubted && hasTexts ? judgeRowOfTexts(room, bytes) : null) ??
    judgeLetters(room) ??
    (tight === null ? null : judgeTight(room, writes, bytes, tight))
  if (refusal !== null) return isTidyingAlone(judged) && !refusal.isOffence ? NOTHING_NEW : refusal
  if (record.isDoubted) overlay.updates.push(bytes)
  return { kind: 'accepted', paths: pathsOf(judged, writes), changes: accept(room, writes) }
}

/**
 * Every client tidies formats that have come to say nothing, readers too. The server does the same in the turn
 * that made them so; from somebody who may not write the text it is dropped, and held against nobody.
 */
const isTidyingAlone = ({ newIds, texts, victims, tidied }: Judged): boolean =>
  newIds.isEmpty && texts.size === 0 && victims.size === 0 && tidied.size > 0

const pathsOf = ({ texts }: Judged, writes: readonly NewCell[]): string[] => {
  const paths = writes.map(({ cell }) => cell.path)
  return texts.size === 0 ? paths : [...texts.keys(), ...paths]
}

const accept = ({ record, overlay, judged, sender }: Judging, writes: readonly NewCell[]): Write[] => {
  overlay.newIds.addAll(judged.newIds)
  if (judged.followers !== null) overlay.followers.take(judged.followers)
  for (const range of judged.textDeletes) overlay.addTextDelete(range)
  for (const client of judged.newOwners) overlay.owners.set(client, sender.principal.id)
  for (const { client, count } of judged.deleted) overlay.countDeleted(client, count)
  judged.texts.forEach((added, name) => {
    overlay.textChars.set(name, (overlay.textChars.get(name) ?? 0) + added)
  })
  const alive = writes.some(({ isDead }) => isDead) ? writes.filter(({ isDead }) => !isDead) : writes
  const added = alive.map(({ cell }) => cell)
  const victims = judged.victims.values()
  const deleted = victims.length === 1 ? (victims[0] ?? NOBODY) : victims.flat()
  const changes = added.map((cell): Write => {
    const { path } = cell
    const before = winnerAt(record, overlay, path)
    overlay.addCell(cell, judged.victims.get(path) ?? NOBODY)
    const live = overlay.cells.at(path)
    const others = live.length === 1 ? NOBODY : live.filter(({ author }) => author !== cell.author)
    return {
      path,
      from: before?.value ?? null,
      to: cell.value,
      concurrentWith:
        others.length === 0 ? NOBODY : others.map(({ author, value }) => ({ by: author, value })),
      cell,
    }
  })
  if (added.length + deleted.length > 0) overlay.writes.push({ added, deleted })
  return changes
}

const NOBODY: readonly never[] = []

const winnerAt = ({ type }: LiveRecord, { cells }: Overlay, path: string): LiveCell | null => {
  const live = cells.at(path)
  if (live.length < 2) return live[0] ?? null
  const slot = slotAt(type, path)
  return isSlot(slot) && slot.field !== null && slot.kind === 'cell'
    ? resolveAt(cells, slot.field, path).winner
    : lastOf(live)
}

/** Within one client id by clock; where an update holds several, by stamp. */
const inOrder = (cells: readonly NewCell[]): readonly NewCell[] =>
  cells.length < 2 || cells.every(({ cell }) => cell.client === cells[0]?.cell.client)
    ? cells
    : cells.toSorted((a, b) => a.cell.stamp - b.cell.stamp)
