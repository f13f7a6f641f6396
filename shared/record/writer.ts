// How a person's writes become cells. A write replaces what its writer was shown and the writer's own older
// cells of that path; everything else stays, and that is how a conflict is kept.

import * as Y from 'yjs'
import { gatingFields, mayTakeOver, permissionProblem, type WriteQuestion } from './access.ts'
import type { LiveCell } from './cell.ts'
import type { CellIndex } from './cell-index.ts'
import type { Clock } from './clock.ts'
import { type AnyView, firstSegment, type Me, type RecordType } from './define-record.ts'
import { CREATED } from './path.ts'
import { type Problem, throwIfAny } from './record-error.ts'
import { canonical, isSlot, type Slot, slotAt, writeProblem } from './slot.ts'
import { sameValue, type Value } from './value.ts'
import { firstOf, isMember, resolveAt } from './view.ts'

export interface Intent {
  readonly path: string
  readonly value: Value
  /** What the writer saw: the value alone, or the whole conflict. */
  readonly shown: 'value' | 'all'
}

export interface Written {
  readonly path: string
  /** What stood there before; undefined where nothing did. */
  readonly before: Value | undefined
  readonly cell: LiveCell
  readonly replaced: readonly LiveCell[]
}

export interface Writer {
  readonly type: RecordType
  readonly index: CellIndex
  readonly clock: Clock
  readonly author: string
  /** Whose rights are held against the schema before anything is written; the server does so in any case. */
  readonly me: Me | null
  readonly view: () => AnyView
  /** Own cells from this clock on are not saved yet. */
  readonly savedClock: () => number
  readonly origin: unknown
}

export const write = (writer: Writer, intents: readonly Intent[]): readonly Written[] => {
  const { type, index } = writer
  const isNew = index.at(CREATED).length === 0
  const all: readonly Intent[] =
    isNew && !intents.some(intent => intent.path === CREATED)
      ? [{ path: CREATED, value: true, shown: 'value' }, ...intents]
      : intents
  const problems: Problem[] = []
  const judged: { intent: Intent; slot: Slot; victims: LiveCell[]; before: Value | undefined }[] = []
  for (const intent of all) {
    const slot = slotAt(type, intent.path)
    if (!isSlot(slot)) {
      problems.push(slot)
      continue
    }
    if (slot.kind === 'server') {
      problems.push({
        code: 'READ_ONLY_FIELD',
        path: intent.path,
        sentence: 'is written by the server alone',
      })
      continue
    }
    const problem =
      writeProblem(type, slot, intent.path, intent.value) ??
      (writer.me === null ? null : permissionProblem(question(writer, writer.me, slot, intent, isNew)))
    if (problem !== null) {
      problems.push(problem)
      continue
    }
    const { victims, before, isNoOp } = plan(writer, slot, intent)
    if (!isNoOp) judged.push({ intent, slot, victims, before })
  }
  if (isNew) problems.push(...missingFields(type, all))
  throwIfAny(problems)
  // What is only the mark that the record exists is not worth writing alone.
  if (judged.every(({ intent }) => intent.path === CREATED) && intents.length > 0) return []
  return push(writer, judged)
}

const push = (
  writer: Writer,
  judged: readonly { intent: Intent; victims: LiveCell[]; before: Value | undefined }[],
): readonly Written[] => {
  const { index, clock, author } = writer
  const { doc } = index
  const written: Written[] = []
  let at = Y.getState(doc.store, doc.clientID)
  const contents = judged.map(({ intent, victims, before }) => {
    const stamp = clock.next()
    const cell = {
      path: intent.path,
      value: canonical(intent.value),
      stamp,
      author,
      client: doc.clientID,
      clock: at++,
    }
    written.push({ path: intent.path, before, cell, replaced: victims })
    return [cell.path, cell.value, stamp, author]
  })
  doc.transact(
    transaction =>
      index.replace(
        transaction,
        contents,
        judged.flatMap(({ victims }) => victims),
      ),
    writer.origin,
  )
  return written
}

