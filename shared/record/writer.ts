// How a person's writes become cells. A write replaces what its writer was shown and the writer's own older
// cells of that path; everything else stays, and that is how a conflict is kept.

import * as Y from 'yjs'
import { gatingFields, mayTakeOver, permissionProblem, type WriteQuestion } from './access.ts'
import { isSameCell, type LiveCell } from './cell.ts'
import type { CellIndex, CellSource } from './cell-index.ts'
import type { Clock, Stamp } from './clock.ts'
import { CREATED, entryPathOf, escapeSegment, firstSegment, isCanonicalPath } from './path.ts'
import type { AnyView, Me, RecordType } from './record-type.ts'
import { type Problem, throwIfAny } from './record-error.ts'
import { missingFields, missingParts } from './required.ts'
import { isSlot, type Slot, slotAt, writeProblem } from './slot.ts'
import { frozenCopy, sameValue, type Value } from './value.ts'
import { entryRemoval, firstOf, isMember, lastOf, resolveAt } from './view.ts'

export interface Intent {
  readonly path: string
  readonly value: Value
  /** What the writer saw: the value alone, the whole conflict, or the cells that the function names. */
  readonly shown: 'value' | 'all' | ((cell: LiveCell) => boolean)
}

export interface Written {
  readonly path: string
  /** What stood there before; undefined where nothing did. */
  readonly before: Value | undefined
  /** The cell that was shown before. */
  readonly over: LiveCell | null
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
  /** An action: who may do what it writes was asked before, and what it frees or gives is freed and given. */
  readonly isAction?: boolean
  readonly view: () => AnyView
  /** Own cells from this clock on are not saved yet. */
  readonly savedClock: () => number
  readonly origin: unknown
}

export const write = (writer: Writer, intents: readonly Intent[]): readonly Written[] => {
  const { type, index } = writer
  const isNew = index.at(CREATED).length === 0
  const all = lastPerPath(
    isNew && !intents.some(intent => intent.path === CREATED)
      ? [{ path: CREATED, value: true, shown: 'value' }, ...intents]
      : intents,
  )
  const together = new Set(all.map(({ path }) => path))
  const problems: Problem[] = []
  const judged: Judged[] = []
  for (const intent of all) {
    const slot = slotAt(type, intent.path)
    const problem = isSlot(slot) ? intentProblem(writer, slot, intent, together) : slot
    if (problem !== null) problems.push(problem)
    else if (isSlot(slot)) {
      const { victims, over, isNoOp } = plan(writer, slot, intent)
      if (!isNoOp) judged.push({ intent, victims, over })
    }
  }
  if (isNew) problems.push(...missingFields(type, all))
  problems.push(...missingParts(type, index, all))
  throwIfAny(problems)
  // What is only the mark that the record exists is not worth writing alone.
  if (judged.every(({ intent }) => intent.path === CREATED) && intents.length > 0) return []
  return push(writer, judged)
}

interface Judged {
  readonly intent: Intent
  readonly victims: readonly LiveCell[]
  readonly over: LiveCell | null
}

/** One write a register: a second one would leave the first beside it, as if two devices had made them. */
const lastPerPath = (intents: readonly Intent[]): readonly Intent[] =>
  intents.length === 1 ? intents : [...new Map(intents.map(intent => [intent.path, intent])).values()]

const intentProblem = (
  writer: Writer,
  slot: Slot,
  intent: Intent,
  together: ReadonlySet<string>,
): Problem | null => {
  const { type, index, me } = writer
  const { path, value } = intent
  if (!isCanonicalPath(path)) return { code: 'BAD_PATH', path, sentence: 'has an empty part, or is too long' }
  if (slot.kind === 'server')
    return { code: 'READ_ONLY_FIELD', path, sentence: 'is written by the server alone' }
  if (isInRemovedEntry(type, index, slot, path) && !together.has(entryPathOf(path))) {
    return { code: 'REMOVED', path, sentence: 'lies in an entry that was removed: restore it first' }
  }
  const isThere = (at: string): boolean => together.has(at) || index.at(at).length > 0
  return (
    writeProblem(type, slot, path, value) ??
    (isInNoEntry(type, slot, path, isThere) ? noEntry(path) : null) ??
    (me === null ? null : permissionProblem(question(writer, me, slot, intent))) ??
    rewriteProblem(writer, slot, intent)
  )
}

