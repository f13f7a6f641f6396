// Whether the writes of an update are allowed: schema, permission by field, role and state, holder, author, clock
// and size. All refused paths are told at once.

import * as Y from 'yjs'
import { mayTakeOver, permissionProblem, type WriteQuestion } from '../../shared/record/access.ts'
import { entryCells } from '../../shared/record/beneath.ts'
import { type LiveCell, SERVER_AUTHOR } from '../../shared/record/cell.ts'
import { CellIndex, type CellSource } from '../../shared/record/cell-index.ts'
import { msToStamp } from '../../shared/record/clock.ts'
import { CREATED, RECORD_PATH } from '../../shared/record/path.ts'
import type { AnyView, RecordType } from '../../shared/record/record-type.ts'
import type { Problem } from '../../shared/record/record-error.ts'
import { missingFields, missingParts } from '../../shared/record/required.ts'
import { isSlot, noLongerWritten, type Slot, slotAt, writeProblem } from '../../shared/record/slot.ts'
import { sameValue, tooLong, type Value } from '../../shared/record/value.ts'
import { buildView } from '../../shared/record/view.ts'
import { entryAuthor, isHolder } from '../../shared/record/writer.ts'
import { reasonOf } from '../../shared/reason-of.ts'
import { rowOrFields } from './row-or-fields.ts'
import { CellLayer } from './cell-layer.ts'
import { type GuardLimits, type Judging, type NewCell, textField } from './judging.ts'
import type { LiveRecord } from './live-record.ts'
import { ServerDoc } from './server-doc.ts'
import { noText, offence, otherVersion, type Refusal, refused, refusedFor } from './verdict.ts'
import { applyUpdate } from './update-decoder.ts'

export const judgeTexts = ({ record, overlay, sender, judged, limits }: Judging): Refusal | null => {
  if (judged.texts.size + judged.tidied.size === 0) return null
  const problems: Problem[] = []
  // It would be kept, and stand on no screen.
  if (judged.texts.size > 0 && isUnmade(overlay) && !judged.cells.some(({ cell }) => cell.path === CREATED))
    problems.push(UNMADE)
  const names = judged.texts.keys()
  for (const name of judged.tidied.size === 0 ? names : new Set([...names, ...judged.tidied])) {
    const added = judged.texts.get(name) ?? 0
    const field = textField(record, name)
    if (field === null) {
      problems.push(noText(record.type, name))
      continue
    }
    const problem = permissionProblem({
      type: record.type,
      slot: TEXT,
      path: name,
      value: null,
      me: sender.me,
      view: () => overlay.cells.glance,
      entryAuthor: null,
    })
    if (problem !== null) problems.push(problem)
    const charsMax = Math.min(field.charsMax, limits.textLength)
    if (
      added > 0 &&
      record.doc.getText(name).length + (overlay.textChars.get(name) ?? 0) + added > charsMax
    ) {
      problems.push({ code: 'TOO_LARGE', path: name, sentence: tooLong(charsMax) })
    }
  }
  return problems.length === 0 ? null : refusedFor(problems)
}

const TEXT: Slot = { kind: 'cell', field: null, policy: 'last', part: null, own: false }

