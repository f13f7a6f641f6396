// Putting one's own unsent edits back on a fresh doc: after a new epoch, a refusal, or a clock set right. What is
// unsent is decided by the server's memory (the last clock it held of each of my client ids), not by what was
// acknowledged, so an edit whose acknowledgement was lost is not made twice.

import * as Y from 'yjs'
import { entryCells } from './beneath.ts'
import { type LiveCell, SERVER_AUTHOR } from './cell.ts'
import { CellIndex } from './cell-index.ts'
import type { Stamp } from './clock.ts'
import type { RecordType } from './record-type.ts'
import {
  type CellName,
  type Journal,
  readText,
  shownItems,
  type TextDelta,
  type TextNote,
} from './journal.ts'
import { CREATED, RECORD_PATH } from './path.ts'
import { LetterPlaces } from './letter-places.ts'
import { rebaseText, type Units, unitsOf } from './rebase-text.ts'
import type { RecordOnDoc } from './record.ts'
import { isSlot, slotAt, writeProblem } from './slot.ts'
import { textsIn } from './texts-in.ts'
import { sameValue, type Value } from './value.ts'
import { lastOf } from './view.ts'
import { entryRemovalOf, recordRemoval, type Written } from './writer.ts'

export interface UnsentCell {
  /** The Yjs id it was written under. */
  readonly client: number
  readonly clock: number
  readonly path: string
  readonly value: Value
  readonly stamp: Stamp
  readonly author: string
  readonly replaced: readonly CellName[]
  /** Of a counter: how much of the share is not saved. */
  readonly difference?: number
  /** The server lacks more of the share than that, and the rest of it has been put back before. */
  readonly isRestDone?: boolean
  /** Of a removal: the cells beneath that its writer saw. */
  readonly seen?: readonly CellName[]
}

export interface UnsentText {
  readonly field: string
  readonly base: TextDelta
  readonly mine: TextDelta
  /** What of mine the server does not hold. */
  readonly typed?: Units
}

export type UnsentContent = { readonly cell: UnsentCell } | { readonly text: UnsentText }

/** Plain JSON, so that it can be kept across a reload. */
export interface Unsent {
  readonly cells: readonly UnsentCell[]
  readonly texts: readonly UnsentText[]
}

/** What the server has: where it has lost what was saved, it shows cells again that had been replaced, which no journal tells by then. */
export interface Fresh {
  readonly index: Pick<CellIndex, 'at'>
  /** Null where it is of another epoch, and knows the characters of a text by other ids. */
  readonly doc: Y.Doc | null
  /** Where another tab has put most of it back, or this one before: what of deletions and formats it has not. */
  readonly left?: Left | null
}

export type Deletions = Y.Snapshot['ds']

/** Letters have an id by which one knows them for done; what deletes and formats them has none. */
export interface Left {
  readonly deletions: Deletions
  readonly paths: ReadonlySet<string>
}

/** `held` has, for each of my client ids, the first clock that the server does not hold. */
export const collectUnsent = (
  type: RecordType,
  doc: Y.Doc,
  held: ReadonlyMap<number, number>,
  journal: Journal | null,
  fresh: Fresh | null = null,
): Unsent => {
  const index = new CellIndex(doc)
  const back = (path: string): CellName[] =>
    (fresh?.index.at(path) ?? [])
      .filter(cell => isReplacedIn(doc, cell))
      .map(({ stamp, author }): CellName => [stamp, author])
  const cells: UnsentCell[] = []
  for (const cell of index.cells()) {
    const heldClock = held.get(cell.client)
    if (heldClock === undefined || cell.clock < heldClock) continue
    const entry = journal?.entry(cell.path) ?? null
    const slot = slotAt(type, cell.path)
    const isOwnEntry = entry !== null && entry.client === cell.client
    const savedTotal = isOwnEntry
      ? (entry.totals?.findLast(([clock]) => clock < heldClock)?.[1] ?? entry.totals?.[0]?.[1] ?? 0)
      : 0
    cells.push({
      client: cell.client,
      clock: cell.clock,
      path: cell.path,
      value: cell.value,
      stamp: cell.stamp,
      author: cell.author,
      replaced: [...(isOwnEntry ? entry.replaced : []), ...back(cell.path)],
      ...(isSlot(slot) && slot.kind === 'share' ? { difference: Number(cell.value) - savedTotal } : {}),
      ...(isSlot(slot) && cell.value !== null && (slot.kind === 'entryRemoved' || slot.kind === 'removed')
        ? { seen: seenBy(type, index, cell, journal) }
        : {}),
    })
  }
  cells.sort((a, b) => (a.client === b.client ? a.clock - b.clock : a.stamp - b.stamp))
  return { cells, texts: unsentTexts(type, doc, held, journal, fresh) }
}