/** The path of the list entry that a register lies in. */
const entryOf = (type: RecordType, slot: Slot, path: string): string | null =>
  path.includes('/') && slot.kind !== 'entryRemoved' && type.fields[firstSegment(path)]?.kind === 'list'
    ? entryPathOf(path)
    : null

/** Whether the register lies in an entry that is removed as things stand. */
export const isInRemovedEntry = (type: RecordType, index: CellIndex, slot: Slot, path: string): boolean => {
  const entry = entryOf(type, slot, path)
  return entry !== null && entryRemoval(index, entry) !== null
}

/** An entry is there by its mark, or by a field of it: a counter or a set in it alone stands on no screen. */
export const isInNoEntry = (
  type: RecordType,
  slot: Slot,
  path: string,
  isThere: (path: string) => boolean,
): boolean => {
  const entry = entryOf(type, slot, path)
  const list = type.fields[firstSegment(path)]
  if (entry === null || list?.kind !== 'list' || isThere(`${entry}/${CREATED}`)) return false
  return !Object.entries(list.entry).some(
    ([part, { kind }]) => kind === 'cell' && isThere(`${entry}/${escapeSegment(part)}`),
  )
}

const noEntry = (path: string): Problem => ({
  code: 'NO_SUCH_ENTRY',
  path,
  sentence: 'lies in an entry that does not exist: add it first',
})

const rewriteProblem = ({ index, author }: Writer, slot: Slot, { path, value }: Intent): Problem | null =>
  isImmutable(slot) && index.at(path).some(cell => cell.author !== author || !sameValue(cell.value, value))
    ? { code: 'LOG_ENTRY_CHANGED', path, sentence: 'was written already, and entries of a log do not change' }
    : null

const isImmutable = ({ kind }: Slot): boolean => kind === 'log' || kind === 'action'