export const judgeCells = (room: Judging, writes: readonly NewCell[]): Refusal | null => {
  const { record, overlay, judged, limits } = room
  if (writes.length + judged.victims.size === 0 && !record.isDoubted) return null
  const problems: Problem[] = []
  const isNew = isUnmade(overlay)
  const scratch = new CellLayer(record.type, overlay.cells, record.now)
  const put = ({ cell, isDead }: NewCell): void => {
    if (isDead) return
    scratch.put(cell, judged.victims.get(cell.path) ?? NOBODY)
  }
  const pushed = new Set<string>()
  let steps = 0
  let before: NewCell | null = null
  for (const write of writes) {
    const { cell } = write
    pushed.add(cell.path)
    const slot = slotAt(record.type, cell.path)
    if (!isSlot(slot)) {
      problems.push(slot.code === 'BAD_PATH' ? otherVersion(slot.path, slot.sentence) : slot)
      continue
    }
    if (before !== null) put(before)
    const beside = scratch.at(cell.path).length
    if (beside > BESIDE) {
      steps += beside * (1 + (judged.victims.get(cell.path)?.length ?? 0))
      if (overlay.steps + steps > STEPS_MAX) return refused('TOO_LARGE', cell.path, TOO_OFTEN)
    }
    before = write
    const forged = forgery(room, slot, cell)
    if (forged !== null) return forged
    const problem =
      deprecatedProblem(slot, cell) ??
      writeProblem(record.type, slot, cell.path, cell.value) ??
      clockProblem(record, limits, cell) ??
      sizeProblem(limits, cell) ??
      permissionProblem(questionOf(room, scratch, slot, cell)) ??
      holderProblem(room, scratch, slot, cell) ??
      immutableProblem(scratch, slot, cell)
    if (problem !== null) problems.push(problem)
  }
  for (const path of judged.victims.keys()) {
    if (!pushed.has(path))
      return offence('FORGED', 'it deletes cells without writing what takes their place', path)
  }
  const cells = writes.map(({ cell }) => cell)
  if (isNew && writes.length > 0) {
    if (!pushed.has(CREATED)) problems.push(UNMADE)
    problems.push(...missingFields(record.type, cells))
  }
  problems.push(...missingParts(record.type, overlay.cells, cells))
  const hasRoom = record.index.size + overlay.cells.growth + pushed.size <= limits.cellsPerRecord
  if (!hasRoom || record.isDoubted) {
    // Nobody else looks at what the last one leaves.
    if (before !== null) put(before)
    if (!hasRoom) problems.push(...missingRoom(room, scratch, pushed))
    if (problems.length === 0 && record.isDoubted) problems.push(...rowProblems(room, scratch.view, pushed))
  }
  if (problems.length > 0) return refusedFor(problems)
  overlay.steps += steps
  return null
}

const NOBODY: readonly LiveCell[] = []

/**
 * Each value is looked at beside those that stand at its path, until the turn ends, which leaves a few. Some 1,400 beside
 * each other, in about half a second; of more, in however many updates, no more is written there.
 */
const STEPS_MAX = 1_000_000
/** So many stand side by side where people edit at once. */
const BESIDE = 32
const TOO_OFTEN =
  'was written so often before any of it was saved that it cannot be judged at once: write what it is to be once more'

/** What writes over what is there goes on, and whoever is told that the record is full can remove something. */
const missingRoom = (
  { record, overlay, limits: { cellsPerRecord } }: Judging,
  scratch: CellLayer,
  pushed: ReadonlySet<string>,
): Problem[] => {
  const taken = record.index.size + overlay.cells.growth
  const added = [...pushed].filter(
    path =>
      overlay.cells.at(path).length === 0 &&
      scratch.at(path).length > 0 &&
      !isRemoval(record.type, scratch, path),
  )
  if (taken + added.length <= cellsPerRecord) return []
  const sentence = `has no room in a record of ${cellsPerRecord} values: begin another one`
  return added.map(path => ({ code: 'TOO_MANY', path, sentence }))
}

/** Of those there are no more than there are entries. */
export const isRemoval = (type: RecordType, source: CellSource, path: string): boolean =>
  path === RECORD_PATH || entryCells(type, source, path).length > 0

/**
 * Of a record that is doubted. What a text says with the update shows only where it is applied: on a doc beside the
 * record's.
 */
export const judgeRowOfTexts = (room: Judging, update: Uint8Array): Refusal | null => {
  const { record, overlay, judged } = room
  const written = new Set([...judged.texts.keys(), ...judged.cells.map(({ cell }) => cell.path)])
  const doc = new ServerDoc()
  try {
    for (const part of [Y.encodeStateAsUpdate(record.doc), ...overlay.updates, update]) applyUpdate(doc, part)
    const view = buildView(record.type, record.id, new CellIndex(doc), record.now())
    const problems = rowProblems(room, view, written)
    return problems.length === 0 ? null : refusedFor(problems)
  } finally {
    doc.destroy()
  }
}