/** Known there, and deleted. Ids are the same in both unless the record was folded, which loses nothing. */
const isReplacedIn = ({ store }: Y.Doc, { client, clock }: LiveCell): boolean =>
  clock < Y.getState(store, client) && Y.getItem(store, Y.createID(client, clock)).deleted

const unsentTexts = (
  type: RecordType,
  doc: Y.Doc,
  held: ReadonlyMap<number, number>,
  journal: Journal | null,
  fresh: Fresh | null,
): UnsentText[] => {
  const texts: UnsentText[] = []
  const left = fresh?.left ?? null
  let joined: Y.Doc | null = null
  for (const field of textsIn(type, doc)) {
    const note = left?.paths.has(field) === false ? null : (journal?.textNote(field) ?? null)
    const written = unitsFrom(doc.getText(field), held)
    if (note === null && written.length === 0) continue
    if (fresh !== null && fresh.doc !== null) {
      joined ??= joinedDoc(doc, fresh.doc, left?.deletions ?? null)
      dropFormats(joined, fresh.doc, field, held)
      texts.push(textById(joined, fresh.doc, field, held))
      continue
    }
    const mine = readText(doc, field)
    texts.push({ field, base: textBase(doc.getText(field), mine, held, note), mine, typed: written })
  }
  joined?.destroy()
  return texts
}

const joinedDoc = (doc: Y.Doc, fresh: Y.Doc, deletions: Deletions | null): Y.Doc => {
  const joined = new Y.Doc()
  // First, since of what the other has deleted it has no more than the ids.
  Y.applyUpdate(joined, Y.encodeStateAsUpdate(fresh))
  const state = Y.encodeStateAsUpdate(doc)
  Y.applyUpdate(joined, deletions === null ? state : deletingOnly(state, deletions))
  return joined
}

const deletingOnly = (state: Uint8Array, deletions: Deletions): Uint8Array => {
  const structs = state.subarray(0, state.length - deletionBytes(Y.decodeUpdate(state).ds).length)
  const end = deletionBytes(deletions)
  const update = new Uint8Array(structs.length + end.length)
  update.set(structs)
  update.set(end, structs.length)
  return update
}

/** As an update ends with them, and a snapshot of nothing else begins. */
const deletionBytes = (deletions: Deletions): Uint8Array =>
  Y.encodeSnapshot(Y.createSnapshot(deletions, new Map())).subarray(0, -1)

/** Of formats too, what another tab has dealt with is none of mine: it may have been refused. */
const dropFormats = (joined: Y.Doc, fresh: Y.Doc, field: string, held: ReadonlyMap<number, number>): void =>
  joined.transact(transaction => {
    for (let item = joined.getText(field)._start; item !== null; item = item.right) {
      const { client, clock } = item.id
      const isDone = clock >= Y.getState(fresh.store, client) && clock < (held.get(client) ?? 0)
      if (isDone && item.content instanceof Y.ContentFormat) item.delete(transaction)
    }
  })

/** What the server has, and mine beside it, as they merge by their ids: no diff has to guess which character is which. */
const textById = (
  joined: Y.Doc,
  fresh: Y.Doc,
  field: string,
  held: ReadonlyMap<number, number>,
): UnsentText => {
  const kept: Run[] = []
  const typed: Run[] = []
  let at = 0
  let keptBefore = 0
  for (const { id, length } of shownItems(joined.getText(field))) {
    const countBefore = (clock: number): number => Math.min(Math.max(clock - id.clock, 0), length)
    const known = countBefore(Y.getState(fresh.store, id.client))
    // Between what the server has and what is mine to put back lies what another tab has put back.
    const mine = Math.max(known, countBefore(held.get(id.client) ?? Number.POSITIVE_INFINITY))
    addRun(kept, at, at + known)
    addRun(kept, at + mine, at + length)
    addRun(typed, keptBefore + known, keptBefore + known + length - mine)
    keptBefore += known + length - mine
    at += length
  }
  return { field, base: readText(fresh, field), mine: unitsOf(readText(joined, field), kept), typed }
}