const push = (writer: Writer, judged: readonly Judged[]): readonly Written[] => {
  const { index, clock, author } = writer
  const { doc } = index
  const written: Written[] = []
  let at = Y.getState(doc.store, doc.clientID)
  const contents = judged.map(({ intent, victims, over }) => {
    const stamp = stampOver(index.at(intent.path), victims, clock)
    const cell = {
      path: intent.path,
      value: frozenCopy(intent.value),
      stamp,
      author,
      client: doc.clientID,
      clock: at++,
    }
    written.push({ path: intent.path, before: over?.value, over, cell, replaced: victims })
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

/**
 * What beside a value lost against it must not come to the fore because that was replaced. A clock that knows the
 * server's time is later than all of it; one that does not, as a stock client's, may be weeks behind.
 */
const stampOver = (live: readonly LiveCell[], victims: readonly LiveCell[], clock: Clock): Stamp => {
  const next = clock.next()
  if (live.length === victims.length || clock.skewMs !== null) return next
  return Math.max(next, ...live.map(({ stamp }) => stamp + 1))
}

interface WritePlan {
  readonly victims: readonly LiveCell[]
  readonly over: LiveCell | null
  readonly isNoOp: boolean
}

const plan = (writer: Writer, slot: Slot, intent: Intent): WritePlan => {
  const { index } = writer
  const live = index.at(intent.path)
  const shown = shownCell(index, slot, intent.path)
  // To take out of a set what was never in it is nothing.
  if (shown === null)
    return { victims: [], over: null, isNoOp: slot.kind === 'element' && intent.value === false }
  const own = index.doc.clientID
  const wasShown = shownTo(intent, shown)
  const victims = live.filter(
    cell =>
      cell.client === own ||
      (wasShown(cell) && (slot.policy !== 'first' || canTakeOver(writer, slot, intent, cell))),
  )
  return {
    victims: replaceable(writer, intent.path, withForerunners(live, victims)),
    over: shown,
    isNoOp:
      sameValue(shown.value, intent.value) &&
      // A conflict that is settled by the value it shows is settled all the same.
      (intent.shown === 'value' || victims.every(cell => sameValue(cell.value, intent.value))),
  }
}

/** Equal values look like one on a screen, so who was shown one of them was shown them all. */
const shownTo = ({ shown }: Intent, value: LiveCell): ((cell: LiveCell) => boolean) =>
  typeof shown === 'function'
    ? shown
    : shown === 'all'
      ? () => true
      : cell => sameValue(cell.value, value.value)

/** What a client id had written before a cell goes with it, or it would come to light again as its latest. */
const withForerunners = (live: readonly LiveCell[], victims: readonly LiveCell[]): readonly LiveCell[] =>
  victims.length === live.length
    ? victims
    : live.filter(cell => victims.some(victim => victim.client === cell.client && victim.clock >= cell.clock))

/** Of a field that write rules read, own cells stay until they are saved, so that they can be judged in order. */
const replaceable = (writer: Writer, path: string, victims: readonly LiveCell[]): readonly LiveCell[] => {
  if (!isGating(writer, path)) return victims
  const own = writer.index.doc.clientID
  return victims.filter(cell => cell.client !== own || cell.clock < writer.savedClock())
}

/** The cell whose value a screen shows. */
const shownCell = (index: CellSource, slot: Slot, path: string): LiveCell | null => {
  const live = index.at(path)
  if (live.length < 2) return live[0] ?? null
  if (slot.kind === 'cell' && slot.field !== null) return resolveAt(index, slot.field, path).winner
  if (slot.kind === 'element') {
    const isIn = isMember(live)
    return lastOf(live.filter(cell => (cell.value === true) === isIn))
  }
  return isImmutable(slot) || slot.kind === 'created' || slot.kind === 'entryCreated'
    ? firstOf(live)
    : lastOf(live)
}

export const shownAt = (type: RecordType, source: CellSource, path: string): LiveCell | null => {
  const slot = slotAt(type, path)
  return isSlot(slot) ? shownCell(source, slot, path) : null
}

/** Whether what stands at the path, for whoever looks, is this cell. */
export const isShown = (type: RecordType, index: CellIndex, path: string, cell: LiveCell): boolean => {
  const slot = slotAt(type, path)
  const shown = shownAt(type, index, path)
  if (!isSlot(slot) || shown === null) return false
  if (slot.kind !== 'element') return isSameCell(shown, cell)
  return sameValue(shown.value, cell.value) && index.at(path).some(live => isSameCell(live, cell))
}

/**
 * What is held by somebody else may be replaced by its holder, or by who is permitted to take over. Whoever is
 * neither adds a claim of their own, which ranks behind and cannot take anything away.
 */
const canTakeOver = (writer: Writer, slot: Slot, intent: Intent, shown: LiveCell): boolean =>
  writer.isAction === true ||
  isHolder(shown, writer.author) ||
  (writer.me !== null && mayTakeOver(question(writer, writer.me, slot, intent)))

export const isHolder = (cell: LiveCell, user: string): boolean =>
  cell.value === null || cell.author === user || cell.value === user

const isGating = ({ type }: Writer, path: string): boolean => {
  const gating = gatingFields(type)
  return gating.size > 0 && gating.has(firstSegment(path))
}

const question = (writer: Writer, me: Me, slot: Slot, intent: Intent): WriteQuestion => ({
  type: writer.type,
  slot,
  path: intent.path,
  value: intent.value,
  me,
  view: writer.view,
  entryAuthor: slot.own ? entryAuthor(writer.index, intent.path) : null,
})

export const entryAuthor = (
  index: { at(path: string): readonly LiveCell[] },
  path: string,
): string | null => {
  const [list, key] = path.split('/')
  return firstOf(index.at(`${list}/${key}/${CREATED}`))?.author ?? null
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