const plan = (
  writer: Writer,
  slot: Slot,
  intent: Intent,
): { victims: LiveCell[]; before: Value | undefined; isNoOp: boolean } => {
  const { index } = writer
  const live = index.at(intent.path)
  const first = live[0]
  if (first === undefined) return { victims: [], before: undefined, isNoOp: false }
  const own = index.doc.clientID
  const shown = shownCell(writer, slot, intent.path, live) ?? first
  const before = slot.kind === 'element' ? isMember(live) : shown.value
  if (intent.shown === 'all')
    return { victims: [...live], before, isNoOp: live.length === 1 && sameValue(before, intent.value) }
  const replacesShown =
    slot.policy !== 'first' || shown.client === own || canTakeOver(writer, slot, intent, shown)
  const victims = live.filter(
    cell =>
      (cell === shown && replacesShown) ||
      (cell.client === own && !(slot.kind === 'log' || slot.kind === 'action')),
  )
  const kept = isGating(writer, intent.path)
    ? victims.filter(cell => cell.client !== own || cell.clock < writer.savedClock())
    : victims
  return {
    victims: kept,
    before,
    isNoOp: sameValue(before, intent.value) && slot.kind !== 'log' && slot.kind !== 'action',
  }
}

/** The cell whose value a screen shows. */
const shownCell = (
  { index }: Writer,
  slot: Slot,
  path: string,
  live: readonly LiveCell[],
): LiveCell | null => {
  if (slot.kind === 'cell' && slot.field !== null) return resolveAt(index, slot.field, path).winner
  if (slot.kind === 'element') {
    const shown = isMember(live)
    return live.filter(cell => (cell.value === true) === shown).at(-1) ?? null
  }
  if (slot.kind === 'log' || slot.kind === 'created' || slot.kind === 'entryCreated') return firstOf(live)
  return live.length === 1 ? (live[0] ?? null) : live.reduce((a, b) => (a.stamp >= b.stamp ? a : b))
}

/**
 * What is held by somebody else may be replaced by its holder, or by who is permitted to take over. Whoever is
 * neither adds a claim of their own, which ranks behind and cannot take anything away.
 */
const canTakeOver = (writer: Writer, slot: Slot, intent: Intent, shown: LiveCell): boolean =>
  isHolder(shown, writer.author) ||
  (writer.me !== null && mayTakeOver(question(writer, writer.me, slot, intent, false)))

export const isHolder = (cell: LiveCell, user: string): boolean =>
  cell.value === null || cell.author === user || cell.value === user

const isGating = ({ type }: Writer, path: string): boolean => {
  const gating = gatingFields(type)
  return gating.size > 0 && gating.has(firstSegment(path))
}

const question = (writer: Writer, me: Me, slot: Slot, intent: Intent, isNew: boolean): WriteQuestion => ({
  type: writer.type,
  slot,
  path: intent.path,
  value: intent.value,
  me,
  view: writer.view,
  entryAuthor: slot.own ? entryAuthor(writer.index, intent.path) : null,
  isNew,
})

export const entryAuthor = (
  index: { at(path: string): readonly LiveCell[] },
  path: string,
): string | null => {
  const [list, key] = path.split('/')
  return firstOf(index.at(`${list}/${key}/${CREATED}`))?.author ?? null
}

export const missingFields = (
  type: RecordType,
  writes: readonly { readonly path: string; readonly value: Value }[],
): Problem[] => {
  const problems: Problem[] = []
  for (const [name, field] of Object.entries(type.fields)) {
    if (field.kind !== 'cell' || !field.required) continue
    if (!writes.some(({ path, value }) => path === name && value !== null)) {
      problems.push({ code: 'REQUIRED', path: name, sentence: `must be set when a ${type.name} is created` })
    }
  }
  return problems
}

/** The tombstone of the record names what its writer saw as a state vector. */
export const recordRemoval = (doc: Y.Doc): Value => {
  const seen: Record<string, number> = {}
  for (const client of doc.store.clients.keys()) seen[String(client)] = Y.getState(doc.store, client)
  return { seen }
}

/** The tombstone of an entry names each live cell beneath it. */
export const entryRemovalOf = (cells: Iterable<LiveCell>): Value => ({
  seen: [...cells].map(({ stamp, client, author }): Value => [stamp, client, author]),
})