/**
 * How a text reads without what of it is mine alone, and with what I have deleted: in the midst of that others may
 * have written, so each letter stands at its own place. As it was formatted then, or a change of format would not be one.
 */
const textBase = (
  text: Y.Text,
  mine: TextDelta,
  held: ReadonlyMap<number, number>,
  note: TextNote | null,
): TextDelta => {
  const base = note?.letters === undefined ? [] : note.base
  const places = new LetterPlaces(note?.letters ?? [])
  const gone = new LetterPlaces(note?.gone ?? [])
  const runs: Run[] = []
  // What stood there then, and behind it what stands there now.
  let at = places.length
  for (let item = text._start; item !== null; item = item.right) {
    const { id, length, deleted, countable } = item
    if (!deleted && !countable) continue
    const heldEnd = Math.min(id.clock + length, held.get(id.client) ?? Number.POSITIVE_INFINITY)
    for (const [from, to, place] of places.between(id.client, id.clock, heldEnd)) {
      if (place === null) {
        if (!deleted) addRun(runs, at + from - id.clock, at + to - id.clock)
        continue
      }
      for (const [start, end, isGone] of gone.between(id.client, from, to))
        if (isGone === null) addRun(runs, place + start - from, place + end - from)
    }
    if (!deleted) at += length
  }
  const read = unitsOf([...base, ...mine], runs)
  const isOld = note !== null && note.letters === undefined
  return isOld && isLeftOf(textOf(read), textOf(note.base)) ? note.base : read
}

/** Of a note without letters: where nobody has written since, something is taken out at most. */
const isLeftOf = (text: string, before: string): boolean => {
  let at = -1
  return [...text].every(letter => {
    at = before.indexOf(letter, at + 1)
    return at >= 0
  })
}

const textOf = (delta: TextDelta): string =>
  delta.map(({ insert }) => (typeof insert === 'string' ? insert : '\ufffc')).join('')

/** Which UTF-16 units of the text were written under these client ids, each from its clock on. */
const unitsFrom = (text: Y.Text, firstClocks: ReadonlyMap<number, number>): Units => {
  const runs: Run[] = []
  let at = 0
  for (const { id, length } of shownItems(text)) {
    const clock = firstClocks.get(id.client)
    if (clock !== undefined) addRun(runs, at + Math.max(0, clock - id.clock), at + length)
    at += length
  }
  return runs
}

type Run = [from: number, to: number]

const addRun = (runs: Run[], from: number, to: number): void => {
  const last = runs.at(-1)
  if (from >= to) return
  if (last?.[1] === from) last[1] = to
  else runs.push([from, to])
}

/** Also what stood there before one's own unsent writes: on the fresh doc it still does. */
const seenBy = (type: RecordType, index: CellIndex, cell: LiveCell, journal: Journal | null): CellName[] => {
  const beneath =
    cell.path === RECORD_PATH
      ? [...index.cells()].filter(one => one.path !== RECORD_PATH)
      : entryCells(type, index, cell.path)
  return beneath.flatMap(({ path, stamp, author }): CellName[] => [
    [stamp, author],
    ...(journal?.entry(path)?.replaced ?? []),
  ])
}

export interface PutBack {
  /** The new writes, for the journal: they are as unsent as the old ones were. */
  readonly written: readonly Written[]
  /** What cannot be placed: for the tray, with the reason. */
  readonly unplaced: readonly { readonly content: UnsentContent; readonly why: string }[]
}

export interface PutBackOptions {
  /** Stamps later than this are given anew: they were made by a clock that ran ahead. */
  readonly stampMax?: Stamp
}