/** What cannot become a row would fail the turn, and everybody in it with what they wrote. */
const rowProblems = (
  { record: { type, now }, sender }: Judging,
  view: AnyView,
  written: ReadonlySet<string>,
): Problem[] => {
  try {
    rowOrFields(type, view, { updated: now(), updatedBy: sender.principal.id })
    return []
  } catch (error) {
    const sentence = `cannot be kept: the row of ${type.name} fails with it (${reasonOf(error)})`
    const fields = [...written].filter(path => path !== CREATED)
    return (fields.length > 0 ? fields : [CREATED]).map(path => ({ code: 'BAD_VALUE', path, sentence }))
  }
}

const isUnmade = ({ cells }: Judging['overlay']): boolean => cells.at(CREATED).length === 0

const UNMADE: Problem = {
  code: 'REQUIRED',
  path: CREATED,
  sentence: 'must be written when a record is created',
}

/** A page with the types of this server would not have let it through. */
const deprecatedProblem = ({ field }: Slot, { path }: LiveCell): Problem | null =>
  field !== null && field.deprecatedFor !== null
    ? otherVersion(path, noLongerWritten(field.deprecatedFor))
    : null

/** What no honest client can produce. */
const forgery = ({ sender }: Judging, slot: Slot, cell: LiveCell): Refusal | null => {
  if (slot.kind === 'server' || cell.author === SERVER_AUTHOR)
    return offence('FORGED', 'only the server writes here', cell.path)
  if (cell.author !== sender.principal.id)
    return offence('AUTHOR_MISMATCH', signedBy(cell.author, sender.principal.id), cell.path)
  if (slot.kind === 'share' && !cell.path.endsWith(`/${cell.client}`)) {
    return offence('FORGED', 'a share of a counter is written by its own client id alone', cell.path)
  }
  return null
}

const signedBy = (author: string, user: string): string =>
  `is signed by «${author.slice(0, 40)}», and was sent by «${user.slice(0, 40)}»: an author is the sub of the token`

const clockProblem = (record: LiveRecord, limits: GuardLimits, cell: LiveCell): Problem | null =>
  cell.stamp <= msToStamp(record.now() + limits.clockAheadMs)
    ? null
    : { code: 'CLOCK_AHEAD', path: cell.path, sentence: 'was stamped by a clock that runs ahead' }

const sizeProblem = ({ cellBytes }: GuardLimits, { path, value }: LiveCell): Problem | null =>
  isLong(value, cellBytes)
    ? { code: 'TOO_LARGE', path, sentence: `must be at most ${cellBytes} bytes of JSON` }
    : null

const isLong = (value: Value, bytesMax: number): boolean => {
  // A character is six of JSON at most, and two quotes stand around them.
  if (typeof value === 'string' && value.length * 6 + 2 <= bytesMax) return false
  return (typeof value === 'string' || typeof value === 'object') && JSON.stringify(value).length > bytesMax
}

const questionOf = (room: Judging, scratch: CellLayer, slot: Slot, cell: LiveCell): WriteQuestion => ({
  type: room.record.type,
  slot,
  path: cell.path,
  value: cell.value,
  me: room.sender.me,
  view: () => scratch.glance,
  entryAuthor: slot.own ? entryAuthor(scratch, cell.path) : null,
})

/** What is confirmed to somebody may be replaced by them, or by who is permitted to take over. */
const holderProblem = (room: Judging, scratch: CellLayer, slot: Slot, cell: LiveCell): Problem | null => {
  if (slot.policy !== 'first') return null
  const { sender, judged } = room
  const taken = (judged.victims.get(cell.path) ?? []).filter(victim => !isHolder(victim, sender.principal.id))
  if (taken.length === 0 || mayTakeOver(questionOf(room, scratch, slot, cell))) return null
  return {
    code: 'NOT_HOLDER',
    path: cell.path,
    sentence: 'is held by somebody else: ask them to let go, or who may reassign it',
  }
}

/** An equal second is welcome, since deliveries repeat; one with other content is not. */
const immutableProblem = (scratch: CellLayer, slot: Slot, cell: LiveCell): Problem | null => {
  if (slot.kind !== 'log' && slot.kind !== 'action') return null
  const live = scratch.at(cell.path)
  return live.every(other => other.author === cell.author && sameValue(other.value, cell.value))
    ? null
    : {
        code: 'LOG_ENTRY_CHANGED',
        path: cell.path,
        sentence: 'was written already, and entries of a log do not change',
      }
}