export const putBack = (record: RecordOnDoc, unsent: Unsent, options: PutBackOptions = {}): PutBack => {
  const { doc, index, type } = record
  const written: Written[] = []
  const unplaced: { content: UnsentContent; why: string }[] = []
  doc.transact(transaction => {
    for (const cell of unsent.cells) {
      const plan = place(record, cell)
      if (plan === null) continue
      if ('why' in plan) {
        unplaced.push({ content: { cell }, why: plan.why })
        continue
      }
      const stamp =
        cell.stamp > (options.stampMax ?? Number.MAX_SAFE_INTEGER) ? record.clock.next() : cell.stamp
      record.clock.receive(stamp)
      const clock = Y.getState(doc.store, doc.clientID)
      const { path, value, victims } = plan
      const now = { path, value, stamp, author: cell.author, client: doc.clientID, clock }
      const over = lastOf(index.at(path))
      written.push({ path, before: over?.value, over, cell: now, replaced: victims })
      index.replace(transaction, [[path, value, stamp, cell.author]], victims)
    }
    for (const text of unsent.texts) {
      const { field, base, mine, typed } = text
      if (type.fields[field]?.kind !== 'text') {
        unplaced.push({ content: { text }, why: `is no text of ${type.name}` })
        continue
      }
      const delta = rebaseText(base, mine, readText(doc, field), typed)
      if (delta.length > 0) doc.getText(field).applyDelta(delta as unknown[])
    }
  }, PUT_BACK)
  return { written, unplaced }
}

export const PUT_BACK = Symbol('corecord put back')

type Placement =
  | { readonly path: string; readonly value: Value; readonly victims: readonly LiveCell[] }
  | { readonly why: string }
  | null

const place = (record: RecordOnDoc, cell: UnsentCell): Placement => {
  const { type, index, doc } = record
  const { path } = cell
  const live = index.at(path)
  if (
    live.some(
      other =>
        other.stamp === cell.stamp && other.author === cell.author && sameValue(other.value, cell.value),
    )
  )
    return null
  if (path === CREATED && live.length > 0) return null
  const slot = slotAt(type, path)
  if (!isSlot(slot)) return { why: slot.sentence }
  const [twin] = slot.kind === 'log' || slot.kind === 'action' ? live : []
  if (twin !== undefined) {
    const isSame = twin.author === cell.author && sameValue(twin.value, cell.value)
    return isSame ? null : { why: 'was written already, and entries of a log do not change' }
  }
  if (slot.kind === 'share') {
    // The share as the server has it says best what is missing; only a fold leaves none to compare with.
    const kept = cell.isRestDone === true ? null : lastOf(live)
    // A type that knew of no counter there, when it was put aside, told of no difference.
    const unsaved = cell.difference ?? Number(cell.value)
    const difference = kept === null ? unsaved : Number(cell.value) - Number(kept.value)
    const share = `${path.slice(0, path.lastIndexOf('/'))}/${doc.clientID}`
    const own = index.at(share)
    return { path: share, value: Number(lastOf(own)?.value ?? 0) + difference, victims: own }
  }
  if (cell.seen !== undefined) return placeRemoval(record, cell, cell.seen)
  const problem = writeProblem(type, slot, path, cell.value)
  if (problem !== null) return { why: problem.sentence }
  return { path, value: cell.value, victims: namedIn(cell.replaced, live) }
}

/** The cells that a person had before them, as far as they are still there. */
const namedIn = (names: readonly CellName[], live: readonly LiveCell[]): LiveCell[] => {
  const known = new Set(names.map(nameOf))
  return live.filter(({ stamp, author }) => known.has(nameOf([stamp, author])))
}

const placeRemoval = (record: RecordOnDoc, cell: UnsentCell, seen: readonly CellName[]): Placement => {
  const { type, index, doc } = record
  const { path } = cell
  const names = new Set(seen.map(nameOf))
  const stamps = new Set(seen.map(([stamp]) => stamp))
  // A fold joins the shares of a counter in one of the server's, stamped like the latest of them.
  const isSeen = ({ stamp, author }: LiveCell): boolean =>
    names.has(nameOf([stamp, author])) || (author === SERVER_AUTHOR && stamps.has(stamp))
  const victims = namedIn(cell.replaced, index.at(path))
  if (path === RECORD_PATH) {
    // A state vector cannot leave out one cell of many, so an unseen edit makes this a question for a person.
    const others = [...index.cells()].filter(
      other => other.path !== RECORD_PATH && !other.author.startsWith('$'),
    )
    if (!others.every(isSeen)) return { why: 'others have changed the record since it was removed here' }
    return { path, value: recordRemoval(doc), victims }
  }
  const beneath = entryCells(type, index, path)
  if (beneath.length === 0) return null
  return { path, value: entryRemovalOf(beneath.filter(isSeen)), victims }
}

const nameOf = ([stamp, author]: CellName): string => `${stamp}.${author}`
